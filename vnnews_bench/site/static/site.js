// The page's behaviour: language, theme, sorting, filtering, and the reader. What it cannot do, the page still shows.
"use strict";

const SIDES = {}; // the sides of an article by system, filled by the scripts beside its page
const LAYERS = { entity: "entities", quote: "quotes", timex: "timexes", event: "events" };
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const byId = (id) => document.getElementById(id);

// -- what a reader has chosen, kept where the browser allows it

function kept(name) {
  try { return localStorage.getItem(name); } catch { return null; }
}

function keep(name, value) {
  try { localStorage.setItem(name, value); } catch { /* the choice then lasts as long as the page */ }
}

// -- language and theme

let language = kept("language") || ((navigator.language || "").startsWith("vi") ? "vi" : "en");
const word = (key) => WORDS[language][key] ?? key;

function translate(root = document) {
  document.documentElement.lang = language;
  for (const part of all("[data-t]", root)) part.textContent = word(part.dataset.t);
  for (const part of all("[data-t-label]", root)) part.setAttribute("aria-label", word(part.dataset.tLabel));
}

function phrase(key) {
  const part = document.createElement("span");
  part.dataset.t = key;
  part.textContent = word(key);
  return part;
}

function setLanguage(chosen) {
  language = chosen;
  keep("language", chosen);
  translate();
  const button = byId("language");
  button.textContent = chosen === "vi" ? "English" : "Tiếng Việt";
  button.lang = chosen === "vi" ? "en" : "vi";
  document.dispatchEvent(new Event("spoken"));
}

function theme() {
  const chosen = document.documentElement.dataset.theme;
  return chosen || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
}

function setTheme(chosen) {
  document.documentElement.dataset.theme = chosen;
  keep("theme", chosen);
}

if (kept("theme")) document.documentElement.dataset.theme = kept("theme"); // before anything is painted

// -- the board

function sortable(table) {
  const heads = all("thead th", table);
  heads.forEach((head, column) => head.querySelector("button").addEventListener("click", () => {
    const first = head.classList.contains("n") ? "descending" : "ascending";
    const other = first === "ascending" ? "descending" : "ascending";
    const order = head.getAttribute("aria-sort") === first ? other : first;
    for (const one of heads) one.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", order);
    const body = table.tBodies[0];
    const sign = order === "ascending" ? 1 : -1;
    body.append(...[...body.rows].sort((a, b) => compared(a.cells[column], b.cells[column], sign)));
  }));
}

function compared(a, b, sign) {
  if (a.dataset.v === undefined) return sign * a.textContent.trim().localeCompare(b.textContent.trim(), language);
  const [x, y] = [Number(a.dataset.v), Number(b.dataset.v)];
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) - Number.isNaN(y); // undefined scores come last
  return sign * (x - y);
}

function filterable(fieldset) {
  const filter = () => {
    const shown = all("input:checked", fieldset).map((box) => box.value);
    const rows = all("tr[data-kind]");
    for (const row of rows) row.hidden = !shown.includes(row.dataset.kind);
    byId("shown").textContent = `${rows.filter((row) => !row.hidden).length} / ${rows.length} ${word("systems-shown")}`;
  };
  fieldset.addEventListener("change", filter);
  document.addEventListener("spoken", filter);
}

// -- the reader

function reader(form) {
  const sides = { left: document.querySelector('[data-side="left"]'), right: document.querySelector('[data-side="right"]') };
  SIDES.gold = sides.left.querySelector(".body").innerHTML;
  const asked = new URLSearchParams(location.search);
  for (const side of ["left", "right"]) {
    const select = byId(side);
    if ([...select.options].some((option) => option.value === asked.get(side))) select.value = asked.get(side);
    else if (side === "left") select.value = "gold";
    else select.value = "";
  }
  const refresh = () => fill(form.dataset.article, sides);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", (event) => (event.target.type === "checkbox" ? toggle(event.target) : refresh()));
  for (const box of all("input", form)) toggle(box);
  for (const side of Object.values(sides)) walkable(side);
  document.addEventListener("spoken", () => compare(sides));
  addEventListener("resize", () => all(".link").forEach((link) => link.remove()));
  refresh().then(() => asked.has("at") && goTo(sides, Number(asked.get("at"))));
}

function toggle(box) {
  document.querySelector(".sides").classList.toggle(`no-${box.value}`, !box.checked);
}

async function fill(article, sides) {
  for (const [name, side] of Object.entries(sides)) {
    const option = byId(name).selectedOptions[0];
    side.hidden = option.value === "";
    side.parentNode.classList.toggle("two", !sides.right.hidden);
    if (side.hidden || side.dataset.shown === option.value) continue;
    side.dataset.shown = option.value;
    const heading = side.querySelector("h2");
    if (option.value === "gold") heading.replaceChildren(phrase("gold"));
    else heading.textContent = option.textContent;
    const body = side.querySelector(".body");
    if (await load(article, option.value)) {
      body.innerHTML = SIDES[option.value]; // made and escaped by the templates of the site
      prepared(body);
    } else body.replaceChildren(phrase("failed"));
    translate(body);
  }
  compare(sides);
  const chosen = new URLSearchParams({ left: byId("left").value, right: byId("right").value });
  try { history.replaceState(null, "", `?${chosen}`); } catch { /* a page from a file may not always */ }
}

