"""Publishing and loading through a Hub on loopback: what goes wrong on the way there and back."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from compat import CONFIGS, REPOSITORY, command, hashes, hub, python, ways

from vnnews_bench import corpus
from vnnews_bench.hub import build

TAG = f"v{corpus.load().version}"
PARQUET = len(CONFIGS) * len(corpus.splits())  # files of rows; beside them stand six


@pytest.fixture
def served():
    """A fresh Hub and the environment of its client."""
    with hub() as (server, environment):
        yield server, environment


@pytest.fixture(scope="module")
def published():
    """A Hub to which the data was published, not to be changed."""
    with hub() as (server, environment):
        done = command(environment, "publish", REPOSITORY)
        assert done.returncode == 0, done.stderr
        yield server, environment


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """What would be published, built once for the tests that are about the connection."""
    place = tmp_path_factory.mktemp("built") / "dataset"
    build.build(place)
    return place


def sent(environment: dict[str, str], folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What `publish` answers when the folder is there already, and is known to be sound."""
    code = (
        "import contextlib, pathlib, sys\nfrom vnnews_bench.cli import main\nfrom vnnews_bench.hub import publish\n"
        f"publish.built = lambda repository, text: contextlib.nullcontext(pathlib.Path({str(folder)!r}))\n"
        "main(sys.argv[1:])"
    )
    words = [sys.executable, "-c", code, "publish", *arguments]
    return subprocess.run(words, env=environment, cwd=environment["HF_HOME"], capture_output=True, text=True)


def refused(environment: dict[str, str], load: str) -> str:
    """The message of the project's own error that loading raises."""
    code = f"""
try:
    {load}
except vnnews_bench.BenchError as error:
    print(error)
"""
    return python(code, environment).strip()


def test_every_way_gives_the_same_rows(published, tmp_path):
    _, environment = published
    assert command(environment, "build", "-o", tmp_path / "d").returncode == 0
    found = {way: hashes(load, environment) for way, load in ways(tmp_path / "d").items()}
    assert len(found) == 7
    assert all(len(splits) == 4 for splits in found["package"].values())
    assert len({json.dumps(one) for one in found.values()}) == 1


def test_one_commit_and_a_tag(published):
    server, _ = published
    repository = server.repositories[REPOSITORY]
    assert len(repository.commits) == 2
    assert repository.tags == {TAG: repository.branches["main"]}
    assert not repository.private


def test_a_dry_run_changes_nothing(served):
    server, environment = served
    done = command(environment, "publish", REPOSITORY, "--dry-run")
    assert done.returncode == 0, done.stderr
    assert f"{REPOSITORY}: to be created" in done.stdout
    assert "added    hashes.json" in done.stdout
    assert f"tag {TAG}: to be set" in done.stdout
    assert "texts of the articles: included" in done.stdout
    assert not server.repositories
    assert {method for method, _ in server.log} == {"GET"}


def test_publishing_again_changes_nothing(published):
    server, environment = published
    done = command(environment, "publish", REPOSITORY)
    assert done.returncode == 0, done.stderr
    assert "files stay as they are" in done.stdout
    assert len(server.repositories[REPOSITORY].commits) == 2


def test_private_and_without_texts(served):
    server, environment = served
    assert command(environment, "publish", "user/mine", "--private", "--text", "withheld").returncode == 0
    repository = server.repositories["user/mine"]
    assert repository.private
    assert json.loads(repository.commits[-1].files["hashes.json"])["text"] == "withheld"
    anonymous = environment | {"HF_TOKEN": ""}
    message = refused(anonymous, "vnnews_bench.load_dataset('ner', source='hub:user/mine')")
    assert message == "user/mine: there is no such dataset on the Hub, or it is private and you are not logged in"


def test_a_tag_never_moves(served, folder, tmp_path):
    """A second content under the same tag is refused; under a new tag it is a second version beside the first."""
    server, environment = served
    other = tmp_path / "withheld"
    build.build(other, "withheld")
    assert sent(environment, folder, REPOSITORY).returncode == 0
    before = server.repositories[REPOSITORY].commits[-1].id
    done = sent(environment, other, REPOSITORY, "--text", "withheld")
    assert done.returncode == 1
    assert f"{REPOSITORY}: the tag {TAG} stands at {before[:12]}, and this would be another content" in done.stderr
    assert len(server.repositories[REPOSITORY].commits) == 2
    done = sent(environment, other, REPOSITORY, "--text", "withheld", "--revision-tag", "v1.0.0-offsets")
    assert done.returncode == 0, done.stderr
    assert "removed  ner/test-" in done.stdout
    repository = server.repositories[REPOSITORY]
    assert set(repository.tags) == {TAG, "v1.0.0-offsets"}
    splits = [name.partition("-")[0] for name in repository.commits[-1].files if name.startswith("ner/")]
    assert sorted(splits) == ["ner/test", "ner/test_written", "ner/train", "ner/validation"]
    code = f"""
for revision in ({TAG!r}, 'v1.0.0-offsets', {TAG!r}):
    stock = datasets.load_dataset({REPOSITORY!r}, 'ner', split='test', revision=revision)
    own = vnnews_bench.load_dataset('ner', 'test', source='hub:{REPOSITORY}', revision=revision)
    print(stock[0]['tokens'] is None, own[0]['tokens'] is None)
"""
    assert python(code, environment).splitlines() == ["False False", "True True", "False False"]


