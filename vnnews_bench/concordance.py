"""How alike the two tests rank systems: Kendall's tau-b between their F1, with an interval from a bootstrap over documents.

All of it is read off the counts by document of stored rows; nothing is scored.

Conventions
    * `masses` are floats of shape (systems, documents, 3): gold, predicted and shared.
    * A pair of systems has a sign on each test: 1, 0 or -1 as the first one's F1 is higher, level or lower. Tau-b is the sum of
      the products of the signs over the root of the product of how many are not 0 on either test; `None` when there are none.

Sources: Kendall (1945), "The treatment of ties in ranking problems"; Efron & Tibshirani (1993), "An introduction to the
bootstrap", for the percentile interval.
"""

from collections.abc import Sequence
from itertools import combinations

import msgspec
import numpy as np
from numpy.typing import NDArray

from vnnews_bench import corpus
from vnnews_bench.errors import BenchError
from vnnews_bench.leaderboard import TESTS, Test
from vnnews_bench.render import Cell, Sheet
from vnnews_bench.resample import ALPHA, SEED, TOLERANCE
from vnnews_bench.results import Result
from vnnews_bench.tasks import TASKS

Floats = NDArray[np.float64]

DRAWS = 2_000
LEAST = 3  # systems of which one can speak of an order
POOLED = "all"  # the line of all pairs of systems of one task


class Concordance(msgspec.Struct, frozen=True, kw_only=True):
    """How alike two tests rank the `systems` of a task by its headline, or the pairs of all tasks together.

    Of `pairs` of systems so many are `alike`: in the same order on both tests, or level on both. `tau` is tau-b, `low` to
    `high` its 95 % percentile interval; the three are `None` with fewer than three systems, or where all of them are level.
    """

    task: str
    metric: str
    systems: tuple[str, ...]
    pairs: int
    alike: int
    tau: float | None
    low: float | None
    high: float | None


def concordances(rows: Sequence[Result]) -> list[Concordance]:
    """A line per task that two systems or more attempt, and one for the pairs of all tasks.

    A system counts that has rows of both tests, made with the data and code that are here, and is held to the headline.
    Documents of the two tests are drawn independently of each other, and each draw is the same for all tasks.
    Raises `BenchError` when there are no two such systems.
    """
    found = {task: _held(rows, task) for task in TASKS}
    found = {task: systems for task, systems in found.items() if len(systems) > 1}
    if not found:
        raise BenchError("no two systems have current rows of both tests; `vnnews-bench measure SYSTEM -o DIR` makes them")
    drawn = {split: _draws(n, len(corpus.load(split).documents)) for n, split in enumerate(TESTS)}
    signs: dict[str, list[Floats]] = {
        task: [_both(_masses([mine[split] for mine in systems.values()]), drawn[split]) for split in TESTS]
        for task, systems in found.items()
    }
    lines = [_line(task, TASKS[task].headline, tuple(systems), *signs[task]) for task, systems in found.items()]
    together = [np.concatenate(side, axis=1) for side in zip(*signs.values(), strict=True)]
    names = tuple(dict.fromkeys(name for systems in found.values() for name in systems))
    return [*lines, _line(POOLED, "", names, *together)]


def _held(rows: Sequence[Result], task: str) -> dict[str, dict[Test, Result]]:
    """The rows of both tests of each system that is held to the headline on both, by system."""
    found: dict[str, dict[Test, Result]] = {}
    for row in rows:
        if row.task == task and next(iter(row.scores)) == TASKS[task].headline and row.is_current:
            found.setdefault(row.system, {})[row.split] = row
    return {name: found[name] for name in sorted(found) if set(found[name]) == set(TESTS)}


def _masses(rows: Sequence[Result]) -> Floats:
    return np.array([[(c.gold, c.predicted, c.shared) for c in row.documents.values()] for row in rows], dtype=float)


def _draws(n: int, documents: int) -> Floats:
    """How often each document is drawn, of shape (draws, documents); the same in every run."""
    random = np.random.default_rng([SEED, n])
    return random.multinomial(documents, np.full(documents, 1 / documents), DRAWS).astype(float)


def _both(masses: Floats, drawn: Floats) -> Floats:
    """The signs that are observed, in the first row, and those of every draw below it."""
    times = np.concatenate([np.ones((1, masses.shape[1])), drawn])
    return _signs(_f1(np.einsum("rd,sdm->rsm", times, masses)))


def _f1(masses: Floats) -> Floats:
    """F1 over the last axis, 0 where it is undefined, as on a board."""
    whole = masses[..., 0] + masses[..., 1]
    found: Floats = np.divide(2 * masses[..., 2], whole, out=np.zeros(whole.shape), where=whole > 0)
    return found


def _signs(f1: Floats) -> Floats:
    """Those of every pair of systems, of shape (draws, pairs), from F1 of shape (draws, systems)."""
    first, second = np.array(list(combinations(range(f1.shape[1]), 2))).T
    difference = f1[:, first] - f1[:, second]
    found: Floats = np.where(np.abs(difference) < TOLERANCE, 0, np.sign(difference))
    return found


def tau_b(one: Floats, other: Floats) -> Floats:
    """Tau-b of each draw from the signs of the pairs on two tests, each of shape (draws, pairs); nan where it is undefined."""
    root = np.sqrt(np.abs(one).sum(axis=1) * np.abs(other).sum(axis=1))
    found: Floats = np.divide((one * other).sum(axis=1), root, out=np.full(root.shape, np.nan), where=root > 0)
    return found


def _line(task: str, metric: str, systems: tuple[str, ...], one: Floats, other: Floats) -> Concordance:
    """One line, of signs whose first row is what was observed and whose others are draws."""
    observed, *drawn = tau_b(one, other).tolist()
    defined = [tau for tau in drawn if not np.isnan(tau)]
    told = len(systems) >= LEAST and not np.isnan(observed) and bool(defined)
    low, high = np.quantile(defined, [ALPHA / 2, 1 - ALPHA / 2]).tolist() if told else (None, None)
    return Concordance(
        task=task,
        metric=metric,
        systems=systems,
        pairs=one.shape[1],
        alike=int((one[0] == other[0]).sum()),
        tau=observed if told else None,
        low=low,
        high=high,
    )


def sheet(lines: Sequence[Concordance]) -> Sheet:
    """The lines as a table, and what they come to in a sentence."""
    whole = lines[-1]
    spread = _spread(whole)
    come_to = "" if spread is None else f"; tau-b over them is {whole.tau:.2f}, with a 95 % interval of {spread}"
    return Sheet(
        title=f"how alike {TESTS[0]} and {TESTS[1]} rank",
        heads=("task", "metric", "systems", "pairs", "alike", "tau-b", "95 %"),
        rows=[_shown(line) for line in lines],
        notes=(f"The two tests have {whole.alike} of {whole.pairs} pairs of systems of one task in the same order{come_to}.",),
    )


def _shown(line: Concordance) -> tuple[Cell, ...]:
    told = "too few" if len(line.systems) < LEAST else None if line.tau is None else f"{line.tau:.2f}"
    return (line.task, line.metric, len(line.systems), line.pairs, line.alike, told, _spread(line))


def _spread(line: Concordance) -> str | None:
    return None if line.low is None or line.high is None else f"{line.low:.2f} to {line.high:.2f}"
