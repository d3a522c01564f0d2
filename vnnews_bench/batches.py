"""Gold and predictions that belong together: all at once, or some MiB of two files at a time."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import count
from pathlib import Path
from typing import NamedTuple

from vnnews_bench import assembly, files
from vnnews_bench.errors import BenchError, Finding, listing
from vnnews_bench.records import Document, Record
from vnnews_bench.rows import DocumentRow, document

Waiting = dict[str, tuple[int, DocumentRow]]  # by document: a number, and the row


class Batch(NamedTuple):
    """Texts that are scored together, an element of each column for every text.

    `numbers` are places in the gold; a text without a prediction has `None`, and so has one whose document is not known.
    """

    numbers: Sequence[int]
    gold: Sequence[Record]
    predicted: Sequence[Record | None]
    documents: Sequence[Document | None]


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
    numbers, answered, more = count(), 0, True
    while more:
        # the side that is behind is read on, so that neither has to wait long for the other
        behind = left if len(ids) <= answered else right
        block = next(behind, None)
        if block is None:
            behind = right if behind is left else left
            block = next(behind, None)
        more = block is not None
        fresh = [row.id for _, row in block or ()]
        if behind is left:
            truth |= {row.id: (next(numbers), row) for _, row in block or ()}
            ids += fresh
        else:
            answers |= {row.id: (line, row) for line, row in block or ()}
            answered += len(fresh)
        both = [id for id in fresh if id in truth and id in answers]
        if both:
            yield _paired(both, truth, answers, predicted)
    _refuse_strange(list(answers), ids)
    if truth:
        yield _paired(list(truth), truth, answers, predicted)


def _paired(ids: Sequence[str], truth: Waiting, answers: Waiting, path: Path) -> Batch:
    """A batch of documents that no longer wait. Raises `BenchError` for predictions that do not fit a text of the gold."""
    pairs = [(truth.pop(id), answers.pop(id, None)) for id in ids]
    documents = [document(row) for (_, row), _ in pairs]
    given = [
        (answer, text) for (_, answer), text in zip(pairs, documents, strict=True) if answer is not None and text is not None
    ]
    place = partial(files.on_line, path=path)
    findings = [place(finding, given[n][0][0]) for n, finding in assembly.against([(a[1], text) for a, text in given])]
    if findings:
        raise BenchError(findings)
    rows = [(number, row, answer[1] if answer else None) for (number, row), answer in pairs]
    columns = list(zip(*rows, strict=True))
    return Batch(columns[0], columns[1], columns[2], documents)


def _refuse_strange(strange: Sequence[str], known: Sequence[str]) -> None:
    if strange:
        message = f"there is no document {strange[0]!r} in the gold; there are {listing(known)}"
        raise BenchError([Finding(code="record-unknown-document", message=message)])
