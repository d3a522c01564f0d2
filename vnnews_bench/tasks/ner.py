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
from itertools import combinations
from typing import get_args

import msgspec
import numpy as np

from vnnews_bench.counts import Atoms, Columns, Ints, columns, spread, whole
from vnnews_bench.errors import Finding, listing
from vnnews_bench.records import Document, Entity, Label, Metonymy, Record, RegistryEntry
from vnnews_bench.task import Documents, Task, alike
from vnnews_bench.text import fold

LABELS: tuple[str, ...] = get_args(Label)
METONYMY: tuple[str, ...] = get_args(Metonymy)
VIEWS: dict[str, dict[str, str]] = {
    "vlsp": {"PER": "PER", "ORG": "ORG", "GPE": "LOC", "LOC": "LOC", "FAC": "LOC", "EVENT": "MISC", "MISC": "MISC"},
    "uner": {"PER": "PER", "ORG": "ORG", "GPE": "LOC", "LOC": "LOC", "FAC": "LOC"},
}
HONORIFICS = ("ông", "bà", "anh", "chị", "cô", "chú", "bác", "ngài", "tổng thống", "chủ tịch", "thủ tướng", "bộ trưởng")


def table(texts: Sequence[Sequence[Entity]]) -> Columns:
    """The entities of several texts as columns; `value` is 0 without metonymy, else its kind counted from 1."""
    number = {label: n for n, label in enumerate(LABELS)}
    kinds = {None: 0} | {kind: n for n, kind in enumerate(METONYMY, 1)}
    rows = [(t, number[e.label], e.start, e.end, kinds[e.metonymy]) for t, entities in enumerate(texts) for e in entities]
    text, label, start, end, value = np.array(rows, dtype=np.int64).reshape(-1, 5).T
    return columns(LABELS, text, label, start, end, value)


def outermost(rows: Columns) -> Columns:
    """The rows that lie inside no longer row of their text."""
    order = np.lexsort((-rows.end, rows.start, rows.text))
    text, start, end = rows.text[order], rows.start[order], rows.end[order]
    # offsets grow with the text's number, so that one running maximum serves all texts
    base = text * (int(end.max()) + 1 if len(end) else 1)
    reach = np.maximum.accumulate(np.concatenate(([-1], (base + end)[:-1]))) if len(end) else end
    same = np.zeros(len(order), dtype=bool)
    same[1:] = (text[1:] == text[:-1]) & (start[1:] == start[:-1]) & (end[1:] == end[:-1])
    outer = reach < base + end
    # an identical span stands or falls with the first of its kind
    firsts = np.maximum.accumulate(np.where(same, 0, np.arange(len(order))))
    return rows.take(np.sort(order[outer[firsts]]))


def relabelled(rows: Columns, mapping: Mapping[str, str]) -> Columns:
    """The rows under another set of labels; rows whose label has none there fall away."""
    target = tuple(dict.fromkeys(mapping.values()))
    number: Ints = np.array([target.index(mapping[label]) if label in mapping else -1 for label in rows.labels])
    kept = rows.take(number[rows.label] >= 0)
    return kept._replace(labels=target, label=number[kept.label])


def flat(rows: Columns, scheme: str) -> Columns:
    """The outermost rows under the labels of a view."""
    return outermost(relabelled(rows, VIEWS[scheme]))


def strict(rows: Columns) -> Atoms:
    """(VLSP label, start, end) of outermost spans."""
    rows = flat(rows, "vlsp")
    return whole(rows, (rows.start, rows.end))


def nested(rows: Columns) -> Atoms:
    """(full label, start, end) of all spans."""
    return whole(rows, (rows.start, rows.end))


def span(rows: Columns) -> Atoms:
    """(start, end) of outermost spans."""
    rows = flat(rows, "vlsp")
    return whole(rows, (rows.start, rows.end), labelled=False)


def chars(rows: Columns) -> Atoms:
    """(VLSP label, each code point) of outermost spans."""
    return spread(flat(rows, "vlsp"))


def metonymy(rows: Columns) -> Atoms:
    """(full label, start, end, metonymy) of all spans."""
    return whole(rows, (rows.start, rows.end, rows.value))


def view(entities: Sequence[Entity], scheme: str) -> tuple[Entity, ...]:
    """The entities under the labels of a view, outermost only, each claim once, in reading order."""
    rows = flat(table([entities]), scheme)
    names = [rows.labels[label] for label in rows.label]
    claims = {
        (entities[row].start, entities[row].end, name): msgspec.structs.replace(entities[row], label=name)
        for row, name in zip(rows.row, names, strict=True)
    }
    return tuple(claims[key] for key in sorted(claims))


def seen(records: Sequence[Record], documents: Documents) -> list[str]:
    """For every entity: was its name, with its VLSP label, among the entities of the other documents?

    This is what a model trained on the other documents (leave one document out) has seen; for a system that was not trained
    on the corpus the two groups are a control.
    """
    names = [
        [(fold(document.text[e.start : e.end]), VIEWS["vlsp"][e.label]) for e in record.entities or ()]
        for record, document in zip(records, documents, strict=True)
        if document is not None
    ]
    holders = Counter(name for document in names for name in set(document))
    return ["seen" if holders[name] > 1 else "unseen" for document in names for name in document]


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
    if not any(start <= entity.start and entity.end <= end for start, end in document.sentences):
        yield Finding(code="entity-crosses-sentence", path=path, message=f"{there!r} lies in no single sentence")
    folded = fold(there)
    title = next((word for word in HONORIFICS if folded.startswith(word + " ")), None)
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
    table=lambda records, documents: table([record.entities or () for record in records]),
    metrics={
        name: alike("entities", atoms)
        for name, atoms in {"strict": strict, "nested": nested, "span": span, "chars": chars, "metonymy": metonymy}.items()
    },
    check=check,
    differences=differences,
    breakdown=("name in another document", ("seen", "unseen"), seen),
    views={scheme: partial(_viewed, scheme=scheme) for scheme in VIEWS},
)
