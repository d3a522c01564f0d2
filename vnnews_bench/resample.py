"""What a score from few documents is worth: intervals, paired tests, groups of systems that cannot be told apart.

Everything is read off counts per document; nothing is scored again.

Conventions
    * The document is the unit of replication: sentences of one article share its names, speakers and days.
    * `units` are integers of shape (documents, 3): gold, predicted and shared mass in `counts.UNIT`s. A document in which
      neither gold nor prediction has anything is left out: it says nothing, and would only make an interval narrower.
    * Scores and differences are fractions. What is undefined (0/0, or a single document) is `None`.

Sources: the jackknife of Quenouille (1956) and Tukey (1958), with the t distribution of D-1 degrees of freedom; Wilson (1927),
"Probable inference, the law of succession, and statistical inference"; Hand, Christen & Kirielle (2021), "F*: an interpretable
transformation of the F-measure"; approximate randomisation as in Yeh (2000), "More accurate tests for the statistical
significance of result differences", with the p of Phipson & Smyth (2010); Holm (1979); Bloom (1995), "Minimum detectable
effects".
"""

from collections.abc import Iterator, Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from vnnews_bench.counts import UNIT, Ints

Floats = NDArray[np.float64]

LEVEL = 0.95
ALPHA = 1 - LEVEL
POWER = 0.8
FEW_ITEMS = 60  # below, the documents alone do not show how much chance there is in a score
MOST_EXACT = 16  # documents whose 2^16 swaps are enumerated
DRAWS = 9_999  # Monte Carlo beyond
SEED = 2031
TOLERANCE = 1e-12  # differences closer than that are equal: rounding, not evidence
TOLD_FROM = 6  # documents from which on the swap test can go below ALPHA


class Interval(msgspec.Struct, frozen=True, kw_only=True):
    """A 95 % interval of F1 (`low` to `high`), and the range of F1 over the documents left out one at a time."""

    low: float | None = None
    high: float | None = None
    loo_low: float | None = None
    loo_high: float | None = None


class Swap(msgspec.Struct, frozen=True, kw_only=True):
    """How much better A is than B on the same documents.

    `difference` is F1 of A less F1 of B, `low` to `high` its jackknife interval, and `p_jackknife` the p at which that interval
    ends at zero; none of the three is there when no document changes the difference, or one makes it undefined. `p` is that of
    the swap test, `floor` the least that it could have been with these documents, `exact` whether every swap was tried.
    `documents` is how many there are in which either system or the gold has something.
    """

    documents: int
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    p_jackknife: float | None = None
    p: float | None = None
    floor: float | None = None
    exact: bool = True


def interval(units: Ints) -> Interval:
    """The delete-one-document jackknife of F1 times t(D-1), cut to 0…1, united with the Wilson interval where it is not enough.

    That is so with fewer than 60 items, and when no document changes the score. An item is an annotation of gold or prediction,
    a shared one once: gold + predicted - shared of them, each a success when it is shared. Their rate is Hand's F*, the
    Jaccard index, for which Wilson's interval holds; F1 = 2 F*/(1 + F*) carries its ends over.
    """
    units = _told(units)
    if len(units) < 2:
        return Interval()
    total = units.sum(axis=0)
    without = _f1(total - units)
    value = float(_f1(total))
    error = _error(without)
    half = _t(LEVEL / 2 + 0.5, len(units)) * error
    low, high = max(0.0, value - half), min(1.0, value + half)
    gold, predicted, shared = (int(mass) / UNIT for mass in total)
    items = gold + predicted - shared
    if items < FEW_ITEMS or error == 0:
        ends = wilson(shared, items)
        low, high = min(low, ends[0]), max(high, ends[1])
    return Interval(low=low, high=high, loo_low=float(without.min()), loo_high=float(without.max()))


def wilson(shared: float, items: float) -> tuple[float, float]:
    """Wilson's 95 % interval of the rate of shared items, as F1."""
    from scipy.special import ndtri

    z = float(ndtri(LEVEL / 2 + 0.5))
    rate = shared / items
    middle = rate + z * z / (2 * items)
    half = z * float(np.sqrt(rate * (1 - rate) / items + z * z / (4 * items * items)))
    low, high = ((middle + side) / (1 + z * z / items) for side in (-half, half))
    low, high = (0.0 if shared == 0 else low), (1.0 if shared == items else high)
    return 2 * low / (1 + low), 2 * high / (1 + high)


def swap(a: Ints, b: Ints) -> Swap:
    """A compared with B on the same documents, in the same order.

    The test swaps the two outputs document by document. It tries all 2^d swaps of the d documents in which the two differ, up
    to 2^16; beyond, 9,999 random ones with p = (hits + 1)/(draws + 1), the same in every run. A hit is a difference at least as
    large as the one observed, in either direction.
    """
    found = paired(a, b)
    if found.documents < 2 or found.difference is None:
        return found
    p, floor, exact = _swapped(*_paired(a, b), abs(found.difference))
    return msgspec.structs.replace(found, p=p, floor=floor, exact=exact)


