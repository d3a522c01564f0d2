"""Quotations by conditional random fields, linked by rules.

Two models share the features: one finds content, the other cues and speakers, which may stand inside another's content. A
content is one sentence's at most. Each content takes the cue that is nearest to it in its sentence, and each cue the speaker
that is nearest before it, or else after it; a content without a cue has no speaker. The linking is simple on purpose: the
difference to the rules is then what the models learn.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from vnnews_baselines.crf import Kind, Labelled, spans
from vnnews_bench.records import Document, Quote, QuoteType, Record, Span, Speaker
from vnnews_bench.tasks.quotes import scored

OPENING, CLOSING = "“\"'‘«", "”\"'’»"


def tag(
    document: Document,
    *,
    given: Record | None = None,
    models: Path | None = None,
    learnt_from: tuple[str, ...] | None = None,
) -> Record:
    """The quotes of a document by models that have not seen it; with `given` quotes only their speakers."""
    found = spans(document, FRAME, models, learnt_from)
    cues = [(a, b) for a, b, label in found if label == "CUE"]
    speakers = [(a, b) for a, b, label in found if label == "SPEAKER"]
    if given is not None:
        quotes = [_attributed(quote, quote.cues, document, speakers) for quote in given.quotes or ()]
        return Record(id=document.id, quotes=tuple(quotes))
    quotes = []
    for start, end, _ in spans(document, CONTENT, models, learnt_from):
        sentence = next(s for s in document.sentences if s[0] <= start < s[1])
        near = sorted((c for c in cues if sentence[0] <= c[0] < sentence[1]), key=lambda c: _gap(c, (start, end)))
        quote = Quote(spans=((start, end),), type=_type(document.text[start:end]), act="speech", cues=tuple(near[:1]))
        quotes.append(_attributed(quote, quote.cues, document, speakers))
    return Record(id=document.id, quotes=tuple(quotes))


def _attributed(quote: Quote, cues: Sequence[Span], document: Document, speakers: Sequence[Span]) -> Quote:
    """The quote with the speaker that belongs to its first cue."""
    if not cues:
        return quote
    cue = cues[0]
    sentence = next(s for s in document.sentences if s[0] <= cue[0] < s[1])
    there = [s for s in speakers if sentence[0] <= s[0] < sentence[1]]
    before = [s for s in there if s[1] <= cue[0]]
    chosen = max(before) if before else min(there, key=lambda s: _gap(s, cue), default=None)
    speaker = None if chosen is None else Speaker(mentions=(chosen,))
    return Quote(spans=quote.spans, type=quote.type, act=quote.act, cues=quote.cues, speaker=speaker)


def _gap(one: Span, other: Span) -> int:
    return max(one[0] - other[1], other[0] - one[1], 0)


def _type(text: str) -> QuoteType:
    if text[:1] in OPENING and text[-1:] in CLOSING and len(text) > 1:
        return "DIRECT"
    return "MIXED" if any(c in OPENING for c in text) else "INDIRECT"


def _content(gold: Record) -> Iterator[Labelled]:
    for quote in filter(scored, gold.quotes or ()):
        if quote.level == 1:
            yield from ((a, b, "CONTENT") for a, b in quote.spans)


def _frame(gold: Record) -> Iterator[Labelled]:
    for quote in filter(scored, gold.quotes or ()):
        yield from ((a, b, "CUE") for a, b in quote.cues)
        if quote.speaker is not None:
            yield from ((a, b, "SPEAKER") for a, b in quote.speaker.mentions)


CONTENT = Kind("quotes-content", "quotes", ("CONTENT",), _content)
FRAME = Kind("quotes-frame", "quotes", ("CUE", "SPEAKER"), _frame)
