"""The command that tags archives."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from vnnews_bench.cli.options import settings_options, warn

if TYPE_CHECKING:
    from vnnews_bench.archive.shards import Done
    from vnnews_bench.tools import Settings


@click.command()
@click.argument("archive", metavar="IN...", nargs=-1, required=True)
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="The folder of shards, made or resumed.")
@click.option("--system", required=True, help="A baseline, a tool, or module:callable.")
@click.option(
    "--engine", type=click.Choice(["local", "ray"]), default="local", show_default=True, help="This machine, or a Ray cluster."
)
@click.option("--workers", type=click.IntRange(1), help="Processes that tag [default: one for each processor].")
@settings_options("seconds", "memory", "base_url", "language", "cache")
def tag(
    archive: tuple[str, ...],
    output: Path,
    system: str,
    engine: Literal["local", "ray"],
    workers: int | None,
    settings: "Settings",
) -> None:
    """Tag the documents of IN, files or globs of .parquet, .jsonl (.gz, .zst) or .txt, into shards of parquet.

    A run that was stopped or killed goes on where it was when the same command is given again. A document that cannot be read
    or tagged is set aside with its place and the reason, in _set-aside. --seconds and --memory hold for every system.
    """
    from rich.console import Console
    from rich.progress import Progress

    from vnnews_bench.archive import run

    began = time.perf_counter()
    with Progress(console=Console(stderr=True), transient=True) as bar:
        shown = bar.add_task(system, total=None)

        def tell(done: "Done", total: int) -> None:
            speed = done.syllables / (time.perf_counter() - began)
            said = f"{system}: {done.documents:,} documents, {speed:,.0f} syllables/s"
            bar.update(shown, total=total, completed=done.read, description=said)

        try:
            done = run.tag(archive, output, system, engine, workers, settings, tell)
        except KeyboardInterrupt:
            warn(f"stopped; the same command goes on with the shards that {output} lacks")
            raise SystemExit(130) from None
    seconds = time.perf_counter() - began
    if not done.documents and not done.aside:
        click.echo(f"nothing to do: {output} has every shard")
        return
    if done.passed:
        warn(f"columns passed over: {' '.join(done.passed)}")
    aside = f"{done.aside:,} set aside" + (f" ({output / '_set-aside'})" if done.aside else "")
    speed = done.syllables / seconds
    click.echo(
        f"{done.documents:,} documents, {done.syllables:,} syllables, {aside}, {seconds:.1f} s, {speed:,.0f} syllables/s"
    )
