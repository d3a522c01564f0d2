"""The command line: each command reads, calls one function and prints.

The rooms are imported inside the commands, so that `--help` and completion start in a blink.
"""

from typing import Any

import click

from vnnews_bench import __version__
from vnnews_bench.cli import (
    annotating,
    archiving,
    comparing,
    entering,
    measuring,
    publishing,
    reporting,
    scoring,
    site,
    submitting,
)
from vnnews_bench.errors import BenchError


class Commands(click.Group):
    """A group whose commands turn every error of the project into its lines and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BenchError as error:
            raise click.ClickException(str(error)) from None


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="vnnews-bench")
def main() -> None:
    """Score information extraction from Vietnamese news against gold.

    Predictions are records: one JSON object per document with its `id` and its layers, offsets in Unicode code points.
    """


for command in (
    scoring.predict,
    archiving.tag,
    scoring.evaluate,
    scoring.leaderboard,
    scoring.crossvalidate,
    comparing.compare,
    scoring.errors,
    scoring.tasks,
    scoring.formats,
    scoring.convert,
    measuring.measure,
    measuring.results,
    measuring.concordance,
    submitting.submit,
    annotating.validate,
    annotating.rules,
    annotating.counts,
    annotating.agree,
    annotating.adjudication,
    entering.frame,
    entering.sentences,
    entering.resolve,
    entering.freeze,
    entering.adjudicate,
    entering.enter,
    reporting.quality,
    reporting.phenomena,
    publishing.build,
    publishing.rehydrate,
    publishing.publish,
    publishing.cite,
    site.site,
    site.plot,
):
    main.add_command(command)
