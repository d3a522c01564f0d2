"""From a file to rows: what is stored, what is refused, and that no name leads out of the folder."""

import json
import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnnews_bench import BenchError, corpus, evaluate, files, results, submission, verification
from vnnews_bench.records import Record

STATED = {"name": "Tên hay", "url": "https://example.org/ten-hay", "licence": "MIT"}
OPTIONS = [word for name, value in STATED.items() for word in (f"--{name}", value)]
RECORD = {"id": "core-001", "entities": [{"start": 0, "end": 3, "label": "PER"}], "timexes": []}


@pytest.fixture
def preds(tmp_path) -> Path:
    path = tmp_path / "preds.jsonl"
    path.write_text(f'{json.dumps(RECORD)}\n{{"id": "core-000", "entities": []}}\n')
    return path


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_file_becomes_rows_and_records(run, preds, tmp_path):
    board = tmp_path / "board"
    more = ("--paper", "https://doi.org/10.0/x", "--contamination-statement", "Trained before 2023.")
    done = run("submit", preds, *OPTIONS, *more, "-o", board)
    assert done.exit_code == 0, done.stderr
    ner, dates = results.read(board)
    report = evaluate(preds)
    assert (ner.task, dates.task, ner.kind) == ("ner", "dates", "own")
    assert (ner.system, ner.url, ner.licence) == tuple(STATED.values())
    assert (ner.paper, ner.contamination_statement) == ("https://doi.org/10.0/x", "Trained before 2023.")
    assert (ner.seconds, ner.hardware, ner.versions) == (None, None, {})
    strict = report.tasks["ner"].metrics["strict"]
    assert ner.signature == report.line("ner", "strict")
    assert "|missing:3" in ner.signature
    assert ner.scores["strict"]["predicted"] == strict.total.predicted == 1
    assert ner.labels == strict.by_label
    assert ner.documents == strict.by_text
    assert ner.intervals["strict"].low == pytest.approx(strict.interval.low, abs=1e-6)
    data = corpus.load("test")
    assert (ner.data_version, ner.data_hash) == (data.version, data.hash)
    kept = results.predictions("Tên hay", board, "test")
    assert [record.id for record in files.read(kept)] == ["core-000", "core-001"], "in the order of the corpus"
    assert set(everything(board)) == {f"{kept.stem}.jsonl", f"predictions/test/{kept.stem}.jsonl"}
    assert done.stdout.splitlines()[-1] == f"wrote {results.path('Tên hay', board)} and {kept}"
    assert verification.verify(board) == []
    assert "Tên hay" in run("results", board).stdout


def of_both(written: str = "written-045") -> str:
    return f'{json.dumps(RECORD)}\n{{"id": "{written}", "entities": []}}\n'


def test_both_tests_in_one_file_become_rows_of_each(run, preds, tmp_path):
    preds.write_text(of_both())
    done = run("submit", preds, *OPTIONS, "-o", tmp_path / "board")
    assert done.exit_code == 0, done.stderr
    ner, dates, written = results.read(tmp_path / "board")
    assert [(row.split, row.task) for row in (ner, dates, written)] == [
        ("test", "ner"),
        ("test", "dates"),
        ("test_written", "ner"),
    ]
    assert "|missing:19|" in written.signature
    data = corpus.load("test_written")
    assert (written.data_version, written.data_hash, written.is_current) == (data.version, data.hash, True)
    kept = [results.predictions("Tên hay", tmp_path / "board", split) for split in ("test", "test_written")]
    assert [[record.id for record in files.read(path)] for path in kept] == [["core-001"], ["written-045"]]
    assert done.stdout.splitlines()[-1].endswith(f" and {kept[0]} and {kept[1]}")
    assert verification.verify(tmp_path / "board") == []


def test_the_second_test_may_be_added_and_then_belongs_to_the_name(run, preds, tmp_path):
    board = tmp_path / "board"
    preds.write_text(json.dumps(RECORD) + "\n")
    assert run("submit", preds, *OPTIONS, "-o", board).exit_code == 0
    preds.write_text(of_both())
    assert run("submit", preds, *OPTIONS, "-o", board).exit_code == 0
    before = everything(board)
    for other in (of_both("written-046"), json.dumps(RECORD) + "\n"):
        preds.write_text(other)
        assert "has other predictions, of Tên hay" in run("submit", preds, *OPTIONS, "-o", board).stderr
    assert everything(board) == before


