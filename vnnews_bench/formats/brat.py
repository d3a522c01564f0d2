"""brat standoff (Stenetorp et al. 2012): a text `ID.txt` and its annotations `ID.ann` beside it.

Conventions
    * Offsets are Unicode code points of the text; a T line may have several parts, `0 4;9 12`.
    * A lines are attributes. A value with white space in it stands in a note, `#1 AnnotatorNotes T1 name=value`.
    * R lines and the arguments of E lines are relations; `* Equiv` of triggers is further mentions of one event.
"""

import re
from collections.abc import Mapping, Sequence

from vnnews_bench.errors import BenchError, Finding
from vnnews_bench.formats import graph
from vnnews_bench.formats.exchange import Gathering, Loss, Read, Source, Written, document_id
from vnnews_bench.formats.graph import Edge, Graph, Node
from vnnews_bench.records import Document, Record

_SPANNED = re.compile(r"(\S+) (\d+ \d+(?:;\d+ \d+)*)")
_NOTE = re.compile(r"([a-z_.]+)=(.*)")


def looks_like(head: str) -> bool:
    """Whether the first line is an annotation of brat."""
    return re.match(r"\s*(T\d+\t\S+ \d+ \d+(;\d+ \d+)*\t|[EAMRN]\d+\t\S+ |#\d+\t\S+ |\*\t\S+ )", head) is not None


def read(source: Source) -> Read:
    """The annotations of one `.ann` file, whose `.txt` stands beside it.

    Raises `BenchError` with the line that is no annotation, names an id that is not there, or whose words differ from the text.
    """
    id = document_id(source.path.stem, 1)
    text = _text(source, id)
    nodes: dict[str, Node] = {}
    edges: list[Edge] = []
    triggers: dict[str, str] = {}  # of E lines
    later: list[tuple[int, str, list[str]]] = []
    for number, line in enumerate(source.text().split("\n"), 1):
        line = line.rstrip("\r")
        if not line.strip():
            continue
        name, *columns = line.split("\t")
        if not columns or not re.fullmatch(r"[TEAMRN]\d+|#\d*|\*", name):
            raise source.refused(number, f"{line[:40]!r} is no annotation; lines begin with T, R, E, A, M, N, # or *")
        if name[0] == "T":
            if name in nodes:
                raise source.refused(number, f"{name} stands twice")
            nodes[name] = _node(source, number, name, columns, text)
        else:
            later.append((number, name, columns))
            if name[0] == "E":
                triggers[name] = columns[0].split(" ")[0].partition(":")[2]
    rest = Gathering(id, [])
    for number, name, columns in later:
        _line(source, number, name, columns, nodes, edges, triggers, rest)
    record, losses = graph.record_of(Graph(nodes=list(nodes.values()), edges=edges), id, len(text))
    return Read(records=[record], texts={id: Document(id=id, text=text)}, losses=(*losses, *rest.losses))


def _text(source: Source, id: str) -> str:
    beside = source.path.with_suffix(".txt")
    try:
        return beside.read_bytes().decode()
    except UnicodeDecodeError:
        raise BenchError([Finding(code="text-encoding", message="is not UTF-8 text", file=str(beside))]) from None
    except OSError as error:
        if source.documents is not None and id in source.documents:
            return source.documents[id].text
        message = f"cannot be read: {error.strerror}; an .ann file needs its text"
        raise BenchError([Finding(code="file-unreadable", message=message, file=str(beside))]) from None


def _node(source: Source, number: int, name: str, columns: Sequence[str], text: str) -> Node:
    match = _SPANNED.fullmatch(columns[0])
    if match is None:
        raise source.refused(number, f"{name} has no label and span, such as `PER 0 5`, but {columns[0][:40]!r}")
    pairs = [part.split(" ") for part in match[2].split(";")]
    if any(len(number) > 10 for pair in pairs for number in pair):
        raise source.refused(number, f"{name} is past the end of the text ({len(text)})")
    spans = tuple((int(start), int(end)) for start, end in pairs)
    for start, end in spans:
        if not start < end <= len(text):
            raise source.refused(number, f"[{start}, {end}) is no span of the text, which has {len(text)} code points")
    there = " ".join(text[start:end] for start, end in spans)
    if len(columns) > 1 and columns[1].split() != there.split():
        raise source.refused(number, f"{columns[1][:40]!r} is not what the text has there, {there[:40]!r}")
    return Node(id=name, label=match[1], spans=spans, line=number)


