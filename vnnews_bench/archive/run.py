"""A run: one system over one archive, in a folder that belongs to it.

`_run.json` says which run that is, and a shard that is there is never made again.
"""

import contextlib
import fcntl
import hashlib
import os
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from functools import partial
from importlib.machinery import PathFinder
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

import msgspec

from vnnews_bench import files, measurement, systems, tools
from vnnews_bench.archive import cluster, local, reading, shards
from vnnews_bench.archive.reading import Input
from vnnews_bench.archive.shards import Done
from vnnews_bench.archive.tagger import Tagger
from vnnews_bench.errors import BenchError, listing
from vnnews_bench.tools import Settings
from vnnews_bench.worker import Job

RUN, PARTS = "_run.json", "part-*.parquet"
Engine = Literal["local", "ray"]


class File(msgspec.Struct, frozen=True):
    """A file of the input: its name below the folder that all share, its bytes, and their sha256 in hex."""

    name: str
    bytes: int
    sha256: str


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """What a folder was made of: the system with its versions and settings, the input, and how it is cut."""

    system: str
    versions: dict[str, str]
    settings: Settings
    input: tuple[File, ...]
    documents: int = shards.DOCUMENTS
    size: int = shards.SIZE


def tag(
    patterns: Sequence[str],
    out: Path,
    system: str,
    engine: Engine = "local",
    workers: int | None = None,
    settings: Settings = tools.DEFAULTS,
    tell: Callable[[Done, int], None] = lambda done, total: None,
) -> Done:
    """Tags the files that paths and globs name into a folder, from where an earlier run of the same stopped.

    `tell` is called after each shard with the sum of what this call did so far, and the bytes of the whole input. Gives that
    sum. Raises `BenchError` for an input that cannot be read, a folder of another run, a system that cannot be loaded, and when
    every document was set aside.
    """
    job = systems.job(system, settings)
    archive, out = reading.inputs(patterns), out.absolute()
    inside = next((file.path for file in archive if file.path.absolute().is_relative_to(out)), None)
    if inside is not None:
        raise BenchError(f"{inside}: lies in the folder of the output; name one beside the input")
    run = Run(system=system, versions=_versions(system), settings=settings, input=tuple(map(_file, archive)))
    with _held(out):
        _check(run, out)
        try:
            files.write_bytes(msgspec.json.format(msgspec.json.encode(run), indent=1) + b"\n", out / RUN)
            done = Done()
            with contextlib.closing(_running(engine, archive, job, settings.seconds, out, workers)) as running:
                for one in running:
                    done = _added(done, one)
                    tell(done, sum(file.bytes for file in run.input))
        finally:
            _sweep(out)
    if done.aside and not done.documents and not any(map(_rows, out.glob(PARTS))):
        raise BenchError(f"{system}: every document was set aside: {done.reason}")
    return done


def _running(
    engine: Engine, archive: Sequence[Input], job: Job, seconds: float, out: Path, workers: int | None
) -> Generator[Done, None, None]:
    if engine == "ray":
        return cluster.run(archive, job, seconds, out, workers)
    return local.run(shards.missing(archive, out), partial(Tagger, job, seconds, str(out)), workers or processors())


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextlib.contextmanager
def _held(out: Path) -> Iterator[None]:
    """The folder, made where there is none, for this run alone; one that holds nothing in the end is removed."""
    try:
        out.mkdir(exist_ok=True)
        handle = os.open(out, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise BenchError(f"{out}: cannot be written: {error.strerror}") from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise BenchError(f"{out}: another run is writing there") from None
    finally:
        os.close(handle)
        with contextlib.suppress(OSError):
            out.rmdir()


def _check(run: Run, out: Path) -> None:
    """Raises `BenchError` for a folder that holds something else than shards of this run."""
    _sweep(out)
    there = sorted(path.name for path in out.iterdir())
    if not there:
        return
    if RUN not in there:
        raise BenchError(f"{out}: is not empty and holds no run; there is {listing(there, 3)}")
    try:
        before = msgspec.json.decode((out / RUN).read_bytes(), type=dict[str, Any])
    except (OSError, ValueError, msgspec.MsgspecError):
        raise BenchError(f"{out / RUN}: cannot be read, so it is not known what the shards there were made of") from None
    now = msgspec.json.decode(msgspec.json.encode(run))
    other = [name for name in now if before.get(name) != now[name]]
    if other:
        raise BenchError(f"{out}: holds another run, which differs in {listing(other)} ({RUN}); name another folder")


def _sweep(out: Path) -> None:
    """Removes what a killed run left half-written, and of a run without a shard everything."""
    for folder in (out, out / "_set-aside", out / "_notes"):
        for path in folder.glob(".*.*.*"):
            path.unlink(missing_ok=True)
    if (out / RUN).is_file() and not any(out.glob(PARTS)):
        for path in (*out.glob("_*/part-*.jsonl"), out / RUN):
            path.unlink(missing_ok=True)
        for folder in out.glob("_*"):
            folder.rmdir()


def _file(file: Input) -> File:
    try:
        with file.path.open("rb") as stream:
            return File(file.name, file.path.stat().st_size, hashlib.file_digest(stream, "sha256").hexdigest())
    except OSError as error:
        raise BenchError(f"{file.path}: cannot be read: {error.strerror}") from None


def _versions(system: str) -> dict[str, str]:
    """The versions on which the output depends; of somebody's own system the sha256 of its module."""
    try:
        found = measurement.versions(system) | {"pyarrow": version("pyarrow")}
    except PackageNotFoundError:
        return {}  # the worker will say what is missing, and how it is installed
    if tools.named(system) is not None or system in systems.BASELINES:
        return found
    module = system.partition(":")[0]
    try:
        spec = PathFinder.find_spec(module, [os.getcwd(), *sys.path])
    except (ImportError, ValueError):
        spec = None
    if spec is None or spec.origin is None or not Path(spec.origin).is_file():
        return found  # the worker will say what is wrong with it
    return found | {module: hashlib.sha256(Path(spec.origin).read_bytes()).hexdigest()}


def _rows(part: Path) -> int:
    import pyarrow.parquet

    rows: int = pyarrow.parquet.read_metadata(part).num_rows
    return rows


def _added(done: Done, more: Done) -> Done:
    return Done(
        documents=done.documents + more.documents,
        syllables=done.syllables + more.syllables,
        aside=done.aside + more.aside,
        reason=done.reason or more.reason,
        passed=tuple(sorted({*done.passed, *more.passed})),
        read=max(done.read, more.read),
    )
