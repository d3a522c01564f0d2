"""The commands that run systems and score what they find."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vnnews_bench.cli.options import (
    FORMAT,
    GIVEN,
    INPUT,
    NO_DCT,
    SPLIT,
    TAGS,
    format_option,
    progress,
    reading,
    tool_options,
    warn,
)
from vnnews_bench.errors import BenchError

if TYPE_CHECKING:
    from vnnews_bench.tools import Settings


@click.command()
@FORMAT
def tasks(form: str) -> None:
    """List the tasks with their metrics (the first is the headline) and labels."""
    from vnnews_bench.render import Sheet, render
    from vnnews_bench.tasks import TASKS

    if form == "json":
        listed = [
            {
                "task": t.name,
                "layers": t.layers,
                "about": t.about,
                "metrics": list(t.metrics),
                "labels": t.labels,
                "zones": t.zones,
            }
            for t in TASKS.values()
        ]
        click.echo(json.dumps(listed, ensure_ascii=False, indent=1))
        return
    rows = [(t.name, " ".join(t.layers), " ".join(t.metrics), " ".join(t.labels)) for t in TASKS.values()]
    click.echo(render(Sheet(title="tasks", heads=("task", "layers", "metrics", "labels"), rows=list(rows)), form))


@click.command()
@FORMAT
def formats(form: str) -> None:
    """List the formats that files are read and written in, with the unit of their offsets."""
    from vnnews_bench.formats import FORMATS
    from vnnews_bench.render import Sheet, render

    if form == "json":
        listed = [{"format": name, "offsets": f.unit, "folder": f.folder, "about": f.about} for name, f in FORMATS.items()]
        click.echo(json.dumps(listed, ensure_ascii=False, indent=1))
        return
    rows = [(name, f.unit, "a folder" if f.folder else "a file", f.about) for name, f in FORMATS.items()]
    click.echo(render(Sheet(title="formats", heads=("format", "offsets", "is", "what"), rows=list(rows)), form))


@click.command()
@click.argument("system")
@SPLIT
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write here instead of to standard output.")
@NO_DCT
@GIVEN
@click.option(
    "--save", type=click.Path(path_type=Path), help="Keep trained models in this folder, and use those that are there."
)
@tool_options
def predict(
    system: str, split: str, output: Path | None, no_dct: bool, given: str | None, save: Path | None, settings: "Settings"
) -> None:
    """Run SYSTEM over a split and write its records as JSON lines.

    SYSTEM is the name of a baseline or of a tool, or module:callable for a callable that takes a Document and returns a Record;
    for a track it also takes given=Record, to keep its models models=Path.
    """
    import msgspec

    from vnnews_bench import corpus, files, systems

    data = corpus.load(split)
    documents = [systems.undated(d) if no_dct else d for d in data.documents.values()]
    handed = None if given is None else systems.handed(data, given)
    if output is not None:
        files.check_writable(output)
    with progress(len(documents)) as tick:
        records = []
        for record in systems.run(system, documents, handed, save, settings, warn):
            records.append(record)
            tick(f"{system} {record.id}")
    if output is None:
        for record in records:
            click.echo(msgspec.json.encode(record).decode())
    else:
        files.write(records, output)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--task", "task", multiple=True, help="Score this task only; may be repeated.")
@SPLIT
@click.option("--gold", type=click.Path(path_type=Path), help="Score against this file instead of the corpus.")
@click.option("--zones", type=click.Choice(["scored", "all"]), default="scored", show_default=True, help="Which zones count.")
@click.option("--view", help="Score a view: vlsp or uner labels of entities, outer or reported quotes.")
@NO_DCT
@GIVEN
@INPUT
@TAGS
@click.option(
    "--with", "beside", type=click.Choice(["seqeval"]), help="Print this scorer's report of two files of columns, too."
)
@click.option("--export", type=click.Choice(["eval-results"]), help="Also write .eval_results/*.yaml, as the Hub reads them.")
@FORMAT
def evaluate(
    file: Path,
    task: tuple[str, ...],
    split: str,
    gold: Path | None,
    zones: str,
    view: str | None,
    no_dct: bool,
    given: str | None,
    input: str | None,
    tags: str,
    beside: str | None,
    export: str | None,
    form: str,
) -> None:
    """Score FILE: our records (.jsonl, or .json for one record), or a file or folder in any format that `formats` lists."""
    from vnnews_bench import scoring
    from vnnews_bench.render import render
    from vnnews_bench.report import sheets

    pair = scoring.columns_of(file, gold, input, tags) if beside and gold else None
    if beside and pair is None:
        raise BenchError(f"--with {beside} is for two files of columns of tokens and tags, FILE and --gold")
    theirs = None if pair is None else pair.seqeval()
    with reading():
        report = scoring.evaluate(file, split, gold, task or None, zones, view, not no_dct, given, input, tags)
    if export:
        from vnnews_bench.hub import results

        for path in results.export(report, Path()):
            click.echo(f"wrote {path}", err=True)
    if form == "json":
        made = report.as_dict() | ({} if theirs is None else {"seqeval": theirs})
        click.echo(json.dumps(made, ensure_ascii=False, indent=1))
        return
    click.echo("\n\n".join(render(sheet, form) for sheet in sheets(report)))
    if theirs is not None:
        click.echo(f"\nseqeval on the same tags\n\n{theirs}")


@click.command()
@click.argument("file", metavar="IN", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--to", required=True, help="The format to write; `vnnews-bench formats` lists them.")
@INPUT
@TAGS
@SPLIT
def convert(file: Path, out: Path, to: str, input: str | None, tags: str, split: str) -> None:
    """Write the annotations of IN to OUT in another format, and say what it cannot hold.

    A file that has no texts of its own (our records, strings) is about the documents of the split. OUT is a folder for formats
    of one file a document. What is lost is counted by kind on standard error.
    """
    from vnnews_bench import corpus, formats
    from vnnews_bench.formats.exchange import sheet
    from vnnews_bench.render import render

    form = formats.named(to)
    name = input or formats.sniff(file)
    needed = formats.named(name).needs_texts
    with reading():
        found = formats.read(file, corpus.load(split).documents if needed else None, name, tags)
    texts = found.texts or corpus.load(split).documents
    written = formats.write(found.records, texts, to)
    formats.save(written, out, form.folder)
    if found.repairs:
        click.echo(f"tags repaired: {found.repairs}", err=True)
    for title, losses in (("not taken over from IN", found.losses), (f"not held by {to}", written.losses)):
        if losses:
            click.echo(render(sheet(losses, title), "table"), err=True)


@click.command()
@click.argument("system", nargs=-1)
@click.option("--split", help="A split alone [default: test, which ranks, and test_written beside it].")
@NO_DCT
@GIVEN
@tool_options
@click.option("--verify", is_flag=True, help="Score the predictions stored in these folders again, and fail on any difference.")
@FORMAT
def leaderboard(
    system: tuple[str, ...], split: str | None, no_dct: bool, given: str | None, settings: "Settings", verify: bool, form: str
) -> None:
    """Run and score every SYSTEM, or all baselines, on both tests, and print the tables, ranked on test.

    With --verify, SYSTEM is a folder of rows and predictions, by default baselines/results and leaderboard where they hold any.
    """
    if verify:
        _verify(list(map(Path, system)))
        return
    from vnnews_bench import corpus, systems
    from vnnews_bench import leaderboard as board
    from vnnews_bench.render import render

    names = system or board.eligible(given)
    for name in names:
        systems.check(name)  # a misspelt name is told before the first system has run
    splits = board.TESTS if split is None else (split,)
    with progress(len(names) * sum(len(corpus.load(one).documents) for one in splits)) as tick:
        rows = board.board(names, splits, tick, not no_dct, given, settings, warn)
    if form == "json":
        click.echo(json.dumps(board.as_json(rows), ensure_ascii=False, indent=1))
        return
    click.echo("\n\n".join(render(sheet, form) for sheet in board.sheets(rows)))


def _verify(folders: list[Path]) -> None:
    """Prints every difference and ends with exit code 1, or how many rows there were."""
    from vnnews_bench import results, verification

    folders = folders or verification.stored()
    problems = verification.verify(*folders)
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        sys.exit(1)
    for folder in folders:
        rows = results.read(folder)
        click.echo(f"{folder}: {len(rows)} rows of {len({row.system for row in rows})} systems, every number made again")


@click.command()
@click.argument("system")
@SPLIT
@FORMAT
def crossvalidate(system: str, split: str, form: str) -> None:
    """Score SYSTEM leave-one-document-out: each document of a split is tagged by what was learnt from the others.

    SYSTEM takes learnt_from, the ids of documents: the baselines of the kind crf do, or module:callable.
    """
    from vnnews_bench import corpus, learning
    from vnnews_bench.render import render
    from vnnews_bench.report import sheets

    with progress(len(corpus.load(split).documents)) as tick:
        report = learning.crossvalidate(system, split, tick)
    if form == "json":
        click.echo(json.dumps(report.as_dict(), ensure_ascii=False, indent=1))
        return
    click.echo("\n\n".join(render(sheet, form) for sheet in sheets(report)))


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--task", required=True, help="The task whose mistakes are listed.")
@SPLIT
@format_option("table", "markdown", "jsonl")
def errors(file: Path, task: str, split: str, form: str) -> None:
    """List every false positive and negative of FILE by kind, the most frequent first."""
    import msgspec

    from vnnews_bench.mistakes import mistakes, sheets
    from vnnews_bench.render import render

    with reading():
        found = mistakes(file, task, split)
    if form == "jsonl":
        for mistake in found:
            click.echo(msgspec.json.encode(mistake).decode())
        return
    click.echo("\n\n".join(render(sheet, form) for sheet in sheets(found)))
