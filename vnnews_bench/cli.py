"""The command line: each command reads, calls one function and prints.

The rooms are imported inside the commands, so that `--help` and completion start in a blink.
"""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vnnews_bench import __version__
from vnnews_bench.errors import RULES, BenchError
from vnnews_bench.measuring import measure, results
from vnnews_bench.options import FORMAT, GIVEN, NO_DCT, SPLIT, format_option, progress, tool_options, warn

if TYPE_CHECKING:
    from vnnews_bench.tools import Settings


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


main.add_command(measure)
main.add_command(results)


@main.command()
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


@main.command()
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


INPUT = click.option("--input", help="The format of what is read, instead of the one that its content looks like.")
TAGS = click.option(
    "--tags",
    type=click.Choice(["repair", "strict"]),
    default="repair",
    show_default=True,
    help="Ill-formed tags in columns: repaired as conlleval does, or their spans dropped as seqeval's strict mode does.",
)


@main.command()
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
    form: str,
) -> None:
    """Score FILE: our records (.jsonl, or .json for one record), or a file or folder in any format that `formats` lists."""
    from vnnews_bench.evaluate import columns_of, sheets
    from vnnews_bench.evaluate import evaluate as score
    from vnnews_bench.render import render

    pair = columns_of(file, gold, input, tags) if beside and gold else None
    if beside and pair is None:
        raise BenchError(f"--with {beside} is for two files of columns of tokens and tags, FILE and --gold")
    theirs = None if pair is None else pair.seqeval()
    report = score(file, split, gold, task or None, zones, view, not no_dct, given, input, tags)
    if form == "json":
        made = report.as_dict() | ({} if theirs is None else {"seqeval": theirs})
        click.echo(json.dumps(made, ensure_ascii=False, indent=1))
        return
    click.echo("\n\n".join(render(sheet, form) for sheet in sheets(report)))
    if theirs is not None:
        click.echo(f"\nseqeval on the same tags\n\n{theirs}")


@main.command()
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
    found = formats.read(file, corpus.load(split).documents if needed else None, name, tags)
    texts = found.texts or corpus.load(split).documents
    written = formats.write(found.records, texts, to)
    formats.save(written, out, form.folder)
    if found.repairs:
        click.echo(f"tags repaired: {found.repairs}", err=True)
    for title, losses in (("not taken over from IN", found.losses), (f"not held by {to}", written.losses)):
        if losses:
            click.echo(render(sheet(losses, title), "table"), err=True)


@main.command()
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


@main.command()
@click.argument("system", nargs=-1)
@SPLIT
@NO_DCT
@GIVEN
@tool_options
@FORMAT
def leaderboard(system: tuple[str, ...], split: str, no_dct: bool, given: str | None, settings: "Settings", form: str) -> None:
    """Run and score every SYSTEM, or all baselines, and print the ranked table."""
    from vnnews_bench import corpus, systems
    from vnnews_bench import leaderboard as board
    from vnnews_bench.render import render

    names = system or board.eligible(given)
    for name in names:
        systems.check(name)  # a misspelt name is told before the first system has run
    with progress(len(names) * len(corpus.load(split).documents)) as tick:
        rows = board.board(names, split, tick, not no_dct, given, settings, warn)
    if form == "json":
        click.echo(json.dumps(board.as_json(rows), ensure_ascii=False, indent=1))
        return
    click.echo("\n\n".join(render(sheet, form) for sheet in board.sheets(rows)))


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--task", required=True, help="The task whose mistakes are listed.")
@SPLIT
@format_option("table", "markdown", "jsonl")
def errors(file: Path, task: str, split: str, form: str) -> None:
    """List every false positive and negative of FILE by kind, the most frequent first."""
    import msgspec

    from vnnews_bench.mistakes import mistakes, sheets
    from vnnews_bench.render import render

    found = mistakes(file, task, split)
    if form == "jsonl":
        for mistake in found:
            click.echo(msgspec.json.encode(mistake).decode())
        return
    click.echo("\n\n".join(render(sheet, form) for sheet in sheets(found)))


