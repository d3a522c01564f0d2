"""Verification: whatever is changed in a folder of rows is told, sealed anew or not."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import hostile
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnnews_bench import BenchError, results, verification

ROOT = Path(__file__).parent.parent
COMMITTED = ROOT / "baselines" / "results"
STATED = {"url": "https://example.org/a", "paper": "https://example.org/b", "licence": "MIT", "contamination_statement": "No."}
MADE = (
    "kind",
    "scores",
    "intervals",
    "labels",
    "documents",
    "signature",
    "never_predicted",
    "data_version",
    "data_hash",
    "code_version",
)


def on_test(name: str, folder: Path) -> None:
    """Copies the committed rows of a system on `test` alone."""
    kept = results.prepared(name, folder, "test")
    shutil.copy(results.predictions(name, COMMITTED, "test"), kept)
    results.write([row for row in results.of_file(COMMITTED / f"{name}.jsonl") if row.split == "test"], folder)


@pytest.fixture
def folder(tmp_path) -> Path:
    """The rows of two systems, one of them with two tasks."""
    made = tmp_path / "rows"
    made.mkdir()
    for name in ("ner-rules", "dates-rules"):
        on_test(name, made)
    assert verification.verify(made) == []
    return made


def edited(row: dict, *path: str, to: object) -> dict:
    """A row with the value at a path replaced, or taken out."""
    copy = json.loads(json.dumps(row))
    inner = copy
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = to
    return copy


def stored(rows: list[dict], path: Path, seal: bool) -> None:
    lines = []
    for row in rows:
        made = msgspec.convert(row, results.Result)
        lines.append(results.encoded(results.sealed(made) if seal else made))
    path.write_bytes(b"".join(lines))


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


TAMPERED = [
    ("score", ("scores", "strict", "f1"), 0.99, "scores.strict.f1 is 0.99, scored again 0.86"),
    ("count", ("scores", "strict", "shared"), 340, "scores.strict.shared is 340, scored again 297"),
    ("interval", ("intervals", "strict", "low"), 0.9, "intervals.strict.low is 0.9, scored again 0."),
    ("undefined", ("scores", "strict", "f1"), None, "scores.strict.f1 is not there, scored again 0.86"),
    ("label", ("labels", "PER", "shared"), 115, "labels.PER.shared is 115, scored again"),
    ("document", ("documents", "core-000", "gold"), 1, "documents.core-000.gold is 1, scored again"),
    ("signature", ("signature",), "vnnews-bench:0.1.0|data:none", 'signature is "vnnews-bench:0.1.0|data:none", scored again'),
    ("kind", ("kind",), "model", 'kind is "model", scored again "rules"'),
    ("never predicted", ("never_predicted",), [], "never_predicted is not there, scored again"),
    ("data version", ("data_version",), "9.0.0", "data_version is 9.0.0, here it is"),
    ("data hash", ("data_hash",), "0" * 64, f"data_hash is {'0' * 64}, here it is"),
    ("code version", ("code_version",), "9.0.0", "code_version is 9.0.0, here it is"),
    ("predictions", ("predictions",), "0" * 64, "the row says 000000000000…"),
    ("name", ("system",), "somebody", "and its row is of 'somebody'"),
    ("task", ("task",), "quotes", "has rows of quotes; the predictions make rows of ner"),
]


@pytest.mark.parametrize("seal", [False, True], ids=["as it was sealed", "sealed anew"])
@pytest.mark.parametrize(("what", "path", "value", "message"), TAMPERED, ids=[case[0] for case in TAMPERED])
def test_tampering_is_told(run, folder, what, path, value, message, seal):
    file = folder / "ner-rules.jsonl"
    stored([edited(*lines(file), *path, to=value)], file, seal)
    done = run("leaderboard", "--verify", folder)
    assert done.exit_code == 1
    assert message in done.stderr
    assert ("was edited: its checksum" in done.stderr) == (not seal)
    assert done.stdout == ""


def test_a_changed_prediction_is_told_and_so_is_its_score(folder):
    kept = results.predictions("ner-rules", folder, "test")
    kept.write_text(kept.read_text().replace('"label":"PER"', '"label":"ORG"', 1))
    (problem,) = verification.verify(folder)
    assert re.search(r"ner-rules\.jsonl: ner: .*predictions/test/ner-rules\.jsonl has sha256 \w{12}…, the row says", problem)
    file = folder / "ner-rules.jsonl"
    stored([edited(*lines(file), "predictions", to=results.digest(kept.read_bytes()))], file, True)
    problems = verification.verify(folder)
    assert any("scores.strict.shared is 297, scored again 29" in problem for problem in problems)


def test_predictions_that_no_longer_read_are_told(folder):
    kept = results.predictions("ner-rules", folder, "test")
    kept.write_text("no json\n")
    file = folder / "ner-rules.jsonl"
    stored([edited(*lines(file), "predictions", to=results.digest(kept.read_bytes()))], file, True)
    assert any("[json-malformed]" in problem for problem in verification.verify(folder))


def test_rows_and_predictions_need_each_other(folder):
    results.predictions("ner-rules", folder, "test").unlink()
    (folder / "dates-rules.jsonl").unlink()
    one, two = verification.verify(folder)
    assert one.startswith(f"{folder}/ner-rules.jsonl: a row without predictions: ")
    assert two.startswith(f"{folder}/predictions/test/dates-rules.jsonl: predictions without a row")


def test_a_row_that_is_left_out_or_stands_twice_is_told(folder):
    (row,) = lines(folder / "ner-rules.jsonl")
    stored([row, row], folder / "ner-rules.jsonl", False)
    (problem,) = verification.verify(folder)
    assert "has rows of ner, ner; the predictions make rows of ner" in problem


def test_every_problem_is_a_line_and_all_are_told(run, folder):
    (folder / "bad.jsonl").write_text('{"system": "x\\ny"}\n')
    (folder / "empty.jsonl").write_text("")
    (row,) = lines(folder / "ner-rules.jsonl")
    for metric in row["scores"]:
        for name in row["scores"][metric]:
            row["scores"][metric][name] = 7
    stored([row], folder / "ner-rules.jsonl", False)
    done = run("leaderboard", "--verify", folder, folder / "nowhere")
    told = done.stderr.splitlines()
    assert done.exit_code == 1
    assert len(told) == 1 + 1 + 1 + 6 * len(row["scores"]) + 1
    assert "bad.jsonl:1: is no result" in told[0]
    assert "empty.jsonl: holds no row" in done.stderr
    assert told[-1] == f"{folder}/nowhere: holds no results"


def test_what_a_line_holds_cannot_end_it(folder):
    (row,) = lines(folder / "ner-rules.jsonl")
    stored([edited(row, "task", to="ner\n\x1b[2Jall is well")], folder / "ner-rules.jsonl", True)
    told = verification.verify(folder)
    assert told
    assert all(line.isprintable() for line in told)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b'{"system"', b'{ "system"', "is not written as `submit` and `measure` write it"),
        (b'{"system":"ner-rules"', b'{"system":"somebody","system":"ner-rules"', "is not written as"),
        (b"}\n", b"}", "is not written as"),
        (b'"task":', b'"praise":"best","task":', "is no result: Object contains unknown field `praise`"),
    ],
)
def test_a_line_is_held_to_its_bytes(folder, old, new, message):
    file = folder / "ner-rules.jsonl"
    assert old in file.read_bytes()
    file.write_bytes(file.read_bytes().replace(old, new))
    assert any(message in problem for problem in verification.verify(folder))


@pytest.fixture
def both(folder) -> Path:
    """A row of each test: the gold's names, which any system might have found."""
    hostile.add(
        folder, "mine", [msgspec.structs.replace(gold, quotes=None, timexes=None, events=None) for gold in hostile.gold()]
    )
    assert verification.verify(folder) == []
    return folder / "mine.jsonl"


