"""Annotations by the code points that they are about: their spans as arrays, and one-to-one pairs of two sides.

Spans of many annotations are three arrays `(owner, start, end)`; the owner is the number of the annotation.
"""

from collections.abc import Iterable, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vnnews_bench.counts import Ints
from vnnews_bench.records import Annotation, Entity, Event, Quote, Record, Span, Timex

Runs = tuple[Ints, Ints, Ints]  # the annotation that owns a run of code points, its start, its end


class Extents(NamedTuple):
    """The code points of the annotations of several texts: the text of each annotation, ascending, and its `united` runs."""

    text: Ints
    owner: Ints  # of a run: index of the annotation
    start: Ints
    end: Ints


def extent(item: Annotation) -> tuple[Span, ...]:
    """The spans that an annotation is about: its own, the content of a quote, the triggers of an event."""
    match item:
        case Quote():
            return item.spans
        case Event():
            return item.mentions
        case Entity() | Timex():
            return ((item.start, item.end),)


def points(spans: Iterable[Span]) -> list[int]:
    """The code points of spans, each once, in order."""
    return sorted({at for start, end in spans for at in range(start, end)})


def flattened(items: Sequence[Any], field: str) -> Runs:
    """The spans that a field of each annotation holds, in their order, with the index of the annotation."""
    return _flat(list(map(attrgetter(field), items)))


def _flat(spans: Sequence[tuple[Span, ...]]) -> Runs:
    owner = np.repeat(np.arange(len(spans)), np.fromiter(map(len, spans), np.int64, len(spans)))
    offsets = np.fromiter(chain.from_iterable(chain.from_iterable(spans)), np.int64, 2 * len(owner))
    return owner, offsets[::2], offsets[1::2]


def united(owner: Ints, start: Ints, end: Ints) -> Runs:
    """The runs of each owner, united where they overlap or touch: by owner, then by start; empty ones fall away."""
    some = end > start
    owner, start, end = owner[some], start[some], end[some]
    above = owner * (int(end.max(initial=0)) + 1)  # owners lie end to end on one line, so that no two of them touch
    order = np.argsort(above + start, kind="stable")
    owner, above = owner[order], above[order]
    begin, reach = above + start[order], np.maximum.accumulate(above + end[order])
    first = np.flatnonzero(begin > np.append(-1, reach)[:-1])
    last = np.append(first, len(owner))[1:] - 1
    return owner[first], begin[first] - above[first], reach[last] - above[last]


def ranges(start: Ints, end: Ints) -> Ints:
    """The numbers of half-open ranges, one range after the other."""
    length = end - start
    numbers: Ints = np.arange(length.sum()) + np.repeat(start - (np.cumsum(length) - length), length)
    return numbers


def overlaps(left: Extents, right: Extents) -> tuple[Ints, Ints, Ints]:
    """The pairs of annotations that share code points, sorted: index on the left, on the right, number of code points."""
    width = max(int(side.end.max(initial=0)) for side in (left, right)) + 1
    above, beyond = (side.text[side.owner] * width for side in (left, right))  # texts lie end to end on one line
    # of two runs that overlap, the one that starts later starts inside the other
    one, other = _inside(right.start + beyond, left.start + above, left.end + above)
    more, others = _inside(left.start + above, right.start + beyond + 1, right.end + beyond)
    a, b = np.concatenate([one, others]), np.concatenate([other, more])
    shared = np.minimum(left.end[a], right.end[b]) - np.maximum(left.start[a], right.start[b])
    size = max(len(right.text), 1)
    pair, at = np.unique(left.owner[a] * size + right.owner[b], return_inverse=True)
    return pair // size, pair % size, np.bincount(at, shared, len(pair)).astype(np.int64)


def _inside(points: Ints, start: Ints, end: Ints) -> tuple[Ints, Ints]:
    """The points that lie in each run: index of the run, index of the point."""
    order = np.argsort(points, kind="stable")
    first, last = np.searchsorted(points[order], [start, end])
    return np.repeat(np.arange(len(start)), last - first), order[ranges(first, last)]


def annotations(records: Sequence[Record], layer: str) -> tuple[Ints, list[Any]]:
    """The annotations of a layer, text by text, and the number of the text of each."""
    layers = [getattr(record, layer) or () for record in records]
    return np.repeat(np.arange(len(layers)), list(map(len, layers))), list(chain.from_iterable(layers))


def by_overlap(left: Sequence[Annotation], right: Sequence[Annotation]) -> list[tuple[int, int]]:
    """Pairs of indices that overlap, chosen so that the sum of shared over united code points is greatest.

    An annotation inside another thus finds its own like, not its neighbour.
    """
    sides = (Extents(np.zeros(len(side), np.int64), *united(*_flat(list(map(extent, side))))) for side in (left, right))
    a, b = one_to_one(*sides)
    return list(zip(a.tolist(), b.tolist(), strict=True))


def one_to_one(left: Extents, right: Extents) -> tuple[Ints, Ints]:
    """The pairs of `by_overlap` in several texts, sorted.

    Where no annotation overlaps two, there is no choice; the other texts are assigned whole, each in a matrix of its own.
    """
    a, b, shared = overlaps(left, right)
    sizes = [np.bincount(side.owner, side.end - side.start, len(side.text)) for side in (left, right)]
    worth = shared / (sizes[0][a] + sizes[1][b] - shared)
    crowded = (np.bincount(a)[a] > 1) | (np.bincount(b)[b] > 1)
    text = left.text[a]
    chosen = ~np.isin(text, text[crowded])
    whole = np.unique(text[crowded])
    bounds = (np.searchsorted(column, [whole, whole + 1]).T.tolist() for column in (text, left.text, right.text))
    for (first, last), (top, bottom), (west, east) in zip(*bounds, strict=True):
        pairs = slice(first, last)
        chosen[pairs] = assigned(a[pairs] - top, b[pairs] - west, worth[pairs], (bottom - top, east - west))
    return a[chosen], b[chosen]


def assigned(a: Ints, b: Ints, worth: NDArray[Any], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Which pairs, all of a worth above 0, make the one-to-one assignment of the greatest sum in a matrix of that shape."""
    from scipy.optimize import linear_sum_assignment

    matrix = np.zeros(shape)
    matrix[a, b] = worth
    partner = np.full(shape[0], -1)
    rows, columns = linear_sum_assignment(matrix, maximize=True)
    partner[rows] = columns
    found: NDArray[np.bool_] = partner[a] == b
    return found


def components(a: Ints, b: Ints) -> Ints:
    """For every pair, the index of the first pair that a chain of common members joins it with."""
    first = np.arange(len(a))
    while True:
        before = first
        for side in (a, b):
            least = np.full(int(side.max(initial=0)) + 1, len(a))
            np.minimum.at(least, side, first)
            first = least[side]
        first = first[first]
        if (first == before).all():
            return first
