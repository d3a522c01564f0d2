"""Features of a syllable for the conditional random fields: its form, its shape and affixes, and its neighbours."""

from collections.abc import Sequence

from vnnews_bench.text import fold

WINDOW = 2
SETS = ("word", "shape", "affixes", "context", "pairs")
Features = dict[str, str | bool]


def features(words: Sequence[str], sets: Sequence[str]) -> list[Features]:
    """A dictionary of features per syllable of a sentence, of the chosen sets.

    `word` the folded syllable, `shape` its capitals and digits, `affixes` its first and last two letters, `context` the same
    of the neighbours up to two syllables away, `pairs` the syllable together with the one before and the one after.
    """
    own = [_own(word, sets) for word in words]
    reach = WINDOW if "context" in sets else 0
    rows: list[Features] = []
    for n in range(len(words)):
        row: Features = {"bias": True, "first": n == 0, "last": n == len(words) - 1}
        for step in range(-reach, reach + 1):
            if 0 <= n + step < len(words):
                row |= {f"{step}:{name}": value for name, value in own[n + step].items()}
        for step in (-1, 0) if "pairs" in sets else ():
            if n + step >= 0 and n + step + 1 < len(words):
                row[f"{step}:pair"] = f"{fold(words[n + step])} {fold(words[n + step + 1])}"
        rows.append(row)
    return rows


def _own(word: str, sets: Sequence[str]) -> Features:
    folded = fold(word)
    found: Features = {}
    if "word" in sets:
        found["word"] = folded
    if "shape" in sets:
        found["shape"] = _shape(word)
    if "affixes" in sets:
        found |= {"prefix": folded[:2], "suffix": folded[-2:]}
    return found


def _shape(word: str) -> str:
    """`Xx` a capital and small letters, `XX` capitals, `x` small letters, `9` digits, `.` a sign, `*` anything else."""
    if word.isdigit():
        return "9"
    if not any(c.isalnum() for c in word):
        return word if word in "“”\"'‘’()-–:,." else "."
    if word.islower():
        return "x"
    if word.isupper():
        return "X" if len(word) == 1 else "XX"
    return "Xx" if word[0].isupper() and word[1:].islower() else "*"
