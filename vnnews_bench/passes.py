"""Passes: what annotators wrote, each by himself, as it was frozen before anyone compared it.

`passes/MANIFEST.json` says of each pass who annotated, how, by which guidelines and when, and has the sha256 of every file of
`passes/<name>/`: records, `dates/` and `doubts/`.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from vnnews_bench import files
from vnnews_bench.errors import BenchError, Finding, listing


class Pass(msgspec.Struct, frozen=True, kw_only=True):
    """One annotator's pass: who annotated, how, by which guidelines, when, and the sha256 of each file as it was frozen."""

    name: str
    annotator: str
    way: str
    guidelines: str
    frozen: str
    files: dict[str, str]


class Passes(msgspec.Struct, frozen=True):
    """`passes/MANIFEST.json`."""

    passes: list[Pass]


def freeze(root: Path, name: str, annotator: str, way: str, guidelines: str, day: str) -> Pass:
    """States what stands in the folder of a pass. Raises `BenchError` when there is none, or when it was frozen before."""
    manifest = root / "passes" / "MANIFEST.json"
    frozen = msgspec.json.decode(manifest.read_bytes(), type=Passes).passes if manifest.is_file() else []
    if name in [one.name for one in frozen]:
        raise BenchError(f"the pass {name!r} is frozen; what was frozen is not written again")
    folder = root / "passes" / name
    if not any(folder.glob("*.json")):
        there = sorted(path.name for path in folder.parent.glob("*") if path.is_dir())
        raise BenchError(f"{folder}: holds no records; there are passes {listing(there)}")
    digests = {str(path.relative_to(folder.parent)): _digest(path) for path in sorted(folder.rglob("*")) if path.is_file()}
    made = Pass(name=name, annotator=annotator, way=way, guidelines=guidelines, frozen=day, files=digests)
    content = msgspec.json.format(msgspec.json.encode(Passes([*frozen, made])), indent=1)
    files.write_bytes(content + b"\n", manifest)
    return made


def changed(root: Path, passes: Passes) -> Iterator[Finding]:
    """Files that are not what they were when their pass was frozen."""
    for frozen in passes.passes:
        for name, digest in frozen.files.items():
            file = root / "passes" / name
            now = _digest(file) if file.is_file() else "none"
            if now != digest:
                message = f"has sha256 {now[:12]}, frozen was {digest[:12]}"
                yield Finding(code="pass-changed", message=message, file=str(file))


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
