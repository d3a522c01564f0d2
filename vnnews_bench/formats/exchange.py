"""What passes between a foreign file and records: what was read, what could not be taken over, and where each thing stood.

A reader yields records on texts of its own; offsets are Unicode code points of those texts, whatever unit the file counts in.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, get_args

import msgspec

from vnnews_bench import files, schema
from vnnews_bench.errors import BenchError, Finding, lowered
from vnnews_bench.offsets import claim, spans
from vnnews_bench.records import LAYERS, Annotation, Document, Label, Record
from vnnews_bench.render import Sheet

# Why something is not on the other side; a loss of one of these kinds is an annotation or a detail of one.
LOSSES = {
    "label": "a label that this benchmark does not have",
    "duplicate": "an annotation that another one of the document repeats",
    "tags": "a span with ill-formed tags, which `--tags strict` drops or shortens",
    "not found": "words that the text does not have",
    "broken": "an answer that holds no JSON object; its document is scored as empty",
    "malformed": "an annotation without the fields that it needs, or with a value that does not fit",
    "text": "words that the tool has in another form than the text; annotations on them are there",
    "passes": "another annotator's pass over the document; the first one counts",
    "unattached": "a cue, speaker or part that no quotation points to",
    "relation": "a relation that this benchmark does not have",
    "field": "a field that the other side does not have",
    "frame": "the date of the document, which is no annotation of its text",
    "layer": "a layer that the format does not have",
    "nested": "an annotation inside or across another one, in a format of flat spans",
    "parts": "a span in several parts, in a format of spans in one part",
    "edges": "a span that begins or ends inside a token, moved to the token's edge",
    "place": "words whose place the format cannot tell",
}


class Loss(msgspec.Struct, frozen=True, kw_only=True):
    """Something that could not be taken over: its `kind` (a key of `LOSSES`), what and where it was.

    `annotations` is 1 when a whole annotation is missing, 0 when it is there without a detail. One that stands for many has
    their number as `times`, and the first one's place.
    """

    kind: str
    message: str
    document: str | None = None
    line: int | None = None
    annotations: int = 1
    times: int = 1


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """What a file gave: records, the texts that it carries itself, what was lost, and how many tags were repaired."""

    records: list[Record]
    texts: Mapping[str, Document] = {}
    losses: tuple[Loss, ...] = ()
    repairs: int = 0


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """The files to write, by name, and what they could not hold. A format of one file has one, whatever its name."""

    files: dict[str, bytes]
    losses: tuple[Loss, ...] = ()


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A foreign file: its bytes, its path for messages, the documents that strings are looked for in, and the rule for tags."""

    raw: bytes
    path: Path
    documents: Mapping[str, Document] | None = None
    strict: bool = False

    def text(self) -> str:
        """The file as text. Raises `BenchError` when it is not UTF-8; a byte order mark is no part of it."""
        try:
            return self.raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = self.raw.count(b"\n", 0, error.start) + 1
            finding = Finding(code="text-encoding", message="is not UTF-8 text", file=str(self.path), line=line)
            raise BenchError([finding]) from None

    def refused_at(self, path: str, message: str) -> BenchError:
        """The error of a JSON file at a path such as `$[0].text`, with the line on which that stands."""
        finding = Finding(code="format-malformed", message=message, path=path)
        return BenchError([files.placed(finding, self.path, 1, self.raw)])

    def refused(self, line: int | None, message: str) -> BenchError:
        """The error of a file that breaks the rules of its format on a line (from 1)."""
        return refused(self.path, line, message)

    def json(self, text: str, line: int = 1) -> Any:
        """One JSON value that begins on a line of the file. Raises `BenchError` where it is none."""
        try:
            return msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
            at = re.search(r"byte (\d+)", str(error))
            line += text.encode()[: int(at[1])].count(b"\n") if at else 0
            raise self.refused(line, f"is no JSON: {lowered(str(error))}") from None


def refused(path: Path, line: int | None, message: str) -> BenchError:
    """The error of a file that breaks the rules of its format on a line (from 1)."""
    return BenchError([Finding(code="format-malformed", message=message, file=str(path), line=line)])


_REQUIRED = {layer: {f.name for f in msgspec.structs.fields(kind) if f.required} for layer, kind in schema.ITEMS.items()}


