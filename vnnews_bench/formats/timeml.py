"""TimeML (ISO 24617-1, Pustejovsky et al. 2003): TIMEX3 tags in the text, also what HeidelTime prints.

Conventions
    * The text is what stands in `<TEXT>`, else in `<TimeML>`, without tags and with character references resolved. There are no
      offsets. An `&` or `<` that begins no reference and no tag is itself.
    * A TIMEX3 outside of the text gives the document's date and is no annotation.
    * EVENT classes are not event types, so EVENT and the rest of TimeML have no counterpart.
Time expressions are the only layer that is written; nested ones can be held, crossing ones cannot.
"""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import msgspec

from vnnews_bench.formats.exchange import Gathering, Loss, Read, Source, Written, document_id
from vnnews_bench.records import Document, Record, Timex

_TAG = re.compile(r"<(/?)([A-Za-z][\w.-]*)((?:\s+[\w:.-]+\s*=\s*(?:\"[^\"<]*\"|'[^'<]*'))*)\s*(/?)>|<[!?][^>]*>")
_ATTRIBUTE = re.compile(r"([\w:.-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_FIELDS = {
    "tid": "id",
    "type": "type",
    "value": "value",
    "mod": "mod",
    "functionInDocument": "function",
    "anchorTimeID": "anchor",
}
_REST = {"EVENT", "SIGNAL", "MAKEINSTANCE", "TLINK", "SLINK", "ALINK", "TIMEX3INTERVAL"}
_FREE = {"temporalFunction"}  # said by other fields


def looks_like(head: str) -> bool:
    """Whether it is TimeML, or plain text with TIMEX3 tags."""
    return (
        re.match(r"\s*(<\?xml[^>]*>\s*)?(<!DOCTYPE TimeML\b|<TimeML\b)", head) is not None
        or re.search(r"<TIMEX3\s", head) is not None
    )


def read(source: Source) -> Read:
    """The time expressions of one document, whose id is its DOCID or the file's name.

    Raises `BenchError` with the line of a TIMEX3 that is malformed, not closed, or closed without having been opened.
    """
    raw = source.text().replace("\r\n", "\n")
    named = re.search(r"<DOCID>\s*([^<\s]+)\s*</DOCID>", raw)
    id = document_id(named[1] if named else source.path.stem, 1)
    begin, end = _body(raw)
    gathered = Gathering(id, ["timexes"])
    pieces: list[str] = []
    size = 0
    opened: list[tuple[int, dict[str, str], int]] = []
    at, line, counted = begin, 1, 0
    tags = list(_TAG.finditer(raw))
    broken = {match.start() for match in re.finditer(r"</?TIMEX3\b", raw)} - {match.start() for match in tags}
    if broken:
        raise source.refused(raw.count("\n", 0, min(broken)) + 1, "begins a TIMEX3 tag that is not well-formed")
    for match in tags:
        line, counted = line + raw.count("\n", counted, match.start()), match.start()
        closing, name, attributes, alone = match[1], match[2], match[3] or "", match[4]
        inside = begin <= match.start() and match.end() <= end
        if inside:
            pieces.append(_unescaped(raw[at : match.start()]))
            size += len(pieces[-1])
            at = match.end()
        if name in _REST and not closing:
            gathered.lose("label", f"the tag {name}", line)
        if name != "TIMEX3":
            continue
        if closing:
            if not opened:
                raise source.refused(line, "closes a TIMEX3 that was not opened")
            start, fields, began = opened.pop()
            _take(gathered, fields, start if inside else None, size, began)
        else:
            fields = {key: _unescaped(one or other) for key, one, other in _ATTRIBUTE.findall(attributes)}
            opened.append((size, fields, line))
            if alone:
                _take(gathered, opened.pop()[1], size, size, line)
    if opened:
        raise source.refused(opened[-1][2], "opens a TIMEX3 that is not closed")
    pieces.append(_unescaped(raw[at:end]))
    text = "".join(pieces)
    return Read(records=[gathered.record()], texts={id: Document(id=id, text=text)}, losses=tuple(gathered.losses))


