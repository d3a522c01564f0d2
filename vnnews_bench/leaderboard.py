"""The leaderboard: systems run and scored on splits, ranked on the first of them by the headline of each task."""

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Any, Literal, get_args

import msgspec

from vnnews_bench import corpus, resample, systems, tools
from vnnews_bench.counts import Counts
from vnnews_bench.errors import BenchError
from vnnews_bench.render import Cell, Sheet, between, percent
from vnnews_bench.report import Report, Table, as_dict
from vnnews_bench.resample import Interval
from vnnews_bench.scoring import evaluate
from vnnews_bench.systems import Kind
from vnnews_bench.tasks import TASKS, part_of_gold
from vnnews_bench.tools import Settings

Test = Literal["test", "test_written"]
TESTS: tuple[Test, ...] = get_args(Test)  # the splits that systems are held to; the first one ranks
HEADS = ("rank", "system", "kind", "P", "R", "F1", "95 %")
BESIDE = ("F1", "95 %")  # of a further split
COUNTS = ("gold", "predicted", "shared")
Reports = Mapping[str, Mapping[str, Report]]  # by split, then by system


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One system on one task: its rank (equal scores share one), its counts and the interval of F1 by the metric that ranks.

    Systems of one `group`, numbered from 1, are not told apart from the best of them. `beside` has the reports on further
    splits, which have no say in the rank.
    """

    rank: int
    group: int
    system: str
    kind: Kind
    task: str
    metric: str
    counts: Counts
    interval: Interval
    report: Report
    beside: dict[str, Report] = {}

    def on(self, split: str) -> Table | None:
        """The table of the metric that ranks on a further split; None where the system or the metric is not there."""
        tasks = self.beside[split].tasks if split in self.beside else {}
        return tasks[self.task].metrics.get(self.metric) if self.task in tasks else None


def board(
    names: Sequence[str],
    splits: Sequence[str] = TESTS,
    tick: Callable[[str], None] = lambda name: None,
    dct: bool = True,
    given: str | None = None,
    settings: Settings = tools.DEFAULTS,
    tell: Callable[[str], None] = lambda note: None,
) -> list[Row]:
    """Runs and scores the named systems, or every baseline, on splits; rows task by task, best on the first split first.

    `tick` is called with a system's name and a document's id as each document is done, `tell` with what a tool has to say.
    `dct` and `given` choose a track; of the baselines only those that can take what is given then run. What cannot be held to
    a task's headline stands in a table of its own beside all others, ranked by the first metric that it has.
    """
    repeated = next((name for n, name in enumerate(names) if name in names[:n]), None)
    if repeated is not None:
        raise BenchError(f"{repeated} is named twice")
    reports = {
        split: {name: _report(name, split, tick, dct, given, settings, tell) for name in names or eligible(given)}
        for split in splits
    }
    return rows(reports)


def rows(reports: Reports) -> list[Row]:
    """The rows of every board, task by task, best on the first split first."""
    return [row for task in TASKS for metric in leading(task, reports) for row in ranked(task, metric, reports)]


def eligible(given: str | None) -> list[str]:
    """The baselines that can take the part of the gold that a track hands over; without one, all of them."""
    if given is not None:
        part_of_gold(given)
    return [name for name, known in systems.BASELINES.items() if given in (None, known.given)]


def _report(
    name: str,
    split: str,
    tick: Callable[[str], None],
    dct: bool,
    given: str | None,
    settings: Settings,
    tell: Callable[[str], None],
) -> Report:
    data = corpus.load(split)
    documents = data.documents.values() if dct else map(systems.undated, data.documents.values())
    records = []
    handed = None if given is None else systems.handed(data, given)
    for record in systems.run(name, documents, handed, settings=settings, tell=tell):
        records.append(record)
        tick(f"{name} {record.id}")
    return sayable(name, evaluate(records, split, dct=dct, given=given))


def sayable(name: str, report: Report) -> Report:
    """The report with the metrics that the output of a tool can be held to; that of any other system is whole."""
    found = tools.named(name)
    metrics = None if found is None else found[0].metrics
    return report if metrics is None else report.only(metrics)


def leading(task: str, reports: Reports) -> list[str]:
    """The first metric of every system that attempted the task on the first split, in the task's order."""
    scored = [report.tasks[task].metrics for report in next(iter(reports.values())).values() if task in report.tasks]
    first = {next(iter(metrics)) for metrics in scored}
    return [metric for metric in TASKS[task].metrics if metric in first]


def ranked(task: str, metric: str, reports: Reports) -> list[Row]:
    """The systems that the metric can score on the first split, best first."""
    first, *others = reports
    scored = {name: report.tasks[task].metrics for name, report in reports[first].items() if task in report.tasks}
    tables = {name: metrics[metric] for name, metrics in scored.items() if metric in metrics}
    totals = {name: table.total for name, table in tables.items()}
    groups = tied(tables)
    order = sorted(totals, key=lambda name: (-(totals[name].f1 or 0), name))
    return [
        Row(
            rank=1 + sum((totals[other].f1 or 0) > (totals[name].f1 or 0) for other in totals),
            group=groups[name],
            system=name,
            kind=kind(name),
            task=task,
            metric=metric,
            counts=totals[name],
            interval=tables[name].interval,
            report=reports[first][name],
            beside={split: reports[split][name] for split in others if name in reports[split]},
        )
        for name in order
    ]


