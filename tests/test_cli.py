"""The command line as a user meets it."""

import json
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from vnnews_bench import Record, corpus, evaluate, files, load, systems
from vnnews_bench.cli import main
from vnnews_bench.render import between
from vnnews_bench.systems import BASELINES
from vnnews_bench.tasks.dates import TYPES as EVENT_TYPES
from vnnews_bench.tasks.ner import LABELS
from vnnews_bench.tasks.quotes import TYPES as QUOTE_TYPES

ROOT = Path(__file__).parent.parent
FORMATS = ("table", "json", "markdown", "latex")


@pytest.fixture
def predictions(run, tmp_path) -> Path:
    path = tmp_path / "preds.jsonl"
    assert run("predict", "ner-rules", "-o", path).exit_code == 0
    return path


@pytest.mark.parametrize("command", main.commands)
def test_every_command_has_help_and_stands_in_the_readme(run, command):
    assert run(command, "--help").exit_code == 0
    assert main.commands[command].help
    for parameter in main.commands[command].params:
        assert not isinstance(parameter, click.Option) or parameter.help, parameter.name
    assert f"vnnews-bench {command}" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("form", FORMATS)
def test_tasks(run, form):
    text = run("tasks", "--format", form).stdout
    assert "strict" in text
    if form == "json":
        assert json.loads(text)[0]["metrics"][0] == "strict"


def test_predict_prints_records_and_evaluate_reads_them(run, predictions):
    printed = run("predict", "ner-rules").stdout
    assert printed == predictions.read_text(encoding="utf-8")
    report = json.loads(run("evaluate", predictions, "--format", "json").stdout)
    assert set(report) >= {"signature", "missing", "tasks"}
    assert 0 < report["tasks"]["ner"]["metrics"]["strict"]["f1"] < 1


def test_evaluate_prints_the_same_numbers_in_every_format(run, predictions):
    report = json.loads(run("evaluate", predictions, "--format", "json").stdout)
    f1 = f"{100 * report['tasks']['ner']['metrics']['strict']['f1']:.1f}"
    for form in ("table", "markdown", "latex"):
        text = run("evaluate", predictions, "--format", form).stdout
        assert re.search(rf"strict .*\b{f1}\b", text)
        assert "vnnews-bench:" in text


def test_evaluate_against_another_file(run, predictions, tmp_path):
    result = run("evaluate", predictions, "--gold", predictions, "--format", "json")
    assert json.loads(result.stdout)["tasks"]["ner"]["metrics"]["nested"]["f1"] == 1.0


def test_evaluate_options(run, predictions):
    for options in (["--task", "ner"], ["--zones", "all"], ["--view", "uner"], ["--split", "test"]):
        assert run("evaluate", predictions, *options).exit_code == 0


@pytest.mark.parametrize("form", ["table", "markdown", "latex"])
def test_a_board_has_the_second_test_in_two_columns(run, form):
    both = run("leaderboard", "capitals", "ner-rules", "--format", form).stdout
    alone = run("leaderboard", "capitals", "ner-rules", "--split", "test_written", "--format", form).stdout
    heads = [f"test_written {head}".replace("_", r"\_" if form == "latex" else "_") for head in ("F1", "95")]
    assert all(head in both and head not in alone for head in heads)
    report = evaluate(systems.run("capitals", load("test_written").documents.values()), "test_written")
    table = report.tasks["ner"].metrics["strict"]
    spread = between(table.interval.low, table.interval.high).replace("–", "--" if form == "latex" else "–")
    told = re.compile(rf"{100 * table.total.f1:.1f}\W+{re.escape(spread)}")
    for text in (both, alone):
        (line,) = [line for line in text.splitlines() if "capitals" in line]
        assert told.search(line)
    assert [text.count("|split:test|") for text in (both, alone)] == [1, 0]
    assert [text.count("|split:test_written|") for text in (both, alone)] == [1, 1]


def test_a_board_is_ranked_by_the_first_test_and_json_has_both_reports(run, monkeypatch):
    monkeypatch.chdir(Path(__file__).parent)
    first, second = json.loads(run("leaderboard", "own_systems:old_news", "capitals", "--format", "json").stdout)
    assert (first["system"], second["system"]) == ("own_systems:old_news", "capitals")
    beside = [row["beside"]["test_written"] for row in (first, second)]
    assert beside[0]["f1"] == 0 < beside[1]["f1"]
    for row, other in zip((first, second), beside, strict=True):
        assert other["f1"] == other["report"]["tasks"]["ner"]["metrics"]["strict"]["f1"]
        assert (row["report"]["signature"]["documents"], other["report"]["signature"]["documents"]) == (5, 20)
    (alone,) = json.loads(run("leaderboard", "capitals", "--split", "test", "--format", "json").stdout)
    assert alone["beside"] == {}


