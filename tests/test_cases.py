"""Hand-computed cases: `tests/cases/<task>/<what-it-shows>/` with gold, prediction, expected counts and a word why."""

import json
from pathlib import Path

import pytest

from vnnews_bench import evaluate
from vnnews_bench.tasks import TASKS

CASES = sorted(path for task in (Path(__file__).parent / "cases").iterdir() for path in task.iterdir())


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_case(case: Path):
    task = case.parent.name
    report = evaluate(case / "predicted.jsonl", gold=case / "gold.jsonl", tasks=[task])
    expected = json.loads((case / "expected.json").read_text())
    totals = {name: table.total for name, table in report.tasks[task].metrics.items()}
    found = {name: [counts.gold, counts.predicted, pytest.approx(counts.shared)] for name, counts in totals.items()}
    assert expected == found
    assert (case / "README.txt").read_text(encoding="utf-8").strip()


def test_every_metric_has_a_case_that_is_right_and_one_that_is_wrong():
    for name, task in TASKS.items():
        cases = [json.loads((case / "expected.json").read_text()) for case in CASES if case.parent.name == name]
        for metric in task.metrics:
            counts = [case[metric] for case in cases if metric in case]
            assert any(gold == predicted == shared for gold, predicted, shared in counts), metric
            assert any(shared < gold for gold, _, shared in counts), metric
