"""The corpus itself: complete, frozen, pretty, and consistent with its own log."""

import hashlib
import json
import re

import msgspec
import pytest

from vnnews_bench import BenchError, corpus, load
from vnnews_bench.records import pretty
from vnnews_bench.statistics import log
from vnnews_bench.timex3 import calendar, third
from vnnews_bench.validate import validate_corpus


def test_no_rule_is_broken_at_the_top_level():
    assert validate_corpus(level=5) == []


def test_the_texts_have_the_checksums_of_their_frames_and_of_the_manifest():
    stated = corpus.manifest(corpus.root())
    for id, document in load("all").documents.items():
        assert document.source is not None
        assert document.source.kind == ("written" if id.startswith("written-") else "published")
        digest = hashlib.sha256(document.text.encode()).hexdigest()
        assert digest == document.source.sha256 == stated[f"sources/{id}.txt"]


@pytest.mark.parametrize("id", load("all").gold)
def test_gold_files_have_one_annotation_a_line(id):
    content = (corpus.root() / "gold" / f"{id}.json").read_bytes()
    record = load("all").gold[id]
    assert content == pretty(record)
    for layer in ("entities", "quotes", "timexes", "events"):
        for item in getattr(record, layer):
            assert content.count(f'\n  {{"id":"{item.id}",'.encode()) == 1


def test_every_layer_of_every_article_is_there():
    for record in load("all").gold.values():
        assert record.entities
        assert None not in (record.quotes, record.timexes, record.events)
    for record in load("test").gold.values():
        assert record.quotes
        assert record.timexes
        assert record.events


def test_no_article_is_in_two_splits_and_no_split_mixes_published_and_written():
    ids = [id for there in corpus.splits().values() for id in there]
    assert len(set(ids)) == len(ids)
    kinds = {split: {document.kind for document in load(split).documents.values()} for split in corpus.splits()}
    assert kinds == {"train": {"written"}, "validation": {"written"}, "test": {"published"}, "test_written": {"written"}}


def test_frames_do_not_give_the_gold_away():
    for document in load("all").documents.values():
        fields = set(msgspec.to_builtins(document))
        assert fields <= {"id", "text", "dct", "zones", "sentences", "source"}


def test_the_log_has_a_reason_for_every_decision():
    entries = [entry for lines in log(load()).values() for entry in lines]
    assert len({entry.id for entry in entries}) == len(entries)
    for entry in entries:
        assert entry.reason
        assert entry.rule
        assert entry.stage == "adjudication" or entry.decision in ("accepted", "partly", "rejected")


def test_every_difference_of_the_passes_is_in_the_log():
    """Annotations of A that B lacks, or has otherwise, stand in an article whose log has a line for that layer."""
    folder = corpus.root() / "passes"
    for id, lines in log(load()).items():
        one, other = (json.loads((folder / name / f"{id}.json").read_text(encoding="utf-8")) for name in "AB")
        for layer in ("entities", "quotes", "timexes", "events"):
            if one[layer] != other[layer]:
                assert any(line.stage == "adjudication" and line.layer == layer for line in lines), (id, layer)


def test_event_links_name_one_event_each():
    links = json.loads((corpus.root() / "events.json").read_text(encoding="utf-8"))
    linked = [(id, name) for link in links for id, names in link["events"].items() for name in names]
    assert len(set(linked)) == len(linked)
    assert all(re.fullmatch("real:[a-z0-9-]+", link["id"]) for link in links)
    assert all(len(link["events"]) > 1 for link in links)


def test_a_document_outside_the_corpus(small, tmp_path):
    assert corpus.document(small / "sources" / "mini-1.txt").id == "mini-1"
    with pytest.raises(BenchError, match=r"none\.json: cannot be read"):
        corpus.document(tmp_path / "none.txt")
    (tmp_path / "bad.json").write_text("{")
    (tmp_path / "bad.txt").write_text("x")
    with pytest.raises(BenchError, match="the text or the frame beside it is malformed"):
        corpus.document(tmp_path / "bad.txt")


def test_an_annotator_gets_from_sentences_to_a_record(run, small, tmp_path):
    article = small / "sources" / "mini-1.txt"
    assert run("sentences", article).stdout.splitlines()[1] == "[2 body] Bà Lê Thị Sen thăm tỉnh Nghệ An."
    draft = tmp_path / "draft.json"
    draft.write_text('{"entities": [{"at": [2, "Lê Thị Sen"], "label": "PER", "entity": "per:le-thi-sen"}]}', encoding="utf-8")
    assert run("resolve", draft, "--article", article, "-o", tmp_path / "record.json").exit_code == 0
    record = json.loads((tmp_path / "record.json").read_text(encoding="utf-8"))
    assert record["entities"][0]["start"] == 20
    draft.write_text('{"entities": [{"at": "Huế", "label": "PER"}]}', encoding="utf-8")
    result = run("resolve", draft, "--article", article, "-o", tmp_path / "other.json")
    assert "mini-1: $.entities[0].at: 'Huế' occurs 0 times there" in result.stderr
    assert not (tmp_path / "other.json").exists()
    draft.write_text("{")
    assert "Error" in run("resolve", draft, "--article", article, "-o", tmp_path / "other.json").stderr


@pytest.mark.parametrize(
    ("value", "mod", "first", "last"),
    [
        ("2031", None, "2031-01-01", "2031-12-31"),
        ("2031", "START", "2031-01-01", "2031-04-30"),
        ("2031", "END", "2031-09-01", "2031-12-31"),
        ("2032-02", None, "2032-02-01", "2032-02-29"),
        ("2031-12", "MID", "2031-12-11", "2031-12-20"),
        ("2031-02", "END", "2031-02-21", "2031-02-28"),
        ("2031-W20", None, "2031-05-12", "2031-05-18"),
        ("2031-W20", "MID", "2031-05-14", "2031-05-15"),
        ("2031-05-12TMO", None, "2031-05-12", "2031-05-12"),
    ],
)
def test_days_of_values_and_their_thirds(value, mod, first, last):
    whole = calendar(value)
    found = whole if mod is None else third(value, whole, mod)
    assert tuple(map(str, found)) == (first, last)


def test_values_without_days():
    assert calendar("PAST_REF") is None
    assert calendar("XXXX-05") is None
    assert calendar("2031-02-30") > (calendar("2031")[1],) * 2
    assert third("2031-05-12", calendar("2031-05-12"), "START") is None
