"""Who speaks: the subject of a cue, and the name that a pronoun or a description stands for.

Subject, the noun phrase that ends where the cue begins (back to the last comma, conjunction or cue):

    1  pronoun      directly before the cue and at the head of its clause; after a word of kinship it is a description
    2  person       the name without title, also with an institution or a time between it and the cue
    3  description  a noun from the list of sources with all that depends on it, without relative clause
    4  text         a communiqué speaks for the author that it names
    5  institution  an organisation or a place directly before the cue; so "phía Lào" is Lào
    6  apposition   between commas is skipped; after "và" and the like the subject is that of the clause before

`quoting.people` finds who a pronoun or a description is.
"""

from typing import NamedTuple

from vnnews_baselines.lexicon import longest, words
from vnnews_baselines.quoting.units import QUOTE, Name, Unit, bag
from vnnews_bench.records import SpeakerKind

REACH = 30  # items that a subject may have before its cue
BOUNDARY = frozenset(
    {",", ";", ":", ".", "!", "?", "…", "–", "—", "(", QUOTE, "rằng", "nhưng", "song", "còn", "khi", "nếu", "vì", "mà", "thì"}
    | {"là", "nơi", "để", "do", "dù", "tuy"}
)
# between a subject and its cue none of these stands: they begin a predicate of another verb
PREDICATE = bag("đã sẽ đang là bị được không có phải cần đến tới gặp thăm và")
TIME = bag("hôm ngày sáng trưa chiều tối đêm tháng năm tuần lúc vào qua nay thứ hai ba tư sáu bảy mới trước sau đó rồi")
OPENERS = bag("tuy nhiên nhưng và ngoài ra do vậy cũng mặt khác bên cạnh cùng đồng thời trong còn tại ở từ ngay theo riêng cả")
ADVERBS = bag(
    "đã đang sẽ cũng còn vẫn từng vừa mới lại tiếp tục lên tiếng liên thẳng thắn đều chỉ luôn thường nhiều lần một mực cùng "
    "nay công khai chính thức bất ngờ mạnh mẽ dứt khoát bèn liền"
)
SHARED = frozenset({"và", "đồng thời", "cũng như", "rồi", "nhưng", "song", "hay", "hoặc"})
DEMONSTRATIVES = frozenset({"này", "đó", "ấy", "kia", "nói trên", "trên"})
QUANTIFIERS = bag("một hai ba bốn năm các những nhiều vài mọi mấy đa số số toàn thể đông đảo hàng trăm nghìn chục")
KIN = bag("bố mẹ cha vợ chồng con em chị anh bạn nhà quê gia đình luật sư bạn bè cháu chú bác dì ông bà")
RELATIVE = frozenset({"giấu", "xin", "đề", "vốn", "từng", "người", "yêu", "không"})
MALE, FEMALE = bag("ông anh chú bác cậu ngài"), bag("bà chị cô dì")


class Subject(NamedTuple):
    """The subject of a cue: its items, the mentions as names or as one phrase, and how its form points."""

    first: int
    mentions: tuple[tuple[int, int], ...]
    kind: SpeakerKind
    gender: str = ""
    anaphoric: bool = False


def subject(unit: Unit, end: int, low: int = 0) -> Subject | None:
    """The noun phrase that ends before item `end`."""
    if end - 1 < low:
        return None
    if unit.words[end - 1] in (",", ")"):
        return _before_apposition(unit, end, low)
    first = end
    while first > low and end - first < REACH and unit.words[first - 1] not in BOUNDARY:
        first -= 1
    first = _without_frame(unit, first, end)
    if first == end:
        return None
    return (
        _pronoun(unit, first, end)
        or _person(unit, first, end)
        or _described(unit, first, end)
        or _institution(unit, first, end)
    )


def _before_apposition(unit: Unit, end: int, low: int) -> Subject | None:
    """Over "…, giám đốc sở," and "(45 tuổi)"; a name inside the apposition is the speaker if it stands before the comma."""
    sign = "(" if unit.words[end - 1] == ")" else ","
    for n in range(end - 2, max(low, end - REACH), -1):
        if unit.words[n] == sign:
            found = subject(unit, n, low) if unit.words[n - 1] != "," else None
            inside = _person(unit, n + 1, end - 1) if sign == "," else None
            if found and found.kind == "nominal" and inside:
                return inside._replace(first=found.first)
            return found if found and found.kind in ("named", "org", "nominal", "anonymous") else None
    return None


