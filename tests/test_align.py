"""Alignment: what tools truly print (`tests/align/*.json`), free changes, edits, the bound, foreign offsets, time."""

import itertools
import json
import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnnews_bench.align import AGREE, BOUND, align, align_tokens, units
from vnnews_bench.errors import BenchError
from vnnews_bench.letters import letters

CASES = sorted((Path(__file__).parent / "align").glob("*.json"))
# Mrs Mai and Mr Tuấn met the press in Huế on Sunday, said that the bridge was finished, and thanked those who had built it.
SENTENCE = "Bà Mai và ông Tuấn gặp báo chí ở Huế hôm chủ nhật, nói cầu đã xong và cảm ơn những người xây cầu."
# Meanwhile the price of rice rose by three per cent against last year, say traders at the wholesale market out of town.
OTHER = "Trong khi đó giá gạo tăng thêm ba phần trăm so với cùng kỳ, theo các nhà buôn tại chợ đầu mối ngoài thành phố."


def ordered(spans, text):
    """Whether spans lie in the text and neither their starts nor their ends run backwards."""
    return all(0 <= start <= end <= len(text) for start, end in spans) and all(
        one[0] <= two[0] and one[1] <= two[1] for one, two in itertools.pairwise(spans)
    )


def applied(text, edits):
    """The text with the edits made."""
    for edit in reversed(edits):
        text = text[: edit.start] + edit.became + text[edit.end :]
    return text


def told(refusal):
    """Checks that a refusal is one line that can be printed."""
    assert " letters differ: " in str(refusal) or " letters differ before 12 in a row agree: " in str(refusal)
    assert len(str(refusal).encode().splitlines()) == 1


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_what_tools_print(path):
    case = json.loads(path.read_text(encoding="utf-8"))
    text = case["text"]
    spans, edits = align_tokens(text, case["tokens"])
    assert [text[start:end] for start, end in spans] == case["spans"]
    assert [[edit.text, edit.became] for edit in edits] == case["edits"]
    assert ordered(spans, text)
    covered = {at for start, end in [*spans, *((edit.start, edit.end) for edit in edits)] for at in range(start, end)}
    assert letters("".join(text[at] for at in sorted(covered))).string == letters(text).string


def test_an_edge_of_a_name_inside_a_token():
    text = "Ðoàn Ðức Ðạt đi [Hải Nam] về."  # Đoàn Đức Đạt comes back from Hải Nam
    made = "Đoàn Đức Đạt đi [ Hải Nam ] về ."
    alignment = align(text, made)
    for name in ("Đức Đạt", "Đạt", "Hải Nam", "Nam"):
        start, end = alignment.span(made.index(name), made.index(name) + len(name))
        assert text[start:end] == name.replace("Đ", "Ð")


def test_what_a_tool_found_in_composed_text_has_its_place_in_the_decomposed():
    text = unicodedata.normalize("NFD", "Ông Nguyễn Huệ ở Đà Nẵng.")
    composed = unicodedata.normalize("NFC", text)
    start = composed.index("Đà Nẵng")
    start, end = align(text, composed).span(start, start + len("Đà Nẵng"))
    assert text[start:end] == unicodedata.normalize("NFD", "Đà Nẵng")


def test_part_of_a_character_stands_for_the_whole():
    assert align("a…b", "a...b").span(2, 3) == (1, 2)
    assert align("a...b", "a…b").span(1, 2) == (1, 4)
    assert align("a😀b", "a\ud83d \ude00b").spans([(1, 2), (3, 4), (0, 4)]) == [(1, 2), (1, 2), (0, 2)]


def test_what_was_dropped_from_a_word_belongs_to_the_word():
    text = "Bà Nguyễnn và ông Trrần, cô Llan đều ở lại Vinh."
    made = "Bà Nguyễn và ông Trần cô Lan đều ở lại Vinh ."
    spans, edits = align_tokens(text, made.split())
    assert [text[start:end] for start, end in spans][1::2] == ["Nguyễnn", "ông", "cô", "đều", "lại", "."]
    assert [text[start:end] for start, end in spans][4:7:2] == ["Trrần", "Llan"]
    assert [(edit.text, edit.became) for edit in edits] == [
        ("Nguyễnn", "Nguyễn"),
        ("Trrần", "Trần"),
        (",", ""),
        ("Llan", "Lan"),
    ]


