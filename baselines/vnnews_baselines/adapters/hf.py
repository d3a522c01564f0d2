"""Token classification pipelines of Hugging Face: names of any model whose labels are those of the scheme, or map onto it."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from vnnews_baselines.adapters import imported, pieces
from vnnews_bench.errors import BenchError
from vnnews_bench.formats.exchange import label_of
from vnnews_bench.records import Document, Entity, Record
from vnnews_bench.tools import Answer, Settings

Hit = Mapping[str, Any]  # label and code points of the piece


def start(settings: Settings) -> Callable[[Document], list[list[Hit]]]:
    """Names by sentence: the pipeline joins the tokens of one name (aggregation `simple`) and gives offsets."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    pipeline = imported("hf", "transformers").pipeline
    imported("hf", "torch")
    try:
        classify = pipeline("token-classification", model=settings.model, aggregation_strategy="simple", device="cpu")
    except (OSError, ValueError) as error:
        hint = "" if Path(settings.model).exists() else "; a model is a folder, or a name on the Hub"
        raise BenchError(f"hf: {settings.model} cannot be loaded: {str(error).splitlines()[0]}{hint}") from None

    def run(document: Document) -> list[list[Hit]]:
        found = classify([piece.text for piece in pieces(document)])
        return [[{key: name[key] for key in ("entity_group", "start", "end")} for name in names] for names in found]

    return run


def read(document: Document, printed: Sequence[Sequence[Hit]]) -> Answer:
    """The names whose labels the scheme has."""
    entities: dict[tuple[int, int, str], Entity] = {}
    notes: list[str] = []
    for piece, names in zip(pieces(document), printed, strict=True):
        for name in names:
            if name["start"] is None:
                raise RuntimeError("the tokenizer of this model gives no offsets; a fast one does")
            label = label_of(name["entity_group"])
            start, end = piece.span(name["start"], name["end"])
            if label is None or start == end:
                why = "label that the scheme lacks" if label is None else "no letters"
                notes.append(f"not taken over, {why}: {name['entity_group']} {piece.text[name['start'] : name['end']]!r}")
            else:
                entities.setdefault((start, end, label), Entity(start=start, end=end, label=label))
    return Answer(Record(id=document.id, entities=tuple(entities.values())), tuple(notes))
