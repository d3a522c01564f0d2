"""The baselines: what the rules do on invented sentences, that the CRF never sees what it tags, that all is deterministic."""

import pytest
from vnnews_baselines import capitals, features, lexicon, ner_crf, ner_rules

from vnnews_bench import load, systems
from vnnews_bench.records import Document


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
        assert lexicon.longest(name) <= 9
    # the class is complete: 195 states, of which some have several names
    assert len(lexicon.words("countries")) >= 195


def test_features_of_a_sentence():
    rows = features.features(["Bà", "Sen", "18"])
    assert [row["0:shape"] for row in rows] == ["Xx", "Xx", "9"]
    assert rows[0]["first"] is True
    assert rows[1]["-1:pair"] == "bà sen"
    assert "2:word" not in rows[1]
    assert [features._shape(word) for word in ("UBND", "A", "xa", "iPhone", "“", "%")] == ["XX", "X", "x", "*", "“", "."]


def test_the_crf_is_trained_without_the_document_that_it_tags(monkeypatch):
    trained = []
    train = ner_crf.train

    def spy(words, labels):
        trained.append({" ".join(sentence) for sentence in words})
        return train(words, labels)

    monkeypatch.setattr(ner_crf, "train", spy)
    ner_crf._model.cache_clear()
    data = load()
    for id, held_out in data.documents.items():
        ner_crf.tag(held_out)
        own = {" ".join(sentence) for sentence in _sentences(held_out)}
        others = {" ".join(s) for other, d in data.documents.items() if other != id for s in _sentences(d)}
        assert trained[-1] == others
        assert own - others
    ner_crf._model.cache_clear()


def _sentences(document: Document) -> list[list[str]]:
    from vnnews_bench.text import syllables

    return [[document.text[a:b] for a, b in syllables(document.text, *sentence)] for sentence in document.sentences]


def test_the_crf_tags_a_text_from_elsewhere():
    assert ner_crf.tag(document("Ông Lê Văn Đạt đến Hà Nội.")).id == "invented"


@pytest.mark.parametrize("name", systems.BASELINES)
def test_a_baseline_says_the_same_twice(name):
    documents = list(load().documents.values())[:1]
    once = list(systems.run(name, documents))
    ner_crf._model.cache_clear()
    assert list(systems.run(name, documents)) == once
