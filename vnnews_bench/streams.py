"""Files as streams of bytes: decompressed by their suffix, and watched while they are read."""

import gzip
import io
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any, BinaryIO, cast

from vnnews_bench.errors import BenchError, Finding

COMPRESSED = (".gz", ".zst")
BUFFER = 2**20  # bytes

Watch = Callable[[Path, int], None]
_watch: ContextVar[Watch | None] = ContextVar("watch", default=None)


def suffix(path: Path) -> str:
    """The suffix of what a file holds: `.jsonl` of `records.jsonl` and of `records.jsonl.gz`."""
    return path.with_suffix("").suffix if path.suffix in COMPRESSED else path.suffix


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """The bytes of a file, decompressed where its suffix says gzip (`.gz`) or Zstandard (`.zst`).

    Raises `BenchError` for a file that cannot be read, also while it is being read.
    """
    try:
        with _Watched(path) as raw, _decompressed(raw, path.suffix) as stream:
            yield stream
    except (OSError, EOFError, zlib.error) as error:
        said = error.strerror if isinstance(error, OSError) and error.strerror else str(error).splitlines()[0]
        message = f"cannot be read: {said}"
        raise BenchError([Finding(code="file-unreadable", message=message, file=str(path))]) from None


@contextmanager
def watched(watch: Watch) -> Iterator[None]:
    """Calls `watch` with a file and how many of its bytes on disk were read, whenever more is read in this context."""
    token = _watch.set(watch)
    try:
        yield
    finally:
        _watch.reset(token)


class _Watched(io.FileIO):
    """A file that tells how far it was read."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.path, self.watch = path, _watch.get()

    def readinto(self, buffer: Any) -> int | None:
        size = super().readinto(buffer)
        if self.watch is not None:
            self.watch(self.path, self.tell())
        return size


def _decompressed(raw: _Watched, suffix: str) -> BinaryIO:
    file = io.BufferedReader(raw, BUFFER)
    if suffix == ".gz":
        return cast(BinaryIO, io.BufferedReader(gzip.GzipFile(fileobj=file), BUFFER))
    if suffix == ".zst":
        import pyarrow

        return cast(BinaryIO, io.BufferedReader(pyarrow.CompressedInputStream(file, "zstd"), BUFFER))
    return file
