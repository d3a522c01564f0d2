"""Columns of tokens and tags: CoNLL 2003, VLSP 2016 and 2018, PhoNER, and what underthesea and VnCoreNLP print.

Conventions
    * A line is a token: two or more columns between tabs (tokens may then hold spaces), or where the file has no tab between
      spaces. The first column is the token, except in CoNLL-U-like files, whose first column is a number, the last the tag.
    * Further columns of tags with labels of entities before the last one hold the outer level of nested entities (VLSP 2016).
    * An empty line, `<s>` or `</s>` ends a sentence; `-DOCSTART-`, `# newdoc`, `#begin document` or `<doc …>` begin a document.
    * There are no offsets: the text of such a file is its tokens between spaces, a sentence a line; `_` in a token stays.
Entities are the only layer; they are written flat, outermost ones, in IOB2.
"""

import io
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from vnnews_bench.counts import Ints
from vnnews_bench.formats import schemes
from vnnews_bench.formats.blocks import Codes, Reader
from vnnews_bench.formats.exchange import Gathering, Loss, Read, Source, Written, label_of
from vnnews_bench.formats.lines import row_of
from vnnews_bench.records import LAYERS, Document, Entity, Record, Span
from vnnews_bench.tags import Inside, decode, encode, inside, spans, tag_of
from vnnews_bench.tasks.ner import LABELS
from vnnews_bench.text import syllables


class Tagged(msgspec.Struct, frozen=True):
    """Tagged sentences: of each its document, its text (tokens between spaces) and its first token; of each token its place in
    that text in code points, its line, and the code of its tag by level, the outermost first.
    """

    documents: list[str]
    owner: list[int]
    texts: list[str]
    heads: Ints
    start: Ints
    end: Ints
    line: Ints
    tags: tuple[Codes, ...]
    labels: tuple[str, ...]

    def tag(self, level: int, token: int) -> str:
        """The tag of a token."""
        return tag_of(int(self.tags[level][token]), self.labels)


def looks_like(head: str) -> bool:
    """Whether the first lines are tokens with tags."""
    raw = head.encode()
    lines = raw.split(b"\n")[:-1] or [raw]
    found = ((line, row_of(line, b"\t" in raw)) for line in lines)
    rows = list(islice(((line, row) for line, row in found if isinstance(row, list)), 200))
    return bool(rows) and all(len(row) >= 2 and schemes.TAG.fullmatch(line[slice(*row[-1])].decode()) for line, row in rows)


def parse(source: Source) -> Tagged:
    """The sentences of a file. Raises `BenchError` with the line that has other columns, or no tag in its last one."""
    labels: dict[str, int] = {}
    reader = Reader(io.BytesIO(source.raw), source.path, labels)
    owner: list[int] = []
    texts: list[str] = []
    parts: list[tuple[NDArray[Any], ...]] = []
    rows = 0
    for block in reader:
        text, start, end = block.text()
        owner += block.owner.tolist()
        texts += text
        parts.append((block.heads + rows, start, end, block.line, *block.tags))
        rows += len(start)
    heads, start, end, line, *tags = map(np.concatenate, zip(*parts, strict=True))
    return Tagged(reader.documents, owner, texts, heads, start, end, line, tuple(tags), tuple(labels))


def read(source: Source) -> Read:
    """The entities of a file; ill-formed tags are repaired and counted, or under `strict` dropped and listed."""
    return taken(parse(source), source)


def taken(tagged: Tagged, source: Source) -> Read:
    """The entities of tagged sentences, on the text that their tokens are between spaces."""
    documents, places = _documents(tagged)
    gathered = [Gathering(document.id, ["entities"]) for document in documents]
    sentence = np.repeat(np.arange(len(tagged.heads)), np.diff(tagged.heads, append=len(tagged.start))).tolist()
    repairs = 0
    for level, codes in enumerate(tagged.tags):
        tokens = inside(codes, tagged.heads)
        met = schemes.steps(tokens)
        scheme = schemes.scheme_of(met)
        kept = _listed(spans(tokens))
        if source.strict:
            _check(tagged, level, tokens, scheme, source)
            kept, lenient = _listed(schemes.well_formed(tokens, scheme)), kept
            for (label, a, b), left in _dropped(kept, lenient):
                n = sentence[a]
                words = tagged.texts[n][tagged.start[a] : tagged.end[b - 1]]
                gathered[tagged.owner[n]].lose("tags", f"{tagged.labels[label]} {words!r}", int(tagged.line[a]), left)
        else:
            repairs += schemes.illegal(met, scheme)
        for label, a, b in kept:
            n, name, line = sentence[a], tagged.labels[label], int(tagged.line[a])
            ours = label_of(name)
            into, at = gathered[tagged.owner[n]], places[n]
            if ours is None:
                into.lose("label", f"the label {name!r}", line)
            else:
                start, end = at + int(tagged.start[a]), at + int(tagged.end[b - 1])
                into.take("entities", {"start": start, "end": end, "label": ours}, line)
    records = [part.record() for part in gathered]
    losses = tuple(loss for part in gathered for loss in part.losses)
    return Read(records=records, texts={document.id: document for document in documents}, losses=losses, repairs=repairs)


