"""The Hugging Face dataset: configurations, features that derive from the records, parquet and card.

The bundled data never goes through the cache of `datasets`: that cache is keyed by the card's YAML and not by the files, so
it would show old rows after an upgrade.
"""

import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import inspect

from vnnews_bench import corpus
from vnnews_bench.corpus import Corpus
from vnnews_bench.errors import BenchError, listing
from vnnews_bench.records import LAYERS, Document, Record
from vnnews_bench.tags import encode
from vnnews_bench.tasks import ner
from vnnews_bench.text import syllables

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict, Features

Row = dict[str, Any]
BIO = ["O"] + [f"{prefix}-{label}" for label in dict.fromkeys(ner.VIEWS["vlsp"].values()) for prefix in "BI"]


def document_rows(data: Corpus) -> list[Row]:
    """A row per document: the document and its gold layers, as a record that `evaluate` accepts."""
    rows = []
    for document, gold in zip(data.documents.values(), data.gold.values(), strict=True):
        row = msgspec.structs.asdict(document) | {layer: getattr(gold, layer) for layer in LAYERS}
        rows.append({name: _full(value) for name, value in row.items()})
    return rows


def ner_rows(data: Corpus) -> list[Row]:
    """A row per sentence: syllables with their offsets and BIO tags of the VLSP view."""
    rows: list[Row] = []
    for document, gold in zip(data.documents.values(), data.gold.values(), strict=True):
        entities = [(e.start, e.end, e.label) for e in ner.view(gold.entities or (), "vlsp")]
        for n, (start, end) in enumerate(document.sentences):
            tokens = syllables(document.text, start, end)
            rows.append(
                {
                    "id": f"{document.id}-{n + 1}",
                    "document": document.id,
                    "zone": document.zone_of(start),
                    "tokens": [document.text[a:b] for a, b in tokens],
                    "offsets": [list(token) for token in tokens],
                    "ner_tags": [BIO.index(tag) for tag in encode(tokens, entities)],
                }
            )
    return rows


def _document_features() -> "Features":
    from datasets import Features

    fields = {field.name: field.type for field in _struct(Document).fields}
    fields |= {field.name: field.type for field in _struct(Record).fields if field.name in LAYERS}
    return Features({name: _feature(kind) for name, kind in fields.items()})


def _ner_features() -> "Features":
    from datasets import ClassLabel, Features, List, Value

    return Features(
        {
            "id": Value("string"),
            "document": Value("string"),
            "zone": Value("string"),
            "tokens": List(Value("string")),
            "offsets": List(List(Value("int32"))),
            "ner_tags": List(ClassLabel(names=BIO)),
        }
    )


CONFIGS: dict[str, tuple[Callable[[Corpus], list[Row]], Callable[[], "Features"]]] = {
    "documents": (document_rows, _document_features),
    "ner": (ner_rows, _ner_features),
}


def load_dataset(config: str = "documents", split: str | None = None) -> "Dataset | DatasetDict":
    """A configuration of the bundled data as a `datasets.Dataset`, or of every split as a `DatasetDict`.

    Raises `BenchError` for a configuration or a split that does not exist.
    """
    from datasets import DatasetDict

    if config not in CONFIGS:
        raise BenchError(f"there is no configuration {config!r}; there are {listing(list(CONFIGS))}")
    if split is not None:
        return _dataset(config, split)
    return DatasetDict({name: _dataset(config, name) for name in corpus.splits()})


def _dataset(config: str, split: str) -> "Dataset":
    from datasets import Dataset

    rows, features = CONFIGS[config]
    return Dataset.from_list(rows(corpus.load(split)), features=features())


