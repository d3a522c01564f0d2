"""The built folder: what stands in it, with words and without, and that nothing wrong with it goes unnoticed."""

import itertools
import json
import shutil
from pathlib import Path

import mlcroissant
import pytest
import yaml
from datasets import get_dataset_config_names
from datasets import load_dataset as hf_load_dataset
from huggingface_hub import parse_eval_result_entries

import vnnews_bench
from vnnews_bench import BenchError, corpus
from vnnews_bench.hub import build, card, check, content, croissant
from vnnews_bench.hub.configs import CONFIGS
from vnnews_bench.hub.fields import flat

VERSION = corpus.load().version
SOURCES = Path(corpus.root()) / "sources"


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("built") / "dataset"
    build.build(folder)
    return folder


@pytest.fixture(scope="module")
def withheld(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("withheld") / "dataset"
    build.build(folder, "withheld")
    return folder


@pytest.fixture
def copy(built, tmp_path) -> Path:
    """A copy of the built folder, to be broken."""
    shutil.copytree(built, tmp_path / "copy")
    return tmp_path / "copy"


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("streaming", [False, True])
def test_the_stock_client_reads_what_was_built(built, config, streaming):
    splits = hf_load_dataset(str(built), config, streaming=streaming)
    assert tuple(splits) == tuple(corpus.splits())
    for split, rows in splits.items():
        own = vnnews_bench.load_dataset(config, split)
        assert rows.features == own.features
        assert list(rows) == own.to_list()


@pytest.mark.parametrize("config", CONFIGS)
def test_the_folder_is_loaded_and_verified(built, config):
    splits = vnnews_bench.load_dataset(config, source=str(built))
    assert tuple(splits) == tuple(corpus.splits())
    for split, rows in splits.items():
        assert rows.to_list() == vnnews_bench.load_dataset(config, split).to_list()


def test_what_is_built_is_sound(built, withheld, run):
    assert check.findings(withheld) == []
    result = run("validate", built)
    assert (result.exit_code, result.output) == (0, "no findings\n")


def test_the_card(built):
    assert get_dataset_config_names(str(built)) == list(CONFIGS)
    page = (built / "README.md").read_text(encoding="utf-8")
    meta = yaml.safe_load(page.split("---")[1])
    data = corpus.load("all")
    assert {config["version"] for config in meta["configs"]} == {data.version}
    assert [config["config_name"] for config in meta["configs"] if config.get("default")] == ["documents"]
    assert meta["annotations_creators"] == ["machine-generated"]
    assert meta["language_creators"] == ["found", "machine-generated"]
    for config, info in zip(meta["configs"], meta["dataset_info"], strict=True):
        assert [file["split"] for file in config["data_files"]] == list(corpus.splits())
        assert [split["name"] for split in info["splits"]] == list(corpus.splits())
    for split in corpus.splits():
        assert f"| `{split}` | " in page
        assert f'split="{split}"' in page
        assert f"`{corpus.load(split).hash[:8]}`" in page
    assert meta["license"] == "other"
    assert meta["license_link"] == "LICENSE"
    for wanted in (
        data.hash,
        corpus.canary(),
        "**No human\nhas checked the gold yet.**",
        "written for this\ncorpus by language models",
        "## Uses",
        "ner-rules",
        "@misc{vnnews_bench",
    ):
        assert wanted in page
    for config in CONFIGS.values():
        assert all(f"`{field.name}`" in page for field in config.fields)
    assert "](annotations/" not in page


def test_without_the_texts_not_a_word_of_them_is_there(withheld):
    """No run of three syllables of an article outside names occurs in any file of the folder, nor in any cell."""
    texts = [document.text for document in corpus.load("test").documents.values()]
    everything = b"".join(contents(withheld).values()).decode(errors="ignore")
    loaded = {name: hf_load_dataset(str(withheld), name) for name in CONFIGS}
    cells = json.dumps([splits["test"].to_list() for splits in loaded.values()], ensure_ascii=False)
    pieces = [text[at : at + 40] for text in texts for at in range(0, len(text) - 40, 40)]
    known = corpus.page("DATASHEET.md")
    assert len(pieces) > 100
    assert [piece for piece in pieces if (piece in everything or piece in cells) and piece not in known] == []
    for name, config in CONFIGS.items():
        for row in loaded[name]["test"]:
            assert all(row[field] is None for field in config.words)
        assert loaded[name]["train"].to_list() == vnnews_bench.load_dataset(name, "train").to_list()
    assert yaml.safe_load((withheld / "README.md").read_text(encoding="utf-8").split("---")[1])["license"] == "cc-by-4.0"


def test_the_texts_come_back_byte_for_byte(built, withheld, tmp_path, run):
    """From files under any name; the folder is then as if it had been built with them."""
    folder, mine = tmp_path / "d", tmp_path / "mine"
    shutil.copytree(withheld, folder)
    (folder / ".git").mkdir()
    mine.mkdir()
    for n, path in enumerate(sorted(SOURCES.glob("*.txt"))):
        shutil.copy(path, mine / f"article {n}")
    (mine / "core-000.txt").write_text("another text")
    result = run("rehydrate", folder, "--sources", mine)
    assert result.exit_code == 0, result.output
    assert contents(folder) == contents(built)
    assert (folder / ".git").is_dir()
    assert run("rehydrate", folder, "--sources", mine).output == f"Error: {folder}: has its texts already\n"


def test_a_text_that_is_missing_leaves_the_folder_as_it_was(withheld, tmp_path, run):
    folder, mine = tmp_path / "d", tmp_path / "mine"
    shutil.copytree(withheld, folder)
    shutil.copytree(SOURCES, mine)
    altered = mine / "core-002.txt"
    altered.write_bytes(altered.read_bytes() + b"\n")
    result = run("rehydrate", folder, "--sources", mine)
    assert result.exit_code == 1
    assert "mine: no file has the sha256 of core-002 (770ad4895ee3f33f…); a text counts byte for byte" in result.output
    assert contents(folder) == contents(withheld)
    result = run("rehydrate", folder, "--sources", tmp_path / "none")
    assert result.output == f"Error: {tmp_path}/none: is no folder; name the one that holds the articles\n"


def test_a_folder_of_another_version_is_not_rehydrated(withheld, tmp_path):
    shutil.copytree(withheld, tmp_path / "d")
    raise_version(tmp_path / "d", "9.0.0")
    with pytest.raises(BenchError, match=rf"holds data 9\.0\.0, this package {VERSION}; install the vnnews-bench that built"):
        build.rehydrate(tmp_path / "d", SOURCES)


def raise_version(folder: Path, version: str) -> None:
    path = folder / content.NAME
    path.write_text(json.dumps(json.loads(path.read_text()) | {"version": version}))


def test_a_build_replaces_a_build_and_nothing_else(tmp_path):
    folder = tmp_path / "d"
    names = build.build(folder, "withheld")
    assert sorted(names) == sorted(contents(folder))
    build.build(folder)
    first = contents(folder)
    build.build(folder)
    assert contents(folder) == first
    (folder / "thesis.tex").write_text("precious")
    with pytest.raises(BenchError, match=r"holds files that no build wrote as they are, thesis\.tex; name another folder"):
        build.build(folder)
    assert (folder / "thesis.tex").read_text() == "precious"
    (folder / "thesis.tex").unlink()
    (folder / "README.md").write_text("my own card")
    with pytest.raises(BenchError, match=r"no build wrote as they are, README\.md"):
        build.build(folder)
    (tmp_path / "file").write_text("x")
    with pytest.raises(BenchError, match="is a file; name a folder"):
        build.build(tmp_path / "file")
    with pytest.raises(BenchError, match=r"file/x: cannot be written"):
        build.build(tmp_path / "file" / "x")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["d", "file"]


def test_a_build_that_fails_leaves_nothing(tmp_path, monkeypatch):
    def broken(*args: object) -> str:
        raise BenchError("broken")

    monkeypatch.setattr(card, "readme", broken)
    with pytest.raises(BenchError, match="broken"):
        build.build(tmp_path / "d")
    assert list(tmp_path.iterdir()) == []


def parquet(folder: Path, config: str) -> Path:
    return next((folder / config).glob("test-*"))


def test_a_damaged_file_is_refused_with_both_hashes(copy, run):
    path = parquet(copy, "ner")
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)
    with pytest.raises(BenchError, match=r"ner/test-.*: has sha256 \w{12}…, hashes\.json has \w{12}…; the file was changed"):
        vnnews_bench.load_dataset("ner", "test", source=copy)
    assert run("validate", copy).exit_code == 1
    path.unlink()
    with pytest.raises(BenchError, match=r"has sha256 nothing…, hashes\.json has"):
        vnnews_bench.load_dataset("ner", "test", source=copy)


