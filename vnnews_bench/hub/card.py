"""What a dataset repository says of itself: README.md from the datasheet and the corpus, eval.yaml for the Hub's benchmarks."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from vnnews_bench import __version__, corpus, statistics
from vnnews_bench.citation import cite
from vnnews_bench.hub.configs import CONFIGS, Plain
from vnnews_bench.hub.content import Policy, Rows
from vnnews_bench.hub.fields import features, flat
from vnnews_bench.records import LAYERS
from vnnews_bench.render import Sheet, render
from vnnews_bench.tasks import TASKS

Tables = Mapping[str, Mapping[str, list[Plain]]]  # configuration → split → rows
Stated = Mapping[str, Mapping[str, Rows]]  # configuration → split → what is stated of them
TITLE = "VNNews-Bench"
FRAMEWORK = "vnnews-bench"
BENCHMARK = (
    "Gold named entities, quotations with their speakers, and events with their dates in Vietnamese news: "
    "published articles, and others that language models wrote for this corpus to train on and as a second test set."
)


def file_of(config: str, split: str, rows: Rows) -> str:
    """The parquet file of a split. Its name carries the hash of its rows, so that no cache can take it for another."""
    return f"{config}/{split}-{rows.sha256[:8]}.parquet"


def readme(tables: Tables, stated: Stated, text: Policy, repository: str) -> str:
    """The dataset card: metadata that `datasets` and the Hub read, then the datasheet with what a user needs before it."""
    return f"---\n{_metadata(tables, stated, text)}\n---\n\n" + "\n\n".join(_sections(tables, stated, text, repository)) + "\n"


def _metadata(tables: Tables, stated: Stated, text: Policy) -> str:
    from huggingface_hub import DatasetCardData

    version = corpus.load().version
    configs, infos = [], []
    for name, splits in tables.items():
        files, sizes = [], []
        for split, rows in splits.items():
            files.append({"split": split, "path": file_of(name, split, stated[name][split])})
            size = CONFIGS[name].dataset(rows, split).data.nbytes
            sizes.append({"name": split, "num_examples": len(rows), "num_bytes": size})
        default = {"default": True} if name == "documents" else {}
        # with the version in it, the key of the client's cache changes when the data does
        configs.append({"config_name": name, **default, "version": version, "data_files": files})
        infos.append({"config_name": name, "features": features(CONFIGS[name].fields)._to_yaml_list(), "splits": sizes})
    most = max(sum(there.count for there in splits.values()) for splits in stated.values())
    data = DatasetCardData(
        language=["vi"],
        **_licence(text),
        annotations_creators=["machine-generated"],
        language_creators=["found", "machine-generated"],
        multilinguality=["monolingual"],
        size_categories=["n<1K" if most < 1000 else "1K<n<10K"],
        source_datasets=["original"],
        task_categories=["token-classification", "text-classification"],
        task_ids=["named-entity-recognition"],
        tags=["news", "quotation-attribution", "temporal-information-extraction", "events", "benchmark", "croissant"],
        pretty_name=TITLE,
        configs=configs,
        dataset_info=infos,
    )
    return str(data.to_yaml())


def _licence(text: Policy) -> dict[str, Any]:
    """CC BY 4.0 covers annotations alone; where the texts are there, they remain their publishers'."""
    if text == "withheld":
        return {"license": "cc-by-4.0"}
    return {"license": "other", "license_name": "cc-by-4.0-annotations-publishers-texts", "license_link": "LICENSE"}


def _sections(tables: Tables, stated: Stated, text: Policy, repository: str) -> Iterator[str]:
    data = corpus.load(corpus.ALL)
    kinds = Counter(str(document.kind) for document in data.documents.values())
    counts = {layer: sum(len(getattr(gold, layer) or ()) for gold in data.gold.values()) for layer in LAYERS}
    yield SUMMARY.format(
        title=TITLE, **kinds, sentences=data.sentences, version=data.version, hash=data.hash, code=__version__, **counts
    )
    yield TEXTS[text]
    yield f"## Splits\n\n{_splits()}\n\n{SPLITS}"
    yield LOADING.format(version=data.version, repository=repository)
    yield "## Configurations"
    yield _configurations(stated)
    yield "## Fields\n\nOffsets are half-open, in Unicode code points of the document's text as received."
    for name, config in CONFIGS.items():
        rows: list[Any] = [(f"`{path}`", field.type, field.about) for path, field in flat(config.fields)]
        yield render(Sheet(title=name, heads=("field", "type", "meaning"), rows=rows), "markdown")
        labels = [field.labels for _, field in flat(config.fields) if field.labels]
        yield from (f"The numbers of `label` stand for {', '.join(f'`{label}`' for label in names)}." for names in labels)
    yield "## Example rows\n\nThe first of each configuration, shortened."
    for name, splits in tables.items():
        row = next(iter(splits.values()))[0]
        yield f"`{name}`\n\n```json\n{json.dumps(_short(row), ensure_ascii=False, indent=1)}\n```"
    yield _datasheet()
    yield CANARY.format(canary=corpus.canary())
    yield f"## Citation\n\n```bibtex\n{cite('bibtex')}\n```\n\n{cite('apa')}"