@pytest.mark.parametrize("split", ["test_written", "train", "validation"])
def test_the_test_that_ranks_must_be_there(run, preds, tmp_path, split):
    id = next(iter(corpus.load(split).documents))
    preds.write_text(f'{{"id": "{id}", "entities": []}}\n')
    done = run("submit", preds, *OPTIONS, "-o", tmp_path / "board")
    assert done.exit_code == 1
    known = "has no document of test, which ranks; the other test may be left out"
    assert (known if split == "test_written" else f"there is no document '{id}'") in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "board").exists()


@pytest.mark.parametrize("splits", [("test",), ("test", "test_written")])
def test_columns_without_names_of_documents_are_told_by_their_number(run, tmp_path, splits):
    documents = [document for split in splits for document in corpus.load(split).documents.values()]
    text = "\n".join(
        f"-DOCSTART- O\n\n{''.join(f'{word} O{chr(10)}' for word in document.text.split())}" for document in documents
    )
    (tmp_path / "p.conll").write_text(text)
    done = run("submit", tmp_path / "p.conll", *OPTIONS, "-o", tmp_path / "board")
    assert done.exit_code == 0, done.stderr
    assert [row.split for row in results.read(tmp_path / "board")] == list(splits)


def test_the_default_folder_is_made(run, preds, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run("submit", preds, *OPTIONS).exit_code == 0
    done = run("leaderboard", "--verify")
    assert done.stdout == "leaderboard: 2 rows of 1 systems, every number made again\n"
    assert done.exit_code == 0


def test_another_format_is_read_and_what_it_loses_is_told(run, tmp_path):
    text = corpus.load("test").documents["core-000"].text
    source = tmp_path / "brat"
    source.mkdir()
    (source / "core-000.txt").write_text(text)
    (source / "core-000.ann").write_text(f"T1\tPER 0 5\t{text[:5]}\nT2\tPRODUCT 6 9\t{text[6:9]}\n")
    done = run("submit", source, *OPTIONS, "-o", tmp_path / "board", "--input", "brat")
    assert done.exit_code == 0, done.output
    rows = results.read(tmp_path / "board")
    assert next(row for row in rows if row.task == "ner").scores["strict"]["predicted"] == 1
    assert {row.notes for row in rows} == {1}
    assert done.stderr.startswith("not taken over: 1 of ")
    assert "PRODUCT" in done.stderr
    assert verification.verify(tmp_path / "board") == []


def test_the_same_predictions_may_be_stated_anew_and_others_need_another_name(run, preds, tmp_path):
    board = tmp_path / "board"
    assert run("submit", preds, *OPTIONS, "-o", board).exit_code == 0
    assert run("submit", preds, *OPTIONS, "-o", board, "--paper", "https://example.org/p").exit_code == 0
    assert {row.paper for row in results.read(board)} == {"https://example.org/p"}
    before = everything(board)
    preds.write_text(json.dumps(RECORD) + "\n")
    done = run("submit", preds, *OPTIONS, "-o", board)
    assert done.exit_code == 1
    assert "has other predictions, of Tên hay; choose another name" in done.stderr
    assert everything(board) == before


def test_names_that_differ_in_case_alone_are_one(preds, tmp_path):
    submission.submit(preds, tmp_path / "board", **STATED | {"name": "Mine"})
    with pytest.raises(BenchError, match="has other predictions, of Mine"):
        submission.submit(preds, tmp_path / "board", **STATED | {"name": "mine"})


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("name", "", "--name is empty"),
        ("name", " \n ", "--name is empty"),
        ("name", "x" * 300, "--name has 300 characters; it has at most 100"),
        ("name", "a\nb", "--name holds U+000A"),
        ("name", "a\x1b[2Jb", "--name holds U+001B"),
        ("name", "abc\u202egnp", "--name holds U+202E"),
        ("name", "ner-crf", "--name ner-crf: is a system that `vnnews-bench measure` runs"),
        ("name", "hf:some/model", "--name hf:some/model: is a system that"),
        ("licence", "", "--licence is empty"),
        ("licence", "\u200b", "--licence holds U+200B"),
        ("contamination-statement", " ", "--contamination-statement is empty"),
        ("contamination-statement", "x" * 1001, "--contamination-statement has 1001 characters"),
        *(("url", url, f"--url {url}: is no address") for url in ("example.org", "ftp://example.org", "https://", "https://x")),
        *(
            ("url", url, f"--url {url}: is no address")
            for url in ("javascript:alert(1)", "https://a b.org", "https://a.org/<b>")
        ),
        *(
            ("url", url, f"--url {url}: is no address")
            for url in ("https://u:p@a.org", "https://[a.org", "https://a.org:99999")
        ),
        ("url", "", "--url is empty"),
        ("paper", "my thesis", "--paper my thesis: is no address; it looks like https://example.org/system"),
    ],
)
def test_a_statement_that_is_none_is_refused_in_one_line(run, preds, tmp_path, option, value, message):
    done = run("submit", preds, *OPTIONS, f"--{option}", value, "-o", tmp_path / "board")
    assert done.exit_code == 1
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "board").exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "the file holds no record [file-empty]"),
        ('{"id": "core-000"}', "no record has a layer to score"),
        ('{"id": "nobody", "entities": []}', "there is no document 'nobody'"),
        ('{"id": "core-000", "entities": [{"start": 5, "end": 99999, "label": "PER"}]}', "span-outside-text"),
    ],
)
def test_a_file_that_does_not_score_is_refused(run, tmp_path, content, message):
    (tmp_path / "p.jsonl").write_text(content)
    done = run("submit", tmp_path / "p.jsonl", *OPTIONS, "-o", tmp_path / "board")
    assert done.exit_code == 1
    assert message in done.stderr
    assert not (tmp_path / "board").exists()


