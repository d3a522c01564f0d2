"""Columns of tokens and tags: CoNLL 2003, VLSP 2016 and 2018, PhoNER, and what underthesea and VnCoreNLP print.

Conventions
    * A line is a token: two or more columns between tabs (tokens may then hold spaces), or where the file has no tab between
      spaces. The first column is the token, except in CoNLL-U-like files, whose first column is a number, the last the tag.
    * Further columns of tags with labels of entities before the last one hold the outer level of nested entities (VLSP 2016).
    * An empty line, `<s>` or `</s>` ends a sentence; `-DOCSTART-`, `# newdoc`, `#begin document` or `<doc …>` begin a document.
    * There are no offsets: the text of such a file is its tokens between spaces, a sentence a line; `_` in a token stays.
Entities are the only layer; they are written flat, outermost ones, in IOB2.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import msgspec

from vnnews_bench.formats import schemes
from vnnews_bench.formats.exchange import Gathering, Loss, Read, Source, Written, document_id, label_of
from vnnews_bench.records import LAYERS, Document, Entity, Record, Span
from vnnews_bench.tags import encode
from vnnews_bench.tasks.ner import LABELS
from vnnews_bench.text import syllables

_SENTENCE = re.compile(r"</?(s|p|title|editor|date|head)\b[^>]*>$", re.I)
_DOCUMENT = re.compile(r"(-DOCSTART-|<doc\b|#\s*begin document\b|#\s*newdoc\b|#\s*end document\b|</doc>)", re.I)
_COMMENT = re.compile(r"#\s*(newpar|sent_id|text|id|doc|global\.columns|source)\b.*[=:]")
_NAME = re.compile(r"""\bid\s*=\s*"?([^"\s>]+)|\(([^()]+)\)|-DOCSTART-\s+(?!-X-|O\b|\()(\S+)""", re.I)


class Sentence(msgspec.Struct, frozen=True):
    """Tokens with their tags by level, the outermost first, and the line on which each stands."""

    document: int
    tokens: list[str]
    tags: list[list[str]]
    lines: list[int]


class Tagged(msgspec.Struct, frozen=True):
    """A file of columns: the names of its documents, and its sentences."""

    documents: list[str]
    sentences: list[Sentence]

    def level(self, n: int = 0) -> list[list[str]]:
        """The tags of every sentence on a level."""
        return [sentence.tags[n] for sentence in self.sentences]


def looks_like(head: str) -> bool:
    """Whether the first lines are tokens with tags."""
    rows = [row for row in (_row(line, "\t" in head) for line in head.split("\n")[:-1] or [head]) if row]
    return bool(rows) and all(len(row) >= 2 and schemes.TAG.fullmatch(row[-1]) for row in rows[:200])


def parse(source: Source) -> Tagged:
    """The sentences of a file. Raises `BenchError` with the line that has other columns, or no tag in its last one."""
    text = source.text()
    by_tab = "\t" in text
    documents: list[str] = []
    rows: list[tuple[int, int, tuple[str, ...]]] = []  # document, line, columns
    breaks: set[int] = {0}  # numbers of the rows that begin a sentence
    opened = -1
    known = {"O"}  # tags that were met
    for number, line in enumerate(text.split("\n"), 1):
        if line[:1] in ("-", "#", "<") and _DOCUMENT.match(line):
            if not re.match(r"#\s*end|</", line):
                documents.append(_name(line, len(documents)))
                opened += 1
            breaks.add(len(rows))
            continue
        row = _row(line, by_tab)
        if row is None:
            breaks.add(len(rows))
            continue
        if rows and len(row) != len(rows[0][2]):
            message = f"has {len(row)} columns, line {rows[0][1]} has {len(rows[0][2])}"
            raise source.refused(number, message)
        if len(row) < 2:
            raise source.refused(number, "is one column; a line is a token and its tag, between tabs or spaces")
        if row[-1] not in known and not schemes.TAG.fullmatch(row[-1]):
            message = f"{row[-1]!r} is no tag; tags are O, and B- I- E- S- L- or U- before a label"
            raise source.refused(number, message)
        known.add(row[-1])
        if opened < 0:
            documents.append("d1")
            opened = 0
        rows.append((opened, number, row))
    if not rows:
        raise source.refused(None, "holds no token")
    token, levels = _columns([row for _, _, row in rows])
    _refuse_two_answers(source, rows, levels)
    ends = sorted(breaks | {len(rows)})
    sentences = []
    for start, end in pairwise(ends):
        part = rows[start:end]
        tags = [[row[level] for _, _, row in part] for level in levels]
        sentences.append(Sentence(part[0][0], [row[token] for _, _, row in part], tags, [line for _, line, _ in part]))
    return Tagged(documents, sentences)


def _row(line: str, by_tab: bool) -> tuple[str, ...] | None:
    """The columns of a line; `None` for one that ends a sentence or is a comment."""
    line = line.rstrip("\r")
    if not line.strip(" \t"):
        return None
    if line[:1] in ("-", "#", "<", " ") and any(kind.match(line.strip()) for kind in (_SENTENCE, _COMMENT, _DOCUMENT)):
        return None
    if not by_tab:
        return tuple(re.split(" +", line.strip(" ")))
    columns = line.rstrip("\t ").split("\t")
    return tuple(column.strip(" ") for column in columns) if " " in line else tuple(columns)


def _name(line: str, n: int) -> str:
    found = _NAME.search(line)
    return document_id(next((g for g in found.groups() if g), "") if found else "", n + 1)


def _columns(rows: Sequence[Sequence[str]]) -> tuple[int, list[int]]:
    """The column of tokens, and those of tags, the outermost level first."""
    width = len(rows[0])
    token = 1 if width > 2 and all(row[0].isdigit() for row in rows) else 0
    levels = [width - 1]
    for column in range(width - 2, token, -1):
        tags = [row[column] for row in rows]
        if not all(map(schemes.TAG.fullmatch, tags)) or not any(tag != "O" and label_of(tag[2:]) for tag in tags):
            break
        levels.insert(0, column)
    return token, levels


def _refuse_two_answers(source: Source, rows: Sequence[tuple[int, int, tuple[str, ...]]], levels: Sequence[int]) -> None:
    """Raises `BenchError` for gold and predictions side by side, as conlleval reads them: nested levels differ in most tags."""
    for outer, inner in pairwise(levels):
        tags = [(row[outer], row[inner]) for _, _, row in rows if row[inner] != "O"]
        if 2 * sum(one == other for one, other in tags) > len(tags):
            message = f"columns {outer + 1} and {inner + 1} have mostly the same tags; keep one column, or nested levels"
            raise source.refused(rows[0][1], message)


def read(source: Source) -> Read:
    """The entities of a file; ill-formed tags are repaired and counted, or under `strict` dropped and listed."""
    return taken(parse(source), source)


def taken(tagged: Tagged, source: Source) -> Read:
    """The entities of tagged sentences, on the text that their tokens are between spaces."""
    texts: dict[str, Document] = {}
    gathered: list[Gathering] = []
    places = []
    for n, name in enumerate(tagged.documents):
        parts = [sentence for sentence in tagged.sentences if sentence.document == n]
        document, spans = _text(name if name not in texts else f"d{n + 1}", parts)
        texts[document.id] = document
        gathered.append(Gathering(document.id, ["entities"]))
        places += spans
    repairs = 0
    for level in range(len(tagged.sentences[0].tags)):
        tags = tagged.level(level)
        scheme = schemes.scheme_of(tags)
        repairs += 0 if source.strict else schemes.illegal(tags, scheme)
        for n, label, start, end in _spans(tagged, level, scheme, source, gathered):
            sentence, tokens = tagged.sentences[n], places[n]
            ours = label_of(label)
            into, line = gathered[sentence.document], sentence.lines[start]
            if ours is None:
                into.lose("label", f"the label {label!r}", line)
            else:
                into.take("entities", {"start": tokens[start][0], "end": tokens[end - 1][1], "label": ours}, line)
    records = [part.record() for part in gathered]
    losses = tuple(loss for part in gathered for loss in part.losses)
    return Read(records=records, texts=texts, losses=losses, repairs=repairs)


def _spans(
    tagged: Tagged, level: int, scheme: str, source: Source, gathered: Sequence[Gathering]
) -> list[tuple[int, str, int, int]]:
    """The spans of a level by sentence; what `strict` drops or shortens is counted."""
    tags = tagged.level(level)
    labels = schemes.labels_of(tags)
    lenient = _listed(tags, labels, scheme, False)
    if not source.strict:
        return lenient
    check(tagged, scheme, source, level)
    kept = _listed(tags, labels, scheme, True)
    within = set(kept)
    for n, label, start, end in lenient:
        if (n, label, start, end) in within:
            continue
        inside = any(n == m and label == other and start <= a and b <= end for m, other, a, b in kept)
        sentence = tagged.sentences[n]
        words = " ".join(sentence.tokens[start:end])
        gathered[sentence.document].lose("tags", f"{label} {words!r}", sentence.lines[start], 0 if inside else 1)
    return kept


def _listed(tags: schemes.Sentences, labels: Sequence[str], scheme: str, strict: bool) -> list[tuple[int, str, int, int]]:
    rows = schemes.read(tags, labels, scheme, strict)
    columns = (rows.text.tolist(), rows.label.tolist(), rows.start.tolist(), rows.end.tolist())
    return [(n, labels[label], start, end) for n, label, start, end in zip(*columns, strict=True)]


def check(tagged: Tagged, scheme: str, source: Source, level: int = 0) -> None:
    """Raises `BenchError` with the line of a tag whose letter the scheme does not have."""
    letters = "O" + schemes.SCHEMES[scheme]
    for sentence in tagged.sentences:
        for tag, line in zip(sentence.tags[level], sentence.lines, strict=True):
            if tag[0] not in letters:
                raise source.refused(line, f"{tag!r} is no tag of {scheme}, the scheme of the file; --tags repair reads it")


def _text(id: str, sentences: Sequence[Sentence]) -> tuple[Document, list[list[Span]]]:
    """The text of a document, and the spans of its tokens by sentence."""
    pieces: list[str] = []
    places: list[list[Span]] = []
    bounds: list[Span] = []
    at = 0
    for sentence in sentences:
        spans = []
        for token in sentence.tokens:
            spans.append((at, at + len(token)))
            at += len(token) + 1
        pieces.append(" ".join(sentence.tokens))
        places.append(spans)
        bounds.append((spans[0][0], spans[-1][1]))
    return Document(id=id, text="\n".join(pieces), sentences=tuple(bounds)), places


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
        for _, label, a, b in _listed([tags], LABELS, "IOB2", False):
            written.append((tokens[a][0], tokens[b - 1][1], label))
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
