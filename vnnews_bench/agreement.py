"""Agreement of two annotators: the metrics of the tasks with one annotator in place of the gold, and kappa on what matches.

Every zone counts. F1 is symmetric, so it does not matter which annotator stands for the gold. Items are matched one to one:
entities and time expressions by extent, quotes and events by the most shared content and triggers. Kappa (Cohen 1960) is over
matched pairs; it is undefined, and printed as a dash, where both annotators used a single value.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from vnnews_bench import batches, corpus, files
from vnnews_bench.counting import Frame, score
from vnnews_bench.errors import BenchError, listing
from vnnews_bench.pairs import by_overlap
from vnnews_bench.records import LAYERS, Document, Entity, Event, Quote, Record, Timex
from vnnews_bench.render import WIDE, Cell, Sheet, percent
from vnnews_bench.report import TaskReport
from vnnews_bench.tasks import TASKS, named

Pair = tuple[Any, Any]


class Matched(msgspec.Struct, frozen=True, kw_only=True):
    """Agreement in one field over the matched pairs of a layer; kappa for fields of few values."""

    layer: str
    field: str
    pairs: int
    agreed: int
    kappa: float | None


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """Two annotators compared: a report per task, and the fields of matched items."""

    a: str
    b: str
    texts: tuple[str, ...]
    tasks: dict[str, TaskReport]
    matched: list[Matched]


def agree(a: str, b: str, tasks: Sequence[str] = (), split: str = corpus.ALL) -> Agreement:
    """Compares two passes over the documents of a split that both have.

    A pass is the name of a folder in `annotations/passes`, a folder of `.json` records, or a file of records.
    Raises `BenchError` when one cannot be read or no document is common.
    """
    documents = corpus.load(corpus.ALL).documents
    left, right = (annotator(name, documents) for name in (a, b))
    texts = [id for id in left if id in right and id in corpus.load(split).documents]
    if not texts:
        there = f"{a} has {listing(list(left))}, {b} {listing(list(right))}"
        raise BenchError(f"{a} and {b} have no document of split {split!r} in common; {there}")
    chosen = named(tasks)
    layers = [layer for layer in LAYERS if any(layer in task.layers for task in chosen)]
    sides = [{id: record for id, record in side.items() if id in texts} for side in (left, right)]
    batch = batches.of_records(list(sides[0].values()), list(sides[1].values()), documents)
    return Agreement(
        a=a,
        b=b,
        texts=tuple(texts),
        tasks={task.name: score(task, batch, Frame(), task.breakdown.survey(batch.gold, batch.documents)) for task in chosen},
        matched=[row for layer in layers for row in _fields(layer, sides[0], sides[1])],
    )


def annotator(name: str, documents: Mapping[str, Document]) -> dict[str, Record]:
    """The records of one annotator by document, in the order of the corpus."""
    own = corpus.root() / "passes" / name
    path = own if own.is_dir() else Path(name)
    if not path.exists():
        there = sorted(folder.name for folder in (corpus.root() / "passes").iterdir() if folder.is_dir())
        raise BenchError(f"there is no pass {name!r}; there are {listing(there)}, and folders and files of records")
    paths = sorted(path.glob("*.json")) if path.is_dir() else [path]
    records = {record.id: record for file in paths for record in files.read(file, documents)}
    return {id: records[id] for id in documents if id in records}


def _fields(layer: str, left: Mapping[str, Record], right: Mapping[str, Record]) -> list[Matched]:
    pairs = [pair for id in left for pair in MATCHES[layer](getattr(left[id], layer) or (), getattr(right[id], layer) or ())]
    return [_compared(layer, field, value, kappa, pairs) for field, (value, kappa) in FIELDS[layer].items()]


def _compared(layer: str, field: str, value: Callable[[Any], Hashable], with_kappa: bool, pairs: Sequence[Pair]) -> Matched:
    values = [(value(one), value(other)) for one, other in pairs]
    agreed = sum(one == other for one, other in values)
    kappa = _kappa([str(one) for one, _ in values], [str(other) for _, other in values]) if with_kappa else None
    return Matched(layer=layer, field=field, pairs=len(values), agreed=agreed, kappa=kappa)


def _kappa(one: list[str], other: list[str]) -> float | None:
    from sklearn.metrics import cohen_kappa_score

    if len(set(one) | set(other)) < 2:
        return None
    return float(cohen_kappa_score(one, other))


def _same_extent(left: Sequence[Entity | Timex], right: Sequence[Entity | Timex]) -> list[Pair]:
    there = {(item.start, item.end): item for item in right}
    return [(item, there[item.start, item.end]) for item in left if (item.start, item.end) in there]


def _overlapping(left: Sequence[Any], right: Sequence[Any]) -> list[Pair]:
    return [(left[a], right[b]) for a, b in by_overlap(left, right)]


def _speakers(quote: Quote) -> Hashable:
    return quote.speaker and (quote.speaker.mentions, quote.speaker.kind)


def _interval(event: Event) -> Hashable:
    return event.begin, event.end


MATCHES: dict[str, Callable[[Sequence[Any], Sequence[Any]], list[Pair]]] = {
    "entities": _same_extent,
    "quotes": _overlapping,
    "timexes": _same_extent,
    "events": _overlapping,
}
# field: how it is read off an annotation, and whether it has few values, so that kappa says something
FIELDS: dict[str, dict[str, tuple[Callable[[Any], Hashable], bool]]] = {
    "entities": {
        "label": (lambda entity: entity.label, True),
        "metonymy": (lambda entity: entity.metonymy, True),
        "entity": (lambda entity: entity.entity, False),
    },
    "quotes": {
        "type": (lambda quote: quote.type, True),
        "act": (lambda quote: quote.act, True),
        "attribution": (lambda quote: quote.attribution, True),
        "speaker": (_speakers, False),
    },
    "timexes": {
        "type": (lambda timex: timex.type, True),
        "value": (lambda timex: timex.value, False),
        "bounds": (lambda timex: (timex.earliest, timex.latest), False),
    },
    "events": {
        "type": (lambda event: event.type, True),
        "modality": (lambda event: event.modality, True),
        "bounds": (_interval, False),
    },
}


def sheets(agreement: Agreement) -> list[Sheet]:
    """F1 by metric and, of a few articles, by article; F1 by label; the fields of matched items."""
    pair = f"{agreement.a} and {agreement.b}"
    made = []
    for name, report in agreement.tasks.items():
        rows: list[tuple[Cell, ...]] = []
        labels: list[tuple[Cell, ...]] = []
        columns = agreement.texts if len(agreement.texts) <= WIDE else ()
        for metric, table in report.metrics.items():
            by_text = [percent(table.by_text[text].f1) for text in columns]
            rows.append((metric, *by_text, percent(table.total.f1), table.total.gold, table.total.predicted))
            if metric in (TASKS[name].headline, "nested", "type"):
                labels += [
                    (f"{metric} {label}", percent(c.f1), c.gold, c.predicted)
                    for label, c in table.by_label.items()
                    if c.gold or c.predicted
                ]
        heads = ("F1", *columns, "all", agreement.a, agreement.b)
        made.append(Sheet(title=f"{name}: {pair}", heads=heads, rows=rows))
        if labels:
            made.append(Sheet(title=f"{name} by label", heads=("", "F1", agreement.a, agreement.b), rows=labels))
    lines: list[tuple[Cell, ...]] = [
        (m.layer, m.field, m.pairs, m.agreed, percent(m.agreed / m.pairs if m.pairs else None), percent(m.kappa))
        for m in agreement.matched
    ]
    heads = ("layer", "field", "matched", "agreed", "%", "kappa × 100")
    return [*made, Sheet(title=f"matched items: {pair}", heads=heads, rows=lines)]


def as_json(agreement: Agreement) -> dict[str, Any]:
    """The agreement as JSON: every count behind the tables."""
    return {
        "a": agreement.a,
        "b": agreement.b,
        "documents": list(agreement.texts),
        "tasks": {
            name: {
                metric: {
                    "f1": table.total.f1,
                    "labels": {label: counts.f1 for label, counts in table.by_label.items()},
                    "documents": {text: counts.f1 for text, counts in table.by_text.items()},
                }
                for metric, table in report.metrics.items()
            }
            for name, report in agreement.tasks.items()
        },
        "matched": [msgspec.to_builtins(row) for row in agreement.matched],
    }
