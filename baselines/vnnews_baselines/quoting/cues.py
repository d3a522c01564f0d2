"""Cues: verbs of saying with a subject that can speak, and the content beside them (rules 2, 4, 5 of `quotes_rules`)."""

import dataclasses
from collections.abc import Iterator

from vnnews_baselines.quoting.speakers import ADVERBS, OPENERS, PREDICATE, SHARED, TIME, Subject, head, leading, subject
from vnnews_baselines.quoting.units import QUOTE, Unit, bag

EDGES = frozenset(",.;:!?…-–—()")
NEGATIONS = bag("không chưa chẳng chả đừng")
NOUN_MAKERS = bag("lời cuộc sự bản một các những việc câu mối nỗi niềm của điều mọi vài theo buổi bài")
ADDRESSING = frozenset({"với", "cho", "trước", "cùng"})
PLACING = bag("trong tại khi hôm sau vào ngày trên ở bằng sáng chiều tối trưa đêm lúc qua giữa nhân trước với")
TOPICS = frozenset({"về", "đến", "tới", "trước"})
AFTER_CUE = bag("thêm rõ lại ngay")
ASKING = (("liệu",), ("khi", "nào"), ("vì", "sao"), ("tại", "sao"), ("làm", "sao"), ("bao", "giờ"))
FINITE = PREDICATE - {"đến", "tới", "gặp", "thăm", "và"} | bag("thể rất vẫn chưa nên đều quá hết")


@dataclasses.dataclass
class Cue:
    """A cue as a range of items; `start` is where its adverbs begin, `clause` where its clause does, -1 inside another."""

    first: int
    last: int
    kind: str
    start: int
    who: Subject
    shared: bool
    clause: int = -1
    left: bool = False


def entries(unit: Unit) -> Iterator[tuple[int, int, str]]:
    """Entries of the lexicons: first item, end, class."""
    n = 0
    while n < len(unit):
        size, kind = unit.lookup(n, "reporting")
        other, feeling = unit.lookup(n, "attitudes")
        if other > size:
            size, kind = other, feeling
        if not size or (unit.capital[n] and n and unit.capital[n - 1]):
            n += 1
            continue
        if unit.words[n : n + size] == ["bày", "tỏ"]:
            at = n + size + (unit.words[n + size : n + size + 1] in (["sự"], ["niềm"], ["nỗi"], ["lòng"], ["mối"]))
            taken, feeling = unit.lookup(at, "attitudes")
            size = at + taken - n if taken and at + taken < len(unit) - 1 and feeling != "no" else size
        if kind not in ("no", "feeling"):
            yield n, n + size, kind
        n += size


def find_cues(unit: Unit) -> Iterator[Cue]:
    """The cues with their subjects."""
    last: Cue | None = None
    low = 0
    covered = {n for name in unit.names for n in range(name.first, name.last)}
    for first, end, kind in entries(unit):
        if first in covered:
            continue
        if kind == "relay":
            low = end
            continue
        cue = _cue(unit, first, end, kind, low, last)
        if cue is not None:
            _place(unit, cue)
            yield cue
            last, low = cue, cue.last


def _cue(unit: Unit, first: int, end: int, kind: str, low: int, last: Cue | None) -> Cue | None:
    words = unit.words
    start = first
    while start > low and words[start - 1] in ADVERBS:
        start -= 1
    before = words[start - 1] if start else ""
    rang = after_rang(unit, end)
    made = first == start and before in NOUN_MAKERS and not unit.capital[first - 1]
    if kind == "noun" or made or words[end : end + 1] == ["của"]:
        return _noun(unit, first, end, rang)
    if before in NEGATIONS or before in ("được", "bị") or start == 0 or {*words[max(low, start - 3) : start]} & {"chối"}:
        return None
    marked = QUOTE in words[end : end + 12] or rang is not None or QUOTE in words[max(0, start - 8) : start]
    if kind == "marks" and not marked:
        return None
    shared = before in SHARED or before == "thời" or words[start - 2 : start] == ["cũng", "như"]
    who = None if shared else subject(unit, start, low)
    if who is None and before == "," and last is not None:
        shared = True
    if shared:
        who = last.who if last is not None and last.kind != "noun" else leading(unit, start)
    elif who is None and (marked or (kind == "clause" and last is None) or before == ","):
        who = leading(unit, start, low)
    return Cue(first, end, kind, start, who, shared) if who is not None else None


