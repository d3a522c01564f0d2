"""Events by a conditional random field for their triggers, dated by the rules of `dates_rules`.

Every trigger is an event of its own: what the rules know of dates is then compared on learnt triggers.
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from vnnews_baselines import dates_rules
from vnnews_baselines.crf import Kind, Labelled, spans
from vnnews_bench.records import Document, Record
from vnnews_bench.tasks import dates


def tag(document: Document, *, models: Path | None = None, learnt_from: tuple[str, ...] | None = None) -> Record:
    """The events of a document: triggers by a model that has not seen it, dates by rule."""
    fields = [{"type": label, "mentions": [(start, end)]} for start, end, label in spans(document, KIND, models, learnt_from)]
    triggers = msgspec.convert({"id": document.id, "events": fields}, Record)
    dated = dates_rules.tag(document, given=triggers)
    return Record(id=document.id, events=dated.events)


def _learnt(gold: Record) -> Iterator[Labelled]:
    for event in gold.events or ():
        yield from ((a, b, event.type) for a, b in event.mentions)


KIND = Kind("events", "dates", dates.TYPES, _learnt)
