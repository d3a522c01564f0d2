"""Systems: callables from `Document` to `Record`; baselines and tools have names, any other is `module:callable`."""

import importlib
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from inspect import signature
from pathlib import Path
from typing import Any, Literal

import msgspec

from vnnews_bench import files, isolation, tools
from vnnews_bench.corpus import Corpus
from vnnews_bench.errors import BenchError, listing
from vnnews_bench.isolation import Outcome
from vnnews_bench.records import Document, Record
from vnnews_bench.tasks import part_of_gold
from vnnews_bench.tools import Settings
from vnnews_bench.worker import Job

System = Callable[..., Record]  # (document), and by name what a track hands over
Kind = Literal["floor", "rules", "crf", "tool", "model", "own"]


class Baseline(msgspec.Struct, frozen=True):
    """A named system: its kind (floor, rules, crf), where it is defined, one line about it, what it can be given."""

    name: str
    kind: Kind
    target: str
    about: str
    given: str | None = None


BASELINES: dict[str, Baseline] = {
    baseline.name: baseline
    for baseline in (
        Baseline("capitals", "floor", "vnnews_baselines.capitals:tag", "runs of capitalised syllables, all of them PER"),
        Baseline("ner-rules", "rules", "vnnews_baselines.ner_rules:tag", "titles, head nouns and a gazetteer"),
        Baseline("ner-crf", "crf", "vnnews_baselines.ner_crf:tag", "CRF over syllables, trained on train"),
        Baseline("quotes-rules", "rules", "vnnews_baselines.quotes_rules:tag", "marks, reporting verbs, pronouns", "quotes"),
        Baseline("quotes-crf", "crf", "vnnews_baselines.quotes_crf:tag", "CRF for cue, content and speaker, linked", "quotes"),
        Baseline(
            "dates-rules", "rules", "vnnews_baselines.dates_rules:tag", "a normaliser of time expressions, triggers", "triggers"
        ),
        Baseline("events-crf", "crf", "vnnews_baselines.events_crf:tag", "CRF for triggers, dated by the normaliser"),
    )
}


def target(name: str) -> str:
    """Where the system of that name is: `module:callable`, not imported. Raises `BenchError` for what is no such name."""
    if name in BASELINES:
        return BASELINES[name].target
    module_name, _, attribute = name.partition(":")
    if not module_name or not attribute:
        known, foreign = listing(list(BASELINES)), listing(list(tools.TOOLS))
        raise BenchError(
            f"there is no system {name!r}; the baselines are {known}, the tools {foreign}, and your own is module:callable"
        )
    return name


def job(name: str, settings: Settings) -> Job:
    """What a worker is told to run any system. Raises `BenchError` for what is no name of one; nothing is imported."""
    found = tools.named(name)
    if found is None:
        return Job(target(name), settings.memory)
    tool, model = found
    return Job(f"vnnews_baselines.adapters.{tool.name}", settings.memory, msgspec.structs.replace(settings, model=model))


def resolve(name: str) -> System:
    """The system of that name: a baseline, or `module:callable` found from the current folder.

    Raises `BenchError` when there is none.
    """
    name = target(name)
    module_name, _, attribute = name.partition(":")
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


def check(name: str) -> None:
    """Raises `BenchError` for the name of no baseline, no tool and no callable."""
    if tools.named(name) is None:
        resolve(name)


def takes(name: str, option: str) -> bool:
    """Whether a system has a parameter of that name; one that does not show its parameters has none."""
    try:
        return tools.named(name) is None and option in signature(resolve(name)).parameters
    except ValueError:
        return False


def run(
    name: str,
    documents: Iterable[Document],
    given: Mapping[str, Record] | None = None,
    models: Path | None = None,
    settings: Settings = tools.DEFAULTS,
    tell: Callable[[str], None] = lambda note: None,
) -> Iterator[Record]:
    """The records that a system makes of documents, one by one, each checked to level 3.

    `given` is the part of the gold that the track hands over, by document, and `models` a folder in which a system keeps what
    it trains; a system that takes neither is called with the document alone. Tools are run under `settings`: a document on
    which a tool fails has no record, and `tell` is called with the reason, as with whatever else there is to say.
    Raises `BenchError` when a system fails, returns no `Record`, or one that does not fit the document; of a tool, when it is
    not installed or fails on all documents.
    """
    options: dict[str, Any] = {} if models is None else {"models": models}
    for option in ({"given"} if given is not None else set()) | set(options):
        if not takes(name, option):
            raise BenchError(f"{name} takes no {option!r}; a system that does is def tag(document, *, {option}=None)")
    if tools.named(name) is not None:
        yield from _of_tool(name, documents, settings, tell)
        return
    system = resolve(name)
    for document in documents:
        if given is not None:
            options["given"] = given[document.id]
        try:
            record = system(document, **options)
        except BenchError:
            raise
        except Exception as error:
            raise BenchError(f"{name} failed on {document.id}: {_told(error)}") from error
        if not isinstance(record, Record):
            raise BenchError(f"{name} returned {type(record).__name__} for {document.id}; a system returns a Record")
        if record.id != document.id:
            raise BenchError(f"{name} returned a record of {record.id!r} for {document.id}")
        yield files.checked([record], {document.id: document}, name)[0]


def outcomes(name: str, documents: Iterable[Document], settings: Settings = tools.DEFAULTS) -> Iterator[Outcome]:
    """What becomes of documents under any system in a process of its own: records or reasons, seconds and memory."""
    if tools.named(name) is None:
        resolve(name)
    return isolation.run(job(name, settings), documents, settings)


def _of_tool(name: str, documents: Iterable[Document], settings: Settings, tell: Callable[[str], None]) -> Iterator[Record]:
    lost, answered = [], False
    for outcome in outcomes(name, documents, settings):
        for note in said(name, outcome):
            tell(note)
        if outcome.record is None:
            lost.append(outcome.lost)
        else:
            answered = True
            yield outcome.record
    if lost and not answered:
        raise BenchError(f"{name} failed on every document: {lost[0]}")


def said(name: str, outcome: Outcome) -> list[str]:
    """What there is to say of an outcome, a line each: why the document is lost, and the notes of the adapter."""
    lost = [] if outcome.lost is None else [f"lost, scored as empty: {outcome.lost}"]
    return [f"{name} {outcome.document}: {note}" for note in (*lost, *outcome.notes)]


def handed(data: Corpus, part: str) -> dict[str, Record]:
    """The part of the gold that a track hands over, by document. Raises `BenchError` for a part that no task has."""
    hand = part_of_gold(part)
    return {id: hand(record) for id, record in data.gold.items()}


def undated(document: Document) -> Document:
    """The document as the track without a document date gives it: the dates of its sections are withheld, too."""
    zones = tuple(msgspec.structs.replace(zone, section_time=None) for zone in document.zones)
    return msgspec.structs.replace(document, dct=None, zones=zones)


def _told(error: Exception) -> str:
    """An exception of somebody else's code in one line, with the line of that code."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {' '.join(str(error).split())}{place}"