def after_rang(unit: Unit, end: int) -> int | None:
    """The item "rằng" that belongs to a cue: near, and no other clause between."""
    for n in range(end, min(end + 22, len(unit))):
        if unit.words[n] == "rằng":
            return n if unit.words[n - 1] != "cho" or n == end else None
        if unit.words[n] in (QUOTE, ":", ";") or (n > end and unit.lookup(n, "reporting")[1] in ("clause", "act")):
            return None
    return None


def _noun(unit: Unit, first: int, end: int, rang: int | None) -> Cue | None:
    """A noun of saying with "rằng"; its speaker follows "của"."""
    if rang is None or unit.words[end : end + 1] != ["của"] or rang - end > 14:
        return None
    who = subject(unit, rang, end + 1)
    if unit.words[first - 1 : first] == ["lời"]:
        first -= 1
    return Cue(first, end, "noun", first, who, False) if who else None


def _place(unit: Unit, cue: Cue) -> None:
    """Whether the content stands left of the cue, and where the clause of the cue begins."""
    words = unit.words
    begin = cue.start if cue.shared else min(cue.who.first, cue.start)
    before = begin - 1
    while before > 0 and words[before] in OPENERS - {"theo"} and words[before] not in SHARED:
        before -= 1
    joined = before >= 0 and words[before] in (",", ";", QUOTE, "và", "nhưng", "còn", "song", "rồi", "thời", "như", ".", "khi")
    if before <= 0 and words[max(before, 0)] != QUOTE:
        cue.clause = max(before, 0)
    elif joined:
        cue.clause = before + (words[before] == QUOTE)
        while cue.clause > 0 and words[cue.clause - 1] in ("đồng", ",", "trong", "và", "cũng"):
            cue.clause -= 1
    if cue.shared or before < 0 or words[before] not in (",", QUOTE, "–", "-") or cue.kind == "noun":
        return
    quoted = words[before] == QUOTE or (before > 0 and words[before - 1] == QUOTE)
    after = cue.last
    while after < len(unit) and words[after] in AFTER_CUE:
        after += 1
    follows = words[after] if after < len(unit) else ""
    rest = words[after:]
    stop = rest.index(",") if "," in rest else len(rest)
    plain = "rằng" not in rest[:stop] and QUOTE not in rest[:stop] and ":" not in rest[:stop]
    cue.left = before > 0 or quoted
    cue.left &= follows in EDGES - {":"} or follows == "" or (plain and (follows in PLACING or (quoted and follows in SHARED)))


def silences(unit: Unit) -> Iterator[int]:
    """Where "nhưng không nói rõ", "và từ chối bình luận" begin: the subject goes on, the content does not."""
    for n in range(1, len(unit) - 2):
        if unit.words[n] in SHARED | {","}:
            denied = unit.words[n + 1] in NEGATIONS and unit.lookup(n + 2, "reporting")[1] in ("clause", "act")
            if denied or unit.words[n + 1 : n + 3] == ["từ", "chối"]:
                yield n


