"""The plain definition of counts, slow and without arrays, to which the kernel is held.

An annotation spreads a mass of one over the atoms that it claims; what two sides share is, atom by atom, the smaller mass.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from vnnews_bench.counts import UNIT

Claim = tuple[int, str, Sequence[Any]]  # text, label, atoms


def masses(claims: Iterable[Claim]) -> Counter[tuple[int, str, Any]]:
    """Units by text, label and atom; a rest that does not divide goes to the first atoms of an annotation."""
    held: Counter[tuple[int, str, Any]] = Counter()
    for text, label, atoms in claims:
        for n, atom in enumerate(atoms):
            held[text, label, atom] += UNIT // len(atoms) + (n < UNIT % len(atoms))
    return held


def tally(gold: Iterable[Claim], predicted: Iterable[Claim], texts: int, labels: Sequence[str] = ()) -> np.ndarray:
    """Units of shape (texts, labels, 3): gold, predicted, shared."""
    sides = masses(gold), masses(predicted)
    columns = (*sides, {atom: min(mass, sides[1][atom]) for atom, mass in sides[0].items() if atom in sides[1]})
    table = np.zeros((texts, max(len(labels), 1), 3), dtype=np.int64)
    for n, column in enumerate(columns):
        for (text, label, _), mass in column.items():
            table[text, labels.index(label) if labels else 0, n] += mass
    return table
