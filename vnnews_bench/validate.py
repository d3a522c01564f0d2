"""Validation: the corpus, or a file of records, at five levels; every finding in one go.

    1 readable   2 schema   3 offsets and checksums   4 the rules of the guidelines   5 across articles

`errors.RULES` lists every rule with its level.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from vnnews_bench import corpus, files, linked, passes, phenomena, quality
from vnnews_bench.errors import BenchError, Finding, listing
from vnnews_bench.phenomena import Occurrence, Phenomenon
from vnnews_bench.quality import Grade
from vnnews_bench.records import Document, Record, RegistryEntry
from vnnews_bench.tasks import TASKS
from vnnews_bench.text import fold

T = TypeVar("T")
S = TypeVar("S", bound=msgspec.Struct)


def validate_file(path: str | Path, level: int = 3, split: str = "test") -> list[Finding]:
    """What breaks levels 1 to `level` in a file of records of the corpus."""
    data = corpus.load(split)

    def rules(record: Record) -> Iterable[Finding]:
        document = data.documents.get(record.id)
        return () if document is None else _rules(record, document, data.registry)

    _, findings = files.inspect(path, data.documents, rules)
    return [finding for finding in findings if finding.level <= level]


def validate_corpus(level: int = 5, root: Path | None = None) -> list[Finding]:
    """What breaks levels 1 to `level` in a folder of annotations, that of the package unless `root` is another."""
    root = root or corpus.root()
    documents: dict[str, Document] = {}
    gold: dict[str, Record] = {}
    findings: list[Finding] = []
    registry = _registry(root, findings)
    for id in [id for ids in _json(root / "splits.json", dict[str, list[str]], findings, {}).values() for id in ids]:
        document = _document(root, id, findings)
        path = root / "gold" / f"{id}.json"
        if document is None:
            continue
        documents[id] = document
        if not path.is_file():
            findings.append(_missing(path))
            continue
        records, found = files.inspect(path, {id: document}, partial(_rules, document=document, registry=registry))
        findings += found
        gold |= {record.id: record for record in records}
    findings += _registered(root / "registry.json", registry, documents, gold)
    findings += _across(root, documents, gold, findings)
    findings += _manifest(root)
    return [finding for finding in findings if finding.level <= level]


def _rules(record: Record, document: Document, registry: Mapping[str, RegistryEntry]) -> Iterator[Finding]:
    """Level 4 of one record, task by task, for the layers that it has."""
    for task in TASKS.values():
        if any(getattr(record, layer) is not None for layer in task.layers):
            yield from task.check(record, document, registry)


def _document(root: Path, id: str, findings: list[Finding]) -> Document | None:
    """A document from its text and its frame, with what is wrong with either."""
    text_path, frame_path = root / "sources" / f"{id}.txt", root / "sources" / f"{id}.json"
    if not text_path.is_file():
        findings.append(_missing(text_path))
        return None
    raw = text_path.read_bytes()
    frame = _json(frame_path, dict[str, Any], findings, None)
    if frame is None:
        return None
    try:
        document = msgspec.convert({"id": id, "text": raw.decode()} | frame, Document)
    except msgspec.ValidationError as error:
        findings.append(Finding(code="schema-type", message=str(error), file=str(frame_path)))
        return None
    except UnicodeDecodeError:
        findings.append(Finding(code="text-encoding", message="is not UTF-8 text", file=str(text_path)))
        return None
    findings += [_in(finding, frame_path) for finding in _frame(document, raw)]
    return document


def _frame(document: Document, raw: bytes) -> Iterator[Finding]:
    """Level 3 of a document's frame: checksum, date, zones and sentences."""
    digest = hashlib.sha256(raw).hexdigest()
    if document.source is None or document.source.sha256 != digest:
        stated = document.source.sha256[:12] if document.source else "nothing"
        message = f"the text has sha256 {digest[:12]}…, the frame states {stated}…"
        yield Finding(code="source-checksum", path="$.source.sha256", message=message)
    dct = document.dct
    if dct is None or not str(dct.earliest) <= dct.date[:10] <= str(dct.latest):
        message = f"{dct.date} is not between {dct.earliest} and {dct.latest}" if dct else "there is no document date"
        yield Finding(code="document-date-range", path="$.dct", message=message)
    reached = 0
    for n, zone in enumerate(document.zones):
        if zone.start != reached or zone.end <= zone.start:
            message = f"[{zone.start}, {zone.end}) does not follow {reached}, where the zone before it ends"
            yield Finding(code="zone-gap", path=f"$.zones[{n}]", message=message)
        reached = zone.end
    if reached != len(document.text):
        message = f"the zones end at {reached}, the text at {len(document.text)}"
        yield Finding(code="zone-gap", path="$.zones", message=message)
    reached = 0
    for n, (start, end) in enumerate(document.sentences):
        inside = any(zone.start <= start < end <= zone.end for zone in document.zones)
        if start < reached or not inside:
            message = f"[{start}, {end}) overlaps the sentence before it or lies in no single zone"
            yield Finding(code="sentence-crosses-zone", path=f"$.sentences[{n}]", message=message)
        reached = end