def test_a_row_of_the_second_test_is_held_to_its_own_predictions(both):
    kept = results.predictions("mine", both.parent, "test_written")
    kept.write_text(kept.read_text().replace('"label":"PER"', '"label":"ORG"', 1))
    (problem,) = verification.verify(both.parent)
    assert re.search(r"mine\.jsonl: test_written ner: .*predictions/test_written/mine\.jsonl has sha256 \w{12}…", problem)


def test_a_row_of_the_second_test_is_held_to_its_score_and_its_data(both):
    first, written = lines(both)
    stored([first, edited(written, "scores", "strict", "shared", to=1)], both, True)
    (problem,) = verification.verify(both.parent)
    assert "mine.jsonl: test_written ner: scores.strict.shared is 1, scored again" in problem
    stored([first, edited(written, "data_hash", to=first["data_hash"])], both, True)
    (problem,) = verification.verify(both.parent)
    assert f"test_written ner: data_hash is {first['data_hash']}, here it is {written['data_hash']}" in problem


def test_a_row_that_changes_its_test_is_told(both):
    first, written = lines(both)
    stored([first, {name: value for name, value in written.items() if name != "split"}], both, True)
    problems = verification.verify(both.parent)
    assert any("data_hash is" in problem for problem in problems)
    assert problems[-1].endswith(
        "predictions/test_written/mine.jsonl: predictions without a row; `vnnews-bench submit` or `measure` makes one"
    )


