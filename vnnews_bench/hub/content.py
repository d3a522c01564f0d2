"""What a built folder holds: `hashes.json`, the statement against which rows and files are verified."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from vnnews_bench import corpus
from vnnews_bench.errors import BenchError

NAME = "hashes.json"
Policy = Literal["included", "withheld"]


class Rows(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many rows a split of a configuration has, and their hash."""

    count: int
    sha256: str


class Content(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The data's version, whether the words of the texts are there, the rows, and sha256 of every other file."""

    version: str
    text: Policy
    rows: dict[str, dict[str, Rows]]
    files: dict[str, str]


def content_hash(rows: Iterable[Mapping[str, Any]]) -> str:
    """sha256 in hex over the canonical JSON of rows (keys sorted, no white space, UTF-8), a line each, lines sorted.

    It does not depend on the order of rows, nor on the file format, its version or its compression.
    """
    return corpus.content_hash(rows)


def state(rows: list[dict[str, Any]]) -> Rows:
    """What is stated of rows."""
    return Rows(len(rows), content_hash(rows))


def write(folder: Path, version: str, text: Policy, rows: dict[str, dict[str, Rows]]) -> None:
    """States what stands in a folder; written last."""
    files = {name: sha256_of(folder / name) for name in there(folder)}
    made = Content(version=version, text=text, rows=rows, files=files)
    (folder / NAME).write_bytes(msgspec.json.format(msgspec.json.encode(made), indent=1) + b"\n")


def there(folder: Path) -> list[str]:
    """The files below a folder, but for the statement itself and what clients keep in dot files."""
    names = (path.relative_to(folder) for path in sorted(folder.rglob("*")) if path.is_file())
    return [name.as_posix() for name in names if name.as_posix() != NAME and not name.parts[0].startswith(".")]


def stated(folder: Path) -> Content:
    """The statement of a folder. Raises `BenchError` when there is none."""
    path = folder / NAME
    try:
        return msgspec.json.decode(path.read_bytes(), type=Content)
    except OSError as error:
        raise BenchError(f"{path}: cannot be read: {error.strerror}; `vnnews-bench build` writes it") from None
    except msgspec.MsgspecError as error:
        raise BenchError(f"{path}: is no statement of a dataset: {error}") from None


def read(folder: Path) -> Content:
    """The statement of a folder. Raises `BenchError` when there is none, or when a file is not what it states."""
    made = stated(folder)
    for name, sha256 in made.files.items():
        file = folder / name
        found = sha256_of(file) if file.is_file() else "nothing"
        if found != sha256:
            raise BenchError(f"{file}: has sha256 {found[:12]}…, {NAME} has {sha256[:12]}…; the file was changed or damaged")
    return made


def strangers(folder: Path) -> list[str]:
    """The files of a folder that no build wrote as they stand there."""
    files = stated(folder).files if (folder / NAME).is_file() else {}
    return [name for name in there(folder) if sha256_of(folder / name) != files.get(name)]


def sha256_of(path: Path) -> str:
    """sha256 in hex of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
