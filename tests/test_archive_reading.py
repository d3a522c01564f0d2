"""Reading archives: every row is a document or is set aside, every file that cannot be read is one line."""

import gzip

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_archive import CORPUS, lines, tagged

from vnnews_bench import BenchError
from vnnews_bench.archive import reading, shards
from vnnews_bench.records import LAYERS


def test_rows_of_every_kind_become_documents_or_are_set_aside(tmp_path):
    sound = {"id": "a1", "text": "Ông Đạt đến.", "dct": "2024-02-29T07:30:00+07:00", "author": "x", "entities": "gold"}
    rows = [
        sound,
        {"text": "Không có mã."},
        {"id": 7, "text": "Mã là số.", "dct": None},
        {"id": "a1", "text": "Trùng mã."},
        {"id": "b2"},
        {"id": "b3", "text": 5},
        {"id": "b4", "text": " \n"},
        {"id": "b5", "text": "Ngày lạ.", "dct": "hôm qua"},
        {"id": "b6", "text": "Ngày lạ.", "dct": 3},
        {"id": "no id / at all", "text": "Mã lạ."},
        {"id": ["x"], "text": "Mã lạ."},
        {"id": "b7", "text": "Câu.", "sentences": [[0, 99]]},
        {"id": "b8", "text": "Câu.", "zones": [{"start": 0, "end": 4, "type": "poem"}]},
        ["no", "object"],
    ]
    path = lines(tmp_path / "tin tức.jsonl", rows)
    with path.open("ab") as file:
        file.write(b'\n{"id": "c1", "te\n{"id": "c2", "text": "\xff"}\n')
    (shard,) = shards.cut(reading.inputs([str(path)]))
    assert [found.document.id for found in shard.documents] == ["a1", "tin_t_c-2", "7"]
    assert shard.documents[0].document.dct.date == "2024-02-29T07:30"
    assert shard.documents[0].place == "tin tức.jsonl:1"
    assert shard.passed == ("author", "entities")
    assert [(one.id, one.reason) for one in shard.aside] == [
        ("a1", "a document before it has the same id"),
        ("b2", "there is no text"),
        ("b3", "the text is no string but of type int"),
        ("b4", "the text is empty"),
        ("b5", "the date of the document is no ISO date: 'hôm qua'"),
        ("b6", "the date of the document is no ISO date: 3"),
        ("no id / at all", "expected `str` matching regex '^[A-Za-z0-9][A-Za-z0-9._:-]*$' - at `$.id`"),
        ("tin_t_c-11", "the id is no string: ['x']"),
        ("b7", "a zone or sentence, 0 to 99, is empty or outside of the text"),
        ("b8", "invalid enum value 'poem' - at `$.zones[0].type`"),
        (None, "the line is no JSON object"),
        (None, "the line is no JSON: JSON is malformed: invalid character (byte 16)"),
        (None, "the line is not UTF-8"),
    ]
    assert shard.aside[-1].place == "tin tức.jsonl:17"


def test_parquet_of_our_own_dataset_is_read_without_its_gold(tmp_path):
    from vnnews_bench.hub.configs import CONFIGS

    CONFIGS["documents"].dataset(CONFIGS["documents"].of(CORPUS), "test").to_parquet(tmp_path / "own.parquet")
    (shard,) = shards.cut(reading.inputs([str(tmp_path / "own.parquet")]))
    assert [found.document.id for found in shard.documents] == list(CORPUS.documents)
    for found, document in zip(shard.documents, CORPUS.documents.values(), strict=True):
        assert found.document.text == document.text
        assert found.document.zones == document.zones
        assert found.document.sentences == document.sentences
        assert found.document.dct.date == document.dct.date
    assert {*LAYERS, "canary", "source"} == set(shard.passed)


