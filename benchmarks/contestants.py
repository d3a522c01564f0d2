"""Who is measured: functions that import and prepare what they need and return a call, which is what is measured.

The first argument is always the folder of the generated corpora. A call returns what it counted, by name, or nothing. Where two
contestants of a case count the same, they must agree to the last digit (on F1 to the twelfth: seqeval takes it from P and R).
"""

import hashlib
import importlib
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import corpora
import msgspec

from vnnews_bench import resample, scoring, systems
from vnnews_bench.counts import UNIT, Counts, Ints, as_counts, tally, whole
from vnnews_bench.records import Document, Record
from vnnews_bench.tags import decode
from vnnews_bench.tools import DEFAULTS

Call = Callable[[], dict[str, Any] | None]
ROOT = Path(__file__).parent.parent
OURS = Path(sys.executable).with_name("vnnews-bench")
WARM = 20  # sentences that are scored before the clock starts, so that no import is measured


def _agreed(counts: Counts) -> dict[str, Any]:
    """What scorers are held to, of all labels together."""
    f1 = None if counts.f1 is None else round(counts.f1, 12)
    return {"gold": counts.gold, "predicted": counts.predicted, "shared": counts.shared, "F1": f1}


# tags in memory


def strict(folder: Path, count: int) -> Call:
    """The strict metric over lists of BIO tags."""
    gold, predicted = corpora.tags(count)

    def call() -> dict[str, Any]:
        left, right = (decode(tags, corpora.LABELS) for tags in (gold, predicted))
        atoms = whole(left, (left.start, left.end)), whole(right, (right.start, right.end))
        table = tally(*atoms, len(gold)).sum(axis=0)
        labels = {label: as_counts(row) for label, row in zip(corpora.LABELS, table, strict=True)}
        by_label = {label: [counts.gold, counts.precision, counts.recall] for label, counts in labels.items()}
        return {**_agreed(as_counts(table.sum(axis=0))), **by_label}

    return call


def seqeval_f1(folder: Path, count: int) -> Call:
    """Seqeval's F1, its default mode."""
    from seqeval.metrics import f1_score

    gold, predicted = corpora.tags(count)
    return lambda: {"F1": round(float(f1_score(gold, predicted)), 12)}


def seqeval_strict(folder: Path, count: int) -> Call:
    """Seqeval's F1, its strict mode."""
    from seqeval.metrics import f1_score
    from seqeval.scheme import IOB2

    gold, predicted = corpora.tags(count)
    return lambda: {"F1": round(float(f1_score(gold, predicted, mode="strict", scheme=IOB2)), 12)}


def seqeval_report(folder: Path, count: int) -> Call:
    """Seqeval's report."""
    from seqeval.metrics import classification_report

    gold, predicted = corpora.tags(count)

    def call() -> dict[str, Any]:
        report = classification_report(gold, predicted, output_dict=True, zero_division=0)
        rows = {label: [int(report[label]["support"]), *map(float, _two(report[label]))] for label in corpora.LABELS}
        return {**rows, "gold": int(report["micro avg"]["support"]), "F1": round(float(report["micro avg"]["f1-score"]), 12)}

    return call


def _two(row: dict[str, Any]) -> tuple[Any, Any]:
    return row["precision"], row["recall"]


def nervaluate(folder: Path, count: int) -> Call:
    """Nervaluate's four schemes, which it cannot do one by one; strict is compared."""
    from nervaluate import Evaluator

    gold, predicted = corpora.tags(count)

    def call() -> dict[str, Any]:
        found = Evaluator(gold, predicted, tags=list(corpora.LABELS), loader="list").evaluate()["overall"]["strict"]
        return _agreed(Counts(found.possible, found.actual, found.correct))

    return call


# two files of columns, two files of records


def of_columns(folder: Path, count: int) -> Call:
    """`evaluate` of two files of columns."""
    return _of_files(corpora.conll(folder, WARM), corpora.conll(folder, count))


def of_records(folder: Path, count: int) -> Call:
    """`evaluate` of two files of records."""
    return _of_files(corpora.records(folder, WARM), corpora.records(folder, count))


def _of_files(warm: tuple[Path, Path], files: tuple[Path, Path]) -> Call:
    scoring.evaluate(warm[1], gold=warm[0])

    def call() -> dict[str, Any]:
        return _agreed(scoring.evaluate(files[1], gold=files[0]).tasks["ner"].metrics["strict"].total)

    return call


