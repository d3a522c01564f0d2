"""Files of records: every fault with its place, nothing but the project's own errors, nothing half-written."""

import json
import os
import random
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import entities

from vnnews_bench import corpus, files
from vnnews_bench.errors import SHOWN, BenchError
from vnnews_bench.records import Document, Record

GOLD = b"".join(msgspec.json.encode(record) + b"\n" for record in corpus.load().gold.values())


@given(st.lists(entities(), max_size=3))
def test_what_is_written_is_read_again(tmp_path_factory, texts):
    records = [Record(id=f"d{n}", entities=tuple(items)) for n, items in enumerate(texts)] or [Record(id="d")]
    path = tmp_path_factory.mktemp("files") / "records.jsonl"
    files.write(records, path)
    assert files.read(path) == records


def test_the_gold_reads_as_it_is():
    for id, record in corpus.load().gold.items():
        path = corpus.root() / "gold" / f"{id}.json"
        assert files.read(path, corpus.load().documents) == [record]


MUTATIONS = st.tuples(
    st.integers(0, len(GOLD) - 1), st.sampled_from(["drop", "double", "flip", "insert", "cut", "swap"]), st.binary(max_size=4)
)


@settings(max_examples=300)
@given(st.lists(MUTATIONS, min_size=1, max_size=4), st.sampled_from([".json", ".jsonl"]))
def test_mutated_records_raise_only_the_projects_own_error(tmp_path_factory, mutations, suffix):
    content = GOLD
    for at, kind, extra in mutations:
        at %= len(content) or 1
        content = {
            "drop": content[:at] + content[at + 1 + len(extra) :],
            "double": content[:at] + content[at : at + 40] + content[at:],
            "flip": content[:at] + bytes([content[at : at + 1][0] ^ 1 if content else 0]) + content[at + 1 :],
            "insert": content[:at] + extra + content[at:],
            "cut": content[:at],
            "swap": content[at:] + content[:at],
        }[kind]
    path = tmp_path_factory.mktemp("mutated") / f"records{suffix}"
    path.write_bytes(content)
    records, findings = files.inspect(path, corpus.load().documents)
    assert findings or records
    for finding in findings:
        assert finding.file == str(path)
        assert "\n" not in str(finding)


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False),
    st.text(max_size=5),
    st.just([]),
    st.just({}),
)


@settings(max_examples=300)
@given(st.data())
def test_any_value_in_any_place_is_read_or_told(tmp_path_factory, data):
    raw = json.loads(GOLD.splitlines()[0])
    holder = data.draw(st.sampled_from([raw, *raw["entities"][:3]]))
    holder[data.draw(st.sampled_from([*holder, "text", "quotes", "events", "nonsense"]))] = data.draw(VALUES)
    path = tmp_path_factory.mktemp("values") / "records.jsonl"
    path.write_bytes(json.dumps(raw).encode())
    records, findings = files.inspect(path, corpus.load().documents)
    assert findings or len(records) == 1


def inspect(tmp_path: Path, content: str | bytes, name: str = "r.jsonl", documents=None):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return files.inspect(path, documents)[1]


def test_all_findings_of_a_file_come_at_once(tmp_path):
    lines = [
        '{"id":"a","entities":[{"start":"1","end":2,"label":"PER"},{"start":1,"end":2,"label":"X","metonymy":"Y"}],"x":1}',
        "not json",
        '{"id":"b","entities":[{"start":5,"end":2,"label":"PER"}],"timexes":7}',
        '{"entities":[]}',
    ]
    found = [(f.line, f.path, f.code) for f in inspect(tmp_path, "\n".join(lines))]
    assert found == [
        (1, "$", "schema-unknown-field"),
        (1, "$.entities[0].start", "schema-type"),
        (1, "$.entities[1].label", "schema-unknown-value"),
        (2, None, "json-malformed"),
        (3, "$.timexes", "schema-type"),
        (4, "$", "schema-missing-field"),
    ]


