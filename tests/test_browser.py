"""The site in headless Chromium, from `file://`: what people do with it, and what it must never do.

Skipped where there is no browser; `make browser` fetches one and allows no skipping.
"""

import os
import re
import shutil
from pathlib import Path

import hostile
import pytest

from vnnews_bench import corpus, evaluate
from vnnews_bench.site import pages

ROOT = Path(__file__).parent.parent
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
AXE = ROOT / ".venv" / "browser" / "node_modules" / "axe-core" / "axe.min.js"
REQUIRED = os.environ.get("BROWSER") == "required"

if REQUIRED:
    import playwright.sync_api as playwright
else:
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed; `make browser` does it")
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed; `make browser` does it", allow_module_level=True)

pytestmark = pytest.mark.browser
DATA = corpus.load()
PAGES = ("index.html", "systems/ner-rules.html", "systems/dates-rules.html", "articles/core-000.html?right=quotes-rules")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    rows = hostile.rows(folder / "rows")
    hostile.add(rows, "gold-again", hostile.gold())
    pages.build([rows], folder / "out")
    return folder / "out"


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as driver:
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium refuses a sandbox to root
        there = driver.chromium.launch(executable_path=CHROMIUM, args=sandbox)
        yield there
        there.close()


@pytest.fixture
def view(browser, site):
    """Opens a page; when the test is over, nothing may have gone wrong in it and nothing may have left it."""
    contexts, troubles, requests = [], [], []

    def opened(path: str, width: int = 1440, scheme: str = "light", language: str = "en-GB"):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, locale=language)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: troubles.append(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("dialog", lambda dialog: (troubles.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(f"{site.as_uri()}/{path}")
        page.wait_for_function("document.readyState === 'complete'")
        return page

    yield opened
    for context in contexts:
        assert not any(page.evaluate("window.hurt") for page in context.pages)
        context.close()
    assert troubles == []
    assert [url for url in requests if not url.startswith((site.as_uri(), "data:,"))] == []


def column(page, n: int) -> list[str]:
    """The visible cells of a column of the first board."""
    cells = page.locator("table.board").first.locator(f"tbody tr:visible > :nth-child({n})")
    return [text.strip() for text in cells.all_inner_texts()]


def test_sorting(view):
    page = view("index.html")
    names, scores = column(page, 2), [float(score) for score in column(page, 3)]
    assert scores == sorted(scores, reverse=True)
    head = page.locator("table.board").first.locator("thead th").nth(1)
    head.get_by_role("button").click()
    assert column(page, 2) == sorted(names)
    assert head.get_attribute("aria-sort") == "ascending"
    head.get_by_role("button").press("Enter")
    assert column(page, 2) == sorted(names, reverse=True)
    assert page.locator("table.board").first.locator("[aria-sort]").count() == 1
    page.locator("table.board").first.locator("thead th").nth(2).get_by_role("button").click()
    assert [float(score) for score in column(page, 3)] == scores


def test_undefined_scores_come_last_in_both_orders(view):
    page = view("index.html")
    page.evaluate("""() => { const cell = document.querySelector("table.board tbody tr td.n");
        cell.dataset.v = "None"; cell.textContent = "–"; }""")
    button = page.locator("table.board").first.locator("thead th").nth(2).get_by_role("button")
    for _ in range(2):
        button.click()
        assert column(page, 3)[-1] == "–"


def test_the_second_test_sorts_and_opens(view):
    page = view("index.html")
    head = page.locator("table.board").first.locator("thead th").nth(4)
    assert head.inner_text().strip() == "F1 test_written"
    head.get_by_role("button").click()
    scores = [float(cell.split()[0]) for cell in column(page, 5) if cell]
    assert scores == sorted(scores, reverse=True)
    assert page.get_by_role("link", name="written-045").is_hidden()
    page.locator("nav summary").click()
    page.get_by_role("link", name="written-045").click()
    assert page.locator("h1").inner_text() == "written-045"


def test_filtering(view):
    page = view("index.html")
    rows = page.locator("tr[data-kind]:visible")
    everything = rows.count()
    page.get_by_label("tool").uncheck()
    assert "underthesea" not in column(page, 2)
    assert "ner-rules" in column(page, 2)
    assert page.locator("#shown").inner_text() == f"{rows.count()} / {everything} rows shown"
    page.get_by_label("tool").check()
    assert rows.count() == everything


def test_language(view):
    page = view("index.html")
    assert page.locator("h1").inner_text() == "Information extraction from Vietnamese news"
    page.get_by_role("button", name="Tiếng Việt").click()
    assert page.locator("h1").inner_text() == "Trích xuất thông tin từ báo chí tiếng Việt"
    assert page.locator("html").get_attribute("lang") == "vi"
    assert page.get_by_role("navigation", name="Bài báo").is_visible()
    page.get_by_role("link", name="core-000").click()
    page.get_by_role("button", name="English").wait_for()  # the choice is kept on other pages
    assert view("index.html", language="vi-VN").locator("html").get_attribute("lang") == "vi"


def test_theme(view):
    def paper(page) -> str:
        return page.evaluate("getComputedStyle(document.documentElement).backgroundColor")

    light, dark = paper(view("index.html")), paper(view("index.html", scheme="dark"))
    assert light != dark
    page = view("index.html")
    page.locator("#theme").click()
    assert paper(page) == dark
    page.reload()
    assert paper(page) == dark
    page.locator("#theme").click()
    assert paper(page) == light


PIECES = """side => [...document.querySelectorAll(`[data-side="${side}"] mark`)].map(mark =>
    [mark.className.split(" ")[0], mark.dataset.of, Number(mark.dataset.start), Number(mark.dataset.end), mark.textContent])"""


@pytest.mark.parametrize("id", DATA.documents)
def test_highlights_are_the_gold(view, id):
    page = view(f"articles/{id}.html")
    text, gold = DATA.documents[id].text, DATA.gold[id]
    pieces = page.evaluate(PIECES, "left")
    assert page.evaluate("document.querySelector('.text').textContent") == text
    assert [words for *_, words in pieces] == [text[start:end] for _, _, start, end, _ in pieces]
    covered: dict[tuple[str, str], list[int]] = {}
    for kind, of, start, end, _ in pieces:
        covered.setdefault((kind, of), []).extend(range(start, end))
    spans = {("entity", f"e{n}"): [(item.start, item.end)] for n, item in enumerate(gold.entities)}
    spans |= {("timex", f"t{n}"): [(item.start, item.end)] for n, item in enumerate(gold.timexes)}
    spans |= {("event", f"v{n}"): item.mentions for n, item in enumerate(gold.events)}
    spans |= {("quote", f"q{n}"): item.spans for n, item in enumerate(gold.quotes)}
    for key, expected in spans.items():
        assert sorted(covered[key]) == [at for start, end in sorted(expected) for at in range(start, end)], key


def test_gold_beside_a_system_shows_what_the_score_counts(view):
    """Agreements and disagreements of quotations, added up over the articles, are the counts of `strict`."""
    agree = predicted = 0
    for id in DATA.documents:
        page = view(f"articles/{id}.html?left=gold&right=quotes-rules")
        page.locator('[data-side="right"] .text').wait_for()
        told = page.locator('[data-side="right"] .tally').inner_text()
        numbers = [int(number) for number in re.findall(r"\d+", told)]
        agree += numbers[0]
        predicted += sum(numbers)
    strict = evaluate(hostile.ROWS / "predictions" / "test" / "quotes-rules.jsonl").tasks["quotes"].metrics["strict"].total
    assert predicted == strict.predicted
    assert 0 <= strict.shared - agree < 1, "one of two speakers earns half, and is no agreement"


def test_gold_beside_itself_agrees(view):
    page = view("articles/core-003.html?right=gold-again")
    page.locator('[data-side="right"] .text').wait_for()
    assert page.locator("mark.differs, mark.only").count() == 0
    assert page.evaluate(PIECES, "left") == page.evaluate(PIECES, "right")


def test_two_systems_side_by_side(view):
    page = view("articles/core-000.html")
    page.get_by_label("Left").select_option("ner-rules")
    page.get_by_label("Right").select_option("ner-crf")
    page.locator('[data-side="right"] .text').wait_for()
    boxes = [page.locator(f'[data-side="{side}"]').bounding_box() for side in ("left", "right")]
    assert boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"]
    assert page.locator("mark.only").count() > 0
    kinds = {piece[0] for side in ("left", "right") for piece in page.evaluate(PIECES, side)}
    assert kinds == {"entity"}


def test_the_reader_by_keyboard(view):
    page = view("articles/core-000.html")
    first = page.locator('[data-side="left"] mark[tabindex="0"]')
    assert first.count() == 1
    first.focus()
    seen = []
    for _ in range(3):
        page.keyboard.press("ArrowRight")
        assert page.evaluate("document.activeElement.tagName") == "MARK"
        seen.append(page.locator("#inspector").inner_text())
    assert len(set(seen)) == 3
    assert page.locator("#inspector").get_attribute("role") == "status"


def test_a_quotation_is_joined_to_its_speaker(view):
    page = view("articles/core-000.html")
    page.locator('[data-side="left"] mark.cue').first.click()
    joined = page.locator("mark.joined")
    assert {kind.split()[0] for kind in joined.evaluate_all("marks => marks.map(mark => mark.className)")} == {
        "quote",
        "cue",
        "speaker",
    }
    assert page.locator("svg.link path").count() == 1
    assert "Tập Cận Bình" in page.locator("#inspector").inner_text()


def test_layers_can_be_hidden(view):
    page = view("articles/core-000.html")
    mark = page.locator("mark.timex").first
    drawn = "mark => [getComputedStyle(mark).borderBottomWidth, getComputedStyle(mark, '::after').content]"
    assert mark.evaluate(drawn)[1] not in ("none", "normal")
    page.get_by_label("times").uncheck()
    assert mark.evaluate(drawn) == ["0px", "none"]


def test_an_error_leads_to_its_place(view):
    page = view("systems/ner-rules.html")
    link = page.locator("table.errors a").first
    at = re.search(r"at=(\d+)", link.get_attribute("href"))[1]
    link.click()
    page.locator("mark:focus").wait_for()
    assert page.locator("mark:focus").get_attribute("data-start") == at
    assert page.locator("#inspector").inner_text() != "Choose a mark to read what it says."


def test_a_hostile_row_is_inert(view, site):
    slug = next(path.stem for path in (site / "systems").iterdir() if "img" in path.name)
    board = view("index.html")
    assert board.get_by_role("link", name=hostile.NAME, exact=True).count() == 3
    assert board.locator("main img, main b, main script").count() == 0
    board.get_by_role("link", name=hostile.NAME, exact=True).first.click()
    assert board.locator("h1").inner_text() == hostile.NAME
    assert board.get_by_text(hostile.ADDRESS).count() == 1
    assert board.locator('a[href^="javascript"]').count() == 0
    assert board.locator("main img, main b, main script").count() == 0
    page = view(f"articles/core-000.html?right={slug}")
    page.locator('[data-side="right"] .text').wait_for()
    assert page.locator('[data-side="right"] h2').inner_text() == hostile.NAME
    assert page.locator("main img, main b, main script").count() == 0
    tags = page.locator('[data-side="right"] mark').evaluate_all("marks => marks.map(mark => mark.dataset.tag)")
    assert hostile.SAID in tags


@pytest.mark.parametrize(
    "query", ["?right=%3Cimg%20src=x%20onerror=hurt=1%3E", "?left=../../x&right=none", "?at=NaN", "?at=999999"]
)
def test_a_strange_address_shows_the_gold(view, query):
    page = view(f"articles/core-000.html{query}")
    assert page.locator('[data-side="left"] h2').inner_text() == "Gold"
    assert page.locator('[data-side="right"]').is_hidden()


@pytest.mark.parametrize("path", PAGES)
def test_no_page_is_wider_than_a_phone(view, path):
    page = view(path, width=390)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("path", PAGES)
def test_accessible(view, path, width, scheme):
    """No violation of serious or critical impact among the rules of axe-core."""
    if not AXE.is_file() and not REQUIRED:
        pytest.skip("axe-core is not installed; `make browser` does it")
    page = view(path, width=width, scheme=scheme)
    page.evaluate(AXE.read_text(encoding="utf-8") + "; null")
    found = page.evaluate("axe.run(document, { preload: false }).then(result => result.violations)")
    told = [(v["id"], v["impact"], [node["html"][:200] for node in v["nodes"][:3]]) for v in found]
    assert [violation for violation in told if violation[1] in ("serious", "critical")] == []


def test_the_page_says_everything_without_a_script(browser, site):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site.as_uri()}/articles/core-000.html")
    assert page.locator(".text mark.entity").count() >= len(DATA.gold["core-000"].entities)
    assert page.locator('[data-side="right"]').is_hidden()
    context.close()
