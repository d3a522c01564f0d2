"""Events on their days, and time expressions.

Conventions
    * An event falls on the calendar days from `begin.earliest` to `end.latest`, both inclusive; a side that is not known takes
      the nearest known bound. With nothing known it claims the one atom "no date".
    * Only mentions in scored zones count; an event without one there falls away.
    * TIMEX3 values are normalised before they are compared (2031-5-4 is 2031-05-04), which the TempEval-3 toolkit does not do.
      `alternatives` of the gold count as its value.

Metrics
    `anchored` (headline)  (event type, each code point of each trigger, each day)
    `timeline`             (event type, each day) per event instance; triggers play no part
    `exact`                (event type, each code point of each trigger, the whole interval)
    `timex_strict`         time expressions of the same extent
    `timex_relaxed`        time expressions aligned one to one by overlap
    `timex_value`, `timex_type`  aligned as in relaxed, with the same value or type

Source: TempEval-3 (UzZaman et al. 2013), whose relaxed, strict, value and type F1 these are; its greedy alignment is replaced
by a maximum matching, so that order never matters.
"""

import re
from calendar import monthrange
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple, get_args

import msgspec
import numpy as np

from vnnews_bench.counts import Atoms, Claim, claims
from vnnews_bench.errors import Finding
from vnnews_bench.pairs import by_overlap, extent, points
from vnnews_bench.records import Document, Event, EventType, Modality, Record, RegistryEntry, Timex
from vnnews_bench.task import Breakdown, Documents, Metric, Task, alike
from vnnews_bench.text import fold

TYPES: tuple[str, ...] = get_args(EventType)
MODALITIES: tuple[str, ...] = get_args(Modality)
NO_DATE = 0  # no ordinal of a day is 0


class Rows(NamedTuple):
    """The events and time expressions of several texts, each with the index of its text."""

    events: list[tuple[int, Event]]
    timexes: list[tuple[int, Timex]]


def table(records: Sequence[Record], documents: Documents) -> Rows:
    """Both layers of several texts."""
    events = [(text, event) for text, record in enumerate(records) for event in record.events or ()]
    timexes = [(text, timex) for text, record in enumerate(records) for timex in record.timexes or ()]
    return Rows(events, timexes)


def days(event: Event) -> range:
    """The ordinals (`date.toordinal`) of the days of an event; `range(NO_DATE, NO_DATE + 1)` when no bound is known."""
    bounds = [event.begin.earliest, event.begin.latest, event.end.earliest, event.end.latest]
    known = [bound.toordinal() for bound in bounds if bound is not None]
    if not known:
        return range(NO_DATE, NO_DATE + 1)
    # of an event known only from inside, the begin may be bounded by a later day than the end: "not after", "not before"
    first, last = known[0], known[-1]
    return range(min(first, last), max(first, last) + 1)


def anchored(rows: Rows) -> Atoms:
    """(event type, code point of a trigger, day)."""

    def atoms(event: Event) -> list[tuple[int, ...]]:
        return [(at, day) for at in points(event.mentions) for day in days(event)]

    return _per_event(rows, atoms)


def timeline(rows: Rows) -> Atoms:
    """(event type, day)."""
    return _per_event(rows, lambda event: [(day,) for day in days(event)])


def _per_event(rows: Rows, atoms: Callable[[Event], list[tuple[int, ...]]]) -> Atoms:
    return claims(TYPES, [Claim(text, event.type, n, atoms(event)) for n, (text, event) in enumerate(rows.events)])


def exact(rows: Rows) -> Atoms:
    """(event type, code point of a trigger, the whole interval): a date that is not quite right earns nothing."""

    def atoms(event: Event) -> list[tuple[int, ...]]:
        return [(at, days(event)[0], days(event)[-1]) for at in points(event.mentions)]

    return _per_event(rows, atoms)


def timex_strict(rows: Rows) -> Atoms:
    """(start, end) of a time expression."""
    single = [Claim(text, "", n, [(t.start, t.end)]) for n, (text, t) in enumerate(rows.timexes)]
    return claims((), single, labelled=False)


Agree = Callable[[Timex, Timex], bool]


def aligned(agree: Agree) -> Callable[[Rows, Rows], tuple[Atoms, Atoms]]:
    """The metric that counts pairs of a maximum matching by overlap that also agree in something."""

    def atoms(gold: Rows, predicted: Rows) -> tuple[Atoms, Atoms]:
        matched = matching(gold, predicted, agree)
        pairs = {b: a for a, b in matched if agree(gold.timexes[a][1], predicted.timexes[b][1])}
        size = len(gold.timexes)
        left = [Claim(text, "", n, [(n,)]) for n, (text, _) in enumerate(gold.timexes)]
        right = [Claim(text, "", n, [(pairs.get(n, size + n),)]) for n, (text, _) in enumerate(predicted.timexes)]
        return claims((), left, labelled=False), claims((), right, labelled=False)

    return atoms


