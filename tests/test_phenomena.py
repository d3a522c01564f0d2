"""Phenomena of the guidelines: what follows from the gold, what readers found, and whether there is enough of it."""

import json

import pytest

from vnnews_bench import BenchError, corpus, phenomena
from vnnews_bench.drafts import resolve
from vnnews_bench.phenomena import GOLD, Occurrence, Phenomenon, findings, wording, wordings
from vnnews_bench.records import Document, Event, Quote, Record, Timex, Zone

TEXT = (
    "Lũ ở Huế. Bộ Y tế Lào nói “nước rút” hôm thứ Hai (12/5). Người Lào và bà Sen tin. "
    "Cầu Đặng Hữu Tuệ mở: “Vui!”, Sở Y tế Huế kể."
)
DOCUMENT = Document(
    id="d", text=TEXT, zones=(Zone(start=0, end=10, type="caption"), Zone(start=10, end=len(TEXT), type="body"))
)
DRAFT = {
    "entities": [
        {"at": [1, "Huế", 1], "label": "GPE"},
        {"at": "Bộ Y tế Lào", "label": "ORG"},
        {"at": [1, "Lào", 1], "label": "GPE"},
        {"at": [1, "Lào", 2], "label": "GPE", "demonym": True},
        {"at": "Sen", "label": "PER"},
        {"at": "Cầu Đặng Hữu Tuệ", "label": "FAC", "metonymy": "EVENT", "noise": "encoding"},
        {"at": "Đặng Hữu Tuệ", "label": "PER"},
    ],
    "quotes": [
        {"id": "q1", "type": "MIXED", "spans": ["“nước rút”"], "direct": ["“nước rút”"], "cues": ["nói"], "level": 2},
        {
            "id": "q2",
            "type": "DIRECT",
            "spans": ["“Vui!”"],
            "cues": ["kể"],
            "speaker": {"mentions": ["Sở Y tế Huế"], "kind": "org"},
        },
        {
            "id": "q3",
            "type": "DIRECT",
            "spans": ["Lũ"],
            "speaker": {"entities": ["per:a", "per:b"]},
            "via": {"mentions": ["Sen"]},
        },
    ],
    "timexes": [
        {"id": "t1", "at": "thứ Hai", "type": "DATE", "value": "2031-05-12", "value_nodct": "XXXX-WXX-1", "anchor": "dct"},
        {"id": "t2", "at": "12/5", "type": "DATE", "value": "2031-05-12", "value_nodct": "XXXX-05-12", "anchor": "t1"},
    ],
    "events": [
        {"id": "ev1", "type": "MEET", "mentions": ["Lũ", "mở"], "begin": {"earliest": "2031-05-12"}, "certainty": "stated"},
        {"id": "ev2", "type": "AID", "mentions": ["tin"], "begin": {"earliest": "2031-05-12", "latest": "2031-05-12"}},
    ],
}
RECORD = resolve(DRAFT, Document(id="d", text=TEXT, sentences=((0, len(TEXT)),)))
LISTED = corpus.table("phenomena.csv", Phenomenon)


def held(id: str) -> list[str]:
    """The ids of the annotations that the test of a phenomenon holds for."""
    layer = next(one.layer for one in LISTED if one.id == id)
    return [item.id for item in phenomena._annotations(RECORD, layer) if GOLD[id](item, RECORD, DOCUMENT)]


@pytest.mark.parametrize(
    ("id", "expected"),
    {
        "ner.label.ORG": ["e2"],
        "ner.nested.place-in-org": ["e3"],
        "ner.nested.in-fac": ["e7"],
        "ner.nested.per": ["e7"],
        "ner.nested.org": [],
        "ner.metonymy.EVENT": ["e6"],
        "ner.metonymy.none": ["e1"],
        "ner.demonym": ["e4"],
        "quotes.type.MIXED": ["q1"],
        "quotes.cue.trailing": ["q2"],
        "quotes.kind.org": ["q2"],
        "quotes.speaker.joint": ["q3"],
        "quotes.via": ["q3"],
        "quotes.level2": ["q1"],
        "quotes.heading": ["q3"],
        "timex.day-month": ["t2"],
        "timex.anchor.dct": ["t1"],
        "timex.anchor.timex": ["t2"],
        "event.type.AID": ["ev2"],
        "event.mentions": ["ev1"],
        "event.bounds": ["ev1", "ev2"],
        "noise.encoding": ["e6"],
    }.items(),
)
def test_what_follows_from_the_gold(id, expected):
    assert held(id) == expected


