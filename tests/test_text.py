"""Syllables and folded names."""

import itertools
import time
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from vnnews_bench import load
from vnnews_bench.text import LONGEST, count, fold, sentences, syllables


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in syllables(text)]


def test_syllables_numbers_and_signs():
    assert cut("Ông Lê_Văn Đạt: “18/6”.") == ["Ông", "Lê", "Văn", "Đạt", ":", "“", "18", "/", "6", "”", "."]


def test_decomposed_text_stays_whole():
    text = unicodedata.normalize("NFD", "Nguyễn Huệ")
    assert [unicodedata.normalize("NFC", word) for word in cut(text)] == ["Nguyễn", "Huệ"]


def test_a_stretch_keeps_the_offsets_of_its_text():
    assert syllables("ab cd ef", 3, 8) == [(3, 5), (6, 8)]


def test_fold():
    assert fold(" Tập_Cận\n Bình ") == fold(unicodedata.normalize("NFD", "TẬP CẬN BÌNH")) == "tập cận bình"


@given(st.text())
def test_syllables_lose_nothing_but_space_and_underscore(text):
    spans = syllables(text)
    assert all(start < end for start, end in spans)
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(spans))
    covered = {at for start, end in spans for at in range(start, end)}
    left = "".join(c for at, c in enumerate(text) if at not in covered)
    assert all(c == "_" or c.isspace() for c in left)


@given(st.text())
def test_counting_is_listing(text):
    assert count(text) == len(syllables(text))


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


def test_sentences_end_at_marks_and_lines_and_not_at_abbreviations():
    text = "Ông D. Trump đến TP. Hồ Chí Minh. “Tốt!” Bà nói… rồi đi.\nNgày 3. 5 người. 12 tháng 2 .\tCâu_cuối . Hết"
    assert split(text) == [
        "Ông D. Trump đến TP. Hồ Chí Minh.",
        "“Tốt!”",
        "Bà nói… rồi đi.",
        "Ngày 3. 5 người.",
        "12 tháng 2 .",
        "Câu_cuối .",
        "Hết",
    ]


def test_sentences_of_the_corpus_are_found_by_rule():
    """Measured, not promised: in each zone of the five articles exactly those that the annotators have."""
    for document in load().documents.values():
        found = [span for zone in document.zones for span in sentences(document.text, zone.start, zone.end)]
        assert {end for _, end in found} == {end for _, end in document.sentences}


@given(st.text(alphabet=st.sampled_from("aB. _\n…!”“3\u0301")) | st.text())
def test_sentences_are_in_order_and_lose_only_space(text):
    spans = sentences(text)
    assert all(start < end <= start + LONGEST for start, end in spans)
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(spans))
    assert all(one == one.strip(" \t_") for one in split(text))
    covered = {at for start, end in spans for at in range(start, end)}
    assert all(c == "_" or c.isspace() for at, c in enumerate(text) if at not in covered)


def test_splitting_is_linear():
    def seconds(text: str) -> float:
        began = time.process_time()
        sentences(text)
        return time.process_time() - began

    for piece in ("a. B", ".", "a", ". ", "A.”) "):
        short, long = (min(seconds(piece * times) for _ in range(3)) for times in (10_000, 80_000))
        assert long <= 8 * 4 * max(short, 1e-3), piece
