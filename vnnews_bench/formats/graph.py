"""A record as a graph of labelled spans: what every annotation tool has in common.

    an entity    a node PER, ORG, GPE, LOC, FAC, EVENT or MISC
    a timex      a node DATE, TIME, DURATION, SET, or TIMEX3 where it has no type
    a quotation  a node DIRECT, MIXED, …, or QUOTE where it has no type; CUE, SPEAKER and PART nodes that it points to
    an event     a node MEET, VISIT, …; its further mentions are nodes that it points to

A node has spans, and the other fields of its annotation as attributes: strings, with `begin.earliest` for a field in a field
and `a|b` for several values. Where a tool has spans of one part only, further parts are PART nodes under an edge `spans`.
Offsets are Unicode code points.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, get_args

import msgspec

from vnnews_bench.formats.exchange import Gathering, Loss, label_of
from vnnews_bench.records import LAYERS, Entity, Event, EventType, Quote, QuoteType, Record, Span, Speaker, Timex, TimexType

CUE, SPEAKER, PART, QUOTE, TIMEX3 = "CUE", "SPEAKER", "PART", "QUOTE", "TIMEX3"
SATELLITES = (CUE, SPEAKER, PART)
_EDGES = {"cues": CUE, "speaker": SPEAKER, "via": SPEAKER, "inner": PART, "direct": PART, "spans": PART}
_SPOKEN = {"cue": "cues", "via": "via", "mentions": "mention", "span": "spans"}  # how others may call an edge


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """A labelled span, or one in several parts."""

    id: str
    label: str
    spans: tuple[Span, ...]
    attributes: dict[str, str] = {}
    line: int | None = None


class Edge(msgspec.Struct, frozen=True, kw_only=True):
    """A labelled relation between two nodes, by their ids."""

    source: str
    target: str
    label: str
    line: int | None = None


class Graph(msgspec.Struct, frozen=True, kw_only=True):
    """The nodes and edges of one document."""

    nodes: list[Node]
    edges: list[Edge]


def layer_of(label: str) -> tuple[str, str | None] | None:
    """The layer and our label of a foreign label; `None` for a label that this benchmark does not have."""
    name = label.strip().upper()
    entity = label_of(label)
    if entity is not None:
        return "entities", entity
    if name in ("TIMEX3", "TIMEX") or name in get_args(TimexType):
        return "timexes", name if name in get_args(TimexType) else None
    if name in (QUOTE, "QUOTATION") or name in get_args(QuoteType):
        return "quotes", name if name in get_args(QuoteType) else None
    return ("events", name) if name in get_args(EventType) else None


def of(record: Record, losses: list[Loss], one_part: bool = False) -> Graph:
    """The graph of a record; with `one_part` every node has one span. An empty layer leaves no trace, which is a loss."""
    nodes: list[Node] = []
    edges: list[Edge] = []

    def add(
        label: str, spans: Sequence[Span], attributes: dict[str, str] | None = None, under: tuple[str, str] | None = None
    ) -> str:
        id = f"n{len(nodes) + 1}"
        parts = [tuple(spans[:1]), *((span,) for span in spans[1:])] if one_part else [tuple(spans)]
        nodes.append(Node(id=id, label=label, spans=parts[0], attributes=attributes or {}))
        if under is not None:
            edges.append(Edge(source=under[0], target=id, label=under[1]))
        for part in parts[1:]:
            add(PART, part, None, (id, "spans"))
        return id

    for layer in LAYERS:
        items = getattr(record, layer)
        if items == ():
            losses.append(Loss(kind="field", message=f"{layer}: that there are none", document=record.id, annotations=0))
        for item in items or ():
            match item:
                case Event(mentions=()) | Quote(spans=()):
                    losses.append(Loss(kind="malformed", message=f"{layer}: no span of the text", document=record.id))
                case Entity():
                    add(item.label, [(item.start, item.end)], _attributes(item, {"start", "end", "text", "label"}))
                case Timex():
                    add(item.type or TIMEX3, [(item.start, item.end)], _attributes(item, {"start", "end", "text", "type"}))
                case Event():
                    id = add(item.type, item.mentions[:1], _attributes(item, {"type", "mentions"}))
                    for mention in item.mentions[1:]:
                        add(item.type, [mention], None, (id, "mention"))
                case Quote():
                    id = add(item.type or QUOTE, item.spans, _attributes(item, {"type", *_EDGES, *_SPOKEN}))
                    for name, spans in _pointed(item, losses, record.id):
                        for span in spans:
                            add(_EDGES[name], [span], None, (id, name))
    return Graph(nodes=nodes, edges=edges)


def _pointed(quote: Quote, losses: list[Loss], id: str) -> Iterator[tuple[str, Sequence[Span]]]:
    """What a quotation points to, by edge."""
    for name in ("cues", "inner", "direct"):
        yield name, getattr(quote, name)
    for name in ("speaker", "via"):
        who: Speaker | None = getattr(quote, name)
        if who is not None:
            yield name, who.mentions
            if who == Speaker():
                losses.append(Loss(kind="field", message=f"quotes.{name}: that nobody is named", document=id, annotations=0))


def _attributes(item: Entity | Timex | Quote | Event, without: set[str]) -> dict[str, str]:
    """The fields of an annotation as strings; of speakers all but their mentions."""
    found: dict[str, str] = {}
    for name, value in msgspec.to_builtins(item).items():
        if isinstance(value, dict):
            found |= {
                f"{name}.{key}": _string(inner) for key, inner in value.items() if key != "mentions" and inner is not None
            }
        elif name not in without and name not in _EDGES:
            found[name] = _string(value)
    return found


def _string(value: Any) -> str:
    if isinstance(value, list | tuple):
        plain = value and all(isinstance(part, str) and part and "|" not in part and part[0] != "[" for part in value)
        return "|".join(value) if plain else msgspec.json.encode(value).decode()
    return str(value).lower() if isinstance(value, bool) else str(value)


_NESTED = {"speaker", "via", "begin", "end"}  # fields with fields
_PLACES = {"start", "text", "label", *_EDGES, "mentions"} - _NESTED  # what the spans and the label of a node say
_LISTS = {"alternatives", "basis", "entities"}


def record_of(graph: Graph, id: str, length: int) -> tuple[Record, list[Loss]]:
    """The record of a graph. Its layers are those of which it has an annotation, or entities where it has none at all."""
    nodes = [msgspec.structs.replace(n, label=n.label.upper()) if n.label.upper() in SATELLITES else n for n in graph.nodes]
    by_id = {node.id: node for node in nodes}
    known = {node.id: found for node in nodes if (found := layer_of(node.label)) is not None}
    gathered = Gathering(id, {layer for layer, _ in known.values()} or {"entities"}, length)
    pointed: dict[str, list[tuple[str, Node]]] = {}
    absorbed: set[str] = set()
    same: list[tuple[str, str]] = []  # mentions of one event
    for edge in graph.edges:
        name = _SPOKEN.get(edge.label.lower(), edge.label.lower())
        source, target = by_id.get(edge.source), by_id.get(edge.target)
        of_type = known.get(source.id) if source is not None else None
        if source is None or target is None or not _fits(of_type, name, target, known):
            gathered.lose("relation", f"the relation {edge.label!r}", edge.line, 0)
            continue
        if name == "mention":
            same.append((source.id, target.id))
            continue
        pointed.setdefault(source.id, []).append((name, target))
        absorbed |= {target.id} if target.label in SATELLITES else set()
    for head, others in _events(same):
        pointed[head] = [("mention", by_id[other]) for other in others]
        absorbed |= set(others)
    for node in nodes:
        if node.id in absorbed:
            for name in node.attributes:
                gathered.lose("field", f"{name} of a further mention or part", node.line, 0)
            continue
        if node.id not in known:
            satellite = node.label in SATELLITES
            gathered.lose("unattached" if satellite else "label", f"{node.label!r} {list(node.spans)}", node.line)
            continue
        layer, label = known[node.id]
        targets = pointed.get(node.id, [])
        own = sum(target.id in absorbed for _, target in targets)
        gathered.take(layer, _fields(layer, label, node, targets, gathered), node.line, 1 + own)
    return gathered.record(), gathered.losses


def _events(same: Sequence[tuple[str, str]]) -> Iterator[tuple[str, list[str]]]:
    """Mentions that are related, in any chain or circle, as one event: the first that none points to, and the others."""
    groups: dict[str, dict[str, None]] = {}
    for source, target in same:
        joined = groups.get(source, {source: None}) | groups.get(target, {target: None})
        for member in joined:
            groups[member] = joined
    pointed = {target for source, target in same if source != target}
    for group in {id(group): group for group in groups.values()}.values():
        head = next((member for member in group if member not in pointed), next(iter(group)))
        yield head, [member for member in group if member != head]


def _fits(of_type: tuple[str, str | None] | None, name: str, target: Node, known: dict[str, tuple[str, str | None]]) -> bool:
    """Whether an edge means something: from a quotation to its parts, or between mentions of events of one type."""
    layer = of_type[0] if of_type is not None else None
    if layer == "events":
        return name == "mention" and known.get(target.id) == of_type
    if layer == "quotes":
        return name in _EDGES and (target.label == _EDGES[name] or (name in ("speaker", "via") and target.id in known))
    return False


def _fields(
    layer: str, label: str | None, node: Node, targets: Iterable[tuple[str, Node]], gathered: Gathering
) -> dict[str, Any]:
    """The builtin values of an annotation; an attribute that it does not have is a loss."""
    fields: dict[str, Any] = {}
    for name, value in node.attributes.items():
        outer, dot, inner = name.partition(".")
        if (outer in _NESTED) != bool(dot) or name in _PLACES or inner == "mentions":
            gathered.lose("field", f"{layer}.{name}", node.line, 0)
        elif dot:
            fields.setdefault(outer, {})[inner] = _values(inner, value)
        else:
            fields[name] = _values(name, value)
    if label is not None:
        fields["label" if layer == "entities" else "type"] = label
    if layer in ("entities", "timexes"):
        fields |= {"start": node.spans[0][0], "end": node.spans[-1][1]}
        if len(node.spans) > 1:
            gathered.lose("parts", f"{node.label} {list(node.spans)} as one", node.line, 0)
        return fields
    if layer == "events":
        fields["mentions"] = [*node.spans, *(span for _, target in targets for span in target.spans)]
        return fields
    fields["spans"] = [*node.spans, *(span for name, target in targets if name == "spans" for span in target.spans)]
    for name in ("cues", "inner", "direct"):
        fields[name] = [span for other, target in targets if other == name for span in target.spans]
    for name in ("speaker", "via"):
        mentions = [span for other, target in targets if other == name for span in target.spans]
        if mentions:
            fields.setdefault(name, {})
        if isinstance(fields.get(name), dict):
            fields[name]["mentions"] = mentions
    return fields


def _values(name: str, value: str) -> Any:
    """A list for the fields that are lists."""
    if name not in _LISTS:
        return value
    try:
        found = msgspec.json.decode(value) if value.startswith("[") else None
    except msgspec.DecodeError:
        found = None
    return found if isinstance(found, list) else value.split("|")
