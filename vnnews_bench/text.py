"""Text in code points: syllables and folded names."""

import re
import unicodedata

from vnnews_bench.records import Span

# A letter or digit with its combining marks (decomposed text stays whole), or one sign. `_` joins nothing: in a
# word-segmented article it stands between syllables like a space.
_SYLLABLE = re.compile(r"(?:[^\W_][\u0300-\u036f]*)+|[^\w\s]")
_LETTERS = re.compile(r"[^\W_]+")

LONGEST = 2000  # code points of a sentence
_LINE = re.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
_STOP = re.compile(r"(?<![.!?…])[.!?…]++(?:[\"”’»)\]]| [”’»])*+(?=[\s_])")  # segmented text sets the closing mark apart
_OPENING = re.compile(r"[\s_\"“‘«(\[]*")
_SHORT = frozenset(
    ["tp", "tx", "tt", "gs", "pgs", "ts", "ths", "bs", "ks", "cn", "st", "dr", "mr", "mrs", "ms", "gen", "col", "sgt", "vs"]
)
_AROUND = " \t\u00a0\u3000_"


def syllables(text: str, start: int = 0, end: int | None = None) -> list[Span]:
    """The syllables, numbers and single punctuation marks of `text[start:end]`, as spans in code points of `text`."""
    return [match.span() for match in _SYLLABLE.finditer(text, start, len(text) if end is None else end)]


def count(text: str) -> int:
    """How many syllables, numbers and single punctuation marks a text has."""
    return len(_SYLLABLE.findall(text))


def fold(name: str) -> str:
    """A name reduced to what identifies it: NFC, case folded, `_` and any white space as one space."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().replace("_", " ").split())


def folded(text: str) -> list[str]:
    """The syllables and numbers of a text, composed (NFC) and in lower case, without joins and punctuation."""
    return _LETTERS.findall(unicodedata.normalize("NFC", text).lower())


def sentences(text: str, start: int = 0, end: int | None = None) -> list[Span]:
    """The sentences of `text[start:end]` by rule, for a text that comes without any, as spans in code points of `text`.

    A line ends a sentence, and so does a full stop or its like before a capital or a number; an abbreviation does not. What has
    more than `LONGEST` code points is cut at white space, so that no model meets a megabyte without a mark.
    """
    found: list[Span] = []
    for line in _LINE.finditer(text, start, len(text) if end is None else end):
        begun = line.start()
        for stop in _STOP.finditer(text, line.start(), line.end()):
            if _ends(text, stop, line.end()):
                found += _cut(text, begun, stop.end())
                begun = stop.end()
        found += _cut(text, begun, line.end())
    return found


def _ends(text: str, stop: re.Match[str], end: int) -> bool:
    """Whether a mark ends a sentence: by the word before it, and by what comes after."""
    follows = _OPENING.match(text, stop.end(), end)
    first = text[follows.end() : follows.end() + 1] if follows and follows.end() < end else ""
    before = re.split(r"[\s_(]", text[max(0, stop.start() - 12) : stop.start()])[-1]
    short = stop[0] == "." and ((len(before) == 1 and before.isupper()) or "." in before or before.casefold() in _SHORT)
    return not short and (first.isupper() or (first.isdigit() and not before.isdigit()))


def _cut(text: str, start: int, end: int) -> list[Span]:
    """A sentence without the white space and `_` around it, in pieces where it is too long; none where nothing is left."""
    found = []
    while True:
        piece = text[start : min(end, start + LONGEST)]
        if start + LONGEST < end and (space := max(piece.rfind(" "), piece.rfind("_"))) > 0:
            piece = piece[:space]
        inner = piece.strip(_AROUND)
        if inner:
            at = start + piece.index(inner)
            found.append((at, at + len(inner)))
        start += len(piece)
        if start >= end:
            return found
