"""How articles that were written for the corpus compare with published ones: near-duplicates, repetition, lengths, grades.

Conventions
    * A syllable is a run of letters and digits, composed (NFC) and in lower case; `_` joins nothing and punctuation counts for
      nothing.
    * What depends on the length of a text is measured in stretches of a fixed number of syllables, and averaged over them.

Sources: shingles and their resemblance, Broder (1997); mean segmental type-token ratio, Johnson (1944); distinct-n, Li et al.
(2016).
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import combinations_with_replacement
from typing import Annotated, Any, Literal

import msgspec
import numpy as np
from msgspec import Meta

from vnnews_bench import corpus
from vnnews_bench.errors import Finding
from vnnews_bench.records import Document, Record
from vnnews_bench.render import Cell, Sheet
from vnnews_bench.text import folded

RUN = 8  # syllables that two articles do not share by chance
STRETCH, LONG = 100, 250  # syllables in which words, and pairs and triples of them, are counted
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
Gram = tuple[str, ...]


class Grade(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How natural a reader found an article that came without its name, from 1 to 5, and whether it was rewritten then."""

    document: str
    round: Annotated[int, Meta(ge=1, le=2)]
    grade: Annotated[int, Meta(ge=1, le=5)]
    rewritten: Literal["yes", "no"]


class Pairs(msgspec.Struct, frozen=True, kw_only=True):
    """The pairs of two groups of articles: what they share, and the two that share most."""

    one: str
    other: str
    pairs: int
    sharing: int  # pairs with a run of `RUN` syllables in common
    runs: int
    runs_jaccard: float  # the highest of any pair, of runs and of triples
    triples_jaccard: float
    closest: tuple[str, str] | None


def grams(syllables: Sequence[str], size: int) -> list[Gram]:
    """Every run of so many syllables, in order."""
    return [tuple(syllables[at : at + size]) for at in range(len(syllables) - size + 1)]


def repeated(texts: Mapping[str, str], size: int = RUN) -> dict[str, list[str]]:
    """The runs of syllables that stand twice or more in texts by id, each with the id of every place."""
    places: dict[str, list[str]] = defaultdict(list)
    for id, text in texts.items():
        for run in grams(folded(text), size):
            places[" ".join(run)].append(id)
    return {run: ids for run, ids in places.items() if len(ids) > 1}


def jaccard(one: set[Gram], other: set[Gram]) -> float:
    """The share of what either has that both have; 0 where neither has anything."""
    either = len(one | other)
    return len(one & other) / either if either else 0.0


def groups() -> dict[str, dict[str, Document]]:
    """The articles: the published ones, and the written ones by split."""
    found: dict[str, dict[str, Document]] = {"published": {}}
    for split in corpus.splits():
        for id, document in corpus.load(split).documents.items():
            found.setdefault("published" if document.kind == "published" else split, {})[id] = document
    return found


def duplicates(texts: Mapping[str, Mapping[str, str]]) -> list[Pairs]:
    """What the articles of any two groups have in common, and those of one group with each other; texts by group and id."""
    syllables = {id: folded(text) for group in texts.values() for id, text in group.items()}
    sets = {id: [set(grams(there, size)) for size in (RUN, 3)] for id, there in syllables.items()}
    return [_between(one, other, texts, sets) for one, other in combinations_with_replacement(texts, 2)]


def _between(one: str, other: str, texts: Mapping[str, Mapping[str, str]], sets: Mapping[str, Sequence[set[Gram]]]) -> Pairs:
    pairs = [(a, b) for a in texts[one] for b in texts[other] if one != other or a < b]
    common = [sets[a][0] & sets[b][0] for a, b in pairs]
    runs, triples = ([jaccard(sets[a][n], sets[b][n]) for a, b in pairs] for n in (0, 1))
    return Pairs(
        one=one,
        other=other,
        pairs=len(pairs),
        sharing=sum(map(bool, common)),
        runs=len(set().union(*common)),
        runs_jaccard=max(runs, default=0.0),
        triples_jaccard=max(triples, default=0.0),
        closest=max(zip(triples, pairs, strict=True), default=(0.0, None))[1],
    )


def stretches(syllables: Sequence[str], size: int) -> list[Sequence[str]]:
    """The text in whole stretches of so many syllables; as it is where it is shorter."""
    whole = [syllables[at : at + size] for at in range(0, len(syllables) - size + 1, size)]
    return whole or [syllables]


def distinct(syllables: Sequence[str], size: int, within: int) -> float:
    """The share of distinct runs of `size` among all of them, in stretches of `within` syllables; of none it is 1."""
    found = [grams(part, size) for part in stretches(syllables, within)]
    return float(np.mean([len(set(there)) / len(there) if there else 1.0 for there in found]))


def again(syllables: Sequence[str]) -> int:
    """How many runs of `RUN` syllables have stood before in the same text."""
    there = grams(syllables, RUN)
    return len(there) - len(set(there))


def _per_100(layer: str) -> Callable[[Document, Record], list[float]]:
    def density(document: Document, gold: Record) -> list[float]:
        return [100 * len(getattr(gold, layer) or ()) / len(folded(document.text))]

    return density


