"""Files of columns in blocks of any size are what the plain reader says of the whole file."""

import gzip
import io
import re
import time
import tracemalloc
from pathlib import Path

import numpy as np
import plain_columns
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from plain_columns import RefusedError
from seqeval.metrics import f1_score

from vnnews_bench import evaluate, formats
from vnnews_bench.counts import UNIT
from vnnews_bench.errors import BenchError
from vnnews_bench.formats import blocks, lines, pairing
from vnnews_bench.formats.blocks import Reader
from vnnews_bench.report import sheets
from vnnews_bench.tags import tag_of

SIZES = (1, 7, 30, 200, 2**20)
# what a later block can break, since the first one decides for the whole file
LATE = re.compile(
    r"has a tab; the columns above are between spaces|column \d+ has tags of entities above|does not begin with a number"
    r"|has an entity in column \d+, which has none above"
)
WORDS = ("Lan", "Đà_Nẵng", "-", "#", "<a>", "2031", "“", "nghiêng-nghiêng-nghiêng", "😀", "O", "-Dock", "a\rb", "²", "à\u00a0")
LABELS = (
    "PER",
    "LOC",
    "SYMPTOM_AND_DISEASE",
    "A_LABEL_OF_MORE_THAN_THIRTY_TWO_BYTES_1",
    "A_LABEL_OF_MORE_THAN_THIRTY_TWO_BYTES_2",
    "NP",
    "Bệnh",
)
BETWEEN = (
    *(
        "",
        "",
        "",
        " ",
        "\r",
        "</s>",
        "<s>",
        "# sent_id = 3",
        "# text = một hai",
        "-DOCSTART- O",
        " -DOCSTART- O",
        "# newdoc id = a",
    ),
    *("# newdoc", '<doc id="b">', "</doc>", "#begin document (c); part 000", "#end document"),
)


@st.composite
def columns(draw, levels=None):
    """The bytes of a file of columns, sound but for a rare line."""
    by_tab = draw(st.booleans())
    letters = draw(st.sampled_from(["BI", "BI", "BIES", "BILU", "BIESLU"]))
    tag = st.one_of(st.just("O"), st.builds("{}-{}".format, st.sampled_from(letters), st.sampled_from(LABELS)))
    levels = draw(st.integers(1, 3)) if levels is None else levels
    numbered, classes = draw(st.booleans()), draw(st.booleans())
    end = draw(st.sampled_from(["\n", "\n", "\r\n"]))
    odd = draw(st.booleans())
    made = []
    for _ in range(draw(st.integers(1, 5))):
        for n in range(draw(st.integers(1, 5))):
            cells = [str(n + 1)] * numbered + [draw(st.sampled_from(WORDS))] + ["N"] * classes
            cells += [draw(tag) for _ in range(levels)]
            if by_tab and draw(st.integers(0, 9)) == 0:
                cells[-levels - 1 - classes] += " hai"
            separator = "\t" if by_tab else " "
            line = separator.join(cells)
            if odd and draw(st.integers(0, 5)) == 0:
                change = draw(st.sampled_from(["end", "start", "double", "drop", "tag", "mixed", "\r", "wide", "tail"]))
                line = {
                    "end": line + separator, "start": separator + line, "double": line.replace(separator, separator * 2, 1),
                    "drop": line.rpartition(separator)[0], "tag": line + "X-", "mixed": line.replace(separator, " \t", 1),
                    "\r": line + "\r", "wide": line.replace(separator, f"  {separator} "), "tail": line + f" {separator}\r ",
                }[change]  # fmt: skip
            made.append(line)
        made += draw(st.lists(st.sampled_from(BETWEEN), min_size=1, max_size=2))
    text = end.join(made) + draw(st.sampled_from(["", end]))
    return draw(st.sampled_from([b"", b"", b"\xef\xbb\xbf"])) + text.encode()


def read(raw):
    """Documents and sentences, as the plain reader has them."""
    labels = {}
    reader = Reader(io.BytesIO(raw), Path("b.conll"), labels)
    sentences = []
    for block in reader:
        for n in range(len(block.heads)):
            part = block.part(n, n + 1)
            tags = [[tag_of(code, tuple(labels)) for code in codes.tolist()] for codes in part.tags]
            sentences.append(plain_columns.Sentence(int(part.owner[0]), part.tokens(), tags, part.line.tolist()))
    return reader.documents, sentences


