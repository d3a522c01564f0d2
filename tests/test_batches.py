"""Two files scored in batches: the counts of both read whole, whatever their order, with memory for what waits."""

import gzip
import random
import tracemalloc

import msgspec
import pyarrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import corpora

from vnnews_bench import batches, corpus, evaluate, files
from vnnews_bench.errors import BenchError
from vnnews_bench.offsets import claim
from vnnews_bench.records import LAYERS, Entity, Record


def numbered(records):
    """The records under ids of their own, each claim once, as level 3 wants it."""
    made = []
    for n, record in enumerate(records):
        layers = {}
        for layer in LAYERS:
            once = {claim(item): msgspec.structs.replace(item, id=None) for item in getattr(record, layer) or ()}
            layers[layer] = None if getattr(record, layer) is None else tuple(once.values())
        made.append(msgspec.structs.replace(record, id=f"d{n}", **layers))
    return made


def written(folder, gold, predicted):
    files.write(gold, folder / "gold.jsonl")
    files.write(predicted, folder / "predicted.jsonl")
    return folder / "predicted.jsonl", folder / "gold.jsonl"


@settings(max_examples=60, deadline=None)
@given(corpora, corpora, st.sampled_from([1, 40, 300, 10**6]), st.randoms())
def test_files_in_batches_have_the_counts_of_records_in_memory(tmp_path_factory, gold, predicted, block, chance):
    gold, predicted = numbered(gold * 3), numbered(predicted)[: len(gold) * 3]
    chance.shuffle(predicted)
    paths = written(tmp_path_factory.mktemp("w"), gold, predicted)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "BLOCK", block)
        found = evaluate(paths[0], gold=paths[1]).as_dict()
    whole = evaluate(predicted, gold=gold).as_dict()
    for report in (found, whole):
        report["signature"].pop("data")
        for task in report["tasks"].values():
            task.pop("signatures")
            task["remarks"].sort()
    assert found == whole


@pytest.mark.parametrize("packing", ["", ".gz", ".zst"])
def test_the_gold_of_the_corpus_as_a_file_has_groups_and_is_read_in_any_packing(tmp_path, monkeypatch, packing):
    from vnnews_bench import formats

    data = corpus.load()
    raw = formats.write(list(data.gold.values()), data.documents, "records").files["records.jsonl"]
    pack = {"": lambda b: b, ".gz": gzip.compress, ".zst": lambda b: pyarrow.compress(b, codec="zstd", asbytes=True)}[packing]
    (tmp_path / f"gold.jsonl{packing}").write_bytes(pack(raw))
    files.write(data.gold.values(), tmp_path / "p.jsonl")
    monkeypatch.setattr(files, "BLOCK", 1000)
    report = evaluate(tmp_path / "p.jsonl", gold=tmp_path / f"gold.jsonl{packing}")
    whole = evaluate(list(data.gold.values()), zones="all")
    assert {name: task.groups for name, task in report.tasks.items()} == {n: task.groups for n, task in whole.tasks.items()}
    assert report.signature["sentences"] == data.sentences
    assert report.tasks["ner"].metrics["strict"].texts == tuple(data.gold)


def record(n, *spans):
    return Record(id=f"d{n}", entities=tuple(Entity(start=a, end=b, label="PER") for a, b in spans))


@pytest.mark.parametrize(
    ("gold", "predicted", "message"),
    [
        ([record(0)], [record(0), record(7)], r"^there is no document 'd7' in the gold; there are d0 \["),
        ([record(0)], [record(0), record(0)], r"predicted\.jsonl:2: \$\.id: d0 has a record already, line 1"),
        ([record(0), record(1, (3, 3))], [record(0)], r"gold\.jsonl:2: \$\.entities\[0\]: the span \[3, 3\) is empty"),
        ([record(0)], [record(0, (1, 2), (1, 2))], r"predicted\.jsonl:1: \$\.entities\[1\]: says the same as"),
    ],
)
def test_a_mistake_in_either_file_has_its_place(tmp_path, monkeypatch, gold, predicted, message):
    monkeypatch.setattr(files, "BLOCK", 1)
    predicted, gold = written(tmp_path, gold, predicted)
    with pytest.raises(BenchError, match=message):
        evaluate(predicted, gold=gold)


def test_predictions_are_held_to_the_texts_of_the_gold(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "BLOCK", 1)
    (tmp_path / "gold.jsonl").write_text(
        '{"id":"a","text":"Bà An","entities":[]}\n{"id":"b","text":"Ông Ba","entities":[]}\n', "utf-8"
    )
    (tmp_path / "p.jsonl").write_text('{"id":"b","entities":[]}\n{"id":"a","entities":[{"start":3,"end":9,"label":"PER"}]}\n')
    with pytest.raises(BenchError, match=r"p\.jsonl:2: \$\.entities\[0\]\.end: 9 is past the end of a \(5\)"):
        evaluate(tmp_path / "p.jsonl", gold=tmp_path / "gold.jsonl")
    (tmp_path / "p.jsonl").write_text('{"id":"a","entities":[]}\n{"id":"b","text":"Ông Bảy","entities":[]}\n')
    with pytest.raises(BenchError, match=r"p\.jsonl:2: \$\.text: the text differs from that of b"):
        evaluate(tmp_path / "p.jsonl", gold=tmp_path / "gold.jsonl")


@pytest.mark.parametrize("missing", [0, 59])
def test_memory_is_that_of_the_documents_that_wait(tmp_path, monkeypatch, missing):
    """Ten times the documents take little more than before, though sixty documents far apart wait in vain."""
    monkeypatch.setattr(files, "BLOCK", 2**16)
    chance = random.Random(4)
    spans = [tuple((at, at + chance.randint(2, 9)) for at in range(0, 600, 20)) for _ in range(50)]
    peaks = []
    for count in (600, 6000):
        folder = tmp_path / str(count)
        folder.mkdir()
        gold = [record(n, *spans[n % 50]) for n in range(count)]
        every = count // (missing + 1)
        paths = written(folder, gold, [one for n, one in enumerate(gold, 1) if n % every or n == count])
        tracemalloc.start()
        total = sum(len(batch.gold) for batch in batches.of_files(paths[1], paths[0]))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert total == count
    assert peaks[1] < 3 * peaks[0]
