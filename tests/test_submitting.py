"""The page on submitting: every example is run, with the tool where it is installed."""

import re
import shlex
from pathlib import Path

import endpoint
import pytest

from vnnews_bench import results, tools

PAGE = (Path(__file__).parent.parent / "docs" / "submitting.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S))


def commands(section: str) -> list[str]:
    return [line for block in re.findall(r"```\n(.*?)```", SECTIONS[section], re.S) for line in block.splitlines()]


def test_every_tool_has_its_section_in_order():
    assert [name for name in SECTIONS if name in tools.TOOLS] == list(tools.TOOLS)


@pytest.mark.parametrize("tool", tools.TOOLS)
def test_a_section_says_what_installs_the_tool(tool):
    assert commands(tool)[0] == tools.TOOLS[tool].install


EXAMPLES = [(name, n) for name in ("Tools by name", *tools.TOOLS) for n in range(len(commands(name)))]


@pytest.mark.parametrize(("section", "n"), EXAMPLES, ids=str)
def test_an_example_runs(section, n, run, tmp_path, monkeypatch):
    command = commands(section)[n]
    if not command.startswith("vnnews-bench "):
        return  # compared above
    if "hf:MODEL" in command:
        pytest.skip("needs a model; test_hf.py makes one")
    monkeypatch.chdir(tmp_path)
    if command == "vnnews-bench results results":
        assert run("measure", "capitals", "-o", "results").exit_code == 0
    with endpoint.running() as server:
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        done = run(*shlex.split(command.replace("http://localhost:8000/v1", server.url))[1:])
    if "is not installed; " in done.stderr:
        pytest.skip(done.stderr.strip().splitlines()[-1])
    assert done.exit_code == 0, done.stderr
    assert (tmp_path / "preds.jsonl").exists() == ("preds.jsonl" in command)


def test_the_way_from_a_file_to_a_row(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run("predict", "capitals", "-o", "preds.jsonl").exit_code == 0
    for command in commands("From a file to a row"):
        done = run(*shlex.split(command)[1:])
        assert done.exit_code == 0, done.stderr
    assert "my-tagger" in done.stdout
    assert {path.name for path in (tmp_path / "leaderboard").iterdir()} == {"my-tagger.jsonl", "predictions"}


def test_the_page_names_every_field_of_a_row():
    listed = re.search(r"A row is a line of JSON: `([^`]+)`", PAGE)
    assert listed is not None
    assert tuple(listed[1].split()) == results.Result.__struct_fields__
