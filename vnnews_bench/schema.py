"""Builtin values to records with every schema error found, each with its path and what the schema has there."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import inspect

from vnnews_bench.errors import Finding, listing, lowered
from vnnews_bench.records import LAYERS, Annotation, Entity, Event, Quote, Record, Timex

ITEMS: dict[str, type[Annotation]] = {"entities": Entity, "quotes": Quote, "timexes": Timex, "events": Event}
_PATH = re.compile(r"^(?P<what>.*?)(?: - at `(?P<path>[^`]*)`)?$", re.S)


class Row(Record, frozen=True, kw_only=True):
    """A line of a file of records: a record, and where it is a row of the `documents` configuration the document beside it."""

    text: str | None = None
    dct: Any = None
    zones: Any = None
    sentences: Any = None
    source: Any = None


def record(raw: Any) -> Record:
    """The record of a decoded value that has no findings."""
    row = msgspec.convert(raw, Row)
    return Record(id=row.id, **{layer: getattr(row, layer) for layer in LAYERS})


def findings(raw: Any) -> Iterator[Finding]:
    """Every schema error of one decoded record: of the record's own fields, then of each annotation by itself."""
    if not isinstance(raw, dict):
        yield Finding(code="schema-type", path="$", message=f"a record is an object, not {_kind(raw)}")
        return
    frame = {name: value for name, value in raw.items() if name not in LAYERS}
    yield from _converted(frame, Row, "$")
    for layer in LAYERS:
        items = raw.get(layer)
        if items is None:
            continue
        if not isinstance(items, list | tuple):
            yield Finding(code="schema-type", path=f"$.{layer}", message=f"a layer is an array, not {_kind(items)}")
            continue
        for n, item in enumerate(items):
            yield from _converted(item, ITEMS[layer], f"$.{layer}[{n}]")


def _converted(value: Any, to: type, path: str) -> Iterator[Finding]:
    try:
        msgspec.convert(value, to)
    except msgspec.ValidationError as error:
        match = _PATH.match(str(error))
        assert match is not None
        yield _explained(match["what"], to, path + (match["path"] or "$")[1:])


def _explained(what: str, root: type, path: str) -> Finding:
    """A message of msgspec as a finding that also says what the schema has at that place."""
    below = re.sub(r"^\$(\.\w+\[\d+\])?", "", path) if root is not Row else path[1:]
    here = _type_at(root, below)
    if what.startswith("Invalid enum value") and isinstance(here, inspect.LiteralType):
        value = what.removeprefix("Invalid enum value ")
        known = listing([str(v) for v in here.values], 20)
        return Finding(code="schema-unknown-value", path=path, message=f"{value} is not one of {known}")
    if what.startswith("Object contains unknown field") and isinstance(here, inspect.StructType):
        name = what.removeprefix("Object contains unknown field ")
        known = listing([field.encode_name for field in here.fields], 20)
        return Finding(code="schema-unknown-field", path=path, message=f"unknown field {name}; the fields are {known}")
    if what.startswith("Object missing required field"):
        name = what.removeprefix("Object missing required field ")
        return Finding(code="schema-missing-field", path=path, message=f"the field {name} is missing")
    code = "schema-type" if re.match(r"Expected `[a-z| ]+`, got", what) else "schema-bad-value"
    return Finding(code=code, path=path, message=lowered(what))


def _type_at(root: type, path: str) -> inspect.Type | None:
    """The schema's type at a path below `root`, without `None`; `None` where the path leaves the schema."""
    node: inspect.Type | None = inspect.type_info(root)
    for name, index in re.findall(r"\.(\w+)|\[(\d+|\.\.\.)\]", path):
        if name and isinstance(node, inspect.StructType):
            node = next((field.type for field in node.fields if field.encode_name == name), None)
        elif index and isinstance(node, inspect.VarTupleType):
            node = node.item_type
        else:
            return None
        if isinstance(node, inspect.UnionType):
            node = next((kind for kind in node.types if not isinstance(kind, inspect.NoneType)), None)
    return node


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "an array", str: "a string", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number")
