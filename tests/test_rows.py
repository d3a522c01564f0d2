"""Rows of `datasets` and spaCy's DocBin: our own configurations come back, and others are read by the names of their tags."""

import json

import msgspec
import pytest
import spacy
from spacy.tokens import Doc, DocBin, Span

from vnnews_bench import corpus, evaluate, formats, load_dataset
from vnnews_bench.errors import BenchError
from vnnews_bench.hub import build
from vnnews_bench.hub.configs import CONFIGS
from vnnews_bench.records import Document, Entity, Record


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hub") / "data"
    build.build(folder)
    return folder


@pytest.mark.parametrize("name", CONFIGS)
@pytest.mark.parametrize("documents", [None, corpus.load().documents], ids=["alone", "on the documents"])
def test_the_parquet_of_every_configuration_is_the_gold(repository, name, documents):
    path = next(repository.glob(f"{name}/test-*.parquet"))
    assert formats.sniff(path) == "rows"
    read = formats.read(path, documents)
    own = evaluate(load_dataset(name, "test")).as_dict()["tasks"]
    assert evaluate(read.records).as_dict()["tasks"] == own
    assert evaluate(path).as_dict()["tasks"] == own


def test_the_documents_come_with_their_frames(repository):
    read = formats.read(next(repository.glob("documents/test-*.parquet")))
    assert read.records == list(corpus.load().gold.values())
    for id, document in corpus.load().documents.items():
        date = msgspec.structs.replace(document.dct, evidence=())
        assert read.texts[id] == msgspec.structs.replace(document, dct=date)


def test_rows_of_our_own_are_records(tmp_path):
    load_dataset("ner", "test").to_json(tmp_path / "ner.jsonl")
    assert formats.sniff(tmp_path / "ner.jsonl") == "records"
    rows = load_dataset("ner", "test").remove_columns("offsets")
    rows.to_json(tmp_path / "tokens.jsonl")
    assert formats.sniff(tmp_path / "tokens.jsonl") == "rows"
    strict = evaluate(tmp_path / "tokens.jsonl").tasks["ner"].metrics["strict"].total
    assert strict.f1 == 1.0  # the tokens find their places in the text again


def test_rows_of_others(tmp_path):
    path = tmp_path / "train.json.jsonl"
    lines = [{"words": ["Bà", "Lan", "ở", "Huế"], "tags": ["O", "B-NAME", "O", "B-LOCATION"]}, {"words": ["."], "tags": ["O"]}]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    read = formats.read(path)
    assert [(e.start, e.end, e.label) for e in read.records[0].entities] == [(3, 6, "PER"), (9, 12, "LOC")]
    assert read.records[1].entities == ()
    for line, words in [
        ({"words": ["a"], "tags": []}, "x.jsonl:1: has not as many tags as tokens"),
        ({"words": ["a"], "tags": [99]}, "x.jsonl:1: 99 is no tag"),
        ({"words": ["a"], "tags": ["PER"]}, "'PER' is no tag"),
    ]:
        (tmp_path / "x.jsonl").write_text(json.dumps(line))
        with pytest.raises(BenchError) as caught:
            formats.read(tmp_path / "x.jsonl", input="rows")
        assert words in str(caught.value)


def test_a_parquet_without_names_of_tags(tmp_path):
    import pyarrow
    import pyarrow.parquet

    table = pyarrow.table({"tokens": [["Lan"]], "ner_tags": [[1]]})
    pyarrow.parquet.write_table(table, tmp_path / "x.parquet")
    with pytest.raises(BenchError, match="has tags as numbers, and the file has no names for them"):
        formats.read(tmp_path / "x.parquet")
    (tmp_path / "y.parquet").write_bytes(b"PAR1nonsense")
    with pytest.raises(BenchError, match="is no parquet file that can be read"):
        formats.read(tmp_path / "y.parquet")


def test_a_docbin_of_a_pipeline(tmp_path):
    nlp = spacy.blank("vi", config={"nlp": {"tokenizer": {"use_pyvi": False}}})
    doc = Doc(nlp.vocab, words=["😀", "Lan", "ở", "Huế"])
    doc.ents = [Span(doc, 1, 2, label="PERSON"), Span(doc, 3, 4, label="NORP")]
    doc.spans["mine"] = [Span(doc, 3, 4, label="LOC"), Span(doc, 3, 4, label="LOC")]
    DocBin(docs=[doc]).to_disk(tmp_path / "x.spacy")
    assert formats.sniff(tmp_path / "x.spacy") == "spacy"
    read = formats.read(tmp_path / "x.spacy")
    assert [(e.start, e.end, e.label) for e in read.records[0].entities] == [(2, 5, "PER"), (8, 11, "LOC")]
    assert [(loss.kind, loss.annotations) for loss in read.losses] == [("label", 1), ("duplicate", 1)]
    (tmp_path / "y.spacy").write_bytes(b"x\x9cnonsense")
    with pytest.raises(BenchError, match=r"y\.spacy: is no DocBin"):
        formats.read(tmp_path / "y.spacy")


def test_a_docbin_has_the_ids_of_entities():
    record = Record(id="a", entities=(Entity(start=0, end=2, label="PER", entity="per:x"),))
    made = formats.write([record], {"a": Document(id="a", text="abcd")}, "spacy")
    assert made.losses == ()
    docs = list(DocBin().from_bytes(made.files["records.spacy"]).get_docs(spacy.blank("xx").vocab))
    assert [(ent.text, ent.label_, ent.kb_id_) for ent in docs[0].ents] == [("ab", "PER", "per:x")]
