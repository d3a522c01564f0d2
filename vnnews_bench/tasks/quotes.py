"""Quotations: their content, their type, their cues, and who speaks.

Conventions
    * Scored are DIRECT, MIXED and INDIRECT quotes of speech (`act`) that are no headings, also those inside another quote. A
      prediction without `type` or `act` is scored as it is. The view `outer` leaves out what stands inside another quote, the
      view `reported` counts bare topics, too.
    * Quotation marks, white space and punctuation at the edges of a content span are stripped on both sides (where the text is
      at hand), so that `“…”` and `…` are one answer.
    * A predicted speaker is resolved against the gold: a mention counts as the gold mention, of a speaker or of an entity, that
      it overlaps most; a name counts through the registry; ids count as they are. What resolves to nothing equals nothing.

Metrics
    `attributed` (headline)  (speaker, each code point of the content): a misattributed quote costs precision and recall
    `strict`                 (speaker, exact content)
    `content`, `content_strict`  the same two without the speaker
    `cue`                    (start, end) of each cue
    `type`                   (type, each code point of the content)

Sources: PARC 3.0 (Pareti 2016) for the parts of a quotation, SpkAtt-2023 for scoring speakers under aligned content.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, get_args

import msgspec

from vnnews_bench.counts import Atoms, Claim, claims, code
from vnnews_bench.errors import Finding, listing
from vnnews_bench.pairs import points
from vnnews_bench.records import Document, Quote, QuoteType, Record, RegistryEntry, Span, Speaker
from vnnews_bench.task import Breakdown, Documents, Task, alike
from vnnews_bench.text import fold

TYPES: tuple[str, ...] = get_args(QuoteType)
SCORED = ("DIRECT", "MIXED", "INDIRECT")
EDGES = frozenset("“”„\"'‘’«»‹›.,;:!?…-–—() \t\r\n\u00a0_")


class Row(NamedTuple):
    """One scored quote: content without its edges, and the resolved speakers."""

    text: int
    row: int
    type: str
    content: tuple[Span, ...]
    speakers: tuple[str, ...]
    cues: tuple[Span, ...]


def scored(quote: Quote) -> bool:
    """Whether a quote counts: speech in a scored type, no heading."""
    return quote.type in (None, *SCORED) and quote.act != "attitude" and not quote.heading


def table(records: Sequence[Record], documents: Documents) -> list[Row]:
    """The scored quotes of several texts."""
    rows: list[Row] = []
    for text, (record, document) in enumerate(zip(records, documents, strict=True)):
        for quote in filter(scored, record.quotes or ()):
            content = tuple(_stripped(span, document) for span in quote.spans)
            rows.append(Row(text, len(rows), quote.type or "", content, _who(quote), quote.cues))
    return rows


def _who(quote: Quote) -> tuple[str, ...]:
    """The ids of the speakers; "" for a quote that nobody is said to say, "?" for a speaker that stands for nobody known."""
    if quote.speaker is None:
        return ("",)
    return quote.speaker.entities or ("?",)


def attributed(rows: Sequence[Row]) -> Atoms:
    """(speaker, code point) of the content."""
    return _spread(rows, lambda row: [(code(who), at) for who in row.speakers for at in points(row.content)])


def strict(rows: Sequence[Row]) -> Atoms:
    """(speaker, content spans)."""
    return _spread(rows, lambda row: [(code(who), code(repr(row.content))) for who in row.speakers])


def content(rows: Sequence[Row]) -> Atoms:
    """Code points of the content."""
    return _spread(rows, lambda row: [(at,) for at in points(row.content)])


def content_strict(rows: Sequence[Row]) -> Atoms:
    """The content spans."""
    return _spread(rows, lambda row: [(code(repr(row.content)),)])


def cue(rows: Sequence[Row]) -> Atoms:
    """(start, end) of each cue, a mass of one for each."""
    single = [Claim(row.text, "", row.row, [span]) for row in rows for span in row.cues]
    return claims((), single, labelled=False)


def kind(rows: Sequence[Row]) -> Atoms:
    """(type, code point) of the content; a prediction without a type claims a label that no gold has."""
    labels = (*SCORED, "")
    return claims(labels, [Claim(row.text, row.type, row.row, [(at,) for at in points(row.content)]) for row in rows])


def attribution(records: Sequence[Record], documents: Documents, known: Counter[Any]) -> list[str]:
    """For every scored quote, how it names its speaker."""
    return [quote.attribution or "implicit" for record in records for quote in filter(scored, record.quotes or ())]


def resolved(record: Record, gold: Record, registry: Mapping[str, RegistryEntry]) -> Record:
    """The record with each speaker's `entities` in the gold's ids."""
    if record.quotes is None:
        return record
    mentions = list(_gold_mentions(gold))
    names = {fold(name): entry.id for entry in registry.values() for name in (entry.name, *entry.aliases)}
    quotes = tuple(
        quote if quote.speaker is None else msgspec.structs.replace(quote, speaker=_resolved(quote.speaker, mentions, names))
        for quote in record.quotes
    )
    return msgspec.structs.replace(record, quotes=quotes)


def _resolved(speaker: Speaker, mentions: Sequence[tuple[Span, tuple[str, ...]]], names: Mapping[str, str]) -> Speaker:
    found = speaker.entities
    if speaker.mentions:
        best = [max(mentions, key=lambda held: _overlap(held[0], span), default=None) for span in speaker.mentions]
        hits = [
            held[1]
            for held, span in zip(best, speaker.mentions, strict=True)
            if held is not None and _overlap(held[0], span) > 0
        ]
        found = tuple(dict.fromkeys(id for ids in hits for id in ids))
    elif not found and speaker.name is not None and fold(speaker.name) in names:
        found = (names[fold(speaker.name)],)
    return msgspec.structs.replace(speaker, entities=found)


def _gold_mentions(gold: Record) -> Iterator[tuple[Span, tuple[str, ...]]]:
    """Mentions of the gold's speakers, then of its entities, each with the ids it stands for."""
    for quote in gold.quotes or ():
        for who in (quote.speaker, quote.via):
            if who is not None:
                # names joined by "và" have a mention and an id each; one mention for several has all ids
                each = len(who.mentions) == len(who.entities) > 1
                for n, span in enumerate(who.mentions):
                    yield span, (who.entities[n],) if each else who.entities
    for entity in gold.entities or ():
        if entity.entity is not None:
            yield (entity.start, entity.end), (entity.entity,)


