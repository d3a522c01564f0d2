"""What a task is: a plain frozen value at the foot of its room."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from vnnews_bench.counts import Atoms, Columns
from vnnews_bench.errors import Finding
from vnnews_bench.records import Document, Record, RegistryEntry, ZoneType

Table = Callable[[Sequence[Sequence[Any]]], Columns]
Metric = Callable[[Columns], Atoms]
Groups = Callable[[Sequence[Sequence[Any]], Sequence[Document]], list[str]]
Check = Callable[[Record, Document, Mapping[str, RegistryEntry]], Iterator[Finding]]
View = Callable[[Sequence[Any]], tuple[Any, ...]]


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """One task over one layer.

    `metrics` by name, the headline first, each from a table of annotations to atoms; `breakdown` gives every gold annotation
    a group, whose recall under the headline is reported; `views` turn a layer into another scheme's; `check` is level 4.
    """

    name: str
    layer: str
    about: str
    labels: tuple[str, ...]
    zones: tuple[ZoneType, ...]
    table: Table
    metrics: Mapping[str, Metric]
    breakdown: tuple[str, tuple[str, ...], Groups]
    views: Mapping[str, View]
    check: Check

    @property
    def headline(self) -> str:
        """The metric that ranks systems."""
        return next(iter(self.metrics))
