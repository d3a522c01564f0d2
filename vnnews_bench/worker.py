"""The process in which a tool runs: documents come in as JSON lines, answers go out as JSON lines.

Started by `isolation`. Whatever the tool prints goes to standard error, so that it cannot be taken for an answer.
"""

import importlib
import os
import resource
import sys
from collections.abc import Callable
from typing import Any, BinaryIO

import msgspec

from vnnews_bench.errors import BenchError
from vnnews_bench.records import Document, Record
from vnnews_bench.tools import Answer, Settings, Usage


class Job(msgspec.Struct, frozen=True):
    """What a worker runs: the module of an adapter under `settings`, or without them a system, `module:callable`."""

    target: str
    memory: int = 0  # MiB
    settings: Settings | None = None


class Reply(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of a worker: an answer, or why there is none; MiB of the largest process so far."""

    record: Record | None = None
    notes: tuple[str, ...] = ()
    usage: Usage | None = None
    error: str | None = None
    peak: float = 0


def begin() -> tuple[BinaryIO, BinaryIO, Callable[[Document], Any]]:
    """Where lines come from and go to, and what the job of the command line runs; ends the process when it cannot be loaded."""
    lines, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # no tool reads the documents,
    os.dup2(2, 1)  # and none writes answers
    job = msgspec.json.decode(sys.argv[1], type=Job)
    limit(job.memory)
    try:
        tag = loaded(job)
    except BenchError as error:
        _say(replies, Reply(error=told(error)))
        sys.exit()
    except Exception as error:
        _say(replies, Reply(error=f"{job.target} cannot be loaded: {told(error)}"))
        sys.exit()
    _say(replies, Reply())
    return lines, replies, tag


def main() -> None:
    """Says whether the tool could be loaded, then answers one line per line until there are no more."""
    lines, replies, tag = begin()
    for line in lines:
        document = msgspec.json.decode(line, type=Document)
        try:
            answer = tag(document)
            if isinstance(answer, Record):
                answer = Answer(answer)
            if not isinstance(answer, Answer):
                raise BenchError(f"returned {type(answer).__name__}; a system returns a Record")
            reply = Reply(answer.record, answer.notes, answer.usage)
        except Exception as error:
            reply = Reply(error=told(error))
        _say(replies, reply)


def limit(memory: int) -> None:
    """A ceiling in MiB for what each process of the tool may write to.

    `RLIMIT_DATA` counts writable private memory and not what is only reserved, so that it holds for Python, the JVM and
    Node alike; a ceiling on the address space would stop the latter two from starting.
    """
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    if memory:
        resource.setrlimit(resource.RLIMIT_DATA, (memory << 20, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def peak() -> float:
    """MiB of the largest process so far: this one, or one that it started and waited for."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:  # the figure above begins with that of the parent at the fork; this one is the process's own
        with open("/proc/self/status", encoding="ascii", errors="replace") as status:
            own = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        pass
    return max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024


def told(error: Exception) -> str:
    """An exception in one line; one of the project is its own message."""
    said = " ".join(str(error).split())
    if isinstance(error, BenchError):
        return said
    if isinstance(error, MemoryError):
        return "out of memory"
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def loaded(job: Job) -> Callable[[Document], Any]:
    """What the job runs: a function from a document to a record or an `Answer`."""
    name, _, attribute = job.target.partition(":")
    module = importlib.import_module(name)
    if job.settings is None:
        tag: Callable[[Document], Any] = getattr(module, attribute)
        return tag
    run = module.start(job.settings)
    return lambda document: module.read(document, run(document))


def _say(replies: BinaryIO, reply: Reply) -> None:
    replies.write(msgspec.json.encode(msgspec.structs.replace(reply, peak=peak())) + b"\n")


if __name__ == "__main__":
    main()
