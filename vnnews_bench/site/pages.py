"""The files of the site: what the pages show goes through templates that escape it, and is written in one go."""

import json
import shutil
import tempfile
from collections.abc import Sequence
from importlib.resources import files as package_files
from pathlib import Path
from typing import Any, get_args

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from vnnews_bench import corpus, results
from vnnews_bench.corpus import Corpus
from vnnews_bench.errors import BenchError
from vnnews_bench.leaderboard import TESTS, Test
from vnnews_bench.records import LAYERS, Document, Record
from vnnews_bench.render import cell, percent
from vnnews_bench.results import Result
from vnnews_bench.site import charts, entries, marks
from vnnews_bench.site.entries import Board, Entry
from vnnews_bench.systems import Kind
from vnnews_bench.tasks import TASKS

KINDS: tuple[str, ...] = get_args(Kind)
STATIC = ("style.css", "site.js")
WORDS: dict[str, dict[str, str]] = json.loads((package_files("vnnews_bench.site") / "words.json").read_text(encoding="utf-8"))


def build(folders: Sequence[Path], output: Path) -> list[Path]:
    """Writes the site of folders of rows and predictions, and gives its files.

    The folder is written beside `output` and put in its place when it is whole. What is there and is no site is left alone.
    Raises `BenchError` for rows that do not agree with their predictions, and where nothing can be written.
    """
    if output.exists() and not (output.is_dir() and ((output / "words.js").is_file() or not any(output.iterdir()))):
        raise BenchError(f"{output}: is there and is no site; name a new folder")
    read = {folder: results.read(folder) for folder in folders}
    found = [
        entry for folder, rows in read.items() for entry in entries.entries([row for row in rows if row.is_current], folder)
    ]
    first: dict[str, Entry] = {}
    for entry in found:
        if first.setdefault(entry.slug.casefold(), entry) is not entry:
            one, other = (next(iter(known.parts.values())).file for known in (entry, first[entry.slug.casefold()]))
            raise BenchError(f"{one}: has the name of {other}; a site shows one of them")
    pages = _pages(found, [row for rows in read.values() for row in rows if not row.is_current])
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=output.parent, prefix=f".{output.name}.") as beside:
            whole = Path(beside) / "site"
            for name, content in pages.items():
                (whole / name).parent.mkdir(parents=True, exist_ok=True)
                (whole / name).write_text(content, encoding="utf-8", newline="\n")
            if output.exists():
                shutil.move(output, Path(beside) / "old")
            shutil.move(whole, output)
    except OSError as error:
        raise BenchError(f"{output}: cannot be written: {error.strerror}") from None
    return [output / name for name in pages]


def _pages(found: list[Entry], apart: list[Result]) -> dict[str, str]:
    """The text of every file by its path."""
    made = {name: (package_files("vnnews_bench.site") / "static" / name).read_text(encoding="utf-8") for name in STATIC}
    made["words.js"] = f"const WORDS = {script(WORDS)};\n"
    made["README.md"] = _page("space.md")
    boards = entries.boards(found)
    canary = corpus.canary()  # wherever the gold or the words of the articles stand
    tests = {split: corpus.load(split) for split in TESTS}
    frame: dict[str, Any] = {
        "version": tests[TESTS[0]].version,
        "hashes": [data.hash[:8] for data in tests.values()],
        "tests": {split: list(data.documents) for split, data in tests.items()},
        "canary": canary,
    }
    kinds = [kind for kind in KINDS if any(entry.kind == kind for entry in found)]
    made["index.html"] = _page("board.html", frame, root="", boards=boards, apart=apart, kinds=kinds)
    for split, data in tests.items():
        for id, document in data.documents.items():
            there = [entry for entry in found if split in entry.parts and id in entry.parts[split].records]
            texts: dict[str, Any] = {"document": document, "gold": _side(data.gold[id], document, data), "entries": there}
            made[f"articles/{id}.html"] = _page("article.html", frame, root="../", **texts)
            for entry in there:
                side = script(_side(entry.parts[split].records[id], document, data))
                made[f"articles/{id}/{entry.slug}.js"] = f"// {canary}\nSIDES[{script(entry.slug)}] = {side};\n"
    for entry in found:
        made[f"systems/{entry.slug}.html"] = _page("system.html", frame, root="../", **_system(entry, boards))
    return made


def _side(record: Record, document: Document, data: Corpus) -> str:
    """One side of the reader: the text with what a record says about it, its quotations, its timeline."""
    found = marks.marks(record, data.gold[document.id], document, data)
    quotes = {mark.of: mark for mark in found if mark.kind == "quote"}
    lines = charts.dated(record, document.text)
    layers = [layer for layer in LAYERS if getattr(record, layer) is not None]
    shown: dict[str, Any] = {
        "text": marks.nested(document, found),
        "quotes": list(quotes.values()),
        "lines": lines,
        "layers": layers,
    }
    return _page("side.html", document=document, **shown)


def _system(entry: Entry, boards: list[Board]) -> dict[str, Any]:
    """What a system's page shows, task by task and test by test."""
    there = [(task, split) for task in TASKS for split, part in entry.parts.items() if task in part.rows]
    return {"entry": entry, "tasks": [_section(entry, task, split, boards) for task, split in there]}


def _section(entry: Entry, task: str, split: Test, boards: list[Board]) -> dict[str, Any]:
    """What a system's page shows of one task on one test; its places on boards are those on the test that ranks."""
    part = entry.parts[split]
    report = part.report.tasks[task]
    metric, table = next(iter(report.metrics.items()))
    layers = [layer for layer in TASKS[task].layers if any(getattr(r, layer) is not None for r in part.records.values())]
    own = [(board, line) for board in boards if board.task == task for line in board.lines if line.entry is entry]
    return {
        "name": task,
        "split": split,
        "report": report,
        "metric": metric,
        "table": table,
        "signature": part.report.line(task, metric),
        "places": own if split == TESTS[0] else [],
        "confusions": [entries.confusion(part.records, layer, TASKS[task], corpus.load(split)) for layer in layers],
        "frequent": entries.frequent(part, task, split),
    }


def script(value: Any) -> str:
    """A value as JavaScript that may stand in a script, also one inside a page."""
    text = msgspec.json.encode(value).decode()
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def said(key: str) -> Markup:
    """A phrase of the interface, in English; the page's script puts the other language in its place."""
    return Markup('<span data-t="{}">{}</span>').format(key, WORDS["en"][key])


def _score(value: float | None) -> str:
    return cell(percent(value))


_templates = Environment(
    loader=PackageLoader("vnnews_bench.site"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
_templates.globals.update(
    t=said, words=WORDS["en"], bar=charts.bar, timeline=charts.timeline, score=_score, cell=cell, tasks=TASKS
)


def _page(name: str, frame: dict[str, Any] | None = None, **shown: Any) -> str:
    return _templates.get_template(name).render(**(frame or {}), **shown)
