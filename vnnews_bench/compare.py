"""Systems compared with each other: differences of F1 with what they are worth, documents won and lost, and where they differ.

Systems are compared by the first metric of a layer that all of them have, chosen before anyone looks at a score.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations, permutations
from pathlib import Path
from typing import Any

import msgspec

from vnnews_bench import corpus, formats, resample, systems, tools
from vnnews_bench.errors import BenchError, listing
from vnnews_bench.leaderboard import sayable
from vnnews_bench.mistakes import Mistake, of_records, short
from vnnews_bench.records import Record
from vnnews_bench.render import Cell, Sheet, percent
from vnnews_bench.report import Report, Table, as_dict
from vnnews_bench.resample import Swap
from vnnews_bench.scoring import evaluate
from vnnews_bench.tasks import TASKS, named
from vnnews_bench.tools import Settings

HEADS = ("A", "B", "F1 A", "F1 B", "A − B", "95 %", "detectable", "won–level–lost", "p jackknife", "p swap", "floor")
HOLM = ("Holm jackknife", "Holm swap")
SHOWN = 20  # annotations in each list of a table; JSON has all


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """What is compared: a file or a system by its name, its score, and its records."""

    name: str
    system: bool
    report: Report
    records: tuple[Record, ...]


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """Two systems: how much better `a` is than `b`.

    `holm` and `holm_jackknife` are the p values of `swap` adjusted by Holm's method for the number of pairs. `won` to `lost`
    count the documents in which F1 of `a` is higher, equal and lower. `detectable` is the smallest true difference that such
    documents would show with 80 % power.
    """

    a: str
    b: str
    swap: Swap
    holm: float | None
    holm_jackknife: float | None
    detectable: float | None
    won: int
    level: int
    lost: int


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """What one system has right and the other has not: the mistakes that only the other one makes."""

    right: str
    wrong: str
    mistakes: tuple[Mistake, ...]


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Systems on a layer of a task, by one metric: their tables, every pair of them, and where they differ."""

    task: str
    layer: str
    metric: str
    tables: dict[str, Table]
    signatures: dict[str, str]
    pairs: list[Pair]
    differences: list[Difference]


def read(
    name: str,
    split: str = "test",
    tick: Callable[[str], None] = lambda name: None,
    settings: Settings = tools.DEFAULTS,
    tell: Callable[[str], None] = lambda note: None,
) -> Side:
    """A file of predictions in any format, or what a system of that name predicts when it is run."""
    documents = corpus.load(split).documents
    if not is_system(name):
        report = evaluate(name, split)
        return Side(name=name, system=False, report=report, records=tuple(formats.read(name, documents).records))
    records = []
    for record in systems.run(name, documents.values(), settings=settings, tell=tell):
        records.append(record)
        tick(f"{name} {record.id}")
    return Side(name=name, system=True, report=sayable(name, evaluate(records, split)), records=tuple(records))


def check(names: Sequence[str]) -> int:
    """How many of the names are systems that have to run.

    Raises `BenchError` for fewer than two names, for one that is there twice, and for one of neither a file nor a system.
    """
    if len(names) < 2:
        raise BenchError("a comparison needs two systems or more")
    repeated = next((name for n, name in enumerate(names) if name in names[:n]), None)
    if repeated is not None:
        raise BenchError(f"{repeated} is named twice")
    return sum(map(is_system, names))


def is_system(name: str) -> bool:
    """Whether a name is that of a system rather than of a file. Raises `BenchError` when it is neither."""
    if name in systems.BASELINES or tools.named(name) is not None:
        return True
    if Path(name).exists():
        return False
    if ":" not in name:
        raise BenchError(f"there is no file {name!r}, and the systems are {listing([*systems.BASELINES, *tools.TOOLS])}")
    systems.check(name)
    return True


def compare(sides: Sequence[Side], tasks: Sequence[str] = (), split: str = "test") -> list[Comparison]:
    """Every layer that at least two of the systems attempt, of these tasks or of all.

    Raises `BenchError` when there is nothing to compare.
    """
    sides = _by_stem(sides)
    found = [made for task in named(tasks) for layer in task.layers if (made := _of_layer(sides, task.name, layer, split))]
    if not found:
        names = listing([side.name for side in sides])
        raise BenchError(f"no two of {names} have a metric in common; `vnnews-bench evaluate` shows what each has")
    return found


