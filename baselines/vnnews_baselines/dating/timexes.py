"""Finding Vietnamese time expressions: one scan with one regular expression, then a few guards on the neighbours.

The kinds, in the order in which they are tried at a place; the longest reading of a kind wins.

    vague    "gần đây", "hiện nay", "thời gian tới": closed lists
    set      "hằng năm", "mỗi sáng", "2 năm một lần": a recurrence word before or after a calendar unit
    lunar    "mùng 5 tháng Giêng", "rằm tháng Bảy", "Tết": lunar by its words, so it comes before the solar days
    part     "4" of "4 và 5/5", "ngày 9" of "ngày 9-11/5": a day whose month stands with the last of the list
    point    clock, part of the day, weekday and day, side by side in this order: one span
    counted  a number and a unit, with "cách đây", "trước đó" before or "qua", "tới", "nữa", "sau đó" after it
    period   weeks, months, quarters, seasons, years, decades, centuries, with "đầu", "giữa", "cuối"

In a pattern a blank stands for the blanks or `_` between two syllables, `~` for such blanks or none: word-segmented text is
read like plain text. Prepositions stand outside by construction. The guards are for what the words alone leave open: "2/3" is
a day only after a word that says so, "thứ hai" without a capital mostly counts, "tới" before a place is a verb.
"""

import re
from typing import NamedTuple


class Found(NamedTuple):
    """A time expression: where, of which kind, and the named parts of its pattern that are there."""

    start: int
    end: int
    kind: str
    parts: dict[str, str]


UPPER = "A-Z" + "".join(chr(code) for code in range(0xC0, 0x1F00) if chr(code).isupper())
GAP = r"[\x20_\xa0]"
DIGITS = r"(?:một|hai|ba|bốn|năm|sáu|bảy|tám|chín)"
NUMBER = (
    rf"(?:\d{{1,3}}(?:\.\d{{3}})+|\d{{1,4}}(?:,\d)?|{DIGITS} trăm"
    rf"|{DIGITS} (?:mươi|chục)(?: (?:mốt|hai|ba|tư|lăm|sáu|bảy|tám|chín))?"
    r"|mười(?: (?:một|hai|ba|bốn|lăm|sáu|bảy|tám|chín))?|" + DIGITS[3:]
)
SEVERAL = (
    r"(?:hàng (?:chục|trăm|nghìn|ngàn|vạn|triệu)|vài (?:chục|trăm|ba)|nhiều|vài|mấy"
    r"|\d{1,3}~[-–]~\d{1,3}|hai ba|ba bốn|năm bảy|dăm(?: ba)?)"
)
SOLID = "(?:ngày|tuần(?: lễ)?|tháng|quý|năm|thập niên|thập kỷ|thế kỷ)"
HOURS = "(?:giờ(?: đồng hồ)?|tiếng(?: đồng hồ)?|phút|giây)"
UNIT = f"(?:{SOLID}|{HOURS}|hôm)"
# "tới" is "next" unless it leads on to a place, a verb or the end of a range
GOAL = "ngày|tháng|năm|tuần|quý|thứ|nay|cuối|đầu|giữa|hết|thăm|dự|thủ đô|thành phố|nước|đây|nơi"
NEXT = rf"tới(?!~(?:(?-i:[{UPPER}])|\d|(?:{GOAL})\b))"
LAST = r"(?:vừa qua|vừa rồi|qua(?! (?:đời|điện|mặt))|trước|ngoái|rồi(?! mới))"
AHEAD = rf"(?:sắp tới|{NEXT}|sau|kế tiếp|tiếp theo)"
THAT = "(?:trước đó|sau đó|đó|ấy)"
SHIFT = rf"(?:{THAT}|này|nay|kia|{LAST}|{AHEAD})"
ABOUT = (
    "(?:khoảng|chừng|tầm|ngót|gần|hơn|trên|dưới|chưa đầy|ít nhất|tối thiểu|tối đa|không quá|nhiều nhất"
    "|(?<!nhiệt )(?<!cường )độ)"
)
MONTH = (
    r"(?:1[0-2](?!\d)|0?[1-9](?!\d)|giêng|chạp|mười một|mười hai|mười"
    r"|(?:một|hai|ba|tư|bốn|năm|sáu|bảy|tám|chín)(?! (?:bên|nước|phía|người|ông|bà|nhà)\b))"
)
YEAR = r"(?:1[0-9]|20|21)\d\d(?!\d|[.,]\d)"
DAY = r"(?:3[01]|[12]\d|0?[1-9])"
ROMAN = "(?-i:[IVX]+)"
EDGE = "(?:nửa đầu|nửa cuối|nửa sau|(?<!bắt )(?<!lần )(?<!đứng )(?<!dẫn )đầu|giữa|cuối)"

