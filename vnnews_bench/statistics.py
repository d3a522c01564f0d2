"""How much of what the gold holds, by label, article and split, and what became of disagreements and challenges."""

from collections import Counter
from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from vnnews_bench import corpus
from vnnews_bench.corpus import Corpus
from vnnews_bench.records import Document, Record
from vnnews_bench.render import WIDE, Cell, Sheet
from vnnews_bench.tasks import dates, ner, quotes
from vnnews_bench.text import syllables

HEADS = ("entities", "quotes", "time expressions", "events")  # the counts of whole layers
DIFFERENT = "– different entities"
DECISIONS = ("accepted", "partly", "rejected")


class Entry(msgspec.Struct, frozen=True):
    """One line of the adjudication log: a disagreement of two passes, or a challenge to the gold, and its decision."""

    id: str
    stage: Literal["adjudication", "challenge"]
    layer: str
    place: str
    decision: str
    rule: str
    reason: str


class Examined(msgspec.Struct, frozen=True):
    """How many annotations and sentences a challenger went through."""

    annotations: int
    sentences: int


def rows(data: Corpus) -> dict[str, dict[str, int]]:
    """What is counted, by name, and under it the count of each document."""
    found: dict[str, dict[str, int]] = {}
    for id, document in data.documents.items():
        for name, count in _counts(document, data.gold[id]).items():
            found.setdefault(name, {})[id] = count
    return found


def _counts(document: Document, gold: Record) -> dict[str, int]:
    entities, said = gold.entities or (), gold.quotes or ()
    outer = ner.view(entities, "vlsp")
    events, timexes = gold.events or (), gold.timexes or ()
    return {
        "code points": len(document.text),
        "syllables": len(syllables(document.text)),
        "sentences": len(document.sentences),
        "entities": len(entities),
        **_by((e.label for e in entities), ner.LABELS),
        "– inside another": len(entities) - len(outer),
        "– with metonymy": sum(e.metonymy is not None for e in entities),
        "– difficult": sum(bool(e.difficult) for e in entities),
        "– in scored zones": len(ner.TASK.counted(entities, document)),
        DIFFERENT: len({e.entity for e in entities}),
        "quotes": len(said),
        **_by((q.type for q in said), quotes.TYPES),
        "– attitude": sum(q.act == "attitude" for q in said),
        "– level 2": sum(q.level == 2 for q in said),
        **_by((q.attribution for q in said), ("explicit", "anaphoric", "implicit")),
        "– scored type and zone": len(quotes.TASK.counted(said, document)),
        "time expressions": len(timexes),
        **_by((t.type for t in timexes), ("DATE", "TIME", "DURATION", "SET")),
        "events": len(events),
        "– mentions": sum(len(e.mentions) for e in events),
        **_by((e.type for e in events), dates.TYPES),
        **_by((e.modality for e in events), dates.MODALITIES),
        **_by((e.certainty for e in events), ("stated", "inferred", "unknown")),
    }


def _by(values: Iterable[str | None], names: Iterable[str]) -> dict[str, int]:
    there = Counter(values)
    return {f"– {name}": there[name] for name in names}


def sheet(data: Corpus) -> Sheet:
    """The counts as a table, an article a column."""
    total = totals(data)
    lines: list[tuple[Cell, ...]] = [(name, *counts.values(), total[name]) for name, counts in rows(data).items()]
    return Sheet(title=f"{data.split} {data.version}", heads=("", *data.documents, "all"), rows=lines)


def totals(data: Corpus) -> dict[str, int]:
    """What is counted, over all articles; an entity that two of them mention is one."""
    kinds = Counter(document.kind for document in data.documents.values())
    texts = {"articles": len(data.documents), "– published": kinds["published"], "– written": kinds["written"]}
    return texts | {name: sum(counts.values()) for name, counts in rows(data).items()} | {DIFFERENT: len(mentioned(data))}


def of_splits() -> dict[str, dict[str, int]]:
    """What is counted, by name, and under it the count of each split and of all of them together."""
    made = {split: totals(corpus.load(split)) for split in (*corpus.splits(), corpus.ALL)}
    return {name: {split: counts[name] for split, counts in made.items()} for name in made[corpus.ALL]}


def sheets() -> list[Sheet]:
    """The counts of the splits, a split a column: a table of the texts and one of each layer."""
    made: list[Sheet] = []
    heads = ("", *corpus.splits(), corpus.ALL)
    for name, counts in of_splits().items():
        if name in ("articles", *HEADS):
            made.append(Sheet(title=f"{'texts' if name == 'articles' else name} {corpus.load().version}", heads=heads, rows=[]))
        made[-1].rows.append((name, *counts.values()))
    return made


def mentioned(data: Corpus) -> set[str | None]:
    """The ids of the entities that a split mentions."""
    return {entity.entity for record in data.gold.values() for entity in record.entities or ()}


def as_dict(data: Corpus) -> dict[str, Any]:
    """The counts as JSON has them: by article, those of all splits by split."""
    counts = of_splits() if data.split == corpus.ALL else rows(data)
    return {"split": data.split, "version": data.version, "hash": data.hash, "counts": counts}


def log(data: Corpus) -> dict[str, list[Entry]]:
    """The adjudication log of each document of a split."""
    decoder = msgspec.json.Decoder(Entry)
    return {id: decoder.decode_lines(corpus.verified(f"adjudication/{id}.jsonl")) for id in data.documents}


def adjudication(data: Corpus) -> Sheet:
    """What adjudication decided, what the challenger went through and raised, what became of it; of a few articles, by each."""
    examined = msgspec.json.decode(corpus.verified("adjudication/examined.json"), type=dict[str, Examined])
    table: dict[str, list[int]] = {}
    for id, entries in log(data).items():
        raised = [entry for entry in entries if entry.stage == "challenge"]
        counts = {
            "lines of adjudication": len(entries) - len(raised),
            "annotations challenged": examined[id].annotations,
            "sentences searched": examined[id].sentences,
            "challenges raised": len(raised),
            "of these: something is missing": sum(entry.place.startswith("missing") for entry in raised),
            **{name: sum(entry.decision == name for entry in raised) for name in DECISIONS},
        }
        for name, count in counts.items():
            table.setdefault(name, []).append(count)
    columns = tuple(data.documents) if len(data.documents) <= WIDE else ()
    lines: list[tuple[Cell, ...]] = [(name, *counts[: len(columns)], sum(counts)) for name, counts in table.items()]
    return Sheet(title=f"adjudication and challenge: {data.split}", heads=("", *columns, "all"), rows=lines)
