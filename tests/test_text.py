"""Syllables and folded names."""

import itertools
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from vnnews_bench.text import fold, syllables


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
