"""The engine on a cluster: the same taggers as actors of Ray Data, on whatever nodes there are.

One task reads the archive and streams its shards; each actor writes its shards itself. So input, output and the system must be
in the same place on every node. The cluster is the one that RAY_ADDRESS names or that runs here, else one is started.
"""

import logging
import os
import sys
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from vnnews_bench.archive import shards
from vnnews_bench.archive.reading import Input
from vnnews_bench.archive.shards import Done, Shard
from vnnews_bench.archive.tagger import Tagger
from vnnews_bench.errors import BenchError
from vnnews_bench.worker import Job


class Actor:
    """A tagger in a process of Ray: a batch is one shard, or an error of the reader, which is handed on."""

    def __init__(self, job: bytes, seconds: float, out: str, path: list[str]) -> None:
        sys.path[:] = list(dict.fromkeys([*path, *sys.path]))
        self.tagger = Tagger(msgspec.json.decode(job, type=Job), seconds, out)

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """What became of the shard, or the error."""
        errors, made = [], []
        for raw, error in zip(batch["shard"], batch["error"], strict=True):
            done = Done()
            if not error:
                try:
                    done = self.tagger.tag(msgspec.json.decode(raw, type=Shard))
                except BenchError as caught:
                    error = str(caught)
            errors.append(str(error))
            made.append(msgspec.json.encode(done))
        return {"done": made, "error": errors}

    def __del__(self) -> None:
        self.tagger.close()


def run(archive: Sequence[Input], job: Job, seconds: float, out: Path, workers: int | None) -> Generator[Done, None, None]:
    """Tags the shards that are not there; what is done comes in the order in which it is.

    Without `workers` there are as many as the cluster has processors. Raises `BenchError` when Ray is not installed.
    """
    try:
        import ray
        import ray.data
    except ImportError:
        raise BenchError("ray is not installed; pip install 'vnnews-bench[ray]'") from None
    path = [entry or os.getcwd() for entry in sys.path]
    ray.init(ignore_reinit_error=True, log_to_driver=False, logging_level="ERROR", include_dashboard=False)
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.target_max_block_size = 1  # a block for each shard, so that no more of them wait than there are workers
    here = [(str(file.path.absolute()), file.name) for file in archive]

    def read(batch: dict[str, Any]) -> Iterator[dict[str, list[Any]]]:
        sys.path[:] = list(dict.fromkeys([*path, *sys.path]))
        try:
            for shard in shards.missing([Input(Path(file), name) for file, name in here], out):
                yield {"shard": [msgspec.json.encode(shard)], "error": [""]}
        except BenchError as error:
            yield {"shard": [b""], "error": [str(error)]}

    actors = workers or max(1, int(ray.cluster_resources().get("CPU", 1)))
    tagged = (
        ray.data.from_items([{"archive": 0}])
        .map_batches(read, batch_size=None, num_cpus=0)
        .map_batches(
            Actor,
            fn_constructor_args=(msgspec.json.encode(job), seconds, str(out), path),
            batch_size=1,
            compute=ray.data.ActorPoolStrategy(size=actors),
            num_cpus=1,
        )
    )
    for row in tagged.iter_rows():
        if row["error"]:
            raise BenchError(row["error"])
        yield msgspec.json.decode(row["done"], type=Done)
