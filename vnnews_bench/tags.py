"""BIO tags over tokens, to spans and back.

`decode` follows conlleval (Tjong Kim Sang & De Meulder, CoNLL 2003): an `I-` after `O`, after another label or at the
start of a sentence opens a span. On legal IOB2 that is what every scorer does.
"""

from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np

from vnnews_bench.counts import Columns, Ints, columns
from vnnews_bench.records import Span


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
    """Tag to integer, made as tags are met: 0 is outside, else 4·label + 1 (begins) or + 2 (inside)."""

    def __init__(self, labels: Sequence[str]) -> None:
        super().__init__(O=0)
        self.labels = list(labels)

    def __missing__(self, tag: str) -> int:
        prefix, dash, label = tag.partition("-")
        if prefix not in ("B", "I") or not dash or label not in self.labels:
            known = ", ".join(self.labels)
            raise ValueError(f"{tag!r} is no BIO tag; tags are O, and B- or I- before one of {known}")
        code = 4 * self.labels.index(label) + (1 if prefix == "B" else 2)
        self[tag] = code
        return code


def decode(sentences: Sequence[Sequence[str]], labels: Sequence[str]) -> Columns:
    """The spans of BIO-tagged sentences as columns; `text` is the sentence's index, `start`/`end` count tokens in it.

    Raises `ValueError` for a tag that is not BIO over `labels`.
    """
    lengths = np.fromiter(map(len, sentences), np.int64, len(sentences))
    size = int(lengths.sum())
    codes = _Codes(labels)
    tag: Ints = np.fromiter(map(codes.__getitem__, chain.from_iterable(sentences)), np.int64, size)
    sentence_end = np.cumsum(lengths)
    sentence_start = sentence_end - lengths
    label, inside = tag >> 2, tag != 0
    # a token opens a span when it says B, or when what stands before it is outside, of another label or of another sentence
    before = np.concatenate(([-1], np.where(inside, label, -1)[:-1])) if size else label
    before[sentence_start[lengths > 0]] = -1
    opens = np.flatnonzero(inside & ((tag & 3 == 1) | (before != label)))
    # a span ends where the next token is outside, opens another, or belongs to the next sentence
    stop = np.ones(size + 1, dtype=bool)
    stop[:size] = ~inside
    stop[opens] = True
    stop[sentence_start] = True
    stops = np.flatnonzero(stop)
    ends = stops[np.searchsorted(stops, opens, side="right")]
    text = np.searchsorted(sentence_end, opens, side="right")
    first = sentence_start[text]
    return columns(labels, text, label[opens], opens - first, ends - first)