@main.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--level", type=click.IntRange(1, 5), help="Apply the rules up to this level [default: 3 for FILE, 5 without].")
@SPLIT
@format_option("table", "json")
def validate(file: Path | None, level: int | None, split: str, form: str) -> None:
    """Check FILE, or without it the corpus, and print every finding.

    Levels: 1 readable, 2 schema, 3 offsets and checksums, 4 the rules of the guidelines, 5 across articles. Exit code 1 when
    anything is found.
    """
    from vnnews_bench import validate as rules

    findings = (
        rules.validate_corpus(5 if level is None else level)
        if file is None
        else rules.validate_file(file, 3 if level is None else level, split)
    )
    if form == "json":
        click.echo(rules.as_json(findings))
    else:
        for finding in findings:
            click.echo(str(finding))
        click.echo(f"findings: {len(findings)}" if findings else "no findings")
    sys.exit(1 if findings else 0)


@main.command()
@FORMAT
def rules(form: str) -> None:
    """List every rule that validation applies, with its code and level."""
    from vnnews_bench.render import Sheet, render

    if form == "json":
        listed = [{"code": code, "level": level, "rule": rule} for code, (level, rule) in RULES.items()]
        click.echo(json.dumps(listed, ensure_ascii=False, indent=1))
        return
    rows = [(level, code, rule) for code, (level, rule) in RULES.items()]
    click.echo(render(Sheet(title="rules", heads=("level", "code", "rule"), rows=list(rows)), form))


@main.command()
@SPLIT
@FORMAT
def counts(split: str, form: str) -> None:
    """Count documents, sentences and annotations of the gold by label and article."""
    from vnnews_bench import corpus
    from vnnews_bench.render import render
    from vnnews_bench.statistics import as_dict, sheet

    data = corpus.load(split)
    if form == "json":
        click.echo(json.dumps(as_dict(data), ensure_ascii=False, indent=1))
        return
    click.echo(render(sheet(data), form))


@main.command()
@SPLIT
@format_option("table", "markdown", "latex")
def adjudication(split: str, form: str) -> None:
    """Count what adjudication and challenge raised and decided, by article."""
    from vnnews_bench import corpus, statistics
    from vnnews_bench.render import render

    click.echo(render(statistics.adjudication(corpus.load(split)), form))


@main.command()
@click.argument("a")
@click.argument("b")
@click.option("--task", "task", multiple=True, help="Compare in this task only; may be repeated.")
@FORMAT
def agree(a: str, b: str, task: tuple[str, ...], form: str) -> None:
    """Compare two annotators, A and B: passes by name, or folders or files of records."""
    from vnnews_bench import agreement
    from vnnews_bench.render import render

    found = agreement.agree(a, b, task)
    if form == "json":
        click.echo(json.dumps(agreement.as_json(found), ensure_ascii=False, indent=1))
        return
    click.echo("\n\n".join(render(sheet, form) for sheet in agreement.sheets(found)))


@main.command()
@click.argument("article", type=click.Path(path_type=Path))
def sentences(article: Path) -> None:
    """Print the numbered sentences of ARTICLE, a .txt file with its frame (.json) beside it, for an annotator."""
    from vnnews_bench import corpus

    document = corpus.document(article)
    for n, (start, end) in enumerate(document.sentences, 1):
        click.echo(f"[{n}] {document.text[start:end]}")


@main.command()
@click.argument("draft", type=click.Path(path_type=Path))
@click.option("--article", type=click.Path(path_type=Path), required=True, help="The .txt file that the draft is about.")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="The record to write (.json).")
def resolve(draft: Path, article: Path, output: Path) -> None:
    """Turn DRAFT, in which spans are named by their words, into a record with offsets."""
    from vnnews_bench import corpus, drafts, files
    from vnnews_bench.records import pretty

    record = drafts.resolve(files.read_json(draft), corpus.document(article))
    files.write_bytes(pretty(record), output)


@main.command()
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="The folder to write.")
def build(output: Path) -> None:
    """Write the Hugging Face dataset repository: parquet and card."""
    from datasets import disable_progress_bars

    from vnnews_bench import hub

    disable_progress_bars()
    for name in hub.build(output):
        click.echo(str(output / name))
