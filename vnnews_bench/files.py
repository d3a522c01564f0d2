"""Files of records: read whole, with every finding and its place; written beside and renamed.

A `.jsonl` file holds one record a line, a `.json` file one record. Offsets are Unicode code points.
"""

import contextlib
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from vnnews_bench import offsets, schema
from vnnews_bench.errors import BenchError, Finding, listing, lowered
from vnnews_bench.records import LAYERS, Document, Record

LONGEST = 64 * 2**20  # bytes of one record
_decoder = msgspec.json.Decoder(schema.Row)


def read(path: str | Path, documents: Mapping[str, Document] | None = None) -> list[Record]:
    """The records of a file, checked to level 3; offsets and checksums against `documents` where they are given.

    Raises `BenchError` with every finding of the file.
    """
    records, findings = inspect(path, documents)
    if findings:
        raise BenchError(findings)
    return records


Rules = Callable[[Record], Iterable[Finding]]


def inspect(
    path: str | Path, documents: Mapping[str, Document] | None = None, rules: Rules = lambda record: ()
) -> tuple[list[Record], list[Finding]]:
    """The records of a file that could be read, and everything that breaks levels 1 to 3, or further `rules` of a record."""
    path = Path(path)
    records: list[Record] = []
    findings: list[Finding] = []
    seen: dict[str, str] = {}
    try:
        for line, raw in _chunks(path):
            row, found = _decoded(raw)
            if row is not None:
                found = _misfits(row, row.text, f"line {line}", documents, seen)
                records.append(Record(id=row.id, **{layer: getattr(row, layer) for layer in LAYERS}))
                found += rules(records[-1])
            lines = raw if path.suffix == ".json" else b""
            findings += [placed(finding, path, line, lines) for finding in found]
            if any(finding.code == "text-encoding" for finding in found):
                break  # no text: every further line would say the same
        if not seen and not findings:
            findings.append(Finding(code="file-empty", message="the file holds no record", file=str(path)))
    except BenchError as error:
        findings += error.findings
    return records, findings


def checked(items: Iterable[Record | Mapping[str, Any]], documents: Mapping[str, Document] | None, name: str) -> list[Record]:
    """Records or dicts from memory, held to level 3 as those of a file are; `name[n]` is the place of the nth.

    Raises `BenchError` with every finding.
    """
    records: list[Record] = []
    findings: list[Finding] = []
    seen: dict[str, str] = {}
    for n, item in enumerate(items):
        place = f"{name}[{n}]"
        try:
            raw = msgspec.to_builtins(item)  # a struct made in Python is checked here for the first time
        except (TypeError, msgspec.MsgspecError) as error:
            raise BenchError(f"{place}: is no record: {error}") from None
        found = list(schema.findings(raw))
        if not found:
            records.append(schema.record(raw))
            found = _misfits(records[-1], raw.get("text"), place, documents, seen)
        findings += [msgspec.structs.replace(finding, file=place) for finding in found]
    if findings:
        raise BenchError(findings)
    return records


def read_json(path: Path) -> Any:
    """One JSON value. Raises `BenchError` for a file that holds none."""
    content = b"".join(raw for _, raw in _chunks(path)) if path.suffix == ".json" else b""
    try:
        return msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BenchError([msgspec.structs.replace(_malformed(content, error), file=str(path))]) from None


def write(records: Iterable[Record], path: str | Path) -> None:
    """Writes a `.jsonl` file; a reader sees the old file or the whole new one, never a part."""
    write_bytes(b"".join(msgspec.json.encode(record) + b"\n" for record in records), path)


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


def _decoded(raw: bytes) -> tuple[schema.Row | None, list[Finding]]:
    """One record, or the reasons why it is none."""
    try:
        return _decoder.decode(raw), []
    except msgspec.ValidationError:
        pass  # read again below, piece by piece, to find every error instead of the first
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return None, [_malformed(raw, error)]
    try:
        return None, list(schema.findings(msgspec.json.decode(raw)))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return None, [_malformed(raw, error)]


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


def _misfits(
    record: Record, text: str | None, place: str, documents: Mapping[str, Document] | None, seen: dict[str, str]
) -> list[Finding]:
    """What is wrong with a well-formed record among its fellows (`seen`, by id) and the documents."""
    found = []
    if seen.setdefault(record.id, place) != place:
        message = f"{record.id} has a record already, {seen[record.id]}"
        found.append(Finding(code="record-duplicate", path="$.id", message=message))
    document = documents.get(record.id) if documents is not None else None
    if documents is not None and document is None:
        message = f"there is no document {record.id!r} here; there are {listing(list(documents))}"
        found.append(Finding(code="record-unknown-document", path="$.id", message=message))
    if document is not None and text not in (None, document.text):
        message = f"the text differs from that of {record.id}; offsets count code points of the text as received"
        found.append(Finding(code="record-text-mismatch", path="$.text", message=message))
    return found + list(offsets.findings(record, document))


def placed(finding: Finding, path: Path, line: int, raw: bytes) -> Finding:
    """The finding with its file and line; in a `.json` file the line of the value that its path names."""
    if raw and finding.path:
        line = _line_of(raw.decode(errors="replace"), finding.path)
    return msgspec.structs.replace(finding, file=str(path), line=line)


def _line_of(text: str, path: str) -> int:
    """The line on which the value at a JSON path starts, or of the last part of the path that exists."""
    decoder = json.JSONDecoder()
    at = _value(text, 0)
    for name, index in re.findall(r"\.(\w+)|\[(\d+)\]", path):
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
