"""Files as streams: compressed or not, the same bytes; damaged ones are told in one line."""

import gzip

import pyarrow
import pytest

from vnnews_bench import streams
from vnnews_bench.cli import options
from vnnews_bench.errors import BenchError

CONTENT = b"".join(b"%d mot dong\n" % n for n in range(200_000))
PACKED = {
    "": CONTENT,
    ".gz": gzip.compress(CONTENT),
    ".zst": pyarrow.compress(CONTENT, codec="zstd", asbytes=True),
}


@pytest.mark.parametrize("packing", PACKED)
def test_the_bytes_are_those_that_were_packed_and_the_reading_is_watched(tmp_path, packing):
    path = tmp_path / f"a.jsonl{packing}"
    path.write_bytes(PACKED[packing])
    told = []
    with streams.watched(lambda file, size: told.append((file, size))), streams.opened(path) as stream:
        first = stream.readline()
        assert first + b"".join(stream) == CONTENT
    assert told[-1] == (path, path.stat().st_size)
    assert len(told) > 1
    assert streams.suffix(path) == ".jsonl"


@pytest.mark.parametrize("packing", [".gz", ".zst"])
@pytest.mark.parametrize("damage", ["cut", "changed", "not packed at all"])
def test_a_damaged_file_is_told_with_its_name(tmp_path, packing, damage):
    path = tmp_path / f"a.jsonl{packing}"
    packed = PACKED[packing]
    middle = len(packed) // 2
    damaged = {
        "cut": packed[:middle],
        "changed": packed[:middle] + b"\xff" * (len(packed) - middle),
        "not packed at all": b"{}",
    }
    path.write_bytes(damaged[damage])
    with (
        pytest.raises(BenchError, match=rf"a\.jsonl\{packing}: cannot be read: .+ \[file-unreadable\]"),
        streams.opened(path) as stream,
    ):
        stream.read()


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(BenchError, match="cannot be read: No such file"), streams.opened(tmp_path / "none.jsonl"):
        pass


def test_a_bar_shows_what_is_read_once_it_takes_long(tmp_path, monkeypatch, capsys):
    path = tmp_path / "tin.jsonl"
    path.write_bytes(CONTENT)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")

    def read():
        with options.reading(), streams.opened(path) as stream:
            b"".join(stream)
        return capsys.readouterr().err

    assert read() == ""
    monkeypatch.setattr(options, "PATIENCE", 0)
    assert "tin.jsonl" in read()
