"""Hypothesis strategies: legal tags, entities, records."""

from hypothesis import strategies as st

from vnnews_bench.records import Entity
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
        Entity(start=start, end=start + size, label=label, metonymy=draw(st.sampled_from([None, *METONYMY])))
        for start, size, label in claims
    ]


texts = st.lists(entities(), min_size=1, max_size=4)
