"""The record types: gold, predictions and every annotator's pass are the same record.

A `Record` is a document's id and up to four layers of annotations. These frozen structs are the only schema: the JSON
reader with its `$.entities[3].end` paths, the field table of the datasheet and the features of the dataset derive from them.

Conventions
    * A span is half-open, `[start, end)`, in Unicode code points of the text as received.
    * `text` beside a span is a checksum: it equals the slice.
    * A layer that is absent (`None`) was not attempted; an empty one says that there is nothing to find.
    * A prediction needs only the fields without a default. What a complete gold annotation needs is a rule of its layer.

Sources of the fields: VLSP 2016/2018 and HIPE-2022 (names), PARC 3.0 and Redewiedergabe (quotations), TimeML/TIMEX3 and
TempEval-3 (times), EDTF (ISO 8601-2) for event dates.
"""

import datetime
from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Offset = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Span = tuple[Offset, Offset]
DocumentId = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]*$", max_length=200)]

Label = Literal["PER", "ORG", "GPE", "LOC", "FAC", "EVENT", "MISC"]
Metonymy = Literal["ORG", "PER", "EVENT"]
Noise = Literal["segmentation", "translation", "duplicate", "encoding"]
QuoteType = Literal["DIRECT", "MIXED", "INDIRECT", "REPORTED", "FREE_INDIRECT"]
SpeakerKind = Literal["named", "pronoun", "nominal", "collective", "anonymous", "org", "place"]
TimexType = Literal["DATE", "TIME", "DURATION", "SET"]
Mod = Literal[
    "BEFORE",
    "AFTER",
    "ON_OR_BEFORE",
    "ON_OR_AFTER",
    "LESS_THAN",
    "MORE_THAN",
    "EQUAL_OR_LESS",
    "EQUAL_OR_MORE",
    "START",
    "MID",
    "END",
    "APPROX",
]
EventType = Literal[
    "MEET",
    "PHONE_CALL",
    "VISIT",
    "MOVE",
    "SUMMIT",
    "PRESS_CONFERENCE",
    "INVITE",
    "AGREE",
    "POSTPONE",
    "MILITARY_ACTION",
    "AID",
    "TAKE_OFFICE",
]
Modality = Literal["actual", "planned", "possible", "hypothetical", "not_occurred"]
Granularity = Literal["day", "month", "part-year", "year", "none"]
Certainty = Literal["stated", "inferred", "unknown"]
SourceKind = Literal["published", "written"]
ZoneType = Literal["title", "byline", "dateline", "body", "caption", "credit", "subhead", "teaser", "promo", "nav"]


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """What every part of a record has in common: frozen, closed, written without its defaults.

    Frozen parts cannot refer to themselves, so the collector of cycles need not walk through millions of them.
    """


class Entity(_Part, frozen=True, kw_only=True):
    """A mention of a named entity. `entity` is the id in the registry, the same in every document."""

    id: str | None = None
    start: Offset
    end: Offset
    text: str | None = None
    label: Label
    metonymy: Metonymy | None = None
    entity: str | None = None
    demonym: bool | None = None
    noise: Noise | None = None
    difficult: bool | None = None


class Speaker(_Part, frozen=True, kw_only=True):
    """Who speaks: mention spans, registry ids, or (in a prediction) simply a `name`."""

    mentions: tuple[Span, ...] = ()
    entities: tuple[str, ...] = ()
    kind: SpeakerKind | None = None
    name: str | None = None


class Quote(_Part, frozen=True, kw_only=True):
    """Reported speech: its content `spans`, the `cues` that report it, its `speaker`, and `via` whom it is relayed."""

    id: str | None = None
    type: QuoteType | None = None
    act: Literal["speech", "attitude"] | None = None
    spans: tuple[Span, ...]
    inner: tuple[Span, ...] = ()
    direct: tuple[Span, ...] = ()
    cues: tuple[Span, ...] = ()
    speaker: Speaker | None = None
    via: Speaker | None = None
    level: Annotated[int, Meta(ge=1, le=9)] = 1
    parent: str | None = None
    attribution: Literal["explicit", "anaphoric", "implicit"] | None = None
    heading: bool | None = None
    noise: Noise | None = None


