"""A report of counts per metric, label and text, from which everything else is read: scores, signatures, tables, JSON."""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

import msgspec

from vnnews_bench import resample
from vnnews_bench.counts import Counts, Ints, as_counts
from vnnews_bench.formats import exchange
from vnnews_bench.formats.exchange import Loss
from vnnews_bench.render import Cell, Sheet, between, cell, percent
from vnnews_bench.resample import Interval
from vnnews_bench.tasks import TASKS

# parts of a signature that are there only where they say something
TRACKS = ("view", "dct", "given", "protocol", "format", "tags", "scheme", "repairs", "losses")
CI = "ci:jk-t95"  # how intervals are made: jackknife, t, 95 %
REMARKS = 5  # printed beside a table; JSON has all
DOCUMENTS = 200  # lines of a table; JSON has all


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """The counts of one metric: units of shape (texts, labels, 3). A metric without labels has one unnamed column."""

    labels: tuple[str, ...]
    texts: tuple[str, ...]
    units: Ints

    @property
    def total(self) -> Counts:
        return as_counts(self.units.sum(axis=(0, 1)))

    @property
    def by_label(self) -> dict[str, Counts]:
        return {label: as_counts(row) for label, row in zip(self.labels, self.units.sum(axis=0), strict=False)}

    @property
    def by_text(self) -> dict[str, Counts]:
        return {text: as_counts(row) for text, row in zip(self.texts, self.units.sum(axis=1), strict=True)}

    @property
    def by_document(self) -> Ints:
        """Units of shape (texts, 3), from which `resample` tells what the total is worth."""
        documents: Ints = self.units.sum(axis=1)
        return documents

    @property
    def interval(self) -> Interval:
        """The 95 % interval of the total F1."""
        return resample.interval(self.by_document)

    @property
    def intervals(self) -> dict[str, Interval]:
        """The 95 % interval of F1 of every label."""
        return {label: resample.interval(self.units[:, n]) for n, label in enumerate(self.labels)}

    @property
    def unused(self) -> list[str]:
        """The labels that the gold has and the predictions never use."""
        return [label for label, counts in self.by_label.items() if counts.gold and not counts.predicted]


class TaskReport(msgspec.Struct, frozen=True, kw_only=True):
    """One task: a table per metric, the documents without a prediction, recall by group of gold annotations, remarks on the
    predictions, and how often a gold value (first) met a predicted one (second).
    """

    metrics: dict[str, Table]
    missing: tuple[str, ...]
    groups: dict[str, Counts]
    remarks: tuple[str, ...]
    confusion: dict[tuple[str, str], int]


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A score: what was scored (`signature`), the documents without any record, a report per task, and what a foreign file
    had that could not be taken over, by side (gold, predicted).
    """

    signature: dict[str, str | int]
    missing: tuple[str, ...]
    tasks: dict[str, TaskReport]
    losses: dict[str, tuple[Loss, ...]] = {}

    def line(self, task: str, metric: str) -> str:
        """The signature of one number: all that is needed to get it again."""
        s = self.signature
        gold = self.tasks[task].metrics[metric].total.gold
        size = f"n:{s['documents']}d/{s['sentences']}s/{gold}"
        tracks = "".join(f"|{name}:{s[name]}" for name in TRACKS if name in s)
        missing = len(self.tasks[task].missing)
        frame = f"split:{s['split']}|zones:{s['zones']}{tracks}|{size}|missing:{missing}|{CI}"
        return f"vnnews-bench:{s['version']}|data:{s['data']}|task:{task}|metric:{metric}|{frame}"

    def only(self, metrics: Sequence[str]) -> "Report":
        """The report with these metrics alone, for a system whose output has no more to say."""
        tasks = {}
        for name, task in self.tasks.items():
            kept = {metric: table for metric, table in task.metrics.items() if metric in metrics}
            groups = task.groups if TASKS[name].headline in kept else {}
            if kept:
                tasks[name] = msgspec.structs.replace(task, metrics=kept, groups=groups)
        return msgspec.structs.replace(self, tasks=tasks)

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON has it; undefined values are `None`."""
        tasks = {}
        for name, report in self.tasks.items():
            tasks[name] = {
                "metrics": {metric: as_dict(table.total, table.interval) for metric, table in report.metrics.items()},
                "labels": {
                    metric: {label: as_dict(table.by_label[label], there) for label, there in table.intervals.items()}
                    for metric, table in report.metrics.items()
                    if table.labels
                },
                "documents": {
                    text: {metric: as_dict(table.by_text[text]) for metric, table in report.metrics.items()}
                    for text in next(iter(report.metrics.values())).texts
                },
                "unused_labels": {metric: table.unused for metric, table in report.metrics.items() if table.unused},
                "groups": {
                    group: {"gold": c.gold, "shared": c.shared, "recall": c.recall} for group, c in report.groups.items()
                },
                "missing": list(report.missing),
                "remarks": list(report.remarks),
                "confusion": [{"gold": g, "predicted": p, "count": n} for (g, p), n in sorted(report.confusion.items())],
                "signatures": {metric: self.line(name, metric) for metric in report.metrics},
            }
        return {
            "signature": self.signature,
            "missing": list(self.missing),
            "tasks": tasks,
            "losses": {
                side: [{"kind": kind, "losses": n, "annotations": whole} for kind, (n, whole) in exchange.by_kind(lost).items()]
                for side, lost in self.losses.items()
                if lost
            },
        }


