"""The plain definition of the dates task, slow and annotation by annotation, to which its arrays are held."""

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
import plain
from scipy.optimize import linear_sum_assignment

from vnnews_bench.pairs import extent
from vnnews_bench.records import Annotation, Event, Record, Timex
from vnnews_bench.tasks.dates import NO_DATE, TYPES
from vnnews_bench.timex3 import normalised

Agree = Callable[[Timex, Timex], bool]


def units(metric: str, gold: Sequence[Record], predicted: Sequence[Record]) -> np.ndarray:
    """What `tally` gives for one metric."""
    sides = ALIGNED[metric](gold, predicted) if metric in ALIGNED else [claims(metric, side) for side in (gold, predicted)]
    return plain.tally(*sides, len(gold), TYPES if metric in ATOMS else ())


def claims(metric: str, records: Sequence[Record]) -> list[plain.Claim]:
    if metric == "timex_strict":
        return [(n, "", [(t.start, t.end)]) for n, record in enumerate(records) for t in record.timexes or ()]
    return [(n, event.type, ATOMS[metric](event)) for n, record in enumerate(records) for event in record.events or ()]


def days(event: Event) -> range:
    bounds = [event.begin.earliest, event.begin.latest, event.end.earliest, event.end.latest]
    known = [bound.toordinal() for bound in bounds if bound is not None] or [NO_DATE]
    return range(min(known[0], known[-1]), max(known[0], known[-1]) + 1)


def points(item: Annotation) -> list[int]:
    return sorted({at for start, end in extent(item) for at in range(start, end)})


ATOMS: dict[str, Callable[[Event], list]] = {
    "anchored": lambda event: [(at, day) for at in points(event) for day in days(event)],
    "timeline": lambda event: list(days(event)),
    "exact": lambda event: [(at, days(event)) for at in points(event)],
}


def aligned(agree: Agree) -> Callable[[Sequence[Record], Sequence[Record]], tuple[list[plain.Claim], list[plain.Claim]]]:
    """Text by text: each time expression claims itself, an agreeing one its partner."""

    def both(gold: Sequence[Record], predicted: Sequence[Record]):
        sides: tuple[list[plain.Claim], list[plain.Claim]] = ([], [])
        for n, (left, right) in enumerate(zip(gold, predicted, strict=True)):
            partner = {b: a for a, b in matching(left.timexes or (), right.timexes or (), agree)}
            sides[0].extend((n, "", [("gold", a)]) for a in range(len(left.timexes or ())))
            sides[1].extend(
                (n, "", [("gold", partner[b]) if b in partner else ("predicted", b)]) for b in range(len(right.timexes or ()))
            )
        return sides

    return both


def matching(left: Sequence[Timex], right: Sequence[Timex], agree: Agree) -> list[tuple[int, int]]:
    """The agreeing pairs of the matching with most pairs, then most overlap, then most agreement."""
    if not left or not right:
        return []
    shared = np.array([[max(0, min(a.end, b.end) - max(a.start, b.start)) for b in right] for a in left])
    agreed = np.array([[agree(a, b) for b in right] for a in left])
    worth = np.where(shared > 0, (shared + shared.sum() + 1) * (len(left) + len(right)) + agreed, 0)
    pairs = zip(*linear_sum_assignment(worth, maximize=True), strict=True)
    return [(a, b) for a, b in pairs if shared[a, b] > 0 and agreed[a, b]]


def same_value(gold: Timex, predicted: Timex) -> bool:
    return normalised(predicted.value) in {normalised(value) for value in (gold.value, *gold.alternatives) if value is not None}


ALIGNED = {
    "timex_relaxed": aligned(lambda gold, predicted: True),
    "timex_value": aligned(same_value),
    "timex_type": aligned(lambda gold, predicted: gold.type == predicted.type),
}


def by_overlap(left: Sequence[Annotation], right: Sequence[Annotation]) -> list[tuple[int, int]]:
    """Pairs chosen so that the sum of shared over united code points is greatest."""
    if not left or not right:
        return []
    sets = [[set(points(item)) for item in side] for side in (left, right)]
    worth = np.array([[len(one & other) / len(one | other) if one & other else 0 for other in sets[1]] for one in sets[0]])
    return [(a, b) for a, b in zip(*linear_sum_assignment(worth, maximize=True), strict=True) if worth[a, b] > 0]


def granularities(gold: Sequence[Record], predicted: Sequence[Record]) -> Counter[tuple[str, str]]:
    """How often each granularity of the gold met each predicted one."""
    cells: Counter[tuple[str, str]] = Counter()
    for one, other in zip(gold, predicted, strict=True):
        left, right = one.events or (), other.events or ()
        cells.update((granularity(left[a]), granularity(right[b])) for a, b in by_overlap(left, right))
    return cells


def granularity(event: Event) -> str:
    length = len(days(event)) if days(event)[0] != NO_DATE else 0
    return event.granularity or ("none" if not length else "day" if length == 1 else "month" if length <= 31 else "year")