CLOCK = (
    rf"(?P<hour>\d{{1,2}}|{DIGITS}(?= giờ)|mười(?: một| hai)?(?= giờ))"
    r"(?:~(?P<clock>h|g|giờ)(?:~(?P<minute>\d\d)(?![\d%/])(?P<minutes>~phút|~p\b|['’])?|~(?P<few>\d)~phút| (?P<half>rưỡi))?"
    r"|:(?P<colon>[0-5]\d)(?::[0-5]\d)?)"
)
SPELL = (
    r"(?:buổi )?(?P<spell>rạng sáng|sáng sớm|đầu giờ (?:sáng|chiều)|cuối giờ chiều|giữa trưa|chiều tối|đêm khuya|nửa đêm"
    r"|tối muộn|sáng|trưa|chiều|tối|đêm|khuya)"
)
NUMERIC = (
    rf"(?P<day>{DAY})(?:(?P<sign>[.\-])|~/~)(?P<month>1[0-2]|0?[1-9])(?!\d)(?:(?:[.\-]|~/~)(?P<year>(?:1[89]|20|21)\d\d|\d\d)(?!\d))?"
    r"(?![./\-]\d|,\d|~%|/[^\W\d_]| (?:triệu|tỷ|tỉ|nghìn|ngàn|km|kg|m|tấn|độ|điểm|ngày|tuần|tháng|giờ|phút|tiếng)\b)"
)
WRITTEN = (
    rf"(?:mùng |mồng )?(?P<day2>{DAY}) tháng (?:(?P<month2>{MONTH})(?! (?:ngày|tuần|giờ)\b)"
    rf"(?:~[/\-]~(?P<year2>{YEAR})|~,? năm (?P<year3>{YEAR}))?"
    rf"|(?P<ofmonth>này|trước|{NEXT}|sau|vừa qua))"
)
DATED = (
    rf"(?P<head>(?:ngày|hôm) )?(?:{NUMERIC}|{WRITTEN})"
    rf"(?P<tail>(?:~,)? (?:của )?năm (?:{YEAR}|nay|ngoái|trước|qua|kia|sau|{NEXT})"
    rf"| cùng năm| sang năm| sắp tới| {NEXT}| vừa qua| vừa rồi| này)?"
)
WEEKDAY = (
    r"(?P<wordy>(?:ngày|hôm) )?(?:thứ (?P<weekday>hai|ba|tư|năm|sáu|bảy|[2-7])(?!\d)|(?P<sunday>(?:chủ|chúa) nhật))"
    rf"(?P<week> (?:của )?tuần (?:này|trước|qua|rồi|vừa qua|vừa rồi|sau|{NEXT})| {LAST}| {AHEAD}| này)?"
)
DEICTIC = (
    r"(?P<deictic>(?:ngày )?hôm (?:nay|qua|kia|sau|trước|đó|ấy)|ngày (?:mai|kia|mốt)|cùng ngày|ngày đó"
    r"|ngày (?:kế tiếp|tiếp theo)|(?<=từ )mai)"
)
ANYDAY = rf"(?:{WEEKDAY}(?:~,?~{DATED})?|{DEICTIC})"


def _bare(pattern: str) -> str:
    """The pattern without names, so that it can stand twice in one expression."""
    return re.sub(r"\(\?P<\w+>", "(?:", pattern)


def _named(pattern: str, suffix: str) -> str:
    """The pattern with other names."""
    return re.sub(r"\(\?P<(\w+)>", rf"(?P<\1_{suffix}>", pattern)


