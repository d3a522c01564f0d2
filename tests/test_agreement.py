"""Agreement of annotators, against scikit-learn and against the metrics that it uses."""

import msgspec
import pytest
from sklearn.metrics import cohen_kappa_score

from vnnews_bench import BenchError, Record, corpus, evaluate, files
from vnnews_bench.agreement import agree, sheets
from vnnews_bench.records import Event, Quote, Timex


def write(tmp_path, name: str, **layers) -> str:
    path = tmp_path / f"{name}.jsonl"
    files.write([Record(id="core-000", **{layer: tuple(items) for layer, items in layers.items()})], path)
    return str(path)


def field(found, layer, name):
    return next(row for row in found.matched if (row.layer, row.field) == (layer, name))


def test_an_annotator_agrees_with_himself():
    found = agree("A", "A")
    assert set(found.tasks) == {"ner", "quotes", "dates"}
    for report in found.tasks.values():
        assert all(table.total.f1 == 1.0 for table in report.metrics.values())
    assert all(row.agreed == row.pairs for row in found.matched)
    assert all(row.kappa in (1.0, None) for row in found.matched)


def test_which_annotator_comes_first_does_not_matter():
    one, other = agree("A", "B"), agree("B", "A")
    for task, report in one.tasks.items():
        for metric, table in report.metrics.items():
            assert table.total.f1 == pytest.approx(other.tasks[task].metrics[metric].total.f1)
    assert [(row.pairs, row.agreed) for row in one.matched] == [(row.pairs, row.agreed) for row in other.matched]


def test_it_is_the_evaluation_of_one_pass_against_the_other():
    passes = {name: sorted((load_pass(name)), key=lambda r: r.id) for name in "AB"}
    report = evaluate(passes["B"], gold=passes["A"])
    metrics = agree("A", "B").tasks["ner"].metrics
    assert metrics["nested"].total == report.tasks["ner"].metrics["nested"].total


def load_pass(name: str) -> list[Record]:
    folder = corpus.root() / "passes" / name
    return [record for path in folder.glob("*.json") for record in files.read(path)]


def test_kappa_is_that_of_scikit_learn(tmp_path):
    kinds = [("DATE", "DATE"), ("TIME", "DATE"), ("TIME", "TIME"), ("SET", "SET"), ("DATE", "TIME")]
    sides = [
        [Timex(start=10 * n, end=10 * n + 5, type=pair[side], value="2031") for n, pair in enumerate(kinds)] for side in (0, 1)
    ]
    found = agree(write(tmp_path, "a", timexes=sides[0]), write(tmp_path, "b", timexes=sides[1]))
    row = field(found, "timexes", "type")
    assert (row.pairs, row.agreed) == (5, 3)
    assert row.kappa == pytest.approx(cohen_kappa_score(*zip(*kinds, strict=True)))
    assert field(found, "timexes", "value").kappa is None


def test_quotes_are_paired_by_the_most_shared_content(tmp_path):
    outer, inner = Quote(id="q1", spans=((0, 40),), type="DIRECT"), Quote(id="q2", spans=((10, 40),), type="INDIRECT")
    a = write(tmp_path, "a", quotes=[outer, inner])
    b = write(tmp_path, "b", quotes=[inner, outer])
    row = field(agree(a, b), "quotes", "type")
    assert (row.pairs, row.agreed) == (2, 2)


def test_events_without_a_common_trigger_are_not_compared(tmp_path):
    one = Event(id="e", type="MEET", mentions=((0, 3),))
    a, b = write(tmp_path, "a", events=[one]), write(tmp_path, "b", events=[msgspec.structs.replace(one, mentions=((9, 12),))])
    found = agree(a, b)
    assert field(found, "events", "type").pairs == 0
    assert found.tasks["dates"].metrics["anchored"].total.f1 == 0
    assert any("–" in str(cell) or cell is None for cell in sheets(found)[-1].rows[-1])


def test_passes_over_fewer_articles_are_compared_on_what_is_common():
    assert agree("A", "C").texts == ("core-001", "core-002")
    assert set(agree("A", "C", ["ner"]).tasks) == {"ner"}


def test_the_passes_over_one_split_are_compared_apart(run):
    assert agree("A", "B", split="test").texts == tuple(corpus.load("test").documents)
    with pytest.raises(BenchError, match="A and C have no document of split 'train' in common; A has core-000"):
        agree("A", "C", split="train")
    assert run("agree", "A", "C", "--task", "ner", "--split", "test").exit_code == 0
    assert "there is no split 'dev'" in run("agree", "A", "B", "--split", "dev").stderr


def test_mistakes(tmp_path, run):
    other = tmp_path / "other.jsonl"
    files.write([Record(id="core-000", entities=())], other)
    with pytest.raises(BenchError, match=r"there is no pass 'Z'; there are A, B, C, .*and folders and files of records"):
        agree("A", "Z")
    with pytest.raises(BenchError, match=r"C and .* have no document of split 'all' in common; C has core-001, core-002"):
        agree("C", str(other))
    with pytest.raises(BenchError, match="there is no task 'pos'; there are ner, quotes, dates"):
        agree("A", "B", ["pos"])
    assert run("agree", "A", "Z").exit_code == 1


@pytest.mark.parametrize("form", ["table", "json", "markdown", "latex"])
def test_the_command_prints_every_format(run, form):
    text = run("agree", "A", "B", "--format", form).stdout
    assert "anchored" in text
    assert "timex_value" in text.replace("\\_", "_")
