"""Values of weeks, months, quarters, seasons, years, decades and centuries, and what every reading shares.

A month, a quarter or a season without its year is the nearest one that the clause allows; the running one is nearest of all.
A part word keeps the plain value and takes a third of it as bounds; only the half of a year has a value of its own.
"""

import re
from typing import NamedTuple

from vnnews_baselines.dating.calendars import Day, code, month_number, roman, shifted, span
from vnnews_baselines.dating.timexes import PARTS, Found
from vnnews_bench.records import Mod, TimexType
from vnnews_bench.text import fold


class Reading(NamedTuple):
    """What an expression says from an origin: its value, bounds only where the value has some, and the value without origin."""

    type: TimexType
    value: str
    nodct: str
    mod: Mod | None = None
    bounds: tuple[Day, Day] | None = None
    explicit: bool = False


class Context(NamedTuple):
    """Where an expression is read: the origin, and whether its clause looks back (-1), ahead (1) or neither (0)."""

    origin: Day
    looks: int = 0
    year: int | None = None  # the year of the story, where it is not that of the origin


UNITS = {
    "ngày": "D",
    "hôm": "D",
    "tuần": "W",
    "tháng": "M",
    "quý": "Q",
    "năm": "Y",
    "thập niên": "DE",
    "thập kỷ": "DE",
    "thế kỷ": "CE",
}
UNKNOWN = {"D": "XXXX-XX-XX", "W": "XXXX-WXX", "M": "XXXX-XX", "Q": "XXXX-QX", "Y": "XXXX", "DE": "XXX", "CE": "XX"}
MODS: dict[str, Mod] = {
    **dict.fromkeys(("khoảng", "chừng", "tầm", "độ"), "APPROX"),
    **dict.fromkeys(("hơn", "trên"), "MORE_THAN"),
    **dict.fromkeys(("gần", "ngót", "chưa đầy", "dưới"), "LESS_THAN"),
    **dict.fromkeys(("ít nhất", "tối thiểu"), "EQUAL_OR_MORE"),
    **dict.fromkeys(("tối đa", "không quá", "nhiều nhất"), "EQUAL_OR_LESS"),
}
EDGES: dict[str, Mod] = {"đầu": "START", "giữa": "MID", "cuối": "END"}
SEASONS = {"xuân": "SP", "hè": "SU", "hạ": "SU", "thu": "FA", "đông": "WI"}
# how many units a deictic is away; "đó" and "trước đó" are counted from an earlier expression
SHIFTS = {
    **dict.fromkeys(("này", "nay", "đó", "ấy"), 0),
    **dict.fromkeys(("trước", "ngoái", "qua", "vừa qua", "vừa rồi", "rồi", "trước đó"), -1),
    **dict.fromkeys(("tới", "sắp tới", "sau", "kế tiếp", "tiếp theo", "sau đó", "mai"), 1),
    "kia": -2,
    "hôm qua": -1,
    "ngày mốt": 2,
}
BACK = ("qua", "vừa qua", "vừa rồi", "trước", "rồi", "ngoái")


def nearest(days: list[Day], context: Context) -> Day | None:
    """The candidate nearest to the origin among those the clause allows; of two as near, the past one."""
    origin = context.origin
    if not days:
        return None
    allowed = [day for day in days if (day - origin).days * context.looks >= 0] or days
    return min(allowed, key=lambda day: (abs((day - origin).days), day))


def year_of(words: str | None, origin: Day) -> tuple[int | None, bool]:
    """The year that "năm ngoái", "năm 2030" or "31" names, and whether it is written out."""
    if not words:
        return None, False
    folded = fold(words).strip(" ,/-")
    if digits := re.search(r"\d+$", folded):
        return int(digits[0]) + (2000 if len(digits[0]) == 2 else 0), True
    if not re.search(r"\bnăm\b", folded):
        return None, False
    deictic = "tới" if folded.startswith("sang") else folded.partition("năm ")[2]
    return (origin.year + SHIFTS[deictic], False) if deictic in SHIFTS else (None, False)


def approximation(found: Found) -> Mod | None:
    """The `mod` of the approximator with which an expression begins."""
    words = fold(found.parts.get("about", ""))
    return MODS.get(words)


def nearest_span(values: list[str], context: Context) -> str | None:
    """The value whose span is nearest to the origin among those the clause allows; the running one is nearest of all."""
    origin = context.origin
    spans = [(value, whole) for value in values if (whole := span(value)) is not None]
    if not spans:
        return None

    def distance(whole: tuple[Day, Day]) -> int:
        return max((whole[0] - origin).days, (origin - whole[1]).days, 0)

    allowed = [
        one for one in spans if context.looks == 0 or (one[1][0] <= origin if context.looks < 0 else one[1][1] >= origin)
    ]
    return min(allowed or spans, key=lambda one: (distance(one[1]), one[1][0]))[0]