def _by_stem(sides: Sequence[Side]) -> Sequence[Side]:
    """Files under their names without folder and suffix, where no two are then the same."""
    stems = [side.name if side.system else Path(side.name).stem for side in sides]
    if len(set(stems)) < len(stems):
        return sides
    return [msgspec.structs.replace(side, name=stem) for side, stem in zip(sides, stems, strict=True)]


def _of_layer(sides: Sequence[Side], task: str, layer: str, split: str) -> Comparison | None:
    metrics = [name for name, metric in TASKS[task].metrics.items() if metric.layer == layer]
    scored = {side.name: side.report.tasks[task].metrics for side in sides if task in side.report.tasks}
    there = {name: tables for name, tables in scored.items() if any(metric in tables for metric in metrics)}
    common = [metric for metric in metrics if all(metric in tables for tables in there.values())]
    if len(there) < 2 or not common:
        return None
    tables = {name: metrics[common[0]] for name, metrics in there.items()}
    kept = [side for side in sides if side.name in there]
    return Comparison(
        task=task,
        layer=layer,
        metric=common[0],
        tables=tables,
        signatures={side.name: side.report.line(task, common[0]) for side in kept},
        pairs=pairs(tables),
        differences=list(_differences(kept, task, layer, split)),
    )


def pairs(tables: Mapping[str, Table]) -> list[Pair]:
    """Every pair of systems by their tables of one metric, p values adjusted together."""
    named_pairs = list(combinations(tables, 2))
    units = {name: table.by_document for name, table in tables.items()}
    swaps = [resample.swap(units[a], units[b]) for a, b in named_pairs]
    adjusted = _adjusted([swap.p for swap in swaps]), _adjusted([swap.p_jackknife for swap in swaps])
    found = []
    for (a, b), swap, holm, holm_jackknife in zip(named_pairs, swaps, *adjusted, strict=True):
        signs = Counter(_signs(tables[a], tables[b]))
        found.append(
            Pair(
                a=a,
                b=b,
                swap=swap,
                holm=holm,
                holm_jackknife=holm_jackknife,
                detectable=resample.detectable(units[a], units[b]),
                won=signs[1],
                level=signs[0],
                lost=signs[-1],
            )
        )
    return found


def _adjusted(ps: Sequence[float | None]) -> list[float | None]:
    """Holm's adjustment of those that there are."""
    adjusted = iter(resample.holm([p for p in ps if p is not None]))
    return [None if p is None else next(adjusted) for p in ps]


def _signs(a: Table, b: Table) -> Iterator[int]:
    """1, 0 or -1 for each document in which both have an F1."""
    for one, other in zip(a.by_text.values(), b.by_text.values(), strict=True):
        if one.f1 is not None and other.f1 is not None:
            yield (one.f1 > other.f1) - (one.f1 < other.f1)


def _differences(sides: Sequence[Side], task: str, layer: str, split: str) -> Iterator[Difference]:
    """For every system and every other, the mistakes in a layer that only the other one makes."""
    found = {}
    for side in sides:
        records = [_attempted(record, layer) for record in _all(side.records, split)]
        found[side.name] = [mistake for mistake in of_records(records, task, split) if mistake.layer == layer]
    for right, wrong in permutations(found, 2):
        known = {_place(mistake) for mistake in found[right]}
        yield Difference(right=right, wrong=wrong, mistakes=tuple(m for m in found[wrong] if _place(m) not in known))


def _all(records: Sequence[Record], split: str) -> Iterator[Record]:
    """A record of every document, an empty one where the system has none: it is scored so."""
    there = {record.id: record for record in records}
    for id in corpus.load(split).documents:
        yield there.get(id, Record(id=id))


def _attempted(record: Record, layer: str) -> Record:
    return record if getattr(record, layer) is not None else msgspec.structs.replace(record, **{layer: ()})


def _place(mistake: Mistake) -> tuple[object, ...]:
    """The gold annotation that a mistake is about, or else the place of what was predicted."""
    about = mistake.predicted if mistake.gold is None else mistake.id
    return mistake.document, mistake.gold is None, mistake.start, about


