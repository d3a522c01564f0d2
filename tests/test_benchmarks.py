"""The benchmarks: the same corpora on every run, peers that count the same, and a page that says what was measured."""

import hashlib
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import contestants
import corpora
import measuring
import msgspec
import pytest
import report
import run
from cases import CASES, Case, Shown
from measuring import Contestant, Figures, differing, measured, rounds
from report import HERE, Outcome, Setting

STORED = report.stored(HERE)
SETTING = Setting(date="2031-01-01", commit="abc", processor="an abacus", cores=1, memory=1, system="wood", versions={"a": "1"})


def written(folder: Path) -> list[str]:
    paths = (*corpora.conll(folder, 45), *corpora.records(folder, 45), corpora.archive(folder, 2))
    return [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]


def test_corpora_have_the_same_bytes_in_every_process(tmp_path):
    script = "import sys, pathlib, test_benchmarks; print(test_benchmarks.written(pathlib.Path(sys.argv[1])))"
    found = []
    for seed in ("1", "2"):
        folder = tmp_path / seed
        folder.mkdir()
        environment = {"PYTHONHASHSEED": seed, "PYTHONPATH": f"{HERE.parent / 'tests'}:{HERE}", "PATH": ""}
        command = [sys.executable, "-c", script, str(folder)]
        found.append(subprocess.run(command, check=True, capture_output=True, env=environment).stdout)
    (tmp_path / "here").mkdir()
    assert found == [f"{written(tmp_path / 'here')}\n".encode()] * 2


def test_a_corpus_has_as_many_sentences_as_asked_for_and_begins_as_a_larger_one(tmp_path):
    small, large = (corpora.conll(tmp_path, count)[0].read_text(encoding="utf-8") for count in (3, 1_001))
    assert small.count("\n\n") == 3
    assert large.count("\n\n") == 1_001
    assert large.startswith(small)
    assert len(corpora.records(tmp_path, 45)[0].read_bytes().splitlines()) == 3  # 20 + 20 + 5
    assert not list(tmp_path.glob("*.part"))


def test_all_forms_of_a_corpus_and_all_scorers_count_the_same(tmp_path):
    names = (
        "strict",
        "seqeval_f1",
        "seqeval_strict",
        "seqeval_report",
        "of_columns",
        "of_records",
        "seqeval_of_columns",
        "decoded",
    )
    found = {name: getattr(contestants, name)(tmp_path, 200)() for name in names}
    assert differing((Contestant(name, name, units=1), Figures(value=value)) for name, value in found.items()) == []
    assert found["strict"]["gold"] == found["decoded"]["gold"] > 200
    assert 0.8 < found["seqeval_f1"]["F1"] < 1


def test_two_counts_of_the_same_must_be_equal():
    one, other = Contestant("one", "f", units=5), Contestant("other", "f", units=5)
    assert differing([(one, Figures(value={"F1": 0.5})), (other, Figures(value={"F1": 0.5, "gold": 3}))]) == []
    assert differing([(one, Figures(value={"F1": 0.5})), (other, Figures(value={"F1": 0.6}))]) == [
        "F1 of other: 0.6, elsewhere 0.5"
    ]
    larger = Contestant("larger", "f", units=6)
    assert differing([(one, Figures(value={"F1": 0.5})), (larger, Figures(value={"F1": 0.6}))]) == []


def test_a_call_is_measured_in_a_process_of_its_own(tmp_path):
    figures = measured(Contestant("strict", "strict", (50,), 50), tmp_path)
    assert figures.error is None
    assert figures.value == contestants.strict(tmp_path, 50)()
    assert 0 < figures.cpu < 10
    assert 10 < figures.peak < 1_000


@pytest.mark.parametrize(
    ("function", "arguments", "error"),
    [
        ("nothing", (), "AttributeError: module 'contestants' has no attribute 'nothing'"),
        ("command", ("nothing",), "Error: No such command 'nothing'."),
        ("python", ("raise SystemExit(3)",), f"{sys.executable} ended with 3"),
    ],
)
def test_who_fails_is_told_by_the_last_line(tmp_path, function, arguments, error):
    assert measured(Contestant("x", function, arguments), tmp_path).error == error


