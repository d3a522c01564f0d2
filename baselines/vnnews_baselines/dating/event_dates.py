"""The days of an event: which time expression of its clause dates it, and what the word before the expression says.

The nearest expression after the trigger in its clause comes first, then the nearest before it, then one that opens the
sentence. An expression behind another trigger, or close to a noun that it dates ("cuộc gặp hôm 4/5"), is not free.
"""

import datetime
import re
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from vnnews_baselines.dating.timexes import GAP
from vnnews_bench.records import Bounds, Certainty, Document, EventType, Granularity, Span, Timex

ONE = datetime.timedelta(days=1)
WORD = r"(?<![^\W_])(?:{})(?![^\W_])"


def spaced(pattern: str) -> str:
    """The pattern with its blanks for blanks or `_` between two syllables."""
    return pattern.replace(" ", f"{GAP}+")


def cue(words: str) -> re.Pattern[str]:
    """Any of the words, as whole syllables."""
    return re.compile(spaced(WORD.format(words)), re.IGNORECASE)


CUT = re.compile(r"[,;:!?“”\"\n]|\.(?=\s|$)|(?<=\s)[-–](?=\s)")
FROM = re.compile(spaced(r"(?:từ|kể từ|bắt đầu|bắt đầu vào|khai mạc|mở màn|khởi động) $"), re.IGNORECASE)
UNTIL = re.compile(spaced(r"(?:đến|cho đến|cho tới|tới|kết thúc|bế mạc|hết) $"), re.IGNORECASE)
LIMIT = re.compile(
    spaced(r"(?<![^\W_])(?P<side>trước|sau)(?: (?:thềm )?(?:trận|vụ|cơn|sự|cuộc|đợt) .{0,24})? (?:hồi |vào |hôm )?$"),
    re.IGNORECASE,
)
SHIFTED = re.compile(spaced(r"(?:sang|đến|tới) $"), re.IGNORECASE)
JOINS = re.compile(r"[\s_]*(?:[-–]|đến|tới|cho đến|và)[\s_]*(?:hết[\s_]+)?", re.IGNORECASE)
OPENING = cue("khai mạc|bắt đầu|mở màn|khởi động|khởi tranh")
ORDER = re.compile(r"[\s_“]*(?P<word>trước|sau|trong)(?![^\W_])", re.IGNORECASE)


class Mention(NamedTuple):
    """A trigger with the sentence that holds it and whether it stands as a noun after a classifier."""

    start: int
    end: int
    type: EventType
    noun: bool
    sentence: Span


class Dating(NamedTuple):
    """What is known of the days of an event."""

    begin: Bounds = Bounds()
    end: Bounds = Bounds()
    edtf: str | None = None
    granularity: Granularity = "none"
    basis: tuple[str, ...] = ()
    certainty: Certainty = "unknown"


