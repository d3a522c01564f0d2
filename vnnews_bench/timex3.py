"""TIMEX3 values: their form, the form in which they are compared, their days on the calendar, the rules of the gold; EDTF."""

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from functools import cache

from vnnews_bench.errors import Finding
from vnnews_bench.records import Timex
from vnnews_bench.text import fold

VALUE = re.compile(
    r"(PAST|PRESENT|FUTURE)_REF"
    r"|P(T?[\dX]+(\.5)?(DE|CE|[YMWDHS]))+|P[\dX]+[YMWD]T?([\dX]+[HMS])*|PT([\dX]+[HMS])+"
    r"|[\dX]{2,4}(-(H[12X]|Q[1-4X]|SP|SU|FA|WI|[\dX]{2}|W[\dX]{2}(-[1-7X])?))?(-[\dX]{2})?"
    r"(T(MO|MI|AF|EV|NI|[\dX]{2}:[\dX]{2}))?"
)

_DAY = r"\d{4}(-\d\d(-\d\d)?)?"
_LISTED = re.compile(rf"{_DAY}|({_DAY}|\.\.)/({_DAY}|\.\.)|\[({_DAY}\.\.{_DAY}|\.\.{_DAY}|{_DAY}\.\.)\]")  # dates.md, C5
LUNAR_THIRDS = (9, 10)  # days
LUNAR_MONTHS = (29, 30)
LUNAR_YEARS = (353, 354, 355, 383, 384, 385)


def normalised(value: str | None) -> str | None:
    """A TIMEX3 value with two-digit months, days and hours and capital letters."""
    if value is None:
        return None
    return re.sub(r"(?<=[-T:])(\d)(?=$|[-T:])", r"0\1", value.strip().upper())


def third(value: str, whole: tuple[date, date], mod: str) -> tuple[date, date] | None:
    """The first, middle or last third of a year, a month or a week by dates.md, part B7; `None` for other units."""
    first, last = whole
    nth = ("START", "MID", "END").index(mod)
    day = value.partition("T")[0]
    if re.fullmatch(r"\d{4}", day):
        return date(first.year, 4 * nth + 1, 1), _month_end(first.year, 4 * nth + 4)
    if re.fullmatch(r"\d{4}-\d\d", day):
        return first.replace(day=10 * nth + 1), last if nth == 2 else first.replace(day=10 * nth + 10)
    if re.fullmatch(r"\d{4}-W\d\d", day):
        begins, ends = ((0, 1), (2, 3), (4, 6))[nth]
        return date.fromordinal(first.toordinal() + begins), date.fromordinal(first.toordinal() + ends)
    return None


def half(value: str, whole: tuple[date, date], mod: str | None) -> tuple[date, date] | None:
    """The first or the second half of a month (*nửa đầu*, *nửa cuối*) by dates.md, part B7; `None` for what has none."""
    first, last = whole
    if not re.fullmatch(r"\d{4}-\d\d", value) or mod not in ("START", "END"):
        return None
    return (first, first.replace(day=15)) if mod == "START" else (first.replace(day=16), last)


def calendar(value: str) -> tuple[date, date] | None:
    """The first and last day of a TIMEX3 value that is a day, a week, a month or a year; `None` for any other."""
    day = value.partition("T")[0]
    try:
        if re.fullmatch(r"\d{4}", day):
            return date(int(day), 1, 1), date(int(day), 12, 31)
        if re.fullmatch(r"\d{4}-\d\d", day):
            first = date.fromisoformat(f"{day}-01")
            return first, _month_end(first.year, first.month)
        if re.fullmatch(r"\d{4}-W\d\d", day):
            first = date.fromisoformat(f"{day}-1")
            return first, date.fromordinal(first.toordinal() + 6)
        if re.fullmatch(r"\d{4}-\d\d-\d\d", day):
            return date.fromisoformat(day), date.fromisoformat(day)
    except ValueError:
        return date.max, date.min  # looks like a date and is none: no bounds agree with it
    return None


