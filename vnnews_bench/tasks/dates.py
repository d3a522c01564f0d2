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
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from itertools import accumulate, chain
from operator import attrgetter
from typing import Any, NamedTuple, get_args

import msgspec
import numpy as np
from numpy.typing import NDArray

from vnnews_bench import timex3
from vnnews_bench.counts import Atoms, Columns, Ints, code, columns, shared_out, whole
from vnnews_bench.errors import Finding
from vnnews_bench.pairs import Extents, assigned, components, extent, flattened, one_to_one, overlaps, ranges, united
from vnnews_bench.records import Document, Event, EventType, Granularity, Modality, Record, RegistryEntry, Timex, TimexType
from vnnews_bench.task import Breakdown, Documents, Metric, Task, alike
from vnnews_bench.timex3 import calendar, normalised

TYPES: tuple[str, ...] = get_args(EventType)
MODALITIES: tuple[str, ...] = get_args(Modality)
GRANULARITIES: tuple[str, ...] = get_args(Granularity)
NO_DATE = 0  # no ordinal of a day is 0
NO_VALUE = -1  # no code of a value is negative
BOUNDS = ("begin.earliest", "begin.latest", "end.earliest", "end.latest")


class Events(NamedTuple):
    """The events of several texts, one row each; days as ordinals (`date.toordinal`), both inclusive."""

    type: Ints  # index into TYPES
    first: Ints
    last: Ints
    granularity: Ints  # index into GRANULARITIES
    triggers: Extents


class Timexes(NamedTuple):
    """The time expressions of several texts, one row each."""

    start: Ints
    end: Ints
    type: Ints  # index into the types, -1 for none
    value: Ints  # code of the normalised value
    first: Ints  # the alternatives of row n are alternatives[first[n] : first[n + 1]]
    alternatives: Ints
    extents: Extents


class Rows(NamedTuple):
    """Both layers of several texts; a row keeps the order of its layer."""

    events: Events
    timexes: Timexes


def table(records: Sequence[Record], documents: Documents, entities: Columns | None = None) -> Rows:
    """Both layers of several texts."""
    return Rows(_events(*_layer(records, "events")), _timexes(*_layer(records, "timexes")))


def _layer(records: Sequence[Record], name: str) -> tuple[list[Any], Ints]:
    """The annotations of a layer, and the text of each."""
    layers = [items or () for items in map(attrgetter(name), records)]
    text = np.repeat(np.arange(len(layers)), np.fromiter(map(len, layers), np.int64, len(layers)))
    return list(chain.from_iterable(layers)), text


def _column(items: Sequence[Any], field: str, number: Callable[[Any], int] | None = None) -> Ints:
    """A field of each annotation as a number."""
    values = map(attrgetter(field), items)
    return np.fromiter(values if number is None else map(number, values), np.int64, len(items))


def _index(names: Sequence[str]) -> Callable[[str | None], int]:
    """The place of a name in a list; -1 for none."""
    places: dict[str | None, int] = {None: -1}
    places |= {name: n for n, name in enumerate(names)}
    return places.__getitem__


def _events(events: Sequence[Event], text: Ints) -> Events:
    first, last = _intervals(events)
    grain = _index(GRANULARITIES)
    length = last - first + 1
    by_length = np.select(
        [first == NO_DATE, length == 1, length <= 31], [grain("none"), grain("day"), grain("month")], grain("year")
    )
    stated = _column(events, "granularity", grain)
    granularity = np.where(stated < 0, by_length, stated)
    return Events(
        _column(events, "type", _index(TYPES)),
        first,
        last,
        granularity,
        Extents(text, *united(*flattened(events, "mentions"))),
    )


def _intervals(events: Sequence[Event]) -> tuple[Ints, Ints]:
    """The first and the last day of events; NO_DATE for one of which no bound is known."""
    bounds = list(chain.from_iterable(map(attrgetter(*BOUNDS), events)))
    ordinals = np.full((len(events), len(BOUNDS)), NO_DATE)
    known = np.fromiter(map(bool, bounds), np.bool_, len(bounds)).reshape(ordinals.shape)
    ordinals[known] = np.fromiter(map(date.toordinal, filter(None, bounds)), np.int64)
    row = np.arange(len(events))
    begin, end = ordinals[row, known.argmax(axis=1)], ordinals[row, -1 - known[:, ::-1].argmax(axis=1)]
    # of an event known only from inside, the begin may be bounded by a later day than the end: "not after", "not before"
    return np.minimum(begin, end), np.maximum(begin, end)


def days(event: Event) -> range:
    """The ordinals (`date.toordinal`) of the days of an event; `range(NO_DATE, NO_DATE + 1)` when no bound is known."""
    first, last = _intervals([event])
    return range(int(first[0]), int(last[0]) + 1)


def _timexes(timexes: Sequence[Timex], text: Ints) -> Timexes:
    coded = cache(_code)
    start, end = _column(timexes, "start"), _column(timexes, "end")
    others = list(map(attrgetter("alternatives"), timexes))
    return Timexes(
        start,
        end,
        _column(timexes, "type", _index(get_args(TimexType))),
        _column(timexes, "value", coded),
        np.fromiter(chain([0], accumulate(map(len, others))), np.int64, len(others) + 1),
        np.fromiter(map(coded, chain.from_iterable(others)), np.int64),
        Extents(text, *united(np.arange(len(text)), start, end)),
    )


def _code(value: str | None) -> int:
    form = normalised(value)
    return NO_VALUE if form is None else code(form)


def anchored(rows: Rows) -> Atoms:
    """(event type, code point of a trigger, day)."""
    _, owner, start, end = rows.events.triggers
    row = np.repeat(owner, end - start)
    return _claimed(rows.events, row, (ranges(start, end),), rows.events.first[row], rows.events.last[row] + 1)