def test_spans_of_the_rewritten_text_must_be_there():
    for start, end in ((-1, 2), (2, 9), (3, 2), (2**70, 2**71)):
        with pytest.raises(BenchError, match=r"there is no span \[.*\) in the tool's text of 8 code points"):
            align("Hải Vân", "Hải  Vân").span(start, end)


# A character with the ways in which it may come back.
FREE = ["", " ", "_", "\n", "\u00a0", "\u200b", "\ufeff", "\u00ad", " _ ", "\r\n"]
VARIANTS = [
    *([char, unicodedata.normalize("NFD", char)] for char in "abcdghnouyàáảãạăằấễơởưữựỳỵđĐÂƯ"),
    *([char] for char in "039.,:;!?()[]/-–%&€"),
    *([one, other, unicodedata.normalize("NFD", one), unicodedata.normalize("NFD", other)]
      for one, other in (("oà", "òa"), ("oẻ", "ỏe"), ("uỵ", "ụy"), ("OÁ", "ÓA"), ("Uý", "Úy"))),
    ["Đ", "Ð"],
    ["“", "”", '"', "``", "''", "«"],
    ["‘", "’", "'", "`"],
    ["…", "...", ". . ."],
    ["😀", "\ud83d\ude00", "\ud83d \ude00"],
]  # fmt: skip


@st.composite
def rewritings(draw):
    """A text, a rewriting with free changes only, and the spans of each character in both."""
    sides, places = ["", ""], []
    for variants in draw(st.lists(st.sampled_from(VARIANTS), max_size=25)):
        place = []
        for n in (0, 1):
            sides[n] += draw(st.sampled_from(FREE))
            start = len(sides[n])
            sides[n] += draw(st.sampled_from(variants))
            place.append((start, len(sides[n])))
        places.append(place)
    return (*[side + draw(st.sampled_from(FREE)) for side in sides], places)


@given(rewritings(), st.data())
def test_every_span_of_a_freely_changed_text_has_its_place(rewriting, data):
    text, made, places = rewriting
    alignment = align(text, made)
    assert alignment.edits == ()
    for (first, one), (last, other) in itertools.combinations_with_replacement(places, 2):
        assert alignment.span(one[0], other[1]) == (first[0], last[1])
    before, behind = data.draw(st.sampled_from(FREE)), data.draw(st.sampled_from(FREE))
    if places:  # free characters around a span change nothing
        wider = align(text, before + made + behind)
        assert wider.span(0, len(before + made + behind)) == (places[0][0][0], places[-1][0][1])


@st.composite
def edited(draw):
    """A text of syllables and a rewriting with a few characters dropped, added or changed."""
    words = st.sampled_from(["Hoà", "thuỵ", "nghành", "Huế", "18/6", "“Được”", "Trần_Thị", "Nam", "Nam", "ở", "😀", "và,"])
    text = " ".join(draw(st.lists(words, min_size=3, max_size=60)))
    made = list(text)
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(made) - 1))
        made[at] = draw(st.sampled_from(["", "x", made[at] + made[at], " ", "ạ", "Nam "]))
    return text, "".join(made)


@given(edited())
def test_edits_are_told_and_spans_stay_in_order(pair):
    text, made = pair
    tokens = made.split()
    try:
        spans, edits = align_tokens(text, tokens)
    except BenchError as refusal:
        told(refusal)
        return
    assert len(spans) == len(tokens)
    assert ordered(spans, text)
    assert all(text[edit.start : edit.end] == edit.text != edit.became for edit in edits)
    assert all(one.end <= two.start for one, two in itertools.pairwise(edits))
    assert letters(applied(text, edits)).string == letters(made).string


ANY = st.text(st.characters(exclude_categories=()), max_size=30)


@given(ANY, ANY)
def test_any_two_texts_are_aligned_or_refused(text, made):
    assert align(text, text).edits == ()
    try:
        alignment = align(text, made)
    except BenchError as refusal:
        told(refusal)
        return
    spans = [alignment.span(start, end) for end in range(len(made) + 1) for start in range(end + 1)]
    assert all(0 <= start <= end <= len(text) for start, end in spans)


