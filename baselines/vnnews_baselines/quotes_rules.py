"""Quotations by rule: verbs of saying with a subject that can speak, and quotation marks.

    1  marks      of every shape make one item of what they hold; unclosed, it runs to the end of the sentence
    2  cue        the longest entry of the lists of reporting verbs and attitudes; "bày tỏ" takes a feeling with it; not after a
                  negation, in the passive, as a noun ("lời kêu gọi"), or as a frame without subject ("Phát biểu tại …, ông")
    3  subject    see `quoting.speakers`; after a comma, "và" or "đồng thời" the cue shares the subject of the cue before
    4  right      content follows: after "rằng"; after a colon; else after time, addressee and preposition; to the next cue that
                  begins a clause, or to the end of the sentence without its full stop
    5  left       ", X nói" at the end, or before time or place, takes what stands before the comma; a cue between two
                  quotations takes both; a second cue of one content joins the first, a medium that relays becomes `via`
    6  theo       "Theo X," at the head of a clause: X speaks, or is `via` when the clause has a cue of its own
    7  type       all in marks: DIRECT; partly: MIXED; a topic: REPORTED; else INDIRECT. Marks after "vở", "cuốn" … are titles
    8  cue-less   a quotation that is a sentence, or long: DIRECT of the running speaker; others are titles and scare quotes
    9  level 2    a cue inside a content, unless it is the speaker's own attitude

Free indirect speech is left out: the rules cannot tell it from background.
"""

from collections.abc import Iterator

import msgspec

from vnnews_baselines.quoting.cues import after_rang, find_cues
from vnnews_baselines.quoting.people import Speakers
from vnnews_baselines.quoting.reading import Draft, read
from vnnews_baselines.quoting.speakers import ADVERBS, BOUNDARY, Subject, leading, subject
from vnnews_baselines.quoting.units import Unit, units
from vnnews_bench.drafts import without_marks
from vnnews_bench.records import Document, Quote, Record, Span, Speaker


def tag(document: Document, given: Record | None = None) -> Record:
    """The quotes of a document; with `given`, its quotes with nothing but the speakers filled in."""
    rows = list(units(document))
    for unit in rows:
        unit.read_names(frozenset())
    known = frozenset(person for unit in rows for person in unit.persons())
    for unit in rows:
        unit.read_names(known)
    speakers = Speakers(document.text, rows)
    if given is not None:
        return msgspec.structs.replace(given, quotes=tuple(_given(given, rows, speakers)))
    found: list[tuple[Draft, Quote]] = []
    names: dict[int, str] = {}
    running: tuple[str, Speaker | None] = ("", None)
    for n, unit in enumerate(rows):
        drafts = sorted(read(unit, n), key=lambda draft: (draft.spans[0][0], draft.level))
        for draft in drafts:
            outer = next((quote.speaker for held, quote in found if held is draft.parent), None) if draft.parent else None
            last = running[1] if running[0] == unit.zone else None
            quote = _quote(draft, speakers, outer, _ahead(draft, drafts, last, speakers))
            if draft.level == 1 and quote.speaker is not None:
                running = (unit.zone, quote.speaker)
            names[id(draft)] = f"q{len(found) + 1}"
            parent = names.get(id(draft.parent)) if draft.parent else None
            found.append((draft, msgspec.structs.replace(quote, id=names[id(draft)], parent=parent)))
    quotes = [quote for _, quote in found]
    for k in range(len(quotes) - 2, -1, -1):  # a quotation that nobody has spoken before: the next one's speaker
        draft, after = found[k][0], found[k + 1][0]
        if quotes[k].speaker is None and not draft.heading and after.unit - draft.unit < 2 and not quotes[k].cues:
            quotes[k] = msgspec.structs.replace(quotes[k], speaker=quotes[k + 1].speaker)
    return Record(id=document.id, quotes=tuple(quotes))


