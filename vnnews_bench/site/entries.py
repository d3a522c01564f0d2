"""What the pages show: every system of a folder of rows with its predictions, scored; boards; tables of what went wrong."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from vnnews_bench import corpus, files, leaderboard, results
from vnnews_bench.corpus import Corpus
from vnnews_bench.errors import BenchError
from vnnews_bench.leaderboard import TESTS, Test
from vnnews_bench.mistakes import Mistake, mistakes
from vnnews_bench.pairs import by_overlap
from vnnews_bench.records import Entity, Event, Quote, Record, Timex
from vnnews_bench.report import Report, as_dict
from vnnews_bench.results import Result
from vnnews_bench.scoring import evaluate
from vnnews_bench.task import Task
from vnnews_bench.tasks import TASKS, ner

FREQUENT = 25  # errors that a page lists


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A system on one test: its rows by task, its records by document, its report, and where its file is."""

    rows: dict[str, Result]
    records: dict[str, Record]
    report: Report
    file: Path


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A system: the name of its pages, and what it did on each test."""

    name: str
    slug: str
    kind: str
    parts: dict[Test, Part]


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A system on a board, and its row of the leaderboard."""

    entry: Entry
    row: leaderboard.Row


class Board(msgspec.Struct, frozen=True, kw_only=True):
    """The systems of a task that one metric can rank, the best floor among them, the further tests that any of them was scored
    on, and the signatures of the scores.
    """

    task: str
    metric: str
    lines: tuple[Line, ...]
    floor: float | None
    others: tuple[str, ...]
    signatures: tuple[str, ...]


class Frequent(msgspec.Struct, frozen=True, kw_only=True):
    """Mistakes that are alike, how many, and one of them to look at."""

    count: int
    example: Mistake


def entries(rows: Sequence[Result], folder: Path) -> list[Entry]:
    """The systems of a folder, scored on the data that are here.

    Raises `BenchError` for predictions that are not those of the row, and for a row that was edited or says other scores.
    """
    by_name: dict[str, dict[Test, dict[str, Result]]] = {}
    for row in rows:
        by_name.setdefault(row.system, {}).setdefault(row.split, {})[row.task] = row
    found = []
    for name, mine in by_name.items():
        kind = next(row.kind for there in mine.values() for row in there.values())
        parts = {split: _part(name, split, mine[split], folder) for split in TESTS if split in mine}
        found.append(Entry(name=name, slug=results.stem(name), kind=kind, parts=parts))
    return found


def _part(name: str, split: Test, rows: dict[str, Result], folder: Path) -> Part:
    kept = results.predictions(name, folder, split)
    if not kept.is_file() or {row.predictions for row in rows.values()} != {results.digest(kept.read_bytes())}:
        raise BenchError(f"{kept}: is not what {name} predicted; `vnnews-bench leaderboard --verify` tells more")
    records = files.read(kept, corpus.load(split).documents)
    report = leaderboard.sayable(name, evaluate(records, split))
    for task, row in rows.items():
        there = report.tasks[task].metrics if task in report.tasks else {}
        wrong = [m for m, score in row.scores.items() if m not in there or score != as_dict(there[m].total)]
        if wrong or row.checksum != results.checksum(row):
            told = f"{task} {wrong[0]} is not what the predictions score" if wrong else f"{task} was edited"
            raise BenchError(f"{results.path(name, folder)}: {told}; `vnnews-bench leaderboard --verify` tells more")
    return Part(rows=rows, records={record.id: record for record in records}, report=report, file=kept)


def boards(found: Sequence[Entry]) -> list[Board]:
    """A board per task and leading metric, as the leaderboard of the command line has them."""
    reports: dict[str, dict[str, Report]] = {
        split: {entry.name: entry.parts[split].report for entry in found if split in entry.parts} for split in TESTS
    }
    by_name = {entry.name: entry for entry in found}
    made = []
    for task in TASKS:
        for metric in leaderboard.leading(task, reports):
            ranked = leaderboard.ranked(task, metric, reports)
            lines = tuple(Line(entry=by_name[row.system], row=row) for row in ranked)
            floors = [row.counts.f1 for row in ranked if row.kind == "floor" and row.counts.f1 is not None]
            others = tuple(dict.fromkeys(split for row in ranked for split in row.beside))
            signatures = tuple(leaderboard.signatures(ranked))
            floor = max(floors, default=None)
            made.append(Board(task=task, metric=metric, lines=lines, floor=floor, others=others, signatures=signatures))
    return made


def frequent(part: Part, task: str, split: Test) -> list[Frequent]:
    """The most frequent mistakes of a system; mistakes are alike that have the same kind, detail and words."""
    found = mistakes(part.file, task, split)
    alike = Counter((m.layer, m.kind, m.detail, m.gold, m.predicted) for m in found)
    first = {(m.layer, m.kind, m.detail, m.gold, m.predicted): m for m in reversed(found)}
    return [Frequent(count=count, example=first[key]) for key, count in alike.most_common(FREQUENT)]


class Confusion(msgspec.Struct, frozen=True, kw_only=True):
    """Gold values down, predicted values across; None stands for nothing there (missed, or spurious)."""

    layer: str
    down: tuple[str | None, ...]
    across: tuple[str | None, ...]
    cells: Mapping[tuple[str | None, str | None], int]

    @property
    def most(self) -> int:
        """The largest cell, against which the others are shaded."""
        return max(self.cells.values(), default=0)


def confusion(records: Mapping[str, Record], layer: str, task: Task, data: Corpus) -> Confusion:
    """How often each label or type of the gold met each of the predicted ones, over annotations paired by overlap."""
    cells: Counter[tuple[str | None, str | None]] = Counter()
    for id, document in data.documents.items():
        record = records.get(id, Record(id=id))
        left, right = (task.counted(getattr(side, layer) or (), document) for side in (data.gold[id], record))
        pairs = by_overlap(left, right)
        cells.update((value(left[a]), value(right[b])) for a, b in pairs)
        cells.update((value(left[a]), None) for a in range(len(left)) if a not in {a for a, _ in pairs})
        cells.update((None, value(right[b])) for b in range(len(right)) if b not in {b for _, b in pairs})
    down, across = ({cell[side] for cell in cells} for side in (0, 1))
    return Confusion(layer=layer, down=_ordered(down), across=_ordered(across), cells=cells)


def value(item: Entity | Quote | Timex | Event) -> str:
    """What of an annotation can be confused: its VLSP label, or its type."""
    return ner.VIEWS["vlsp"][item.label] if isinstance(item, Entity) else item.type or "?"


def _ordered(values: set[str | None]) -> tuple[str | None, ...]:
    """In alphabetical order, nothing last."""
    return tuple(sorted(values, key=lambda name: (name is None, name or "")))