def content_after(unit: Unit, cue: Cue, stop: int) -> list[tuple[int, int]]:
    """The content after a cue."""
    words = unit.words
    at = cue.last
    while at < stop and words[at] in AFTER_CUE:
        at += 1
    rang = after_rang(unit, at)
    if rang is not None and rang < stop:
        return [(rang + 1, stop)]
    colon = next((n for n in range(at, stop - 1) if words[n] == ":" and words[n + 1] == QUOTE), None)
    if colon is not None:
        clause = colon - at >= 3 and words[at] not in PLACING | ADDRESSING | TOPICS and bool(FINITE & {*words[at:colon]})
        return [(at if clause and cue.kind != "marks" else colon + 1, colon + 2)]
    at = _past_time(unit, at, stop)
    if at < stop and words[at] in ("là", ":", ","):
        at += 1
    if at < stop and words[at] in ADDRESSING and cue.kind != "act":
        return [(begin, stop)] if (begin := _past_addressee(unit, at, stop)) else []
    if words[at : at + 1] == [QUOTE] and words[at + 1 : at + 2] in (["với"], ["trong"]) and cue.last == at:
        return []  # the manner of speaking
    if cue.kind == "marks" and QUOTE not in words[at:stop]:
        return []
    if cue.kind == "marks":
        at = words.index(QUOTE, at, stop)
    question = next((n for n in range(at, min(at + 10, stop)) if any(tuple(words[n : n + len(q)]) == q for q in ASKING)), at)
    return [(question if words[cue.first] == "hỏi" else at, stop)]


def _past_time(unit: Unit, at: int, stop: int) -> int:
    """Over "hôm thứ Ba", "chiều 5/3": the time of the saying, or at least perhaps."""
    if unit.words[at : at + 1] and unit.words[at] in ("hôm", "sáng", "trưa", "chiều", "tối", "ngày", "lúc", "vào"):
        while at < stop and (unit.words[at] in TIME | {"/", "-"} or any(c.isdigit() for c in unit.words[at])):
            at += 1
    return at


def _past_addressee(unit: Unit, at: int, stop: int) -> int:
    """Where the content begins after "với X"; 0 when nothing follows X."""
    names = [name.last for name in unit.names if at < name.first <= at + 6 and name.last < stop]
    if names:
        end = names[0]
    else:
        size = head(unit, at + 1)[0] or unit.lookup(at + 1, "pronouns")[0]
        end = at + 1 + size if size else stop
    end = _past_time(unit, end, stop)
    end += unit.words[end : end + 1] in (["là"], [":"])
    if QUOTE in unit.words[at:stop] and not FINITE & {*unit.words[end:stop]}:
        return unit.words.index(QUOTE, at, stop)
    return end if stop - end >= 3 else 0


def content_before(unit: Unit, cue: Cue, floor: int, stop: int) -> list[tuple[int, int]]:
    """The content before a cue, and after it when the cue stands between two quotations."""
    end = cue.clause
    start = clause_start(unit, end, floor)
    after = cue.last
    if unit.words[after : after + 1] == [","]:
        after += 1
    if QUOTE in unit.words[start:end] and unit.words[after : after + 1] == [QUOTE]:
        return [(start, end), (after, after + 1)]
    return [(start, end)]


def clause_start(unit: Unit, end: int, floor: int) -> int:
    """The beginning of the content that ends before an item: after the previous sentence or cue, without connectives.

    Of several quotations that are sentences of their own only the last is meant.
    """
    start = floor
    for n in range(end - 1, floor, -1):
        split = unit.words[n] == QUOTE and unit.words[n - 1] in (".", QUOTE, "!", "?", ":")
        if split or (unit.words[n] in (";", ".") and n < end - 2 and unit.words[n + 1 : n + 2] != [","]):
            start = n if split else n + 1
            break
    while start < end and (unit.words[start] in EDGES or (unit.words[start] in OPENERS and _connects(unit, start, end))):
        start += 1
    return start


def _connects(unit: Unit, start: int, end: int) -> bool:
    """Whether an opening word is a connective: a comma follows, or it is nothing else."""
    if unit.words[start] in ("nhưng", "và", "tuy", "nhiên"):
        return True
    return "," in unit.words[start : min(start + 4, end - 1)] and unit.words[start] not in (
        "trong",
        "tại",
        "ở",
        "từ",
        "sau",
        "trước",
    )


def trimmed(unit: Unit, first: int, end: int) -> tuple[int, int] | None:
    while first < end and unit.words[first] in EDGES | {"rằng"}:
        first += 1
    while end > first and unit.words[end - 1] in EDGES | {"và", "rằng"}:
        end -= 1
    return (first, end) if first < end else None
