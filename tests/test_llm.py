"""A chat model behind an endpoint that misbehaves: what is said is scored, what is broken is told, nothing is lost twice."""

import json
import re

import endpoint
import pytest
from endpoint import fails, hangs, hangs_up, raw, says
from named import OWN
from vnnews_baselines.adapters import llm

from vnnews_bench import BenchError, results
from vnnews_bench.records import Document, DocumentDate
from vnnews_bench.tools import Settings, Usage

pytest.importorskip("openai", reason="pip install 'vnnews-bench[llm]'")
TEXT = "Bà Lê_Thị_Sen cho biết nước đang rút ở Huế. Bà gặp ông Khoan hôm qua."
DATE = {"date": "2031-05-07", "earliest": "2031-05-07", "latest": "2031-05-07", "source": "stated", "evidence": ()}
DOCUMENT = Document(id="invented", text=TEXT, dct=DocumentDate(**DATE))


@pytest.fixture
def server():
    with endpoint.running() as made:
        yield made


@pytest.fixture
def tag(server, tmp_path):
    """The tagger on an empty cache; keywords change the settings."""

    def make(document: Document = DOCUMENT, **changes):
        settings = {"model": "tiny", "base_url": server.url, "cache": str(tmp_path / "cache"), "seconds": 60} | changes
        return llm.read(document, llm.start(Settings(**settings))(document))

    return make


def words(answer) -> dict[str, list[str]]:
    record = answer.record
    return {
        "entities": [TEXT[e.start : e.end] for e in record.entities],
        "quotes": [TEXT[a:b] for q in record.quotes for a, b in q.spans],
        "timexes": [TEXT[t.start : t.end] for t in record.timexes],
        "events": [TEXT[a:b] for e in record.events for a, b in e.mentions],
    }


WHOLE = {"entities": ["Lê_Thị_Sen", "Huế"], "quotes": ["nước đang rút"], "timexes": ["hôm qua"], "events": ["gặp"]}


def test_three_tasks_become_one_record(tag, server):
    answer = tag()
    assert words(answer) == WHOLE
    assert answer.record.quotes[0].speaker.name == "Lê Thị Sen"
    assert str(answer.record.events[0].begin.earliest) == "2031-05-06"
    assert answer.notes == ()
    assert answer.usage == Usage(requests=3, cached=0, prompt_tokens=300, completion_tokens=30)
    assert server.tasks() == ["ner", "quotes", "dates"]


def test_what_is_asked(tag, server, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "of-this-test")
    tag()
    tag(language="en")
    vi, en = server.asked[0], server.asked[3]
    assert "Bạn tìm các thực thể" in vi["messages"][0]["content"]
    assert "You find the named entities" in en["messages"][0]["content"]
    assert vi["messages"][1]["content"] == "2031-05-07\n\n" + TEXT.replace("_", " ")
    assert vi["model"] == "tiny"
    assert vi["authorization"] == "Bearer of-this-test"
    assert vi["response_format"]["json_schema"]["strict"] is True
    assert vi["response_format"]["json_schema"]["schema"]["required"] == ["entities"]


@pytest.mark.parametrize("task", list(llm.LAYERS))
@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_prompt_shows_an_answer_that_its_schema_and_the_resolver_take(task, language):
    prompt = llm.messages(task, language, DOCUMENT)[0]["content"]
    example = json.loads(prompt.strip().splitlines()[-1])
    form = llm.schema(task)["schema"]
    assert set(example) == set(form["required"]) == set(llm.LAYERS[task])
    for layer, (item,) in example.items():
        assert set(item) == set(form["properties"][layer]["items"]["required"])
    labels = [
        label
        for part in form["properties"].values()
        for f in part["items"]["properties"].values()
        for label in f.get("enum", ())
    ]
    assert all(label in prompt for label in labels)
    assert not any(name in prompt for name in OWN)


@pytest.mark.parametrize(
    "behaviours",
    [[fails(429)], [fails(500)], [fails(503), fails(429), fails(502)], [hangs_up], [hangs]],
    ids=["429", "500", "several", "hangs up", "hangs"],
)
def test_what_passes_is_tried_again(tag, server, behaviours):
    server.script["quotes"] = list(behaviours)
    answer = tag(seconds=6)
    assert words(answer) == WHOLE
    assert server.tasks().count("quotes") == 1 + len(behaviours)


@pytest.mark.parametrize(
    ("behaviour", "entities", "note"),
    [
        (
            says('{"entities": [{"text": "Lê Thị', "length"),
            [],
            "ner: no JSON object in the answer, scored as empty (finish: length)",
        ),
        (says("Tôi không biết."), [], "ner: no JSON object in the answer, scored as empty (finish: stop)"),
        (says(""), [], "ner: no JSON object in the answer, scored as empty (finish: stop)"),
        (says('Đây là kết quả:\n```json\n{"entities": [{"text": "Huế", "label": "GPE"}]}\n```\nXin cảm ơn!'), ["Huế"], None),
        (says('{"entities": [{"text": "Huế", "label": "CITY"}]}'), [], "ner: label: "),
        (says('{"entities": [{"text": "Đà Lạt", "label": "GPE"}]}'), [], "ner: not found: "),
        (says('{"entities": "none"}'), [], "ner: malformed: "),
        (says('{"names": []}'), [], "ner: the answer has no entities, scored as empty"),
    ],
    ids=["truncated", "prose only", "nothing", "prose around", "wrong label", "not in the text", "wrong type", "wrong key"],
)
def test_what_is_broken_is_told_and_scored_as_empty(tag, server, behaviour, entities, note):
    server.script["ner"] = [behaviour]
    answer = tag()
    assert words(answer) == WHOLE | {"entities": entities}
    assert [n for n in answer.notes if note is None or not n.startswith(note)] == []
    assert (note is None) == (answer.notes == ())


