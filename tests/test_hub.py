"""The dataset: rows, features, the built repository, and the way back to a submission."""

import pyarrow.parquet
import pytest
import yaml
from datasets import ClassLabel, get_dataset_config_names
from datasets import load_dataset as hf_load_dataset

import vnnews_bench
from vnnews_bench import BenchError, evaluate, hub, load
from vnnews_bench.tags import decode
from vnnews_bench.tasks import ner


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("built") / "dataset"
    hub.build(folder)
    return folder


def test_ner_rows_carry_class_labels_that_say_what_the_gold_says():
    rows = vnnews_bench.load_dataset("ner", "test")
    tags = rows.features["ner_tags"].feature
    assert isinstance(tags, ClassLabel)
    data = load()
    assert len(rows) == data.sentences
    found = set()
    for row in rows:
        spans = decode([tags.int2str(row["ner_tags"])], ("PER", "ORG", "LOC", "MISC"))
        for label, first, last in zip(spans.label, spans.start, spans.end, strict=True):
            found.add((row["document"], row["offsets"][first][0], row["offsets"][last - 1][1], spans.labels[label]))
        text = data.documents[row["document"]].text
        assert [text[a:b] for a, b in row["offsets"]] == row["tokens"]
    gold = {
        (id, e.start, e.end, e.label)
        for id, record in data.gold.items()
        for e in ner.view(record.entities or (), "vlsp")
        if data.documents[id].zone_of(e.start) in ner.TASK.zones
    }
    assert gold <= found


def test_splits_and_configurations():
    assert list(vnnews_bench.load_dataset("documents")) == ["test"]
    assert vnnews_bench.load_dataset("documents", "test").column_names[:2] == ["id", "text"]
    with pytest.raises(BenchError, match="there is no configuration 'pos'; there are documents, ner"):
        vnnews_bench.load_dataset("pos")
    with pytest.raises(BenchError, match="there is no split 'dev'; there are test"):
        vnnews_bench.load_dataset("ner", "dev")


@pytest.mark.parametrize("config", hub.CONFIGS)
@pytest.mark.parametrize("streaming", [False, True])
def test_the_stock_client_reads_what_was_built(built, config, streaming):
    rows = hf_load_dataset(str(built), config, split="test", streaming=streaming)
    own = vnnews_bench.load_dataset(config, "test")
    assert rows.features == own.features
    assert list(rows) == list(own)


def test_the_card_names_configurations_versions_and_counts(built):
    assert get_dataset_config_names(str(built)) == ["documents", "ner"]
    card = (built / "README.md").read_text(encoding="utf-8")
    meta = yaml.safe_load(card.split("---")[1])
    assert [config["version"] for config in meta["configs"]] == [load().version] * 2
    assert [config.get("default") for config in meta["configs"]] == [True, None]
    sizes = {info["config_name"]: info["splits"][0]["num_examples"] for info in meta["dataset_info"]}
    assert sizes == {"documents": 5, "ner": load().sentences}
    assert pyarrow.parquet.read_table(built / "ner" / "test-00000-of-00001.parquet").num_rows == sizes["ner"]
    assert "human has checked the gold yet" in " ".join(card.split())


def test_a_row_of_documents_is_a_submission(built, tmp_path):
    rows = hf_load_dataset(str(built), "documents", split="test")
    kept = rows.map(lambda row: {"entities": [e for e in row["entities"] if e["label"] != "GPE"]})
    kept.to_json(tmp_path / "preds.jsonl", force_ascii=False)
    report = evaluate(tmp_path / "preds.jsonl")
    assert report.tasks["ner"].metrics["nested"].total.precision == 1.0
    assert report.tasks["ner"].metrics["nested"].unused == ["GPE"]
    rows.to_json(tmp_path / "gold.jsonl")
    assert evaluate(tmp_path / "gold.jsonl").tasks["ner"].metrics["nested"].total.f1 == 1.0


def test_a_build_replaces_a_build_and_nothing_else(tmp_path):
    folder = tmp_path / "d"
    names = hub.build(folder)
    assert sorted(names) == sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())
    hub.build(folder)
    (folder / "thesis.tex").write_text("precious")
    with pytest.raises(BenchError, match=r"holds files that a build does not write, thesis\.tex"):
        hub.build(folder)
    assert (folder / "thesis.tex").read_text() == "precious"
    (tmp_path / "file").write_text("x")
    with pytest.raises(BenchError, match="is a file; name a folder"):
        hub.build(tmp_path / "file")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["d", "file"]


def test_a_build_that_fails_leaves_nothing(tmp_path, monkeypatch):
    def broken() -> str:
        raise BenchError("broken")

    monkeypatch.setattr(hub, "card", broken)
    with pytest.raises(BenchError, match="broken"):
        hub.build(tmp_path / "d")
    assert list(tmp_path.iterdir()) == []