def _line(
    source: Source,
    number: int,
    name: str,
    columns: Sequence[str],
    nodes: dict[str, Node],
    edges: list[Edge],
    triggers: Mapping[str, str],
    rest: Gathering,
) -> None:
    """Everything but T lines: attributes and notes go to their node, relations to the edges."""
    label, *arguments = columns[0].split(" ")
    kind = name[0]
    if kind == "E":
        arguments = [label, *arguments]
    ends = [argument.rpartition(":")[2] if kind in "ER" else argument for argument in arguments if argument]
    ids = [triggers.get(end, end) for end in (ends[:1] if kind in "AMN#" else ends)]
    missing = next((end for end in ids if end not in nodes), None)
    if kind in "AMN#" and (missing is not None or not ids):
        if kind in "AM" and (not ids or ids[0][:1] == "T"):
            raise source.refused(number, f"{name} is about {missing or 'nothing'}, which is not there")
        rest.lose("field", f"{label} {name}", number, 0)  # about a relation, or the whole document
    elif missing is not None:
        raise source.refused(number, f"{name} is about {missing}, which is not there")
    elif kind in "AM":
        nodes[ids[0]].attributes[label] = " ".join(arguments[1:]) or "true"
    elif kind in "N#":
        note = _NOTE.fullmatch(columns[1]) if len(columns) > 1 and kind == "#" else None
        if note is None:
            rest.lose("field", label, number, 0)
        else:
            nodes[ids[0]].attributes[note[1]] = note[2]
    elif kind == "E":
        roles = [argument.rpartition(":")[0] for argument in arguments if argument]
        edges += [
            Edge(source=ids[0], target=id, label=role.rstrip("0123456789"), line=number)
            for role, id in zip(roles[1:], ids[1:], strict=True)
        ]
    elif kind == "*":
        edges += [Edge(source=ids[0], target=id, label="mention", line=number) for id in ids[1:]]
    elif len(ids) != 2:
        raise source.refused(number, f"{name} has {len(ids)} ends; a relation is `Type Arg1:T1 Arg2:T2`")
    else:
        edges.append(Edge(source=ids[0], target=ids[1], label=label, line=number))


def write(documents: Mapping[str, Document], records: Sequence[Record]) -> Written:
    """The files `ID.txt` and `ID.ann` of each document."""
    losses: list[Loss] = []
    made: dict[str, bytes] = {}
    for record in records:
        text = documents[record.id].text
        made[f"{record.id}.txt"] = text.encode()
        made[f"{record.id}.ann"] = "".join(f"{line}\n" for line in _lines(graph.of(record, losses), text, losses)).encode()
    return Written(files=made, losses=tuple(losses))


def _lines(whole: Graph, text: str, losses: list[Loss]) -> list[str]:
    number = {node.id: f"T{n}" for n, node in enumerate(whole.nodes, 1)}
    spanned: list[str] = []
    attributes: list[str] = []
    relations: list[str] = []
    notes: list[str] = []
    for node in whole.nodes:
        places = ";".join(f"{start} {end}" for start, end in node.spans)
        words = " ".join(text[start:end] for start, end in node.spans)
        spanned.append(f"{number[node.id]}\t{node.label} {places}\t{' '.join(words.split())}")
        for name, value in node.attributes.items():
            if value and not re.search(r"\s", value):
                attributes.append(f"A{len(attributes) + 1}\t{name} {number[node.id]} {value}")
            else:
                there = " ".join(value.split())
                if there != value:
                    losses.append(Loss(kind="field", message=f"white space of {name} {value!r}", annotations=0))
                notes.append(f"#{len(notes) + 1}\tAnnotatorNotes {number[node.id]}\t{name}={there}")
    for edge in whole.edges:
        ends = f"Arg1:{number[edge.source]} Arg2:{number[edge.target]}"
        relations.append(f"R{len(relations) + 1}\t{edge.label} {ends}")
    return spanned + attributes + relations + notes
