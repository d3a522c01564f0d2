"""Lines of columns, found and cut in a stretch of bytes by whole arrays.

A line is a token: columns between tabs, or between spaces. Only a line that may be something else (it begins with `#`, `<`,
white space or `-D`) and one with other white space than its neighbours is looked at for itself.
"""

import re
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vnnews_bench import files
from vnnews_bench.counts import Ints

PAD = bytes(40)  # stands behind the bytes, so that words may be read beyond the last one

_SENTENCE = re.compile(r"</?(s|p|title|editor|date|head)\b[^>]*>$", re.I)
_DOCUMENT = re.compile(r"(-DOCSTART-|<doc\b|#\s*begin document\b|#\s*newdoc\b|#\s*end document\b|</doc>)", re.I)
_COMMENT = re.compile(r"#\s*(newpar|sent_id|text|id|doc|global\.columns|source)\b.*[=:]")
_FEED, _TAB, _SPACE = b"\n\t "
_RETURN = 13
_HEADS = np.isin(np.arange(256), list(b"#< \t\r"))  # first bytes of lines that are looked at one by one
_TAILS = np.isin(np.arange(256), list(b" \t\r"))

Bytes = NDArray[np.uint8]
Places = list[tuple[int, int]]  # start and end of each column of a line


class Lines(NamedTuple):
    """Lines of a stretch of bytes by number, from 0: all, and those that are tokens, of which each has `width` columns."""

    begin: Ints
    stop: Ints
    row: Ints  # the lines that are tokens
    width: int
    regular: Ints  # those of them that were cut together
    cuts: Ints  # separators and ends of lines
    first: Ints  # the place in `cuts` of each regular line's first separator
    loose: Ints  # the columns of all others, shape (lines, width, 2)
    order: Ints | None  # of regular and loose lines together; `None` where all are regular
    documents: list[tuple[int, str]]  # lines that begin a document, and what they say
    fault: tuple[int, int] | None  # the first line with another number of columns, or fewer than two; tokens end before it

    def column(self, n: int, rows: int) -> tuple[Ints, Ints]:
        """Start and end of a column in the first `rows` tokens."""
        start = self.begin[self.regular] if n == 0 else self.cuts[self.first + (n - 1)] + 1
        end = self.stop[self.regular] if n == self.width - 1 else self.cuts[self.first + n]
        if self.order is not None:
            start = np.concatenate([start, self.loose[:, n, 0]])[self.order]
            end = np.concatenate([end, self.loose[:, n, 1]])[self.order]
        return start[:rows], end[:rows]


def tidied(chunk: bytes, size: int, by_tab: bool) -> tuple[bytes, int]:
    """The same lines, and their new size, without white space that says nothing: beside a separator, and at the end of a line.

    What begins a line stays, since it tells a comment from a token.
    """
    text: Bytes = np.frombuffer(chunk, dtype=np.uint8)[:size]
    kinds = [kind for kind in (_TAB, _SPACE) if (by_tab or kind == _SPACE) and kind in chunk]
    if not any(((text[:-1] == kind) & (text[1:] <= _SPACE)).any() for kind in kinds):
        return chunk, size  # as a rule
    white = text == _SPACE
    white |= by_tab & (text == _TAB)
    start = np.flatnonzero(white[:-1] & ~np.append(False, white[:-2]))  # runs of white space; a line ends the text
    end = np.flatnonzero(white[:-1] & ~white[1:]) + 1
    before = np.where(start > 0, text[start - 1], _FEED)
    trailing = (text[end] == _FEED) | ((text[end] == _RETURN) & (text[np.minimum(end + 1, size - 1)] == _FEED))
    trailing &= before != _RETURN
    inner = (end - start > 1) & ~trailing & ~(by_tab & (before == _FEED))
    if by_tab:
        tabs = np.cumsum(text == _TAB)
        inner &= tabs[end - 1] - tabs[start] + (text[start] == _TAB) > 0  # spaces between words stay
        drop = _within(size, start[inner], end[inner]) & (text == _SPACE)
    else:
        drop = _within(size, start[inner] + 1, end[inner])
    drop |= _within(size, start[trailing], end[trailing])
    kept = text[~drop].tobytes()
    return kept + chunk[size:], len(kept)


def _within(size: int, start: Ints, end: Ints) -> NDArray[np.bool_]:
    """The places in ranges that do not touch."""
    step = np.zeros(size + 1, dtype=np.int8)
    step[start] = 1
    step[end] = -1
    return np.cumsum(step[:-1], dtype=np.int8).astype(bool)


