"""Time expressions and events by rule: in `dating`, `timexes` finds, `normaliser` reads, `events` dates the events.

What this module adds is the context of a reading.

    origin     the document date; in a section with its own date, that date; for anaphoric words ("cùng ngày", "trước đó một
               ngày") the nearest day before them; in a dated quotation the day of the speech
    direction  the nearest cue in the clause: "đã", "hồi" look back, "sẽ", "dự kiến" look ahead
    story      a sentence that opens with a year is told in it, and so is the sentence after
    forward    the first part of a list or range takes month and year from the last; a clock with its day behind it likewise

Without a document date the values are what the words and the other dates of the text give, with X for the rest.
"""

import re
from bisect import bisect_right
from typing import Literal, NamedTuple

from vnnews_baselines.dating import events
from vnnews_baselines.dating.calendars import Day, date, span
from vnnews_baselines.dating.normaliser import read
from vnnews_baselines.dating.periods import Context, Reading
from vnnews_baselines.dating.timexes import Found, find
from vnnews_bench.records import Document, Record, Timex, Zone
from vnnews_bench.text import fold

UNMARKED = ("nav", "credit", "promo")
# any day will do: what depends on it does not reach the values when the document date is not known
NOWHERE = Day(2001, 6, 15)
AHEAD = re.compile(
    r"(?<![^\W_])(?:sẽ|dự[\s_]kiến|sắp(?![\s_]xếp)|kế[\s_]hoạch|chuẩn[\s_]bị|dự[\s_]định)(?![^\W_])", re.IGNORECASE
)
BACK = re.compile(r"(?<![^\W_])(?:đã|từng|vừa|(?<!phục[\s_])hồi|bị|kể[\s_]từ)(?![^\W_])", re.IGNORECASE)
BREAK = re.compile(r"[;:!?“”\"\n]|\.(?=\s|$)")
EVENT_NOUN = re.compile(
    r"[\s_]*(?:khi|cuộc|chuyến|buổi|vụ|trận|hội|lễ|cái|phiên|đợt|sự|bầu|chiến|ngày|gặp|thăm)(?![^\W_])", re.IGNORECASE
)
SPEECH = re.compile(
    r"(?:nói|cho[\s_]biết|tuyên[\s_]bố|phát[\s_]biểu|khẳng[\s_]định|trả[\s_]lời|viết|chia[\s_]sẻ|nhấn[\s_]mạnh)", re.IGNORECASE
)
UNTIL = re.compile(r"[\s_]*(?:[-–]|đến|tới|cho[\s_]đến)[\s_]*(?:hết[\s_]*)?$", re.IGNORECASE)
SAME_DAY = frozenset({"đó", "ấy", "sau", "trước", "theo", "tiếp"})
DAY_PARTS = frozenset({"deictic", "when", "day", "day2", "day3", "weekday", "sunday"})


class Placed(NamedTuple):
    """An expression with its reading and what that is counted from: `None` for the document date, else the index of another."""

    found: Found
    reading: Reading
    anchor: int | None = None


def tag(document: Document, given: Record | None = None) -> Record:
    """The time expressions, and the events: found by the rules, or those of `given` with dates and modality."""
    timexes = tag_timexes(document)
    found = events.tag(document, timexes, given.events if given is not None else None)
    return Record(id=document.id, timexes=tuple(timexes), events=tuple(found))


def tag_timexes(document: Document) -> list[Timex]:
    """The time expressions of a document."""
    return Reader(document).timexes()


