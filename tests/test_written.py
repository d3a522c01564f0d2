"""The texts of the written articles: all there, as long as asked, in the assigned form, no wording and no name twice."""

import re
import unicodedata

import pytest
from test_assignments import FOLDER, ROWS, names, quota

from vnnews_bench import corpus, quality
from vnnews_bench.text import folded

SOURCES = FOLDER / "sources"
IDS = [row["id"] for row in ROWS]
REAL = [f"core-{number:03}" for number in range(5)]
# bodies of a plain kind, in no row, whose name alone is as long as a run
BODIES = ["Bộ Văn hóa, Thể thao và Du lịch"]


def text(id: str) -> str:
    return (SOURCES / f"{id}.txt").read_bytes().decode()


def repeated() -> list[tuple[str, set[str]]]:
    """Runs of syllables that are there twice, with their articles; what lies inside one name is no wording."""
    inside = {" ".join(folded(name)) for row in ROWS for _, name in names(row)} | {" ".join(folded(name)) for name in BODIES}
    allowed = {row["id"] for row in ROWS if "noise.duplicate" in quota(row)}
    return [
        (run, set(ids))
        for run, ids in quality.repeated({id: text(id) for id in IDS + REAL}).items()
        if not set(ids) <= set(REAL)  # they are as received, and tell one story
        and not (len(set(ids)) == 1 and ids[0] in allowed)
        and not any(f" {run} " in f" {name} " for name in inside)
    ]


def test_every_assigned_article_has_a_text_and_no_other_has():
    assert sorted(path.stem for path in SOURCES.glob("written-*.txt")) == IDS


def test_the_articles_are_in_no_split_before_they_are_annotated():
    framed = {path.stem for path in SOURCES.glob("written-*.json")}
    assert {id for ids in corpus.splits().values() for id in ids if id.startswith("written-")} <= framed


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_a_text_is_as_long_as_asked(row):
    words = text(row["id"]).replace("_", " ").split()
    length = sum(any(letter.isalnum() for letter in word) for word in words)
    assert abs(length / int(row["length"]) - 1) <= 0.18


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_a_text_is_in_the_assigned_form(row):
    content = text(row["id"])
    form, other = ("NFD", "NFC") if row["surface"] == "nfd" else ("NFC", "NFD")
    assert unicodedata.is_normalized(form, content)
    assert not unicodedata.is_normalized(other, content)
    assert ("_" in content) == (row["surface"] == "segmented")
    assert content.endswith("\n")
    assert not content.endswith("\n\n")
    assert content.splitlines()[0].strip()
    assert not re.search(r"[ \t\r]$", content, re.MULTILINE)


def test_no_wording_is_in_two_articles_or_twice_in_one():
    assert repeated() == []


def test_no_name_of_another_split_is_in_a_text():
    pages = {row["id"]: " ".join(unicodedata.normalize("NFC", text(row["id"])).replace("_", " ").split()) for row in ROWS}
    found = [
        (name, owner["id"], row["id"])
        for owner in ROWS
        for _, name in names(owner)
        for row in ROWS
        if row["split"] != owner["split"] and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", pages[row["id"]])
    ]
    assert found == []
