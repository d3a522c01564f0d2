"""Tags over tokens, to spans and back.

A tag is a code, and spans are read from arrays of codes. `decode` and `spans` follow conlleval (Tjong Kim Sang & De Meulder,
CoNLL 2003): an `I-` after `O`, after another label or at the start of a sentence opens a span. On legal IOB2 that is what
every scorer does.
"""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vnnews_bench.counts import Columns, Ints, columns
from vnnews_bench.records import Span

LETTERS = "OBIESLU"
_BEGINS = np.array([letter in "BSU" for letter in LETTERS])
_ENDS = np.array([letter in "ESLU" for letter in LETTERS])


def encode(tokens: Sequence[Span], spans: Iterable[tuple[int, int, str]]) -> list[str]:
    """BIO tags, one per token, for flat `(start, end, label)` spans; a token that overlaps a span belongs to it.

    Where two spans claim a token, the one that comes first in `spans` keeps it.
    """
    tags = ["O"] * len(tokens)
    for start, end, label in spans:
        inside = [i for i, (a, b) in enumerate(tokens) if a < end and start < b]
        if any(tags[i] != "O" for i in inside):
            continue
        for i in inside:
            tags[i] = f"I-{label}" if i > inside[0] else f"B-{label}"
    return tags


class _Codes(dict[str, int]):
    """Tag to code, made as tags are met."""

    def __init__(self, labels: Sequence[str]) -> None:
        super().__init__(O=0)
        self.labels = list(labels)

    def __missing__(self, tag: str) -> int:
        prefix, dash, label = tag.partition("-")
        if prefix not in ("B", "I") or not dash or label not in self.labels:
            known = ", ".join(self.labels)
            raise ValueError(f"{tag!r} is no BIO tag; tags are O, and B- or I- before one of {known}")
        code = code_of(prefix, self.labels.index(label))
        self[tag] = code
        return code


def code_of(letter: str, label: int) -> int:
    """The code of a tag: its letter's place in `LETTERS` in the lowest three bits, the number of its label above; 0 is `O`."""
    return LETTERS.index(letter) | label << 3


def tag_of(code: int, labels: Sequence[str]) -> str:
    """The tag of a code."""
    return f"{LETTERS[code & 7]}-{labels[code >> 3]}" if code else "O"


class Inside(NamedTuple):
    """The tokens whose tag is not `O`, and how each follows on the token before it."""

    at: Ints  # the token's number
    letter: Ints  # of its tag, as a place in LETTERS
    label: Ints
    before: Ints  # the letter of the token before it; that of O where a sentence begins
    same: NDArray[np.bool_]  # whether the token before it has the same label


def inside(codes: NDArray[Any], heads: Ints) -> Inside:
    """The tokens inside of spans, from the codes of all tokens and the numbers of those that begin a sentence."""
    at = np.flatnonzero(codes)
    code = codes[at].astype(np.int64)
    letter, label = code & 7, code >> 3
    begins = np.zeros(len(codes), dtype=bool)
    begins[heads] = True
    linked = (at[1:] - at[:-1] == 1) & ~begins[at[1:]]
    before, same = np.zeros_like(letter), np.zeros(len(at), dtype=bool)
    before[1:] = letter[:-1] * linked
    same[1:] = linked & (label[1:] == label[:-1])
    return Inside(at, letter, label, before, same)


def spans(tokens: Inside) -> tuple[Ints, Ints, Ints]:
    """The label, first token and end of every span, read as conlleval does.

    One begins with B, S or U, after E, L, S or U, after `O`, after another label, or with the sentence.
    """
    opens = np.flatnonzero(~tokens.same | _BEGINS[tokens.letter] | _ENDS[tokens.before])
    last = np.append(opens[1:], len(tokens.at))[: len(opens)] - 1
    return tokens.label[opens], tokens.at[opens], tokens.at[last] + 1


def decode(sentences: Sequence[Sequence[str]], labels: Sequence[str]) -> Columns:
    """The spans of BIO-tagged sentences as columns; `text` is the sentence's index, `start`/`end` count tokens in it.

    Raises `ValueError` for a tag that is not BIO over `labels`.
    """
    lengths = np.fromiter(map(len, sentences), np.int64, len(sentences))
    size = int(lengths.sum())
    known = _Codes(labels)
    codes: Ints = np.fromiter(map(known.__getitem__, chain.from_iterable(sentences)), np.int64, size)
    ends = np.cumsum(lengths)
    heads = ends - lengths
    label, start, end = spans(inside(codes, heads[lengths > 0]))
    text = np.searchsorted(ends, start, side="right")
    return columns(labels, text, label, start - heads[text], end - heads[text])
