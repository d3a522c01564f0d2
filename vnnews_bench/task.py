"""What a task is: a plain frozen value at the foot of its room."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from vnnews_bench.counts import Atoms
from vnnews_bench.errors import Finding
from vnnews_bench.records import Document, Record, RegistryEntry, ZoneType

Documents = Sequence[Document | None]
Registry = Mapping[str, RegistryEntry]


class Metric(msgspec.Struct, frozen=True):
    """What one score compares: the layer that it reads, and the atoms that gold and predicted rows claim."""

    layer: str
    atoms: Callable[[Any, Any], tuple[Atoms, Atoms]]


def alike(layer: str, atoms: Callable[[Any], Atoms]) -> Metric:
    """A metric whose atoms on one side do not depend on the other side."""
    return Metric(layer, lambda gold, predicted: (atoms(gold), atoms(predicted)))


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """One task.

    `table` turns records (one per text, with the document where it is known) into the rows that the metrics read. `metrics`
    has the headline first. `resolved` gives a prediction the ids of the gold that it is compared with. `breakdown` gives every
    gold annotation a group, whose recall under the headline is reported. `views` turn a layer into another scheme's.
    `check` is level 4 of validation.
    """

    name: str
    about: str
    labels: tuple[str, ...]
    zones: tuple[ZoneType, ...]
    table: Callable[[Sequence[Record], Documents], Any]
    metrics: Mapping[str, Metric]
    check: Callable[[Record, Document, Registry], Iterator[Finding]]
    breakdown: tuple[str, tuple[str, ...], Callable[[Sequence[Record], Documents], list[str]]]
    views: Mapping[str, Callable[[Record], Record]] = {}
    resolved: Callable[[Record, Record, Registry], Record] = lambda record, gold, registry: record

    @property
    def headline(self) -> str:
        """The metric that ranks systems."""
        return next(iter(self.metrics))

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers that the metrics read, that of the headline first."""
        return tuple(dict.fromkeys(metric.layer for metric in self.metrics.values()))
