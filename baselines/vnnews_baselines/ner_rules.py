"""Entities by rule: titles, head nouns and gazetteers over syllables.

The rules, in the order in which they claim syllables; what one has claimed no later one touches.

    1  gazetteer   the longest entry of the lists of countries, cities, provinces and regions that is written with capitals
    2  head noun   a noun that begins the names of organisations, facilities or districts, and the name after it:
                   capitalised syllables, gazetteer names, and lower-case syllables between them as in "Bộ Giáo dục và Đào tạo"
    3  title       capitalised syllables after a title or an honorific, with a country or an institution between: a person
    4  acronym     two to six capital letters: an organisation
    5  run         any other run of two to four capitalised syllables: a person; a name seen under 3 counts when alone, too

The head noun claims before the gazetteer where both could, and the place inside stays as a nested entity.
"""

from collections.abc import Iterator
from typing import NamedTuple

from vnnews_baselines.capitals import opens
from vnnews_baselines.lexicon import longest, words
from vnnews_bench.records import Document, Entity, Label, Record
from vnnews_bench.text import fold, syllables

GAZETTEERS: tuple[tuple[str, Label], ...] = (("countries", "GPE"), ("cities", "GPE"), ("vietnam", "GPE"), ("regions", "LOC"))
HEADS: tuple[tuple[str, Label], ...] = (("organisations", "ORG"), ("facilities", "FAC"), ("classifiers", "GPE"))
JOINERS = frozenset({"và", "của", "về", "-"})
# head nouns that describe a name instead of beginning it: "báo Sông Hậu" is the newspaper called Sông Hậu
DESCRIBING = frozenset({("báo",), ("tạp", "chí"), ("hãng",), ("hãng", "tin"), ("hãng", "thông", "tấn")})


class Found(NamedTuple):
    """A name as a range of tokens, end exclusive, with its label."""

    first: int
    last: int
    label: Label


