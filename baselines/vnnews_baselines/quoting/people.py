"""Who a pronoun or a description stands for.

Resolution, over the zone:

    7  gender       of a person comes from the honorifics before the name anywhere in the text, and from "Thị" and "Văn"
    8  pronoun      the last sentence with a suitable person; in it the one who spoke, then a known gender, then the first
    9  description  a source introduced before with the same noun, else the person last called so, else the institution
"""

from collections.abc import Sequence
from typing import NamedTuple

from vnnews_baselines.quoting.speakers import BOUNDARY, DEMONSTRATIVES, FEMALE, MALE, QUANTIFIERS, Subject
from vnnews_baselines.quoting.units import Name, Unit
from vnnews_bench.records import Span, Speaker


class Person(NamedTuple):
    """A name where it stands, and the words before it."""

    key: tuple[str, ...]
    span: Span
    title: tuple[str, ...]
    label: str


class Speakers:
    """The persons and sources of a text so far, for pronouns and descriptions."""

    def __init__(self, text: str, units: Sequence[Unit]) -> None:
        self.text = text
        self.genders: dict[str, str] = {}
        self.mentioned: list[list[Person]] = []
        for unit in units:
            self.mentioned.append([_mention(unit, name) for name in unit.names if name.label in ("PER", "ORG", "GPE")])
            for person in self.mentioned[-1]:
                self._learn(person)
        self.zones = [unit.zone for unit in units]
        self.spoke: dict[int, Person] = {}
        self.sources: dict[int, list[tuple[tuple[str, ...], Span]]] = {}

    def _learn(self, person: Person) -> None:
        if person.label != "PER":
            return
        middle = person.key[1:-1]
        last = person.title[-1:] and person.title[-1]
        gender = "m" if last in MALE else "f" if last in FEMALE or "thị" in middle else "m" if "văn" in middle else ""
        if gender and person.key[-1] not in self.genders:
            self.genders[person.key[-1]] = gender

    def resolve(self, n: int, unit: Unit, who: Subject, outer: Speaker | None = None) -> Speaker:
        """The speaker that the subject in the nth unit stands for."""
        own = tuple(unit.span(a, b) for a, b in who.mentions)
        if who.kind == "pronoun" and who.gender == "1" and outer is not None:
            return Speaker(mentions=outer.mentions, name=outer.name, kind="pronoun")
        at = own[0][0]
        if who.kind == "pronoun":
            found = self._several(n, at, who, unit) if who.gender in ("+", "1") else self._one(n, at, who.gender)
        elif who.kind == "nominal" and who.anaphoric:
            found = self._called(n, at, unit, who)
        else:
            found = []
            self._remember(n, unit, who, own)
        spans = tuple(person.span for person in found) or own
        return Speaker(mentions=spans, name=" và ".join(self.text[a:b] for a, b in spans), kind=who.kind)

    def latest(self, n: int) -> Speaker | None:
        """The person last named at or before the nth unit: who a quotation without any cue is introduced with."""
        for k in range(n, max(-1, n - 2), -1):
            found = [p for p in self.mentioned[k] if p.label == "PER"]
            if found and self.zones[k] == self.zones[n]:
                return Speaker(mentions=(found[0].span,), name=self.text[slice(*found[0].span)], kind="named")
        return None

    def _remember(self, n: int, unit: Unit, who: Subject, own: tuple[Span, ...]) -> None:
        if who.kind in ("named", "org", "place"):
            person = next((p for p in self.mentioned[n] if p.span == own[0]), None)
            if person:
                self.spoke[n] = person
        else:
            first, last = who.mentions[0]
            self.sources.setdefault(n, []).append((tuple(unit.words[first:last]), own[0]))

    def _before(self, n: int) -> list[int]:
        """The units before a place in the same zone, the nearest first; its own unit counts as the first."""
        found = []
        for k in range(n, max(-1, n - 40), -1):
            if self.zones[k] != self.zones[n]:
                break
            found.append(k)
        return found

    def _one(self, n: int, at: int, gender: str) -> list[Person]:
        """The person for a pronoun; who is resolved counts as mentioned there."""
        for k in self._before(n):
            persons = [p for p in self.mentioned[k] if p.label == "PER" and (k < n or p.span[1] <= at)]
            spoke = self.spoke.get(k)
            if spoke is not None and spoke.label == "PER" and self._suits(spoke, gender):
                persons.insert(0, spoke)
            known = [p for p in persons if self.genders.get(p.key[-1]) == gender]
            suitable = [p for p in persons if self._suits(p, gender)]
            if suitable:
                best = suitable[0] if suitable[0] is spoke or not known else known[0]
                if gender in "mf" and best.key[-1] not in self.genders:
                    self.genders[best.key[-1]] = gender
                self.spoke[n] = best
                return [best]
        return []

    def _suits(self, person: Person, gender: str) -> bool:
        return gender not in ("m", "f") or self.genders.get(person.key[-1], gender) == gender

    def _several(self, n: int, at: int, who: Subject, unit: Unit) -> list[Person]:
        """For "họ" the last group; for "cả hai ông" the last two men."""
        asked = unit.words[who.mentions[0][0] : who.mentions[0][1]]
        if "họ" not in asked and who.gender == "+":
            gender = "m" if "ông" in asked else "f" if "bà" in asked else ""
            found: dict[str, Person] = {}
            label = "GPE" if "nước" in asked else "PER"
            for k in self._before(n):
                for p in reversed([p for p in self.mentioned[k] if p.span[1] <= at and p.label == label]):
                    if self._suits(p, gender) and len(found) < 2:
                        found.setdefault(p.key[-1], p)
            return list(reversed(found.values())) if len(found) == 2 else []
        for k in self._before(n)[:6]:
            for source, span in reversed(self.sources.get(k, [])):
                if span[1] <= at and (set(source) & (QUANTIFIERS - {"một"}) or "dân" in source[:2]):
                    return [Person((), span, (), "")]
        return []

    def _called(self, n: int, at: int, unit: Unit, who: Subject) -> list[Person]:
        first, last = who.mentions[0]
        asked = tuple(unit.words[first : last - 1] if unit.words[last - 1] in DEMONSTRATIVES else unit.words[first:last])
        if asked == ("người",):
            return []
        for k in self._before(n):
            for source, span in reversed(self.sources.get(k, [])):
                if span[1] <= at and asked[-2:] and _contains(source, asked):
                    return [Person((), span, (), "")]
            for p in self.mentioned[k]:
                if p.span[1] <= at and (_contains(p.title, asked) if p.label == "PER" else p.key[: len(asked)] == asked):
                    self.spoke[n] = p
                    return [p]
                describes = (p.label == "GPE" and asked == ("nước",)) or (p.label == "ORG" and p.title[-len(asked) :] == asked)
                if p.span[1] <= at and describes:
                    return [p]
        return []


def _contains(phrase: tuple[str, ...], part: tuple[str, ...]) -> bool:
    return any(phrase[n : n + len(part)] == part for n in range(len(phrase) - len(part) + 1))


def _mention(unit: Unit, name: Name) -> Person:
    first = name.first
    while first > 0 and name.first - first < 8 and unit.words[first - 1] not in BOUNDARY:
        first -= 1
    key = tuple(unit.words[name.first : name.last])
    return Person(key, unit.span(name.first, name.last), tuple(unit.words[first : name.first]), name.label)
