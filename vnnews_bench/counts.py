"""The mass kernel: an annotation spreads a mass of one over the atoms it claims, and a score is the mass that is shared.

For each text and label, `gold` and `predicted` are the masses of the annotations and `shared` is the sum over atoms of
the smaller of the two masses. Counts add up over texts; precision, recall and F1 are taken once, at the end.

Conventions
    * Mass is counted in whole units, `UNIT` to an annotation, so that sums are exact: the order of annotations and of texts
      never changes a digit, and gold scored against itself shares everything.
    * A rest that does not divide goes to the first atoms; with up to 30 atoms nothing is left over.
    * 0/0 is undefined and stays `None`.
"""

import hashlib
import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
UNIT = math.lcm(*range(1, 31))


class Counts(msgspec.Struct, frozen=True):
    """Masses of gold, predicted and shared annotations; they add up, and every score is read off them."""

    gold: int | float = 0  # whole masses stay whole when they are written and read
    predicted: int | float = 0
    shared: int | float = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.gold + other.gold, self.predicted + other.predicted, self.shared + other.shared)

    @property
    def precision(self) -> float | None:
        return self.shared / self.predicted if self.predicted else None

    @property
    def recall(self) -> float | None:
        return self.shared / self.gold if self.gold else None

    @property
    def f1(self) -> float | None:
        total = self.gold + self.predicted
        return 2 * self.shared / total if total else None


class Columns(NamedTuple):
    """Annotations as columns of equal length, one row each, over a vocabulary of `labels`."""

    labels: tuple[str, ...]
    text: Ints  # index of the text
    label: Ints  # index into labels
    start: Ints
    end: Ints
    value: Ints  # whatever else a task compares
    row: Ints  # index of the annotation in what was read; filters keep it

    def take(self, rows: NDArray[Any]) -> "Columns":
        """The rows that a mask or an index array selects."""
        return Columns(self.labels, *(column[rows] for column in self[1:]))


class Atoms(NamedTuple):
    """What annotations claim, one row per atom.

    `labels` is empty for a metric that takes no notice of labels; `label` is then all 0.
    """

    labels: tuple[str, ...]
    text: Ints
    label: Ints
    key: tuple[Ints, ...]
    mass: Ints  # in units
    row: Ints  # the annotation that claims it

    def take(self, rows: NDArray[Any]) -> "Atoms":
        """The atoms that a mask selects."""
        key = tuple(column[rows] for column in self.key)
        return Atoms(self.labels, self.text[rows], self.label[rows], key, self.mass[rows], self.row[rows])


class Claim(NamedTuple):
    """One annotation as a metric sees it: its text, its label, its number in what was read, and its atoms."""

    text: int
    label: str
    row: int
    atoms: Sequence[tuple[int, ...]]


def columns(labels: Sequence[str], text: Ints, label: Ints, start: Ints, end: Ints, value: Ints | None = None) -> Columns:
    """`Columns` numbered in the order given, with `value` 0 where there is none."""
    value = np.zeros_like(text) if value is None else value
    return Columns(tuple(labels), text, label, start, end, value, np.arange(len(text)))


def whole(rows: Columns, key: tuple[Ints, ...], labelled: bool = True) -> Atoms:
    """Atoms of a strict metric: each annotation puts its whole mass on one atom, `key`."""
    label = rows.label if labelled else np.zeros_like(rows.label)
    return Atoms(rows.labels if labelled else (), rows.text, label, key, np.full_like(rows.text, UNIT), rows.row)


def spread(rows: Columns) -> Atoms:
    """Atoms of a partial metric: each annotation spreads its mass evenly over the code points of its span."""
    length = rows.end - rows.start
    owner = np.repeat(np.arange(len(length)), length)
    nth = np.arange(len(owner)) - np.repeat(np.cumsum(length) - length, length)
    mass, rest = np.divmod(UNIT, np.maximum(length, 1))
    return Atoms(
        rows.labels,
        rows.text[owner],
        rows.label[owner],
        (rows.start[owner] + nth,),
        mass[owner] + (nth < rest[owner]),
        rows.row[owner],
    )


def claims(labels: Sequence[str], rows: Iterable[Claim], labelled: bool = True) -> Atoms:
    """Atoms of annotations that are no plain spans: each spreads its mass evenly over its own list of atoms.

    Atoms of all rows have the same number of parts. An annotation without atoms claims nothing.
    """
    table: list[tuple[int, ...]] = []
    for row in rows:
        mass, rest = divmod(UNIT, len(row.atoms)) if row.atoms else (0, 0)
        number = labels.index(row.label) if labelled else 0
        table += [(row.text, number, mass + (n < rest), row.row, *atom) for n, atom in enumerate(row.atoms)]
    columns = np.array(table, dtype=np.int64).T if table else np.zeros((5, 0), dtype=np.int64)
    text, label, masses, owner, *key = columns
    return Atoms(tuple(labels) if labelled else (), text, label, tuple(key), masses, owner)


def code(name: str) -> int:
    """A number for a string, the same in every run: 62 bits of its BLAKE2 digest."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest()) >> 2


def tally(gold: Atoms, predicted: Atoms, texts: int) -> Ints:
    """Units of gold, predicted and shared mass: shape `(texts, labels, 3)`, with one label where the metric has none."""
    labels = max(len(gold.labels), 1)
    cells = texts * labels
    sides = [side.text * labels + side.label for side in (gold, predicted)]
    masses = np.concatenate([gold.mass, predicted.mass])
    cell = np.concatenate(sides)
    width = max(len(gold.key), len(predicted.key))
    keys = [side.key if len(side.text) else (side.text,) * width for side in (gold, predicted)]
    atom = _pack([cell, *map(np.concatenate, zip(*keys, strict=True))])
    _, first, inverse = np.unique(atom, return_index=True, return_inverse=True)
    split = len(gold.mass)
    held = np.minimum(_sums(inverse[:split], masses[:split], len(first)), _sums(inverse[split:], masses[split:], len(first)))
    table = np.stack(
        [_sums(sides[0], gold.mass, cells), _sums(sides[1], predicted.mass, cells), _sums(cell[first], held, cells)], axis=-1
    )
    return table.reshape(texts, labels, 3)


def as_counts(units: Ints) -> Counts:
    """`Counts` of one row of three; whole masses come out as `int`."""
    gold, predicted, shared = (int(unit) // UNIT if int(unit) % UNIT == 0 else int(unit) / UNIT for unit in units)
    return Counts(gold, predicted, shared)


def _sums(index: Ints, mass: Ints, size: int) -> Ints:
    """Exact sums of `mass` by `index`; `np.bincount` would add in floating point."""
    sums = np.zeros(size, dtype=np.int64)
    np.add.at(sums, index, mass)
    return sums


def _pack(parts: Sequence[Ints]) -> Ints:
    """One integer per row, equal exactly for equal rows; columns are renumbered whenever the product would overflow."""
    packed = parts[0]
    for part in parts[1:]:
        if not len(part):
            return part
        low = int(part.min())
        width = int(part.max()) - low + 1
        if (int(packed.max()) + 1) * width >= 2**63:
            packed = np.unique(packed, return_inverse=True)[1]
        if (int(packed.max()) + 1) * width >= 2**63:
            part, low = np.unique(part, return_inverse=True)[1], 0
            width = int(part.max()) + 1
        packed = packed * width + (part - low)
    return packed