@pytest.mark.parametrize(
    ("id", "value", "other"),
    [
        ("timex.month", "2031-05", "2031-05-12"),
        ("timex.year", "2031", "203"),
        ("timex.week", "2031-W20", "2031-05"),
        ("timex.quarter-season", "2031-SU", "2031-W20"),
        ("timex.decade-century", "18", "2018"),
        ("timex.vague.past", "PAST_REF", "FUTURE_REF"),
    ],
)
def test_dates_are_told_by_their_values(id, value, other):
    assert GOLD[id](Timex(start=0, end=1, type="DATE", value=value), RECORD, DOCUMENT)
    assert not GOLD[id](Timex(start=0, end=1, type="DATE", value=other), RECORD, DOCUMENT)


@pytest.mark.parametrize(
    ("value", "id"),
    {
        "P1D": "P1D",
        "XXXX-XX-XX": "P1D",
        "XXXX-XX-XXTMO": "P1D",
        "P2W": "P1W",
        "XXXX-WXX-1": "P1W",
        "XXXX-WXX-1TMO": "P1W",
        "P1M": "P1M",
        "XXXX-XX-15": "P1M",
        "P4Y": "P1Y",
        "XXXX-09-02": "P1Y",
        "XXXX-09": "P1Y",
        "XXXX-SU": "P1Y",
    }.items(),
)
def test_a_set_recurs_by_one_unit(value, id):
    timex = Timex(start=0, end=1, type="SET", value=value)
    assert [unit for unit in ("P1D", "P1W", "P1M", "P1Y") if GOLD[f"timex.set.{unit}"](timex, RECORD, DOCUMENT)] == [id]


@pytest.mark.parametrize(
    ("value", "expected"),
    {"PT90M": ["hours"], "P1DT6H": ["hours"], "P2DE": ["long"], "PXY": ["long"], "PTXH": ["hours", "long"], "P3D": []}.items(),
)
def test_lengths_are_told_by_their_values(value, expected):
    timex = Timex(start=0, end=1, type="DURATION", value=value)
    assert [name for name in ("hours", "long") if GOLD[f"timex.duration.{name}"](timex, RECORD, DOCUMENT)] == expected


def test_every_test_is_of_a_phenomenon_that_is_listed_and_reads_its_layer():
    assert set(GOLD) <= {one.id for one in LISTED}
    empty = Record(
        id="d",
        quotes=(Quote(spans=((0, 2),)),),
        timexes=(Timex(start=0, end=2),),
        events=(Event(type="MEET", mentions=((0, 2),)),),
    )
    for one in LISTED:
        for item in phenomena._annotations(empty, one.layer):
            assert one.id not in GOLD or GOLD[one.id](item, empty, DOCUMENT) in (True, False)
    for family in ("ner.label.", "quotes.type.", "quotes.kind.", "event.type.", "event.modality.", "noise."):
        assert all(one.id in GOLD for one in LISTED if one.id.startswith(family))


def test_a_wording_has_what_stands_around_it():
    at = TEXT.index("thứ Hai")
    assert wording(DOCUMENT, (at, at + 7)) == "rút hôm thứ hai 12 5"
    assert wording(DOCUMENT, (0, 2)) == "lũ ở huế"


def test_the_same_wording_counts_once():
    text = "Hôm nay trời mưa to. Hôm nay trời nắng to. Hôm nay trời nắng to."
    document = Document(id="d", text=text)
    spans = [(at, at + 7) for at in (0, 21, 43)]
    record = Record(id="d", timexes=tuple(Timex(start=a, end=b, type="DATE") for a, b in spans))
    found = list(wordings(one("timex.type.DATE"), {"d": document}, {"d": record}, []))
    assert found == ["hôm nay trời mưa", "mưa to hôm nay trời nắng", "nắng to hôm nay trời nắng"]
    text = "Mưa to. Hôm nay trời nắng. Mưa to. Hôm nay trời nắng."
    record = Record(id="d", timexes=tuple(Timex(start=at, end=at + 7, type="DATE") for at in (8, 35)))
    assert len(set(wordings(one("timex.type.DATE"), {"d": Document(id="d", text=text)}, {"d": record}, []))) == 1


def one(id: str) -> Phenomenon:
    return next(phenomenon for phenomenon in LISTED if phenomenon.id == id)


def occurrence(**fields: str) -> Occurrence:
    given = {"document": "d", "phenomenon": "ner.organ", "layer": "entities", "annotation": "e3", "words": "Lào"}
    return Occurrence(**(given | fields))


