"""Reading archives: parquet, JSON lines and plain texts as documents, one after another, none of them whole in memory.

A row is `text` and, where it has them, `id`, `dct`, `zones` and `sentences`. Its other columns are passed over, so that no
system sees the gold of a row. A row that is no document is set aside with its place and the reason; a file that cannot be read
ends the run.
"""

import datetime
import glob
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import msgspec

from vnnews_bench import schema, streams
from vnnews_bench.errors import BenchError, Finding, listing, lowered
from vnnews_bench.files import LONGEST, is_utf8
from vnnews_bench.records import Document

COLUMNS = ("id", "text", "dct", "zones", "sentences")
SUFFIXES = (".parquet", ".jsonl", ".txt")
BATCH = 256  # rows of parquet at a time


class Aside(msgspec.Struct, frozen=True, kw_only=True):
    """A document that has no record: its id where one is known, its place in the input, and the reason."""

    id: str | None = None
    place: str
    reason: str


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A document and its place in the input, such as `news.jsonl:17`."""

    document: Document
    place: str


class Row(NamedTuple):
    """A row as it was read: its place, its columns or why they cannot be read, and the bytes of its file behind it."""

    place: str
    default: str
    columns: dict[str, Any] | str
    read: int


class Input(NamedTuple):
    """A file of the archive: its path, and its name below the folder that all files share."""

    path: Path
    name: str


def inputs(patterns: Sequence[str]) -> list[Input]:
    """The files that paths and globs name, each once, in the order of their paths.

    Raises `BenchError` for a pattern without a file, a folder, and a file of another kind.
    """
    found: set[Path] = set()
    for pattern in patterns:
        path = Path(pattern)
        if path.is_dir():
            raise BenchError(f"{pattern}: is a directory; name its files, such as {path / '*.parquet'}")
        named = [path] if path.is_file() else [Path(one) for one in glob.glob(pattern, recursive=True)]
        files = [one for one in named if one.is_file()]
        if not files:
            raise BenchError(f"{pattern}: there is no such file")
        found.update(files)
    paths = sorted(found, key=str)
    for path in paths:
        if streams.suffix(path) not in SUFFIXES:
            known = listing([*SUFFIXES, *(f".jsonl{packed}" for packed in streams.COMPRESSED)])
            message = f"{path.suffix or 'no suffix'} is no format of archives; there are {known}"
            raise BenchError([Finding(code="file-suffix", message=message, file=str(path))])
    folder = os.path.commonpath([path.parent.absolute() for path in paths])
    return [Input(path, path.absolute().relative_to(folder).as_posix()) for path in paths]


def rows(file: Input) -> Iterator[Row]:
    """The rows of a file in order. Raises `BenchError` when it cannot be read."""
    readers = {".parquet": _parquet, ".jsonl": _lines, ".txt": _text}
    return readers[streams.suffix(file.path)](file)


def document(row: Row) -> Found | Aside:
    """The document of a row, or why it is none."""
    columns = row.columns
    if isinstance(columns, str):
        return Aside(place=row.place, reason=columns)
    raw = {name: value for name in COLUMNS if (value := columns.get(name)) is not None}
    id = str(raw["id"]) if isinstance(raw.get("id"), str | int) else row.default
    text = raw.get("text")
    reason = None
    if "id" in raw and not isinstance(raw["id"], str | int):
        reason = f"the id is no string: {raw['id']!r:.80}"
    elif text is None:
        reason = "there is no text"
    elif not isinstance(text, str):
        reason = f"the text is no string but of type {type(text).__name__}"
    elif not text.strip():
        reason = "the text is empty"
    elif len(text) > LONGEST:
        reason = f"the text has more than {LONGEST >> 20} million characters"
    if reason is None:
        try:
            if "dct" in raw:
                raw["dct"] = _date(raw["dct"])
            made = msgspec.convert(schema.present(raw | {"id": id}), Document)
            msgspec.json.encode(made)  # half of a surrogate pair is no text
            spans = [*made.sentences, *((zone.start, zone.end) for zone in made.zones)]
            bad = next((span for span in spans if not 0 <= span[0] < span[1] <= len(made.text)), None)
            if bad is None:
                return Found(document=made, place=row.place)
            reason = f"a zone or sentence, {bad[0]} to {bad[1]}, is empty or outside of the text"
        except (msgspec.ValidationError, ValueError) as error:
            reason = lowered(" ".join(str(error).split()))
    return Aside(id=id, place=row.place, reason=reason)


def _date(value: Any) -> dict[str, Any]:
    """A document's date as a record has it, of a day, a time, their ISO form, or a row of our own."""
    if isinstance(value, dict):
        known = {name: value[name] for name in ("date", "earliest", "latest", "source") if value.get(name) is not None}
        return {**known, "evidence": ()} if len(known) > 1 else _date(known.get("date"))
    if isinstance(value, datetime.date):
        value = value.isoformat()
    if not isinstance(value, str):
        raise ValueError(f"the date of the document is no ISO date: {value!r:.80}")
    try:
        when = datetime.datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(f"the date of the document is no ISO date: {value!r:.80}") from None
    day = when.date().isoformat()
    clock = when.isoformat()[:16] if re.search(r"\d[T ]\d", value) else day
    return {"date": clock, "earliest": day, "latest": day, "source": "stated", "evidence": ()}


