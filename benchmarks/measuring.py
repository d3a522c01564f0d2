"""Calls measured in fresh processes: CPU seconds, wall seconds, peak memory.

A contestant is a function of `contestants.py`. It imports and prepares what it needs and returns a call, which is what is
measured; run as a script, this is the process in which that happens. Contestants take turns, so that all meet the same machine.
"""

import contextlib
import importlib
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from vnnews_bench import worker

LONGEST = 300  # seconds of a process
MEMORY = 8_192  # MiB of a process: who needs more has lost, not the machine
Value = dict[str, Any]  # what a call counted, by name


class Contestant(msgspec.Struct, frozen=True):
    """Who takes part: a name for the table, a function of `contestants.py` and its arguments, how many units it works on."""

    name: str
    function: str
    arguments: tuple[Any, ...] = ()
    units: int = 0


class Figures(msgspec.Struct, frozen=True, omit_defaults=True):
    """One measured call: CPU seconds of the process and of those that it started, wall seconds, MiB at the peak.

    `error` is the last line of a process that failed.
    """

    cpu: float = 0
    wall: float = 0
    peak: float = 0
    value: Value | None = None
    error: str | None = None


def measured(contestant: Contestant, folder: Path) -> Figures:
    """The contestant in a process of its own; corpora are looked for, and made, in `folder`."""
    job = msgspec.json.encode((contestant.function, contestant.arguments, str(folder))).decode()
    # a process in which lines are counted would be another one
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    command = [sys.executable, __file__, job]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, env=environment, start_new_session=True) as process:
        try:
            printed, told = process.communicate(timeout=LONGEST)
        except BaseException as error:
            os.killpg(process.pid, signal.SIGKILL)  # it and the workers that it started
            if isinstance(error, subprocess.TimeoutExpired):
                return Figures(error=f"took more than {LONGEST} s")
            raise
    if process.returncode:
        said = told.decode(errors="replace").strip().splitlines()
        return Figures(error=said[-1] if said else f"ended with {process.returncode}")
    return msgspec.json.decode(printed.splitlines()[-1], type=Figures)


def rounds(contestants: Sequence[Contestant], count: int, folder: Path) -> Iterator[tuple[Contestant, Figures]]:
    """Every contestant once, then every one again, `count` times; one that failed has no further turn."""
    failed = set()
    for _ in range(count):
        for contestant in contestants:
            if contestant.name not in failed:
                figures = measured(contestant, folder)
                if figures.error:
                    failed.add(contestant.name)
                yield contestant, figures


def differing(found: Iterable[tuple[Contestant, Figures]]) -> list[str]:
    """What is not the same wherever it was counted on as many units, a line each."""
    met: dict[tuple[int, str], Any] = {}
    wrong = []
    for contestant, figures in found:
        for name, value in (figures.value or {}).items():
            known = met.setdefault((contestant.units, name), value)
            if known != value:
                wrong.append(f"{name} of {contestant.name}: {value}, elsewhere {known}")
    return wrong


def _taken(call: Callable[[], Value | None]) -> Figures:
    """The figures of a call in this process."""
    began, used = time.perf_counter(), _used()
    value = call()
    cpu, wall = _used() - used, time.perf_counter() - began
    return Figures(cpu=round(cpu, 6), wall=round(wall, 6), peak=round(worker.peak(), 1), value=value)


def _used() -> float:
    """CPU seconds of this process and of those that it started and waited for."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def _forget() -> None:
    """Lets the peak of memory begin now: what was needed to prepare the input does not count, the input does."""
    with contextlib.suppress(OSError):  # no Linux, or not allowed: the peak is that of the whole process
        Path("/proc/self/clear_refs").write_text("5")


if __name__ == "__main__":
    function, arguments, folder = msgspec.json.decode(sys.argv[1])
    worker.limit(MEMORY)
    prepared = getattr(importlib.import_module("contestants"), function)(Path(folder), *arguments)
    _forget()
    sys.stdout.buffer.write(b"\n" + msgspec.json.encode(_taken(prepared)) + b"\n")
