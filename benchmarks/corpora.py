"""What is measured on: generated corpora of fixed seed, the same bytes on every run.

All are drawn from one pool of some thousand invented sentences of 25 tokens with about 1.5 entities, of which one in ten is
predicted wrongly. Drawing from a pool makes a file of a million sentences in seconds and in little memory. It favours nobody:
no scorer that is compared keeps a sentence that it has met, and every sentence is read and counted again.
"""

import os
import random
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import msgspec

from vnnews_bench import load
from vnnews_bench.records import Document

SEED = 7
POOL = 4_096  # distinct sentences
TOKENS = 25  # of a sentence
SENTENCES = 20  # of a document
LABELS = ("PER", "ORG", "LOC", "MISC")
BLOCK = 1_000  # sentences that are written at a time

ONSETS = ("b", "ch", "d", "đ", "g", "h", "kh", "l", "m", "n", "ng", "nh", "ph", "qu", "s", "t", "th", "tr", "v", "x")
RHYMES = ("a", "à", "án", "ang", "ay", "âu", "ên", "êu", "i", "ich", "in", "o", "ông", "ơi", "ư", "ương", "uyên", "ấp", "ọc")
SYLLABLES = tuple(onset + rhyme for onset in ONSETS for rhyme in RHYMES)

Side = tuple[tuple[int, int, str], ...]  # (start, end, label), in tokens


class Sentence(NamedTuple):
    """An invented sentence and its entities."""

    tokens: tuple[str, ...]
    gold: Side
    predicted: Side


@cache
def pool() -> tuple[Sentence, ...]:
    """The sentences from which every corpus is drawn."""
    draw = random.Random(SEED)
    return tuple(_sentence(draw) for _ in range(POOL))


def _sentence(draw: random.Random) -> Sentence:
    gold, predicted = [], []
    for start in sorted(draw.sample(range(0, TOKENS - 4, 5), draw.choice((1, 1, 2, 2)))):
        label, length = draw.choice(LABELS), draw.randint(1, 4)
        gold.append((start, start + length, label))
        if draw.random() < 0.1:
            label, length = draw.choice(LABELS), draw.randint(1, 4)
        predicted.append((start, start + length, label))
    tokens = [draw.choice(SYLLABLES) for _ in range(TOKENS)]
    for start, end, _ in gold:
        tokens[start:end] = [token.title() for token in tokens[start:end]]
    return Sentence(tuple(tokens), tuple(gold), tuple(predicted))


def drawn(count: int) -> Iterator[Sentence]:
    """That many sentences of the pool."""
    draw = random.Random(SEED + 1)
    for begin in range(0, count, BLOCK):
        yield from draw.choices(pool(), k=min(BLOCK, count - begin))


def bio(side: Side) -> list[str]:
    """The tags of a sentence."""
    tags = ["O"] * TOKENS
    for start, end, label in side:
        tags[start:end] = [f"B-{label}"] + [f"I-{label}"] * (end - start - 1)
    return tags


def tags(count: int) -> tuple[list[list[str]], list[list[str]]]:
    """Gold and predicted tags of that many sentences, in lists of their own."""
    both = list(drawn(count))
    return [bio(sentence.gold) for sentence in both], [bio(sentence.predicted) for sentence in both]


def conll(folder: Path, count: int) -> tuple[Path, Path]:
    """Two files of columns, tokens and tags between tabs: gold and predicted. Files that are there are taken."""
    return _file(folder / f"gold-{count}.conll", _blocks, count), _file(folder / f"predicted-{count}.conll", _blocks, count)


def records(folder: Path, count: int) -> tuple[Path, Path]:
    """Two files of records, 20 sentences in each: gold and predicted. Files that are there are taken."""
    return _file(folder / f"gold-{count}.jsonl", _lines, count), _file(folder / f"predicted-{count}.jsonl", _lines, count)


def _blocks(count: int, side: int) -> Iterator[str]:
    """The sentences in columns; each of the pool is put into columns once."""
    columns = {
        id(sentence): "".join(f"{token}\t{tag}\n" for token, tag in zip(sentence.tokens, bio(sentence[side]), strict=True))
        + "\n"
        for sentence in pool()
    }
    return (columns[id(sentence)] for sentence in drawn(count))


def _lines(count: int, side: int) -> Iterator[str]:
    """A record a line, as `predict` writes it; its text would be the tokens between spaces, a sentence a line."""
    places = {id(sentence): _places(sentence, side) for sentence in pool()}
    found: list[str] = []
    at = number = 0
    for n, sentence in enumerate(drawn(count), 1):
        spans, length = places[id(sentence)]
        found += [
            f'{{"start":{at + start},"end":{at + end},"text":"{words}","label":"{label}"}}'
            for start, end, words, label in spans
        ]
        at += length
        if n % SENTENCES == 0 or n == count:
            yield f'{{"id":"document-{number:06}","entities":[{",".join(found)}]}}\n'
            found, at, number = [], 0, number + 1


def _places(sentence: Sentence, side: int) -> tuple[list[tuple[int, int, str, str]], int]:
    """Entities in code points with their words, and the length of the sentence with the line end."""
    starts = [0]
    for token in sentence.tokens:
        starts.append(starts[-1] + len(token) + 1)
    spans = [(a, b, " ".join(sentence.tokens[a:b]), label) for a, b, label in sentence[side]]
    return [(starts[a], starts[b] - 1, words, label) for a, b, words, label in spans], starts[-1]


def _file(path: Path, pieces: Callable[[int, int], Iterator[str]], count: int) -> Path:
    """Written by the block, beside its place, so that a file that is there is whole."""
    if path.exists():
        return path
    beside = path.with_name(f"{path.name}.part")
    with beside.open("w", encoding="utf-8", buffering=2**20, newline="\n") as file:
        file.writelines(pieces(count, 2 if path.name.startswith("predicted") else 1))
    os.replace(beside, path)
    return path


def articles(times: int) -> list[Document]:
    """The corpus over and over, under ids that no model knows: the text on which taggers are measured."""
    documents = load().documents.values()
    return [msgspec.structs.replace(document, id=f"{document.id}-{n}") for n in range(times) for document in documents]


def archive(folder: Path, times: int) -> Path:
    """The articles as a file of documents, one a line."""
    path = folder / f"articles-{times}.jsonl"
    path.write_bytes(b"".join(msgspec.json.encode(document) + b"\n" for document in articles(times)))
    return path
