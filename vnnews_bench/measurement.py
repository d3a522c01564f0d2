"""Measurement: systems run one by one in processes of their own, what they scored and what they cost made into rows."""

import importlib
import os
import platform
import re
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from vnnews_bench import __version__, corpus, files, results, systems, tools
from vnnews_bench.errors import BenchError
from vnnews_bench.isolation import Outcome
from vnnews_bench.leaderboard import TESTS, Test
from vnnews_bench.results import Result
from vnnews_bench.tools import Settings, Usage


def measure(
    name: str, folder: Path, settings: Settings = tools.DEFAULTS, tell: Callable[[str], None] = lambda note: None
) -> list[Result]:
    """Runs a system over both tests, each time anew, and writes its rows and predictions into a folder.

    Raises `BenchError` when the tool is not installed or fails on every document of a test; nothing is written then.
    """
    systems.check(name)
    kept = {split: results.prepared(name, folder, split) for split in TESTS}
    found = {split: _run(name, split, settings, tell) for split in TESTS}
    rows = []
    for split, outcomes in found.items():
        files.write([outcome.record for outcome in outcomes if outcome.record is not None], kept[split])
        rows += results.scored(name, kept[split], split, _measured(name, outcomes, settings))
    results.write(rows, folder)
    return rows


def _run(name: str, split: Test, settings: Settings, tell: Callable[[str], None]) -> list[Outcome]:
    """What becomes of the documents of a test. Raises `BenchError` when that is nothing for all of them."""
    found = []
    for outcome in systems.outcomes(name, corpus.load(split).documents.values(), settings):
        found.append(outcome)
        for note in systems.said(name, outcome):
            tell(note)
    if all(outcome.record is None for outcome in found):
        raise BenchError(f"{name} failed on every document: {found[0].lost}")
    return found


def _measured(name: str, found: Sequence[Outcome], settings: Settings) -> dict[str, Any]:
    """What a run cost, and with what it ran."""
    usage = sum((outcome.usage for outcome in found if outcome.usage), Usage())
    asked = usage != Usage()
    return {
        "versions": versions(name),
        "hardware": hardware(),
        "seconds": round(sum(outcome.seconds for outcome in found), 3),
        "peak": round(max(outcome.peak for outcome in found), 1),
        "lost": {outcome.document: outcome.lost for outcome in found if outcome.lost is not None},
        "notes": sum(len(outcome.notes) for outcome in found),
        "usage": usage if asked else None,
        "cost": usage.cost(settings.price) if asked and settings.price else None,
        "language": settings.language if asked else None,
    }


def hardware() -> str:
    """The processor, as Linux names it, and how many of it this machine has."""
    known = Path("/proc/cpuinfo")
    model = re.search(r"^model name\s*: (.+)$", known.read_text(), re.M) if known.is_file() else None
    return f"{os.cpu_count()} × {model[1].strip() if model else platform.machine()}"


def versions(name: str) -> dict[str, str]:
    """The versions on which a score depends: of Python, of this package, of a tool and of what it runs on."""
    found = {"python": platform.python_version(), "vnnews-bench": __version__}
    known = tools.named(name)
    if known is None:
        return found
    found |= {distribution: version(distribution) for distribution in known[0].distributions}
    adapter = importlib.import_module(f"vnnews_baselines.adapters.{known[0].name}")
    outside: Callable[[], dict[str, str]] = getattr(adapter, "versions", dict)
    return found | outside()
