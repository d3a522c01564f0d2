"""Values of time expressions: where the words lie on the calendar.

Every reading begins with an origin: the document date, the date of the section, or the day of an earlier expression. Beside
the value stands what the words alone give, with X for the rest: the `value_nodct` of what counts from the document date.

    bare dates    the clause decides: "hồi", "hôm", "đã" look back, "sẽ", "dự kiến", "tới" look ahead; then the nearest
    weekdays      as bare dates, within a week; "tuần trước" and the like name the week
    counting      in the unit of the text, and the value is in that unit: "hai tháng nữa" is a month
    part words    keep the plain value; the bounds are its first, middle or last third
    lunar dates   by the Vietnamese calendar (UTC+7), which differs from the Chinese one in some years
"""

import datetime

from vnnews_baselines.dating.calendars import Day, code, date, lunar_day, month_number, number, shifted, span
from vnnews_baselines.dating.periods import (
    BACK,
    EDGES,
    SEASONS,
    SHIFTS,
    UNITS,
    UNKNOWN,
    Context,
    Reading,
    approximation,
    nearest,
    period,
    within,
    year_of,
)
from vnnews_baselines.dating.timexes import Found
from vnnews_bench.records import Mod, TimexType
from vnnews_bench.text import fold

CLOCKS = {"giờ": "H", "tiếng": "H", "phút": "M", "giây": "S"}
WEEKDAYS = {"hai": 0, "ba": 1, "tư": 2, "năm": 3, "sáu": 4, "bảy": 5}
SPELLS: dict[str, tuple[str, Mod | None]] = {
    "rạng sáng": ("MO", "START"),
    "sáng sớm": ("MO", "START"),
    "đầu giờ sáng": ("MO", "START"),
    "đầu giờ chiều": ("AF", "START"),
    "cuối giờ chiều": ("AF", "END"),
    "chiều tối": ("AF", "END"),
    "sáng": ("MO", None),
    "trưa": ("MI", None),
    "giữa trưa": ("MI", None),
    "chiều": ("AF", None),
    "tối": ("EV", None),
    "tối muộn": ("EV", None),
    **dict.fromkeys(("đêm", "khuya", "đêm khuya", "nửa đêm"), ("NI", None)),
}


def day(parts: dict[str, str], context: Context) -> tuple[Day | None, str, bool]:
    """The day of a point, its value without an origin, and whether it is written out in full."""
    origin = context.origin
    if "deictic" in parts or "when" in parts:
        words = fold(parts.get("deictic") or parts["when"])
        count = -1 if words.endswith(" trước") else SHIFTS.get(words, SHIFTS.get(words.split()[-1], 0))
        if words == "cùng ngày":
            return origin, UNKNOWN["D"], False
        return origin + datetime.timedelta(days=count), UNKNOWN["D"], False
    if "day" in parts or "day2" in parts:
        return _numbered(parts, context)
    if "day3" in parts:
        number_of_day = int(parts["day3"])
        around = [shifted(origin.replace(day=1), n, "M") for n in (-1, 0, 1)]
        days = [found for month in around if (found := date(month.year, month.month, number_of_day))]
        return nearest(days, context), f"XXXX-XX-{number_of_day:02}", False
    return _weekday(parts, context)


def _numbered(parts: dict[str, str], context: Context) -> tuple[Day | None, str, bool]:
    """A day with its month: "18/6", "ngày 18 tháng 6 năm 2031", "ngày 5 tháng này"."""
    number_of_day = int(parts.get("day") or parts["day2"])
    origin, tail = context.origin, fold(parts.get("tail", ""))
    if "ofmonth" in parts:
        month_of = shifted(origin.replace(day=1), SHIFTS[fold(parts["ofmonth"])], "M")
        return date(month_of.year, month_of.month, number_of_day), f"XXXX-XX-{number_of_day:02}", False
    month = month_number(parts.get("month") or parts["month2"])
    masked = f"XXXX-{month:02}-{number_of_day:02}"
    year, written = year_of(parts.get("year") or parts.get("year2") or parts.get("year3") or tail, origin)
    if year is None:
        year = context.year if "cùng năm" not in tail else None
    if year is not None:
        found = date(year, month, number_of_day)
        return found, found.isoformat() if found and written else masked, written
    looks = 1 if tail in ("tới", "sắp tới") else -1 if tail in ("vừa qua", "vừa rồi") else context.looks
    if fold(parts.get("head", "")) == "hôm" and looks == 0:
        looks = -1
    years = [origin.year - 1, origin.year, origin.year + 1]
    days = [found for year in years if (found := date(year, month, number_of_day))]
    return nearest(days, context._replace(looks=looks)), masked, False