def test_who_takes_too_long_has_failed_with_all_that_it_started(tmp_path, monkeypatch):
    monkeypatch.setattr(measuring, "LONGEST", 8)
    script = f"import os, time; open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    assert measured(Contestant("x", "python", (script,)), tmp_path).error == "took more than 8 s"
    pid = (tmp_path / "pid").read_text()
    deadline = time.monotonic() + 30
    while _runs(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _runs(pid)


def _runs(pid: str) -> bool:
    try:
        status = Path("/proc", pid, "status").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return "State:\tZ" not in status  # dead and not yet waited for


def test_contestants_take_turns_and_who_fails_has_no_further_turn(tmp_path, monkeypatch):
    monkeypatch.setattr(measuring, "measured", lambda c, folder: Figures(error="no" if c.name == "b" else None))
    three = [Contestant(name, "f") for name in "abc"]
    assert [contestant.name for contestant, _ in rounds(three, 3, tmp_path)] == list("abcacac")


def case(**more) -> Case:
    two = (Contestant("ours", "strict", (40,), 40), Contestant("theirs", "seqeval_f1", (40,), 40))
    return Case("tiny", "About it.", two, (Shown("theirs", "ours", least=2), Shown("ours", by="peak", most=10)), **more)


def test_a_case_is_run_and_differing_counts_end_it(tmp_path, monkeypatch, capsys):
    found = run.outcome(case(rounds=1), tmp_path, SETTING)
    assert [len(figures) for figures in found.figures.values()] == [1, 1]
    assert len(capsys.readouterr().out.splitlines()) == 2
    values = iter((0.5, 0.25))
    monkeypatch.setattr(measuring, "measured", lambda c, folder: Figures(value={"F1": next(values)}))
    with pytest.raises(SystemExit, match=r"tiny: counts differ\nF1 of theirs: 0\.25, elsewhere 0\.5"):
        run.outcome(case(rounds=1), tmp_path, SETTING)


def test_ratios_are_taken_within_a_round_and_held_to_their_targets(monkeypatch):
    monkeypatch.setitem(CASES, "tiny", case(unit="sentences"))
    ours = (Figures(cpu=1, peak=8), Figures(cpu=2, peak=9), Figures(cpu=4, peak=12))
    theirs = (Figures(cpu=3), Figures(cpu=5), Figures(cpu=4))
    page = report.page([Outcome(case="tiny", setting=SETTING, figures={"ours": ours, "theirs": theirs})])
    assert page.count("| tiny | theirs : ours (CPU time) | 1 × | 2.5 × | 3 × | ≥ 2 × | yes |") == 2
    assert page.count("| tiny | ours (peak memory) | 8 MB | 9 MB | 12 MB | ≤ 10 MB | yes |") == 2
    assert "| ours | 2 | 0 | 9 | 20 |" in page
    assert "an abacus" in page
    failed = (*theirs[:1], Figures(error="out of breath"))
    page = report.page([Outcome(case="tiny", setting=SETTING, figures={"ours": ours, "theirs": failed})])
    assert page.count("| tiny | theirs : ours (CPU time) | – | – | – | ≥ 2 × | **no** |") == 2
    assert "| theirs | failed: out of breath |" in page


def test_what_is_written_is_read_again_and_drawn(tmp_path):
    names = [contestant.name for contestant in CASES["growth"].contestants]
    figures = {name: (Figures(cpu=0.5, peak=9), Figures(cpu=0.25, peak=8)) for name in names}
    figures["CoNLL 1,000,000"] = (Figures(error="MemoryError"),)
    outcome = Outcome(case="growth", setting=SETTING, figures=figures)
    report.write([outcome], tmp_path)
    assert report.stored(tmp_path) == {"growth": outcome}
    assert (tmp_path / report.PAGE).read_text(encoding="utf-8") == report.page([outcome])
    drawn = (tmp_path / report.PLOT).read_bytes()
    report.write([outcome], tmp_path)
    assert (tmp_path / report.PLOT).read_bytes() == drawn
    other = msgspec.structs.replace(outcome, figures={"somebody": (Figures(),)})
    (tmp_path / report.RAW).write_bytes(msgspec.json.encode([other]))
    assert report.stored(tmp_path) == {}  # measured under another table of cases


def test_every_case_was_measured():
    assert list(STORED) == list(CASES), "run `make bench`"
    for name, outcome in STORED.items():
        assert list(outcome.figures) == [contestant.name for contestant in CASES[name].contestants]
        for figures in outcome.figures.values():
            assert len(figures) == CASES[name].rounds or figures[-1].error
        by_name = {contestant.name: contestant for contestant in CASES[name].contestants}
        assert differing((by_name[who], one) for who, figures in outcome.figures.items() for one in figures) == []
        for shown in CASES[name].shown:
            assert {shown.of, shown.over} <= {*by_name, None}


def test_the_page_says_what_the_raw_numbers_say():
    page = (HERE / report.PAGE).read_text(encoding="utf-8")
    assert page == report.page(list(STORED.values())), "run `python benchmarks/report.py`"
    figures = STORED["tags"].figures
    pairs = zip(figures["seqeval f1_score"], figures["strict"], strict=True)
    ratios = [theirs.cpu / ours.cpu for theirs, ours in pairs]
    low, middle, high = (f"{value:.3g} ×" for value in (min(ratios), median(ratios), max(ratios)))
    assert f"| tags | seqeval f1_score : strict (CPU time) | {low} | {middle} | {high} | ≥ 9 × |" in page
    assert (HERE / report.PLOT).read_text(encoding="utf-8").startswith("<?xml")
