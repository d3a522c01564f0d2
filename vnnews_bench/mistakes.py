"""Error analysis: every false positive and negative of a file of predictions, with its sentence and its kind."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from vnnews_bench import corpus, formats
from vnnews_bench.pairs import by_overlap, extent
from vnnews_bench.records import Annotation, Document, Record
from vnnews_bench.render import Sheet
from vnnews_bench.task import Task
from vnnews_bench.tasks import named

SHOWN = 100  # of the longest text in a table


class Mistake(msgspec.Struct, frozen=True, kw_only=True):
    """One mistake: its kind, what the gold has, what was predicted, and how they differ.

    `start` is the code point where the gold annotation, or else the predicted one, begins, `id` that of the gold annotation.
    """

    kind: str
    layer: str
    document: str
    start: int
    id: str | None
    gold: str | None
    predicted: str | None
    detail: str
    sentence: str


def mistakes(path: str | Path, task: str, split: str = "test") -> list[Mistake]:
    """The mistakes of a file in the layers of one task, the most frequent kinds first, then in reading order.

    Only what counts is compared: annotations in scored zones, quotes of scored types. Raises `BenchError` as `evaluate` does.
    """
    named([task])
    return of_records(formats.read(path, corpus.load(split).documents).records, task, split)


def of_records(records: Iterable[Record], task: str, split: str = "test") -> list[Mistake]:
    """The mistakes of records that fit the documents of the split, as `mistakes` gives them."""
    (chosen,) = named([task])
    data = corpus.load(split)
    predicted = {record.id: record for record in records}
    gold = [data.gold[id] for id in data.documents]
    answers = chosen.resolved([predicted.get(id, Record(id=id)) for id in data.documents], gold, data.registry)
    found = [
        mistake
        for document, *pair in zip(data.documents.values(), gold, answers, strict=True)
        for mistake in _of_document(chosen, document, *pair)
    ]
    frequency = Counter((mistake.layer, mistake.kind) for mistake in found)
    return sorted(found, key=lambda m: (-frequency[m.layer, m.kind], m.layer, m.kind, m.document, m.start))


def _of_document(task: Task, document: Document, gold: Record, predicted: Record) -> Iterator[Mistake]:
    for layer in task.layers:
        if getattr(predicted, layer) is None:
            continue
        sides = [task.counted(getattr(record, layer) or (), document) for record in (gold, predicted)]
        yield from _compared(task, layer, document, sides[0], sides[1])


def _compared(
    task: Task, layer: str, document: Document, gold: Sequence[Annotation], predicted: Sequence[Annotation]
) -> Iterator[Mistake]:
    pairs = by_overlap(gold, predicted)
    for a, b in pairs:
        for kind, detail in task.differences(gold[a], predicted[b]):
            yield _mistake(kind, layer, document, gold[a], predicted[b], detail)
    matched = {a for a, _ in pairs}, {b for _, b in pairs}
    for n, item in enumerate(gold):
        if n not in matched[0]:
            yield _mistake("missed", layer, document, item, None, "")
    for n, item in enumerate(predicted):
        if n not in matched[1]:
            yield _mistake("spurious", layer, document, None, item, "")


def _mistake(
    kind: str, layer: str, document: Document, gold: Annotation | None, predicted: Annotation | None, detail: str
) -> Mistake:
    shown: Any = gold if gold is not None else predicted
    start = min(span[0] for span in extent(shown))
    sentence = next((s for s in document.sentences if s[0] <= start < s[1]), (start, start))
    return Mistake(
        kind=kind,
        layer=layer,
        document=document.id,
        start=start,
        id=None if gold is None else gold.id,
        gold=None if gold is None else _words(document, gold),
        predicted=None if predicted is None else _words(document, predicted),
        detail=detail,
        sentence=document.text[slice(*sentence)],
    )


def _words(document: Document, item: Annotation) -> str:
    return " … ".join(document.text[a:b] for a, b in extent(item))


def sheets(found: Sequence[Mistake]) -> list[Sheet]:
    """A table of kinds with their counts, and one with every mistake."""
    kinds = Counter((mistake.layer, mistake.kind) for mistake in found)
    rows = [(layer, kind, count) for (layer, kind), count in kinds.most_common()]
    lines = [(m.kind, m.document, m.start, short(m.gold), short(m.predicted), m.detail, short(m.sentence)) for m in found]
    heads = ("kind", "document", "start", "gold", "predicted", "difference", "sentence")
    return [
        Sheet(title="kinds of mistakes", heads=("layer", "kind", "count"), rows=list(rows)),
        Sheet(title="mistakes", heads=heads, rows=list(lines)),
    ]


def short(text: str | None) -> str:
    """A text in one line that a table has room for; a dash for none."""
    text = " ".join((text or "–").split())
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