class Clauses:
    """The triggers and time expressions of a document, clause by clause."""

    def __init__(self, document: Document, timexes: Sequence[Timex], mentions: Sequence[Mention]) -> None:
        self.text = document.text
        self.timexes = [one for one in timexes if one.earliest and one.latest and one.type in ("DATE", "TIME")]
        self.lengths = [one for one in timexes if one.type == "DURATION"]
        spans = [(one.start, one.end) for one in timexes]
        self.cuts: dict[Span, list[int]] = {}
        self.inside: dict[Span, list[Mention]] = {}
        for mention in mentions:
            self.inside.setdefault(mention.sentence, []).append(mention)
        for sentence in self.inside:
            cuts = [match.start() for match in CUT.finditer(self.text, *sentence)]
            near = [(a, b) for a, b in spans if sentence[0] <= a < sentence[1]]
            self.cuts[sentence] = [cut for cut in cuts if not any(a <= cut < b for a, b in near)]

    def clause(self, sentence: Span, at: int) -> int:
        """The number of the clause of a sentence that holds a place."""
        return sum(cut < at for cut in self.cuts[sentence])

    def words(self, start: int, end: int) -> int:
        """How many words stand between two places."""
        return len(self.text[start:end].replace("_", " ").split())

    def date(self, mention: Mention) -> Dating:
        """What the clause of a mention says of its days."""
        sentence = mention.sentence
        near = [one for one in self.timexes if sentence[0] <= one.start < sentence[1]]
        costs = [(cost, n) for n, one in enumerate(near) if (cost := self._cost(mention, one)) is not None]
        if not costs or (mention.type == "INVITE" and min(costs)[0] > 20):
            return Dating()
        chosen = near[min(costs)[1]]
        return self._dating(mention, chosen, near)

    def _cost(self, mention: Mention, timex: Timex) -> int | None:
        """How far a time expression is from dating a mention; `None` when it does not."""
        sentence = mention.sentence
        others = [one for one in self.inside[sentence] if one != mention]
        here, there = self.clause(sentence, mention.start), self.clause(sentence, timex.start)
        before = self.text[max(sentence[0], timex.start - 40) : timex.start]
        if timex.start >= mention.end:
            between = [one for one in others if mention.end <= one.start < timex.start]
            if mention.type == "POSTPONE" and (between or SHIFTED.search(before)):
                return None
            if mention.type == "INVITE" and between:
                return None
            if here != there or between:
                return None
            return self.words(mention.end, timex.start)
        claimed = [one for one in others if one.end <= timex.start and self.clause(sentence, one.start) == there]
        if any(one.noun and self.words(one.end, timex.start) < 5 for one in claimed):
            return None
        if any(
            one.type in ("AGREE", "INVITE") and one.end <= mention.start and self.words(one.end, mention.start) < 4
            for one in others
        ):
            return None  # what is agreed or invited to lies elsewhere than the agreeing
        if here == there:
            between = [one for one in others if timex.end <= one.start < mention.start]
            return None if claimed and not between else 3 + self.words(timex.end, mention.start) + 5 * len(between)
        opening = self.words(sentence[0], timex.start) <= 3 or (there < here and self._opens(sentence, timex))
        if opening and not claimed:
            return 40 + here - there
        return None

    def _opens(self, sentence: Span, timex: Timex) -> bool:
        """Whether an expression opens its clause."""
        start = max([cut + 1 for cut in self.cuts[sentence] if cut < timex.start], default=sentence[0])
        return self.words(start, timex.start) <= 2

    def _dating(self, mention: Mention, timex: Timex, near: Sequence[Timex]) -> Dating:
        first, last = timex.earliest, timex.latest
        if first is None or last is None:
            return Dating()
        before = self.text[max(mention.sentence[0], timex.start - 40) : timex.start]
        following = next((one for one in near if one.start >= timex.end), None)
        preceding = next((one for one in reversed(near) if one.end <= timex.start), None)
        for one, other in ((timex, following), (preceding, timex)):
            if one is not None and other is not None and self._range(one, other):
                return _lasting(one, other)
        one_day = mention.type not in ("VISIT", "SUMMIT", "MILITARY_ACTION", "AID")
        limit = LIMIT.search(before)
        offset = timex.start - len(before)
        if limit and not offset + limit.start() < mention.start < timex.start:
            stretch = limit[0].split()
            certainty: Literal["stated", "inferred"] = "inferred" if len(stretch) > 2 else "stated"
            day = first.isoformat() if first == last else timex.value or ""
            if limit["side"].casefold() == "trước":
                edge = first - ONE if len(stretch) <= 2 else last
                bound = Bounds(latest=edge)
                return Dating(bound, bound, f"[..{edge.isoformat()}]", _grain(timex), (timex.id or "",), certainty)
            edge = last + ONE if len(stretch) <= 2 else first
            bound = Bounds(earliest=edge)
            return Dating(
                bound,
                bound,
                f"[{edge.isoformat() if len(stretch) <= 2 else day}..]",
                _grain(timex),
                (timex.id or "",),
                certainty,
            )
        whole, basis = Bounds(earliest=first, latest=last), (timex.id or "",)
        between = self.text[min(mention.end, timex.start) : max(timex.start, mention.start)]
        starts = FROM.search(before) or (not one_day and OPENING.search(between))
        if starts or (mention.type == "VISIT" and first == last):
            return self._with_length(
                mention, timex, Dating(whole, Bounds(), f"{_begin(timex)}/..", _grain(timex), basis, "stated")
            )
        if UNTIL.search(before) and not one_day:
            return Dating(Bounds(), whole, f"../{_end(timex)}", _grain(timex), basis, "stated")
        return Dating(whole, whole, _within(timex), _grain(timex), basis, "stated")

    def _range(self, one: Timex, other: Timex) -> bool:
        between = self.text[one.end : other.start]
        if not JOINS.fullmatch(between) or (one.earliest or datetime.date.max) >= (other.earliest or datetime.date.min):
            return False
        return "và" not in between.casefold() or one.anchor == other.id

    def _with_length(self, mention: Mention, timex: Timex, dating: Dating) -> Dating:
        """A begin and a length of days in the same clause give the end."""
        first = timex.earliest
        for length in self.lengths:
            days = re.fullmatch(r"P(\d+)D", length.value or "")
            same = mention.sentence[0] <= length.start < mention.sentence[1]
            if days and first and first == timex.latest and same and abs(self.words(mention.end, length.start)) < 8:
                last = first + (int(days[1]) - 1) * ONE
                basis = tuple(one.id or "" for one in sorted((timex, length), key=lambda one: one.start))
                edtf = f"{first}/{last}" if last > first else f"{first}"
                return Dating(dating.begin, Bounds(earliest=last, latest=last), edtf, "day", basis, "inferred")
        return dating

    def by_order(self, group: Sequence[Mention], dated: Mapping[Mention, Dating], names: Mapping[Mention, str]) -> Dating:
        """The bounds of an event without a date of its own from the order word before another event of its sentence."""
        for mention in group:
            for other in self.inside[mention.sentence]:
                if names[other] == names[mention]:
                    continue
                host, guest = (other, mention) if other.start < mention.start else (mention, other)
                word = self._order(host, guest)
                known = dated[other]
                if word is None or not known.basis:
                    continue
                basis = (names[other],)
                if host == mention:
                    if word != "trong" or known.begin != known.end or known.begin.earliest != known.begin.latest:
                        continue
                    day = known.begin.earliest  # a stay known only from a day in it
                    return Dating(Bounds(latest=day), Bounds(earliest=day), "../..", known.granularity, basis, "inferred")
                found = _ordered(word, known, basis)
                if found is not None:
                    return found
        return Dating()

    def _order(self, host: Mention, guest: Mention) -> str | None:
        """The order word with which the clause of a host before its guest begins."""
        sentence = host.sentence
        if self.clause(sentence, host.start) == self.clause(sentence, guest.start) or not host.noun:
            return None
        start = max([cut + 1 for cut in self.cuts[sentence] if cut < host.start], default=sentence[0])
        match = ORDER.match(self.text, start)
        return match["word"].casefold() if match and self.words(start, host.start) < 6 else None


