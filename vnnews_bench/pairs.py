"""Annotations by the code points that they are about: their spans as arrays, and one-to-one pairs of two sides.

Spans of many annotations are three arrays `(owner, start, end)`; the owner is the number of the annotation.
"""

from collections.abc import Iterable, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any

import numpy as np

from vnnews_bench.counts import Ints
from vnnews_bench.records import Annotation, Entity, Event, Quote, Record, Span, Timex


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


def annotations(records: Sequence[Record], layer: str) -> tuple[Ints, list[Any]]:
    """The annotations of a layer, text by text, and the number of the text of each."""
    layers = [getattr(record, layer) or () for record in records]
    return np.repeat(np.arange(len(layers)), list(map(len, layers))), list(chain.from_iterable(layers))


def flattened(items: Sequence[Any], field: str) -> tuple[Ints, Ints, Ints]:
    """The spans that a field of the items holds, in their order: number of the item, start, end."""
    spans = list(map(attrgetter(field), items))
    owner = np.repeat(np.arange(len(spans)), list(map(len, spans)))
    ends = np.fromiter(chain.from_iterable(chain.from_iterable(spans)), np.int64, 2 * len(owner))
    return owner, ends[::2], ends[1::2]


def united(owner: Ints, start: Ints, end: Ints) -> tuple[Ints, Ints, Ints]:
    """Spans of which those of one owner that overlap or touch are one, by owner, then by start."""
    if not len(owner):
        return owner, start, end
    order = np.lexsort((start, owner))
    owner, start, end = owner[order], start[order], end[order]
    # offsets grow with the owner's number, so that one running maximum serves all owners
    base = owner * (int(end.max()) + 1)
    reach = np.maximum.accumulate(base + end)
    first = np.flatnonzero(np.concatenate(([True], (base + start)[1:] > reach[:-1])))
    last = np.append(first[1:], len(owner)) - 1
    return owner[first], start[first], (reach - base)[last]


def ranges(first: Ints, length: Ints) -> Ints:
    """The whole numbers of several ranges, one range after the other."""
    offset: Ints = first - (np.cumsum(length) - length)
    return np.arange(int(length.sum())) + np.repeat(offset, length)


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
