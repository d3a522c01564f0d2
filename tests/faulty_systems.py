"""Systems that go wrong in every way a foreign tool can; each does so on the second article only."""

import ctypes
import os
import subprocess
import sys
import time

from vnnews_bench.records import Document, Entity, Record


def _sound(document: Document) -> Record:
    return Record(id=document.id, entities=(Entity(start=0, end=3, label="PER"),))


def exits(document: Document) -> Record:
    if document.id == "core-001":
        print("no such model", file=sys.stderr, flush=True)
        os._exit(3)
    return _sound(document)


def segfaults(document: Document) -> Record:
    if document.id == "core-001":
        ctypes.string_at(0)
    return _sound(document)


def hangs(document: Document) -> Record:
    if document.id == "core-001":
        time.sleep(3600)
    return _sound(document)


def hangs_in_a_child(document: Document) -> Record:
    """The child holds the pipes that it inherits, as a JVM would."""
    if document.id == "core-001":
        subprocess.run(["sleep", "3607.25"])
    return _sound(document)


def eats_memory(document: Document) -> Record:
    if document.id == "core-001":
        held = []
        while True:
            held.append(bytearray(32 << 20))
    return _sound(document)


def eats_memory_in_a_child(document: Document) -> Record:
    """A child that needs more than the ceiling is stopped by it, too."""
    if document.id == "core-001":
        done = subprocess.run([sys.executable, "-c", "bytearray(1 << 30)"], capture_output=True, text=True)
        raise RuntimeError(done.stderr.splitlines()[-1])
    return _sound(document)


def prints_rubbish(document: Document) -> Record:
    print('{"record": null}')
    os.write(1, b'\x00\xff{"error": "not said by the worker"}\n')
    subprocess.run(["echo", "rubbish of a child"])
    sys.stdin.read()
    return _sound(document)


def raises(document: Document) -> Record:
    if document.id == "core-001":
        raise RuntimeError("a tool\nwith a bug")
    return _sound(document)


def past_the_end(document: Document) -> Record:
    if document.id == "core-001":
        return Record(id=document.id, entities=(Entity(start=0, end=99999, label="PER"),))
    return _sound(document)


def answers_a_list(document: Document) -> object:
    return [] if document.id == "core-001" else _sound(document)


def closes_its_output(document: Document) -> Record:
    if document.id == "core-001":
        os.closerange(3, 64)
        time.sleep(3600)
    return _sound(document)


def remembers(document: Document) -> Record:
    """How many documents this process has seen, as the end of its only entity."""
    _seen.append(document.id)
    if document.id == "core-002":
        os._exit(1)
    return Record(id=document.id, entities=(Entity(start=0, end=len(_seen), label="PER"),))


_seen: list[str] = []
