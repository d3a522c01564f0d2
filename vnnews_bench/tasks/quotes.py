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
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, compress, product, repeat
from operator import attrgetter, getitem, methodcaller
from typing import Any, NamedTuple, get_args

import msgspec
import numpy as np

from vnnews_bench.counts import Atoms, Columns, Ints, code, shared_out, whole
from vnnews_bench.errors import Finding, listing
from vnnews_bench.pairs import annotations, flattened, ranges, united
from vnnews_bench.records import Document, Quote, QuoteType, Record, RegistryEntry, Speaker
from vnnews_bench.speakers import resolved
from vnnews_bench.task import Breakdown, Documents, Task, alike

TYPES: tuple[str, ...] = get_args(QuoteType)
SCORED = ("DIRECT", "MIXED", "INDIRECT")
EDGES = "“”„\"'‘’«»‹›.,;:!?…-–—() \t\r\n\u00a0_"

_kind = attrgetter("type", "act", "heading")
_COUNTED = frozenset(product((None, *SCORED), (None, "speech"), (None, False)))


class Rows(NamedTuple):
    """The scored quotes of several texts, numbered as they were read."""

    text: Ints  # of each quote
    type: Ints  # of each quote, index into SCORED; without a type one more
    exact: Ints  # of each quote: a number for its list of spans without their edges
    content: tuple[Ints, Ints, Ints]  # quote, start and end of the runs of its content
    cues: tuple[Ints, Ints, Ints]  # quote, start and end of each cue
    speakers: tuple[Ints, Ints]  # quote, and code of the id, of each resolved speaker


def scored(quote: Quote) -> bool:
    """Whether a quote counts: speech in a scored type, no heading."""
    return _kind(quote) in _COUNTED


def table(records: Sequence[Record], documents: Documents, entities: Columns | None = None) -> Rows:
    """The scored quotes of several texts."""
    text, quotes = annotations(records, "quotes")
    counted = np.fromiter(map(_COUNTED.__contains__, map(_kind, quotes)), bool, len(quotes))
    text, quotes = text[counted], list(compress(quotes, counted.tolist()))
    number = {kind: n for n, kind in enumerate((*SCORED, None))}
    kinds = np.fromiter(map(number.__getitem__, map(attrgetter("type"), quotes)), np.int64, len(quotes))
    owner, start, end = flattened(quotes, "spans")
    start, end = _stripped(text[owner], start, end, documents)
    exact = _exact(owner, start, end, len(quotes))
    return Rows(text, kinds, exact, united(owner, start, end), flattened(quotes, "cues"), _speakers(quotes))


def _stripped(text: Ints, start: Ints, end: Ints, documents: Documents) -> tuple[Ints, Ints]:
    """Spans without the EDGES at their ends; as they are where the text is not at hand."""
    texts = [document.text if document is not None else "" for document in documents]
    if not any(texts):
        return start, end
    pieces = list(map(getitem, map(texts.__getitem__, text.tolist()), map(slice, start.tolist(), end.tolist())))
    length, begun, kept = (
        np.fromiter(map(len, side), np.int64, len(pieces))
        for side in (pieces, map(methodcaller("lstrip", EDGES), pieces), map(methodcaller("strip", EDGES), pieces))
    )
    start = start + length - begun
    return start, np.where(length > 0, start + kept, end)


def _exact(owner: Ints, start: Ints, end: Ints, quotes: int) -> Ints:
    """A number for the spans of each quote, in their order: of one span itself, of several a digest, which is negative."""
    last = np.cumsum(np.bincount(owner, minlength=quotes))
    first = np.concatenate(([0], last))[:-1]
    several = np.flatnonzero(last - first != 1)
    numbers = np.concatenate((start << 31 | end, [0]))[first]
    if len(several):
        spans = list(zip(start.tolist(), end.tolist(), strict=True))
        lists = map(spans.__getitem__, map(slice, first[several].tolist(), last[several].tolist()))
        numbers[several] = ~np.fromiter(map(code, map(repr, lists)), np.int64, len(several))
    return numbers


def _speakers(quotes: Sequence[Quote]) -> tuple[Ints, Ints]:
    """The speakers of quotes: "" for a quote that nobody is said to say, "?" for a speaker that stands for nobody known."""
    ids: list[tuple[str, ...]] = list(map(getattr, map(attrgetter("speaker"), quotes), repeat("entities"), repeat(("",))))
    ids = [some or ("?",) for some in ids]
    owner = np.repeat(np.arange(len(ids)), list(map(len, ids)))
    codes = {id: code(id) for id in set(chain.from_iterable(ids))}
    return owner, np.fromiter(map(codes.__getitem__, chain.from_iterable(ids)), np.int64, len(owner))


def attributed(rows: Rows) -> Atoms:
    """(speaker, code point) of the content."""
    quote, speaker = rows.speakers
    owner, start, end = rows.content
    runs = np.bincount(owner, minlength=len(rows.text))[quote]
    first = np.searchsorted(owner, quote)
    run = ranges(first, first + runs)
    return _shared(rows, owner[run], start[run], end[run], (np.repeat(speaker, runs),))


def strict(rows: Rows) -> Atoms:
    """(speaker, content spans)."""
    quote, speaker = rows.speakers
    return _shared(rows, quote, rows.exact[quote], rows.exact[quote] + 1, (speaker,))


def content(rows: Rows) -> Atoms:
    """Code points of the content."""
    return _shared(rows, *rows.content)


def content_strict(rows: Rows) -> Atoms:
    """The content spans."""
    return _shared(rows, np.arange(len(rows.text)), rows.exact, rows.exact + 1)


def cue(rows: Rows) -> Atoms:
    """(start, end) of each cue, a mass of one for each."""
    quote, start, end = rows.cues
    nothing = np.zeros_like(quote)
    return whole(Columns((), rows.text[quote], nothing, start, end, nothing, quote), (start, end), labelled=False)


def kind(rows: Rows) -> Atoms:
    """(type, code point) of the content; a prediction without a type claims a label that no gold has."""
    atoms = content(rows)
    return atoms._replace(labels=(*SCORED, ""), label=rows.type[atoms.row])


def _shared(rows: Rows, quote: Ints, start: Ints, end: Ints, key: tuple[Ints, ...] = ()) -> Atoms:
    """The mass of each quote spread over the atoms of its runs."""
    nothing = np.zeros_like(quote)
    return shared_out(Atoms((), rows.text[quote], nothing, key, start, end, nothing, quote))


def attribution(records: Sequence[Record], documents: Documents, known: Counter[Any]) -> list[str]:
    """For every scored quote, how it names its speaker."""
    return [quote.attribution or "implicit" for record in records for quote in filter(scored, record.quotes or ())]


def unresolved(records: Sequence[Record]) -> list[str]:
    """The predicted speakers that stand for nobody in the gold, after `resolved`."""
    text, quotes = annotations(records, "quotes")
    ids = map(getattr, map(attrgetter("speaker"), quotes), repeat("entities"), repeat(("",)))
    lost = np.flatnonzero(np.fromiter(map(len, ids), np.int64, len(quotes)) == 0).tolist()
    who = [(records[text[n]].id, quotes[n].speaker) for n in lost]
    return [f"speaker unresolved in {id}: {speaker.name or speaker.mentions}" for id, speaker in who]


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
