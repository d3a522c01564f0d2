"""Entities by a conditional random field: the seven labels of the scheme on outermost spans."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from vnnews_baselines.crf import Kind, Labelled, spans
from vnnews_bench.records import Document, Record
from vnnews_bench.tasks import ner


def tag(document: Document, *, models: Path | None = None, learnt_from: tuple[str, ...] | None = None) -> Record:
    """The entities of a document by a model that has not seen it."""
    fields = [
        {"start": start, "end": end, "label": label, "text": document.text[start:end]}
        for start, end, label in spans(document, KIND, models, learnt_from)
    ]
    return msgspec.convert({"id": document.id, "entities": fields}, Record)


def _learnt(gold: Record) -> Iterator[Labelled]:
    entities = gold.entities or ()
    for row in ner.outermost(ner.columns_of([entities])).row:
        yield entities[row].start, entities[row].end, entities[row].label


KIND = Kind("ner", "ner", ner.LABELS, _learnt)