def _weekday(parts: dict[str, str], context: Context) -> tuple[Day | None, str, bool]:
    name = fold(parts.get("weekday", ""))
    nth = 6 if not name else int(name) - 2 if name.isdigit() else WEEKDAYS[name]
    masked, origin = f"XXXX-WXX-{nth + 1}", context.origin
    week = fold(parts.get("week", "")).removeprefix("của ")
    monday = origin - datetime.timedelta(days=origin.weekday())
    if week.startswith("tuần "):
        return monday + datetime.timedelta(days=nth + 7 * SHIFTS[week.removeprefix("tuần ")]), masked, False
    ahead = (nth - origin.weekday()) % 7
    if week in BACK:
        return origin + datetime.timedelta(days=ahead - 7), masked, False
    if week == "này":
        return monday + datetime.timedelta(days=nth), masked, False
    if week:
        return origin + datetime.timedelta(days=ahead or 7), masked, False
    looks = context.looks or (-1 if fold(parts.get("wordy", "")) == "hôm" else 0)
    days = [origin + datetime.timedelta(days=ahead + shift) for shift in (-7, 0, 7)]
    return nearest(days, context._replace(looks=looks)), masked, False


def clock(parts: dict[str, str]) -> tuple[str, Mod | None]:
    """The part of a value after the day: "T14:30", "TMO", or nothing."""
    spell, mod = SPELLS.get(fold(parts.get("spell", "")), ("", None))
    if "hour" not in parts:
        return (f"T{spell}", mod) if spell else ("", None)
    hour = int(number(parts["hour"]))
    minute = parts.get("minute") or parts.get("colon") or parts.get("few") or ("30" if "half" in parts else "0")
    if hour < 12 and (spell in ("AF", "EV") or (spell == "NI" and hour > 5) or (spell == "MI" and hour < 4)):
        hour += 12
    return f"T{hour % 24:02}:{int(minute):02}", None


def point(found: Found, context: Context) -> Reading:
    """A day, a part of a day or a clock time."""
    time, mod = clock(found.parts)
    mod = mod or approximation(found)
    if {"deictic", "when", "day", "day2", "day3", "weekday", "sunday"}.isdisjoint(found.parts):
        return Reading(
            "TIME" if time else "DATE", context.origin.isoformat() + time, UNKNOWN["D"] + time, mod, (context.origin,) * 2
        )
    on, masked, full = day(found.parts, context)
    if "yearly" in found.parts:
        return Reading("SET", masked + time, masked + time)
    value = (on.isoformat() if on else masked) + time
    return Reading("TIME" if time else "DATE", value, masked + time, mod, (on, on) if on else None, full)


def length(parts: dict[str, str]) -> str:
    """The value of a length: "P3W", "PT5H30M", "PXY"."""
    unit = fold(parts["unit"]).replace(" lễ", "").replace(" đồng hồ", "")
    time, sign = ("T", CLOCKS[unit]) if unit in CLOCKS else ("", UNITS[unit])
    if "several" in parts:
        return f"P{time}X{'M' if sign == 'Q' else sign}"
    count = number(parts["number"]) if "number" in parts else 1.0
    if sign == "Q":
        count, sign = count * 3, "M"
    finer = {("", "Y"): ("6M", 6, "M"), ("", "M"): ("15D", 0, ""), ("", "CE"): ("", 50, "Y"), ("", "DE"): ("", 5, "Y")}
    finer |= {("T", "H"): ("30M", 30, "M"), ("T", "M"): ("30S", 30, "S")}
    more, whole, smaller = finer.get((time, sign), ("", 0, ""))
    if "half" in parts:
        return f"P{time}{count:g}{sign}{more}" if more else f"P{time}{count:g}.5{sign}"
    if count == 0.5 and whole:
        return f"P{time}{whole}{smaller}"
    if "number2" in parts:
        second = fold(parts["unit2"])
        join = "T" if second in CLOCKS and not time else ""
        return f"P{time}{count:g}{sign}{join}{int(parts['number2'])}{CLOCKS.get(second) or UNITS[second]}"
    return f"P{time}{count:g}{sign}"


def counted(found: Found, context: Context) -> Reading:
    """A number of units: a length, or a point that is reached by counting."""
    parts, origin = found.parts, context.origin
    value, mod = length(parts), approximation(found)
    pre, post = fold(parts.get("pre", "")), fold(parts.get("post", ""))
    if "once" in parts:
        return Reading("SET", value, value, mod)
    back = pre in ("cách đây", "cách nay", "trước đó") or post in ("trước", "trước đó", "trước đây")
    if back or pre == "sau đó" or post in ("sau", "sau đó", "nữa"):
        return _reached(parts, origin, -1 if back else 1, mod)
    bounds = _period_of(parts, context) if "of" in parts else None
    if post and post not in ("này", "cuối cùng") and "several" not in parts:
        other = _counted_from(parts, origin, 1 if post in ("tới", "sắp tới") else -1)
        bounds = (min(origin, other), max(origin, other))
    return Reading("DURATION", value, value, mod, bounds)


def _counted_from(parts: dict[str, str], origin: Day, sign: int) -> Day:
    unit = fold(parts["unit"]).replace(" lễ", "").replace(" đồng hồ", "")
    count = number(parts["number"]) if "number" in parts else 1.0
    if unit in CLOCKS:
        hours = count / {"giờ": 1, "tiếng": 1, "phút": 60, "giây": 3600}[unit]
        return origin + datetime.timedelta(days=sign * round(hours / 24))
    return shifted(origin, sign * max(round(count), 1), UNITS[unit])


