"""Shards: an archive cut into pieces by its content alone, and the files that each of them becomes.

The cut depends on neither time nor the number of workers, so that a shard which is there never has to be made again, and any
number of workers on any engine write the same bytes.
"""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from vnnews_bench import files
from vnnews_bench.archive import reading
from vnnews_bench.archive.reading import Aside, Found, Input
from vnnews_bench.errors import BenchError
from vnnews_bench.hub.configs import full
from vnnews_bench.hub.fields import arrow, fields
from vnnews_bench.records import LAYERS, Record
from vnnews_bench.rows import DocumentRow

DOCUMENTS, SIZE = 500, 2 * 2**20  # of a shard at most: documents, and code points unless it is a single document
COLUMNS = ("id", *LAYERS)
Digests = NDArray[np.uint64]


class Shard(msgspec.Struct, frozen=True, kw_only=True):
    """So many documents of an archive: those to tag, those set aside, and what was passed over up to here.

    `read` counts the bytes of the input up to its end.
    """

    number: int
    documents: tuple[Found, ...]
    aside: tuple[Aside, ...] = ()
    passed: tuple[str, ...] = ()
    read: int = 0

    @property
    def name(self) -> str:
        """The name of its file of records."""
        return f"part-{self.number:05}.parquet"


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """A shard that was written: documents that were tagged, their syllables, how many were set aside and why the first was."""

    documents: int = 0
    syllables: int = 0
    aside: int = 0
    reason: str | None = None
    passed: tuple[str, ...] = ()
    read: int = 0


def cut(archive: Sequence[Input], documents: int = DOCUMENTS, size: int = SIZE) -> Iterator[Shard]:
    """The shards of an archive, read as they are asked for.

    An id that was there before is set aside; ids are told apart by 64 bits each. Raises `BenchError` for a file that cannot be
    read, and for an archive without a row.
    """
    seen, passed = Seen(), set[str]()
    found: list[Found] = []
    aside: list[Aside] = []
    number = before = length = 0
    for file in archive:
        for row in reading.rows(file):
            if not isinstance(row.columns, str):
                passed.update(row.columns.keys() - set(reading.COLUMNS))
            one = reading.document(row)
            if isinstance(one, Found) and not seen.new(one.document.id):
                one = Aside(id=one.document.id, place=one.place, reason="a document before it has the same id")
            more = len(one.document.text) if isinstance(one, Found) else 0
            if len(found) + len(aside) >= documents or (found and length + more > size):
                yield Shard(
                    number=number, documents=(*found,), aside=(*aside,), passed=(*sorted(passed),), read=before + row.read
                )
                found, aside, number, length = [], [], number + 1, 0
            length += more
            if isinstance(one, Found):
                found.append(one)
            else:
                aside.append(one)
        before += file.path.stat().st_size
    if not found and not aside:
        raise BenchError(f"{archive[0].path}{' and the others' if len(archive) > 1 else ''}: there is no document")
    yield Shard(number=number, documents=(*found,), aside=(*aside,), passed=(*sorted(passed),), read=before)


def missing(archive: Sequence[Input], out: Path) -> Iterator[Shard]:
    """The shards that a folder does not have yet."""
    return (shard for shard in cut(archive) if not (out / shard.name).exists())


class Seen:
    """The ids that were met, eight bytes each: the newest in a set, the others in sorted runs, each longer than the next."""

    def __init__(self) -> None:
        self.newest: set[int] = set()
        self.runs: list[Digests] = []

    def new(self, id: str) -> bool:
        """Whether the id was not met before; it is from now on."""
        digest = int.from_bytes(hashlib.blake2b(id.encode(), digest_size=8).digest())
        if digest in self.newest or any(self._holds(run, digest) for run in self.runs):
            return False
        self.newest.add(digest)
        if len(self.newest) >= 2**14:
            run: Digests = np.array(sorted(self.newest), dtype=np.uint64)
            while self.runs and len(self.runs[-1]) <= len(run):
                run = np.sort(np.concatenate([self.runs.pop(), run]))
            self.runs.append(run)
            self.newest = set()
        return True

    @staticmethod
    def _holds(run: Digests, digest: int) -> bool:
        at = int(np.searchsorted(run, np.uint64(digest)))
        return at < len(run) and int(run[at]) == digest


def write(shard: Shard, records: Sequence[Record], aside: Sequence[Aside], notes: Sequence[dict[str, str]], out: Path) -> None:
    """Writes the files of a shard: what was set aside and noted, where there is anything, and last its records."""
    for folder, lines in (("_set-aside", list(aside)), ("_notes", list(notes))):
        path = out / folder / f"part-{shard.number:05}.jsonl"
        if lines:
            path.parent.mkdir(exist_ok=True)
            files.write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in lines), path)
        else:
            path.unlink(missing_ok=True)
    files.write_bytes(_parquet(records), out / shard.name)


def _parquet(records: Sequence[Record]) -> bytes:
    import pyarrow
    import pyarrow.parquet

    columns = tuple(field for field in fields(DocumentRow, COLUMNS) if field.name in COLUMNS)
    rows: list[dict[str, Any]] = [full(record) for record in records]
    sink = pyarrow.BufferOutputStream()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows, schema=arrow(columns)), sink, compression="zstd")
    written: bytes = sink.getvalue().to_pybytes()
    return written
