"""Adapters: one thin file per tool, from what it prints to records of the original text.

Each has two functions. `start(settings)` imports the tool and gives a function from a document to what the tool prints, as
values that JSON has. `read(document, printed)` makes an `Answer` of that. An adapter runs in a process of its own
(`vnnews_bench.isolation`), and does not tune its tool: it is called with its defaults, and what it says is taken over.
"""

import datetime
import importlib
import unicodedata
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from typing import Any, NamedTuple

from vnnews_bench.align import align, align_tokens
from vnnews_bench.errors import BenchError
from vnnews_bench.formats.exchange import Gathering, label_of
from vnnews_bench.records import Document, Span
from vnnews_bench.tags import decode
from vnnews_bench.tools import Answer, missing


class Piece(NamedTuple):
    """A sentence, and `text`, what a tool is given of it (`plain`).

    `start` is the place of the sentence in the document. Offsets are code points.
    """

    start: int
    sentence: str
    text: str

    def span(self, start: int, end: int) -> Span:
        """The span of the document for which code points of what the tool was given stand."""
        a, b = align(self.sentence, self.text).span(start, end)
        return self.start + a, self.start + b

    def tokens(self, tokens: Sequence[str]) -> tuple[list[Span], list[str]]:
        """The span of the document for each of a tool's tokens, and notes on what the tool rewrote."""
        spans, edits = align_tokens(self.sentence, tokens)
        notes = [f"rewritten: {edit.text!r} as {edit.became!r}" for edit in edits]
        return [(self.start + a, self.start + b) for a, b in spans], notes


def pieces(document: Document) -> list[Piece]:
    """The sentences of a document, or its lines when it comes without sentences."""
    found = []
    for start, end in document.sentences or _lines(document.text):
        sentence = document.text[start:end]
        if plain(sentence).strip():
            found.append(Piece(start, sentence, plain(sentence)))
    return found


def plain(text: str) -> str:
    """Text as tools expect it: composed (NFC), `_` of word-segmented text as a space."""
    return unicodedata.normalize("NFC", text.replace("_", " "))


def _lines(text: str) -> list[Span]:
    found, start = [], 0
    for line in text.splitlines(keepends=True):
        found.append((start, start + len(line)))
        start += len(line)
    return found


def imported(tool: str, module: str) -> Any:
    """A module of a tool. Raises `BenchError` with the command that installs it."""
    if find_spec(module.partition(".")[0]) is None:
        raise missing(tool)
    return importlib.import_module(module)


def gathering(document: Document, layer: str) -> Gathering:
    """What takes the annotations of a tool: one that repeats another or has no letters becomes a loss, and is told."""
    return Gathering(document.id, [layer], len(document.text))


def answer(gathered: Gathering, notes: Iterable[str] = ()) -> Answer:
    """The record that was gathered, with notes on all that is not in it."""
    record = gathered.record()
    return Answer(record, (*notes, *(f"{loss.kind}: {loss.message}" for loss in gathered.losses)))


Words = Sequence[Sequence[str]]  # of a sentence: a word and its tag each


def tagged(document: Document, printed: Sequence[Words]) -> Answer:
    """The names of a document by a tool that gives every word of a sentence a BIO tag.

    Illegal tags are repaired as conlleval does. Repairs, labels that the scheme lacks and what the tool rewrote are noted.
    """
    gathered, notes, repaired = gathering(document, "entities"), [], 0
    for piece, words in zip(pieces(document), printed, strict=True):
        spans, rewritten = piece.tokens([word for word, _ in words])
        notes += rewritten
        tags = [tag for _, tag in words]
        labels = sorted({tag[2:] for tag in tags if tag != "O"})
        rows = decode([tags], labels)
        repaired += len(rows.start) - sum(tag.startswith("B-") for tag in tags)
        for label, first, last in zip(rows.label.tolist(), rows.start.tolist(), rows.end.tolist(), strict=True):
            named(gathered, spans[first][0], spans[last - 1][1], labels[label])
    if repaired:
        notes.append(f"{repaired} tags repaired: I- without B-")
    return answer(gathered, notes)


def named(gathered: Gathering, start: int, end: int, foreign: str) -> None:
    """Takes a name under the label that a foreign one stands for; one for which there is none is a loss."""
    label = label_of(foreign)
    if label is None:
        gathered.lose("label", f"the label {foreign}")
    else:
        gathered.take("entities", {"start": start, "end": end, "label": label})


def dated(gathered: Gathering, span: Span, when: datetime.datetime, grain: str) -> None:
    """Takes a point in time at its grain: year, quarter, month, week, day, or with any finer one the time of day."""
    type = "DATE" if grain in ("year", "quarter", "month", "week", "day") else "TIME"
    gathered.take("timexes", {"start": span[0], "end": span[1], "type": type, "value": value(when, grain)})


def reference(document: Document, tool: str) -> datetime.datetime:
    """The document's date, at noon where no time of day is known: what deictic expressions are counted from."""
    if document.dct is None:
        raise BenchError(f"{tool} needs the document's date, which this track withholds")
    date = document.dct.date
    return datetime.datetime.fromisoformat(date if "T" in date else f"{date}T12:00")


def value(when: datetime.datetime, grain: str) -> str:
    """The TIMEX3 value of a point in time at a grain."""
    iso = when.isoformat()
    match grain:
        case "year":
            return iso[:4]
        case "quarter":
            return f"{iso[:4]}-Q{(when.month + 2) // 3}"
        case "month":
            return iso[:7]
        case "week":
            year, week, _ = when.isocalendar()
            return f"{year:04}-W{week:02}"
        case "day":
            return iso[:10]
    return iso[:16]