def period(found: Found, context: Context) -> Reading:
    """A week or anything longer."""
    value, masked, full = _period(found.parts, context)
    edge = fold(found.parts.get("edge", ""))
    mod: Mod | None = EDGES.get(edge.split()[-1] if edge else "") or ("END" if edge == "nửa sau" else None)
    bounds = None
    if edge.startswith("nửa"):
        half = "H1" if edge == "nửa đầu" else "H2"
        if re.fullmatch(r"[\dX]{4}", masked):
            value, masked, mod = f"{value}-{half}", f"{masked}-{half}", None
        elif (whole := span(value)) is not None and re.fullmatch(r"[\dX]{4}-[\dX]{2}", masked):
            bounds = (whole[0], whole[0].replace(day=15)) if mod == "START" else (whole[0].replace(day=16), whole[1])
    mod = mod or approximation(found)
    return Reading("DATE", value, masked, mod, bounds or span(value, mod), full)


def _period(parts: dict[str, str], context: Context) -> tuple[str, str, bool]:
    """The value of a period, its value without an origin, and whether it is written out in full."""
    origin = context.origin
    if year := parts.get("year") or parts.get("bare"):
        return year, year, True
    if "tmonth" in parts or "quarter" in parts or "season" in parts or "summer" in parts:
        return _in_year(parts, context)
    if "decade" in parts or "decade2" in parts:
        return _decade(parts, context)
    left = fold(parts.get("left") or parts.get("left2") or parts.get("left3") or parts.get("same") or "")
    shift = (
        parts.get("week")
        or parts.get("month")
        or parts.get("yshift")
        or parts.get("century")
        or ("tới" if "yshift2" in parts else "này")
    )
    unit = UNITS[left] if left else "W" if "week" in parts else "M" if "month" in parts else "CE" if "century" in parts else "Y"
    if unit == "CE" and fold(shift) not in SHIFTS:
        value = f"{roman(shift) - 1:02}"
        return value, value, True
    count = SHIFTS[fold(shift)]
    if unit == "W" and fold(shift) in BACK[:3] and origin.weekday() > 4:
        count = 0  # on a Saturday or Sunday "tuần qua" is the running week
    return code(shifted(origin, count, unit), unit), UNKNOWN[unit], False


def _in_year(parts: dict[str, str], context: Context) -> tuple[str, str, bool]:
    """A month, quarter or season, with its year or the nearest."""
    origin = context.origin
    if "tmonth" in parts:
        name = f"{month_number(parts['tmonth']):02}"
    elif "quarter" in parts:
        quarter = fold(parts["quarter"])
        if quarter in SHIFTS:
            return code(shifted(origin, SHIFTS[quarter], "Q"), "Q"), UNKNOWN["Q"], False
        name = f"Q{roman(parts['quarter'])}"
    else:
        name = SEASONS[fold(parts.get("season", "hè"))]
    year, written = year_of(parts.get("inyear") or parts.get("digits") or parts.get("syear"), origin)
    if year is None and context.year is not None:
        year = context.year
    if year is not None:
        return f"{year}-{name}", f"{year}-{name}" if written else f"XXXX-{name}", written
    shift = fold(parts.get("mshift") or parts.get("sshift") or "")
    looks = -1 if shift in BACK else 1 if shift in ("tới", "sắp tới", "sau") else context.looks
    years = [origin.year - 1, origin.year, origin.year + 1]
    value = nearest_span([f"{one}-{name}" for one in years], context._replace(looks=looks))
    return value or f"XXXX-{name}", f"XXXX-{name}", False


def _decade(parts: dict[str, str], context: Context) -> tuple[str, str, bool]:
    """A decade; one of two digits lies in the century named beside it, else it is the last one not ahead of the origin."""
    words = parts.get("decade") or parts["decade2"]
    origin, century = context.origin, fold(parts.get("century", ""))
    if fold(words) in SHIFTS:
        return code(shifted(origin, SHIFTS[fold(words)], "DE"), "DE"), "XXX", False
    if len(words) == 4:
        return words[:3], words[:3], True
    if century and century not in SHIFTS:
        value = f"{roman(parts['century']) - 1:02}{words[0]}"
        return value, value, True
    first = origin.year // 100 + (SHIFTS[century] if century else -1 if int(words) > origin.year % 100 else 0)
    return f"{first:02}{words[0]}", f"XX{words[0]}", False


def within(words: str, context: Context) -> Reading:
    """The period that stands after "đầu" or "cuối"."""
    match = PARTS["period"].match(words)
    bare = match is None or match.end() < len(words)
    parts = {"left": words} if bare or match is None else match.groupdict()
    return period(Found(0, len(words), "period", {k.partition("_")[0]: part for k, part in parts.items() if part}), context)