def sheets(comparison: Comparison) -> list[Sheet]:
    """The pairs, the documents, and what one system has right and another has not."""
    title = f"{comparison.task} · {comparison.metric}"
    several = len(comparison.pairs) > 1
    documents = next(iter(comparison.tables.values())).texts
    scores = [[counts.f1 for counts in table.by_text.values()] for table in comparison.tables.values()]
    return [
        Sheet(
            title=f"{title}: pairs",
            heads=(*HEADS, *(HOLM if several else ())),
            rows=[_line(pair, comparison.tables, several) for pair in comparison.pairs],
            notes=tuple(_notes(comparison)),
        ),
        Sheet(
            title=f"{title} by document, F1",
            heads=("document", *comparison.tables),
            rows=[(id, *map(percent, row)) for id, *row in zip(documents, *scores, strict=True)],
        ),
        *(_listed(comparison, difference) for difference in comparison.differences),
    ]


def _line(pair: Pair, tables: Mapping[str, Table], several: bool) -> tuple[Cell, ...]:
    swap = pair.swap
    return (
        pair.a,
        pair.b,
        percent(tables[pair.a].total.f1),
        percent(tables[pair.b].total.f1),
        None if swap.difference is None else f"{100 * swap.difference:+.1f}",
        None if swap.low is None or swap.high is None else f"{100 * swap.low:+.1f} to {100 * swap.high:+.1f}",
        percent(pair.detectable),
        f"{pair.won}–{pair.level}–{pair.lost}",
        *map(_p, (swap.p_jackknife, swap.p, swap.floor)),
        *(map(_p, (pair.holm_jackknife, pair.holm)) if several else ()),
    )


def _p(p: float | None) -> str | None:
    return None if p is None else "<0.0001" if p < 0.0001 else f"{p:.4f}"


def _notes(comparison: Comparison) -> Iterator[str]:
    """How to read the pairs; what can be said at all with so few documents; the signature of every system, once."""
    count = len(comparison.pairs)
    if count > 1:
        yield f"Holm: the p values adjusted for {count} pairs; intervals are not"
    yield "detectable: the smallest true difference that the jackknife would show with 80 % power"
    documents = min(pair.swap.documents for pair in comparison.pairs)
    if documents < resample.TOLD_FROM:
        least = f"p of the swap test cannot go below {2.0 ** (1 - documents):.4f}" if documents > 1 else "there is no test"
        yield f"{documents} document{'s' * (documents != 1)}: {least}; read the intervals and the documents"
    else:
        told = [f"{p.a} – {p.b}" for p in comparison.pairs if p.holm is not None and p.holm <= resample.ALPHA]
        yield f"significant at 5 % by the swap test{', Holm' * (count > 1)}: {listing(told) if told else 'none'}"
    yield from dict.fromkeys(comparison.signatures.values())


def _listed(comparison: Comparison, difference: Difference) -> Sheet:
    """The mistakes that one of two systems makes alone, the first of them in full."""
    shown = difference.mistakes[:SHOWN]
    more = len(difference.mistakes) - len(shown)
    kinds = Counter(mistake.kind for mistake in difference.mistakes)
    notes = [", ".join(f"{count} {kind}" for kind, count in kinds.most_common()) or "nothing"]
    return Sheet(
        title=f"{comparison.layer}: {difference.right} is right, {difference.wrong} is not",
        heads=("kind", "document", "start", "gold", "predicted", "difference", "sentence"),
        rows=[(m.kind, m.document, m.start, short(m.gold), short(m.predicted), m.detail, short(m.sentence)) for m in shown],
        notes=(*notes, *([f"… and {more} more"] if more else ())),
    )


def as_json(comparison: Comparison) -> dict[str, Any]:
    """The comparison as JSON has it; undefined values are `None`."""
    return {
        "task": comparison.task,
        "layer": comparison.layer,
        "metric": comparison.metric,
        "systems": [
            {"system": name}
            | as_dict(table.total, table.interval)
            | {
                "documents": {id: as_dict(counts) for id, counts in table.by_text.items()},
                "signature": comparison.signatures[name],
            }
            for name, table in comparison.tables.items()
        ],
        "pairs": msgspec.to_builtins(comparison.pairs),
        "differences": msgspec.to_builtins(comparison.differences),
    }
