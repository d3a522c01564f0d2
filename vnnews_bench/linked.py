"""Level 5 of validation: what must agree across articles.

`events.json` links the events of several articles that are one event in the world; their dates must allow a common one. A
name stands for one entity everywhere, unless `exceptions.json` gives the reason why it does not.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import combinations

import msgspec

from vnnews_bench.errors import Finding
from vnnews_bench.records import Bounds, Document, Event, Record
from vnnews_bench.text import fold


class Link(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One event in the world: its id, what it was, and the ids of its events by document."""

    id: str
    about: str
    events: dict[str, list[str]]


class Shared(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A name that several entities have, and why."""

    name: str
    entities: list[str]
    reason: str


def events(links: list[Link], gold: Mapping[str, Record]) -> Iterator[Finding]:
    """Links to events that do not exist, of different types, or with dates that exclude each other."""
    for n, link in enumerate(links):
        held: list[tuple[str, Event]] = []
        for id, names in link.events.items():
            there = {event.id: event for event in gold[id].events or ()} if id in gold else {}
            for name in names:
                if name in there:
                    held.append((f"{id} {name}", there[name]))
                else:
                    message = f"{link.id}: {id} has no event {name!r}"
                    yield Finding(code="link-unknown-event", path=f"$[{n}].events", message=message)
        for (one, left), (other, right) in combinations(held, 2):
            apart = not _meet(left.begin, right.begin) or not _meet(left.end, right.end)
            if left.type != right.type or apart:
                message = (
                    f"{link.id}: {one} ({left.type}, {left.edtf}) and {other} ({right.type}, {right.edtf}) exclude each other"
                )
                yield Finding(code="link-incompatible", path=f"$[{n}].events", message=message)


def _meet(one: Bounds, other: Bounds) -> bool:
    """Whether two bounds have a day in common; an unknown side excludes nothing."""
    first = max(one.earliest or date.min, other.earliest or date.min)
    last = min(one.latest or date.max, other.latest or date.max)
    return first <= last


def names(shared: list[Shared], gold: Mapping[str, Record], documents: Mapping[str, Document]) -> Iterator[Finding]:
    """Names that stand for several entities without a reason."""
    allowed = {fold(entry.name): set(entry.entities) for entry in shared}
    holders: dict[str, dict[str, str]] = {}
    for id, record in gold.items():
        for entity in record.entities or ():
            name = fold(documents[id].text[entity.start : entity.end])
            holders.setdefault(name, {}).setdefault(entity.entity or "", f"{id} {entity.id}")
    for name, there in holders.items():
        if len(there) > 1 and not set(there) <= allowed.get(name, set()):
            listed = ", ".join(f"{entity} ({place})" for entity, place in there.items())
            yield Finding(code="name-two-entities", message=f"{name!r} stands for {listed}; exceptions.json gives no reason")