def _splits() -> str:
    """What each split holds, and the hash by which the signature of a score names it."""
    rows: list[Any] = []
    for split in corpus.splits():
        data, counts = corpus.load(split), statistics.totals(corpus.load(split))
        kinds = " and ".join(sorted({str(document.kind) for document in data.documents.values()}))
        rows.append((f"`{split}`", PURPOSE[split], kinds, *(counts[name] for name in COUNTED), f"`{data.hash[:8]}`"))
    heads = ("split", "for", "articles are", *COUNTED, "hash of the gold")
    return render(Sheet(title="splits", heads=heads, rows=rows), "markdown").partition("\n\n")[2]


def _configurations(stated: Stated) -> str:
    rows: list[Any] = []
    for name, splits in stated.items():
        config = CONFIGS[name]
        for split, there in splits.items():
            rows.append((f"`{name}`", config.unit, config.about, split, there.count, f"`{there.sha256[:16]}`"))
    heads = ("configuration", "a row is a", "with", "split", "rows", "content hash")
    return render(Sheet(title="rows", heads=heads, rows=rows), "markdown").partition("\n\n")[2]


def _datasheet() -> str:
    """The datasheet below its title. Links into the project become words: there is no such file in the repository."""
    body = corpus.page("DATASHEET.md").partition("\n\n")[2]
    body = re.sub(r"<!-- .*? -->\n", "", body)
    return re.sub(r"\[([^\]]+)\]\((?!https?://)[^)]+\)", r"\1", body).strip()


def _short(value: Any) -> Any:
    """A value cut to what shows its form."""
    if isinstance(value, dict):
        return {name: _short(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_short(item) for item in value[:2]] + ["…"] * (len(value) > 2)
    return value[:60] + "…" if isinstance(value, str) and len(value) > 60 else value


def benchmark() -> str:
    """eval.yaml, which registers the dataset as a benchmark of the Hub: a leaderboard for each task, on its headline."""
    import yaml

    tasks = [{"id": name, "config": name, "split": "test"} for name in TASKS]
    scored = ", ".join(f"{task.headline} of {task.name}" for task in TASKS.values())
    about = f"{BENCHMARK} Scores are F1 in percent: {scored}."
    made = {"name": TITLE, "description": about, "evaluation_framework": FRAMEWORK, "tasks": tasks}
    return str(yaml.safe_dump(made, sort_keys=False, allow_unicode=True, width=1000))


COUNTED = ("articles", "syllables", "sentences", *statistics.HEADS)
PURPOSE = {
    "train": "training",
    "validation": "choosing settings",
    "test": "the headline",
    "test_written": "a second test of more articles and topics",
}

SUMMARY = """# {title}

Information extraction from Vietnamese news: {published} published articles and {written} that were **written for this
corpus by language models**, {sentences} sentences, with {entities} named entities (nested, with metonymy), {quotes} quotations
with their speakers, {timexes} time expressions and {events} events with dates. Language models annotated under written
guidelines: two passes, adjudication, and a challenge of every annotation; in `train` one pass and the challenge. **No human
has checked the gold yet.**

Data version {version}, content hash of the gold `{hash}`, made by vnnews-bench {code}."""

TEXTS: dict[Policy, str] = {
    "included": """Annotations and written articles: CC BY 4.0. The texts of the published articles remain their publishers' and
are included as received, for research; write to the maintainers to have one removed. See LICENSE.""",
    "withheld": """Annotations and written articles: CC BY 4.0. **The texts of the published articles (split `test`) are not
included**: offsets, labels and the sha256 of each text are. Whoever has the texts restores them with
`vnnews-bench rehydrate DIR --sources DIR`, which verifies each.""",
}

SPLITS = """The articles of `test` were published as news. All others are invented, with invented persons and bodies.
No split mixes the two: `kind` in each row (`source.kind` in `documents`) says `published` or `written`. Scores on written text
are not scores on news; the headline is `test`. Topics, writers' styles and names of `train` and `test_written` are disjoint."""

LOADING = """## Loading and scoring

```python
from datasets import load_dataset

revision = "v{version}"
train = load_dataset("{repository}", "ner", split="train", revision=revision)
validation = load_dataset("{repository}", "ner", split="validation", revision=revision)
test = load_dataset("{repository}", "ner", split="test", revision=revision)
test_written = load_dataset("{repository}", "ner", split="test_written", revision=revision)
```

The package verifies what it loads and pins the revision by itself:

```python
import vnnews_bench

test = vnnews_bench.load_dataset("ner", "test", source="hub:{repository}")
train = vnnews_bench.load_dataset("ner", "train")  # the same rows, from the package
```

A row of any configuration is a submission when the model's answer stands in the fields of the gold:

```python
test.map(my_model).to_json("preds.jsonl", force_ascii=False)
```

```
vnnews-bench evaluate preds.jsonl
vnnews-bench evaluate preds-written.jsonl --split test_written
```"""

CANARY = """## Canary

Every row of `validation`, `test` and `test_written` carries this line in `canary`. A model that completes it has seen the
data, and its scores are worth nothing. Rows of `train` have none: they are there to be learnt from, and a model that had
learnt the line with them would look like one that has seen the tests.

```
{canary}
```"""
