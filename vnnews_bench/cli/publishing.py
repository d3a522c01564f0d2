"""The commands that build, publish and cite the dataset."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from vnnews_bench.citation import FORMS
from vnnews_bench.cli.options import format_option, quietly

if TYPE_CHECKING:
    from vnnews_bench.hub.content import Policy

TEXT = click.option(
    "--text",
    type=click.Choice(["included", "withheld"]),
    default="included",
    show_default=True,
    help="Whether the words of the articles are there.",
)


@click.command()
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="The folder to write.")
@TEXT
def build(output: Path, text: "Policy") -> None:
    """Write the Hugging Face dataset repository: parquet, card, croissant.json, eval.yaml and hashes."""
    from vnnews_bench.hub import build

    quietly()
    for name in build.build(output, text):
        click.echo(str(output / name))


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--sources", type=click.Path(path_type=Path), required=True, help="The folder that holds the articles.")
def rehydrate(folder: Path, sources: Path) -> None:
    """Put the texts back into FOLDER, a dataset that was built without them; each text is verified by its sha256."""
    from vnnews_bench.hub import build

    quietly()
    for name in build.rehydrate(folder, sources):
        click.echo(str(folder / name))


@click.command()
@click.argument("repo_id")
@click.option("--revision-tag", help="The tag to set [default: v and the data's version].")
@click.option("--private", is_flag=True, help="Make a new repository private.")
@click.option("--dry-run", is_flag=True, help="Show what would change, and stop.")
@TEXT
def publish(repo_id: str, revision_tag: str | None, private: bool, dry_run: bool, text: "Policy") -> None:
    """Build, check, load back, and upload the dataset to REPO_ID on the Hub in one commit, and tag it.

    The login is that of `hf auth login`. After a lost connection the same command goes on where it stopped.
    """
    from vnnews_bench.hub import publish

    quietly()
    with publish.built(repo_id, text) as folder:
        plan = publish.plan(folder, repo_id, revision_tag)
        click.echo("\n".join([*plan.lines(), f"texts of the articles: {text}"]))
        if not dry_run:
            click.echo(f"{repo_id} {plan.tag} is at {publish.carry_out(plan, folder, private)}")


@click.command()
@format_option(*FORMS)
def cite(form: str) -> None:
    """Print how to cite the data, with its version and hash."""
    from vnnews_bench import citation

    click.echo(citation.cite(form))
