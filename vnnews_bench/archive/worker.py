"""The process that tags shards: a shard comes in as one line, a line goes out for each document, then one for the whole.

It splits sentences, tags, checks and writes the shard's files, so that nothing of this waits for another worker. What became of
a document is told at once: if the process dies, the next one is handed what is known and goes on after the document at fault.
"""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from vnnews_bench import isolation
from vnnews_bench.archive.reading import Aside, Found
from vnnews_bench.archive.shards import Done, Shard, write
from vnnews_bench.errors import BenchError
from vnnews_bench.records import Document, Record
from vnnews_bench.text import count, sentences
from vnnews_bench.tools import Answer
from vnnews_bench.worker import begin, told


class Fate(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of a document: its record, or why it has none; notes of the adapter."""

    record: Record | None = None
    lost: str | None = None
    notes: tuple[str, ...] = ()


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """A shard to tag into a folder, and the fates of its first documents as far as they are known."""

    shard: Shard
    out: str
    known: tuple[msgspec.Raw, ...] = ()


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """The last line about a shard: that it was written, or why not."""

    done: Done = Done()
    error: str | None = None


def main() -> None:
    """Says whether the system could be loaded, then tags one shard per line until there are no more."""
    lines, replies, tag = begin()
    threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()
    decoder = msgspec.json.Decoder(Task)
    for line in lines:
        _say(replies, _shard(decoder.decode(line), tag, replies))


def _shard(task: Task, tag: Callable[[Document], Any], replies: BinaryIO) -> Ending:
    shard = task.shard
    fates = [msgspec.json.decode(known, type=Fate) for known in task.known]
    for found in shard.documents[len(fates) :]:
        fates.append(fate(tag, framed(found.document)))
        _say(replies, fates[-1])
    pairs = list(zip(shard.documents, fates, strict=True))
    records = [one.record for one in fates if one.record is not None]
    aside = [*shard.aside, *(_aside(found, one.lost) for found, one in pairs if one.lost is not None)]
    notes = [{"id": found.document.id, "note": note} for found, one in pairs for note in one.notes]
    try:
        write(shard, records, aside, notes, Path(task.out))
    except (BenchError, OSError) as error:
        return Ending(error=told(error))
    counted = sum(count(found.document.text) for found, one in pairs if one.record is not None)
    reason = next((f"{one.place}: {one.reason}" for one in aside), None)
    done = Done(
        documents=len(records), syllables=counted, aside=len(aside), reason=reason, passed=shard.passed, read=shard.read
    )
    return Ending(done=done)


def framed(document: Document) -> Document:
    """The document with sentences: its own, or those found by rule in each of its zones."""
    if document.sentences:
        return document
    stretches = [(zone.start, zone.end) for zone in document.zones] or [(0, len(document.text))]
    found = tuple(span for start, end in stretches for span in sentences(document.text, start, end))
    return msgspec.structs.replace(document, sentences=found)


def fate(tag: Callable[[Document], Any], document: Document) -> Fate:
    """What becomes of a document that does not end the process."""
    try:
        answer = tag(document)
        answer = Answer(answer) if isinstance(answer, Record) else answer
        if not isinstance(answer, Answer):
            return Fate(lost=f"returned {type(answer).__name__}; a system returns a Record")
        lost = isolation.misfit(answer.record, document)
        return Fate(record=answer.record if lost is None else None, lost=lost, notes=answer.notes)
    except Exception as error:
        return Fate(lost=told(error))


def _aside(found: Found, reason: str) -> Aside:
    return Aside(id=found.document.id, place=found.place, reason=reason)


def _say(replies: BinaryIO, what: Fate | Ending) -> None:
    replies.write(msgspec.json.encode(what) + b"\n")


def _end_with_parent(parent: int) -> None:
    """Ends this process when the one that started it was killed, also in the middle of a document."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


if __name__ == "__main__":
    main()
