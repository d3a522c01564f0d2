"""The commands that bring an article from its text to its gold, in the order in which they are used."""

import datetime
from pathlib import Path

import click

from vnnews_bench.cli.options import ROOT
from vnnews_bench.errors import BenchError

SPLIT = click.option("--split", required=True, help="The split of the corpus to put it in.")


def _folder(root: Path | None) -> Path:
    from vnnews_bench import corpus

    return root or corpus.root()


@click.command()
@click.argument("article", type=click.Path(path_type=Path))
@click.option(
    "--zone", "zones", multiple=True, metavar="TYPE=LINES", help="The lines of a zone, e.g. byline=3 or teaser=34-36."
)
@click.option(
    "--kind",
    type=click.Choice(["published", "written"]),
    default="published",
    show_default=True,
    help="Where the text came from.",
)
def frame(article: Path, zones: tuple[str, ...], kind: str) -> None:
    """Write the frame of ARTICLE, a .txt file, beside it: its checksum, zones and sentences.

    The first line is the title, every other line is body unless --zone says otherwise. Lines are numbered from 1.
    """
    from vnnews_bench import entering, frames

    try:
        raw = article.read_bytes()
    except OSError as error:
        raise BenchError(f"{article}: cannot be read: {error.strerror}") from None
    made = frames.frame(article.stem, raw, frames.lines(zones), kind)  # type: ignore[arg-type]
    entering.frame(article.with_suffix(".json"), made)
    click.echo(f"{article.with_suffix('.json')}: {len(made.zones)} zones, {len(made.sentences)} sentences")


@click.command()
@click.argument("article", type=click.Path(path_type=Path))
def sentences(article: Path) -> None:
    """Print the sentences of ARTICLE, a .txt file with its frame (.json) beside it, with number and zone, for an annotator."""
    from vnnews_bench import corpus

    document = corpus.document(article)
    for n, (start, end) in enumerate(document.sentences, 1):
        click.echo(f"[{n} {document.zone_of(start)}] {document.text[start:end]}")


@click.command()
@click.argument("draft", type=click.Path(path_type=Path))
@click.option("--article", type=click.Path(path_type=Path), required=True, help="The .txt file that the draft is about.")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="The record to write (.json).")
def resolve(draft: Path, article: Path, output: Path) -> None:
    """Turn DRAFT, in which spans are named by their words, into a record with offsets."""
    from vnnews_bench import corpus, drafts, files
    from vnnews_bench.records import pretty

    record = drafts.resolve(files.read_json(draft), corpus.document(article))
    files.write_bytes(pretty(record), output)


@click.command()
@click.argument("name", metavar="PASS")
@click.option("--annotator", required=True, help="Who annotated.")
@click.option("--way", required=True, help="How the pass was made.")
@click.option("--guidelines", required=True, help="The version of the guidelines.")
@ROOT
def freeze(name: str, annotator: str, way: str, guidelines: str, root: Path | None) -> None:
    """State the sha256 of every file of PASS, a folder in passes/, before anyone compares it."""
    from vnnews_bench import passes

    made = passes.freeze(_folder(root), name, annotator, way, guidelines, datetime.date.today().isoformat())
    click.echo(f"{name}: {len(made.files)} files frozen")


@click.command()
@click.argument("article", metavar="ID")
@click.argument("a")
@click.argument("b")
@ROOT
def adjudicate(article: str, a: str, b: str, root: Path | None) -> None:
    """Open the log of the differences of the passes A and B over the article ID or, once each is decided, write its gold.

    A decision is A, B, neither, or own, with the annotation under "own" as in a draft.
    """
    from vnnews_bench import entering

    folder = _folder(root)
    log = folder / "adjudication" / f"{article}.jsonl"
    if not log.is_file():
        click.echo(f"{log}: {entering.open_log(folder, article, a, b)} differences to decide")
        return
    record = entering.close_log(folder, article, a, b)
    layers = (record.entities, record.quotes, record.timexes, record.events)
    click.echo(f"{folder / 'gold' / article}.json: {sum(len(layer or ()) for layer in layers)} annotations")


@click.command()
@click.argument("article", metavar="ID")
@SPLIT
@ROOT
def enter(article: str, split: str, root: Path | None) -> None:
    """Put the article ID, which has its gold, into a split, its new names into the registry, all of it into the manifest."""
    from vnnews_bench import entering

    made = entering.enter(_folder(root), article, split)
    click.echo(f"{article}: in {split}; {len(made)} new entities{': ' if made else ''}{', '.join(made)}")
