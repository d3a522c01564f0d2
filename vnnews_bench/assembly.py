"""Rows to records: what was read is held to level 3, and the rows of one document become its record."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

import msgspec

from vnnews_bench import offsets, rows
from vnnews_bench.counts import Columns
from vnnews_bench.errors import Finding, listing
from vnnews_bench.records import Document, Record
from vnnews_bench.rows import DocumentRow, PartRow, Row, SentenceRow
from vnnews_bench.tasks.ner import columns_of

Rules = Callable[[Record], Iterable[Finding]]
Placed = tuple[int, Row]  # a row, and its number in what was read


class Block(NamedTuple):
    """Whole records that were read together: the number of each in what was read, the rows, and the entities of all of them.

    The entities are taken out when a row has just been read, which is when it costs least, and serve for checks and scores.
    """

    numbers: list[int]
    rows: list[DocumentRow]
    entities: Columns


def against(
    records: Sequence[DocumentRow], documents: Sequence[Document | None], entities: Columns
) -> Iterator[tuple[int, Finding]]:
    """What breaks level 3 in whole records, each beside its document where that is known, by the index of the record."""
    for n, (row, document) in enumerate(zip(records, documents, strict=True)):
        if document is not None and row.text not in (None, document.text):
            message = f"the text differs from that of {row.id}; offsets count code points of the text as received"
            yield n, Finding(code="record-text-mismatch", path="$.text", message=message)
    for n in offsets.suspects(records, documents, entities):
        yield from ((n, finding) for finding in offsets.findings(records[n], documents[n]))


class Assembly:
    """The rows of one source on their way to records.

    `place` puts a finding on the row of a number, `name` says in words where a row stands. Offsets and checksums are compared
    with `documents` where they are given. Everything that breaks level 3, or further `rules` of a record, is in `findings`.
    """

    def __init__(
        self,
        name: Callable[[int], str],
        place: Callable[[Finding, int], Finding],
        documents: Mapping[str, Document] | None = None,
        rules: Rules | None = None,
    ) -> None:
        self.name, self.place, self.documents, self.rules = name, place, documents, rules
        self.findings: list[Finding] = []
        self._whole: dict[str, int] = {}  # of each document, the number of its record
        self._parted: dict[str, int] = {}  # of each document, the number of its first part
        self._named: dict[tuple[str, type, str], int] = {}  # of each part with an id, its number
        self._parts: dict[str, list[Placed]] = {}

    def take(self, read: Iterable[Placed]) -> Block:
        """The rows that are whole records; those that are parts wait for the rest of their document."""
        numbers: list[int] = []
        records: list[DocumentRow] = []
        for at, row in read:
            if isinstance(row, DocumentRow):
                first = self._whole.setdefault(row.id, at)
                if first != at or row.id in self._parted:
                    self._repeated(at, f"{row.id} has a record already", self._parted.get(row.id, first))
                numbers.append(at)
                records.append(row)
            else:
                self._take_part(at, row)
        if self.documents is not None:
            self._refuse_unknown([(at, row.id, "$.id") for at, row in zip(numbers, records, strict=True)])
        known = self.documents or {}
        documents = [known.get(row.id) or (row.text and rows.document(row)) or None for row in records]
        entities = columns_of([row.entities or () for row in records])
        for n, finding in against(records, documents, entities):
            self._find(numbers[n], [finding])
        for at, row in zip(numbers, records, strict=True) if self.rules else ():
            self._find(at, self.rules(rows.record(row)))  # type: ignore[misc]
        return Block(numbers, records, entities)

    def rest(self) -> Block:
        """The records whose rows were parts, each with the number of its first row."""
        numbers, records = [], []
        for id, members in self._parts.items():
            record, origins = rows.merged([rows.record(row) for _, row in members])
            document = (self.documents or {}).get(id)
            for finding in chain(offsets.findings(record, document), self.rules(record) if self.rules else ()):
                self.findings.append(self._placed(finding, members, origins))
            numbers.append(members[0][0])
            records.append(record)
        self._parts = {}
        return Block(numbers, records, columns_of([record.entities or () for record in records]))

    def _find(self, at: int, findings: Iterable[Finding]) -> None:
        self.findings += [self.place(finding, at) for finding in findings]

    def _take_part(self, at: int, row: PartRow) -> None:
        self._parted.setdefault(row.document, at)
        if row.document in self._whole:
            self._repeated(at, f"{row.document} has a record already", self._whole[row.document])
        elif row.id:
            first = self._named.setdefault((row.document, type(row), row.id), at)
            if first != at:
                self._repeated(at, f"{row.document} {row.id} was there", first)
        if self.documents is not None:
            self._refuse_unknown([(at, row.document, "$.document")])
        self._parts.setdefault(row.document, []).append((at, row))

    def _repeated(self, at: int, what: str, first: int) -> None:
        message = f"{what}, {self.name(first)}"
        self._find(at, [Finding(code="record-duplicate", path="$.id", message=message)])

    def _refuse_unknown(self, ids: Iterable[tuple[int, str, str]]) -> None:
        known = self.documents or {}
        for at, id, path in ids:
            if id not in known:
                message = f"there is no document {id!r} here; there are {listing(list(known))}"
                self._find(at, [Finding(code="record-unknown-document", path=path, message=message)])

    def _placed(self, finding: Finding, members: Sequence[Placed], origins: Mapping[str, Sequence[int]]) -> Finding:
        """A finding in a merged record, put on the row that its annotation came from."""
        match = re.match(r"\$\.(\w+)\[(\d+)\](.*)", finding.path or "")
        if match is None:
            return self.place(finding, members[0][0])
        at, row = members[origins[match[1]][int(match[2])]]
        below = ".ner_tags" if isinstance(row, SentenceRow) else match[3]
        return self.place(msgspec.structs.replace(finding, path=f"${below}"), at)