def _documents(tagged: Tagged) -> tuple[list[Document], list[int]]:
    """The documents, and where each sentence begins in its text; a name that was there before gives way to a number."""
    documents: list[Document] = []
    places: list[int] = []
    known: set[str] = set()
    ends = np.searchsorted(tagged.owner, np.arange(len(tagged.documents)), side="right").tolist()
    for n, (name, first, last) in enumerate(zip(tagged.documents, [0, *ends[:-1]], ends, strict=True), 1):
        texts = tagged.texts[first:last]
        bounds, at = [], 0
        for text in texts:
            bounds.append((at, at + len(text)))
            at += len(text) + 1
        places += [start for start, _ in bounds]
        id = name if name not in known else f"d{n}"
        known.add(id)
        documents.append(Document(id=id, text="\n".join(texts), sentences=tuple(bounds)))
    return documents, places


def _check(tagged: Tagged, level: int, tokens: Inside, scheme: str, source: Source) -> None:
    """Raises `BenchError` with the line of a tag whose letter the scheme does not have."""
    found = schemes.strange(tokens, scheme)
    if found is not None:
        raise source.refused(int(tagged.line[found]), schemes.foreign(tagged.tag(level, found), scheme))


def _listed(found: tuple[Ints, Ints, Ints]) -> list[tuple[int, int, int]]:
    """The label, first token and end of every span."""
    return list(zip(*(column.tolist() for column in found), strict=True))


def _dropped(
    kept: Sequence[tuple[int, int, int]], lenient: Sequence[tuple[int, int, int]]
) -> Iterator[tuple[tuple[int, int, int], int]]:
    """The lenient spans that strict reading does not have, each with 0 where it has a part of it, and with 1 otherwise."""
    whole, starts = set(kept), [start for _, start, _ in kept]
    for span in lenient:
        label, start, end = span
        if span not in whole:
            near = kept[bisect_left(starts, start) : bisect_left(starts, end)]
            yield span, 0 if any(other == label and b <= end for other, _, b in near) else 1


def write(documents: Mapping[str, Document], records: Sequence[Record]) -> Written:
    """Two columns, syllables and IOB2 tags, a document after `# newdoc id = …`; outermost entities only."""
    lines: list[str] = []
    losses: list[Loss] = []
    for record in records:
        text = documents[record.id].text
        lines.append(f"# newdoc id = {record.id}")
        for tokens, tags in tagged_sentences(documents[record.id], record, losses):
            lines += [f"{text[a:b]}\t{tag}" for (a, b), tag in zip(tokens, tags, strict=True)]
            lines.append("")
    return Written(files={"records.conll": ("\n".join(lines) + "\n").encode()}, losses=tuple(losses))


def tagged_sentences(document: Document, record: Record, losses: list[Loss]) -> Iterator[tuple[list[Span], list[str]]]:
    """Syllables and IOB2 tags of each sentence, or line; what tags cannot hold is counted when the last one was taken."""
    entities = list(_flat(record, losses))
    written: list[tuple[int, int, str]] = []
    for start, end in document.sentences or _lines(document.text):
        tokens = syllables(document.text, start, end)
        tags = encode(tokens, [(e.start, e.end, e.label) for e in entities])
        rows = decode([tags], LABELS)
        for label, a, b in zip(rows.label.tolist(), rows.start.tolist(), rows.end.tolist(), strict=True):
            written.append((tokens[a][0], tokens[b - 1][1], LABELS[label]))
        if tokens:
            yield tokens, tags
    losses += _moved(record.id, document.text, entities, written)
    for layer in LAYERS[1:]:
        for item in getattr(record, layer) or ():
            message = f"{layer}: {msgspec.json.encode(item).decode()[:80]}"
            losses.append(Loss(kind="layer", message=message, document=record.id))


def _lines(text: str) -> list[Span]:
    """The lines of a text whose sentences are not known."""
    return [match.span() for match in re.finditer(r"[^\n]*\S[^\n]*", text)]


def _flat(record: Record, losses: list[Loss]) -> Iterator[Entity]:
    """The entities that lie in no other, the longer one first; details of an entity that columns do not have are counted."""
    reach = -1
    for entity in sorted(record.entities or (), key=lambda e: (e.start, -e.end)):
        if entity.start < reach:
            message = f"{entity.label} [{entity.start}, {entity.end})"
            losses.append(Loss(kind="nested", message=message, document=record.id))
            continue
        reach = entity.end
        details: dict[str, Any] = msgspec.to_builtins(entity)
        for name in sorted(details.keys() - {"start", "end", "label", "text"}):
            losses.append(Loss(kind="field", message=f"entities.{name}", document=record.id, annotations=0))
        yield entity


def _moved(id: str, text: str, entities: Sequence[Entity], written: Sequence[tuple[int, int, str]]) -> Iterator[Loss]:
    """What became of the entities between tokens: written spans that are not theirs, and those that have none."""
    left = Counter(written)
    changed: list[Entity] = []
    for entity in entities:
        claim = (entity.start, entity.end, entity.label)
        changed += [] if left[claim] else [entity]
        left[claim] -= left[claim] > 0
    for entity in changed:
        near = (w for w, n in left.items() if n and w[0] < entity.end and entity.start < w[1] and w[2] == entity.label)
        found = next(near, None)
        if found is not None:
            left[found] -= 1
        message = f"{entity.label} {text[entity.start : entity.end]!r}"
        yield Loss(kind="edges", message=message, document=id, annotations=0 if found else 1)
