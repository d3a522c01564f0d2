"""Measured rows: systems run one by one in processes of their own, what they scored and what they cost, kept in files.

`<system>.jsonl` has a row per task; `predictions/<system>.jsonl` beside it the records that were scored, so that a row can be
made again without the tool.
"""

import hashlib
import importlib
import platform
import re
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec

from vnnews_bench import __version__, corpus, files, leaderboard, systems, tools
from vnnews_bench.errors import BenchError
from vnnews_bench.isolation import Outcome
from vnnews_bench.render import Cell, Sheet, percent
from vnnews_bench.report import Report, as_dict
from vnnews_bench.scoring import evaluate
from vnnews_bench.tasks import TASKS
from vnnews_bench.tools import Settings, Usage


class Result(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A system on a task.

    `scores` has counts and scores by metric, `signature` is that of the first, `never_predicted` the labels of the gold that it
    does not use. `lost` are the documents on which it failed, with the reasons, `notes` how many things there were to say.
    `seconds` are wall time without loading, added up over the documents, `peak` MiB of the largest process, `predictions` the
    sha256 of the file of records. A language model has its tokens in `usage`, its `cost` where prices were given, and the
    `language` of its prompts.
    """

    system: str
    kind: str
    task: str
    scores: dict[str, dict[str, float | None]]
    signature: str
    versions: dict[str, str]
    seconds: float
    peak: float
    predictions: str
    lost: dict[str, str] = {}
    never_predicted: tuple[str, ...] = ()
    notes: int = 0
    usage: Usage | None = None
    cost: float | None = None
    language: str | None = None


def measure(
    name: str, folder: Path, settings: Settings = tools.DEFAULTS, tell: Callable[[str], None] = lambda note: None
) -> list[Result]:
    """Runs a system over the test split and writes its rows and predictions into a folder.

    Raises `BenchError` when the tool is not installed or fails on every document; nothing is written then.
    """
    systems.check(name)
    try:
        predictions(name, folder).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BenchError(f"{folder}: cannot be made: {error.strerror}") from None
    files.check_writable(predictions(name, folder))
    found: list[Outcome] = []
    for outcome in systems.outcomes(name, corpus.load("test").documents.values(), settings):
        found.append(outcome)
        for note in systems.said(name, outcome):
            tell(note)
    records = [outcome.record for outcome in found if outcome.record is not None]
    if not records:
        raise BenchError(f"{name} failed on every document: {found[0].lost}")
    kept = predictions(name, folder)
    files.write(records, kept)
    report = _report(name, kept)
    rows = [_row(name, task, report, found, kept, settings) for task in report.tasks]
    _write(rows, folder)
    return rows


def rescore(folder: Path) -> list[Result]:
    """The rows of a folder with their predictions scored again, for when the gold or a metric has changed; no tool is needed.

    Raises `BenchError` for predictions that are not those of the row.
    """
    rows = []
    for row in read(folder):
        kept = predictions(row.system, folder)
        if not kept.is_file() or _digest(kept) != row.predictions:
            raise BenchError(f"{kept}: is not what {row.system} predicted; run it again with `vnnews-bench measure`")
        report = _report(row.system, kept)
        rows.append(msgspec.structs.replace(row, **_scores(report, row.task)))
    for system in dict.fromkeys(row.system for row in rows):
        _write([row for row in rows if row.system == system], folder)
    return rows


def predictions(name: str, folder: Path) -> Path:
    """The file of the records that a system's rows score."""
    return folder / "predictions" / f"{_stem(name)}.jsonl"


def _stem(name: str) -> str:
    return re.sub(r"[^\w.-]+", "-", name)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _write(rows: Sequence[Result], folder: Path) -> None:
    """The rows of one system."""
    files.write_bytes(b"".join(msgspec.json.encode(row) + b"\n" for row in rows), folder / f"{_stem(rows[0].system)}.jsonl")


def _report(name: str, predictions: Path) -> Report:
    return leaderboard.sayable(name, evaluate(predictions, "test"))


def _scores(report: Report, task: str) -> dict[str, Any]:
    """What a row takes from a report."""
    metrics = report.tasks[task].metrics
    first = next(iter(metrics))
    return {
        "scores": {metric: as_dict(table.total) for metric, table in metrics.items()},
        "signature": report.line(task, first),
        "never_predicted": tuple(metrics[first].unused),
    }


def _row(name: str, task: str, report: Report, found: Sequence[Outcome], kept: Path, settings: Settings) -> Result:
    usage = sum((outcome.usage for outcome in found if outcome.usage), Usage())
    asked = usage != Usage()
    return Result(
        system=name,
        kind=leaderboard.kind(name),
        task=task,
        **_scores(report, task),
        versions=versions(name),
        seconds=round(sum(outcome.seconds for outcome in found), 3),
        peak=round(max(outcome.peak for outcome in found), 1),
        predictions=_digest(kept),
        lost={outcome.document: outcome.lost for outcome in found if outcome.lost is not None},
        notes=sum(len(outcome.notes) for outcome in found),
        usage=usage if asked else None,
        cost=usage.cost(settings.price) if asked and settings.price else None,
        language=settings.language if asked else None,
    )


def versions(name: str) -> dict[str, str]:
    """The versions on which a score depends: of Python, of this package, of a tool and of what it runs on."""
    found = {"python": platform.python_version(), "vnnews-bench": __version__}
    known = tools.named(name)
    if known is None:
        return found
    found |= {distribution: version(distribution) for distribution in known[0].distributions}
    adapter = importlib.import_module(f"vnnews_baselines.adapters.{known[0].name}")
    outside: Callable[[], dict[str, str]] = getattr(adapter, "versions", dict)
    return found | outside()


def read(folder: Path) -> list[Result]:
    """The rows of a folder. Raises `BenchError` for a file that holds anything else."""
    paths = sorted(folder.glob("*.jsonl"))
    if not paths:
        raise BenchError(f"{folder}: holds no results; `vnnews-bench measure SYSTEM -o {folder}` writes them")
    rows = []
    for path in paths:
        for number, line in enumerate(path.read_bytes().splitlines(), 1):
            try:
                rows.append(msgspec.json.decode(line, type=Result))
            except msgspec.MsgspecError as error:
                raise BenchError(f"{path}:{number}: is no result: {error}") from None
    return rows


def sheets(rows: Sequence[Result]) -> list[Sheet]:
    """A table per task and layer, in order of the first metric that all its systems have; F1 of the others, the cost."""
    made = []
    for task in TASKS.values():
        for layer in task.layers:
            metrics = [name for name, metric in task.metrics.items() if metric.layer == layer]
            mine = [row for row in rows if row.task == task.name and any(metric in row.scores for metric in metrics)]
            if mine:
                made.append(_sheet(task.name, metrics, mine))
    return [*made, _installed(rows)]


def _sheet(task: str, metrics: Sequence[str], rows: Sequence[Result]) -> Sheet:
    there = [metric for metric in metrics if any(metric in row.scores for row in rows)]
    leading = next((metric for metric in there if all(metric in row.scores for row in rows)), there[0])
    others = [metric for metric in there if metric != leading]
    ranked = sorted(rows, key=lambda row: (-_f1(row, leading), row.system))
    unused = [f"{row.system} never predicts {', '.join(row.never_predicted)}" for row in ranked if row.never_predicted]
    return Sheet(
        title=f"{task} · {leading}",
        heads=("system", "kind", "P", "R", "F1", *(f"{metric} F1" for metric in others), "lost", "seconds", "MiB"),
        rows=[_line(row, leading, others) for row in ranked],
        notes=(*unused, *dict.fromkeys(_without_metric(row.signature) for row in ranked)),
    )


def _line(row: Result, leading: str, others: Sequence[str]) -> tuple[Cell, ...]:
    score: Mapping[str, float | None] = row.scores.get(leading, {})
    return (
        row.system,
        row.kind,
        *(percent(score.get(name)) for name in ("precision", "recall", "f1")),
        *(percent(row.scores.get(metric, {}).get("f1")) for metric in others),
        len(row.lost),
        row.seconds,
        round(row.peak),
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
        if row.kind == "tool" and line not in lines:
            lines.append(line)
    return Sheet(title="versions", heads=("tool", "with"), rows=lines)
