"""BIO tags to spans and back; seqeval reads the same tags."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics.sequence_labeling import get_entities
from strategies import any_tags, legal_tags

from vnnews_bench.tags import decode, encode


def spans(sentences, labels):
    rows = decode(sentences, labels)
    return [
        (int(text), rows.labels[label], int(start), int(end))
        for text, label, start, end in zip(rows.text, rows.label, rows.start, rows.end, strict=True)
    ]


@given(st.lists(any_tags(), min_size=1, max_size=5))
def test_any_tags_are_read_as_seqeval_and_conlleval_read_them(sentences):
    expected = [(n, label, a, b + 1) for n, row in enumerate(sentences) for label, a, b in get_entities(row)]
    assert spans(sentences, ("PER", "LOC")) == expected


@given(legal_tags())
def test_encode_undoes_decode(tags):
    tokens = [(10 * n, 10 * n + 5) for n in range(len(tags))]
    found = [(tokens[a][0], tokens[b - 1][1], label) for _, label, a, b in spans([tags], ("PER", "ORG", "LOC", "MISC"))]
    assert encode(tokens, found) == tags


def test_a_token_that_overlaps_a_span_belongs_to_it_and_the_first_span_wins():
    tokens = [(0, 3), (4, 9), (10, 12)]
    assert encode(tokens, [(2, 5, "PER"), (4, 12, "LOC")]) == ["B-PER", "I-PER", "O"]


def test_nothing():
    assert spans([], ("PER",)) == []
    assert spans([[], []], ("PER",)) == []
    assert spans([[], ["B-PER"], []], ("PER",)) == [(1, "PER", 0, 1)]


@pytest.mark.parametrize("tag", ["B-CITY", "S-PER", "PER", "B-", ""])
def test_other_tags_are_refused(tag):
    with pytest.raises(ValueError, match="is no BIO tag; tags are O, and B- or I- before one of PER"):
        decode([[tag]], ("PER",))
