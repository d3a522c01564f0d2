"""Foreign formats: files of other tools and schemes, to records and back.

    read(path, documents)         the records of a file in any format, moved onto the given documents
    write(records, texts, name)   the bytes of records in a format, and what it cannot hold
    sniff(path)                   the name of a file's format, told by its content

A reader yields records on the text that the file itself carries; `read` then moves them onto the text of the document, letter
by letter, so that offsets are code points of the text as received whatever a tool made of it.
"""

import json
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from vnnews_bench import files, streams
from vnnews_bench.align import align
from vnnews_bench.errors import BenchError, Finding, listing
from vnnews_bench.formats import brat, cas, conll, docbin, doccano, labelstudio, rows, strings, timeml, webanno
from vnnews_bench.formats.exchange import Gathering, Loss, Read, Source, Written
from vnnews_bench.formats.pairing import Pair, pair
from vnnews_bench.records import Document, Record
from vnnews_bench.rows import document as document_of
from vnnews_bench.rows import record as record_of

LARGEST = 512 * 2**20  # bytes of a foreign file


class Format(msgspec.Struct, frozen=True, kw_only=True):
    """A format: one line about it, the unit that its offsets count, whether content looks like it, and its two directions.

    `looks_like` gets the beginning of the text. A format of one file for each document is a `folder`.
    """

    about: str
    unit: str
    looks_like: Callable[[str], bool]
    read: Callable[[Source], Read]
    write: Callable[[Mapping[str, Document], Sequence[Record]], Written]
    suffixes: tuple[str, ...] = ()
    folder: bool = False
    needs_texts: bool = False


def named(name: str) -> Format:
    """The format of that name. Raises `BenchError` when there is none."""
    if name not in FORMATS:
        raise BenchError(f"there is no format {name!r}; there are {listing(list(FORMATS))}")
    return FORMATS[name]


def sniff(path: str | Path) -> str:
    """The name of the format of a file, or of the files of a folder, told by content.

    Raises `BenchError` when the content looks like none.
    """
    path = Path(path)
    inside = members(path)
    if inside != [path]:
        return sniff(inside[0])
    head = _bytes(path, 2**20)
    if not head.strip():
        by_suffix = [name for name, form in FORMATS.items() if streams.suffix(path) in form.suffixes]
        return by_suffix[0] if len(by_suffix) == 1 else "records"
    text = head.decode("utf-8-sig", errors="replace")
    for name, form in FORMATS.items():
        if form.looks_like(text):
            return name
    if streams.suffix(path) in (".json", ".jsonl"):
        return "records"  # whose reader tells what is wrong with it
    message = f"is in no format that is known; name one with --input: {listing(list(FORMATS))}"
    raise BenchError([Finding(code="format-unknown", message=message, file=str(path))])


def read(
    path: str | Path, documents: Mapping[str, Document] | None = None, input: str | None = None, tags: str = "repair"
) -> Read:
    """The records of a file or a folder of files, in the format `input` or the one that its content looks like.

    With `documents` their offsets are those of the documents' texts. `tags` is "repair" or "strict", for ill-formed tags.
    Raises `BenchError` with the line at fault, and for a document that `documents` lacks.
    """
    path = Path(path)
    name = input or sniff(path)
    form = named(name)
    if form.needs_texts and documents is None:
        raise BenchError(f"{path}: {name} name spans by their words, so the documents must be known")
    if name == "records" and not path.is_dir():
        return _own(path, documents)
    parts = [_own(m, documents) if name == "records" else form.read(source(m, documents, tags)) for m in members(path)]
    found = Read(
        records=[record for part in parts for record in part.records],
        texts={id: text for part in parts for id, text in part.texts.items()},
        losses=tuple(loss for part in parts for loss in part.losses),
        repairs=sum(part.repairs for part in parts),
    )
    ids = [record.id for record in found.records]
    twice = next((id for id in ids if ids.count(id) > 1), None)
    if twice is not None:
        message = f"two documents are called {twice}"
        raise BenchError([Finding(code="record-duplicate", message=message, file=str(path))])
    return found if documents is None or form.needs_texts or name == "records" else _onto(found, documents, path)


def paired(predicted: str | Path, gold: str | Path, input: str | None, tags: str) -> Pair | None:
    """Two files of columns, paired sentence by sentence; `None` where one of the two is something else.

    Raises `BenchError` where they differ in anything but tags.
    """
    sides = Path(predicted), Path(gold)
    if any(side.is_dir() for side in sides) or (input or sniff(sides[0])) != "conll" or sniff(sides[1]) != "conll":
        return None
    return pair(*sides, tags == "strict")


