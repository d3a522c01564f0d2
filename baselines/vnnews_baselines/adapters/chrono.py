"""chrono-node (Vietnamese): dates at the granularity of the parts that it calls certain; an interval by its beginning."""

import datetime
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from vnnews_baselines.adapters import answer, dated, gathering, pieces, reference
from vnnews_bench.align import units
from vnnews_bench.records import Document
from vnnews_bench.tools import Answer, Settings, missing

SCRIPT = Path(__file__).with_suffix(".cjs")


def start(settings: Settings) -> Callable[[Document], Any]:
    """What the script prints: for each sentence, hits with UTF-16 offsets and the parts of the date."""
    command, environment = [_node(), f"--max-old-space-size={settings.memory * 3 // 4}"], _environment()
    if subprocess.run([*command, "-e", 'require.resolve("chrono-node")'], env=environment, capture_output=True).returncode:
        raise missing("chrono", "the package chrono-node")

    def run(document: Document) -> Any:
        now = reference(document, "chrono")
        clock = [now.year, now.month, now.day, now.hour, now.minute]
        question = json.dumps({"sentences": [piece.text for piece in pieces(document)], "now": clock})
        done = subprocess.run([*command, SCRIPT], env=environment, input=question.encode(), capture_output=True)
        if done.returncode:
            raise RuntimeError(done.stderr.decode(errors="replace").strip().splitlines()[-1])
        return json.loads(done.stdout)

    return run


def read(document: Document, printed: Sequence[Sequence[Mapping[str, Any]]]) -> Answer:
    """The time expressions."""
    gathered = gathering(document, "timexes")
    for piece, hits in zip(pieces(document), printed, strict=True):
        place = units(piece.text, "utf-16").code_point
        for hit in hits:
            span = piece.span(place(hit["index"]), place(hit["index"] + hit["length"]))
            year, month, day, _, hour, minute = hit["values"]
            dated(gathered, span, datetime.datetime(year, month, day, hour, minute), granularity(hit["certain"]))
    return answer(gathered)


def _node() -> str:
    node = shutil.which("node")
    if node is None:
        raise missing("chrono", "Node.js")
    return node


def _environment() -> dict[str, str]:
    """With the folders in which npm may have put the package: here, beside this Python, globally."""
    folders = (Path.cwd(), Path(sys.prefix), Path(_node()).resolve().parent.parent / "lib", Path("/usr/local/lib"))
    known = [*os.environ.get("NODE_PATH", "").split(os.pathsep), *(str(folder / "node_modules") for folder in folders)]
    return os.environ | {"NODE_PATH": os.pathsep.join(filter(None, known)), "TZ": "UTC"}


def versions() -> dict[str, str]:
    """Those of the package and of Node."""
    code = 'const { join } = require("path"), main = require.resolve("chrono-node");'
    code += 'const root = main.slice(0, main.lastIndexOf("chrono-node") + 11);'
    code += 'console.log(require(join(root, "package.json")).version, process.versions.node)'
    said = subprocess.run([_node(), "-e", code], env=_environment(), capture_output=True, text=True, check=True).stdout.split()
    return {"chrono-node": said[0], "node": said[1]}


def granularity(certain: Sequence[str]) -> str:
    """The finest part that is certain; a weekday makes a day."""
    finest = ("minute", "hour", "day", "weekday", "month", "year")
    part = next((part for part in finest if part in certain), "day")
    return "day" if part == "weekday" else part
