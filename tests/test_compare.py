"""Comparing systems: the difference with what it is worth, what is said with few documents, and where they differ."""

import json

import msgspec
import numpy as np
import pytest

from vnnews_bench import Entity, Record, compare, evaluate, files, load
from vnnews_bench.counts import UNIT
from vnnews_bench.render import render
from vnnews_bench.report import Table

GOLD = load().gold
FIRST = GOLD["core-000"]


def file_of(path, *records, **layers):
    """The gold with some records changed, as a file; the layers of the first one are given."""
    changed = {record.id: record for record in (*records, *([msgspec.structs.replace(FIRST, **layers)] if layers else []))}
    files.write([changed.get(id, record) for id, record in GOLD.items()], path)
    return str(path)


def compared(*names, **options):
    return compare.compare([compare.read(name) for name in names], **options)


@pytest.fixture
def two(tmp_path):
    """A lacks the first name of core-000; B mislabels the second one and finds one that is none."""
    second = msgspec.structs.replace(FIRST.entities[1], label="FAC")
    extra = Entity(start=0, end=3, label="PER")
    b = (FIRST.entities[0], second, *FIRST.entities[2:], extra)
    return file_of(tmp_path / "a.jsonl", entities=FIRST.entities[1:]), file_of(tmp_path / "b.jsonl", entities=b)


def test_what_one_has_right_and_the_other_has_not(two):
    (ner,) = compared(*two, tasks=["ner"])
    ours, theirs = ner.differences
    assert (ours.right, ours.wrong, theirs.right, theirs.wrong) == ("a", "b", "b", "a")
    assert [(m.kind, m.id) for m in theirs.mistakes] == [("missed", FIRST.entities[0].id)]
    assert {(m.kind, m.id) for m in ours.mistakes} == {("label", FIRST.entities[1].id), ("spurious", None)}


def test_a_mistake_that_both_make_is_no_difference(tmp_path):
    entities = FIRST.entities[1:]
    one = file_of(tmp_path / "a.jsonl", entities=entities)
    wrong = msgspec.structs.replace(FIRST.entities[0], label="ORG")
    other = file_of(tmp_path / "b.jsonl", entities=(wrong, *entities))  # missed here, mislabelled there: neither has it
    (ner,) = compared(one, other, tasks=["ner"])
    assert [difference.mistakes for difference in ner.differences] == [(), ()]


def test_a_document_without_a_record_is_missed_whole(tmp_path):
    files.write([record for id, record in GOLD.items() if id != "core-000"], tmp_path / "b.jsonl")
    (ner,) = compared(file_of(tmp_path / "a.jsonl"), str(tmp_path / "b.jsonl"), tasks=["ner"])
    assert {(m.kind, m.document) for m in ner.differences[0].mistakes} == {("missed", "core-000")}
    (pair,) = ner.pairs
    assert (pair.won, pair.level, pair.lost) == (1, 4, 0)
    assert ner.signatures["b"].endswith("|missing:1|ci:jk-t95")


def test_the_difference_is_that_of_the_reports(two):
    (ner,) = compared(*two, tasks=["ner"])
    scores = [evaluate(name).tasks["ner"].metrics["strict"].total.f1 for name in two]
    (pair,) = ner.pairs
    assert pair.swap.difference == pytest.approx(scores[0] - scores[1])
    assert (pair.swap.p, pair.swap.floor) == (1.0, 1.0)  # they differ in one document


def test_each_layer_is_compared_by_the_first_metric_that_all_have(two, tmp_path):
    timexes = tmp_path / "t.jsonl"
    files.write([Record(id=id, timexes=record.timexes) for id, record in GOLD.items()], timexes)
    metrics = [(c.task, c.layer, c.metric) for c in compared(two[0], str(timexes))]
    assert metrics == [("dates", "timexes", "timex_value")]
    assert [c.metric for c in compared(*two)] == ["strict", "attributed", "anchored", "timex_value"]


def test_files_of_one_name_keep_their_folders(tmp_path):
    (tmp_path / "x").mkdir()
    names = file_of(tmp_path / "a.jsonl"), file_of(tmp_path / "x" / "a.jsonl")
    assert list(compared(*names, tasks=["ner"])[0].tables) == list(names)