@settings(max_examples=250)
@given(raw=columns())
@example(raw=b"a B-PER\nb O\n\nc\tO\n")
@example(raw=b"\n\n")
def test_blocks_of_any_size_are_the_file(raw):
    try:
        expected, refusal = plain_columns.parse(raw), None
    except RefusedError as error:
        expected, refusal = None, error
    before = blocks.BLOCK
    try:
        for size in SIZES:
            blocks.BLOCK = size
            try:
                found = read(raw)
            except BenchError as error:
                told = str(error)
                assert refusal is not None or (size < SIZES[-1] and LATE.search(told)), told
                if size == SIZES[-1] or not (LATE.search(told) or b" \t" in raw):  # a tab says that there was one column
                    line, message = refusal.args
                    assert told.startswith(f"b.conll{'' if line is None else f':{line}'}: {message}"), size
                continue
            assert refusal is None, size
            assert found == expected, size
    finally:
        blocks.BLOCK = before


@st.composite
def pairs(draw):
    """Two files of the same sentences, the gold with documents, both with one or two levels; and whether to read strictly."""
    sides, strict = [], draw(st.booleans())
    lengths = draw(st.lists(st.integers(1, 6), min_size=1, max_size=6))
    words = [[draw(st.sampled_from(WORDS)) for _ in range(n)] for n in lengths]
    begun = [draw(st.sampled_from(["", "", "-DOCSTART- O\n\n", "# newdoc id = x\n"])) for _ in lengths]
    for side in range(2):
        letters = draw(st.sampled_from(["BI", "BI", "BIES", "BILU", "BIESLU"]))
        tag = st.one_of(st.just("O"), st.builds("{}-{}".format, st.sampled_from(letters), st.sampled_from(LABELS)))
        levels = draw(st.integers(1, 2))
        lines = []
        for n, tokens in enumerate(words):
            lines.append(begun[n] if side == 0 else "")
            lines += ["\t".join([token, *(draw(tag) for _ in range(levels))]) + "\n" for token in tokens]
            lines.append("\n")
        sides.append("".join(lines).encode())
    return (*sides, strict)


def paired(folder, strict, size, refused):
    """Both files in blocks of that size; `None` where that is refused, as it must be, or may be in small ones."""
    before = blocks.BLOCK
    try:
        blocks.BLOCK = size
        pair = pairing.pair(folder / "p.conll", folder / "g.conll", strict)
    except BenchError as error:
        pair = None
        told = str(error)
    finally:
        blocks.BLOCK = before
    if size == 2**20:
        assert refused == (pair is None and "is no tag of" in told)
        assert refused or pair is not None
    return pair


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=pairs())
def test_two_files_count_as_the_plain_definition_does(tmp_path, files):
    gold, predicted, strict = files
    try:
        documents, left = plain_columns.parse(gold)
        _, right = plain_columns.parse(predicted)
    except RefusedError:
        return  # held above
    if [sentence.tokens for sentence in left] != [sentence.tokens for sentence in right]:
        return  # where all tokens are numbers and there are two levels, the first of them is the token
    tags = [[sentence.tags[0] for sentence in side] for side in (left, right)]
    scheme = plain_columns.scheme_of(tags[0])
    both = scheme, plain_columns.scheme_of(tags[1], scheme)
    letters = [{tag[0] for row in side for tag in row} for side in tags]
    (tmp_path / "g.conll").write_bytes(gold)
    (tmp_path / "p.conll").write_bytes(predicted)
    foreign = any(side - set(plain_columns.LETTERS[name]) - {"O"} for side, name in zip(letters, both, strict=True))
    found = [pair for size in (20, 2**20) if (pair := paired(tmp_path, strict, size, strict and foreign))]
    for pair in found:
        assert (pair.schemes, pair.texts, pair.sentences) == (both, tuple(documents), len(left))
        assert pair.repairs == ((0, 0) if strict else tuple(map(plain_columns.illegal, tags, both)))
        expected = plain_columns.counts(*tags, [sentence.document for sentence in left], both if strict else (None, None))
        assert list(pair.labels) == sorted({tag[2:] for side in tags for row in side for tag in row if tag != "O"})
        for name, units in pair.units.items():
            names = pair.labels if name != "span" and pair.labels else ("",)
            cells = {
                (text, label): tuple(units[text, n] / UNIT) for text in range(len(documents)) for n, label in enumerate(names)
            }
            assert {cell for cell, row in cells.items() if any(row)} == set(expected[name])
            for cell, row in expected[name].items():
                assert cells[cell] == pytest.approx(row, abs=1e-9)
        for losses, side in zip(pair.losses, (left, right), strict=True):
            inner = [[sentence.tags[level] for sentence in side] for level in range(1, len(side[0].tags))]
            told = [f"{label} of level 2" for rows in inner for _, label, _, _ in plain_columns.spans(rows)]
            assert [loss.message for loss in losses] == told