def test_what_readers_found_is_counted_where_it_stands():
    given = [occurrence(), occurrence(annotation="e4"), occurrence(annotation="", words="Sở Y tế"), occurrence(document="x")]
    found = list(wordings(one("ner.organ"), {"d": DOCUMENT}, {"d": RECORD}, given))
    assert found == ["y tế lào nói nước", "5 người lào và bà", "mở vui sở y tế huế kể"]


def test_sound_occurrences_have_no_findings():
    given = [occurrence(), occurrence(annotation="", words="nói"), occurrence(phenomenon="noise.encoding", annotation="e6")]
    assert list(findings(given, LISTED, {"d": DOCUMENT}, {"d": RECORD})) == []


@pytest.mark.parametrize(
    ("fields", "code", "message"),
    [
        ({"document": "x"}, "occurrence-unknown", "there is no document 'x'"),
        ({"phenomenon": "ner.x"}, "occurrence-unknown", "d e3: there is no phenomenon 'ner.x' in phenomena.csv"),
        ({"layer": "quotes"}, "occurrence-unknown", "d e3: ner.organ is a phenomenon of entities, not of quotes"),
        ({"annotation": "e9"}, "occurrence-unknown", "d has no annotation 'e9' in entities; it has e1, e2, e3, … (7 in all)"),
        ({"words": "lào"}, "occurrence-words", "d does not hold the words 'lào'"),
        ({"words": ""}, "occurrence-words", "d does not hold the words ''"),
    ],
)
def test_an_occurrence_of_nothing_is_told_with_its_line(fields, code, message):
    found = list(findings([occurrence(), occurrence(**fields)], LISTED, {"d": DOCUMENT}, {"d": RECORD}))
    assert [(finding.code, finding.message, finding.line) for finding in found] == [(code, message, 3)]


def small(monkeypatch, occurrences: list[Occurrence], least: int) -> None:
    """Two phenomena, one of the gold and one of readers, in the place of the corpus's tables."""
    listed = [
        Phenomenon("timex.type.DATE", "timexes", "dates.md B1", "DATE", 1, 1, 1),
        Phenomenon("ner.organ", "entities", "ner.md 1", "organ", least, 0, 0),
    ]
    tables = {"phenomena.csv": listed, "occurrences.csv": occurrences}
    monkeypatch.setattr(corpus, "table", lambda name, to: tables[name])


def train_occurrence() -> Occurrence:
    document = next(iter(corpus.load("train").documents.values()))
    return occurrence(document=document.id, annotation="", words=document.text[:2])


def test_the_command_says_what_is_met(run, monkeypatch):
    small(monkeypatch, [train_occurrence()], 1)
    result = run("phenomena", "--format", "json")
    assert result.exit_code == 0
    made = {row["phenomenon"]: row for row in json.loads(result.stdout)}
    assert made["ner.organ"]["wordings"] == {"train": 1, "validation": 0, "test": 0, "test_written": 0}
    assert made["ner.organ"]["source"] == "readers"
    dates = [timex for gold in corpus.load("test").gold.values() for timex in gold.timexes if timex.type == "DATE"]
    assert 0 < made["timex.type.DATE"]["wordings"]["test"] <= len(dates)
    assert "2 of 2 phenomena are met" in run("phenomena").stdout


def test_what_is_not_met_is_exit_code_one(run, monkeypatch):
    small(monkeypatch, [train_occurrence(), train_occurrence()], 2)  # one wording, twice
    result = run("phenomena", "--format", "markdown")
    assert result.exit_code == 1
    assert "| ner.organ | entities | readers | 1 | 2 | 0 | 0 | 0 | 0 | 0 | no |" in result.stdout
    assert "1 of 2 phenomena are met" in result.stdout


def test_an_occurrence_of_nothing_stops_the_count(run, monkeypatch):
    small(monkeypatch, [occurrence(document="x")], 1)
    result = run("phenomena")
    assert result.exit_code == 1
    assert "occurrences.csv:2: there is no document 'x' [occurrence-unknown]" in result.stderr


def test_the_tables_of_the_corpus_are_sound():
    data = corpus.load("all")
    occurrences = corpus.table("occurrences.csv", Occurrence)
    assert list(findings(occurrences, LISTED, data.documents, data.gold)) == []
    with pytest.raises(BenchError, match=r"no-such\.csv: cannot be read"):
        corpus.table("no-such.csv", Occurrence)
