"""The assignment sheet of the written articles: sound values, real dates, names of one article alone, quotas that add up."""

import csv
import datetime
import re
from collections import Counter
from typing import get_args

import pytest
from lunar_vn import convert_lunar_to_solar

from vnnews_bench import corpus
from vnnews_bench.records import LAYERS, Label
from vnnews_bench.statistics import mentioned

FOLDER = corpus.root()
SPLITS = {"train": 36, "validation": 8, "test_written": 20}
WRITERS = {"train": set("ABCDE"), "validation": {"F"}, "test_written": set("GHI")}
LEAST = {"train": ("least_train", 18), "validation": ("least_validation", 4), "test_written": ("least_test", 7)}
TOPICS = {
    "politics",
    "foreign",
    "economy",
    "business",
    "law",
    "disaster",
    "health",
    "education",
    "science",
    "sport",
    "culture",
    "transport",
    "environment",
    "opinion",
}
STYLES = {"agency", "feature", "brief", "live", "interview", "match", "court", "weather", "translated"}
SURFACES = {"clean", "web", "segmented", "translated", "capitals", "old-tones", "nfd"}
CITIES = {"Hà Nội", "Hải Phòng", "Huế", "Đà Nẵng", "TP Hồ Chí Minh", "Cần Thơ"}
GIVEN = {"dateline", "byline", "heading", "present-day-word", "day-month", "bounds"}
WEEKDAYS = ["thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật"]


