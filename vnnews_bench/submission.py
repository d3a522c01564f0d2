"""Submissions: a file of predictions, and what its maker states, made into rows.

Nothing that a maker states is believed of a score: that is made here. Everything else is text, shown as text.
"""

import unicodedata
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from vnnews_bench import corpus, files, formats, leaderboard, results
from vnnews_bench.errors import BenchError
from vnnews_bench.results import Result
from vnnews_bench.scoring import evaluate

SHORT, LONG = 100, 1000  # characters of a name or a licence, of an address or a statement
WAY_OUT = "choose another name, or remove the two files of that one first"


def submit(
    file: Path,
    folder: Path,
    *,
    name: str,
    url: str,
    licence: str,
    paper: str | None = None,
    contamination_statement: str | None = None,
    input: str | None = None,
    tell: Callable[[str], None] = lambda note: None,
) -> list[Result]:
    """Scores a file in any format and writes its rows, and beside them the predictions as records, into a folder.

    `tell` is called with what the file holds that could not be taken over, and with what looks odd about it.
    Raises `BenchError` for a statement that is none, a name that other predictions have, and a file that does not score;
    nothing is written then. The same predictions may be submitted again, to state something else about them.
    """
    name = _text("name", name, SHORT)
    stated = {
        "url": _address("url", url),
        "paper": None if paper is None else _address("paper", paper),
        "licence": _text("licence", licence, SHORT),
        "contamination_statement": None
        if contamination_statement is None
        else _text("contamination-statement", contamination_statement, LONG),
    }
    documents = corpus.load("test").documents
    read = formats.read(file, documents, input)
    notes = [loss.message if loss.document is None else f"{loss.document}: {loss.message}" for loss in read.losses]
    notes += [f"{read.repairs} ill-formed tags were repaired"] if read.repairs else []
    records = sorted(read.records, key=lambda record: list(documents).index(record.id))
    report = evaluate(records, "test")
    for note in (*notes, *(remark for task in report.tasks.values() for remark in task.remarks)):
        tell(note)
    content = files.encoded(records)
    _check_free(name, content, folder)
    kept = results.prepared(name, folder)
    new = not kept.exists()
    files.write_bytes(content, kept)
    try:
        rows = results.scored(name, kept, stated | {"notes": len(notes)})
        results.write(rows, folder)
    except BaseException:
        if new:
            kept.unlink()
        raise
    return rows


def _check_free(name: str, content: bytes, folder: Path) -> None:
    """Raises `BenchError` for a name that this package runs, or that is taken in the folder by anything but these predictions.

    Names that differ in case alone are one, as they are one file on some systems.
    """
    if leaderboard.kind(name) != "own":
        raise BenchError(f"--name {name}: is a system that `vnnews-bench measure` runs; choose another name")
    mine = results.path(name, folder).name
    for path in sorted(folder.glob("*.jsonl")):
        if path.name.casefold() != mine.casefold():
            continue
        rows = results.of_file(path)
        if any((row.system, row.predictions) != (name, results.digest(content)) for row in rows):
            raise BenchError(f"--name {name}: {path} has other predictions, of {rows[0].system}; {WAY_OUT}")


def _text(option: str, given: str, longest: int) -> str:
    """One line of text, composed (NFC). Raises `BenchError` for anything else."""
    text = unicodedata.normalize("NFC", given.strip())
    if not text:
        raise BenchError(f"--{option} is empty; it is one line of text")
    if len(text) > longest:
        raise BenchError(f"--{option} has {len(text)} characters; it has at most {longest}")
    # no control characters, halves of surrogate pairs, line breaks, or letters that turn the direction of what follows
    hidden = next(
        (letter for letter in text if unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")), None
    )
    if hidden is not None:
        raise BenchError(f"--{option} holds U+{ord(hidden):04X}, which cannot be seen; it is one line of text")
    return text


def _address(option: str, given: str) -> str:
    """An address on the web. Raises `BenchError` for anything else."""
    text = _text(option, given, LONG)
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host, parts = "", urlsplit("")
    odd = any(letter in ' "<>\\^`{|}' for letter in text)
    if parts.scheme not in ("http", "https") or "." not in host.strip(".") or parts.username is not None or odd:
        raise BenchError(f"--{option} {text}: is no address; it looks like https://example.org/system")
    return text
