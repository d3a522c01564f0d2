"""Mutated inputs over every reader: nothing but the project's own error, and nothing dropped silently.

Each input is a sound file of a format with one to four mutations. What is read must be valid, told in one line if refused, and
have every annotation of the file either in the records or among the losses; a part of it is written in another format and read
again. Annotations of the file are counted here in a way of its own. Usage: python tests/fuzz.py [inputs] [seed]
"""

import copy
import json
import random
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import plain_columns
from seqeval.metrics.sequence_labeling import get_entities

from vnnews_bench import formats, offsets
from vnnews_bench.errors import BenchError
from vnnews_bench.formats import graph
from vnnews_bench.formats.exchange import Source
from vnnews_bench.formats.rows import BIO
from vnnews_bench.records import (
    LAYERS,
    Bounds,
    Document,
    Entity,
    Event,
    Quote,
    Record,
    Speaker,
    Timex,
)

DAY = Bounds(earliest=date(2031, 5, 5))
CASES = Path(__file__).parent / "formats"
# "Yesterday 5-5-2031, Mrs Lê Thu Hoà 😀 met Mr An in Đà_Nẵng. “I love Đà Nẵng,” she said & left <soon>."
TEXT = "Hôm qua 5-5-2031, bà Lê Thu Hoà 😀 gặp ông An ở Đà_Nẵng.\n“Tôi yêu Đà\u00a0Nẵng”, bà nói & đi <ngay>.\n"
WORDS = [b"\t", b"\n", b" ", b'"', b"[", b"]", b"{", b"}", b"|", b"_", b"*", b"-1", b"99999999999", b"0", b"\xff", b"\\", b"\0",
         b"\xf0\x9f\x98\x80", b"B-PER", b"I-LOC", b"T1", b"PER", b"<TIMEX3 ", b"</TIMEX3>", b"&amp;", b"null", b"\\ud83d",
         b"-DOCSTART-", b"NaN", b"\r", b"\xe2\x80\xa8", b"\xcc\x80", b"QUOTE", b"MEET", b"2031-13-45"]  # fmt: skip


def place(words: str, nth: int = 0) -> tuple[int, int]:
    start = [match.start() for match in re.finditer(re.escape(words), TEXT)][nth]
    return start, start + len(words)


def record(id: str) -> Record:
    """A record with every layer and most fields."""
    who = Speaker(mentions=(place("bà", 1),), entities=("per:le-thu-hoa",), kind="pronoun")
    names = [("Lê Thu Hoà", "PER"), ("Thu", "MISC"), ("An", "PER"), ("Đà_Nẵng", "GPE"), ("Đà\u00a0Nẵng", "LOC")]
    start, end = place("5-5-2031")
    return Record(
        id=id,
        entities=tuple(Entity(start=place(w)[0], end=place(w)[1], label=label, entity="x:1") for w, label in names),
        quotes=(Quote(spans=(place("Tôi yêu"), place("Nẵng”")), type="DIRECT", cues=(place("nói"),), speaker=who, level=2),),
        timexes=(
            Timex(start=0, end=end, type="DATE", value="2031-05-05", alternatives=("2031", "[2031]")),
            Timex(start=start, end=end, value="2031-05-05", mod="APPROX"),
        ),
        events=(Event(type="MEET", mentions=(place("gặp"), place("đi")), modality="actual", begin=DAY, basis=("t1", "dct")),),
    )


def seeds() -> dict[str, list[tuple[str, bytes]]]:
    """Sound files of every format: our own writing and the cases of other tools."""
    texts = {id: Document(id=id, text=TEXT) for id in ("d", "e")}
    found: dict[str, list[tuple[str, bytes]]] = {}
    for name in formats.FORMATS:
        written = formats.write([record("d"), record("e")], texts, name).files
        found[name] = [(file, content) for file, content in written.items() if not file.endswith(".txt")]
    for path in CASES.glob("conll/*.conll"):
        lines = path.read_bytes().split(b"\n")
        found["conll"].append((path.name, b"\n".join(line for line in lines if not line.startswith(b"#expect "))))
    for path in CASES.glob("foreign/*"):
        if path.is_file():
            found[formats.sniff(path)].append((path.name, path.read_bytes()))
    return found