def _ahead(draft: Draft, drafts: list[Draft], last: Speaker | None, speakers: Speakers) -> Speaker | None:
    """The speaker of a quotation without cue: the running one; at the very beginning the next one of the sentence."""
    if draft.who is not None or draft.heading:
        return None
    if last is None:
        last = next((speakers.resolve(d.unit, d.where, d.who) for d in drafts if d.who and d.where), None)
    return last or speakers.latest(draft.unit)


def _quote(draft: Draft, speakers: Speakers, outer: Speaker | None, running: Speaker | None) -> Quote:
    speaker, via = running, None
    if draft.who is not None and draft.where is not None:
        speaker = speakers.resolve(draft.unit, draft.where, draft.who, outer)
        via = speakers.resolve(draft.unit, draft.where, draft.via) if draft.via is not None else None
    anaphoric = draft.who is not None and draft.who.anaphoric
    return Quote(
        type=draft.type,
        act="attitude" if draft.act == "attitude" else "speech",
        spans=tuple(draft.spans),
        inner=_inner(draft, speakers.text),
        direct=tuple(draft.direct),
        cues=tuple(draft.cues),
        speaker=speaker,
        via=via,
        level=draft.level,
        attribution="implicit" if not draft.cues else "anaphoric" if anaphoric else "explicit",
        heading=draft.heading or None,
    )


def _inner(draft: Draft, text: str) -> tuple[Span, ...]:
    """The content of a DIRECT without its first and last mark."""
    return tuple(without_marks(draft.spans, text)) if draft.type == "DIRECT" else tuple(draft.spans)


def _given(given: Record, rows: list[Unit], speakers: Speakers) -> Iterator[Quote]:
    """The given quotes with the subject of their first cue, or the running speaker."""
    running: Speaker | None = None
    k = 0
    outer: dict[str, Speaker] = {}
    for quote in given.quotes or ():
        at = quote.cues[0][0] if quote.cues else quote.spans[0][0]
        while k and rows[k].start > at:
            k -= 1
        while k + 1 < len(rows) and rows[k + 1].start <= at:
            k += 1
        speaker: Speaker | None = None
        who, unit = _asked(rows[k], quote) if rows else (None, None)
        if who is not None and unit is not None:
            speaker = speakers.resolve(k, unit, who, outer.get(quote.parent or ""))
        elif not quote.heading or quote.cues:
            speaker = running or speakers.latest(k)
        if speaker is not None and quote.level == 1:
            running = speaker
        if quote.id and speaker is not None:
            outer[quote.id] = speaker
        yield msgspec.structs.replace(quote, speaker=speaker)


def _asked(unit: Unit, quote: Quote) -> tuple[Subject | None, Unit]:
    """The subject of the first cue of a given quote, and the unit that holds it: for level 2 that inside the marks."""
    if not quote.cues:
        return None, unit
    start, end = quote.cues[0]
    n = next((n for n, (a, b) in enumerate(unit.spans) if b > start), None)
    if n is None:
        return None, unit
    if n in unit.quotes and unit.level < 2:
        pair = unit.quotes[n]
        inner = Unit(unit.text, pair.start + 1, pair.end - 1, unit.zone, unit.pairs, unit.level + 1)
        inner.read_names(frozenset())
        return _asked(inner, quote)
    after = next((m for m in range(n, len(unit)) if unit.spans[m][0] >= end), len(unit))
    kind = unit.lookup(n, "reporting")[1]
    if unit.words[n] == "theo" or kind == "relay":
        stop = next((m for m in range(after, len(unit)) if unit.words[m] in BOUNDARY), len(unit))
        return subject(unit, stop, after) or leading(unit, stop, after), unit
    found = next((cue.who for cue in find_cues(unit) if cue.first == n), None)
    if found is None:
        first = n
        while first and unit.words[first - 1] in ADVERBS:
            first -= 1
        rang = after_rang(unit, after)
        found = subject(unit, rang, after + 1) if rang is not None and unit.words[after] == "của" else None
        found = found or subject(unit, first) or leading(unit, first)
    return found, unit
