"""The tasks, one room each."""

from vnnews_bench.task import Task
from vnnews_bench.tasks import dates, ner, quotes

TASKS: dict[str, Task] = {task.name: task for task in (ner.TASK, quotes.TASK, dates.TASK)}
