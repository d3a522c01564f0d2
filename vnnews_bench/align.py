"""Alignment: from what a tool printed back to code points of the original text.

Tools cut, join and rewrite the text they are given. `align` finds for any span of a rewritten text the span of the
original that it stands for, `align_tokens` does so for a stream of tokens, and `units` converts offsets that were counted
in UTF-16 code units or in bytes.

Conventions
    * Offsets are Unicode code points; a span is half-open.
    * What `letters` folds away is free. Anything else is an edit and is told.
    * Edits are local: after at most `BOUND` changes the letters agree again, or the texts are refused.

Method: the letters are compared as they are. Where they part, the furthest points that 1, 2, … insertions, deletions and
substitutions reach on each diagonal (Ukkonen 1985, Myers 1986) are advanced until `AGREE` letters in a row agree. So the
time is linear in the length of the texts.
"""

from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec
import numpy as np

from vnnews_bench.counts import Ints
from vnnews_bench.errors import BenchError
from vnnews_bench.letters import Letters, letters, per_character
from vnnews_bench.records import Span

BOUND = 64  # changes before the letters agree again: about a clause
AGREE = 12  # letters in a row that end an edit: three or four syllables
SHARE = 3  # where more than one letter in so many is changed, it is another text

_Gap = tuple[int, int, int, int]  # letters [i0, i1) of the text against letters [j0, j1) of the rewritten text
_OUT = -2 * BOUND  # no place, nor after as many steps


class Edit(msgspec.Struct, frozen=True):
    """What a tool changed: `[start, end)` of the text, the words that stand there, and what `became` of them.

    `text` is empty where the tool added something, `became` where it dropped something.
    """

    start: int
    end: int
    text: str
    became: str


class Alignment(msgspec.Struct, frozen=True, eq=False):
    """The way from code points of a rewritten text of `size` code points back to the original.

    Letter n of the rewritten text stands at `[starts[n], ends[n])` there and at `[first[n], last[n + 1])` in the original.
    """

    size: int
    starts: Ints
    ends: Ints
    first: Ints
    last: Ints
    edits: tuple[Edit, ...]

    def span(self, start: int, end: int) -> Span:
        """The span of the original that `[start, end)` of the rewritten text stands for.

        It neither begins nor ends with anything free. A part of a character gives the whole character; what has no
        counterpart (a lone `_`, a word that the tool added) gives an empty span at its place.
        Raises `BenchError` for a span that is not in the rewritten text.
        """
        return self.spans([(start, end)])[0]

    def spans(self, spans: Sequence[Span]) -> list[Span]:
        """The same for many spans, at once."""
        for start, end in spans:
            if not 0 <= start <= end <= self.size:
                raise BenchError(f"there is no span [{start}, {end}) in the tool's text of {self.size} code points")
        starts, ends = np.array(spans, np.int64).reshape(-1, 2).T
        upper = self.last[np.searchsorted(self.starts, ends, side="left")]
        lower = np.minimum(self.first[np.searchsorted(self.ends, starts, side="right")], upper)
        return list(zip(lower.tolist(), upper.tolist(), strict=True))


class Units(msgspec.Struct, frozen=True, eq=False):
    """Offsets counted in a foreign unit; `edges` has those of every code point of a text, and of its end."""

    unit: str
    edges: Ints

    def code_point(self, offset: int) -> int:
        """The code point at a foreign offset. Raises `BenchError` for one outside the text or inside a character."""
        if not 0 <= offset <= self.edges[-1]:
            raise BenchError(f"offset {offset} is not in the text, which has {self.edges[-1]} {self.unit}")
        at = int(np.searchsorted(self.edges, offset))
        if self.edges[at] != offset:
            character = f"{self.unit} {self.edges[at - 1]} to {self.edges[at]}"
            raise BenchError(f"offset {offset} is inside the character of {character}")
        return at

    def offset(self, code_point: int) -> int:
        """The foreign offset of a code point of the text."""
        return int(self.edges[code_point])