def restated(folder: Path) -> None:
    """States the files as they now are, as someone would who changes both."""
    stated = content.stated(folder)
    content.write(folder, stated.version, stated.text, stated.rows)


def test_rows_that_are_not_those_of_the_version_are_refused_with_both_hashes(copy):
    """Changed rows under the same version: first beside the old statement, then with a new one."""
    rows = vnnews_bench.load_dataset("timexes", "test").to_list()
    rows[0]["value"] = "1999"
    CONFIGS["timexes"].dataset(rows, "test").to_parquet(parquet(copy, "timexes"))
    croissant.write(copy, content.stated(copy).rows, "owner/name")
    restated(copy)
    with pytest.raises(BenchError, match=r"rows of timexes/test [\d.]+ have hash \w{16}…, hashes\.json has \w{16}…"):
        vnnews_bench.load_dataset("timexes", "test", source=copy)
    assert any("timexes/test: 62 rows with hash" in str(finding) for finding in check.findings(copy))
    stated = content.stated(copy)
    timexes = stated.rows["timexes"] | {"test": content.state(rows)}
    content.write(copy, stated.version, stated.text, stated.rows | {"timexes": timexes})
    with pytest.raises(BenchError, match=r"have hash \w{16}…, this package has \w{16}…"):
        vnnews_bench.load_dataset("timexes", "test", source=copy)
    raise_version(copy, "9.0.0")  # another version is for its own statement to vouch for
    assert vnnews_bench.load_dataset("timexes", "test", source=copy)[0]["value"] == "1999"


