"""Records against gold: what is compared, read into a report."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeGuard

from vnnews_bench import __version__, batches, corpus, files, formats, streams
from vnnews_bench.batches import Batch
from vnnews_bench.counting import Frame, total
from vnnews_bench.errors import BenchError, listing
from vnnews_bench.formats.exchange import Read
from vnnews_bench.formats.pairing import Pair
from vnnews_bench.records import Document, Record, RegistryEntry
from vnnews_bench.report import Report, Table, TaskReport
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
    """Scores predictions against a split of the corpus ("all": every split), or against other records given as `gold`.

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
    found = total(sides.batches, chosen, frame)
    signature: dict[str, str | int] = {
        "version": __version__,
        "data": sides.data,
        "split": split if gold is None else "none",
        "zones": frame.zones,
        "documents": len(found.texts),
        "sentences": found.sentences,
    }
    tracks = {"view": view, "dct": None if dct else "withheld", "given": given, **_taken_over(*sides.read, tags)}
    signature |= {name: value for name, value in tracks.items() if value is not None}
    return Report(
        signature=signature,
        missing=found.missing,
        tasks=found.tasks,
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
    known = corpus.load(corpus.ALL).documents
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


def _read(source: Side, documents: Mapping[str, Document] | None, role: str, input: str | None, tags: str) -> Read:
    """Records from a file or from memory, held to the same rules."""
    if isinstance(source, str | Path):
        return formats.read(source, documents, input, tags)
    return Read(records=files.checked(source, documents, role))
