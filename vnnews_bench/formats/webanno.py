r"""WebAnno TSV 3, the format in which WebAnno and INCEpTION export one document with all of its layers.

Conventions
    * Offsets count UTF-16 code units; they differ from code points behind an emoji.
    * An annotation is known by its number, `PER[3]`, over all rows that have it; parts of a token have rows, `4-2.1`.
    * An annotation's label is the first of its features, or else the name of its layer, that this benchmark knows; the
      other features are its attributes. Relations (T_RL) and slots (ROLE_) point from annotation to annotation.
    * The text is that of the `#Text=` lines; what stands between sentences is not in the file, and read as line breaks.
    * Layers of chains (T_CH), parts of speech and the like have no counterpart.
We write one layer `webanno.custom.Annotation` with `label` and the fields that occur (`begin_earliest` for `begin.earliest`),
and one of relations, `webanno.custom.Relation`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import msgspec

from vnnews_bench.align import Units, units
from vnnews_bench.errors import BenchError
from vnnews_bench.formats import graph
from vnnews_bench.formats.exchange import Gathering, Loss, Read, Source, Written, document_id
from vnnews_bench.formats.graph import Edge, Graph, Node
from vnnews_bench.records import Document, Record, Span

_HEADER = re.compile(r"#T_(SP|RL|CH)=([^|]+)((?:\|[^|]*)*)")
_ROW = re.compile(r"(\d+-\d+(?:\.\d+)?)\t(\d{1,9})-(\d{1,9})\t([^\t]*)\t?(.*)")
_VALUE = re.compile(r"(.*?)(?<!\\)(?:\[(\d+)\])?", re.S)
_REFERENCE = re.compile(r"(\d+-\d+(?:\.\d+)?)(?:\[(\d+)(?:_(\d+))?\])?")
_GRAMMAR = re.compile(r"\.api\.(lexmorph|segmentation|syntax|transform)\.")  # a lemma can be spelled like a label
_OUTER = re.compile(r"(speaker|via|begin|end)_")


class _Layer(msgspec.Struct, frozen=True):
    """A layer of the header: SP, RL or CH, its type, its features, and the number of its first column."""

    kind: str
    name: str
    features: tuple[str, ...]
    column: int


class _Row(msgspec.Struct, frozen=True):
    """A token or a part of one: its line, its name, its span in code points, and its cells."""

    line: int
    name: str
    span: Span
    cells: list[str]


def looks_like(head: str) -> bool:
    """Whether the first line names the format."""
    return re.match(r"\s*#FORMAT=WebAnno TSV 3\.\d", head) is not None


def read(source: Source) -> Read:
    """The annotations of one document, whose id is the file's name.

    Raises `BenchError` with the line of a row that has too few columns, or a span that is not that of its words.
    """
    id = document_id(source.path.stem, 1)
    lines = source.text().replace("\r\n", "\n").split("\n")
    layers = _layers(source, lines)
    width = max((layer.column + max(len(layer.features), 1) for layer in layers), default=0)
    text, places = _text(source, lines)
    rows = list(_rows(source, lines, width, text, places))
    rest = Gathering(id, [])
    nodes: dict[tuple[str, str], Node] = {}  # by number, or by layer and row
    spans = [layer for layer in layers if layer.kind == "SP"]
    for row in rows:
        for layer in spans:
            _annotations(source, layer, row, nodes)
    found = [edge for row in rows for layer in layers for edge in _edges(source, layer, row, nodes, rest)]
    edges = list({(edge.source, edge.target, edge.label): edge for edge in found}.values())  # a slot may stand on every row
    whole = Graph(nodes=[labelled(node) for node in nodes.values()], edges=edges)
    record, losses = graph.record_of(whole, id, len(text))
    return Read(records=[record], texts={id: Document(id=id, text=text)}, losses=(*losses, *rest.losses))


def _layers(source: Source, lines: Sequence[str]) -> list[_Layer]:
    if not lines or not looks_like(lines[0]):
        raise source.refused(1, "does not begin with #FORMAT=WebAnno TSV 3.1 to 3.3")
    found: list[_Layer] = []
    column = 0
    for line in lines[1:]:
        match = _HEADER.fullmatch(line)
        if match is None:
            break
        features = tuple(feature for feature in match[3].split("|") if feature)
        found.append(_Layer(match[1], match[2], features, column))
        column += max(len(features), 1)
    return found


def _text(source: Source, lines: Sequence[str]) -> tuple[str, Units]:
    """The text of the document: each sentence at the offset of its first token."""
    text, size = "", 0
    pending: list[str] = []
    for number, line in enumerate(lines, 1):
        if line.startswith("#Text="):
            pending.append(_plain(line[len("#Text=") :]))
        elif pending and (match := _ROW.fullmatch(line)):
            gap = int(match[2]) - size
            if not 0 <= gap <= 10**6:
                raise source.refused(number, f"begins at {match[2]}, where the sentences before reach to {size}")
            piece = "\n" * gap + "\n".join(pending)
            text += piece
            size += len(piece.encode("utf-16-le")) // 2
            pending = []
    return text, units(text, "utf-16")


def _rows(source: Source, lines: Sequence[str], width: int, text: str, places: Units) -> Iterator[_Row]:
    seen: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _ROW.fullmatch(line)
        if match is None:
            raise source.refused(
                number, f"{line[:40]!r} is no row; one is `1-2`, offsets, a token and its columns between tabs"
            )
        if seen.setdefault(match[1], number) != number:
            raise source.refused(number, f"{match[1]} is the row of line {seen[match[1]]} already")
        cells = match[5].removesuffix("\t").split("\t") if match[5] else []
        if len(cells) != width:
            raise source.refused(number, f"has {len(cells)} columns behind the token, the header has {width}")
        try:
            span = places.code_point(int(match[2])), places.code_point(int(match[3]))
        except BenchError as error:
            raise source.refused(number, str(error)) from None
        if text[slice(*span)] != _plain(match[4]):
            raise source.refused(number, f"{match[4]!r} is not what the text has there, {text[slice(*span)]!r}")
        yield _Row(number, match[1], span, cells)


def _annotations(source: Source, layer: _Layer, row: _Row, nodes: dict[tuple[str, str], Node]) -> None:
    """Adds the annotations of a layer on a row, or makes those that go on longer."""
    for position, values in enumerate(_stacks(layer, row)):
        numbers = [number for _, number in values if number]
        if len(set(numbers)) > 1:
            raise source.refused(row.line, f"one annotation of {layer.name} has the numbers {numbers[0]} and {numbers[-1]}")
        key = ("", numbers[0]) if numbers else (layer.name, f"{row.name}/{position}")
        before = nodes.get(key)
        if before is not None:
            ((start, end),) = before.spans
            span = min(start, row.span[0]), max(end, row.span[1])
            nodes[key] = msgspec.structs.replace(before, spans=(span,))
            continue
        features = [layer.features[n] for n in _columns(layer)] if layer.features else []
        pairs = [(name, value) for name, (value, _) in zip(features, values, strict=False) if not name.startswith("ROLE_")]
        attributes = {name: value for name, value in pairs if value is not None}
        nodes[key] = Node(id=f"{key[0]}/{key[1]}", label=layer.name, spans=(row.span,), attributes=attributes, line=row.line)


def _columns(layer: _Layer) -> list[int]:
    """The columns of a layer but for the targets of slots, which follow the column of their roles."""
    targets = {n + 1 for n, feature in enumerate(layer.features) if feature.startswith("ROLE_")}
    return [n for n in range(max(len(layer.features), 1)) if n not in targets]


def _stacks(layer: _Layer, row: _Row) -> Iterator[list[tuple[str | None, str]]]:
    """For every annotation of a layer on a row, the value and number in each of its columns."""
    cells = [row.cells[layer.column + n] for n in _columns(layer)]
    stacks = [re.split(r"(?<!\\)\|", cell) if cell != "_" else [] for cell in cells]
    for position in range(max(map(len, stacks), default=0)):
        yield [_cell(stack[position]) if position < len(stack) else (None, "") for stack in stacks]


def _cell(raw: str, plain: bool = True) -> tuple[str | None, str]:
    """The value of a cell and its number; with `plain` without escapes."""
    match = _VALUE.fullmatch(raw)
    value, number = (match[1], match[2] or "") if match else (raw, "")
    return None if value == "*" else _unescaped(value) if plain else value, number


def _edges(source: Source, layer: _Layer, row: _Row, nodes: Mapping[tuple[str, str], Node], rest: Gathering) -> Iterator[Edge]:
    """The relations that end on a row, and the slots that begin there."""
    cells = row.cells[layer.column : layer.column + max(len(layer.features), 1)]
    if layer.kind == "CH":
        for _ in re.split(r"(?<!\\)\|", cells[0]) if cells[0] != "_" else ():
            rest.lose("label", f"a chain of {layer.name}", row.line)
    elif layer.kind == "RL" and cells[-1] != "_":
        labels = re.split(r"(?<!\\)\|", cells[0]) if len(cells) > 1 else []
        for n, reference in enumerate(cells[-1].split("|")):
            label = _cell(labels[n])[0] if n < len(labels) else None
            match = _reference(source, row, reference)
            base = next((f[3:] for f in layer.features if f.startswith("BT_")), "")
            start, end = _found(nodes, base, match[1], match[2]), _found(nodes, base, row.name, match[3])
            if start is None or end is None:
                raise source.refused(row.line, f"{reference!r} relates to an annotation that is not there")
            yield Edge(source=start, target=end, label=label or layer.name.rpartition(".")[2], line=row.line)
    for n, feature in enumerate(layer.features):
        if feature.startswith("ROLE_") and layer.kind == "SP" and n + 1 < len(cells) and cells[n + 1] != "_":
            yield from _slots(source, layer, n, row, nodes)


def _slots(source: Source, layer: _Layer, column: int, row: _Row, nodes: Mapping[tuple[str, str], Node]) -> Iterator[Edge]:
    """The slots of a column of roles on a row, stack by stack: `speaker;cue[3]` is two slots of annotation 3."""
    targets = row.cells[layer.column + column + 1].split("|")
    name = layer.features[column].partition(":")[2].partition("_")[0]
    for position, (values, references) in enumerate(zip(_stacks(layer, row), targets, strict=False)):
        numbers = [number for _, number in values if number]
        host = _found(nodes, layer.name, row.name, numbers[0] if numbers else None, position)
        roles = re.split(
            r"(?<!\\);", _cell(re.split(r"(?<!\\)\|", row.cells[layer.column + column])[position], plain=False)[0] or "*"
        )
        for m, reference in enumerate(references.split(";")):
            match = _reference(source, row, reference)
            target = _found(nodes, layer.features[column + 1], match[1], match[2])
            if host is None or target is None:
                raise source.refused(row.line, f"{reference!r} is a slot of an annotation that is not there")
            role = _unescaped(roles[m]) if m < len(roles) and roles[m] != "*" else name
            yield Edge(source=host, target=target, label=role, line=row.line)


def _reference(source: Source, row: _Row, reference: str) -> re.Match[str]:
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        raise source.refused(row.line, f"{reference[:40]!r} names no annotation; one is 1-3, or 1-3[4_2]")
    return match


def _found(nodes: Mapping[tuple[str, str], Node], layer: str, row: str, number: str | None, position: int = 0) -> str | None:
    key = ("", number) if number is not None and number.strip("0") else (layer, f"{row}/{position}")
    return nodes[key].id if key in nodes else None


def labelled(node: Node) -> Node:
    """The node under the label that we know it by; the other features remain its attributes."""
    layer = node.label.rpartition(".")[2]
    attributes = {_OUTER.sub(r"\1.", name): value for name, value in node.attributes.items()}
    for name, value in () if _GRAMMAR.search(node.label) else node.attributes.items():
        if value.upper() in graph.SATELLITES or graph.layer_of(value) is not None:
            del attributes[_OUTER.sub(r"\1.", name)]
            return msgspec.structs.replace(node, label=value, attributes=attributes)
    known = layer.upper() in graph.SATELLITES or graph.layer_of(layer) is not None
    label = (
        layer.upper() if known else node.label if _GRAMMAR.search(node.label) else next(iter(attributes.values()), node.label)
    )
    return msgspec.structs.replace(node, label=label, attributes=attributes)


_PLAIN = {"\\t": "\t", "\\n": "\n", "\\r": "\r", "\\f": "\f", "\\b": "\b", "\\\\": "\\"}


def _plain(text: str) -> str:
    """A text or token without its escapes."""
    return re.sub(r"\\([tnrfb\\])", lambda match: _PLAIN[match[0]], text)


def _unescaped(value: str) -> str:
    return re.sub(r"\\(->|.)", lambda match: {"t": "\t", "n": "\n"}.get(match[1], match[1]), value, flags=re.S)


def _escaped(value: str) -> str:
    value = re.sub(r"->|[\\\[\]|_;*]", lambda match: "\\" + match[0], value)
    return value.replace("\t", "\\t").replace("\n", "\\n").replace("\r", " ")


def write(documents: Mapping[str, Document], records: Sequence[Record]) -> Written:
    """A file `ID.tsv` for each document. Spans that begin or end in white space are cut to what stands there."""
    losses: list[Loss] = []
    made = {f"{r.id}.tsv": _written(documents[r.id], r, losses).encode() for r in records}
    return Written(files=made, losses=tuple(losses))


def _written(document: Document, record: Record, losses: list[Loss]) -> str:
    text, whole = document.text, graph.of(record, losses, one_part=True)
    tokens = [match.span() for match in re.finditer(r"(?:[^\W_][\u0300-\u036f]*)+|\S", text)]
    if tokens and text[: tokens[0][0]].strip("\n"):
        losses.append(Loss(kind="field", message="white space before the text", document=record.id, annotations=0))
    names = sorted({name for node in whole.nodes for name in node.attributes})
    number = {node.id: str(n) for n, node in enumerate(whole.nodes, 1)}
    units_of: dict[int, dict[Span, list[Node]]] = {n: {} for n in range(len(tokens))}  # rows of each token
    rows_of: dict[str, tuple[int, Span]] = {}  # the first row of each node
    for node in whole.nodes:
        start, end = node.spans[0]
        touched = [n for n, (a, b) in enumerate(tokens) if a < end and start < b]
        for n in touched:
            part = max(start, tokens[n][0]), min(end, tokens[n][1])
            units_of[n].setdefault(part, []).append(node)
            rows_of.setdefault(node.id, (n, part))
        if not touched or (start, end) != (max(start, tokens[touched[0]][0]), min(end, tokens[touched[-1]][1])):
            message = f"{node.label} [{start}, {end}) has white space at its edge"
            losses.append(Loss(kind="edges", message=message, document=record.id, annotations=0 if touched else 1))
    incoming: dict[str, list[Edge]] = {}
    for edge in whole.edges:
        if edge.source in rows_of and edge.target in rows_of:
            incoming.setdefault(edge.target, []).append(edge)
        else:
            losses.append(Loss(kind="relation", message=f"{edge.label} of white space", document=record.id, annotations=0))
    out = [
        "#FORMAT=WebAnno TSV 3.3",
        "|".join(["#T_SP=webanno.custom.Annotation", "label", *(n.replace(".", "_") for n in names)]),
    ]
    out += ["#T_RL=webanno.custom.Relation|label|BT_webanno.custom.Annotation", ""]
    titles = _titles(document, tokens, units_of)
    places = units(text, "utf-16")
    for first, last, reach in _sentences(document, tokens):
        out += ["", *(f"#Text={_text_escaped(line)}" for line in text[tokens[first][0] : reach].split("\n"))]
        for n in range(first, last):
            for part in [tokens[n], *sorted(units_of[n].keys() - {tokens[n]})]:
                nodes = units_of[n].get(part, [])
                cells = [
                    titles[n, part],
                    f"{places.offset(part[0])}-{places.offset(part[1])}",
                    _text_escaped(text[slice(*part)]),
                ]
                cells += _cells(nodes, names, number)
                ends = [edge for node in nodes if rows_of[node.id] == (n, part) for edge in incoming.get(node.id, ())]
                cells.append("|".join(_escaped(edge.label) for edge in ends) or "_")
                ids = [f"[{number[edge.source]}_{number[edge.target]}]" for edge in ends]
                cells.append("|".join(titles[rows_of[e.source]] + id for e, id in zip(ends, ids, strict=True)) or "_")
                out.append("\t".join(cells) + "\t")
    return "\n".join(out) + "\n"


def _cells(nodes: Sequence[Node], names: Sequence[str], number: Mapping[str, str]) -> list[str]:
    """The label and the attributes of the annotations on a row, one column each."""
    values: list[list[str | None]] = [[node.label for node in nodes]]
    values += [[node.attributes.get(name) for node in nodes] for name in names]
    marked: list[Any] = [
        [f"{'*' if value is None else _escaped(value)}[{number[node.id]}]" for value, node in zip(column, nodes, strict=True)]
        for column in values
    ]
    return ["|".join(column) or "_" for column in marked]


def _sentences(document: Document, tokens: Sequence[Span]) -> list[tuple[int, int, int]]:
    """First token, token behind the last, and reach of the text of each sentence; where none are known, of each line.

    White space between two sentences belongs to the first, but for the line break that readers put there.
    """
    text = document.text
    begins = {start for start, _ in document.sentences}
    if not begins:
        begins = {start for (_, end), (start, _) in pairwise(tokens) if "\n" in text[end:start]}
    firsts = [n for n, (start, _) in enumerate(tokens) if n == 0 or start in begins]
    found = []
    for first, after in pairwise([*firsts, len(tokens)]):
        reach = tokens[after][0] if after < len(tokens) else len(text)
        found.append((first, after, reach - (after < len(tokens) and text[reach - 1] == "\n")))
    return found


def _titles(
    document: Document, tokens: Sequence[Span], units_of: Mapping[int, Mapping[Span, object]]
) -> dict[tuple[int, Span], str]:
    """The name of every row: sentence and token, and the number of a part of a token."""
    names: dict[tuple[int, Span], str] = {}
    for sentence, (first, last, _) in enumerate(_sentences(document, tokens), 1):
        for n in range(first, last):
            names[n, tokens[n]] = f"{sentence}-{n - first + 1}"
            for m, part in enumerate(sorted(units_of[n].keys() - {tokens[n]}), 1):
                names[n, part] = f"{sentence}-{n - first + 1}.{m}"
    return names


def _text_escaped(text: str) -> str:
    return re.sub(r"[\\\t\r\f\x08]", lambda match: next(k for k, v in _PLAIN.items() if v == match[0]), text)