class Timex(_Part, frozen=True, kw_only=True):
    """A time expression: TIMEX3 with explicit calendar bounds (days) and the value that the text gives without a DCT."""

    id: str | None = None
    start: Offset
    end: Offset
    text: str | None = None
    type: TimexType | None = None
    value: str | None = None
    mod: Mod | None = None
    function: Literal["NONE", "CREATION_TIME", "SECTION_TIME"] | None = None
    anchor: str | None = None
    earliest: datetime.date | None = None
    latest: datetime.date | None = None
    value_nodct: str | None = None
    alternatives: tuple[str, ...] = ()
    noise: Noise | None = None


class Bounds(_Part, frozen=True, kw_only=True):
    """The days between which something began or ended; `None` is not known."""

    earliest: datetime.date | None = None
    latest: datetime.date | None = None


class Event(_Part, frozen=True, kw_only=True):
    """One event instance of a document: its trigger `mentions` and the tightest days that the text supports."""

    id: str | None = None
    type: EventType
    mentions: tuple[Span, ...]
    modality: Modality | None = None
    begin: Bounds = Bounds()
    end: Bounds = Bounds()
    edtf: str | None = None
    granularity: Granularity | None = None
    basis: tuple[str, ...] = ()
    certainty: Certainty | None = None
    noise: Noise | None = None


class Record(_Part, frozen=True, kw_only=True):
    """A document's id and its layers: gold, a prediction, or one annotator's pass."""

    id: DocumentId
    entities: tuple[Entity, ...] | None = None
    quotes: tuple[Quote, ...] | None = None
    timexes: tuple[Timex, ...] | None = None
    events: tuple[Event, ...] | None = None


LAYERS = ("entities", "quotes", "timexes", "events")
Annotation = Entity | Quote | Timex | Event


class DocumentDate(_Part, frozen=True, kw_only=True):
    """The document creation time (DCT): `date` is what systems are given; it lies in `[earliest, latest]`, both inclusive.

    `date` carries the time of day where the text states it. Each step of an inference stands in `evidence`.
    """

    date: Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\d(T\d\d:\d\d)?$")]
    earliest: datetime.date
    latest: datetime.date
    source: Literal["stated", "inferred"]
    evidence: tuple[str, ...]


class Zone(_Part, frozen=True, kw_only=True):
    """A stretch of the text with one function; the zones of a document tile it."""

    start: Offset
    end: Offset
    type: ZoneType
    section_time: datetime.date | None = None


class Source(_Part, frozen=True, kw_only=True):
    """Where a text came from: it was published as news, or written for the corpus. What the text does not state is `None`."""

    kind: SourceKind = "published"
    file: str
    sha256: str
    publisher: str | None = None
    url: str | None = None
    note: str | None = None


class Document(_Part, frozen=True, kw_only=True):
    """What a system is given: the text as received and its frame, never the gold."""

    id: DocumentId
    text: str
    dct: DocumentDate | None = None
    zones: tuple[Zone, ...] = ()
    sentences: tuple[Span, ...] = ()
    source: Source | None = None

    @property
    def kind(self) -> SourceKind | None:
        """Whether the text was published as news, or written for the corpus; `None` for a document of unknown source."""
        return None if self.source is None else self.source.kind

    def zone_of(self, offset: int) -> ZoneType | None:
        """The type of the zone that holds the code point `offset`; `None` outside every zone."""
        return next((zone.type for zone in self.zones if zone.start <= offset < zone.end), None)


class RegistryEntry(_Part, frozen=True, kw_only=True):
    """One real-world entity: its id, Vietnamese name, label, and the other forms in which the corpus names it."""

    id: Annotated[str, Meta(pattern=r"^(per|org|gpe|loc|fac|event|misc):[a-z0-9-]+$")]
    name: str
    label: Label
    aliases: tuple[str, ...] = ()
    english: str | None = None
    wikidata: str | None = None


def pretty(record: Record | Document) -> bytes:
    """The record as UTF-8 JSON with one annotation a line, so that a diff reads like a review."""
    return spread(msgspec.to_builtins(record))


def spread(fields: Mapping[str, object]) -> bytes:
    """An object as UTF-8 JSON, a field a line, and of a list an item a line."""
    lines = []
    for name, value in fields.items():
        key = msgspec.json.encode(name).decode()
        if isinstance(value, tuple | list) and value:
            items = ",\n  ".join(msgspec.json.encode(item).decode() for item in value)
            lines.append(f"{key}: [\n  {items}\n]")
        else:
            lines.append(f"{key}: {msgspec.json.encode(value).decode()}")
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()
