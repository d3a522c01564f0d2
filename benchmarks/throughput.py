"""Syllables per second of the baselines on one core, over the corpus repeated, by CPU time.

Models are trained before the clock starts. Usage: python benchmarks/throughput.py [repetitions] [system …]
"""

import sys
import time

import msgspec

from vnnews_bench import load, systems
from vnnews_bench.records import Document
from vnnews_bench.text import syllables


def copies(times: int) -> list[Document]:
    """The articles over and over, under ids that no model knows."""
    documents = load().documents.values()
    return [msgspec.structs.replace(document, id=f"{document.id}-{n}") for n in range(times) for document in documents]


def rate(name: str, documents: list[Document]) -> float:
    """Syllables per CPU second."""
    tag = systems.resolve(name)
    tag(documents[0])  # imports, lexicons, training
    size = sum(len(syllables(document.text)) for document in documents)
    began = time.process_time()
    for document in documents:
        tag(document)
    return size / (time.process_time() - began)


def main() -> None:
    """Prints a line per system."""
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    documents = copies(times)
    print("| system | syllables per second | seconds per 1,000 syllables |\n|---|---:|---:|")
    for name in sys.argv[2:] or systems.BASELINES:
        found = rate(name, documents)
        print(f"| {name} | {found:,.0f} | {1000 / found:.3f} |")


if __name__ == "__main__":
    main()
