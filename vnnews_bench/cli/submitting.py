"""The command that makes a file of predictions into rows."""

from pathlib import Path

import click

from vnnews_bench.cli.options import INPUT, warn


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", required=True, help="What the system is called.")
@click.option("--url", required=True, help="Where it can be had or read about.")
@click.option("--paper", help="The address of its paper.")
@click.option("--licence", required=True, help="The licence of the system, e.g. Apache-2.0, or proprietary.")
@click.option("--contamination-statement", help="Whether it may have seen the corpus, and how you know.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default="leaderboard",
    show_default=True,
    help="The folder of rows and predictions.",
)
@INPUT
def submit(
    file: Path,
    name: str,
    url: str,
    paper: str | None,
    licence: str,
    contamination_statement: str | None,
    output: Path,
    input: str | None,
) -> None:
    """Score FILE, in any format that `formats` lists, and store its rows and predictions for a pull request.

    FILE has the documents of test, which ranks, and those of test_written where you like.
    """
    from vnnews_bench import results, submission

    rows = submission.submit(
        file,
        output,
        name=name,
        url=url,
        licence=licence,
        paper=paper,
        contamination_statement=contamination_statement,
        input=input,
        tell=warn,
    )
    for row in rows:
        click.echo(results.told(row))
    kept = dict.fromkeys(results.predictions(row.system, output, row.split) for row in rows)
    click.echo(f"wrote {results.path(rows[0].system, output)} and {' and '.join(map(str, kept))}")
