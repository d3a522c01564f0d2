"""Systems of a user, good and bad, called as `own_systems:NAME` in the tests."""

from vnnews_baselines import ner_rules

from vnnews_bench import corpus
from vnnews_bench.records import Document, Entity, Record


def first_word(document: Document) -> Record:
    return Record(id=document.id, entities=(Entity(start=0, end=3, label="PER"),))


def nearly(document: Document) -> Record:
    """What the rules say, but for a name of the first article."""
    record = ner_rules.tag(document)
    return Record(id=document.id, entities=record.entities[document.id == "core-000" :])


def old_news(document: Document) -> Record:
    """What the rules say of the published articles, and nothing about the others."""
    return ner_rules.tag(document) if document.id.startswith("core-") else Record(id=document.id, entities=())


def as_dict(document: Document) -> dict:
    return {"id": document.id, "entities": []}


def crashes(document: Document) -> Record:
    raise ZeroDivisionError("a model\nwith a bug")


def other_id(document: Document) -> Record:
    return Record(id="core-999")


def past_the_end(document: Document) -> Record:
    return Record(id=document.id, entities=(Entity(start=0, end=99999, label="PER"),))


def wrong_label(document: Document) -> Record:
    return Record(id=document.id, entities=(Entity(start=0, end=3, label="CITY"),))


NOT_CALLABLE = 7


def learns(document: Document, *, learnt_from: tuple[str, ...] | None = None) -> Record:
    """As many of its entities as documents were learnt from; it needs no training."""
    split = next(split for split, ids in corpus.splits().items() if document.id in ids)
    gold = corpus.load(split).gold[document.id].entities or ()
    assert learnt_from is None or document.id not in learnt_from
    return Record(id=document.id, entities=gold[: len(learnt_from or ())])
