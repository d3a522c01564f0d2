"""The wheel in a fresh environment outside the tree: it carries the corpus and the baselines, and scores alike."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import compat
import pytest
import yaml
from click.testing import CliRunner
from test_invalid import renew_manifest

from vnnews_bench.cli import main

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    return built(ROOT, tmp_path_factory.mktemp("wheel"))


def built(tree: Path, folder: Path) -> Path:
    """The wheel of a tree."""
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
        str(tree),
    ]
    subprocess.run(command, check=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory) -> Path:
    """An environment with the wheel; the dependencies are those of this one, found by path without its editable install."""
    folder = tmp_path_factory.mktemp("fresh")
    return environment(folder, wheel)


def environment(folder: Path, wheel: Path) -> Path:
    """The interpreter of a new environment with a wheel in it."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    install(python, wheel)
    site = next((folder / "lib").glob("python*/site-packages"))
    (site / "dependencies.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    return python


def install(python: Path, wheel: Path) -> None:
    subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--force-reinstall", wheel], check=True
    )


def call(python: Path, folder: Path, *command: str) -> str:
    plain = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    return subprocess.run([python, *command], cwd=folder, env=plain, check=True, capture_output=True, text=True).stdout


def test_what_the_wheel_carries(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    for name in ("vnnews_bench/py.typed", "vnnews_baselines/py.typed", "vnnews_baselines/lexicons/countries.txt"):
        assert name in names
    for name in ("chrono.cjs", "prompts/ner.vi.txt", "prompts/dates.en.txt"):
        assert f"vnnews_baselines/adapters/{name}" in names
    for name in ("words.json", "static/style.css", "static/site.js", "templates/base.html", "templates/space.md"):
        assert f"vnnews_bench/site/{name}" in names
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
    board = ["leaderboard", "capitals", "ner-rules", "quotes-rules", "dates-rules", "events-crf", "--format", "markdown"]
    assert call(command, tmp_path, *board) == CliRunner().invoke(main, board).stdout
    assert call(command, tmp_path, "validate") == "no findings\n"
    call(command, tmp_path, "site", str(ROOT / "baselines" / "results"), "-o", "site")
    assert "ner-rules" in (tmp_path / "site" / "index.html").read_text(encoding="utf-8")


def test_a_plain_checkout_finds_its_annotations(tmp_path):
    """Without any install: only the folders on the path."""
    code = "import vnnews_bench as v; print(len(v.evaluate(v.load().gold.values()).tasks['ner'].metrics))"
    environment = os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'baselines'}:{sysconfig.get_paths()['purelib']}"}
    done = subprocess.run([sys.executable, "-S", "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.stdout == "5\n", done.stderr


def test_an_upgrade_never_shows_old_rows(wheel, tmp_path):
    """Two wheels of two data versions that differ in one label, one after the other in one environment with one cache.

    First what happens to a card without version and hash in it: `datasets` shows the rows of the old package.
    """
    newer = built(relabelled(tmp_path / "tree"), tmp_path / "wheel")
    python = environment(tmp_path / "env", wheel)
    folder, card = tmp_path / "dataset", tmp_path / "plain"
    stock = "datasets.load_dataset({!r}, 'documents', split='test')"
    ways = {
        "package": "vnnews_bench.load_dataset('documents', 'test')",
        "folder": f"vnnews_bench.load_dataset('documents', 'test', source={str(folder)!r})",
        "stock client": stock.format(str(folder)),
        "stock client, plain card": stock.format(str(card)),
    }
    seen = []
    with compat.hub() as (_, home):
        for step in (wheel, newer):
            install(python, step)
            done = compat.command(home, "build", "-o", folder, interpreter=python)
            assert done.returncode == 0, done.stderr
            shutil.rmtree(card, ignore_errors=True)
            shutil.copytree(folder, card)
            without_version(card)
            seen.append({way: first_label(load, home, python) for way, load in ways.items()})
    assert set(seen[0].values()) == {"PER"}
    assert seen[1].pop("stock client, plain card") == "PER", "datasets has mended its cache: the card may be simpler"
    assert set(seen[1].values()) == {"ORG"}


def first_label(load: str, home: dict[str, str], python: Path) -> str:
    return compat.python(f"print({load}[0]['entities'][0]['label'])", home, python).splitlines()[-1]


def relabelled(tree: Path) -> Path:
    """A copy of the project with one label of the gold changed and the data version raised."""
    shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(".*", "build", "__pycache__", "tests"))
    annotations = tree / "annotations"
    gold = annotations / "gold" / "core-000.json"
    text = gold.read_text(encoding="utf-8")
    gold.write_text(text.replace('"Tập Cận Bình","label":"PER"', '"Tập Cận Bình","label":"ORG"', 1), encoding="utf-8")
    (annotations / "VERSION").write_text("1.0.1\n")
    renew_manifest(annotations)
    return tree


def without_version(folder: Path) -> None:
    """Makes card and file names what they usually are, the same for every content."""
    page = (folder / "README.md").read_text(encoding="utf-8")
    meta = yaml.safe_load(page.split("---")[1])
    for config in meta["configs"]:
        del config["version"]
        for file in config["data_files"]:
            plain = f"{config['config_name']}/{file['split']}.parquet"
            (folder / file["path"]).rename(folder / plain)
            file["path"] = plain
    for info in meta["dataset_info"]:
        for split in info["splits"]:
            split["num_bytes"] = 0
    (folder / "README.md").write_text(f"---\n{yaml.safe_dump(meta, sort_keys=False)}---\n", encoding="utf-8")
