"""Charts as SVG, made here so that no page needs a library; colours come from the style sheet, words are escaped."""

from collections.abc import Sequence
from datetime import date

import msgspec
from markupsafe import Markup

from vnnews_bench.records import Record, Timex
from vnnews_bench.resample import Interval
from vnnews_bench.site.marks import interval

ROW, LEFT, STEP = 20, 150, 84  # of a timeline, in pixels: a line, the names, from day to day


def bar(f1: float | None, spread: Interval | None, floor: float | None) -> Markup:
    """A score from 0 to 1 as a dot on its interval, and a dashed line where the best floor stands."""
    parts = [Markup('<line class="axis" x1="0" y1="9" x2="200" y2="9"/>')]
    if floor is not None:
        parts.append(Markup('<line class="floor" x1="{0:.1f}" y1="0" x2="{0:.1f}" y2="18"/>').format(200 * floor))
    if spread is not None and spread.low is not None and spread.high is not None:
        box = Markup('<rect class="interval" x="{:.1f}" y="5" width="{:.1f}" height="8" rx="2"/>')
        parts.append(box.format(200 * spread.low, max(1, 200 * (spread.high - spread.low))))
    if f1 is not None:
        parts.append(Markup('<circle class="dot" cx="{:.1f}" cy="9" r="4"/>').format(200 * f1))
    return Markup('<svg class="bar" viewBox="-5 0 210 18" aria-hidden="true">{}</svg>').format(Markup("").join(parts))


class Dated(msgspec.Struct, frozen=True):
    """A line of a timeline: what it is, the annotation that it stands for, its words, and its first and last day."""

    kind: str
    of: str
    name: str
    first: date | None
    last: date | None
    about: str


def dated(record: Record, text: str) -> list[Dated]:
    """The events and time expressions of a record with a day, in the order of their days."""
    lines = []
    for n, timex in enumerate(record.timexes or ()):
        first, last = _days(timex)
        if first or last:
            lines.append(Dated("timex", f"t{n}", text[timex.start : timex.end], first, last, timex.value or ""))
    for n, event in enumerate(record.events or ()):
        first, last = event.begin.earliest or event.begin.latest, event.end.latest or event.end.earliest
        open_first, open_last = event.begin.earliest is None, event.end.latest is None
        if first or last:
            name = f"{event.type} {text[slice(*event.mentions[0])]}"
            about = interval(event) + (" ←" if open_first else "") + (" →" if open_last else "")
            lines.append(Dated("event", f"v{n}", name, first, last, about))
    return sorted(lines, key=lambda line: (line.first or line.last, line.last or line.first, line.kind))


def _days(timex: Timex) -> tuple[date | None, date | None]:
    """The bounds of a time expression; a system seldom states them, and then a value that is a day has one."""
    if timex.earliest or timex.latest:
        return timex.earliest, timex.latest
    try:
        day = date.fromisoformat((timex.value or "")[:10])
    except ValueError:
        return None, None
    return day, day


def timeline(lines: Sequence[Dated]) -> Markup:
    """Days across, in order but not to scale (years lie between some, hours between others); events and times down."""
    known = sorted({day for line in lines for day in (line.first, line.last) if day is not None})
    at = {day: LEFT + STEP * n + STEP // 2 for n, day in enumerate(known)}
    height, width = ROW * (len(lines) + 1) + 8, LEFT + STEP * len(known)
    parts = []
    for day, x in at.items():
        parts.append(Markup('<line class="grid" x1="{0}" y1="{1}" x2="{0}" y2="{2}"/>').format(x, ROW, height))
        parts.append(Markup('<text class="day" x="{}" y="14">{}</text>').format(x, day))
    for n, line in enumerate(lines, 1):
        y = ROW * n + ROW // 2 + 2
        left = at[line.first] if line.first else at[known[0]] - STEP // 2
        right = at[line.last] if line.last else at[known[-1]] + STEP // 2
        name = line.name if len(line.name) <= 22 else line.name[:21] + "…"
        parts.append(Markup('<text class="name" x="0" y="{}">{}</text>').format(y + 4, name))
        # of an event known only from inside, the begin may be bounded by a later day than the end
        left, right = min(left, right), max(left, right)
        box = Markup('<rect class="{}" x="{}" y="{}" width="{}" height="10" rx="5"/>')
        parts.append(box.format(line.kind, left - 5, y - 5, right - left + 10))
    shape = Markup('<svg class="timeline" width="{0}" height="{1}" viewBox="0 0 {0} {1}" aria-hidden="true">{2}</svg>')
    return shape.format(width, height, Markup("").join(parts))
