"""doccano's JSONL: a text a line, with `entities` and `relations`, or with `label` as `[[start, end, "PER"], …]`.

Conventions
    * Offsets count UTF-16 code units, as doccano's page does; they differ from code points behind an emoji. (Projects with the
      setting "count grapheme clusters as one character" export a third unit, which is not read.)
    * A document's id is its `document`, which we write, or else its `id`.
There are no attributes: what an annotation has besides span and label is lost.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from vnnews_bench.align import units
from vnnews_bench.errors import BenchError
from vnnews_bench.formats import graph
from vnnews_bench.formats.exchange import Loss, Read, Source, Written, document_id
from vnnews_bench.formats.graph import Edge, Graph, Node
from vnnews_bench.records import Document, Record

_META = {"id", "document", "text", "label", "labels", "entities", "relations", "Comments", "comments", "cats"}


def looks_like(first: Any) -> bool:
    """Whether the first row has a text, and labels with offsets of doccano's forms."""
    if not isinstance(first, dict) or not isinstance(first.get("text"), str):
        return False
    spans = first.get("label", first.get("labels"))
    if isinstance(spans, list) and (not spans or isinstance(spans[0], list)):
        return True
    entities = first.get("entities")
    return isinstance(entities, list) and (
        "relations" in first or any("start_offset" in e for e in entities if isinstance(e, dict))
    )


def read(source: Source) -> Read:
    """The rows of a file. Raises `BenchError` with the line of a row that has no text, or a span outside of it."""
    records: list[Record] = []
    texts: dict[str, Document] = {}
    losses: list[Loss] = []
    for number, line in enumerate(source.text().split("\n"), 1):
        if not line.strip():
            continue
        row = source.json(line, number)
        if not isinstance(row, dict) or not isinstance(row.get("text"), str):
            raise source.refused(number, "is no row of doccano: an object with a `text`")
        name = row.get("document", row.get("id"))
        id = document_id(str(name), len(records) + 1) if name is not None else f"d{len(records) + 1}"
        if id in texts:
            raise source.refused(number, f"{id} has a row already")
        made = _graph(source, number, row)
        record, lost = graph.record_of(made, id, len(row["text"]))
        records.append(record)
        texts[id] = Document(id=id, text=row["text"])
        losses += lost
        losses += [
            Loss(kind="field", message=f"the row's {key!r}", document=id, line=number, annotations=0)
            for key in sorted(row.keys() - _META)
        ]
    if not records:
        raise source.refused(None, "holds no row")
    return Read(records=records, texts=texts, losses=tuple(losses))


def _graph(source: Source, number: int, row: Mapping[str, Any]) -> Graph:
    places = units(row["text"], "utf-16")
    nodes: list[Node] = []
    spans = row.get("label", row.get("labels"))
    entities = row.get("entities") if spans is None else [_named(span) for span in _list(source, number, spans)]
    for n, entity in enumerate(_list(source, number, entities)):
        match entity:
            case {"start_offset": int(start), "end_offset": int(end), "label": str(label)}:
                try:
                    span = places.code_point(start), places.code_point(end)
                except BenchError as error:
                    raise source.refused(number, f"annotation {n + 1}: {error}") from None
                if span[0] >= span[1]:
                    raise source.refused(number, f"annotation {n + 1}: [{start}, {end}) is no span")
                id = f"{entity['id']}" if "id" in entity else f"n{n}"
                nodes.append(Node(id=id, label=label, spans=(span,), line=number))
            case _:
                raise source.refused(number, f"annotation {n + 1} has no start_offset, end_offset and label")
    if len({node.id for node in nodes}) < len(nodes):
        raise source.refused(number, "two annotations have one id")
    edges: list[Edge] = []
    for n, relation in enumerate(_list(source, number, row.get("relations"))):
        match relation:
            case {"from_id": start, "to_id": end, "type": str(label)}:
                edges.append(Edge(source=str(start), target=str(end), label=label, line=number))
            case _:
                raise source.refused(number, f"relation {n + 1} has no from_id, to_id and type")
    return Graph(nodes=nodes, edges=edges)


def _named(span: Any) -> Any:
    match span:
        case [start, end, label]:
            return {"start_offset": start, "end_offset": end, "label": label}
    return span


def _list(source: Source, number: int, value: Any) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise source.refused(number, "labels, entities and relations are arrays")
    return value


def write(documents: Mapping[str, Document], records: Sequence[Record]) -> Written:
    """A row for each document, with entities and relations; spans in several parts are related parts."""
    losses: list[Loss] = []
    lines: list[str] = []
    count = 0
    for n, record in enumerate(records, 1):
        text = documents[record.id].text
        places = units(text, "utf-16")
        whole = graph.of(record, losses, one_part=True)
        number = {node.id: count + m for m, node in enumerate(whole.nodes, 1)}
        count += len(whole.nodes)
        entities = [
            {
                "id": number[node.id],
                "label": node.label,
                "start_offset": places.offset(node.spans[0][0]),
                "end_offset": places.offset(node.spans[0][1]),
            }
            for node in whole.nodes
        ]
        relations = [
            {"id": m, "from_id": number[edge.source], "to_id": number[edge.target], "type": edge.label}
            for m, edge in enumerate(whole.edges, 1)
        ]
        losses += [
            Loss(kind="field", message=name, document=record.id, annotations=0)
            for node in whole.nodes
            for name in node.attributes
        ]
        row = {"id": n, "document": record.id, "text": text, "entities": entities, "relations": relations}
        lines.append(json.dumps(row, ensure_ascii=False) + "\n")
    return Written(files={"records.jsonl": "".join(lines).encode("utf-8", "replace")}, losses=tuple(losses))
