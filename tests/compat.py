"""The dataset through the clients of one environment: bundled, folder, Hub, streaming, offline, all with the same rows.

`python tests/compat.py` in an environment with the package and some version of `datasets` starts a Hub on loopback, publishes
to it, and loads every configuration in every way; `make compat` does so for each version that is supported. It prints what it
did and ends with exit code 1 at the first difference.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hub_server import TOKEN, Hub

REPOSITORY = "user/vnnews-bench"
CONFIGS = ("documents", "ner", "quotes", "dates", "timexes")
HERE = Path(sys.executable)
CLIENT = """
import json, sys
import datasets, huggingface_hub
import vnnews_bench
from vnnews_bench.hub.content import content_hash
datasets.disable_progress_bars()
"""


@contextmanager
def hub() -> Iterator[tuple[Hub, dict[str, str]]]:
    """A Hub on loopback, and the environment of a client that is logged in and has an empty cache."""
    with tempfile.TemporaryDirectory() as home:
        server = Hub().start()
        own = {key: value for key, value in os.environ.items() if not key.startswith(("HF_", "PYTHONPATH"))}
        own |= {"HF_ENDPOINT": server.endpoint, "HF_TOKEN": TOKEN, "HF_HOME": home, "HF_HUB_DISABLE_XET": "1"}
        own |= {"HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1", "HF_UPDATE_DOWNLOAD_COUNTS": "0"}
        try:
            yield server, own
        finally:
            server.shutdown()
            server.server_close()


def python(code: str, environment: dict[str, str], interpreter: Path = HERE) -> str:
    """What a program prints, run in a process of its own, outside the checkout: clients read their settings at import."""
    words = [interpreter, "-c", CLIENT + code]
    done = subprocess.run(words, env=environment, cwd=environment["HF_HOME"], capture_output=True, text=True)
    if done.returncode:
        raise AssertionError(done.stderr)
    return done.stdout


def command(environment: dict[str, str], *arguments: object, interpreter: Path = HERE) -> subprocess.CompletedProcess[str]:
    """What the command line answers, run likewise."""
    words = [interpreter, "-c", "import sys; from vnnews_bench.cli import main; main(sys.argv[1:])", *map(str, arguments)]
    return subprocess.run(words, env=environment, cwd=environment["HF_HOME"], capture_output=True, text=True)


def hashes(load: str, environment: dict[str, str]) -> dict[str, dict[str, str]]:
    """The content hash of every configuration and split as an expression over `name` loads all splits of one."""
    each = f"{{split: content_hash(rows.to_list() if hasattr(rows, 'to_list') else rows) for split, rows in ({load}).items()}}"
    code = f"print(json.dumps({{name: {each} for name in {CONFIGS!r}}}))"
    found: dict[str, dict[str, str]] = json.loads(python(code, environment).splitlines()[-1])
    return found


def ways(folder: Path) -> dict[str, str]:
    """Every way to load a configuration, as an expression over its name."""
    stock = f"datasets.load_dataset({REPOSITORY!r}, name, revision='v' + vnnews_bench.load().version"
    return {
        "package": "vnnews_bench.load_dataset(name)",
        "folder": f"vnnews_bench.load_dataset(name, source={str(folder)!r})",
        "hub": f"vnnews_bench.load_dataset(name, source='hub:{REPOSITORY}')",
        "stock client, folder": f"datasets.load_dataset({str(folder)!r}, name)",
        "stock client, folder, streaming": f"datasets.load_dataset({str(folder)!r}, name, streaming=True)",
        "stock client, hub": f"{stock})",
        "stock client, hub, streaming": f"{stock}, streaming=True)",
    }


def main() -> None:
    """All ways against the rows in the package, then without network."""
    with hub() as (server, environment), tempfile.TemporaryDirectory() as place:
        print(
            python(
                "print('datasets', datasets.__version__, 'huggingface_hub', huggingface_hub.__version__)", environment
            ).strip()
        )
        folder = Path(place) / "dataset"
        for step in (("build", "-o", folder), ("validate", folder), ("publish", REPOSITORY)):
            done = command(environment, *step)
            check(done.returncode == 0, f"vnnews-bench {step[0]}", done.stdout + done.stderr)
        expected = hashes(ways(folder)["package"], environment)
        for way, load in ways(folder).items():
            check(hashes(load, environment) == expected, way)
        server.shutdown()
        server.server_close()
        offline = environment | {"HF_HUB_OFFLINE": "1"}
        for way in ("package", "folder", "hub"):
            check(hashes(ways(folder)[way], offline) == expected, f"{way}, offline")
        labels = "tags = vnnews_bench.load_dataset('ner', 'test', source=SOURCE).features['ner_tags']\n"
        labels += "print((tags[0] if isinstance(tags, list) else tags.feature).names)"  # before version 4, a list is a list
        names = [python(labels.replace("SOURCE", source), offline) for source in ("'bundled'", repr(str(folder)))]
        check(names[0] == names[1] and "B-PER" in names[0], "class labels")


def check(holds: bool, what: str, detail: str = "") -> None:
    print("same  " if holds else "DIFFERS", what, detail if not holds else "", flush=True)
    if not holds:
        sys.exit(1)


if __name__ == "__main__":
    main()
