"""The rows of the dataset's configurations: a record, or a part of one with what a model wants to see beside it.

A row goes out with the gold and comes back with predictions in the same fields. What stands beside the annotation (context,
triggers, names, the kind of its article, the canary) is not read back.

Conventions
    * Spans are half-open, in code points of the document's text, also in the rows of a single sentence or annotation.
    * Where the text is withheld, the fields that hold words are null; offsets and labels stay.
    * The canary is null in rows of `train`, which are there to be learnt from.
"""

import datetime
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta

from vnnews_bench.errors import Finding, listing
from vnnews_bench.records import (
    LAYERS,
    Annotation,
    Document,
    DocumentDate,
    DocumentId,
    Entity,
    Event,
    Offset,
    Quote,
    Record,
    Source,
    SourceKind,
    Span,
    Timex,
    Zone,
)
from vnnews_bench.tags import decode

VLSP = ("PER", "ORG", "LOC", "MISC")
BIO = ("O", *(f"{prefix}-{label}" for label in VLSP for prefix in "BI"))
Tag = Annotated[int | str, Meta(extra={"class_label": BIO})]
T = TypeVar("T", bound=Annotation)


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """The document's date as a system is told it, and the days between which it lies; a frame's evidence is passed over."""

    date: str
    earliest: datetime.date
    latest: datetime.date
    source: Literal["stated", "inferred"]


class Passage(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A sentence around an annotation."""

    start: Offset
    end: Offset
    text: str | None = None


class DocumentRow(Record, frozen=True, kw_only=True):
    """`documents`: a record, and the document beside it."""

    text: str | None = None
    dct: Given | None = None
    zones: tuple[Zone, ...] = ()
    sentences: tuple[Span, ...] = ()
    source: Source | None = None
    canary: str | None = None


class SentenceRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`ner`: a sentence as syllables, with BIO tags over the labels of the VLSP view."""

    document: DocumentId
    id: str
    zone: str | None = None
    tokens: tuple[str, ...] | None = None
    offsets: tuple[Span, ...]
    ner_tags: tuple[Tag, ...]
    kind: SourceKind | None = None
    canary: str | None = None


class QuoteRow(Quote, frozen=True, kw_only=True):
    """`quotes`: a quotation, its words, and the sentences in and around which it stands."""

    document: DocumentId
    text: str | None = None
    speaker_names: tuple[str | None, ...] = ()
    context: tuple[Passage, ...] = ()
    kind: SourceKind | None = None
    canary: str | None = None


class EventRow(Event, frozen=True, kw_only=True):
    """`dates`: an event, its triggers, and the sentences that mention it."""

    document: DocumentId
    triggers: tuple[str, ...] | None = None
    context: tuple[Passage, ...] = ()
    dct: str | None = None
    kind: SourceKind | None = None
    canary: str | None = None


class TimexRow(Timex, frozen=True, kw_only=True):
    """`timexes`: a time expression and its sentence."""

    document: DocumentId
    context: tuple[Passage, ...] = ()
    dct: str | None = None
    kind: SourceKind | None = None
    canary: str | None = None


PartRow = SentenceRow | QuoteRow | EventRow | TimexRow
Row = DocumentRow | PartRow


MARKS: dict[str, type[PartRow]] = {"ner_tags": SentenceRow, "spans": QuoteRow, "mentions": EventRow, "start": TimexRow}


def kind(raw: Any) -> type[Row]:
    """The row that a decoded value is, by the field that only one kind of row has."""
    if not isinstance(raw, dict):
        return DocumentRow
    return next((row for name, row in MARKS.items() if name in raw), DocumentRow) if "document" in raw else DocumentRow


def findings(row: Row) -> Iterator[Finding]:
    """What is wrong with a row that has the schema: tags that are none, or not one for each token."""
    if not isinstance(row, SentenceRow):
        return
    if len(row.ner_tags) != len(row.offsets):
        message = f"{len(row.ner_tags)} tags for {len(row.offsets)} offsets; each token has one of both"
        yield Finding(code="schema-bad-value", path="$.ner_tags", message=message)
    for n, tag in enumerate(row.ner_tags):
        if not (tag in BIO if isinstance(tag, str) else 0 <= tag < len(BIO)):
            message = f"{tag!r} is not one of {listing(BIO)}, nor the number of one"
            yield Finding(code="schema-unknown-value", path=f"$.ner_tags[{n}]", message=message)


def record(row: Row) -> Record:
    """What a row without findings says, as a record that has only the row's layer, or all of a document's."""
    match row:
        case DocumentRow():
            return Record(id=row.id, **{layer: getattr(row, layer) for layer in LAYERS})
        case SentenceRow():
            return Record(id=row.document, entities=tuple(_entities(row)))
        case QuoteRow():
            return Record(id=row.document, quotes=(_bare(row, Quote),))
        case EventRow():
            return Record(id=row.document, events=(_bare(row, Event),))
        case TimexRow():
            return Record(id=row.document, timexes=(_bare(row, Timex),))


def document(row: Row) -> Document | None:
    """The document beside a record, without the evidence for its date; `None` where the row has no text."""
    if not isinstance(row, DocumentRow) or row.text is None:
        return None
    date = None if row.dct is None else DocumentDate(**msgspec.structs.asdict(row.dct), evidence=())
    frame = {name: getattr(row, name) for name in ("id", "text", "zones", "sentences", "source")}
    return Document(**frame, dct=date)


def merged(parts: Sequence[Record]) -> tuple[DocumentRow, dict[str, list[int]]]:
    """One record of all parts of a document, and for each layer which part each of its annotations came from."""
    layers: dict[str, tuple[Annotation, ...]] = {}
    origins: dict[str, list[int]] = {}
    for n, part in enumerate(parts):
        for layer in LAYERS:
            items: tuple[Annotation, ...] | None = getattr(part, layer)
            if items is not None:
                layers[layer] = layers.get(layer, ()) + items
                origins.setdefault(layer, []).extend([n] * len(items))
    return DocumentRow(id=parts[0].id, **layers), origins  # type: ignore[arg-type]


def _bare(row: Any, to: type[T]) -> T:
    return to(**{name: getattr(row, name) for name in to.__struct_fields__})


def _entities(row: SentenceRow) -> Iterator[Entity]:
    tags = [tag if isinstance(tag, str) else BIO[tag] for tag in row.ner_tags]
    spans = decode([tags], VLSP)
    for label, first, last in zip(spans.label, spans.start, spans.end, strict=True):
        yield Entity(start=row.offsets[first][0], end=row.offsets[last - 1][1], label=VLSP[label])  # type: ignore[arg-type]
