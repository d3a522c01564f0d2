"""The dataset repository as a folder: parquet, card, croissant.json, eval.yaml, licence, citation, and the hashes of it all."""

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vnnews_bench import corpus
from vnnews_bench.citation import cite
from vnnews_bench.errors import BenchError, listing
from vnnews_bench.hub import card, content, croissant
from vnnews_bench.hub.card import Tables, file_of
from vnnews_bench.hub.configs import CONFIGS, Plain
from vnnews_bench.hub.content import Policy, state
from vnnews_bench.hub.load import REPOSITORY, stock


def build(folder: str | Path, text: Policy = "included", repository: str = REPOSITORY) -> list[str]:
    """Writes the dataset repository of the bundled data, with the published texts or without, and returns the files' names.

    `repository` is the name on the Hub that card and croissant.json give.

    A folder that an earlier build made is replaced as a whole; anything else in it is an error, and nothing is written.
    """
    _refuse_strangers(Path(folder))
    return _write(Path(folder), _tables(text), text, repository)


def _tables(text: Policy) -> Tables:
    words = text == "included"
    return {
        name: {split: config.of(corpus.load(split), words) for split in corpus.splits()} for name, config in CONFIGS.items()
    }


def rehydrate(folder: str | Path, sources: str | Path) -> list[str]:
    """Puts the words back into a folder that was built without them, from texts that the user has, and returns its files.

    Written articles have their words in any folder.

    A text is known by its sha256 alone, whatever the file's name in `sources`. Raises `BenchError` when one is missing; the
    folder is then as it was.
    """
    folder, sources = Path(folder), Path(sources)
    stated = content.read(folder)
    _refuse_strangers(folder)
    if stated.text == "included":
        raise BenchError(f"{folder}: has its texts already")
    if stated.version != corpus.load().version:
        raise BenchError(
            f"{folder}: holds data {stated.version}, this package {corpus.load().version}; "
            f"install the vnnews-bench that built the folder"
        )
    bare = {name: {split: rows.to_list() for split, rows in stock(folder, name).items()} for name in stated.rows}
    wanted = {row["id"]: row["source"]["sha256"] for rows in bare["documents"].values() for row in rows if row["text"] is None}
    texts = _texts(sources, wanted)
    tables = {
        name: {split: [_restored(name, row, texts) for row in rows] for split, rows in splits.items()}
        for name, splits in bare.items()
    }
    return _write(folder, tables, "included", REPOSITORY)


def _texts(sources: Path, wanted: dict[str, str]) -> dict[str, str]:
    """The text of each document by the sha256 it must have, from any file below a folder."""
    if not sources.is_dir():
        raise BenchError(f"{sources}: is no folder; name the one that holds the articles")
    found: dict[str, str] = {}
    for path in sorted(path for path in sources.rglob("*") if path.is_file()):
        raw = path.read_bytes()
        sha256 = hashlib.sha256(raw).hexdigest()
        if sha256 in wanted.values():
            found[sha256] = raw.decode()
    missing = [f"{id} ({sha256[:16]}…)" for id, sha256 in wanted.items() if sha256 not in found]
    if missing:
        raise BenchError(f"{sources}: no file has the sha256 of {listing(missing)}; a text counts byte for byte as received")
    return {id: found[sha256] for id, sha256 in wanted.items()}


def _restored(config: str, row: Plain, texts: dict[str, str]) -> Plain:
    """A row with its words, from the text of its article where that was withheld."""
    id = row["document" if "document" in row else "id"]
    return CONFIGS[config].filled(row, texts[id]) if id in texts else row


def _write(folder: Path, tables: Tables, text: Policy, repository: str) -> list[str]:
    """Writes the repository beside its place and renames it."""
    rows = {name: {split: state(there) for split, there in splits.items()} for name, splits in tables.items()}
    with _replacing(folder) as beside:
        for name, splits in tables.items():
            for split, there in splits.items():
                path = beside / file_of(name, split, rows[name][split])
                path.parent.mkdir(exist_ok=True)
                CONFIGS[name].dataset(there, split).to_parquet(path)
        pages = {
            "LICENSE": corpus.verified("LICENSE").decode(),
            "CITATION.cff": cite("cff") + "\n",
            "README.md": card.readme(tables, rows, text, repository),
            "eval.yaml": card.benchmark(),
        }
        for name, page in pages.items():
            (beside / name).write_text(page, encoding="utf-8")
        croissant.write(beside, rows, repository)
        content.write(beside, corpus.load().version, text, rows)
    return [*content.there(folder), content.NAME]


@contextmanager
def _replacing(folder: Path) -> Iterator[Path]:
    """A folder to write in, which takes the place of `folder` when all went well; dot files that clients keep there stay."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    except OSError as error:
        raise BenchError(f"{folder}: cannot be written: {error.strerror}") from None
    try:
        yield beside
        beside.chmod(0o755)
        if folder.exists():
            for kept in folder.glob(".*"):
                kept.rename(beside / kept.name)
            shutil.rmtree(folder)
        beside.rename(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _refuse_strangers(folder: Path) -> None:
    """An earlier build may be replaced, nothing else."""
    if folder.exists() and not folder.is_dir():
        raise BenchError(f"{folder}: is a file; name a folder")
    strangers = content.strangers(folder)
    if strangers:
        raise BenchError(f"{folder}: holds files that no build wrote as they are, {listing(strangers)}; name another folder")
