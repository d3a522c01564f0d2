"""Text in code points: syllables and folded names."""

import re
import unicodedata

from vnnews_bench.records import Span

# A letter or digit with its combining marks (decomposed text stays whole), or one sign. `_` joins nothing: in a
# word-segmented article it stands between syllables like a space.
_SYLLABLE = re.compile(r"(?:[^\W_][\u0300-\u036f]*)+|[^\w\s]")


def syllables(text: str, start: int = 0, end: int | None = None) -> list[Span]:
    """The syllables, numbers and single punctuation marks of `text[start:end]`, as spans in code points of `text`."""
    return [match.span() for match in _SYLLABLE.finditer(text, start, len(text) if end is None else end)]


def fold(name: str) -> str:
    """A name reduced to what identifies it: NFC, case folded, `_` and any white space as one space."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().replace("_", " ").split())
