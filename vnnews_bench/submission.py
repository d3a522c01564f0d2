"""Submissions: a file of predictions, and what its maker states, made into rows.

Nothing that a maker states is believed of a score: that is made here. Everything else is text, shown as text.
"""

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from vnnews_bench import corpus, files, formats, leaderboard, results
from vnnews_bench.errors import BenchError
from vnnews_bench.formats import exchange
from vnnews_bench.formats.exchange import Read
from vnnews_bench.leaderboard import TESTS, Test
from vnnews_bench.records import Record
from vnnews_bench.results import Result
from vnnews_bench.scoring import evaluate

# characters that a statement has at most
LONGEST = {"name": 100, "url": 1000, "paper": 1000, "licence": 100, "contamination-statement": 1000}
# control characters, those that turn the direction of what follows, halves of pairs, what is no letter (yet), line breaks
HIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
WAY_OUT = "choose another name, or remove the files of that one first"


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

    The file is about the documents of `test`, which ranks, and perhaps also about those of `test_written`. `tell` is called
    with what it holds that could not be taken over, and with what looks odd about it.
    Raises `BenchError` for a statement that is none, a name that other predictions have, and a file that does not score;
    nothing is written then. The same predictions may be submitted again, to state something else about them, or with those
    of the second test.
    """
    name = checked("name", name)
    said = {"url": url, "paper": paper, "licence": licence, "contamination-statement": contamination_statement}
    stated = {option.replace("-", "_"): None if text is None else checked(option, text) for option, text in said.items()}
    read = _read(file, input)
    records = {split: _of(read, split) for split in TESTS}
    if not records[TESTS[0]]:
        raise BenchError(f"{file}: has no document of {TESTS[0]}, which ranks; the other test may be left out")
    reports = [evaluate(mine, split) for split, mine in records.items() if mine]
    remarks = (remark for report in reports for task in report.tasks.values() for remark in task.remarks)
    for note in (*_losses(read), *remarks):
        tell(note)
    contents = {split: files.encoded(mine) for split, mine in records.items() if mine}
    _check_free(name, {split: results.digest(content) for split, content in contents.items()}, folder)
    kept = {split: results.prepared(name, folder, split) for split in contents}
    new = [path for path in kept.values() if not path.exists()]
    try:
        rows = []
        for split, content in contents.items():
            files.write_bytes(content, kept[split])
            rows += results.scored(name, kept[split], split, stated | {"notes": len(read.losses) + read.repairs})
        results.write(rows, folder)
    except BaseException:
        for path in new:
            path.unlink(missing_ok=True)
        raise
    return rows


def _read(file: Path, input: str | None) -> Read:
    """What a file says of the first test, or else of both: without ids, documents are told by their number."""
    documents = [corpus.load(split).documents for split in TESTS]
    try:
        return formats.read(file, documents[0], input)
    except BenchError:
        return formats.read(file, {id: one for there in documents for id, one in there.items()}, input)


def _of(read: Read, split: Test) -> list[Record]:
    """The records of a test, in its order."""
    order = {id: n for n, id in enumerate(corpus.load(split).documents)}
    return sorted((record for record in read.records if record.id in order), key=lambda record: order[record.id])


def _check_free(name: str, found: Mapping[Test, str], folder: Path) -> None:
    """Raises `BenchError` for a name that this package runs, or that is taken in the folder by anything but these predictions,
    of which `found` has the sha256 by test.

    Names that differ in case alone are one, as they are one file on some systems.
    """
    if leaderboard.kind(name) != "own":
        raise BenchError(f"--name {name}: is a system that `vnnews-bench measure` runs; choose another name")
    mine = results.path(name, folder).name
    for path in sorted(folder.glob("*.jsonl")):
        if path.name.casefold() != mine.casefold():
            continue
        rows = results.of_file(path)
        if any((row.system, row.predictions) != (name, found.get(row.split)) for row in rows):
            raise BenchError(f"--name {name}: {path} has other predictions, of {rows[0].system}; {WAY_OUT}")


def _losses(read: Read) -> Iterator[str]:
    """What a foreign file holds that no record can, a line a kind."""
    for kind, number, whole, first in exchange.sheet(read.losses, "").rows:
        yield f"not taken over: {number} of {kind}, {whole} of them whole annotations; the first: {first}"
    if read.repairs:
        yield f"ill-formed tags that were repaired: {read.repairs}"


def checked(option: str, given: str) -> str:
    """A statement as a row has it: one line of text, composed (NFC). Raises `BenchError` for anything else."""
    text = unicodedata.normalize("NFC", given.strip())
    if not text:
        raise BenchError(f"--{option} is empty; it is one line of text")
    if len(text) > LONGEST[option]:
        raise BenchError(f"--{option} has {len(text)} characters; it has at most {LONGEST[option]}")
    hidden = next((letter for letter in text if unicodedata.category(letter) in HIDDEN), None)
    if hidden is not None:
        raise BenchError(f"--{option} holds U+{ord(hidden):04X}, which cannot be seen; it is one line of text")
    if option in ("url", "paper") and not _is_address(text):
        raise BenchError(f"--{option} {text}: is no address; it looks like https://example.org/system")
    return text


def _is_address(text: str) -> bool:
    """Whether a page of the web can stand there: no script, no credentials, nothing that ends an attribute."""
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    plain = not any(letter in ' "<>\\^`{|}' for letter in text)
    return parts.scheme in ("http", "https") and "." in host.strip(".") and parts.username is None and plain
