"""The mass kernel: an annotation spreads a mass of one over the atoms it claims, and a score is the mass that is shared.

For each text and label, `gold` and `predicted` are the masses of the annotations and `shared` is the sum over atoms of
the smaller of the two masses. Counts add up over texts; precision, recall and F1 are taken once, at the end.

Conventions
    * Mass is counted in whole units, `UNIT` to an annotation, so that sums are exact: the order of annotations and of texts
      never changes a digit, and gold scored against itself shares everything.
    * A rest that does not divide goes to the first atoms; with up to 24 atoms nothing is left over.
    * Atoms are held as runs: the code points of a span, or the days of an interval, are one row, however many they are.
    * 0/0 is undefined and stays `None`.
"""

import hashlib
import math
from collections.abc import Sequence
from itertools import accumulate
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
UNIT = math.lcm(*range(1, 25))  # about 2^32, so that sums over a thousand million annotations fit 63 bits


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

    def take(self, rows: NDArray[Any] | slice) -> "Columns":
        """The rows that a mask or an index array selects."""
        return Columns(self.labels, *(column[rows] for column in self[1:]))


class Atoms(NamedTuple):
    """What annotations claim: each row a run of the atoms `(*key, at)` with start <= at < end, and a mass on each of them.

    `labels` is empty for a metric that takes no notice of labels; `label` is then all 0.
    """

    labels: tuple[str, ...]
    text: Ints
    label: Ints
    key: tuple[Ints, ...]
    start: Ints
    end: Ints
    mass: Ints  # in units
    row: Ints  # the annotation that claims it

    def take(self, rows: NDArray[Any]) -> "Atoms":
        """The runs that a mask or an index array selects."""
        text, label, *columns = (column[rows] for column in (*self[1:3], *self[4:]))
        return Atoms(self.labels, text, label, tuple(part[rows] for part in self.key), *columns)


def columns(labels: Sequence[str], text: Ints, label: Ints, start: Ints, end: Ints, value: Ints | None = None) -> Columns:
    """`Columns` numbered in the order given, with `value` 0 where there is none."""
    value = np.zeros_like(text) if value is None else value
    return Columns(tuple(labels), text, label, start, end, value, np.arange(len(text)))


def joined(parts: Sequence[Columns], texts: Sequence[int]) -> Columns:
    """The rows of several parts as one, with the texts of each (`texts` of them) numbered after those of the parts before."""
    before = accumulate(texts, initial=0)
    text = np.concatenate([part.text + n for part, n in zip(parts, before, strict=False)])
    label, start, end, value = map(np.concatenate, zip(*(part[2:6] for part in parts), strict=True))
    return columns(parts[0].labels, text, label, start, end, value)


def whole(rows: Columns, key: tuple[Ints, ...], labelled: bool = True) -> Atoms:
    """Atoms of a strict metric: each annotation puts its whole mass on one atom, `key`."""
    label = rows.label if labelled else np.zeros_like(rows.label)
    *above, at = key
    return Atoms(rows.labels if labelled else (), rows.text, label, tuple(above), at, at + 1, np.full_like(at, UNIT), rows.row)


def spread(rows: Columns) -> Atoms:
    """Atoms of a partial metric: each annotation spreads its mass evenly over the code points of its span."""
    mass, rest = np.divmod(UNIT, np.maximum(rows.end - rows.start, 1))
    return _split(Atoms(rows.labels, rows.text, rows.label, (), rows.start, rows.end, mass, rows.row), rest)


def shared_out(runs: Atoms) -> Atoms:
    """The runs with the mass of each annotation, `row`, spread evenly over the atoms of all its runs, in their order.

    The runs of an annotation stand together and have no atom in common; one whose runs are all empty claims nothing.
    """
    if not len(runs.row):
        return runs
    length = runs.end - runs.start
    first = np.flatnonzero(np.diff(runs.row, prepend=runs.row[0] - 1))
    owner = np.repeat(np.arange(len(first)), np.diff(first, append=len(length)))
    nth = np.cumsum(length) - length
    nth -= nth[first][owner]
    mass, rest = np.divmod(UNIT, np.maximum(np.add.reduceat(length, first), 1))
    return _split(runs._replace(mass=mass[owner]), np.clip(rest[owner] - nth, 0, length))


def _split(runs: Atoms, rest: Ints) -> Atoms:
    """The runs in which the first `rest` atoms hold a unit more, so that a run may fall into two; without empty ones."""
    rich = np.flatnonzero(rest)
    found = runs
    if len(rich):
        others = runs._replace(start=runs.start + rest)
        richer = runs.take(rich)
        richer = richer._replace(end=richer.start + rest[rich], mass=richer.mass + 1)
        found = _joined(richer, others).take(np.argsort(np.concatenate([rich, np.arange(len(rest))]), kind="stable"))
    filled = found.start < found.end
    return found if filled.all() else found.take(filled)