def seqeval_of_columns(folder: Path, count: int) -> Call:
    """What scripts do: lines are split into lists of tags, and seqeval takes its F1."""
    from seqeval.metrics import f1_score

    files = corpora.conll(folder, count)

    def parsed(path: Path) -> list[list[str]]:
        sentences: list[list[str]] = []
        tags: list[str] = []
        with path.open(encoding="utf-8") as lines:
            for line in lines:
                line = line.rstrip("\n")
                if line:
                    tags.append(line.rsplit("\t", 1)[1])
                else:
                    sentences.append(tags)
                    tags = []
        return sentences

    return lambda: {"F1": round(float(f1_score(*map(parsed, files))), 12)}


def decoded(folder: Path, count: int) -> Call:
    """The floor of every reader: msgspec decodes both files into records, line by line."""
    files = corpora.records(folder, count)
    decoder = msgspec.json.Decoder(Record)

    def entities(path: Path) -> int:
        with path.open("rb") as lines:
            return sum(len(decoder.decode(line).entities or ()) for line in lines)

    return lambda: dict(zip(("gold", "predicted"), map(entities, files), strict=True))


# statistics


def _units(documents: int) -> tuple[Ints, Ints]:
    """Counts of two systems per document."""
    import numpy as np

    random = np.random.default_rng(corpora.SEED)
    gold = random.integers(20, 80, size=documents)
    a, b = (random.integers(20, 80, size=documents) for _ in range(2))
    one, other = (np.stack([gold, side, np.minimum(gold, side) * 9 // 10], axis=-1) * UNIT for side in (a, b))
    return one, other


def swaps(folder: Path, documents: int) -> Call:
    """The swap test of two systems: 9,999 random swaps and the one observed."""
    a, b = _units(documents)
    resample.swap(a[:20], b[:20])
    return lambda: {"p": resample.swap(a, b).p}


def intervals(folder: Path, documents: int) -> Call:
    """The interval of one system."""
    a, _ = _units(documents)
    resample.interval(a[:20])
    return lambda: {"low": resample.interval(a).low}


def product(folder: Path, documents: int) -> Call:
    """What 10,000 swaps are at the least: random bits and a product of matrices, in parts as `swap` does it."""
    import numpy as np

    a, b = _units(documents)

    def call() -> None:
        random = np.random.default_rng(corpora.SEED)
        for _ in range(10):
            random.integers(0, 2, size=(1_000, documents)) @ (b - a)

    return call


# the command line


def command(folder: Path, *arguments: str) -> Call:
    """`vnnews-bench` with arguments, the whole process."""
    return _process([str(OURS), *arguments])


def python(folder: Path, statement: str) -> Call:
    """Python with one statement, the whole process."""
    return _process([sys.executable, "-c", statement])


def _process(line: list[str]) -> Call:
    _ended(line)  # compiles
    return lambda: _ended(line)


def _ended(line: list[str]) -> None:
    """Runs a command; one that fails ends this process with its last line."""
    done = subprocess.run(line, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=ROOT, check=False)
    if done.returncode:
        sys.exit(done.stderr.decode(errors="replace").strip() or f"{line[0]} ended with {done.returncode}")


# taggers


def tagged(folder: Path, times: int, name: str) -> Call:
    """A system of ours in a loop; models are trained before the clock starts."""
    return _loop(systems.resolve(name), corpora.articles(times))


def adapted(folder: Path, times: int, name: str) -> Call:
    """A tool in a loop, sentence by sentence; what our adapter does with its words afterwards is left out."""
    return _loop(importlib.import_module(f"vnnews_baselines.adapters.{name}").start(DEFAULTS), corpora.articles(times))


def scanned(folder: Path, times: int) -> Call:
    """A regular expression goes over every word: what taggers are measured in where no other tagger is installed."""
    words = re.compile(r"\w+|[^\w\s]")
    return _loop(lambda document: words.findall(document.text), corpora.articles(times))


def _loop(tag: Callable[[Document], Any], documents: Sequence[Document]) -> Call:
    tag(documents[0])

    def call() -> None:
        for document in documents:
            tag(document)

    return call


def archived(folder: Path, times: int, name: str, workers: int) -> Call:
    """`vnnews-bench tag` of an archive, the whole process with all its workers; what it writes is told by a checksum."""
    archive, output = corpora.archive(folder, times), folder / f"tagged-{name}-{workers}"
    shutil.rmtree(output, ignore_errors=True)
    line = [str(OURS), "tag", str(archive), "-o", str(output), "--system", name, "--workers", str(workers)]

    def call() -> dict[str, Any]:
        _ended(line)
        written = hashlib.sha256()
        for path in sorted(output.rglob("*.parquet")):
            written.update(path.read_bytes())
        return {f"sha256 of {name}": written.hexdigest()}

    return call
