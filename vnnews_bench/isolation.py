"""Tools in processes of their own: a crash, a hang or a lack of memory costs one document, and the rest goes on.

A worker (`python -m vnnews_bench.worker`) is kept for many documents and started anew after a fault. It is killed with all
the processes that it started.
"""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from queue import SimpleQueue

import msgspec

from vnnews_bench import files
from vnnews_bench.errors import BenchError
from vnnews_bench.records import Document, Record
from vnnews_bench.tools import Settings, Usage
from vnnews_bench.worker import Job, Reply


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one document: a checked record, or `None` and the reason in `lost`.

    `seconds` is wall time for this document, without the start of the tool; `peak` MiB of the largest process so far.
    """

    document: str
    record: Record | None = None
    lost: str | None = None
    notes: tuple[str, ...] = ()
    usage: Usage | None = None
    seconds: float = 0
    peak: float = 0


class WorkerError(Exception):
    """Why a worker gave no answer."""


class OverdueError(WorkerError):
    """A worker gave no answer in time."""


class Worker:
    """One process of a tool, started when it is needed. `module` is what runs in it, and says first whether the job loads."""

    def __init__(self, job: Job, seconds: float, module: str = "vnnews_bench.worker") -> None:
        self.job, self.seconds, self.module = job, seconds, module
        self.process: subprocess.Popen[bytes] | None = None
        self.thread = ThreadPoolExecutor(1)

    def start(self) -> subprocess.Popen[bytes]:
        """The process with the tool loaded. Raises `BenchError` when it cannot be."""
        if self.process is not None:
            return self.process
        command = [sys.executable, "-u", "-m", self.module, msgspec.json.encode(self.job).decode()]
        self.stderr = tempfile.TemporaryFile()  # noqa: SIM115 (closed in stop)
        process = self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.stderr,
            start_new_session=True,  # so that all that it starts can be ended with it
            env=os.environ | {"PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path)},
        )
        try:
            reply = _reply(self.exchange(b""))
        except WorkerError as fault:
            reply = Reply(error=f"{self.job.target} cannot be loaded: {fault}")
        if reply.error is not None:
            self.stop()
            raise BenchError(reply.error)
        return process

    def kill(self) -> None:
        """Ends the process and all that it started; whoever waits for its answer gets a `WorkerError`."""
        process = self.process
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)

    def stop(self) -> None:
        """Ends the process and all that it started, and lets go of it."""
        self.kill()
        process, self.process = self.process, None
        if process is None:
            return
        process.wait()
        for stream in (process.stdin, process.stdout, self.stderr):
            with contextlib.suppress(OSError):  # of what was buffered for a process that is gone
                if stream is not None:
                    stream.close()

    def ask(self, document: Document) -> Outcome:
        """What becomes of a document; after a fault the next one gets a new process."""
        self.start()
        began = time.perf_counter()
        reply, lost = Reply(), None
        try:
            reply = _reply(self.exchange(msgspec.json.encode(document) + b"\n"))
            lost = reply.error or misfit(reply.record, document)
        except WorkerError as fault:
            lost = str(fault)
            self.stop()
        return Outcome(
            document=document.id,
            record=reply.record if lost is None else None,
            lost=lost,
            notes=reply.notes,
            usage=reply.usage,
            seconds=time.perf_counter() - began,
            peak=reply.peak,
        )

    def exchange(self, line: bytes) -> bytes:
        """Writes a line, reads one. Raises `WorkerError` when none comes in time, or none at all."""
        process = self.process
        assert process is not None
        answer = self.thread.submit(_talk, process, line)
        try:
            raw = answer.result(self.seconds)
        except Late:
            self.kill()  # which ends the reading, too
            raise OverdueError(f"no answer within {self.seconds:g} s") from None
        if not raw.endswith(b"\n"):
            raise WorkerError(self._death(process))
        return raw

    def _death(self, process: subprocess.Popen[bytes]) -> str:
        """How the process ended, with the last line that it wrote to standard error."""
        try:
            code = process.wait(5)
        except subprocess.TimeoutExpired:
            return "closed its output"
        how = f"ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        self.stderr.seek(max(0, os.fstat(self.stderr.fileno()).st_size - 2000))
        lines = self.stderr.read().decode(errors="replace").split("\n")
        last = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return f"{how}: {last[:200]}" if last else how


def _talk(process: subprocess.Popen[bytes], line: bytes) -> bytes:
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(line)
        process.stdin.flush()
        return process.stdout.readline()
    except (OSError, ValueError):  # the process is gone
        return b""


def _reply(raw: bytes) -> Reply:
    try:
        return msgspec.json.decode(raw, type=Reply)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise WorkerError("the answer cannot be read") from None


def run(job: Job, documents: Iterable[Document], settings: Settings) -> Iterator[Outcome]:
    """What becomes of each document, in order, under what the job runs.

    `settings.at_once` processes share the documents. Raises `BenchError` when the tool cannot be loaded.
    """
    workers = [Worker(job, settings.seconds) for _ in range(settings.at_once)]
    free: SimpleQueue[Worker] = SimpleQueue()

    def one(document: Document) -> Outcome:
        worker = free.get()
        try:
            return worker.ask(document)
        finally:
            free.put(worker)

    with ThreadPoolExecutor(settings.at_once) as pool:
        try:
            for worker in workers:
                worker.start()
                free.put(worker)
            yield from pool.map(one, documents)
        finally:
            for worker in workers:
                worker.stop()
                worker.thread.shutdown(wait=False)


def misfit(record: Record | None, document: Document) -> str | None:
    """Why a record cannot be that of the document."""
    if record is None or record.id != document.id:
        return f"a record of {record.id!r} for {document.id}" if record else "no record"
    try:
        files.checked([record], {document.id: document}, "record")
    except BenchError as error:
        return str(error).splitlines()[0]
    return None
