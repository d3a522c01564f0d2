"""Systems: a system is a callable from `Document` to `Record`; the baselines have names, any other is `module:callable`."""

import importlib
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec

from vnnews_bench import files
from vnnews_bench.errors import BenchError, listing
from vnnews_bench.records import Document, Record

System = Callable[[Document], Record]


class Baseline(msgspec.Struct, frozen=True):
    """A named system: what kind it is (floor, rules, crf), where it is defined, and one line about it."""

    name: str
    kind: str
    target: str
    about: str


BASELINES: dict[str, Baseline] = {
    baseline.name: baseline
    for baseline in (
        Baseline("capitals", "floor", "vnnews_baselines.capitals:tag", "runs of capitalised syllables, all of them PER"),
        Baseline("ner-rules", "rules", "vnnews_baselines.ner_rules:tag", "titles, head nouns and a gazetteer"),
        Baseline("ner-crf", "crf", "vnnews_baselines.ner_crf:tag", "CRF over syllables, leave-one-document-out"),
    )
}


def resolve(name: str) -> System:
    """The system of that name: a baseline, or `module:callable` found from the current folder.

    Raises `BenchError` when there is none.
    """
    if name in BASELINES:
        name = BASELINES[name].target
    module_name, colon, attribute = name.partition(":")
    if not colon or not module_name or not attribute:
        known = listing(list(BASELINES))
        raise BenchError(f"there is no system {name!r}; the baselines are {known}, and your own is module:callable")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        module = importlib.import_module(module_name)
    except Exception as error:
        raise BenchError(f"{name}: the module {module_name!r} cannot be imported: {_told(error)}") from None
    system = getattr(module, attribute, None)
    if not callable(system):
        raise BenchError(f"{name}: {module_name} has no callable {attribute!r}")
    found: System = system
    return found


def run(name: str, documents: Iterable[Document]) -> Iterator[Record]:
    """The records that a system makes of documents, one by one, each checked to level 3.

    Raises `BenchError` when the system fails, returns no `Record`, or one that does not fit the document.
    """
    system = resolve(name)
    for document in documents:
        try:
            record = system(document)
        except Exception as error:
            raise BenchError(f"{name} failed on {document.id}: {_told(error)}") from error
        if not isinstance(record, Record):
            raise BenchError(f"{name} returned {type(record).__name__} for {document.id}; a system returns a Record")
        if record.id != document.id:
            raise BenchError(f"{name} returned a record of {record.id!r} for {document.id}")
        yield files.checked([record], {document.id: document}, name)[0]


def _told(error: Exception) -> str:
    """An exception of somebody else's code in one line, with the line of that code."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {' '.join(str(error).split())}{place}"
