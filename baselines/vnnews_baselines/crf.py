"""Conditional random fields (Lafferty et al. 2001) over syllables, trained on the split `train`.

A document is tagged by a model that has not seen it: one of `train` by a model of the others, any other by a model of all of
`train`. Training is L-BFGS from a fixed start, so that the same data gives the same model. A model is kept in CRFsuite's own
format, which holds numbers and strings and no code.
"""

import functools
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from vnnews_baselines.features import SETS, features
from vnnews_bench import corpus
from vnnews_bench.corpus import Corpus
from vnnews_bench.errors import BenchError
from vnnews_bench.records import Document, Record, Span
from vnnews_bench.tags import decode, encode
from vnnews_bench.text import syllables

if TYPE_CHECKING:
    from sklearn_crfsuite import CRF

SPLIT = "train"
KEPT = 32  # models in memory: the four of all of train, and those of a leave-one-document-out run over a handful of documents
Labelled = tuple[int, int, str]
Spans = Callable[[Record], Iterable[Labelled]]  # what a gold record teaches: flat spans with labels


class Settings(NamedTuple):
    """What a model is trained with: sets of features, and the weights of the L1 and L2 norms of its parameters."""

    sets: tuple[str, ...]
    c1: float
    c2: float


# by task, the best on `validation`: `python benchmarks/crf_settings.py` compares, and docs/decisions.md has its tables
CHOSEN = {
    "ner": Settings(SETS[:4], c1=0.1, c2=0.1),
    "quotes": Settings(SETS[:5], c1=0.1, c2=0.01),
    "dates": Settings(SETS[:3], c1=0.01, c2=0.1),
}


class Kind(NamedTuple):
    """What a model learns: its name, the task, its labels, the spans of a gold record."""

    name: str
    task: str
    labels: tuple[str, ...]
    spans: Spans


def spans(
    document: Document, kind: Kind, models: Path | None = None, learnt_from: tuple[str, ...] | None = None
) -> list[Labelled]:
    """The spans of a document by a model that has not seen it, in code points, in reading order.

    `models` is a folder: a model that is there is used, and one that is trained is kept there. `learnt_from` are the ids of the
    documents to learn from instead, of any split, for other protocols than the ordinary one; such a model is not kept.
    """
    path = None
    if learnt_from is None:
        known = corpus.load(SPLIT).documents
        learnt_from = tuple(id for id in known if id != document.id)
        without = f"-without-{document.id}" if document.id in known else ""
        path = None if models is None else models / f"{kind.name}{without}.crfsuite"
    model = _model(kind, CHOSEN[kind.task], learnt_from, path)
    tokens = _tokens(document)
    predicted = model.predict([features(_words(document, sentence), CHOSEN[kind.task].sets) for sentence in tokens])
    rows = decode(predicted, kind.labels)
    return [
        (tokens[n][first][0], tokens[n][last - 1][1], kind.labels[label])
        for n, label, first, last in zip(rows.text, rows.label, rows.start, rows.end, strict=True)
    ]


@functools.lru_cache(KEPT)
def _model(kind: Kind, settings: Settings, ids: tuple[str, ...], path: Path | None) -> "CRF":
    """A model of these documents: read from the path when it is there, otherwise trained."""
    from sklearn_crfsuite import CRF

    if path is None or not path.exists():
        return train(kind, settings, ids, path)
    model = CRF(model_filename=str(path))
    try:
        readable = model.tagger_ is not None
    except ValueError:
        readable = False
    if not readable:
        raise BenchError(f"{path}: is no model of CRFsuite")
    return model


def train(kind: Kind, settings: Settings, ids: tuple[str, ...], path: Path | None) -> "CRF":
    """A model trained on these documents of the corpus, kept at `path`."""
    from sklearn_crfsuite import CRF

    rows: list[list[dict[str, str | bool]]] = []
    tags: list[list[str]] = []
    for id in ids:
        data = _split_of(id)
        document, learnt = data.documents[id], list(kind.spans(data.gold[id]))
        for tokens in _tokens(document):
            rows.append(features(_words(document, tokens), settings.sets))
            tags.append(encode(tokens, learnt))
    options = {"algorithm": "lbfgs", "max_iterations": 100, "all_possible_transitions": True}
    options |= {"c1": settings.c1, "c2": settings.c2}
    if path is None:
        model = CRF(**options)
        model.fit(rows, tags)
        return model
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as beside:
        CRF(**options, model_filename=f"{beside}/{path.name}").fit(rows, tags)
        Path(beside, path.name).rename(path)
    return CRF(model_filename=str(path))


def _split_of(id: str) -> Corpus:
    """The split that has a document. Raises `BenchError` when none has."""
    for split, ids in corpus.splits().items():
        if id in ids:
            return corpus.load(split)
    raise BenchError(f"there is no document {id!r} in the corpus to learn from")


def _tokens(document: Document) -> list[list[Span]]:
    return [syllables(document.text, start, end) for start, end in document.sentences]


def _words(document: Document, tokens: Sequence[Span]) -> list[str]:
    return [document.text[a:b] for a, b in tokens]