def test_messages_say_what_exists_instead(tmp_path):
    (finding,) = inspect(tmp_path, '{"id":"a","entities":[{"start":1,"end":2,"label":"CITY"}]}')
    assert str(finding) == (
        f"{tmp_path}/r.jsonl:1: $.entities[0].label: 'CITY' is not one of EVENT, FAC, GPE, LOC, MISC, ORG, PER"
        " [schema-unknown-value]"
    )
    (finding,) = inspect(tmp_path, '{"id":"a","entities":[{"start":1,"end":2,"label":"PER","type":"x"}]}')
    assert "unknown field `type`; the fields are id, start, end, text, label" in finding.message
    (finding,) = inspect(tmp_path, '{"id":"a","quotes":[{"spans":[[1,2]],"speaker":{"kind":"human"}}]}')
    assert finding.path == "$.quotes[0].speaker.kind"
    assert "named, nominal, org, place, pronoun" in finding.message
    documents = {"core-001": Document(id="core-001", text="x" * 3381)}
    (finding,) = inspect(tmp_path, '{"id":"core-001","entities":[{"start":1,"end":9999,"label":"PER"}]}', documents=documents)
    assert finding.message == "9999 is past the end of core-001 (3381)"
    (finding,) = inspect(tmp_path, '{"id":"core-009"}', documents=documents)
    assert finding.message == "there is no document 'core-009' here; there are core-001"


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (rb'{"id":"a","entities":[{"start":1,"end":2,"label":"PER","text":"\ud83d"}]}', "json-malformed", "surrogate"),
        (b'\xef\xbb\xbf{"id":"a"}', "text-encoding", "byte order mark"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "text-encoding", "not UTF-8"),
        (b'{"id":"a","events":' + b"[" * 100_000, "json-malformed", ""),
        (b'{"id":"a",}', "json-malformed", "JSON is malformed"),
        (b"[1]", "schema-type", "a record is an object, not an array"),
        (b'{"id":"a"} {"id":"b"}', "json-malformed", "trailing"),
        (b'{"id":"../etc"}', "schema-bad-value", ""),
    ],
)
def test_bad_bytes(tmp_path, content, code, words):
    (finding,) = inspect(tmp_path, content)
    assert finding.code == code
    assert words in finding.message


def test_bad_paths(tmp_path):
    (tmp_path / "folder.jsonl").mkdir()
    for name, words in [
        ("folder.jsonl", "is a directory"),
        ("none.jsonl", "No such file"),
        ("x.conll", "no format of records"),
    ]:
        with pytest.raises(BenchError, match=words):
            files.read(tmp_path / name)


@pytest.mark.parametrize("suffix", [".json", ".jsonl"])
def test_a_gigabyte_on_one_line_is_refused_without_being_read(tmp_path, suffix):
    path = tmp_path / f"huge{suffix}"
    with path.open("wb") as file:
        file.truncate(2**30)  # sparse: it takes no room on disk
    _, (finding,) = files.inspect(path)
    assert (finding.code, finding.line) == ("line-too-long", 1)


def test_only_the_first_findings_are_printed(tmp_path):
    content = "".join(f'{{"id":"d{n}","x":1}}\n' for n in range(30))
    error = BenchError(inspect(tmp_path, content))
    assert len(str(error).splitlines()) == SHOWN + 1
    assert str(error).endswith("… and 10 more")


def test_a_line_of_the_documents_configuration_is_a_record(tmp_path):
    document = next(iter(corpus.load().documents.values()))
    row = msgspec.structs.asdict(document) | {"entities": []}
    content = msgspec.json.encode(row)
    assert inspect(tmp_path, content, documents={document.id: document}) == []


def test_nothing_is_left_of_a_failed_write(tmp_path, monkeypatch):
    target = tmp_path / "out.jsonl"
    target.write_text("old")

    def broken(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", broken)
    with pytest.raises(BenchError, match=r"out\.jsonl: cannot be written: No space left on device"):
        files.write([Record(id="a")], target)
    assert [path.name for path in tmp_path.iterdir()] == ["out.jsonl"]
    assert target.read_text() == "old"


def test_records_in_memory_are_held_to_the_same_rules():
    with pytest.raises(BenchError, match=r"predictions\[1\]: \$\.entities\[0\]\.label: 'X' is not one of"):
        files.checked([{"id": "a"}, {"id": "b", "entities": [{"start": 0, "end": 1, "label": "X"}]}], None, "predictions")
    with pytest.raises(BenchError, match="a record is an object, not a number"):
        files.checked([7], None, "predictions")
    with pytest.raises(BenchError, match="is no record"):
        files.checked([{"id": object()}], None, "predictions")
    with pytest.raises(BenchError, match="a has a record already"):
        files.checked([Record(id="a"), Record(id="a")], None, "predictions")


def test_shuffled_records_are_the_same_records(tmp_path):
    lines = GOLD.splitlines(keepends=True)
    random.Random(1).shuffle(lines)
    (tmp_path / "r.jsonl").write_bytes(b"".join(lines))
    assert {r.id: r for r in files.read(tmp_path / "r.jsonl")} == dict(corpus.load().gold)