def test_a_connection_lost_before_the_commit(served, folder):
    """What was uploaded stays; the same command again sends the commit alone, and the tag."""
    server, environment = served
    server.drop("POST", "/commit/main")
    done = sent(environment, folder, REPOSITORY)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(f"Error: {REPOSITORY}: the connection was lost (")
    assert done.stderr.splitlines()[-1].endswith("the same command again goes on where it stopped")
    assert server.count("PUT", "/storage/") == PARQUET
    done = sent(environment, folder, REPOSITORY)
    assert done.returncode == 0, done.stderr
    assert server.count("PUT", "/storage/") == PARQUET
    assert set(server.repositories[REPOSITORY].tags) == {TAG}


def test_a_connection_lost_between_files(served, folder):
    """One of the files is sent again by the client itself."""
    server, environment = served
    server.drop("PUT", "/storage/")
    done = sent(environment, folder, REPOSITORY)
    assert done.returncode == 0, done.stderr
    assert server.count("PUT", "/storage/") == PARQUET + 1
    assert set(server.repositories[REPOSITORY].tags) == {TAG}


def test_a_connection_lost_before_the_tag(served, folder):
    server, environment = served
    server.drop("POST", "/tag/")
    assert sent(environment, folder, REPOSITORY).returncode == 1
    assert not server.repositories[REPOSITORY].tags
    done = sent(environment, folder, REPOSITORY)
    assert done.returncode == 0, done.stderr
    assert f"{PARQUET + 6} files stay as they are" in done.stdout
    assert len(server.repositories[REPOSITORY].commits) == 2
    assert set(server.repositories[REPOSITORY].tags) == {TAG}


def test_without_login(served, folder):
    server, environment = served
    done = sent(environment | {"HF_TOKEN": ""}, folder, REPOSITORY)
    assert done.returncode == 1
    assert "the Hub does not let you do this; log in with `hf auth login`" in done.stderr
    assert not server.repositories


@pytest.mark.parametrize("name", ["a/b/c", "--", "user/vn news"])
def test_a_name_that_is_none(served, name):
    _, environment = served
    done = command(environment, "publish", "--dry-run", "--", name)
    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: {name}: ")
    assert len(done.stderr.splitlines()) == 1


def test_a_revision_that_does_not_exist_is_refused(published):
    _, environment = published
    message = refused(environment, f"vnnews_bench.load_dataset('ner', source='hub:{REPOSITORY}', revision='v9.9.9')")
    assert message == f"{REPOSITORY}: has no revision 'v9.9.9'; its tags are {TAG}"
    message = refused(environment, "vnnews_bench.load_dataset('ner', source='hub:user/other')")
    assert message.startswith("user/other: there is no such dataset on the Hub")
    message = refused(environment, "vnnews_bench.load_dataset('ner', source='hub:not a name')")
    assert message.startswith("not a name: Repo id must")


def test_offline_only_what_is_in_the_cache_and_never_another_revision(published):
    _, environment = published
    load = f"vnnews_bench.load_dataset('ner', 'test', source='hub:{REPOSITORY}', revision=%r)"
    assert python(f"print(len({load % TAG}))", environment).strip() == "125"
    offline = environment | {"HF_HUB_OFFLINE": "1"}
    assert python(f"print(len({load % TAG}))", offline).strip() == "125"
    message = refused(offline, load % "v7.7.7")
    assert message.startswith(f"{REPOSITORY}: revision 'v7.7.7' is not in the cache")


def test_a_file_that_was_damaged_on_the_way_is_refused(served, folder):
    server, environment = served
    assert sent(environment, folder, REPOSITORY).returncode == 0
    name = next(name for name in server.repositories[REPOSITORY].commits[-1].files if name.startswith("ner/"))
    server.damage(name)
    message = refused(environment, f"vnnews_bench.load_dataset('ner', 'test', source='hub:{REPOSITORY}')")
    assert name in message
    assert "the file was changed or damaged" in message
