"""The baselines: what the rules do on invented sentences, that the CRF never sees what it tags, that all is deterministic."""

import contextlib
import re
import runpy
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import ClassVar

import msgspec
import pytest
from vnnews_baselines import capitals, crf, features, lexicon, ner_crf, ner_rules, quotes_crf

from vnnews_bench import BenchError, corpus, load, systems
from vnnews_bench.records import Document
from vnnews_bench.text import fold, syllables

ROOT = Path(__file__).parent.parent


def document(*sentences: str) -> Document:
    text, spans = "", []
    for sentence in sentences:
        spans.append((len(text), len(text) + len(sentence)))
        text += sentence + "\n"
    return Document(id="invented", text=text, sentences=tuple(spans))


def found(tag, *sentences: str) -> list[tuple[str, str]]:
    return [(e.text, e.label) for e in tag(document(*sentences)).entities]


def test_capitals_are_runs_without_the_word_that_opens_a_sentence():
    assert found(capitals.tag, "Hôm qua Lê Sen đến Huế.", "“Mưa rất to”, Khoan nói.") == [
        ("Lê Sen", "PER"),
        ("Huế", "PER"),
        ("Khoan", "PER"),
    ]


@pytest.mark.parametrize(
    ("sentence", "names"),
    [
        ("Thủ tướng Thái Lan Anan Srisuk đến Huế.", [("Thái Lan", "GPE"), ("Anan Srisuk", "PER"), ("Huế", "GPE")]),
        ("Bà Lê Thị Sen thăm tỉnh Nghệ An.", [("Lê Thị Sen", "PER"), ("tỉnh Nghệ An", "GPE"), ("Nghệ An", "GPE")]),
        ("Theo Bộ Y tế Lào, dịch đã giảm.", [("Bộ Y tế Lào", "ORG"), ("Lào", "GPE")]),
        ("Bộ Giáo dục và Đào tạo họp.", [("Bộ Giáo dục và Đào tạo", "ORG")]),
        ("Khách đến sân bay Đà Nẵng.", [("sân bay Đà Nẵng", "FAC"), ("Đà Nẵng", "GPE")]),
        ("Ông tới WTTC hôm qua.", [("WTTC", "ORG")]),
        ("Anh Tuấn về nước.", [("Tuấn", "PER")]),
        ("Mưa ở Đông Nam Á.", [("Đông Nam Á", "LOC")]),
        ("Mưa ở TP Hồ Chí Minh.", [("TP Hồ Chí Minh", "GPE")]),  # with its head noun or without, one name
    ],
)
def test_rules(sentence, names):
    assert sorted(found(ner_rules.tag, sentence)) == sorted(names)


def test_a_person_found_by_a_title_is_known_elsewhere():
    names = found(ner_rules.tag, "Khoan không đến.", "Giáo sư Trần Bá Khoan vắng mặt.")
    assert ("Khoan", "PER") in names


def test_lexicons_are_clean():
    for name in ("countries", "cities", "vietnam", "regions", "titles", "organisations", "classifiers", "facilities", "fields"):
        entries = lexicon.words(name)
        assert all(entries)
        assert max(lexicon.longest(name).values()) == max(map(len, entries)) <= 9
    # the class is complete: 195 states, of which some have several names
    assert len(lexicon.words("countries")) >= 195


def test_features_of_a_sentence():
    rows = features.features(["Bà", "Sen", "18"], features.SETS)
    assert [row["0:shape"] for row in rows] == ["Xx", "Xx", "9"]
    assert rows[0]["first"] is True
    assert rows[1]["-1:pair"] == "bà sen"
    assert "2:word" not in rows[1]
    assert "-1:pair" not in features.features(["Bà", "Sen"], features.SETS[:4])[1]
    assert features.features(["Bà"], ["shape"]) == [{"bias": True, "first": True, "last": True, "0:shape": "Xx"}]
    assert [features._shape(word) for word in ("UBND", "A", "xa", "iPhone", "“", "%")] == ["XX", "X", "x", "*", "“", "."]


class Spy:
    """A model that only remembers what it was trained on: a set of sentences, and its settings."""

    trained: ClassVar[list[set[str]]] = []
    options: ClassVar[list[dict]] = []

    def __init__(self, **options):
        self.options.append(options)

    def fit(self, rows, tags):
        self.trained.append({" ".join(str(row["0:word"]) for row in sentence) for sentence in rows})


@pytest.fixture
def spy(monkeypatch):
    """Tags a document with a spy, and gives the sentences that it was trained on."""
    monkeypatch.setattr("sklearn_crfsuite.CRF", Spy)
    crf._model.cache_clear()

    def seen(document: Document, **options) -> set[str]:
        with contextlib.suppress(AttributeError):  # the spy has learnt nothing to tag with
            ner_crf.tag(document, **options)
        return Spy.trained[-1]

    yield seen
    crf._model.cache_clear()


