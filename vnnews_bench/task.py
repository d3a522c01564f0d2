"""What a task is: a plain frozen value at the foot of its room."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from vnnews_bench.counts import Atoms, Columns
from vnnews_bench.errors import Finding
from vnnews_bench.pairs import extent
from vnnews_bench.records import Annotation, Document, Event, Record, RegistryEntry, ZoneType

Documents = Sequence[Document | None]
Registry = Mapping[str, RegistryEntry]
Resolve = Callable[[Sequence[Record], Sequence[Record], Registry], Sequence[Record]]


class Metric(msgspec.Struct, frozen=True):
    """What one score compares: the layer that it reads, and the atoms that gold and predicted rows claim."""

    layer: str
    atoms: Callable[[Any, Any], tuple[Atoms, Atoms]]


def alike(layer: str, atoms: Callable[[Any], Atoms]) -> Metric:
    """A metric whose atoms on one side do not depend on the other side."""
    return Metric(layer, lambda gold, predicted: (atoms(gold), atoms(predicted)))


class Breakdown(msgspec.Struct, frozen=True):
    """Groups of gold annotations whose recall under the headline is reported.

    `of` gives the group of every annotation of some texts; `survey` counts what it must know of all texts, batch by batch.
    """

    about: str
    groups: tuple[str, ...]
    of: Callable[[Sequence[Record], Documents, Counter[Any]], list[str]]
    survey: Callable[[Sequence[Record], Documents], Counter[Any]] = lambda records, documents: Counter()


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """One task.

    `table` turns records (one per text, with the document where it is known) into the rows that the metrics read; it is given
    their entities as columns where these are known already. `metrics` has the headline first. `resolved` gives predictions,
    one per text, the ids of the gold that they are compared with. `views` turn a layer into another scheme's. `check` is
    level 4 of validation. `given` names the part of the gold that a track hands to systems, and makes it; `without_dct` is
    the gold of the track without a document date. `differences` tells in what a predicted annotation differs from the gold
    one that it stands for, as kinds and details. `remarks` are what a reader of a score must know of the predictions,
    `confusion` a table of gold against predicted values of matched annotations, counted over the rows of `table`.
    """

    name: str
    about: str
    labels: tuple[str, ...]
    zones: tuple[ZoneType, ...]
    table: Callable[[Sequence[Record], Documents, Columns | None], Any]
    metrics: Mapping[str, Metric]
    check: Callable[[Record, Document, Registry], Iterator[Finding]]
    breakdown: Breakdown
    views: Mapping[str, Callable[[Record], Record]] = {}
    resolved: Resolve = lambda predicted, gold, registry: predicted
    differences: Callable[[Any, Any], list[tuple[str, str]]]
    counts: Callable[[Any], bool] = lambda item: True
    given: tuple[str, Callable[[Record], Record]] | None = None
    without_dct: Callable[[Record], Record] = lambda record: record
    remarks: Callable[[Sequence[Record]], list[str]] = lambda records: []
    confusion: tuple[str, Callable[[Any, Any], Mapping[tuple[str, str], int]]] | None = None

    @property
    def headline(self) -> str:
        """The metric that ranks systems."""
        return next(iter(self.metrics))

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers that the metrics read, that of the headline first."""
        return tuple(dict.fromkeys(metric.layer for metric in self.metrics.values()))

    def counted(self, items: Sequence[Annotation], document: Document) -> tuple[Annotation, ...]:
        """The annotations that count: those that start in a scored zone; an event keeps the mentions that do."""
        kept: list[Annotation] = []
        for item in filter(self.counts, items):
            if isinstance(item, Event):
                mentions = tuple(span for span in item.mentions if document.zone_of(span[0]) in self.zones)
                item = msgspec.structs.replace(item, mentions=mentions)
                kept += [item] if mentions else []
            elif document.zone_of(extent(item)[0][0]) in self.zones:
                kept.append(item)
        return tuple(kept)
