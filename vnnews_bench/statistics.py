"""How much of what the gold holds: documents, sentences and annotations by label and article."""

from collections import Counter
from typing import Any

from vnnews_bench.corpus import Corpus
from vnnews_bench.render import Cell, Sheet
from vnnews_bench.tasks import ner
from vnnews_bench.text import syllables


def rows(data: Corpus) -> dict[str, dict[str, int]]:
    """What is counted, by name, and under it the count of each document."""
    found: dict[str, dict[str, int]] = {}
    for id, document in data.documents.items():
        entities = data.gold[id].entities or ()
        outer = {e.id for e in ner.view(entities, "vlsp")}
        labels = Counter[str](e.label for e in entities)
        scored = [e for e in entities if document.zone_of(e.start) in ner.TASK.zones]
        counts = {
            "code points": len(document.text),
            "syllables": len(syllables(document.text)),
            "sentences": len(document.sentences),
            "entities": len(entities),
            **{f"– {label}": labels[label] for label in ner.LABELS},
            "– inside another": len(entities) - len(outer),
            "– with metonymy": sum(e.metonymy is not None for e in entities),
            "– in scored zones": len(scored),
            "different entities": len({e.entity for e in entities}),
        }
        for name, count in counts.items():
            found.setdefault(name, {})[id] = count
    return found


def sheet(data: Corpus) -> Sheet:
    """The counts as a table, an article a column."""
    lines: list[tuple[Cell, ...]] = []
    for name, counts in rows(data).items():
        total = len(mentioned(data)) if name == "different entities" else sum(counts.values())
        lines.append((name, *counts.values(), total))
    return Sheet(title=f"{data.split} {data.version}", heads=("", *data.documents, "all"), rows=lines)


def mentioned(data: Corpus) -> set[str | None]:
    """The ids of the entities that a split mentions."""
    return {entity.entity for record in data.gold.values() for entity in record.entities or ()}


def as_dict(data: Corpus) -> dict[str, Any]:
    """The counts as JSON has them."""
    return {"split": data.split, "version": data.version, "hash": data.hash, "counts": rows(data)}
