"""Entities by a conditional random field (Lafferty et al. 2001) over syllables, trained leave-one-document-out.

A document of the corpus is tagged by a model that was trained on all others; a text from elsewhere by one trained on all.
Training is L-BFGS from a fixed start, so that the same data gives the same model. Labels are the seven of the scheme on
outermost spans.
"""

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING

from vnnews_baselines.features import features
from vnnews_bench import corpus, tags
from vnnews_bench.records import Document, Entity, Record
from vnnews_bench.tasks import ner
from vnnews_bench.text import syllables

if TYPE_CHECKING:
    from sklearn_crfsuite import CRF

SPLIT = "test"


def tag(document: Document) -> Record:
    """The entities of a document by a model that has not seen it."""
    known = document.id in corpus.load(SPLIT).documents
    model = _model(document.id if known else None)
    tokens = [syllables(document.text, start, end) for start, end in document.sentences]
    words = [[document.text[a:b] for a, b in sentence] for sentence in tokens]
    predicted = model.predict([features(sentence) for sentence in words])
    rows = tags.decode(predicted, ner.LABELS)
    entities = []
    for n, label, first, last in zip(rows.text, rows.label, rows.start, rows.end, strict=True):
        start, end = tokens[n][first][0], tokens[n][last - 1][1]
        entities.append({"start": start, "end": end, "label": ner.LABELS[label], "text": document.text[start:end]})
    return Record(id=document.id, entities=tuple(Entity(**fields) for fields in entities))


@functools.cache
def _model(held_out: str | None) -> "CRF":
    """A model trained on the corpus without one document."""
    data = corpus.load(SPLIT)
    words: list[list[str]] = []
    labels: list[list[str]] = []
    for id, document in data.documents.items():
        if id != held_out:
            _add(document, data.gold[id].entities or (), words, labels)
    return train(words, labels)


def train(words: Sequence[Sequence[str]], labels: Sequence[Sequence[str]]) -> "CRF":
    """A model of BIO-tagged sentences."""
    from sklearn_crfsuite import CRF

    model = CRF(algorithm="lbfgs", c1=0.1, c2=0.1, max_iterations=100, all_possible_transitions=True)
    model.fit([features(sentence) for sentence in words], [list(row) for row in labels])
    return model


def _add(document: Document, entities: Sequence[Entity], words: list[list[str]], labels: list[list[str]]) -> None:
    rows = ner.outermost(ner.table([entities]))
    spans = [(entities[row].start, entities[row].end, entities[row].label) for row in rows.row]
    for start, end in document.sentences:
        tokens = syllables(document.text, start, end)
        words.append([document.text[a:b] for a, b in tokens])
        labels.append(tags.encode(tokens, spans))