def mutated(content: bytes, draw: random.Random) -> bytes:
    """The content with a few bytes, words or lines dropped, doubled, swapped or put in."""
    for _ in range(draw.randint(1, 4)):
        at = draw.randrange(len(content) + 1)
        size = draw.choice((1, 1, 2, 5, 40))
        lines = content.split(b"\n")
        n = draw.randrange(len(lines))
        kind = draw.randrange(9)
        if kind == 0:
            content = content[:at] + content[at + size :]
        elif kind == 1:
            content = content[:at] + content[at : at + size] + content[at:]
        elif kind in (2, 3):
            content = content[:at] + draw.choice(WORDS) + content[at + draw.choice((0, 1, 3)) :]
        elif kind == 4:
            content = content[:at]
        elif kind == 5:
            content = b"\n".join(lines[:n] + lines[n + 1 :])
        elif kind == 6:
            content = b"\n".join([*lines[:n], lines[n], *lines[n:]])
        elif kind == 7:
            draw.shuffle(lines)
            content = b"\n".join(lines)
        else:
            digits = [match.span() for match in re.finditer(rb"\d+", content)]
            if digits:
                start, end = draw.choice(digits)
                content = content[:start] + str(draw.choice((0, 1, 3, 7, 60, 10**9))).encode() + content[end:]
    return content


VALUES = (
    None,
    True,
    0,
    -1,
    3,
    10**20,
    1.5,
    "",
    "PER",
    "MEET",
    "d",
    "Nẵng",
    "\ud800",
    [],
    {},
    [[0, 3, "PER"]],
    {"start": 1},
    "2031",
)


def restructured(content: bytes, draw: random.Random) -> bytes:
    """JSON with one to four values dropped, doubled or put in the place of another; each line for itself, if it is JSON."""
    try:
        values = [json.loads(content)]
    except ValueError:
        values = [json.loads(line) for line in content.splitlines()]
    for _ in range(draw.randint(1, 4)):
        holders = [holder for value in values for holder in _holders(value)]
        if not holders:
            break
        holder = draw.choice(holders)
        key = draw.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
        kind = draw.randrange(4)
        if kind == 0:
            del holder[key]
        elif kind == 1 and isinstance(holder, list):
            holder.append(copy.deepcopy(holder[key]))
        elif kind == 2 and isinstance(holder[key], int | float):
            holder[key] += draw.choice((-1, 1, 50))
        else:
            holder[key] = copy.deepcopy(draw.choice(VALUES))
    return "\n".join(json.dumps(value, ensure_ascii=draw.random() < 0.5) for value in values).encode("utf-8", "surrogatepass")


def _holders(value: object) -> Iterator[Any]:
    """Every array and object in a value that has something in it."""
    if isinstance(value, dict | list) and value:
        yield value
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _holders(inner)


def _columns(source: Source) -> int:
    _, sentences = plain_columns.parse(source.raw)
    return sum(len(get_entities(plain_columns.translated(tags))) for sentence in sentences for tags in sentence.tags)


def _regions(source: Source) -> int:
    tasks = json.loads(source.raw.decode("utf-8-sig"))
    count = 0
    for task in tasks if isinstance(tasks, list) else [tasks]:
        passes = [one for key in ("annotations", "completions", "predictions") for one in task.get(key) or ()]
        if isinstance(task.get("label"), list):
            passes = [{"result": [{"type": "labels", "value": value} for value in task["label"]]}]
        for region in (region for one in passes for region in one["result"] if isinstance(region, dict)):
            if region.get("type") == "labels" and isinstance(region.get("value"), dict):
                labels = region["value"].get("labels")
                count += len(labels) if isinstance(labels, list) else 0
    return count


