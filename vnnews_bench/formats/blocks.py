"""A file of columns as blocks of arrays: whole sentences, with the place of each token and the codes of its tags.

Conventions
    * What holds for the whole file is decided on the first block: whether columns stand between tabs or spaces, how many there
      are, and which of them is the token and which are tags. A line of a later block that breaks this is refused.
    * A block ends with a sentence; what follows waits for the next bytes. A file of one sentence is one block.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from vnnews_bench.counts import Ints
from vnnews_bench.errors import BenchError, Finding
from vnnews_bench.formats import schemes
from vnnews_bench.formats.exchange import document_id, label_of, refused
from vnnews_bench.formats.lines import PAD, Bytes, Lines, cut, is_utf8, tidied
from vnnews_bench.tags import Inside, code_of, inside

BLOCK = 2**20  # bytes that are read at once; the arrays of a block stay in a cache
_WORDS = 4  # of 8 bytes, in which tags are compared; longer ones are looked up one by one
_FEED, _SPACE = b"\n "
_NEW = -2  # stands for a tag that was not met yet
MASKS = np.array([(1 << 8 * n) - 1 for n in range(9)], dtype=np.uint64)  # the first n bytes of a word
_MIX = np.uint64(0x9E3779B97F4A7C15)  # an odd number, so that multiplying by it loses nothing
_NAME = re.compile(r"""\bid\s*=\s*"?([^"\s>]+)|\(([^()]+)\)|-DOCSTART-\s+(?!-X-|O\b|\()(\S+)""", re.I)

Codes = NDArray[np.int32]
Words = NDArray[np.uint64]


class Bytewise(Protocol):
    """What a reader needs of a stream."""

    def read(self, size: int, /) -> bytes:
        """That many bytes, or what is left of them."""


class Block(NamedTuple):
    """Whole sentences, a row to a token: where it stands in the buffer, its line (from 1), and the codes of its tags by level.

    `heads` are the rows that begin a sentence, `owner` is the number of each sentence's document.
    """

    buffer: Bytes
    start: Ints
    end: Ints
    line: Ints
    tags: tuple[Codes, ...]  # the outermost level first
    heads: Ints
    owner: Ints

    def part(self, start: int, end: int) -> "Block":
        """The sentences from `start` to `end`."""
        a, b = (int(self.heads[n]) if n < len(self.heads) else len(self.line) for n in (start, end))
        rows = (self.start[a:b], self.end[a:b], self.line[a:b], tuple(codes[a:b] for codes in self.tags))
        return Block(self.buffer, *rows, self.heads[start:end] - a, self.owner[start:end])

    def inside(self, level: int) -> Inside:
        """The tokens inside of spans of a level."""
        return inside(self.tags[level], self.heads)

    def tokens(self) -> list[str]:
        """The tokens as strings."""
        return [_bytes(self.buffer, a, b - a).decode() for a, b in zip(self.start.tolist(), self.end.tolist(), strict=True)]

    def text(self) -> tuple[list[str], Ints, Ints]:
        """The text of each sentence, its tokens between spaces, and start and end of every token in it, in code points."""
        size = self.end - self.start
        ends = np.cumsum(size + 1) - 1  # in the bytes of all tokens with a byte after each
        bytes_ = np.full(int(ends[-1]) + 1, _SPACE, dtype=np.uint8)
        inside = np.ones(len(bytes_), dtype=bool)
        inside[ends] = False
        bytes_[inside] = self.buffer[np.arange(len(bytes_))[inside] + np.repeat(self.start - (ends - size), size)]
        bytes_[ends[np.append(self.heads[1:], len(ends)) - 1]] = _FEED
        points = np.cumsum((bytes_ & 0xC0) != 0x80)  # code points up to each byte, with it
        end = points[ends] - 1
        start = np.append(0, points[ends[:-1]])
        first = np.repeat(start[self.heads], np.diff(self.heads, append=len(ends)))
        return bytes_.tobytes().decode().split("\n")[:-1], start - first, end - first


class Shape(NamedTuple):
    """What the first block says of the whole file; columns are counted from 0."""

    width: int
    line: int  # the first one that is a token
    token: int
    levels: tuple[int, ...]
    watched: int | None  # a column of tags without labels of entities, which would be a level if there were any


def words(buffer: Bytes) -> Words:
    """The 8 bytes from every place of a buffer on as numbers, the first byte the lowest."""
    return np.ndarray((len(buffer) - 7,), "<u8", buffer, 0, (1,))


class Tags:
    """The tags of a column that were met, and their codes; -1 for what is no tag.

    Tags are told apart by their words: those that were met stand in a sorted table, and no other one becomes a string.
    """

    def __init__(self, labels: dict[str, int]) -> None:
        self.labels = labels
        self.met: dict[bytes, int] = {}
        self._keys: Words = np.zeros(0, dtype=np.uint64)
        self._parts: Words = np.zeros((1 + _WORDS, 0), dtype=np.uint64)  # lengths and words
        self._codes: Codes = np.zeros(0, dtype=np.int32)

    @property
    def names(self) -> set[str]:
        """The labels of the tags."""
        there = {code >> 3 for code in self.met.values() if code > 0}
        return {name for name, label in self.labels.items() if label in there}

    def read(self, buffer: Bytes, start: Ints, end: Ints) -> Codes:
        """The code of the tag in each row."""
        length = end - start
        found: Codes = np.zeros(len(start), dtype=np.int32)
        at = np.flatnonzero((length != 1) | (buffer[start] != ord("O")))
        if len(at):
            found[at] = self._read(buffer, start[at], length[at])
        return found

    def _read(self, buffer: Bytes, start: Ints, length: Ints) -> Codes:
        places = range(0, min(8 * _WORDS, int(length.max())), 8)
        parts = [
            length.astype(np.uint64),
            *(words(buffer)[start + n] & MASKS[np.maximum(np.minimum(length - n, 8), 0)] for n in places),
        ]
        key: Words = np.zeros(len(start), dtype=np.uint64)
        for part in parts:
            key = (key ^ part) * _MIX
        codes = self._looked_up(key, parts)
        new = np.flatnonzero(codes == _NEW)
        if len(new):
            new = new[np.unique(key[new], return_index=True)[1]]
            new = new[length[new] <= 8 * _WORDS]
            self._learn(key[new], [part[new] for part in parts], [_bytes(buffer, start[n], length[n]) for n in new])
            codes = self._looked_up(key, parts)
            for n in np.flatnonzero(codes == _NEW):  # a long tag, or one that shares its key with another
                codes[n] = self._code(_bytes(buffer, start[n], length[n]))
        return codes

    def _looked_up(self, key: Words, parts: Sequence[Words]) -> Codes:
        if not len(self._keys):
            return np.full(len(key), _NEW, dtype=np.int32)
        at = np.minimum(np.searchsorted(self._keys, key), len(self._keys) - 1)
        known = self._keys[at] == key
        for part, there in zip(parts, self._parts, strict=False):  # equal lengths have as many words
            known &= there[at] == part
        return np.where(known, self._codes[at], np.int32(_NEW))

    def _learn(self, key: Words, parts: Sequence[Words], tags: Sequence[bytes]) -> None:
        table: Words = np.zeros((1 + _WORDS, len(key)), dtype=np.uint64)
        table[: len(parts)] = parts
        codes = np.array([self._code(tag) for tag in tags], dtype=np.int32)
        order = np.argsort(keys := np.concatenate([self._keys, key]))
        self._keys = keys[order]
        self._parts = np.concatenate([self._parts, table], axis=1)[:, order]
        self._codes = np.concatenate([self._codes, codes])[order]

    def _code(self, tag: bytes) -> int:
        if tag not in self.met:
            name = tag.decode()
            is_tag = schemes.TAG.fullmatch(name)
            self.met[tag] = code_of(name[0], self.labels.setdefault(name[2:], len(self.labels))) if is_tag else -1
        return self.met[tag]


class Reader:
    """Blocks of a file of columns, in order; `documents` and `tags` of each level grow with what was read.

    `labels` numbers the labels of tags, and may be shared by two files. Raises `BenchError` with the line that has other
    columns, or no tag in its last one, and for a file without tokens.
    """

    def __init__(self, stream: Bytewise, path: Path, labels: dict[str, int]) -> None:
        self.path = path
        self.documents: list[str] = []
        self.tags: list[Tags] = []
        self._stream = stream
        self._labels = labels
        self._shape: Shape | None = None
        self._lines = 0  # before the next block
        self._tabs = False
        self._watched = Tags({})
        self._alike: Ints = np.zeros((0, 2), dtype=np.int64)  # by pair of levels: inner tags that are the outer ones, and all

    def __iter__(self) -> Iterator[Block]:
        rest = self._stream.read(max(BLOCK, 3)).removeprefix(b"\xef\xbb\xbf")
        more = True
        while more:
            read = self._stream.read(max(BLOCK, len(rest)))
            more = bool(read)
            end = b"" if more or not rest or rest.endswith(b"\n") else b"\n"
            chunk = b"".join((rest, read, end, PAD))
            block, rest = self._block(chunk, chunk.rfind(b"\n") + 1, not more)
            if block is not None:
                yield block
        if self._shape is None:
            raise refused(self.path, None, "holds no token")
        for (outer, inner), (same, every) in zip(pairwise(self._shape.levels), self._alike.tolist(), strict=True):
            if 2 * same > every:  # gold and predictions side by side, as conlleval reads them: levels differ in most tags
                message = f"columns {outer + 1} and {inner + 1} have mostly the same tags; keep one column, or nested levels"
                raise refused(self.path, self._shape.line, message)

    def _block(self, chunk: bytes, size: int, last: bool) -> tuple[Block | None, bytes]:
        """The whole sentences in a stretch of lines, and the bytes that are left."""
        self._check(chunk, size)
        chunk, size = tidied(chunk, size, self._tabs)
        lines = cut(chunk, size, self._tabs, self._shape.width if self._shape else None)
        rows, total, used = len(lines.row), len(lines.begin), size
        heads = np.flatnonzero(np.diff(lines.row, prepend=-2) != 1)
        if rows and not last and lines.fault is None and lines.row[-1] == total - 1:
            rows, total = int(heads[-1]), int(lines.row[heads[-1]])
            heads, used = heads[:-1], int(lines.begin[total])
        tags: tuple[Codes, ...] = ()
        before, self._lines = self._lines, self._lines + total
        buffer: Bytes = np.frombuffer(chunk, dtype=np.uint8)
        line = lines.row[:rows] + (before + 1)
        if rows:
            self._shape = self._shape or self._decided(buffer, lines, line)
            tags = self._tags(self._shape, buffer, lines, line)
        if lines.fault is not None:
            raise self._fault(before + 1 + lines.fault[0], lines.fault[1], lines.width)
        owner = self._owners(lines, lines.row[heads], total)
        rest = chunk[used : -len(PAD)]
        if self._shape is None or not rows:
            return None, rest
        return Block(buffer, *lines.column(self._shape.token, rows), line, tags, heads, owner), rest

    def _check(self, chunk: bytes, size: int) -> None:
        """Raises for bytes that are no text, and for tabs that come late."""
        if not is_utf8(chunk, size):
            try:
                chunk[:size].decode()
            except UnicodeDecodeError as error:
                line = self._lines + chunk.count(b"\n", 0, error.start) + 1
                finding = Finding(code="text-encoding", message="is not UTF-8 text", file=str(self.path), line=line)
                raise BenchError([finding]) from None
        tab = -1 if self._tabs else chunk.find(b"\t", 0, size)
        if tab >= 0 and self._shape is not None:
            line = self._lines + chunk.count(b"\n", 0, tab) + 1
            raise refused(self.path, line, "has a tab; the columns above are between spaces")
        self._tabs |= tab >= 0

    def _fault(self, line: int, columns: int, width: int) -> BenchError:
        if self._shape is None:
            return refused(self.path, line, "is one column; a line is a token and its tag, between tabs or spaces")
        return refused(self.path, line, f"has {columns} columns, line {self._shape.line} has {width}")

    def _decided(self, buffer: Bytes, lines: Lines, line: Ints) -> Shape:
        """The column of tokens, and those of tags: before the last one those of tags with labels of entities."""
        width, rows = lines.width, len(line)
        token = 1 if width > 2 and _no_number(buffer, *lines.column(0, rows)) is None else 0
        levels = [width - 1]
        watched = None
        for column in range(width - 2, token, -1):
            tags = Tags({})
            if (tags.read(buffer, *lines.column(column, rows)) < 0).any():
                break
            if not any(map(label_of, tags.names)):
                watched = column
                break
            levels.insert(0, column)
        self.tags = [Tags(self._labels) for _ in levels]
        self._alike = np.zeros((len(levels) - 1, 2), dtype=np.int64)
        return Shape(width, int(line[0]), token, tuple(levels), watched)

    def _tags(self, shape: Shape, buffer: Bytes, lines: Lines, line: Ints) -> tuple[Codes, ...]:
        """The codes of tags by level. Raises for what is no tag, and for a line that breaks what the first block said."""
        places = [lines.column(column, len(line)) for column in shape.levels]
        codes = tuple(tags.read(buffer, *place) for tags, place in zip(self.tags, places, strict=True))
        for column, found, (start, end) in reversed(list(zip(shape.levels, codes, places, strict=True))):
            if (found < 0).any():
                n = int(np.argmax(found < 0))
                message = f"{_bytes(buffer, start[n], end[n] - start[n]).decode()!r} is no tag"
                about = "tags are O, and B- I- E- S- L- or U- before a label"
                levels = f"column {column + 1} has tags of entities above"
                raise refused(self.path, int(line[n]), f"{message}; {about if column == shape.width - 1 else levels}")
        for n, (outer, inner) in enumerate(pairwise(codes)):
            self._alike[n] += np.count_nonzero((outer == inner) & (inner != 0)), np.count_nonzero(inner)
        if shape.token == 1:
            word = _no_number(buffer, *lines.column(0, len(line)))
            if word is not None:
                raise refused(self.path, int(line[word]), "does not begin with a number, as the lines above do")
        if shape.watched is not None:
            self._watch(shape, self._watched.read(buffer, *lines.column(shape.watched, len(line))), shape.watched, line)
        return codes

    def _watch(self, shape: Shape, codes: Codes, column: int, line: Ints) -> None:
        """Raises where a column turns out to be a level of nested entities."""
        if (codes < 0).any():
            self._shape = shape._replace(watched=None)
            return
        ours = [n for name, n in self._watched.labels.items() if label_of(name)]
        if ours:
            n = int(np.argmax(np.isin(codes >> 3, ours) & (codes != 0)))
            message = f"has an entity in column {column + 1}, which has none above; put such a sentence first"
            raise refused(self.path, int(line[n]), message)

    def _owners(self, lines: Lines, heads: Ints, total: int) -> Ints:
        """The number of the document of each sentence; names the documents that begin in the lines before `total`."""
        opened = [(n, text) for n, text in lines.documents if n < total]
        begun = np.array([n for n, _ in opened], dtype=np.int64)
        if len(heads) and not self.documents and (not len(begun) or heads[0] < begun[0]):
            self.documents.append("d1")
        before = len(self.documents)
        for _, text in opened:
            self.documents.append(_name(text, len(self.documents)))
        owner: Ints = np.searchsorted(begun, heads) + (before - 1)
        return owner


def _bytes(buffer: Bytes, start: Any, length: Any) -> bytes:
    return buffer[start : start + length].tobytes()


def _no_number(buffer: Bytes, start: Ints, end: Ints) -> int | None:
    """The first row that is no number."""
    length = end - start
    sound = (length > 0) & (length <= 20)
    for n in range(min(20, int(length.max()))):
        sound &= (buffer[np.minimum(start + n, end)] - 48 < 10) | (n >= length)
    rest = (n for n in np.flatnonzero(~sound).tolist() if not _bytes(buffer, start[n], length[n]).decode().isdigit())
    return next(rest, None)


def _name(line: str, n: int) -> str:
    found = _NAME.search(line)
    return document_id(next((g for g in found.groups() if g), "") if found else "", n + 1)
