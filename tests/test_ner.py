"""The entity task: hand-computed cases as files, outermost spans against brute force, views."""

from hypothesis import given
from strategies import entities

from vnnews_bench import corpus
from vnnews_bench.records import Document, Entity, Record
from vnnews_bench.tasks import ner


@given(entities())
def test_outermost_spans_lie_in_no_longer_one(items):
    rows = ner.outermost(ner.columns_of([items]))

    def inside(e: Entity, o: Entity) -> bool:
        return (e.start, e.end) != (o.start, o.end) and o.start <= e.start and e.end <= o.end

    expected = [n for n, e in enumerate(items) if not any(inside(e, o) for o in items)]
    assert list(rows.row) == expected


def test_texts_do_not_contain_each_other():
    items = [[Entity(start=0, end=9, label="ORG")], [Entity(start=2, end=4, label="GPE")]]
    assert len(ner.outermost(ner.columns_of(items)).row) == 2


def test_the_views():
    items = [
        Entity(start=0, end=20, label="EVENT"),
        Entity(start=10, end=20, label="ORG"),
        Entity(start=30, end=35, label="FAC", metonymy="ORG"),
    ]
    vlsp = ner.view(items, "vlsp")
    assert [(e.start, e.end, e.label) for e in vlsp] == [(0, 20, "MISC"), (30, 35, "LOC")]
    # what the view has no label for is gone before spans are compared
    assert [(e.start, e.label) for e in ner.view(items, "uner")] == [(10, "ORG"), (30, "LOC")]
    assert ner.view([], "vlsp") == ()


def test_a_view_says_each_claim_once():
    items = [Entity(start=0, end=4, label="GPE"), Entity(start=0, end=4, label="LOC")]
    assert [(e.start, e.end, e.label) for e in ner.view(items, "vlsp")] == [(0, 4, "LOC")]


def test_seen_means_named_in_another_document():
    documents = [Document(id="a", text="Huế Lào"), Document(id="b", text="huế")]
    records = [
        Record(id="a", entities=(Entity(start=0, end=3, label="GPE"), Entity(start=4, end=7, label="GPE"))),
        Record(id="b", entities=(Entity(start=0, end=3, label="LOC"),)),
    ]
    assert ner.seen(records, documents, ner.holders(records, documents)) == ["seen", "unseen", "seen"]


def test_every_scored_mention_of_the_corpus_has_edges_between_syllables():
    from vnnews_bench.text import syllables

    data = corpus.load()
    for id, record in data.gold.items():
        document = data.documents[id]
        edges = {edge for token in syllables(document.text) for edge in token}
        scored = [e for e in record.entities or () if document.zone_of(e.start) in ner.TASK.zones]
        assert {edge for e in scored for edge in (e.start, e.end)} <= edges
