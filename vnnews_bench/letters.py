r"""Letters: what is left of a text when everything that tools change at will is folded away, and where each letter stands.

Two texts have the same letters if they differ only in
    * white space, `_`, zero-width and control characters, variation selectors, anywhere;
    * NFC or NFD;
    * the letter of oa, oe, uy that bears the tone: hoà and hòa, khoẻ and khỏe, thuỵ and thụy;
    * Ð (U+00D0) for Đ;
    * the shape of quotation marks (“ " `` « are one, ‘ ' ` ‹ are one) and of the ellipsis (… and ...);
    * a character that came back as the two halves of its surrogate pair.

Case, digits and all other punctuation count. Offsets are Unicode code points.
"""

import functools
import re
import unicodedata
from collections.abc import Callable

import msgspec
import numpy as np
from numpy.typing import NDArray

from vnnews_bench.counts import Ints
from vnnews_bench.records import Span

_SHAPES = {"Ð": "Đ", "ð": "đ", **dict.fromkeys("“”„‟«»″＂", '"'), **dict.fromkeys("‘’‚‛‹›`´′", "'")}
# what can be written as one character or as several: surrogates, marks of several strokes or dots, decomposed letters
_CLUSTER = re.compile(r"""[\ud800-\udbff][\udc00-\udfff]|["…]|[^\u0300-\u036f][\u0300-\u036f]+""")
_SPELLED = {'"': "''", "…": "..."}
# the tone on the first letter of two, as older keyboards place it, and on the second
_PLACES = {
    unicodedata.normalize("NFC", first + tone + second): unicodedata.normalize("NFC", first + second + tone)
    for first, second in ("oa", "oe", "uy", "Oa", "Oe", "Uy", "OA", "OE", "UY")
    for tone in "\u0300\u0301\u0303\u0309\u0323"
}
_PLACED = re.compile("|".join(_PLACES))


class Letters(msgspec.Struct, frozen=True, eq=False):
    """The letters of `text` as a string; letter n stands at code points `[starts[n], ends[n])`.

    `joined[n]` says that letters n - 1 and n are of one word, or of one character. There is one more, which is false.
    """

    text: str
    string: str
    starts: Ints
    ends: Ints
    joined: NDArray[np.bool_]

    def span(self, lower: int, upper: int) -> Span:
        """The code points of letters `[lower, upper)`; of none, the place behind the letter before."""
        end = int(self.ends[upper - 1]) if upper else 0
        return (int(self.starts[lower]) if lower < upper else end), end


def letters(text: str) -> Letters:
    """The letters of a text. What one is spelled by several characters, or several by one, has the place of them all."""
    codes = per_character(text, lambda character: 0 if _is_free(character) else ord(_SHAPES.get(character, character)))
    starts = np.flatnonzero(codes)
    ends = starts + 1
    clusters: list[tuple[int, int, int]] = []

    def spelled(match: re.Match[str]) -> str:
        spelling = _spelled(match[0])
        clusters.append((*match.span(), len(spelling)))
        return spelling

    string = _CLUSTER.sub(spelled, codes[starts].astype("<u4").tobytes().decode("utf-32-le", "surrogatepass"))
    if clusters:
        head, stop, size = np.array(clusters).T
        inside = np.zeros(len(starts) + 1, np.int64)  # 1 from the second character of a cluster to its last
        inside[head + 1] += 1
        inside[stop] -= 1
        times = 1 - np.cumsum(inside[:-1])
        times[head] = size
        ends[head] = ends[stop - 1]
        starts, ends = np.repeat(starts, times), np.repeat(ends, times)
    string = _PLACED.sub(lambda match: _PLACES[match[0]], string)
    word = per_character(string, str.isalnum).astype(bool)
    joined = np.zeros(len(string) + 1, bool)
    joined[1:-1] = (word[1:] & word[:-1] & (starts[1:] == ends[:-1])) | (starts[1:] < ends[:-1])
    return Letters(text, string, starts, ends, joined)


def per_character(text: str, value: Callable[[str], int]) -> Ints:
    """The value of each character of a text; `value` is asked once for each that occurs, which makes long texts cheap."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
    table = np.zeros(int(codes.max(initial=0)) + 1, np.int64)
    for character in set(text):
        table[ord(character)] = value(character)
    values: Ints = table[codes]
    return values


def _is_free(character: str) -> bool:
    if character.isspace() or character == "_" or "\ufe00" <= character <= "\ufe0f":
        return True
    return unicodedata.category(character) in ("Cf", "Cc")


@functools.lru_cache(4096)
def _spelled(cluster: str) -> str:
    """The letters of a cluster: halves put together, marks composed."""
    whole = cluster.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return _SPELLED.get(whole) or unicodedata.normalize("NFC", whole)