def test_a_document_of_train_is_tagged_by_a_model_of_the_others(spy):
    train = load("train").documents
    for id in list(train)[:2]:
        own, others = (_folded(d for other, d in train.items() if (other == id) is mine) for mine in (True, False))
        assert spy(train[id]) == others
        assert own - others


@pytest.mark.parametrize("split", ["validation", "test", "test_written"])
def test_any_other_document_is_tagged_by_a_model_of_all_of_train(spy, split):
    sentences = spy(next(iter(load(split).documents.values())))
    assert sentences == _folded(load("train").documents.values())
    assert not sentences & _folded(load(split).documents.values()) - _folded(load("train").documents.values())


def test_what_is_learnt_from_may_be_named_from_any_split(spy):
    tests = load("test").documents
    first, *others = tests.values()
    assert spy(first, learnt_from=tuple(d.id for d in others)) == _folded(others)
    assert spy(first, learnt_from=(others[0].id, "written-001")) == _folded([others[0], load("train").documents["written-001"]])
    with pytest.raises(BenchError, match="there is no document 'core-999' in the corpus to learn from"):
        spy(first, learnt_from=("core-999",))


def test_a_model_is_trained_once_for_all_that_it_tags(spy):
    for document in load("test").documents.values():
        spy(document)
    before = len(Spy.trained)
    for document in load("test_written").documents.values():
        spy(document)
    assert len(Spy.trained) == before


def test_the_settings_are_the_best_of_the_page_on_todays_data():
    script = runpy.run_path(str(ROOT / "benchmarks" / "crf_settings.py"))
    page = (ROOT / "docs" / "decisions.md").read_text(encoding="utf-8")
    (block,) = script["BLOCK"].findall(page)
    assert script["on"]() in block, "run `python benchmarks/crf_settings.py`"
    lines = [line.strip("| ").split(" | ") for line in block.splitlines() if re.match(r"\| \w+.* \d", line)]
    by_sets, by_norms = ([line for line in lines if line[0][0].isdigit() is norms] for norms in (False, True))
    for column, task in enumerate(crf.CHOSEN, 1):
        sets, norms = (max(part, key=lambda line: float(line[column]))[0] for part in (by_sets, by_norms))
        c1, c2 = map(float, norms.split())
        assert crf.CHOSEN[task] == crf.Settings(tuple(sets.split(" + ")), c1, c2), "take what the script prints into crf.py"


@pytest.fixture
def few(monkeypatch):
    """Three documents to learn from, so that training is quick."""
    known = corpus.load("train")
    small = msgspec.structs.replace(known, documents=dict(islice(known.documents.items(), 3)))
    monkeypatch.setattr(corpus, "load", lambda split="test": small if split == "train" else load(split))
    crf._model.cache_clear()
    yield small.documents
    crf._model.cache_clear()


def test_kept_models_say_what_trained_ones_say(tmp_path, few):
    own, other = few["written-001"], next(iter(load().documents.values()))
    for document, name in ((own, "ner-without-written-001"), (other, "ner")):
        fresh = ner_crf.tag(document)
        assert ner_crf.tag(document, models=tmp_path) == fresh
        path = tmp_path / f"{name}.crfsuite"
        assert path.read_bytes().startswith(b"lCRF")  # CRFsuite's own format, no pickle
        crf._model.cache_clear()
        assert ner_crf.tag(document, models=tmp_path) == fresh
        path.write_bytes(b"no model")
        crf._model.cache_clear()
        with pytest.raises(BenchError, match="is no model of CRFsuite"):
            ner_crf.tag(document, models=tmp_path)
        crf._model.cache_clear()


def test_given_quotes_only_get_speakers(few):
    data = load()
    document = data.documents["core-000"]
    given = systems.handed(data, "quotes")["core-000"]
    assert all(quote.speaker is None and quote.attribution is None for quote in given.quotes)
    answer = quotes_crf.tag(document, given=given)
    assert [(q.spans, q.cues, q.type) for q in answer.quotes] == [(q.spans, q.cues, q.type) for q in given.quotes]


def _folded(documents: Iterable[Document]) -> set[str]:
    """The sentences of documents, as the features have them."""
    return {
        fold(" ".join(document.text[a:b] for a, b in syllables(document.text, *sentence)))
        for document in documents
        for sentence in document.sentences
    }


def test_the_crf_tags_a_text_from_elsewhere(few):
    assert ner_crf.tag(document("Ông Lê Văn Đạt đến Hà Nội.")).id == "invented"


@pytest.mark.parametrize("name", systems.BASELINES)
def test_a_baseline_says_the_same_twice(name, few):
    documents = list(load().documents.values())[:1]
    once = list(systems.run(name, documents))
    crf._model.cache_clear()
    assert list(systems.run(name, documents)) == once
