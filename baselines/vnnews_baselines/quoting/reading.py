"""The quotes of a sentence from its cues and quotation marks (rules 1 and 5 to 9 of `quotes_rules`)."""

import dataclasses
import re
from collections.abc import Iterator

from vnnews_baselines.quoting.cues import (
    FINITE,
    TOPICS,
    Cue,
    clause_start,
    content_after,
    content_before,
    entries,
    find_cues,
    silences,
    trimmed,
)
from vnnews_baselines.quoting.speakers import BOUNDARY, SHARED, Subject, head, leading, subject
from vnnews_baselines.quoting.units import QUOTE, Pair, Unit, bag
from vnnews_bench.drafts import MARKS
from vnnews_bench.records import QuoteType, Span

TITLES = bag("vở kịch phim cuốn sách bài hát tác phẩm tiểu thuyết trình dịch án khúc ca tên hiệu danh giải tựa đề")
ABSTRACT = bag("tầm vai quan lập tin thông cáo tình vấn kết sự tính mối niềm lòng nỗi ý nhu trách chính")
IMPERSONAL = (["người", "ta"], ["dư", "luận"])
_SENTENCES = re.compile(r"(?<=[.!?…])\s+")


@dataclasses.dataclass(eq=False)
class Draft:
    """A quote whose speaker is not resolved yet."""

    unit: int
    spans: list[Span]
    type: QuoteType
    act: str = "speech"
    direct: list[Span] = dataclasses.field(default_factory=list)
    cues: list[Span] = dataclasses.field(default_factory=list)
    where: Unit | None = None  # the unit of the subject, for level 2 the one inside the marks
    who: Subject | None = None
    via: Subject | None = None
    level: int = 1
    parent: "Draft | None" = None
    heading: bool = False


def read(unit: Unit, n: int, parent: Draft | None = None) -> list[Draft]:
    """The quotes of a unit and of the quotations in it."""
    cues = list(find_cues(unit))
    drafts = [*_told(unit, n, cues)]
    if parent is not None:
        drafts = [draft for draft in drafts if not _own(draft, unit)]
    drafts += _cueless(unit, n, drafts) if parent is None else []
    for draft in drafts:
        draft.level += parent.level if parent else 0
        draft.parent = draft.parent or parent
        draft.heading = unit.zone == "title"
    lone = {draft.spans[0][0]: draft for draft in drafts if not draft.cues}
    told = [draft for draft in drafts if draft.cues]
    for pair in unit.quotes.values():
        around = (d for d in told if any(a <= pair.start and pair.end <= b for a, b in d.spans))
        holder = lone.get(pair.start) or next(around, None)
        if holder is not None and unit.level < 2:
            drafts += _within(unit, n, pair, holder)
    return drafts


def _within(unit: Unit, n: int, pair: Pair, holder: Draft) -> Iterator[Draft]:
    """The quotes of the sentences inside a quotation."""
    for a, b in pair.spans:
        start = a + 1
        for match in [*_SENTENCES.finditer(unit.text, start, b), None]:
            end = match.start() if match else b
            inside = [p for p in unit.pairs if p.level == unit.level + 1 and p.start >= start and p.end <= end]
            cut = end - 1 if match is None and unit.text[end - 1] in MARKS and not any(p.end == end for p in inside) else end
            if end - start > 12:
                inner = Unit(unit.text, start, cut, unit.zone, inside, unit.level + 1)
                if any(True for _ in entries(inner)):
                    inner.read_names(frozenset())
                    yield from read(inner, n, holder)
            start = match.end() if match else end


def _own(draft: Draft, unit: Unit) -> bool:
    """Whether a quote inside a quotation is the speaker's attitude or saying here and now."""
    if draft.who is None or draft.who.gender != "1":
        return False
    cue = next(n for n in range(len(unit)) if unit.spans[n][0] == draft.cues[0][0])
    return draft.act == "attitude" or not {"đã", "từng"} & set(unit.words[max(0, cue - 3) : cue])