def distance(a, b):
    """Levenshtein's distance by his recurrence."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        above, row = row, [i]
        for j, y in enumerate(b, 1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (x != y)))
    return row[-1]


@given(st.text("abc", min_size=1, max_size=12), st.text("abc", max_size=12))
def test_the_fewest_changes_decide_what_is_refused(text, made):
    changes, longest = distance(text, made), max(len(text), len(made))
    if 3 * changes > longest:
        with pytest.raises(BenchError, match=f"^{changes} of {longest} letters differ: "):
            align(text, made)
    else:
        assert bool(align(text, made).edits) == bool(changes)


@pytest.mark.parametrize("size", [1, BOUND])
def test_what_is_dropped_or_added_up_to_the_bound(size):
    long = letters(SENTENCE + OTHER + SENTENCE).string
    short = long[:60] + long[60 + size :]
    for text, made in ((long, short), (short, long)):
        alignment = align(text, made)
        shift = len(text) - len(made)
        assert alignment.span(0, 50) == (0, 50)
        assert alignment.span(130, 150) == (130 + shift, 150 + shift)
        assert sum(len(edit.text) - len(edit.became) for edit in alignment.edits) == shift


def test_more_than_the_bound_is_refused():
    text = letters(SENTENCE + OTHER + SENTENCE).string
    with pytest.raises(BenchError, match="more than 64 letters differ before 12 in a row agree: "):
        align(text, text[:60] + text[61 + BOUND :])


def test_past_the_bound_the_places_on_both_sides_are_shown():
    tokens = (SENTENCE * 3).replace("Huế", "Vinh").split()
    at = SENTENCE.index("cảm ơn")
    with pytest.raises(BenchError) as caught:
        align_tokens(SENTENCE * 3, [*tokens[: len(SENTENCE[:at].split())], *OTHER.split()])
    assert str(caught.value) == (
        f"more than {BOUND} letters differ before {AGREE} in a row agree: "
        f"the text has 'cảm ơn những' after 'và' (code point {at - 1}), "
        f"the tool's text 'Trong khi đó' after 'và' (code point {at})"
    )


@pytest.mark.parametrize(
    ("text", "made", "message"),
    [
        (SENTENCE * 2, SENTENCE, r"the text has 'Bà Mai và' after 'cầu\.' .*, the tool's text nothing after 'cầu\.'"),
        ("", "Huế", "3 of 3 letters differ: the text has nothing at its start, the tool's text 'Huế' at its start"),
        ("Huế", "", "the text has 'Huế' at its start, the tool's text nothing at its start"),
        ("ở Huế", "ở \ud83d\n\ud83d", r"the tool's text '\\ud83d \\ud83d' after 'ở' \(code point 1\)"),
    ],
)
def test_refusals(text, made, message):
    with pytest.raises(BenchError, match=message):
        align(text, made)


def test_nothing():
    assert align_tokens("", []) == ([], ())
    assert align_tokens(" \n", ["_", ""]) == ([(0, 0), (0, 0)], ())
    assert align("", "").span(0, 0) == (0, 0)


def test_foreign_offsets():
    text = "Ở 😀 đó"
    assert [units(text, "utf-16").code_point(offset) for offset in (0, 1, 2, 4, 5, 7)] == [0, 1, 2, 3, 4, 6]
    assert [units(text, "bytes").code_point(offset) for offset in (0, 3, 4, 8, 9, 13)] == [0, 1, 2, 3, 4, 6]
    with pytest.raises(BenchError, match="offset 3 is inside the character of UTF-16 code units 2 to 4"):
        units(text, "utf-16").code_point(3)
    with pytest.raises(BenchError, match="offset 7 is inside the character of bytes 4 to 8"):
        units(text, "bytes").code_point(7)
    for offset in (-1, 14, 2**70):
        with pytest.raises(BenchError, match=f"offset {offset} is not in the text, which has 13 bytes"):
            units(text, "bytes").code_point(offset)


@given(ANY)
def test_foreign_offsets_are_those_of_the_encodings(text):
    for unit, encoding, width in (("utf-16", "utf-16-le", 2), ("bytes", "utf-8", 1)):
        foreign = units(text, unit)
        for at in range(len(text) + 1):
            assert foreign.offset(at) == len(text[:at].encode(encoding, "surrogatepass")) // width
            assert foreign.code_point(foreign.offset(at)) == at


def test_time_is_linear():
    def seconds(times):
        text = SENTENCE * times
        tokens = text.replace("báo", "báoo").replace("chủ nhật", "").split()
        best = []
        for _ in range(3):
            began = time.process_time()
            align_tokens(text, tokens)
            best.append(time.process_time() - began)
        return min(best)

    seconds(10)
    assert seconds(4000) < 3 * seconds(2000)