def matching(gold: Rows, predicted: Rows, agree: Agree) -> list[tuple[int, int]]:
    """Pairs of indices of overlapping time expressions: as many as possible, then overlapping most, then agreeing most.

    In that order of worth the number of agreeing pairs is the same for every order of the input. Text by text, so that the
    matrix stays small.
    """
    from scipy.optimize import linear_sum_assignment

    found = []
    texts = {text for text, _ in gold.timexes} & {text for text, _ in predicted.timexes}
    for text in sorted(texts):
        left, right = ([n for n, (t, _) in enumerate(side) if t == text] for side in (gold.timexes, predicted.timexes))
        pairs = [[(gold.timexes[a][1], predicted.timexes[b][1]) for b in right] for a in left]
        shared = np.array([[_overlap(*pair) for pair in row] for row in pairs], dtype=np.int64)
        agreed = np.array([[agree(*pair) for pair in row] for row in pairs], dtype=np.int64)
        # one more pair outweighs any gain of overlap, one more code point any gain of agreement
        worth = np.where(shared > 0, (shared + shared.sum() + 1) * (len(left) + len(right)) + agreed, 0)
        for a, b in zip(*linear_sum_assignment(worth, maximize=True), strict=True):
            if shared[a, b] > 0:
                found.append((left[a], right[b]))
    return found


def _overlap(one: Timex, other: Timex) -> int:
    return max(0, min(one.end, other.end) - max(one.start, other.start))


def normalised(value: str | None) -> str | None:
    """A TIMEX3 value with two-digit months, days and hours and capital letters."""
    if value is None:
        return None
    return re.sub(r"(?<=[-T:])(\d)(?=$|[-T:])", r"0\1", value.strip().upper())


def same_value(gold: Timex, predicted: Timex) -> bool:
    """Whether the predicted value is the gold's, or one of its alternatives."""
    accepted = {normalised(value) for value in (gold.value, *gold.alternatives) if value is not None}
    return normalised(predicted.value) in accepted


def modality(records: Sequence[Record], documents: Documents, known: Counter[Any]) -> list[str]:
    """For every event, its modality; one without is actual."""
    return [event.modality or "actual" for record in records for event in record.events or ()]


def without_dates(gold: Record) -> Record:
    """What the track with given triggers hands to a system: type and mentions of the events."""
    events = tuple(Event(id=event.id, type=event.type, mentions=event.mentions) for event in gold.events or ())
    return Record(id=gold.id, events=events)


def without_dct(gold: Record) -> Record:
    """The gold of the track without a document date: time expressions with what the text alone says of them, no events."""
    timexes = tuple(msgspec.structs.replace(timex, value=timex.value_nodct, alternatives=()) for timex in gold.timexes or ())
    return msgspec.structs.replace(gold, timexes=timexes, events=None)


def granularities(gold: Record, predicted: Record) -> list[tuple[str, str]]:
    """Gold and predicted granularity of the events whose triggers overlap."""
    left, right = gold.events or (), predicted.events or ()
    return [(_granularity(left[a]), _granularity(right[b])) for a, b in by_overlap(left, right)]


def _granularity(event: Event) -> str:
    """As stated, or else what the number of days says."""
    length = len(days(event)) if days(event)[0] != NO_DATE else 0
    return event.granularity or ("none" if not length else "day" if length == 1 else "month" if length <= 31 else "year")


def differences(gold: Event | Timex, predicted: Event | Timex) -> list[tuple[str, str]]:
    """In what a predicted event or time expression differs from the gold one that it overlaps."""
    found = []
    if gold.type != predicted.type:
        found.append(("type", f"{predicted.type} for {gold.type}"))
    if extent(gold) != extent(predicted):
        found.append(("boundary", ""))
    if isinstance(gold, Timex) and isinstance(predicted, Timex) and not same_value(gold, predicted):
        found.append(("wrong value", f"{predicted.value} for {gold.value}"))
    if isinstance(gold, Event) and isinstance(predicted, Event) and days(gold) != days(predicted):
        found.append(("wrong date", _off(days(gold), days(predicted))))
    return found


def _off(gold: range, predicted: range) -> str:
    """How far a predicted interval is off, in days between its nearest day and the gold's."""
    names = [
        "no date" if side[0] == NO_DATE else f"{date.fromordinal(side[0])}/{date.fromordinal(side[-1])}"
        for side in (gold, predicted)
    ]
    if "no date" in names:
        return f"{names[1]} for {names[0]}"
    gap = max(0, gold[0] - predicted[-1], predicted[0] - gold[-1])
    return f"{names[1]} for {names[0]}, {f'{gap} days off' if gap else 'overlapping'}"


def check(record: Record, document: Document, registry: Mapping[str, RegistryEntry]) -> Iterator[Finding]:
    """What breaks the guidelines in the two layers of dates of a gold record."""
    ids = {timex.id for timex in record.timexes or ()} | {event.id for event in record.events or ()}
    for n, timex in enumerate(record.timexes or ()):
        yield from _timex(timex, f"$.timexes[{n}]", ids)
    for n, event in enumerate(record.events or ()):
        yield from _event(event, f"$.events[{n}]", ids)


