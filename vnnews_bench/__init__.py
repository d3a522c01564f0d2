"""vnnews_bench: a gold-annotated benchmark for information extraction from Vietnamese news.

    load(split)                          documents, gold and registry
    evaluate(predictions, split, gold)   a `Report` of counts per metric, label and document
    load_dataset(config, split)          the same data as a Hugging Face dataset

The names are imported when they are used, so that the command line starts quickly.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vnnews_bench.corpus import Corpus, load
    from vnnews_bench.errors import BenchError
    from vnnews_bench.hub.load import load_dataset
    from vnnews_bench.records import Document, Entity, Record
    from vnnews_bench.report import Report
    from vnnews_bench.scoring import evaluate

__version__ = "0.1.0"

_HOMES = {
    "Corpus": "corpus",
    "load": "corpus",
    "BenchError": "errors",
    "Report": "report",
    "evaluate": "scoring",
    "load_dataset": "hub.load",
    "Document": "records",
    "Entity": "records",
    "Record": "records",
}
__all__ = ["BenchError", "Corpus", "Document", "Entity", "Record", "Report", "evaluate", "load", "load_dataset"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has {', '.join(__all__)}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
