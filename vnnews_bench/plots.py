"""Figures for papers, in SVG, PDF or PNG: scores with intervals, what gold annotations were taken for, learning curves.

Figures are the same in every run, in a face that has all Vietnamese marks; a name is shown as it is, never read as a formula.
"""

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vnnews_bench import corpus, files, results
from vnnews_bench.errors import BenchError, listing
from vnnews_bench.leaderboard import TESTS
from vnnews_bench.learning import Point, curve
from vnnews_bench.site import entries
from vnnews_bench.site.entries import Board, Confusion, Entry
from vnnews_bench.tasks import named

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMS = (".svg", ".pdf", ".png")
STYLE = {"font.family": "DejaVu Sans", "font.size": 9, "svg.hashsalt": "vnnews-bench", "pdf.fonttype": 42, "savefig.dpi": 200}
MARKS = {"floor": "s", "rules": "o", "crf": "D", "tool": "^", "model": "v", "own": "P"}  # by kind, told without colour, too
LINES = (("o-", "#14508c"), ("s--", "#b3541e"))  # by test, told without colour, too
UNDATED: dict[str, dict[str, None]] = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}, ".png": {}}


def scores(folders: Sequence[Path], task: str, output: Path) -> None:
    """Draws F1 with its 95 % interval for every system of a task, a panel for each leading metric.

    Raises `BenchError` for a task that no system attempts, and as the site does for rows that do not hold.
    """
    (chosen,) = named([task])
    boards = [board for board in entries.boards(_entries(folders)) if board.task == chosen.name]
    if not boards:
        raise BenchError(f"no system in {', '.join(map(str, folders))} attempts {task}")
    _drawn(output, lambda figure: _scores(figure, boards))


def confusion(folders: Sequence[Path], task: str, system: str, output: Path) -> None:
    """Draws how often each label or type of the gold of `test` met each of a system's, a panel for each layer that it attempts.

    Raises `BenchError` for a system that is not there or does not attempt the task.
    """
    (chosen,) = named([task])
    split = TESTS[0]
    found = {entry.name: entry.parts[split] for entry in _entries(folders) if task in entry.parts[split].rows}
    if system not in found:
        raise BenchError(f"there is no system {system!r} that attempts {task}; there are {listing(list(found))}")
    records = found[system].records
    layers = [layer for layer in chosen.layers if any(getattr(record, layer) is not None for record in records.values())]
    tables = [entries.confusion(records, layer, chosen, corpus.load(split)) for layer in layers]
    _drawn(output, lambda figure: _confusions(figure, system, tables))


def learning(task: str, system: str, output: Path, tick: Callable[[str], None] = lambda note: None) -> None:
    """Draws the learning curve of a system that is trained, on both tests: the mean F1 of the headline and its range over the
    choices of documents.
    """
    _form(output)
    points = curve(system, task, tick)
    title = f"{system}, {task} · {named([task])[0].headline}\n{_data('train')}"
    _drawn(output, lambda figure: _curve(figure, title, points))


def _data(split: str) -> str:
    """A split with its data, so that a figure that is older than they are can be told."""
    data = corpus.load(split)
    return f"{split} {data.version}+{data.hash[:8]}"


def _entries(folders: Sequence[Path]) -> list[Entry]:
    """The systems scored on the test that ranks, with the data that are here."""
    ranking = {folder: [row for row in results.read(folder) if row.split == TESTS[0] and row.is_current] for folder in folders}
    return [entry for folder, rows in ranking.items() for entry in entries.entries(rows, folder)]


def _drawn(output: Path, draw: "Callable[[Figure], None]") -> None:
    """Writes a figure in the form that the name of the file says."""
    form = _form(output)
    try:
        import matplotlib
        from matplotlib.figure import Figure
    except ImportError:
        raise BenchError("a figure needs matplotlib: pip install 'vnnews-bench[plot]'") from None
    with matplotlib.rc_context(STYLE):
        figure = Figure(layout="constrained")
        draw(figure)
        made = io.BytesIO()
        figure.savefig(made, format=form[1:], metadata=UNDATED[form])
    files.write_bytes(made.getvalue(), output)


