"""From a text to its gold: frames, passes, adjudication and the place in the corpus, as `docs/adding.md` tells it."""

import json
import shutil
from pathlib import Path

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import records

from vnnews_bench import adjudicating, corpus, frames, validate
from vnnews_bench.records import Document, Record

GIVEN = Path(__file__).parent / "adding"
FROZEN = ("--annotator", "two readers", "--way", "by hand", "--guidelines", "1.2")


@pytest.fixture
def root(small, run):
    """The small corpus with a second article that two readers have read, up to the frozen passes."""
    article = small / "sources" / "mini-2.txt"
    shutil.copy(GIVEN / "mini-2.txt", article)
    (small / "adjudication").mkdir()
    assert "5 zones, 6 sentences" in run("frame", article, "--zone", "byline=3", "--zone", "caption=5").output
    for name in ("C", "D"):
        (small / "passes" / name / "dates").mkdir(parents=True)
        shutil.copy(GIVEN / "date.json", small / "passes" / name / "dates" / "mini-2.json")
        draft = GIVEN / "drafts" / ("A.json" if name == "C" else "B.json")
        made = run("resolve", draft, "--article", article, "-o", small / "passes" / name / "mini-2.json")
        assert made.exit_code == 0, made.output
        assert "2 files frozen" in run("freeze", name, *FROZEN, "--annotations", small).output
    return small


def decide(root: Path, **decisions: str) -> None:
    path = root / "adjudication" / "mini-2.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    made = [line | {"decision": next(d for words, d in decisions.items() if words in line["place"])} for line in lines]
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in made))


def test_seven_steps_lead_to_a_sound_corpus(root, run):
    assert "4 differences to decide" in run("adjudicate", "mini-2", "C", "D", "--annotations", root).output
    log = [json.loads(line) for line in (root / "adjudication" / "mini-2.jsonl").read_text().splitlines()]
    assert [(line["layer"], line["a"] is None, line["b"] is None) for line in log] == [
        ("entities", False, False),
        ("entities", True, False),
        ("entities", False, True),
        ("timexes", False, True),
    ]
    assert (log[0]["a"], log[0]["b"]) == ({"metonymy": "ORG"}, {"metonymy": None})
    decide(root, Lào="A", cầu="neither", Hương="A", **{"16/05": "A"})
    assert "11 annotations" in run("adjudicate", "mini-2", "C", "D", "--annotations", root).output
    entered = run("enter", "mini-2", "--split", "test", "--annotations", root)
    assert entered.output == "mini-2: in test; 3 new entities: gpe:hue, org:song-huong, per:tran-ba-khoan\n"
    assert [str(finding) for finding in validate.validate_corpus(5, root)] == []
    gold = msgspec.json.decode((root / "gold" / "mini-2.json").read_bytes(), type=Record)
    assert gold.events[0].basis == ("t2",)
    registry = {entry["id"]: entry for entry in json.loads((root / "registry.json").read_text())}
    assert registry["per:tran-ba-khoan"] == {
        "id": "per:tran-ba-khoan",
        "name": "Trần Bá Khoan",
        "label": "PER",
        "aliases": ["Khoan"],
    }


def test_the_reading_of_b_is_taken_with_what_it_refers_to(root, run):
    run("adjudicate", "mini-2", "C", "D", "--annotations", root)
    decide(root, Lào="B", cầu="B", Hương="neither", **{"16/05": "neither"})
    run("adjudicate", "mini-2", "C", "D", "--annotations", root)
    gold = msgspec.json.decode((root / "gold" / "mini-2.json").read_bytes(), type=Record)
    assert [e.entity for e in gold.entities].count("per:tran-ba-khoan") == 2  # B wrote per:khoan
    assert (gold.timexes[0].id, gold.events[0].basis) == ("t1", ("t1",))  # the readers' t2 and t7
    assert gold.entities[1].metonymy is None
    assert gold.entities[-1].entity == "fac:cau"