class Sentence:
    """The tokens of a sentence with what the rules ask of them."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self.text = text
        self.tokens = syllables(text, start, end)
        self.words = [text[a:b] for a, b in self.tokens]
        self.folded = [fold(word) for word in self.words]
        self.capital = [word[:1].isupper() for word in self.words]

    def __len__(self) -> int:
        return len(self.tokens)

    def match(self, n: int, lexicon: str) -> int:
        """The number of tokens of the longest entry of a lexicon that begins at token n; 0 when there is none."""
        reach = longest(lexicon).get(self.folded[n], 0) if n < len(self) else 0
        for size in range(min(reach, len(self) - n), 0, -1):
            if tuple(self.folded[n : n + size]) in words(lexicon):
                return size
        return 0

    def named(self, first: int, last: int) -> bool:
        """Whether the tokens are written as a name: "mỹ" and "anh" are words, too. Joiners may be small."""
        return all(self.capital[n] or self.folded[n] in JOINERS for n in range(first, last))

    def opens(self, n: int) -> bool:
        """Whether token n is capitalised because it opens a sentence or a quotation."""
        return opens(self.text, self.tokens, n)


def tag(document: Document) -> Record:
    """Entities of every sentence, in two readings: the second knows the persons that the first found by their titles."""
    sentences = [Sentence(document.text, start, end) for start, end in document.sentences]
    first = [(sentence, list(read(sentence, frozenset()))) for sentence in sentences]
    known = frozenset(
        tuple(sentence.folded[a:b])
        for sentence, found in first
        for first_token, last_token, label in found
        if label == "PER"
        for a, b in ((first_token, last_token), (last_token - 1, last_token), (first_token, first_token + 1))
    )
    entities = [_entity(sentence, found) for sentence in sentences for found in read(sentence, known)]
    return Record(id=document.id, entities=tuple(entities))


def read(sentence: Sentence, known: frozenset[tuple[str, ...]]) -> Iterator[Found]:
    """The names of a sentence; `known` are persons of the document, as folded syllables."""
    places = list(_places(sentence))
    headed = list(_headed(sentence, places))
    claimed = [False] * len(sentence)
    for found in (*headed, *places, *_titled(sentence, places)):
        if not any(claimed[found.first : found.last]):
            claimed[found.first : found.last] = [True] * (found.last - found.first)
            yield found
        elif found.label in ("GPE", "LOC") and found in places and found not in headed:
            yield found  # the place inside the name of an institution
    yield from _rest(sentence, claimed, known)


def _places(sentence: Sentence) -> Iterator[Found]:
    n = 0
    while n < len(sentence):
        sizes = [(sentence.match(n, lexicon), label) for lexicon, label in GAZETTEERS]
        size, label = max(sizes, key=lambda pair: pair[0])
        if size and sentence.named(n, n + size) and not (size == 1 and _begins_name(sentence, n)):
            yield Found(n, n + size, label)
            n += size
        else:
            n += 1


def _begins_name(sentence: Sentence, n: int) -> bool:
    """Whether the syllable that opens a sentence and could be a country is a word before a name: "Anh Tuấn về nước"."""
    return sentence.opens(n) and n + 1 < len(sentence) and sentence.capital[n + 1]


def _headed(sentence: Sentence, places: list[Found]) -> Iterator[Found]:
    """Names that begin with a head noun, the longest noun first."""
    n = 0
    while n < len(sentence):
        heads = [(sentence.match(n, lexicon), label) for lexicon, label in HEADS]
        size, label = max(heads, key=lambda pair: pair[0])
        last = _extent(sentence, n + size, places) if size else n
        # a lower-case head describes unless it is a classifier; a capital is part of the name
        head = tuple(sentence.folded[n : n + size])
        if size and last > n + size and head not in DESCRIBING and (sentence.capital[n] or label != "ORG"):
            yield Found(n, last, label)
            n = last
        else:
            n += 1


def _extent(sentence: Sentence, n: int, places: list[Found]) -> int:
    """Where a name that has begun before token n ends.

    It runs on over capitals and fields of government ("Y tế"), over up to three small syllables between them, and ends with
    the first place.
    """
    ends = {place.first: place.last for place in places}
    last = n
    while n < len(sentence):
        if n in ends:
            return ends[n]
        size = sentence.match(n, "fields") if sentence.capital[n] else 0
        if size or (sentence.capital[n] and sentence.words[n][0].isalpha()):
            n += max(size, 1)
            last = n
            continue
        gap = next((k for k in (1, 2, 3) if n + k < len(sentence) and sentence.capital[n + k]), 0)
        between = sentence.words[n : n + gap]
        if not gap or not all(word.isalpha() for word in between) or sentence.match(n, "titles"):
            break
        n += gap
    return last


def _titled(sentence: Sentence, places: list[Found]) -> Iterator[Found]:
    """Capitalised syllables after a title; between the two may stand one place: "Thủ tướng Thái Lan …"."""
    ends = {place.first: place.last for place in places}
    n = 0
    while n < len(sentence):
        size = sentence.match(n, "titles")
        at = ends.get(n + size, n + size)
        last = at
        while size and last < len(sentence) and sentence.capital[last] and last not in ends and last - at < 5:
            last += 1
        if size and last > at:
            yield Found(at, last, "PER")
        n = max(last, n + 1) if size else n + 1


def _rest(sentence: Sentence, claimed: list[bool], known: frozenset[tuple[str, ...]]) -> Iterator[Found]:
    """What no rule has claimed: acronyms, persons known from elsewhere, and runs of capitals."""
    n = 0
    while n < len(sentence):
        last = n
        while last < len(sentence) and sentence.capital[last] and not claimed[last]:
            last += 1
        if last == n:
            n += 1
            continue
        if last - n == 1 and sentence.words[n].isupper() and 2 <= len(sentence.words[n]) <= 6:
            yield Found(n, last, "ORG")
        elif tuple(sentence.folded[n:last]) in known or (2 <= last - n <= 4 and not sentence.opens(n)):
            yield Found(n, last, "PER")
        n = last


def _entity(sentence: Sentence, found: Found) -> Entity:
    start, end = sentence.tokens[found.first][0], sentence.tokens[found.last - 1][1]
    return Entity(start=start, end=end, label=found.label, text=sentence.text[start:end])
