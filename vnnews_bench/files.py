"""Files of records: read in blocks, with every finding and its place; written beside and renamed.

A `.jsonl` file holds one record a line, or one row of a configuration of the dataset; a `.json` file holds one record; either
may be compressed (`streams`). Offsets are Unicode code points.
"""

import contextlib
import json
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from vnnews_bench import rows, schema, streams
from vnnews_bench.assembly import Assembly, Block, Placed, Rules
from vnnews_bench.errors import BenchError, Finding, lowered
from vnnews_bench.records import Document, Record
from vnnews_bench.rows import DocumentRow, Row

LONGEST = 64 * 2**20  # bytes of one record
BLOCK = 2**20  # bytes that are read at once
_decoder = msgspec.json.Decoder(DocumentRow)


def read(path: str | Path, documents: Mapping[str, Document] | None = None) -> list[Record]:
    """The records of a file, checked to level 3; offsets and checksums against `documents` where they are given.

    Raises `BenchError` with every finding of the file.
    """
    return [rows.record(row) for block in stream(path, documents) for row in block.rows]


def stream(path: str | Path, documents: Mapping[str, Document] | None = None) -> Iterator[Block]:
    """The records of a file with their lines, those of a MiB at a time, checked as `read` does.

    Rows that are parts of a record come together at the end. A file with findings ends in a `BenchError` with all of them, and
    gives nothing from the first one on.
    """
    path = Path(path)
    assembly = Assembly("line {}".format, partial(on_line, path=path), documents)
    for block in _assembled(path, assembly):
        if not assembly.findings:
            yield block
    if assembly.findings:
        raise BenchError(sorted(assembly.findings, key=lambda finding: finding.line or 0))


def inspect(
    path: str | Path, documents: Mapping[str, Document] | None = None, rules: Rules | None = None
) -> tuple[list[Record], list[Finding]]:
    """The records of a file that could be read, and everything that breaks levels 1 to 3, or further `rules` of a record."""
    path = Path(path)
    assembly = Assembly("line {}".format, partial(on_line, path=path), documents, rules)
    records: list[Record] = []
    try:
        for block in _assembled(path, assembly):
            records += map(rows.record, block.rows)
    except BenchError as error:
        assembly.findings += error.findings
    return records, sorted(assembly.findings, key=lambda finding: finding.line or 0)


def checked(items: Iterable[Record | Mapping[str, Any]], documents: Mapping[str, Document] | None, name: str) -> list[Record]:
    """Records or rows from memory, held to level 3 as those of a file are; `name[n]` is the place of the nth.

    Raises `BenchError` with every finding.
    """
    label = f"{name}[{{}}]".format
    assembly = Assembly(label, lambda finding, at: msgspec.structs.replace(finding, file=label(at)), documents)

    def read() -> Iterator[Placed]:
        for n, item in enumerate(items):
            try:
                raw = msgspec.to_builtins(item)  # a struct made in Python is checked here for the first time
            except (TypeError, msgspec.MsgspecError) as error:
                raise BenchError(f"{label(n)}: is no record: {error}") from None
            row, found = _converted(raw)
            assembly.findings += [assembly.place(finding, n) for finding in found]
            if row is not None:
                yield n, row

    records = list(map(rows.record, [*assembly.take(read()).rows, *assembly.rest().rows]))
    if assembly.findings:
        raise BenchError(assembly.findings)
    return records


def _assembled(path: Path, assembly: Assembly) -> Iterator[Block]:
    """The records of a file, block by block; what breaks a rule is in the findings of the assembly."""
    there = False
    for line, count, content in _blocks(path):
        read, found = _rows(content, line, count, path)
        assembly.findings += found
        there = there or bool(read) or bool(found)
        yield assembly.take(read)
        if any(finding.code == "text-encoding" for finding in found):
            break  # no text: every further line would say the same
    yield assembly.rest()
    if not there:
        raise BenchError([Finding(code="file-empty", message="the file holds no record", file=str(path))])


def read_json(path: Path) -> Any:
    """One JSON value. Raises `BenchError` for a file that holds none."""
    content = b"".join(raw for *_, raw in _blocks(path)) if streams.suffix(path) == ".json" else b""
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


