"""The settings of the conditional random fields: trained on `train`, chosen by the headline of each task on `validation`.

First the sets of features, each added to those before it, then the weights of the two norms with the sets that were best. What
is no better in the first decimal of a percent is no better: the earlier line, with less in it, is taken.

Usage: python benchmarks/crf_settings.py writes the tables into docs/decisions.md and prints what belongs into `crf.CHOSEN`.
"""

import re
from collections.abc import Sequence
from itertools import accumulate, product
from pathlib import Path

from vnnews_baselines import crf
from vnnews_baselines.crf import Settings
from vnnews_baselines.features import SETS

from vnnews_bench import corpus, evaluate, systems
from vnnews_bench.render import Cell, Sheet, render
from vnnews_bench.tasks import TASKS

PAGE = Path(__file__).parent.parent / "docs" / "decisions.md"
BLOCK = re.compile(r"(?<=<!-- benchmarks/crf_settings\.py -->\n).*?(?=<!-- end -->)", re.S)
SYSTEMS = {"ner": "ner-crf", "quotes": "quotes-crf", "dates": "events-crf"}
NORMS = (0.01, 0.1, 1.0)
FIRST = 0.1  # both weights while the sets are compared

Scored = dict[Settings, float]


def score(task: str, settings: Settings) -> float:
    """F1 of the headline on `validation`, in percent to one decimal."""
    crf.CHOSEN[task] = settings
    records = systems.run(SYSTEMS[task], corpus.load("validation").documents.values())
    report = evaluate(records, "validation", tasks=[task])
    return round(100 * (report.tasks[task].metrics[TASKS[task].headline].total.f1 or 0), 1)


def best(scored: Scored) -> Settings:
    """The first of the best."""
    return max(scored, key=lambda settings: scored[settings])


def compared(task: str) -> tuple[Scored, Scored]:
    """The scores by sets of features, and those by norms."""
    by_sets = {Settings(sets, FIRST, FIRST): 0.0 for sets in accumulate((name,) for name in SETS)}
    by_sets = {settings: score(task, settings) for settings in by_sets}
    found = best(by_sets)
    return by_sets, {
        found._replace(c1=c1, c2=c2): score(task, found._replace(c1=c1, c2=c2)) for c1, c2 in product(NORMS, NORMS)
    }


def sheets(found: dict[str, tuple[Scored, Scored]]) -> list[Sheet]:
    """The two comparisons, a column for each task."""
    heads = tuple(f"{SYSTEMS[task]} {TASKS[task].headline} F1" for task in found)
    columns: Sequence[list[list[float]]] = [[list(part[n].values()) for part in found.values()] for n in (0, 1)]
    sets: list[Cell] = [" + ".join(there) for there in accumulate((name,) for name in SETS)]
    norms = list(product(NORMS, NORMS))
    return [
        Sheet(
            title="sets of features",
            heads=("features", *heads),
            rows=[(name, *row) for name, row in zip(sets, zip(*columns[0], strict=True), strict=True)],
        ),
        Sheet(
            title="norms, with the best sets",
            heads=("c1 c2", *heads),
            rows=[(f"{c1} {c2}", *row) for (c1, c2), row in zip(norms, zip(*columns[1], strict=True), strict=True)],
            notes=(on(),),
        ),
    ]


def on() -> str:
    """The data that the choice was made on."""
    return ", ".join(
        f"{split} {data.version}+{data.hash[:8]}" for split in ("train", "validation") for data in [corpus.load(split)]
    )


def main() -> None:
    """Compares, writes the page, prints the constant."""
    found = {task: compared(task) for task in SYSTEMS}
    text = "\n\n".join(render(sheet, "markdown") for sheet in sheets(found))
    PAGE.write_text(BLOCK.sub(lambda _: f"{text}\n", PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    for task, (_, by_norms) in found.items():
        sets, c1, c2 = best(by_norms)
        print(f'    "{task}": Settings(SETS[:{len(sets)}], c1={c1}, c2={c2}),')


if __name__ == "__main__":
    main()
