"""Level 3 of one record: its spans lie in the text, its checksums hold, and nothing stands twice."""

from collections.abc import Iterator, Sequence
from itertools import chain
from operator import attrgetter, eq
from typing import Any

import numpy as np

from vnnews_bench.counts import Columns, Ints
from vnnews_bench.errors import Finding
from vnnews_bench.pairs import flattened
from vnnews_bench.records import LAYERS, Annotation, Document, Entity, Event, Quote, Record, Span, Speaker, Timex


def spans(item: Annotation) -> Iterator[tuple[str, Span]]:
    """Every span of an annotation with its path below the annotation, in code points."""
    match item:
        case Entity() | Timex():
            yield "", (item.start, item.end)
        case Event():
            yield from ((f".mentions[{i}]", span) for i, span in enumerate(item.mentions))
        case Quote():
            for name in ("spans", "inner", "direct", "cues"):
                yield from ((f".{name}[{i}]", span) for i, span in enumerate(getattr(item, name)))
            for name in ("speaker", "via"):
                speaker: Speaker | None = getattr(item, name)
                if speaker is not None:
                    yield from ((f".{name}.mentions[{i}]", span) for i, span in enumerate(speaker.mentions))


def suspects(records: Sequence[Record], documents: Sequence[Document | None], entities: Columns) -> list[int]:
    """The indices of the records in which `findings` may find something: those that are not plainly sound.

    All annotations of a layer are looked at together, as arrays, which costs less than reading them. `entities` are those of
    the records, as columns.
    """
    sizes = np.array([len(document.text) if document is not None else 2**31 for document in documents], dtype=np.int64)
    found: set[int] = set()
    for layer in LAYERS:
        held = [getattr(record, layer) or () for record in records]
        found.update(_odd(layer, held, documents, sizes, entities))
    return sorted(found)


def _odd(
    layer: str, held: Sequence[Sequence[Annotation]], documents: Sequence[Document | None], sizes: Ints, entities: Columns
) -> Iterator[int]:
    """The indices of the records whose annotations of one layer may be wrong."""
    items = list(chain.from_iterable(held))
    if not items:
        return
    for owner, start, end in _spans(layer, items, held, entities):
        yield from owner[end <= start].tolist()
        if any(documents):
            yield from owner[end > sizes[owner]].tolist()
        if layer in ("entities", "timexes"):
            yield from _twice(owner, start, end)
    if layer in ("quotes", "events"):
        parts = attrgetter("spans", "cues", "speaker") if layer == "quotes" else attrgetter("type", "mentions")
        yield from (n for n, some in enumerate(held) if len(set(map(parts, some))) < len(some))
    if [item.id for item in items].count(None) < len(items):
        ids = (list(filter(None, map(attrgetter("id"), some))) for some in held)
        yield from (n for n, names in enumerate(ids) if len(set(names)) < len(names))
    if layer in ("entities", "timexes"):
        yield from (n for n, document in enumerate(documents) if document is not None and not _told(held[n], document.text))


def _spans(
    layer: str, items: Sequence[Any], held: Sequence[Sequence[Annotation]], entities: Columns
) -> Iterator[tuple[Ints, Ints, Ints]]:
    """The spans of the annotations of a layer, field by field: index of the record, start, end."""
    if layer == "entities":
        yield entities.text, entities.start, entities.end
        return
    owner = np.repeat(np.arange(len(held)), list(map(len, held)))
    if layer == "timexes":
        start = np.array([item.start for item in items], dtype=np.int64)
        yield owner, start, np.array([item.end for item in items], dtype=np.int64)
    for field in {"quotes": ("spans", "inner", "direct", "cues"), "events": ("mentions",)}.get(layer, ()):
        number, start, end = flattened(items, field)
        yield owner[number], start, end
    for field in ("speaker", "via") if layer == "quotes" else ():
        speakers = list(map(attrgetter(field), items))
        number, start, end = flattened(list(filter(None, speakers)), "mentions")
        yield owner[np.flatnonzero(list(map(bool, speakers)))[number]], start, end


def _twice(owner: Ints, start: Ints, end: Ints) -> Iterator[int]:
    """The owners of a span that stands twice, be it under two labels: rare enough to be looked at."""
    place = (owner << 31) + start
    if (place[1:] > place[:-1]).all():
        return  # in reading order, and no two begin together
    order = np.argsort(place, kind="stable")
    again = np.concatenate(([False], place[order][1:] == place[order][:-1]))
    some = order[again | np.append(again[1:], False)]
    some = some[np.lexsort((end[some], place[some]))]
    same = (place[some][1:] == place[some][:-1]) & (end[some][1:] == end[some][:-1])
    yield from owner[some][1:][same].tolist()


def _told(items: Sequence[Any], text: str) -> bool:
    """Whether every checksum of entities or time expressions is the slice that it says."""
    told = [item for item in items if item.text is not None]
    slices = map(slice, map(attrgetter("start"), told), map(attrgetter("end"), told))
    return all(map(eq, map(attrgetter("text"), told), map(text.__getitem__, slices)))


def findings(record: Record, document: Document | None) -> Iterator[Finding]:
    """What breaks level 3 in a record; without the document, the text is not compared."""
    for layer in LAYERS:
        items: tuple[Annotation, ...] = getattr(record, layer) or ()
        claims: dict[object, int] = {}
        ids: dict[str, int] = {}
        for n, item in enumerate(items):
            path = f"$.{layer}[{n}]"
            yield from _of_item(item, path, document)
            first = claims.setdefault(claim(item), n)
            if first != n:
                message = f"says the same as $.{layer}[{first}]"
                yield Finding(code="annotation-duplicate", path=path, message=message)
            if item.id is not None and ids.setdefault(item.id, n) != n:
                message = f"{item.id!r} is the id of $.{layer}[{ids[item.id]}] already"
                yield Finding(code="annotation-duplicate-id", path=f"{path}.id", message=message)


def _of_item(item: Annotation, path: str, document: Document | None) -> Iterator[Finding]:
    sound = True
    for below, (start, end) in spans(item):
        if end <= start:
            sound = False
            message = f"the span [{start}, {end}) is empty; a span is half-open with start < end"
            yield Finding(code="span-empty", path=path + below, message=message)
        elif document is not None and end > len(document.text):
            sound = False
            at = f"{path}{below}.end" if not below else f"{path}{below}[1]"
            message = f"{end} is past the end of {document.id} ({len(document.text)})"
            yield Finding(code="span-outside-text", path=at, message=message)
    if isinstance(item, Entity | Timex) and item.text is not None and sound and document is not None:
        there = document.text[item.start : item.end]
        if there != item.text:
            message = f"{_short(item.text)} is not the slice [{item.start}, {item.end}) of {document.id}, {_short(there)}"
            yield Finding(code="text-mismatch", path=f"{path}.text", message=message)


def claim(item: Annotation) -> object:
    """What makes two annotations of a layer the same."""
    match item:
        case Entity():
            return item.start, item.end, item.label
        case Timex():
            return item.start, item.end
        case Quote():
            return item.spans, item.cues, item.speaker
        case Event():
            return item.type, item.mentions


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:39] + "…")