def _ordered(word: str, known: Dating, basis: tuple[str, ...]) -> Dating | None:
    """One day before, after or during an event of known days."""
    first, last = known.begin.earliest, known.end.latest or known.end.earliest
    if word == "trước" and known.begin.latest:
        bound = Bounds(latest=known.begin.latest)
        return Dating(bound, bound, f"[..{bound.latest}]", known.granularity, basis, "inferred")
    if word == "sau" and (known.end.earliest or first):
        bound = Bounds(earliest=known.end.earliest or first)
        return Dating(bound, bound, f"[{bound.earliest}..]", known.granularity, basis, "inferred")
    if word == "trong" and (first or last):
        bound = Bounds(earliest=first, latest=last)
        return Dating(bound, bound, f"[{first or ''}..{last or ''}]", known.granularity, basis, "inferred")
    return None


def _month_like(timex: Timex) -> bool:
    return bool(re.fullmatch(r"\d{4}-\d\d", timex.value or "")) and timex.mod not in ("START", "MID", "END")


def _grain(timex: Timex) -> Granularity:
    """The finest unit of the bounds of a time expression."""
    if timex.earliest is None or timex.latest is None:
        return "none"
    if (timex.latest - timex.earliest).days < 28:
        return "day"
    if _month_like(timex):
        return "month"
    return "part-year" if (timex.latest - timex.earliest).days < 364 else "year"


SIZES = {"day": 10, "month": 7, "part-year": 7, "year": 4}


def _begin(timex: Timex) -> str:
    """The name of the day, month or year in which a period begins."""
    return f"{timex.earliest}"[: SIZES.get(_grain(timex), 0)]


def _end(timex: Timex) -> str:
    """The name of the day, month or year in which a period ends."""
    return f"{timex.latest}"[: SIZES.get(_grain(timex), 0)]


def _within(timex: Timex) -> str:
    """The EDTF of something that happened once in a period."""
    one, other = _begin(timex), _end(timex)
    return one if one == other else f"[{one}..{other}]"


def _lasting(one: Timex, other: Timex) -> Dating:
    """From one expression to another."""
    grain: Granularity = _grain(other)
    if grain == "month" and _grain(one) == "month":
        grain = "part-year"
    begin, end = Bounds(earliest=one.earliest, latest=one.latest), Bounds(earliest=other.earliest, latest=other.latest)
    return Dating(begin, end, f"{_begin(one)}/{_end(other)}", grain, (one.id or "", other.id or ""), "stated")