def _joined(*sides: Atoms) -> Atoms:
    """The runs of several sides as one."""
    key = tuple(map(np.concatenate, zip(*(side.key for side in sides), strict=True)))
    text, label, *columns = map(np.concatenate, zip(*((*side[1:3], *side[4:]) for side in sides), strict=True))
    return Atoms(sides[0].labels, text, label, key, *columns)


def code(name: str) -> int:
    """A number for a string, the same in every run: 62 bits of its BLAKE2 digest."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest()) >> 2


def tally(gold: Atoms, predicted: Atoms, texts: int) -> Ints:
    """Units of gold, predicted and shared mass: shape `(texts, labels, 3)`, with one label where the metric has none."""
    labels = max(len(gold.labels), 1)
    both = _joined(gold, predicted)
    split = len(gold.text)
    length = both.end - both.start
    whole = bool((both.mass == UNIT).all() and (length == 1).all())
    cell, mass = both.text * labels + both.label, both.mass * length
    rows, shared = _shared(both, split, whole) if 0 < split < len(cell) else (cell[:0], mass[:0])
    parts = (cell[:split], mass[:split]), (cell[split:], mass[split:]), (cell[rows], shared)
    columns = [_sums(*part, texts * labels) for part in parts]
    return np.stack(columns, axis=-1).reshape(texts, labels, 3)


def _sums(cell: Ints, mass: Ints, size: int) -> Ints:
    """Exact sums of mass by cell; `np.bincount` would add masses in floating point, so that it only counts whole ones."""
    if (mass == UNIT).all():
        return np.bincount(cell, minlength=size) * UNIT
    sums = np.zeros(size, dtype=np.int64)
    np.add.at(sums, cell, mass)
    return sums


def _shared(both: Atoms, split: int, whole: bool) -> tuple[Ints, Ints]:
    """What the runs before and from `split` share: rows that stand for their text and label, and the mass.

    In a text in which no side has an atom twice, a run that both have alike is shared as it is; the others are swept.
    """
    one, other, twice = _alike(both, split, whole)
    mass = both.mass[one] * (both.end[one] - both.start[one])
    if whole and not len(twice):
        return one, mass
    left = np.ones(len(both.text), dtype=bool)
    left[one] = left[other] = False
    number = np.flatnonzero(left)
    rows, shared = _overlapped(both.take(number), int(np.searchsorted(number, split)))
    return np.concatenate([one, number[rows]]), np.concatenate([mass, shared])


def _alike(both: Atoms, split: int, whole: bool) -> tuple[Ints, Ints, Ints]:
    """The rows of both sides that are the same run, pair by pair, and the texts left out, in which a side may overlap itself.

    Annotations come in reading order as a rule, which a stable sort merges in linear time.
    """
    atom = _pack([both.text, *both.key, both.start, both.label])
    order = np.argsort(atom, kind="stable")
    atom = atom[order]
    same = np.flatnonzero(atom[1:] == atom[:-1])
    one, other = order[same], order[same + 1]
    twice = both.text[one[(one < split) == (other < split)]] if whole else _overlapping(both, split)
    alike = (both.end[one] == both.end[other]) & (both.mass[one] == both.mass[other])
    if len(twice):
        alike &= ~np.isin(both.text[one], twice)
    return one[alike], other[alike], twice


def _overlapping(both: Atoms, split: int) -> Ints:
    """Texts in which a run begins before the one above it ends; all texts, where they do not come in order."""
    again = both.text[1:] == both.text[:-1]
    falls = both.text[1:] < both.text[:-1]
    again[split - 1] = falls[split - 1] = False
    return both.text if falls.any() else both.text[1:][again & (both.start[1:] < both.end[:-1])]


def _overlapped(both: Atoms, split: int) -> tuple[Ints, Ints]:
    """What runs share where they overlap: rows that stand for their text and label, and the shared mass.

    A sweep over the starts and ends of all runs: between two of them either side has the same mass on every atom.
    """
    group = _pack([both.text, *both.key, both.label])
    at = np.concatenate([both.start, both.end])
    row = np.tile(np.arange(len(group)), 2)
    order = np.argsort(_pack([group[row], at]), kind="stable")
    row, at = row[order], at[order]
    step = np.concatenate([both.mass, -both.mass])[order]
    gold, predicted = (np.cumsum(np.where(side, step, 0)) for side in (row < split, row >= split))
    # every run has ended where its group ends, so that nothing is shared from one group to the next
    held = np.minimum(gold, predicted)[:-1] if len(at) else at
    shared = np.flatnonzero(held)
    return row[shared], held[shared] * (at[shared + 1] - at[shared])


def as_counts(units: Ints) -> Counts:
    """`Counts` of one row of three; whole masses come out as `int`."""
    gold, predicted, shared = (int(unit) // UNIT if int(unit) % UNIT == 0 else int(unit) / UNIT for unit in units)
    return Counts(gold, predicted, shared)


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
