"""Scoring: against the corpus, against a file, with every number of the report."""

import re

import msgspec
import pytest

from vnnews_bench import BenchError, Document, Entity, Record, evaluate, files, load
from vnnews_bench.render import render
from vnnews_bench.report import sheets


def gold() -> list[Record]:
    return list(load("test").gold.values())


def test_gold_against_itself_is_one():
    report = evaluate(gold())
    assert report.missing == ()
    for name, table in report.tasks["ner"].metrics.items():
        assert table.total.f1 == 1.0, name
        assert table.unused == []


def test_the_gold_files_are_submissions(tmp_path):
    files.write(gold(), tmp_path / "p.jsonl")
    reports = [evaluate(tmp_path / "p.jsonl"), evaluate(gold()), evaluate([msgspec.to_builtins(r) for r in gold()])]
    assert reports[0].as_dict() == reports[1].as_dict() == reports[2].as_dict()


def test_the_order_of_documents_does_not_matter():
    assert evaluate(gold()[::-1]).as_dict() == evaluate(gold()).as_dict()


def test_a_document_without_a_record_counts_as_empty_and_is_named():
    report = evaluate(gold()[1:])
    full = evaluate(gold())
    assert report.missing == report.tasks["ner"].missing == ("core-000",)
    strict, whole = report.tasks["ner"].metrics["strict"], full.tasks["ner"].metrics["strict"]
    assert strict.total.gold == whole.total.gold
    assert strict.total.predicted == whole.total.gold - whole.by_text["core-000"].gold
    assert strict.by_text["core-000"].recall == 0
    assert "missing:1" in report.line("ner", "strict")


def test_an_absent_layer_is_missing_and_an_empty_one_is_not():
    records = gold()
    records[0] = Record(id=records[0].id, quotes=())
    records[1] = Record(id=records[1].id, entities=())
    report = evaluate(records)
    assert report.missing == ()
    assert report.tasks["ner"].missing == ("core-000",)


def test_no_layer_at_all_is_an_error():
    with pytest.raises(
        BenchError, match="no record has a layer to score; the layers of the tasks are entities, quotes, events, timexes"
    ):
        evaluate([Record(id="core-000")])


def test_unknown_documents_tasks_and_splits():
    with pytest.raises(BenchError, match="there is no document 'x' here; there are core-000"):
        evaluate([Record(id="x", entities=())])
    with pytest.raises(BenchError, match="there is no document 'x' in the gold; there are a"):
        evaluate([Record(id="x", entities=())], gold=[Record(id="a", entities=())])
    with pytest.raises(BenchError, match="there is no task 'pos'; there are ner, quotes, dates"):
        evaluate(gold(), tasks=["pos"])
    with pytest.raises(BenchError, match="there is no split 'dev'; there are train, validation, test, test_written, all"):
        evaluate(gold(), split="dev")


def test_only_scored_zones_count_unless_all_do():
    scored, every = evaluate(gold()), evaluate(gold(), zones="all")
    less, more = (report.tasks["ner"].metrics["nested"].total.gold for report in (scored, every))
    assert more == sum(len(record.entities or ()) for record in gold())
    data = load()
    zones = {"title", "body", "caption", "subhead"}
    assert less == sum(data.documents[r.id].zone_of(e.start) in zones for r in data.gold.values() for e in r.entities or ())
    assert "zones:all" in every.line("ner", "strict")
    # a spurious name in a zone that is not scored costs nothing
    document = next(d for d in data.documents.values() if any(z.type == "nav" for z in d.zones))
    start = next(zone.start for zone in document.zones if zone.type == "nav") + 3
    records = [
        msgspec.structs.replace(r, entities=(*(r.entities or ()), Entity(start=start, end=start + 2, label="PER")))
        if r.id == document.id
        else r
        for r in gold()
    ]
    assert evaluate(records).tasks["ner"].metrics["strict"].total.f1 == 1.0
    assert evaluate(records, zones="all").tasks["ner"].metrics["strict"].total.precision < 1


def test_a_view_scores_under_its_labels():
    report = evaluate(gold(), view="uner")
    labels = report.tasks["ner"].metrics["nested"].by_label
    assert {label for label, counts in labels.items() if counts.gold} == {"PER", "ORG", "LOC"}
    assert "view:uner" in report.line("ner", "strict")


def test_labels_that_are_never_predicted_are_named():
    records = [
        Record(id=r.id, entities=tuple(e for e in r.entities or () if e.label not in ("MISC", "FAC", "EVENT"))) for r in gold()
    ]
    report = evaluate(records)
    assert report.tasks["ner"].metrics["nested"].unused == ["FAC", "EVENT", "MISC"]
    assert report.as_dict()["tasks"]["ner"]["unused_labels"]["strict"] == ["MISC"]
    text = "\n".join(render(sheet, "table") for sheet in sheets(report))
    assert "nested: never predicted: FAC, EVENT, MISC" in text


def test_seen_and_unseen_names_add_up_to_the_gold():
    records = [Record(id=r.id, entities=tuple(e for e in r.entities or () if e.label == "PER")) for r in gold()]
    groups = evaluate(records).tasks["ner"].groups
    total = evaluate(records).tasks["ner"].metrics["strict"].total
    assert groups["seen"].gold + groups["unseen"].gold == total.gold
    assert groups["seen"].shared + groups["unseen"].shared == total.shared


