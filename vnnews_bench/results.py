"""Rows: what a system scored on a task, measured here or submitted, kept in files that anyone can make again.

`<system>.jsonl` has a row per test and task; `predictions/<split>/<system>.jsonl` beside it the records that were scored, so
that a row can be made again without the system.

Conventions
    * A row is one line of JSON: fields in the order of `Result`, metrics in the order of their task, no white space, what has
      its default left out. Its last field is the sha256 of the line without that field.
    * Names are for people, and may hold any letter; a file is called by what of the name is plain, and a hash of the rest.
"""

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from vnnews_bench import __version__, corpus, files, leaderboard
from vnnews_bench.counts import Counts
from vnnews_bench.errors import BenchError
from vnnews_bench.leaderboard import TESTS, Test
from vnnews_bench.render import Cell, Sheet, between, cell, percent
from vnnews_bench.report import Report, as_dict
from vnnews_bench.resample import Interval
from vnnews_bench.scoring import evaluate
from vnnews_bench.systems import Kind
from vnnews_bench.tasks import TASKS
from vnnews_bench.tools import Usage

LONGEST = 60  # characters of a name that its files keep
DIGITS = 6  # of an interval, whose quantiles differ in the last ones between versions of scipy


class Result(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A system on a task, of the split `test` where no other is named.

    Made by scoring, and made again by `rescore`: `scores` has counts and scores by metric, `intervals` those of F1; `labels`
    and `documents` have the counts of the first metric, the headline where the system can be held to it, of which `signature`
    is, too; `never_predicted` are the labels of the gold that it does not use. `data_version`, `data_hash` and `code_version`
    say what scored (the hash is that of the split), `predictions` is the sha256 of the file of records.

    Stated by whoever submitted it: `url`, `paper`, `licence`, and the `contamination_statement`, whether the system may have
    seen the corpus; `None` is not stated.

    Measured here, `None` for what was submitted: `versions` of what ran, `hardware` on which it did, `seconds` of wall time
    without loading, added up over the documents, `peak` MiB of the largest process. `lost` are the documents on which it
    failed, with the reasons, `notes` how many things there were to say. A language model has its tokens in `usage`, its `cost`
    where prices were given, and the `language` of its prompts.
    """

    system: str
    kind: Kind
    task: str
    split: Test = "test"
    scores: dict[str, dict[str, int | float | None]]
    intervals: dict[str, Interval]
    labels: dict[str, Counts] = {}
    documents: dict[str, Counts]
    signature: str
    never_predicted: tuple[str, ...] = ()
    data_version: str
    data_hash: str
    code_version: str
    predictions: str
    url: str | None = None
    paper: str | None = None
    licence: str | None = None
    contamination_statement: str | None = None
    versions: dict[str, str] = {}
    hardware: str | None = None
    seconds: float | None = None
    peak: float | None = None
    lost: dict[str, str] = {}
    notes: int = 0
    usage: Usage | None = None
    cost: float | None = None
    language: str | None = None
    checksum: str = ""

    @property
    def is_current(self) -> bool:
        """Whether the data and the code that are here made it; scores of others are not to be compared with those that did."""
        return (self.data_version, self.data_hash, self.code_version) == tuple(scorer(self.split).values())


def scorer(split: Test) -> dict[str, str]:
    """What scores here: the version and hash of the data of a split, the version of the code."""
    data = corpus.load(split)
    return {"data_version": data.version, "data_hash": data.hash, "code_version": __version__}


def encoded(row: Result) -> bytes:
    """The line of a row."""
    return msgspec.json.encode(row) + b"\n"


def checksum(row: Result) -> str:
    """The sha256 in hex of the line of a row without its checksum and line break."""
    return digest(encoded(msgspec.structs.replace(row, checksum="")).rstrip(b"\n"))


def digest(content: bytes) -> str:
    """The sha256 in hex."""
    return hashlib.sha256(content).hexdigest()


def sealed(row: Result) -> Result:
    """The row with its checksum, as a reader of its line has it: a whole number of seconds is a float there."""
    row = msgspec.json.decode(encoded(row), type=Result)
    return msgspec.structs.replace(row, checksum=checksum(row))


def predictions(name: str, folder: Path, split: Test) -> Path:
    """The file of the records that a system's rows of a split score."""
    return folder / "predictions" / split / f"{stem(name)}.jsonl"


def path(name: str, folder: Path) -> Path:
    """The file of a system's rows."""
    return folder / f"{stem(name)}.jsonl"


def stem(name: str) -> str:
    """What the files of a system are called: plain letters, so that no name leads out of a folder."""
    bare = re.sub(r"[\u0300-\u036f]", "", unicodedata.normalize("NFD", name)).translate({ord("đ"): "d", ord("Đ"): "D"})
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", bare).lstrip(".-")[:LONGEST]
    return plain if plain and plain == name else f"{plain}-{digest(name.encode())[:8]}".lstrip("-")


def prepared(name: str, folder: Path, split: Test) -> Path:
    """The file of a system's predictions, its folders made. Raises `BenchError` where it cannot be written."""
    kept = predictions(name, folder, split)
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BenchError(f"{folder}: cannot be made: {error.strerror}") from None
    files.check_writable(kept)
    files.check_writable(path(name, folder))
    return kept


def write(rows: Sequence[Result], folder: Path) -> None:
    """Writes the rows of one system, those of all its tests."""
    files.write_bytes(b"".join(map(encoded, rows)), path(rows[0].system, folder))


def read(folder: Path) -> list[Result]:
    """The rows of a folder. Raises `BenchError` for a file that holds anything else."""
    paths = sorted(folder.glob("*.jsonl"))
    if not paths:
        raise BenchError(f"{folder}: holds no results; `vnnews-bench measure SYSTEM -o {folder}` writes them")
    return [row for path in paths for row in of_file(path)]


def of_file(path: Path) -> list[Result]:
    """The rows of one file. Raises `BenchError` for the first line that is none."""
    rows = []
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BenchError(f"{path}: cannot be read: {error.strerror}") from None
    for number, line in enumerate(content.splitlines(), 1):
        try:
            rows.append(msgspec.json.decode(line, type=Result))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise BenchError(f"{path}:{number}: is no result: {error}") from None
    return rows


def rescore(folder: Path) -> list[Result]:
    """The rows of a folder with their predictions scored again, for when the gold or a metric has changed; no tool is needed.

    Raises `BenchError` for predictions that are not those of the row, and for a row that was edited: what it states would be
    sealed anew.
    """
    made: dict[str, dict[Test, list[Result]]] = {}
    for row in read(folder):
        kept = predictions(row.system, folder, row.split)
        if not kept.is_file() or digest(kept.read_bytes()) != row.predictions:
            raise BenchError(
                f"{kept}: is not what {row.system} predicted; run it again with `vnnews-bench measure`, or submit it"
            )
        if row.checksum != checksum(row):
            raise BenchError(
                f"{path(row.system, folder)}: {row.task}: was edited after it was made; measure or submit it again"
            )
        mine = made.setdefault(row.system, {})
        if row.split not in mine:
            mine[row.split] = scored(row.system, kept, row.split, stated(row))
    systems = [[row for rows in mine.values() for row in rows] for mine in made.values()]
    for rows in systems:
        write(rows, folder)
    return [row for rows in systems for row in rows]


def stated(row: Result) -> dict[str, Any]:
    """What no scoring can make again: what was measured or stated, the same in every row of a system on a split."""
    fields = ("url", "paper", "licence", "contamination_statement", "versions", "hardware", "seconds", "peak")
    return {name: getattr(row, name) for name in (*fields, "lost", "notes", "usage", "cost", "language")}


def scored(name: str, kept: Path, split: Test, stated: Mapping[str, Any]) -> list[Result]:
    """The rows of a system on a split, one per task that its file of predictions attempts.

    Raises `BenchError` for what does not score.
    """
    report = leaderboard.sayable(name, evaluate(kept, split))
    seal = digest(kept.read_bytes())
    kind = leaderboard.kind(name)
    facts: dict[str, Any] = {"system": name, "kind": kind, "split": split, "predictions": seal, **scorer(split), **stated}
    return [sealed(Result(task=task, **facts, **_scores(report, task))) for task in report.tasks]


def _scores(report: Report, task: str) -> dict[str, Any]:
    """What a row takes from a report."""
    metrics = report.tasks[task].metrics
    first = next(iter(metrics))
    return {
        "scores": {metric: as_dict(table.total) for metric, table in metrics.items()},
        "intervals": {metric: _rounded(table.interval) for metric, table in metrics.items()},
        "labels": metrics[first].by_label,
        "documents": metrics[first].by_text,
        "signature": report.line(task, first),
        "never_predicted": tuple(metrics[first].unused),
    }


def _rounded(interval: Interval) -> Interval:
    """The interval in so many digits as every machine agrees on."""
    ends = msgspec.structs.asdict(interval)
    return Interval(**{name: None if end is None else round(end, DIGITS) for name, end in ends.items()})


def sheets(rows: Sequence[Result]) -> list[Sheet]:
    """A table per test, task and layer, in order of the first metric that all its systems have; F1 of the others, the cost.

    Rows that other data or other code made stand in tables of their own, named by them.
    """
    made = []
    makers = dict.fromkeys(map(_maker, sorted(rows, key=lambda row: (not row.is_current, TESTS.index(row.split)))))
    for maker in makers:
        for task in TASKS.values():
            for layer in task.layers:
                metrics = [name for name, metric in task.metrics.items() if metric.layer == layer]
                mine = [row for row in rows if _maker(row) == maker and row.task == task.name and {*metrics} & {*row.scores}]
                if mine:
                    made.append(_sheet(task.name, metrics, mine))
    installed = _installed(rows)
    return [*made, installed] if installed.rows else made


def _maker(row: Result) -> tuple[str, str, str, str]:
    """What scored a row, and on which test."""
    return row.split, row.data_version, row.data_hash, row.code_version


def _sheet(task: str, metrics: Sequence[str], rows: Sequence[Result]) -> Sheet:
    there = [metric for metric in metrics if any(metric in row.scores for row in rows)]
    leading = next((metric for metric in there if all(metric in row.scores for row in rows)), there[0])
    others = [metric for metric in there if metric != leading]
    ranked = sorted(rows, key=lambda row: (-_f1(row, leading), row.system))
    unused = [f"{row.system} never predicts {', '.join(row.never_predicted)}" for row in ranked if row.never_predicted]
    split, version, hash, code = _maker(rows[0])
    of = "" if split == TESTS[0] else f" · {split}"
    apart = "" if rows[0].is_current else f" · data {version}+{hash[:8]}, vnnews-bench {code}"
    return Sheet(
        title=f"{task} · {leading}{of}{apart}",
        heads=("system", "kind", "P", "R", "F1", "95 %", *(f"{metric} F1" for metric in others), "lost", "seconds", "MiB"),
        rows=[_line(row, leading, others) for row in ranked],
        notes=(*unused, *dict.fromkeys(_without_metric(row.signature) for row in ranked)),
    )


def told(row: Result) -> str:
    """A row in a few words."""
    metric, score = next(iter(row.scores.items()))
    return f"{row.system} {row.split} {row.task} {metric} F1 {cell(percent(score['f1']))}"


def _line(row: Result, leading: str, others: Sequence[str]) -> tuple[Cell, ...]:
    score: Mapping[str, float | None] = row.scores.get(leading, {})
    there = row.intervals.get(leading)
    return (
        row.system,
        row.kind,
        *(percent(score.get(name)) for name in ("precision", "recall", "f1")),
        None if there is None else between(there.low, there.high),
        *(percent(row.scores.get(metric, {}).get("f1")) for metric in others),
        len(row.lost),
        row.seconds,
        None if row.peak is None else round(row.peak),
    )


def _f1(row: Result, metric: str) -> float:
    return row.scores.get(metric, {}).get("f1") or 0


def _without_metric(signature: str) -> str:
    """What the signatures of all metrics of a task have in common; the number of gold annotations depends on the metric."""
    return re.sub(r"\|metric:\w+|/[\d.]+(?=\|missing)", "", signature)


def _installed(rows: Sequence[Result]) -> Sheet:
    """With what the tools ran."""
    lines: list[tuple[Cell, ...]] = []
    for row in sorted(rows, key=lambda row: row.system):
        line = (row.system, ", ".join(f"{name} {number}" for name, number in row.versions.items() if name != "vnnews-bench"))
        if row.kind in ("tool", "model") and line not in lines:
            lines.append(line)
    return Sheet(title="versions", heads=("tool", "with"), rows=lines)