def _form(output: Path) -> str:
    form = output.suffix.lower()
    if form not in FORMS:
        raise BenchError(f"{output}: a figure ends in {', '.join(FORMS)}")
    return form


def _curve(figure: "Figure", title: str, points: Sequence[Point]) -> None:
    figure.set_size_inches(4.2, 3)
    axes = figure.subplots()
    for split, (line, colour) in zip(TESTS, LINES, strict=True):
        mine = [point for point in points if point.split == split]
        at = [point.documents for point in mine]
        low, high = [100 * point.low for point in mine], [100 * point.high for point in mine]
        axes.fill_between(at, low, high, color=colour, alpha=0.2, linewidth=0)
        axes.plot(at, [100 * point.f1 for point in mine], line, color=colour, markersize=5, label=_data(split))
    axes.set_xscale("log", base=2)
    axes.set_xticks(at, map(str, at), minor=False)
    axes.set(ylim=(0, 100), xlabel="documents of train learnt from", ylabel="F1, mean and range")
    axes.legend(frameon=False)
    axes.set_title(title, fontsize=9, parse_math=False)
    axes.spines[["top", "right"]].set_visible(False)


def _scores(figure: "Figure", boards: Sequence[Board]) -> None:
    sizes = [len(board.lines) for board in boards]
    figure.set_size_inches(6.3, 0.28 * sum(sizes) + 0.75 * len(sizes))
    panels = figure.subplots(len(boards), squeeze=False, height_ratios=sizes)[:, 0]
    for board, axes in zip(boards, panels, strict=True):
        for n, line in enumerate(board.lines):
            there, f1 = line.row.interval, line.row.counts.f1
            if there.low is not None and there.high is not None:
                axes.plot([100 * there.low, 100 * there.high], [n, n], color="#7f9fc4", linewidth=4, solid_capstyle="butt")
            if f1 is not None:
                axes.plot([100 * f1], [n], MARKS[line.row.kind], color="#14508c", markersize=5)
        if board.floor is not None:
            axes.axvline(100 * board.floor, color="#b3261e", linestyle="--", linewidth=0.8)
        axes.set_yticks(range(len(board.lines)), [line.row.system for line in board.lines], parse_math=False)
        axes.set(xlim=(0, 100), ylim=(len(board.lines) - 0.5, -0.5), xlabel=f"{board.task} · {board.metric} F1, 95 % interval")
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.tick_params(left=False)


def _confusions(figure: "Figure", system: str, tables: Sequence[Confusion]) -> None:
    wide, high = max(len(table.across) for table in tables), sum(len(table.down) for table in tables)
    figure.set_size_inches(0.5 * wide + 2.2, 0.32 * high + 1.5 * len(tables))
    panels = figure.subplots(len(tables), squeeze=False, height_ratios=[len(table.down) for table in tables])[:, 0]
    for table, axes in zip(tables, panels, strict=True):
        counts = [[table.cells.get((down, across), 0) for across in table.across] for down in table.down]
        axes.imshow(counts, cmap="Blues", aspect="auto", vmin=0, vmax=1.4 * max(table.most, 1))
        for y, row in enumerate(counts):
            for x, count in enumerate(row):
                axes.text(x, y, str(count or "·"), ha="center", va="center", fontsize=8)
        across = [name or "missed" for name in table.across]
        axes.set_xticks(range(len(across)), across, rotation=40, ha="right", rotation_mode="anchor")
        axes.set_yticks(range(len(table.down)), [name or "spurious" for name in table.down])
        axes.set_xlabel(f"predicted by {system}, {table.layer}", parse_math=False)
        axes.set_ylabel("gold")