@pytest.mark.parametrize("order", [[1, 0], [1]], ids=["last", "left out"])
def test_the_test_that_ranks_stands_first(both, order):
    rows = [lines(both)[n] for n in order]
    stored(rows, both, False)
    problems = verification.verify(both.parent)
    assert any("mine.jsonl: the rows of test, which ranks, do not stand first" in problem for problem in problems)


def test_a_split_that_is_no_test_is_no_result(both):
    both.write_text(both.read_text().replace('"split":"test_written"', '"split":"train"'))
    (problem, *_) = verification.verify(both.parent)
    assert "mine.jsonl:2: is no result: Invalid enum value 'train' - at `$.split`" in problem


def test_both_tests_are_scored_again(run, both):
    before = both.read_bytes()
    rows = [edited(row, "data_version", to="0.9.0") for row in lines(both)]
    stored(rows, both, True)
    assert run("results", both.parent, "--rescore").exit_code == 0
    assert both.read_bytes() == before
    titles = [sheet.title for sheet in results.sheets(results.read(both.parent)) if sheet.title.startswith("ner")]
    assert titles == ["ner · strict", "ner · strict · test_written"]


def test_another_order_of_metrics_is_told(folder):
    (row,) = lines(folder / "ner-rules.jsonl")
    stored([row | {"scores": dict(reversed(row["scores"].items()))}], folder / "ner-rules.jsonl", True)
    assert verification.verify(folder) == [
        f"{folder}/ner-rules.jsonl: ner: the order of its metrics, labels or documents is another"
    ]


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("url", "javascript:alert(1)", "--url javascript:alert(1): is no address"),
        ("paper", "https://example.org/<b>", "--paper https://example.org/<b>: is no address"),
        ("licence", "", "--licence is empty"),
        ("contamination_statement", "a\nb", "--contamination-statement holds U+000A"),
        ("licence", " MIT", "--licence ' MIT' is not composed (NFC), or has space around it"),
    ],
)
def test_a_statement_that_submit_would_refuse_is_told(folder, field, value, message):
    file = folder / "ner-rules.jsonl"
    stored([edited(*lines(file), field, to=value)], file, True)
    (problem,) = verification.verify(folder)
    assert message in problem


def test_two_systems_of_one_name_are_told(folder, tmp_path):
    other = shutil.copytree(folder, tmp_path / "other")
    assert verification.verify(folder, folder) == []
    assert verification.verify(folder, other) == [
        f"{other}/{name}.jsonl: has the name of {folder}/{name}.jsonl" for name in ("dates-rules", "ner-rules")
    ]


(LINE,) = [row for row in results.of_file(COMMITTED / "ner-rules.jsonl") if row.split == "test"]
CONTENT = results.encoded(LINE)


