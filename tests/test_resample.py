"""Intervals and tests from counts per document, beside scipy's, and in what order or company must not matter."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from vnnews_bench import resample
from vnnews_bench.counts import UNIT
from vnnews_bench.resample import detectable, holm, interval, swap, tie_groups, wilson


def units(*rows):
    """Gold, predicted and shared annotations of documents, in units."""
    return np.array(rows, dtype=np.int64).reshape(-1, 3) * UNIT


def f1(table):
    gold, predicted, shared = table.sum(axis=0).tolist()
    return 2 * shared / (gold + predicted)


@st.composite
def documents(draw, fewest=2, most=6, least=0):
    """Gold, and what two systems predict and share, of the same documents."""
    sides, mass = ([], []), st.integers(least, 30)
    for _ in range(draw(st.integers(fewest, most))):
        gold = draw(mass)
        for side in sides:
            predicted = draw(mass)
            side.append((gold, predicted, draw(st.integers(0, min(gold, predicted)))))
    return units(*sides[0]), units(*sides[1])


FIVE = units((80, 78, 70), (60, 55, 41), (90, 95, 80), (70, 68, 60), (50, 43, 39))
OTHER = units((80, 70, 50), (60, 65, 38), (90, 80, 61), (70, 75, 58), (50, 50, 33))


def test_the_interval_is_that_of_a_t_test_of_pseudo_values():
    size = len(FIVE)
    without = [f1(np.delete(FIVE, n, axis=0)) for n in range(size)]
    pseudo = [size * f1(FIVE) - (size - 1) * value for value in without]
    half = stats.t.interval(0.95, size - 1, scale=stats.sem(pseudo))[1]
    found = interval(FIVE)
    assert (found.low, found.high) == pytest.approx((f1(FIVE) - half, f1(FIVE) + half))
    assert (found.loo_low, found.loo_high) == pytest.approx((min(without), max(without)))


def test_the_difference_is_that_of_a_t_test_of_pseudo_values():
    size = len(FIVE)
    difference = f1(FIVE) - f1(OTHER)
    without = [f1(np.delete(FIVE, n, axis=0)) - f1(np.delete(OTHER, n, axis=0)) for n in range(size)]
    theirs = stats.ttest_1samp([size * difference - (size - 1) * value for value in without], 0)
    middle = theirs.confidence_interval(0.95)
    found = swap(FIVE, OTHER)
    half = (middle.high - middle.low) / 2
    assert (found.low, found.high) == pytest.approx((difference - half, difference + half))
    spread = half / stats.t.ppf(0.975, size - 1)
    assert found.p_jackknife == pytest.approx(2 * stats.t.sf(difference / spread, size - 1))
    assert detectable(FIVE, OTHER) == pytest.approx((stats.t.ppf(0.975, size - 1) + stats.t.ppf(0.8, size - 1)) * spread)


@pytest.mark.parametrize(("shared", "items"), [(0, 7), (3, 7), (7, 7), (1, 1), (40, 59)])
def test_wilson_is_scipys_carried_over_to_f1(shared, items):
    theirs = stats.binomtest(shared, items).proportion_ci(0.95, method="wilson")
    assert wilson(shared, items) == pytest.approx([2 * end / (1 + end) for end in (theirs.low, theirs.high)])


def test_few_items_widen_the_interval_and_many_do_not():
    rows = np.array([(5, 5, 4)] * 3 + [(5, 4, 4), (5, 6, 4)])
    few, many = interval(units(*rows)), interval(units(*10 * rows))
    assert (few.low, few.high) == pytest.approx(wilson(20, 30))
    assert few.low < many.low < many.high < few.high


@pytest.mark.parametrize("row", [(90, 90, 90), (90, 90, 0)])
def test_documents_that_agree_are_no_certainty(row):
    found = interval(units(*[row] * 5))
    assert found.loo_low == found.loo_high
    assert 0 < found.high - found.low < 0.02


def by_scipy(a, b, **options):
    """The paired permutation test of scipy, in which documents change sides."""
    rows = np.concatenate([a, b])

    def statistic(left, right):
        return abs(f1(rows[left.astype(int)]) - f1(rows[right.astype(int)]))

    sides = np.arange(len(a)), np.arange(len(a), 2 * len(a))
    return stats.permutation_test(
        sides, statistic, permutation_type="samples", alternative="greater", vectorized=False, **options
    ).pvalue


@given(documents(least=1))
def test_the_exact_swap_test_is_scipys(pair):
    assert swap(*pair).p == pytest.approx(by_scipy(*pair, n_resamples=np.inf))


def test_the_swaps_are_enumerated_as_far_as_they_may_be(monkeypatch):
    random = np.random.default_rng(5)
    gold, first = random.integers(7, 20, 12), random.integers(1, 5, 12)
    second = first + random.choice([-1, 1, 2], 12)
    a, b = (units(*np.stack([gold, gold, shared], axis=1)) for shared in (first, second))
    exact = swap(a, b)
    assert exact.exact
    assert exact.p == pytest.approx(by_scipy(a, b, n_resamples=np.inf))
    monkeypatch.setattr(resample, "MOST_EXACT", 8)
    drawn = swap(a, b)
    theirs = by_scipy(a, b, n_resamples=3_000, random_state=7)
    assert not drawn.exact
    # five standard errors of a share among 9,999 draws, and among 3,000
    assert abs(drawn.p - exact.p) < 5 * math.sqrt(exact.p / 9_999)
    assert abs(drawn.p - theirs) < 5 * math.sqrt(exact.p / 9_999 + exact.p / 3_000)
    assert drawn.p * 10_000 == pytest.approx(round(drawn.p * 10_000))  # (hits + 1)/(9,999 + 1)


def test_a_difference_that_no_draw_reaches_is_not_impossible():
    found = swap(units(*[(90, 90, 80)] * 40), units(*[(90, 90, 10)] * 40))
    assert (found.p, found.floor, found.exact) == (1e-4, 1e-4, False)


def test_five_documents_cannot_go_below_their_floor():
    found = swap(units(*[(90, 90, 80)] * 4, (90, 90, 81)), units(*[(90, 90, 10)] * 5))
    assert (found.p, found.floor, found.exact) == (0.0625, 0.0625, True)
    same_in_two = swap(FIVE, np.concatenate([FIVE[:2], OTHER[2:]]))
    assert same_in_two.floor == 0.25
    assert same_in_two.p >= 0.25


@pytest.mark.parametrize("rows", [[], [(5, 4, 3)], [(0, 0, 0)] * 3, [(0, 0, 0), (5, 4, 3)]])
def test_without_two_documents_nothing_is_said(rows):
    table = units(*rows)
    assert interval(table) == resample.Interval()
    found = swap(table, table)
    assert (found.low, found.high, found.p_jackknife, found.p, found.floor) == (None,) * 5
    assert found.difference == (0 if (table > 0).any() else None)
    assert detectable(table, table) is None


@given(documents(fewest=0))
def test_nothing_is_nan_and_every_interval_holds_its_score(pair):
    a, b = pair
    one, both = interval(a), swap(a, b)
    values = [one.low, one.high, one.loo_low, one.loo_high, both.difference, both.low, both.high, both.p_jackknife, both.p]
    assert all(value is None or math.isfinite(value) for value in [*values, both.floor, detectable(a, b)])
    if one.low is not None:
        assert 0 <= one.low <= f1(a) + 1e-9
        assert f1(a) - 1e-9 <= one.high <= 1
    if both.low is not None:
        assert both.low <= both.difference <= both.high
    assert both.p is None or both.floor <= both.p <= 1


def alike(one, other):
    for name in one.__struct_fields__:
        assert getattr(one, name) == pytest.approx(getattr(other, name), abs=1e-9), name


@given(documents(), st.randoms(use_true_random=False))
def test_the_order_of_documents_does_not_matter(pair, random):
    a, b = pair
    order = random.sample(range(len(a)), len(a))
    alike(interval(a[order]), interval(a))
    alike(swap(a[order], b[order]), swap(a, b))


@given(documents())
def test_the_other_way_round_the_difference_changes_its_sign(pair):
    a, b = pair
    one, other = swap(a, b), swap(b, a)
    assert (one.p, one.floor) == (other.p, other.floor)
    assert one.p_jackknife == pytest.approx(other.p_jackknife)
    if one.low is not None:
        assert (one.difference, one.low, one.high) == pytest.approx((-other.difference, -other.high, -other.low))


@given(documents(), st.integers(1, 3))
def test_documents_that_all_leave_empty_say_nothing(pair, times):
    a, b = (np.concatenate([side, units(*[(0, 0, 0)] * times)]) for side in pair)
    alike(interval(a), interval(pair[0]))
    alike(swap(a, b), swap(*pair))


def test_systems_on_different_gold_are_not_compared():
    with pytest.raises(ValueError, match="the same gold"):
        swap(FIVE, FIVE + units((1, 0, 0)))


@given(st.lists(st.floats(0, 1), max_size=8))
def test_holm_is_the_step_down_procedure(ps):
    adjusted = holm(ps)
    for level in (0.01, 0.05, 0.3):
        rejected = []
        for step, n in enumerate(sorted(range(len(ps)), key=ps.__getitem__)):
            if ps[n] * (len(ps) - step) > level:
                break
            rejected.append(n)
        assert [n for n, p in enumerate(adjusted) if p <= level] == sorted(rejected)


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([]) == []


def test_groups_are_led_by_the_first_that_is_told_apart():
    scores = [0.5, 0.9, None, 0.88, 0.52]
    ps = {(i, j): 0.0001 for j in range(5) for i in range(j)} | {(1, 3): 0.2, (0, 4): 0.7, (2, 4): None, (0, 2): 0.5}
    assert tie_groups(scores, ps) == [2, 1, 2, 1, 2]
    assert tie_groups(scores, dict.fromkeys(ps, 0.02)) == [1] * 5  # 0.02 of ten comparisons is 0.2
    assert tie_groups([0.3], {}) == [1]
    assert tie_groups([], {}) == []