def _told(unit: Unit, n: int, cues: list[Cue]) -> list[Draft]:
    """The quotes that have a cue, in the order of their cues."""
    theo = list(_theo(unit))
    drafts: list[Draft] = []
    ends = sorted([cue.clause for cue in cues if cue.clause > 0] + [t[0] for t in theo if t[0] > 0] + list(silences(unit)))
    waiting: list[Span] = []  # cues that share the content of the next one
    last: tuple[Draft, int, int] | None = None  # the draft, and the items of its content
    for k, cue in enumerate(cues):
        stop = next((end for end in ends if end > cue.last), len(unit))
        at = unit.span(cue.first, cue.last)
        if cue.left:
            if last is not None and last[2] >= cue.clause - 1 and last[0].cues:
                _again(unit, last[0], cue, at)
                continue
            floor = cues[k - 1].last if k else 0
            ranges = content_before(unit, cue, floor, stop)
        else:
            ranges = content_after(unit, cue, stop)
        ranges = [kept for a, b in ranges if (kept := trimmed(unit, a, b))]
        if not ranges:
            following = cues[k + 1] if k + 1 < len(cues) else None
            waiting = [*waiting, at] if following and following.shared and following.start - cue.last <= 2 else []
            continue
        draft = _draft(unit, n, ranges, cue)
        draft.cues, waiting = [*waiting, *draft.cues], []
        embedded = last is not None and cue.clause < 0 and last[1] <= cue.start < last[2]
        if embedded and last is not None:
            if draft.act == "attitude" and cue.who.kind == "pronoun":
                continue
            draft.level, draft.parent = 2, last[0]
            drafts.append(draft)
            continue
        drafts.append(draft)
        last = (draft, ranges[0][0], ranges[-1][1])
    for first, end, who in theo:
        _according(unit, n, first, end, who, drafts, ends)
    _relayed(unit, drafts)
    return drafts


def _again(unit: Unit, draft: Draft, cue: Cue, at: Span) -> None:
    """A second attribution of one content: the same speaker again, or a medium that relays."""
    if cue.who.kind in ("org", "collective") and draft.who is not None and draft.who.kind not in ("org", "collective"):
        draft.via = cue.who
    else:
        draft.cues.append(at)


def _draft(unit: Unit, n: int, ranges: list[tuple[int, int]], cue: Cue | None, who: Subject | None = None) -> Draft:
    held = [k for a, b in ranges for k in range(a, b) if k in unit.quotes and not _title(unit, k)]
    kind: QuoteType = "INDIRECT"
    if all(b - a == 1 and a in unit.quotes for a, b in ranges):
        kind = "DIRECT"
    elif held:
        kind = "MIXED"
    elif cue is not None and _topic(unit, cue, *ranges[0]):
        kind = "REPORTED"
        if unit.words[ranges[0][0]] in TOPICS and ranges[0][1] - ranges[0][0] > 1:
            ranges = [(ranges[0][0] + 1, ranges[0][1]), *ranges[1:]]
    spans: list[Span] = []
    for a, b in ranges:
        spans += unit.quotes[a].spans if kind == "DIRECT" else [unit.span(a, b)]
    return Draft(
        unit=n,
        spans=spans,
        type=kind,
        act="attitude" if cue is not None and cue.kind == "attitude" else "speech",
        direct=[span for k in held for span in unit.quotes[k].spans] if kind == "MIXED" else [],
        cues=[unit.span(cue.first, cue.last)] if cue is not None else [],
        where=unit,
        who=cue.who if cue is not None else who,
    )


def _title(unit: Unit, n: int) -> bool:
    """Whether the quotation at item n is a title: a noun of works stands before it."""
    return n > 0 and unit.words[n - 1] in TITLES


def _topic(unit: Unit, cue: Cue, first: int, end: int) -> bool:
    """Whether the content is a noun phrase."""
    words = unit.words
    if words[first] in TOPICS:
        return True
    if cue.last < first and words[first - 1] == "rằng":
        return False
    if words[first] == "việc":
        return words[first + 1 : first + 2] in (["này"], ["đó"])
    if words[first] == "sự":
        return words[first + 1 : first + 3] != ["cần", "thiết"]
    if cue.kind == "topic":
        return True
    return words[first] in ABSTRACT and not FINITE & {*words[first : first + 8]}


