"""The mass kernel against seqeval and against plain arithmetic over sets and fractions."""

import random
from collections import Counter
from fractions import Fraction

import msgspec
import numpy as np
import plain
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seqeval.metrics import classification_report
from seqeval.scheme import IOB2
from strategies import VLSP, corpora, legal_tags, tagged_pairs, texts

from vnnews_bench.counts import UNIT, Atoms, Columns, Counts, as_counts, columns, shared_out, spread, tally, whole
from vnnews_bench.records import LAYERS
from vnnews_bench.tags import decode
from vnnews_bench.tasks import TASKS, ner


@given(tagged_pairs(legal_tags))
def test_strict_has_the_counts_of_seqeval_on_legal_flat_tags(pair):
    gold, predicted = pair
    if not any(tag != "O" for row in gold for tag in row):
        return  # seqeval cannot report on no gold
    report = classification_report(gold, predicted, mode="strict", scheme=IOB2, output_dict=True, zero_division=0)
    rows = [decode(side, VLSP) for side in pair]
    table = tally(*(whole(side, (side.start, side.end)) for side in rows), len(gold)).sum(axis=0)
    for label, counts in zip(VLSP, map(as_counts, table), strict=True):
        if counts.gold:
            assert counts.gold == report[label]["support"]
            assert counts.recall == report[label]["recall"]
            assert (counts.precision or 0) == report[label]["precision"]
            assert counts.f1 == pytest.approx(report[label]["f1-score"])
    total = as_counts(table.sum(axis=0))
    assert (total.precision or 0, total.recall) == (report["micro avg"]["precision"], report["micro avg"]["recall"])


@given(texts, st.data())
def test_nested_has_the_counts_of_set_intersection(gold, data):
    predicted = data.draw(st.lists(st.sampled_from([[], *gold]), min_size=len(gold), max_size=len(gold)))
    rows = [ner.Rows(ner.columns_of(side), ner.columns_of([])) for side in (gold, predicted)]
    table = tally(*map(ner.nested, rows), len(gold))
    for row, left, right in zip(table.sum(axis=1), gold, predicted, strict=True):
        sets = [{(e.start, e.end, e.label) for e in side} for side in (left, right)]
        assert as_counts(row) == Counts(len(sets[0]), len(sets[1]), len(sets[0] & sets[1]))


@st.composite
def claimed(draw):
    """Annotations of two texts and labels as (text, label, key, disjoint spans in order), some of them twice."""
    spans = st.lists(st.integers(0, 40), min_size=2, max_size=6, unique=True).map(sorted)
    rows = draw(st.lists(st.tuples(st.integers(0, 1), st.sampled_from("AB"), st.sampled_from([-(2**40), 0, 2**61]), spans)))
    return [(text, label, key, list(zip(ends[::2], ends[1::2], strict=False))) for text, label, key, ends in rows]


def runs(rows):
    """The same annotations as the kernel has them."""
    flat = [(t, "AB".index(label), key, *span, n) for n, (t, label, key, spans) in enumerate(rows) for span in spans]
    text, label, key, start, end, row = np.array(flat, dtype=np.int64).reshape(-1, 6).T
    return shared_out(Atoms(("A", "B"), text, label, (key,), start, end, np.zeros_like(row), row))


@settings(max_examples=300)
@given(claimed(), claimed())
def test_runs_have_the_counts_of_the_plain_definition(gold, predicted):
    sides = [
        [(text, label, [(key, at) for span in spans for at in range(*span)]) for text, label, key, spans in side]
        for side in (gold, predicted)
    ]
    assert (tally(runs(gold), runs(predicted), 2) == plain.tally(*sides, 2, "AB")).all()


@given(claimed(), claimed())
def test_whole_annotations_have_the_counts_of_the_plain_definition(gold, predicted):
    sides = [[(text, label, [(key, spans[0])]) for text, label, key, spans in side] for side in (gold, predicted)]
    atoms = []
    for side in (gold, predicted):
        flat = [(t, "AB".index(label), *spans[0], key) for t, label, key, spans in side]
        rows = columns(("A", "B"), *np.array(flat, dtype=np.int64).reshape(-1, 5).T)
        atoms.append(whole(rows, (rows.value, rows.start, rows.end)))
    assert (tally(*atoms, 2) == plain.tally(*sides, 2, "AB")).all()