def build(folder: str | Path) -> list[str]:
    """Writes the dataset repository: parquet per configuration and split, and the card. Returns the files' names.

    A folder that an earlier build made is replaced as a whole; anything else in it is an error, and nothing is written.
    """
    folder = Path(folder)
    made = {
        f"{config}/{split}-00000-of-00001.parquet": _dataset(config, split) for config in CONFIGS for split in corpus.splits()
    }
    names = ["README.md", *made]
    _refuse_strangers(folder, names)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    except OSError as error:
        raise BenchError(f"{folder}: cannot be written: {error.strerror}") from None
    try:
        for name, dataset in made.items():
            (beside / name).parent.mkdir(exist_ok=True)
            dataset.to_parquet(beside / name)
        (beside / "README.md").write_text(card(), encoding="utf-8")
        beside.chmod(0o755)
        if folder.exists():
            shutil.rmtree(folder)
        beside.rename(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return names


def _refuse_strangers(folder: Path, names: Sequence[str]) -> None:
    """An earlier build may be replaced, nothing else."""
    if folder.exists() and not folder.is_dir():
        raise BenchError(f"{folder}: is a file; name a folder")
    strangers = [str(p.relative_to(folder)) for p in sorted(folder.rglob("*")) if p.is_file()] if folder.exists() else []
    strangers = [name for name in strangers if name not in names]
    if strangers:
        raise BenchError(f"{folder}: holds files that a build does not write, {listing(strangers)}; name another folder")


def card() -> str:
    """The dataset card: YAML with configurations, features and row counts, then what a reader must know first."""
    from huggingface_hub import DatasetCard, DatasetCardData

    test = corpus.load()
    known = corpus.splits()
    configs, infos = [], []
    for config, (rows, features) in CONFIGS.items():
        files = [{"split": split, "path": f"{config}/{split}-*.parquet"} for split in known]
        default = {"default": True} if config == "documents" else {}
        configs.append({"config_name": config, **default, "version": test.version, "data_files": files})
        counts = [{"name": s, "num_examples": len(rows(corpus.load(s))), "num_bytes": 0} for s in known]
        infos.append({"config_name": config, "features": features()._to_yaml_list(), "splits": counts})
    data = DatasetCardData(
        language=["vi"],
        license="other",
        license_name="annotations-cc-by-4.0-texts-publishers",
        license_link="LICENSE",
        annotations_creators=["machine-generated"],
        language_creators=["found"],
        multilinguality=["monolingual"],
        size_categories=["n<1K"],
        source_datasets=["original"],
        task_categories=["token-classification"],
        task_ids=["named-entity-recognition"],
        pretty_name="VNNews-Bench",
        configs=configs,
        dataset_info=infos,
    )
    return str(
        DatasetCard(
            f"---\n{data.to_yaml()}\n---\n"
            + CARD.format(
                version=test.version,
                hash=test.hash[:8],
                documents=len(test.documents),
                sentences=test.sentences,
                **{layer: sum(len(getattr(record, layer) or ()) for record in test.gold.values()) for layer in LAYERS},
                tags=", ".join(f"`{tag}`" for tag in BIO),
            )
        )
    )


CARD = """
# VNNews-Bench

Information extraction from Vietnamese news: {documents} real articles, {sentences} sentences with {entities} named entities
(nested, with metonymy), {quotes} quotations with their speakers, {timexes} time expressions and {events} events with dates.
Data version {version}, content hash `{hash}`.

* `documents` (default): a row per article with its text, date, zones, sentences and the four layers of gold.
* `ner`: a row per sentence with syllables, their offsets in code points, and the tags {tags}
  (the VLSP view: outermost spans; GPE, LOC and FAC are `LOC`, EVENT and MISC are `MISC`).

```python
from datasets import load_dataset

ner = load_dataset("PATH", "ner", split="test")
```

A row of `documents` is also a submission: `documents.map(model).to_json("preds.jsonl")`, then
`vnnews-bench evaluate preds.jsonl`.

Language models annotated under written guidelines: two passes, adjudication, and a challenge of every annotation, all on
file. No human has checked the gold yet. The five articles tell one story, so they rank systems only roughly.

Annotations: CC BY 4.0. The texts remain their publishers' and are included as received, for research; write to the maintainers
to have a text removed.
"""


def _struct(kind: type) -> inspect.StructType:
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType)
    return info


def _feature(kind: inspect.Type) -> Any:
    """The feature of a field's type: labels stay strings, so that a row written as JSON is a record again."""
    from datasets import List, Value

    match kind:
        case inspect.UnionType(types=types):
            return _feature(next(k for k in types if not isinstance(k, inspect.NoneType)))
        case inspect.StructType(fields=fields):
            return {field.encode_name: _feature(field.type) for field in fields}
        case inspect.VarTupleType(item_type=item):
            return List(_feature(item))
        case inspect.TupleType(item_types=(item, *_)):
            return List(_feature(item))
        case inspect.IntType():
            return Value("int32")
        case inspect.BoolType():
            return Value("bool")
        case inspect.StrType() | inspect.LiteralType() | inspect.DateType():
            return Value("string")
    raise TypeError(f"no feature for {kind}")


def _full(value: Any) -> Any:
    """A record's value as builtins with every field, dates as ISO strings."""
    if isinstance(value, msgspec.Struct):
        return {name: _full(field) for name, field in msgspec.structs.asdict(value).items()}
    if isinstance(value, tuple | list):
        return [_full(item) for item in value]
    return msgspec.to_builtins(value)