def _without_frame(unit: Unit, first: int, end: int) -> int:
    """The phrase without connectives and time before its noun."""
    at = first
    starts = {name.first for name in unit.names}
    while at < end and at not in starts:
        word = unit.words[at]
        size, kind = unit.lookup(at, "pronouns")
        if size and (kind in ("person", "group", "text") or at + size == end):
            break
        number = any(c.isdigit() for c in word) or word in ("-", "/")
        if not (word in OPENERS or (word in TIME and not unit.lookup(at + 1, "pronouns")[0]) or number):
            break
        at += 1
    return at if at < end else first


def _pronoun(unit: Unit, first: int, end: int) -> Subject | None:
    for at in range(max(first, end - 3), end):
        size, kind = unit.lookup(at, "pronouns")
        if at > first and unit.lookup(at - 1, "pronouns")[0] > 1:
            continue
        if size and at + size == end and kind in ("m", "f", "-", "+", "1"):
            if at > first and unit.words[at - 1] in KIN and unit.words[at - 1] not in ADVERBS:
                start = at - 2 if at - 2 >= first and unit.words[at - 2] in KIN else at - 1
                return Subject(start, ((start, end),), "nominal")
            if at > first and kind in ("-", "1") and at - first > 3:
                return None
            return Subject(at, ((at, end),), "pronoun", kind, True)
    return None


def _gap(unit: Unit, first: int, end: int) -> bool:
    """Whether nothing between a name and its cue is a predicate."""
    return end - first <= 14 and not any(word in PREDICATE for word in unit.words[first:end])


def _names(unit: Unit, first: int, end: int) -> list[Name]:
    return [name for name in unit.names if first <= name.first and name.last <= end]


def _person(unit: Unit, first: int, end: int) -> Subject | None:
    """A person; several joined by "và" are several mentions."""
    found = [
        name for name in _names(unit, first, end) if name.label == "PER" and unit.words[name.first - 1 : name.first] != ["của"]
    ]
    while found:
        last = found[-1]
        if not _gap(unit, last.last, end):
            return None
        mentions = [last]
        for before in reversed(found[:-1]):
            between = unit.words[before.last : mentions[-1].first]
            if len(between) > 6 or "và" not in between:
                break
            mentions.append(before)
        at = min(name.first for name in mentions)
        return Subject(_titled(unit, first, at), tuple((name.first, name.last) for name in reversed(mentions)), "named")
    return None


def _titled(unit: Unit, first: int, at: int) -> int:
    """Where the title before a name begins."""
    for n in range(max(first, at - 8), at):
        if head(unit, n) or unit.words[n] in MALE or unit.words[n] in FEMALE:
            return n
    return at


def head(unit: Unit, n: int) -> tuple[int, str]:
    """Size and class of the noun of a source at item n; titles are persons."""
    if n >= len(unit):
        return 0, ""
    size, kind = unit.lookup(n, "pronouns")
    best = (size, kind) if kind in ("person", "group", "text") else (0, "")
    entries = words("titles")
    for length in range(min(longest("titles").get(unit.words[n], 0), len(unit) - n), best[0], -1):
        title = tuple(unit.words[n : n + length])
        if title in entries and not (length == 1 and (title[0] in MALE or title[0] in FEMALE)):
            return length, "person"
    size = unit.sentence.match(unit.token[n], "organisations") if not best[0] else 0
    return (size, "group") if size else best


