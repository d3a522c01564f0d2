"""What scoring and tagging cost, beside references in the same run: half of what `benchmarks/RESULTS.md` must show.

CPU seconds of fresh processes: of what is held to a target the least of two, unless it is slow to start; of others the first.
The slack is for noise; what a regression does to a ratio is more than that.
"""

import os
from functools import cache
from statistics import median

import pytest
import report
from measuring import Contestant, Figures, differing, measured

SMALL, LARGE = 20_000, 200_000  # sentences
NER_RULES = "baselines/results/predictions/test/ner-rules.jsonl"


@pytest.fixture(scope="module")
def least(tmp_path_factory):
    """The cheapest of some calls of a contestant, which must count the same as all others on as many units."""
    folder = tmp_path_factory.mktemp("corpora")
    met = []

    @cache
    def call(function: str, *arguments: object, calls: int = 2) -> Figures:
        units = arguments[0] if isinstance(arguments[0], int) else 0
        contestant = Contestant(function, function, arguments, units)
        found = [measured(contestant, folder) for _ in range(calls)]
        met.extend((contestant, figures) for figures in found)
        assert [figures.error for figures in found] == [None] * calls
        assert differing(met) == []
        return min(found, key=lambda figures: figures.cpu)

    return call


@pytest.mark.parametrize(("peer", "target"), [("seqeval_report", 40), ("seqeval_f1", 9)])
def test_tags_in_memory(least, peer, target):
    assert least(peer, SMALL, calls=1).cpu >= target / 2 * least("strict", SMALL).cpu


def test_two_files_of_columns(least):
    assert least("seqeval_of_columns", SMALL, calls=1).cpu >= 10 / 2 * least("of_columns", SMALL).cpu


def test_memory_for_two_files_of_columns(least):
    assert least("of_columns", LARGE).peak <= 600  # MB, for a million sentences


def test_two_files_of_records(least):
    assert least("of_records", LARGE).cpu <= 2 * 3 * least("decoded", LARGE).cpu


@pytest.mark.parametrize("function", ["of_columns", "of_records"])
def test_a_sentence_costs_as_much_in_a_large_file(least, function):
    assert least(function, LARGE).cpu / LARGE <= 2 * least(function, SMALL).cpu / SMALL


def test_ten_thousand_swaps(least):
    """Some 0.05 s where 0.2 s are allowed, which is the time of the product of matrices in it."""
    assert least("swaps", 1_000).cpu <= 2 * 4 * least("product", 1_000).cpu


def test_the_command_line(least):
    """0.2 s and 0.6 s where Python takes 0.05 s to import click, and 0.12 s numpy and msgspec."""
    assert least("command", "--help").cpu <= 2 * 4 * least("python", "import click").cpu
    assert least("command", "evaluate", NER_RULES).cpu <= 2 * 5 * least("python", "import numpy, msgspec").cpu


@pytest.mark.parametrize(("system", "target"), [("ner-rules", 15), ("ner-crf", 5)])
def test_taggers(least, system, target):
    """Underthesea is not installed here; how often a regular expression could go over the text meanwhile was measured."""
    figures = report.stored(report.HERE)["taggers"].figures
    pairs = zip(figures["underthesea"], figures["regular expression"], strict=True)
    scans = [tool.cpu / scan.cpu for tool, scan in pairs]
    scan = least("scanned", 100).cpu / 10
    assert median(scans) * scan >= target / 2 * least("tagged", 10, system, calls=1).cpu


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="two workers need two cores")
def test_two_workers(least):
    """By wall time, since that is what they save; the bytes that they write are the same."""
    one, two = (least("archived", 40, "ner-rules", workers, calls=1).wall for workers in (1, 2))
    assert one >= 1.7 / 2 * two
