"""Systems that are trained, under other protocols than the ordinary one: leave-one-document-out, and the learning curve."""

from collections.abc import Callable, Iterable
from random import Random
from statistics import mean

import msgspec

from vnnews_bench import corpus, systems
from vnnews_bench.errors import BenchError
from vnnews_bench.leaderboard import TESTS
from vnnews_bench.records import Document, Record
from vnnews_bench.report import Report
from vnnews_bench.scoring import evaluate
from vnnews_bench.systems import System
from vnnews_bench.tasks import named

SIZES = (1, 2, 4, 8, 16)  # documents to learn from, and then all
CHOICES = 3  # of documents, for each size but all
SEED = 2031
Tick = Callable[[str], None]


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """F1 of the headline on a split after learning from so many `documents`: the mean of several choices of them, and their
    range.
    """

    split: str
    documents: int
    f1: float
    low: float
    high: float
    choices: int


def crossvalidate(name: str, split: str = "test", tick: Tick = lambda note: None) -> Report:
    """The score of a system on a split of which each document is tagged by what was learnt from the others.

    Its signature says `protocol:leave-one-out`. Raises `BenchError` for a system that takes no `learnt_from`.
    """
    system = _learner(name)
    documents = corpus.load(split).documents
    records = []
    for document in documents.values():
        records.append(system(document, learnt_from=tuple(id for id in documents if id != document.id)))
        tick(f"{name} {document.id}")
    report = evaluate(records, split)
    return msgspec.structs.replace(report, signature=report.signature | {"protocol": "leave-one-out"})


def curve(name: str, task: str, tick: Tick = lambda note: None) -> list[Point]:
    """A point for each test and each number of documents of `train`: 1, 2, 4, 8, 16 and all.

    For each number three choices of documents are learnt from, for all there is one. A choice is the beginning of a shuffled
    order, so that the larger one has the smaller one in it; the orders are the same in every run.
    Raises `BenchError` for a system that takes no `learnt_from`, or does not attempt the task.
    """
    headline = named([task])[0].headline
    system = _learner(name)
    train = list(corpus.load("train").documents)
    random = Random(SEED)
    orders = [random.sample(train, len(train)) for _ in range(CHOICES)]
    points = []
    for size in (*(size for size in SIZES if size < len(train)), len(train)):
        scores: dict[str, list[float]] = {split: [] for split in TESTS}
        for order in orders if size < len(train) else orders[:1]:
            learnt = tuple(id for id in train if id in order[:size])
            for split in TESTS:
                report = evaluate(_learnt(system, learnt, corpus.load(split).documents.values()), split).tasks.get(task)
                if report is None or headline not in report.metrics:
                    raise BenchError(f"{name} does not attempt {task}")
                scores[split].append(report.metrics[headline].total.f1 or 0.0)
                tick(f"{name} from {size}: {split}")
        points += [
            Point(split=split, documents=size, f1=mean(found), low=min(found), high=max(found), choices=len(found))
            for split, found in scores.items()
        ]
    return points


def _learnt(system: System, learnt: tuple[str, ...], documents: Iterable[Document]) -> list[Record]:
    return [system(document, learnt_from=learnt) for document in documents]


def _learner(name: str) -> System:
    """The system of that name. Raises `BenchError` for one that takes no `learnt_from`."""
    if not systems.takes(name, "learnt_from"):
        raise BenchError(f"{name} takes no 'learnt_from'; a system that does is def tag(document, *, learnt_from=None)")
    return systems.resolve(name)
