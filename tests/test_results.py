"""The rows that are committed: made of the predictions beside them, of all articles; and how rows are made."""

import json
import os
import shutil
from pathlib import Path

import pytest

from vnnews_bench import BenchError, corpus, evaluate, files, leaderboard, measurement, results, systems, tools
from vnnews_bench.tools import Settings, Usage

ROOT = Path(__file__).parent.parent
COMMITTED = ROOT / "baselines" / "results"
ROWS = results.read(COMMITTED)
OFFLINE = ("underthesea", "vinlp", "pyvi", "dateparser", "heideltime", "duckling", "chrono")


def test_every_offline_tool_stands_beside_the_baselines():
    for split in leaderboard.TESTS:
        assert {row.system for row in ROWS if row.split == split} == set(OFFLINE) | set(systems.BASELINES)
    assert set(OFFLINE) == set(tools.TOOLS) - {"hf", "llm"}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.system}-{row.split}-{row.task}")
def test_a_row_is_of_all_articles_and_says_with_what(row):
    documents = corpus.load(row.split).documents
    predictions = files.read(results.predictions(row.system, COMMITTED, row.split), documents)
    assert [record.id for record in predictions] == list(documents)
    assert row.lost == {}
    assert row.seconds > 0
    assert row.peak > 5
    wanted = {"python", "vnnews-bench"}
    if row.system in tools.TOOLS:
        assert row.kind == "tool"
        assert tuple(row.scores) == tuple(m for m in row.scores if m in tools.TOOLS[row.system].metrics)
        wanted |= set(tools.TOOLS[row.system].distributions)
    assert wanted <= set(row.versions)


def test_the_rows_are_what_the_predictions_score_today(tmp_path):
    folder = shutil.copytree(COMMITTED, tmp_path / "results")
    assert results.rescore(folder) == ROWS, "run `make tables`"
    assert results.read(folder) == ROWS


@pytest.mark.parametrize("name", systems.BASELINES)
def test_the_rows_of_the_baselines_are_those_of_the_leaderboard(name):
    for split in leaderboard.TESTS:
        report = evaluate(systems.run(name, corpus.load(split).documents.values()), split)
        rows = [row for row in ROWS if (row.system, row.split) == (name, split)]
        assert rows
        for row in rows:
            metric = next(iter(row.scores))
            assert row.scores[metric]["f1"] == report.tasks[row.task].metrics[metric].total.f1


def test_predictions_of_another_run_are_refused(run, tmp_path):
    folder = shutil.copytree(COMMITTED, tmp_path / "results")
    results.predictions("pyvi", folder, "test").write_text('{"id": "core-000", "entities": []}\n')
    done = run("results", folder, "--rescore")
    assert "pyvi.jsonl: is not what pyvi predicted; run it again with `vnnews-bench measure`" in done.stderr
    assert results.read(folder) == ROWS


@pytest.mark.parametrize("content", ["{}", "no json", '{"system": "x"}'])
def test_a_file_that_holds_no_rows_is_told(run, tmp_path, content):
    assert "holds no results; `vnnews-bench measure SYSTEM -o" in run("results", tmp_path).stderr
    (tmp_path / "bad.jsonl").write_text(content + "\n")
    assert "bad.jsonl:1: is no result: " in run("results", tmp_path).stderr


def test_measure_of_ones_own_system(run, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    done = run("measure", "faulty_systems:exits", "-o", tmp_path / "deep" / "folder")
    assert "core-001: lost, scored as empty: ended with exit code 3: no such model" in done.stderr
    row, written = results.read(tmp_path / "deep" / "folder")
    assert (row.kind, row.split, written.split) == ("own", "test", "test_written")
    assert row.hardware.startswith(f"{os.cpu_count()} × ")
    assert run("leaderboard", "--verify", tmp_path / "deep" / "folder").exit_code == 0
    assert row.lost == {"core-001": "ended with exit code 3: no such model"}
    assert written.lost == {}
    assert "|missing:1|" in row.signature
    sheet = run("results", tmp_path / "deep" / "folder", "--format", "markdown").stdout
    assert "| faulty_systems:exits | own |" in sheet
    assert json.loads(run("results", tmp_path / "deep" / "folder", "--format", "json").stdout)[0]["task"] == "ner"


def test_nothing_is_written_of_a_system_that_fails_everywhere(run, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    done = run("measure", "own_systems:crashes", "-o", tmp_path)
    assert done.stderr.splitlines()[-1] == (
        "Error: own_systems:crashes failed on every document: ZeroDivisionError: a model with a bug"
    )
    assert not list(tmp_path.glob("*.jsonl"))
    assert "Error: /etc/hostname/x: cannot be made: " in run("measure", "capitals", "-o", "/etc/hostname/x").stderr


def test_a_tool_without_labels_is_ranked_by_spans_alone():
    row = next(row for row in ROWS if row.system == "pyvi")
    assert list(row.scores) == ["span"]
    sheets = results.sheets([row for row in ROWS if row.task == "ner"])
    assert sheets[0].title == "ner · span"
    strict = sheets[0].heads.index("strict F1")
    assert {line[0]: line[strict] for line in sheets[0].rows}["pyvi"] is None


def test_the_leaderboard_gives_what_lacks_the_headline_a_table_of_its_own(monkeypatch):
    names = ("dateparser", "dates-rules", "pyvi")
    predicted = {name: files.read(results.predictions(name, COMMITTED, "test")) for name in names}
    monkeypatch.setattr(systems, "run", lambda name, *_, **__: predicted[name])
    rows = leaderboard.board(names, ["test"])
    assert {(row.task, row.metric, row.system) for row in rows} == {
        ("ner", "span", "pyvi"),
        ("dates", "anchored", "dates-rules"),
        ("dates", "timex_value", "dates-rules"),
        ("dates", "timex_value", "dateparser"),
    }
    assert [sheet.title for sheet in leaderboard.sheets(rows)] == ["ner · span", "dates · anchored", "dates · timex_value"]
    assert "strict" not in str(leaderboard.as_json(rows)[0]["report"]["tasks"]["ner"]["metrics"])


def test_cost():
    assert Usage(prompt_tokens=2_000_000, completion_tokens=500_000).cost((0.5, 4.0)) == 3.0


def test_a_system_that_is_none_is_told_first(tmp_path):
    with pytest.raises(BenchError, match="there is no system 'nobody'"):
        measurement.measure("nobody", tmp_path, Settings())