# a day may open with a weekday or not; the second reading has names of its own
FULLDAY = rf"(?:{ANYDAY}|{_named(DATED, 'b')}|(?P<lone>ngày|hôm) (?P<day3>{DAY})(?!~[/.\-%,]?~\d|~%| (?:{UNIT}|lần|người)\b))"
POINT = (
    rf"(?:(?P<about>{ABOUT}) )?(?:{CLOCK}(?:~,?~{SPELL}(?: (?P<when_c>nay|qua|mai|kia))?)?(?:~,?~{FULLDAY})?"
    rf"|{_named(SPELL, 's')}(?: (?P<when>nay|qua|mai|kia)|~,?~{_named(FULLDAY, 'f')})"
    rf"|{_named(FULLDAY, 'd')}(?:~,~{_named(CLOCK, 'c')})?)(?P<yearly> (?:hằng|hàng) (?:năm|tuần|tháng|ngày))?"
)
OFYEAR = (
    rf"(?: (?:của )?(?P<inyear>năm {YEAR}|năm (?:nay|này|ngoái|trước|qua|kia|sau|đó|{NEXT})|sang năm|cùng năm)"
    rf"|~[/\-]~(?P<digits>{YEAR}))"
)
CENTURY = rf"thế kỷ (?P<century>[1-9]\d?(?!\d)|{ROMAN}|{SHIFT})"
PERIOD = (
    rf"(?:(?P<about>{ABOUT}) )?(?:(?P<edge>{EDGE}) (?:của )?)?"
    rf"(?:tháng (?P<tmonth>{MONTH})(?:{OFYEAR}|(?P<mshift> (?:{LAST}|sắp tới|{NEXT}|này)))?"
    rf"|tháng (?P<month>{SHIFT})|cùng (?P<same>tháng|năm|tuần|quý)(?! với)"
    rf"|quý (?P<quarter>[1-4](?!\d)|(?-i:I{{1,3}}|IV)|{SHIFT})(?:{_named(OFYEAR, 'q')})?"
    rf"|(?:mùa (?P<season>xuân|hè|hạ|thu|đông)|(?P<summer>hè)(?= (?:năm|này|\d)))"
    rf"(?:{_named(OFYEAR, 's')}|(?P<sshift> {SHIFT})| (?P<syear>{YEAR}))?"
    rf"|(?:(?:thập niên|thập kỷ) (?P<decade>\d0(?!\d)|{YEAR}|{SHIFT})|(?:những )năm (?P<decade2>\d0(?!\d)|(?:1\d|20)\d0(?!\d)))"
    rf"(?: (?:của )?{CENTURY})?|{_named(CENTURY, 'c')}"
    rf"|tuần (?:lễ )?(?P<week>{SHIFT})|năm (?:(?P<year>{YEAR})|(?P<yshift>{SHIFT}))|(?P<yshift2>sang năm)|(?P<bare>{YEAR})"
    rf"|(?<=đầu )(?P<left>năm|tháng|tuần|quý)|(?<=giữa )(?P<left2>năm|tháng|tuần)|(?<=cuối )(?P<left3>năm|tháng|tuần|quý))"
)
POST = (
    rf"(?: (?P<post>trước đó|trước đây|trước|sau đó|sau|nữa|vừa qua|vừa rồi|qua(?! (?:đời|điện|mặt))"
    rf"|gần đây(?: nhất)?|gần nhất|trở lại đây|sắp tới|{NEXT}|nay|này|cuối cùng)"
    rf"| (?P<side>đầu|cuối)(?: tiên)?(?: của)? (?P<of>{_bare(PERIOD)}|năm|tháng|quý)"
    r"| một (?P<once>lần))?"
)
COUNTED = (
    rf"(?P<pre>(?:cách đây|cách nay|trước đó|sau đó) )?(?P<about>{ABOUT} )?"
    rf"(?:(?P<number>{NUMBER}|nửa)|(?P<several>{SEVERAL}|những|các)|(?P<whole>cả)) (?P<unit>{UNIT})(?P<half> rưỡi)?"
    rf"(?: (?:và )?(?P<number2>\d{{1,2}}) (?P<unit2>phút|tháng|giờ|giây|ngày)(?! \d))?{POST}"
)
SET = (
    rf"(?:(?P<each>hằng|hàng|mỗi|từng) (?:(?P<every>{NUMBER}) )?(?:(?P<unit>{UNIT})|{SPELL}(?! {DIGITS})"
    rf"|{WEEKDAY}|mùa (?P<season>xuân|hè|thu|đông))"
    r"|(?P<yearly>thường niên))"
)
LUNAR = (
    rf"(?:(?:ngày )?(?:(?P<early>mùng|mồng) (?P<day>10|[1-9])(?: (?P<tet>tết)(?: nguyên đán)?| tháng (?P<month>{MONTH}))?"
    rf"|(?P<full>rằm) tháng (?P<month2>{MONTH})|(?P<day3>{DAY}) tháng (?P<month3>giêng|chạp)"
    rf"|(?P<day4>{DAY})(?: tháng |/)(?P<month4>{MONTH})(?= âm lịch))|(?P<newyear>tết nguyên đán|tết âm lịch))"
    rf"(?P<sign> âm lịch)?(?: (?:năm )?(?P<year>{YEAR})| (?P<shift>năm (?:nay|ngoái|{NEXT}|sau)|{NEXT}|sắp tới|vừa qua|này))?"
    r"(?P<yearly> (?:hằng|hàng) năm)?"
)
HOLIDAY = r"(?P<holiday>(?:ngày |lễ )?(?:quốc khánh 2/9|giáng sinh|noel))(?! hội)"
# a day without its month: the rest of the list or range must follow
STEP = r"(?: rạng sáng | rạng |~,~|~,? và | đến (?:hết )?| tới )(?:ngày )?"
PART = (
    rf"(?:{SPELL} )?(?:ngày )?(?P<lonely>{DAY})(?:(?=~[-–]~{DAY}(?:~/~| tháng )(?:1[0-2]|0?[1-9])(?!\d))"
    rf"|(?={STEP}(?:{DAY}{STEP}){{0,4}}{DAY}(?:~/~|[.\-]| tháng )(?:1[0-2]|0?[1-9])(?!\d)))"
)

