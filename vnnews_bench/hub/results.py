"""Scores as the Hub's evaluation results: a file per task and test for the `.eval_results/` folder of a model's repository.

A result names its task alone; which configuration and split that is stands in the dataset's eval.yaml, by the same names.

Source: the Hub's documentation of evaluation results; the entries are written by huggingface_hub's own types.
"""

import datetime
from pathlib import Path
from typing import Any

from vnnews_bench import files
from vnnews_bench.errors import BenchError, listing
from vnnews_bench.hub.load import REPOSITORY
from vnnews_bench.leaderboard import TESTS
from vnnews_bench.report import Report
from vnnews_bench.tasks import TASKS

FOLDER = ".eval_results"


def export(report: Report, folder: Path) -> list[Path]:
    """Writes the headline of each scored task, F1 in percent, below `folder` and returns the files.

    Raises `BenchError` for a score that is not the benchmark's: of no test, on a track, in a view, or undefined.
    """
    import huggingface_hub

    if not hasattr(huggingface_hub, "EvalResultEntry"):
        here = huggingface_hub.__version__
        raise BenchError(
            f"huggingface_hub {here} knows no evaluation results; `pip install -U huggingface_hub` brings one that does"
        )
    signature = report.signature
    other = [f"{name}:{signature[name]}" for name in ("view", "dct", "given") if name in signature]
    usual = {"split": TESTS, "zones": ("scored",)}
    other += [f"{name}:{signature[name]}" for name, known in usual.items() if signature[name] not in known]
    if other:
        raise BenchError(f"an evaluation result is a score of {' or '.join(TESTS)} as it is; this one has {listing(other)}")
    version = str(signature["data"]).partition("+")[0]
    made = {}
    for name, task in report.tasks.items():
        headline = TASKS[name].headline
        score = task.metrics[headline].total.f1 if headline in task.metrics else None
        if score is None:
            raise BenchError(f"{name}: {headline} is not defined for these records, so there is no result to export")
        entry = huggingface_hub.EvalResultEntry(
            dataset_id=REPOSITORY,
            task_id=task_id(name, str(signature["split"])),
            dataset_revision=f"v{version}",
            value=round(100 * score, 2),
            date=datetime.date.today().isoformat(),
            notes=report.line(name, headline),
        )
        path = folder / FOLDER / f"vnnews-bench-{entry.task_id}.yaml"
        made[path] = _yaml(huggingface_hub.eval_result_entries_to_yaml([entry]))
    for path, content in made.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        files.write_bytes(content.encode(), path)
    return list(made)


def task_id(task: str, split: str) -> str:
    """What eval.yaml calls a task on a test: by its name alone on the test that ranks."""
    return task if split == TESTS[0] else f"{task}-{split}"


def _yaml(entries: list[dict[str, Any]]) -> str:
    import yaml

    return str(yaml.safe_dump(entries, sort_keys=False, allow_unicode=True, width=1000))
