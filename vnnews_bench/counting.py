"""Batches of texts counted under the metrics of tasks, and added up."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from functools import cache
from itertools import chain
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec
import numpy as np

from vnnews_bench.batches import Batch
from vnnews_bench.counts import Atoms, Counts, Ints, as_counts, tally
from vnnews_bench.errors import BenchError, listing
from vnnews_bench.records import LAYERS, Document, Record, RegistryEntry
from vnnews_bench.report import Table, TaskReport
from vnnews_bench.task import Documents, Task
from vnnews_bench.tasks import TASKS


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """What scoring needs besides the texts: registry, zones, view, and whether systems were told the document's date."""

    registry: Mapping[str, RegistryEntry] = {}
    zones: str = "all"
    view: str | None = None
    dct: bool = True


class Total(NamedTuple):
    """What all batches add up to; texts are in the order of the gold."""

    texts: tuple[str, ...]
    missing: tuple[str, ...]
    sentences: int
    tasks: dict[str, TaskReport]


def total(batches: Callable[[], Iterable[Batch]], chosen: Sequence[Task], frame: Frame) -> Total:
    """All batches scored, in the metrics of layers that any prediction has.

    `batches` gives them as often as it is called: twice where texts are known, since groups compare names of all texts.
    Raises `BenchError` when no prediction has a layer of the tasks.
    """
    stream = iter(batches())
    first = next(stream)
    known = _survey(chosen, batches()) if None not in first.documents else {}
    parts: dict[str, list[TaskReport]] = {task.name: [] for task in chosen}
    numbers: list[int] = []
    missing: set[str] = set()
    attempted: set[str] = set()
    copied: dict[str, list[str]] = {}
    sentences = 0
    for batch in chain([first], stream):
        numbers += batch.numbers
        missing |= {gold.id for gold, record in zip(batch.gold, batch.predicted, strict=True) if record is None}
        held, answered = _held(batch.gold), _held(batch.predicted)
        attempted |= answered if frame.dct else answered & _dated_by_text(batch, chosen)
        sentences += sum(len(document.sentences) for document in batch.documents if document is not None)
        for layer in held & answered:
            copied.setdefault(layer, []).extend(_copied(batch, layer))
        for task in chosen:
            told = {*task.layers} & (held | answered)
            parts[task.name].append(score(task, batch, frame, known.get(task.name)) if told else _empty(task, batch))
    if not attempted:
        there = listing([layer for task in chosen for layer in task.layers])
        raise BenchError(f"no record has a layer to score; the layers of the tasks are {there}")
    order = np.argsort(numbers)
    tasks = {
        task.name: _joined(task, parts[task.name], order, attempted, copied) for task in chosen if {*task.layers} & attempted
    }
    texts = next(iter(next(iter(tasks.values())).metrics.values())).texts
    return Total(texts, tuple(id for id in texts if id in missing), sentences, tasks)


def _survey(chosen: Sequence[Task], stream: Iterable[Batch]) -> dict[str, Counter[Any]]:
    """What the groups of each task must know of all texts."""
    known = {task.name: Counter[Any]() for task in chosen}
    for batch in stream:
        for task in chosen:
            known[task.name] += task.breakdown.survey(batch.gold, batch.documents)
    return known


def _held(records: Sequence[Record | None]) -> set[str]:
    """The layers that any of the records has, be it empty."""
    there = [record for record in records if record is not None]
    return {layer for layer in LAYERS if any(value is not None for value in map(attrgetter(layer), there))}


def _dated_by_text(batch: Batch, chosen: Sequence[Task]) -> set[str]:
    """The layers that the gold still has in the track without the document's date."""
    return {layer for task in chosen for layer in {*task.layers} & _held([task.without_dct(gold) for gold in batch.gold])}


def score(task: Task, batch: Batch, frame: Frame, known: Counter[Any] | None) -> TaskReport:
    """One task over the texts of a batch; a text without a prediction counts as empty.

    `known` is what groups of gold annotations must know of all texts (`Breakdown.survey`); without it there are no groups.
    """
    texts, layers = tuple(record.id for record in batch.gold), task.layers
    truth = [record if frame.dct else task.without_dct(record) for record in batch.gold]
    answers = [record or Record(id=gold.id) for gold, record in zip(batch.gold, batch.predicted, strict=True)]
    mapped = task.resolved(answers, truth, frame.registry)
    sides = [_counted(task, records, batch.documents, frame) for records in (truth, mapped)]
    as_read = frame.view is None and frame.zones == "all"
    entities = batch.entities if as_read else (None, None)
    gold, answer = (task.table(side, batch.documents, there) for side, there in zip(sides, entities, strict=True))
    metrics = {}
    groups: dict[str, Counts] = {}
    for name, metric in task.metrics.items():
        left, right = metric.atoms(gold, answer)
        metrics[name] = Table(labels=left.labels, texts=texts, units=tally(left, right, len(texts)))
        if name == task.headline and known is not None and None not in batch.documents:
            groups = _by_group(task, sides[0], batch.documents, known, left, right)
    return TaskReport(
        metrics=metrics,
        missing=tuple(record.id for record in answers if all(getattr(record, layer) is None for layer in layers)),
        groups=groups,
        remarks=tuple(task.remarks(mapped)),
        confusion={} if task.confusion is None else dict(task.confusion[1](gold, answer)),
    )


