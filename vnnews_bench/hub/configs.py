"""The configurations of the dataset: which rows each has, with the words of the texts or without them."""

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from vnnews_bench import corpus
from vnnews_bench.corpus import Corpus
from vnnews_bench.errors import BenchError, listing
from vnnews_bench.hub.content import content_hash
from vnnews_bench.hub.fields import Field, features, fields
from vnnews_bench.records import LAYERS, Annotation, Document, Quote, Record, Span
from vnnews_bench.rows import BIO, DocumentRow, EventRow, QuoteRow, Row, SentenceRow, TimexRow
from vnnews_bench.tags import encode
from vnnews_bench.tasks import ner
from vnnews_bench.text import syllables

if TYPE_CHECKING:
    from datasets import Dataset

Plain = dict[str, Any]
GAP = " … "  # between the parts of a broken quotation
LEARNT = "train"  # the split that is there to be learnt from: a mark of test data would be learnt with it


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """A configuration: what a row is, how a document gives rows, and which of a row's fields are words of the text.

    `words` makes such a field from a row and the document's text; a `text` beside `start` and `end` is one without being named.
    """

    name: str
    unit: str
    about: str
    row: type[Row]
    first: tuple[str, ...]
    rows: Callable[[Document, Record, Corpus], Iterator[Plain]]
    words: Mapping[str, Callable[[Plain, str], Any]] = {}

    @property
    def fields(self) -> tuple[Field, ...]:
        """The columns in their order."""
        return fields(self.row, self.first)

    def filled(self, row: Plain, text: str | None) -> Plain:
        """The row with the words that stand at its offsets, or without any words."""
        made: Plain = _sliced(row, text)
        made |= {name: None if text is None else words(made, text) for name, words in self.words.items()}
        return {field.name: made[field.name] for field in self.fields}

    def of(self, data: Corpus, words: bool = True) -> list[Plain]:
        """The rows of a split. Without `words` those of published articles have none; written articles are the corpus's own."""
        canary = None if data.split == LEARNT else corpus.canary()
        return [
            self.filled(
                row | {"kind": document.kind, "canary": canary}, document.text if words or document.kind == "written" else None
            )
            for document in data.documents.values()
            for row in self.rows(document, data.gold[document.id], data)
        ]

    def dataset(self, rows: list[Plain], split: str) -> "Dataset":
        """Rows as a `datasets.Dataset` in memory. Its fingerprint is the hash of its rows, so no cache can mistake it."""
        import pyarrow
        from datasets import Dataset, DatasetInfo, NamedSplit

        made = features(self.fields)
        info = DatasetInfo(features=made, config_name=self.name, dataset_name="vnnews-bench")
        table = pyarrow.Table.from_pylist(rows, schema=made.arrow_schema)
        return Dataset(table, info=info, split=NamedSplit(split), fingerprint=content_hash(rows)[:16])


def _documents(document: Document, gold: Record, data: Corpus) -> Iterator[Plain]:
    row = full(document) | {layer: full(getattr(gold, layer)) for layer in LAYERS}
    # the steps of an inference cite the text; they stand in the frames of the annotations
    row["dct"] = {name: value for name, value in row["dct"].items() if name != "evidence"}
    yield row


def _sentences(document: Document, gold: Record, data: Corpus) -> Iterator[Plain]:
    entities = [(e.start, e.end, e.label) for e in ner.view(gold.entities or (), "vlsp")]
    for n, (start, end) in enumerate(document.sentences):
        tokens = syllables(document.text, start, end)
        inside = [entity for entity in entities if entity[0] < end and start < entity[1]]
        yield {
            "document": document.id,
            "id": f"{document.id}-{n + 1}",
            "zone": document.zone_of(start),
            "offsets": [list(token) for token in tokens],
            "ner_tags": [BIO.index(tag) for tag in encode(tokens, inside)],
        }


def _quotes(document: Document, gold: Record, data: Corpus) -> Iterator[Plain]:
    for quote in gold.quotes or ():
        yield {
            "document": document.id,
            **full(quote),
            "speaker_names": _names(quote, data),
            "context": _passages(document, (*quote.spans, *quote.cues), around=1),
        }


