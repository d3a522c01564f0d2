"""The documentation keeps its promises: tables, examples, links, citation."""

import re
import subprocess
import sys
from pathlib import Path

import generated
import msgspec
import pytest
from generated import BLOCK, pages, renewed
from named import OWN

from vnnews_bench import __version__, citation, corpus, evaluate, offsets
from vnnews_bench.drafts import resolve
from vnnews_bench.records import Document
from vnnews_bench.tasks import TASKS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("annotations/**/*.md"), *ROOT.glob("baselines/**/*.md")]
PAGES += ROOT.glob("leaderboard/*.md")
PAGES = [page for page in PAGES if ".venv" not in page.parts]
GUIDELINES = sorted((ROOT / "annotations" / "guidelines").glob("*.md"))


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_generated_tables_are_what_the_command_prints(page):
    text = page.read_text(encoding="utf-8")
    assert renewed(text) == text, "run `make tables`"


def test_the_readme_and_the_datasheet_have_generated_tables():
    assert {page.name for page in pages()} >= {"README.md", "DATASHEET.md"}
    made = [match for page in pages() for match in BLOCK.finditer(page.read_text(encoding="utf-8"))]
    assert all(match["body"].count("|") > 10 or match["command"].startswith("cite") for match in made)


def test_the_two_commands_are_on_the_first_screen():
    first = README.splitlines()[:12]
    assert any("make leaderboard" in line for line in first)
    assert any("make test" in line for line in first)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_the_example_system_of_the_readme_runs(run, tmp_path, monkeypatch):
    code = re.search(r"```python\n# mine\.py\n(.*?)```", README, re.S)
    assert code is not None
    assert len(code[1].strip().splitlines()) <= 12
    (tmp_path / "mine.py").write_text(code[1])
    monkeypatch.chdir(tmp_path)
    assert run("predict", "mine:tag", "-o", "preds.jsonl").exit_code == 0
    assert run("evaluate", "preds.jsonl").exit_code == 0
    sys.modules.pop("mine", None)


def test_the_example_records_of_the_readme_are_right(tmp_path):
    shared = []
    for n, line in enumerate(re.findall(r"```json\n(.*?)```", README, re.S)):
        path = tmp_path / f"{n}.jsonl"
        path.write_text(line, encoding="utf-8")
        tasks = evaluate(path).tasks
        shared += [
            (name, metric, report.metrics[metric].total.shared) for name, report in tasks.items() for metric in report.metrics
        ]
    for expected in (("ner", "strict", 1), ("quotes", "strict", 1), ("dates", "timex_value", 1)):
        assert expected in shared


def test_the_signature_of_the_readme_has_todays_parts():
    shown = re.search(r"`(vnnews-bench:[^`]+)`", README)
    assert shown is not None
    now = evaluate(corpus.load().gold.values()).line("ner", "strict")
    keys = [[part.partition(":")[0] for part in line.split("|")] for line in (shown[1], now)]
    assert keys[0] == keys[1]


def converted(*options: str) -> str:
    """What cffconvert makes of CITATION.cff."""
    words = ["cffconvert", *options, "-i", str(ROOT / "CITATION.cff")]
    code = f"import sys; sys.argv = {words!r}; from cffconvert.cli.cli import cli; cli()"
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_citation_is_valid_and_has_the_version():
    converted("--validate")
    assert (ROOT / "CITATION.cff").read_text(encoding="utf-8") == generated.citation(), "run `make tables`"
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## {corpus.load().version}" in (ROOT / "annotations" / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_citation_has_the_hash_by_which_each_split_is_signed():
    stated = [identifier["value"] for identifier in citation.cff()["identifiers"]]
    assert stated == [f"sha256:{corpus.load(split).hash}" for split in ("all", *corpus.splits())]


def test_citing_names_version_and_hash_and_agrees_with_the_converter(run):
    data = corpus.load("all")
    bibtex, apa = (run("cite", "--format", form).stdout for form in ("bibtex", "apa"))
    assert run("cite").stdout == bibtex
    for fact in (data.version, data.hash, __version__):
        assert fact in bibtex
    assert f"Version {data.version}, content hash {data.hash[:8]}" in apa
    title = re.search(r"title = \{(.+)\}", converted("-f", "bibtex"))
    assert title is not None
    for part in (title[1], "2026", "The vnnews_bench authors"):
        assert part.replace("_", r"\_") in bibtex
        assert part in apa
    assert converted("-f", "apalike").split(" (")[0].rstrip(".") in apa


# rules about the registry of the corpus, in which no invented name stands
REGISTERED = {"entity-unknown-id", "quote-unknown-speaker"}


def examples() -> list[tuple[str, str]]:
    return [
        (f"{page.stem}-{n}", block)
        for page in GUIDELINES
        for n, block in enumerate(re.findall(r"```json\n(.*?)```", page.read_text(encoding="utf-8"), re.S), 1)
    ]


@pytest.mark.parametrize(("name", "block"), examples(), ids=[name for name, _ in examples()])
def test_an_example_of_the_guidelines_resolves_and_is_invented(name, block):
    example = msgspec.json.decode(block)
    text = example["text"]
    document = Document(id="example", text=text, sentences=((0, len(text)),))
    record = resolve(example["record"], document)
    assert list(offsets.findings(record, document)) == []
    there = [task for task in TASKS.values() if any(getattr(record, layer) is not None for layer in task.layers)]
    assert there
    broken = [finding for task in there for finding in task.check(record, document, {})]
    assert [str(finding) for finding in broken if finding.code not in REGISTERED] == []
    assert example["gloss"]
    names = {text[e.start : e.end] for e in record.entities or ()}
    assert not names & OWN


def test_the_datasheet_has_the_seven_sections():
    heads = re.findall(r"^## (.+)$", (ROOT / "DATASHEET.md").read_text(encoding="utf-8"), re.M)
    assert heads == [
        "Motivation",
        "Composition",
        "Collection process",
        "Preprocessing, cleaning, labelling",
        "Uses",
        "Distribution",
        "Maintenance",
    ]