def test_other_gold_needs_no_texts():
    mine = [Record(id="a", entities=(Entity(start=0, end=3, label="PER"), Entity(start=5, end=9, label="GPE")))]
    other = [Record(id="a", entities=(Entity(start=0, end=3, label="PER"),))]
    report = evaluate(other, gold=mine)
    total = report.tasks["ner"].metrics["strict"].total
    assert (total.gold, total.predicted, total.shared) == (2, 1, 1)
    assert report.tasks["ner"].groups == {}
    assert report.signature["data"].startswith("file+")
    assert report.signature["split"] == "none"


def test_the_report_as_json_has_the_promised_shape():
    made = evaluate(gold()[1:]).as_dict()
    assert made["missing"] == ["core-000"]
    ner = made["tasks"]["ner"]
    keys = {"gold", "predicted", "shared", "precision", "recall", "f1", "interval"}
    assert set(ner["metrics"]) == {"strict", "nested", "span", "chars", "metonymy"}
    assert all(set(counts) == keys for counts in ner["metrics"].values())
    assert set(ner["labels"]["strict"]) == {"PER", "ORG", "LOC", "MISC"}
    assert set(ner["labels"]["nested"]) == {"PER", "ORG", "GPE", "LOC", "FAC", "EVENT", "MISC"}
    assert "span" not in ner["labels"]
    assert set(ner["documents"]["core-003"]) == set(ner["metrics"])
    assert made == msgspec.json.decode(msgspec.json.encode(made))


def test_the_signature_changes_with_one_annotation(small):
    data = load()
    before = data.hash
    records = dict(data.gold)
    first = records["core-000"]
    records["core-000"] = msgspec.structs.replace(first, entities=(first.entities or ())[1:])
    changed = msgspec.structs.replace(data, gold=records)
    assert changed.hash != before
    assert evaluate(gold()).signature["data"] == f"{data.version}+{before[:8]}"


def test_only_attempted_layers_and_chosen_tasks_are_scored():
    assert set(evaluate(gold()).tasks) == {"ner", "quotes", "dates"}
    assert set(evaluate(gold(), tasks=["quotes"]).tasks) == {"quotes"}
    timexes = [Record(id=r.id, timexes=r.timexes) for r in gold()]
    report = evaluate(timexes)
    assert set(report.tasks) == {"dates"}
    assert set(report.tasks["dates"].metrics) == {"timex_strict", "timex_relaxed", "timex_value", "timex_type"}
    assert report.tasks["dates"].groups == {}
    assert "metric:timex_value" in sheets(report)[0].notes[-1]


def test_mentions_in_zones_that_are_not_scored_fall_away():
    counts = [evaluate(gold(), zones=zones).tasks["dates"].metrics["anchored"].total.gold for zones in ("scored", "all")]
    assert counts[0] <= counts[1] == sum(len(record.events or ()) for record in gold())


def test_a_speaker_may_be_a_name_or_an_overlapping_mention():
    record = load().gold["core-000"]
    quote = next(q for q in record.quotes or () if q.type == "DIRECT")
    (start, end), (id,) = quote.speaker.mentions[0], quote.speaker.entities
    name = load().registry[id].name
    for speaker in ({"name": name.upper().replace(" ", "_")}, {"mentions": [[start - 4, end - 1]]}, {"entities": [id]}):
        answer = [{"id": record.id, "quotes": [{"spans": list(quote.inner), "speaker": speaker}]}]
        assert evaluate(answer).tasks["quotes"].metrics["strict"].total.shared == 1, speaker
    for speaker in ({"name": "Lê Thị Sen"}, {"mentions": [[0, 3]]}, {"entities": ["per:nobody"]}, None):
        answer = [{"id": record.id, "quotes": [{"spans": list(quote.inner), "speaker": speaker}]}]
        metrics = evaluate(answer).tasks["quotes"].metrics
        assert (metrics["strict"].total.shared, metrics["content_strict"].total.shared) == (0, 1), speaker


def test_offsets_count_code_points():
    text = "🌧️ Huế 🌧️ Lào"
    document = Document(id="d", text=text)
    start = text.index("Lào")
    assert files.checked(
        [Record(id="d", entities=(Entity(start=start, end=start + 3, label="GPE", text="Lào"),))], {"d": document}, "p"
    )


def test_every_total_and_label_has_its_interval():
    report = evaluate(gold()[1:]).as_dict()["tasks"]["ner"]
    strict = report["metrics"]["strict"]
    assert 0 < strict["interval"]["low"] <= strict["interval"]["loo_low"] < strict["f1"]
    assert strict["f1"] < strict["interval"]["loo_high"] == 1 == strict["interval"]["high"]
    assert report["labels"]["strict"]["PER"]["interval"]["low"] < report["labels"]["strict"]["PER"]["f1"]
    assert "interval" not in report["documents"]["core-001"]["strict"]
    assert report["signatures"]["strict"].endswith("|ci:jk-t95")


def test_intervals_are_printed_where_there_are_documents_enough():
    metrics, *_, documents = sheets(evaluate([*gold()[1:]], tasks=["ner"]))
    assert metrics.heads[4] == "95 %"
    assert re.fullmatch(r"[\d.]+–100.0", str(metrics.rows[0][4]))
    assert any(note.startswith("F1 with one document left out: ") for note in metrics.notes)
    assert "95 %" not in documents.heads
    alone = sheets(evaluate([gold()[0]], gold=[gold()[0]], tasks=["ner"]))[0]
    assert {row[4] for row in alone.rows} == {None}
    assert "left out" not in render(alone, "table")