def tables(documents, **shared):
    """Tables of systems that each share so many of ten annotations of every document, a document more or less apart."""
    made = {}
    for name, count in shared.items():
        units = [[(10, 10, count + n % 2)] for n in range(documents)]
        made[name] = Table(labels=(), texts=tuple(map(str, range(documents))), units=np.array(units) * UNIT)
    return made


def printed(systems):
    found = compare.Comparison(
        task="ner",
        layer="entities",
        metric="strict",
        tables=systems,
        signatures=dict.fromkeys(systems, "vnnews-bench:…"),
        pairs=compare.pairs(systems),
        differences=[],
    )
    return "\n".join(render(sheet, "table") for sheet in compare.sheets(found))


@pytest.mark.parametrize("documents", [2, 5])
def test_below_six_documents_nothing_is_significant(documents):
    text = printed(tables(documents, good=9, bad=1))
    assert "significant" not in text
    assert f"{documents} documents: p of the swap test cannot go below {2 ** (1 - documents):.4f}" in text


def test_from_six_documents_on_pairs_may_be_told_apart():
    text = printed(tables(8, good=9, fair=8, bad=1))
    assert "Holm: the p values adjusted for 3 pairs" in text
    assert "Holm jackknife" in text
    assert "significant at 5 % by the swap test, Holm: good – fair, good – bad, fair – bad" in text
    assert "significant at 5 % by the swap test: none" in printed(tables(8, good=9, same=9))


def test_p_values_are_adjusted_over_pairs():
    found = compare.pairs(tables(8, good=9, fair=8, bad=1))
    assert [pair.swap.p for pair in found] == [2 / 2**8] * 3
    assert [pair.holm for pair in found] == [6 / 2**8] * 3
    assert [(pair.won, pair.level, pair.lost) for pair in found] == [(8, 0, 0)] * 3


def test_one_document_is_no_test():
    text = printed(tables(1, good=9, bad=1))
    assert "1 document: there is no test; read" in text
    assert "nan" not in text


@pytest.mark.parametrize("form", ["table", "json", "markdown", "latex"])
def test_the_command(run, two, form):
    result = run("compare", *two, "--task", "ner", "--format", form)
    assert result.exit_code == 0, result.output
    assert "significant" not in result.stdout
    if form == "json":
        (ner,) = json.loads(result.stdout)
        assert [side["system"] for side in ner["systems"]] == ["a", "b"]
        assert ner["systems"][0]["documents"]["core-001"]["f1"] == 1
        assert ner["pairs"][0]["swap"]["floor"] == 1
        assert [len(difference["mistakes"]) for difference in ner["differences"]] == [2, 1]
    else:
        assert "p of the swap test cannot go below 0.0625" in result.stdout
    if form in ("table", "markdown"):
        assert result.stdout.index("is right, b") < result.stdout.index("is right, a")


def test_the_command_runs_systems_by_name(run, two):
    (ner,) = json.loads(run("compare", "capitals", two[0], "--task", "ner", "--format", "json").stdout)
    assert [side["system"] for side in ner["systems"]] == ["capitals", "a"]
    assert ner["pairs"][0]["swap"]["high"] < 0
    assert ner["pairs"][0]["lost"] == 5
    text = run("compare", "capitals", two[0], "--task", "ner").stdout
    assert "more" in text  # long lists are cut


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["capitals"], "a comparison needs two systems or more"),
        (["capitals", "capitals"], "capitals is named twice"),
        (["capitals", "nobody"], "there is no file 'nobody', and the systems are capitals, ner-rules"),
        (["capitals", "nobody:tag"], "nobody:tag: the module 'nobody' cannot be imported"),
        (["capitals", "dates-rules"], "no two of capitals, dates-rules have a metric in common"),
        (["capitals", "ner-rules", "--task", "pos"], "there is no task 'pos'; there are ner, quotes, dates"),
    ],
)
def test_a_mistake_is_one_line(run, names, message):
    result = run("compare", *names)
    assert result.exit_code == 1
    assert result.output.strip().startswith(f"Error: {message}")
    assert len(result.output.strip().splitlines()) == 1