PAST = (
    r"(?P<past>thời gian (?:vừa qua|gần đây|qua)|gần đây|mới đây|vừa qua"
    rf"|(?:những|các|vài|mấy|nhiều|hàng chục|vài chục) {UNIT} (?:vừa qua|qua|gần đây|trở lại đây|trước(?: đây)?|nay))"
)
PRESENT = r"(?P<present>hiện nay|hiện tại|hiện giờ|bây giờ|ngày nay|thời điểm (?:này|hiện tại)|những ngày này)"
FUTURE = (
    rf"(?P<future>thời gian (?:sắp tới|{NEXT})|sắp tới|tới đây|một ngày nào đó|tương lai gần"
    rf"|(?:những|các|vài|mấy|nhiều) {UNIT} (?:sắp tới|{NEXT}|nữa))"
)
KINDS = {
    "vague": f"(?:{PAST}|{PRESENT}|{FUTURE})(?! hội)",
    "set": SET,
    "lunar": LUNAR,
    "holiday": HOLIDAY,
    "part": PART,
    "point": POINT,
    "counted": COUNTED,
    "period": PERIOD,
}
LIST_END = rf"(?:những|các) ngày (?P<side>đầu|cuối) (?P<of>{_bare(PERIOD)})"
NTH = r"(?P<unit>ngày|tuần|tháng|năm) thứ (?P<nth>(?-i:hai|ba|tư|năm|sáu|bảy|tám|chín|mười)|\d{1,2})(?= (?:của|trong) )"
KINDS = {"days": LIST_END, "nth": NTH, **KINDS}


def _compiled(pattern: str) -> re.Pattern[str]:
    blanks = re.sub(r"(\(\?<[!=]\w+) \)", rf"\1{GAP.replace(chr(92), chr(92) * 2)})", pattern)  # a look-behind has one width
    return re.compile(blanks.replace("~", f"{GAP}*").replace(" ", f"{GAP}+") + r"(?![^\W_])", re.IGNORECASE)


BEGINS = r"(?<![^\W_])(?<![^\W_][./,])"
SCAN = _compiled(BEGINS + "(?:" + "|".join(f"(?P<{kind}>{_bare(pattern)})" for kind, pattern in KINDS.items()) + ")")
PARTS = {kind: _compiled(pattern) for kind, pattern in KINDS.items()}