def _sentences(document: Document, gold: Record) -> list[float]:
    return [float(len(folded(document.text[start:end]))) for start, end in document.sentences]


# what is measured: the values of one article
MEASURES: dict[str, Callable[[Document, Record], list[float]]] = {
    "syllables of an article": lambda document, gold: [float(len(folded(document.text)))],
    "syllables of a sentence": _sentences,
    "entities per 100 syllables": _per_100("entities"),
    "quotes per 100 syllables": _per_100("quotes"),
    "time expressions per 100 syllables": _per_100("timexes"),
    "events per 100 syllables": _per_100("events"),
    f"distinct syllables in {STRETCH}": lambda document, gold: [STRETCH * distinct(folded(document.text), 1, STRETCH)],
    f"distinct pairs in {LONG}, %": lambda document, gold: [100 * distinct(folded(document.text), 2, LONG)],
    f"repeated triples in {LONG}, %": lambda document, gold: [100 * (1 - distinct(folded(document.text), 3, LONG))],
    f"runs of {RUN} that come again": lambda document, gold: [float(again(folded(document.text)))],
}


def quartiles(values: Sequence[float]) -> tuple[float, ...]:
    """The least value, the three quartiles (between two values on a straight line) and the greatest."""
    return tuple(float(value) for value in np.quantile(values, SHARES))


def distributions(articles: Mapping[str, Mapping[str, Document]], gold: Mapping[str, Record]) -> Iterator[tuple[Cell, ...]]:
    """A row for each measure and group of articles: both names, the number of values, and their quartiles."""
    for name, measure in MEASURES.items():
        for group, documents in articles.items():
            values = [value for id, document in documents.items() for value in measure(document, gold[id])]
            if values:
                yield name, group, len(values), *quartiles(values)


def grades(given: Iterable[Grade], kinds: Mapping[str, str | None]) -> list[tuple[Cell, ...]]:
    """Gradings by grade, the best first: of published articles, of written ones in round 1, and of these in their last round.

    `kinds` says of each article whether it is published or written. Raises `KeyError` for an article without.
    """
    listed = list(given)
    last = {one.document: max(other.round for other in listed if other.document == one.document) for one in listed}
    written = [one for one in listed if kinds[one.document] == "written"]
    columns = [
        [one for one in listed if kinds[one.document] == "published"],
        [one for one in written if one.round == 1],
        [one for one in written if one.round == last[one.document]],
    ]
    rows: list[tuple[Cell, ...]] = [
        (str(n), *(sum(one.grade == n for one in there) for there in columns)) for n in range(5, 0, -1)
    ]
    rows.append(("gradings", *map(len, columns)))
    rows.append(("articles", *(len({one.document for one in there}) for there in columns)))
    rows.append(("mean grade", *(float(np.mean([one.grade for one in there])) if there else None for there in columns)))
    rows.append(("rewritten after it", *(sum(one.rewritten == "yes" for one in there) for there in columns)))
    return rows


def findings(given: Iterable[Grade], documents: Collection[str]) -> Iterator[Finding]:
    """Grades of what is no document, each with its line."""
    for line, one in enumerate(given, 2):
        if one.document not in documents:
            yield Finding(code="grade-unknown-document", message=f"there is no document {one.document!r}", line=line)


def sheets() -> list[Sheet]:
    """The tables of the corpus: near-duplicates, distributions, and grades of naturalness."""
    articles, data = groups(), corpus.load(corpus.ALL)
    found = duplicates({group: {id: document.text for id, document in there.items()} for group, there in articles.items()})
    kinds = {id: document.kind for id, document in data.documents.items()}
    return [
        Sheet(
            title="near-duplicates",
            heads=(
                "",
                "pairs",
                f"share {RUN} syllables",
                "runs shared",
                "Jaccard %, runs",
                "Jaccard %, triples",
                "closest by triples",
            ),
            rows=[_row(pair) for pair in found],
            notes=(f"runs of {RUN} syllables; Jaccard of the sets of runs and of triples of two articles, the highest",),
        ),
        Sheet(
            title="distributions",
            heads=("", "articles", "values", "least", "Q1", "median", "Q3", "most"),
            rows=list(distributions(articles, data.gold)),
        ),
        Sheet(
            title="naturalness",
            heads=("grade", "published", "written, first round", "written, as they stand"),
            rows=grades(corpus.table("naturalness.csv", Grade), kinds),
        ),
    ]


def _row(pair: Pairs) -> tuple[Cell, ...]:
    scores = (100 * pair.runs_jaccard, 100 * pair.triples_jaccard)
    closest = " and ".join(pair.closest) if pair.closest else None
    return f"{pair.one} and {pair.other}", pair.pairs, pair.sharing, pair.runs, *scores, closest


def as_dict(made: Iterable[Sheet]) -> dict[str, Any]:
    """The tables as JSON has them: by title, a list of rows by head."""
    return {sheet.title: [dict(zip(sheet.heads, row, strict=True)) for row in sheet.rows] for sheet in made}
