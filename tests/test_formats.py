"""Foreign formats: told apart by content, read, written, and read again without a silent loss."""

import json
import sys
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from strategies import records

from vnnews_bench import corpus, evaluate, formats, offsets
from vnnews_bench.errors import BenchError
from vnnews_bench.formats import graph
from vnnews_bench.records import LAYERS, Document, Event, Quote, Record

TEXT = "Bà 😀 gặp_ông  Nguyễn & con <b>\n“à”\tx."  # an emoji, an underscore, white space, marks, and what XML reserves
WHOLE = ("brat", "labelstudio", "webanno", "cas", "records")  # hold every layer and field
FILES = Path(__file__).parent / "formats"


def without_text(record):
    """The record without the checksums `text`, which formats with offsets do not need."""
    made = msgspec.to_builtins(record)
    for layer in LAYERS:
        for item in made.get(layer) or ():
            item.pop("text", None)
    return msgspec.convert(made, Record)


def there_and_back(folder, found, texts, name):
    written = formats.write(found, texts, name)
    path = folder / ("out" if formats.named(name).folder else next(iter(written.files)))
    formats.save(written, path, formats.named(name).folder)
    looks = "records" if name == "rows" else name  # rows of our own are records
    assert formats.sniff(path) == looks or not any(map(size, found))
    return written, formats.read(path, texts if formats.named(name).needs_texts else None, name)


def size(record):
    return sum(len(getattr(record, layer) or ()) for layer in LAYERS)


@pytest.mark.parametrize("name", WHOLE)
def test_the_gold_comes_back_as_it_was(name, tmp_path):
    data = corpus.load()
    written, read = there_and_back(tmp_path, list(data.gold.values()), data.documents, name)
    assert (written.losses, read.losses) == ((), ())
    assert [without_text(record) for record in read.records] == [without_text(record) for record in data.gold.values()]
    if name != "records":
        assert {id: text.text for id, text in read.texts.items()} == {d.id: d.text for d in data.documents.values()}


@pytest.mark.parametrize("name", [name for name in formats.FORMATS if name not in WHOLE])
def test_the_gold_in_a_poorer_format_loses_what_is_said(name, tmp_path):
    data = corpus.load()
    gold = list(data.gold.values())
    written, read = there_and_back(tmp_path, gold, data.documents, name)
    assert read.losses == () or {loss.kind for loss in read.losses} <= {"frame", "field"}
    if name == "rows":
        return  # entities of the VLSP view, which test_rows counts
    count = nodes if name == "spacy" else size
    lost = sum(loss.annotations for loss in written.losses)
    assert sum(map(count, read.records)) + lost == sum(map(count, gold))
    assert lost < sum(map(count, gold))


def nodes(record):
    return len(graph.of(record, [], one_part=True).nodes)


def fitted(record):
    """The record with every span inside of TEXT and none empty, as readers of records demand; ids are its own."""
    return without_text(record) if not list(offsets.findings(record, Document(id="d", text=TEXT))) else None


@pytest.mark.parametrize("name", list(formats.FORMATS))
@settings(max_examples=60)
@given(record=records())
def test_any_record_comes_back_or_is_counted(name, record, tmp_path_factory):
    record = fitted(record)
    if record is None:
        return
    texts = {"d": Document(id="d", text=TEXT)}
    written, read = there_and_back(tmp_path_factory.mktemp("f"), [record], texts, name)
    (back,) = read.records
    assert list(offsets.findings(back, read.texts.get("d"))) == []
    if name in WHOLE and not written.losses:
        assert {layer: getattr(without_text(back), layer) or () for layer in LAYERS} == {
            layer: getattr(record, layer) or () for layer in LAYERS
        }
    lost = sum(loss.annotations for loss in (*written.losses, *read.losses))
    if name == "doccano":  # without its dates and speakers an event or quotation can be the same as another
        assert size(back) <= size(record)
    elif name == "spacy":
        assert nodes(record) <= nodes(back) + lost
    else:
        assert size(record) <= size(back) + lost


@pytest.mark.parametrize("name", ["brat", "labelstudio", "webanno", "cas", "spacy", "doccano"])
def test_an_annotation_of_no_words_is_a_loss(name, tmp_path):
    found = Record(id="d", quotes=(Quote(spans=(), cues=((0, 2),)),), events=(Event(type="MEET", mentions=()),))
    written, read = there_and_back(tmp_path, [found], {"d": Document(id="d", text=TEXT)}, name)
    assert [loss.kind for loss in written.losses] == ["malformed", "malformed"]
    assert (size(read.records[0]), read.losses) == (0, ())


@given(record=records())
def test_a_graph_is_the_record(record):
    if list(offsets.findings(record, None)):
        return  # the same annotation twice
    losses = []
    again, lost = graph.record_of(graph.of(record, losses), "d", 10**6)
    if not losses:
        assert (again, lost) == (record, [])


