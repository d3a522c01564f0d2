"""Tracks: systems that are not told the document's date, and systems that are handed a part of the gold."""

import json
from pathlib import Path

import msgspec
import pytest

from vnnews_bench import BenchError, evaluate, load, systems
from vnnews_bench.tasks import TASKS


def gold():
    return list(load().gold.values())


def test_without_a_document_date_values_are_those_of_the_text():
    undated = [
        msgspec.structs.replace(r, timexes=tuple(msgspec.structs.replace(t, value=t.value_nodct) for t in r.timexes))
        for r in gold()
    ]
    report = evaluate(undated, dct=False)
    assert report.tasks["dates"].metrics["timex_value"].total.f1 == 1.0
    assert "anchored" not in report.tasks["dates"].metrics
    assert "|dct:withheld|" in report.line("dates", "timex_value")
    assert evaluate(gold(), dct=False).tasks["dates"].metrics["timex_value"].total.f1 < 1
    assert evaluate(undated).tasks["dates"].metrics["timex_value"].total.f1 < 1


def test_an_undated_document_has_no_date_but_in_its_text():
    for document in load().documents.values():
        undated = msgspec.to_builtins(systems.undated(document))
        assert "dct" not in undated
        assert not any("section_time" in zone for zone in undated["zones"])
        assert undated["text"] == document.text


def test_what_is_handed_over_gives_nothing_away():
    quotes = systems.handed(load(), "quotes")
    for id, record in quotes.items():
        assert record.entities is record.timexes is record.events is None
        assert all(quote.speaker is quote.via is quote.attribution is None for quote in record.quotes), id
    for record in systems.handed(load(), "triggers").values():
        for event in record.events:
            assert msgspec.to_builtins(event).keys() <= {"id", "type", "mentions"}


@pytest.mark.parametrize(
    ("part", "task", "metric"), [("quotes", "quotes", "content_strict"), ("triggers", "dates", "anchored")]
)
def test_a_system_that_gives_back_what_it_was_handed(part, task, metric):
    report = evaluate(systems.handed(load(), part).values(), given=part)
    total = report.tasks[task].metrics[metric].total
    assert total.gold == total.predicted
    assert f"given:{part}" in report.line(task, metric)
    if part == "quotes":
        assert total.f1 == 1.0
        assert report.tasks[task].metrics["attributed"].total.shared == 0


def test_the_commands_of_the_tracks(run, tmp_path, monkeypatch):
    monkeypatch.chdir(Path(__file__).parent)
    for options in (["--given", "quotes"], ["--no-dct"]):
        name = "quotes-rules" if "--given" in options else "dates-rules"
        path = tmp_path / f"{name}.jsonl"
        assert run("predict", name, *options, "-o", path).exit_code == 0
        scored = json.loads(run("evaluate", path, *options, "--format", "json").stdout)
        assert scored["signature"].get("given") == ("quotes" if "--given" in options else None)
        board = json.loads(run("leaderboard", name, *options, "--format", "json").stdout)
        assert board[0]["metric"] == ("attributed" if "--given" in options else "timex_value")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["predict", "capitals", "--given", "quotes"], "capitals takes no 'given'; a system that does is def tag"),
        (["predict", "ner-rules", "--save", "models"], "ner-rules takes no 'models'"),
        (["predict", "quotes-rules", "--given", "names"], "there is no part 'names' of the gold to be given; there are quotes"),
        (["predict", "builtins:dict", "--given", "quotes"], "builtins:dict takes no 'given'"),
        (["leaderboard", "--given", "names"], "there is no part 'names' of the gold"),
    ],
)
def test_mistakes(run, arguments, message):
    result = run(*arguments)
    assert (result.exit_code, message in result.stderr) == (1, True), result.stderr


def test_unknown_views_and_parts():
    with pytest.raises(BenchError, match="there is no view 'x'; there are vlsp, uner, outer, reported"):
        evaluate(gold(), view="x")
    with pytest.raises(BenchError, match="there is no part 'x'"):
        evaluate(gold(), given="x")


def test_views_of_quotes():
    whole, outer, reported = (
        evaluate(gold(), view=view).tasks["quotes"].metrics["attributed"].total.gold for view in (None, "outer", "reported")
    )
    assert outer < whole < reported


def test_unresolved_speakers_are_told():
    record = load().gold["core-000"]
    quotes = [{"spans": [list(span) for span in q.spans], "speaker": {"name": "Lê Thị Sen"}} for q in record.quotes]
    report = evaluate([{"id": record.id, "quotes": quotes}])
    assert len(report.tasks["quotes"].remarks) == len(record.quotes)
    assert report.tasks["quotes"].remarks[0] == "speaker unresolved in core-000: Lê Thị Sen"
    assert report.as_dict()["tasks"]["quotes"]["remarks"]


def test_the_confusion_of_granularities_adds_up():
    confusion = evaluate(gold()).tasks["dates"].confusion
    assert all(one == other for one, other in confusion)
    events = [e for r in gold() for e in TASKS["dates"].counted(r.events, load().documents[r.id])]
    assert sum(confusion.values()) == len(events)
