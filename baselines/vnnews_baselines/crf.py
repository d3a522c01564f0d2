"""Conditional random fields (Lafferty et al. 2001) over syllables, trained leave-one-document-out.

A document of the corpus is tagged by a model that was trained on all others; a text from elsewhere by one trained on all.
Training is L-BFGS from a fixed start, so that the same data gives the same model. A model is kept in CRFsuite's own format,
which holds numbers and strings and no code.
"""

import functools
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from vnnews_baselines.features import CHOSEN, features
from vnnews_bench import corpus
from vnnews_bench.errors import BenchError
from vnnews_bench.records import Document, Record, Span
from vnnews_bench.tags import decode, encode
from vnnews_bench.text import syllables

if TYPE_CHECKING:
    from sklearn_crfsuite import CRF

SPLIT = "test"
Labelled = tuple[int, int, str]
Spans = Callable[[Record], Iterable[Labelled]]  # what a gold record teaches: flat spans with labels


class Kind(NamedTuple):
    """What a model learns: its name, its labels, the spans of a gold record, and the sets of features."""

    name: str
    labels: tuple[str, ...]
    spans: Spans
    sets: tuple[str, ...] = CHOSEN


def spans(
    document: Document, kind: Kind, models: Path | None = None, learnt_from: tuple[str, ...] | None = None
) -> list[Labelled]:
    """The spans of a document by a model that has not seen it, in code points, in reading order.

    `models` is a folder: a model that is there is used, and one that is trained is kept there. `learnt_from` are the ids of the
    documents to learn from, for a learning curve; by default all others.
    """
    known = corpus.load(SPLIT).documents
    if learnt_from is None:
        model = _model(kind, document.id if document.id in known else None, models)
    else:
        model = train(kind, learnt_from, None)
    tokens = _tokens(document)
    predicted = model.predict([features(_words(document, sentence), kind.sets) for sentence in tokens])
    rows = decode(predicted, kind.labels)
    return [
        (tokens[n][first][0], tokens[n][last - 1][1], kind.labels[label])
        for n, label, first, last in zip(rows.text, rows.label, rows.start, rows.end, strict=True)
    ]


@functools.cache
def _model(kind: Kind, held_out: str | None, models: Path | None) -> "CRF":
    """The model of a fold: read from the folder when it is there, otherwise trained."""
    from sklearn_crfsuite import CRF

    others = tuple(id for id in corpus.load(SPLIT).documents if id != held_out)
    if models is None:
        return train(kind, others, None)
    path = models / f"{kind.name}-without-{held_out or 'none'}.crfsuite"
    if not path.exists():
        return train(kind, others, path)
    model = CRF(model_filename=str(path))
    try:
        readable = model.tagger_ is not None
    except ValueError:
        readable = False
    if not readable:
        raise BenchError(f"{path}: is no model of CRFsuite")
    return model


def train(kind: Kind, ids: tuple[str, ...], path: Path | None) -> "CRF":
    """A model trained on these documents of the corpus, kept at `path`."""
    from sklearn_crfsuite import CRF

    data = corpus.load(SPLIT)
    rows: list[list[dict[str, str | bool]]] = []
    tags: list[list[str]] = []
    for id in ids:
        document, learnt = data.documents[id], list(kind.spans(data.gold[id]))
        for tokens in _tokens(document):
            rows.append(features(_words(document, tokens), kind.sets))
            tags.append(encode(tokens, learnt))
    options = {"algorithm": "lbfgs", "c1": 0.1, "c2": 0.1, "max_iterations": 100, "all_possible_transitions": True}
    if path is None:
        model = CRF(**options)
        model.fit(rows, tags)
        return model
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as beside:
        CRF(**options, model_filename=f"{beside}/{path.name}").fit(rows, tags)
        Path(beside, path.name).rename(path)
    return CRF(model_filename=str(path))


def _tokens(document: Document) -> list[list[Span]]:
    return [syllables(document.text, start, end) for start, end in document.sentences]


def _words(document: Document, tokens: Sequence[Span]) -> list[str]:
    return [document.text[a:b] for a, b in tokens]
