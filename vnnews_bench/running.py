"""What the commands that run systems share: the options of tools, progress and warnings on standard error."""

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Any

import click


def tool_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of the commands that run tools; the command gets them as one `settings`."""
    options = (
        click.option("--seconds", default=300.0, show_default=True, help="Tools: the most for one document."),
        click.option("--memory", default=4096, show_default=True, help="Tools: MiB that each process may use."),
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

        names = ("seconds", "memory", "at_once", "base_url", "language", "cache", "price")
        settings = Settings(**{name: arguments.pop(name) for name in names})
        return command(settings=settings, **arguments)

    for option in reversed(options):
        with_settings = option(with_settings)
    return with_settings


def warn(note: str) -> None:
    """Tells what a tool has to say beside its records."""
    click.echo(note, err=True)


@contextlib.contextmanager
def progress(total: int) -> Iterator[Callable[[str], None]]:
    """A progress bar on standard error, gone when it is done; gives the function to tick it with."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total)
        yield lambda name: bar.update(task, advance=1, description=name)
