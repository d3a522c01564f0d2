"""Strings: what language models give, spans named by their words, resolved to offsets in reading order.

    {"entities": [{"text": "Đà Nẵng", "label": "GPE"}],
     "quotes": [{"quote": "Tôi rất vui", "speaker": "bà Lê", "cue": "nói", "type": "DIRECT"}],
     "timexes": [{"text": "hôm qua", "type": "DATE", "value": "2031-05-06"}],
     "events": [{"trigger": "gặp", "type": "MEET", "date": "2031-05-06"}]}

Conventions
    * The k-th mention of the same words is their k-th occurrence in the text. A cue and a speaker are the occurrence nearest
      to their quotation. A quotation with `…` or `...` in it that the text does not have so is one in several parts.
    * Words are compared by their `letters`: spacing, `_`, NFC and NFD, hoà and hòa, shapes of quotation marks are alike, case
      is not. Occurrences between word boundaries come first.
    * The object may stand in prose or in a code fence. An answer without one is a loss, and its document is scored as empty.
    * A `.jsonl` file has an answer a line: the object with the document's `id` in it, or `{"id": …, "response": "…"}`. Any
      other file is one answer, and its name is the id.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from vnnews_bench.errors import BenchError, Finding, listing
from vnnews_bench.formats.exchange import Gathering, Loss, Read, Source, Written, label_of
from vnnews_bench.letters import Letters, letters
from vnnews_bench.records import LAYERS, Annotation, Bounds, Document, Event, Quote, Record, Span
from vnnews_bench.timex3 import calendar

# where an item has its words, and the fields that a layer takes
WORDS = {"entities": ("text",), "quotes": ("quote", "text"), "timexes": ("text",), "events": ("trigger", "text")}
_KNOWN = {
    "entities": {"text", "label", "type"},
    "quotes": {"quote", "text", "speaker", "cue", "type"},
    "timexes": {"text", "type", "value"},
    "events": {"trigger", "text", "type", "label", "date"},
}
ANSWERS = ("response", "output", "answer", "content")
_ELLIPSIS = re.compile(r"\s*(?:\[\s*)?(?:…|\.\.\.)(?:\s*\])?\s*")


def extract(text: str) -> dict[str, Any] | None:
    """The first JSON object in prose or code fences that has a layer, also one object further in; `None` when there is none.

    Without any layer it is the object with which the text's JSON begins, but no part of an object that breaks off.
    """
    decoder = json.JSONDecoder()
    begin = at = text.find("{")
    first = None
    for _ in range(1000):
        if at < 0:
            break
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            at = text.find("{", at + 1)
            continue
        value = _joined(value)
        inside = [inner for inner in value.values() if isinstance(inner, dict) and set(inner) & set(LAYERS)]
        if set(value) & set(LAYERS) or inside:
            return (
                dict(value) if set(value) & set(LAYERS) else {name: value[name] for name in value if name == "id"} | inside[0]
            )
        first = value if at == begin else first
        at = text.find("{", end)
    return first


def _joined(value: Any) -> Any:
    """The value as builtins with split surrogates joined; half of one becomes U+FFFD."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, Mapping):
        return {_joined(key): _joined(item) for key, item in value.items()}
    return [_joined(item) for item in value] if isinstance(value, list) else value


