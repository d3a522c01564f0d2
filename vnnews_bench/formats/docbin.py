"""spaCy's DocBin (`.spacy`): documents with entities and span groups. Needs the extra `spacy`.

Conventions
    * Offsets are Unicode code points, those of spaCy's characters.
    * Entities are `doc.ents`; every group of `doc.spans` is read, too. We write outermost entities as `doc.ents`, the rest in
      the group `sc`, which spaCy's span categorizer uses. `kb_id` is an entity's id.
    * There are no relations: a quotation has neither cue nor speaker, and each mention of an event is one of its own.
    * A document's id is `doc.user_data["id"]`; without one it is `d` and its number.
We write tokens that end where a span ends, so that no span is moved.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from vnnews_bench.errors import BenchError
from vnnews_bench.formats import graph
from vnnews_bench.formats.exchange import Loss, Read, Source, Written, document_id
from vnnews_bench.formats.graph import Graph, Node
from vnnews_bench.records import Document, Record

if TYPE_CHECKING:
    from spacy.tokens import Doc


def looks_like(head: str) -> bool:
    """Whether the bytes begin as zlib's do, read as text."""
    return head.startswith("x\ufffd")


def _spacy() -> Any:
    try:
        import spacy.tokens
        import spacy.vocab
    except ImportError:
        raise BenchError("a DocBin needs spaCy: pip install 'vnnews-bench[spacy]'") from None
    return spacy


def read(source: Source) -> Read:
    """The documents of a DocBin. Raises `BenchError` for a file that is none, or without spaCy."""
    spacy = _spacy()
    try:
        docs = list(spacy.tokens.DocBin().from_bytes(source.raw).get_docs(spacy.vocab.Vocab()))
    except Exception as error:  # zlib, msgpack, numpy and spaCy each raise their own for bytes that are none
        told = " ".join(str(error).split())[:80]
        raise source.refused(None, f"is no DocBin: {type(error).__name__} {told}") from None
    records: list[Record] = []
    texts: dict[str, Document] = {}
    losses: list[Loss] = []
    for n, doc in enumerate(docs, 1):
        id = document_id(str(doc.user_data.get("id", "")), n)
        if id in texts:
            raise source.refused(None, f"two documents are called {id}")
        record, lost = graph.record_of(Graph(nodes=list(_nodes(doc)), edges=[]), id, len(doc.text))
        records.append(record)
        texts[id] = Document(id=id, text=doc.text)
        losses += lost
    if not records:
        raise source.refused(None, "holds no document")
    return Read(records=records, texts=texts, losses=tuple(losses))


def _nodes(doc: "Doc") -> Iterator[Node]:
    spans = [*doc.ents, *(span for key in doc.spans for span in doc.spans[key])]
    for n, span in enumerate(spans):
        attributes = {"entity": span.kb_id_} if span.kb_id_ else {}
        yield Node(id=str(n), label=span.label_, spans=((span.start_char, span.end_char),), attributes=attributes)


def write(documents: Mapping[str, Document], records: Sequence[Record]) -> Written:
    """A DocBin with a document for each record."""
    spacy = _spacy()
    losses: list[Loss] = []
    vocab = spacy.vocab.Vocab()
    made = spacy.tokens.DocBin(attrs=["ENT_IOB", "ENT_TYPE", "ENT_KB_ID"], store_user_data=True)
    for record in records:
        text = documents[record.id].text
        nodes = list(_held(graph.of(record, losses, one_part=True), record.id, losses))
        edges = {at for node in nodes for at in node.spans[0]}
        cuts = sorted({0, len(text)} | edges | {at for match in re.finditer(r"\w+|\S", text) for at in match.span()})
        words = [text[start:end] for start, end in pairwise(cuts)]
        doc = spacy.tokens.Doc(vocab, words=words, spaces=[False] * len(words))
        doc.user_data["id"] = record.id
        first: list[Any] = []
        rest: list[Any] = []
        reach = 0
        for node in sorted(nodes, key=lambda node: (node.spans[0][0], -node.spans[0][1])):
            layer = graph.layer_of(node.label)
            start, end = node.spans[0]
            span = doc.char_span(start, end, label=node.label, kb_id=node.attributes.get("entity", ""))
            outer = layer is not None and layer[0] == "entities" and start >= reach
            (first if outer else rest).append(span)
            reach = end if outer else reach
        doc.ents = first
        if rest:
            doc.spans["sc"] = rest
        made.add(doc)
    return Written(files={"records.spacy": made.to_bytes()}, losses=tuple(losses))


def _held(whole: Graph, id: str, losses: list[Loss]) -> Iterator[Node]:
    """The nodes that can stand without a relation; all attributes but an entity's id are losses."""
    targets = {edge.target: edge.label for edge in whole.edges}
    for node in whole.nodes:
        if node.label in graph.SATELLITES:
            losses.append(Loss(kind="relation", message=f"{targets[node.id]} of a quotation", document=id))
            continue
        if targets.get(node.id) == "mention":
            losses.append(Loss(kind="relation", message="a further mention is an event of its own", document=id, annotations=0))
        for name in node.attributes:
            if name != "entity":
                losses.append(Loss(kind="field", message=name, document=id, annotations=0))
        yield node
