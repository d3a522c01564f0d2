"""Files of columns: read in every scheme, paired without a text, and scored to seqeval's own counts."""

from pathlib import Path

import numpy as np
import plain_columns
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from seqeval import scheme as seqeval_schemes
from seqeval.metrics.sequence_labeling import precision_recall_fscore_support as default_scores
from seqeval.metrics.v1 import precision_recall_fscore_support as strict_scores

from vnnews_bench import evaluate, formats
from vnnews_bench.counts import as_counts, columns, tally, whole
from vnnews_bench.errors import BenchError
from vnnews_bench.formats import schemes
from vnnews_bench.records import Document, Entity, Record
from vnnews_bench.tags import code_of, inside, spans

COLUMNS = Path(__file__).parent / "formats" / "conll"
LABELS = ("PER", "LOC")


@st.composite
def sentences(draw, scheme):
    """Gold and predicted tags of equal lengths in the letters of a scheme, legal or not."""
    letters = schemes.SCHEMES[scheme]
    tags = st.sampled_from(["O", *(f"{letter}-{label}" for letter in letters for label in LABELS)])
    lengths = draw(st.lists(st.integers(1, 8), min_size=1, max_size=4))
    return tuple([draw(st.lists(tags, min_size=n, max_size=n)) for n in lengths] for _ in range(2))


def legal(spans, length, scheme):
    """The tags of flat (start, end, label) spans."""
    tags = ["O"] * length
    begins = {"IOB1": "II", "IOB2": "BI", "IOBES": "BE", "BILOU": "BL"}[scheme]
    single = {"IOB1": "I", "IOB2": "B", "IOBES": "S", "BILOU": "U"}[scheme]
    for start, end, label in spans:
        inside = [begins[0], *"I" * (end - start - 2), begins[1]] if end - start > 1 else [single]
        if scheme == "IOB1" and start and tags[start - 1][2:] == label:
            inside[0] = "B"
        tags[start:end] = [f"{letter}-{label}" for letter in inside]
    return tags


@st.composite
def flat_spans(draw, length=12):
    found, at = [], 0
    while at < length:
        at += draw(st.integers(0, 2))
        size = draw(st.integers(1, 3))
        if at + size > length:
            break
        found.append((at, at + size, draw(st.sampled_from(LABELS))))
        at += size
    return found


def read(sentences, scheme=None, labels=LABELS):
    """The spans as (sentence, label, start, end), as the arrays have them; strictly in a scheme."""
    codes = [0 if tag == "O" else code_of(tag[0], labels.index(tag[2:])) for tags in sentences for tag in tags]
    heads = np.cumsum([0, *map(len, sentences)])[:-1]
    tokens = inside(np.array(codes, dtype=np.int32), heads[[len(tags) > 0 for tags in sentences]])
    assert schemes.illegal(schemes.steps(tokens), scheme or "IOB2") == plain_columns.illegal(sentences, scheme or "IOB2")
    for known in (None, *schemes.SCHEMES):
        assert schemes.scheme_of(schemes.steps(tokens), known) == plain_columns.scheme_of(sentences, known)
    found = spans(tokens) if scheme is None else schemes.well_formed(tokens, scheme)
    rows = [(int(np.searchsorted(heads, row[1], side="right")) - 1, *map(int, row)) for row in zip(*found, strict=True)]
    return [(n, labels[label], start - int(heads[n]), end - int(heads[n])) for n, label, start, end in rows]


def counts_of(gold, predicted, scheme=None):
    """Counts by label of the strict metric over tokens."""
    rows = []
    for side in (gold, predicted):
        found = read(side, scheme)
        table = np.array([(n, LABELS.index(label), a, b) for n, label, a, b in found], dtype=np.int64).reshape(-1, 4)
        rows.append(columns(LABELS, *table.T))
    units = tally(*(whole(side, (side.start, side.end)) for side in rows), len(gold)).sum(axis=0)
    return {label: as_counts(row) for label, row in zip(LABELS, units, strict=True)}


@pytest.mark.parametrize("mode", ["repair", "strict"])
@pytest.mark.parametrize("scheme", schemes.SCHEMES)
@settings(max_examples=150)
@given(data=st.data())
def test_any_tags_give_seqevals_own_counts(scheme, mode, data):
    gold, predicted = data.draw(sentences(scheme))
    ours = counts_of(gold, predicted, scheme if mode == "strict" else None)
    if mode == "strict":
        options = {"scheme": getattr(seqeval_schemes, scheme)}
        scores = lambda **more: strict_scores(gold, predicted, average=None, zero_division=0, **options, **more)  # noqa: E731
        names = sorted(
            seqeval_schemes.Entities(gold, **options).unique_tags | seqeval_schemes.Entities(predicted, **options).unique_tags
        )
    else:
        left, right = ([plain_columns.translated(tags) for tags in side] for side in (gold, predicted))
        scores = lambda: default_scores(left, right, average=None, zero_division=0)  # noqa: E731
        names = sorted({tag[2:] for row in [*left, *right] for tag in row if tag != "O"})
    if not names:
        assert not any(c.gold or c.predicted for c in ours.values())
        return
    precision, recall, _, support = scores()
    for n, name in enumerate(names):
        assert ours[name].gold == support[n]
        assert (ours[name].precision or 0) == pytest.approx(precision[n], abs=1e-12)
        assert (ours[name].recall or 0) == pytest.approx(recall[n], abs=1e-12)
    assert not any(c.gold or c.predicted for name, c in ours.items() if name not in names)


