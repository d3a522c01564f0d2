"""What commands share: options, progress and warnings on standard error."""

import contextlib
import functools
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

PATIENCE = 1.0  # seconds without a progress bar


def format_option(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The option `--format` with these choices, the first one by default."""
    return click.option("--format", "form", type=click.Choice(names), default=names[0], show_default=True, help="How to print.")


FORMAT = format_option("table", "json", "markdown", "latex")
SPLIT = click.option("--split", default="test", show_default=True, help="The split of the corpus, or all.")
ROOT = click.option(
    "--annotations", "root", type=click.Path(path_type=Path), help="The folder of annotations [default: that of the checkout]."
)
NO_DCT = click.option("--no-dct", is_flag=True, help="The track in which systems are not told the document's date.")
GIVEN = click.option("--given", help="The track in which systems are handed a part of the gold: quotes, or triggers.")
INPUT = click.option("--input", help="The format of what is read, instead of the one that its content looks like.")
TAGS = click.option(
    "--tags",
    type=click.Choice(["repair", "strict"]),
    default="repair",
    show_default=True,
    help="Ill-formed tags in columns: repaired as conlleval does, or their spans dropped as seqeval's strict mode does.",
)


def tool_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of the commands that run tools; the command gets them as one `settings`."""
    return settings_options("seconds", "memory", "at_once", "base_url", "language", "cache", "price")(command)


def settings_options(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Those of the options of tools that a command has."""
    return functools.partial(_with_settings, names=names)


def _with_settings(command: Callable[..., Any], names: tuple[str, ...]) -> Callable[..., Any]:
    options = (
        click.option(
            "--seconds", type=click.FloatRange(1), default=300.0, show_default=True, help="Tools: the most for one document."
        ),
        click.option(
            "--memory", type=click.IntRange(64), default=4096, show_default=True, help="Tools: MiB that each process may use."
        ),
        click.option("--at-once", type=click.IntRange(1, 64), default=1, show_default=True, help="Tools: processes at once."),
        click.option("--base-url", help="llm: the endpoint, e.g. http://localhost:8000/v1."),
        click.option(
            "--language", type=click.Choice(["vi", "en"]), default="vi", show_default=True, help="llm: that of the prompts."
        ),
        click.option("--cache", type=click.Path(), help="llm: where answers are kept [default: ~/.cache]."),
        click.option("--price", type=(float, float), help="llm: of a million tokens, read and written."),
    )

    @functools.wraps(command)
    def with_settings(**arguments: Any) -> Any:
        from vnnews_bench.tools import Settings

        settings = Settings(**{name: arguments.pop(name) for name in names})
        return command(settings=settings, **arguments)

    every = dict(zip(("seconds", "memory", "at_once", "base_url", "language", "cache", "price"), options, strict=True))
    for name in reversed(names):
        with_settings = every[name](with_settings)
    return with_settings


def warn(note: str) -> None:
    """Tells what a tool has to say beside its records."""
    click.echo(note, err=True)


def quietly() -> None:
    """Keeps the progress bars of `datasets` off the terminal."""
    from datasets import disable_progress_bars

    disable_progress_bars()


@contextlib.contextmanager
def progress(total: int | None) -> Iterator[Callable[[str], None]]:
    """A progress bar on standard error, gone when it is done; gives the function to tick it with."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total)
        yield lambda name: bar.update(task, advance=1, description=name)


@contextlib.contextmanager
def reading() -> Iterator[None]:
    """A progress bar of the files that are read, on standard error, once they have taken longer than `PATIENCE`."""
    from vnnews_bench import streams

    began = time.monotonic()
    with contextlib.ExitStack() as stack:
        bars: list[Any] = []
        tasks: dict[Path, Any] = {}

        def watch(path: Path, size: int) -> None:
            if time.monotonic() - began < PATIENCE:
                return
            if not bars:
                from rich.console import Console
                from rich.progress import Progress

                bars.append(stack.enter_context(Progress(console=Console(stderr=True), transient=True)))
            if path not in tasks:
                tasks[path] = bars[0].add_task(path.name, total=path.stat().st_size)
            bars[0].update(tasks[path], completed=size)

        with streams.watched(watch):
            yield
