"""What all tests share: caches of `datasets` in a folder of their own, and a small corpus that people can read."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

# read by datasets and huggingface_hub at import, so set before any test imports them
os.environ["HF_HOME"] = tempfile.mkdtemp(prefix="vnnews-hf-")
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_DATASETS_DISABLE_PROGRESS_BARS"] = "1"

import pytest
from click.testing import CliRunner, Result
from hypothesis import settings

from vnnews_bench.cli import main

TESTS = Path(__file__).parent
sys.path.append(str(TESTS.parent / "benchmarks"))  # at the end, since a script there has the name of a package
settings.register_profile("no deadline", deadline=None)  # a busy machine must not fail a test
settings.load_profile("no deadline")


@pytest.fixture(scope="session", autouse=True)
def _remove_caches():
    yield
    shutil.rmtree(os.environ["HF_HOME"], ignore_errors=True)


@pytest.fixture
def run():
    """The command line: `run("tasks", "--format", "json")` gives click's result."""

    def call(*arguments: object) -> Result:
        return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)

    return call


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A copy of the sound little corpus `tests/corpus`, to be broken."""
    shutil.copytree(TESTS / "corpus", tmp_path / "corpus")
    return tmp_path / "corpus"
