"""Label Studio's JSON export, and its JSON_MIN: tasks with a text and labelled regions.

Conventions
    * Offsets are Unicode code points, as Label Studio has stored them since October 2021; before that they were UTF-16 code
      units. Where the words beside the offsets say so, a task is read as such.
    * Of several annotations of a task the first that was not cancelled counts, or where there is none the first prediction.
    * A choice or a text of a region is an attribute, named by its control; a relation goes from region to region.
    * A document's id is `document` of its data, which we write, or else the task's `id`.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from vnnews_bench.align import units
from vnnews_bench.errors import BenchError
from vnnews_bench.formats import graph
from vnnews_bench.formats.exchange import Gathering, Loss, Read, Source, Written, document_id
from vnnews_bench.formats.graph import Edge, Graph, Node
from vnnews_bench.records import Document, Record, Span

_LABELLED = ("labels", "hypertextlabels")


def looks_like(first: Any) -> bool:
    """Whether the first task has regions in the form of an export."""
    if not isinstance(first, dict):
        return False
    if isinstance(first.get("data"), dict) and ({"annotations", "predictions", "completions"} & set(first)):
        return True
    regions = first.get("label")
    return isinstance(regions, list) and bool(regions) and isinstance(regions[0], dict) and "labels" in regions[0]


def read(source: Source) -> Read:
    """The tasks of a file. Raises `BenchError` with the line of a task without a text, or of a span that is not in it."""
    tasks = source.json(source.text())
    records: list[Record] = []
    texts: dict[str, Document] = {}
    losses: list[Loss] = []
    for n, task in enumerate(tasks if isinstance(tasks, list) else [tasks]):
        path = f"$[{n}]" if isinstance(tasks, list) else "$"
        if not isinstance(task, dict):
            raise source.refused_at(path, "is no task: an object with `data` and `annotations`")
        text, name = _text(task)
        if text is None:
            raise source.refused_at(path, "has no text: `data` holds one string, or one under `text`")
        id = document_id(name, n + 1)
        if id in texts:
            raise source.refused_at(path, f"{id} has a task already")
        texts[id] = Document(id=id, text=text)
        rest = Gathering(id, [])
        results, below = _results(task, path, source, rest)
        made = _graph(results, below, text, source, rest)
        record, lost = graph.record_of(made, id, len(text))
        records.append(record)
        losses += [*lost, *rest.losses]
    if not records:
        raise source.refused(None, "holds no task")
    return Read(records=records, texts=texts, losses=tuple(losses))


def _text(task: Mapping[str, Any]) -> tuple[str | None, str]:
    """The text of a task and the name of its document."""
    data = task["data"] if isinstance(task.get("data"), dict) else task
    strings = [value for key, value in data.items() if isinstance(value, str) and key not in ("document", "id")]
    text = data.get("text") if isinstance(data.get("text"), str) else strings[0] if len(strings) == 1 else None
    return text, str(data.get("document", task.get("id", "")))


def _results(task: Mapping[str, Any], path: str, source: Source, rest: Gathering) -> tuple[list[Any], str]:
    """The regions that count, with their path; those of other passes are losses."""
    if isinstance(task.get("label"), list):  # JSON_MIN
        regions = [{"type": "labels", "value": region, "id": f"r{n}"} for n, region in enumerate(task["label"])]
        return regions, f"{path}.label"
    passes: list[tuple[str, Any]] = []
    for key in ("annotations", "completions", "predictions"):
        found = task.get(key)
        if found is not None and not isinstance(found, list):
            raise source.refused_at(f"{path}.{key}", "is no array")
        for n, one in enumerate(found or ()):
            if not isinstance(one, dict) or not isinstance(one.get("result"), list):
                raise source.refused_at(f"{path}.{key}[{n}]", "has no array `result`")
            passes.append((f"{path}.{key}[{n}]", one))
    kept = next((n for n, (_, one) in enumerate(passes) if not one.get("was_cancelled")), None)
    for n, (where, one) in enumerate(passes):
        for region in one["result"] if n != kept else ():
            for _ in _labels(region) or [None]:
                rest.lose("passes", f"a region of {where.rpartition('.')[2]}", annotations=int(bool(_labels(region))))
    return (passes[kept][1]["result"], f"{passes[kept][0]}.result") if kept is not None else ([], path)


def _graph(results: Sequence[Any], path: str, text: str, source: Source, rest: Gathering) -> Graph:
    nodes: dict[str, Node] = {}
    edges: list[Edge] = []
    place = _places(results, text)
    for n, region in enumerate(results):
        where = f"{path}[{n}]"
        if not isinstance(region, dict):
            raise source.refused_at(where, "is no region")
        kind, value = region.get("type"), region.get("value")
        if kind in _LABELLED:
            labels = _labels(region)
            if not isinstance(value, dict) or not labels or not all(isinstance(label, str) for label in labels):
                raise source.refused_at(where, "has no label in its `labels`")
            span = place(value["start"], value["end"]) if _offsets(value) else None
            if span is None:
                raise source.refused_at(
                    where, f"has no span of the text, which has {len(text)} code points, or other words than it"
                )
            for m, label in enumerate(labels):
                id = f"{region.get('id', f'r{n}')}" + (f"#{m}" if m else "")
                if id in nodes:
                    raise source.refused_at(where, f"the id {id!r} stands twice")
                nodes[id] = Node(id=id, label=label, spans=(span,))
        elif kind == "relation":
            names = region.get("labels") or ["related"]
            ends = str(region.get("from_id")), str(region.get("to_id"))
            edges += [
                Edge(source=ends[0], target=ends[1], label=str(name))
                for name in (names if isinstance(names, list) else [names])
            ]
    for region in results:  # attributes, once all nodes are there
        if region.get("type") in ("choices", "textarea"):
            _attribute(region, nodes, rest)
        elif region.get("type") not in (*_LABELLED, "relation"):
            rest.lose("field", f"a region of type {region.get('type')!r}", annotations=0)
    return Graph(nodes=list(nodes.values()), edges=edges)


def _attribute(region: Mapping[str, Any], nodes: Mapping[str, Node], rest: Gathering) -> None:
    node, value = nodes.get(str(region.get("id"))), region.get("value")
    found = value.get("choices", value.get("text")) if isinstance(value, dict) else None
    if node is None or not isinstance(found, list) or len(found) != 1 or not isinstance(found[0], str):
        rest.lose("field", f"{region.get('from_name')!r} of a region or the whole task", annotations=0)
        return
    node.attributes[str(region.get("from_name"))] = found[0]


def _labels(region: Any) -> list[Any]:
    """The labels of a labelled region."""
    value = region.get("value") if isinstance(region, dict) and region.get("type") in _LABELLED else None
    labels = value.get(region["type"], value.get("labels")) if isinstance(value, dict) else None
    return labels if isinstance(labels, list) else []


def _offsets(value: Mapping[str, Any]) -> bool:
    return all(isinstance(value.get(name), int) and not isinstance(value.get(name), bool) for name in ("start", "end"))


def _places(results: Sequence[Any], text: str) -> Callable[[int, int], Span | None]:
    """What turns the offsets of a task into spans: in UTF-16 where all words beside them are those of such offsets only."""
    values = [r["value"] for r in results if isinstance(r, dict) and isinstance(r.get("value"), dict) and _offsets(r["value"])]
    worded = [value for value in values if isinstance(value.get("text"), str)]

    def points(start: int, end: int) -> Span | None:
        return (start, end) if 0 <= start < end <= len(text) else None

    known = units(text, "utf-16")

    def code_units(start: int, end: int) -> Span | None:
        try:
            return points(known.code_point(start), known.code_point(end))
        except BenchError:
            return None

    def says(value: Mapping[str, Any], place: Callable[[int, int], Span | None]) -> bool:
        span = place(value["start"], value["end"])
        return span is not None and text[slice(*span)].split() == value["text"].replace("\\n", "\n").split()

    for place in (points, code_units):
        if all(says(value, place) for value in worded):
            return place
    wrong = {(value["start"], value["end"]) for value in worded if not says(value, points)}
    return lambda start, end: None if (start, end) in wrong else points(start, end)


def write(documents: Mapping[str, Document], records: Sequence[Record]) -> Written:
    """One array of tasks, each with one annotation; fields are texts of their region, named like the field."""
    losses: list[Loss] = []
    tasks = []
    for n, record in enumerate(records, 1):
        text = documents[record.id].text
        whole = graph.of(record, losses, one_part=True)
        result: list[dict[str, Any]] = []
        for node in whole.nodes:
            start, end = node.spans[0]
            place = {"start": start, "end": end, "text": text[start:end]}
            base = {"id": node.id, "to_name": "text"}
            result.append(base | {"from_name": "label", "type": "labels", "value": place | {"labels": [node.label]}})
            for name, value in node.attributes.items():
                inner = {"start": start, "end": end, "text": [value]}
                result.append(base | {"from_name": name, "type": "textarea", "value": inner})
        for edge in whole.edges:
            ends = {"from_id": edge.source, "to_id": edge.target, "direction": "right"}
            result.append({"type": "relation", **ends, "labels": [edge.label]})
        tasks.append({"id": n, "data": {"text": text, "document": record.id}, "annotations": [{"id": n, "result": result}]})
    content = json.dumps(tasks, ensure_ascii=False, indent=1) + "\n"
    return Written(files={"records.json": content.encode("utf-8", "replace")}, losses=tuple(losses))