def _theo(unit: Unit) -> Iterator[tuple[int, int, Subject]]:
    """Each "theo X": the item, the end of X, and X."""
    for n, word in enumerate(unit.words):
        if (
            word != "theo"
            or unit.lookup(n, "reporting")[1] == "no"
            or not (n == 0 or unit.words[n - 1] in {",", QUOTE, "nhiên"} | SHARED)
        ):
            continue
        end = n + 1
        while end < len(unit) and unit.words[end] not in (",", ":", ";", ".", QUOTE):
            end += 1
        who = subject(unit, end, n + 1) or leading(unit, end, n + 1)
        if who is None:
            continue
        more = next((k for k in range(end + 1, min(end + 14, len(unit) - 2)) if unit.words[k] == ","), None)
        apposed = more is not None and who.kind == "named" and head(unit, end + 1)[0] and not {*unit.words[end:more]} & FINITE
        yield n, more if apposed and more is not None else end, who


def _according(unit: Unit, n: int, first: int, end: int, who: Subject, drafts: list[Draft], ends: list[int]) -> None:
    """The quote of "theo X", or `via` of those whose cue is near."""
    start = clause_start(unit, first, 0)
    before = (start, first) if first - start > 1 or first - 1 in unit.quotes else None
    stop = next((e for e in ends if e > end + 1), len(unit))
    area = (unit.spans[start][0], unit.spans[-1][1])
    told = [draft for draft in drafts if draft.level == 1 and draft.cues and area[0] <= draft.cues[0][0] <= area[1]]
    at = unit.spans[first]
    for draft in told:
        own = draft.who is not None and unit.words[slice(*draft.who.mentions[0])] in IMPERSONAL
        if own and draft.act == "speech":
            draft.cues.insert(0, at)
            draft.who = who
        elif own:
            drafts.remove(draft)
            told = []
        elif draft.who is not None and draft.who.mentions != who.mentions:
            draft.via = who
    if told:
        return
    ranges = [span for span in (before, (end, len(unit) if not drafts else stop)) if span is not None]
    ranges = [kept for a, b in ranges if (kept := trimmed(unit, a, b))]
    if ranges:
        draft = _draft(unit, n, ranges, None, who)
        draft.cues = [at]
        drafts.append(draft)


def _relayed(unit: Unit, drafts: list[Draft]) -> None:
    """From "X dẫn lời Y nói": X is `via` of the next quote."""
    for first, _, kind in entries(unit):
        if kind == "relay":
            source = subject(unit, first)
            for draft in drafts:
                if source and draft.cues and draft.cues[0][0] > unit.spans[first][0] and draft.who and draft.who != source:
                    draft.via = source


def _cueless(unit: Unit, n: int, drafts: list[Draft]) -> Iterator[Draft]:
    """Quotations that no cue has taken."""
    relays = [(first, end) for first, end, kind in entries(unit) if kind == "relay"]
    taken = [span for draft in drafts for span in draft.spans]
    for k, pair in unit.quotes.items():
        if any(a <= pair.start < b for a, b in taken) or _title(unit, k):
            continue
        relay = _dan_loi(unit, k, relays)
        size = unit.text.count(" ", pair.start, pair.end)
        alone = k == 0 or unit.words[k - 1] in (".", QUOTE, ":", "!", "?")
        whole = alone and (k + 1 == len(unit) or unit.words[k + 1] in (".", QUOTE, "!", "?", "…"))
        if not (relay or (whole and size >= 2) or (unit.words[k - 1 : k] == [":"] and size >= 2) or size >= 12):
            continue
        draft = _draft(unit, n, [(k, k + 1)], None)
        if relay:
            draft.cues, draft.who, draft.via = [relay[0]], relay[1], relay[2]
        elif k and unit.words[k - 1] == ":" and unit.zone != "title":
            draft.who = subject(unit, k - 1)
        yield draft


def _dan_loi(unit: Unit, k: int, relays: list[tuple[int, int]]) -> tuple[Span, Subject, Subject | None] | None:
    """From "X dẫn lời Y:" before the quotation at item k."""
    for first, end in relays:
        if k - 12 <= end < k:
            stop = next((n for n in range(end, k) if unit.words[n] in BOUNDARY), k)
            who = subject(unit, stop, end)
            if who is not None:
                return unit.span(first, end), who, subject(unit, first)
    return None
