"""What the quotation rules read: marks in pairs, sentences as rows of items, and lexicons with classes.

An item is a syllable, a sign, or a whole quotation: what stands in quotation marks is one item, so that the verbs inside it are
never taken for those of the sentence. A unit is a sentence, or several that one pair of marks or a stray full stop holds
together.
"""

import bisect
import functools
import re
from collections.abc import Iterator, Sequence
from importlib.resources import files
from typing import NamedTuple

from vnnews_baselines import ner_rules
from vnnews_bench.records import Document, Span
from vnnews_bench.text import fold, syllables


def bag(entries: str) -> frozenset[str]:
    """The words of a line."""
    return frozenset(entries.split())


QUOTE = "“”"  # how a quotation reads as an item
_MARK = re.compile(r"[“”„\"«»‘’']")
MEDIA = bag("báo đài tờ kênh hãng trang")
_SINGLE = "‘’'"
_OPEN, _CLOSE = "“„«‘", "”»’"
_OPENS_BEFORE = frozenset(' \t\n\r\u00a0_([“„«‘"—–')
_CLOSES_AFTER = frozenset(' \t\n\r\u00a0_)].,;:!?…”»’"—–')


class Pair(NamedTuple):
    """A quotation with its marks, one span per paragraph; `level` counts the pairs around it, `broken` has no closing mark."""

    spans: tuple[Span, ...]
    level: int
    broken: bool

    @property
    def start(self) -> int:
        return self.spans[0][0]

    @property
    def end(self) -> int:
        return self.spans[-1][1]


@functools.cache
def classes(name: str) -> dict[str, list[tuple[tuple[str, ...], str]]]:
    """A lexicon with classes: for each first syllable its entries, the longest first."""
    text = (files("vnnews_baselines") / "lexicons" / f"{name}.txt").read_text(encoding="utf-8")
    found: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            entry, kind = line.split("\t")
            folded = fold(entry)
            parts = tuple(folded[a:b] for a, b in syllables(folded))
            found.setdefault(parts[0], []).append((parts, kind))
    for entries in found.values():
        entries.sort(key=lambda entry: -len(entry[0]))
    return found


class Name(NamedTuple):
    """A name as a range of items, end exclusive."""

    first: int
    last: int
    label: str


class Unit:
    """A sentence as items, with its names and what is looked up in the lexicons."""

    def __init__(self, text: str, start: int, end: int, zone: str, pairs: Sequence[Pair], level: int = 0) -> None:
        self.text, self.start, self.end, self.zone, self.level = text, start, end, zone, level
        self.pairs = pairs
        self.sentence = ner_rules.Sentence(text, start, end)
        self.words: list[str] = []
        self.spans: list[Span] = []
        self.quotes: dict[int, Pair] = {}
        self.capital: list[bool] = []
        self.names: list[Name] = []
        self.item: list[int] = []  # of each token
        self.token: list[int] = []  # the first of each item
        own = [pair for pair in pairs if pair.level == level and start <= pair.start < end]
        self._collapse(own)

    def __len__(self) -> int:
        return len(self.words)

    def _collapse(self, own: list[Pair]) -> None:
        k = 0
        for (a, b), word, capital in zip(self.sentence.tokens, self.sentence.folded, self.sentence.capital, strict=True):
            while k < len(own) and a >= own[k].end:
                k += 1
            if k < len(own) and a >= own[k].start:
                if a == own[k].start:
                    self.quotes[len(self.words)] = own[k]
                    self.words.append(QUOTE)
                    self.spans.append((own[k].start, own[k].end))
                    self.capital.append(False)
            else:
                self.words.append(word)
                self.spans.append((a, b))
                self.capital.append(capital)
            if len(self.token) < len(self.words):
                self.token.append(len(self.item))
            self.item.append(len(self.words) - 1)

    def read_names(self, known: frozenset[tuple[str, ...]]) -> None:
        """Finds the names outside the quotations, without those inside other names."""
        found = list(ner_rules.read(self.sentence, known))
        at = [(self.item[a], self.item[b - 1] + 1, label) for a, b, label in found]
        media = [Name(a, b, "ORG" if label == "PER" and self._medium(a) else label) for a, b, label in at]
        names = sorted(set(media), key=lambda name: (name.first, -name.last))
        self.names = []
        for name in names:
            outer = self.names and name.last <= self.names[-1].last
            if not outer and not any(n in self.quotes for n in range(name.first, name.last)):
                self.names.append(name)

    def persons(self) -> Iterator[tuple[str, ...]]:
        """The names of persons, whole, first and last syllable."""
        for name in self.names:
            if name.label == "PER":
                yield from (tuple(self.words[a:b]) for a, b in {(name.first, name.last), (name.last - 1, name.last)})

    def _medium(self, n: int) -> bool:
        """Whether a word for a newspaper or a station stands before item n."""
        return n > 0 and (self.words[n - 1] in MEDIA or self.words[max(0, n - 2) : n] in (["hãng", "tin"], ["tạp", "chí"]))

    def lookup(self, n: int, lexicon: str) -> tuple[int, str]:
        """Size and class of the longest entry that begins at item n; (0, "") when there is none."""
        for parts, kind in classes(lexicon).get(self.words[n], ()) if n < len(self) else ():
            if len(parts) == 1 or self.words[n : n + len(parts)] == list(parts):
                return len(parts), kind
        return 0, ""

    def span(self, first: int, last: int) -> Span:
        """From the start of item `first` to the end of the item before `last`."""
        return self.spans[first][0], self.spans[last - 1][1]


