"""Gold and predictions that belong together: all at once, or some MiB of two files at a time."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

import numpy as np

from vnnews_bench import assembly, files
from vnnews_bench.assembly import Block
from vnnews_bench.counts import Columns, joined
from vnnews_bench.errors import BenchError, Finding, listing
from vnnews_bench.pairs import ranges
from vnnews_bench.records import Document, Record
from vnnews_bench.rows import DocumentRow, document
from vnnews_bench.tasks.ner import columns_of


class Place(NamedTuple):
    """A record that waits: its number in its file, and where it stands in the block that was read with it."""

    number: int
    block: Block
    at: int


Waiting = dict[str, Place]  # by document


class Batch(NamedTuple):
    """Texts that are scored together, an element of each column for every text.

    `numbers` are places in the gold; a text without a prediction has `None`, and so has one whose document is not known.
    `entities` are those of gold and predictions as columns, where they were taken out already.
    """

    numbers: Sequence[int]
    gold: Sequence[Record]
    predicted: Sequence[Record | None]
    documents: Sequence[Document | None]
    entities: tuple[Columns | None, Columns | None] = (None, None)


def of_records(gold: Sequence[Record], predicted: Sequence[Record], documents: Mapping[str, Document]) -> Batch:
    """All records as one batch. Raises `BenchError` for a prediction about a document that the gold lacks."""
    found = {record.id: record for record in predicted}
    ids = [record.id for record in gold]
    _refuse_strange(sorted(found.keys() - set(ids)), ids)
    return Batch(range(len(gold)), gold, [found.get(id) for id in ids], [documents.get(id) for id in ids])


def of_files(gold: Path, predicted: Path) -> Iterator[Batch]:
    """Two `.jsonl` files of our records, in batches of some MiB.

    A document waits until both files have come to it; where their order is the same, few ever do. Documents are those whose
    text stands in the gold. Raises `BenchError` as `files.stream` does, and as `of_records`.
    """
    left, right = files.stream(gold), files.stream(predicted)
    truth: Waiting = {}
    answers: Waiting = {}
    ids: list[str] = []  # of the gold, in its order
    answered = 0
    latest: dict[bool, list[str]] = {True: [], False: []}  # of the gold, and of the predictions
    while True:
        # the side that is behind is read on, so that neither has to wait long for the other
        behind = left if len(ids) <= answered else right
        block = next(behind, None)
        if block is None:
            behind = right if behind is left else left
            block = next(behind, None)
        if block is None:
            break
        _set_apart(latest[behind is left], truth if behind is left else answers)
        fresh = latest[behind is left] = [row.id for row in block.rows]
        if behind is left:
            truth |= {id: Place(len(ids) + n, block, n) for n, id in enumerate(fresh)}
            ids += fresh
        else:
            answers |= {id: Place(line, block, n) for n, (id, line) in enumerate(zip(fresh, block.numbers, strict=True))}
            answered += len(fresh)
        both = [id for id in fresh if id in truth and id in answers]
        if both:
            yield _paired(both, truth, answers, predicted)
    _refuse_strange(list(answers), ids)
    if truth:
        yield _paired(list(truth), truth, answers, predicted)


def _set_apart(ids: Sequence[str], waiting: Waiting) -> None:
    """Puts the documents of a block that still wait into a block of their own, so that the others are let go."""
    left = [id for id in ids if id in waiting]
    places = [waiting[id] for id in left]
    if places:
        numbers = [place.number for place in places]
        block = Block(numbers, [place.block.rows[place.at] for place in places], _gathered(places))
        waiting |= {id: Place(number, block, n) for n, (id, number) in enumerate(zip(left, numbers, strict=True))}


def _paired(ids: Sequence[str], truth: Waiting, answers: Waiting, path: Path) -> Batch:
    """A batch of documents that no longer wait. Raises `BenchError` for predictions that do not fit a text of the gold."""
    left = [truth.pop(id) for id in ids]
    right = [answers.pop(id, None) for id in ids]
    gold = [place.block.rows[place.at] for place in left]
    predicted = [place and place.block.rows[place.at] for place in right]
    documents = [document(row) if row.text is not None else None for row in gold]
    entities = _gathered(left), _gathered(right)
    if any(documents):
        empty = [DocumentRow(id=id) for id in ids]
        found = assembly.against([row or none for row, none in zip(predicted, empty, strict=True)], documents, entities[1])
        findings = [files.on_line(finding, place.number, path) for n, finding in found if (place := right[n])]
        if findings:
            raise BenchError(findings)
    return Batch([place.number for place in left], gold, predicted, documents, entities)


def _gathered(places: Sequence[Place | None]) -> Columns:
    """The entities of records that stand in some blocks, text by text; nothing for a record that is not there."""
    blocks = list({id(place.block): place.block for place in places if place}.values())
    if not blocks:
        return columns_of([])
    offsets = dict(zip(map(id, blocks), accumulate((len(block.rows) for block in blocks), initial=0), strict=False))
    every = joined([block.entities for block in blocks], [len(block.rows) for block in blocks])
    wanted = np.array([offsets[id(place.block)] + place.at if place else -1 for place in places], dtype=np.int64)
    first, last = np.searchsorted(every.text, [wanted, wanted + 1])
    in_order = bool((np.diff(wanted) == 1).all())
    found = every.take(slice(first[0], last[-1]) if in_order else ranges(first, last))
    return found._replace(text=np.repeat(np.arange(len(places)), last - first), row=np.arange(len(found.text)))


def _refuse_strange(strange: Sequence[str], known: Sequence[str]) -> None:
    if strange:
        message = f"there is no document {strange[0]!r} in the gold; there are {listing(known)}"
        raise BenchError([Finding(code="record-unknown-document", message=message)])