def test_an_annotation_of_ones_own_stands_as_in_a_draft(root, run):
    run("adjudicate", "mini-2", "C", "D", "--annotations", root)
    decide(root, Lào="A", cầu="own", Hương="A", **{"16/05": "A"})
    path = root / "adjudication" / "mini-2.jsonl"
    own = {"at": [5, "bên cầu"], "label": "FAC", "entity": "fac:cau"}
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    path.write_text("\n".join(json.dumps(line | ({"own": own} if line["decision"] == "own" else {})) for line in lines))
    run("adjudicate", "mini-2", "C", "D", "--annotations", root)
    gold = msgspec.json.decode((root / "gold" / "mini-2.json").read_bytes(), type=Record)
    assert "bên cầu" in [entity.text for entity in gold.entities]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("freeze", "C", *FROZEN), "the pass 'C' is frozen; what was frozen is not written again"),
        (("freeze", "Z", *FROZEN), "passes/Z: holds no records; there are passes A, C, D"),
        (("adjudicate", "mini-2", "C", "Z"), "passes/Z/mini-2.json: cannot be read: No such file or directory"),
        (("adjudicate", "mini-9", "C", "D"), "sources/mini-9.json: cannot be read: No such file or directory"),
        (("enter", "mini-2", "--split", "test"), "gold/mini-2.json: is not there; `vnnews-bench adjudicate` writes it"),
        (("enter", "mini-1", "--split", "test"), "mini-1: is in the split test"),
        (("enter", "mini-2", "--split", "tset"), "there is no split 'tset'; there are test"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_line(root, run, arguments, message):
    result = run(*arguments, "--annotations", root)
    assert result.exit_code == 1
    assert message in result.output
    assert result.output.count("\n") == 1


def test_gold_is_not_made_of_an_open_log_nor_twice(root, run):
    call = ("adjudicate", "mini-2", "C", "D", "--annotations", root)
    run(*call)
    assert "'' is none of A, B, neither, own with its annotation" in run(*call).output
    decide(root, Lào="A", cầu="A", Hương="A", **{"16/05": "A"})
    assert "annotations" in run(*call).output
    assert "is there; remove it to make it again of the log" in run(*call).output


@pytest.mark.parametrize(("decision", "date"), [("", None), ("neither", None), ("A", "2031-05-16"), ("B", "2031-05-15")])
def test_readers_who_date_an_article_apart_are_decided_between(root, run, decision, date):
    path = root / "passes" / "D" / "dates" / "mini-2.json"
    path.write_text(path.read_text().replace("2031-05-16", "2031-05-15"))
    call = ("adjudicate", "mini-2", "C", "D", "--annotations", root)
    assert "5 differences" in run(*call).output
    decide(root, dct=decision, Lào="A", cầu="A", Hương="A", **{"16/05": "A"})
    result = run(*call)
    if date is None:
        assert (result.exit_code, result.output.count("\n")) == (1, 1)
        assert "mini-2: document: dct: is decided by A, B, or own with the date" in result.output
    else:
        assert json.loads((root / "sources" / "mini-2.json").read_text())["dct"]["date"] == date


def test_lines_of_the_log_and_differences_are_the_same(root, run):
    call = ("adjudicate", "mini-2", "C", "D", "--annotations", root)
    run(*call)
    path = root / "adjudication" / "mini-2.jsonl"
    lines = path.read_text().splitlines()
    path.write_text("\n".join(lines[1:]))
    assert "has no decision" in run(*call).output
    path.write_text("\n".join([*lines, lines[0].replace("Lào", "Bào")]))
    assert "is decided, and the readers do not differ there" in run(*call).output


@pytest.mark.parametrize(
    ("zones", "message"),
    [
        (("nv=3",), "--zone nv=3: is not TYPE=LINES, as in byline=3 or teaser=34-36; types are title, byline"),
        (("nav=x",), "--zone nav=x: is not TYPE=LINES"),
        (("nav=2",), "mini-2: there is nothing on line 2; there is text on 1, 3, 4, 5"),
    ],
)
def test_zones_that_are_none(root, run, zones, message):
    result = run("frame", root / "sources" / "mini-2.txt", *(part for zone in zones for part in ("--zone", zone)))
    assert (result.exit_code, result.output.count("\n")) == (1, 1)
    assert message in result.output


def test_a_text_that_is_no_utf8_and_one_that_is_not_there(tmp_path, run):
    (tmp_path / "a.txt").write_bytes(b"Hu\xff")
    assert "a: byte 2 is not UTF-8" in run("frame", tmp_path / "a.txt").output
    assert "b.txt: cannot be read: No such file or directory" in run("frame", tmp_path / "b.txt").output
    assert not (tmp_path / "a.json").exists()


def test_datelines_credits_and_teasers_have_zones_of_their_own():
    text = "Lũ rút\nHuế, 14/5/2031 (Sông Hương) - Nước rút. Dân về.\nBên sông. ( Ảnh : An )\n"
    text += "Trang chủ\n12/5/2031 Lũ lên\n1/5/2031 Mưa\n"
    zones = frames.lines(["caption=3", "nav=4", "teaser=5-6"])
    made = frames.frame("a", text.encode(), zones, "written")
    shown = [
        (zone.type, text[zone.start : zone.end].strip(), zone.section_time and str(zone.section_time)) for zone in made.zones
    ]
    assert shown == [
        ("title", "Lũ rút", None),
        ("dateline", "Huế, 14/5/2031 (Sông Hương) -", None),
        ("body", "Nước rút. Dân về.", None),
        ("caption", "Bên sông.", None),
        ("credit", "( Ảnh : An )", None),
        ("nav", "Trang chủ", None),
        ("teaser", "12/5/2031 Lũ lên", "2031-05-12"),
        ("teaser", "1/5/2031 Mưa", "2031-05-01"),
    ]
    assert [text[a:b] for a, b in made.sentences][2:4] == ["Nước rút.", "Dân về."]


@given(st.text(alphabet="aB .!\n“”_9/-", max_size=80).filter(str.strip))
def test_a_frame_tiles_any_text(text):
    made = frames.frame("a", text.encode(), {}, "published")
    assert "".join(text[zone.start : zone.end] for zone in made.zones) == text
    assert list(validate._frame(msgspec.structs.replace(made, dct=None), text.encode()))[1:] == []


@given(records())
def test_readings_of_one_side_give_back_that_side(record):
    for layer in (record.entities, record.timexes):
        assume(len({(item.start, item.end) for item in layer or ()}) == len(layer or ()))  # level 4: a span has one
    document = Document(id=record.id, text="x" * 400)
    assert adjudicating.differences(record, record, document) == []
    assert adjudicating.decided(record, record, document, []) == adjudicating.numbered(record)


def test_the_first_pass_comes_back_where_every_decision_is_a():
    from vnnews_bench.agreement import annotator

    documents = corpus.load().documents
    one, other = (annotator(name, documents) for name in "AB")
    for id, document in documents.items():
        found = adjudicating.differences(one[id], other[id], document)
        decisions = [adjudicating.Decision(layer=d.layer, place=d.place, decision="A") for d in found]
        assert adjudicating.decided(one[id], other[id], document, decisions) == adjudicating.numbered(one[id])
