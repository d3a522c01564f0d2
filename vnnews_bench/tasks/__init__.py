"""The tasks, one room each."""

from collections.abc import Callable, Sequence

from vnnews_bench.errors import BenchError, listing
from vnnews_bench.records import Record
from vnnews_bench.task import Task
from vnnews_bench.tasks import dates, ner, quotes

TASKS: dict[str, Task] = {task.name: task for task in (ner.TASK, quotes.TASK, dates.TASK)}


def named(names: Sequence[str]) -> list[Task]:
    """The tasks of those names, or all of them. Raises `BenchError` for a name that no task has."""
    for name in names:
        if name not in TASKS:
            raise BenchError(f"there is no task {name!r}; there are {listing(list(TASKS))}")
    return [TASKS[name] for name in names or TASKS]


def part_of_gold(name: str) -> Callable[[Record], Record]:
    """What makes the part of the gold that a track hands over. Raises `BenchError` for a part that no task has."""
    parts = {task.given[0]: task.given[1] for task in TASKS.values() if task.given is not None}
    if name not in parts:
        raise BenchError(f"there is no part {name!r} of the gold to be given; there are {listing(list(parts))}")
    return parts[name]