def _described(unit: Unit, first: int, end: int) -> Subject | None:
    """A description: from the first noun of a source that no preposition governs to the cue or to a relative clause."""
    names = _names(unit, first, end)
    for at in range(first, end):
        if any(name.first < at < name.last for name in names):
            continue
        quantified = at
        while quantified < end - 1 and unit.words[quantified] in QUANTIFIERS | {"vị", "nữ", "cựu", "cả", "nguyên"}:
            quantified += 1
        size, kind = head(unit, quantified)
        governed = at > first and unit.words[at - 1] in ("của", "cho", "với", "ở", "tại", "về", "từ", "bởi", "những", "các")
        if not size or governed or quantified + size > end:
            continue
        begun = [name for name in names if name.first == quantified and name.last > quantified + size and name.label == "ORG"]
        if begun and kind != "text" and begun[0].last == end:
            return None  # the noun begins the name of an institution
        stop = _relative(unit, quantified + size, end)
        if not _gap(unit, stop, end) and stop == end:
            return None
        if any(w in PREDICATE - {"và", "có"} for w in unit.words[quantified + size : stop]):
            continue
        if kind == "text":
            authors = [name for name in names if name.first >= quantified + size and name.label in ("ORG", "GPE", "PER")]
            if authors:
                return Subject(at, ((authors[-1].first, authors[-1].last),), _form(authors[-1]))
        if at > first and unit.words[at - 1] == "và":
            other = _described(unit, first, at - 1)
            if other:
                return other._replace(mentions=(*other.mentions, (at, stop)))
        describing = [name for name in names if name.first == quantified + size and name.last == end and name.label == "PER"]
        lone = [name for name in names if name.last == end and name.first in (quantified + size, quantified + 1)]
        if kind == "group" and lone and unit.words[quantified] in ("phía", "hãng", "đài", "tờ", "báo", "kênh", "trang"):
            describing = lone
        if describing:
            return Subject(at, ((describing[0].first, describing[0].last),), _form(describing[0]))
        return _noun_phrase(unit, at, quantified, size, kind, stop)
    return None


def _noun_phrase(unit: Unit, at: int, head: int, size: int, kind: str, stop: int) -> Subject:
    demonstrative = unit.words[stop - 1] in DEMONSTRATIVES
    quantity = set(unit.words[at:head])
    form: SpeakerKind = "nominal"
    if not demonstrative:
        if quantity & {"các", "những", "nhiều", "mọi", "đa", "số"} or (kind == "group" and not quantity):
            form = "collective"
        elif quantity & QUANTIFIERS or unit.words[head] == "nguồn":
            form = "anonymous"
    bare = form == "nominal" and not quantity and head + size == stop and kind == "person"
    return Subject(at, ((at, stop),), form, "", demonstrative or bare)


def _relative(unit: Unit, first: int, end: int) -> int:
    for n in range(first, end):
        if unit.words[n] in RELATIVE or unit.words[n] in ("hôm", "chiều", "sáng", "tối"):
            return n
    return end


def _institution(unit: Unit, first: int, end: int) -> Subject | None:
    for name in reversed(_names(unit, first, end)):
        gap = unit.words[name.last : end]
        if name.label in ("ORG", "GPE", "LOC", "PER") and all(
            w in TIME or any(c.isdigit() for c in w) or w in "-/" for w in gap
        ):
            before = unit.words[name.first - 1] if name.first > first else ""
            if before in ("ở", "tại", "từ", "đến", "sang", "vào", "trong"):
                return None
            return Subject(name.first, ((name.first, name.last),), _form(name))
    return None


def _form(name: Name) -> SpeakerKind:
    return "named" if name.label == "PER" else "org" if name.label == "ORG" else "place"


def leading(unit: Unit, before: int, low: int = 0) -> Subject | None:
    """The subject of a clause whose verb is no cue: the first that could speak between two items."""
    for at in range(low, before):
        size, kind = unit.lookup(at, "pronouns")
        opens = at == low or unit.words[at - 1] in BOUNDARY
        name = next((name for name in unit.names if name.first == at and name.last <= before), None)
        if name and name.label != "LOC" and unit.words[at - 1 : at] not in (["của"], ["ở"], ["tại"], ["với"], ["trong"]):
            if name.label == "PER" or opens:
                return Subject(_titled(unit, low, at), ((name.first, name.last),), _form(name))
        elif opens and kind in ("m", "f", "+", "1") and not any(name.first == at + size for name in unit.names):
            return Subject(at, ((at, at + size),), "pronoun", kind, True)
        elif opens and head(unit, at)[0] and not any(name.first <= before and name.first - at < 8 for name in unit.names):
            size, kind = head(unit, at)
            stop = at + size
            while stop < before and unit.words[stop] not in PREDICATE | BOUNDARY | ADVERBS and stop - at < 6:
                stop += 1
                if unit.words[stop - 1] in DEMONSTRATIVES:
                    break
            return _noun_phrase(unit, at, at, size, kind, min(stop, before))
    return None
