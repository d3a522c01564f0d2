"""Schemes of tags: IOB1, IOB2, IOBES and BILOU, told apart, repaired by the conlleval rule or read strictly.

Two readings of ill-formed tags:
    repair  conlleval (Tjong Kim Sang & De Meulder 2003) and seqeval's default: every tag but `O` belongs to a span, which
            begins with B or S, after E or S, after `O`, after another label, or with the sentence
    strict  seqeval's strict mode: only spans that are well-formed in the scheme count
BILOU is IOBES with L and U for E and S; seqeval's default does not know these two letters.

What a scheme says of a tag depends on the tag before it alone, so that a file is summed up by its steps: how often each
letter follows on each other, under the same label or not. Steps add up over the parts of a file.
"""

import re
from functools import cache
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vnnews_bench.counts import Ints
from vnnews_bench.tags import LETTERS, Inside

SCHEMES = {"IOB1": "BI", "IOB2": "BI", "IOBES": "BIES", "BILOU": "BILU"}
TAG = re.compile(r"O|[BIESLU]-[^\s-](.*[^-])?")  # seqeval takes hyphens at the end of a label away
STEPS = (8, 8, 2)  # the letter before, the letter, whether the labels are the same

Bools = NDArray[np.bool_]


def steps(tokens: Inside) -> Ints:
    """How often each step from a tag to the next was met, of shape `STEPS`; those from `O` to `O` are not counted."""
    into = np.bincount((tokens.before * 8 + tokens.letter) * 2 + tokens.same, minlength=128)
    last = np.append(tokens.before[1:] == 0, True)[: len(tokens.at)]
    out_of = np.bincount(tokens.letter[last] * 16, minlength=128)
    found: Ints = (into + out_of).reshape(STEPS)
    return found


def scheme_of(met: Ints, known: str | None = None) -> str:
    """The scheme of tags with these steps: by their letters, and IOB1 only where fewer are ill-formed in it than in IOB2.

    `known` is the scheme of the gold: predictions without E, S, L and U do not overrule whether it is IOB1 or IOB2.
    """
    letters = {letter for letter, count in zip(LETTERS, met.sum(axis=(0, 2)), strict=False) if count and letter != "O"}
    if letters & set("LU"):
        return "BILOU"
    if letters & set("ES"):
        return "IOBES"
    if known in ("IOB1", "IOB2") or (known is not None and not letters):
        return known
    return "IOB1" if illegal(met, "IOB1") < illegal(met, "IOB2") else "IOB2"


def illegal(met: Ints, scheme: str) -> int:
    """How many tags cannot stand where they do: those that a repair reads in another way than the scheme says."""
    return int((met * _illegal(scheme)).sum())


@cache
def _illegal(scheme: str) -> Ints:
    """How many ill-formed tags each step is; a span that is not ended counts on the step that breaks it off."""
    found = np.zeros(STEPS, dtype=np.int64)
    for (i, before), (j, letter), same in product(enumerate("OBIESES"), enumerate("OBIESES"), (0, 1)):
        if scheme in ("IOB1", "IOB2"):
            found[i, j, same] = letter == ("I" if scheme == "IOB2" else "B") and not same
        else:
            goes_on = letter in "IE" and bool(same)
            found[i, j, same] = (before in "BI") != goes_on or (letter in "IE" and before not in "BI")
    return found


def strange(tokens: Inside, scheme: str) -> int | None:
    """The first token whose letter the scheme does not have."""
    unknown = np.array([letter not in "O" + SCHEMES[scheme] for letter in LETTERS])
    at = tokens.at[unknown[tokens.letter]]
    return int(at[0]) if len(at) else None


def foreign(tag: str, scheme: str) -> str:
    """What is said of a tag whose letter the scheme does not have."""
    return f"{tag!r} is no tag of {scheme}, the scheme of the file; --tags repair reads it"


def well_formed(tokens: Inside, scheme: str) -> tuple[Ints, Ints, Ints]:
    """The label, first token and end of the spans that seqeval's `Tokens.entities` finds; all letters must be the scheme's.

    A span is a start and all insides after it, if what follows ends it.
    """
    starts, insides, ends = (table[tokens.before, tokens.letter, tokens.same.astype(int)] for table in _asked(scheme))
    heads = np.flatnonzero(~insides)  # each with the insides after it is a run, in which the first start takes the rest
    stops = np.append(heads[1:], len(tokens.at))[: len(heads)]
    started = np.flatnonzero(starts)
    first = np.searchsorted(started, heads)
    first = np.append(started, len(tokens.at))[first]
    run = np.flatnonzero(first < stops)
    first, last = first[run], stops[run] - 1
    # what follows on a run is the next token that is not O, or O
    over = _asked(scheme)[2][tokens.letter[last], 0, 0]
    after = np.append(last + 1, 0)[: len(last)]
    next_to = (after < len(tokens.at)) & (np.append(tokens.before, 0)[after] != 0)
    ended = np.where(next_to, np.append(ends, False)[after], over)
    return tokens.label[first[ended]], tokens.at[first[ended]], tokens.at[last[ended]] + 1


@cache
def _asked(scheme: str) -> tuple[Bools, Bools, Bools]:
    """Whether seqeval says of a step that a span starts, goes on, or has ended; each of shape `STEPS`."""
    import seqeval.scheme

    kind: Any = getattr(seqeval.scheme, scheme)
    tables = np.zeros((3, *STEPS), dtype=bool)
    for (i, before), (j, letter), same in product(enumerate(LETTERS), enumerate(LETTERS), (0, 1)):
        token = kind("O" if letter == "O" else f"{letter}-a")
        earlier = kind("O" if before == "O" else f"{before}-{'a' if same else 'b'}")
        for table, asked in zip(tables, (token.is_start, token.is_inside, token.is_end), strict=True):
            table[i, j, same] = asked(earlier)
    return tables[0], tables[1], tables[2]