@pytest.mark.parametrize("form", FORMATS)
def test_leaderboard_ranks_floors_below_what_reads(run, form):
    text = run("leaderboard", "capitals", "ner-rules", "--format", form).stdout
    if form == "json":
        rows = json.loads(text)
        assert [(row["rank"], row["system"]) for row in rows] == [(1, "ner-rules"), (2, "capitals")]
        assert rows[0]["f1"] == rows[0]["report"]["tasks"]["ner"]["metrics"]["strict"]["f1"]
    else:
        assert text.index("ner-rules") < text.index("capitals")
        assert "seen" in text


def test_leaderboard_of_one_system_twice_and_of_ones_own(run, monkeypatch):
    assert "ner-rules is named twice" in run("leaderboard", "ner-rules", "ner-rules").stderr
    monkeypatch.chdir(Path(__file__).parent)
    rows = json.loads(run("leaderboard", "own_systems:first_word", "--format", "json").stdout)
    assert [(row["system"], row["kind"]) for row in rows] == [("own_systems:first_word", "own")]


def test_equal_scores_share_a_rank(run, monkeypatch):
    monkeypatch.chdir(Path(__file__).parent)
    names = ["capitals", "vnnews_baselines.capitals:tag", "own_systems:first_word"]
    rows = json.loads(run("leaderboard", *names, "--format", "json").stdout)
    assert [row["rank"] for row in rows] == [1, 1, 3]


def test_systems_that_cannot_be_told_apart_share_their_ranks(run, monkeypatch):
    monkeypatch.chdir(Path(__file__).parent)
    names = ("own_systems:nearly", "ner-rules", "capitals")
    rows = json.loads(run("leaderboard", *names, "--format", "json").stdout)
    assert [(row["rank"], row["group"]) for row in rows] == [(1, 1), (2, 1), (3, 2)]
    assert all(row["interval"]["low"] < row["f1"] < row["interval"]["high"] for row in rows)
    text = run("leaderboard", *names).stdout
    assert re.findall(r"^ +(1–2|3) .* (\d+\.\d–\d+\.\d) ", text, re.M)
    assert len(re.findall(r"^ +1–2 ", text, re.M)) == 2
    assert "Holm over 3 pairs" in text
    assert "significant" not in text


def test_the_corpus_is_valid(run):
    result = run("validate")
    assert (result.exit_code, result.stdout) == (0, "no findings\n")


def test_counts_add_up(run):
    made = json.loads(run("counts", "--format", "json").stdout)
    counts = made["counts"]
    assert sum(counts["entities"].values()) == sum(len(r.entities or ()) for r in load().gold.values())
    parts = {"entities": LABELS, "quotes": QUOTE_TYPES, "events": EVENT_TYPES}
    for id in load().documents:
        for whole, labels in parts.items():
            assert sum(counts[f"– {label}"][id] for label in labels) == counts[whole][id]
    assert "core-003" in run("counts").stdout


def test_counts_of_all_splits_add_up(run):
    """Each split is counted by itself; an entity that several of them mention is one in the last column."""
    made = json.loads(run("counts", "--split", "all", "--format", "json").stdout)
    assert (made["split"], made["hash"]) == ("all", load("all").hash)
    splits = list(corpus.splits())
    for name, counts in made["counts"].items():
        assert list(counts) == [*splits, "all"]
        parts = [counts[split] for split in splits]
        assert max(parts) <= counts["all"] <= sum(parts)
        assert name == "– different entities" or counts["all"] == sum(parts)
    for split in splits:
        apart = json.loads(run("counts", "--split", split, "--format", "json").stdout)["counts"]
        assert made["counts"]["events"][split] == sum(apart["events"].values())
        assert made["counts"]["articles"][split] == len(corpus.splits()[split])
    text = run("counts", "--split", "all", "--format", "markdown").stdout
    version = load().version
    tables = [f"**{name} {version}**" for name in ("texts", "entities", "quotes", "time expressions", "events")]
    assert re.findall(r"^\*\*.*\*\*$", text, re.M) == tables
    assert text.count("|  | train | validation | test | test_written | all |") == 5


SPLITTING = {
    "predict": ["capitals"],
    "evaluate": ["FILE"],
    "convert": ["FILE", "OUT", "--to", "records"],
    "errors": ["FILE", "--task", "ner"],
    "validate": ["FILE"],
    "counts": [],
}