class Gathering:
    """The annotations of one document as a reader meets them: each is taken, or becomes a loss."""

    def __init__(self, id: str, layers: Iterable[str], length: int | None = None) -> None:
        self.id = id
        self.length = length
        self.layers: dict[str, list[Annotation]] = {layer: [] for layer in LAYERS if layer in set(layers)}
        self.losses: list[Loss] = []
        self._claims: set[object] = set()

    def lose(self, kind: str, message: str, line: int | None = None, annotations: int = 1) -> None:
        """Counts a loss."""
        self.losses.append(Loss(kind=kind, message=message, document=self.id, line=line, annotations=annotations))

    def take(self, layer: str, fields: Mapping[str, Any], line: int | None = None, size: int = 1) -> bool:
        """Takes an annotation of builtin values; what cannot be one or repeats another is lost, as `size` annotations.

        A field that an annotation can do without is lost alone, where its value does not fit.
        """
        fields = {name: dict(value) if isinstance(value, dict) else value for name, value in fields.items()}
        while True:
            try:
                item = msgspec.convert(fields, schema.ITEMS[layer], strict=False)
                break
            except msgspec.ValidationError as error:
                name = _spared(fields, str(error), _REQUIRED[layer])
                if name is not None and "unknown field" in str(error):
                    self.lose("field", f"{layer}.{name}", line, 0)
                else:
                    self.lose("malformed", f"{layer}: {lowered(str(error))}", line, size if name is None else 0)
                if name is None:
                    return False
        outside = [s for _, s in spans(item) if s[1] <= s[0] or (self.length is not None and s[1] > self.length)]
        if outside:
            self.lose("malformed", f"{layer}: {list(outside[0])} is no span of the text", line, size)
            return False
        if (layer, claim(item)) in self._claims:
            self.lose("duplicate", f"{layer}: {_short(fields)}", line, size)
            return False
        self._claims.add((layer, claim(item)))
        self.layers.setdefault(layer, []).append(item)
        return True

    def record(self) -> Record:
        """The record; an id that stands twice stays with the first annotation."""
        layers: dict[str, Any] = {}
        for layer in LAYERS:
            ids: set[str] = set()
            for n, item in enumerate(self.layers.get(layer, ())):
                if item.id is not None and item.id in ids:
                    self.lose("field", f"{layer}: the id {item.id!r} stands twice", annotations=0)
                    self.layers[layer][n] = msgspec.structs.replace(item, id=None)
                ids |= {item.id} if item.id is not None else set()
            layers[layer] = tuple(self.layers[layer]) if layer in self.layers else None
        return Record(id=self.id, **layers)


def _spared(fields: dict[str, Any], error: str, required: set[str]) -> str | None:
    """Takes the value that an error of msgspec is about out of the fields, and tells its name.

    `None` for a value that the annotation cannot do without.
    """
    unknown, path = re.search(r"unknown field `([^`]*)`", error), re.search(r"at `\$\.([^`]*)`", error)
    names = re.findall(r"[^.\[\]]+", path[1]) if path else []
    names += [unknown[1]] if unknown else []
    outer = names[0] if names else ""
    if outer not in fields or outer in required:
        return None
    inner = fields[outer]
    if len(names) > 1 and isinstance(inner, dict) and names[1] in inner:
        del inner[names[1]]
    else:
        del fields[outer]
    return ".".join(names)


_ALIASES = {
    "PER": ("PERSON", "PERS", "NAME", "PERSON_NAME"),
    "ORG": ("ORGANIZATION", "ORGANISATION"),
    "LOC": ("LOCATION",),
    "FAC": ("FACILITY",),
    "MISC": ("MISCELLANEOUS",),
}
_LABELS: dict[str, Label] = {name: label for label in get_args(Label) for name in (label, *_ALIASES.get(label, ()))}


def label_of(foreign: str) -> Label | None:
    """The label of entities that a foreign one stands for: ours, or its long form in any case; `None` for any other."""
    return _LABELS.get(foreign.strip().upper())


def document_id(name: str, n: int) -> str:
    """A foreign name as a document's id, or where it cannot be one `d` and the document's number from 1."""
    return name if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,199}", name) else f"d{n}"


def by_kind(losses: Iterable[Loss]) -> dict[str, tuple[int, int]]:
    """How many losses there are of each kind, and how many of them are whole annotations."""
    every: Counter[str] = Counter()
    whole: Counter[str] = Counter()
    for loss in losses:
        every[loss.kind] += loss.times
        whole[loss.kind] += loss.times if loss.annotations else 0
    return {kind: (every[kind], whole[kind]) for kind in LOSSES if kind in every}


def sheet(losses: Iterable[Loss], title: str) -> Sheet:
    """The losses by kind, fields each for itself, with the first of each."""
    losses = list(losses)
    groups: dict[tuple[str, str], list[Loss]] = {}
    for loss in losses:
        groups.setdefault((loss.kind, loss.message if loss.kind == "field" else ""), []).append(loss)
    rows: list[tuple[str | int | float | None, ...]] = []
    for kind, name in sorted(groups, key=lambda key: list(LOSSES).index(key[0])):
        group = groups[kind, name]
        first = group[0]
        place = " ".join(str(part) for part in (first.document, f"line {first.line}" if first.line else None) if part)
        whole = sum(loss.annotations * loss.times for loss in group)
        rows.append((kind, sum(loss.times for loss in group), whole, f"{place}: {first.message}" if place else first.message))
    notes = tuple(f"{kind}: {LOSSES[kind]}" for kind in by_kind(losses))
    return Sheet(title=title, heads=("kind", "losses", "whole annotations", "the first"), rows=rows, notes=notes)


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 80 else text[:79] + "…"
