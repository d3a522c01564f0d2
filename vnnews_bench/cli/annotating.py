"""The commands for those who annotate, and for those who check the corpus."""

import json
import sys
from pathlib import Path

import click

from vnnews_bench.cli.options import FORMAT, ROOT, SPLIT, format_option, quietly
from vnnews_bench.errors import RULES


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--level", type=click.IntRange(1, 5), help="Apply the rules up to this level [default: 3 for FILE, 5 without].")
@SPLIT
@ROOT
@format_option("table", "json")
def validate(file: Path | None, level: int | None, split: str, root: Path | None, form: str) -> None:
    """Check FILE, or without it the corpus, and print every finding; a folder is checked as a built dataset.

    Levels: 1 readable, 2 schema, 3 offsets and checksums, 4 the rules of the guidelines, 5 across articles. Exit code 1 when
    anything is found.
    """
    from vnnews_bench import validate as rules

    if file is None:
        findings = rules.validate_corpus(5 if level is None else level, root)
    elif file.is_dir():
        from vnnews_bench.hub import check

        quietly()
        findings = check.findings(file)
    else:
        findings = rules.validate_file(file, 3 if level is None else level, split)
    if form == "json":
        click.echo(rules.as_json(findings))
    else:
        for finding in findings:
            click.echo(str(finding))
        click.echo(f"findings: {len(findings)}" if findings else "no findings")
    sys.exit(1 if findings else 0)


@click.command()
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


@click.command()
@SPLIT
@FORMAT
def counts(split: str, form: str) -> None:
    """Count documents, sentences and annotations of the gold by label and article; those of all splits by split."""
    from vnnews_bench import corpus, statistics
    from vnnews_bench.render import render

    data = corpus.load(split)
    if form == "json":
        click.echo(json.dumps(statistics.as_dict(data), ensure_ascii=False, indent=1))
        return
    made = statistics.sheets() if split == corpus.ALL else [statistics.sheet(data)]
    click.echo("\n\n".join(render(sheet, form) for sheet in made))


@click.command()
@SPLIT
@format_option("table", "markdown", "latex")
def adjudication(split: str, form: str) -> None:
    """Count what adjudication and challenge raised and decided, by article."""
    from vnnews_bench import corpus, statistics
    from vnnews_bench.render import render

    click.echo(render(statistics.adjudication(corpus.load(split)), form))


@click.command()
@click.argument("a")
@click.argument("b")
@click.option("--task", "task", multiple=True, help="Compare in this task only; may be repeated.")
@click.option("--split", default="all", show_default=True, help="The split of the corpus, or all.")
@FORMAT
def agree(a: str, b: str, task: tuple[str, ...], split: str, form: str) -> None:
    """Compare two annotators, A and B, on what both have of a split: passes by name, or folders or files of records."""
    from vnnews_bench import agreement
    from vnnews_bench.render import render

    found = agreement.agree(a, b, task, split)
    if form == "json":
        click.echo(json.dumps(agreement.as_json(found), ensure_ascii=False, indent=1))
        return
    click.echo("\n\n".join(render(sheet, form) for sheet in agreement.sheets(found)))
