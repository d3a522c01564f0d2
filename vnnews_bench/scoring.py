"""Records against gold: what is compared, read into a report."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from vnnews_bench import __version__, corpus, files, formats
from vnnews_bench.counts import Atoms, Counts, Ints, as_counts, tally
from vnnews_bench.errors import BenchError, Finding, listing
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
    if gold is None:
        data = corpus.load(split)
        documents, registry = data.documents, data.registry
        right = Read(records=list(data.gold.values()))
        name = f"{data.version}+{data.hash[:8]}"
    else:
        right, registry = _read(gold, None, "gold", None, tags), {}
        documents = right.texts
        split, zones, name = "none", "all", f"file+{corpus.content_hash(right.records)[:8]}"
    truth = right.records
    texts = documents or (_texts_of(truth) if _is_foreign(predictions, input) else None)
    left = _read(predictions, texts, "predictions", input, tags)
    predicted = _known(left.records, truth)
    layers = [layer for layer in LAYERS if any(getattr(record, layer) is not None for record in predicted.values())]
    signature: dict[str, str | int] = {
        "version": __version__,
        "data": name,
        "split": split,
        "zones": zones,
        "documents": len(truth),
        "sentences": sum(len(document.sentences) for document in documents.values()),
    }
    views = [name for task in TASKS.values() for name in task.views]
    if view is not None and view not in views:
        raise BenchError(f"there is no view {view!r}; there are {listing(views)}")
    if given is not None:
        part_of_gold(given)
    tracks = {"view": view, "dct": None if dct else "withheld", "given": given, **_taken_over(right, left, tags)}
    signature |= {name: value for name, value in tracks.items() if value is not None}
    frame = Frame(documents=documents, registry=registry, zones=zones, view=view, dct=dct)
    scored = {task.name: score(task, truth, predicted, layers, frame) for task in chosen if {*task.layers} & {*layers}}
    if not scored:
        there = listing([layer for task in chosen for layer in task.layers])
        raise BenchError(f"no record has a layer to score; the layers of the tasks are {there}")
    return Report(
        signature=signature,
        missing=tuple(record.id for record in truth if record.id not in predicted),
        tasks=scored,
        losses={"gold": right.losses, "predicted": left.losses},
    )


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
    """What scoring needs besides the records: documents by id (none when they are not known), registry, zones and view."""

    documents: Mapping[str, Document]
    registry: Mapping[str, RegistryEntry] = {}
    zones: str = "all"
    view: str | None = None
    dct: bool = True


def score(
    task: Task, truth: Sequence[Record], predicted: Mapping[str, Record], layers: Sequence[str], frame: Frame
) -> TaskReport:
    """One task over all texts, the metrics of the given layers; a text without a prediction counts as empty."""
    documents = [frame.documents.get(record.id) for record in truth]
    if not frame.dct:
        truth = [task.without_dct(record) for record in truth]
        layers = [layer for layer in layers if any(getattr(record, layer) is not None for record in truth)]
    answers = [predicted.get(record.id, Record(id=record.id)) for record in truth]
    pairs = zip(truth, answers, strict=True)
    mapped = [task.resolved(answer, gold, frame.registry) for gold, answer in pairs]
    sides = [
        [_scored(task, record, document, frame) for record, document in zip(records, documents, strict=True)]
        for records in (truth, mapped)
    ]
    gold, answer = (task.table(side, documents) for side in sides)
    texts = tuple(record.id for record in truth)
    metrics = {}
    groups: dict[str, Counts] = {}
    for name, metric in task.metrics.items():
        if metric.layer not in layers:
            continue
        left, right = metric.atoms(gold, answer)
        metrics[name] = Table(labels=left.labels, texts=texts, units=tally(left, right, len(texts)))
        if name == task.headline and None not in documents:
            groups = _by_group(task, sides[0], documents, left, right)
    missing = tuple(a.id for a in answers if all(getattr(a, layer) is None for layer in task.layers))
    confusion: Counter[tuple[str, str]] = Counter()
    if task.confusion is not None and task.headline in metrics:
        confusion.update(cell for left, right in zip(*sides, strict=True) for cell in task.confusion[1](left, right))
    remarks = (*task.remarks(mapped), *_copied(task, truth, predicted))
    return TaskReport(metrics=metrics, missing=missing, groups=groups, remarks=remarks, confusion=dict(confusion))


def _copied(task: Task, truth: Sequence[Record], predicted: Mapping[str, Record]) -> Iterator[str]:
    """Layers that equal the gold down to the ids, which no system can know: columns of the dataset that were left in."""
    for layer in task.layers:
        same = [
            gold.id
            for gold in truth
            if any(item.id is not None for item in getattr(gold, layer) or ())
            and gold.id in predicted
            and getattr(predicted[gold.id], layer) == getattr(gold, layer)
        ]
        if same:
            yield f"{layer} are the gold itself, ids included, in {listing(same)}: were the columns of the dataset left in?"


def _by_group(task: Task, side: Sequence[Record], documents: Documents, gold: Atoms, predicted: Atoms) -> dict[str, Counts]:
    """Gold and shared mass of the headline by group of gold annotations; predictions have no group."""
    _, names, groups = task.breakdown
    group: Ints = np.array([names.index(name) for name in groups(side, documents)], dtype=np.int64)
    found = {}
    for n, name in enumerate(names):
        counts = as_counts(tally(gold.take(group[gold.row] == n), predicted, len(documents)).sum(axis=(0, 1)))
        found[name] = Counts(counts.gold, 0, counts.shared)
    return found


def _scored(task: Task, record: Record, document: Document | None, frame: Frame) -> Record:
    """The record under the view's labels, with the annotations of the task that count: those in a scored zone."""
    view = task.views.get(frame.view or "")
    record = record if view is None else view(record)
    if document is None or frame.zones == "all":
        return record
    kept = {layer: task.counted(getattr(record, layer) or (), document) for layer in task.layers}
    return msgspec.structs.replace(record, **kept)


def _known(records: Sequence[Record], truth: Sequence[Record]) -> dict[str, Record]:
    """The predicted records by id. Raises for a document that the gold lacks."""
    ids = [record.id for record in truth]
    strange = [record.id for record in records if record.id not in ids]
    if strange:
        message = f"there is no document {strange[0]!r} in the gold; there are {listing(ids)}"
        raise BenchError([Finding(code="record-unknown-document", message=message)])
    return {record.id: record for record in records}


def _read(source: Side, documents: Mapping[str, Document] | None, role: str, input: str | None, tags: str) -> Read:
    """Records from a file or from memory, held to the same rules."""
    if isinstance(source, str | Path):
        return formats.read(source, documents, input, tags)
    return Read(records=files.checked(source, documents, role))