@pytest.mark.parametrize("scheme", schemes.SCHEMES)
@given(flat=flat_spans())
def test_legal_tags_of_every_scheme_are_the_same_spans(scheme, flat):
    tags = [legal(flat, 12, scheme)]
    assert plain_columns.illegal(tags, scheme) == 0
    for name in (None, scheme, plain_columns.scheme_of(tags)):
        assert [(start, end, label) for _, label, start, end in read(tags, name)] == flat, name


@given(data=st.data(), scheme=st.sampled_from(list(schemes.SCHEMES)))
def test_legal_and_nothing_to_repair_are_the_same(data, scheme):
    tags, _ = data.draw(sentences(scheme))
    if plain_columns.illegal(tags, scheme) == 0:
        assert read(tags) == read(tags, scheme)


@pytest.mark.parametrize("scheme", schemes.SCHEMES)
@settings(max_examples=300)
@given(data=st.data())
def test_any_tags_are_read_as_seqeval_reads_them(scheme, data):
    for tags in data.draw(sentences(scheme)):
        assert read(tags, scheme) == plain_columns.spans(tags, scheme)
        assert read(tags) == plain_columns.spans(tags)


def as_file(path, sentences, head=""):
    lines = [[f"w{n}_{i}\t{tag}" for i, tag in enumerate(tags)] for n, tags in enumerate(sentences)]
    path.write_text(head + "\n\n".join("\n".join(part) for part in lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("mode", ["repair", "strict"])
@given(data=st.data())
def test_two_files_score_as_their_tags_do_and_nothing_is_dropped_silently(tmp_path_factory, mode, data):
    folder = tmp_path_factory.mktemp("columns")
    gold, predicted = data.draw(sentences("IOB2"))
    gold.append(["B-PER", "I-PER", "O"] * 4)  # enough legal tags to show the scheme
    gold.append(["B-LOC", "O"] * 4)
    predicted += [["O"] * 12, ["B-LOC", "O"] * 4]
    left, right = as_file(folder / "p.conll", predicted), as_file(folder / "g.conll", gold)
    pair = formats.paired(left, right, None, mode)
    assert pair is not None
    table = evaluate(left, gold=right, tags=mode).tasks["ner"].metrics["strict"]
    again = counts_of(gold, predicted, pair.schemes[0] if mode == "strict" else None)
    assert table.by_label == again
    for path, tags in ((left, predicted), (right, gold)):
        found = formats.read(path, tags=mode)
        kept = sum(len(record.entities or ()) for record in found.records)
        assert kept + sum(loss.annotations for loss in found.losses) == len(read(tags))


@pytest.mark.parametrize("path", sorted(COLUMNS.glob("*.conll")), ids=lambda path: path.stem)
def test_a_file_in_a_dialect_says_what_it_shows(path):
    """Each file's last lines, `#expect TEXT LABEL`, list its entities as words of the text that it carries."""
    lines = path.read_text(encoding="utf-8").split("\n")
    expected = [tuple(line[len("#expect ") :].rsplit(" ", 1)) for line in lines if line.startswith("#expect ")]
    content = "\n".join(line for line in lines if not line.startswith("#expect "))
    path = path.with_suffix(".tmp")
    try:
        path.write_text(content, encoding="utf-8")
        assert formats.sniff(path) == "conll"
        read = formats.read(path)
    finally:
        path.unlink()
    found = [(read.texts[r.id].text[e.start : e.end], e.label) for r in read.records for e in r.entities or ()]
    assert found == expected


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a\tO\nb\tO\tx\n", "b.conll:2: has 3 columns, line 1 has 2 [format-malformed]"),
        ("a\tO\nb\tPER\n", "b.conll:2: 'PER' is no tag; tags are O, and B- I- E- S- L- or U- before a label"),
        ("a\tO\nb\n", "b.conll:2: has 1 columns, line 1 has 2"),
        ("a\nb\n", "b.conll:1: is one column"),
        ("-DOCSTART-\n\n", "b.conll: holds no token"),
        ("Lan\tB-PER\tB-PER\n", "b.conll:1: columns 2 and 3 have mostly the same tags"),
        (b"a\tO\n\xff\tO\n", "b.conll:2: is not UTF-8 text [text-encoding]"),
    ],
)
def test_a_file_at_fault_is_refused_with_its_line(tmp_path, monkeypatch, content, message):
    monkeypatch.chdir(tmp_path)
    Path("b.conll").write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(BenchError) as caught:
        formats.read("b.conll", input="conll")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("predicted", "message"),
    [
        ("a\tO\nc\tO\n\nd\tO\n", "p.conll:2: 'c', where g.conll:2 has 'b'"),
        ("a\tO\n\nd\tO\n", "p.conll:1: the sentence ends, where g.conll:2 has 'b'"),
        ("a\tO\nb\tO\nx\tO\n\nd\tO\n", "p.conll:3: 'x', where the sentence of g.conll:2 has ended"),
        ("a\tO\nb\tO\n", "p.conll:2: has 1 sentences, g.conll has 2"),
    ],
)
def test_files_with_other_tokens_do_not_pair(tmp_path, monkeypatch, predicted, message):
    monkeypatch.chdir(tmp_path)
    Path("g.conll").write_text("a\tO\nb\tO\n\nd\tO\n")
    Path("p.conll").write_text(predicted)
    with pytest.raises(BenchError) as caught:
        evaluate("p.conll", gold="g.conll")
    assert message in str(caught.value)


