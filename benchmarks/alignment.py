"""Alignment: seconds for a megabyte of the corpus's text rewritten in several ways, and words that get a wrong span.

Usage: python benchmarks/alignment.py [bytes]
"""

import random
import re
import sys
import time
import unicodedata
from collections.abc import Callable

from vnnews_bench import load
from vnnews_bench.align import align, align_tokens
from vnnews_bench.records import Span
from vnnews_bench.text import syllables


def tokens(text: str) -> list[str]:
    """Words and signs, pairs of words joined by `_`."""
    return re.findall(r"\w+ \w+|\w+|[^\w\s]", text)


def misspelled(text: str) -> str:
    """Every twentieth word without its last letter."""
    words = text.split(" ")
    words[::20] = [word[:-1] for word in words[::20]]
    return " ".join(words)


def worn(text: str) -> str:
    """Every third letter changed in stretches of 120, near the bound; slow on purpose."""
    return re.sub(r"(?s)(.{300})(.{120})", lambda m: m[1] + re.sub(r"(\w)\w(\w)", r"\1#\2", m[2]), text)


REWRITINGS: dict[str, Callable[[str], object]] = {
    "unchanged": lambda text: align(text, text),
    "decomposed (NFD)": lambda text: align(text, unicodedata.normalize("NFD", text)),
    "tokens": lambda text: align_tokens(text, [token.replace(" ", "_") for token in tokens(text)]),
    "every 20th word misspelled": lambda text: align(text, misspelled(text)),
    "stretches near the bound": lambda text: align(text, worn(text)),
}


def seconds(run: Callable[[str], object], text: str) -> float:
    """The best of three runs."""
    times = []
    for _ in range(3):
        began = time.perf_counter()
        run(text)
        times.append(time.perf_counter() - began)
    return min(times)


def shaken(words: list[Span], text: str, change: str, rng: random.Random) -> tuple[list[str], list[Span | None]]:
    """The words with three in a hundred changed, and where each stands; `None` for one that was added or changed."""
    made: list[str] = []
    places: list[Span | None] = []
    for start, end in words:
        word = text[start:end]
        place: Span | None = (start, end)
        if rng.random() < 0.03:
            at = rng.randrange(len(word))
            if change == "dropped":
                continue
            if change == "added":
                made.append(rng.choice(("Nam", "và", "của", ",")))
                places.append(None)
            elif change == "exchanged":
                word, place = rng.choice(("Nam", "và", "của", "người")), None
            else:
                word, place = word[:at] + rng.choice(("", "h", word[at] * 2)) + word[at + 1 :], None
        if word:
            made.append(word)
            places.append(place)
    return made, places


def misplaced(change: str, times: int = 20) -> tuple[int, int]:
    """How many unchanged words get a wrong span, and of how many."""
    rng = random.Random(0)
    wrong = total = 0
    for document in list(load().documents.values()) * times:
        made, places = shaken(syllables(document.text), document.text, change, rng)
        spans, _ = align_tokens(document.text, made)
        pairs = [(span, place) for span, place in zip(spans, places, strict=True) if place is not None]
        wrong += sum(span != place for span, place in pairs)
        total += len(pairs)
    return wrong, total


def main() -> None:
    """Prints a line per rewriting, and one per kind of change."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 10**6
    articles = "".join(document.text for document in load().documents.values())
    text = (articles * (2 * size // len(articles.encode()) + 1)).encode()
    once, twice = text[:size].decode(errors="ignore"), text[: 2 * size].decode(errors="ignore")
    print(f"| rewritten text | seconds for {size:,} bytes | for twice as many |\n|---|---:|---:|")
    for name, run in REWRITINGS.items():
        print(f"| {name} | {seconds(run, once):.2f} | {seconds(run, twice):.2f} |")
    print("\n| 3 % of the words are | words beside them with a wrong span | of |\n|---|---:|---:|")
    for change in ("dropped", "misspelled", "added", "exchanged"):
        wrong, total = misplaced(change)
        print(f"| {change} | {wrong:,} | {total:,} |")


if __name__ == "__main__":
    main()