class _Text:
    """A text to look words up in, letter by letter; it counts the mentions of the same words."""

    def __init__(self, text: Letters) -> None:
        self.text = text
        self.mentions: Counter[str] = Counter()

    def occurrences(self, words: str) -> list[Span]:
        """Every place of the words in reading order; those between word boundaries only, where there are any."""
        whole = letters(words).string
        for key in dict.fromkeys((whole, whole.strip("\"'.,;:!?"))):
            found = [match.span() for match in re.finditer(re.escape(key), self.text.string)] if key else []
            if found:
                bounded = [span for span in found if not any(self.text.joined[at] for at in span)]
                return [self.text.span(*span) for span in bounded or found]
        return []

    def next(self, words: str) -> Span | None:
        """The place of the next mention of these words."""
        found, key = self.occurrences(words), letters(words).string
        self.mentions[key] += 1
        return found[self.mentions[key] - 1] if self.mentions[key] <= len(found) else None

    def nearest(self, words: str, to: Span) -> Span | None:
        """The place of the words with the least distance from a span, the earlier one of two."""
        far = [(max(start - to[1], to[0] - end, 0), start, end) for start, end in self.occurrences(words)]
        return min(far)[1:] if far else None

    def parts(self, words: str) -> list[Span] | None:
        """The places of words around ellipses, one after the other."""
        found: list[Span] = []
        for part in filter(str.strip, _ELLIPSIS.split(words)):
            after = found[-1][1] if found else 0
            place = next((span for span in self.occurrences(part) if span[0] >= after), None)
            if place is None:
                return None
            found.append(place)
        return found or None


def resolve(raw: Mapping[str, Any], document: Document) -> tuple[Record, list[Loss]]:
    """The record that an answer describes, and what could not be taken over: words that the text lacks among it.

    A layer is attempted when the answer has its name, even with nothing in it.
    """
    raw = _joined(raw)
    gathered = Gathering(document.id, [layer for layer in LAYERS if raw.get(layer) is not None], len(document.text))
    for name in sorted(set(raw) - set(LAYERS) - {"id"}):
        gathered.lose("field", f"the answer's {name!r}", annotations=0)
    folded = letters(document.text)
    for layer in LAYERS:
        items = raw.get(layer)
        if items is None:
            continue
        if not isinstance(items, list):
            gathered.lose("malformed", f"{layer} is no array")
            continue
        text = _Text(folded)
        for item in items:
            words = next((item[name] for name in WORDS[layer] if name in item), None) if isinstance(item, dict) else None
            if not isinstance(words, str) or not letters(words).string:
                gathered.lose("malformed", f"{layer}: {_short(item)} names no words")
                continue
            for name in sorted(item.keys() - _KNOWN[layer]):
                gathered.lose("field", f"{layer}.{name}", annotations=0)
            _resolve_one(layer, item, words, text, gathered)
    return gathered.record(), gathered.losses


def _resolve_one(layer: str, item: Mapping[str, Any], words: str, text: _Text, gathered: Gathering) -> None:
    place = text.next(words)
    parts = [place] if place is not None else text.parts(words) if layer == "quotes" else None
    if parts is None:
        mentions = text.mentions[letters(words).string]
        nth = f" {mentions} times" if mentions > 1 else ""
        gathered.lose("not found", f"{layer}: {_short(words)} is not in the text{nth}")
        return
    start, end = parts[0]
    fields: dict[str, Any] = {"start": start, "end": end}
    if layer == "entities":
        foreign = item.get("label", item.get("type"))
        fields["label"] = label_of(foreign) if isinstance(foreign, str) else None
        if fields["label"] is None:
            gathered.lose("label", f"the label {_short(foreign)}")
            return
    elif layer == "timexes":
        fields |= {name: item[name] for name in ("type", "value") if item.get(name) is not None}
    elif layer == "quotes":
        fields = _quote(item, parts, text, gathered)
    else:
        fields = {"type": item.get("type", item.get("label")), "mentions": [parts[0]], **_dated(item.get("date"), gathered)}
    gathered.take(layer, fields)


def _quote(item: Mapping[str, Any], parts: Sequence[Span], text: _Text, gathered: Gathering) -> dict[str, Any]:
    fields: dict[str, Any] = {"spans": list(parts)}
    if item.get("type") is not None:
        fields["type"] = item["type"]
    whole = parts[0][0], parts[-1][1]
    for name in ("cue", "speaker"):
        words = item.get(name)
        if words is None or words == "":
            continue
        place = text.nearest(words, whole) if isinstance(words, str) else None
        if name == "cue":
            fields |= {"cues": [place]} if place is not None else {}
        elif isinstance(words, str):
            fields["speaker"] = {"name": words, "mentions": [place] if place is not None else []}
        if place is None and (name == "cue" or not isinstance(words, str)):
            gathered.lose("not found", f"quotes: the {name} {_short(words)}", annotations=0)
    return fields


