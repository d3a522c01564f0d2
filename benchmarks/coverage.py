"""How often the intervals hold the truth, by simulation: few and many documents, few and many annotations in each.

A document has 1 + Poisson gold annotations, whose mean itself varies from document to document (gamma, shape 3), and its own
difficulty: a system shares each of them with a probability drawn from a beta distribution around its F1, and adds about as
many spurious ones as it misses. Two systems that are equally good find much the same documents hard (correlation 0.5).

Usage: python benchmarks/coverage.py [DOCUMENTS …] prints the lines of these numbers of documents, by default of all.
"""

import sys
from collections.abc import Sequence

import numpy as np
from scipy.stats import beta, norm

from vnnews_bench.counts import UNIT
from vnnews_bench.render import Cell, Sheet, render
from vnnews_bench.resample import detectable, interval, paired

SEED = 20310504
RUNS = 4_000
DOCUMENTS = (5, 10, 20, 64)
GOLD = (4, 11, 70)  # a document, on average: few; quotes or events of the corpus; its names
SCORES = (0.5, 0.8, 0.95)
MIDDLE = 0.8  # the score of the last columns
CONCENTRATION = 20  # of the beta distribution: a standard deviation of 9 points between documents at F1 80


def simulated(random: np.random.Generator, documents: int, gold: int, score: float, runs: int) -> np.ndarray:
    """Units of shape (runs, 2 systems, documents, 3)."""
    mean = random.gamma(3, (gold - 1) / 3, (runs, 1, documents))
    there = 1 + random.poisson(mean).repeat(2, axis=1)
    hard = np.sqrt(0.5) * (random.normal(size=(runs, 1, documents)) + random.normal(size=(runs, 2, documents)))
    rate = beta.ppf(norm.cdf(hard), CONCENTRATION * score, CONCENTRATION * (1 - score))
    shared = random.binomial(there, rate)
    predicted = shared + random.poisson(there * (1 - rate))
    return np.stack([there, predicted, shared], axis=-1) * UNIT


def bootstrap(random: np.random.Generator, units: np.ndarray) -> tuple[float, float]:
    """The percentile interval over documents drawn with replacement, for comparison."""
    drawn = units[random.integers(0, len(units), (500, len(units)))].sum(axis=1)
    low, high = np.quantile(2 * drawn[:, 2] / (drawn[:, 0] + drawn[:, 1]), [0.025, 0.975])
    return float(low), float(high)


def line(documents: int, gold: int) -> tuple[Cell, ...]:
    """One line of the table, in percent or points of F1; the same whatever other lines are made."""
    random = np.random.default_rng([SEED, documents, gold])
    held: list[Cell] = []
    for score in SCORES:
        sample = simulated(random, documents, gold, score, RUNS)
        found = [interval(units) for units in sample[:, 0]]
        held.append(100 * float(np.mean([one.low <= score <= one.high for one in found])))
        if score == MIDDLE:
            width = 100 * float(np.median([one.high - one.low for one in found]))
            drawn = [bootstrap(random, units) for units in sample[:, 0]]
            theirs = 100 * float(np.mean([low <= score <= high for low, high in drawn]))
            pairs = [paired(a, b) for a, b in sample]
            zero = 100 * float(np.mean([pair.low is None or pair.low <= 0 <= pair.high for pair in pairs]))
            least = 100 * float(np.median([detectable(a, b) or 0 for a, b in sample]))
    return (documents, gold, *held, theirs, width, zero, least)


def sheet(numbers: Sequence[int]) -> Sheet:
    """The table of the lines of these numbers of documents."""
    heads = ("documents", "gold each", *(f"F1 {100 * score:.0f}" for score in SCORES))
    last = ("bootstrap", "width", "paired", "detectable")
    rows = [line(documents, gold) for documents in numbers for gold in GOLD]
    return Sheet(
        title="coverage of 95 % intervals, in percent; width and detectable in points of F1", heads=(*heads, *last), rows=rows
    )


if __name__ == "__main__":
    print(render(sheet([int(number) for number in sys.argv[1:]] or DOCUMENTS), "markdown"))
