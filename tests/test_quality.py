"""How written articles are compared with published ones: on texts whose numbers can be counted by hand, and on the corpus."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnnews_bench import BenchError, corpus, quality
from vnnews_bench.quality import Grade, distinct, folded, grams, jaccard
from vnnews_bench.records import Document, Record, Source, Timex

SYLLABLES = st.lists(st.sampled_from(["a", "b", "c", "d"]), max_size=40)


def article(id: str, text: str, kind: str = "written") -> Document:
    source = Source(kind=kind, file=f"{id}.txt", sha256="0")
    return Document(id=id, text=text, source=source, sentences=((0, len(text)),))


def test_syllables_have_no_joins_no_capitals_and_no_marks():
    decomposed = "Ha\u0300 No\u0323\u0302i"
    assert folded(f"{decomposed}, 12/5: “Thái_Lan”!") == ["hà", "nội", "12", "5", "thái", "lan"]
    assert grams(["a", "b", "c"], 2) == [("a", "b"), ("b", "c")]
    assert grams(["a"], 2) == []


def test_runs_that_stand_twice_are_found_within_and_between_texts():
    texts = {"x": "một hai ba, bốn", "y": "Một_hai ba", "z": "hai ba bốn; hai ba bốn"}
    assert quality.repeated(texts, 3) == {"một hai ba": ["x", "y"], "hai ba bốn": ["x", "z", "z"]}


def test_pairs_of_groups_by_hand():
    texts = {
        "published": {"a": "1 2 3 4 5 6 7 8 9", "b": "1 2 3"},
        "train": {"c": "0 1 2 3 4 5 6 7 8", "d": "x y z"},
    }
    found = {(one.one, one.other): one for one in quality.duplicates(texts)}
    assert list(found) == [("published", "published"), ("published", "train"), ("train", "train")]
    across = found["published", "train"]
    assert (across.pairs, across.sharing, across.runs, across.closest) == (4, 1, 1, ("a", "c"))
    assert across.runs_jaccard == 1 / 3  # 1…8 of 0…7, 1…8 and 2…9
    assert across.triples_jaccard == 6 / 8
    assert found["published", "published"].triples_jaccard == 1 / 7
    assert (found["train", "train"].pairs, found["train", "train"].triples_jaccard) == (1, 0.0)


@given(SYLLABLES, SYLLABLES, st.integers(1, 4))
def test_resemblance_is_symmetric_and_between_nothing_and_all(one, other, size):
    left, right = set(grams(one, size)), set(grams(other, size))
    score = jaccard(left, right)
    assert score == jaccard(right, left)
    assert 0 <= score <= 1
    assert (score == 1) == (left == right != set())


@given(SYLLABLES, st.integers(1, 3), st.integers(4, 50))
def test_distinct_runs_are_all_of_them_or_fewer(syllables, size, within):
    share = distinct(syllables, size, within)
    assert 0 < share <= 1
    there = grams(syllables[:within], size)
    if within <= len(syllables) < 2 * within:  # one whole stretch
        assert share == len(set(there)) / len(there)


def test_repetition_by_hand():
    assert distinct(["a", "b", "a", "b", "a"], 2, 100) == 2 / 4
    assert distinct(["a", "b", "a", "a"], 1, 2) == (1 + 1 / 2) / 2
    assert quality.again(["a", *"12345678", "b", *"12345678"]) == 1


def test_distributions_by_hand():
    words = "một hai ba bốn"
    documents = {"a": article("a", words), "b": article("b", f"{words} {words}")}
    timexes = (Timex(start=0, end=3), Timex(start=4, end=7))
    gold = {"a": Record(id="a", timexes=timexes), "b": Record(id="b", timexes=timexes)}
    rows = {row[0]: row[1:] for row in quality.distributions({"train": documents, "published": {}}, gold)}
    assert rows["syllables of an article"] == ("train", 2, 4.0, 5.0, 6.0, 7.0, 8.0)
    assert rows["time expressions per 100 syllables"] == ("train", 2, 25.0, 31.25, 37.5, 43.75, 50.0)
    assert rows["entities per 100 syllables"] == ("train", 2, 0.0, 0.0, 0.0, 0.0, 0.0)


SAMPLE = """document,round,grade,rewritten
core-000,1,5,no
core-000,1,4,no
core-001,1,3,no
written-001,1,2,yes
written-001,2,4,no
written-002,1,3,no
"""


def test_grades_before_and_after_rewriting(tmp_path):
    graded = corpus.tabled(SAMPLE.encode(), Grade, tmp_path / "naturalness.csv")
    kinds = {id: document.kind for id, document in corpus.load("all").documents.items()}
    assert quality.grades(graded, kinds) == [
        ("5", 1, 0, 0),
        ("4", 1, 0, 1),
        ("3", 1, 1, 1),
        ("2", 0, 1, 0),
        ("1", 0, 0, 0),
        ("gradings", 3, 2, 2),
        ("articles", 2, 2, 2),
        ("mean grade", 4.0, 2.5, 3.5),
        ("rewritten after it", 0, 1, 0),
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("1,5,no", "1,6,no", r"n\.csv:2: expected `int` <= 5 - at `\$\.grade`"),
        ("1,5,no", "3,5,no", r"n\.csv:2: expected `int` <= 2 - at `\$\.round`"),
        ("2,4,no", "2,4,maybe", r"n\.csv:6: invalid enum value 'maybe' - at `\$\.rewritten`"),
        ("2,4,no", "2,4", r"n\.csv:6: .*\$\.rewritten"),
        ("2,4,no", "2,4,no,yes", r"n\.csv:6: .*a column without a head"),
        (
            "round,grade",
            "grade,round",
            r"n\.csv:1: the columns are document, grade, round, rewritten; they have to be document",
        ),
        ("core-001", '"core-001', r"n\.csv: is no table: unexpected end of data"),
    ],
)
def test_a_table_that_is_none_is_told_with_its_line(old, new, message, tmp_path):
    with pytest.raises(BenchError, match=message):
        corpus.tabled(SAMPLE.replace(old, new).encode(), Grade, tmp_path / "n.csv")
    with pytest.raises(BenchError, match=r"n\.csv: is not UTF-8 text"):
        corpus.tabled(b"\xff", Grade, tmp_path / "n.csv")


def test_the_groups_are_the_published_articles_and_the_written_ones_by_split():
    found = quality.groups()
    assert list(found) == ["published", "train", "validation", "test_written"]
    assert list(found["published"]) == list(corpus.load("test").documents)
    assert list(found["train"]) == list(corpus.load("train").documents)


def test_the_command_prints_the_three_tables(run):
    made = json.loads(run("quality", "--format", "json").stdout)
    assert list(made) == ["near-duplicates", "distributions", "naturalness"]
    pairs = {row[""]: row for row in made["near-duplicates"]}
    articles = len(corpus.load("all").documents)
    assert sum(row["pairs"] for row in pairs.values()) == articles * (articles - 1) // 2
    lengths = [row for row in made["distributions"] if row[""] == "syllables of an article"]
    assert [row["values"] for row in lengths] == [len(there) for there in quality.groups().values()]
    printed = run("quality", "--format", "markdown").stdout
    assert all(f"**{title}**" in printed for title in made)


def test_a_missing_table_is_an_error_of_the_corpus(run, monkeypatch):
    monkeypatch.setattr(corpus, "table", lambda name, to: corpus.verified(f"no-{name}"))
    result = run("quality")
    assert result.exit_code == 1
    assert "no-naturalness.csv: cannot be read: No such file or directory [corpus-file-missing]" in result.stderr
