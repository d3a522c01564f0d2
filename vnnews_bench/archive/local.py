"""The local engine: as many taggers as workers on this machine, each with a thread that waits for it."""

from collections.abc import Callable, Generator, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from queue import SimpleQueue

from vnnews_bench.archive.shards import Done, Shard
from vnnews_bench.archive.tagger import Tagger


def run(shards: Iterable[Shard], tagger: Callable[[], Tagger], workers: int) -> Generator[Done, None, None]:
    """Tags shards, each as soon as a worker is free; what is done comes in the order in which it is.

    At most one shard for each worker and one more are in memory. A run that is left early leaves no process.
    """
    taggers = [tagger() for _ in range(workers)]
    free: SimpleQueue[Tagger] = SimpleQueue()
    for one in taggers:
        free.put(one)

    def tag(shard: Shard) -> Done:
        mine = free.get()
        try:
            return mine.tag(shard)
        finally:
            free.put(mine)

    with ThreadPoolExecutor(workers) as pool:
        waiting: set[Future[Done]] = set()
        try:
            for shard in shards:
                waiting.add(pool.submit(tag, shard))
                if len(waiting) > workers:
                    ended, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                    yield from (future.result() for future in ended)
            while waiting:
                ended, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in ended)
        finally:
            for one in taggers:
                one.kill()
            pool.shutdown(cancel_futures=True)
            for one in taggers:
                one.close()
