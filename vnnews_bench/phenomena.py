"""Whether the corpus holds what the guidelines rule on: phenomena, how often each occurs in a split, and how often it has to.

`phenomena.csv` lists them. Some follow from the gold alone, by the tests of `GOLD`; the others were found by readers, who wrote
each occurrence into `occurrences.csv`, marked in the gold or not.

What is counted is wordings: the words with two syllables on either side, folded. The same words in the same surroundings
count once.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal, get_args

import msgspec

from vnnews_bench import corpus
from vnnews_bench.errors import BenchError, Finding, listing
from vnnews_bench.pairs import extent
from vnnews_bench.records import (
    LAYERS,
    Annotation,
    Bounds,
    Certainty,
    Document,
    EventType,
    Granularity,
    Label,
    Modality,
    Noise,
    QuoteType,
    Record,
    Span,
    SpeakerKind,
    TimexType,
)
from vnnews_bench.render import Cell, Sheet
from vnnews_bench.text import folded

NEAR = 2  # syllables on either side that belong to a wording
REACH = 60  # code points in which so many syllables are found
LEAST = {"train": "least_train", "validation": "least_validation", "test_written": "least_test"}
PLACES = ("GPE", "LOC", "FAC")
Test = Callable[[Any, Record, Document], bool]  # of an annotation, its record and its document


class Phenomenon(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What must occur: its id, its layer or `all`, the rule of the guidelines, and the least number of wordings in a split."""

    id: str
    layer: str
    rule: str
    what: str
    least_train: int
    least_validation: int
    least_test: int


