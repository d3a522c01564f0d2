"""The dataset from the package, from a folder or from the Hub, as `datasets` has it, verified."""

import functools
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from vnnews_bench import corpus
from vnnews_bench.errors import BenchError, listing
from vnnews_bench.hub import content
from vnnews_bench.hub.configs import Config, named
from vnnews_bench.hub.content import Content
from vnnews_bench.hub.remote import snapshot

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict

REPOSITORY = "vnnews-bench/vnnews-bench"


def load_dataset(
    config: str = "documents", split: str | None = None, source: str | Path = "bundled", revision: str | None = None
) -> "Dataset | DatasetDict":
    """A configuration as a `datasets.Dataset`, or every split of it as a `DatasetDict`.

    `source` is "bundled" (the data in this package, made in memory, never cached), "hub" or "hub:OWNER/NAME" (downloaded at
    `revision`, by default the tag of the bundled version, and kept in the cache of huggingface_hub), or a folder that
    `vnnews-bench build` wrote. Rows from outside the package are verified: against the hash that is stated beside them, and
    where their version is the bundled one against the bundled rows.

    Raises `BenchError` for what does not exist and, with both hashes, for rows that are not what they should be.
    """
    chosen = named(config)
    place = str(source)
    if revision is not None and not _is_hub(place):
        raise BenchError(f"a revision is one of the Hub's, and the source is {place!r}; name the source hub or hub:OWNER/NAME")
    if place == "bundled":
        return _each(corpus.splits(), split, lambda name: _bundled(chosen, name))
    folder = Path(source)
    if _is_hub(place):
        folder = snapshot(place.partition(":")[2] or REPOSITORY, revision or f"v{corpus.load().version}")
    stated = content.read(folder)
    if config not in stated.rows:
        raise BenchError(f"{folder}: has no configuration {config!r}; it has {listing(list(stated.rows))}")
    made = functools.cache(lambda: stock(folder, config))  # not before the split is known to exist
    return _each(stated.rows[config], split, lambda name: _verified(folder, chosen, name, stated, made()[name]))


def _is_hub(source: str) -> bool:
    return source == "hub" or source.startswith("hub:")


def _each(known: Iterable[str], split: str | None, make: "Callable[[str], Dataset]") -> "Dataset | DatasetDict":
    from datasets import DatasetDict

    if split is None:
        return DatasetDict({name: make(name) for name in known})
    if split not in known:
        raise BenchError(f"there is no split {split!r}; there are {listing(list(known))}")
    return make(split)


def _bundled(config: Config, split: str) -> "Dataset":
    return config.dataset(config.of(corpus.load(split)), split)


def stock(folder: Path, config: str) -> "DatasetDict":
    """A configuration of a built folder as `datasets` itself reads it, through a cache of its own, so that no older rows come
    back.
    """
    import datasets

    with tempfile.TemporaryDirectory() as cache:
        return datasets.load_dataset(str(folder), config, cache_dir=cache, keep_in_memory=True)


def _verified(folder: Path, config: Config, split: str, stated: Content, rows: "Dataset") -> "Dataset":
    hashes = {"hashes.json": stated.rows[config.name][split].sha256}
    if stated.version == corpus.load().version:
        bundled = config.of(corpus.load(split), words=stated.text == "included")
        hashes["this package"] = content.content_hash(bundled)
    found = content.content_hash(rows.to_list())
    for who, sha256 in hashes.items():
        if sha256 != found:
            raise BenchError(
                f"{folder}: rows of {config.name}/{split} {stated.version} have hash {found[:16]}…, {who} has {sha256[:16]}…"
            )
    return rows