@pytest.fixture(scope="module")
def lone(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("lone")
    on_test("ner-rules", folder)
    return folder


@given(st.integers(0, len(CONTENT) - 1), st.integers(0, 255))
def test_any_changed_byte_of_a_row_is_told(lone, at, byte):
    changed = CONTENT[:at] + bytes([byte]) + CONTENT[at + 1 :]
    (lone / "ner-rules.jsonl").write_bytes(changed)
    assert bool(verification.verify(lone)) == (changed != CONTENT)


@given(
    st.binary(max_size=200) | st.text(max_size=200).map(str.encode) | st.integers(0, len(CONTENT)).map(lambda n: CONTENT[:n])
)
def test_no_content_is_a_traceback(lone, content):
    (lone / "ner-rules.jsonl").write_bytes(content)
    assert bool(verification.verify(lone)) == (content != CONTENT)


@pytest.mark.parametrize("number", ["99999999999999999999999999", "-1", "1e308", "1e999", "NaN", "0.1e-400", "[" * 9999])
def test_odd_numbers_are_told(lone, number):
    (lone / "ner-rules.jsonl").write_bytes(CONTENT.replace(b'"shared":297', f'"shared":{number}'.encode(), 1))
    assert verification.verify(lone)


SYSTEM = msgspec.structs.replace(LINE, **STATED)
ROW = msgspec.to_builtins(results.sealed(SYSTEM))


def leaves(value: object, at: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    if isinstance(value, dict):
        return [leaf for key, inner in value.items() for leaf in leaves(inner, (*at, key))]
    return [at]


VALUES = st.none() | st.booleans() | st.integers(-9, 999) | st.floats(0, 1) | st.text(max_size=9) | st.just({}) | st.just([])


def is_caught(row: dict) -> bool:
    """Whether the row is no row, or its checksum is another: without scoring anything."""
    try:
        made = msgspec.convert(row, results.Result)
    except msgspec.ValidationError:
        return True
    return made.checksum != results.checksum(made)


@given(st.sampled_from(leaves(ROW)), VALUES)
def test_any_changed_value_is_caught_without_scoring(path, value):
    row = edited(ROW, *path, to=value)
    before = msgspec.json.encode(msgspec.convert(ROW, results.Result))
    assert not is_caught(ROW)
    try:
        same = msgspec.json.encode(msgspec.convert(row, results.Result)) == before
    except msgspec.ValidationError:
        same = False
    assert is_caught(row) != same


@pytest.mark.parametrize("path", [path for path in leaves(ROW) if path[0] in MADE], ids=".".join)
def test_any_value_that_scoring_makes_is_caught_when_sealed_anew(path, tmp_path_factory):
    folder = tmp_path_factory.mktemp("rows")
    on_test(SYSTEM.system, folder)
    inner = ROW
    for key in path:
        inner = inner[key]
    other = "model" if path == ("kind",) else 0.123 if isinstance(inner, int | float) else ["PER"] if inner == [] else "x"
    other = ("x",) if isinstance(inner, tuple | list) else other
    stored([edited(ROW, *path, to=other)], folder / f"{SYSTEM.system}.jsonl", True)
    assert verification.verify(folder)


def test_the_checksum_needs_none_of_this_code(folder):
    """As the page on submitting says it."""
    page = (ROOT / "docs" / "submitting.md").read_text(encoding="utf-8")
    (command,) = re.findall(r"^(head .*sha256sum)$", page, re.M)
    done = subprocess.run(
        ["sh", "-c", command.replace("ROW", "ner-rules")], cwd=folder, capture_output=True, text=True, check=True
    )
    assert done.stdout.split()[0] == lines(folder / "ner-rules.jsonl")[0]["checksum"]


def test_whole_numbers_are_sealed_as_they_are_read(folder):
    kept = results.predictions("ner-rules", folder, "test")
    results.write(results.scored("ner-rules", kept, "test", {"seconds": 3, "peak": 7}), folder)
    assert verification.verify(folder) == []


def test_rows_of_other_data_stand_apart_until_they_are_scored_again(run, folder):
    file = folder / "ner-rules.jsonl"
    before = file.read_bytes()
    row = edited(*lines(file), "data_version", to="0.9.0")
    stored([row | {"signature": row["signature"].replace(f"data:{LINE.data_version}", "data:0.9.0")}], file, True)
    on_test("capitals", folder)
    sheets = results.sheets(results.read(folder))
    titles = [sheet.title for sheet in sheets]
    assert titles[0] == "ner · strict"
    assert titles[-1] == f"ner · strict · data 0.9.0+{row['data_hash'][:8]}, vnnews-bench {row['code_version']}"
    assert [line[0] for line in sheets[0].rows] == ["capitals"]
    assert [line[0] for line in sheets[-1].rows] == ["ner-rules"]
    assert "data:0.9.0" in sheets[-1].notes[-1]
    assert run("leaderboard", "--verify", folder).exit_code == 1
    assert run("results", folder, "--rescore").exit_code == 0
    assert file.read_bytes() == before
    assert run("leaderboard", "--verify", folder).exit_code == 0


def test_scoring_again_does_not_seal_what_was_edited(run, folder):
    file = folder / "ner-rules.jsonl"
    stored([edited(*lines(file), "seconds", to=0.001)], file, False)
    before = file.read_bytes()
    assert "ner: was edited after it was made; measure or submit it again" in run("results", folder, "--rescore").stderr
    assert file.read_bytes() == before


def test_what_is_committed_is_verified_and_elsewhere_there_is_nothing_to_verify(run, tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    assert run("leaderboard", "--verify").exit_code == 0
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BenchError, match="no rows are in baselines/results or leaderboard here"):
        verification.stored()
