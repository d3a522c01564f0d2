"""From two passes to gold: what two readers see differently, and the record that the decisions make of their passes.

Annotations of the two readers are matched as for agreement. Ids are each reader's own, so those of B are first written as A's
for whatever matches; then two matched annotations differ in their fields, and what has no match is one reader's alone.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from vnnews_bench import drafts, schema
from vnnews_bench.agreement import MATCHES
from vnnews_bench.errors import BenchError, listing
from vnnews_bench.pairs import extent
from vnnews_bench.records import LAYERS, Annotation, Document, Record

Plain = dict[str, Any]
PREFIXES = {"entities": "e", "quotes": "q", "timexes": "t", "events": "ev"}
READINGS = ("A", "B", "neither", "own")


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """What two readers see differently in one place: the readings, `None` for a reader who has nothing there."""

    layer: str
    place: str
    a: Plain | None
    b: Plain | None

    @property
    def fields(self) -> dict[str, tuple[Any, Any]]:
        """The fields in which two readings differ; of a single reading, nothing."""
        if self.a is None or self.b is None:
            return {}
        return {
            name: pair for name in {**self.a, **self.b} if len(set(map(repr, pair := (self.a.get(name), self.b.get(name))))) > 1
        }


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What is decided of a difference: a reading, `neither`, or an annotation of one's `own`, written as in a draft."""

    layer: str
    place: str
    decision: str
    own: Plain | None = None


def differences(a: Record, b: Record, document: Document) -> list[Difference]:
    """What the readers see differently, layer by layer, in the order of the text."""
    pairs = _matched(a, _in_ids_of(a, b))
    return [
        Difference(layer=layer, place=_place(one or other, document), a=_plain(one), b=_plain(other))
        for layer in LAYERS
        for one, other in pairs[layer]
        if one != other
    ]


def decided(a: Record, b: Record, document: Document, decisions: Sequence[Decision]) -> Record:
    """The record that decisions make of two passes: where the readers agree theirs, elsewhere what was decided.

    Raises `BenchError` with the first difference that has no decision, and the first decision that decides nothing.
    """
    open_ = {(difference.layer, difference.place): difference for difference in differences(a, b, document)}
    taken = {(decision.layer, decision.place): decision for decision in decisions}
    for key in [*open_.keys() - taken.keys(), *taken.keys() - open_.keys()]:
        problem = "has no decision" if key in open_ else "is decided, and the readers do not differ there"
        raise BenchError(f"{document.id}: {key[0]}: {key[1]}: {problem}")
    kept: dict[str, list[Plain]] = {layer: [] for layer in LAYERS}
    for layer, pairs in _matched(a, _in_ids_of(a, b)).items():
        for one, other in pairs:
            key = (layer, _place(one or other, document))
            chosen = _plain(one) if one == other else _chosen(open_[key], taken[key], document)
            if chosen is not None:
                kept[layer].append(chosen)
    return numbered(schema.record({"id": document.id} | kept))


def numbered(record: Record) -> Record:
    """The record with its annotations in the order of the text, their ids counted from 1, and what refers to them."""
    layers: dict[str, list[Annotation]] = {
        layer: sorted(getattr(record, layer) or (), key=lambda item: (extent(item)[0][0], -extent(item)[0][1]))
        for layer in LAYERS
    }
    ids = {item.id: f"{PREFIXES[layer]}{n}" for layer, items in layers.items() for n, item in enumerate(items, 1) if item.id}
    fields = {layer: [_renamed(_built(item), ids) for item in items] for layer, items in layers.items()}
    return schema.record({"id": record.id} | fields)


def _chosen(difference: Difference, decision: Decision, document: Document) -> Plain | None:
    match decision.decision:
        case "A":
            return difference.a
        case "B":
            return difference.b
        case "neither":
            return None
        case "own" if decision.own is not None:
            made = drafts.resolve({difference.layer: [decision.own]}, document)
            return _built(getattr(made, difference.layer)[0])
    raise BenchError(
        f"{document.id}: {decision.place}: {decision.decision!r} is none of {listing(READINGS)} with its annotation"
    )


def _in_ids_of(a: Record, b: Record) -> Record:
    """B's record with A's ids, for annotations and for entities, wherever the two match."""
    ids: dict[str, str] = {}
    votes: dict[str, Counter[str]] = {}
    for layer in LAYERS:
        for one, other in MATCHES[layer](getattr(a, layer) or (), getattr(b, layer) or ()):
            ids[other.id] = one.id
            for mine, theirs in zip(_named(one), _named(other), strict=False):
                votes.setdefault(theirs, Counter())[mine] += 1
    own = [item.id for layer in LAYERS for item in getattr(b, layer) or () if item.id not in ids]
    ids |= {id: f"b{n}-b" for n, id in enumerate(own, 1)}
    ids |= {theirs: count.most_common(1)[0][0] for theirs, count in votes.items()}
    fields = {layer: [_renamed(_built(item), ids) for item in getattr(b, layer) or ()] for layer in LAYERS}
    return schema.record({"id": b.id} | fields)


def _named(item: Any) -> list[str]:
    """The ids of the entities that an annotation names."""
    whos = [who for who in (getattr(item, "speaker", None), getattr(item, "via", None)) if who is not None]
    return [item.entity] if getattr(item, "entity", None) else [id for who in whos for id in who.entities]


def _renamed(value: Any, ids: Mapping[str, str]) -> Any:
    """A value in which every id is written as `ids` has it; words are never ids, and ids never words."""
    if isinstance(value, dict):
        return {name: item if name in ("text", "value", "edtf") else _renamed(item, ids) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_renamed(item, ids) for item in value]
    return ids.get(value, value) if isinstance(value, str) else value


def _matched(a: Record, b: Record) -> dict[str, list[tuple[Any, Any]]]:
    """The matched annotations of each layer, and those that only one has, in the order of the text."""
    found = {}
    for layer in LAYERS:
        left, right = getattr(a, layer) or (), getattr(b, layer) or ()
        pairs: list[tuple[Any, Any]] = list(MATCHES[layer](left, right))
        mine, theirs = {id(one) for one, _ in pairs}, {id(other) for _, other in pairs}
        pairs += [(one, None) for one in left if id(one) not in mine]
        pairs += [(None, other) for other in right if id(other) not in theirs]
        found[layer] = sorted(pairs, key=_position)
    return found


def _position(pair: tuple[Any, Any]) -> Any:
    return extent(pair[0] or pair[1])[0]


def _place(item: Annotation, document: Document) -> str:
    """Where an annotation stands, for people: its id, the number of its sentence, its first words."""
    start, end = extent(item)[0]
    number = next((n for n, (a, b) in enumerate(document.sentences, 1) if a <= start < b), 0)
    words = document.text[start:end]
    return f"{item.id} [{number}] {words if len(words) < 60 else words[:59] + '…'}"


def _plain(item: Annotation | None) -> Plain | None:
    return None if item is None else _built(item)


def _built(item: Annotation) -> Plain:
    made: Plain = msgspec.to_builtins(item)
    return made
