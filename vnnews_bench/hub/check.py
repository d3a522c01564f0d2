"""Whether a built folder is sound: files, rows, card, croissant.json and eval.yaml agree, and `datasets` reads it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from vnnews_bench.errors import BenchError, Finding
from vnnews_bench.hub import content, croissant
from vnnews_bench.hub.configs import CONFIGS
from vnnews_bench.hub.content import Content
from vnnews_bench.hub.fields import features
from vnnews_bench.hub.load import stock


def findings(folder: Path) -> list[Finding]:
    """Everything that is wrong with a folder that `build` wrote; each finding names its file."""
    stated = content.read(folder)
    found = [("README.md", problem) for problem in _card(folder, stated)]
    found += [(croissant.NAME, problem) for problem in croissant.problems(folder)]
    found += [("eval.yaml", problem) for problem in _benchmark(folder, stated)]
    if not found:
        found = [(content.NAME, problem) for problem in _rows(folder, stated)]
    return [Finding(code="dataset-folder", message=message, file=str(folder / name)) for name, message in found]


def _card(folder: Path, stated: Content) -> Iterator[str]:
    """The metadata has the stated version and rows in every configuration, and one default."""
    from huggingface_hub import DatasetCard

    data: dict[str, Any] = DatasetCard.load(folder / "README.md").data.to_dict()
    configs = {config["config_name"]: config for config in data.get("configs", [])}
    infos = {info["config_name"]: info for info in data.get("dataset_info", [])}
    yield from (f"{name} is missing" for name in ("license", "language", "pretty_name") if not data.get(name))
    if [name for name, config in configs.items() if config.get("default")] != ["documents"]:
        yield "documents is not the one default configuration"
    for name, splits in stated.rows.items():
        if str(configs.get(name, {}).get("version")) != stated.version:
            yield f"{name} has not the version {stated.version}, so that caches would show older rows"
        counts = {split["name"]: split["num_examples"] for split in infos.get(name, {}).get("splits", [])}
        if counts != {split: rows.count for split, rows in splits.items()}:
            yield f"{name} has not the stated splits and numbers of rows"


def _benchmark(folder: Path, stated: Content) -> Iterator[str]:
    """What the Hub demands of eval.yaml, and configurations and splits that exist."""
    import yaml

    made = yaml.safe_load((folder / "eval.yaml").read_text(encoding="utf-8"))
    yield from (f"{name} is missing" for name in ("name", "description", "evaluation_framework", "tasks") if not made.get(name))
    for task in made.get("tasks", []):
        if task.get("split") not in stated.rows.get(task.get("config", ""), {}):
            yield f"task {task.get('id')}: there is no {task.get('config')}/{task.get('split')}"


def _rows(folder: Path, stated: Content) -> Iterator[str]:
    """What `datasets` reads has the features and the hash that are stated."""
    for name, splits in stated.rows.items():
        tables = stock(folder, name)
        for split, expected in splits.items():
            rows = tables[split]
            found = content.state(rows.to_list())
            if found != expected:
                sides = (f"{side.count} rows with hash {side.sha256[:16]}…" for side in (found, expected))
                yield f"{name}/{split}: {next(sides)}, stated are {next(sides)}"
            if name in CONFIGS and rows.features != features(CONFIGS[name].fields):
                yield f"{name}/{split}: the features are not those of the configuration"


def demand(folder: Path) -> None:
    """Raises `BenchError` with every finding of a folder that is not sound."""
    found = findings(folder)
    if found:
        raise BenchError(found)