@pytest.mark.parametrize("pairs", ["ab", "aa", "ab bc", "ab ba", "bc ab", "ab cb"])
def test_mentions_in_a_chain_or_a_circle_are_one_event(pairs):
    nodes = [graph.Node(id=id, label="MEET", spans=((n, n + 1),)) for n, id in enumerate("abc")]
    edges = [graph.Edge(source=pair[0], target=pair[1], label="mention") for pair in pairs.split()]
    record, losses = graph.record_of(graph.Graph(nodes=nodes, edges=edges), "d", 3)
    related = set(pairs.replace(" ", ""))
    assert losses == []
    assert sorted(span for event in record.events for span in event.mentions) == [(0, 1), (1, 2), (2, 3)]
    assert len(record.events) == 1 + len(set("abc") - related)


def test_every_file_is_known_by_its_content(tmp_path):
    """The same content under a name that says nothing."""
    data = corpus.load()
    some = list(data.gold.values())[:1]
    for name, form in formats.FORMATS.items():
        if name in ("records", "rows", "spacy"):
            continue
        for file, content in formats.write(some, data.documents, name).files.items():
            if not file.endswith(".txt"):
                path = tmp_path / f"{name}.dat"
                path.write_bytes(content)
                assert formats.sniff(path) == name
        assert form.unit


def test_predictions_on_another_writing_of_the_text_are_moved(tmp_path):
    data = corpus.load()
    id, document = next(iter(data.documents.items()))
    gold = data.gold[id]
    spaced = msgspec.structs.replace(document, text=document.text.replace(" ", "  ").replace("_", " "))
    moved, lost = formats.onto(gold, document.text, spaced)
    assert lost == []
    written = formats.write([moved], {id: spaced}, "brat")
    formats.save(written, tmp_path / "brat", True)
    report = evaluate(tmp_path / "brat", gold=corpus.root() / "gold" / f"{id}.json")
    again = formats.read(tmp_path / "brat", {id: document})
    assert [without_text(r) for r in again.records] == [without_text(gold)]
    assert report.missing == ()


@pytest.mark.parametrize(
    "path", sorted(path for path in FILES.glob("broken/*") if path.suffix != ".txt"), ids=lambda path: path.name
)
def test_a_broken_file_is_refused_with_its_line(path):
    """`NAME--LINE--WORDS.suffix`: the format, the line at fault and what the message says."""
    name, line, words = path.stem.split("--")
    with pytest.raises(BenchError) as caught:
        formats.read(path, {"x": Document(id="x", text="Lan về.")}, input=name)
    (finding,) = caught.value.findings
    assert finding.code == "format-malformed"
    assert str(finding.line) == line
    assert words.replace("-", " ") in str(finding).replace("-", " ")