def _blocks(path: Path) -> Iterator[tuple[int, int, bytes]]:
    """The bytes of a file in blocks of whole lines, each after the line on which it starts and how many lines it has.

    A `.json` file is one block.
    """
    suffix = streams.suffix(path)
    if path.is_dir():
        raise _unreadable(path, "is a directory; name a .json or .jsonl file")
    if suffix not in (".json", ".jsonl"):
        message = f"{suffix or 'no suffix'} is no format of records; .json holds one, .jsonl one a line"
        raise BenchError([Finding(code="file-suffix", message=message, file=str(path))])
    with streams.opened(path) as file:
        line, rest = 1, b""
        while block := file.read(BLOCK if suffix == ".jsonl" else LONGEST + 1):
            rest += block
            end = rest.rfind(b"\n") + 1 if suffix == ".jsonl" else 0
            if len(rest) - end > LONGEST:
                message = f"one record of more than {LONGEST >> 20} MiB; write one record a line"
                line += rest.count(b"\n", 0, end)
                raise BenchError([Finding(code="line-too-long", message=message, file=str(path), line=line)])
            if end:
                block, rest = rest[:end], rest[end:]
                count = int(np.count_nonzero(np.frombuffer(block, np.uint8) == ord("\n")))
                yield line, count, block
                line += count
        if rest:
            yield line, 1, rest


def _unreadable(path: Path, message: str) -> BenchError:
    return BenchError([Finding(code="file-unreadable", message=message, file=str(path))])


def _rows(block: bytes, line: int, count: int, path: Path) -> tuple[list[Placed], list[Finding]]:
    """The rows of a block with their lines, and what is wrong with those that are none."""
    with contextlib.suppress(msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        rows: list[DocumentRow] = _decoder.decode_lines(block)
        if len(rows) == count:
            return list(enumerate(rows, line)), []
    read: list[Placed] = []
    findings: list[Finding] = []
    single = streams.suffix(path) == ".json"
    for number, raw in [(line, block)] if single else enumerate(block.split(b"\n"), line):
        if not raw.strip():
            continue
        row, found = _decoded(raw)
        findings += [placed(finding, path, number, raw if single else b"") for finding in found]
        if row is not None:
            read.append((number, row))
        if any(finding.code == "text-encoding" for finding in found):
            break
    return read, findings


def _decoded(raw: bytes) -> tuple[Row | None, list[Finding]]:
    """One row, or the reasons why it is none."""
    try:
        return _decoder.decode(raw), []
    except msgspec.ValidationError:
        pass  # read again below: another kind of row, or every error instead of the first
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return None, [_malformed(raw, error)]
    try:
        return _converted(msgspec.json.decode(raw))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return None, [_malformed(raw, error)]


def _converted(raw: Any) -> tuple[Row | None, list[Finding]]:
    """The row of a decoded value, or the reasons why it is none."""
    try:
        row = schema.row(raw)
    except msgspec.ValidationError:  # nulls that are as good as left out, or every error instead of the first
        raw = schema.present(raw)
        found = list(schema.findings(raw))
        return (None, found) if found else (schema.row(raw), [])
    found = list(rows.findings(row))
    return None if found else row, found


def _malformed(raw: bytes, error: Exception) -> Finding:
    if raw.startswith(b"\xef\xbb\xbf"):
        return Finding(code="text-encoding", message="begins with a byte order mark; write UTF-8 without one")
    if b"\0" in raw or not is_utf8(raw):
        return Finding(code="text-encoding", message="is not UTF-8 text")
    if isinstance(error, RecursionError):
        return Finding(code="json-malformed", message="is nested too deeply to be a record")
    if re.search(rb"\\u[dD][89a-fA-F]", raw) and "truncated" in str(error):
        return Finding(code="json-malformed", message=r"holds half of a surrogate pair (\uD800 to \uDFFF alone)")
    return Finding(code="json-malformed", message=lowered(str(error)))


def is_utf8(raw: bytes) -> bool:
    """Whether bytes are UTF-8 text."""
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def on_line(finding: Finding, line: int, path: Path) -> Finding:
    """The finding with its file and line, of which a `.json` file has only one to be read."""
    raw = b"".join(block for *_, block in _blocks(path)) if streams.suffix(path) == ".json" else b""
    return placed(finding, path, line, raw)


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
