"""Files of records: read whole, with every finding and its place; written beside and renamed.

A `.jsonl` file holds one record a line, or one row of a configuration of the dataset; a `.json` file holds one record.
Offsets are Unicode code points.
"""

import contextlib
import json
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from vnnews_bench import schema
from vnnews_bench.assembly import Read, Rules, assemble
from vnnews_bench.errors import BenchError, Finding, lowered
from vnnews_bench.records import Document, Record
from vnnews_bench.rows import DocumentRow, Row

LONGEST = 64 * 2**20  # bytes of one record
_decoder = msgspec.json.Decoder(DocumentRow)


def read(path: str | Path, documents: Mapping[str, Document] | None = None) -> list[Record]:
    """The records of a file, checked to level 3; offsets and checksums against `documents` where they are given.

    Raises `BenchError` with every finding of the file.
    """
    records, findings = inspect(path, documents)
    if findings:
        raise BenchError(findings)
    return records


def inspect(
    path: str | Path, documents: Mapping[str, Document] | None = None, rules: Rules = lambda record: ()
) -> tuple[list[Record], list[Finding]]:
    """The records of a file that could be read, and everything that breaks levels 1 to 3, or further `rules` of a record."""
    path = Path(path)
    findings: list[Finding] = []

    def rows() -> Iterator[Read]:
        for line, raw in _chunks(path):
            row, found = _decoded(raw)
            place = partial(placed, path=path, line=line, raw=raw if path.suffix == ".json" else b"")
            findings.extend(map(place, found))
            if row is not None:
                yield Read(row, f"line {line}", place)
            if any(finding.code == "text-encoding" for finding in found):
                break  # no text: every further line would say the same

    records: list[Record] = []
    try:
        records, wrong = assemble(rows(), documents, rules)
        findings += wrong
        if not records and not findings:
            findings.append(Finding(code="file-empty", message="the file holds no record", file=str(path)))
    except BenchError as error:
        findings += error.findings
    return records, sorted(findings, key=lambda finding: finding.line or 0)


def checked(items: Iterable[Record | Mapping[str, Any]], documents: Mapping[str, Document] | None, name: str) -> list[Record]:
    """Records or rows from memory, held to level 3 as those of a file are; `name[n]` is the place of the nth.

    Raises `BenchError` with every finding.
    """
    findings: list[Finding] = []

    def rows() -> Iterator[Read]:
        for n, item in enumerate(items):
            label = f"{name}[{n}]"
            place = partial(_within, file=label)
            try:
                raw = schema.present(msgspec.to_builtins(item))  # a struct made in Python is checked here for the first time
            except (TypeError, msgspec.MsgspecError) as error:
                raise BenchError(f"{label}: is no record: {error}") from None
            found = list(schema.findings(raw))
            findings.extend(map(place, found))
            if not found:
                yield Read(schema.row(raw), label, place)

    records, wrong = assemble(rows(), documents)
    if findings + wrong:
        raise BenchError(findings + wrong)
    return records


def _within(finding: Finding, file: str) -> Finding:
    return msgspec.structs.replace(finding, file=file)


def read_json(path: Path) -> Any:
    """One JSON value. Raises `BenchError` for a file that holds none."""
    content = b"".join(raw for _, raw in _chunks(path)) if path.suffix == ".json" else b""
    try:
        return msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BenchError([msgspec.structs.replace(_malformed(content, error), file=str(path))]) from None


def write(records: Iterable[Record], path: str | Path) -> None:
    """Writes a `.jsonl` file; a reader sees the old file or the whole new one, never a part."""
    write_bytes(encoded(records), path)


def encoded(records: Iterable[Record]) -> bytes:
    """The bytes of a `.jsonl` file of records."""
    return b"".join(msgspec.json.encode(record) + b"\n" for record in records)


def write_bytes(content: bytes, path: str | Path) -> None:
    """Writes beside `path` and renames."""
    path = Path(path)
    try:
        handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            os.chmod(beside, 0o644)
            os.replace(beside, path)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(beside)
            raise
    except OSError as error:
        raise BenchError(f"{path}: cannot be written: {error.strerror}") from None


def check_writable(path: Path) -> None:
    """Raises `BenchError` now for a path that `write` could not write to after a long run."""
    if path.is_dir():
        raise BenchError(f"{path}: is a directory; name a .jsonl file")
    if not os.access(path.parent, os.W_OK):
        raise BenchError(f"{path}: cannot be written: {path.parent} is no folder that can be written to")


