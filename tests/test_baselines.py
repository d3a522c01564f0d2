"""The baselines: what the rules do on invented sentences, that the CRF never sees what it tags, that all is deterministic."""

import contextlib

import pytest
from vnnews_baselines import capitals, crf, features, lexicon, ner_crf, ner_rules, quotes_crf

from vnnews_bench import BenchError, load, systems
from vnnews_bench.records import Document
from vnnews_bench.text import fold, syllables


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
    assert "-1:pair" not in features.features(["Bà", "Sen"])[1]
    assert features.features(["Bà"], ["shape"]) == [{"bias": True, "first": True, "last": True, "0:shape": "Xx"}]
    assert [features._shape(word) for word in ("UBND", "A", "xa", "iPhone", "“", "%")] == ["XX", "X", "x", "*", "“", "."]


def test_a_model_is_trained_without_the_document_that_it_tags(monkeypatch):
    trained = []

    class Spy:
        def __init__(self, **options):
            pass

        def fit(self, rows, tags):
            trained.append({" ".join(str(row["0:word"]) for row in sentence) for sentence in rows})

    monkeypatch.setattr("sklearn_crfsuite.CRF", Spy)
    data = load()
    for id, document in data.documents.items():
        with contextlib.suppress(AttributeError):  # the spy has learnt nothing to tag with
            crf._model.cache_clear()
            ner_crf.tag(document)
        own, others = (
            {fold(" ".join(s)) for other, d in data.documents.items() if (other == id) is mine for s in _sentences(d)}
            for mine in (True, False)
        )
        assert trained[-1] == others
        assert own - others


def test_kept_models_say_what_trained_ones_say(tmp_path):
    document = next(iter(load().documents.values()))
    fresh = ner_crf.tag(document)
    assert ner_crf.tag(document, models=tmp_path / "models") == fresh
    (path,) = (tmp_path / "models").iterdir()
    assert path.name == "ner-without-core-000.crfsuite"
    assert path.read_bytes().startswith(b"lCRF")  # CRFsuite's own format, no pickle
    crf._model.cache_clear()
    assert ner_crf.tag(document, models=tmp_path / "models") == fresh
    path.write_bytes(b"no model")
    crf._model.cache_clear()
    with pytest.raises(BenchError, match="is no model of CRFsuite"):
        ner_crf.tag(document, models=tmp_path / "models")
    crf._model.cache_clear()


def test_given_quotes_only_get_speakers():
    data = load()
    document = data.documents["core-000"]
    given = systems.handed(data, "quotes")["core-000"]
    assert all(quote.speaker is None and quote.attribution is None for quote in given.quotes)
    answer = quotes_crf.tag(document, given=given)
    assert [(q.spans, q.cues, q.type) for q in answer.quotes] == [(q.spans, q.cues, q.type) for q in given.quotes]


def _sentences(document: Document) -> list[list[str]]:
    return [[document.text[a:b] for a, b in syllables(document.text, *sentence)] for sentence in document.sentences]


def test_the_crf_tags_a_text_from_elsewhere():
    assert ner_crf.tag(document("Ông Lê Văn Đạt đến Hà Nội.")).id == "invented"


@pytest.mark.parametrize("name", systems.BASELINES)
def test_a_baseline_says_the_same_twice(name):
    documents = list(load().documents.values())[:1]
    once = list(systems.run(name, documents))
    crf._model.cache_clear()
    assert list(systems.run(name, documents)) == once
