"""Schemes of tags: IOB1, IOB2, IOBES and BILOU, told apart, repaired by the conlleval rule or read strictly.

Two readings of ill-formed tags:
    repair  conlleval (Tjong Kim Sang & De Meulder 2003) and seqeval's default: every tag but `O` belongs to a span, which
            begins with B or S, after E or S, after `O`, after another label, or with the sentence
    strict  seqeval's strict mode: only spans that are well-formed in the scheme count
BILOU is IOBES with L and U for E and S; seqeval's default does not know these two letters, so it is given the others.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from vnnews_bench.counts import Columns, columns
from vnnews_bench.tags import decode

SCHEMES = {"IOB1": "BI", "IOB2": "BI", "IOBES": "BIES", "BILOU": "BILU"}
TAG = re.compile(r"O|[BIESLU]-[^\s-](.*[^-])?")  # seqeval takes hyphens at the end of a label away

Sentences = Sequence[Sequence[str]]


def labels_of(*sides: Sentences) -> list[str]:
    """The labels of the tags, sorted."""
    return sorted({tag[2:] for sentences in sides for tags in sentences for tag in tags if tag != "O"})


def scheme_of(sentences: Sentences, known: str | None = None) -> str:
    """The scheme of some tags: by their letters, and IOB1 only where fewer tags are ill-formed in it than in IOB2.

    `known` is the scheme of the gold: predictions without E, S, L and U do not overrule whether it is IOB1 or IOB2.
    """
    letters = {tag[0] for tags in sentences for tag in tags}
    if letters & set("LU"):
        return "BILOU"
    if letters & set("ES"):
        return "IOBES"
    if known in ("IOB1", "IOB2") or (known is not None and letters <= {"O"}):
        return known
    return "IOB1" if illegal(sentences, "IOB1") < illegal(sentences, "IOB2") else "IOB2"


def illegal(sentences: Sentences, scheme: str) -> int:
    """How many tags cannot stand where they do: those that a repair reads in another way than the scheme says."""
    return sum(_illegal(_iobes(tags), scheme) for tags in sentences)


def _illegal(tags: list[str], scheme: str) -> int:
    count, before = 0, "O"
    for tag in [*tags, "O"]:
        same = before != "O" and before[2:] == tag[2:]
        if scheme in ("IOB1", "IOB2"):
            count += tag[0] == ("I" if scheme == "IOB2" else "B") and not same
        else:
            count += (before[0] in "BI") != (tag[0] in "IE" and same) or (tag[0] in "IE" and before[0] not in "BI")
        before = tag
    return count


def _iobes(tags: Iterable[str]) -> list[str]:
    return [{"L": "E", "U": "S"}.get(tag[0], tag[0]) + tag[1:] for tag in tags]


def read(sentences: Sentences, labels: Sequence[str], scheme: str, strict: bool) -> Columns:
    """The spans of tagged sentences as columns; `text` is the sentence's index, `start` and `end` count tokens in it.

    Raises `ValueError` in strict reading for a tag whose letter the scheme does not have.
    """
    if not strict:
        return decode([list(_iob(tags)) for tags in sentences], labels)
    import seqeval.scheme

    found = seqeval.scheme.Entities(sentences, scheme=getattr(seqeval.scheme, scheme)).entities
    rows = [(n, labels.index(e.tag), e.start, e.end) for n, entities in enumerate(found) for e in entities]
    import numpy as np

    text, label, start, end = np.array(rows, dtype=np.int64).reshape(-1, 4).T
    return columns(labels, text, label, start, end)


def _iob(tags: Iterable[str]) -> Iterator[str]:
    """The same spans in B and I: S begins one, and so does what follows E or S."""
    before = "O"
    for tag in _iobes(tags):
        yield tag if tag == "O" else ("B" if tag[0] in "BS" or before[0] in "ES" else "I") + tag[1:]
        before = tag