@pytest.mark.parametrize(
    ("behaviour", "message"),
    [
        (fails(401, "no such key"), "no such key"),
        (fails(404, "no such model"), "no such model"),
        (raw(b'{"choices": []}', "application/json"), "answered without choices"),
        (raw(b"<html>sign in</html>", "text/html"), "answered without choices"),
    ],
)
def test_what_does_not_pass_fails_at_once(tag, server, behaviour, message):
    server.script["ner"] = [behaviour]
    with pytest.raises(Exception, match=message):
        tag()
    assert len(server.asked) == 1


def test_an_endpoint_without_schemas_is_asked_without(tag, server):
    server.script["ner"] = [fails(400, "response_format is not supported")]
    answer = tag()
    assert words(answer) == WHOLE
    assert answer.notes == ("ner: the endpoint refuses a JSON schema; asked without",)
    assert "response_format" not in server.asked[1]
    assert "temperature" not in server.asked[1]


def test_a_run_that_broke_goes_on_where_it_was(tag, server):
    server.script["quotes"] = [fails(401)]
    with pytest.raises(Exception, match="401"):
        tag()
    server.script["dates"] = [says("no JSON")]  # is not kept
    assert tag().usage == Usage(requests=2, cached=1, prompt_tokens=300, completion_tokens=30)
    assert server.tasks() == ["ner", "quotes", "quotes", "dates"]
    again = tag()
    assert words(again) == WHOLE
    assert again.usage == Usage(requests=1, cached=2, prompt_tokens=300, completion_tokens=30)
    assert tag(model="other").usage.cached == 0


def test_an_endpoint_must_be_named():
    with pytest.raises(BenchError, match=r"llm:tiny needs an endpoint: --base-url https://…/v1"):
        llm.start(Settings(model="tiny"))


# from the command line, in a process of its own


def test_predict_tells_what_was_lost_and_writes_the_rest(run, server, tmp_path):
    options = ["--base-url", server.url, "--cache", tmp_path / "cache", "--at-once", 2]
    server.script["ner"] = [fails(401, "not this one")]
    done = run("predict", "llm:tiny", "-o", tmp_path / "p.jsonl", *options)
    assert done.exit_code == 0, done.output
    assert done.stderr.count("lost, scored as empty: AuthenticationError: Error code: 401") == 1
    assert "not found: entities: " in done.stderr
    assert len((tmp_path / "p.jsonl").read_text().splitlines()) == 4
    assert run("predict", "llm:tiny", "-o", tmp_path / "p.jsonl", *options).exit_code == 0
    assert len((tmp_path / "p.jsonl").read_text().splitlines()) == 5
    assert len(server.asked) == 1 + 5 * 3


def test_an_endpoint_that_is_not_there_or_refuses_the_key_is_one_line(run, server, tmp_path):
    done = run("predict", "llm:tiny", "--base-url", "http://127.0.0.1:1/v1", "--cache", tmp_path)
    assert done.exit_code == 1
    assert re.fullmatch(r"Error: llm: nothing answers at http://127.0.0.1:1/v1: .*refused", done.stderr.strip())
    server.greeting = 401
    done = run("predict", "llm:tiny", "--base-url", server.url, "--cache", tmp_path)
    assert done.stderr.strip() == f"Error: llm: {server.url} wants another key than that in OPENAI_API_KEY"


def test_a_document_that_always_hangs_is_lost_at_its_limit(run, server, tmp_path):
    server.script["quotes"] = [hangs] * 30
    done = run("predict", "llm:tiny", "--base-url", server.url, "--cache", tmp_path, "--seconds", 12, "--at-once", 5)
    assert done.exit_code == 1
    assert "failed on every document: no answer within 12 s" in done.stderr


def test_a_row_has_tokens_and_cost(run, server, tmp_path):
    options = ["--base-url", server.url, "--cache", tmp_path / "cache", "--price", 1.0, 10.0, "--language", "en"]
    assert run("measure", "llm:org/tiny", "-o", tmp_path, *options).exit_code == 0
    rows = [json.loads(line) for line in results.path("llm:org/tiny", tmp_path).read_text().splitlines()]
    assert {row["task"] for row in rows} == {"ner", "quotes", "dates"}
    assert rows[0]["usage"] == {"requests": 15, "prompt_tokens": 1500, "completion_tokens": 150}
    assert rows[0]["cost"] == pytest.approx(0.003)
    assert {row["kind"] for row in rows} == {"model"}
    assert rows[0]["language"] == "en"
    assert rows[0]["notes"] > 0
    assert set(rows[0]["versions"]) == {"python", "vnnews-bench", "openai", "prompts"}
    assert "llm:org/tiny" in run("results", tmp_path).stdout
    assert run("leaderboard", "--verify", tmp_path).exit_code == 0