def test_a_folder_that_is_no_dataset(tmp_path):
    with pytest.raises(BenchError, match=r"hashes\.json: cannot be read: .*; `vnnews-bench build` writes it"):
        vnnews_bench.load_dataset("ner", "test", source=tmp_path)
    (tmp_path / "hashes.json").write_text("[]")
    with pytest.raises(BenchError, match=r"hashes\.json: is no statement of a dataset: Expected `object`, got `array`"):
        vnnews_bench.load_dataset("ner", "test", source=tmp_path)


def changed(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new), encoding="utf-8")
    restated(folder)


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("README.md", f"version: {VERSION}", "version: 0.9.0", f"has not the version {VERSION}"),
        ("README.md", "num_examples: 125", "num_examples: 124", "has not the stated splits and numbers of rows"),
        ("README.md", "default: true", "default: false", "documents is not the one default configuration"),
        ("README.md", "license: other", "licence: other", "license is missing"),
        ("croissant.json", f'"version": "{VERSION}"', f'"edition": "{VERSION}"', "version is missing"),
        ("croissant.json", '"license":', '"licence":', "license is missing"),
        ("croissant.json", '"citeAs": "@misc', '"quoteAs": "@misc', "citeAs is missing"),
        ("croissant.json", '"datePublished"', '"dateIssued"', "datePublished is missing"),
        ("croissant.json", '"rai:dataBiases"', '"rai:biases"', "rai:dataBiases is missing"),
        ("croissant.json", "RAI/1.0", "RAI/2.0", "conformsTo is not http://mlcommons.org/croissant/1.1 and"),
        ("croissant.json", '"sha256": "', '"sha256": "0', "is not there with the sha256 that it states"),
        ("croissant.json", '"name": "ner_tags"', '"name": "tags"', "the column ner_tags is not described"),
        ("croissant.json", "{", "", "cannot be read"),
        ("eval.yaml", "evaluation_framework", "framework", "evaluation_framework is missing"),
        ("eval.yaml", "config: quotes", "config: speech", "task quotes: there is no speech/test"),
    ],
)
def test_what_is_wrong_with_a_folder_is_found(copy, name, old, new, message):
    changed(copy, name, old, new)
    findings = check.findings(copy)
    assert findings
    assert any(message in str(finding) and str(copy / name) in str(finding) for finding in findings)
    with pytest.raises(BenchError):
        check.demand(copy)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of rdflib and pandas inside the reference reader
