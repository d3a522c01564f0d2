"""Entering an article into the corpus: its adjudication log, its gold, and its place in registry, splits and manifest.

All of it works on a folder of annotations, so that an article can be tried in a copy. Every file is written beside and renamed.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from vnnews_bench import adjudicating, corpus, files
from vnnews_bench.adjudicating import Decision, Difference
from vnnews_bench.errors import BenchError, listing
from vnnews_bench.records import Document, DocumentDate, Record, RegistryEntry, pretty, spread
from vnnews_bench.text import fold

DATE = "document"  # the layer of a line of the log about the document's date


def open_log(root: Path, id: str, a: str, b: str) -> int:
    """Writes `adjudication/<id>.jsonl`, a line for each difference of two passes, its decision empty; how many there are.

    Raises `BenchError` when the log is there.
    """
    path = root / "adjudication" / f"{id}.jsonl"
    if path.is_file():
        raise BenchError(f"{path}: is there; remove it to begin again")
    document = corpus.document(root / "sources" / f"{id}.txt")
    (one, date), (other, second) = _read(root, a, id), _read(root, b, id)
    found = [*_of_dates(date, second), *adjudicating.differences(one, other, document)]
    lines = [json.dumps(_line(f"{id}-a{n}", difference), ensure_ascii=False) for n, difference in enumerate(found, 1)]
    files.write_bytes("".join(f"{line}\n" for line in lines).encode(), path)
    return len(found)


def close_log(root: Path, id: str, a: str, b: str) -> Record:
    """Writes `gold/<id>.json` and the date in the frame as the log decides, and returns the record.

    Raises `BenchError` when the gold is there, or when something is not decided.
    """
    path = root / "gold" / f"{id}.json"
    if path.is_file():
        raise BenchError(f"{path}: is there; remove it to make it again of the log")
    source = root / "sources" / f"{id}.txt"
    document = corpus.document(source)
    (one, date), (other, second) = _read(root, a, id), _read(root, b, id)
    lines = (root / "adjudication" / f"{id}.jsonl").read_bytes().splitlines()
    taken = [msgspec.json.decode(line) for line in lines if line.strip()]
    taken = [line for line in taken if line["stage"] == "adjudication"]
    decisions = [msgspec.convert(line, Decision) for line in taken if line["layer"] != DATE]
    record = adjudicating.decided(one, other, document, decisions)
    if list(_of_dates(date, second)):
        line: dict[str, Any] = next((line for line in taken if line["layer"] == DATE), {})
        own = [msgspec.convert(line["own"], DocumentDate)] if line.get("own") else []
        chosen = {"A": [date], "B": [second], "own": own}.get(line.get("decision", ""), [])
        if not chosen:
            raise BenchError(f"{id}: {DATE}: dct: is decided by A, B, or own with the date")
        (date,) = chosen
    frame(source.with_suffix(".json"), msgspec.structs.replace(document, dct=date))
    files.write_bytes(pretty(record), path)
    return record


def frame(path: Path, document: Document) -> None:
    """Writes the frame of a document, all of it but its id and its text."""
    fields = msgspec.to_builtins(document)
    order = ("dct", "source", "zones", "sentences")
    files.write_bytes(spread({name: fields[name] for name in order if name in fields}), path)


def enter(root: Path, id: str, split: str) -> list[str]:
    """Puts an article that has its gold into a split, and its new names into the registry; the ids of new entities.

    Raises `BenchError` for an article without gold, or one that is in a split.
    """
    splits = msgspec.json.decode((root / "splits.json").read_bytes(), type=dict[str, list[str]])
    there = next((name for name, ids in splits.items() if id in ids), None)
    if there is not None:
        raise BenchError(f"{id}: is in the split {there}")
    if split not in splits:
        raise BenchError(f"there is no split {split!r}; there are {listing(list(splits))}")
    path = root / "gold" / f"{id}.json"
    if not path.is_file():
        raise BenchError(f"{path}: is not there; `vnnews-bench adjudicate` writes it")
    record = msgspec.json.decode(path.read_bytes(), type=Record)
    document = corpus.document(root / "sources" / f"{id}.txt")
    registry = msgspec.json.decode((root / "registry.json").read_bytes(), type=list[RegistryEntry])
    entries = registered(registry, [(document, record)])
    splits[split] = sorted([*splits[split], id])
    write_registry(root, entries)
    files.write_bytes(_listed(splits), root / "splits.json")
    write_manifest(root)
    return sorted({entry.id for entry in entries} - {entry.id for entry in registry})


def registered(registry: Iterable[RegistryEntry], articles: Iterable[tuple[Document, Record]]) -> list[RegistryEntry]:
    """The registry with every entity of the articles, and every form of its names that occurs.

    The name of a new entity is its longest mention; the first of equal ones.
    """
    forms: dict[str, dict[str, str]] = {}
    labels: dict[str, str] = {}
    for document, record in articles:
        for entity in record.entities or ():
            assert entity.entity is not None
            words = " ".join(document.text[entity.start : entity.end].replace("_", " ").split())
            forms.setdefault(entity.entity, {}).setdefault(fold(words), words)
            labels[entity.entity] = entity.label
    entries = {entry.id: entry for entry in registry}
    for id, occurring in forms.items():
        known = entries.get(id)
        name = known.name if known else max(occurring.values(), key=len)
        named = {fold(form) for form in (name, *(known.aliases if known else ()))}
        aliases = (*(known.aliases if known else ()), *(form for key, form in occurring.items() if key not in named))
        made = known or msgspec.convert({"id": id, "name": name, "label": labels[id]}, RegistryEntry)
        entries[id] = msgspec.structs.replace(made, aliases=aliases)
    return sorted(entries.values(), key=lambda entry: entry.id)


def write_registry(root: Path, entries: Iterable[RegistryEntry]) -> None:
    """Writes `registry.json`, an entity a line."""
    lines = ",\n".join("  " + json.dumps(msgspec.to_builtins(entry), ensure_ascii=False) for entry in entries)
    files.write_bytes(f"[\n{lines}\n]\n".encode(), root / "registry.json")


def write_manifest(root: Path) -> None:
    """Writes `MANIFEST.sha256`, the checksum of every other file, as `sha256sum` does."""
    lines = [f"{digest}  {name}\n" for name, digest in sorted(corpus.checksums(root).items())]
    files.write_bytes("".join(lines).encode(), root / "MANIFEST.sha256")


def _read(root: Path, name: str, id: str) -> tuple[Record, DocumentDate]:
    """The record and the date of a pass. Raises `BenchError` when one is missing or malformed."""
    folder = root / "passes" / name
    try:
        record = msgspec.json.decode((folder / f"{id}.json").read_bytes(), type=Record)
        return record, msgspec.json.decode((folder / "dates" / f"{id}.json").read_bytes(), type=DocumentDate)
    except OSError as error:
        raise BenchError(f"{error.filename}: cannot be read: {error.strerror}") from None
    except msgspec.MsgspecError as error:
        raise BenchError(f"{folder}: the pass over {id} is malformed: {error}") from None


def _of_dates(one: DocumentDate, other: DocumentDate) -> Iterable[Difference]:
    """The difference of two dates of a document, whatever their evidence."""
    bare = [msgspec.to_builtins(msgspec.structs.replace(date, evidence=())) for date in (one, other)]
    if bare[0] != bare[1]:
        yield Difference(layer=DATE, place="dct", a=bare[0], b=bare[1])


def _line(id: str, difference: Difference) -> dict[str, Any]:
    """A line of the log: of two readings the fields in which they differ, of a single one all."""
    fields = difference.fields
    readings: tuple[Any, Any] = (difference.a, difference.b)
    if fields:
        readings = ({name: pair[0] for name, pair in fields.items()}, {name: pair[1] for name, pair in fields.items()})
    what = {"layer": difference.layer, "place": difference.place, "a": readings[0], "b": readings[1]}
    return {"id": id, "stage": "adjudication", **what, "decision": "", "rule": "", "reason": ""}


def _listed(splits: Mapping[str, list[str]]) -> bytes:
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(ids)}" for name, ids in splits.items())
    return f"{{\n{lines}\n}}\n".encode()
