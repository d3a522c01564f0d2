"""The lexicons: lists of general Vietnamese words and names, read once; `lexicons/README.md` says where they come from."""

import functools
from importlib.resources import files

from vnnews_bench.text import fold, syllables


@functools.cache
def words(name: str) -> frozenset[tuple[str, ...]]:
    """The entries of a lexicon, each as its folded syllables."""
    text = (files("vnnews_baselines") / "lexicons" / f"{name}.txt").read_text(encoding="utf-8")
    entries = (line.strip() for line in text.splitlines())
    return frozenset(tuple(_parts(entry)) for entry in entries if entry and not entry.startswith("#"))


def _parts(entry: str) -> list[str]:
    """The syllables and signs of an entry, cut as those of a text are."""
    folded = fold(entry)
    return [folded[start:end] for start, end in syllables(folded)]


@functools.cache
def longest(name: str) -> dict[str, int]:
    """The number of syllables of the longest entry that begins with a syllable, for every syllable that begins one."""
    reach: dict[str, int] = {}
    for entry in words(name):
        reach[entry[0]] = max(reach.get(entry[0], 0), len(entry))
    return reach