def test_croissant_is_valid_and_every_record_set_is_read(built):
    dataset = mlcroissant.Dataset(str(built / "croissant.json"))
    issues = dataset.metadata.ctx.issues
    assert (issues.errors, issues.warnings) == (set(), set())
    sets = {one.id: one for one in dataset.metadata.record_sets}
    assert list(sets) == [*(f"{name}-{split}" for name in CONFIGS for split in corpus.splits()), "splits", "ner_labels"]
    assert [sets[f"ner-{split}"].description.split(",")[1] for split in corpus.splits()] == [
        f" split {split}: a row per sentence" for split in corpus.splits()
    ]
    assert [dict(leaves(record))["splits/name"] for record in dataset.records("splits")] == list(corpus.splits())
    for (name, config), split in zip(CONFIGS.items(), itertools.cycle(("test", "validation"))):
        rows = [{"split": split, **row} for row in vnnews_bench.load_dataset(name, split).to_list()]
        read = [dict(leaves(record)) for record in dataset.records(f"{name}-{split}")]
        assert len(read) == len(rows)
        for record, row in zip(read, rows, strict=True):
            for path, value in record.items():
                assert value == at(row, path.split("/")[1:]), path
        described = {path.replace("[]", "").replace(".", "/") for path, field in flat(config.fields) if not field.fields}
        assert {path.partition("/")[2] for record in read for path in record} == described | {"split"}
    labels = [dict(leaves(record))["ner_labels/tag"] for record in dataset.records("ner_labels")]
    assert labels == vnnews_bench.load_dataset("ner", "test").features["ner_tags"].feature.names


def leaves(record):
    """The leaves of what the reference reader gives, by path: it has a struct inside a list as a table of its own."""
    for path, value in record.items():
        if isinstance(value, dict):
            yield from ((leaf, plain(item)) for leaf, item in value.items())
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            yield from ((leaf, [plain(one[leaf]) for one in value]) for leaf in value[0])
        elif not isinstance(value, list) or value:
            yield path, plain(value)


def plain(value):
    """A value of the reference reader as builtins; texts come as bytes."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, bytes):
        return value.decode()
    return value.item() if hasattr(value, "item") else value


def at(value, path):
    """What stands at a path of a row, through lists."""
    if value is None or not path:
        return value
    return [at(item, path) for item in value] if isinstance(value, list) else at(value[path[0]], path[1:])


def test_the_responsible_ai_fields_are_the_datasheets():
    for heading in croissant.ANSWERS.values():
        assert len(croissant.prose(heading)) > 100
        assert "|" not in croissant.prose(heading)
    with pytest.raises(KeyError):
        croissant.prose("Nonsense")


def test_results_for_the_hub(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run("predict", "ner-rules", "-o", "p.jsonl")
    result = run("evaluate", "p.jsonl", "--export", "eval-results", "--format", "json")
    assert result.exit_code == 0, result.output
    score = json.loads(result.stdout)["tasks"]["ner"]
    path = tmp_path / ".eval_results" / "vnnews-bench-ner.yaml"
    entries = parse_eval_result_entries(yaml.safe_load(path.read_text(encoding="utf-8")))
    assert [path] == list(path.parent.iterdir())
    assert entries[0].value == round(100 * score["metrics"]["strict"]["f1"], 2)
    assert entries[0].notes == score["signatures"]["strict"]
    assert (entries[0].task_id, entries[0].dataset_revision) == ("ner", f"v{corpus.load().version}")


def test_results_of_the_second_test_have_files_and_names_of_their_own(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for split in ("test", "test_written"):
        run("predict", "ner-rules", "--split", split, "-o", "p.jsonl")
        assert run("evaluate", "p.jsonl", "--split", split, "--export", "eval-results").exit_code == 0
    first, second = sorted((tmp_path / ".eval_results").iterdir(), key=lambda path: len(path.name))
    assert (first.name, second.name) == ("vnnews-bench-ner.yaml", "vnnews-bench-ner-test_written.yaml")
    (entry,) = parse_eval_result_entries(yaml.safe_load(second.read_text(encoding="utf-8")))
    assert entry.task_id == "ner-test_written"
    assert "|split:test_written|" in entry.notes


@pytest.mark.parametrize("option", [("--zones", "all"), ("--view", "uner"), ("--gold", "p.jsonl")])
def test_a_score_that_is_not_the_benchmarks_is_not_exported(option, run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run("predict", "capitals", "-o", "p.jsonl")
    result = run("evaluate", "p.jsonl", "--export", "eval-results", *option)
    assert result.exit_code == 1
    assert "an evaluation result is a score of test or test_written as it is; this one has" in result.output
    assert not (tmp_path / ".eval_results").exists()


def test_an_undefined_score_is_not_exported(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "p.jsonl").write_text('{"id": "core-000", "timexes": []}\n')
    result = run("evaluate", "p.jsonl", "--export", "eval-results")
    assert result.exit_code == 1
    assert "dates: anchored is not defined for these records" in result.output