def test_inner_spans_beyond_a_number_are_told_by_label(tmp_path, monkeypatch):
    monkeypatch.setattr(pairing, "LISTED", 3)
    monkeypatch.setattr(blocks, "BLOCK", 60)
    path = tmp_path / "g.conll"
    rows = "Đại\tB-ORG\tO\nhọc\tI-ORG\tB-LOC\nHuế\tI-ORG\tB-PER\n\n"
    path.write_text(rows * 20, encoding="utf-8")
    report = evaluate(path, gold=path)
    losses = report.losses["gold"]
    assert [(loss.message, loss.line, loss.times) for loss in losses] == [
        ("LOC of level 2", 2, 1), ("PER of level 2", 3, 1), ("LOC of level 2", 6, 1),
        ("PER of level 2", 7, 19), ("LOC of level 2", 10, 18),
    ]  # fmt: skip
    assert report.as_dict()["losses"]["gold"] == [{"kind": "nested", "losses": 40, "annotations": 40}]
    assert [sheet.rows for sheet in sheets(report) if "gold: not taken over" in sheet.title] == [
        [("nested", 40, 40, "d1 line 2: LOC of level 2")]
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a B-PER\n\nb\tO\n", "b.conll:3: has a tab; the columns above are between spaces"),
        ("a B-PER O\nb O O\n\n" + "b O B-LOC\n\nb N O\n", "b.conll:6: 'N' is no tag; column 2 has tags of entities above"),
        ("1 a O\n\nb a O\n", "b.conll:3: does not begin with a number, as the lines above do"),
        ("a O O\n\nb B-PER O\n", "b.conll:3: has an entity in column 2, which has none above; put such a sentence first"),
        ("a O\n\nb X\n", "b.conll:3: 'X' is no tag; tags are O"),
        ("a O\n\n\nb\n", "b.conll:4: has 1 columns, line 1 has 2"),
        (b"a O\n\nb O\n\xff O\n\nc O\n", "b.conll:4: is not UTF-8 text"),
    ],
)
def test_a_later_block_that_breaks_what_the_first_one_says_is_refused_with_its_line(monkeypatch, content, message):
    monkeypatch.setattr(blocks, "BLOCK", 5)
    with pytest.raises(BenchError) as caught:
        read(content if isinstance(content, bytes) else content.encode())
    assert str(caught.value).startswith(message)


