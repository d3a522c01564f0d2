"""What the tools print of the invented article `tools/article.txt`: `tools/<tool>.json`.

`python tests/recorded.py TOOL …` records again, where the tools are installed.
"""

import datetime
import importlib
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from vnnews_bench.records import Document, DocumentDate
from vnnews_bench.tools import Settings

FOLDER = Path(__file__).parent / "tools"
DAY = datetime.date(2031, 6, 20)


def article() -> Document:
    """Six sentences with what tools stumble over: NFD, `_`, no-break and zero-width spaces, emoji, old tone placement."""
    text = (FOLDER / "article.txt").read_text(encoding="utf-8")
    sentences, start = [], 0
    for line in text.splitlines(keepends=True):
        sentences.append((start, start + len(line.rstrip("\n"))))
        start += len(line)
    dct = DocumentDate(date=str(DAY), earliest=DAY, latest=DAY, source="stated", evidence=())
    return Document(id="invented", text=text, dct=dct, sentences=tuple(sentences))


def adapter(tool: str) -> ModuleType:
    return importlib.import_module(f"vnnews_baselines.adapters.{tool}")


def recorded(tool: str) -> Any:
    return json.loads((FOLDER / f"{tool}.json").read_text(encoding="utf-8"))


def printed(tool: str) -> Any:
    """What the tool that is installed prints, as JSON has it. Raises `BenchError` when there is none."""
    return json.loads(json.dumps(adapter(tool).start(Settings())(article())))


if __name__ == "__main__":
    for tool in sys.argv[1:]:
        text = json.dumps(printed(tool), ensure_ascii=False, indent=1)
        (FOLDER / f"{tool}.json").write_text(text + "\n", encoding="utf-8")
