"""UIMA CAS JSON 0.4, the export of INCEpTION that holds every layer of a document. Needs the extra `inception`.

Conventions
    * Offsets count UTF-16 code units, as everywhere in UIMA; cassis turns them into code points.
    * A document's id is the title of its metadata without `.txt`, or else the file's name.
    * An annotation's label is the first of its features, or else the name of its layer, that this benchmark knows; the
      other features are its attributes. Tokens, sentences and metadata are none. Layers of chains have no counterpart.
    * Relations go from Governor to Dependent; slots (`role` and `target`) from their host. What relations call themselves is
      their first feature, or else the name of their layer.
We write the layers that we write in WebAnno TSV: `webanno.custom.Annotation` and `webanno.custom.Relation`.
Source: https://github.com/apache/uima-uimaj-io-jsoncas/blob/main/SPECIFICATION.adoc
"""

import re
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from vnnews_bench.align import units
from vnnews_bench.errors import BenchError
from vnnews_bench.formats import graph, webanno
from vnnews_bench.formats.exchange import Gathering, Loss, Read, Source, Written, document_id
from vnnews_bench.formats.graph import Edge, Graph, Node
from vnnews_bench.records import Document, Record

_FRAME = re.compile(r".*\.(DocumentAnnotation|(metadata|webanno\.api)\.type\.\w+|segmentation\.type\.(Token|Sentence))")
_METADATA = "de.tudarmstadt.ukp.dkpro.core.api.metadata.type.DocumentMetaData"
_ENDS = ("Governor", "Dependent")


def looks_like(head: str) -> bool:
    """Whether the first key is one of the format."""
    return re.match(r'\s*\{\s*"%(HEADER|TYPES|FEATURE_STRUCTURES|VIEWS)"\s*:', head) is not None


def _cassis() -> Any:
    try:
        import cassis
    except ImportError:
        raise BenchError("UIMA CAS JSON needs cassis: pip install 'vnnews-bench[inception]'") from None
    return cassis


def read(source: Source) -> Read:
    """The annotations of one document.

    Raises `BenchError` with the line of a structure that has no span of the text or points to none, and without cassis.
    """
    cassis, content = _cassis(), source.text()
    text, types = _checked(source, source.json(content))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of features called `type` or `self`; offsets have been checked
            found = {fs.xmiID: fs for view in cassis.load_cas_from_json(content).views for fs in view.get_all_fs()}
    except Exception as error:  # cassis trusts its input, so that any error of Python can come out of it
        told = " ".join(str(error).split())[:120]
        raise source.refused(None, f"is no UIMA CAS JSON that cassis reads: {type(error).__name__} {told}") from None
    titles = [getattr(fs, "documentTitle", None) or "" for fs in found.values() if fs.type.name == _METADATA]
    id = document_id(str(*titles[:1]).removesuffix(".txt") or source.path.stem, 1)
    rest = Gathering(id, [])
    whole = _graph([found[key] for key in types if key in found], rest)
    for key, name in types.items():
        if key not in found and not _FRAME.fullmatch(name):
            rest.lose("malformed", f"{name}: an annotation that is no member of a view")
    record, losses = graph.record_of(whole, id, len(text))
    return Read(records=[record], texts={id: Document(id=id, text=text)}, losses=(*losses, *rest.losses))


def _checked(source: Source, whole: Any) -> tuple[str, dict[int, str]]:
    """The text, and the type of every structure on it by its number, once all numbers, spans and references hold.

    cassis itself keeps an offset that is no code point, the last of two structures with one number, and a reference to none.
    """
    path = "$.%FEATURE_STRUCTURES"
    structures = whole.get("%FEATURE_STRUCTURES") if isinstance(whole, dict) else None
    if not isinstance(structures, list) or not all(isinstance(one, dict) for one in structures):
        raise source.refused_at(path, "has no array of objects under `%FEATURE_STRUCTURES`")
    texts = [(n, one.get("sofaString")) for n, one in enumerate(structures) if one.get("%TYPE") == "uima.cas.Sofa"]
    if len(texts) != 1 or not isinstance(texts[0][1], str):
        where = f"{path}[{texts[-1][0]}]" if texts else path
        raise source.refused_at(where, "a document has one text, the `sofaString` of one `uima.cas.Sofa`")
    known = units(texts[0][1], "utf-16")
    numbers = {one["%ID"] for one in structures if type(one.get("%ID")) is int}
    types: dict[int, str] = {}
    for n, one in enumerate(structures):
        where, id, begin, end = f"{path}[{n}]", one.get("%ID"), one.get("begin"), one.get("end")
        if type(id) is not int or id in types or not isinstance(one.get("%TYPE"), str):
            raise source.refused_at(where, "has no `%ID` of its own, or no `%TYPE`")
        types[id] = one["%TYPE"]
        for name, value in one.items():
            if name.startswith("@") and value is not None and (type(value) is not int or value not in numbers):
                raise source.refused_at(where, f"{name[1:]} is {value!r}, which is no `%ID` here")
        if begin is None and end is None:
            continue
        if type(begin) is not int or type(end) is not int or begin > end:
            raise source.refused_at(where, f"has no span: it begins at {begin!r} and ends at {end!r}")
        try:
            known.code_point(begin), known.code_point(end)
        except BenchError as error:
            raise source.refused_at(where, str(error)) from None
    return texts[0][1], {one["%ID"]: types[one["%ID"]] for one in structures if "@sofa" in one}