def _rows(source: Source) -> int:
    rows = [json.loads(line) for line in source.raw.decode("utf-8-sig").split("\n") if line.strip()]
    lists = [next((row[key] for key in ("label", "labels", "entities") if row.get(key) is not None), []) for row in rows]
    return sum(map(len, lists))


def _sentences(source: Source) -> int:
    rows = [json.loads(line) for line in source.raw.decode("utf-8-sig").split("\n") if line.strip()]
    tags = [next(row[key] for key in ("ner_tags", "tags") if isinstance(row.get(key), list)) for row in rows]
    return sum(len(get_entities([BIO[tag] if isinstance(tag, int) else tag for tag in row])) for row in tags if row)


def _numbers(source: Source) -> int:
    """The numbers in columns of spans, and the rows of a layer that have an annotation and no number."""
    lines = source.raw.decode("utf-8-sig").split("\n")
    rows = [line.split("\t")[3:] for line in lines if re.match(r"\d+-\d", line)]
    column, numbers, without = 0, set(), 0
    for kind, features in re.findall(r"(?m)^#T_(SP|RL|CH)=[^|\n]+\|?(.*)$", source.raw.decode("utf-8-sig").split("\n\n")[0]):
        names = [name for name in features.split("|") if name] or [""]
        targets = {n + 1 for n, name in enumerate(names) if name.startswith("ROLE_")}
        for row in rows if kind == "SP" else ():
            cells = [row[column + n] for n in range(len(names)) if n not in targets]
            found = {number for cell in cells for number in re.findall(r"(?<!\\)\[(\d+)\](?=\||$)", cell)}
            numbers |= found
            without += cells[0] != "_" and not found
        column += len(names)
    return len(numbers) + without


def _structures(source: Source) -> int:
    """The structures with a span that are neither relations nor what every document has."""
    found = json.loads(source.raw.decode("utf-8-sig"))["%FEATURE_STRUCTURES"]
    other = re.compile(r".*(Token|Sentence|DocumentMetaData|DocumentAnnotation|Relation|Points)")
    return sum(one.get("begin") is not None and not other.fullmatch(one["%TYPE"]) for one in found)


def _items(source: Source) -> int:
    count = 0
    for line in source.raw.decode("utf-8-sig").split("\n"):
        try:
            answer = json.loads(line)
        except (ValueError, RecursionError):
            continue
        layers = [answer.get(layer) for layer in LAYERS] if isinstance(answer, dict) else []
        count += sum(len(items) if isinstance(items, list) else items is not None for items in layers)
    return count


# annotations in a file, counted without its reader; columns are taken apart by it, and their spans by seqeval
COUNTS: dict[str, Callable[[Source], int]] = {
    "conll": _columns,
    "brat": lambda source: len(re.findall(rb"(?m)^T\d+\t", source.raw)),
    "timeml": lambda source: len(re.findall(rb"<TIMEX3\b", source.raw)),
    "labelstudio": _regions,
    "doccano": _rows,
    "webanno": _numbers,
    "cas": _structures,
    "strings": _items,
    "rows": _sentences,
}
IN_NODES = {
    "brat": False,
    "labelstudio": True,
    "doccano": True,
    "webanno": True,
    "cas": True,
    "spacy": True,
}  # whether a span has one part only


def size(found: Record, name: str) -> int:
    """The annotations that a record is in a format: in nodes each cue, speaker, part and further mention is one."""
    if name in IN_NODES:
        return len(graph.of(found, [], one_part=IN_NODES[name]).nodes)
    return sum(len(getattr(found, layer) or ()) for layer in LAYERS)


