"""The commands that report on the corpus as a whole: how written articles compare with published ones, and what they hold."""

import json
import sys

import click

from vnnews_bench.cli.options import FORMAT


@click.command()
@FORMAT
def quality(form: str) -> None:
    """Compare written articles with published ones: near-duplicates, lengths, density, repetition, naturalness."""
    from vnnews_bench import quality as room
    from vnnews_bench.render import render

    made = room.sheets()
    if form == "json":
        click.echo(json.dumps(room.as_dict(made), ensure_ascii=False, indent=1))
        return
    click.echo("\n\n".join(render(sheet, form) for sheet in made))


@click.command()
@FORMAT
def phenomena(form: str) -> None:
    """Count the phenomena of the guidelines by split; exit code 1 when one occurs less often than it has to."""
    from vnnews_bench import phenomena as room
    from vnnews_bench.render import render

    counts = room.counted()
    if form == "json":
        click.echo(json.dumps(room.as_list(counts), ensure_ascii=False, indent=1))
    else:
        click.echo(render(room.sheet(counts), form))
    sys.exit(0 if all(one.met for one in counts) else 1)