def lunar(whole: tuple[date, date], stated: tuple[date, date], mod: str | None) -> bool:
    """Whether bounds can be those of a lunar month or year, or of a third of a month, that has this value (dates.md, B11)."""
    days, length = (stated[1] - stated[0]).days + 1, (whole[1] - whole[0]).days + 1
    shared = (min(stated[1], whole[1]) - max(stated[0], whole[0])).days + 1
    if mod is None and length >= 365:
        return days in LUNAR_YEARS and stated[0].year == whole[0].year
    return 28 <= length <= 31 and days in (LUNAR_THIRDS if mod else LUNAR_MONTHS) and shared > days / 2


def _month_end(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


@cache
def is_edtf(edtf: str) -> bool:
    """Whether a value is EDTF. The forms that the guidelines list are known without the parser, which takes 20 ms for each."""
    parts = re.findall(r"\d[\d-]*", edtf)
    days = [calendar(part) for part in parts]
    sound = all(day is not None and day[0] <= day[1] for day in days) and len({len(part) for part in parts}) < 2
    if sound and _LISTED.fullmatch(edtf):
        return True
    from edtf import EDTFParseException, parse_edtf

    try:
        parse_edtf(edtf)
    except (EDTFParseException, TypeError):  # the latter where an interval has one end alone
        return False
    return True


def check(timex: Timex, path: str, ids: set[str | None]) -> Iterator[Finding]:
    """What breaks the guidelines in a time expression of the gold, which may be anchored to one of the ids."""
    for name in ("id", "text", "type", "value"):
        if getattr(timex, name) is None:
            yield Finding(code="timex-incomplete", path=path, message=f"a time expression of the gold has `{name}`")
    for name in ("value", "value_nodct"):
        value = getattr(timex, name)
        if value is not None and not VALUE.fullmatch(value):
            message = f"{value!r} is no TIMEX3 value of dates.md, part B3"
            yield Finding(code="timex-value", path=f"{path}.{name}", message=message)
    if timex.earliest is not None and timex.latest is not None and timex.earliest > timex.latest:
        message = f"{timex.earliest} lies after {timex.latest}"
        yield Finding(code="date-bounds", path=path, message=message)
    if timex.anchor not in (None, "dct", "explicit") and timex.anchor not in ids:
        message = f"{timex.anchor!r} is neither dct, explicit nor the id of a time expression or an event"
        yield Finding(code="timex-anchor", path=f"{path}.anchor", message=message)
    yield from _agrees(timex, path)


WEEKDAYS = {"hai": 0, "ba": 1, "tư": 2, "năm": 3, "sáu": 4, "bảy": 5}


def _agrees(timex: Timex, path: str) -> Iterator[Finding]:
    """The value of a point in time, its `mod`, its bounds and its weekday, as far as they follow from each other."""
    if timex.value is None or timex.earliest is None or timex.latest is None or timex.type not in ("DATE", "TIME"):
        return
    whole = calendar(timex.value)
    if whole is None:
        return
    span = third(timex.value, whole, timex.mod) if timex.mod in ("START", "MID", "END") else whole
    stated = timex.earliest, timex.latest
    words = fold(timex.text or "")
    of_moon = timex.mod is None or re.search(r"\b(giêng|chạp|âm lịch)\b", words)
    other = stated == half(timex.value, whole, timex.mod) or (of_moon and lunar(whole, stated, timex.mod))
    if span is not None and stated != span and not other:
        message = f"{timex.value} {timex.mod or ''} is {span[0]} to {span[1]}, the bounds are {stated[0]} to {stated[1]}"
        yield Finding(code="timex-bounds", path=path, message=message)
    # "ngày thứ hai", "đêm thứ hai" count the days of something
    named = re.search(r"\b(?<!ngày )(?<!đêm )(?:thứ (hai|ba|tư|năm|sáu|bảy)|chủ nhật)\b", words)
    if named is not None and whole[0] == whole[1] and whole[0].weekday() != WEEKDAYS.get(named[1], 6):
        message = f"{timex.value} is no {named[0]}"
        yield Finding(code="timex-weekday", path=f"{path}.value", message=message)
