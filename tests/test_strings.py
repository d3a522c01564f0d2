"""Strings of language models: found in prose, resolved in reading order, and nothing of them dropped silently."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnnews_bench import corpus, evaluate, formats
from vnnews_bench.errors import BenchError
from vnnews_bench.formats import strings
from vnnews_bench.records import LAYERS, Document

# "Mrs Lê Thu Hoà went to Đà_Nẵng. “I love Đà Nẵng,” said Mrs Hoà. The Hội An team met the Hội An city team on 5 May 2031."
TEXT = "Bà Lê Thu Hoà đến Đà_Nẵng. “Tôi yêu\u00a0Đà Nẵng”, bà Hoà nói. Đội Hội An gặp đội thành phố Hội An ngày 5-5-2031."
DOCUMENT = Document(id="d", text=TEXT)


def resolved(raw):
    record, losses = strings.resolve(raw, DOCUMENT)
    words = {layer: [_words(item) for item in getattr(record, layer) or ()] for layer in LAYERS}
    return record, words, [(loss.kind, loss.annotations) for loss in losses]


def _words(item):
    start, end = strings._first(item)
    return start, TEXT[start:end]


def test_the_kth_mention_is_the_kth_occurrence_and_no_more_than_there_are():
    items = [{"text": "Hội An", "label": "GPE"}] * 3 + [{"text": "Đà Nẵng", "label": "LOC"}]
    _, words, losses = resolved({"entities": items})
    assert words["entities"] == [(62, "Hội An"), (87, "Hội An"), (18, "Đà_Nẵng")]
    assert losses == [("not found", 1)]


@pytest.mark.parametrize(
    "shape",
    ["Lê Thu Hòa", "Lê_Thu_Hoà", "Lê  Thu\nHoà", "Lê Thu Hoa\u0300", "LêThuHoà", "“Lê Thu Hoà”", "Lê Thu Hoà,"],
)
def test_spacing_marks_and_the_place_of_the_tone_do_not_matter(shape):
    _, words, losses = resolved({"entities": [{"text": shape, "label": "person"}]})
    assert (words["entities"], losses) == ([(3, "Lê Thu Hoà")], [])


def test_case_matters_and_words_come_before_parts_of_words():
    assert resolved({"entities": [{"text": "lê thu hoà", "label": "PER"}]})[2] == [("not found", 1)]
    document = Document(id="d", text="Bạn Lan gặp An, rồi Anh.")
    record, _ = strings.resolve({"entities": [{"text": "An", "label": "PER"}, {"text": "Lan", "label": "PER"}]}, document)
    assert [(e.start, e.end) for e in record.entities] == [(12, 14), (4, 7)]


def test_quotes_have_the_cue_and_the_speaker_nearest_to_them():
    raw = {"quotes": [{"quote": '"Tôi yêu Đà Nẵng"', "speaker": "bà Hòa", "cue": "nói", "type": "DIRECT"}]}
    record, words, losses = resolved(raw)
    (quote,) = record.quotes
    assert words["quotes"] == [(27, "“Tôi yêu\u00a0Đà Nẵng”")]
    assert (TEXT[slice(*quote.cues[0])], TEXT[slice(*quote.speaker.mentions[0])]) == ("nói", "bà Hoà")
    assert (quote.speaker.name, losses) == ("bà Hòa", [])
    record, _, losses = resolved({"quotes": [{"quote": "Tôi … Đà Nẵng", "speaker": "nhà báo", "cue": "thốt"}]})
    assert [TEXT[a:b] for a, b in record.quotes[0].spans] == ["Tôi", "Đà Nẵng"]
    assert (record.quotes[0].speaker.name, losses) == ("nhà báo", [("not found", 0)])


def test_events_and_times():
    raw = {
        "timexes": [{"text": "5-5-2031", "type": "DATE", "value": "2031-05-05"}, {"text": "ngày", "type": "DAY"}],
        "events": [
            {"trigger": "gặp", "type": "MEET", "date": "2031-05"},
            {"trigger": "đến", "type": "VISIT", "date": "2031-05-04/2031-05-05"},
            {"trigger": "yêu", "type": "LOVE"},
            {"trigger": "gặp", "type": "MEET"},
            {"trigger": "nói", "type": "MEET", "date": "hôm qua"},
        ],
    }
    record, words, losses = resolved(raw)
    assert words["timexes"] == [(99, "5-5-2031"), (94, "ngày")]
    assert record.timexes[1].type is None
    assert [str(e.begin.latest) for e in record.events] == ["2031-05-31", "2031-05-04", "None"]
    assert losses == [("malformed", 0), ("malformed", 1), ("not found", 1), ("field", 0)]


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ('Đây là kết quả:\n```json\n{"entities": []}\n```\nXong.', {"entities": []}),
        ('{"id": "d", "result": {"entities": [], "x": 1}}', {"id": "d", "entities": [], "x": 1}),
        ('{"entities": [{"text": "Lan", "label": "PER"}, {"text": "Hu', None),
        ('{"result": {"entities": []}, "more": "brea', {"entities": []}),
        ('{"note": {"a": 1}} rồi {"events": [1]}', {"events": [1]}),
        ('Không có gì. {"a": "{"} }', {"a": "{"}),
        ('{"entities": [{"text": "\\ud83d\\ude00 \\ud83d"}]}', {"entities": [{"text": "😀 �"}]}),
        ('{"entities": [{"text": "x"', None),
        ("[1, 2]", None),
        ("{" * 100_000, None),
        ("", None),
    ],
)
def test_an_object_is_found_in_prose(answer, found):
    assert strings.extract(answer) == found


def test_broken_answers_are_reported_and_scored_as_empty(tmp_path):
    ids = list(corpus.load().documents)
    lines = [
        json.dumps({"id": ids[0], "entities": [{"text": "Trung Quốc", "label": "GPE"}]}),
        json.dumps({"id": ids[1], "response": 'Vâng:\n```\n{"entities": [{"text": "Blinken", "label": "CITY"}]}\n```'}),
        f'{{"id": "{ids[2]}", "entities": [{{"text": "Việt',
        json.dumps({"id": ids[3], "response": "Tôi không biết."}),
    ]
    path = tmp_path / "answers.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    assert formats.sniff(path) == "strings"
    report = evaluate(path)
    losses = report.losses["predicted"]
    assert [(loss.kind, loss.document, loss.line) for loss in losses] == [
        ("label", ids[1], 2),
        ("broken", ids[2], 3),
        ("broken", ids[3], 4),
    ]
    assert report.tasks["ner"].missing == (ids[2], ids[3], ids[4])
    assert report.tasks["ner"].metrics["strict"].total.predicted == 1
    assert report.as_dict()["losses"]["predicted"][0] == {"kind": "label", "losses": 1, "annotations": 1}
    path.write_text(lines[0].replace(ids[0], "nobody"), encoding="utf-8")
    with pytest.raises(BenchError, match=r"answers\.jsonl:1: there is no document 'nobody' here; there are core-000"):
        evaluate(path)


def test_a_folder_of_answers(tmp_path):
    for id in corpus.load().documents:
        (tmp_path / f"{id}.md").write_text('Đây:\n```json\n{"entities": [{"text": "Trung Quốc", "label": "GPE"}]}\n```\n')
    read = formats.read(tmp_path, corpus.load().documents, "strings")
    assert [record.id for record in read.records] == list(corpus.load().documents)


ITEMS = st.dictionaries(
    st.sampled_from(["text", "label", "quote", "speaker", "cue", "type", "trigger", "date", "value", "x"]),
    st.sampled_from(["Hội An", "Đà Nẵng", "PER", "MEET", "DIRECT", "gặp", "2031", "2031-02-30", "", "\ud800", "An"])
    | st.none() | st.integers() | st.lists(st.integers(), max_size=2),
    max_size=5,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from([*LAYERS, "id", "other"]), st.lists(ITEMS | st.integers(), max_size=5) | st.text()))
def test_items_in_are_items_out_and_losses(raw):
    record, losses = strings.resolve(raw, DOCUMENT)
    items = sum(len(raw[layer]) if isinstance(raw.get(layer), list) else layer in raw for layer in LAYERS)
    assert items == sum(len(getattr(record, layer) or ()) for layer in LAYERS) + sum(loss.annotations for loss in losses)


def test_the_gold_as_strings_comes_back_but_for_what_is_said(tmp_path):
    data = corpus.load()
    gold = list(data.gold.values())
    written = formats.write(gold, data.documents, "strings")
    (tmp_path / "g.jsonl").write_bytes(written.files["records.jsonl"])
    read = formats.read(tmp_path / "g.jsonl", data.documents)
    lost = sum(loss.annotations for loss in written.losses)
    out = [sum(len(getattr(record, layer)) for record in read.records for layer in LAYERS), lost]
    assert sum(out) == sum(len(getattr(record, layer)) for record in gold for layer in LAYERS)
    assert {loss.kind for loss in written.losses} == {"field", "place"}


def test_half_a_surrogate_pair_is_no_value_of_a_field():
    record, losses = strings.resolve({"quotes": [{"text": "Hội An", "type": "\ud800"}]}, Document(id="d", text="ở Hội An"))
    assert record.quotes[0].spans == ((2, 8),)
    assert [(loss.kind, loss.annotations) for loss in losses] == [("malformed", 0)]
