"""Frames: the zones and sentences of a text as received, which stand beside it before anyone annotates.

Lines are the unit: a reader says of which zone a line is; every other line is `body`, the first one `title`. Two zones lie
inside a line and are found by their form: the dateline that opens an agency report, and the credit that closes a caption. A
teaser with a full date has a zone of its own. Sentences are those of `text.sentences`, and none crosses a zone.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import cast, get_args

from vnnews_bench.errors import BenchError, listing
from vnnews_bench.records import Document, Source, SourceKind, Span, Zone, ZoneType
from vnnews_bench.text import sentences

ZONES: tuple[ZoneType, ...] = get_args(ZoneType)
_LINES = re.compile(rf"({'|'.join(ZONES)})=(\d{{1,5}})(?:-(\d{{1,5}}))?")
_DATELINE = re.compile(r"[^\W\d][\w ,]{0,40}?\d{1,2}[./-]\d{1,2}[./-]\d{4}(?: ?\([^)\n]{1,40}\))? [-–] ")
_DAY = re.compile(r"(?<!\d)(\d{1,2})[./-](\d{1,2})[./-](\d{4})(?!\d)")
_CREDIT = re.compile(r"\(?\s*Ảnh\s*:")


def frame(id: str, raw: bytes, zones: Mapping[int, ZoneType], kind: SourceKind) -> Document:
    """The document of an article as received, `raw` being UTF-8 and `zones` the types of its lines, numbered from 1.

    It has no date yet: that is read by the annotators. Raises `BenchError` for bytes that are no UTF-8, for a text of
    white space, and for a line that is named but holds nothing.
    """
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise BenchError(f"{id}: byte {error.start} is not UTF-8") from None
    lines = _lines(text)
    unknown = sorted(set(zones) - set(lines))
    if not lines:
        raise BenchError(f"{id}: holds no text")
    if unknown:
        raise BenchError(f"{id}: there is nothing on line {unknown[0]}; there is text on {listing([str(n) for n in lines])}")
    first = min(lines)
    starts = [
        begin for n, line in lines.items() for begin in _starts(text, line, zones.get(n, "title" if n == first else "body"))
    ]
    tiled = tuple(_tiled(starts, len(text)))
    source = Source(file=f"{id}.txt", sha256=hashlib.sha256(raw).hexdigest(), kind=kind)
    return Document(id=id, text=text, source=source, zones=tiled, sentences=tuple(_sentences(text, lines.values(), tiled)))


def lines(options: Sequence[str]) -> dict[int, ZoneType]:
    """The zones of lines as the command line has them: `byline=3`, `teaser=34-36`. Raises `BenchError` for anything else."""
    found: dict[int, ZoneType] = {}
    for option in options:
        match = _LINES.fullmatch(option)
        if match is None:
            raise BenchError(f"--zone {option}: is not TYPE=LINES, as in byline=3 or teaser=34-36; types are {listing(ZONES)}")
        first, last = int(match[2]), int(match[3] or match[2])
        found |= dict.fromkeys(range(first, last + 1), cast(ZoneType, match[1]))
    return found


def _lines(text: str) -> dict[int, Span]:
    """The lines that hold something, by number from 1, without the white space around them."""
    spans = {n: match.span() for n, match in enumerate(re.finditer(r"[^\n]*(?:\n|$)", text), 1)}
    lines = {n: (start, start + len(text[start:end].rstrip())) for n, (start, end) in spans.items()}
    return {n: (end - len(text[start:end].lstrip()), end) for n, (start, end) in lines.items() if start < end}


def _starts(text: str, line: Span, kind: ZoneType) -> Iterator[tuple[int, ZoneType, date | None]]:
    """Where zones begin in a line: one, or two when a dateline opens it or a credit closes a caption; a teaser has its date."""
    start, end = line
    dateline = _DATELINE.match(text, start, end) if kind == "body" else None
    credit = _CREDIT.search(text, start, end) if kind == "caption" else None
    day = _DAY.search(text, start, end) if kind == "teaser" else None
    if dateline:
        yield start, "dateline", None
        yield dateline.end(), "body", None
    elif credit and credit.start() > start:
        yield start, "caption", None
        yield credit.start(), "credit", None
    else:
        yield start, kind, date(int(day[3]), int(day[2]), int(day[1])) if day else None


def _tiled(starts: list[tuple[int, ZoneType, date | None]], length: int) -> Iterator[Zone]:
    """Zones that tile the text: each reaches to the next of another type or another date."""
    kept = [begin for n, begin in enumerate(starts) if n == 0 or begin[1:] != starts[n - 1][1:]]
    ends = [start for start, _, _ in kept[1:]] + [length]
    for n, ((start, kind, day), end) in enumerate(zip(kept, ends, strict=True)):
        yield Zone(start=start if n else 0, end=end, type=kind, section_time=day)


def _sentences(text: str, lines: Iterable[Span], zones: Sequence[Zone]) -> Iterator[Span]:
    """The sentences of each line, cut where a zone begins."""
    borders = {zone.start for zone in zones}
    for start, end in lines:
        cuts = [start, *sorted(border for border in borders if start < border < end), end]
        for left, right in pairwise(cuts):
            yield from sentences(text, left, right)
