"""The calendar behind time expressions: numbers in words, units, spans of values, lunar days."""

import datetime
import re
from calendar import monthrange

from lunar_vn import convert_lunar_to_solar, convert_solar_to_lunar

from vnnews_bench.records import Mod
from vnnews_bench.text import fold
from vnnews_bench.timex3 import calendar, third

Day = datetime.date

SMALL = ("một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín", "mười")
WORDS = {word: n + 1 for n, word in enumerate(SMALL)} | {"mốt": 1, "tư": 4, "lăm": 5}
MONTHS = WORDS | {"giêng": 1, "chạp": 12, "mười một": 11, "mười hai": 12}
ROMANS = {"I": 1, "V": 5, "X": 10}


def number(words: str) -> float:
    """The value of a number in digits or words: "2.000", "1,5", "mười hai", "hai mươi lăm"."""
    folded = fold(words)
    if folded[:1].isdigit():
        return float(folded.replace(".", "").replace(",", "."))
    if folded == "nửa":
        return 0.5
    total = 0
    for word in folded.split():
        if word in ("mươi", "chục", "trăm"):
            total *= 100 if word == "trăm" else 10
        else:
            total += 10 if word == "mười" else WORDS[word]
    return float(total)


def roman(words: str) -> int:
    """A number in Roman or Arabic digits."""
    if words.isdigit():
        return int(words)
    values = [ROMANS[sign] for sign in words]
    return sum(-one if one < after else one for one, after in zip(values, [*values[1:], 0], strict=True))


def code(day: Day, unit: str) -> str:
    """The value of the day, week, month, … that holds a day."""
    year, week, _ = day.isocalendar()
    match unit:
        case "D":
            return day.isoformat()
        case "W":
            return f"{year}-W{week:02}"
        case "M":
            return f"{day:%Y-%m}"
        case "Q":
            return f"{day.year:04}-Q{(day.month + 2) // 3}"
    return f"{day.year:04}"[: {"Y": 4, "DE": 3, "CE": 2}[unit]]


def shifted(day: Day, count: int, unit: str) -> Day:
    """The day that many units later; a day that the month has not is its last one."""
    if unit in ("D", "W"):
        return day + datetime.timedelta(days=count * (7 if unit == "W" else 1))
    months = day.year * 12 + day.month - 1 + count * {"M": 1, "Q": 3, "Y": 12, "DE": 120, "CE": 1200}[unit]
    year, month = min(max(months // 12, 1), 9999), months % 12 + 1
    return Day(year, month, min(day.day, monthrange(year, month)[1]))


def span(value: str, mod: Mod | None = None) -> tuple[Day, Day] | None:
    """The first and last day of a value; with a part word, those of the third that it names."""
    day = value.partition("T")[0]
    edge = ("START", "MID", "END").index(mod) if mod in ("START", "MID", "END") else None
    if re.fullmatch(r"\d{2,3}", day):
        size = 10 ** (4 - len(day))
        cuts = {10: ((0, 3), (4, 6), (7, 9)), 100: ((0, 33), (34, 66), (67, 99))}[size]
        low, high = (0, size - 1) if edge is None else cuts[edge]
        return Day(max(int(day) * size + low, 1), 1, 1), Day(int(day) * size + high, 12, 31)
    if found := re.fullmatch(r"(\d{4})-(Q[1-4]|H[12]|SP|SU|FA|WI)", day):
        name = found[2]
        first = (
            {"Q": 3, "H": 6}[name[0]] * (int(name[1]) - 1) + 1
            if name[1].isdigit()
            else {"SP": 3, "SU": 6, "FA": 9, "WI": 12}[name]
        )
        begin, months = Day(int(found[1]), first, 1), 6 if name[0] == "H" and name[1].isdigit() else 3
        if edge is not None and name[0] == "Q":
            begin, months = shifted(begin, edge, "M"), 1
        return begin, shifted(begin, months, "M") - datetime.timedelta(days=1)
    whole = calendar(day)
    if whole is None or whole[0] > whole[1]:
        return None
    return (third(value, whole, mod) if mod is not None and edge is not None else None) or whole


def date(year: int, month: int, day: int) -> Day | None:
    """The day, if the calendar has it."""
    try:
        return Day(year, month, day)
    except ValueError:
        return None


def month_number(words: str) -> int:
    """The month that a number or a word names."""
    return int(words) if words.isdigit() else MONTHS[fold(words)]


def lunar_day(year: int, month: int, day: int) -> Day | None:
    """The Gregorian day of a Vietnamese lunar date (UTC+7); `None` where the month has no such day or the tables end."""
    try:
        found = convert_lunar_to_solar(day, month, year)
        back = convert_solar_to_lunar(found.day, found.month, found.year)
    except ValueError:
        return None
    return found if (back.day, back.month, back.year) == (day, month, year) else None
