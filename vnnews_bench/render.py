"""Tables of text and numbers, printed for a person, a README or a paper."""

import re

import msgspec

Cell = str | int | float | None
WIDE = 8  # articles that a table has a column for; of more it has the sums alone


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """A table: column heads, rows, a title above and notes below. Numbers and ranges of numbers are right-aligned."""

    title: str
    heads: tuple[str, ...]
    rows: list[tuple[Cell, ...]]
    notes: tuple[str, ...] = ()


def render(sheet: Sheet, form: str) -> str:
    """The sheet as text in one of `table`, `markdown` or `latex`; it ends without a line break."""
    if form == "markdown":
        return _markdown(sheet)
    if form == "latex":
        return _latex(sheet)
    return _terminal(sheet)


def cell(value: Cell) -> str:
    """A score with two decimals of a percent, a mass without needless decimals, undefined as a dash."""
    if value is None:
        return "–"
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def percent(score: float | None) -> float | None:
    """A score as a percentage."""
    return None if score is None else 100 * score


def between(low: float | None, high: float | None) -> str | None:
    """An interval of scores as percentages: 78.1–91.3."""
    return None if low is None or high is None else f"{100 * low:.1f}–{100 * high:.1f}"


_RANGE = re.compile(r"[-+\d.]+(–| to )[-+\d.]+")


def _numeric(sheet: Sheet) -> list[bool]:
    columns = list(zip(*sheet.rows, strict=True)) or [()] * len(sheet.heads)
    return [all(not isinstance(value, str) or not value or _RANGE.fullmatch(value) for value in column) for column in columns]


def _markdown(sheet: Sheet) -> str:
    numeric = _numeric(sheet)
    rule = "|".join("---:" if number else "---" for number in numeric)
    lines = [f"**{sheet.title}**", "", "| " + " | ".join(sheet.heads) + " |", f"|{rule}|"]
    lines += ["| " + " | ".join(cell(v).replace("|", "\\|") for v in row) + " |" for row in sheet.rows]
    return "\n".join([*lines, *(f"\n{note}" for note in sheet.notes)])


_LATEX = (
    {"\\": r"\textbackslash{}"} | {c: f"\\{c}" for c in "&%$#_{}"} | {"~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
)


def _latex(sheet: Sheet) -> str:
    def escape(text: str) -> str:
        return "".join(_LATEX.get(c, c) for c in text)

    spec = "".join("r" if number else "l" for number in _numeric(sheet))
    lines = [f"\\begin{{tabular}}{{{spec}}}", r"\toprule", " & ".join(map(escape, sheet.heads)) + r" \\", r"\midrule"]
    lines += [" & ".join(escape(cell(v)).replace("–", "--") for v in row) + r" \\" for row in sheet.rows]
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}", *(f"% {note}" for note in sheet.notes)])


def _terminal(sheet: Sheet) -> str:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(sheet.title), title_justify="left", box=SIMPLE_HEAD, title_style="bold")
    for head, number in zip(sheet.heads, _numeric(sheet), strict=True):
        table.add_column(Text(head), justify="right" if number else "left", no_wrap=True)
    for row in sheet.rows:
        table.add_row(*(Text(cell(value)) for value in row))
    console = Console(width=1000, color_system=None)  # a table is as wide as it needs
    with console.capture() as captured:
        console.print(table)
    text = "\n".join(line.rstrip() for line in captured.get().splitlines())
    return "\n".join([text.strip("\n"), *sheet.notes])
