"""A folder of rows that means ill: a system whose name, address, speakers and values are markup and script."""

import shutil
from pathlib import Path

from vnnews_bench import corpus, files, results
from vnnews_bench.leaderboard import TESTS
from vnnews_bench.records import Event, Quote, Record, Speaker, Timex

ROWS = Path(__file__).parent.parent / "baselines" / "results"
NAME = """<img src=x onerror="window.hurt=1">'"&amp;</script>${1}{{7*7}}"""
ADDRESS = "javascript:window.hurt=1"
SAID = "</mark><script>window.hurt=1</script>\u2028"


def rows(folder: Path) -> Path:
    """The rows of the baselines and tools, and the hostile one among them."""
    shutil.copytree(ROWS, folder)
    record = Record(
        id="core-000",
        quotes=(Quote(spans=((41, 109),), speaker=Speaker(name=SAID)),),
        timexes=(Timex(start=764, end=772, value=SAID),),
        events=(Event(type="MEET", mentions=((9, 12),)),),
    )
    add(folder, NAME, [record], url=ADDRESS, paper=SAID, licence=SAID, contamination_statement=SAID)
    return folder


def add(folder: Path, name: str, records: list[Record], **stated: str) -> None:
    """Predictions and their rows, as `submit` writes them, but for what it refuses."""
    rows = []
    for split in TESTS:
        mine = [record for record in records if record.id in corpus.load(split).documents]
        if mine:
            kept = results.prepared(name, folder, split)
            files.write(mine, kept)
            rows += results.scored(name, kept, split, stated)
    results.write(rows, folder)


def gold() -> list[Record]:
    """The gold of both tests, which is a submission."""
    return [record for split in TESTS for record in corpus.load(split).gold.values()]