def _across(
    root: Path, documents: Mapping[str, Document], gold: Mapping[str, Record], findings: list[Finding]
) -> list[Finding]:
    """Level 5: events and names across articles, what readers found in them, and the frozen passes."""
    links = _json(root / "events.json", list[linked.Link], findings, [])
    shared = _json(root / "exceptions.json", list[linked.Shared], findings, [])
    frozen = _json(root / "passes" / "MANIFEST.json", passes.Passes, findings, passes.Passes([]))
    found = [_in(finding, root / "events.json") for finding in linked.events(links, gold)]
    found += [_in(finding, root / "exceptions.json") for finding in linked.names(shared, gold, documents)]
    found += _read(root, documents, gold, findings)
    return [*found, *passes.changed(root, frozen)]


def _read(
    root: Path, documents: Mapping[str, Document], gold: Mapping[str, Record], findings: list[Finding]
) -> Iterator[Finding]:
    """Occurrences of phenomena and grades of naturalness that are of nothing in the corpus."""
    listed = _table(root / "phenomena.csv", Phenomenon, findings)
    seen = _table(root / "occurrences.csv", Occurrence, findings)
    given = _table(root / "naturalness.csv", Grade, findings)
    for finding in phenomena.findings(seen, listed, documents, gold):
        yield msgspec.structs.replace(finding, file=str(root / "occurrences.csv"))
    for finding in quality.findings(given, documents):
        yield msgspec.structs.replace(finding, file=str(root / "naturalness.csv"))


def _in(finding: Finding, path: Path) -> Finding:
    """The finding with its file, and the line of what its path names."""
    return files.placed(finding, path, 1, path.read_bytes() if path.is_file() else b"")


def _registry(root: Path, findings: list[Finding]) -> dict[str, RegistryEntry]:
    path = root / "registry.json"
    registry: dict[str, RegistryEntry] = {}
    for n, entry in enumerate(_json(path, list[RegistryEntry], findings, [])):
        if entry.id in registry:
            message = f"{entry.id} is registered already, as {registry[entry.id].name!r}"
            findings.append(_in(Finding(code="registry-duplicate", message=message, path=f"$[{n}].id"), path))
        if entry.id.partition(":")[0] != entry.label.lower():
            message = f"{entry.id} has the label {entry.label}"
            findings.append(_in(Finding(code="registry-label", message=message, path=f"$[{n}].label"), path))
        registry[entry.id] = entry
    return registry


def _registered(
    path: Path, registry: Mapping[str, RegistryEntry], documents: Mapping[str, Document], gold: Mapping[str, Record]
) -> Iterator[Finding]:
    """Entries and aliases that no gold mention bears out."""
    used: dict[str, set[str]] = {}
    for id, record in gold.items():
        for entity in record.entities or ():
            used.setdefault(entity.entity or "", set()).add(fold(documents[id].text[entity.start : entity.end]))
    for n, entry in enumerate(registry.values()):
        if entry.id not in used:
            message = f"{entry.id} is mentioned nowhere"
            yield _in(Finding(code="registry-unused", message=message, path=f"$[{n}]"), path)
            continue
        idle = [alias for alias in entry.aliases if fold(alias) not in used[entry.id]]
        if idle:
            message = f"no mention of {entry.id} reads {listing(idle)}"
            yield _in(Finding(code="registry-unused", message=message, path=f"$[{n}].aliases"), path)


def _manifest(root: Path) -> Iterator[Finding]:
    """Files that are not what MANIFEST.sha256 says, that it lacks, or that are gone."""
    path = root / "MANIFEST.sha256"
    stated = corpus.manifest(root)
    there = corpus.checksums(root)
    for name in sorted(stated.keys() | there.keys()):
        if stated.get(name) != there.get(name):
            message = f"{name} has sha256 {there.get(name, 'none')[:12]}, the manifest has {stated.get(name, 'none')[:12]}"
            yield Finding(code="manifest-mismatch", message=message, file=str(path))


def _json(path: Path, to: type[T], findings: list[Finding], default: Any) -> T | Any:
    """A decoded JSON file of the corpus, or `default` and a finding."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=to)
    except OSError:
        findings.append(_missing(path))
    except msgspec.ValidationError as error:
        findings.append(Finding(code="schema-type", message=str(error), file=str(path)))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        findings.append(Finding(code="json-malformed", message=str(error), file=str(path)))
    return default


def _table(path: Path, to: type[S], findings: list[Finding]) -> list[S]:
    """The rows of a table of the corpus, or none and what is wrong with it."""
    try:
        return corpus.tabled(path.read_bytes(), to, path)
    except OSError:
        findings.append(_missing(path))
    except BenchError as error:
        findings += error.findings
    return []


def _missing(path: Path) -> Finding:
    return Finding(code="corpus-file-missing", message="there is no such file", file=str(path))


def as_json(findings: list[Finding]) -> str:
    """The findings as a JSON array."""
    return json.dumps([msgspec.to_builtins(finding) for finding in findings], ensure_ascii=False, indent=1)
