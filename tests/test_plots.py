"""Figures: what they show, in every form, the same in every run."""

import json
import re
import sys
import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path

import hostile
import pytest
from vnnews_baselines import ner_crf

from vnnews_bench import corpus, learning, plots
from vnnews_bench.errors import BenchError
from vnnews_bench.records import Record
from vnnews_bench.site import entries
from vnnews_bench.tasks import TASKS

HEAD = {".svg": b"<?xml", ".pdf": b"%PDF", ".png": b"\x89PNG"}
ROOT = Path(__file__).parent.parent
NAME = "hệ thống $\\frac{1}$ của Nguyễn"  # "Nguyễn's system", with what matplotlib would read as a broken formula


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    folder = hostile.rows(tmp_path_factory.mktemp("plots") / "rows")
    hostile.add(folder, NAME, hostile.gold())
    return folder


@pytest.mark.parametrize("form", plots.FORMS)
@pytest.mark.parametrize(("what", "options"), [("scores", ()), ("confusion", ("--system", NAME))])
@pytest.mark.parametrize("task", ["ner", "quotes", "dates"])
def test_every_figure_in_every_form_twice_the_same(run, tmp_path, rows, task, what, options, form):
    made = []
    for n in range(2):
        path = tmp_path / f"{n}{form}"
        done = run("plot", what, rows, "--task", task, *options, "-o", path)
        assert done.exit_code == 0, done.output
        made.append(path.read_bytes())
    assert made[0].startswith(HEAD[form])
    assert made[0] == made[1]


def test_the_figure_has_the_scores(tmp_path, rows, monkeypatch):
    monkeypatch.setitem(plots.STYLE, "svg.fonttype", "none")  # words as words, to be read here
    plots.scores([rows], "ner", tmp_path / "scores.svg")
    words = [
        "".join(text.itertext()).strip() for text in ET.parse(tmp_path / "scores.svg").iter("{http://www.w3.org/2000/svg}text")
    ]
    boards = [board for board in entries.boards(plots._entries([rows])) if board.task == "ner"]
    names = [line.row.system for board in boards for line in board.lines]
    assert [word for word in words if word in names] == names
    assert {f"ner · {board.metric} F1, 95 % interval" for board in boards} <= set(words)
    assert NAME in names


def test_a_confusion_counts_every_gold_annotation_once(rows):
    (entry,) = [entry for entry in plots._entries([rows]) if entry.name == "underthesea"]
    from vnnews_bench import corpus

    part = entry.parts["test"]
    table = entries.confusion(part.records, "entities", TASKS["ner"], corpus.load())
    total = part.report.tasks["ner"].metrics["strict"].total
    assert sum(count for (_, across), count in table.cells.items() if across is not None) == total.predicted
    data = corpus.load()
    nested = sum(len(TASKS["ner"].counted(gold.entities, data.documents[id])) for id, gold in data.gold.items())
    assert sum(count for (down, _), count in table.cells.items() if down is not None) == nested


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("scores", "--task", "ner", "-o", "fig.gif"), r"fig\.gif: a figure ends in \.svg, \.pdf, \.png"),
        (("scores", "--task", "names", "-o", "fig.svg"), "there is no task 'names'"),
        (("confusion", "--task", "ner", "-o", "fig.svg"), "--system names the one that is drawn"),
        (("confusion", "--task", "ner", "--system", "chrono", "-o", "fig.svg"), "no system 'chrono' that attempts ner"),
        (("scores", "--task", "ner", "-o", "nowhere/fig.svg"), r"nowhere/fig\.svg: cannot be written"),
    ],
)
def test_a_figure_that_cannot_be_drawn(run, rows, tmp_path, monkeypatch, arguments, told):
    monkeypatch.chdir(tmp_path)
    done = run("plot", arguments[0], rows, *arguments[1:])
    assert done.exit_code == 1
    assert re.search(told, done.output)
    assert list(tmp_path.iterdir()) == []