def _chunks(path: Path) -> Iterator[tuple[int, bytes]]:
    """The bytes of each record with the line on which it starts."""
    if path.is_dir():
        raise _unreadable(path, "is a directory; name a .json or .jsonl file")
    if path.suffix not in (".json", ".jsonl"):
        message = f"{path.suffix or 'no suffix'} is no format of records; .json holds one, .jsonl one a line"
        raise BenchError([Finding(code="file-suffix", message=message, file=str(path))])
    try:
        with path.open("rb") as file:
            for line, raw in _pieces(file, path.suffix == ".jsonl"):
                if len(raw) > LONGEST:
                    message = f"one record of more than {LONGEST >> 20} MiB; write one record a line"
                    raise BenchError([Finding(code="line-too-long", message=message, file=str(path), line=line)])
                if raw.strip():
                    yield line, raw
    except OSError as error:
        raise _unreadable(path, f"cannot be read: {error.strerror}") from None


def _pieces(file: BinaryIO, by_line: bool) -> Iterator[tuple[int, bytes]]:
    """Pieces of at most one byte more than the longest record, so that no input can fill the memory."""
    if not by_line:
        yield 1, file.read(LONGEST + 1)
        return
    line = 1
    while raw := file.readline(LONGEST + 1):
        yield line, raw
        line += 1


def _unreadable(path: Path, message: str) -> BenchError:
    return BenchError([Finding(code="file-unreadable", message=message, file=str(path))])


def _decoded(raw: bytes) -> tuple[Row | None, list[Finding]]:
    """One row, or the reasons why it is none."""
    try:
        return _decoder.decode(raw), []
    except msgspec.ValidationError:
        pass  # read again below: another kind of row, or every error instead of the first
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return None, [_malformed(raw, error)]
    try:
        value = schema.present(msgspec.json.decode(raw))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return None, [_malformed(raw, error)]
    found = list(schema.findings(value))
    return (None, found) if found else (schema.row(value), [])


def _malformed(raw: bytes, error: Exception) -> Finding:
    if raw.startswith(b"\xef\xbb\xbf"):
        return Finding(code="text-encoding", message="begins with a byte order mark; write UTF-8 without one")
    if b"\0" in raw or not _is_utf8(raw):
        return Finding(code="text-encoding", message="is not UTF-8 text")
    if isinstance(error, RecursionError):
        return Finding(code="json-malformed", message="is nested too deeply to be a record")
    if re.search(rb"\\u[dD][89a-fA-F]", raw) and "truncated" in str(error):
        return Finding(code="json-malformed", message=r"holds half of a surrogate pair (\uD800 to \uDFFF alone)")
    return Finding(code="json-malformed", message=lowered(str(error)))


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def placed(finding: Finding, path: Path, line: int, raw: bytes) -> Finding:
    """The finding with its file and line; in a `.json` file the line of the value that its path names."""
    if raw and finding.path:
        line = _line_of(raw.decode(errors="replace"), finding.path)
    return msgspec.structs.replace(finding, file=str(path), line=line)


def _line_of(text: str, path: str) -> int:
    """The line on which the value at a JSON path starts, or of the last part of the path that exists."""
    decoder = json.JSONDecoder()
    at = _value(text, 0)
    for name, index in re.findall(r"\.([\w%]+)|\[(\d+)\]", path):
        found = next((where for key, where in _children(text, at, decoder) if key == (name or int(index))), None)
        if found is None:
            break
        at = found
    return text.count("\n", 0, at) + 1


def _children(text: str, at: int, decoder: json.JSONDecoder) -> Iterator[tuple[Any, int]]:
    """Keys or indices of the object or array at `at`, each with where its value starts."""
    kind, n = text[at : at + 1], 0
    if kind not in ("{", "["):
        return
    at = _value(text, at + 1)
    while at < len(text) and text[at] not in "}]":
        key: Any = n
        if kind == "{":
            key, at = decoder.raw_decode(text, at)
            at = _value(text, at)
        yield key, at
        _, at = decoder.raw_decode(text, at)
        at, n = _value(text, at), n + 1


def _value(text: str, at: int) -> int:
    """The next code point that is neither white space, comma nor colon."""
    while at < len(text) and text[at] in " \t\r\n,:":
        at += 1
    return at
