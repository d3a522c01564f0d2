"""Who the predicted speakers are, in the ids of the gold that they are compared with.

Conventions
    * A mention stands for whom the gold mention stands that it overlaps most, in code points; of equals, the first: mentions of
      the gold's speakers in their order, then those of its entities.
    * Names joined by "và" have a mention and an id each in the gold; one mention for several has all their ids.
    * A speaker without mentions keeps its ids; one with a name alone has the registry's id of that name.
    * A speaker that stands for nobody has no ids.
"""

from collections.abc import Mapping, Sequence
from itertools import chain, compress, islice, repeat
from operator import attrgetter, is_not
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace

from vnnews_bench.counts import Ints
from vnnews_bench.pairs import annotations, flattened, ranges
from vnnews_bench.records import Record, RegistryEntry, Speaker
from vnnews_bench.text import fold


class Mentions(NamedTuple):
    """Mentions of several texts."""

    text: Ints
    start: Ints
    end: Ints


def resolved(predicted: Sequence[Record], gold: Sequence[Record], registry: Mapping[str, RegistryEntry]) -> list[Record]:
    """The predicted records of several texts with each speaker's `entities` in the ids of the gold records."""
    records = list(predicted)
    text, quotes = annotations(records, "quotes")
    speakers = list(map(attrgetter("speaker"), quotes))
    # a quote without a speaker has neither mentions nor a name
    mentions, ids = (map(len, map(getattr, speakers, repeat(field), repeat(()))) for field in ("mentions", "entities"))
    mentioned = np.fromiter(mentions, np.int64, len(speakers)) > 0
    named = np.fromiter(map(is_not, map(getattr, speakers, repeat("name"), repeat(None)), repeat(None)), bool, len(speakers))
    named &= ~mentioned & (np.fromiter(ids, np.int64, len(speakers)) == 0)
    found: dict[int, tuple[str, ...]] = {}
    if mentioned.any():
        those = _by_mention(list(compress(speakers, mentioned.tolist())), text[mentioned], gold)
        found |= zip(np.flatnonzero(mentioned).tolist(), those, strict=True)
    if named.any():
        those = _by_name(list(compress(speakers, named.tolist())), registry)
        found |= zip(np.flatnonzero(named).tolist(), those, strict=True)
    for n, entities in found.items():
        quotes[n] = replace(quotes[n], speaker=replace(speakers[n], entities=entities))
    after = np.searchsorted(text, np.arange(len(records) + 1)).tolist()
    for n in np.unique(text[mentioned | named]).tolist():
        records[n] = replace(records[n], quotes=tuple(quotes[after[n] : after[n + 1]]))
    return records


def _by_name(speakers: Sequence[Speaker], registry: Mapping[str, RegistryEntry]) -> list[tuple[str, ...]]:
    """The id of each speaker's name; nothing for a name that the registry lacks."""
    known = {fold(name): (entry.id,) for entry in registry.values() for name in (entry.name, *entry.aliases)}
    names = list(map(attrgetter("name"), speakers))
    ids = {name: known.get(fold(name), ()) for name in set(names)}
    return list(map(ids.__getitem__, names))


def _by_mention(speakers: Sequence[Speaker], text: Ints, gold: Sequence[Record]) -> list[tuple[str, ...]]:
    """The ids of each speaker's mentions, each id once; `text` is the number of its record in `gold`."""
    there, text = np.unique(text, return_inverse=True)
    held, ids = _gold_mentions(list(map(gold.__getitem__, there.tolist())))
    owner, start, end = flattened(speakers, "mentions")
    best = _most_overlapping(Mentions(text[owner], start, end), held)
    # the last one, -1, is for those that overlap none
    hits = map([*ids, ()].__getitem__, best.tolist())
    return [tuple(dict.fromkeys(chain.from_iterable(islice(hits, n)))) for n in np.bincount(owner).tolist()]


def _gold_mentions(gold: Sequence[Record]) -> tuple[Mentions, list[tuple[str, ...]]]:
    """Mentions of the gold's speakers, then of its entities, and the ids that each stands for."""
    text, quotes = annotations(gold, "quotes")
    both = list(chain.from_iterable(map(attrgetter("speaker", "via"), quotes)))
    text = np.repeat(text, 2)[np.fromiter(map(is_not, both, repeat(None)), bool, len(both))]
    speakers = list(filter(None, both))
    owner, start, end = flattened(speakers, "mentions")
    spoken = Mentions(text[owner], start, end)
    entities = list(map(attrgetter("entities"), speakers))
    ids = list(map(entities.__getitem__, owner.tolist()))
    mentions = np.bincount(owner, minlength=len(speakers))
    joined = (mentions > 1) & (mentions == np.fromiter(map(len, entities), np.int64, len(entities)))
    nth = np.arange(len(owner)) - np.searchsorted(owner, owner)
    for n in np.flatnonzero(joined[owner]).tolist():
        ids[n] = (ids[n][nth[n]],)
    text, names = annotations(gold, "entities")
    known = np.fromiter(map(is_not, map(attrgetter("entity"), names), repeat(None)), bool, len(names))
    names = list(compress(names, known.tolist()))
    ends = (np.fromiter(map(attrgetter(field), names), np.int64, len(names)) for field in ("start", "end"))
    ids += zip(map(attrgetter("entity"), names))
    return Mentions(*map(np.concatenate, zip(spoken, (text[known], *ends), strict=True))), ids


def _most_overlapping(mentions: Mentions, held: Mentions) -> Ints:
    """For each mention, which of those held in its text it overlaps most, the first of equals; -1 for none."""
    best = np.full(len(mentions.text), -1)
    if not len(held.text):
        return best
    # offsets grow with the text's number, so that all texts are one
    width = int(max(mentions.end.max(), held.end.max())) + 1
    start, end = (mentions.text * width + side for side in mentions[1:])
    begins, ends = (held.text * width + side for side in held[1:])
    order = np.argsort(begins, kind="stable")
    begins, ends = begins[order], ends[order]
    # whatever overlaps begins before the end, and stands behind all that end before the start
    first = np.searchsorted(np.maximum.accumulate(ends), start, side="right")
    near = np.maximum(np.searchsorted(begins, end) - first, 0)
    some = np.flatnonzero(near)
    mention, other = np.repeat(np.arange(len(near)), near), ranges(first, first + near)
    overlap = np.minimum(end[mention], ends[other]) - np.maximum(start[mention], begins[other])
    worth = np.maximum(overlap, 0) * len(order) + (len(order) - 1 - order[other])
    most = np.maximum.reduceat(worth, (np.cumsum(near) - near)[some]) if len(some) else worth
    best[some] = np.where(most >= len(order), len(order) - 1 - most % len(order), -1)
    return best