def test_without_matplotlib_the_extra_is_named(rows, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(BenchError, match=r"pip install 'vnnews-bench\[plot\]'"):
        plots.scores([rows], "ner", tmp_path / "fig.svg")


def test_a_learning_curve(run, tmp_path):
    """Of a system that finds a name more with each document learnt from, whichever it was."""
    points = learning.curve("own_systems:learns", "ner")
    every = len(corpus.load("train").documents)
    sizes = [(1, 3), (2, 3), (4, 3), (8, 3), (16, 3), (every, 1)]
    for split in ("test", "test_written"):
        mine = [point for point in points if point.split == split]
        assert [(point.documents, point.choices) for point in mine] == sizes
        assert all(point.low == point.f1 == point.high for point in mine)
        assert sorted({point.f1 for point in mine}) == [point.f1 for point in mine]
    for form in plots.FORMS:
        done = run("plot", "learning", "--task", "ner", "--system", "own_systems:learns", "-o", tmp_path / f"f{form}")
        assert done.exit_code == 0, done.output
        assert (tmp_path / f"f{form}").read_bytes().startswith(HEAD[form])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--task", "ner", "--system", "ner-rules"), "ner-rules takes no 'learnt_from'; a system that does is def tag("),
        (("--task", "quotes", "--system", "own_systems:learns"), "own_systems:learns does not attempt quotes"),
        (("--task", "ner"), "learning: --system names the one that is drawn"),
    ],
)
def test_a_learning_curve_that_cannot_be(run, tmp_path, options, message):
    done = run("plot", "learning", *options, "-o", tmp_path / "f.svg")
    assert done.exit_code == 1
    assert message in done.output


def test_choices_are_three_of_train_the_larger_around_the_smaller(monkeypatch):
    seen: dict[int, set[tuple[str, ...]]] = {}

    def system(document, *, learnt_from):
        seen.setdefault(len(learnt_from), set()).add(learnt_from)
        return Record(id=document.id, entities=())

    monkeypatch.setattr(learning, "_learner", lambda name: system)
    learning.curve("spy", "ner")
    train = list(corpus.load("train").documents)
    assert {size: len(choices) for size, choices in seen.items()} == {1: 3, 2: 3, 4: 3, 8: 3, 16: 3, len(train): 1}
    for smaller, larger in pairwise(sorted(seen)):
        for choice in seen[smaller]:
            assert choice == tuple(id for id in train if id in choice)
            assert any(set(choice) < set(other) for other in seen[larger])


def test_the_figure_of_a_learning_curve_has_both_tests(tmp_path, monkeypatch):
    monkeypatch.setitem(plots.STYLE, "svg.fonttype", "none")
    plots.learning("ner", "own_systems:learns", tmp_path / "f.svg")
    texts = ET.parse(tmp_path / "f.svg").iter("{http://www.w3.org/2000/svg}text")
    words = ["".join(text.itertext()).strip() for text in texts]
    assert {"1", "16", "documents of train learnt from", *map(plots._data, ("test", "test_written", "train"))} <= set(words)


@pytest.mark.parametrize("task", TASKS)
def test_the_figures_of_the_page_are_of_todays_data(task):
    figure = (ROOT / "baselines" / f"learning-{task}.svg").read_text(encoding="utf-8")
    for split in ("train", "test", "test_written"):
        assert plots._data(split) in figure, "run `make curves`"


def test_leave_one_out_is_the_other_protocol(run, monkeypatch):
    """Every document is tagged by what was learnt from the others of its split, and the signature says so."""
    report = learning.crossvalidate("own_systems:learns")
    data = corpus.load()
    four = [TASKS["ner"].counted(data.gold[id].entities[:4], document) for id, document in data.documents.items()]
    assert report.tasks["ner"].metrics["nested"].total.predicted == sum(map(len, four))
    assert "|zones:scored|protocol:leave-one-out|n:5d/" in report.line("ner", "strict")
    for split, documents in (("test", 5), ("test_written", 20)):
        done = run("crossvalidate", "own_systems:learns", "--split", split, "--format", "json")
        told = json.loads(done.stdout)["signature"]
        assert (told["split"], told["documents"], told["protocol"]) == (split, documents, "leave-one-out")
    text = run("crossvalidate", "own_systems:learns").stdout
    assert "ner · strict by document" in text
    assert "|protocol:leave-one-out|" in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("ner-rules",), "ner-rules takes no 'learnt_from'; a system that does is def tag("),
        (("nobody",), "there is no system 'nobody'"),
        (("own_systems:learns", "--split", "dev"), "there is no split 'dev'"),
    ],
)
def test_a_protocol_that_cannot_be(run, arguments, message):
    done = run("crossvalidate", *arguments)
    assert done.exit_code == 1
    assert message in done.output
    assert len(done.output.strip().splitlines()) == 1


def test_the_crf_learns_from_the_documents_that_it_is_given():
    first, *others = corpus.load().documents
    report = learning.crossvalidate("ner-crf")
    one = ner_crf.tag(corpus.load().documents[first], learnt_from=(others[0],))
    four = ner_crf.tag(corpus.load().documents[first], learnt_from=tuple(others))
    assert four != one
    assert report.tasks["ner"].metrics["strict"].total.predicted > 0
