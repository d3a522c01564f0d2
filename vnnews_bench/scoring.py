"""Records against gold: what is compared, read into a report."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from functools import cache, partial
from itertools import chain
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple, TypeGuard

import msgspec
import numpy as np

from vnnews_bench import __version__, batches, corpus, files, formats, streams
from vnnews_bench.batches import Batch
from vnnews_bench.counts import Atoms, Counts, Ints, as_counts, tally
from vnnews_bench.errors import BenchError, listing
from vnnews_bench.formats.exchange import Read
from vnnews_bench.formats.pairing import Pair
from vnnews_bench.records import LAYERS, Document, Record, RegistryEntry
from vnnews_bench.report import Report, Table, TaskReport
from vnnews_bench.task import Documents, Task
from vnnews_bench.tasks import TASKS, named, part_of_gold

Side = str | Path | Iterable[Record | Mapping[str, Any]]  # what is compared: a file, or records


def evaluate(
    predictions: Side,
    split: str = "test",
    gold: Side | None = None,
    tasks: Sequence[str] | None = None,
    zones: str = "scored",
    view: str | None = None,
    dct: bool = True,
    given: str | None = None,
    input: str | None = None,
    tags: str = "repair",
) -> Report:
    """Scores predictions against a split of the corpus, or against other records given as `gold`.

    `predictions` and `gold` are a file or folder in any format that `formats` reads, records, or dicts of that form. A
    document without a record is scored as empty and named in `missing`. `zones` is "scored" (annotations that start in a zone
    that the task scores) or "all"; with `gold` there are no zones. `view` scores under another scheme's labels. Two tracks:
    without `dct` values are compared with what the text says without its date, and events are not scored; `given` names the
    part of the gold that the system was handed, which the signature then says. `input` names the format of the predictions;
    `tags` is "repair" or "strict", for ill-formed tags in columns. Two files of columns are scored token by token, without
    any text and under their own labels.

    Raises `BenchError` for anything in the input that is not as it should be.
    """
    chosen = named(tasks or ())
    columns = None if gold is None else columns_of(predictions, gold, input, tags)
    if columns is not None:
        if view is not None or given is not None or not dct or (tasks and "ner" not in tasks):
            raise BenchError("two files of columns are scored as ner under their own labels, without views and tracks")
        return _of_columns(columns)
    views = [name for task in TASKS.values() for name in task.views]
    if view is not None and view not in views:
        raise BenchError(f"there is no view {view!r}; there are {listing(views)}")
    if given is not None:
        part_of_gold(given)
    sides = _of_corpus(predictions, split, input, tags) if gold is None else _of_gold(predictions, gold, input, tags)
    frame = Frame(registry=sides.registry, zones=zones if gold is None else "all", view=view, dct=dct)
    total = _total(sides, chosen, frame)
    signature: dict[str, str | int] = {
        "version": __version__,
        "data": sides.data,
        "split": split if gold is None else "none",
        "zones": frame.zones,
        "documents": len(total.texts),
        "sentences": total.sentences,
    }
    tracks = {"view": view, "dct": None if dct else "withheld", "given": given, **_taken_over(*sides.read, tags)}
    signature |= {name: value for name, value in tracks.items() if value is not None}
    return Report(
        signature=signature,
        missing=total.missing,
        tasks=total.tasks,
        losses={"gold": sides.read[0].losses, "predicted": sides.read[1].losses},
    )


class Sides(NamedTuple):
    """What is compared: its batches, as often as they are asked for, the registry, the name of the gold in a signature, and
    what reading gold and predictions gave beside records.
    """

    batches: Callable[[], Iterable[Batch]]
    registry: Mapping[str, RegistryEntry]
    data: str
    read: tuple[Read, Read]


def _of_corpus(predictions: Side, split: str, input: str | None, tags: str) -> Sides:
    """Predictions about the documents of a split."""
    data = corpus.load(split)
    gold = Read(records=list(data.gold.values()))
    predicted = _read(predictions, data.documents, "predictions", input, tags)
    batch = batches.of_records(gold.records, predicted.records, data.documents)
    return Sides(lambda: [batch], data.registry, f"{data.version}+{data.hash[:8]}", (gold, predicted))


def _of_gold(predictions: Side, gold: Side, input: str | None, tags: str) -> Sides:
    """Predictions about the documents of other gold; two `.jsonl` files of records are read in batches."""
    if _is_lines(gold, None) and _is_lines(predictions, input):
        read = partial(batches.of_files, Path(gold), Path(predictions))
        return Sides(read, {}, f"file+{_hash(Path(gold))[:8]}", (Read(records=[]), Read(records=[])))
    right = _read(gold, None, "gold", None, tags)
    texts = right.texts or (_texts_of(right.records) if _is_foreign(predictions, input) else None)
    left = _read(predictions, texts, "predictions", input, tags)
    batch = batches.of_records(right.records, left.records, right.texts)
    by_file = isinstance(gold, str | Path) and not Path(gold).is_dir()
    name = _hash(Path(gold)) if by_file else corpus.content_hash(right.records)  # type: ignore[arg-type]
    return Sides(lambda: [batch], {}, f"file+{name[:8]}", (right, left))


def _is_lines(source: Side, input: str | None) -> TypeGuard[str | Path]:
    """Whether something is a file of our own records, one a line."""
    if not isinstance(source, str | Path) or Path(source).is_dir() or streams.suffix(Path(source)) != ".jsonl":
        return False
    return (input or formats.sniff(source)) == "records"


def _hash(path: Path) -> str:
    """sha256 in hex of what is in a file."""
    digest = hashlib.sha256()
    with streams.opened(path) as file:
        while block := file.read(streams.BUFFER):
            digest.update(block)
    return digest.hexdigest()


def _is_foreign(source: Side, input: str | None) -> bool:
    return isinstance(source, str | Path) and (input or formats.sniff(source)) != "records"


def _texts_of(truth: Sequence[Record]) -> dict[str, Document]:
    """The documents of a gold without texts, from the corpus. Raises `BenchError` when one is not there."""
    known = {id: document for split in corpus.splits() for id, document in corpus.load(split).documents.items()}
    strange = next((record.id for record in truth if record.id not in known), None)
    if strange is not None:
        raise BenchError(f"the text of {strange!r} in the gold is not known, so offsets of another format cannot be compared")
    return {record.id: known[record.id] for record in truth}


def columns_of(predictions: Side, gold: Side, input: str | None = None, tags: str = "repair") -> Pair | None:
    """Two files of columns, paired; `None` where one of the two is something else."""
    if not isinstance(predictions, str | Path) or not isinstance(gold, str | Path):
        return None
    return formats.paired(predictions, gold, input, tags)


def _of_columns(pair: Pair) -> Report:
    """The score of two files of columns; there are no groups of gold annotations, since no names are compared."""
    metrics = {
        name: Table(labels=() if name == "span" else pair.labels, texts=pair.texts, units=units)
        for name, units in pair.units.items()
    }
    signature: dict[str, str | int] = {
        "version": __version__,
        "data": f"file+{pair.hash}",
        "split": "none",
        "zones": "all",
        "documents": len(pair.texts),
        "sentences": pair.sentences,
        "format": "conll",
        "tags": "strict" if pair.strict else "repair",
        "scheme": "+".join(pair.schemes),
        "repairs": "+".join(map(str, pair.repairs)),
    }
    report = TaskReport(metrics=metrics, missing=(), groups={}, remarks=(), confusion={})
    return Report(
        signature=signature, missing=(), tasks={"ner": report}, losses={"gold": pair.losses[0], "predicted": pair.losses[1]}
    )


def _taken_over(gold: Read, predicted: Read, tags: str) -> dict[str, str | None]:
    """What a signature says of foreign files: how ill-formed tags were read, and the annotations lost, gold + predicted."""
    lost = [sum(loss.annotations for loss in side.losses) for side in (gold, predicted)]
    repairs = [gold.repairs, predicted.repairs]
    return {
        "tags": "strict" if tags == "strict" else None,
        "repairs": "+".join(map(str, repairs)) if any(repairs) else None,
        "losses": "+".join(map(str, lost)) if any(lost) else None,
    }


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


def _total(sides: Sides, chosen: Sequence[Task], frame: Frame) -> Total:
    """All batches scored, in the metrics of layers that any prediction has. Raises `BenchError` when there is none."""
    stream = iter(sides.batches())
    first = next(stream)
    known = _survey(chosen, sides.batches()) if None not in first.documents else {}
    parts: dict[str, list[TaskReport]] = {task.name: [] for task in chosen}
    numbers: list[int] = []
    missing: set[str] = set()
    attempted: set[str] = set()
    copied: dict[str, list[str]] = {}
    sentences = 0
    for batch in chain([first], stream):
        numbers += batch.numbers
        missing |= {gold.id for gold, record in zip(batch.gold, batch.predicted, strict=True) if record is None}
        attempted |= _attempted(batch, chosen, frame)
        sentences += sum(len(document.sentences) for document in batch.documents if document is not None)
        for layer, ids in _copied(batch).items():
            copied.setdefault(layer, []).extend(ids)
        for task in chosen:
            parts[task.name].append(score(task, batch, frame, known.get(task.name)))
    if not attempted:
        there = listing([layer for task in chosen for layer in task.layers])
        raise BenchError(f"no record has a layer to score; the layers of the tasks are {there}")
    order = np.argsort(numbers)
    tasks = {task.name: _joined(task, parts[task.name], order, attempted) for task in chosen if {*task.layers} & attempted}
    for task in chosen:
        notes = [
            f"{layer} are the gold itself, ids included, in {listing(copied[layer])}: were the columns of the dataset left in?"
            for layer in task.layers
            if layer in copied
        ]
        if notes and task.name in tasks:
            tasks[task.name] = msgspec.structs.replace(tasks[task.name], remarks=(*tasks[task.name].remarks, *notes))
    texts = next(iter(next(iter(tasks.values())).metrics.values())).texts
    return Total(texts, tuple(id for id in texts if id in missing), sentences, tasks)


def _survey(chosen: Sequence[Task], stream: Iterable[Batch]) -> dict[str, Counter[Any]]:
    """What the groups of each task must know of all texts."""
    known = {task.name: Counter[Any]() for task in chosen}
    for batch in stream:
        for task in chosen:
            known[task.name] += task.breakdown.survey(batch.gold, batch.documents)
    return known


def _attempted(batch: Batch, chosen: Sequence[Task], frame: Frame) -> set[str]:
    """The layers that a prediction has, and in the track without a date the gold still has, too."""
    found = _held(LAYERS, batch.predicted)
    if not frame.dct:
        found &= {layer for task in chosen for layer in _held(task.layers, [task.without_dct(gold) for gold in batch.gold])}
    return found


def _held(layers: Iterable[str], records: Sequence[Record | None]) -> set[str]:
    """The layers that any of the records has, be it empty."""
    there = [record for record in records if record is not None]
    return {layer for layer in layers if any(value is not None for value in map(attrgetter(layer), there))}


def score(task: Task, batch: Batch, frame: Frame, known: Counter[Any] | None) -> TaskReport:
    """One task over the texts of a batch; a text without a prediction counts as empty.

    `known` is what groups of gold annotations must know of all texts (`Breakdown.survey`); without it there are no groups.
    """
    texts, layers = tuple(record.id for record in batch.gold), task.layers
    if not _held(layers, batch.gold) and not _held(layers, batch.predicted):
        return _empty(task, texts)
    truth = [record if frame.dct else task.without_dct(record) for record in batch.gold]
    answers = [record or Record(id=gold.id) for gold, record in zip(batch.gold, batch.predicted, strict=True)]
    mapped = task.resolved(answers, truth, frame.registry)
    sides = [_counted(task, records, batch.documents, frame) for records in (truth, mapped)]
    gold, answer = (task.table(side, batch.documents) for side in sides)
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


def _empty(task: Task, texts: tuple[str, ...]) -> TaskReport:
    """The report of texts for which neither side has a layer of the task."""
    metrics = {}
    for name, labels in _labels(task.name).items():
        units = np.zeros((len(texts), max(len(labels), 1), 3), dtype=np.int64)
        metrics[name] = Table(labels=labels, texts=texts, units=units)
    return TaskReport(metrics=metrics, missing=texts, groups={}, remarks=(), confusion={})


@cache
def _labels(name: str) -> dict[str, tuple[str, ...]]:
    """The labels of each metric of a task."""
    nothing = TASKS[name].table([], [])
    return {metric: found.atoms(nothing, nothing)[0].labels for metric, found in TASKS[name].metrics.items()}


def _joined(task: Task, parts: Sequence[TaskReport], order: Ints, layers: Set[str]) -> TaskReport:
    """The reports of all batches as one, in the metrics of some layers; `order` puts texts as the gold has them."""
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
    return TaskReport(
        metrics=metrics,
        missing=tuple(id for id in texts if id in missing),
        groups=groups,
        remarks=tuple(remark for part in parts for remark in part.remarks),
        confusion=dict(confusion),
    )


def _copied(batch: Batch) -> dict[str, list[str]]:
    """By layer the texts in which it equals the gold down to the ids, which no system can know."""
    found: dict[str, list[str]] = {}
    for layer in LAYERS:
        for gold, record in zip(batch.gold, batch.predicted, strict=True):
            items = getattr(gold, layer)
            if items and record is not None and items[0].id is not None and getattr(record, layer) == items:
                found.setdefault(layer, []).append(gold.id)
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


def _read(source: Side, documents: Mapping[str, Document] | None, role: str, input: str | None, tags: str) -> Read:
    """Records from a file or from memory, held to the same rules."""
    if isinstance(source, str | Path):
        return formats.read(source, documents, input, tags)
    return Read(records=files.checked(source, documents, role))