def _reached(parts: dict[str, str], origin: Day, sign: int, mod: Mod | None) -> Reading:
    unit = fold(parts["unit"]).replace(" lễ", "").replace(" đồng hồ", "")
    kind: TimexType = "TIME" if unit in CLOCKS else "DATE"
    masked = UNKNOWN[UNITS.get(unit, "D")]
    if "several" in parts:
        return Reading(kind, masked, masked, mod)
    value = code(_counted_from(parts, origin, sign), UNITS.get(unit, "D"))
    return Reading(kind, value, masked, mod, span(value))


def _period_of(parts: dict[str, str], context: Context) -> tuple[Day, Day] | None:
    """The bounds of "4 tháng đầu năm"."""
    reading = within(parts["of"], context)
    unit = UNITS.get(fold(parts["unit"]))
    whole = span(reading.value)
    if whole is None or unit is None or "number" not in parts:
        return None
    count, one = round(number(parts["number"])), datetime.timedelta(days=1)
    if fold(parts["side"]) == "đầu":
        return whole[0], shifted(whole[0], count, unit) - one
    return shifted(whole[1] + one, -count, unit), whole[1]


def days(found: Found, context: Context) -> Reading:
    """The days of "những ngày đầu tháng 5": the month with a part word."""
    reading = within(found.parts["of"], context)
    mod = EDGES[fold(found.parts["side"])]
    return reading._replace(mod=mod, bounds=span(reading.value, mod))


def nth(found: Found, context: Context) -> Reading:
    """The "ngày thứ hai" of something that begins on the origin."""
    words, unit = found.parts["nth"], UNITS[fold(found.parts["unit"])]
    count = int(words) if words.isdigit() else round(number(words))
    value = code(shifted(context.origin, count - 1, unit), unit)
    return Reading("DATE", value, UNKNOWN[unit], None, span(value))


def recurring(found: Found, context: Context) -> Reading:
    """What recurs: "hằng năm", "mỗi sáng", "mỗi 2 tuần"."""
    parts = found.parts
    if "yearly" in parts:
        value = "P1Y"
    elif "spell" in parts:
        value = UNKNOWN["D"] + clock(parts)[0]
    elif "weekday" in parts or "sunday" in parts:
        value = day(parts, context)[1]
    elif "season" in parts:
        value = f"XXXX-{SEASONS[fold(parts['season'])]}"
    else:
        value = length({"unit": parts["unit"], "number": parts.get("every", "1")})
    return Reading("SET", value, value)


def lunar(found: Found, context: Context) -> Reading:
    """A lunar day; without "âm lịch", "rằm", "Tết" or a month in words "mùng 2 tháng 9" is solar."""
    parts, origin = found.parts, context.origin
    month = next((month_number(parts[key]) for key in ("month", "month2", "month3", "month4") if key in parts), 1)
    number_of_day = 15 if "full" in parts else int(next((parts[key] for key in ("day", "day3", "day4") if key in parts), "1"))
    year, written = year_of(parts.get("year") or parts.get("shift"), origin)
    shift = fold(parts.get("shift", ""))
    looks = 1 if shift in ("tới", "sắp tới") else -1 if shift == "vừa qua" else context.looks
    if "early" in parts and not {"month", "tet"} & parts.keys():
        return Reading("DATE", UNKNOWN["D"], UNKNOWN["D"])
    solar = "sign" not in parts and parts.get("month", "").isdigit()
    convert = date if solar else lunar_day
    years = [year] if year is not None else [origin.year - 1, origin.year, origin.year + 1]
    candidates = [one for each in years if (one := convert(each, month, number_of_day))]
    on = candidates[0] if year is not None and candidates else nearest(candidates, context._replace(looks=looks))
    masked = f"XXXX-{month:02}-{number_of_day:02}" if solar else UNKNOWN["D"]
    if "yearly" in parts:
        return Reading("SET", masked, masked)
    value = on.isoformat() if on else masked
    return Reading("DATE", value, value if written else masked, None, (on, on) if on else None, written)


def holiday(found: Found, context: Context) -> Reading:
    """A solar holiday used as a day."""
    month, number_of_day = (9, 2) if "khánh" in fold(found.parts["holiday"]) else (12, 25)
    return point(found._replace(parts={"day": str(number_of_day), "month": str(month)}), context)


def vague(found: Found, context: Context) -> Reading:
    """A reference to the past, the present or the future."""
    value = f"{next(iter(found.parts)).upper()}_REF"
    return Reading("DATE", value, value)


READERS = {
    "days": days,
    "nth": nth,
    "vague": vague,
    "set": recurring,
    "lunar": lunar,
    "holiday": holiday,
    "point": point,
    "counted": counted,
    "period": period,
}


def read(found: Found, context: Context) -> Reading:
    """What an expression says in its context."""
    return READERS[found.kind](found, context)