def _empty(task: Task, batch: Batch) -> TaskReport:
    """The report of texts for which neither side has a layer of the task."""
    texts = tuple(record.id for record in batch.gold)
    metrics = {}
    for name, labels in _labels(task.name).items():
        units = np.zeros((len(texts), max(len(labels), 1), 3), dtype=np.int64)
        metrics[name] = Table(labels=labels, texts=texts, units=units)
    return TaskReport(metrics=metrics, missing=texts, groups={}, remarks=(), confusion={})


@cache
def _labels(name: str) -> dict[str, tuple[str, ...]]:
    """The labels of each metric of a task."""
    nothing = TASKS[name].table([], [], None)
    return {metric: found.atoms(nothing, nothing)[0].labels for metric, found in TASKS[name].metrics.items()}


def _joined(
    task: Task, parts: Sequence[TaskReport], order: Ints, layers: Set[str], copied: Mapping[str, Sequence[str]]
) -> TaskReport:
    """The reports of all batches as one, in the metrics of some layers; `order` puts texts as the gold has them.

    `copied` are the texts in which a layer is the gold itself, which is remarked.
    """
    unordered = [text for part in parts for text in next(iter(part.metrics.values())).texts]
    texts = tuple(unordered[n] for n in order)
    metrics = {}
    for name, metric in task.metrics.items():
        if metric.layer in layers:
            tables = [part.metrics[name] for part in parts]
            units = np.concatenate([table.units for table in tables])[order]
            metrics[name] = Table(labels=tables[0].labels, texts=texts, units=units)
    headline = task.headline in metrics
    held = [part.groups for part in parts] if headline and all(part.groups for part in parts) else []
    groups: dict[str, Counts] = {}
    confusion: Counter[tuple[str, str]] = Counter()
    for found in held:
        groups = {name: groups.get(name, Counts()) + counts for name, counts in found.items()}
    for part in parts if headline else ():
        confusion.update(part.confusion)
    missing = {id for part in parts for id in part.missing}
    notes = [
        f"{layer} are the gold itself, ids included, in {listing(copied[layer])}: were the columns of the dataset left in?"
        for layer in task.layers
        if copied.get(layer)
    ]
    return TaskReport(
        metrics=metrics,
        missing=tuple(id for id in texts if id in missing),
        groups=groups,
        remarks=(*(remark for part in parts for remark in part.remarks), *notes),
        confusion=dict(confusion),
    )


def _copied(batch: Batch, layer: str) -> list[str]:
    """The texts in which a layer equals the gold down to the ids, which no system can know."""
    found = []
    for gold, record in zip(batch.gold, batch.predicted, strict=True):
        items = getattr(gold, layer)
        if items and items[0].id is not None and record is not None and getattr(record, layer) == items:
            found.append(gold.id)
    return found


def _by_group(
    task: Task, side: Sequence[Record], documents: Documents, known: Counter[Any], gold: Atoms, predicted: Atoms
) -> dict[str, Counts]:
    """Gold and shared mass of the headline by group of gold annotations; predictions have no group."""
    names = task.breakdown.groups
    group: Ints = np.array([names.index(name) for name in task.breakdown.of(side, documents, known)], dtype=np.int64)
    found = {}
    for n, name in enumerate(names):
        counts = as_counts(tally(gold.take(group[gold.row] == n), predicted, len(documents)).sum(axis=(0, 1)))
        found[name] = Counts(counts.gold, 0, counts.shared)
    return found


def _counted(task: Task, records: Sequence[Record], documents: Documents, frame: Frame) -> Sequence[Record]:
    """The records under the view's labels, with the annotations of the task that count: those in a scored zone."""
    view = task.views.get(frame.view or "")
    records = records if view is None else list(map(view, records))
    if frame.zones == "all":
        return records
    return [
        record if document is None else msgspec.structs.replace(record, **_in_zones(task, record, document))
        for record, document in zip(records, documents, strict=True)
    ]


def _in_zones(task: Task, record: Record, document: Document) -> dict[str, Any]:
    return {layer: task.counted(getattr(record, layer) or (), document) for layer in task.layers}
