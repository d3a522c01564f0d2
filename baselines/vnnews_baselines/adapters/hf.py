"""Token classification pipelines of Hugging Face: names of any model whose labels are those of the scheme, or map onto it."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from vnnews_baselines.adapters import answer, gathering, imported, named, pieces
from vnnews_bench.errors import BenchError
from vnnews_bench.records import Document
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
    gathered = gathering(document, "entities")
    for piece, names in zip(pieces(document), printed, strict=True):
        for name in names:
            if name["start"] is None:
                raise RuntimeError("the tokenizer of this model gives no offsets; a fast one does")
            named(gathered, *piece.span(name["start"], name["end"]), name["entity_group"])
    return answer(gathered)