def _names(quote: Quote, data: Corpus) -> list[str | None]:
    ids = quote.speaker.entities if quote.speaker is not None else ()
    return [data.registry[id].name if id in data.registry else None for id in ids]


def _events(document: Document, gold: Record, data: Corpus) -> Iterator[Plain]:
    for event in gold.events or ():
        yield _dated(document, event, event.mentions)


def _timexes(document: Document, gold: Record, data: Corpus) -> Iterator[Plain]:
    for timex in gold.timexes or ():
        yield _dated(document, timex, [(timex.start, timex.end)])


def _dated(document: Document, item: Annotation, spans: Iterable[Span]) -> Plain:
    dct = document.dct.date if document.dct is not None else None
    return {"document": document.id, **full(item), "context": _passages(document, spans), "dct": dct}


def _passages(document: Document, spans: Iterable[Span], around: int = 0) -> list[Plain]:
    """The sentences that hold a part of the spans, and so many on either side."""
    there = [n for n, (start, end) in enumerate(document.sentences) for a, b in spans if a < end and start < b]
    near = {n + step for n in there for step in range(-around, around + 1)}
    return [{"start": start, "end": end, "text": None} for n, (start, end) in enumerate(document.sentences) if n in near]


def full(value: Any) -> Any:
    """A record's value as builtins with every field, dates as ISO strings."""
    if isinstance(value, msgspec.Struct):
        return {name: full(field) for name, field in msgspec.structs.asdict(value).items()}
    if isinstance(value, tuple):
        return [full(item) for item in value] if value and isinstance(value[0], tuple | msgspec.Struct) else list(value)
    return value.isoformat() if isinstance(value, datetime.date) else value


def _sliced(value: Any, text: str | None) -> Any:
    """A value in which every `text` beside `start` and `end` is the slice, or null."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [_sliced(item, text) for item in value]
    if not isinstance(value, dict):
        return value
    made = {name: _sliced(item, text) for name, item in value.items()}
    if {"start", "end", "text"} <= made.keys():
        made["text"] = None if text is None else text[made["start"] : made["end"]]
    return made


def _slices(spans: Iterable[Span], text: str) -> list[str]:
    return [text[start:end] for start, end in spans]


CONFIGS: dict[str, Config] = {
    config.name: config
    for config in (
        Config(
            name="documents",
            unit="article",
            about="the text, its date, zones and sentences, and all layers of gold",
            row=DocumentRow,
            first=("id", "text", "dct", "zones", "sentences", "source"),
            rows=_documents,
            words={"text": lambda row, text: text},
        ),
        Config(
            name="ner",
            unit="sentence",
            about="syllables with BIO tags, names as in VLSP",
            row=SentenceRow,
            first=("document", "id"),
            rows=_sentences,
            words={"tokens": lambda row, text: _slices(row["offsets"], text)},
        ),
        Config(
            name="quotes",
            unit="quotation",
            about="its words, context, type, cues and speaker",
            row=QuoteRow,
            first=("document", "id", "text", "speaker_names"),
            rows=_quotes,
            words={"text": lambda row, text: GAP.join(_slices(row["spans"], text))},
        ),
        Config(
            name="dates",
            unit="event",
            about="its triggers, context, modality and days",
            row=EventRow,
            first=("document", "id", "triggers"),
            rows=_events,
            words={"triggers": lambda row, text: _slices(row["mentions"], text)},
        ),
        Config(
            name="timexes",
            unit="time expression",
            about="TIMEX3 with calendar bounds",
            row=TimexRow,
            first=("document", "id"),
            rows=_timexes,
        ),
    )
}


def named(name: str) -> Config:
    """The configuration of that name. Raises `BenchError` when there is none."""
    if name not in CONFIGS:
        raise BenchError(f"there is no configuration {name!r}; there are {listing(list(CONFIGS))}")
    return CONFIGS[name]