class Reader:
    """A document read from front to back, then once more for what is counted from something behind it."""

    def __init__(self, document: Document) -> None:
        self.document, self.text = document, document.text
        self.dct = Day.fromisoformat(document.dct.date[:10]) if document.dct else None
        self.sentences = document.sentences or ((0, len(self.text)),)
        self.starts = [start for start, _ in self.sentences]
        self.zone_starts = [zone.start for zone in document.zones]
        self.placed: list[Placed] = []
        self.found = [one for one in find(self.text) if not ((zone := self.zone(one.start)) and zone.type in UNMARKED)]

    def zone(self, at: int) -> Zone | None:
        """The zone that holds a place."""
        n = bisect_right(self.zone_starts, at) - 1
        return self.document.zones[n] if n >= 0 and at < self.document.zones[n].end else None

    def sentence(self, at: int) -> int:
        """The number of the sentence that holds a place."""
        return max(bisect_right(self.starts, at) - 1, 0)

    def origin(self, at: int) -> Day:
        """The day from which the deictics at a place are counted."""
        zone = self.zone(at)
        return (zone.section_time if zone else None) or self.dct or NOWHERE

    def timexes(self) -> list[Timex]:
        """All of them."""
        story: tuple[int, int, int] | None = None  # year, sentence, index
        for n, found in enumerate(self.found):
            if found.kind == "part":
                self.placed.append(Placed(found, Reading("DATE", "", "")))
                continue
            sentence = self.sentence(found.start)
            if story and sentence > story[1] + 1:
                story = None
            self.placed.append(self._place(n, found, story))
            year = found.parts.get("year", "") if found.kind == "period" else ""
            opening = self.text[self.sentences[sentence][0] : found.start].strip(" _\n")
            if year and opening.casefold() in ("", "vào", "trong", "hồi") and int(year) != self.origin(found.start).year:
                story = (int(year), sentence, n)
        for n in range(len(self.placed) - 1, -1, -1):
            self._look_ahead(n)
        self._apposed()
        self._in_sections()
        return [self._timex(n) for n in range(len(self.placed))]

    def _place(self, n: int, found: Found, story: tuple[int, int, int] | None) -> Placed:
        looks = self.looks(found)
        if self._anaphoric(found) and (base := self._day_before(n)) is not None:
            context = Context(self.day(base), looks)
            return Placed(found, self._veiled(read(found, context), base), base)
        bare = {"day", "day2", "tmonth"} & found.parts.keys() and {"tail", "inyear", "digits", "mshift"}.isdisjoint(found.parts)
        if story and bare and looks < 1 and not read(found, Context(self.origin(found.start))).explicit:
            reading = read(found, Context(self.origin(found.start), looks, story[0]))
            return Placed(found, self._veiled(reading, story[2]), story[2])
        return Placed(found, self._with_year(n, read(found, Context(self.origin(found.start), looks))))

    def day(self, n: int) -> Day:
        """The day of an expression that has one."""
        bounds = self.placed[n].reading.bounds
        return bounds[0] if bounds else self.origin(self.found[n].start)

    def looks(self, found: Found) -> int:
        """Whether the clause of an expression looks ahead (1), back (-1) or neither (0): the nearest cue decides."""
        first, last = self.sentences[self.sentence(found.start)]
        before = self.text[max(first, found.start - 160) : found.start]
        before = before[max([match.end() for match in BREAK.finditer(before)], default=0) :]
        before = before[before.rfind(",") + 1 :]
        cues = sorted((match.end(), sign) for sign, cue in ((1, AHEAD), (-1, BACK)) for match in cue.finditer(before))
        if cues:
            return cues[-1][1]
        if len(before.split()) > 3:
            return 0
        after = self.text[found.end : min(last, found.end + 100)]
        end = BREAK.search(after)
        after = after[: end.start()] if end else after
        cues = sorted((match.start(), sign) for sign, cue in ((1, AHEAD), (-1, BACK)) for match in cue.finditer(after))
        return cues[0][1] if cues else 0

    def _anaphoric(self, found: Found) -> bool:
        parts = found.parts
        deictic = fold(parts.get("deictic", ""))
        if deictic == "cùng ngày" or (deictic and deictic.split()[-1] in SAME_DAY):
            return True
        if found.kind == "point":
            return DAY_PARTS.isdisjoint(parts) or fold(parts.get("tail", "")) == "cùng năm"
        if found.kind == "counted":
            words = (fold(parts.get("pre", "")), fold(parts.get("post", "")))
            event = words[1] == "trước" and EVENT_NOUN.match(self.text, found.end)
            return bool(event) or words[0] in ("trước đó", "sau đó") or words[1] in ("trước đó", "sau đó", "sau")
        shift = fold(parts.get("week") or parts.get("month") or parts.get("yshift") or parts.get("inyear") or "")
        return "same" in parts or shift.split()[-1:] in (["đó"], ["ấy"]) or shift == "cùng năm"

    def _is_day(self, n: int) -> bool:
        reading = self.placed[n].reading
        return reading.bounds is not None and reading.bounds[0] == reading.bounds[1] and reading.type in ("DATE", "TIME")

    def _day_before(self, n: int) -> int | None:
        """The nearest expression before that is a day; for "năm đó", "cùng tháng" any point in time."""
        parts = self.found[n].parts
        wide = self.found[n].kind == "period" or fold(parts.get("unit", "")) in ("tháng", "năm", "tuần")
        for m in range(n - 1, max(n - 12, -1), -1):
            if self._is_day(m) or (wide and self.placed[m].reading.bounds and self.placed[m].reading.type == "DATE"):
                clock = self.found[n].kind == "point" and "deictic" not in parts and "tail" not in parts
                if clock and self.sentence(self.found[n].start) > self.sentence(self.found[m].start) + 1:
                    return None
                root = self.placed[m].anchor  # "cùng ngày" only repeats the day of another
                return root if root is not None and root < m and self.day(root) == self.day(m) else m
        return None

    def _veiled(self, reading: Reading, base: int) -> Reading:
        """The reading with what its base leaves open without a document date."""
        known = self.placed[base].reading.nodct
        if "X" not in known:
            masked = reading.value
        elif re.match(r"XXXX-\d\d", known) and re.match(r"\d{4}-\d\d", reading.value):
            masked = "XXXX" + reading.value[4:] if re.match(r"XXXX-\d\d-\d\d", known) else reading.nodct
        else:
            masked = (
                known.partition("T")[0] + reading.value[10:]
                if reading.value[:10] == self.placed[base].reading.value[:10]
                else reading.nodct
            )
        return reading._replace(nodct=masked, explicit=False)

    def _with_year(self, n: int, reading: Reading) -> Reading:
        """The year of a full date in the same sentence or the one before counts for a bare day after it."""
        if not re.match(r"XXXX-\d\d-\d\d", reading.nodct) or reading.type == "SET":
            return reading
        for m in range(n - 1, max(n - 6, -1), -1):
            near = self.sentence(self.found[n].start) - self.sentence(self.found[m].start) <= 1
            other = self.placed[m].reading
            if near and other.explicit and self._is_day(m):
                if self.dct is None:  # only now the year is known at all
                    value = other.value[:4] + reading.nodct[4:]
                    return reading._replace(value=value, nodct=value, bounds=span(value))
                if other.value[:4] == reading.value[:4]:
                    return reading._replace(nodct=reading.value)
        return reading

    def _look_ahead(self, n: int) -> None:
        """What takes something from the expression behind it."""
        found = self.found[n]
        after = next((m for m in range(n + 1, min(n + 6, len(self.placed))) if self._is_day(m)), None)
        same = after is not None and self.sentence(self.found[after].start) == self.sentence(found.start)
        if found.kind == "part":
            self.placed[n] = self._part(n, after if after is not None else n)
        elif found.kind == "period" and "tmonth" in found.parts and n + 1 < len(self.placed):
            following = self.placed[n + 1]
            bare = {"inyear", "digits", "mshift"}.isdisjoint(found.parts)
            if (
                bare
                and following.found.parts.keys() & {"inyear", "digits"}
                and UNTIL.search(self.text[found.end : following.found.start])
            ):
                year = int(following.reading.value[:4])
                earlier = read(found, Context(self.origin(found.start), 0, year))
                if earlier.value > following.reading.value:
                    earlier = read(found, Context(self.origin(found.start), 0, year - 1))
                self.placed[n] = Placed(found, self._veiled(earlier, n + 1), n + 1)
        elif same and after is not None and self._counts_from_behind(n, after):
            again = read(found, Context(self.day(after), self.looks(found)))
            self.placed[n] = Placed(found, self._veiled(again, after), after)

    def _part(self, n: int, after: int) -> Placed:
        """The day "4" of "4 và 5/5"."""
        found, last = self.found[n], self.day(after)
        number = int(found.parts["lonely"])
        on = date(last.year, last.month, number) or last
        spell = read(found._replace(kind="point"), Context(on))
        reading = spell._replace(value=on.isoformat() + spell.value[10:], bounds=(on, on))
        return Placed(found, self._veiled(reading, after), after)

    def _counts_from_behind(self, n: int, after: int) -> bool:
        found, parts = self.found[n], self.found[n].parts
        between = self.text[found.end : self.found[after].start]
        if found.kind == "nth":
            return True
        if found.kind == "counted":
            return fold(parts.get("post", "")) in ("sau", "trước") and "," not in between and bool(EVENT_NOUN.match(between))
        if found.kind != "point":
            return False
        if DAY_PARTS.isdisjoint(parts):  # a clock: its own sentence comes first
            anchor = self.placed[n].anchor
            own = anchor is not None and self.sentence(self.found[anchor].start) == self.sentence(found.start)
            return not own and len(between.split()) < 8
        if not {"deictic", "when"} & parts.keys():
            return False
        opened, closed = self.text.rfind("“", 0, found.start), between.rfind("”")
        inside = opened >= 0 and "”" not in self.text[opened : found.start] and closed >= 0
        return inside and bool(SPEECH.search(between, closed)) and "“" not in between

    def _in_sections(self) -> None:
        """In a section with its own date the deictics are anchored to the expression that gives the date."""
        for n, (found, reading, anchor) in enumerate(self.placed):
            zone = self.zone(found.start)
            if zone is None or zone.section_time is None or anchor is not None or reading.explicit or "X" not in reading.nodct:
                continue
            inside = (
                m for m, one in enumerate(self.placed) if zone.start <= one.found.start < zone.end and one.reading.explicit
            )
            base = next((m for m in inside if self.placed[m].reading.bounds and self.day(m) == zone.section_time), None)
            if base is not None and reading.type != "SET":
                self.placed[n] = Placed(found, reading._replace(nodct=reading.value), base)

    def _apposed(self) -> None:
        """Of "hôm qua (11/5)" both have the day and month."""
        for n in range(len(self.placed) - 1):
            one, other = self.placed[n], self.placed[n + 1]
            between = self.text[one.found.end : other.found.start]
            if one.reading.value[:10] == other.reading.value[:10] and re.fullmatch(r"[\s_]*[(,]?[\s_]*(?:tức[\s_]+)?", between):
                known = min(one.reading.nodct[:10], other.reading.nodct[:10], key=lambda words: words.count("X"))
                for m, each in ((n, one), (n + 1, other)):
                    self.placed[m] = each._replace(reading=each.reading._replace(nodct=known + each.reading.nodct[10:]))

    def _timex(self, n: int) -> Timex:
        found, reading, base = self.placed[n]
        zone, value, bounds = self.zone(found.start), reading.value, reading.bounds
        section = zone.section_time if zone else None
        if self.dct is None and section is None:
            value, bounds = reading.nodct, None if "X" in reading.nodct else bounds
            if not reading.explicit and reading.type == "DURATION":
                bounds = None
        anchor: str | None = f"t{base + 1}" if base is not None else "explicit" if reading.explicit else "dct"
        if reading.type == "SET" or (reading.type == "DURATION" and bounds is None):
            anchor = None
        return Timex(
            id=f"t{n + 1}",
            start=found.start,
            end=found.end,
            text=self.text[found.start : found.end],
            type=reading.type,
            value=value,
            mod=reading.mod,
            function=self._function(zone, reading),
            anchor=anchor,
            earliest=bounds[0] if bounds else None,
            latest=bounds[1] if bounds else None,
            value_nodct=reading.nodct,
        )

    def _function(self, zone: Zone | None, reading: Reading) -> Literal["CREATION_TIME", "SECTION_TIME"] | None:
        """A full date that is the date of its section, or that of the document at the head of the article."""
        if zone is None or not reading.explicit or reading.bounds is None:
            return None
        if reading.bounds[0] == zone.section_time:
            return "SECTION_TIME"
        return "CREATION_TIME" if reading.bounds[0] == self.dct and zone.type in ("title", "byline", "dateline") else None
