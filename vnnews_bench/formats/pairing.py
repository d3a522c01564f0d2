"""Two files of columns against each other, without any text: sentences pair in order and have equal tokens.

Both files are read together, a block at a time, and counted by document, so that memory does not grow with their sentences.
Spans are counted in tokens, under the labels of the files; on both sides ill-formed tags are repaired or dropped alike.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, pairwise
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from vnnews_bench.counts import UNIT, Columns, Ints, columns, spread, tally, whole
from vnnews_bench.errors import BenchError, lowered
from vnnews_bench.formats import schemes
from vnnews_bench.formats.blocks import MASKS, Block, Bytewise, Reader, words
from vnnews_bench.formats.exchange import Loss, refused
from vnnews_bench.streams import opened
from vnnews_bench.tags import spans, tag_of

# the metrics of `ner` on tokens: (label, start, end), (start, end), (label, each token)
METRICS = {
    "strict": lambda rows: whole(rows, (rows.start, rows.end)),
    "span": lambda rows: whole(rows, (rows.start, rows.end), labelled=False),
    "tokens": spread,
}
LISTED = 5000  # spans of inner levels that are told one by one; of further ones there is a loss for each label


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """What two files of columns, gold and predicted, have in common: units by metric, of shape (texts, labels, 3).

    Of each side the scheme, how many of its tags were repaired, and the spans of inner levels of nested entities, which
    seqeval does not know, either.
    """

    texts: tuple[str, ...]
    labels: tuple[str, ...]
    sentences: int
    units: Mapping[str, Ints]
    schemes: tuple[str, str]
    repairs: tuple[int, int]
    strict: bool
    hash: str
    losses: tuple[tuple[Loss, ...], tuple[Loss, ...]]
    files: tuple[Path, Path]

    def seqeval(self) -> str:
        """The report of seqeval on the same tags: its strict mode in the scheme of the gold, or its default.

        The files are read again, into lists. Raises `BenchError` for tags that seqeval refuses.
        """
        import seqeval.scheme
        from seqeval.metrics import classification_report

        options = {"mode": "strict", "scheme": getattr(seqeval.scheme, self.schemes[0])} if self.strict else {}
        if not self.labels:
            raise BenchError("seqeval has no report on files without any entity")
        try:
            report: str = classification_report(*map(_lists, self.files), digits=4, zero_division=0, **options)
        except ValueError as error:
            raise BenchError(f"seqeval refuses these tags: {lowered(str(error))}") from None
        return report


def _lists(path: Path) -> list[list[str]]:
    """The outermost tags of every sentence."""
    labels: dict[str, int] = {}
    found = []
    with opened(path) as stream:
        for block in Reader(stream, path, labels):
            names = tuple(labels)
            tags = [tag_of(code, names) for code in block.tags[0].tolist()]
            heads = [*block.heads.tolist(), len(tags)]
            found += [tags[a:b] for a, b in pairwise(heads)]
    return found


def pair(predicted: Path, gold: Path, strict: bool) -> Pair:
    """Two files of columns. Raises `BenchError` with the first line on which sentences or tokens differ."""
    labels: dict[str, int] = {}
    said = _schemes(gold, predicted) if strict else (None, None)  # a strict reading needs them first
    parts: list[tuple[int, dict[str, Ints]]] = []  # the first text of a stretch of sentences, and its units
    sentences = 0
    with opened(gold) as left, opened(predicted) as right:
        hashed = Hashed(left)
        readers = Reader(hashed, gold, labels), Reader(right, predicted, labels)
        sides = Side(readers[0], said[0]), Side(readers[1], said[1])
        for blocks in _together(*readers):
            owner = blocks[0].owner
            rows = [side.spans(block, owner, labels) for side, block in zip(sides, blocks, strict=True)]
            parts.append((int(owner[0]), _counted(rows[0], rows[1], len(blocks[0].line), int(owner[-1] - owner[0]) + 1)))
            sentences += len(owner)
    names = sorted(readers[0].tags[0].names | readers[1].tags[0].names)
    met = sides[0].met, sides[1].met
    told = _told(*met)
    return Pair(
        texts=tuple(readers[0].documents),
        labels=tuple(names),
        sentences=sentences,
        units=_joined(parts, len(readers[0].documents), [labels[name] for name in names]),
        schemes=told,
        repairs=(0, 0) if strict else (schemes.illegal(met[0], told[0]), schemes.illegal(met[1], told[1])),
        strict=strict,
        hash=hashed.digest.hexdigest()[:8],
        losses=(sides[0].losses(tuple(labels)), sides[1].losses(tuple(labels))),
        files=(gold, predicted),
    )


class Hashed:
    """A stream whose bytes are hashed as they are read."""

    def __init__(self, stream: Bytewise) -> None:
        self.stream = stream
        self.digest = hashlib.sha256()

    def read(self, size: int, /) -> bytes:
        read = self.stream.read(size)
        self.digest.update(read)
        return read


def _counted(gold: Columns, predicted: Columns, tokens: int, texts: int) -> dict[str, Ints]:
    """Units by metric. Spans of a side do not overlap: one that both have shares its whole mass, and with itself alone."""
    at = np.full(tokens, -1)
    at[gold.start] = gold.row
    twin = at[predicted.start]
    both = (
        (twin >= 0) & (gold.end[twin] == predicted.end) & (gold.label[twin] == predicted.label) if len(gold.row) else twin >= 0
    )
    labels = max(len(gold.labels), 1)
    same = np.bincount(predicted.text[both] * labels + predicted.label[both], minlength=texts * labels)
    shared = UNIT * same.reshape(texts, labels, 1)
    alone = np.ones(len(gold.row), dtype=bool)
    alone[twin[both]] = False
    rest = gold.take(alone), predicted.take(~both)
    found = {}
    for name, atoms in METRICS.items():
        units = tally(atoms(rest[0]), atoms(rest[1]), texts)
        found[name] = units + (shared if units.shape[1] == labels else shared.sum(axis=1, keepdims=True))
    return found


def _schemes(gold: Path, predicted: Path) -> tuple[str, str]:
    """The schemes of two files, from a first pass over both."""
    met = np.zeros((2, *schemes.STEPS), dtype=np.int64)
    for path, found in zip((gold, predicted), met, strict=True):
        with opened(path) as stream:
            for block in Reader(stream, path, {}):
                found += schemes.steps(block.inside(0))
    return _told(met[0], met[1])


def _told(gold: Ints, predicted: Ints) -> tuple[str, str]:
    scheme = schemes.scheme_of(gold)
    return scheme, schemes.scheme_of(predicted, scheme)


def _joined(parts: Sequence[tuple[int, dict[str, Ints]]], texts: int, labels: Sequence[int]) -> dict[str, Ints]:
    """The units of all stretches by text; the labels are those of these numbers, in their order."""
    found = {}
    for name in METRICS:
        numbers = np.array([0] if name == "span" or not labels else labels)
        found[name] = np.zeros((texts, len(numbers), 3), dtype=np.int64)
        for first, units in parts:
            there = numbers < units[name].shape[1]  # labels may grow from one stretch to the next
            found[name][first : first + len(units[name]), there] += units[name][:, numbers[there]]
    return found


class Side:
    """One of the two files as it is read: the steps of its tags, and the spans of its inner levels, which are losses."""

    def __init__(self, reader: Reader, scheme: str | None) -> None:
        self.reader = reader
        self.scheme = scheme  # `None` for tags that are repaired
        self.met: Ints = np.zeros(schemes.STEPS, dtype=np.int64)
        self._inner: list[Nested] = []
        self._more: dict[tuple[int, int], Nested] = {}  # by level and label

    def spans(self, block: Block, owner: Ints, labels: Mapping[str, int]) -> Columns:
        """The outermost spans of a block, by text from its first one; `owner` is the text of each sentence."""
        tokens = block.inside(0)
        self.met += schemes.steps(tokens)
        if self.scheme is not None and (found := schemes.strange(tokens, self.scheme)) is not None:
            tag = tag_of(int(block.tags[0][found]), tuple(labels))
            raise refused(self.reader.path, int(block.line[found]), schemes.foreign(tag, self.scheme))
        label, start, end = spans(tokens) if self.scheme is None else schemes.well_formed(tokens, self.scheme)
        text = np.zeros_like(start)
        if owner[0] != owner[-1]:
            text = owner[np.searchsorted(block.heads, start, side="right") - 1] - owner[0]
        for level in range(1, len(block.tags)):
            self._pass_over(block, level)
        return columns(tuple(labels), text, label, start, end)

    def _pass_over(self, block: Block, level: int) -> None:
        """Counts the spans of an inner level: the first ones of a file one by one, the others by label."""
        label, start, _ = spans(block.inside(level))
        sentence = np.searchsorted(block.heads, start, side="right") - 1
        few = min(len(label), LISTED - len(self._inner))
        places = zip(label.tolist(), block.owner[sentence].tolist(), block.line[start].tolist(), strict=True)
        self._inner += [Nested(level, *place, 1) for place in islice(places, few)]
        found, first, times = np.unique(label[few:], return_index=True, return_counts=True)
        for name, n, count in zip(found.tolist(), (first + few).tolist(), times.tolist(), strict=True):
            new = Nested(level, name, int(block.owner[sentence[n]]), int(block.line[start[n]]), 0)
            earlier = self._more.get((level, name), new)
            self._more[level, name] = earlier._replace(times=earlier.times + count)

    def losses(self, labels: Sequence[str]) -> tuple[Loss, ...]:
        """The spans of inner levels, level by level."""
        every = sorted([*self._inner, *self._more.values()], key=lambda span: span.level)
        documents = self.reader.documents
        return tuple(
            Loss(
                kind="nested",
                message=f"{labels[span.label]} of level {span.level + 1}",
                document=documents[span.document],
                line=span.line,
                times=span.times,
            )
            for span in every
        )


class Nested(NamedTuple):
    """Spans of an inner level that have a label: the first one's document and line, and how many there are."""

    level: int
    label: int
    document: int
    line: int
    times: int


