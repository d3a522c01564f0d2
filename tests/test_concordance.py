"""How alike the tests rank: tau-b is scipy's, the interval is that of documents drawn again, and few systems are too few."""

import json

import hostile
import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau

from vnnews_bench import BenchError, concordance, corpus, results
from vnnews_bench.leaderboard import TESTS
from vnnews_bench.records import Record

scores = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=12)


@given(scores)
def test_tau_is_that_of_scipy(pairs):
    """Also with ties, on one test or on both."""
    one, other = (np.array([column], dtype=float) / 5 for column in zip(*pairs, strict=True))
    (mine,) = concordance.tau_b(concordance._signs(one), concordance._signs(other))
    theirs = kendalltau(one[0], other[0], variant="b").statistic
    assert mine == pytest.approx(theirs, nan_ok=True)


@given(scores)
def test_the_order_of_systems_says_nothing(pairs):
    turned = pairs[::-1]
    found = []
    for order in (pairs, turned):
        one, other = (np.array([column], dtype=float) for column in zip(*order, strict=True))
        found.append(concordance.tau_b(concordance._signs(one), concordance._signs(other)))
    np.testing.assert_allclose(*found)


def rows_of(folder, **shares: tuple[int, int]) -> list[results.Result]:
    """Rows of systems that find so many tenths of the names of each document of `test` and of `test_written`."""
    for name, parts in shares.items():
        records = [
            Record(id=id, entities=gold.entities[: len(gold.entities) * tenths // 10])
            for split, tenths in zip(TESTS, parts, strict=True)
            for id, gold in corpus.load(split).gold.items()
        ]
        hostile.add(folder, name, records)
    return results.read(folder)


def test_the_same_order_everywhere_is_one_without_doubt(tmp_path):
    ner, whole = concordance.concordances(rows_of(tmp_path, a=(9, 8), b=(6, 5), c=(2, 3)))
    assert (ner.task, ner.metric, ner.systems, ner.pairs, ner.alike) == ("ner", "strict", ("a", "b", "c"), 3, 3)
    assert (ner.tau, ner.low, ner.high) == (1.0, 1.0, 1.0)
    assert msgspec.structs.replace(whole, task="ner", metric="strict") == ner


def test_the_opposite_order_is_minus_one(tmp_path):
    ner, _ = concordance.concordances(rows_of(tmp_path, a=(9, 3), b=(6, 5), c=(2, 8)))
    assert (ner.alike, ner.tau, ner.low, ner.high) == (0, -1.0, -1.0, -1.0)


def test_two_systems_of_three_that_lie_close_make_the_interval_wide(tmp_path):
    """A and B each lack one document of each test, C most of all: the documents that are drawn decide between the first two."""
    rows = rows_of(tmp_path, c=(2, 2))
    for name, gone in (("a", (0, 1)), ("b", (1, 0))):
        records = []
        for split, n in zip(TESTS, gone, strict=True):
            gold = list(corpus.load(split).gold.values())
            records += [Record(id=r.id, entities=() if k == n else r.entities) for k, r in enumerate(gold)]
        hostile.add(tmp_path, name, records)
    rows = results.read(tmp_path)
    ner, _ = concordance.concordances(rows)
    assert (ner.low, ner.high) == (pytest.approx(1 / 3), 1.0)
    f1 = [[row.scores["strict"]["f1"] for row in rows if row.split == split] for split in TESTS]
    assert ner.tau == pytest.approx(kendalltau(*f1).statistic)
    assert concordance.concordances(rows) == concordance.concordances(rows[::-1])


def test_all_level_is_undefined(tmp_path):
    ner, whole = concordance.concordances(rows_of(tmp_path, a=(9, 5), b=(9, 5), c=(9, 5)))
    assert (ner.alike, ner.tau, ner.low, ner.high, whole.tau) == (3, None, None, None, None)


def test_the_pairs_of_all_tasks_are_pooled(tmp_path):
    """Two systems of one task and three of another: four pairs, of which three are in the same order."""
    rows_of(tmp_path, a=(9, 8), b=(6, 5), c=(2, 3))
    gold = {id: record for split in TESTS for id, record in corpus.load(split).gold.items()}
    late = set(corpus.load("test_written").gold)
    for name, here in (("x", False), ("y", True)):  # x has the quotes of one test, y those of the other
        hostile.add(
            tmp_path, name, [Record(id=id, quotes=r.quotes if (id in late) is here else r.quotes[:0]) for id, r in gold.items()]
        )
    ner, quotes, whole = concordance.concordances(results.read(tmp_path))
    assert (quotes.systems, quotes.pairs, quotes.alike, quotes.tau) == (("x", "y"), 1, 0, None)
    assert (whole.pairs, whole.alike, whole.tau) == (4, 3, 0.5)
    assert ner.tau == 1.0


def test_the_command(run, tmp_path):
    rows_of(tmp_path, a=(9, 8), b=(6, 5))
    done = run("concordance", tmp_path, "--format", "markdown")
    assert done.exit_code == 0, done.stderr
    assert "| ner | strict | 2 | 1 | 1 | too few | – |" in done.stdout
    assert "have 1 of 1 pairs of systems of one task in the same order." in done.stdout
    rows_of(tmp_path, c=(2, 3))
    text = run("concordance", tmp_path, "--format", "markdown").stdout
    assert "| ner | strict | 3 | 3 | 3 | 1.00 | 1.00 to 1.00 |" in text
    assert "in the same order; tau-b over them is 1.00, with a 95 % interval of 1.00 to 1.00." in text
    assert json.loads(run("concordance", tmp_path, "--format", "json").stdout)[0]["systems"] == ["a", "b", "c"]


def test_rows_that_cannot_be_compared_are_left_out_and_none_is_an_error(run, tmp_path):
    rows = rows_of(tmp_path, a=(9, 8), b=(6, 5))
    with pytest.raises(BenchError, match="no two systems have current rows of both tests; `vnnews-bench measure SYSTEM"):
        concordance.concordances([row for row in rows if (row.system, row.split) != ("b", "test_written")])
    old = [msgspec.structs.replace(row, data_version="0.9.0") for row in rows]
    with pytest.raises(BenchError, match="no two systems"):
        concordance.concordances(old)
