"""Error analysis: every difference of a prediction and the gold is one line, of the right kind."""

import json

import msgspec
import pytest

from vnnews_bench import BenchError, Entity, Record, files, load
from vnnews_bench.mistakes import mistakes, sheets
from vnnews_bench.records import Bounds, Speaker

GOLD = load().gold["core-000"]


def found(tmp_path, task, **layers):
    record = msgspec.structs.replace(GOLD, **layers)
    files.write([record, *(r for r in load().gold.values() if r.id != GOLD.id)], tmp_path / "p.jsonl")
    return [(m.kind, m.gold, m.predicted, m.detail) for m in mistakes(tmp_path / "p.jsonl", task)]


def changed(layer, n, **fields):
    items = list(getattr(GOLD, layer))
    items[n] = msgspec.structs.replace(items[n], **fields)
    return {layer: tuple(items)}


def test_the_gold_has_no_mistakes(tmp_path):
    for task in ("ner", "quotes", "dates"):
        assert found(tmp_path, task) == []


def test_entities(tmp_path):
    name = GOLD.entities[0]
    text = name.text
    assert found(tmp_path, "ner", entities=GOLD.entities[1:]) == [("missed", text, None, "")]
    assert found(tmp_path, "ner", **changed("entities", 0, label="ORG")) == [("label", text, text, "ORG for PER")]
    longer = changed("entities", 0, start=name.start - 4, text=None)
    assert [line[0] for line in found(tmp_path, "ner", **longer)] == ["boundary"]
    both = changed("entities", 0, start=name.start - 4, text=None, label="LOC")
    assert [line[0] for line in found(tmp_path, "ner", **both)] == ["boundary and label"]
    extra = (*GOLD.entities, Entity(start=0, end=3, label="PER"))
    assert found(tmp_path, "ner", entities=extra) == [("spurious", None, "Tại", "")]


def test_quotes(tmp_path):
    quote = GOLD.quotes[0]
    wrong = changed("quotes", 0, speaker=Speaker(entities=("per:nobody",)))
    assert [(line[0], line[3]) for line in found(tmp_path, "quotes", **wrong)] == [
        ("wrong speaker", f"per:nobody for {quote.speaker.entities[0]}")
    ]
    without_marks = changed("quotes", 0, spans=quote.inner)
    assert found(tmp_path, "quotes", **without_marks) == []
    kinds = changed("quotes", 0, type="INDIRECT")
    assert [line[0] for line in found(tmp_path, "quotes", **kinds)] == ["type"]


def test_dates_tell_how_far_off(tmp_path):
    n = next(n for n, e in enumerate(GOLD.events) if e.edtf == "2023-06-19")
    late = msgspec.convert({"earliest": "2023-06-21", "latest": "2023-06-21"}, Bounds)
    ((kind, _, _, detail),) = found(tmp_path, "dates", **changed("events", n, begin=late, end=late))
    assert (kind, detail) == ("wrong date", "2023-06-21/2023-06-21 for 2023-06-19/2023-06-19, 2 days off")
    ((kind, _, _, detail),) = found(tmp_path, "dates", **changed("events", n, begin=Bounds(), end=Bounds()))
    assert (kind, detail) == ("wrong date", "no date for 2023-06-19/2023-06-19")
    ((kind, _, _, detail),) = found(tmp_path, "dates", **changed("timexes", 1, value="2024"))
    assert (kind, detail) == ("wrong value", "2024 for 2023")


def test_the_most_frequent_kind_stands_first(tmp_path):
    entities = (*GOLD.entities[3:], Entity(start=0, end=3, label="PER"))
    kinds = [line[0] for line in found(tmp_path, "ner", entities=entities)]
    assert kinds == ["missed"] * 3 + ["spurious"]


def test_a_layer_that_was_not_attempted_has_no_mistakes(tmp_path):
    files.write([Record(id=GOLD.id, timexes=GOLD.timexes)], tmp_path / "p.jsonl")
    assert mistakes(tmp_path / "p.jsonl", "dates") == []


@pytest.mark.parametrize("form", ["table", "markdown", "jsonl"])
def test_the_command(run, tmp_path, form):
    files.write([msgspec.structs.replace(GOLD, entities=())], tmp_path / "p.jsonl")
    text = run("errors", tmp_path / "p.jsonl", "--task", "ner", "--format", form).stdout
    assert "missed" in text
    if form == "jsonl":
        lines = [json.loads(line) for line in text.splitlines()]
        assert all(line["gold"] in line["sentence"] for line in lines)
    assert sheets([])[0].rows == []


def test_unknown_task(run, tmp_path):
    with pytest.raises(BenchError, match="there is no task 'pos'; there are ner, quotes, dates"):
        mistakes(tmp_path / "p.jsonl", "pos")