VALUE = re.compile(
    r"(PAST|PRESENT|FUTURE)_REF"
    r"|P(T?[\dX]+(\.5)?(DE|CE|[YMWDHS]))+|P[\dX]+[YMWD]T?([\dX]+[HMS])*|PT([\dX]+[HMS])+"
    r"|[\dX]{2,4}(-(H[12X]|Q[1-4X]|SP|SU|FA|WI|[\dX]{2}|W[\dX]{2}(-[1-7X])?))?(-[\dX]{2})?"
    r"(T(MO|MI|AF|EV|NI|[\dX]{2}:[\dX]{2}))?"
)


def _timex(timex: Timex, path: str, ids: set[str | None]) -> Iterator[Finding]:
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
    if span is not None and (timex.earliest, timex.latest) != span:
        message = (
            f"{timex.value} {timex.mod or ''} is {span[0]} to {span[1]}, the bounds are {timex.earliest} to {timex.latest}"
        )
        yield Finding(code="timex-bounds", path=path, message=message)
    # "ngày thứ hai" counts the days of something
    named = re.search(r"\b(?<!ngày )(?:thứ (hai|ba|tư|năm|sáu|bảy)|chủ nhật)\b", fold(timex.text or ""))
    if named is not None and whole[0] == whole[1] and whole[0].weekday() != WEEKDAYS.get(named[1], 6):
        message = f"{timex.value} is no {named[0]}"
        yield Finding(code="timex-weekday", path=f"{path}.value", message=message)


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


def _month_end(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def _event(event: Event, path: str, ids: set[str | None]) -> Iterator[Finding]:
    for name in ("id", "modality", "granularity", "certainty"):
        if getattr(event, name) is None:
            yield Finding(code="event-incomplete", path=path, message=f"an event of the gold has `{name}`")
    bounds = [event.begin.earliest, event.begin.latest, event.end.earliest, event.end.latest]
    for a, b in ((0, 1), (2, 3), (0, 3)):
        one, other = bounds[a], bounds[b]
        if one is not None and other is not None and one > other:
            yield Finding(code="date-bounds", path=path, message=f"{one} lies after {other}")
    for i, basis in enumerate(event.basis):
        if basis != "dct" and basis not in ids:
            message = f"{basis!r} is neither dct nor the id of a time expression or an event"
            yield Finding(code="event-basis", path=f"{path}.basis[{i}]", message=message)
    dated = any(bound is not None for bound in bounds)
    if dated != (event.edtf is not None) or dated != (event.certainty != "unknown") or dated != bool(event.basis):
        message = "bounds, edtf, certainty and basis are there together or not at all"
        yield Finding(code="event-undated", path=path, message=message)
    if (event.granularity == "none") == dated:
        message = f"granularity is none exactly when there is no date, here {event.granularity}"
        yield Finding(code="event-undated", path=f"{path}.granularity", message=message)
    yield from _edtf(event, path)


def _edtf(event: Event, path: str) -> Iterator[Finding]:
    """EDTF parses (ISO 8601-2, levels 1 and 2) and spans the bounds."""
    if event.edtf is None:
        return
    from edtf import EDTFParseException, parse_edtf

    try:
        parse_edtf(event.edtf)
    except EDTFParseException:
        message = f"{event.edtf!r} is no EDTF; dates.md, part C5 lists the forms"
        yield Finding(code="event-edtf", path=f"{path}.edtf", message=message)
        return
    parts = [calendar(part) for part in re.findall(r"\d[\d-]*", event.edtf)]
    known = [span for span in parts if span is not None]
    if not known:
        return
    found = days(event)
    begins = known[0][0].toordinal() == found[0] or event.edtf.lstrip("[").startswith("..")
    ends = known[-1][1].toordinal() == found[-1] or event.edtf.rstrip("]").endswith("..")
    if not begins or not ends:
        message = f"{event.edtf} does not span {date.fromordinal(found[0])} to {date.fromordinal(found[-1])}"
        yield Finding(code="event-edtf", path=f"{path}.edtf", message=message)


TASK = Task(
    name="dates",
    about="events on their days, and time expressions",
    labels=TYPES,
    zones=("title", "body", "caption", "subhead"),
    table=table,
    metrics={
        "anchored": alike("events", anchored),
        "timeline": alike("events", timeline),
        "exact": alike("events", exact),
        "timex_value": Metric("timexes", aligned(same_value)),
        "timex_strict": alike("timexes", timex_strict),
        "timex_relaxed": Metric("timexes", aligned(lambda gold, predicted: True)),
        "timex_type": Metric("timexes", aligned(lambda gold, predicted: gold.type == predicted.type)),
    },
    check=check,
    breakdown=Breakdown("modality", MODALITIES, modality),
    differences=differences,
    given=("triggers", without_dates),
    without_dct=without_dct,
    confusion=("granularity", granularities),
)
