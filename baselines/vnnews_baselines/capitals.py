"""The floor for entities: every run of capitalised syllables is a person.

PER is the label that VLSP 2016, the corpus of the field, has most often. A single syllable that opens a sentence or a
quotation is capitalised anyway and counts for nothing.
"""

from vnnews_bench.records import Document, Entity, Record
from vnnews_bench.text import syllables

OPENERS = frozenset("“\"'‘:(")


def tag(document: Document) -> Record:
    """Runs of capitalised syllables of every sentence."""
    entities = []
    for start, end in document.sentences:
        tokens = syllables(document.text, start, end)
        entities += [
            Entity(start=tokens[a][0], end=tokens[b - 1][1], label="PER", text=document.text[tokens[a][0] : tokens[b - 1][1]])
            for a, b in runs(document.text, tokens)
        ]
    return Record(id=document.id, entities=tuple(entities))


def runs(text: str, tokens: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Runs of capitalised syllables as index ranges into `tokens`, without a lone syllable that opens a sentence."""
    found, first = [], None
    for n in range(len(tokens) + 1):
        if n < len(tokens) and text[tokens[n][0]].isupper():
            first = n if first is None else first
            continue
        if first is not None and not (n - first == 1 and opens(text, tokens, first)):
            found.append((first, n))
        first = None
    return found


def opens(text: str, tokens: list[tuple[int, int]], n: int) -> bool:
    """Whether the nth token is the first word of a sentence or of a quotation."""
    return n == 0 or text[tokens[n - 1][0]] in OPENERS