def cut(chunk: bytes, size: int, by_tab: bool, width: int | None) -> Lines:
    """The lines in the first `size` bytes, which end with a line; the first token says how wide all are if `width` does not."""
    buffer: Bytes = np.frombuffer(chunk, dtype=np.uint8)
    text = buffer[:size]
    mark = text == (_TAB if by_tab else _SPACE)
    mark |= text == _FEED
    cuts = np.flatnonzero(mark)
    last = np.flatnonzero(buffer[cuts] == _FEED)
    stop = feed = cuts[last]
    begin = np.zeros_like(feed)
    begin[1:] = feed[:-1] + 1
    if b"\r" in chunk:
        stop = feed - ((buffer[feed - 1] == _RETURN) & (feed > begin))
    blank = begin == stop
    odd = _odd(buffer, begin, stop)
    if width is None:
        width = _width(chunk, begin, feed, by_tab)
    plain = np.diff(last, prepend=-1) == width  # one separator less, and the end of the line
    plain &= ~(blank | odd) & (width > 1)
    loose: list[tuple[int, Places]] = []
    documents: list[tuple[int, str]] = []
    fault = None
    for n in np.flatnonzero(~(plain | blank)).tolist():
        found = row_of(chunk[begin[n] : feed[n]], by_tab)
        if isinstance(found, str):
            documents.append((n, found))
        elif found is not None and (len(found) != width or width < 2):
            fault = n, len(found)
            plain[n:] = False
            break
        elif found is not None:
            loose.append((n, [(int(begin[n]) + a, int(begin[n]) + b) for a, b in found]))
    regular = row = np.flatnonzero(plain)
    order = None
    if loose:
        row = np.concatenate([regular, [n for n, _ in loose]])
        order = np.argsort(row, kind="stable")
        row = row[order]
    places = np.array([found for _, found in loose], dtype=np.int64).reshape(len(loose), width, 2)
    first = last[regular] - (width - 1)
    return Lines(begin, stop, row, width, regular, cuts, first, places, order, documents, fault)


def _odd(buffer: Bytes, begin: Ints, stop: Ints) -> NDArray[np.bool_]:
    """The lines that may be no tokens, or have white space at an end."""
    odd = np.zeros(len(begin), dtype=bool)
    head, tail = buffer[begin], buffer[stop - 1]
    low = np.flatnonzero(head <= ord("<"))
    odd[low] = _HEADS[head[low]] | ((head[low] == ord("-")) & np.isin(buffer[begin[low] + 1], list(b"Dd")))
    low = np.flatnonzero(tail <= _SPACE)
    odd[low] |= _TAILS[tail[low]]
    return odd


def _width(chunk: bytes, begin: Ints, feed: Ints, by_tab: bool) -> int:
    """The number of columns of the first token; 0 where there is none."""
    rows = (row_of(chunk[a:b], by_tab) for a, b in zip(begin, feed, strict=True))
    return next((len(row) for row in rows if isinstance(row, list)), 0)


def row_of(line: bytes, by_tab: bool) -> Places | str | None:
    """The columns of a line; what it says where it begins a document; `None` where it ends a sentence or is a comment."""
    if line[:1] in (b"-", b"#", b"<", b" "):
        text = line.decode()
        if text[0] != " " and _DOCUMENT.match(text):
            return None if re.match(r"#\s*end|</", text) else text
        if any(kind.match(text.strip()) for kind in (_SENTENCE, _COMMENT, _DOCUMENT)):
            return None
    line = line.rstrip(b"\r")
    if not line.strip(b" \t"):
        return None
    if not by_tab:
        return [found.span() for found in re.finditer(rb"[^ ]+", line)]
    places, at = [], 0
    for column in line.rstrip(b"\t ").split(b"\t"):
        start = at + len(column) - len(column.lstrip(b" "))
        places.append((start, start + len(column.strip(b" "))))
        at += len(column) + 1
    return places


def is_utf8(chunk: bytes, size: int) -> bool:
    """Whether the first bytes, which end with a line, are UTF-8: bytes that go on stand where a first one wants them alone."""
    text: Bytes = np.frombuffer(chunk, dtype=np.uint8)[:size]
    wanted = np.zeros(size, dtype=bool)
    wanted[1:] = text[:-1] >= 0xC0
    wanted[2:] |= text[:-2] >= 0xE0
    wanted[3:] |= text[:-3] >= 0xF0
    if ((text.view(np.int8) < -64) != wanted).any():
        return False
    if any(chunk.find(byte, 0, size) >= 0 for byte in _RARE):  # they allow only some bytes after them, or none
        return files.is_utf8(chunk[:size])
    return True


_RARE = [bytes([byte]) for byte in (0xC0, 0xC1, 0xE0, 0xED, *range(0xF0, 0x100))]