def test_the_gold_itself_is_told(tmp_path):
    files.write(corpus.load("test").gold.values(), tmp_path / "gold.jsonl")
    said: list[str] = []
    submission.submit(tmp_path / "gold.jsonl", tmp_path / "board", **STATED, tell=said.append)
    assert any(note.startswith("entities are the gold itself") for note in said)


def test_nothing_stays_behind_when_the_row_cannot_be_written(preds, tmp_path, monkeypatch):
    def full(rows, folder):
        raise BenchError(f"{folder}: cannot be written: No space left on device")

    monkeypatch.setattr(results, "write", full)
    with pytest.raises(BenchError, match="No space left"):
        submission.submit(preds, tmp_path / "board", **STATED)
    assert everything(tmp_path / "board") == {}


def test_a_folder_that_is_none_is_told(run, preds):
    assert "/etc/hostname/x: cannot be made: " in run("submit", preds, *OPTIONS, "-o", "/etc/hostname/x").stderr


HOSTILE = (
    "..",
    ".",
    "../../x",
    "/etc/passwd",
    "a/b",
    "a\\b",
    "<script>alert(1)</script>",
    "x" * 100,
    "Đà Nẵng" * 9,
    "日本",
    "-o",
    "~",
)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_a_file_in_the_folder(preds, tmp_path, name):
    inside = tmp_path / "deep" / "board"
    submission.submit(preds, inside, **STATED | {"name": name})
    assert {path.parent for path in (tmp_path / "deep").rglob("*.jsonl")} == {inside, inside / "predictions" / "test"}
    assert {row.system for row in results.read(inside)} == {unicodedata.normalize("NFC", name)}
    assert verification.verify(inside) == []


def test_a_vietnamese_name_can_be_read_in_its_file():
    assert results.stem("Đỗ Mười") == f"Do-Muoi-{results.digest('Đỗ Mười'.encode())[:8]}"
    assert results.stem("ner-crf") == "ner-crf"


@given(st.text())
def test_no_name_leads_out_of_a_folder(name):
    made = results.stem(name.encode("utf-8", "replace").decode())
    assert made
    assert set(made) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
    assert made[0] not in ".-"
    assert len(made) < 80
    assert os.path.normpath(f"/folder/{made}.jsonl") == f"/folder/{made}.jsonl"


@given(st.text(max_size=300))
def test_any_name_is_taken_as_one_line_or_refused_in_one(name):
    try:
        said = submission.checked("name", name)
        assert said == said.strip() != ""
        said.encode()
    except BenchError as error:
        said = str(error)
    assert len(said.splitlines()) == 1


def test_a_row_survives_what_predictions_can_hold(tmp_path):
    record = Record(id="core-000", entities=(), quotes=(), timexes=(), events=())
    files.write([record], tmp_path / "p.jsonl")
    assert len(submission.submit(tmp_path / "p.jsonl", tmp_path / "board", **STATED)) == 3
    assert verification.verify(tmp_path / "board") == []