def source(path: Path, documents: Mapping[str, Document] | None = None, tags: str = "repair") -> Source:
    """A foreign file for a reader."""
    return Source(raw=_bytes(path, LARGEST), path=path, documents=documents, strict=tags == "strict")


def write(records: Iterable[Record], texts: Mapping[str, Document], name: str) -> Written:
    """Records as files of a format. Raises `BenchError` for a record whose text is not known."""
    records = list(records)
    form = named(name)
    unknown = [record.id for record in records if record.id not in texts]
    if unknown and name != "records":
        known = listing(list(texts)) or "none"
        raise BenchError(f"{name} needs the text of {unknown[0]}, and the texts that are known are {known}")
    return form.write(texts, records)


def save(written: Written, out: str | Path, folder: bool) -> None:
    """Writes what `write` made: one file, or its files into a folder, which comes whole where there is none."""
    out = Path(out)
    if not folder:
        (content,) = written.files.values()
        files.check_writable(out)
        files.write_bytes(content, out)
        return
    try:
        beside = out if out.is_dir() else Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}."))
        try:
            for name, content in written.files.items():
                files.write_bytes(content, beside / name)
            if beside != out:
                beside.chmod(0o755)
                beside.rename(out)
        finally:
            if beside != out:
                shutil.rmtree(beside, ignore_errors=True)
    except OSError as error:
        raise BenchError(f"{out}: cannot be written: {error.strerror}") from None


def members(path: Path) -> list[Path]:
    """The files to read: the path itself, or of a folder those with the first suffix of a format.

    What begins with `.` or `_` is no data, as Arrow and Spark have it.
    """
    if not path.is_dir():
        return [path]
    suffixes = [suffix for form in FORMATS.values() for suffix in form.suffixes]
    for suffix in dict.fromkeys(suffixes):
        named = (file for file in path.iterdir() if streams.suffix(file) == suffix and file.is_file())
        inside = sorted(file for file in named if file.name[0] not in "._")
        if inside:
            return inside
    message = f"is a directory without a file of a known format; suffixes are {' '.join(dict.fromkeys(suffixes))}"
    raise BenchError([Finding(code="file-unreadable", message=message, file=str(path))])


def _bytes(path: Path, most: int) -> bytes:
    with streams.opened(path) as file:
        raw = file.read(most + 1)
    if len(raw) > LARGEST:
        message = f"has more than {LARGEST >> 20} MiB"
        raise BenchError([Finding(code="file-unreadable", message=message, file=str(path))])
    return raw


def first_value(head: str) -> Any:
    """The first JSON object of a file, of an array the first element; `None` where there is none."""
    at = re.match(r"\s*\[?\s*", head)
    try:
        return json.JSONDecoder().raw_decode(head, at.end() if at else 0)[0]
    except (ValueError, RecursionError):
        return None


def _own(path: Path, documents: Mapping[str, Document] | None) -> Read:
    """Our own records, with the texts of the rows that carry them."""
    read = [row for block in files.stream(path, documents) for row in block.rows]
    texts = documents if documents is not None else {one.id: one for one in map(document_of, read) if one is not None}
    return Read(records=list(map(record_of, read)), texts=texts)


def _write_own(texts: Mapping[str, Document], records: Sequence[Record]) -> Written:
    """Rows of the `documents` configuration: each record with the document that it is about, where that is known."""
    lines = []
    for record in records:
        frame = msgspec.to_builtins(texts[record.id]) if record.id in texts else {}
        lines.append(msgspec.json.encode(frame | msgspec.to_builtins(record)) + b"\n")
    return Written(files={"records.jsonl": b"".join(lines)})


def _onto(found: Read, documents: Mapping[str, Document], path: Path) -> Read:
    """The same records on the given documents: by their ids, or where those are others and as many in order."""
    ids = [record.id for record in found.records]
    if set(ids) <= set(documents):
        targets = [documents[id] for id in ids]
    elif len(ids) == len(documents):
        targets = list(documents.values())
    else:
        strange = next(id for id in ids if id not in documents)
        message = (
            f"there is no document {strange!r} here, and {len(ids)} in order for {len(documents)} do not pair;"
            f" there are {listing(list(documents))}"
        )
        raise BenchError([Finding(code="record-unknown-document", message=message, file=str(path))])
    records, losses = [], list(found.losses)
    for record, target in zip(found.records, targets, strict=True):
        try:
            moved, lost = onto(record, found.texts[record.id].text, target)
        except BenchError as error:
            message = f"{record.id} is not the text of {target.id}: {error}"
            raise BenchError([Finding(code="record-text-mismatch", message=message, file=str(path))]) from None
        records.append(moved)
        losses += lost
    return Read(records=records, texts={d.id: d for d in targets}, losses=tuple(losses), repairs=found.repairs)


