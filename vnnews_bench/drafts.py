"""Drafts: records written by a reader, with quoted words where a record has offsets.

A reader cannot count code points, so a draft names a span by its words. Four forms, `s` being a sentence's number from 1:

    "Hội An"                          the words, which occur once in the text
    [s, "Hội An"]                     … once in sentence s
    [s, "Hội An", 2]                  … for the second time in sentence s
    [s, "“Chúng tôi", t, "kết thúc”"] from the first words in sentence s to the last words in sentence t

An entity or a time expression has its span under `at`; lists of spans (`spans`, `inner`, `direct`, `cues`, `mentions`) hold
these forms. What follows from the rest is filled in: `text`, missing ids of entities, and `inner` of a quote.
"""

from typing import Any

import msgspec

from vnnews_bench import schema
from vnnews_bench.errors import BenchError, Finding
from vnnews_bench.records import Document, Record, Span

MARKS = "“”\"'‘’«»"
_SPAN_LISTS = ("spans", "inner", "direct", "cues", "mentions")


def resolve(draft: Any, document: Document) -> Record:
    """The record that a draft of `document` describes.

    Raises `BenchError` with every span that does not occur, or not exactly once, and every field that is wrong.
    """
    findings: list[Finding] = []
    if not isinstance(draft, dict) or not all(isinstance(items, list) for key, items in draft.items() if key != "id"):
        raise BenchError(f"{document.id}: a draft is an object of layers, each an array of annotations")
    fields: dict[str, Any] = {"id": document.id}
    for layer, items in draft.items():
        if layer == "id":
            continue
        fields[layer] = [_annotation(layer, n, item, document, findings) for n, item in enumerate(items)]
    if findings:
        raise BenchError(findings)
    findings = [msgspec.structs.replace(finding, file=document.id) for finding in schema.findings(fields)]
    if findings:
        raise BenchError(findings)
    return schema.record(fields)


def _annotation(layer: str, n: int, item: Any, document: Document, findings: list[Finding]) -> Any:
    if not isinstance(item, dict):
        return item
    fields = _located(item, f"$.{layer}[{n}]", document, findings)
    if "at" in fields:
        start, end = fields.pop("at")
        fields |= {"start": start, "end": end, "text": document.text[start:end]}
    if layer == "entities":
        fields.setdefault("id", f"e{n + 1}")
    if layer == "quotes" and "inner" not in fields and isinstance(fields.get("spans"), list):
        direct = fields.get("type") == "DIRECT"
        fields["inner"] = without_marks(fields["spans"], document.text) if direct else fields["spans"]
    return fields


def _located(item: dict[str, Any], path: str, document: Document, findings: list[Finding]) -> dict[str, Any]:
    """The item with every span form replaced by offsets."""
    fields: dict[str, Any] = {}
    for key, value in item.items():
        here = f"{path}.{key}"
        if key == "at":
            fields[key] = _locate(value, here, document, findings)
        elif key in _SPAN_LISTS and isinstance(value, list):
            fields[key] = [_locate(form, f"{here}[{i}]", document, findings) for i, form in enumerate(value)]
        elif isinstance(value, dict):
            fields[key] = _located(value, here, document, findings)
        else:
            fields[key] = value
    return fields


def _locate(form: Any, path: str, document: Document, findings: list[Finding]) -> Span:
    """The span that a form names; a finding and `(0, 0)` when it names none or several."""
    try:
        match form:
            case str():
                return _occurrence(document, (0, len(document.text)), form, None)
            case [int(s), str(words)]:
                return _occurrence(document, _sentence(document, s), words, None)
            case [int(s), str(words), int(nth)]:
                return _occurrence(document, _sentence(document, s), words, nth)
            case [int(s), str(first), int(t), str(last)]:
                start, _ = _occurrence(document, _sentence(document, s), first, None)
                _, end = _occurrence(document, _sentence(document, t), last, None)
                return start, end
        raise ValueError(f'{form!r} names no span; write "words", [s, "words"], [s, "words", n] or [s, "from", t, "to"]')
    except ValueError as error:
        findings.append(Finding(code="draft-span", message=str(error), file=document.id, path=path))
        return 0, 0


def _sentence(document: Document, number: int) -> Span:
    if not 1 <= number <= len(document.sentences):
        raise ValueError(f"there is no sentence {number}; they run from 1 to {len(document.sentences)}")
    return document.sentences[number - 1]


def _occurrence(document: Document, within: Span, words: str, nth: int | None) -> Span:
    """The one occurrence of `words` inside `within`, or the nth."""
    starts = []
    at = document.text.find(words, *within) if words else -1
    while at >= 0:
        starts.append(at)
        at = document.text.find(words, at + 1, within[1])
    if nth is None and len(starts) != 1:
        raise ValueError(f"{words!r} occurs {len(starts)} times there; it must occur once, or be numbered")
    if nth is not None and not 1 <= nth <= len(starts):
        raise ValueError(f"{words!r} occurs {len(starts)} times there, so there is no number {nth}")
    start = starts[(nth or 1) - 1]
    return start, start + len(words)


def without_marks(spans: list[Span], text: str) -> list[Span]:
    """The spans of a direct quotation without its outermost opening and closing mark."""
    if not spans:
        return []
    inner = [list(span) for span in spans]
    if text[inner[0][0]] in MARKS:
        inner[0][0] += 1
    if text[inner[-1][1] - 1] in MARKS:
        inner[-1][1] -= 1
    while inner[-1][1] > inner[-1][0] and text[inner[-1][1] - 1].isspace():
        inner[-1][1] -= 1
    while inner[0][0] < inner[0][1] and text[inner[0][0]].isspace():
        inner[0][0] += 1
    return [(start, end) for start, end in inner]
