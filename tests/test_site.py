"""The site as files: marks that are slices, pages that escape, a folder that is whole or untouched."""

import json
import re
import shutil
import time
from collections import defaultdict
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import hostile
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vnnews_bench import corpus
from vnnews_bench.errors import BenchError
from vnnews_bench.records import Bounds, Document, Event, Zone
from vnnews_bench.site import charts, marks, pages
from vnnews_bench.site.marks import ORDER, Mark

DATA = corpus.load()
ROOT = Path(__file__).parent.parent


class Reading(HTMLParser):
    """What a browser reads: the text, and every piece of a mark with its words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.open: list[tuple[str, int, dict[str, str | None]]] = []
        self.pieces: list[tuple[dict[str, str | None], str]] = []
        self.tags: set[str] = set()
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.open.append((tag, len(self.text), dict(attributes)))

    def handle_endtag(self, tag):
        opened, start, attributes = self.open.pop()
        assert opened == tag
        if tag == "mark":
            self.pieces.append((attributes, self.text[start:]))

    def handle_data(self, data):
        self.text += data


def check(document, found):
    """The HTML has the text and nothing else, every piece is its slice, and the pieces of a mark are the mark."""
    read = Reading(str(marks.nested(document, found)))
    assert read.text == document.text
    assert read.open == []
    assert read.tags <= {"div", "mark"}
    covered = defaultdict(list)
    for attributes, words in read.pieces:
        start, end = int(attributes["data-start"]), int(attributes["data-end"])
        assert words == document.text[start:end]
        covered[attributes["class"], attributes["data-of"]] += range(start, end)
    expected = defaultdict(list)
    for mark in found:
        expected[mark.kind, mark.of] += range(mark.start, mark.end)
    assert {key: sorted(at) for key, at in covered.items()} == {key: sorted(at) for key, at in expected.items()}
    tags = sorted(attributes["data-tag"] for attributes, _ in read.pieces if "data-tag" in attributes)
    assert tags == sorted(mark.tag for mark in found if mark.tag)


@pytest.mark.parametrize("id", DATA.documents)
def test_the_gold_is_marked_where_it_stands(id):
    document, gold = DATA.documents[id], DATA.gold[id]
    found = marks.marks(gold, gold, document, DATA)
    check(document, found)
    spans = {(mark.start, mark.end) for mark in found if mark.kind == "entity"}
    assert spans == {(entity.start, entity.end) for entity in gold.entities}


spans = st.tuples(st.integers(0, 40), st.integers(1, 30), st.sampled_from(ORDER))


@given(
    st.text(alphabet=st.sampled_from("aệ𝄞<>&\"'\r\n\t ̣"), min_size=1, max_size=40),
    st.lists(spans, max_size=8),
    st.integers(0, 40),
)
def test_any_marks_of_any_text_nest_and_lose_nothing(text, drawn, cut):
    cut = cut % len(text)
    halves = [(0, cut), (cut, len(text))]
    zones = tuple(Zone(start=a, end=b, type="body") for a, b in halves if a < b)
    found = [
        Mark(start=start % len(text), end=min(start % len(text) + length, len(text)), kind=kind, of=f"x{n}", tag="<T>")
        for n, (start, length, kind) in enumerate(drawn)
    ]
    check(Document(id="made-up", text=text, zones=zones), found)


def test_crossing_marks_are_cut():
    document = Document(id="made-up", text="hôm qua ở Huế")  # "yesterday in Huế"
    found = [Mark(start=0, end=7, kind="timex", of="t0", tag="T"), Mark(start=4, end=13, kind="entity", of="e0", tag="E")]
    assert [words for _, words in Reading(str(marks.nested(document, found))).pieces] == ["qua", "hôm qua", " ở Huế"]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    pages.build([hostile.rows(folder / "rows")], folder / "out")
    return folder / "out"


def test_what_comes_from_files_is_text(site):
    """No page has an element that a name, an address, a speaker or a value brought in."""
    known = {"html", "head", "meta", "title", "link", "script", "body", "a", "header", "nav", "div", "button", "span", "main"}
    known |= {"footer", "p", "code", "h1", "h2", "h3", "small", "fieldset", "legend", "label", "input", "section", "table"}
    known |= {
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "strong",
        "svg",
        "line",
        "rect",
        "circle",
        "text",
        "mark",
        "details",
        "summary",
    }
    known |= {"ul", "li", "dl", "dt", "dd", "form", "select", "option", "time"}
    for page in site.rglob("*.html"):
        tags = re.findall(r"<([a-zA-Z][^\s/>]*)([^>]*)", page.read_text(encoding="utf-8"))
        assert {tag for tag, _ in tags} <= known, page
        assert not [rest for _, rest in tags if re.search(r"\son\w+\s*=\s*[^&]", re.sub(r'"[^"]*"', "", rest))], page
    slug = next(path.stem for path in (site / "systems").iterdir() if "img" in path.name)
    side = (site / "articles" / "core-000" / f"{slug}.js").read_text(encoding="utf-8")
    assert "<" not in side
    assert "\u2028" not in side
    name, html = re.fullmatch(r"// .*\nSIDES\[(.+?)\] = (.+);\n", side, re.S).groups()
    assert json.loads(name) == slug
    assert "window.hurt" in Reading(re.sub(r"<(input|meta|link)[^>]*>", "", json.loads(html))).text


def test_every_file_with_an_article_has_the_canary(site):
    """So that a model that has read the pages can be told, as it can be of the data."""
    readers = [path for path in (site / "articles").rglob("*") if path.is_file()]
    assert len(readers) > 5
    assert all(corpus.canary() in path.read_text(encoding="utf-8") for path in readers)


def test_the_first_page_is_light(site):
    sizes = [(site / name).stat().st_size for name in ("index.html", "style.css", "site.js", "words.js")]
    assert sum(sizes) <= 300_000


def test_links_lead_somewhere(site):
    for page in site.rglob("*.html"):
        for target in re.findall(r'(?:href|src)="(?!data:)([^"#?]+)', page.read_text(encoding="utf-8")):
            assert (page.parent / unquote(target)).exists(), (page, target)


def test_both_languages_say_everything_that_the_pages_ask_for(site):
    words = pages.WORDS
    assert words["en"].keys() == words["vi"].keys()
    asked = {
        key
        for page in site.rglob("*.html")
        for key in re.findall(r'data-t(?:-label)?="([^"]+)"', page.read_text(encoding="utf-8"))
    }
    for template in (ROOT / "vnnews_bench" / "site" / "templates").iterdir():
        asked |= set(re.findall(r'\bt\("([^"]+[^-])"\)', template.read_text(encoding="utf-8")))
    script = (site / "site.js").read_text(encoding="utf-8")
    asked |= set(re.findall(r'(?:word|phrase)\("([^"]+)"\)', script)) | {"agree", "differs", "only"}
    assert asked <= words["en"].keys()
    assert {key for key in words["en"] if not key.startswith(("kind-", "mistake-"))} <= asked


def test_boards_and_floors_are_those_of_the_leaderboard(site, run):
    board = (site / "index.html").read_text(encoding="utf-8")
    told = run("leaderboard", "capitals", "ner-rules", "quotes-rules", "dates-rules", "--format", "json").stdout
    for row in json.loads(told):
        line = re.search(
            rf"<th scope=\"row\"><a[^>]*>{row['system']}</a>.*?</tr>", board[board.index(f"<small>{row['metric']}<") :], re.S
        )
        f1 = re.search(r"<strong>([\d.]+)</strong>", line[0])
        assert f1[1] == f"{100 * row['f1']:.1f}"
        written = row["beside"]["test_written"]
        spread = "–".join(f"{100 * written['interval'][side]:.1f}" for side in ("low", "high"))
        assert re.search(rf"<td[^>]*>{100 * written['f1']:.1f} <span class=\"range\">{spread}</span>", line[0])
    assert 'data-kind="floor" class="floor"' in board


def test_a_wrong_score_or_file_makes_no_site(tmp_path):
    rows = hostile.rows(tmp_path / "rows")
    path = rows / "ner-rules.jsonl"
    path.write_text(path.read_text().replace('"shared":297', '"shared":298').replace('"f1":0.8621', '"f1":0.9621'))
    with pytest.raises(BenchError, match=r"ner-rules\.jsonl: ner strict is not what the predictions score"):
        pages.build([rows], tmp_path / "out")
    shutil.copy(hostile.ROWS / "ner-rules.jsonl", path)
    with (rows / "predictions" / "test" / "ner-crf.jsonl").open("a") as file:
        file.write("\n")
    with pytest.raises(BenchError, match=r"ner-crf\.jsonl: is not what ner-crf predicted"):
        pages.build([rows], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_system_of_the_first_test_alone_has_empty_cells_on_the_board(tmp_path):
    hostile.add(tmp_path / "rows", "whole", hostile.gold())
    hostile.add(tmp_path / "rows", "half", hostile.gold()[:5])
    pages.build([tmp_path / "rows"], tmp_path / "out")
    board = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert board.count('<td class="n" data-v="None"></td>') == 3, "one for each task"
    assert "|split:test_written|" in board
    page = {name: (tmp_path / "out" / "systems" / f"{name}.html").read_text(encoding="utf-8") for name in ("whole", "half")}
    written = next(iter(corpus.load("test_written").documents))
    assert f"articles/{written}.html?right=whole" in page["whole"], "a line by document"
    assert written not in page["half"][page["half"].index("<main") :]
    assert not (tmp_path / "out" / "articles" / written / "half.js").exists()
    assert (tmp_path / "out" / "articles" / written / "whole.js").exists()


def test_a_row_of_other_data_stands_apart(tmp_path):
    rows = hostile.rows(tmp_path / "rows")
    path = rows / "ner-rules.jsonl"
    path.write_text(re.sub(r"data:[\d.]+\+\w+", "data:0.9.0+00000000", path.read_text()).replace('_hash":"', '_hash":"0'))
    pages.build([rows], tmp_path / "out")
    board = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "ner-rules" not in board[: board.index('id="apart"')]
    assert "data:0.9.0+00000000" in board[board.index('id="apart"') :]
    assert not (tmp_path / "out" / "systems" / "ner-rules.html").exists()


def test_a_folder_that_is_no_site_is_left_alone(run, tmp_path):
    (tmp_path / "thesis.txt").write_text("all I have")
    done = run("site", hostile.ROWS, "-o", tmp_path)
    assert done.exit_code == 1
    assert "is there and is no site" in done.output
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_site_is_put_in_the_place_of_an_older_one(run, tmp_path):
    for _ in range(2):
        done = run("site", hostile.ROWS, "-o", tmp_path / "out")
        assert done.exit_code == 0, done.output
        (tmp_path / "out" / "old.html").touch()
        written = {path for path in (tmp_path / "out").rglob("*") if path.is_file()}
        assert f"{len(written) - 2} other files" in done.output
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_time_grows_with_the_systems_and_not_faster(tmp_path):
    """Twice the systems take less than four times as long, in one run on one machine."""

    def seconds(copies: int) -> float:
        rows = tmp_path / f"rows-{copies}"
        for n in range(copies):
            hostile.add(rows, f"again-{n}", hostile.gold()[:5])
        start = time.perf_counter()
        pages.build([rows], tmp_path / f"out-{copies}")
        return time.perf_counter() - start

    seconds(1)
    assert seconds(16) < 4 * seconds(8)


def test_an_event_known_from_inside_has_a_bar(tmp_path):
    """Its begin may be bounded by a later day than its end."""
    day, later = "2031-05-01", "2031-05-04"
    event = Event(type="VISIT", mentions=((0, 4),), begin=Bounds(latest=later), end=Bounds(earliest=day))
    document = Document(id="made-up", text="thăm Huế")  # "visits Huế"
    from vnnews_bench import Record, files

    (record,) = files.checked([Record(id="made-up", events=(event,))], {document.id: document}, "records")
    widths = re.findall(r'width="(-?\d+)" height="10"', charts.timeline(charts.dated(record, document.text)))
    assert [int(width) > 0 for width in widths] == [True]
