"""Two files of columns against each other, without any text: sentences pair in order and have equal tokens.

Spans are counted in tokens, under the labels of the files; on both sides ill-formed tags are repaired or dropped alike.
"""

import hashlib

import msgspec
import numpy as np

from vnnews_bench.counts import Atoms, Columns, Ints, spread, whole
from vnnews_bench.errors import BenchError, lowered
from vnnews_bench.formats import conll, schemes
from vnnews_bench.formats.conll import Sentence, Tagged
from vnnews_bench.formats.exchange import Loss, Source

# the metrics of `ner` on tokens: (label, start, end), (start, end), (label, each token)
METRICS = {
    "strict": lambda rows: whole(rows, (rows.start, rows.end)),
    "span": lambda rows: whole(rows, (rows.start, rows.end), labelled=False),
    "tokens": spread,
}


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """Gold and predicted tags of the same sentences, the scheme of each side and how many of its tags were repaired.

    `losses` are the spans of inner levels of nested entities on both sides, which seqeval does not know, either.
    """

    texts: tuple[str, ...]
    owner: list[int]  # the text of each sentence
    gold: list[list[str]]
    predicted: list[list[str]]
    schemes: tuple[str, str]
    repairs: tuple[int, int]
    strict: bool
    hash: str
    losses: tuple[tuple[Loss, ...], tuple[Loss, ...]] = ((), ())

    def atoms(self) -> dict[str, tuple[Atoms, Atoms]]:
        """What both sides claim, by metric; places are tokens of a text."""
        labels = schemes.labels_of(self.gold, self.predicted)
        sides = [
            self._placed(schemes.read(tags, labels, scheme, self.strict))
            for tags, scheme in zip((self.gold, self.predicted), self.schemes, strict=True)
        ]
        return {name: (atoms(sides[0]), atoms(sides[1])) for name, atoms in METRICS.items()}

    def _placed(self, rows: Columns) -> Columns:
        """Columns by sentence as columns by text."""
        lengths = np.array([len(tags) for tags in self.gold], dtype=np.int64)
        first: Ints = np.cumsum(lengths) - lengths  # a token's number in the file is its number in the text, but for a constant
        owner: Ints = np.array(self.owner, dtype=np.int64)
        return rows._replace(text=owner[rows.text], start=rows.start + first[rows.text], end=rows.end + first[rows.text])

    def seqeval(self) -> str:
        """The report of seqeval on the same tags: its strict mode in the scheme of the gold, or its default.

        Raises `BenchError` for tags that seqeval refuses.
        """
        import seqeval.scheme
        from seqeval.metrics import classification_report

        options = {"mode": "strict", "scheme": getattr(seqeval.scheme, self.schemes[0])} if self.strict else {}
        if not schemes.labels_of(self.gold, self.predicted):
            raise BenchError("seqeval has no report on files without any entity")
        try:
            report: str = classification_report(self.gold, self.predicted, digits=4, zero_division=0, **options)
        except ValueError as error:
            raise BenchError(f"seqeval refuses these tags: {lowered(str(error))}") from None
        return report


def pair(predicted: Source, gold: Source) -> Pair:
    """Two files of columns. Raises `BenchError` with the first line on which sentences or tokens differ."""
    sides = conll.parse(gold), conll.parse(predicted)
    _equal(*sides, gold, predicted)
    tags = sides[0].level(), sides[1].level()
    scheme = schemes.scheme_of(tags[0])
    both = scheme, schemes.scheme_of(tags[1], scheme)
    if gold.strict:
        conll.check(sides[0], both[0], gold)
        conll.check(sides[1], both[1], predicted)
    return Pair(
        texts=tuple(sides[0].documents),
        owner=[sentence.document for sentence in sides[0].sentences],
        gold=tags[0],
        predicted=tags[1],
        schemes=both,
        repairs=(0, 0) if gold.strict else (schemes.illegal(tags[0], both[0]), schemes.illegal(tags[1], both[1])),
        strict=gold.strict,
        hash=hashlib.sha256(gold.raw).hexdigest()[:8],
        losses=(_inner(sides[0]), _inner(sides[1])),
    )


def _inner(tagged: Tagged) -> tuple[Loss, ...]:
    """The spans of all levels but the outermost."""
    losses = []
    for n in range(1, len(tagged.sentences[0].tags)):
        tags = tagged.level(n)
        labels = schemes.labels_of(tags)
        rows = schemes.read(tags, labels, schemes.scheme_of(tags), False)
        for text, label, start in zip(rows.text.tolist(), rows.label.tolist(), rows.start.tolist(), strict=True):
            sentence = tagged.sentences[text]
            document, line = tagged.documents[sentence.document], sentence.lines[start]
            losses.append(Loss(kind="nested", message=f"{labels[label]} of level {n + 1}", document=document, line=line))
    return tuple(losses)


def _equal(gold: Tagged, predicted: Tagged, gold_file: Source, predicted_file: Source) -> None:
    for left, right in zip(gold.sentences, predicted.sentences, strict=False):
        for n, token in enumerate(left.tokens):
            if n == len(right.tokens) or right.tokens[n] != token:
                there = repr(right.tokens[n]) if n < len(right.tokens) else "the sentence ends"
                line = right.lines[min(n, len(right.lines) - 1)]
                raise predicted_file.refused(line, f"{there}, where {gold_file.path}:{left.lines[n]} has {token!r}")
        if len(right.tokens) > len(left.tokens):
            line, token = right.lines[len(left.tokens)], right.tokens[len(left.tokens)]
            raise predicted_file.refused(line, f"{token!r}, where the sentence of {gold_file.path}:{left.lines[-1]} has ended")
    if len(gold.sentences) != len(predicted.sentences):
        has = f"has {len(predicted.sentences)} sentences, {gold_file.path} has {len(gold.sentences)}"
        raise predicted_file.refused(_last(predicted), has)


def _last(tagged: Tagged) -> int:
    last: Sentence = tagged.sentences[-1]
    return last.lines[-1]