def _dated(value: Any, gathered: Gathering) -> dict[str, Any]:
    """The bounds of a date or of two between a slash: a day, month or year is known to its first and last day."""
    if value is None or value == "":
        return {}
    ends = [calendar(part.strip()) for part in value.split("/")] if isinstance(value, str) else []
    if not 1 <= len(ends) <= 2 or any(end is None or end[0] > end[1] for end in ends):
        gathered.lose("field", f"events: the date {_short(value)} is none", annotations=0)
        return {}
    bounds = [{"earliest": end[0], "latest": end[1]} for end in ends if end is not None]
    return {"begin": bounds[0], "end": bounds[-1]}


def read(source: Source) -> Read:
    """The answers of a file, resolved in the documents. Raises `BenchError` for an answer about no document."""
    documents = source.documents or {}
    records: list[Record] = []
    losses: list[Loss] = []
    for n, (line, name, answer) in enumerate(_answers(source)):
        id = name if name is not None else list(documents)[n] if n < len(documents) else f"answer {n + 1}"
        if id not in documents or id in [record.id for record in records]:
            code = "record-duplicate" if id in documents else "record-unknown-document"
            message = f"{id} has an answer already" if id in documents else f"there is no document {id!r} here"
            message += f"; there are {listing(list(documents))}" if id not in documents else ""
            raise BenchError([Finding(code=code, message=message, file=str(source.path), line=line)])
        if answer is None:
            losses.append(Loss(kind="broken", message="holds no JSON object", document=id, line=line, annotations=0))
            records.append(Record(id=id))
            continue
        record, lost = resolve(answer, documents[id])
        records.append(record)
        losses += [msgspec.structs.replace(loss, line=line) for loss in lost]
    if not records:
        raise source.refused(None, "holds no answer")
    return Read(records=records, losses=tuple(losses))


def _answers(source: Source) -> Iterator[tuple[int | None, str | None, dict[str, Any] | None]]:
    """Line, id and object of every answer, each `None` where it is not known."""
    text = source.text()
    if source.path.suffix != ".jsonl":
        answer = extract(text)
        name = answer.get("id") if answer is not None else None
        yield None, name if isinstance(name, str) else source.path.stem, _unwrapped(answer)
        return
    for line, row in enumerate(text.split("\n"), 1):
        if row.strip():
            answer = extract(row)
            stated = re.search(r'"id"\s*:\s*"([^"\\]+)"', row)
            name = answer.get("id") if answer is not None else None
            yield line, name if isinstance(name, str) else stated[1] if stated else None, _unwrapped(answer)


def _unwrapped(answer: dict[str, Any] | None) -> dict[str, Any] | None:
    """The object inside of an answer that is a text; one without any layer is none."""
    if answer is None or set(answer) & set(LAYERS):
        return answer
    inner = next((answer[name] for name in ANSWERS if isinstance(answer.get(name), str)), None)
    found = extract(inner) if inner is not None else None
    return found if found is not None and set(found) & set(LAYERS) else None


