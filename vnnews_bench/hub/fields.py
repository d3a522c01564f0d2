"""The schema of a row, read off its type: what the features, the card's tables and croissant.json derive from."""

import functools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import inspect

from vnnews_bench.hub.glossary import ABOUT

if TYPE_CHECKING:
    from datasets import Features
    from pyarrow import Schema


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """A column, or a part of one.

    `dtype` is string, int32, bool, struct (with `fields`) or label (with the names of its numbers in `labels`); `shape` has an
    entry for each list around it, -1 where the length is free.
    """

    name: str
    about: str
    dtype: str
    shape: tuple[int, ...] = ()
    labels: tuple[str, ...] = ()
    fields: tuple["Field", ...] = ()

    @property
    def type(self) -> str:
        """The type for a reader, such as `string` or `list of list of int32`."""
        return "list of " * len(self.shape) + self.dtype


@functools.cache
def fields(row: type[msgspec.Struct], first: tuple[str, ...] = ()) -> tuple[Field, ...]:
    """The fields of a row's type, those of `first` at the front."""
    info = inspect.type_info(row)
    assert isinstance(info, inspect.StructType)
    made = {field.encode_name: _field(field.encode_name, field.type, _about(row, field.encode_name)) for field in info.fields}
    return tuple(made[name] for name in dict.fromkeys((*first, *made)))


def _about(row: type, name: str) -> str:
    return next(ABOUT[kind.__name__][name] for kind in row.__mro__ if name in ABOUT.get(kind.__name__, {}))


def _field(name: str, kind: inspect.Type, about: str, shape: tuple[int, ...] = ()) -> Field:
    match kind:
        case inspect.Metadata(extra={"class_label": labels}):
            return Field(name=name, about=about, dtype="label", shape=shape, labels=tuple(labels))
        case inspect.UnionType(types=types):
            return _field(name, next(k for k in types if not isinstance(k, inspect.NoneType)), about, shape)
        case inspect.VarTupleType(item_type=item):
            return _field(name, item, about, (*shape, -1))
        case inspect.TupleType(item_types=items):
            return _field(name, items[0], about, (*shape, len(items)))
        case inspect.StructType(cls=cls):
            return Field(name=name, about=about, dtype="struct", shape=shape, fields=fields(cls))
        case inspect.IntType():
            return Field(name=name, about=about, dtype="int32", shape=shape)
        case inspect.BoolType():
            return Field(name=name, about=about, dtype="bool", shape=shape)
        case inspect.StrType() | inspect.LiteralType() | inspect.DateType():
            return Field(name=name, about=about, dtype="string", shape=shape)
    raise TypeError(f"no column for {name}: {kind}")


def features(of: tuple[Field, ...]) -> "Features":
    """The features: strings stay strings, so that a row written as JSON is a record again."""
    from datasets import Features

    return Features({field.name: _feature(field) for field in of})


def arrow(of: tuple[Field, ...]) -> "Schema":
    """The schema of a table with these columns, as `features` would have it."""
    import pyarrow

    return pyarrow.schema([(field.name, _arrow(field)) for field in of])


def _arrow(field: Field) -> Any:
    import pyarrow

    if field.dtype == "struct":
        made = pyarrow.struct([(inner.name, _arrow(inner)) for inner in field.fields])
    else:
        made = {"string": pyarrow.string(), "int32": pyarrow.int32(), "bool": pyarrow.bool_(), "label": pyarrow.int64()}[
            field.dtype
        ]
    for _ in field.shape:
        made = pyarrow.list_(made)
    return made


def _feature(field: Field) -> Any:
    import datasets

    made: Any
    if field.dtype == "struct":
        made = {inner.name: _feature(inner) for inner in field.fields}
    elif field.dtype == "label":
        made = datasets.ClassLabel(names=list(field.labels))
    else:
        made = datasets.Value(field.dtype)
    for _ in field.shape:
        # before version 4 a list in brackets is the feature; `Sequence` would turn structs inside out
        made = datasets.List(made) if hasattr(datasets, "List") else [made]
    return made


def flat(of: tuple[Field, ...], above: str = "") -> Iterator[tuple[str, Field]]:
    """Every field with its path, such as `quotes[].speaker.kind`, each before those inside it."""
    for field in of:
        path = above + field.name
        yield path, field
        yield from flat(field.fields, path + "[]" * len(field.shape) + ".")
