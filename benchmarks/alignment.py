"""Seconds to align one megabyte of the corpus's text with itself, rewritten in several ways, and twice as much.

Usage: python benchmarks/alignment.py [bytes]
"""

import re
import sys
import time
import unicodedata
from collections.abc import Callable

from vnnews_bench import load
from vnnews_bench.align import align, align_tokens


def tokens(text: str) -> list[str]:
    """Words and signs, pairs of words joined by `_`."""
    return re.findall(r"\w+ \w+|\w+|[^\w\s]", text)


def misspelled(text: str) -> str:
    """Every twentieth word without its last letter."""
    words = text.split(" ")
    words[::20] = [word[:-1] for word in words[::20]]
    return " ".join(words)


def worn(text: str) -> str:
    """Every third letter changed in stretches of 120, which is near the bound; slow on purpose."""
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


def main() -> None:
    """Prints a line per rewriting."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 10**6
    articles = "".join(document.text for document in load().documents.values())
    text = (articles * (2 * size // len(articles.encode()) + 1)).encode()
    once, twice = text[:size].decode(errors="ignore"), text[: 2 * size].decode(errors="ignore")
    print(f"| rewritten text | seconds for {size:,} bytes | for twice as many |\n|---|---:|---:|")
    for name, run in REWRITINGS.items():
        print(f"| {name} | {seconds(run, once):.2f} | {seconds(run, twice):.2f} |")


if __name__ == "__main__":
    main()
