"""The corpus that ships with the package: documents, gold, registry and splits, verified as they are read."""

import csv
import functools
import hashlib
import io
from collections.abc import Iterable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import TypeVar

import msgspec

from vnnews_bench.errors import BenchError, Finding, listing, lowered
from vnnews_bench.records import Document, Record, RegistryEntry

T = TypeVar("T")
S = TypeVar("S", bound=msgspec.Struct)
ALL = "all"  # no split of the dataset: the articles of every split, in their order


class Corpus(msgspec.Struct, frozen=True, kw_only=True):
    """One split, or all: documents and gold records by id in the split's order, the registry, and the data's version."""

    split: str
    version: str
    documents: Mapping[str, Document]
    gold: Mapping[str, Record]
    registry: Mapping[str, RegistryEntry]

    @property
    def hash(self) -> str:
        """sha256 over the canonical JSON of documents and gold, in hex; it changes when a single annotation does."""
        return content_hash(list(self.documents.values()), list(self.gold.values()))

    @property
    def sentences(self) -> int:
        """How many sentences the documents have."""
        return sum(len(document.sentences) for document in self.documents.values())


def root() -> Path:
    """The folder of annotations: inside the installed package, or beside it in a checkout."""
    package = Path(str(files("vnnews_bench")))
    installed = package / "annotations"
    return installed if installed.is_dir() else package.parent / "annotations"


def page(name: str) -> str:
    """A page of the project that the package carries: DATASHEET.md or CITATION.cff."""
    package = Path(str(files("vnnews_bench")))
    installed = package / name
    return (installed if installed.is_file() else package.parent / name).read_text(encoding="utf-8")


@functools.cache
def load(split: str = "test") -> Corpus:
    """A split of the corpus, or with "all" the articles of every split.

    Raises `BenchError` for a split that does not exist, and when a file is missing or is not what MANIFEST.sha256 says.
    """
    known = splits()
    if split not in (*known, ALL):
        raise BenchError(f"there is no split {split!r}; there are {listing([*known, ALL])}")
    ids = [id for there in known.values() for id in there] if split == ALL else known[split]
    return Corpus(
        split=split,
        version=verified("VERSION").decode().strip(),
        documents={id: _document(id) for id in ids},
        gold={id: _decoded(f"gold/{id}.json", Record) for id in ids},
        registry={entry.id: entry for entry in _decoded("registry.json", list[RegistryEntry])},
    )


def splits() -> dict[str, list[str]]:
    """The ids of the documents of each split."""
    return _decoded("splits.json", dict[str, list[str]])


def canary() -> str:
    """The line that marks a row as test data, so that a model which has read it can be told."""
    return verified("CANARY").decode().strip()


def content_hash(*parts: Iterable[object]) -> str:
    """sha256 in hex over the canonical JSON of records or rows (keys sorted, no white space), whatever their order."""
    digest = hashlib.sha256()
    for part in parts:
        for line in sorted(msgspec.json.encode(record, order="deterministic") for record in part):
            digest.update(line + b"\n")
    return digest.hexdigest()


def manifest(folder: Path) -> dict[str, str]:
    """sha256 in hex of every file of the corpus, by its path below the annotations, as `sha256sum` writes it.

    A manifest that is missing, or a line that is none, vouches for nothing.
    """
    path = folder / "MANIFEST.sha256"
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.is_file() else []
    pairs = [line.split(maxsplit=1) for line in lines]
    return {pair[1].strip().lstrip("*"): pair[0] for pair in pairs if len(pair) == 2}


def checksums(folder: Path) -> dict[str, str]:
    """sha256 in hex of every file that is there, but for the manifest, by its path below the annotations."""
    found = (file for file in folder.rglob("*") if file.is_file() and file != folder / "MANIFEST.sha256")
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in found}


def document(path: Path) -> Document:
    """The document of a `.txt` file and the `.json` frame beside it, also outside the corpus.

    Raises `BenchError` when one of the two cannot be read.
    """
    try:
        frame = msgspec.json.decode(path.with_suffix(".json").read_bytes(), type=dict[str, object])
        text = path.with_suffix(".txt").read_bytes().decode()
        return msgspec.convert({"id": path.stem, "text": text} | frame, Document)
    except OSError as error:
        raise BenchError(f"{error.filename}: cannot be read: {error.strerror}") from None
    except (ValueError, msgspec.MsgspecError) as error:
        raise BenchError(f"{path}: the text or the frame beside it is malformed: {error}") from None


def _document(id: str) -> Document:
    frame = _decoded(f"sources/{id}.json", dict[str, object])
    text = verified(f"sources/{id}.txt").decode()
    return msgspec.convert({"id": id, "text": text} | frame, Document)


def _decoded(name: str, to: type[T]) -> T:
    return msgspec.json.decode(verified(name), type=to)


def table(name: str, to: type[S]) -> list[S]:
    """The rows of a table (CSV with heads) of the corpus, by its path below the annotations.

    Raises `BenchError` when it is missing, is not what the manifest says, or has other columns or values than `to`.
    """
    return tabled(verified(name), to, root() / name)


def tabled(raw: bytes, to: type[S], path: Path) -> list[S]:
    """The rows of a CSV file as structs whose fields are its columns. Raises `BenchError` with every row that is none."""
    try:
        reader = csv.DictReader(io.StringIO(raw.decode(), newline=""), strict=True, restkey="a column without a head")
        lines = [(reader.line_num, row) for row in reader]
    except UnicodeDecodeError:
        raise BenchError([Finding(code="text-encoding", message="is not UTF-8 text", file=str(path))]) from None
    except csv.Error as error:
        raise BenchError([Finding(code="schema-type", message=f"is no table: {error}", file=str(path))]) from None
    columns = [field.encode_name for field in msgspec.structs.fields(to)]
    if reader.fieldnames != columns:
        message = f"the columns are {', '.join(reader.fieldnames or ['none'])}; they have to be {', '.join(columns)}"
        raise BenchError([Finding(code="schema-type", message=message, file=str(path), line=1)])
    rows: list[S] = []
    findings: list[Finding] = []
    for line, row in lines:
        try:
            rows.append(msgspec.convert(row, to, strict=False))
        except msgspec.ValidationError as error:
            findings.append(Finding(code="schema-type", message=lowered(str(error)), file=str(path), line=line))
    if findings:
        raise BenchError(findings)
    return rows


@functools.cache
def _manifest() -> dict[str, str]:
    return manifest(root())


def verified(name: str) -> bytes:
    """The bytes of a file of the corpus, by its path below the annotations.

    Raises `BenchError` when it is missing or the manifest does not vouch for it.
    """
    path = root() / name
    try:
        content = path.read_bytes()
    except OSError as error:
        finding = Finding(code="corpus-file-missing", message=f"cannot be read: {error.strerror}", file=str(path))
        raise BenchError([finding]) from None
    stated = _manifest().get(name, "nothing")
    found = hashlib.sha256(content).hexdigest()
    if found != stated:
        message = f"has sha256 {found[:12]}…, MANIFEST.sha256 has {stated[:12]}…; the file was changed or damaged"
        raise BenchError([Finding(code="manifest-mismatch", message=message, file=str(path))])
    return content
