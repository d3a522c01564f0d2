"""Every rule of validation has a file named after it that breaks it, and no rule is without one.

A `.patch` changes the sound little corpus in one place (`new` null: the file is removed); any other file is a file of records.
"""

import hashlib
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from vnnews_bench import files
from vnnews_bench.cli import main
from vnnews_bench.corpus import manifest
from vnnews_bench.errors import RULES
from vnnews_bench.records import Document
from vnnews_bench.validate import validate_corpus

INVALID = Path(__file__).parent / "invalid"
PATCHES = sorted(INVALID.glob("*.patch"))
FILES = sorted(path for path in INVALID.iterdir() if path.suffix != ".patch")
# what cannot be a file of the repository, and what is no record: other tests break them
ELSEWHERE = {"file-unreadable", "line-too-long", "draft-span", "dataset-folder", "format-unknown", "format-malformed"}
# a broken rule that cannot but break others, too
ALSO = {
    "entity-crossing": {"entity-name-unlisted"},
    "entity-same-span": {"entity-label-registry"},
    "entity-crosses-sentence": {"entity-name-unlisted", "span-edge-space"},
    "entity-name-unlisted": set(),
    "entity-title-inside": {"entity-name-unlisted"},
    "entity-unknown-id": {"registry-unused"},
    "entity-missing-id": {"registry-unused"},
    "registry-duplicate": {"entity-unknown-id", "entity-name-unlisted", "registry-unused"},
    "registry-label": {"entity-label-registry"},
    "span-edge-space": set(),
    "zone-gap": {"sentence-crosses-zone"},
    "corpus-file-missing": {"registry-unused", "link-unknown-event", "occurrence-unknown"},
    "name-two-entities": {"entity-name-unlisted"},
}


def small_document() -> Document:
    corpus = Path(__file__).parent / "corpus"
    return Document(id="mini-1", text=(corpus / "sources" / "mini-1.txt").read_text(encoding="utf-8"))


def test_every_rule_has_a_file_that_breaks_it():
    assert {path.stem for path in [*PATCHES, *FILES]} | ELSEWHERE == set(RULES)


def test_the_little_corpus_is_sound(small: Path):
    assert validate_corpus(root=small) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_file_of_records(path: Path):
    document = small_document()
    _, findings = files.inspect(path, {document.id: document})
    assert {finding.code for finding in findings} == {path.stem}
    for finding in findings:
        assert finding.file == str(path)
        assert finding.level == RULES[path.stem][0]
        if finding.level > 1:
            assert finding.line
            assert finding.path


@pytest.mark.parametrize("path", PATCHES, ids=lambda path: path.stem)
def test_corpus(path: Path, small: Path):
    patch = json.loads(path.read_text(encoding="utf-8"))
    target = small / patch["file"]
    if patch["new"] is None:
        target.unlink()
    else:
        content = target.read_text(encoding="utf-8")
        assert content.count(patch["old"]) == 1
        target.write_text(content.replace(patch["old"], patch["new"]), encoding="utf-8")
    if path.stem != "manifest-mismatch":
        renew_manifest(small)
    findings = validate_corpus(root=small)
    codes = {finding.code for finding in findings}
    assert path.stem in codes
    assert codes <= {path.stem} | ALSO.get(path.stem, set())
    assert all(finding.file and Path(finding.file).is_relative_to(small) for finding in findings)
    assert all(finding.line for finding in findings if finding.path)
    level = RULES[path.stem][0]
    assert path.stem not in {finding.code for finding in validate_corpus(level - 1, root=small)}


def renew_manifest(root: Path) -> None:
    there = [file for file in sorted(root.rglob("*")) if file.is_file() and file.name != "MANIFEST.sha256"]
    lines = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.relative_to(root)}\n" for file in there]
    (root / "MANIFEST.sha256").write_text("".join(lines))


def test_the_manifest_is_read_as_sha256sum_writes_it(small: Path):
    stated = manifest(small)
    assert stated["VERSION"] == hashlib.sha256((small / "VERSION").read_bytes()).hexdigest()


@pytest.mark.parametrize("content", [None, "garbage\n", "\n"])
def test_a_manifest_that_is_missing_or_damaged_vouches_for_nothing(small: Path, content):
    (small / "MANIFEST.sha256").unlink()
    if content is not None:
        (small / "MANIFEST.sha256").write_text(content)
    assert {finding.code for finding in validate_corpus(root=small)} == {"manifest-mismatch"}


def test_two_entities_of_one_name_are_told_without_a_list_of_exceptions(small: Path):
    (small / "exceptions.json").unlink()
    gold = small / "gold" / "mini-1.json"
    content = gold.read_text(encoding="utf-8")
    gold.write_text(
        content.replace(
            '"start":117,"end":120,"text":"Lào","label":"GPE","entity":"gpe:laos"',
            '"start":117,"end":120,"text":"Lào","label":"GPE","entity":"gpe:nghe-an"',
        ),
        encoding="utf-8",
    )
    codes = {finding.code for finding in validate_corpus(root=small)}
    assert {"corpus-file-missing", "name-two-entities"} <= codes


def test_a_finding_in_a_pretty_file_names_the_line_of_the_annotation(small: Path):
    gold = small / "gold" / "mini-1.json"
    gold.write_text(gold.read_text(encoding="utf-8").replace('"start":36', '"start":136'), encoding="utf-8")
    document = small_document()
    _, findings = files.inspect(gold, {document.id: document})
    assert [(finding.code, finding.line, finding.path) for finding in findings] == [("span-empty", 6, "$.entities[2]")]


def test_level_four_of_a_file(tmp_path: Path):
    inside = tmp_path / "p.jsonl"
    inside.write_text('{"id":"core-000","entities":[{"start":13,"end":14,"label":"PER"}]}\n')
    assert CliRunner().invoke(main, ["validate", str(inside)]).exit_code == 0
    result = CliRunner().invoke(main, ["validate", str(inside), "--level", "4", "--format", "json"])
    assert result.exit_code == 1
    findings = json.loads(result.stdout)
    assert {finding["code"] for finding in findings} == {"span-edge-space", "entity-missing-id"}
    assert {(finding["file"], finding["line"], finding["path"]) for finding in findings} == {(str(inside), 1, "$.entities[0]")}
