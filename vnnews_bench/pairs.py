"""One-to-one pairs of annotations of two annotators, or of gold and prediction, by the code points that they share."""

from collections.abc import Iterable, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any

import numpy as np

from vnnews_bench.counts import Ints
from vnnews_bench.records import Annotation, Entity, Event, Quote, Span, Timex


def extent(item: Annotation) -> tuple[Span, ...]:
    """The spans that an annotation is about: its own, the content of a quote, the triggers of an event."""
    match item:
        case Quote():
            return item.spans
        case Event():
            return item.mentions
        case Entity() | Timex():
            return ((item.start, item.end),)


def flattened(items: Sequence[Any], field: str) -> tuple[Ints, Ints, Ints]:
    """The spans of one field of several annotations: number of the annotation, start, end, an array each."""
    held = list(map(attrgetter(field), items))
    ends = np.fromiter(chain.from_iterable(chain.from_iterable(held)), np.int64)
    return np.repeat(np.arange(len(held)), list(map(len, held))), ends[::2], ends[1::2]


def points(spans: Iterable[Span]) -> list[int]:
    """The code points of spans, each once, in order."""
    return sorted({at for start, end in spans for at in range(start, end)})


def by_overlap(left: Sequence[Annotation], right: Sequence[Annotation]) -> list[tuple[int, int]]:
    """Pairs of indices that overlap, chosen so that the sum of shared over united code points is greatest.

    An annotation inside another thus finds its own like, not its neighbour.
    """
    from scipy.optimize import linear_sum_assignment

    if not left or not right:
        return []
    ours, theirs = ([set(points(extent(item))) for item in side] for side in (left, right))
    worth = np.array(
        [[0 if one.isdisjoint(other) else len(one & other) / len(one | other) for other in theirs] for one in ours]
    )
    return [(int(i), int(j)) for i, j in zip(*linear_sum_assignment(worth, maximize=True), strict=True) if worth[i, j] > 0]
