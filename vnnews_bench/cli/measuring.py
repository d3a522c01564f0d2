"""The commands that measure systems, print what was measured, and compare the orders of the two tests."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vnnews_bench.cli.options import FORMAT, tool_options, warn

if TYPE_CHECKING:
    from vnnews_bench.tools import Settings


@click.command()
@click.argument("system", nargs=-1, required=True)
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="The folder of rows and predictions.")
@tool_options
def measure(system: tuple[str, ...], output: Path, settings: "Settings") -> None:
    """Run every SYSTEM in a process of its own over both tests and write what it scored, its versions, time and memory."""
    from vnnews_bench import measurement, results, systems

    for name in system:
        systems.check(name)
    for name in system:
        for row in measurement.measure(name, output, settings, warn):
            click.echo(f"{results.told(row)}, {row.seconds:.1f} s, {row.peak:.0f} MiB")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--rescore", is_flag=True, help="Score the predictions in FOLDER again first, and write the rows anew.")
@FORMAT
def results(folder: Path, rescore: bool, form: str) -> None:
    """Print the rows in FOLDER: what every system scored and cost, and with what tools ran."""
    import msgspec

    from vnnews_bench import results as rows
    from vnnews_bench.render import render

    read = rows.rescore(folder) if rescore else rows.read(folder)
    if form == "json":
        click.echo(json.dumps(msgspec.to_builtins(read), ensure_ascii=False, indent=1))
        return
    click.echo("\n\n".join(render(sheet, form) for sheet in rows.sheets(read)))


@click.command()
@click.argument("folder", nargs=-1, type=click.Path(path_type=Path))
@FORMAT
def concordance(folder: tuple[Path, ...], form: str) -> None:
    """Print how alike the two tests rank the systems in every FOLDER of rows: Kendall's tau-b with its interval.

    FOLDER is by default baselines/results and leaderboard where they hold any rows.
    """
    import msgspec

    from vnnews_bench import concordance as room
    from vnnews_bench import results, verification
    from vnnews_bench.render import render

    found = room.concordances([row for there in folder or verification.stored() for row in results.read(there)])
    if form == "json":
        click.echo(json.dumps(msgspec.to_builtins(found), ensure_ascii=False, indent=1))
        return
    click.echo(render(room.sheet(found), form))
