"""What was measured, as a page and a plot, made of the raw numbers alone, so that they cannot disagree.

Run as a script, it makes them again of the numbers that are stored.
"""

import datetime
import io
import os
import platform
import re
import subprocess
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median

import msgspec
from cases import CASES, SIZES, Case, Shown
from measuring import LONGEST, MEMORY, Figures

from vnnews_bench import files, plots

HERE = Path(__file__).parent
RAW, PAGE, PLOT = "results.json", "RESULTS.md", "growth.svg"
PACKAGES = ("vnnews-bench", "numpy", "msgspec", "pyarrow", "sklearn-crfsuite", "seqeval", "nervaluate", "underthesea", "ViNLP")
UNITS = {"cpu": "s", "wall": "s", "peak": "MB", "cost": "s"}
BY = {"cpu": "CPU time", "wall": "wall time", "peak": "peak memory", "cost": "CPU time per {}"}


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """Where and when it was measured: processor, cores, memory in GB, versions; a commit with + has changed files."""

    date: str
    commit: str
    processor: str
    cores: int
    memory: int
    system: str
    versions: dict[str, str]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of each contestant of a case, round by round."""

    case: str
    setting: Setting
    figures: dict[str, tuple[Figures, ...]]


def here() -> Setting:
    """The machine on which it runs, now."""
    try:
        names = re.findall(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.M)
    except OSError:
        names = []
    versions = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = "not installed"
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", ":/", *(f":!{name}" for name in (RAW, PAGE, PLOT)))
    return Setting(
        date=datetime.date.today().isoformat(),
        commit=_git("rev-parse", "--short", "HEAD") + ("+" if changed else ""),
        processor=names[0] if names else platform.processor(),
        cores=os.cpu_count() or 1,
        memory=round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        system=f"{platform.system()} {platform.machine()}",
        versions=versions,
    )


def _git(*arguments: str) -> str:
    line = ["git", *arguments]
    return subprocess.run(line, capture_output=True, text=True, cwd=HERE, check=False).stdout.strip()


def write(outcomes: Sequence[Outcome], folder: Path) -> None:
    """The raw numbers as JSON, a case a line; the page; the plot."""
    raw = b"[\n" + b",\n".join(map(msgspec.json.encode, outcomes)) + b"\n]\n"
    files.write_bytes(raw, folder / RAW)
    files.write_bytes(page(outcomes).encode(), folder / PAGE)
    growth = next((outcome for outcome in outcomes if outcome.case == "growth"), None)
    if growth is not None:
        _plot(growth, folder / PLOT)


def stored(folder: Path) -> dict[str, Outcome]:
    """What was measured before, by case; what has changed since is left out."""
    path = folder / RAW
    found = msgspec.json.decode(path.read_bytes(), type=list[Outcome]) if path.exists() else []
    names = {case.name: [contestant.name for contestant in case.contestants] for case in CASES.values()}
    return {outcome.case: outcome for outcome in found if list(outcome.figures) == names.get(outcome.case)}


def values(shown: Shown, outcome: Outcome) -> list[float]:
    """The figure of each round, or the ratio of two figures of the same round; none when a contestant failed."""
    sides = [_read(name, shown, outcome) for name in (shown.of, shown.over) if name is not None]
    if not all(sides):
        return []
    return sides[0] if len(sides) == 1 else [of / over for of, over in zip(*sides, strict=True)]


def _read(name: str, shown: Shown, outcome: Outcome) -> list[float]:
    units = next(c.units for c in CASES[outcome.case].contestants if c.name == name)
    rounds = outcome.figures[name]
    if any(figures.error for figures in rounds):
        return []
    return [figures.cpu / units if shown.by == "cost" else getattr(figures, shown.by) for figures in rounds]


def page(outcomes: Sequence[Outcome]) -> str:
    """RESULTS.md: the targets, then every case with its figures and ratios."""
    parts = [_HEAD, "## Targets", _table(_SHOWN, [row for o in outcomes for row in _rows(o, held=True)])]
    for outcome in outcomes:
        case = CASES[outcome.case]
        parts += [f"## {case.name}", case.about, _contestants(case, outcome)]
        parts += [_table(_SHOWN, _rows(outcome, held=False))] if case.shown else []
    parts += ["## Where and when", *_settings(outcomes)]
    return "\n\n".join(parts) + "\n"


_HEAD = f"""# What it costs

