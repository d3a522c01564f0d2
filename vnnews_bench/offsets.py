"""Level 3 of one record: its spans lie in the text, its checksums hold, and nothing stands twice."""

from collections.abc import Iterator

from vnnews_bench.errors import Finding
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