def table(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


ROWS = table("assignments.csv")
PHENOMENA = table("phenomena.csv")


def names(row: dict[str, str]) -> list[tuple[str, str]]:
    """Label and name of each invented thing of an article."""
    return [(label, name) for label, _, name in (part.partition(":") for part in row["names"].split("; "))]


def quota(row: dict[str, str]) -> dict[str, int]:
    return {name: int(count) for name, _, count in (part.partition("×") for part in row["phenomena"].split("; "))}


def words(name: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[\w’'-]+", name.casefold()))


def holds(outer: tuple[str, ...], inner: tuple[str, ...]) -> bool:
    return any(outer[at : at + len(inner)] == inner for at in range(len(outer) - len(inner) + 1))


def of(*splits: str) -> list[dict[str, str]]:
    return [row for row in ROWS if row["split"] in splits]


def test_the_columns_and_the_ids_are_complete():
    columns = [
        "id",
        "split",
        "writer",
        "topic",
        "subtopic",
        "style",
        "region",
        "length",
        "dct",
        "weekday",
        "dct_given",
        "date_style",
        "lunar",
        "surface",
        "story",
        "names",
        "phenomena",
    ]
    assert list(ROWS[0]) == columns
    assert [row["id"] for row in ROWS] == [f"written-{number:03}" for number in range(1, 65)]
    assert Counter(row["split"] for row in ROWS) == SPLITS
    assert all(value for row in ROWS for column, value in row.items() if column != "lunar")


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_the_values_of_a_row_are_valid(row):
    assert row["topic"] in TOPICS
    assert row["style"] in STYLES
    assert row["surface"] in SURFACES
    assert row["dct_given"] in GIVEN
    assert row["writer"] in WRITERS[row["split"]]
    assert 250 <= int(row["length"]) <= 600
    date = datetime.date.fromisoformat(row["dct"])
    assert 2019 <= date.year <= 2031
    assert row["weekday"] == WEEKDAYS[date.weekday()]
    for part in filter(None, row["lunar"].split("; ")):
        lunar, _, common = part.partition("=")
        assert convert_lunar_to_solar(*map(int, lunar.split("/"))) == datetime.date.fromisoformat(common)
    assert 6 <= len(names(row)) <= 20
    assert {label for label, _ in names(row)} <= set(get_args(Label))
    wanted = quota(row)
    assert 15 <= len(wanted) <= 30
    assert len(wanted) == row["phenomena"].count(";") + 1
    assert set(wanted) <= {one["id"] for one in PHENOMENA}
    assert min(wanted.values()) >= 1
    assert bool(row["lunar"]) or "timex.lunar" not in wanted


def test_every_topic_style_and_surface_is_used_in_train_and_test():
    for split in ("train", "test_written"):
        for column, values in {"topic": TOPICS, "style": STYLES, "surface": SURFACES, "dct_given": GIVEN}.items():
            assert {row[column] for row in of(split)} == values
    assert sum(row["surface"] == "nfd" for row in ROWS) == 2
    assert {row["dct"][:4] for row in ROWS} == {str(year) for year in range(2019, 2032)}


def test_the_articles_are_about_25000_syllables():
    assert 24_000 <= sum(int(row["length"]) for row in ROWS) <= 28_000


def test_no_story_is_told_twice():
    assert len({row["story"] for row in ROWS}) == len(ROWS)
    assert len({row["subtopic"] for row in ROWS}) == len(ROWS)
    assert not {row["subtopic"] for row in of("train")} & {row["subtopic"] for row in of("test_written")}


def test_train_and_test_share_no_region_but_large_cities():
    assert {row["region"] for row in of("train")} & {row["region"] for row in of("test_written")} <= CITIES


def test_a_name_is_used_in_one_article_alone():
    owners = [(words(name), row["id"]) for row in ROWS for _, name in names(row)]
    assert len({name for name, _ in owners}) == len(owners)
    shared = [(one, other) for one, here in owners for other, there in owners if here != there and holds(other, one)]
    assert not shared


def test_no_name_is_one_of_the_published_articles():
    def exact(name: str) -> tuple[str, ...]:  # "Cục Bãi tập" does not hold the family name "Tập"
        return tuple(re.findall(r"[\w’'-]+", name))

    entries = [corpus.load().registry[id] for id in mentioned(corpus.load("test")) if id]
    known = [exact(form) for entry in entries for form in (entry.name, *entry.aliases) if entry.label != "GPE"]
    assert known
    assert not [name for row in ROWS for _, name in names(row) for form in known if holds(exact(name), form)]


def test_given_names_differ_between_train_and_test():
    def given(*splits: str) -> set[str]:
        return {words(name)[-1] for row in of(*splits) for label, name in names(row) if label == "PER"}

    assert not given("train") & given("test_written")


def test_the_inventory_is_sound():
    assert list(PHENOMENA[0]) == ["id", "layer", "rule", "what", "least_train", "least_validation", "least_test"]
    ids = [one["id"] for one in PHENOMENA]
    assert len(set(ids)) == len(ids)
    assert 90 <= len(ids) <= 150
    assert {one["layer"] for one in PHENOMENA} == {*LAYERS, "all"}
    assert all(value for one in PHENOMENA for value in one.values())
    for one in PHENOMENA:
        page = one["rule"].split()[0]
        assert (FOLDER / "guidelines" / page).is_file()


@pytest.mark.parametrize("split", SPLITS)
def test_the_quotas_reach_the_least_numbers_with_a_margin(split):
    column, asked = LEAST[split]
    total: Counter[str] = Counter()
    for row in of(split):
        total.update(quota(row))
    for one in PHENOMENA:
        assert total[one["id"]] >= asked > int(one[column]), one["id"]


def test_noise_is_asked_for_only_on_a_surface_that_has_it():
    for row in ROWS:
        for kind, surfaces in {"segmentation": {"segmented"}, "translation": {"translated"}}.items():
            assert f"noise.{kind}" not in quota(row) or row["surface"] in surfaces
        assert "timex.function.SECTION_TIME" not in quota(row) or row["surface"] == "web"
        assert "timex.function.CREATION_TIME" not in quota(row) or row["dct_given"] in {"dateline", "byline", "heading"}
        assert "timex.alternatives" not in quota(row) or row["dct_given"] == "bounds"
