"""The page of metrics: its examples give the numbers that it names, and its table is what the simulation gives."""

import re
import runpy
from pathlib import Path

import msgspec
import numpy as np
import pytest

from vnnews_bench import evaluate
from vnnews_bench.counts import UNIT
from vnnews_bench.drafts import resolve
from vnnews_bench.records import Document
from vnnews_bench.render import cell
from vnnews_bench.resample import detectable, interval, swap
from vnnews_bench.tasks import TASKS

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
BLOCKS = [msgspec.json.decode(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.S)]
EXAMPLES = {block["task"]: block for block in BLOCKS if "task" in block}


def test_every_metric_has_its_line_and_its_example():
    for name, task in TASKS.items():
        section = PAGE[PAGE.index(f"## {name}\n") :].split("\n## ")[0]
        assert re.findall(r"^\| `(\w+)`", section, re.M) == list(task.metrics)
        assert list(EXAMPLES[name]["counts"]) == list(task.metrics)
        assert f"`{task.headline}` (headline)" in section


@pytest.mark.parametrize("name", TASKS)
def test_an_example_has_the_counts_that_the_page_names(name):
    example = EXAMPLES[name]
    text = example["text"]
    document = Document(id="example", text=text, sentences=((0, len(text)),))
    gold, predicted = (resolve(example[side], document) for side in ("gold", "predicted"))
    metrics = evaluate([predicted], gold=[gold], tasks=[name]).tasks[name].metrics
    totals = {metric: table.total for metric, table in metrics.items()}
    assert {m: [c.gold, c.predicted, round(c.shared, 3)] for m, c in totals.items()} == example["counts"]
    section = PAGE[PAGE.index(f"## {name}\n") :].split("\n## ")[0]
    for metric, score in re.findall(r"`(\w+)`:[^`]*?F1 = ([\d./]+\d)", section):
        above, _, below = score.partition("/")
        assert totals[metric].f1 == pytest.approx(float(above) / float(below or 1), abs=0.0005)


def test_the_example_of_two_systems():
    (example,) = (block for block in BLOCKS if "task" not in block)
    a, b = (np.array(example[side]) * UNIT for side in "ab")
    one, both = interval(a), swap(a, b)
    f1 = [2 * total[2] / (total[0] + total[1]) for total in (a.sum(axis=0), b.sum(axis=0))]
    found = {
        "f1": f1,
        "interval": [one.low, one.high],
        "left_out": [one.loo_low, one.loo_high],
        "difference": both.difference,
        "difference_interval": [both.low, both.high],
        "p_jackknife": both.p_jackknife,
        "p": both.p,
        "floor": both.floor,
        "detectable": detectable(a, b),
    }
    for name, value in found.items():
        assert np.round(value, 4).tolist() == example[name], name


def test_the_table_of_coverage_is_what_the_simulation_gives():
    script = runpy.run_path(str(ROOT / "benchmarks" / "coverage.py"))
    assert f"seed {script['SEED']}, {script['RUNS']:,} corpora" in PAGE
    rows = re.findall(r"^\| (\d+) \| (\d+) \|.*$", PAGE, re.M)
    assert rows == [(str(d), str(g)) for d in script["DOCUMENTS"] for g in script["GOLD"]]
    line = "| " + " | ".join(map(cell, script["line"](5, 11))) + " |"
    assert line in PAGE, "run `python benchmarks/coverage.py`"


def test_what_the_page_says_of_twenty_documents_stands_in_its_table():
    detectable = {
        (documents, gold): least for documents, gold, least in re.findall(r"^\| (\d+) \| (\d+) \|.* ([\d.]+) \|$", PAGE, re.M)
    }
    said = re.search(
        r"shows differences of\n([\d.]+) points with 70 annotations in each, ([\d.]+) with 11 and ([\d.]+) with 4, "
        r"where five documents need ([\d.]+), ([\d.]+) and ([\d.]+);",
        PAGE,
    )
    assert said is not None
    assert list(said.groups()) == [detectable[n, gold] for n in ("20", "5") for gold in ("70", "11", "4")]
