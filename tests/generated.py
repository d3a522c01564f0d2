"""The generated tables of the documentation.

A comment holds the command that makes what follows it, up to an end comment. `python tests/generated.py --write` makes all
of them again, and CITATION.cff; `test_docs.py` compares.
"""

import contextlib
import re
import shlex
import sys
from pathlib import Path

from click.testing import CliRunner

from vnnews_bench.cli import main

ROOT = Path(__file__).parent.parent
CITATION = ROOT / "CITATION.cff"
BLOCK = re.compile(r"(<!-- vnnews-bench (?P<command>[^>]*?) -->\n)(?P<body>.*?)(<!-- end -->)", re.S)


def pages() -> list[Path]:
    """The pages that hold a generated table."""
    there = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("baselines/*.md"), *ROOT.glob("annotations/*.md")]
    return [page for page in sorted(there) if BLOCK.search(page.read_text(encoding="utf-8"))]


def renewed(text: str) -> str:
    """The text with every table made again."""
    return BLOCK.sub(lambda match: f"{match[1]}{_printed(match['command'])}\n{match[4]}", text)


def citation() -> str:
    """CITATION.cff with the version and hash of the data that are here."""
    return _printed("cite --format cff") + "\n"


def _printed(command: str) -> str:
    with contextlib.chdir(ROOT):
        return CliRunner().invoke(main, shlex.split(command), catch_exceptions=False).stdout.strip()


if __name__ == "__main__":
    for page in [*pages(), CITATION]:
        old = page.read_text(encoding="utf-8")
        new = renewed(old) if page != CITATION else citation()
        if new != old and "--write" in sys.argv:
            page.write_text(new, encoding="utf-8")
        print(f"{page.relative_to(ROOT)}: {'as it was' if new == old else 'made again'}")
