"""The wheel in a fresh environment outside the tree: it carries the corpus and the baselines, and scores alike."""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from vnnews_bench.cli import main

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(folder),
        str(ROOT),
    ]
    subprocess.run(command, check=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory) -> Path:
    """An environment with the wheel; the dependencies are those of this one, found by path without its editable install."""
    folder = tmp_path_factory.mktemp("fresh")
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", wheel], check=True)
    site = next((folder / "lib").glob("python*/site-packages"))
    (site / "dependencies.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    return python


def call(python: Path, folder: Path, *command: str) -> str:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    return subprocess.run([python, *command], cwd=folder, env=environment, check=True, capture_output=True, text=True).stdout


def test_what_the_wheel_carries(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    for name in ("vnnews_bench/py.typed", "vnnews_baselines/py.typed", "vnnews_baselines/lexicons/countries.txt"):
        assert name in names
    for name in ("chrono.cjs", "prompts/ner.vi.txt", "prompts/dates.en.txt"):
        assert f"vnnews_baselines/adapters/{name}" in names
    own = {str(path.relative_to(ROOT)) for path in (ROOT / "annotations").rglob("*") if path.is_file()}
    assert {name.removeprefix("vnnews_bench/") for name in names if name.startswith("vnnews_bench/annotations/")} == own
    assert not any(name.startswith(("tests/", "docs/", "benchmarks/")) for name in names)
    metadata = zipfile.ZipFile(wheel).read(next(name for name in names if name.endswith("METADATA"))).decode()
    assert "License-Expression: Apache-2.0 AND CC-BY-4.0" in metadata


def test_the_installed_wheel_scores_as_the_checkout_does(python, tmp_path):
    where = call(
        python, tmp_path, "-c", "import vnnews_bench, vnnews_baselines; print(vnnews_bench.__file__, vnnews_baselines.__file__)"
    )
    assert str(ROOT) not in where
    command = python.parent / "vnnews-bench"
    printed = call(command, tmp_path, "leaderboard", "--format", "markdown")
    assert printed == CliRunner().invoke(main, ["leaderboard", "--format", "markdown"]).stdout
    assert call(command, tmp_path, "validate") == "no findings\n"


def test_a_plain_checkout_finds_its_annotations(tmp_path):
    """Without any install: only the folders on the path."""
    code = "import vnnews_bench as v; print(len(v.evaluate(v.load().gold.values()).tasks['ner'].metrics))"
    environment = os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'baselines'}:{sysconfig.get_paths()['purelib']}"}
    done = subprocess.run([sys.executable, "-S", "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.stdout == "5\n", done.stderr
