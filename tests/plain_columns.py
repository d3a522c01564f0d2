"""Files of columns as plain Python reads them, line by line and tag by tag: the definition that the arrays are held to."""

import re
from collections import Counter
from itertools import pairwise
from typing import NamedTuple

from seqeval import scheme as seqeval_schemes

from vnnews_bench.formats.exchange import document_id, label_of

SENTENCE = re.compile(r"</?(s|p|title|editor|date|head)\b[^>]*>$", re.I)
DOCUMENT = re.compile(r"(-DOCSTART-|<doc\b|#\s*begin document\b|#\s*newdoc\b|#\s*end document\b|</doc>)", re.I)
COMMENT = re.compile(r"#\s*(newpar|sent_id|text|id|doc|global\.columns|source)\b.*[=:]")
NAME = re.compile(r"""\bid\s*=\s*"?([^"\s>]+)|\(([^()]+)\)|-DOCSTART-\s+(?!-X-|O\b|\()(\S+)""", re.I)
TAG = re.compile(r"O|[BIESLU]-[^\s-](.*[^-])?")
LETTERS = {"IOB1": "BI", "IOB2": "BI", "IOBES": "BIES", "BILOU": "BILU"}


class Sentence(NamedTuple):
    document: int
    tokens: list[str]
    tags: list[list[str]]  # by level, the outermost first
    lines: list[int]


class RefusedError(ValueError):
    """A line, and what is wrong with it."""


def parse(raw):
    """The names of the documents, and the sentences."""
    text = raw.decode("utf-8-sig")
    by_tab = "\t" in text
    documents, rows, breaks, opened = [], [], {0}, -1
    for number, line in enumerate(text.split("\n"), 1):
        if line[:1] in ("-", "#", "<") and DOCUMENT.match(line):
            if not re.match(r"#\s*end|</", line):
                found = NAME.search(line)
                name = next((g for g in found.groups() if g), "") if found else ""
                documents.append(document_id(name, len(documents) + 1))
                opened += 1
            breaks.add(len(rows))
            continue
        row = row_of(line, by_tab)
        if row is None:
            breaks.add(len(rows))
            continue
        if rows and len(row) != len(rows[0][2]):
            raise RefusedError(number, f"has {len(row)} columns, line {rows[0][1]} has {len(rows[0][2])}")
        if len(row) < 2:
            raise RefusedError(number, "is one column")
        if not TAG.fullmatch(row[-1]):
            raise RefusedError(number, f"{row[-1]!r} is no tag; tags are O")
        if opened < 0:
            documents.append("d1")
            opened = 0
        rows.append((opened, number, row))
    if not rows:
        raise RefusedError(None, "holds no token")
    token, levels = columns_of([row for _, _, row in rows])
    for outer, inner in pairwise(levels):
        tags = [(row[outer], row[inner]) for _, _, row in rows if row[inner] != "O"]
        if 2 * sum(one == other for one, other in tags) > len(tags):
            raise RefusedError(rows[0][1], f"columns {outer + 1} and {inner + 1} have mostly the same tags")
    sentences = []
    for start, end in pairwise(sorted(breaks | {len(rows)})):
        part = rows[start:end]
        tags = [[row[level] for _, _, row in part] for level in levels]
        sentences.append(Sentence(part[0][0], [row[token] for _, _, row in part], tags, [line for _, line, _ in part]))
    return documents, sentences


def row_of(line, by_tab):
    """The columns of a line; `None` for one that ends a sentence or is a comment."""
    line = line.rstrip("\r")
    if not line.strip(" \t"):
        return None
    if line[:1] in ("-", "#", "<", " ") and any(kind.match(line.strip()) for kind in (SENTENCE, COMMENT, DOCUMENT)):
        return None
    if not by_tab:
        return re.split(" +", line.strip(" "))
    return [column.strip(" ") for column in line.rstrip("\t ").split("\t")]


def columns_of(rows):
    """The column of tokens, and those of tags, the outermost level first."""
    width = len(rows[0])
    token = 1 if width > 2 and all(row[0].isdigit() for row in rows) else 0
    levels = [width - 1]
    for column in range(width - 2, token, -1):
        tags = [row[column] for row in rows]
        if not all(map(TAG.fullmatch, tags)) or not any(tag != "O" and label_of(tag[2:]) for tag in tags):
            break
        levels.insert(0, column)
    return token, levels


def translated(tags):
    return [{"L": "E", "U": "S"}.get(tag[0], tag[0]) + tag[1:] for tag in tags]


def illegal(sentences, scheme):
    """How many tags cannot stand where they do."""
    count = 0
    for tags in map(translated, sentences):
        before = "O"
        for tag in [*tags, "O"]:
            same = before != "O" and before[2:] == tag[2:]
            if scheme in ("IOB1", "IOB2"):
                count += tag[0] == ("I" if scheme == "IOB2" else "B") and not same
            else:
                count += (before[0] in "BI") != (tag[0] in "IE" and same) or (tag[0] in "IE" and before[0] not in "BI")
            before = tag
    return count


def scheme_of(sentences, known=None):
    """The scheme of some tags; `known` is that of the gold."""
    letters = {tag[0] for tags in sentences for tag in tags}
    if letters & set("LU"):
        return "BILOU"
    if letters & set("ES"):
        return "IOBES"
    if known in ("IOB1", "IOB2") or (known is not None and letters <= {"O"}):
        return known
    return "IOB1" if illegal(sentences, "IOB1") < illegal(sentences, "IOB2") else "IOB2"


def spans(sentences, scheme=None):
    """The (sentence, label, start, end) of all spans, repaired as conlleval does, or strictly in a scheme."""
    if scheme is not None:
        found = seqeval_schemes.Entities(sentences, scheme=getattr(seqeval_schemes, scheme)).entities
        return [(n, e.tag, e.start, e.end) for n, entities in enumerate(found) for e in entities]
    made = []
    for n, tags in enumerate(map(translated, sentences)):
        before = "O"
        for at, tag in enumerate(tags):
            if tag != "O":
                if tag[0] in "BS" or before[0] in "OES" or before[2:] != tag[2:]:
                    made.append((n, tag[2:], at, at))
                made[-1] = (*made[-1][:3], at + 1)
            before = tag
    return made


def counts(gold, predicted, owner, schemes=(None, None)):
    """By metric, text and label: gold, predicted and shared mass as fractions of an annotation."""
    sides = [spans(tags, scheme) for tags, scheme in zip((gold, predicted), schemes, strict=True)]
    atoms = {
        "strict": lambda n, label, a, b: [((owner[n], label), (n, a, b))],
        "span": lambda n, label, a, b: [((owner[n], ""), (n, a, b))],
        "tokens": lambda n, label, a, b: [((owner[n], label), (n, at)) for at in range(a, b)],
    }
    found = {}
    for name, of in atoms.items():
        masses = [Counter(), Counter()]
        for side, mass in zip(sides, masses, strict=True):
            for span in side:
                claims = of(*span)
                for claim in claims:
                    mass[claim] += 1 / len(claims)
        cells = {}
        for cell, atom in [*masses[0], *masses[1]]:
            cells.setdefault(cell, set()).add(atom)
        found[name] = {
            cell: tuple(
                sum(share(masses[0][cell, atom], masses[1][cell, atom]) for atom in there)
                for share in (lambda g, p: g, lambda g, p: p, min)
            )
            for cell, there in cells.items()
        }
    return found
