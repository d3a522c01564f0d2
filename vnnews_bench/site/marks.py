"""Annotations of one document as marks, and the marks nested into its text.

Conventions
    * A mark is half-open, `[start, end)`, in code points of the text as received; the text inside a piece of markup equals the
      slice that `data-start` and `data-end` name.
    * Marks that cross (a time that begins inside a quotation and ends after it) are cut into pieces where they cross.
    * Two marks agree when they share a key; a key is what the headline metric of their layer compares.
"""

import heapq
import json
from collections.abc import Iterator, Sequence

import msgspec
from markupsafe import Markup, escape

from vnnews_bench.corpus import Corpus
from vnnews_bench.records import Document, Entity, Event, Quote, Record, Speaker, Timex
from vnnews_bench.tasks import TASKS, dates, ner, quotes
from vnnews_bench.timex3 import normalised

ORDER = ("quote", "cue", "speaker", "entity", "timex", "event")  # of marks on one span, the outermost first
TASK_OF = {layer: task for task in TASKS.values() for layer in task.layers}


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of text that an annotation marks: its `kind` (of `ORDER`), the number of its annotation, a short `tag`, what
    there is to say about it, and the `keys` by which two sides agree; no keys where nothing is compared.
    """

    start: int
    end: int
    kind: str
    of: str
    tag: str = ""
    about: str = ""
    keys: tuple[str, ...] = ()


def marks(record: Record, gold: Record, document: Document, data: Corpus) -> list[Mark]:
    """The marks of a record, speakers resolved against the gold, layer by layer."""
    for task in TASKS.values():
        (record,) = task.resolved([record], [gold], data.registry)
    found: list[Mark] = []
    for n, entity in enumerate(record.entities or ()):
        found.append(_entity(f"e{n}", entity, document))
    for n, quote in enumerate(record.quotes or ()):
        found += _quote(f"q{n}", quote, document, data)
    for n, timex in enumerate(record.timexes or ()):
        found.append(_timex(f"t{n}", timex, document))
    for n, event in enumerate(record.events or ()):
        found += _event(f"v{n}", event, document)
    return found


def counts(item: Entity | Quote | Timex | Event, layer: str, document: Document) -> bool:
    """Whether an annotation is scored at all."""
    return bool(TASK_OF[layer].counted((item,), document))


def _entity(of: str, entity: Entity, document: Document) -> Mark:
    key = f"{ner.VIEWS['vlsp'][entity.label]} {entity.start} {entity.end}"
    about = " · ".join(filter(None, (entity.label, entity.metonymy and f"→ {entity.metonymy}", entity.entity)))
    keys = (key,) if counts(entity, "entities", document) else ()
    return Mark(start=entity.start, end=entity.end, kind="entity", of=of, tag=entity.label, about=about, keys=keys)


def _quote(of: str, quote: Quote, document: Document, data: Corpus) -> Iterator[Mark]:
    rows = quotes.table([Record(id=document.id, quotes=(quote,))], [document])
    keys = (f"{rows.speakers[1].tolist()} {rows.exact.tolist()}",) if counts(quote, "quotes", document) else ()
    who = speaker_name(quote.speaker, document, data)
    about = " · ".join(filter(None, (quote.type, f"{who or '–'}", quote.attribution)))
    for n, (start, end) in enumerate(quote.spans, 1):
        tag = (who or "–") if n == len(quote.spans) else ""
        yield Mark(start=start, end=end, kind="quote", of=of, tag=tag, about=about, keys=keys)
    for start, end in quote.cues:
        yield Mark(start=start, end=end, kind="cue", of=of, about=about)
    for start, end in quote.speaker.mentions if quote.speaker is not None else ():
        yield Mark(start=start, end=end, kind="speaker", of=of, about=about)


def speaker_name(speaker: Speaker | None, document: Document, data: Corpus) -> str:
    """Whom a quotation is said to be by: names of the registry, else the words of the text, else the name as given."""
    if speaker is None:
        return ""
    known = [data.registry[id].name for id in speaker.entities if id in data.registry]
    words = [document.text[start:end] for start, end in speaker.mentions]
    return ", ".join(known or words or filter(None, [speaker.name]))


def _timex(of: str, timex: Timex, document: Document) -> Mark:
    values = dict.fromkeys((timex.value, *timex.alternatives))
    keys = tuple(f"{timex.start} {timex.end} {normalised(value)}" for value in values)
    about = " · ".join(filter(None, (timex.type, timex.value, timex.mod)))
    keys = keys if counts(timex, "timexes", document) else ()
    return Mark(start=timex.start, end=timex.end, kind="timex", of=of, tag=timex.value or "?", about=about, keys=keys)


def _event(of: str, event: Event, document: Document) -> Iterator[Mark]:
    days = dates.days(event)
    (counted,) = TASK_OF["events"].counted((event,), document) or (None,)
    keys = (f"{event.type} {sorted(counted.mentions)} {days}",) if isinstance(counted, Event) else ()
    about = " · ".join(filter(None, (event.type, interval(event), event.modality)))
    for start, end in event.mentions:
        yield Mark(start=start, end=end, kind="event", of=of, tag=event.type, about=about, keys=keys)


def interval(event: Event) -> str:
    """The days of an event as people read them; ".." for a side that is not known."""
    sides = [event.begin.earliest or event.begin.latest, event.end.latest or event.end.earliest]
    if sides == [None, None]:
        return ""
    return str(sides[0]) if sides[0] == sides[1] else "/".join("…" if side is None else str(side) for side in sides)


def nested(document: Document, found: Sequence[Mark]) -> Markup:
    """The text as HTML, marks inside marks, in one block for each zone; its text content is the text as received."""
    zones = [(zone.start, zone.end, zone.type) for zone in document.zones] or [(0, len(document.text), "body")]
    blocks = []
    for start, end, zone in zones:
        body = "".join(_pieces(document.text, start, end, found))
        blocks.append(f'<div class="zone" data-zone="{zone}">{body}</div>')
    return Markup("".join(blocks))  # what is not written here went through `escape`


def _pieces(text: str, start: int, end: int, found: Sequence[Mark]) -> Iterator[str]:
    """One zone. The marks that wait are in reading order, the longer first; each open one ends no later than that around it."""
    inside = [(max(mark.start, start), min(mark.end, end), n) for n, mark in enumerate(found)]
    waiting = [(a, -b, ORDER.index(found[n].kind), n) for a, b, n in inside if a < b]
    heapq.heapify(waiting)
    ends: list[int] = []
    at = start
    while waiting or ends:
        if ends and (not waiting or ends[-1] <= waiting[0][0]):
            yield f"{_words(text[at : ends[-1]])}</mark>"
            at = ends.pop()
            continue
        begin, negative, rank, n = heapq.heappop(waiting)
        stop = -negative
        if ends and stop > ends[-1]:  # it crosses the end of what it lies in, so the rest waits until then
            heapq.heappush(waiting, (ends[-1], -stop, rank, n))
            stop = ends[-1]
        yield _words(text[at:begin]) + _opened(found[n], begin, stop)
        at = begin
        ends.append(stop)
    yield _words(text[at:end])


def _opened(mark: Mark, start: int, end: int) -> str:
    """The start of a piece of a mark; only its last piece wears the tag."""
    kept = (
        f'<mark class="{mark.kind}" data-of="{mark.of}" data-start="{start}" data-end="{end}" data-about="{escape(mark.about)}"'
    )
    kept += f' data-tag="{escape(mark.tag)}"' if end == mark.end and mark.tag else ""
    kept += f' data-keys="{escape(json.dumps(mark.keys, ensure_ascii=False))}"' if mark.keys else ""
    return kept + ">"


def _words(text: str) -> str:
    """Text as HTML that a parser reads back unchanged: it would take a carriage return for a line feed."""
    return str(escape(text)).replace("\r", "&#13;")
