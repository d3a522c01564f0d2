"""The one family of errors a user can cause: the place, the rule, and what exists instead."""

from collections.abc import Sequence

import msgspec

SHOWN = 20  # findings printed by one error; the rest are counted

# Every rule, with the level of validation that applies it and what it demands.
# 1 the file can be read, 2 it has the schema, 3 offsets and checksums hold, 4 the guidelines are kept, 5 articles agree.
RULES: dict[str, tuple[int, str]] = {
    "file-unreadable": (1, "the path is a file that can be opened, not a directory or a device"),
    "file-empty": (1, "a file of records holds at least one record"),
    "file-suffix": (1, "a file of records ends in .json (one record) or .jsonl (one record a line)"),
    "format-unknown": (1, "the content of a foreign file looks like one of the formats, or `--input` names it"),
    "format-malformed": (1, "a foreign file keeps the rules of its format; two files of columns have equal tokens"),
    "text-encoding": (1, "the file is UTF-8, without a byte order mark"),
    "line-too-long": (1, "one record is at most 64 MiB"),
    "json-malformed": (1, "each record is one JSON object; no NaN, no half of a surrogate pair, nothing after it"),
    "schema-type": (2, "every field has its type"),
    "schema-unknown-field": (2, "a record has no field that the schema lacks"),
    "schema-missing-field": (2, "a field without a default is there"),
    "schema-unknown-value": (2, "labels, types and kinds come from the scheme's lists"),
    "schema-bad-value": (2, "numbers, ids and dates have the form that the schema gives"),
    "record-duplicate": (3, "a file has one record per document"),
    "record-unknown-document": (3, "a record is of a document that is being scored or checked"),
    "record-text-mismatch": (3, "a row that carries the document's text carries it unchanged"),
    "span-empty": (3, "a span has start < end"),
    "span-outside-text": (3, "a span lies inside the text"),
    "text-mismatch": (3, "`text` beside a span equals the slice of the document's text"),
    "annotation-duplicate": (3, "no annotation stands twice in a layer"),
    "annotation-duplicate-id": (3, "an annotation's id is its own in the document"),
    "corpus-file-missing": (3, "a document of splits.json has its text, its frame and its gold"),
    "source-checksum": (3, "a text has the sha256 that its frame states"),
    "manifest-mismatch": (3, "every file of the corpus has the sha256 in MANIFEST.sha256"),
    "dataset-folder": (3, "files, rows, card, croissant.json and eval.yaml of a built dataset agree, and `datasets` reads it"),
    "zone-gap": (3, "zones tile the text in order, from 0 to its end"),
    "sentence-crosses-zone": (3, "sentences are in order, do not overlap, and each lies in one zone"),
    "document-date-range": (3, "the document's date lies between its earliest and latest day"),
    "draft-span": (3, "the words of a draft's span occur where it says"),
    "span-edge-space": (4, "a span neither begins nor ends with white space or `_`"),
    "entity-crossing": (4, "two entities are nested or disjoint"),
    "entity-same-span": (4, "one span carries one entity"),
    "entity-crosses-sentence": (4, "an entity lies in one sentence"),
    "entity-missing-id": (4, "an entity of the gold names its registry id"),
    "entity-unknown-id": (4, "an entity's id is in registry.json"),
    "entity-label-registry": (4, "an entity has the label of its registry entry"),
    "entity-name-unlisted": (4, "a mention is the name or an alias of its registry entry"),
    "entity-title-inside": (4, "titles and honorifics stay outside a person's span"),
    "metonymy-label": (4, "metonymy differs from the label, and no person has one"),
    "demonym-label": (4, "only a GPE is a demonym"),
    "quote-incomplete": (4, "a quote of the gold has id, type, act and attribution, its speaker mentions, kind and ids"),
    "quote-direct": (4, "`direct` is there exactly for MIXED, inside the content"),
    "quote-cue": (4, "only DIRECT and FREE_INDIRECT lack a cue, and are then implicit"),
    "quote-parent": (4, "a quote of level 2 names the quote that holds it"),
    "quote-unknown-speaker": (4, "a speaker's id is in registry.json, or anon: with the document's id and a number"),
    "timex-incomplete": (4, "a time expression of the gold has id, text, type and value"),
    "timex-value": (4, "a TIMEX3 value has the syntax of the guidelines"),
    "timex-anchor": (4, "an anchor is dct, explicit, or the id of a time expression or event of the document"),
    "timex-bounds": (4, "value, mod and bounds of a time expression agree"),
    "date-bounds": (4, "an earliest day does not lie after a latest one"),
    "event-incomplete": (4, "an event of the gold has id, modality, granularity and certainty"),
    "event-basis": (4, "the basis of an event's date exists"),
    "event-undated": (4, "bounds, EDTF, granularity, certainty and basis of an event are there together or not at all"),
    "event-edtf": (4, "an event's EDTF parses (level 1, or one of a set) and spans its bounds"),
    "timex-weekday": (4, "a weekday in a time expression is that of its value"),
    "registry-duplicate": (4, "an id is registered once"),
    "registry-label": (4, "an id's prefix is its label in lower case"),
    "registry-unused": (4, "a registered entity is mentioned in the corpus, and so is each of its aliases"),
    "link-unknown-event": (5, "events.json links events that exist"),
    "link-incompatible": (5, "one event in the world has one type and compatible dates in all articles"),
    "name-two-entities": (5, "a name stands for one entity, unless exceptions.json gives the reason why not"),
    "occurrence-unknown": (5, "an occurrence of a phenomenon names a document, a phenomenon and an annotation that exist"),
    "occurrence-words": (5, "the words of an occurrence stand in its article"),
    "grade-unknown-document": (5, "a grade of naturalness is that of an article of the corpus"),
    "pass-changed": (5, "a frozen pass has the sha256 in passes/MANIFEST.json"),
}


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One broken rule and its place.

    `code` is a key of `RULES`; `message` says what is wrong and what exists instead; `file`, `line` (from 1) and `path`
    (`$.entities[3].end`) say where, as far as it is known.
    """

    code: str
    message: str
    file: str | None = None
    line: int | None = None
    path: str | None = None

    @property
    def level(self) -> int:
        """The level of validation that applies the rule."""
        return RULES[self.code][0]

    def __str__(self) -> str:
        file = self.file if self.line is None else f"{self.file}:{self.line}"
        line = ": ".join([part for part in (file, self.path) if part] + [f"{self.message} [{self.code}]"])
        return line.replace("\r", "\\r").replace("\n", "\\n")  # a name in a broken file may hold anything


class BenchError(Exception):
    """What is wrong with one request: a single sentence, or every finding in one input, one line each."""

    def __init__(self, problem: str | Sequence[Finding]) -> None:
        self.findings = () if isinstance(problem, str) else tuple(problem)
        lines = [problem] if isinstance(problem, str) else [str(finding) for finding in self.findings[:SHOWN]]
        if len(self.findings) > SHOWN:
            lines.append(f"… and {len(self.findings) - SHOWN} more")
        super().__init__("\n".join(lines))


def listing(names: Sequence[str], most: int = 12) -> str:
    """What exists, for the end of a message: at most `most` names and how many there are in all."""
    rest = f", … ({len(names)} in all)" if len(names) > most else ""
    return ", ".join(names[:most]) + rest


def lowered(sentence: str) -> str:
    """A library's sentence as the end of a message: its first letter small, unless it begins an acronym."""
    return sentence if sentence[:2].isupper() else sentence[:1].lower() + sentence[1:]
