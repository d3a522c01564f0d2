"""The learning curve of a system that is trained: its score by the number of documents that it learnt from."""

from collections.abc import Callable
from statistics import mean

import msgspec

from vnnews_bench import corpus, systems
from vnnews_bench.errors import BenchError
from vnnews_bench.scoring import evaluate
from vnnews_bench.tasks import named


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """F1 of the headline after learning from so many `documents`: the mean of several choices of them, and their range."""

    documents: int
    f1: float
    low: float
    high: float
    choices: int


def curve(name: str, task: str, tick: Callable[[str], None] = lambda note: None) -> list[Point]:
    """A point for each number of documents up to all but the one that is tagged.

    The documents stand in a circle, and each is tagged by what was learnt from those that follow it; the choices begin one
    document further each, so that every document is learnt from as often as every other. With all others there is one choice.
    Raises `BenchError` for a system that takes no `learnt_from`, or does not attempt the task.
    """
    (chosen,) = named([task])
    if not systems.takes(name, "learnt_from"):
        raise BenchError(f"{name} takes no 'learnt_from'; a system that does is def tag(document, *, learnt_from=None)")
    system = systems.resolve(name)
    documents = list(corpus.load("test").documents.values())
    others = len(documents) - 1
    points = []
    for size in range(1, others + 1):
        scores = []
        for shift in range(others if size < others else 1):
            records = []
            for n, document in enumerate(documents):
                circle = [documents[(n + 1 + step) % len(documents)].id for step in range(others)]
                learnt = tuple(circle[(shift + step) % others] for step in range(size))
                records.append(system(document, learnt_from=learnt))
                tick(f"{name} from {size}: {document.id}")
            report = evaluate(records).tasks.get(task)
            if report is None or chosen.headline not in report.metrics:
                raise BenchError(f"{name} does not attempt {task}")
            scores.append(report.metrics[chosen.headline].total.f1 or 0.0)
        points.append(Point(documents=size, f1=mean(scores), low=min(scores), high=max(scores), choices=len(scores)))
    return points
