"""What the tools print for the invented article `tools/article.txt`, as recorded in `tools/<tool>.json`.

`python tests/recorded.py TOOL …` records again, where the tools are installed.
"""

import datetime
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import patch

from vnnews_baselines.adapters import chrono, heideltime, pieces, underthesea, vinlp
from vnnews_baselines.adapters import dateparser as dateparser_adapter
from vnnews_baselines.adapters import duckling as duckling_adapter
from vnnews_baselines.adapters import pyvi as pyvi_adapter

from vnnews_bench.records import Document, DocumentDate
from vnnews_bench.tools import Answer, Settings

FOLDER = Path(__file__).parent / "tools"
DAY = datetime.date(2031, 6, 20)


def article() -> Document:
    text = (FOLDER / "article.txt").read_text(encoding="utf-8")
    sentences, start = [], 0
    for line in text.splitlines(keepends=True):
        sentences.append((start, start + len(line.rstrip("\n"))))
        start += len(line)
    dct = DocumentDate(date=str(DAY), earliest=DAY, latest=DAY, source="stated", evidence=())
    return Document(id="invented", text=text, dct=dct, sentences=tuple(sentences))


MODULES = {
    "underthesea": ("underthesea",),
    "vinlp": ("ViNLP",),
    "pyvi": ("pyvi.ViTokenizer", "pyvi.ViPosTagger"),
    "dateparser": ("dateparser.search", "dateparser.date"),
    "duckling": ("duckling",),
}
LOAD = {
    "underthesea": underthesea.load,
    "vinlp": vinlp.load,
    "pyvi": pyvi_adapter.load,
    "dateparser": dateparser_adapter.load,
    "duckling": duckling_adapter.load,
}


def printed(tool: str) -> Any:
    """What the installed tool prints: for each sentence that it is given, or for the article."""
    document = article()
    if tool == "heideltime":
        with _kept(heideltime, "read") as kept:
            heideltime.load(Settings())(document)
        return kept[0]
    if tool == "chrono":
        with _kept(chrono, "read") as kept:
            chrono.load(Settings())(document)
        return kept[0]
    ...
