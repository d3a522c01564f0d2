"""Rows to records: what was read is held to level 3, and the rows of one document become its record."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

import msgspec

from vnnews_bench import offsets, rows
from vnnews_bench.errors import Finding, listing
from vnnews_bench.records import Document, Record
from vnnews_bench.rows import DocumentRow, Row, SentenceRow

Rules = Callable[[Record], Iterable[Finding]]


class Read(NamedTuple):
    """A row as it was read: what to call its place, and what puts a finding there."""

    row: Row
    name: str
    place: Callable[[Finding], Finding]


def assemble(
    read: Iterable[Read], documents: Mapping[str, Document] | None, rules: Rules = lambda record: ()
) -> tuple[list[Record], list[Finding]]:
    """The records of rows in the order of their documents, and everything that breaks level 3, or further `rules` of a record.

    Offsets and checksums are compared with `documents` where they are given.
    """
    known = documents or {}
    records: dict[str, Record] = {}
    parts: dict[str, list[tuple[Read, Record]]] = {}
    findings: list[Finding] = []
    seen: dict[tuple[str, str], str] = {}
    for one in read:
        record = rows.record(one.row)
        findings += map(one.place, _misfits(one, record.id, documents, seen))
        records.setdefault(record.id, record)
        if isinstance(one.row, DocumentRow):
            findings += map(one.place, chain(offsets.findings(record, known.get(record.id)), rules(record)))
        else:
            parts.setdefault(record.id, []).append((one, record))
    for id, pairs in parts.items():
        members = [one for one, _ in pairs]
        records[id], origins = rows.merged([record for _, record in pairs])
        for finding in chain(offsets.findings(records[id], known.get(id)), rules(records[id])):
            findings.append(_placed(finding, members, origins))
    return list(records.values()), findings


def _misfits(
    one: Read, id: str, documents: Mapping[str, Document] | None, seen: dict[tuple[str, str], str]
) -> Iterator[Finding]:
    """What is wrong with a row among its fellows (`seen`: the first place of a document, and of each of its rows) and texts."""
    whole = isinstance(one.row, DocumentRow)
    part = "record" if whole else f"{type(one.row).__name__} {one.row.id}"
    rivals = ["anything"] if whole else ["record", part] if one.row.id else ["record"]
    taken = next((rival for rival in rivals if (id, rival) in seen), None)
    if taken:
        what = f"{id} {one.row.id} was there" if taken == part else f"{id} has a record already"
        yield Finding(code="record-duplicate", path="$.id", message=f"{what}, {seen[id, taken]}")
    for key in ("anything", part):
        seen.setdefault((id, key), one.name)
    document = documents.get(id) if documents is not None else None
    if documents is not None and document is None:
        message = f"there is no document {id!r} here; there are {listing(list(documents))}"
        yield Finding(code="record-unknown-document", path="$.id" if whole else "$.document", message=message)
    if document is not None and isinstance(one.row, DocumentRow) and one.row.text not in (None, document.text):
        message = f"the text differs from that of {id}; offsets count code points of the text as received"
        yield Finding(code="record-text-mismatch", path="$.text", message=message)


def _placed(finding: Finding, members: Sequence[Read], origins: Mapping[str, Sequence[int]]) -> Finding:
    """A finding in a merged record, put on the row that its annotation came from."""
    match = re.match(r"\$\.(\w+)\[(\d+)\](.*)", finding.path or "")
    if match is None:
        return members[0].place(finding)
    one = members[origins[match[1]][int(match[2])]]
    below = ".ner_tags" if isinstance(one.row, SentenceRow) else match[3]
    return one.place(msgspec.structs.replace(finding, path=f"${below}"))
