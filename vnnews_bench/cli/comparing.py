"""The command that compares systems with each other."""

import json
from typing import TYPE_CHECKING

import click

from vnnews_bench.cli.options import FORMAT, SPLIT, progress, tool_options, warn

if TYPE_CHECKING:
    from vnnews_bench.tools import Settings


@click.command()
@click.argument("side", metavar="A B [C …]", nargs=-1, required=True)
@click.option("--task", "task", multiple=True, help="Compare on this task only; may be repeated.")
@SPLIT
@tool_options
@FORMAT
def compare(side: tuple[str, ...], task: tuple[str, ...], split: str, settings: "Settings", form: str) -> None:
    """Compare files of predictions, or systems by name: differences with intervals, p values, and where they differ.

    What is tested is chosen beforehand: the first metric of each layer that all systems that attempt it have.
    """
    from vnnews_bench import compare as room
    from vnnews_bench import corpus
    from vnnews_bench.render import render
    from vnnews_bench.tasks import named

    named(task)
    running = room.check(side)  # a misspelt name is told before the first system has run
    with progress(running * len(corpus.load(split).documents)) as tick:
        sides = [room.read(name, split, tick, settings, warn) for name in side]
    found = room.compare(sides, task, split)
    if form == "json":
        click.echo(json.dumps([room.as_json(one) for one in found], ensure_ascii=False, indent=1))
        return
    click.echo("\n\n".join(render(sheet, form) for one in found for sheet in room.sheets(one)))