def as_dict(counts: Counts, there: Interval | None = None) -> dict[str, Any]:
    """Counts and the scores read off them, with the interval of F1 where several documents are counted."""
    found: dict[str, Any] = {
        "gold": counts.gold,
        "predicted": counts.predicted,
        "shared": counts.shared,
        "precision": counts.precision,
        "recall": counts.recall,
        "f1": counts.f1,
    }
    return found if there is None else found | {"interval": msgspec.structs.asdict(there)}


def sheets(report: Report) -> list[Sheet]:
    """The report as tables: metrics, labels and documents of every task, and a signature below each table of metrics."""
    made = []
    for name, task in report.tasks.items():
        heads = ("P", "R", "F1", "95 %", "gold", "predicted", "shared")
        totals = {metric: table.total for metric, table in task.metrics.items()}
        intervals = {metric: table.interval for metric, table in task.metrics.items()}
        made.append(Sheet(title=name, heads=("metric", *heads), rows=_lines(totals, intervals), notes=_notes(report, name)))
        headline = next(iter(task.metrics))
        for metric, table in task.metrics.items():
            if table.labels and metric in (headline, "nested"):
                title = f"{name} · {metric} by label"
                made.append(Sheet(title=title, heads=("label", *heads), rows=_lines(table.by_label, table.intervals)))
        if task.confusion:
            made.append(_confusion(name, task.confusion))
        texts = task.metrics[headline].by_text
        title = f"{name} · {headline} by document"
        bare = tuple(head for head in heads if head != "95 %")
        rest = (f"… and {len(texts) - DOCUMENTS:,} more, in --format json",) if len(texts) > DOCUMENTS else ()
        made.append(
            Sheet(title=title, heads=("document", *bare), rows=_lines(dict(islice(texts.items(), DOCUMENTS))), notes=rest)
        )
    return made + [exchange.sheet(lost, f"{side}: not taken over") for side, lost in report.losses.items() if lost]


def _confusion(name: str, cells: Mapping[tuple[str, str], int]) -> Sheet:
    """Gold values down, predicted values across."""
    about = TASKS[name].confusion
    across = sorted({predicted for _, predicted in cells})
    down = sorted({gold for gold, _ in cells})
    rows: list[tuple[Cell, ...]] = [(gold, *(cells.get((gold, predicted), 0) for predicted in across)) for gold in down]
    return Sheet(title=f"{name} · {about[0] if about else ''}", heads=("gold", *across), rows=rows)


def _lines(counts: Mapping[str, Counts], intervals: Mapping[str, Interval] | None = None) -> list[tuple[Cell, ...]]:
    """Scores, the interval of F1 where there are intervals, and counts."""
    rows: list[tuple[Cell, ...]] = []
    for name, c in counts.items():
        there = () if intervals is None else (between(intervals[name].low, intervals[name].high),)
        rows.append((name, *map(percent, (c.precision, c.recall, c.f1)), *there, c.gold, c.predicted, c.shared))
    return rows


def _notes(report: Report, name: str) -> tuple[str, ...]:
    """What a reader must know beside the numbers; the signature stands last."""
    task = report.tasks[name]
    first = next(iter(task.metrics.values()))
    notes = [
        f"recall, {TASKS[name].breakdown.about}: {group} {cell(percent(counts.recall))} of {counts.gold}"
        for group, counts in task.groups.items()
    ]
    left_out = between(first.interval.loo_low, first.interval.loo_high)
    notes += [] if left_out is None else [f"F1 with one document left out: {left_out}"]
    notes += [f"{metric}: never predicted: {', '.join(table.unused)}" for metric, table in task.metrics.items() if table.unused]
    notes += [*task.remarks[:REMARKS], f"… and {len(task.remarks) - REMARKS} more"][: len(task.remarks)]
    if task.missing:
        notes.append(f"scored as empty, no prediction: {', '.join(task.missing)}")
    return (*notes, report.line(name, next(iter(task.metrics))))