def _together(gold: Reader, predicted: Reader) -> Iterator[tuple[Block, Block]]:
    """Blocks of the same sentences of both files. Raises `BenchError` with the first line on which they differ."""
    blocks = iter(gold), iter(predicted)
    left, right = next(blocks[0], None), next(blocks[1], None)
    sentences = last = 0
    while left is not None and right is not None:
        size = len(left.heads), len(right.heads)
        n = min(size)
        parts = left.part(0, n), right.part(0, n)
        _equal(*parts, gold.path, predicted.path)
        sentences, last = sentences + n, int(parts[1].line[-1])
        yield parts
        left = left.part(n, size[0]) if n < size[0] else next(blocks[0], None)
        right = right.part(n, size[1]) if n < size[1] else next(blocks[1], None)
    counts = [sentences, sentences]
    for side, rest in enumerate((left, right)):
        while rest is not None:
            counts[side] += len(rest.heads)
            last = int(rest.line[-1]) if side else last
            rest = next(blocks[side], None)
    if counts[0] != counts[1]:
        raise refused(predicted.path, last, f"has {counts[1]} sentences, {gold.path} has {counts[0]}")


def _equal(gold: Block, predicted: Block, gold_path: Path, path: Path) -> None:
    """Raises `BenchError` with the first line on which as many sentences of both files differ."""
    sizes = [np.diff(block.heads, append=len(block.line)) for block in (gold, predicted)]
    longer = np.flatnonzero(sizes[0] != sizes[1])
    same = int(longer[0]) if len(longer) else len(gold.heads)  # sentences of equal lengths, which are at the same rows
    row = _unlike(gold, predicted, len(gold.part(0, same).line))
    if row is None and not len(longer):
        return
    n = same if row is None else int(np.searchsorted(gold.heads, row, side="right")) - 1
    left, right = gold.part(n, n + 1), predicted.part(n, n + 1)
    tokens, others = left.tokens(), right.tokens()
    at = next((k for k, (one, other) in enumerate(zip(tokens, others, strict=False)) if one != other), None)
    at = min(len(tokens), len(others)) if at is None else at
    there = f"{gold_path}:{left.line[min(at, len(tokens) - 1)]}"
    line = int(right.line[min(at, len(others) - 1)])
    if at == len(tokens):
        raise refused(path, line, f"{others[at]!r}, where the sentence of {there} has ended")
    found = repr(others[at]) if at < len(others) else "the sentence ends"
    raise refused(path, line, f"{found}, where {there} has {tokens[at]!r}")


def _unlike(gold: Block, predicted: Block, rows: int) -> int | None:
    """The first of some rows in which the tokens differ; they are compared 8 bytes at a time."""
    starts = gold.start[:rows], predicted.start[:rows]
    length = gold.end[:rows] - starts[0]
    others = np.flatnonzero(length != predicted.end[:rows] - starts[1])
    first = int(others[0]) if len(others) else rows
    at, done = np.arange(first), 0
    while len(at):
        left, right = (words(block.buffer)[start[at] + done] for block, start in zip((gold, predicted), starts, strict=True))
        differ = np.flatnonzero((left ^ right) & MASKS[np.minimum(length[at] - done, 8)])
        first = min(first, int(at[differ[0]])) if len(differ) else first
        done += 8
        at = at[length[at] > done]
    return first if first < rows else None