def _id(name: str) -> str:
    """The name of a file as the beginning of an id: without suffix, `:` for `/`, `_` for what an id cannot have."""
    bare = re.sub(r"\.(parquet|jsonl|txt)(\.gz|\.zst)?$", "", name).replace("/", ":")
    cleaned = re.sub(r"[^A-Za-z0-9._:-]", "_", bare)[-180:]
    return cleaned if re.match(r"[A-Za-z0-9]", cleaned) else f"d{cleaned}"


def _text(file: Input) -> Iterator[Row]:
    with streams.opened(file.path) as stream:
        raw = stream.read(4 * LONGEST + 1)
    columns: dict[str, Any] | str
    try:
        columns = {"text": raw.decode("utf-8-sig")}
    except UnicodeDecodeError:
        columns = "the text is not UTF-8"
    yield Row(file.name, _id(file.name), columns, file.path.stat().st_size)


def _lines(file: Input) -> Iterator[Row]:
    behind = 0

    def watch(path: Path, read: int) -> None:
        nonlocal behind
        behind = read

    with streams.watched(watch), streams.opened(file.path) as stream:
        for number, raw in _pieces(stream):
            yield Row(f"{file.name}:{number}", f"{_id(file.name)}-{number}", _columns(raw), behind)


def _pieces(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """The lines that are not blank, from 1; of one that is longer than any record may be, its beginning."""
    number = 0
    while raw := stream.readline(LONGEST + 1):
        number += 1
        rest = raw
        while len(rest) > LONGEST and not rest.endswith(b"\n"):
            rest = stream.readline(LONGEST + 1)
        if raw.strip():
            yield number, raw


def _columns(raw: bytes) -> dict[str, Any] | str:
    if len(raw) > LONGEST:
        return f"the line has more than {LONGEST >> 20} MiB"
    try:
        value = msgspec.json.decode(raw.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        if not is_utf8(raw):
            return "the line is not UTF-8"
        return f"the line is no JSON: {lowered(str(error))}"
    return value if isinstance(value, dict) else "the line is no JSON object"


def _parquet(file: Input) -> Iterator[Row]:
    import pyarrow
    import pyarrow.parquet

    size = file.path.stat().st_size
    try:
        with pyarrow.parquet.ParquetFile(file.path) as table:
            names = table.schema_arrow.names
            if "text" not in names:
                raise BenchError(f"{file.path}: has no column text; there are {listing(names)}")
            passed = {name: None for name in names if name not in COLUMNS}
            number, total = 0, max(table.metadata.num_rows, 1)
            for batch in table.iter_batches(BATCH, columns=[name for name in COLUMNS if name in names]):
                for columns in _batch(batch):
                    number += 1
                    columns = columns if isinstance(columns, str) else passed | columns
                    yield Row(f"{file.name}:{number}", f"{_id(file.name)}-{number}", columns, size * number // total)
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        message = f"is no parquet file that can be read: {' '.join(str(error).split())[:80]}"
        raise BenchError([Finding(code="file-unreadable", message=message, file=str(file.path))]) from None


def _batch(batch: Any) -> Iterable[dict[str, Any] | str]:
    try:
        made: list[dict[str, Any]] = batch.to_pylist()
        return made
    except (UnicodeDecodeError, ValueError, OverflowError):
        return [_single(batch.slice(n, 1)) for n in range(batch.num_rows)]


def _single(batch: Any) -> dict[str, Any] | str:
    try:
        made: dict[str, Any] = batch.to_pylist()[0]
        return made
    except UnicodeDecodeError:
        return "a string of the row is not UTF-8"
    except (ValueError, OverflowError) as error:
        return f"the row cannot be read: {lowered(' '.join(str(error).split()))}"