def _overlap(one: Span, other: Span) -> int:
    return min(one[1], other[1]) - max(one[0], other[0])


def _stripped(span: Span, document: Document | None) -> Span:
    start, end = span
    if document is None:
        return span
    while start < end and document.text[start] in EDGES:
        start += 1
    while end > start and document.text[end - 1] in EDGES:
        end -= 1
    return start, end


def _spread(rows: Sequence[Row], atoms: Callable[[Row], list[tuple[int, ...]]]) -> Atoms:
    return claims((), [Claim(row.text, "", row.row, atoms(row)) for row in rows], labelled=False)


def unresolved(records: Sequence[Record]) -> list[str]:
    """The predicted speakers that stand for nobody in the gold, after `resolved`."""
    return [
        f"speaker unresolved in {record.id}: {quote.speaker.name or quote.speaker.mentions}"
        for record in records
        for quote in record.quotes or ()
        if quote.speaker is not None and not quote.speaker.entities
    ]


def without_speakers(gold: Record) -> Record:
    """What the track with given quotes hands to a system: content, type and cues of the quotes that count."""
    kept = (quote for quote in gold.quotes or () if scored(quote))
    return Record(
        id=gold.id,
        quotes=tuple(Quote(id=q.id, spans=q.spans, inner=q.inner, direct=q.direct, type=q.type, cues=q.cues) for q in kept),
    )


def outer(record: Record) -> Record:
    """The quotes that stand in no other quote."""
    return msgspec.structs.replace(record, quotes=tuple(q for q in record.quotes or () if q.level == 1))


def reported(record: Record) -> Record:
    """All quotes, bare topics (REPORTED) counted as INDIRECT."""
    quotes = (msgspec.structs.replace(q, type="INDIRECT") if q.type == "REPORTED" else q for q in record.quotes or ())
    return msgspec.structs.replace(record, quotes=tuple(quotes))