function load(article, name) {
  if (SIDES[name] !== undefined) return Promise.resolve(true);
  return new Promise((done) => {
    const script = document.createElement("script");
    script.src = `${article}/${encodeURIComponent(name)}.js`;
    script.onload = () => done(true);
    script.onerror = () => done(false);
    document.head.append(script);
  });
}

function prepared(body) {
  all("mark", body).forEach((mark, n) => { mark.tabIndex = n === 0 ? 0 : -1; });
}

// the annotations of a side that can be compared, each with its keys, its layer and its stretches of text
function annotations(side) {
  const found = new Map();
  for (const mark of all("mark[data-keys]", side)) {
    const known = found.get(mark.dataset.of) || { kind: mark.className.split(" ")[0], keys: JSON.parse(mark.dataset.keys), marks: [] };
    known.marks.push(mark);
    found.set(mark.dataset.of, known);
  }
  return [...found.values()];
}

function compare(sides) {
  for (const mark of all("mark.differs, mark.only")) mark.classList.remove("differs", "only");
  const ours = Object.fromEntries(Object.entries(sides).map(([name, side]) => [name, annotations(side)]));
  for (const [name, other] of [["left", "right"], ["right", "left"]]) {
    const layers = sides[other].hidden ? [] : (sides[other].querySelector(".text")?.dataset.layers || "").split(" ");
    const [here, there] = [name, other].map((side) => new Set(ours[side].flatMap((item) => item.keys)));
    const apart = ours[other].filter((item) => !item.keys.some((key) => here.has(key)));
    const counts = { agree: 0, differs: 0, only: 0 };
    for (const item of ours[name].filter((one) => layers.includes(LAYERS[one.kind]))) {
      const agree = item.keys.some((key) => there.has(key));
      const state = agree ? "agree" : apart.some((one) => touch(item, one)) ? "differs" : "only";
      counts[state] += 1;
      if (state !== "agree") for (const mark of item.marks) mark.classList.add(state);
    }
    const told = Object.entries(counts).map(([state, count]) => `${count} ${word(state)}`).join(" · ");
    sides[name].querySelector(".tally").textContent = sides.right.hidden ? "" : told;
  }
}

function touch(one, other) {
  const meets = (a, b) => Number(a.dataset.start) < Number(b.dataset.end) && Number(b.dataset.start) < Number(a.dataset.end);
  return one.kind === other.kind && one.marks.some((a) => other.marks.some((b) => meets(a, b)));
}

function walkable(side) {
  prepared(side);
  side.addEventListener("click", (event) => {
    const button = event.target.closest("[data-go]");
    const mark = button ? side.querySelector(`mark[data-of="${button.dataset.go}"]`) : event.target.closest("mark");
    if (mark) step(side, mark);
  });
  side.addEventListener("focusin", (event) => event.target.matches("mark") && inspect(side, event.target));
  side.addEventListener("keydown", (event) => {
    if (!event.target.matches("mark")) return;
    const marks = all("mark", side).filter((mark) => mark.dataset.tag);
    const at = marks.indexOf(event.target);
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: marks.length - 1 }[event.key];
    if (next === undefined || !marks[next]) return;
    event.preventDefault();
    step(side, marks[next]);
  });
}

function step(side, mark) {
  for (const one of all('mark[tabindex="0"]', side)) one.tabIndex = -1;
  mark.tabIndex = 0;
  mark.focus();
}

function inspect(side, mark) {
  for (const one of all("mark.joined")) one.classList.remove("joined");
  for (const one of all(".link")) one.remove();
  const joined = all(`mark[data-of="${mark.dataset.of}"]`, side);
  for (const one of joined) one.classList.add("joined");
  const state = ["differs", "only"].find((name) => mark.classList.contains(name));
  const compares = mark.dataset.keys ? "" : joined.some((one) => one.dataset.keys) ? "" : word("not-scored");
  const told = [mark.textContent, mark.dataset.about, state ? word(state) : compares].filter(Boolean);
  byId("inspector").textContent = told.join(" — ");
  const quote = joined.find((one) => one.classList.contains("quote"));
  for (const speaker of joined.filter((one) => one.classList.contains("speaker"))) if (quote) link(quote, speaker);
}

// a curve from a speaker to what is said
function link(quote, speaker) {
  const text = quote.closest(".text");
  const frame = text.getBoundingClientRect();
  const middle = (mark) => {
    const box = mark.getClientRects()[0];
    return [box.left + Math.min(box.width, 60) / 2 - frame.left, box.top - frame.top];
  };
  const [[x, y], [u, v]] = [middle(speaker), middle(quote)];
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "link");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", `M${x} ${y} C${x} ${y - 30} ${u} ${v - 30} ${u} ${v}`);
  svg.append(path);
  text.append(svg);
}

function goTo(sides, at) {
  const there = Object.values(sides).reverse().flatMap((side) => all("mark", side).map((mark) => [side, mark]));
  const found = there.find(([, mark]) => Number(mark.dataset.start) === at);
  if (!found) return;
  found[1].scrollIntoView({ block: "center" });
  step(...found);
}

document.addEventListener("DOMContentLoaded", () => {
  byId("language").addEventListener("click", () => setLanguage(language === "vi" ? "en" : "vi"));
  byId("theme").addEventListener("click", () => setTheme(theme() === "dark" ? "light" : "dark"));
  all("table.sortable").forEach(sortable);
  if (byId("kinds")) filterable(byId("kinds"));
  setLanguage(language);
  if (byId("reader")) reader(byId("reader"));
});
