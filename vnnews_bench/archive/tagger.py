"""A tagger: one worker process and what is done when it dies; both engines consist of taggers."""

import msgspec

from vnnews_bench.archive.shards import Done, Shard
from vnnews_bench.archive.worker import Ending, Fate, Task
from vnnews_bench.errors import BenchError
from vnnews_bench.isolation import OverdueError, Worker, WorkerError
from vnnews_bench.worker import Job


class StoppedError(Exception):
    """The tagger was told to stop."""


class Tagger:
    """Tags shards into a folder, one after another, by a process that loads the system once.

    A document that takes more than `seconds` is set aside. One on which the process dies is tried once more in a new process,
    so that none is lost for what others left behind or for what struck from outside, and then set aside.
    """

    def __init__(self, job: Job, seconds: float, out: str) -> None:
        self.out = out
        self.worker = Worker(job, seconds, "vnnews_bench.archive.worker")
        self.stopped = False

    def tag(self, shard: Shard) -> Done:
        """Writes a shard's files. Raises `BenchError` when the system cannot be loaded or the files cannot be written."""
        known: list[msgspec.Raw] = []
        died = None
        while True:
            self.start()
            try:
                return self._rest(shard, known)
            except WorkerError as fault:
                self.worker.stop()
                if self.stopped:
                    raise StoppedError from None
                at = len(known)
                if at == len(shard.documents):
                    if died == at:
                        raise BenchError(f"{self.out}/{shard.name}: cannot be written: the worker {fault}") from None
                elif died == at or isinstance(fault, OverdueError):
                    known.append(msgspec.Raw(msgspec.json.encode(Fate(lost=str(fault)))))
                died = at

    def start(self) -> None:
        """Loads the system, where this is not done. Raises `BenchError` when it cannot be."""
        if self.stopped:
            raise StoppedError
        self.worker.start()

    def kill(self) -> None:
        """Ends the process at once, from any thread; `tag` raises `StoppedError`."""
        self.stopped = True
        self.worker.kill()

    def close(self) -> None:
        """Ends the process between two shards."""
        self.stopped = True
        self.worker.stop()
        self.worker.thread.shutdown(wait=False)

    def _rest(self, shard: Shard, known: list[msgspec.Raw]) -> Done:
        """Has what is left of a shard tagged; `known` grows by each document."""
        line = msgspec.json.encode(Task(shard=shard, out=self.out, known=(*known,))) + b"\n"
        for _ in range(len(known), len(shard.documents)):
            known.append(msgspec.Raw(self.worker.exchange(line)[:-1]))
            line = b""
        ending = msgspec.json.decode(self.worker.exchange(line), type=Ending)
        if ending.error is not None:
            raise BenchError(ending.error)
        return ending.done