def tied(tables: Mapping[str, Table]) -> dict[str, int]:
    """The group of each system by the table of one metric, from the jackknife of paired differences, adjusted by Holm."""
    units = [table.by_document for table in tables.values()]
    ps = {(i, j): resample.paired(units[i], units[j]).p_jackknife for i, j in combinations(range(len(units)), 2)}
    return dict(zip(tables, resample.tie_groups([table.total.f1 for table in tables.values()], ps), strict=True))


def kind(name: str) -> Kind:
    """What a system is: a baseline's kind, a tool, a model behind one of the two that need it named, or one's own."""
    if name in systems.BASELINES:
        return systems.BASELINES[name].kind
    found = tools.named(name)
    if found is None:
        return "own"
    return "tool" if found[0].model is None else "model"


def sheets(rows: Sequence[Row]) -> list[Sheet]:
    """A table per task and leading metric: F1 on further splits beside that on the first, and the recall by group of gold
    annotations beside the headline.
    """
    found = []
    for task, metric in dict.fromkeys((row.task, row.metric) for row in rows):
        mine = [row for row in rows if (row.task, row.metric) == (task, metric)]
        about, groups = TASKS[task].breakdown.about, TASKS[task].breakdown.groups
        held = mine[0].report.tasks[task].groups if metric == TASKS[task].headline else {}
        groups = groups if held else ()
        others = list(dict.fromkeys(split for row in mine for split in row.beside))
        lines: list[tuple[Cell, ...]] = [
            (
                _place(row, mine),
                row.system,
                row.kind,
                *map(percent, (row.counts.precision, row.counts.recall, row.counts.f1)),
                between(row.interval.low, row.interval.high),
                *(shown for split in others for shown in _beside(row.on(split))),
                row.counts.gold,
                row.counts.predicted,
                row.counts.shared,
                *(percent(row.report.tasks[task].groups[group].recall) for group in groups),
            )
            for row in mine
        ]
        sizes = ", ".join(f"{held[group].gold} {group}" for group in groups)
        missing = [(row.system, report.tasks[task].missing) for row in mine for report in _attempted(row)]
        empty = [f"{name}: scored as empty, no prediction: {', '.join(there)}" for name, there in missing if there]
        found.append(
            Sheet(
                title=f"{task} · {metric}",
                heads=(
                    *HEADS,
                    *(f"{split} {head}" for split in others for head in BESIDE),
                    *COUNTS,
                    *(f"R {g}" for g in groups),
                ),
                rows=lines,
                notes=(*([f"R by {about}: {sizes}"] if held else ()), *empty, *_apart(mine), *signatures(mine)),
            )
        )
    return found


def signatures(rows: Sequence[Row]) -> list[str]:
    """Those of a board's first row that was scored on each split, one for a split."""
    lines: dict[str | int, str] = {}
    for row in rows:
        for report in _attempted(row):
            lines.setdefault(report.signature["split"], report.line(row.task, row.metric))
    return list(lines.values())


def _attempted(row: Row) -> list[Report]:
    """The reports that have the metric that ranks, of the first split first."""
    return [row.report, *(report for split, report in row.beside.items() if row.on(split) is not None)]


def _beside(table: Table | None) -> tuple[Cell, Cell]:
    """F1 and its interval, two empty cells where there is no score."""
    if table is None:
        return "", ""
    return percent(table.total.f1), between(table.interval.low, table.interval.high)


def _place(row: Row, rows: Sequence[Row]) -> str | int:
    """The rank, or the ranks that its group shares."""
    group = [n for n, other in enumerate(rows, 1) if other.group == row.group]
    return group[0] if len(group) == 1 else f"{group[0]}–{group[-1]}"


def _apart(rows: Sequence[Row]) -> list[str]:
    """How ranks are told apart, where there is more than one system."""
    pairs = len(rows) * (len(rows) - 1) // 2
    holm = f", Holm over {pairs} pairs" if pairs > 1 else ""
    return [f"shared ranks: F1 not told apart from the first of them (paired jackknife, 5 %{holm})"] if pairs else []


def as_json(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The rows with their full reports."""
    return [
        {"rank": row.rank, "group": row.group, "system": row.system, "kind": row.kind, "task": row.task, "metric": row.metric}
        | as_dict(row.counts, row.interval)
        | {"report": row.report.as_dict()}
        | {"beside": {split: _other(row, split) for split in row.beside}}
        for row in rows
    ]


def _other(row: Row, split: str) -> dict[str, Any]:
    """The score by the metric that ranks on a further split, where there is one, and the full report."""
    table = row.on(split)
    return ({} if table is None else as_dict(table.total, table.interval)) | {"report": row.beside[split].as_dict()}