# words after which a bare "2/3", "19-6" or "26.4" is a day
DAYWORDS = re.compile(
    r"(?:^|[^\w])(?:từ|đến|tới|vào|trước|sau|hết|trong|lúc|hồi|kể|nay|qua|mai|đêm|tối|ngày|hôm|và|là|dịp|rạng|sáng|chiều|trưa)[\W_]*$",
    re.IGNORECASE,
)
NO_DAY = re.compile(
    r"(?:tỷ số|tỉ số|tỷ lệ|tỉ lệ|thắng|thua|hòa|hoà|vụ|điều|khoản|đường|phố|quốc lộ|số|chiếm|hơn|gần|phần|mục|tiết|quý|đạt|còn"
    r"|giá)[\s_]+(?:với[\s_]+)?$",
    re.IGNORECASE,
)
# words after which "thứ hai" without a capital is Monday
WEEKDAYWORDS = re.compile(
    r"(?:hôm|vào|sáng|trưa|chiều|tối|đêm|từ|đến|tới|trước|sau|và|ngày mai|hôm nay|hôm qua|[(])[\s_]*$", re.IGNORECASE
)
COUNTED_NOUN = re.compile(
    r"(?:lần|người|chuyến|cuộc|nước|đợt|vòng|hạng|đứng|bên|con|lớn|đời|quốc gia|cường quốc)[\s_]+\w*[\s_]*$", re.IGNORECASE
)
CLOCKWORDS = re.compile(r"(?:lúc|vào|từ|đến|tới|trước|hồi|sau|[-–(])[\s_]*$", re.IGNORECASE)
LENGTHWORDS = re.compile(r"(?:kéo[\s_]dài|suốt|trong|mất|tổng[\s_]cộng|sau)(?:[\s_](?:đến|tới|vòng))?[\s_]*$", re.IGNORECASE)
YEARWORDS = re.compile(r"(?:từ|đến|tới|đoạn|trước|sau|vào|học|đầu|giữa|cuối|cho|kể từ|hè|mùa|khóa|\()[\s_]*$", re.IGNORECASE)
JOINED = re.compile(r"[\s_]*(?:[-–]|đến|tới|và|,)[\s_]*(?:năm[\s_])?", re.IGNORECASE)
NAMED = re.compile(
    r"(?:cách mạng|đường|(?<!thành[ _])phố|quảng trường|world cup|euro|olympic|kế hoạch|nghị quyết|giải phóng)[\s_]+$",
    re.IGNORECASE,
)
RATE = re.compile(r"[\s_]*(?:tuổi(?![^\W_])|/[\s_]*(?:người|lần|đồng|kwh))", re.IGNORECASE)
OPENS = re.compile(r"(?:^|[.,;:!?“\"(\n–-]|\btrong|\bthì|\bmà)[\s_]*$", re.IGNORECASE)


def find(text: str) -> list[Found]:
    """The time expressions of a text, in order, without overlap."""
    found: list[Found] = []
    at = 0
    while (match := SCAN.search(text, at)) is not None:
        kind = match.lastgroup or ""
        one = _read(text, match.start(), kind)
        if kind == "point" and one.parts.keys() <= {"hour", "clock", "minute", "minutes", "few", "half"}:
            one = _clock_or_length(text, one)
        if _licensed(text, one, found[-1] if found else None):
            found.append(one)
            at = one.end
        else:
            at = one.start + 1
    return found


def _read(text: str, start: int, kind: str) -> Found:
    """The expression of a kind that begins at a place, with its parts under their plain names."""
    match = PARTS[kind].match(text, start)
    if match is None:
        raise AssertionError(f"the scan and the pattern of {kind} disagree")
    parts = {name.partition("_")[0]: part for name, part in match.groupdict().items() if part}
    return Found(start, match.end(), kind, parts)


def _clock_or_length(text: str, one: Found) -> Found:
    """A bare "7 giờ 30 phút": a length after "kéo dài", before "qua", or without any preposition of a clock."""
    unit = one.parts.get("clock", "").casefold()
    if unit != "giờ" or ("minute" in one.parts and "minutes" not in one.parts):
        return one
    if PARTS["counted"].match(text, one.start) is None:
        return one
    length = _read(text, one.start, "counted")
    before = text[max(0, one.start - 24) : one.start]
    clock = CLOCKWORDS.search(before) and not LENGTHWORDS.search(before) and "post" not in length.parts
    return one if clock else length