def units(text: str, unit: Literal["utf-16", "bytes"]) -> Units:
    """The offsets of a text in UTF-16 code units (Java, JavaScript, .NET) or in bytes of UTF-8."""
    encoding, width, name = ("utf-16-le", 2, "UTF-16 code units") if unit == "utf-16" else ("utf-8", 1, "bytes")
    widths = per_character(text, lambda character: len(character.encode(encoding, "surrogatepass")) // width)
    return Units(name, np.append(0, np.cumsum(widths)))


def align(text: str, rewritten: str) -> Alignment:
    """Where each part of `rewritten`, which a tool made of `text`, stands in `text`.

    Raises `BenchError` with the last common and the first different words of both when too much differs.
    """
    original, made = letters(text), letters(rewritten)
    gaps = _gaps(original, made)
    lower, upper = _counterparts(original, made, gaps)
    return Alignment(
        size=len(rewritten),
        starts=made.starts,
        ends=made.ends,
        first=np.append(original.starts, len(text))[lower],
        last=np.append(0, original.ends)[upper],
        edits=tuple(_edits(original, made, gaps)),
    )


def align_tokens(text: str, tokens: Sequence[str]) -> tuple[list[Span], tuple[Edit, ...]]:
    """The span of each token in `text`, in order, and what the tool changed.

    Spans are as `Alignment.span` gives them. Raises `BenchError` as `align` does.
    """
    alignment = align(text, " ".join(tokens))
    spans, at = [], 0
    for token in tokens:
        spans.append((at, at + len(token)))
        at += len(token) + 1
    return alignment.spans(spans), alignment.edits


def _gaps(original: Letters, made: Letters) -> list[_Gap]:
    """Where the letters differ, in order; between two gaps they are the same, one by one."""
    a, b = original.string, made.string
    gaps: list[_Gap] = []
    changes = i = j = 0
    while True:
        same = _common(a, b, i, j)
        i, j = i + same, j + same
        if i == len(a) and j == len(b):
            break
        found = _resynchronised(a, b, i, j)
        if not found:
            raise _refusal(original, made, i, j, f"more than {BOUND} letters differ before {AGREE} in a row agree")
        for gap in found:
            _add(gaps, gap, a, b)
        _, i, _, j = found[-1]
        changes += len(found)
    if changes * SHARE > max(len(a), len(b)):
        raise _refusal(original, made, gaps[0][0], gaps[0][2], f"{changes} of {max(len(a), len(b))} letters differ")
    for n, gap in enumerate(gaps):
        gaps[n] = _slid(gap, gaps[n - 1] if n else (0, 0, 0, 0), original, made)
    return gaps


def _common(a: str, b: str, i: int, j: int) -> int:
    """How many letters agree from `a[i]` and `b[j]` on."""
    same, step, growing = 0, 64, True
    while step:
        chunk = a[i + same : i + same + step]
        if len(chunk) == step and chunk == b[j + same : j + same + step]:
            same += step
        else:
            growing = False
        step = step * 2 if growing else step // 2
    return same


def _resynchronised(a: str, b: str, i: int, j: int) -> list[_Gap]:
    """The fewest changes of one letter from `a[i]`, `b[j]` on after which `AGREE` letters, or all that are left, agree.

    On diagonal k, `a` is k letters further on than `b`; a front has the furthest place in `a` on each diagonal.
    Nothing is returned past the bound.
    """
    behind = j - i
    most = [min(len(a), len(b) - behind + k) for k in range(-BOUND, BOUND + 1)]
    fronts = [{0: i}]
    for changes in range(1, BOUND + 1):
        front = {}
        for k in sorted(range(-changes, changes + 1), key=abs):
            start = x = _step(fronts[-1], k, most[BOUND + k])[0]
            while 0 <= x < min(most[BOUND + k], start + AGREE) and a[x] == b[x - k + behind]:
                x += 1
            front[k] = x
            if x == start + AGREE or x == len(a) == len(b) - behind + k:
                return _traced(fronts, k, most, behind)
        fronts.append(front)
    return []


def _step(front: dict[int, int], k: int, most: int) -> tuple[int, int, int]:
    """The furthest place on diagonal `k` one change after `front`; how many letters of `a` and of `b` the change takes."""
    changed, dropped, added = front.get(k, _OUT) + 1, front.get(k - 1, _OUT) + 1, front.get(k + 1, _OUT)
    return max(step for step in ((changed, 1, 1), (dropped, 1, 0), (added, 0, 1), (_OUT, 0, 0)) if step[0] <= most)


def _traced(fronts: list[dict[int, int]], k: int, most: list[int], behind: int) -> list[_Gap]:
    """The changes that led to diagonal `k`, the first one first."""
    gaps = []
    for front in reversed(fronts):
        x, dx, dy = _step(front, k, most[BOUND + k])
        y = x - k + behind
        gaps.append((x - dx, x, y - dy, y))
        k += dy - dx
    return gaps[::-1]


def _add(gaps: list[_Gap], gap: _Gap, a: str, b: str) -> None:
    """Appends a gap; one that touches the last, or can be a single omission or addition with it, becomes one with it."""
    while gaps:
        i0, last_i, j0, last_j = gaps[-1]
        next_i, i1, next_j, j1 = gap
        while i1 > i0 and j1 > j0 and a[i1 - 1] == b[j1 - 1]:
            i1, j1 = i1 - 1, j1 - 1
        if (last_i, last_j) != (next_i, next_j) and i0 < i1 and j0 < j1:
            break
        gap = (i0, i1, j0, j1)
        gaps.pop()
    gaps.append(gap)


def _slid(gap: _Gap, before: _Gap, original: Letters, made: Letters) -> _Gap:
    """An omission or addition moved, among the places where it can have happened, to the edge of a word."""
    i0, i1, j0, j1 = gap
    if i0 < i1 and j0 < j1:
        return gap
    side, start, end = (original, i0, i1) if j0 == j1 else (made, j0, j1)
    for n in range(min(i0 - before[1], j0 - before[3], BOUND)):
        if not side.joined[start - n]:
            return i0 - n, i1 - n, j0 - n, j1 - n
        if side.string[start - n - 1] != side.string[end - n - 1]:
            break
    return gap


def _counterparts(original: Letters, made: Letters, gaps: Sequence[_Gap]) -> tuple[Ints, Ints]:
    """Letter n of the rewritten text stands for letters `[lower[n], upper[n + 1])` of the original."""
    shift = np.zeros(len(made.string) + 1, np.int64)
    for i0, i1, j0, j1 in gaps:
        shift[j1] += (i1 - i0) - (j1 - j0)
    lower = np.arange(len(shift)) + np.cumsum(shift)
    upper = lower.copy()
    for i0, i1, j0, j1 in gaps:
        upper[j0] = i0
        for n in range(j1 - j0):  # in proportion; each stands for one letter at least, if there is any
            lower[j0 + n] = i0 + n * (i1 - i0) // (j1 - j0)
            upper[j0 + n + 1] = max(i0 + (n + 1) * (i1 - i0) // (j1 - j0), min(lower[j0 + n] + 1, i1))
        if j0 == j1:  # what was dropped from a word belongs to what is left of the word
            while upper[j0] < i1 and original.joined[upper[j0]]:
                upper[j0] += 1
            while lower[j0] > upper[j0] and original.joined[lower[j0]]:
                lower[j0] -= 1
    return lower, upper


def _edits(original: Letters, made: Letters, gaps: Sequence[_Gap]) -> Iterator[Edit]:
    """The gaps as a reader sees them: whole words, and one edit a word."""
    whole: list[_Gap] = []
    ceilings = [*(gap[0] for gap in gaps), len(original.string)][1:]
    for (i0, i1, j0, j1), ceiling in zip(gaps, ceilings, strict=True):
        floor = whole[-1][1] if whole else 0
        while i0 > floor and ((i0 < i1 and original.joined[i0]) or (j0 < j1 and made.joined[j0])):
            i0, j0 = i0 - 1, j0 - 1
        while i1 < ceiling and ((i0 < i1 and original.joined[i1]) or (j0 < j1 and made.joined[j1])):
            i1, j1 = i1 + 1, j1 + 1
        if whole and i0 == floor and (original.joined[i0] or made.joined[j0]):
            i0, _, j0, _ = whole.pop()
        whole.append((i0, i1, j0, j1))
    for i0, i1, j0, j1 in whole:
        (start, end), (made_start, made_end) = original.span(i0, i1), made.span(j0, j1)
        yield Edit(start, end, original.text[start:end], made.text[made_start:made_end])


def _refusal(original: Letters, made: Letters, i: int, j: int, why: str) -> BenchError:
    """The words on both sides of the place where the texts part."""
    while original.joined[i] and made.joined[j]:
        i, j = i - 1, j - 1
    sides = []
    for side, at in ((original, i), (made, j)):
        _, end = side.span(at, at)
        common, different = side.text[:end].split(), side.text[end:].split(maxsplit=3)[:3]
        what = repr(" ".join(different)[:60]) if different else "nothing"
        sides.append(f"{what} after {common[-1][-60:]!r} (code point {end})" if common else f"{what} at its start")
    return BenchError(f"{why}: the text has {sides[0]}, the tool's text {sides[1]}")
