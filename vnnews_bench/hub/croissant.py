"""croissant.json: the dataset described for machines, with the responsible-AI fields, and a validation of our own.

Sources: Croissant Format Specification 1.1 and Croissant RAI Specification 1.0 (MLCommons).
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from vnnews_bench import citation, corpus
from vnnews_bench.hub.card import BENCHMARK, TITLE, file_of
from vnnews_bench.hub.configs import CONFIGS
from vnnews_bench.hub.content import Rows, sha256_of
from vnnews_bench.hub.fields import Field
from vnnews_bench.rows import BIO

NAME = "croissant.json"
STANDARDS = ["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"]
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
TYPES = {"string": "sc:Text", "int32": "cr:Int32", "bool": "sc:Boolean", "label": "cr:Int64"}
# property of the RAI vocabulary → heading of the datasheet under which the answer stands
ANSWERS = {
    "dataCollection": "Collection process",
    "dataAnnotationProtocol": "Preprocessing, cleaning, labelling",
    "dataAnnotationAnalysis": "What the agreement means",
    "personalSensitiveInformation": "People",
    "dataUseCases": "Uses",
    "dataLimitations": "Limitations",
    "dataBiases": "Biases",
    "dataSocialImpact": "Social impact",
    "dataReleaseMaintenancePlan": "Maintenance",
}
COMPUTED = ("annotationsPerItem", "annotatorDemographics", "machineAnnotationTools", "hasSyntheticData")
SPLIT = "split"  # the one field that is no column
PURPOSES = {
    "train": "cr:TrainingSplit",
    "validation": "cr:ValidationSplit",
    "test": "cr:TestSplit",
    "test_written": "cr:TestSplit",
}
REQUIRED = (
    "name",
    "description",
    "url",
    "license",
    "version",
    "citeAs",
    "datePublished",
    "creator",
    "distribution",
    "recordSet",
)


def write(folder: Path, rows: Mapping[str, Mapping[str, Rows]], repository: str) -> None:
    """Describes the parquet files that stand in a folder."""
    made = _dataset(repository) | {
        "distribution": [
            _file(folder, name, split, stated) for name, splits in rows.items() for split, stated in splits.items()
        ],
        "recordSet": [*(_records(name, split) for name, splits in rows.items() for split in splits), _splits(), _labels()],
    }
    (folder / NAME).write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _dataset(repository: str) -> dict[str, Any]:
    stated = citation.cff()
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": STANDARDS,
        "name": TITLE,
        "description": BENCHMARK,
        "url": f"https://huggingface.co/datasets/{repository}",
        "license": LICENCE,
        "version": stated["version"],
        "datePublished": stated["date-released"].isoformat(),
        "citeAs": citation.cite("bibtex"),
        "creator": [{"@type": "sc:Organization", "name": author["name"]} for author in stated["authors"]],
        "keywords": stated["keywords"],
        "inLanguage": "vi",
        "isLiveDataset": False,
    } | {f"rai:{name}": value for name, value in _responsible().items()}


def _responsible() -> dict[str, Any]:
    """The answers of the datasheet, and what the manifest of the passes says."""
    made: dict[str, Any] = {name: prose(heading) for name, heading in ANSWERS.items()}
    passes = msgspec.json.decode(corpus.verified("passes/MANIFEST.json"))["passes"]
    annotators = sorted({one["annotator"] for one in passes})
    per_item = Counter(
        Counter(name.partition("/")[2] for one in passes for name in one["files"] if name.count("/") == 1).values()
    )
    return made | {
        "annotationsPerItem": "; ".join(f"{count} passes over {number} articles" for count, number in sorted(per_item.items())),
        "annotatorDemographics": f"No human annotators: {'; '.join(annotators)}.",
        "machineAnnotationTools": annotators,
        "hasSyntheticData": any(document.kind == "written" for document in corpus.load(corpus.ALL).documents.values()),
    }


def prose(heading: str) -> str:
    """The text under a heading of the datasheet up to the next one, without tables, marks and links.

    Raises `KeyError` when there is no such heading.
    """
    pieces = re.split(r"^#+ (.+)\n", corpus.page("DATASHEET.md"), flags=re.M)
    text = dict(zip(pieces[1::2], pieces[2::2], strict=True))[heading]
    text = re.sub(r"<!-- vnnews-bench .*?<!-- end -->", "", text, flags=re.S)
    text = re.sub(r"^\|.*\n", "", text, flags=re.M)
    text = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", text)
    return " ".join(text.replace("**", "").replace("`", "").split())


def _file(folder: Path, config: str, split: str, stated: Rows) -> dict[str, Any]:
    name = file_of(config, split, stated)
    return {
        "@type": "cr:FileObject",
        "@id": f"{config}-{split}.parquet",
        "name": f"{config}-{split}.parquet",
        "contentUrl": name,
        "encodingFormat": "application/x-parquet",
        "sha256": sha256_of(folder / name),
    }


def _records(config: str, split: str) -> dict[str, Any]:
    known = CONFIGS[config]
    return {
        "@type": "cr:RecordSet",
        "@id": f"{config}-{split}",
        "name": f"{config}-{split}",
        "description": f"Configuration {config}, split {split}: a row per {known.unit}, {known.about}.",
        "field": [
            _split(f"{config}-{split}"),
            *(_field(field, f"{config}-{split}", f"{config}-{split}.parquet", field.name, []) for field in known.fields),
        ],
    }


def _split(above: str) -> dict[str, Any]:
    """The split of a record, read off the name of its file."""
    source = {
        "fileObject": {"@id": f"{above}.parquet"},
        "extract": {"fileProperty": "fullpath"},
        "transform": [{"regex": r"^(?:.*/)?([a-z_]+)(?:-[0-9a-f]{8}\.parquet)?$"}],  # the reference reader applies it twice
    }
    return {
        "@type": "cr:Field",
        "@id": f"{above}/{SPLIT}",
        "name": SPLIT,
        "description": "split of the row",
        "dataType": "sc:Text",
        "references": {"field": {"@id": "splits/name"}},
        "source": source,
    }


def _field(field: Field, above: str, file: str, column: str, path: list[str]) -> dict[str, Any]:
    """A column, or what stands at a path in one; an array says its shape."""
    made: dict[str, Any] = {"@type": "cr:Field", "@id": f"{above}/{field.name}", "name": field.name, "description": field.about}
    if field.shape:
        made |= {"isArray": True, "arrayShape": ",".join(map(str, field.shape))}
    if field.fields:
        return made | {"subField": [_field(inner, made["@id"], file, column, [*path, inner.name]) for inner in field.fields]}
    source: dict[str, Any] = {"fileObject": {"@id": file}, "extract": {"column": column}}
    if path:
        source["transform"] = [{"jsonPath": step} for step in path]
    return made | {"dataType": TYPES[field.dtype], "source": source}


def _splits() -> dict[str, Any]:
    """The splits, and what each is for in the vocabulary of Croissant."""
    rows = [(split, PURPOSES[split]) for split in corpus.splits()]
    about = "The splits of every configuration."
    return _inline("splits", about, {"name": "sc:Text", "url": "sc:URL"}, rows) | {"dataType": "cr:Split"}


def _labels() -> dict[str, Any]:
    """The names of the numbers in `ner_tags`."""
    about = "What the numbers in ner_tags stand for."
    return _inline("ner_labels", about, {"number": "cr:Int64", "tag": "sc:Text"}, list(enumerate(BIO)))


def _inline(name: str, about: str, columns: dict[str, str], rows: Sequence[tuple[object, ...]]) -> dict[str, Any]:
    """A record set whose rows stand in the file itself; its first column is the key."""
    ids = [f"{name}/{column}" for column in columns]
    fields = zip(ids, columns.items(), strict=True)
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": about,
        "key": {"@id": ids[0]},
        "field": [{"@type": "cr:Field", "@id": id, "name": column, "dataType": kind} for id, (column, kind) in fields],
        "data": [dict(zip(ids, row, strict=True)) for row in rows],
    }


def problems(folder: Path) -> Iterator[str]:
    """What is missing or untrue in a folder's croissant.json, more strictly than the reference validator, which only warns."""
    try:
        made = json.loads((folder / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        yield f"cannot be read: {error}"
        return
    wanted = [*REQUIRED, *(f"rai:{name}" for name in (*ANSWERS, *COMPUTED))]
    yield from (f"{name} is missing" for name in wanted if made.get(name) in (None, "", []))
    if made.get("conformsTo") != STANDARDS:
        yield f"conformsTo is not {' and '.join(STANDARDS)}"
    files = {one.get("@id"): one for one in made.get("distribution", [])}
    for one in files.values():
        path = folder / one.get("contentUrl", "")
        if not path.is_file() or sha256_of(path) != one.get("sha256"):
            yield f"{one.get('contentUrl')} is not there with the sha256 that it states"
        else:
            yield from _columns(path, one["@id"], made.get("recordSet", []))


def _columns(path: Path, file: str, sets: list[dict[str, Any]]) -> Iterator[str]:
    """The columns of a parquet file are the fields of its record set."""
    import pyarrow.parquet

    described = {
        field["name"]
        for one in sets
        if f"{one.get('@id')}.parquet" == file
        for field in one.get("field", [])
        if "name" in field and field["name"] != SPLIT
    }
    there = set(pyarrow.parquet.read_schema(path).names)
    yield from (f"{path.name}: the column {name} is not described" for name in sorted(there - described))
    yield from (f"{path.name}: there is no column {name}" for name in sorted(described - there))


CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "arrayShape": "cr:arrayShape",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "description": {"@container": "@language"},
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "name": {"@container": "@language"},
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