def _graph(structures: Sequence[Any], rest: Gathering) -> Graph:
    nodes: list[Node] = []
    edges: list[Edge] = []
    for fs in structures:
        name, id = fs.type.name, _id(fs)
        if _FRAME.fullmatch(name):
            continue
        features = {feature.name for feature in fs.type.all_features}
        attributes, links = _values(fs, rest)
        if getattr(fs, "begin", None) is None or "next" in features:
            rest.lose("label", f"{name}: a chain, or an annotation of the whole document")
        elif features >= set(_ENDS):
            label, *others = attributes.items() or [("", name.rpartition(".")[2])]
            edges.append(Edge(source=_id(fs.Governor), target=_id(fs.Dependent), label=label[1]))
            for other, _ in others:
                rest.lose("field", f"{other} of a relation", annotations=0)
        else:
            nodes.append(webanno.labelled(Node(id=id, label=name, spans=((fs.begin, fs.end),), attributes=attributes)))
            edges += [Edge(source=id, target=target, label=role) for role, target in links]
    return Graph(nodes=nodes, edges=edges)


def _id(fs: Any) -> str:
    """The number of a structure; of a value that is none a number that no structure has."""
    return str(getattr(fs, "xmiID", "none"))


def _values(fs: Any, rest: Gathering) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """The features of a structure that have a value, as strings, and its slots: what each is called and points to."""
    attributes: dict[str, str] = {}
    links: list[tuple[str, str]] = []
    for feature in fs.type.all_features:
        name, value = feature.name, getattr(fs, feature.name)
        if name in ("sofa", "begin", "end", *_ENDS) or value is None:
            continue
        if isinstance(value, str | int | float):
            attributes[name] = str(value).lower() if isinstance(value, bool) else str(value)
            continue
        for part in (value.elements or ()) if hasattr(value, "elements") else (value,):
            target = getattr(part, "target", None)
            if isinstance(part, str):
                attributes[name] = f"{attributes[name]}|{part}" if name in attributes else part
            elif target is not None:
                role = getattr(part, "role", None)
                links.append((role if role and isinstance(role, str) else name, _id(target)))
            else:
                rest.lose("field", f"{fs.type.name}.{name}", annotations=0)
    return attributes, links


def write(documents: Mapping[str, Document], records: Sequence[Record]) -> Written:
    """A file `ID.json` for each document."""
    losses: list[Loss] = []
    made = {f"{r.id}.json": _written(documents[r.id], r, losses).encode("utf-8", "replace") for r in records}
    return Written(files=made, losses=tuple(losses))


def _written(document: Document, record: Record, losses: list[Loss]) -> str:
    cassis = _cassis()
    whole = graph.of(record, losses, one_part=True)
    types = cassis.TypeSystem()
    title = types.create_type(_METADATA, "uima.tcas.DocumentAnnotation")
    span = types.create_type("webanno.custom.Annotation", "uima.tcas.Annotation")
    relation = types.create_type("webanno.custom.Relation", "uima.tcas.Annotation")
    names = sorted({name.replace(".", "_") for node in whole.nodes for name in node.attributes})
    for kind, name in [(title, "documentTitle"), (relation, "label"), (span, "label"), *((span, name) for name in names)]:
        types.create_feature(kind, name, "uima.cas.String")
    for name in _ENDS:
        types.create_feature(relation, name, span)
    cas = cassis.Cas(types)
    cas.sofa_string, cas.sofa_mime = document.text, "text/plain"
    cas.add(title(begin=0, end=len(document.text), documentTitle=f"{record.id}.txt"))
    made = {}
    for node in whole.nodes:
        fields = {name.replace(".", "_"): value for name, value in node.attributes.items()}
        made[node.id] = span(begin=node.spans[0][0], end=node.spans[0][1], label=node.label, **fields)
        cas.add(made[node.id])
    for edge in whole.edges:
        start, target = made[edge.source], made[edge.target]
        cas.add(relation(begin=target.begin, end=target.end, label=edge.label, Governor=start, Dependent=target))
    return str(cas.to_json(pretty_print=True)) + "\n"