def test_a_column_that_is_no_level_after_all_is_passed_over(monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK", 5)
    _, sentences = read(b"a B-NP O\n\nb N O\n\nc B-PER O\n")
    assert [sentence.tags for sentence in sentences] == [[["O"]]] * 3


@given(st.lists(st.one_of(st.characters().map(str.encode), st.binary(max_size=3)), max_size=6).map(b"".join))
@example(b"\xe0\x80\x80")
@example(b"\xed\xa0\x80")
@example(b"\xf4\x90\x80\x80")
@example(b"\xc0\xaf")
def test_bytes_are_text_exactly_where_they_decode(raw):
    raw += b"\n"
    try:
        raw.decode()
    except UnicodeDecodeError:
        assert not lines.is_utf8(raw + lines.PAD, len(raw))
    else:
        assert lines.is_utf8(raw + lines.PAD, len(raw))


@pytest.mark.parametrize("size", [3, 2**20])
@pytest.mark.parametrize("tail", ["", "n", "nghiêng", "nghiêng-nghiêng-nghiêng"])
def test_tokens_are_compared_to_their_last_byte(tmp_path, monkeypatch, size, tail):
    monkeypatch.setattr(blocks, "BLOCK", size)
    gold, predicted = tmp_path / "g.conll", tmp_path / "p.conll"
    rest = "x\tO\n\n" * 3
    gold.write_text(f"{rest}b\tO\n{tail}a\tO\n\n{rest}", encoding="utf-8")
    for other in ("e", "aa", "à"):
        predicted.write_text(f"{rest}b\tO\n{tail}{other}\tO\n\n{rest}", encoding="utf-8")
        with pytest.raises(BenchError) as caught:
            evaluate(predicted, gold=gold)
        assert f"p.conll:8: {tail + other!r}, where {gold}:8 has {tail + 'a'!r}" in str(caught.value)
    predicted.write_text(gold.read_text(encoding="utf-8").replace("\t", " "), encoding="utf-8")
    assert evaluate(predicted, gold=gold).signature["sentences"] == 7


def test_tags_of_one_key_are_told_apart(monkeypatch):
    monkeypatch.setattr(blocks, "_MIX", np.uint64(0))  # every tag has the same key
    _, sentences = read(b"a B-PER\nb B-LOC\nc I-LOC\nd B-PER\n")
    assert sentences[0].tags == [["B-PER", "B-LOC", "I-LOC", "B-PER"]]


def test_compressed_files_score_as_what_is_in_them(tmp_path):
    (tmp_path / "g.conll").write_text("Lan\tB-PER\n\nHuế\tB-LOC\n", encoding="utf-8")
    (tmp_path / "g.conll.gz").write_bytes(gzip.compress((tmp_path / "g.conll").read_bytes()))
    plain, packed = (evaluate(tmp_path / name, gold=tmp_path / name) for name in ("g.conll", "g.conll.gz"))
    assert packed.as_dict() == plain.as_dict()
    assert formats.read(tmp_path / "g.conll.gz").records == formats.read(tmp_path / "g.conll").records


def test_a_file_may_be_larger_than_one_that_is_held_in_memory(tmp_path, monkeypatch):
    path = written(tmp_path / "g.conll", 4000)
    monkeypatch.setattr(formats, "LARGEST", 2**20 + 1)
    assert path.stat().st_size > formats.LARGEST
    assert evaluate(path, gold=path).signature["sentences"] == 4000
    with pytest.raises(BenchError, match="has more than 1 MiB"):
        formats.read(path)


def written(path, sentences, shift=0):
    """A file of sentences of 25 tokens and three spans, with a document for every 100; `shift` moves some spans."""
    tags = ["O"] * 25
    for at, label in ((2, "PER"), (9, "LOC"), (17, "ORG")):
        tags[at : at + 2] = [f"B-{label}", f"I-{label}"]
    moved = [*tags[shift:], *tags[:shift]]
    whole = ["".join(f"nghiêng{n % 7}\t{tag}\n" for n, tag in enumerate(row)) + "\n" for row in (tags, moved)]
    with path.open("w", encoding="utf-8") as file:
        for n in range(sentences):
            file.write("-DOCSTART-\tO\n\n" if n % 100 == 0 else "")
            file.write(whole[n % 10 == 0])
    return path


@pytest.mark.parametrize("tags", ["repair", "strict"])
def test_memory_does_not_grow_with_the_sentences(tmp_path, tags):
    evaluate(written(tmp_path / "w.conll", 10), gold=tmp_path / "w.conll", tags=tags)  # what is imported once
    peaks = []
    for sentences in (20_000, 80_000):
        gold, predicted = written(tmp_path / "g.conll", sentences), written(tmp_path / "p.conll", sentences, 1)
        tracemalloc.start()
        evaluate(predicted, gold=gold, tags=tags)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 600 * 10_000, peaks  # 600 documents more


def test_two_files_cost_less_than_parsing_them_and_seqeval(tmp_path):
    """At least five times less CPU time; `make bench` has the figure for a million sentences."""
    gold, predicted = written(tmp_path / "g.conll", 20_000), written(tmp_path / "p.conll", 20_000, 1)

    def ours():
        return evaluate(predicted, gold=gold).tasks["ner"].metrics["strict"].total.f1

    def theirs():
        return f1_score(*(lists(path) for path in (gold, predicted)))

    ours()
    (mine, fast), (other, slow) = seconds(ours), seconds(theirs)
    assert mine == pytest.approx(other)
    assert slow > 5 * fast, (slow, fast)


def lists(path):
    """The tags of every sentence, as a plain loop reads them."""
    found = [[]]
    with path.open(encoding="utf-8") as file:
        for line in file:
            if line.startswith("-DOCSTART-"):
                continue
            if line == "\n":
                found.append([])
            else:
                found[-1].append(line.rstrip("\n").split("\t")[-1])
    return [tags for tags in found if tags]


def seconds(call):
    """What a call returns, and its CPU seconds."""
    began = time.process_time()
    value = call()
    return value, time.process_time() - began
