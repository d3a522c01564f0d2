"""Hypothesis strategies: legal tags, entities, records of all layers."""

from datetime import date

from hypothesis import strategies as st

from vnnews_bench.records import Bounds, Document, Entity, Event, Quote, Record, RegistryEntry, Speaker, Timex
from vnnews_bench.tasks.ner import LABELS, METONYMY

VLSP = ("PER", "ORG", "LOC", "MISC")


@st.composite
def legal_tags(draw, labels=VLSP, longest=12):
    """The IOB2 tags of one sentence, well-formed."""
    tags = []
    for _ in range(draw(st.integers(0, 5))):
        tags += ["O"] * draw(st.integers(0, 2))
        label, length = draw(st.sampled_from(labels)), draw(st.integers(1, 3))
        tags += [f"B-{label}"] + [f"I-{label}"] * (length - 1)
    return (tags + ["O"] * draw(st.integers(0, 2)))[:longest]


@st.composite
def tagged_pairs(draw, tags=legal_tags):
    """Gold and predicted tags of several sentences of equal lengths."""
    gold, predicted = [], []
    for _ in range(draw(st.integers(1, 6))):
        left, right = draw(tags()), draw(tags())
        length = min(len(left), len(right))
        gold.append(left[:length])
        predicted.append(right[:length])
    return gold, predicted


def any_tags(labels=("PER", "LOC"), longest=10):
    """Tags of one sentence in any order, legal or not."""
    known = ["O", *(f"{prefix}-{label}" for label in labels for prefix in "BI")]
    return st.lists(st.sampled_from(known), max_size=longest)


@st.composite
def entities(draw, length=20, most=8):
    """Entities of one text, nested and crossing at will, no claim twice."""
    spans = st.tuples(st.integers(0, length - 1), st.integers(1, 6), st.sampled_from(LABELS))
    claims = draw(st.lists(spans, max_size=most, unique=True))
    return [
        Entity(
            start=start,
            end=start + size,
            label=label,
            metonymy=draw(st.sampled_from([None, *METONYMY])),
            entity=draw(st.sampled_from([None, "per:a", "per:c"])),
        )
        for start, size, label in claims
    ]


texts = st.lists(entities(), min_size=1, max_size=4)

SPANS = st.tuples(st.integers(0, 20), st.integers(1, 6) | st.just(15)).map(lambda pair: (pair[0], pair[0] + pair[1]))
DAYS = st.none() | st.dates(date(2031, 1, 1), date(2031, 2, 28))
BOUNDS = st.tuples(DAYS, DAYS).map(lambda pair: Bounds(earliest=pair[0], latest=pair[1]))
IDS = st.lists(st.sampled_from(["per:a", "per:b", "anon:d-1"]), max_size=3).map(tuple)  # one of them twice, too
SPEAKERS = st.builds(
    Speaker,
    mentions=st.lists(SPANS, max_size=3).map(tuple),
    entities=IDS,
    name=st.sampled_from([None, "Sen", " sEN", "bà_Sen", "Đạt", "ai đó", ""]),
)
REGISTRY = {
    id: RegistryEntry(id=id, name=name, label="PER", aliases=aliases)
    for id, name, aliases in (("per:a", "Sen", ("bà Sen", "Đạt")), ("per:b", "Đạt", ()))
}
QUOTES = st.builds(
    Quote,
    spans=st.lists(SPANS, min_size=1, max_size=3).map(tuple),
    type=st.sampled_from([None, "DIRECT", "MIXED", "INDIRECT", "REPORTED"]),
    act=st.sampled_from([None, "speech", "attitude"]),
    cues=st.lists(SPANS, max_size=2, unique=True).map(tuple),
    speaker=st.none() | SPEAKERS,
    via=st.none() | SPEAKERS,
    level=st.integers(1, 2),
    heading=st.sampled_from([None, None, False, True]),
)
TIMEXES = st.builds(
    lambda span, kind, value: Timex(start=span[0], end=span[1], type=kind, value=value),
    SPANS,
    st.sampled_from(["DATE", "TIME"]),
    st.sampled_from(["2031", "2031-02", "2031-2"]),
)
EVENTS = st.builds(
    Event,
    type=st.sampled_from(["MEET", "VISIT"]),
    mentions=st.lists(SPANS, min_size=1, max_size=3, unique=True).map(tuple),
    begin=BOUNDS,
    end=BOUNDS,
)


@st.composite
def records(draw):
    """A record of all four layers."""
    return Record(
        id="d",
        entities=tuple(draw(entities())),
        quotes=tuple(draw(st.lists(QUOTES, max_size=4))),
        timexes=tuple(draw(st.lists(TIMEXES, max_size=5, unique_by=lambda t: (t.start, t.end)))),
        events=tuple(draw(st.lists(EVENTS, max_size=4))),
    )


corpora = st.lists(records(), min_size=1, max_size=3)

# dates at their wildest: empty, touching and repeated spans, bounds that are unknown or cross, months and years
NEAR = st.tuples(st.integers(0, 14), st.integers(0, 7)).map(lambda pair: (pair[0], pair[0] + pair[1]))
CLOSE = st.dates(date(2031, 1, 29), date(2031, 2, 3)) | st.sampled_from([date(2031, 1, 1), date(2031, 4, 17), date(2032, 3, 9)])
WILD_BOUNDS = st.builds(Bounds, earliest=st.none() | CLOSE, latest=st.none() | CLOSE)
WILD_EVENTS = st.builds(
    Event,
    type=st.sampled_from(["MEET", "VISIT"]),
    mentions=st.lists(NEAR, max_size=3).map(tuple),
    begin=WILD_BOUNDS,
    end=WILD_BOUNDS,
    granularity=st.none() | st.sampled_from(["day", "part-year", "none"]),
)
VALUES = st.sampled_from(["2031-02-03", " 2031-2-3", "2031-02-3t4:05", "2031-02-03T04:05", "", "p1d", "P1D"])
WILD_TIMEXES = st.builds(
    lambda span, kind, value, others: Timex(start=span[0], end=span[1], type=kind, value=value, alternatives=tuple(others)),
    NEAR,
    st.sampled_from([None, "DATE", "TIME"]),
    st.none() | VALUES,
    st.lists(VALUES, max_size=2),
)


@st.composite
def dated_pairs(draw, events=WILD_EVENTS, timexes=WILD_TIMEXES, most=6):
    """Gold and predicted records of the two layers of dates, of several texts; some predictions are gold in another order."""
    sides = [[], []]
    for _ in range(draw(st.integers(1, 3))):
        for side in sides:
            layers = [draw(st.none() | st.lists(layer, max_size=most)) for layer in (events, timexes)]
            if side is sides[1] and draw(st.booleans()):
                given = sides[0][-1]
                layers = [draw(st.permutations(layer or ()))[: most - 1] for layer in (given.events, given.timexes)]
            made = [None if layer is None else tuple(layer) for layer in layers]
            side.append(Record(id="d", events=made[0], timexes=made[1]))
    return sides


DOCUMENTS = st.none() | st.text("aă“”. _", min_size=35, max_size=35).map(lambda text: Document(id="d", text=text))