@pytest.mark.parametrize("command", SPLITTING)
def test_a_command_takes_any_split_and_all_of_them(run, tmp_path, command):
    words = [str(tmp_path / word) if word in ("FILE", "OUT") else word for word in SPLITTING[command]]
    for split in ("validation", "all"):
        files.write([Record(id=id, entities=()) for id in load(split).documents], tmp_path / "p.jsonl")
        words = [word.replace("FILE", "p.jsonl").replace("OUT", f"{split}.jsonl") for word in words]
        result = run(command, *words, "--split", split)
        assert result.exit_code == 0, result.output
        last = list(load(split).documents)[-1]
        if command in ("predict", "counts") and split != "all":
            assert last in result.stdout
    result = run(command, *words, "--split", "dev")
    assert result.exit_code == 1
    assert result.stderr == "Error: there is no split 'dev'; there are train, validation, test, test_written, all\n"


def test_predictions_of_all_splits_are_scored_as_one(run, tmp_path):
    path = tmp_path / "p.jsonl"
    assert run("predict", "capitals", "--split", "all", "-o", path).exit_code == 0
    report = json.loads(run("evaluate", path, "--split", "all", "--format", "json").stdout)
    assert report["signature"]["split"] == "all"
    assert report["signature"]["documents"] == len(load("all").documents)
    assert report["missing"] == []
    assert run("evaluate", path, "--split", "train").exit_code == 1  # documents of other splits


def test_rules_lists_every_rule(run):
    assert "entity-crossing" in run("rules").stdout
    assert {row["code"] for row in json.loads(run("rules", "--format", "json").stdout)} >= {"span-empty"}


def test_build(run, tmp_path):
    result = run("build", "-o", tmp_path / "d")
    assert result.exit_code == 0
    written = {str(path) for path in (tmp_path / "d").rglob("*") if path.is_file()}
    assert set(result.output.splitlines()) == written
    assert str(tmp_path / "d" / "README.md") in written


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["predict", "nobody"], "there is no system 'nobody'; the baselines are capitals"),
        (
            ["predict", "capitals", "--split", "dev"],
            "there is no split 'dev'; there are train, validation, test, test_written, all",
        ),
        (["predict", "capitals", "-o", "/nowhere/x.jsonl"], "/nowhere/x.jsonl: cannot be written"),
        (["predict", "capitals", "-o", "/"], "/: is a directory"),
        (["evaluate", "/nowhere.jsonl"], "/nowhere.jsonl: cannot be read: No such file or directory [file-unreadable]"),
        (["evaluate", "/dev"], "/dev: is a directory without a file of a known format; suffixes are .tsv"),
        (["evaluate", "/etc/hostname"], "/etc/hostname: is in no format that is known; name one with --input: webanno"),
        (["leaderboard", "capitals", "nobody"], "there is no system 'nobody'"),
        (["build", "-o", "/etc/hostname"], "/etc/hostname: is a file; name a folder"),
        (["build", "-o", "/etc"], "holds files that no build wrote as they are"),
        (["validate", "/nowhere.jsonl"], "cannot be read"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_one(run, arguments, message):
    result = run(*arguments)
    assert result.exit_code == 1
    assert message in result.output
    assert "Traceback" not in result.output
    assert len(result.output.strip().splitlines()) <= 2


def test_a_broken_file_of_the_corpus_is_told(run, small, monkeypatch):
    monkeypatch.setattr(corpus, "root", lambda: small)
    corpus.load.cache_clear()
    corpus._manifest.cache_clear()
    try:
        assert run("counts").exit_code == 0
        corpus.load.cache_clear()
        (small / "gold" / "mini-1.json").write_text("{}")
        assert "MANIFEST.sha256 has" in run("counts").stderr
        (small / "gold" / "mini-1.json").unlink()
        assert "cannot be read: No such file" in run("counts").stderr
    finally:
        corpus.load.cache_clear()
        corpus._manifest.cache_clear()


def test_nothing_is_written_when_a_system_fails(run, tmp_path, monkeypatch):
    monkeypatch.chdir(Path(__file__).parent)
    assert run("predict", "own_systems:crashes", "-o", tmp_path / "p.jsonl").exit_code == 1
    assert list(tmp_path.iterdir()) == []


def test_the_installed_command_has_no_traceback_for_a_bad_file(tmp_path):
    (tmp_path / "bad.jsonl").write_bytes(b"\x00\xff")
    command = [sys.executable, "-c", "from vnnews_bench.cli import main; main()", "evaluate", str(tmp_path / "bad.jsonl")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == f"Error: {tmp_path}/bad.jsonl:1: is not UTF-8 text [text-encoding]\n"


def test_every_baseline_stands_in_the_readme():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in text for name in BASELINES)