@pytest.mark.parametrize(("name", "module", "extra"), [("cas", "cassis", "inception"), ("spacy", "spacy.tokens", "spacy")])
def test_without_its_library_a_format_says_what_installs_it(name, module, extra, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    data = corpus.load()
    with pytest.raises(BenchError, match=rf"needs \w+: pip install 'vnnews-bench\[{extra}\]'$"):
        formats.write(list(data.gold.values()), data.documents, name)
    with pytest.raises(BenchError, match=rf"needs \w+: pip install 'vnnews-bench\[{extra}\]'$"):
        formats.read(FILES / "foreign" / "inception.json", input=name)


def test_a_format_by_name(run, tmp_path):
    assert "there is no format 'xml'; there are webanno, cas, conll" in run("convert", "x", "y", "--to", "xml").stderr
    path = tmp_path / "x.dat"
    path.write_text("nichts")
    assert "is in no format that is known; name one with --input" in run("convert", path, "y", "--to", "brat").stderr
    assert "holds no token" in run("evaluate", path, "--input", "conll").stderr or "one column" in (
        run("evaluate", path, "--input", "conll").stderr
    )
    listed = json.loads(run("formats", "--format", "json").stdout)
    assert [row["format"] for row in listed] == list(formats.FORMATS)
    assert "UTF-16" in run("formats").stdout


def test_convert_says_what_is_lost_and_writes_nothing_on_a_mistake(run, tmp_path):
    gold = corpus.root() / "gold" / "core-000.json"
    done = run("convert", gold, tmp_path / "g.conll", "--to", "conll")
    assert done.exit_code == 0
    assert "not held by conll" in done.stderr
    assert "entities.metonymy" in done.stderr
    assert run("convert", tmp_path / "g.conll", tmp_path / "g.json", "--to", "labelstudio").exit_code == 0
    assert formats.sniff(tmp_path / "g.json") == "labelstudio"
    (tmp_path / "bad.conll").write_text("a\tO\nb\n")
    assert run("convert", tmp_path / "bad.conll", tmp_path / "none", "--to", "brat").exit_code == 1
    assert not (tmp_path / "none").exists()
    assert "cannot be written" in run("convert", gold, "/nowhere/x", "--to", "conll").stderr


@pytest.mark.parametrize("path", sorted(FILES.glob("foreign/*")), ids=lambda path: path.name)
def test_a_file_of_another_tool_says_what_it_shows(path):
    """Beside each file or folder, `expected.json` lists what is in it: layer, label or type, words; and the losses by kind."""
    expected = json.loads((FILES / "expected.json").read_text(encoding="utf-8"))[path.name]
    read = formats.read(path)
    assert formats.sniff(path) == expected["format"]
    found = []
    for record in read.records:
        text = read.texts[record.id].text
        for layer in LAYERS:
            for item in getattr(record, layer) or ():
                spans = [span for below, span in offsets.spans(item)]
                label = getattr(item, "label", None) or item.type
                found.append([layer, label, *(text[start:end] for start, end in spans)])
    assert found == expected["annotations"]
    losses = {}
    for loss in read.losses:
        losses[loss.kind] = losses.get(loss.kind, 0) + 1
    assert losses == expected.get("losses", {})


def test_documents_pair_by_id_or_in_order(tmp_path):
    documents = {id: Document(id=id, text=text) for id, text in (("a", "Lan về."), ("b", "Hoa ở Huế."))}
    path = tmp_path / "p.conll"
    path.write_text("-DOCSTART- O\nLan B-PER\nvề O\n. O\n\n-DOCSTART- O\nHoa B-PER\nở O\nHuế B-LOC\n. O\n", encoding="utf-8")
    read = formats.read(path, documents)
    assert [(r.id, [(e.start, e.end) for e in r.entities]) for r in read.records] == [("a", [(0, 3)]), ("b", [(0, 3), (6, 9)])]
    with pytest.raises(BenchError, match="there is no document 'd1' here, and 2 in order for 1 do not pair; there are a"):
        formats.read(path, {"a": documents["a"]})
    with pytest.raises(BenchError) as caught:
        formats.read(path, {"b": documents["b"], "a": documents["a"]})
    assert str(caught.value).startswith(f"{path}: d1 is not the text of b: ")


def test_what_a_tool_made_of_the_words_is_told(tmp_path):
    # "Miss Lan studies [a misspelt] medicine in Huế, her house is near a river and a market."
    document = Document(id="a", text="Cô Lan học nghành y ở Huế, nhà gần sông và chợ.")
    path = tmp_path / "p.conll"
    words = ["Cô", "Lan", "học", "ngành", "y", "ở", "Huế", ",", "nhà", "gần", "sông", "và", "chợ", "."]
    path.write_text("".join(f"{word}\t{'B-LOC' if word == 'Huế' else 'O'}\n" for word in words), encoding="utf-8")
    read = formats.read(path, {"a": document})
    assert [document.text[e.start : e.end] for e in read.records[0].entities] == ["Huế"]
    assert [(loss.kind, loss.message) for loss in read.losses] == [("text", "'nghành' at 11 became 'ngành'")]


def test_a_gold_without_texts_is_looked_up_or_refused(tmp_path):
    data = corpus.load()
    id = next(iter(data.documents))
    written = formats.write([data.gold[id]], data.documents, "conll")
    (tmp_path / "p.conll").write_bytes(written.files["records.conll"])
    total = evaluate(tmp_path / "p.conll", gold=corpus.root() / "gold" / f"{id}.json").tasks["ner"].metrics["strict"].total
    assert total.precision > 0.95
    (tmp_path / "g.jsonl").write_text('{"id": "d1", "entities": []}')
    with pytest.raises(BenchError, match="the text of 'd1' in the gold is not known"):
        evaluate(tmp_path / "p.conll", gold=tmp_path / "g.jsonl")


def test_two_foreign_files_of_different_formats(tmp_path):
    data = corpus.load()
    gold = list(data.gold.values())
    for name in ("brat", "labelstudio"):
        formats.save(formats.write(gold, data.documents, name), tmp_path / name, formats.named(name).folder)
    report = evaluate(tmp_path / "labelstudio", gold=tmp_path / "brat")
    assert all(table.total.f1 in (1, None) for task in report.tasks.values() for table in task.metrics.values())
    (tmp_path / "brat" / "core-000.txt").unlink()
    with pytest.raises(BenchError, match=r"core-000\.txt: cannot be read: No such file or directory; an \.ann file needs its"):
        formats.read(tmp_path / "brat")
    assert len(formats.read(tmp_path / "brat", data.documents).records) == 5


@pytest.mark.parametrize("name", [name for name in formats.FORMATS if name not in ("records", "rows", "conll")])
def test_an_event_or_quotation_without_a_place_is_a_loss(name):
    """A record may have them: the timeline asks for no triggers."""
    record = Record(id="d", events=(Event(type="MEET", mentions=()),), quotes=(Quote(spans=()),))
    written = formats.write([record], {"d": Document(id="d", text=TEXT)}, name)
    assert sum(loss.annotations for loss in written.losses) == 2
