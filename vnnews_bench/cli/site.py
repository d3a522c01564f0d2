"""The commands that show rows: as a site, and as figures for papers."""

from pathlib import Path

import click

from vnnews_bench.cli.options import progress
from vnnews_bench.errors import BenchError


@click.command()
@click.argument("folder", nargs=-1, type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="The folder to write.")
def site(folder: tuple[Path, ...], output: Path) -> None:
    """Write the pages of every FOLDER of rows and predictions: boards, a page per system, a reader per article.

    They need no server and no network: open index.html, or upload the folder as a static Space of Hugging Face. FOLDER is by
    default baselines/results and leaderboard where they hold any rows.
    """
    from vnnews_bench import verification
    from vnnews_bench.site import pages

    written = pages.build(folder or verification.stored(), output)
    click.echo(f"{output / 'index.html'} and {len(written) - 1} other files")


@click.command()
@click.argument("what", type=click.Choice(["scores", "confusion", "learning"]))
@click.argument("folder", nargs=-1, type=click.Path(path_type=Path))
@click.option("--task", required=True, help="The task that is shown.")
@click.option("--system", help="confusion, learning: the system that is shown.")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="The figure: .svg, .pdf or .png.")
def plot(what: str, folder: tuple[Path, ...], task: str, system: str | None, output: Path) -> None:
    """Draw the scores of all systems with their intervals, or of one what the gold was taken for, or its learning curve.

    Every FOLDER holds rows and predictions, by default baselines/results and leaderboard; a learning curve needs none, but a
    system that is trained, and takes a minute. Needs the extra `plot`.
    """
    from vnnews_bench import plots, verification

    if (system is None) == (what != "scores"):
        raise BenchError(f"{what}: --system names the one that is drawn; scores are those of all systems, the others of one")
    if what == "learning" and system is not None:
        with progress(None) as tick:
            plots.learning(task, system, output, tick)
        return
    folders = folder or verification.stored()
    if system is None:
        plots.scores(folders, task, output)
    else:
        plots.confusion(folders, task, system, output)