@given(texts, texts)
def test_chars_are_fractions_of_spans(gold, predicted):
    size = min(len(gold), len(predicted))
    sides = [ner.columns_of(side[:size]) for side in (gold, predicted)]
    found = as_counts(tally(*(spread(side) for side in sides), size).sum(axis=(0, 1)))
    masses = [Counter[tuple[int, int, int]](), Counter[tuple[int, int, int]]()]
    for mass, side in zip(masses, sides, strict=True):
        for text, label, start, end in zip(side.text, side.label, side.start, side.end, strict=True):
            for at in range(start, end):
                mass[text, label, at] += Fraction(1, int(end - start))
    shared = sum(min(masses[0][atom], masses[1][atom]) for atom in masses[0])
    assert found.gold == sum(masses[0].values())
    assert found.predicted == sum(masses[1].values())
    assert found.shared == pytest.approx(float(shared), abs=1e-9)


METRICS = [(task, name) for task in TASKS.values() for name in task.metrics]
every_metric = pytest.mark.parametrize(("task", "metric"), METRICS, ids=[f"{task.name}-{name}" for task, name in METRICS])
fewer = settings(max_examples=30)  # of each of sixteen metrics


def units(task, metric, gold, predicted):
    """The counts of one metric over records, without documents."""
    nowhere = [None] * len(gold)
    left, right = task.metrics[metric].atoms(task.table(gold, nowhere, None), task.table(predicted, nowhere, None))
    return tally(left, right, len(gold))


def pair(gold, predicted):
    size = min(len(gold), len(predicted))
    return gold[:size], predicted[:size]


@fewer
@given(corpora)
@every_metric
def test_gold_against_itself_shares_everything(task, metric, gold):
    total = as_counts(units(task, metric, gold, gold).sum(axis=(0, 1)))
    assert total.gold == total.predicted == total.shared
    assert total.f1 in (1.0, None)


@fewer
@given(corpora, corpora, st.randoms())
@every_metric
def test_order_never_matters(task, metric, gold, predicted, shuffle: random.Random):
    sides = pair(gold, predicted)

    def mixed(record):
        layers = {layer: tuple(shuffle.sample(list(items := getattr(record, layer)), len(items))) for layer in LAYERS}
        return msgspec.structs.replace(record, **layers)

    after = units(task, metric, *([mixed(record) for record in side] for side in sides))
    assert (units(task, metric, *sides) == after).all()


@fewer
@given(corpora, corpora)
@every_metric
def test_swapping_the_sides_swaps_precision_and_recall(task, metric, gold, predicted):
    one, other = pair(gold, predicted)
    assert (units(task, metric, one, other)[..., [1, 0, 2]] == units(task, metric, other, one)).all()


@fewer
@given(corpora, corpora)
@every_metric
def test_nothing_is_shared_beyond_what_there_is(task, metric, gold, predicted):
    table = units(task, metric, *pair(gold, predicted))
    assert (table >= 0).all()
    assert (table[..., 2] <= table[..., :2].min(axis=-1)).all()


def test_long_spans_lose_no_mass():
    row = np.array([0], dtype=np.int64)
    rows = columns(("A",), row, row, row, row + 1009)  # a prime: the unit does not divide
    atoms = spread(rows)
    assert len(atoms.row) == 2  # not one for each code point
    assert (atoms.mass * (atoms.end - atoms.start)).sum() == UNIT
    assert as_counts(tally(atoms, atoms, 1)[0, 0]) == Counts(1, 1, 1)


def test_huge_offsets_do_not_overflow():
    big = 2**31 - 1
    rows = Columns(("A",), *np.array([[0, 1], [0, 0], [0, big - 1], [1, big], [2**40, 5], [0, 1]], dtype=np.int64))
    atoms = whole(rows, (rows.start, rows.end, rows.value, rows.value))
    assert as_counts(tally(atoms, atoms, 2).sum(axis=(0, 1))) == Counts(2, 2, 2)
    moved = atoms._replace(key=(rows.start, rows.end, rows.value + 1))
    assert as_counts(tally(atoms, moved, 2).sum(axis=(0, 1))) == Counts(2, 2, 0)


def test_undefined_scores_are_none_and_counts_add_up():
    assert (Counts().precision, Counts().recall, Counts().f1) == (None, None, None)
    assert (Counts(gold=2).precision, Counts(gold=2).recall, Counts(gold=2).f1) == (None, 0, 0)
    total = Counts(4, 2, 1) + Counts(0, 2, 0)
    assert (total.precision, total.recall, total.f1) == (0.25, 0.25, 0.25)
