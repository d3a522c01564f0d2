"""Builtin values to records with every schema error found, each with its path and what the schema has there."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import inspect

from vnnews_bench import rows
from vnnews_bench.errors import Finding, listing, lowered
from vnnews_bench.records import LAYERS, Annotation, Entity, Event, Quote, Record, Timex
from vnnews_bench.rows import DocumentRow, Row

ITEMS: dict[str, type[Annotation]] = {"entities": Entity, "quotes": Quote, "timexes": Timex, "events": Event}
_PATH = re.compile(r"^(?P<what>.*?)(?: - at `(?P<path>[^`]*)`)?$", re.S)


def present(raw: Any) -> Any:
    """A decoded value without the fields that are null: `datasets` writes null into every field that a row leaves out."""
    if isinstance(raw, dict):
        return {name: present(value) for name, value in raw.items() if value is not None}
    return [present(item) for item in raw] if isinstance(raw, list | tuple) else raw


def row(raw: Any) -> Row:
    """The row of a decoded value that has no findings: a record, or a row of one of the configurations."""
    return msgspec.convert(raw, rows.kind(raw))


def record(raw: Any) -> Record:
    """The record of a decoded value that has no findings."""
    return rows.record(row(raw))


def findings(raw: Any) -> Iterator[Finding]:
    """Every schema error of one decoded row: of the row's own fields, then of each annotation of its layers by itself."""
    if not isinstance(raw, dict):
        yield Finding(code="schema-type", path="$", message=f"a record is an object, not {_kind(raw)}")
        return
    kind = rows.kind(raw)
    if kind is not DocumentRow:
        found = list(_converted(raw, kind, "$"))
        yield from found or rows.findings(msgspec.convert(raw, kind))
        return
    frame = {name: value for name, value in raw.items() if name not in LAYERS}
    yield from _converted(frame, DocumentRow, "$")
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
        below = (match["path"] or "$")[1:]
        yield _explained(match["what"], _type_at(to, below), path + below)


def _explained(what: str, here: inspect.Type | None, path: str) -> Finding:
    """A message of msgspec as a finding that also says what the schema has at that place."""
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
