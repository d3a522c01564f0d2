"""Named entities: PER ORG GPE LOC FAC EVENT MISC, nested to any depth, with metonymy.

Conventions
    * Spans are half-open, in code points of the text as received.
    * The VLSP view (VLSP 2016 and 2018 shared tasks) has PER ORG LOC MISC: GPE, LOC and FAC become LOC, EVENT becomes MISC, and
      only outermost spans count. The UNER view (Universal NER, Mayhew et al. 2024) has PER ORG LOC and nothing else.
    * Two entities on the same span do not contain each other.

Metrics
    `strict` (headline)  VLSP label, start and end of outermost spans; on legal flat input the counts of seqeval and conlleval
    `nested`             full label, start and end of all spans
    `span`               start and end of outermost spans, whatever the label
    `chars`              VLSP label of each code point of outermost spans: a span half right earns half
    `metonymy`           full label, start, end and metonymy of all spans
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, combinations
from typing import Any, NamedTuple, get_args

import msgspec
import numpy as np

from vnnews_bench.counts import Atoms, Columns, Ints, columns, spread, whole
from vnnews_bench.errors import Finding, listing
from vnnews_bench.records import Document, Entity, Label, Metonymy, Record, RegistryEntry
from vnnews_bench.task import Breakdown, Documents, Task, alike
from vnnews_bench.text import fold

LABELS: tuple[str, ...] = get_args(Label)
METONYMY: tuple[str, ...] = get_args(Metonymy)
VIEWS: dict[str, dict[str, str]] = {
    "vlsp": {"PER": "PER", "ORG": "ORG", "GPE": "LOC", "LOC": "LOC", "FAC": "LOC", "EVENT": "MISC", "MISC": "MISC"},
    "uner": {"PER": "PER", "ORG": "ORG", "GPE": "LOC", "LOC": "LOC", "FAC": "LOC"},
}
HONORIFICS = ("ông", "bà", "anh", "chị", "cô", "chú", "bác", "ngài", "tổng thống", "chủ tịch", "thủ tướng", "bộ trưởng")


_NUMBER_OF: dict[str, int] = {label: n for n, label in enumerate(LABELS)}
_KIND_OF: dict[str | None, int] = {None: 0} | {kind: n for n, kind in enumerate(METONYMY, 1)}


class Rows(NamedTuple):
    """The entities of several texts, and those of them that count in the VLSP view."""

    every: Columns
    vlsp: Columns


def table(records: Sequence[Record], documents: Documents, entities: Columns | None = None) -> Rows:
    """The entities of several texts as rows; `value` is 0 without metonymy, else its kind counted from 1."""
    every = columns_of([record.entities or () for record in records]) if entities is None else entities
    return Rows(every, flat(every, "vlsp"))


def columns_of(texts: Sequence[Sequence[Entity]]) -> Columns:
    """The entities of several texts as columns."""
    items = list(chain.from_iterable(texts))
    text = np.repeat(np.arange(len(texts)), list(map(len, texts)))
    kinds = [item.metonymy for item in items]
    return columns(
        LABELS,
        text,
        np.array([_NUMBER_OF[item.label] for item in items], dtype=np.int64),
        np.array([item.start for item in items], dtype=np.int64),
        np.array([item.end for item in items], dtype=np.int64),
        None if kinds.count(None) == len(kinds) else np.array([_KIND_OF[kind] for kind in kinds], dtype=np.int64),
    )


def outermost(rows: Columns) -> Columns:
    """The rows that lie inside no longer row of their text."""
    if not len(rows.text):
        return rows
    order = _reading_order(rows)
    text, start, end = (
        (rows.text, rows.start, rows.end) if order is None else (c[order] for c in (rows.text, rows.start, rows.end))
    )
    # offsets grow with the text's number, so that one running maximum serves all texts
    base = text * (int(end.max()) + 1)
    reach = np.maximum.accumulate(np.concatenate(([-1], (base + end)[:-1])))
    outer = reach < base + end
    # an identical span stands or falls with the first of its kind
    same = np.concatenate(([False], (text[1:] == text[:-1]) & (start[1:] == start[:-1]) & (end[1:] == end[:-1])))
    if same.any():
        outer = outer[np.maximum.accumulate(np.where(same, 0, np.arange(len(outer))))]
    return rows.take(outer if order is None else np.sort(order[outer]))


def _reading_order(rows: Columns) -> Ints | None:
    """The order by text, start, and the longer span first; `None` when the rows have it, as they mostly do."""
    text, start, end = np.diff(rows.text), np.diff(rows.start), np.diff(rows.end)
    if ((text > 0) | ((text == 0) & ((start > 0) | ((start == 0) & (end <= 0))))).all():
        return None
    return np.lexsort((-rows.end, rows.start, rows.text))


def relabelled(rows: Columns, mapping: Mapping[str, str]) -> Columns:
    """The rows under another set of labels; rows whose label has none there fall away."""
    target = tuple(dict.fromkeys(mapping.values()))
    number: Ints = np.array([target.index(mapping[label]) if label in mapping else -1 for label in rows.labels])
    found = rows._replace(labels=target, label=number[rows.label])
    return found if (number >= 0).all() else found.take(found.label >= 0)


def flat(rows: Columns, scheme: str) -> Columns:
    """The outermost rows under the labels of a view."""
    return outermost(relabelled(rows, VIEWS[scheme]))


def strict(rows: Rows) -> Atoms:
    """(VLSP label, start, end) of outermost spans."""
    return whole(rows.vlsp, (rows.vlsp.start, rows.vlsp.end))


def nested(rows: Rows) -> Atoms:
    """(full label, start, end) of all spans."""
    return whole(rows.every, (rows.every.start, rows.every.end))


def span(rows: Rows) -> Atoms:
    """(start, end) of outermost spans."""
    return whole(rows.vlsp, (rows.vlsp.start, rows.vlsp.end), labelled=False)


def chars(rows: Rows) -> Atoms:
    """(VLSP label, each code point) of outermost spans."""
    return spread(rows.vlsp)


def metonymy(rows: Rows) -> Atoms:
    """(full label, start, end, metonymy) of all spans."""
    return whole(rows.every, (rows.every.start, rows.every.end, rows.every.value))


def view(entities: Sequence[Entity], scheme: str) -> tuple[Entity, ...]:
    """The entities under the labels of a view, outermost only, each claim once, in reading order."""
    rows = flat(columns_of([entities]), scheme)
    names = [rows.labels[label] for label in rows.label]
    claims = {
        (entities[row].start, entities[row].end, name): msgspec.structs.replace(entities[row], label=name)
        for row, name in zip(rows.row, names, strict=True)
    }
    return tuple(claims[key] for key in sorted(claims))


def holders(records: Sequence[Record], documents: Documents) -> Counter[Any]:
    """In how many documents each name, with its VLSP label, stands for an entity."""
    return Counter(name for document in _names(records, documents) for name in set(document))


def seen(records: Sequence[Record], documents: Documents, known: Counter[Any]) -> list[str]:
    """For every entity: does its name, with its VLSP label, stand in another document, too? `known` are the `holders`.

    This is what a model trained on the other documents (leave one document out) has seen; for a system that was not trained
    on the corpus the two groups are a control.
    """
    return ["seen" if known[name] > 1 else "unseen" for document in _names(records, documents) for name in document]


def _names(records: Sequence[Record], documents: Documents) -> list[list[tuple[str, str]]]:
    return [
        [(fold(document.text[e.start : e.end]), VIEWS["vlsp"][e.label]) for e in record.entities or ()]
        for record, document in zip(records, documents, strict=True)
        if document is not None
    ]


def differences(gold: Entity, predicted: Entity) -> list[tuple[str, str]]:
    """In what a predicted entity differs from the gold one that it overlaps: extent, VLSP label, or both at once."""
    kinds = ["boundary"] if (gold.start, gold.end) != (predicted.start, predicted.end) else []
    labels = VIEWS["vlsp"][gold.label], VIEWS["vlsp"][predicted.label]
    kinds += ["label"] if labels[0] != labels[1] else []
    return [(" and ".join(kinds), f"{labels[1]} for {labels[0]}" if "label" in kinds else "")] if kinds else []


def check(record: Record, document: Document, registry: Mapping[str, RegistryEntry]) -> Iterator[Finding]:
    """What breaks the guidelines in the entity layer of a gold record."""
    entities = record.entities or ()
    for n, entity in enumerate(entities):
        path = f"$.entities[{n}]"
        yield from _edges(entity, path, document)
        yield from _identity(entity, path, document, registry)
        if entity.metonymy is not None and (entity.metonymy == entity.label or entity.label == "PER"):
            message = f"{entity.label} cannot stand for {entity.metonymy}"
            yield Finding(code="metonymy-label", path=f"{path}.metonymy", message=message)
        if entity.demonym and entity.label != "GPE":
            message = f"a demonym is a GPE, not {entity.label}"
            yield Finding(code="demonym-label", path=f"{path}.demonym", message=message)
    for (m, one), (n, other) in combinations(enumerate(entities), 2):
        path = f"$.entities[{n}]"
        if (one.start, one.end) == (other.start, other.end):
            message = f"has the span of $.entities[{m}], {one.label}"
            yield Finding(code="entity-same-span", path=path, message=message)
        elif one.start < other.start < one.end < other.end or other.start < one.start < other.end < one.end:
            message = f"[{other.start}, {other.end}) crosses [{one.start}, {one.end}) of $.entities[{m}]"
            yield Finding(code="entity-crossing", path=path, message=message)


def _edges(entity: Entity, path: str, document: Document) -> Iterator[Finding]:
    there = document.text[entity.start : entity.end]
    if there.strip(" \t\r\n\u00a0_") != there:
        yield Finding(code="span-edge-space", path=path, message=f"{there!r} begins or ends with white space or _")
    surname = there[:1].isupper() and not any(start == entity.start for start, _ in document.sentences)  # “Ông” is one
    if not any(start <= entity.start and entity.end <= end for start, end in document.sentences):
        yield Finding(code="entity-crosses-sentence", path=path, message=f"{there!r} lies in no single sentence")
    folded = fold(there)
    title = next((word for word in HONORIFICS if folded.startswith(word + " ") and not (surname and " " not in word)), None)
    if entity.label == "PER" and title is not None and " " in folded.removeprefix(title + " "):
        yield Finding(code="entity-title-inside", path=path, message=f"{there!r} begins with the title {title!r}")


def _identity(entity: Entity, path: str, document: Document, registry: Mapping[str, RegistryEntry]) -> Iterator[Finding]:
    there = document.text[entity.start : entity.end]
    if entity.entity is None:
        yield Finding(code="entity-missing-id", path=path, message=f"{there!r} has no registry id under `entity`")
        return
    entry = registry.get(entity.entity)
    if entry is None:
        near = [key for key in registry if key.partition(":")[0] == entity.entity.partition(":")[0]]
        message = f"{entity.entity!r} is not in registry.json; there are {listing(near)}"
        yield Finding(code="entity-unknown-id", path=f"{path}.entity", message=message)
        return
    if entry.label != entity.label:
        message = f"{entity.label} differs from {entity.entity}, which is {entry.label}"
        yield Finding(code="entity-label-registry", path=f"{path}.label", message=message)
    names = [entry.name, *entry.aliases]
    if fold(there) not in map(fold, names):
        message = f"{there!r} is no name of {entity.entity}; its names are {listing(names)}"
        yield Finding(code="entity-name-unlisted", path=f"{path}.entity", message=message)


def _viewed(record: Record, scheme: str) -> Record:
    return msgspec.structs.replace(record, entities=view(record.entities or (), scheme))


TASK = Task(
    name="ner",
    about="named entities, nested, with metonymy",
    labels=LABELS,
    zones=("title", "body", "caption", "subhead"),
    table=table,
    metrics={
        name: alike("entities", atoms)
        for name, atoms in {"strict": strict, "nested": nested, "span": span, "chars": chars, "metonymy": metonymy}.items()
    },
    check=check,
    differences=differences,
    breakdown=Breakdown("name in another document", ("seen", "unseen"), seen, holders),
    views={scheme: partial(_viewed, scheme=scheme) for scheme in VIEWS},
)