def _licensed(text: str, one: Found, last: Found | None) -> bool:
    """Whether the neighbours let the words be a time expression."""
    before = text[max(0, one.start - 24) : one.start]
    words = text[one.start : one.end]
    parts = one.parts
    if NAMED.search(before) and one.kind in ("period", "counted", "point"):
        return False
    match one.kind:
        case "point":
            return _is_point(text, one, before, last)
        case "part":
            joined = last is not None and last.kind == "part" and JOINED.fullmatch(text, last.end, one.start)
            return bool(joined or words[0].isalpha() or DAYWORDS.search(before))
        case "counted":
            return _is_length(text, one, before, words)
        case "period":
            if "bare" in parts and "edge" not in parts:
                joined = last is not None and last.end < one.start and JOINED.fullmatch(text, last.end, one.start)
                return bool(joined or YEARWORDS.search(before)) and not re.match(
                    GAP + r"*(?:người|đồng|\w+/)", text[one.end : one.end + 9]
                )
            if parts.get("tmonth") and words.startswith("T") and before.rstrip(" _")[-1:].isdigit():
                return False  # "đường 3 Tháng 2"
            return bool({"left", "left2", "left3"}.isdisjoint(parts) or "edge" in parts)
        case "vague":
            # "hội nghị vừa qua" qualifies a noun; "Vừa qua, …" is an adverb of the clause
            return words.casefold() not in ("vừa qua", "sắp tới", "tới đây", "vừa_qua", "sắp_tới") or bool(OPENS.search(before))
        case "set":
            return not (words[:1] == "t" and re.match("từng", words) and parts.get("unit", "").casefold() == "năm")
    return True


def _is_point(text: str, one: Found, before: str, last: Found | None) -> bool:
    parts = one.parts
    for number, top in (("hour", 24), ("minute", 59)):
        if parts.get(number, "").isdigit() and int(parts[number]) > top:
            return False
    bare = parts.keys() <= {"day", "month", "sign"}
    if "sign" in parts and re.match(rf"{GAP}+năm(?!{GAP}+(?:\d|nay|ngoái))", text[one.end : one.end + 12]):
        return False  # "3-5 năm"
    if bare and NO_DAY.search(before):
        return False
    if bare and not DAYWORDS.search(before):
        beside = last is not None and re.fullmatch(r"[\s_]*[(,]?[\s_]*(?:tức[\s_]+)?", text[last.end : one.start])
        day, month = int(parts["day"]), int(parts["month"])
        joined = last is not None and "month" in last.parts and JOINED.fullmatch(text, last.end, one.start)
        return bool(beside or joined or ("sign" not in parts and day > month and (day, month) != (24, 7)))
    ordinal = parts.get("weekday", "").islower() or parts.get("weekday", "").isdigit()
    if ordinal and not {"week", "day", "day2", "spell", "hour", "yearly"} & parts.keys():
        if parts.get("wordy", "").casefold().startswith("ngày") and not parts["weekday"].isdigit():
            return False
        return bool("wordy" in parts or WEEKDAYWORDS.search(before)) and not COUNTED_NOUN.search(before)
    return True


def _is_length(text: str, one: Found, before: str, words: str) -> bool:
    parts = one.parts
    unit, several = parts["unit"].casefold(), parts.get("several", "").casefold()
    if before.rstrip(" _")[-1:] == "/" or RATE.match(text, one.end):
        return False
    if parts["unit"][:1].isupper() and not words.isupper():
        return False  # "đường 3 Tháng 2"
    if several in ("những", "các") or unit == "hôm":
        return "post" in parts
    if "whole" in parts:
        return not re.match(r"[\s_]*(?:hôm|nay|qua|này|trước|tới|ngoái|sau|\d|thứ|giêng|I|V)", text[one.end : one.end + 8])
    if unit.startswith("tiếng") and re.match(
        r"[\s_]*(?:nổ|súng|động|kêu|nói|hát|anh|việt|pháp|trung|nhật|đức|nga)", text[one.end :].casefold()[:8]
    ):
        return False
    # "năm" after a number word may open the year: "hai năm 2030"; "tháng" the month: "mười tháng 6"
    return not re.match(r"[\s_]*(?:19|20)\d\d", text[one.end : one.end + 6]) or unit != "năm"