def onto(record: Record, text: str, document: Document) -> tuple[Record, list[Loss]]:
    """A record on `text` as one on the document's text. Raises `BenchError` when one is no rewriting of the other."""
    if text == document.text:
        return msgspec.structs.replace(record, id=document.id), []
    alignment = align(document.text, text)
    place = alignment.span
    layers = [layer for layer in ("entities", "quotes", "timexes", "events") if getattr(record, layer) is not None]
    gathered = Gathering(document.id, layers, len(document.text))
    for edit in alignment.edits:
        gathered.lose("text", f"{edit.text!r} at {edit.start} became {edit.became!r}", annotations=0)
    for layer in layers:
        for item in getattr(record, layer):
            fields = _placed(msgspec.to_builtins(item), place)
            if "text" in fields:
                fields["text"] = document.text[fields["start"] : fields["end"]]
            gathered.take(layer, fields)
    return gathered.record(), gathered.losses


_SPANS = ("spans", "inner", "direct", "cues", "mentions")


def _placed(fields: dict[str, Any], place: Callable[[int, int], tuple[int, int]]) -> dict[str, Any]:
    """The builtins of an annotation with every span at its new place."""
    made: dict[str, Any] = {}
    for name, value in fields.items():
        if name in _SPANS:
            made[name] = [place(start, end) for start, end in value]
        else:
            made[name] = _placed(value, place) if isinstance(value, dict) else value
    if "start" in fields:
        made["start"], made["end"] = place(fields["start"], fields["end"])
    return made


# told apart in this order
FORMATS: dict[str, Format] = {
    "webanno": Format(
        about="WebAnno TSV 3, of WebAnno and INCEpTION",
        unit="UTF-16 code units",
        looks_like=webanno.looks_like,
        read=webanno.read,
        write=webanno.write,
        suffixes=(".tsv",),
        folder=True,
    ),
    "cas": Format(
        about="UIMA CAS JSON, of INCEpTION, with the extra `inception`",
        unit="UTF-16 code units",
        looks_like=cas.looks_like,
        read=cas.read,
        write=cas.write,
        suffixes=(".json",),
        folder=True,
    ),
    "conll": Format(
        about="columns of tokens and tags: CoNLL, VLSP, PhoNER; IOB1, IOB2, IOBES, BILOU",
        unit="none: tokens",
        looks_like=conll.looks_like,
        read=conll.read,
        write=conll.write,
        suffixes=(".conll", ".tsv", ".iob", ".bio"),
    ),
    "brat": Format(
        about="brat standoff: a .txt and an .ann a document",
        unit="code points",
        looks_like=brat.looks_like,
        read=brat.read,
        write=brat.write,
        suffixes=(".ann",),
        folder=True,
    ),
    "labelstudio": Format(
        about="Label Studio's JSON export, also JSON_MIN",
        unit="code points",
        looks_like=lambda head: labelstudio.looks_like(first_value(head)),
        read=labelstudio.read,
        write=labelstudio.write,
        suffixes=(".json",),
    ),
    "doccano": Format(
        about="doccano's JSONL, with or without relations",
        unit="UTF-16 code units",
        looks_like=lambda head: doccano.looks_like(first_value(head)),
        read=doccano.read,
        write=doccano.write,
        suffixes=(".jsonl",),
    ),
    "rows": Format(
        about="rows of datasets: parquet of our configurations, and of tokens and tags; JSON lines of the latter",
        unit="none: tokens; code points in our own",
        looks_like=lambda head: head.startswith("PAR1") or rows.looks_like(first_value(head)),
        read=rows.read,
        write=rows.write,
        suffixes=(".parquet", ".jsonl"),
    ),
    "spacy": Format(
        about="spaCy's DocBin, with the extra `spacy`",
        unit="code points",
        looks_like=docbin.looks_like,
        read=docbin.read,
        write=docbin.write,
        suffixes=(".spacy",),
    ),
    "timeml": Format(
        about="TimeML: TIMEX3 tags in the text, also HeidelTime's output",
        unit="none: tags in the text",
        looks_like=timeml.looks_like,
        read=timeml.read,
        write=timeml.write,
        suffixes=(".tml", ".xml"),
        folder=True,
    ),
    "strings": Format(
        about="answers of language models: JSON in which spans are named by their words, in prose or code fences",
        unit="none: words",
        looks_like=strings.looks_like,
        read=strings.read,
        write=strings.write,
        suffixes=(".jsonl", ".json", ".txt", ".md"),
        needs_texts=True,
    ),
    "records": Format(
        about="our own: one JSON object a document",
        unit="code points",
        looks_like=lambda head: False,
        read=lambda source: _own(source.path, source.documents),
        write=_write_own,
        suffixes=(".jsonl", ".json"),
    ),
}