def timeline(rows: Rows) -> Atoms:
    """(event type, day)."""
    return _claimed(rows.events, np.arange(len(rows.events.type)), (), rows.events.first, rows.events.last + 1)


def exact(rows: Rows) -> Atoms:
    """(event type, code point of a trigger, the whole interval): a date that is not quite right earns nothing."""
    _, owner, start, end = rows.events.triggers
    return _claimed(rows.events, owner, (rows.events.first[owner], rows.events.last[owner]), start, end)


def _claimed(events: Events, row: Ints, key: tuple[Ints, ...], start: Ints, end: Ints) -> Atoms:
    return shared_out(Atoms(TYPES, events.triggers.text[row], events.type[row], key, start, end, np.zeros_like(row), row))


def timex_strict(rows: Rows) -> Atoms:
    """(start, end) of a time expression."""
    return _single(rows.timexes, (rows.timexes.start, rows.timexes.end))


def _single(timexes: Timexes, key: tuple[Ints, ...]) -> Atoms:
    text = timexes.extents.text
    return whole(columns((), text, np.zeros_like(text), timexes.start, timexes.end), key, labelled=False)


Agree = Callable[[Timexes, Timexes, Ints, Ints], NDArray[np.bool_]]  # of pairs of a gold and a predicted row


def aligned(agree: Agree) -> Callable[[Rows, Rows], tuple[Atoms, Atoms]]:
    """The metric that counts pairs of a maximum matching by overlap that also agree in something."""

    def atoms(gold: Rows, predicted: Rows) -> tuple[Atoms, Atoms]:
        left, right = gold.timexes, predicted.timexes
        a, b = agreeing(left, right, agree)
        size = len(left.start)
        partner = size + np.arange(len(right.start))
        partner[b] = a
        return _single(left, (np.arange(size),)), _single(right, (partner,))

    return atoms


def agreeing(gold: Timexes, predicted: Timexes, agree: Agree) -> tuple[Ints, Ints]:
    """The agreeing pairs of a matching: as many pairs as possible, then overlapping most, then agreeing most.

    In that order of worth the number of agreeing pairs is the same for every order of the input. A component, the time
    expressions that a chain of overlaps joins, is matched by itself; with one of them on either side its best pair is it all.
    """
    a, b, shared = overlaps(gold.extents, predicted.extents)
    agreed = agree(gold, predicted, a, b)
    component = components(a, b)
    order = np.lexsort((agreed, shared, component))
    a, b, shared, agreed = a[order], b[order], shared[order], agreed[order]
    first = np.flatnonzero(np.diff(component[order], prepend=-1))
    last = np.append(first, len(order))[1:]
    chosen = np.zeros(len(order), np.bool_)
    chosen[last - 1] = True
    one, other = (np.minimum.reduceat(side, first) == np.maximum.reduceat(side, first) for side in (a, b))
    for n in np.flatnonzero(~one & ~other):
        pairs = slice(first[n], last[n])
        chosen[pairs] = _assigned(a[pairs], b[pairs], shared[pairs], agreed[pairs])
    return a[chosen & agreed], b[chosen & agreed]


def _assigned(a: Ints, b: Ints, shared: Ints, agreed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The pairs of a component that make its matching."""
    (left, a), (right, b) = (np.unique(side, return_inverse=True) for side in (a, b))
    # one more pair outweighs any gain of overlap, one more code point any gain of agreement
    worth = (shared + shared.sum() + 1) * (min(len(left), len(right)) + 1) + agreed
    return assigned(a, b, worth, (len(left), len(right)))


def same_values(gold: Timexes, predicted: Timexes, a: Ints, b: Ints) -> NDArray[np.bool_]:
    """Whether the predicted value is the gold's, or one of its alternatives, for pairs of rows."""
    value = predicted.value[b]
    same: NDArray[np.bool_] = (gold.value[a] == value) & (value != NO_VALUE)
    first, last = gold.first[a], gold.first[a + 1]
    pair = np.repeat(np.arange(len(a)), last - first)
    same[pair[gold.alternatives[ranges(first, last)] == value[pair]]] = True
    return same


def same_types(gold: Timexes, predicted: Timexes, a: Ints, b: Ints) -> NDArray[np.bool_]:
    """Whether the types are the same, or both not given, for pairs of rows."""
    same: NDArray[np.bool_] = gold.type[a] == predicted.type[b]
    return same


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


def granularities(gold: Rows, predicted: Rows) -> Counter[tuple[str, str]]:
    """How often each gold granularity met each predicted one, over events paired by their triggers.

    It is the one stated, or else what the number of days says.
    """
    a, b = one_to_one(gold.events.triggers, predicted.events.triggers)
    size = len(GRANULARITIES)
    met = np.bincount(gold.events.granularity[a] * size + predicted.events.granularity[b], minlength=size * size)
    return Counter({(GRANULARITIES[n // size], GRANULARITIES[n % size]): int(met[n]) for n in np.flatnonzero(met)})


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
        yield from timex3.check(timex, f"$.timexes[{n}]", ids)
    for n, event in enumerate(record.events or ()):
        yield from _event(event, f"$.events[{n}]", ids)


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
    if not timex3.is_edtf(event.edtf):
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
        "timex_value": Metric("timexes", aligned(same_values)),
        "timex_strict": alike("timexes", timex_strict),
        "timex_relaxed": Metric("timexes", aligned(lambda gold, predicted, a, b: np.ones(len(a), np.bool_))),
        "timex_type": Metric("timexes", aligned(same_types)),
    },
    check=check,
    breakdown=Breakdown("modality", MODALITIES, modality),
    differences=differences,
    given=("triggers", without_dates),
    without_dct=without_dct,
    confusion=("granularity", granularities),
)