class Occurrence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An occurrence that a reader found: `annotation` is an id in the gold, empty where nothing is marked."""

    document: str
    phenomenon: str
    layer: Literal["entities", "quotes", "timexes", "events"]
    annotation: str
    words: str


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """How many wordings of a phenomenon each split has, what it was counted from, and the least number where there is one."""

    phenomenon: str
    layer: str
    source: Literal["gold", "readers"]
    wordings: dict[str, int]
    least: dict[str, int]

    @property
    def met(self) -> bool:
        """Whether every split has as many as it has to."""
        return all(self.wordings[split] >= least for split, least in self.least.items())


def _is(field: str, *values: object) -> Test:
    return lambda item, record, document: getattr(item, field) in values


def _value(pattern: str, *types: TimexType) -> Test:
    """A time expression of one of these types whose whole value has a form."""
    return lambda timex, record, document: timex.type in types and bool(re.fullmatch(pattern, timex.value or ""))


def _is_inside(*outer: Label) -> Test:
    """An entity inside the name of another one that has such a label."""

    def test(inner: Any, record: Record, document: Document) -> bool:
        return any(
            other.label in outer and other.start <= inner.start and inner.end <= other.end
            for other in record.entities or ()
            if other is not inner
        )

    return test


def _both(*tests: Test) -> Test:
    return lambda item, record, document: all(test(item, record, document) for test in tests)


def _stands_for_itself(entity: Any, record: Record, document: Document) -> bool:
    """A place that is neither metonymic, nor a demonym, nor a part of another name."""
    plain = entity.label in PLACES and entity.metonymy is None and not entity.demonym
    return plain and not _is_inside(*get_args(Label))(entity, record, document)


def _is_in_heading(quote: Any, record: Record, document: Document) -> bool:
    return bool(quote.heading) or document.zone_of(quote.spans[0][0]) == "caption"


def _is_half_known(event: Any, record: Record, document: Document) -> bool:
    """Only the begin or only the end, or a day before or after which something was."""
    open_ = [(bounds.earliest is None) != (bounds.latest is None) for bounds in (event.begin, event.end)]
    return (event.begin == Bounds()) != (event.end == Bounds()) or any(open_)


def _speaks(kind: SpeakerKind) -> Test:
    return lambda quote, record, document: quote.speaker is not None and quote.speaker.kind == kind


# phenomena that follow from the gold alone
GOLD: dict[str, Test] = {
    **{f"ner.label.{label}": _is("label", label) for label in get_args(Label)},
    "ner.nested.place-in-org": _both(_is("label", *PLACES), _is_inside("ORG", "LOC")),
    "ner.nested.in-fac": _is_inside("FAC"),
    "ner.nested.per": _both(_is("label", "PER"), _is_inside(*get_args(Label))),
    "ner.nested.in-event": _is_inside("EVENT"),
    "ner.nested.org": _both(_is("label", "ORG"), _is_inside("ORG", "MISC")),
    "ner.metonymy.PER": _is("metonymy", "PER"),
    "ner.metonymy.EVENT": _is("metonymy", "EVENT"),
    "ner.metonymy.none": _stands_for_itself,
    "ner.demonym": _is("demonym", True),
    **{f"quotes.type.{kind}": _is("type", kind) for kind in get_args(QuoteType)},
    "quotes.act.attitude": _is("act", "attitude"),
    "quotes.cue.trailing": lambda quote, record, document: any(cue[0] >= quote.spans[0][1] for cue in quote.cues),
    "quotes.cue.doubled": lambda quote, record, document: len(quote.cues) > 1,
    **{f"quotes.kind.{kind}": _speaks(kind) for kind in get_args(SpeakerKind)},
    "quotes.speaker.joint": lambda quote, record, document: quote.speaker is not None and len(quote.speaker.entities) > 1,
    **{f"quotes.attribution.{way}": _is("attribution", way) for way in ("explicit", "anaphoric", "implicit")},
    "quotes.via": lambda quote, record, document: quote.via is not None,
    "quotes.level2": _is("level", 2),
    "quotes.heading": _is_in_heading,
    **{f"timex.type.{kind}": _is("type", kind) for kind in ("DATE", "TIME", "DURATION")},
    "timex.day-month": lambda timex, record, document: (
        timex.type == "DATE" and bool(re.fullmatch(r"XXXX-\d\d-\d\d", timex.value_nodct or ""))
    ),
    "timex.month": _value(r"\d{4}-\d\d", "DATE"),
    "timex.year": _value(r"\d{4}", "DATE"),
    "timex.week": _value(r"\d{4}-W\d\d", "DATE"),
    "timex.quarter-season": _value(r"\d{4}-(Q\d|H\d|SP|SU|FA|WI)", "DATE"),
    "timex.decade-century": _value(r"\d{2,3}", "DATE"),
    "timex.clock": _value(r".*T\d\d:\d\d", "TIME"),
    "timex.part-of-day": _value(r".*T(MO|MI|AF|EV|NI)", "TIME"),
    **{f"timex.mod.{mod}": _is("mod", mod) for mod in ("START", "MID", "END", "APPROX", "MORE_THAN", "LESS_THAN")},
    "timex.mod.bounds": _is("mod", "EQUAL_OR_MORE", "EQUAL_OR_LESS"),
    "timex.anchor.explicit": _is("anchor", "explicit"),
    "timex.anchor.dct": _is("anchor", "dct"),
    "timex.anchor.timex": lambda timex, record, document: bool(re.fullmatch(r"t\d+", timex.anchor or "")),
    "timex.anchor.event": lambda timex, record, document: bool(re.fullmatch(r"ev\d+", timex.anchor or "")),
    "timex.duration.hours": _value(r"P.*T.*", "DURATION"),
    "timex.duration.long": _value(r"P(\d+(DE|CE)|T?X.*)", "DURATION"),
    "timex.duration.deictic": lambda timex, record, document: timex.type == "DURATION" and timex.earliest is not None,
    "timex.set.P1D": _value(r"P\d+D|XXXX-XX-XX(T.*)?", "SET"),
    "timex.set.P1W": _value(r"P\d+W|XXXX-WXX(-\d)?(T.*)?", "SET"),
    "timex.set.P1M": _value(r"P\d+M|XXXX-XX(-\d\d)?(T.*)?", "SET"),
    "timex.set.P1Y": _value(r"P\d+Y|XXXX-(\d\d(-\d\d)?|Q\d|H\d|SP|SU|FA|WI)(T.*)?", "SET"),
    **{f"timex.vague.{when}": _is("value", f"{when.upper()}_REF") for when in ("past", "present", "future")},
    **{f"timex.function.{name}": _is("function", name) for name in ("CREATION_TIME", "SECTION_TIME")},
    "timex.alternatives": lambda timex, record, document: bool(timex.alternatives),
    **{f"event.type.{kind}": _is("type", kind) for kind in get_args(EventType)},
    **{f"event.modality.{kind}": _is("modality", kind) for kind in get_args(Modality)},
    **{f"event.granularity.{unit}": _is("granularity", unit) for unit in get_args(Granularity) if unit != "none"},
    **{f"event.certainty.{kind}": _is("certainty", kind) for kind in get_args(Certainty)},
    "event.mentions": lambda event, record, document: len(event.mentions) > 1,
    "event.bounds": _is_half_known,
    **{f"noise.{kind}": _is("noise", kind) for kind in get_args(Noise)},
}


def counted() -> list[Count]:
    """Every phenomenon of the corpus with its wordings by split. Raises `BenchError` for occurrences that are none."""
    phenomena, occurrences = corpus.table("phenomena.csv", Phenomenon), corpus.table("occurrences.csv", Occurrence)
    data = corpus.load(corpus.ALL)
    wrong = list(findings(occurrences, phenomena, data.documents, data.gold))
    if wrong:
        raise BenchError([msgspec.structs.replace(finding, file=str(corpus.root() / "occurrences.csv")) for finding in wrong])
    splits = {split: corpus.load(split) for split in corpus.splits()}
    return [
        Count(
            phenomenon=one.id,
            layer=one.layer,
            source="gold" if one.id in GOLD else "readers",
            wordings={
                name: len(set(wordings(one, split.documents, split.gold, occurrences))) for name, split in splits.items()
            },
            least={split: getattr(one, column) for split, column in LEAST.items()},
        )
        for one in phenomena
    ]


def wordings(
    phenomenon: Phenomenon, documents: Mapping[str, Document], gold: Mapping[str, Record], occurrences: Iterable[Occurrence]
) -> Iterator[str]:
    """The wording of each occurrence of a phenomenon in some documents, from their gold or as readers found them."""
    if phenomenon.id in GOLD:
        for id, document in documents.items():
            for item in _annotations(gold[id], phenomenon.layer):
                if GOLD[phenomenon.id](item, gold[id], document):
                    yield wording(document, extent(item)[0])
        return
    for one in occurrences:
        if one.phenomenon == phenomenon.id and one.document in documents:
            marked = _named(gold[one.document], one.layer, one.annotation)
            yield wording(documents[one.document], _place(one.words, documents[one.document], marked))


def _annotations(record: Record, layer: str) -> Iterator[Annotation]:
    for name in LAYERS if layer == "all" else (layer,):
        yield from getattr(record, name) or ()


def _named(record: Record, layer: str, id: str) -> Annotation | None:
    return next((item for item in _annotations(record, layer) if item.id == id), None)


def _place(words: str, document: Document, marked: Annotation | None) -> Span:
    """Where words stand: as near to the annotation as they do, or for the first time."""
    near = extent(marked)[0][0] if marked is not None else 0
    at = min((match.start() for match in re.finditer(re.escape(words), document.text)), key=lambda start: abs(start - near))
    return at, at + len(words)


def wording(document: Document, span: Span) -> str:
    """The words of a span with those around them, folded."""
    start, end = span
    before = folded(document.text[max(0, start - REACH) : start])[-NEAR:]
    after = folded(document.text[end : end + REACH])[:NEAR]
    return " ".join([*before, *folded(document.text[start:end]), *after])


def findings(
    occurrences: Iterable[Occurrence],
    phenomena: Iterable[Phenomenon],
    documents: Mapping[str, Document],
    gold: Mapping[str, Record],
) -> Iterator[Finding]:
    """Occurrences of what does not exist, and words that do not stand in the article, each with its line (one a row)."""
    layers = {one.id: one.layer for one in phenomena}
    for line, one in enumerate(occurrences, 2):
        where = f"{one.document} {one.annotation or repr(one.words)}"
        if one.document not in documents:
            message = f"there is no document {one.document!r}"
        elif one.phenomenon not in layers:
            message = f"{where}: there is no phenomenon {one.phenomenon!r} in phenomena.csv"
        elif layers[one.phenomenon] not in (one.layer, "all"):
            message = f"{where}: {one.phenomenon} is a phenomenon of {layers[one.phenomenon]}, not of {one.layer}"
        elif one.annotation and _named(gold.get(one.document, Record(id="none")), one.layer, one.annotation) is None:
            there = [item.id or "" for item in _annotations(gold.get(one.document, Record(id="none")), one.layer)]
            message = f"{one.document} has no annotation {one.annotation!r} in {one.layer}; it has {listing(there, 3)}"
        elif not one.words or one.words not in documents[one.document].text:
            yield Finding(code="occurrence-words", message=f"{one.document} does not hold the words {one.words!r}", line=line)
            continue
        else:
            continue
        yield Finding(code="occurrence-unknown", message=message, line=line)


def sheet(counts: Iterable[Count]) -> Sheet:
    """Phenomena by split, with the least number beside each split that has one."""
    listed = list(counts)
    rows: list[tuple[Cell, ...]] = []
    for one in listed:
        asked = [cell for split, least in one.least.items() for cell in (one.wordings[split], least)]
        rest = [number for split, number in one.wordings.items() if split not in one.least]
        rows.append((one.phenomenon, one.layer, one.source, *asked, *rest, "yes" if one.met else "no"))
    heads = [head for split in LEAST for head in (split, "least")]
    others = [split for split in corpus.splits() if split not in LEAST]
    unmet = sum(not one.met for one in listed)
    return Sheet(
        title="phenomena",
        heads=("phenomenon", "layer", "from", *heads, *others, "met"),
        rows=rows,
        notes=(f"different wordings; {len(listed) - unmet} of {len(listed)} phenomena are met",),
    )


def as_list(counts: Iterable[Count]) -> list[dict[str, Any]]:
    """The counts as JSON has them."""
    return [msgspec.to_builtins(one) | {"met": one.met} for one in counts]
