"""Rows of `datasets`: parquet of our own configurations, and tokens with tags as others publish them.

Conventions
    * A `.parquet` file has rows of one of our configurations, or rows of tokens and tags with the names of the tags in its
      features. A `.jsonl` file of rows of our own is a file of records.
    * A `.jsonl` file of tokens has `tokens` or `words`, and `tags` or `ner_tags`: strings, or the numbers of our own `ner`.
    * Rows of tokens with the same `document` are the sentences of one; without, each row is a document. Their text is their
      tokens between spaces.
The configuration `ner` is written, in the VLSP view: outermost entities as PER, ORG, LOC and MISC.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from vnnews_bench import files, schema
from vnnews_bench.formats import conll, schemes
from vnnews_bench.formats.conll import Tagged
from vnnews_bench.formats.exchange import Loss, Read, Source, Written, document_id
from vnnews_bench.records import Document, Record
from vnnews_bench.rows import BIO, document
from vnnews_bench.tags import code_of
from vnnews_bench.tasks.ner import VIEWS

_TOKENS, _TAGS = ("tokens", "words"), ("ner_tags", "tags")


def looks_like(first: Any) -> bool:
    """Whether the first row has tokens and tags; rows of our own are records."""
    tagged = isinstance(first, dict) and any(name in first for name in _TOKENS) and any(name in first for name in _TAGS)
    return tagged and not _ours(first)


def read(source: Source) -> Read:
    """The rows of a file. Raises `BenchError` with the line of a row whose tokens and tags are not as many, or no tags."""
    if source.raw[:4] == b"PAR1":
        rows, names = _parquet(source)
        if rows and _ours(rows[0]):
            return _own(rows, source)
    else:
        lines = [(n, line) for n, line in enumerate(source.text().split("\n"), 1) if line.strip()]
        rows, names = [{"line": number} | _row(source, number, line) for number, line in lines], BIO
    if not rows:
        raise source.refused(None, "holds no row")
    return conll.taken(_tagged(rows, names, source), source)


def _row(source: Source, number: int, line: str) -> dict[str, Any]:
    row = source.json(line, number)
    if not isinstance(row, dict):
        raise source.refused(number, "is no row: an object with tokens and tags")
    return row


def _parquet(source: Source) -> tuple[list[dict[str, Any]], Sequence[str] | None]:
    """The rows of a parquet file, and the names of its tags as its features have them."""
    import pyarrow
    import pyarrow.parquet

    try:
        table = pyarrow.parquet.read_table(pyarrow.BufferReader(source.raw))
        rows: list[dict[str, Any]] = table.to_pylist()
        about = json.loads((table.schema.metadata or {}).get(b"huggingface", b"{}"))
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise source.refused(None, f"is no parquet file that can be read: {' '.join(str(error).split())[:80]}") from None
    features = about.get("info", {}).get("features", {})
    kinds = [features[name] for name in _TAGS if name in features]
    inner = [kind.get("feature", kind) if isinstance(kind, dict) else kind for kind in kinds]
    names = inner[0].get("names") if inner and isinstance(inner[0], dict) else None
    return rows, names


def _ours(first: Any) -> bool:
    """Whether a row has the schema of a configuration of our own dataset, so that its offsets are those of the text."""
    return isinstance(first, dict) and not any(schema.findings(schema.present(first)))


def _own(rows: Sequence[Mapping[str, Any]], source: Source) -> Read:
    """Rows of our own: records on the documents that are given, or on the texts that the rows carry."""
    records = files.checked(rows, source.documents, str(source.path))
    carried = map(document, map(schema.row, map(schema.present, rows)))
    return Read(records=records, texts=source.documents or {one.id: one for one in carried if one is not None})


def _tagged(rows: Sequence[Mapping[str, Any]], names: Sequence[str] | None, source: Source) -> Tagged:
    documents: dict[str, int] = {}
    labels: dict[str, int] = {}
    sentences: list[tuple[int, int, list[str], list[int]]] = []  # document, line, tokens, codes of tags
    for n, row in enumerate(rows, 1):
        line = row.get("line", n)
        tokens = next((row[name] for name in _TOKENS if isinstance(row.get(name), list)), None)
        tags = next((row[name] for name in _TAGS if isinstance(row.get(name), list)), None)
        if tokens is None or tags is None or len(tokens) != len(tags) or not all(isinstance(token, str) for token in tokens):
            raise source.refused(line, "has not as many tags as tokens")
        named = str(row.get("document", row.get("id", "")))
        owner = documents.setdefault(document_id(named, n), len(documents))
        if tokens:
            words = [_name(tag, names, line, source) for tag in tags]
            codes = [0 if tag == "O" else code_of(tag[0], labels.setdefault(tag[2:], len(labels))) for tag in words]
            sentences.append((owner, line, [" ".join(token.split()) or "_" for token in tokens], codes))
    if not sentences:
        raise source.refused(None, "holds no token")
    sentences.sort(key=lambda sentence: sentence[0])
    size = np.array([len(tokens) for _, _, tokens, _ in sentences])
    heads = np.cumsum(size) - size
    length = np.array([len(token) for _, _, tokens, _ in sentences for token in tokens])
    end = np.cumsum(length + 1) - 1  # in all tokens between spaces
    end -= np.repeat(end[heads] - length[heads], size)
    return Tagged(
        documents=list(documents),
        owner=[owner for owner, _, _, _ in sentences],
        texts=[" ".join(tokens) for _, _, tokens, _ in sentences],
        heads=heads,
        start=end - length,
        end=end,
        line=np.repeat([line for _, line, _, _ in sentences], size),
        tags=(np.array([code for _, _, _, codes in sentences for code in codes], dtype=np.int32),),
        labels=tuple(labels),
    )


def _name(tag: Any, names: Sequence[str] | None, line: int, source: Source) -> str:
    if isinstance(tag, int) and names is None:
        raise source.refused(line, "has tags as numbers, and the file has no names for them")
    known = names or []
    name = known[tag] if isinstance(tag, int) and 0 <= tag < len(known) else tag
    if not isinstance(name, str) or not schemes.TAG.fullmatch(name):
        raise source.refused(line, f"{name!r} is no tag; tags are O, and B- I- E- S- L- or U- before a label")
    return name


def write(documents: Mapping[str, Document], records: Sequence[Record]) -> Written:
    """Rows of the configuration `ner` as JSON lines."""
    losses: list[Loss] = []
    lines: list[str] = []
    for record in records:
        document = documents[record.id]
        for entity in record.entities or ():
            if VIEWS["vlsp"][entity.label] != entity.label:
                losses.append(Loss(kind="field", message=f"the label {entity.label}", document=record.id, annotations=0))
        for n, (tokens, tags) in enumerate(conll.tagged_sentences(document, record, losses), 1):
            viewed = [tag if tag == "O" else tag[:2] + VIEWS["vlsp"][tag[2:]] for tag in tags]
            row = {
                "id": f"{record.id}-{n}",
                "document": record.id,
                "zone": document.zone_of(tokens[0][0]),
                "tokens": [document.text[a:b] for a, b in tokens],
                "offsets": tokens,
                "ner_tags": [BIO.index(tag) for tag in viewed],
            }
            lines.append(json.dumps(row, ensure_ascii=False) + "\n")
    return Written(files={"records.jsonl": "".join(lines).encode("utf-8", "replace")}, losses=tuple(losses))