def differences(gold: Quote, predicted: Quote) -> list[tuple[str, str]]:
    """In what a predicted quote differs from the gold one that it overlaps."""
    found = []
    if gold.spans != predicted.spans and gold.inner != predicted.spans:
        found.append(("boundary", ""))
    ids = [set(q.speaker.entities) if q.speaker is not None else set() for q in (gold, predicted)]
    if ids[0] != ids[1]:
        names = [", ".join(sorted(side)) or "nobody" for side in ids]
        found.append(("wrong speaker", f"{names[1]} for {names[0]}"))
    if predicted.type is not None and gold.type != predicted.type:
        found.append(("type", f"{predicted.type} for {gold.type}"))
    return found


def check(record: Record, document: Document, registry: Mapping[str, RegistryEntry]) -> Iterator[Finding]:
    """What breaks the guidelines in the quote layer of a gold record."""
    ids = {quote.id: quote for quote in record.quotes or ()}
    for n, quote in enumerate(record.quotes or ()):
        path = f"$.quotes[{n}]"
        for name in ("id", "type", "act", "attribution"):
            if getattr(quote, name) is None and not (quote.heading and name == "attribution"):
                yield Finding(code="quote-incomplete", path=path, message=f"a quote of the gold has `{name}`")
        yield from _parts(quote, path, document)
        if quote.level > 1 and (quote.parent not in ids or quote.parent == quote.id):
            message = f"a quote of level {quote.level} names its parent, one of {listing([str(id) for id in ids])}"
            yield Finding(code="quote-parent", path=path, message=message)
        for name in ("speaker", "via"):
            who: Speaker | None = getattr(quote, name)
            if who is not None:
                yield from _named(who, f"{path}.{name}", document, registry)


def _parts(quote: Quote, path: str, document: Document) -> Iterator[Finding]:
    """Type, spans, marks and cues agree with each other."""
    inside = [(a, b) for a, b in quote.direct if not any(s <= a and b <= e for s, e in quote.spans)]
    if inside or (quote.type == "MIXED") != bool(quote.direct):
        message = "`direct` holds the quoted fragments of a MIXED, inside its spans, and of nothing else"
        yield Finding(code="quote-direct", path=f"{path}.direct", message=message)
    if not quote.cues and quote.type not in ("DIRECT", "FREE_INDIRECT"):
        yield Finding(code="quote-cue", path=f"{path}.cues", message=f"a quote of type {quote.type} has a cue")
    if (quote.attribution == "implicit") != (not quote.cues) and not quote.heading:
        message = f"attribution is implicit exactly when there is no cue, here {quote.attribution} with {len(quote.cues)}"
        yield Finding(code="quote-cue", path=f"{path}.attribution", message=message)
    for name in ("spans", "cues"):
        for i, (start, end) in enumerate(getattr(quote, name)):
            there = document.text[start:end]
            if there != there.strip(" \t\r\n\u00a0"):
                message = f"{there[:20]!r} … begins or ends with white space"
                yield Finding(code="span-edge-space", path=f"{path}.{name}[{i}]", message=message)


def _named(who: Speaker, path: str, document: Document, registry: Mapping[str, RegistryEntry]) -> Iterator[Finding]:
    """A speaker has mentions, a kind and ids that exist."""
    if not who.mentions or who.kind is None or not who.entities:
        yield Finding(code="quote-incomplete", path=path, message="a speaker of the gold has mentions, a kind and entities")
    for id in who.entities:
        if id not in registry and not id.startswith(f"anon:{document.id}-"):
            message = f"{id!r} is neither in registry.json nor anon:{document.id}-N"
            yield Finding(code="quote-unknown-speaker", path=f"{path}.entities", message=message)


TASK = Task(
    name="quotes",
    about="quotations with their speakers",
    labels=SCORED,
    zones=("title", "body"),
    table=table,
    metrics={
        name: alike("quotes", atoms)
        for name, atoms in {
            "attributed": attributed,
            "strict": strict,
            "content": content,
            "content_strict": content_strict,
            "cue": cue,
            "type": kind,
        }.items()
    },
    check=check,
    breakdown=Breakdown("attribution", ("explicit", "anaphoric", "implicit"), attribution),
    resolved=resolved,
    differences=differences,
    counts=scored,
    given=("quotes", without_speakers),
    views={"outer": outer, "reported": reported},
    remarks=unresolved,
)