def paired(a: Ints, b: Ints) -> Swap:
    """What `swap` says without the test: the difference and its jackknife."""
    a, b = _paired(a, b)
    size = len(a)
    difference = float(_f1(a.sum(axis=0)) - _f1(b.sum(axis=0)))
    if np.isnan(difference):
        return Swap(documents=size)
    error = _error(_differences(a, b)) if size > 1 else 0.0
    if np.isnan(error) or error == 0:
        return Swap(documents=size, difference=difference)
    half = _t(LEVEL / 2 + 0.5, size) * error
    return Swap(
        documents=size,
        difference=difference,
        low=max(-1.0, difference - half),
        high=min(1.0, difference + half),
        p_jackknife=_p_of_t(difference, error, size),
    )


def holm(ps: Sequence[float]) -> list[float]:
    """The p values adjusted for their number by Holm's method, in the order given: p·k for the k that are not smaller."""
    order = np.argsort(ps, kind="stable")
    raised = np.maximum.accumulate(np.asarray(ps, dtype=float)[order] * np.arange(len(ps), 0, -1))
    adjusted = np.empty(len(ps))
    adjusted[order] = np.minimum(raised, 1)
    return [float(p) for p in adjusted]


def tie_groups(scores: Sequence[float | None], ps: Mapping[tuple[int, int], float | None]) -> list[int]:
    """The group of each system, numbered from 1, the best first.

    `ps` has a p per pair of systems (i < j), `p_jackknife` as a rule, which Holm's method adjusts here. From the best system
    down, a group is its leader and those that follow until one is told apart from the leader at 5 %; that one leads the next
    group. A pair without a p is not told apart.
    """
    known = [pair for pair, p in ps.items() if p is not None]
    adjusted = dict(zip(known, holm([p for p in ps.values() if p is not None]), strict=True))
    order = sorted(range(len(scores)), key=lambda n: (-(scores[n] or 0), n))
    groups = [0] * len(scores)
    leader, group = -1, 0
    for n in order:
        if leader < 0 or adjusted.get((min(leader, n), max(leader, n)), 1.0) <= ALPHA:
            leader, group = n, group + 1
        groups[n] = group
    return groups


def detectable(a: Ints, b: Ints) -> float | None:
    """The smallest true difference that the interval of `swap` would leave zero out for in 80 of 100 such sets of documents.

    It is (t(D-1; 97.5 %) + t(D-1; 80 %)) standard errors of the paired difference.
    """
    a, b = _paired(a, b)
    if len(a) < 2:
        return None
    error = _error(_differences(a, b))
    return None if np.isnan(error) or error == 0 else (_t(LEVEL / 2 + 0.5, len(a)) + _t(POWER, len(a))) * error


def _told(units: Ints) -> Ints:
    """The documents in which there is something."""
    return units[units[:, :2].any(axis=1)]


def _paired(a: Ints, b: Ints) -> tuple[Ints, Ints]:
    """The documents in which either side has something. Raises `ValueError` when the two are not about the same gold."""
    if a.shape != b.shape or (a[:, 0] != b[:, 0]).any():
        raise ValueError("two systems are compared on the same gold of the same documents")
    told = a[:, :2].any(axis=1) | b[:, :2].any(axis=1)
    return a[told], b[told]


def _f1(units: Ints) -> Floats:
    """F1 over the last axis; nan where it is undefined, which does not leave this module."""
    whole = (units[..., 0] + units[..., 1]).astype(float)
    found: Floats = np.divide(2.0 * units[..., 2], whole, out=np.full(whole.shape, np.nan), where=whole > 0)
    return found


def _differences(a: Ints, b: Ints) -> Floats:
    """F1 of A less F1 of B with each document left out."""
    return _f1(a.sum(axis=0) - a) - _f1(b.sum(axis=0) - b)


def _error(without: Floats) -> float:
    """The jackknife's standard error, from the estimates with one document left out."""
    size = len(without)
    spread = without - without.mean()
    spread[np.abs(spread) < TOLERANCE] = 0
    return float(np.sqrt((size - 1) / size * (spread**2).sum()))


def _t(share: float, size: int) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(size - 1, share))


def _p_of_t(difference: float, error: float, size: int) -> float:
    from scipy.special import stdtr

    return float(2 * stdtr(size - 1, -abs(difference) / error))


def _swapped(a: Ints, b: Ints, observed: float) -> tuple[float, float, bool]:
    """The p of the swap test, the least that it could have been, and whether all swaps were tried."""
    differ = (a != b).any(axis=1)
    count = int(differ.sum())
    exact = count <= MOST_EXACT
    lowest = 2.0 ** (1 - count) if count else 1.0
    change = (b - a)[differ]
    hits = draws = 0
    for swaps in _all(count) if exact else _some(count):
        moved = swaps @ change
        reached = np.abs(np.nan_to_num(_f1(a.sum(axis=0) + moved) - _f1(b.sum(axis=0) - moved)))
        hits += int((reached >= observed - TOLERANCE).sum())
        draws += len(swaps)
    return (hits / draws, lowest, True) if exact else ((hits + 1) / (draws + 1), max(lowest, 1 / (draws + 1)), False)


def _all(count: int) -> list[Ints]:
    """Every choice of documents to swap, one row each."""
    return [np.arange(2**count)[:, None] >> np.arange(count) & 1]


def _some(count: int) -> Iterator[Ints]:
    """Random choices of documents to swap, in parts, so that memory stays small."""
    random = np.random.default_rng(SEED)
    for size in (*(1_000,) * (DRAWS // 1_000), DRAWS % 1_000):
        yield random.integers(0, 2, size=(size, count))