def test_schemes_of_both_sides_are_told_apart(tmp_path):
    gold = as_file(tmp_path / "g.conll", [["B-PER", "I-PER", "O", "B-PER"]])
    for tags, scheme, shared in [
        (["B-PER", "E-PER", "O", "S-PER"], "IOBES", 2),
        (["B-PER", "L-PER", "O", "U-PER"], "BILOU", 2),
        (["I-PER", "I-PER", "O", "I-PER"], "IOB2", 0),
    ]:
        predicted = as_file(tmp_path / "p.conll", [tags])
        report = evaluate(predicted, gold=gold, tags="strict")
        assert report.signature["scheme"] == f"IOB2+{scheme}"
        assert report.tasks["ner"].metrics["strict"].total.shared == shared
        assert evaluate(predicted, gold=gold).tasks["ner"].metrics["strict"].total.shared == 2
    assert evaluate(predicted, gold=gold).signature["repairs"] == "0+2"


def test_seqevals_report_stands_beside_ours(run, tmp_path):
    gold = as_file(tmp_path / "g.conll", [["B-PATIENT", "I-PATIENT", "O", "B-AGE"]])
    predicted = as_file(tmp_path / "p.conll", [["B-PATIENT", "I-PATIENT", "O", "I-AGE"]])
    lenient = run("evaluate", predicted, "--gold", gold, "--with", "seqeval").stdout
    assert "AGE     1.0000" in lenient
    assert "PATIENT" in lenient.partition("seqeval on the same tags")[0]
    strict = run("evaluate", predicted, "--gold", gold, "--with", "seqeval", "--tags", "strict").stdout
    assert "AGE     0.0000" in strict
    refused = run("evaluate", predicted, "--with", "seqeval")
    assert (refused.exit_code, "two files of columns" in refused.stderr) == (1, True)


def test_writing_says_what_columns_cannot_hold():
    text = "Đại học Huế mở cửa.\nHuếđẹp"
    entities = (
        Entity(start=0, end=11, label="ORG", entity="org:x"),
        Entity(start=8, end=11, label="GPE"),
        Entity(start=20, end=23, label="GPE"),
    )
    record = Record(id="a", entities=entities, timexes=())
    written = formats.write([record], {"a": Document(id="a", text=text)}, "conll")
    assert [(loss.kind, loss.annotations) for loss in written.losses] == [("field", 0), ("nested", 1), ("edges", 0)]
    content = written.files["records.conll"].decode()
    assert content.startswith("# newdoc id = a\nĐại\tB-ORG\nhọc\tI-ORG\nHuế\tI-ORG\nmở\tO\n")


@example([(0, 3, "PER")])
@given(flat_spans())
def test_what_is_written_in_columns_is_read_again(tmp_path_factory, spans):
    words = [f"t{n}" for n in range(12)]
    places = [(3 * n, 3 * n + 2) if n < 10 else (30 + 4 * (n - 10), 33 + 4 * (n - 10)) for n in range(12)]
    document = Document(id="a", text=" ".join(words))
    entities = tuple(Entity(start=places[a][0], end=places[b - 1][1], label=label) for a, b, label in spans)
    written = formats.write([Record(id="a", entities=entities)], {"a": document}, "conll")
    path = tmp_path_factory.mktemp("w") / "w.conll"
    path.write_bytes(written.files["records.conll"])
    assert written.losses == ()
    assert formats.read(path, {"a": document}).records == [Record(id="a", entities=entities)]


def test_inner_levels_are_not_compared_and_said_to_be_there(tmp_path):
    path = tmp_path / "g.conll"
    path.write_text("Đại_học\tB-ORG\tO\nHuế\tI-ORG\tB-LOC\n", encoding="utf-8")
    report = evaluate(path, gold=path)
    assert report.tasks["ner"].metrics["strict"].total.shared == 1
    assert [(loss.kind, loss.message, loss.line) for loss in report.losses["gold"]] == [("nested", "LOC of level 2", 2)]


@pytest.mark.parametrize("options", [{"view": "uner"}, {"dct": False}, {"given": "quotes"}, {"tasks": ["dates"]}])
def test_two_files_of_columns_have_no_views_and_tracks(tmp_path, options):
    path = as_file(tmp_path / "g.conll", [["B-PER"]])
    with pytest.raises(BenchError, match="two files of columns are scored as ner under their own labels"):
        evaluate(path, gold=path, **options)