def looks_like(head: str) -> bool:
    """Whether the first object has words where records have offsets, or is an answer in prose."""
    answer = extract(head.split("\n{", 1)[0] if head.startswith("{") else head)
    if answer is None:
        return False
    if not set(answer) & set(LAYERS):
        return "id" in answer and any(isinstance(answer.get(name), str) for name in ANSWERS)
    items = [(layer, item) for layer in LAYERS for item in _listed(answer.get(layer)) if isinstance(item, dict)]
    placed = any({"start", "start_offset", "spans", "mentions"} & set(item) for _, item in items)
    return not placed and any(name in item for layer, item in items for name in WORDS[layer])


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def write(documents: Mapping[str, Document], records: Sequence[Record]) -> Written:
    """One answer a line. What the words cannot tell is found by resolving them again."""
    lines: list[bytes] = []
    losses: list[Loss] = []
    for record in records:
        document = documents[record.id]
        raw: dict[str, Any] = {"id": record.id}
        for layer in LAYERS:
            items: Sequence[Annotation] | None = getattr(record, layer)
            if items is not None:
                raw[layer] = [_worded(layer, item, document, losses) for item in sorted(items, key=_first)]
        lines.append(json.dumps(raw, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
        losses += _unplaced(record, resolve(raw, document)[0])
    return Written(files={"records.jsonl": b"".join(lines)}, losses=tuple(losses))


def _first(item: Annotation) -> Span:
    match item:
        case Event():
            return min(item.mentions, default=(0, 0))
        case Quote():
            return min(item.spans, default=(0, 0))
    return item.start, item.end


def _worded(layer: str, item: Annotation, document: Document, losses: list[Loss]) -> dict[str, Any]:
    """An annotation as words; fields that words do not have are counted."""
    fields: dict[str, Any] = msgspec.to_builtins(item)
    text = document.text
    match item:
        case Quote():
            kept = {"spans", "type", "speaker", "cues"}
            made: dict[str, Any] = {"quote": " … ".join(text[a:b] for a, b in item.spans)}
            if item.speaker is not None:
                mentions = item.speaker.mentions
                made["speaker"] = text[slice(*mentions[0])] if mentions else item.speaker.name
                kept = kept if item.speaker.name in (None, made["speaker"]) and len(mentions) < 2 else kept - {"speaker"}
            made |= {"cue": text[slice(*item.cues[0])]} if item.cues else {}
            kept = kept if len(item.cues) < 2 else kept - {"cues"}
        case Event():
            first = min(item.mentions, default=(0, 0))
            kept = {"mentions", "type"} if len(item.mentions) < 2 else {"type"}
            made = {"trigger": text[slice(*first)], "type": item.type}
            when = _date(item)
            if when is not None:
                made["date"] = when
                kept |= {"begin", "end"}
        case _:
            made = {"text": text[item.start : item.end]}
            kept = {"start", "end", "text", "label", "type", "value"}
    made |= {name: fields[name] for name in ("label", "type", "value") if name in fields}
    for name in sorted(fields.keys() - kept):
        losses.append(Loss(kind="field", message=f"{layer}.{name}", document=document.id, annotations=0))
    return made


def _date(event: Event) -> str | None:
    """The day, month, year or two days between a slash that give the event's bounds."""
    begin, end = event.begin, event.end
    if begin.earliest is None or end.earliest is None:
        return None
    days = [str(begin.earliest), f"{begin.earliest:%Y-%m}", f"{begin.earliest:%Y}", f"{begin.earliest}/{end.earliest}"]
    return next((day for day in days if _bounds(day) == (begin, end)), None)


def _bounds(value: str) -> tuple[Bounds, Bounds]:
    ends: list[tuple[date, date]] = [end for end in map(calendar, value.split("/")) if end is not None]
    made = [Bounds(earliest=first, latest=last) for first, last in ends]
    return (made[0], made[-1]) if made else (Bounds(), Bounds())


def _unplaced(record: Record, again: Record) -> Iterator[Loss]:
    """The annotations whose words lead elsewhere, or nowhere."""
    for layer in LAYERS:
        items = getattr(record, layer) or ()
        found = Counter(_first(item) for item in getattr(again, layer) or ())
        missing = [item for item in items if not _taken(found, _first(item))]
        elsewhere = sum(found.values())
        for n, item in enumerate(missing):
            message = f"{layer}: the place {list(_first(item))}"
            yield Loss(kind="place", message=message, document=record.id, annotations=0 if n < elsewhere else 1)


def _taken(found: Counter[Span], span: Span) -> bool:
    there = found[span] > 0
    found[span] -= there
    return there


def _short(value: object) -> str:
    return repr(value)[:80]