def test_parquet_in_row_groups_with_dates_and_bad_strings(tmp_path):
    import datetime

    bad = pa.array([b"sound", b"\xff", b"sound, too"]).cast(pa.binary())
    table = pa.table(
        {
            "text": pa.Array.from_buffers(pa.string(), 3, bad.buffers()),
            "dct": pa.array([datetime.date(2024, 2, 29), None, datetime.date(2023, 1, 1)]),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=1)
    (shard,) = shards.cut(reading.inputs([str(tmp_path / "*.parquet")]))
    assert [(found.document.id, found.document.dct.date) for found in shard.documents] == [
        ("a-1", "2024-02-29"),
        ("a-3", "2023-01-01"),
    ]
    assert [(one.place, one.reason) for one in shard.aside] == [("a.parquet:2", "a string of the row is not UTF-8")]


def test_texts_and_compressed_lines(tmp_path):
    for name in ("x/một.txt", "y/hai.txt"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text("Ông Đạt đến.", encoding="utf-8")
    (tmp_path / "y" / "bad.txt").write_bytes(b"\xff")
    (tmp_path / "z.jsonl.gz").write_bytes(gzip.compress(b'{"text": "T\xe1\xbb\x9bi."}\n'))
    (shard,) = shards.cut(reading.inputs([str(tmp_path / "**" / "*.txt"), str(tmp_path / "z.jsonl.gz")]))
    assert [found.document.id for found in shard.documents] == ["x:m_t", "y:hai", "z-1"]
    assert [(one.place, one.reason) for one in shard.aside] == [("y/bad.txt", "the text is not UTF-8")]


def test_a_line_longer_than_any_record_is_set_aside(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "LONGEST", 100)
    path = lines(tmp_path / "a.jsonl", [{"text": "x" * 1000}, {"text": "y"}])
    (shard,) = shards.cut(reading.inputs([str(path)]))
    assert [(one.place, one.reason) for one in shard.aside] == [("a.jsonl:1", "the line has more than 0 MiB")]
    assert [found.document.id for found in shard.documents] == ["a-2"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.jsonl", b"\n", "empty.jsonl: there is no document"),
        ("a.csv", b"x", "a.csv: .csv is no format of archives; there are .parquet, .jsonl, .txt, .jsonl.gz, .jsonl.zst"),
        ("a.parquet", b"PAR1 and no more", "a.parquet: is no parquet file that can be read: "),
        ("a.jsonl.gz", gzip.compress(b'{"text": "x"}\n' * 999)[:-9], "a.jsonl.gz: cannot be read: "),
    ],
)
def test_a_file_that_cannot_be_read_ends_the_run_in_one_line(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BenchError) as caught:
        tagged(tmp_path / name, tmp_path / "out")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_parquet_without_text_and_patterns_without_files(tmp_path):
    pq.write_table(pa.table({"body": ["x"]}), tmp_path / "a.parquet")
    with pytest.raises(BenchError, match="has no column text; there are body"):
        tagged(tmp_path / "a.parquet", tmp_path / "out")
    with pytest.raises(BenchError, match="there is no such file"):
        tagged(tmp_path / "*.jsonl", tmp_path / "out")
    with pytest.raises(BenchError, match=r"is a directory; name its files, such as .*\*\.parquet"):
        tagged(tmp_path, tmp_path / "out")
    with pytest.raises(BenchError, match="lies in the folder of the output"):
        tagged(tmp_path / "a.parquet", tmp_path)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["start", "end", "type", "date"]), inner),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from([*reading.COLUMNS, "entities"]), VALUES) | st.just("the line is no JSON"))
def test_any_row_is_a_document_or_set_aside(columns):
    found = reading.document(reading.Row("a.jsonl:1", "a-1", columns, 0))
    assert found.place == "a.jsonl:1"
    if isinstance(found, reading.Aside):
        assert found.reason
        assert "\n" not in found.reason
    else:
        assert found.document.text == columns["text"]
        assert msgspec.json.decode(msgspec.json.encode(found), type=reading.Found) == found


@given(st.binary())
def test_any_line_is_a_row_or_set_aside(raw):
    found = reading._columns(raw)
    assert isinstance(found, dict) or found.startswith("the line ")