def pairs(text: str, start: int, end: int, sentences: Sequence[Span]) -> list[Pair]:
    """The quotations of a zone, outer before inner.

    The shape of a mark counts, then the spaces around it; a straight mark closes what is open. An opening mark that nothing
    closes before the next one runs to the end of its sentence; if the next one opens a new paragraph, to the end of that.
    """
    marks = [mark for m in _MARK.finditer(text, start, end) if (mark := _sign(text, m.start()))]
    found: list[Pair] = []
    stack: list[list[Span]] = []  # spans of the open quotations; the last one has no end yet
    families: list[bool] = []

    def close(at: int, broken: bool) -> None:
        spans = stack.pop()
        families.pop()
        spans[-1] = (spans[-1][0], at)
        found.append(Pair(tuple(spans), len(stack), broken))

    for n, (at, role, single) in enumerate(marks):
        opened = single in families
        if role == "open" and opened and _may_close(text, at):
            role = "close"
        if role == "close" and not opened:
            role = "open" if not _may_close(text, at) else ""
        if role == "any":
            role = "close" if opened else "open" if not single or not _may_close(text, at) else ""
        if role == "close":
            while families[-1] != single:  # what was open inside was no quotation: an apostrophe, a minute
                stack.pop()
                families.pop()
            close(at + 1, False)
        elif role == "open":
            if opened and not _nested(marks, n):
                while families[-1] != single:
                    stack.pop()
                    families.pop()
                begun = stack[-1][-1][0]
                line = text.find("\n", begun, at)
                if line >= 0 and not text[line:at].strip() and len(text[begun:line]) > 1:
                    stack[-1][-1] = (begun, begun + len(text[begun:line].rstrip()))
                    stack[-1].append((at, at))
                    continue
                close(_sentence_end(text, begun, at, sentences), True)
            stack.append([(at, at)])
            families.append(single)
    while stack:
        if families[-1]:
            stack.pop()
            families.pop()
        else:
            close(_sentence_end(text, stack[-1][-1][0], end, sentences), True)
    return sorted(found, key=lambda pair: (pair.start, pair.level))


def _sign(text: str, at: int) -> tuple[int, str, bool] | None:
    """A mark with its role by shape and whether it is single; None for an apostrophe."""
    sign, single = text[at], text[at] in _SINGLE
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    if single and before.isalnum() and after.isalnum():
        return None
    return at, "open" if sign in _OPEN else "close" if sign in _CLOSE else "any", single


def _may_close(text: str, at: int) -> bool:
    """Whether the spaces around a mark are those of a closing one."""
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    return before not in _OPENS_BEFORE and before != "" and (after == "" or after in _CLOSES_AFTER)


def _nested(marks: list[tuple[int, str, bool]], n: int) -> bool:
    """Whether two marks of the closing shape follow: then the nth, an opening one, is inside another."""
    following = [role for _, role, single in marks[n + 1 : n + 6] if single == marks[n][2]][:2]
    return marks[n][1] == "open" and following == ["close", "close"]


def _sentence_end(text: str, start: int, limit: int, sentences: Sequence[Span]) -> int:
    k = bisect.bisect_right(sentences, (start, limit)) - 1
    end = min(sentences[k][1], limit) if k >= 0 and sentences[k][1] > start else limit
    return start + len(text[start:end].rstrip())


def units(document: Document) -> Iterator[Unit]:
    """The units of title and body."""
    text = document.text
    zones = [(zone.start, zone.end, str(zone.type)) for zone in document.zones] or [(0, len(text), "body")]
    for zone_start, zone_end, zone in zones:
        if zone not in ("title", "body"):
            continue
        sentences = [span for span in document.sentences if zone_start <= span[0] < zone_end]
        held = pairs(text, zone_start, zone_end, sentences)
        outer = [pair for pair in held if pair.level == 0]
        k = q = p = 0
        while k < len(sentences):
            start, end = sentences[k]
            k += 1
            while True:
                while q < len(outer) and outer[q].start < end:
                    q += 1
                inside = q > 0 and outer[q - 1].end > end
                more = sentences[k][0] if k < len(sentences) else -1
                stray = (
                    more >= 0 and text[more].islower() and "\n" not in text[end:more] and text[start:end].rstrip()[-1:] == "."
                )
                if more < 0 or not (inside or stray):
                    break
                end = sentences[k][1]
                k += 1
            first = p
            while p < len(held) and held[p].start < end:
                p += 1
            yield Unit(text, start, end, zone, held[first:p])