Written by `make bench` from the numbers in [{RAW}]({RAW}); do not edit. Every call is measured in a process of its
own, which imports and prepares its input before the clock starts. The contestants of a case take turns, round by round, and a
ratio is taken within a round. CPU seconds are those of the process and all that it starts; the peak is that of the largest of
these processes during the call, its input included. Whoever needs more than {MEMORY // 1024} GB or {LONGEST} s has failed.

The [corpora](corpora.py) are generated with a fixed seed: sentences of 25 tokens with about 1.5 entities, F1 0.90, drawn from a
pool of 4,096. That favours nobody, since none keeps a sentence that it has met.

HF evaluate's seqeval is left out. The package `evaluate` (0.4.6) holds no metric: `evaluate.load("seqeval")` downloads a script
from the Hub, and offline it ends with `FileNotFoundError`. The script calls seqeval's `classification_report`,
which is here."""

_SHOWN = ("case", "what", "min", "median", "max", "target", "met")


def _rows(outcome: Outcome, held: bool) -> list[list[str]]:
    """A row for everything that a case shows; with `held` only what has a target, as told by the medians."""
    rows = []
    case = CASES[outcome.case]
    for shown in case.shown:
        bound = shown.least if shown.least is not None else shown.most
        if held and bound is None:
            continue
        found = values(shown, outcome)
        cells = [_number(value, shown) for value in (min(found), median(found), max(found))] if found else ["–"] * 3
        sign = "≥" if shown.least is not None else "≤"
        target = "" if bound is None else f"{sign} {_number(bound, shown)}"
        met = "" if bound is None else "**no**" if not found or _missed(median(found), shown) else "yes"
        what = shown.of if shown.over is None else f"{shown.of} : {shown.over}"
        rows.append([outcome.case, f"{what} ({BY[shown.by].format(case.unit.removesuffix('s'))})", *cells, target, met])
    return rows


def _missed(value: float, shown: Shown) -> bool:
    return (shown.least is not None and value < shown.least) or (shown.most is not None and value > shown.most)


def _number(value: float, shown: Shown) -> str:
    return f"{_short(value)} ×" if shown.over is not None else f"{_short(value)} {UNITS[shown.by]}"


def _short(value: float) -> str:
    """Three digits that say something."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _contestants(case: Case, outcome: Outcome) -> str:
    """The medians of every contestant; the rate is taken where the case is decided, by CPU or by wall time."""
    by = "wall" if any(shown.by == "wall" for shown in case.shown) else "cpu"
    heads = ["", "CPU s", "wall s", "peak MB"]
    if case.unit:
        heads.append(f"{case.unit} per {'wall' if by == 'wall' else 'CPU'} second")
    rows = []
    for contestant in case.contestants:
        rounds = outcome.figures[contestant.name]
        error = next((figures.error for figures in rounds if figures.error), None)
        if error is not None:
            rows.append([contestant.name, f"failed: {error}", *[""] * (len(heads) - 2)])
            continue
        cpu, wall, peak = (median(getattr(figures, name) for figures in rounds) for name in ("cpu", "wall", "peak"))
        rate = [f"{contestant.units / (wall if by == 'wall' else cpu):,.0f}"] if case.unit else []
        rows.append([contestant.name, _short(cpu), _short(wall), _short(peak), *rate])
    return _table(heads, rows, named=1) + f"\n\nMedians of {case.rounds} rounds."


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], named: int = 2) -> str:
    """A table of Markdown; all but the first columns are numbers."""
    line = "|".join(["---"] * named + ["---:"] * (len(heads) - named))
    return "\n".join([f"| {' | '.join(heads)} |", f"|{line}|", *(f"| {' | '.join(row)} |" for row in rows)])


def _settings(outcomes: Sequence[Outcome]) -> list[str]:
    """A paragraph for each setting in which cases were measured."""
    paragraphs = []
    for setting in dict.fromkeys(_told(outcome.setting) for outcome in outcomes):
        cases = ", ".join(outcome.case for outcome in outcomes if _told(outcome.setting) == setting)
        paragraphs.append(f"{setting} Cases: {cases}.")
    return paragraphs


def _told(setting: Setting) -> str:
    versions = ", ".join(f"{name} {number}" for name, number in setting.versions.items())
    machine = f"{setting.processor}, {setting.cores} cores, {setting.memory} GB, {setting.system}"
    return f"{setting.date}, commit {setting.commit}, {machine}; {versions}."


def _plot(growth: Outcome, path: Path) -> None:
    """What a sentence costs by the size of the file, in microseconds: the median, and the range as a band."""
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context(plots.STYLE):
        figure = Figure(figsize=(5, 3), layout="constrained")
        axes = figure.subplots()
        for form, mark in (("CoNLL", "o-"), ("JSONL", "s-")):
            costs = {size: values(Shown(f"{form} {size:,}", by="cost"), growth) for size in SIZES}
            there = [size for size, found in costs.items() if found]
            low, middle, high = ([1e6 * pick(costs[size]) for size in there] for pick in (min, median, max))
            axes.fill_between(there, low, high, alpha=0.2)
            axes.plot(there, middle, mark, markersize=5, label=form)
        axes.set(xscale="log", xlabel="sentences a side", ylabel="CPU µs per sentence")
        axes.set_ylim(bottom=0)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False)
        made = io.BytesIO()
        figure.savefig(made, format="svg", metadata=plots.UNDATED[".svg"])
    files.write_bytes(made.getvalue(), path)


if __name__ == "__main__":
    write(list(stored(HERE).values()), HERE)
