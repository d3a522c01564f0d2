"""Rows to records: what was read is held to level 3, and the rows of one document become its record."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain

import msgspec

from vnnews_bench import offsets, rows
from vnnews_bench.errors import Finding, listing
from vnnews_bench.records import Document, Record
from vnnews_bench.rows import DocumentRow, Row, SentenceRow

Rules = Callable[[Record], Iterable[Finding]]
Placed = tuple[int, Row]  # a row, and its number in what was read


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
        self._seen: dict[tuple[str, str], int] = {}  # of a document, and of each of its rows, the number of the first
        self._parts: dict[str, list[Placed]] = {}

    def take(self, read: Iterable[Placed]) -> list[tuple[int, DocumentRow]]:
        """The rows that are whole records; those that are parts wait for the rest of their document."""
        whole: list[tuple[int, DocumentRow]] = []
        for at, row in read:
            self._find(at, self._misfits(row))
            self._note(at, row)
            if isinstance(row, DocumentRow):
                whole.append((at, row))
            else:
                self._parts.setdefault(row.document, []).append((at, row))
        known = self.documents or {}
        documents = [known.get(row.id) for _, row in whole]
        for n in offsets.suspects([row for _, row in whole], documents):
            self._find(whole[n][0], offsets.findings(whole[n][1], documents[n]))
        for at, row in whole if self.rules else ():
            self._find(at, self.rules(rows.record(row)))  # type: ignore[misc]
        return whole

    def rest(self) -> list[tuple[int, DocumentRow]]:
        """The records whose rows were parts, each with the number of its first row."""
        merged = []
        for id, members in self._parts.items():
            record, origins = rows.merged([rows.record(row) for _, row in members])
            document = (self.documents or {}).get(id)
            for finding in chain(offsets.findings(record, document), self.rules(record) if self.rules else ()):
                self.findings.append(self._placed(finding, members, origins))
            merged.append((members[0][0], record))
        self._parts = {}
        return merged

    def against(self, at: int, row: DocumentRow, document: Document) -> None:
        """Finds what is wrong with a row that was taken before its document was known."""
        self._find(at, chain(_of_text(row, document), offsets.findings(row, document)))

    def _find(self, at: int, findings: Iterable[Finding]) -> None:
        self.findings += [self.place(finding, at) for finding in findings]

    def _note(self, at: int, row: Row) -> None:
        whole = isinstance(row, DocumentRow)
        id = row.id if isinstance(row, DocumentRow) else row.document
        for key in ("anything", "record" if whole else _part(row)):
            self._seen.setdefault((id, key), at)

    def _misfits(self, row: Row) -> Iterator[Finding]:
        """What is wrong with a row among its fellows and texts."""
        whole = isinstance(row, DocumentRow)
        id = row.id if isinstance(row, DocumentRow) else row.document
        rivals = ["anything"] if whole else ["record", _part(row)] if row.id else ["record"]
        taken = next((rival for rival in rivals if (id, rival) in self._seen), None)
        if taken:
            what = f"{id} has a record already" if taken in ("anything", "record") else f"{id} {row.id} was there"
            message = f"{what}, {self.name(self._seen[id, taken])}"
            yield Finding(code="record-duplicate", path="$.id", message=message)
        if self.documents is None:
            return
        if id not in self.documents:
            message = f"there is no document {id!r} here; there are {listing(list(self.documents))}"
            yield Finding(code="record-unknown-document", path="$.id" if whole else "$.document", message=message)
        elif isinstance(row, DocumentRow):
            yield from _of_text(row, self.documents[id])

    def _placed(self, finding: Finding, members: Sequence[Placed], origins: Mapping[str, Sequence[int]]) -> Finding:
        """A finding in a merged record, put on the row that its annotation came from."""
        match = re.match(r"\$\.(\w+)\[(\d+)\](.*)", finding.path or "")
        if match is None:
            return self.place(finding, members[0][0])
        at, row = members[origins[match[1]][int(match[2])]]
        below = ".ner_tags" if isinstance(row, SentenceRow) else match[3]
        return self.place(msgspec.structs.replace(finding, path=f"${below}"), at)


def _part(row: Row) -> str:
    return f"{type(row).__name__} {row.id}"


def _of_text(row: DocumentRow, document: Document) -> Iterator[Finding]:
    if row.text not in (None, document.text):
        message = f"the text differs from that of {row.id}; offsets count code points of the text as received"
        yield Finding(code="record-text-mismatch", path="$.text", message=message)