def checked(name: str, source: Source, draw: random.Random) -> tuple[int, int, int] | None:
    """Annotations in, out and lost; `None` for a refused file. Raises `AssertionError` for anything that must not be."""
    try:
        read = formats.named(name).read(source)
    except BenchError as error:
        _told(error)
        return None
    for found in read.records:
        text = read.texts.get(found.id) or (source.documents or {}).get(found.id)
        assert list(offsets.findings(found, text)) == [], "what is read is valid"
        assert msgspec.json.decode(msgspec.json.encode(found), type=Record) == found
    for loss in read.losses:
        (loss.message + str(loss.document)).encode()
    count = COUNTS[name](source) if name in COUNTS else 0
    out = sum(size(found, name) for found in read.records)
    lost = sum(loss.annotations for loss in read.losses)
    assert count <= out + lost, f"{count} annotations in, {out} out, {lost} lost"
    if draw.random() < 0.1 and {found.id for found in read.records} <= set(read.texts):
        _again(read.records, read.texts, draw)
    return count, out, lost


def _told(error: BenchError) -> None:
    """A refusal has a place and fits a line that can be printed."""
    assert error.findings, error
    for finding in error.findings:
        assert finding.file or finding.path, finding
        assert "\n" not in str(finding), finding
        str(finding).encode()


def _again(records: list[Record], texts: dict[str, Document], draw: random.Random) -> None:
    """Written in another format and read there: nothing is dropped silently, either."""
    name = draw.choice([name for name in COUNTS if name != "strings"])
    written = formats.write(records, texts, name)
    before = sum(size(found, name) for found in records)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / ("out" if formats.named(name).folder else next(iter(written.files)))
        formats.save(written, out, formats.named(name).folder)
        try:
            again = formats.read(out, input=name)
        except BenchError as error:
            if "holds no token" in str(error) or "holds no row" in str(error):  # a text of nothing but white space
                return
            raise AssertionError(f"what was written in {name} is refused: {error}") from None
    after = sum(size(found, name) for found in again.records)
    lost = sum(loss.annotations for loss in (*written.losses, *again.losses))
    assert before <= after + lost, f"{before} annotations to {name}, {after} from it, {lost} lost"


def run(inputs: int, seed: int = 1) -> dict[str, dict[str, float]]:
    """Counts by format: inputs, refused, annotations in, out and lost, and the longest time of one input in seconds."""
    draw = random.Random(seed)
    sound = seeds()
    documents = {id: Document(id=id, text=TEXT) for id in ("d", "e")}
    tallies = {name: dict.fromkeys(("inputs", "refused", "in", "out", "lost", "slowest"), 0.0) for name in sound}
    with tempfile.TemporaryDirectory() as folder:
        for id in ("d", "e"):
            (Path(folder) / f"{id}.txt").write_text(TEXT, encoding="utf-8")
        for n in range(inputs):
            name = draw.choice(list(sound))
            file, content = draw.choice(sound[name])
            json_like = content[:1] in (b"{", b"[") and file.endswith((".json", ".jsonl"))
            raw = restructured(content, draw) if json_like and draw.random() < 0.6 else mutated(content, draw)
            path = Path(folder) / file
            if name == "records":
                path.write_bytes(raw)
            source = Source(raw=raw, path=path, documents=documents, strict=draw.random() < 0.3)
            began = time.perf_counter()
            try:
                counts = checked(name, source, draw)
            except BaseException:
                kept = Path(tempfile.gettempdir()) / f"fuzz-{name}-{n}{path.suffix}"
                kept.write_bytes(raw)
                print(f"input {n} of seed {seed}, {name}: kept as {kept}", file=sys.stderr)
                raise
            tally = tallies[name]
            tally["slowest"] = max(tally["slowest"], time.perf_counter() - began)
            tally["inputs"] += 1
            for key, value in zip(("in", "out", "lost"), counts or (0, 0, 0), strict=True):
                tally[key] += value
            tally["refused"] += counts is None
    return tallies


if __name__ == "__main__":
    found = run(*map(int, sys.argv[1:3] or ["100000"]))
    print("| format | inputs | refused | annotations in | out | lost | slowest, s |\n|---|---:|---:|---:|---:|---:|---:|")
    for name, tally in found.items():
        numbers = " | ".join(f"{int(tally[key]):,}" for key in ("inputs", "refused", "in", "out", "lost"))
        print(f"| {name} | {numbers} | {tally['slowest']:.2f} |")
