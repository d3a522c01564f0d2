"""Systems of a user, good and bad, called as `own_systems:NAME` in the tests."""

from vnnews_bench.records import Document, Entity, Record


def first_word(document: Document) -> Record:
    return Record(id=document.id, entities=(Entity(start=0, end=3, label="PER"),))


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
