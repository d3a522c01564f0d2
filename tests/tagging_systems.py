"""Systems of a user for archives; each goes wrong on documents whose text says so, and tells which process loaded it."""

import os
import time
import uuid
from pathlib import Path

from vnnews_bench.records import Document, Entity, Record

if "LOADS" in os.environ:
    (Path(os.environ["LOADS"]) / uuid.uuid4().hex).touch()


def tag(document: Document) -> Record:
    """One entity as long as the first sentence, so that output shows the sentences that were given."""
    if "HIỂM" in document.text:
        _goes_wrong(document)
    start, end = document.sentences[0]
    return Record(id=document.id, entities=(Entity(start=start, end=end, label="PER"),))


def _goes_wrong(document: Document) -> None:
    if "HIỂM exit" in document.text:
        os._exit(3)
    if "HIỂM raise" in document.text:
        raise ValueError("a system\nwith a bug")
    if "HIỂM hang" in document.text:
        time.sleep(3600)


def nonsense(document: Document) -> object:
    return ["no", "record"] if "HIỂM" in document.text else tag(document)


def past_the_end(document: Document) -> Record:
    if "HIỂM" in document.text:
        return Record(id=document.id, entities=(Entity(start=0, end=9999, label="PER"),))
    return tag(document)


def sleeps(document: Document) -> Record:
    time.sleep(0.003)
    return tag(document)


def dies_once(document: Document) -> Record:
    """As if struck from outside, the first time that it meets a document of danger."""
    if "HIỂM" in document.text and not (mark := Path(os.environ["LOADS"]) / "died").exists():
        mark.touch()
        os._exit(9)
    return tag(document)


def what_it_sees(document: Document) -> Record:
    """Raises with all that it was given but the text."""
    raise ValueError(f"{document.dct and document.dct.date} {len(document.zones)} {document.sentences} {document.source}")