def _body(raw: str) -> tuple[int, int]:
    """Where the text stands in the file."""
    for name in ("TEXT", "TimeML"):
        opening, closing = re.search(rf"<{name}\b[^>]*>\n?", raw), raw.rfind(f"</{name}>")
        if opening is not None and closing >= opening.end():
            return opening.end(), closing - (raw[closing - 1] == "\n" and closing - 1 >= opening.end())
    return 0, len(raw)


def _unescaped(text: str) -> str:
    """The text with character references resolved; an `&` that begins none stays."""
    return re.sub(r"&(#\d+|#[xX][\da-fA-F]+|\w+);", lambda match: html.unescape(match[0]), text)


def _take(gathered: Gathering, tag: Mapping[str, str], start: int | None, end: int, line: int) -> None:
    if start is None:
        gathered.lose("frame", f"TIMEX3 {tag.get('tid', '')} outside of the text", line)
        return
    if start == end:
        gathered.lose("malformed", f"TIMEX3 {tag.get('tid', '')} without words", line)
        return
    fields: dict[str, Any] = {"start": start, "end": end}
    for name, value in tag.items():
        if name in _FIELDS:
            fields[_FIELDS[name]] = value
        elif name not in _FREE:
            gathered.lose("field", f"TIMEX3 {name}", line, 0)
    gathered.take("timexes", fields, line)


def write(documents: Mapping[str, Document], records: Sequence[Record]) -> Written:
    """A file `ID.tml` for each document, with its date and its time expressions."""
    losses: list[Loss] = []
    made = {f"{r.id}.tml": _written(documents[r.id], r, losses).encode() for r in records}
    return Written(files=made, losses=tuple(losses))


def _written(document: Document, record: Record, losses: list[Loss]) -> str:
    for layer in ("entities", "quotes", "events"):
        for item in getattr(record, layer) or ():
            message = f"{layer}: {msgspec.json.encode(item).decode()[:80]}"
            losses.append(Loss(kind="layer", message=message, document=record.id))
    body, at = [], 0
    ends: list[int] = []
    for n, timex in enumerate(sorted(record.timexes or (), key=lambda t: (t.start, -t.end)), 1):
        while ends and ends[-1] <= timex.start:
            body += [escape(document.text[at : ends[-1]]), "</TIMEX3>"]
            at = ends.pop()
        if ends and timex.end > ends[-1]:
            message = f"TIMEX3 [{timex.start}, {timex.end})"
            losses.append(Loss(kind="nested", message=message, document=record.id))
            continue
        body += [escape(document.text[at : timex.start]), f"<TIMEX3 {' '.join(_attributes(timex, n, record, losses))}>"]
        at = timex.start
        ends.append(timex.end)
    while ends:
        body += [escape(document.text[at : ends[-1]]), "</TIMEX3>"]
        at = ends.pop()
    body.append(escape(document.text[at:]))
    dct = ""
    if document.dct is not None:
        tag = f'<TIMEX3 tid="dct" type="DATE" value="{document.dct.date}" functionInDocument="CREATION_TIME">'
        dct = f"<DCT>{tag}{document.dct.date}</TIMEX3></DCT>\n"
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<TimeML>\n<DOCID>{record.id}</DOCID>\n{dct}<TEXT>\n'
    return head + "".join(body) + "\n</TEXT>\n</TimeML>\n"


def _attributes(timex: Timex, n: int, record: Record, losses: list[Loss]) -> Iterator[str]:
    """The attributes of a time expression; what TIMEX3 does not have is counted."""
    fields = msgspec.to_builtins(timex)
    if timex.id is None:
        yield f'tid="w{n}"'
    for attribute, name in _FIELDS.items():
        if name in fields:
            yield f"{attribute}={quoteattr(fields[name])}"
    for name in sorted(fields.keys() - {*_FIELDS.values(), "start", "end", "text"}):
        losses.append(Loss(kind="field", message=f"timexes.{name}", document=record.id, annotations=0))
