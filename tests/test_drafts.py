"""Drafts: spans by their words become offsets, and whatever names no span is told."""

import pytest

from vnnews_bench.drafts import resolve
from vnnews_bench.errors import BenchError
from vnnews_bench.records import Document

TEXT = "Bà Sen nói: “Nước rút.” Bà Sen về. “Mai họp” , bà nói."
DOCUMENT = Document(id="d", text=TEXT, sentences=((0, 23), (24, 34), (35, 54)))


def spans(form):
    record = resolve({"events": [{"type": "MEET", "mentions": [form]}]}, DOCUMENT)
    return TEXT[slice(*record.events[0].mentions[0])]


def test_the_four_forms():
    assert spans("Nước rút") == "Nước rút"
    assert spans([2, "Sen"]) == "Sen"
    assert spans([3, "bà", 1]) == "bà"
    assert spans([1, "“Nước", 2, "về"]) == "“Nước rút.” Bà Sen về"


def test_what_follows_is_filled_in():
    draft = {
        "entities": [{"at": [2, "Sen"], "label": "PER"}],
        "quotes": [
            {"type": "DIRECT", "spans": ["“Nước rút.”"], "speaker": {"mentions": [[1, "Sen"]]}},
            {"type": "INDIRECT", "spans": ["Nước rút"]},
            {"type": "DIRECT", "spans": ["“Mai họp” "]},
            {"type": "DIRECT", "spans": []},
        ],
    }
    record = resolve(draft, DOCUMENT)
    assert (record.entities[0].id, record.entities[0].text) == ("e1", "Sen")
    assert [[TEXT[a:b] for a, b in quote.inner] for quote in record.quotes] == [["Nước rút."], ["Nước rút"], ["Mai họp”"], []]
    assert TEXT[slice(*record.quotes[0].speaker.mentions[0])] == "Sen"


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ("Sen", "'Sen' occurs 2 times there; it must occur once, or be numbered"),
        ("Huế", "'Huế' occurs 0 times there"),
        ([1, "Sen", 2], "'Sen' occurs 1 times there, so there is no number 2"),
        ([9, "Sen"], "there is no sentence 9; they run from 1 to 3"),
        ("", "'' occurs 0 times there"),
        (7, "7 names no span"),
        ([1, 2], r"\[1, 2\] names no span"),
    ],
)
def test_what_names_no_span(form, message):
    with pytest.raises(BenchError, match=message) as caught:
        spans(form)
    assert caught.value.findings[0].path == "$.events[0].mentions[0]"


@pytest.mark.parametrize("draft", [[], 7, {"entities": 7}, {"quotes": {"q1": {}}}])
def test_what_is_no_draft(draft):
    with pytest.raises(BenchError, match="a draft is an object of layers, each an array of annotations"):
        resolve(draft, DOCUMENT)


@pytest.mark.parametrize("items", [{"entities": [7]}, {"quotes": [{"spans": 7}]}, {"quotes": [{"type": "DIRECT"}]}])
def test_what_is_no_annotation(items):
    with pytest.raises(BenchError) as caught:
        resolve(items, DOCUMENT)
    assert all(finding.code.startswith("schema-") for finding in caught.value.findings)


def test_a_wrong_field_is_told():
    with pytest.raises(BenchError, match="CITY"):
        resolve({"entities": [{"at": "Nước", "label": "CITY"}]}, DOCUMENT)
