"""Verification: every stored row is made again of its predictions, and held against what is stored, byte for byte."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from vnnews_bench import results, submission
from vnnews_bench.errors import BenchError
from vnnews_bench.leaderboard import TESTS
from vnnews_bench.results import Result

FOLDERS = (Path("baselines/results"), Path("leaderboard"))


def stored() -> list[Path]:
    """The usual folders of rows below the current one that hold anything. Raises `BenchError` when none does."""
    found = [folder for folder in FOLDERS if any(folder.glob("*.jsonl")) or any(folder.glob("predictions/*/*.jsonl"))]
    if not found:
        raise BenchError(f"no rows are in {' or '.join(map(str, FOLDERS))} here; name the folders to verify")
    return found


def verify(*folders: Path) -> list[str]:
    """Everything in folders of rows that is not as scoring the predictions makes it, a line each."""
    folders = tuple(dict.fromkeys(folders))
    problems = [*(problem for folder in folders for problem in _of_folder(folder)), *_namesakes(folders)]
    return ["".join(map(_visible, problem)) for problem in problems]


def _visible(letter: str) -> str:
    """A letter of a file that may hold anything, so that it neither ends the line nor moves the cursor."""
    return letter if letter.isprintable() else f"\\u{ord(letter):04x}"


def _of_folder(folder: Path) -> Iterator[str]:
    paths = sorted(folder.glob("*.jsonl"))
    if not paths:
        yield f"{folder}: holds no results"
    claimed = set()
    for path in paths:
        try:
            rows = results.of_file(path)
        except BenchError as error:
            yield str(error)
            continue
        if not rows:
            yield f"{path}: holds no row"
            continue
        claimed |= {results.predictions(rows[0].system, folder, row.split) for row in rows}
        yield from (f"{path}: {problem}" for problem in _of_system(rows, path, folder))
    for kept in sorted((folder / "predictions").rglob("*")):
        if kept.is_file() and kept not in claimed:
            yield f"{kept}: predictions without a row; `vnnews-bench submit` or `measure` makes one"


def _namesakes(folders: Sequence[Path]) -> Iterator[str]:
    """Files of one name, whatever their case, in one folder or several: a board could show only one of them as that system."""
    first: dict[str, Path] = {}
    for path in (path for folder in folders for path in sorted(folder.glob("*.jsonl"))):
        if first.setdefault(path.stem.casefold(), path) != path:
            yield f"{path}: has the name of {first[path.stem.casefold()]}"


def _of_system(rows: list[Result], path: Path, folder: Path) -> Iterator[str]:
    """What is wrong with the file of a system."""
    name = rows[0].system
    if path != results.path(name, folder):
        yield f"is the file of {results.stem(path.stem)}, and its row is of {name!r}"
    if path.read_bytes() != b"".join(map(results.encoded, rows)):
        yield "is not written as `submit` and `measure` write it"
    for row in rows:
        yield from (f"{_of(row)}: {problem}" for problem in _misstated(row))
        if row.checksum != results.checksum(row):
            yield f"{_of(row)}: was edited: its checksum is {row.checksum[:12]}…, its line has {results.checksum(row)[:12]}…"
    splits = [row.split for row in rows]
    if splits != sorted(splits, key=TESTS.index) or TESTS[0] not in splits:
        yield f"the rows of {TESTS[0]}, which ranks, do not stand first"
    for split in dict.fromkeys(splits):
        yield from _of_split([row for row in rows if row.split == split], results.predictions(name, folder, split))


def _of_split(rows: list[Result], kept: Path) -> Iterator[str]:
    """What is wrong with the rows of a system on one test, whose predictions are in `kept`."""
    foreign = {f"{_of(row)}: {problem}": None for row in rows for problem in _made_elsewhere(row)}
    yield from foreign
    if not kept.is_file():
        yield f"a row without predictions: {kept} is not there"
        return
    found = results.digest(kept.read_bytes())
    changed = [row for row in rows if row.predictions != found]
    for row in changed:
        yield f"{_of(row)}: {kept} has sha256 {found[:12]}…, the row says {row.predictions[:12]}…"
    if changed or foreign:
        return  # every score would differ
    try:
        yield from _rescored(rows, results.scored(rows[0].system, kept, rows[0].split, results.stated(rows[0])))
    except BenchError as error:
        yield from str(error).splitlines()


def _of(row: Result) -> str:
    """Which row of a file it is."""
    return row.task if row.split == TESTS[0] else f"{row.split} {row.task}"


def _misstated(row: Result) -> Iterator[str]:
    """The statements that `submit` would not have written."""
    said = {"name": row.system, "url": row.url, "paper": row.paper, "licence": row.licence}
    for option, text in (said | {"contamination-statement": row.contamination_statement}).items():
        try:
            if text is not None and submission.checked(option, text) != text:
                yield f"--{option} {text!r} is not composed (NFC), or has space around it"
        except BenchError as error:
            yield str(error)


def _made_elsewhere(row: Result) -> Iterator[str]:
    """The versions that are not those that are here, so that nothing can be compared."""
    for field, here in results.scorer(row.split).items():
        if getattr(row, field) != here:
            yield f"{field} is {getattr(row, field)}, here it is {here}; `vnnews-bench results DIR --rescore` scores it again"


def _rescored(rows: list[Result], made: list[Result]) -> Iterator[str]:
    """Where rows differ from those that were made again."""
    again = {row.task: row for row in made}
    if [row.task for row in rows] != list(again):
        yield f"has rows of {', '.join(row.task for row in rows)}; the predictions make rows of {', '.join(again)}"
    for row in rows:
        if row.task in again:
            # the checksum follows from the rest, and was compared
            left, right = (msgspec.structs.replace(one, checksum="") for one in (row, again[row.task]))
            told = list(_differences(msgspec.to_builtins(left), msgspec.to_builtins(right)))
            if not told and results.encoded(left) != results.encoded(right):
                told = ["the order of its metrics, labels or documents is another"]
            yield from (f"{_of(row)}: {difference}" for difference in told)


def _differences(stored: Any, made: Any, at: str = "") -> Iterator[str]:
    """The leaves in which two values differ, each with its path."""
    if isinstance(stored, dict) and isinstance(made, dict):
        for key in dict.fromkeys([*stored, *made]):
            yield from _differences(stored.get(key), made.get(key), f"{at}.{key}" if at else key)
    elif stored != made:
        yield f"{at} is {_shown(stored)}, scored again {_shown(made)}"


def _shown(value: Any) -> str:
    return "not there" if value is None else msgspec.json.encode(value).decode()
