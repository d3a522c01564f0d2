"""The floors of the house: imports run downwards only, and the rooms of the tasks never import one another."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
import vnnews_baselines

import vnnews_bench

# floors from the ground up; a module imports from its own floor's left or from a floor below
FLOORS = (
    ("errors", "streams", "records", "text", "frames", "timex3", "counts", "tags", "letters"),
    ("pairs", "speakers", "align", "render", "resample", "task", "offsets", "rows", "schema", "drafts"),
    ("tasks.ner", "tasks.quotes", "tasks.dates", "tasks"),
    ("assembly", "files", "passes", "batches", "corpus", "tools", "worker", "isolation"),
    ("formats.exchange", "formats.schemes", "formats.lines", "formats.blocks", "formats.graph"),
    (
        "formats.conll",
        "formats.pairing",
        "formats.strings",
        "formats.timeml",
        "formats.brat",
        "formats.doccano",
        "formats.labelstudio",
        "formats.webanno",
        "formats.cas",
        "formats.rows",
        "formats.docbin",
        "formats",
    ),
    (
        "linked",
        "phenomena",
        "quality",
        "systems",
        "report",
        "counting",
        "scoring",
        "mistakes",
        "validate",
        "statistics",
        "citation",
    ),
    (
        "leaderboard",
        "agreement",
        "adjudicating",
        "entering",
        "results",
        "compare",
        "measurement",
        "submission",
        "verification",
        "concordance",
    ),
    ("hub.glossary", "hub.fields", "hub.content", "hub.configs", "hub.remote", "hub.load", "hub.card", "hub.croissant"),
    (
        "archive",
        "archive.reading",
        "archive.shards",
        "archive.worker",
        "archive.tagger",
        "archive.local",
        "archive.cluster",
        "archive.run",
    ),
    ("hub.build", "hub.check", "hub.publish", "hub.results", "hub"),
    ("site.marks", "site.charts", "site.entries", "site", "site.pages", "learning", "plots"),
    (
        "cli.options",
        "cli.scoring",
        "cli.archiving",
        "cli.comparing",
        "cli.measuring",
        "cli.submitting",
        "cli.annotating",
        "cli.entering",
        "cli.publishing",
        "cli.reporting",
        "cli.site",
        "cli",
    ),
)
ORDER = [module for floor in FLOORS for module in floor]
PACKAGE = Path(vnnews_bench.__file__).parent
BASELINES = Path(vnnews_baselines.__file__).parent


def imports(path: Path, package: str) -> set[str]:
    """The modules of a package that a file imports, at its top or inside."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == package:
            if node.module in (
                package,
                *(f"{package}.{folder}" for folder in ("tasks", "formats", "hub", "site", "archive", "cli")),
            ):
                base = node.module.removeprefix(package).lstrip(".")
                names = [f"{base}.{alias.name}".lstrip(".") for alias in node.names if alias.name != "__version__"]
                found |= {name if name in ORDER else base for name in names}
            else:
                found.add(node.module.removeprefix(f"{package}."))
        if isinstance(node, ast.Import):
            found |= {alias.name.removeprefix(f"{package}.") for alias in node.names if alias.name.startswith(f"{package}.")}
    return found


def name_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


FILES = [path for path in PACKAGE.rglob("*.py") if name_of(path)]


def test_every_module_has_its_floor():
    assert sorted(map(name_of, FILES)) == sorted(ORDER)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_imports_run_downwards(path):
    for module in imports(path, "vnnews_bench"):
        assert ORDER.index(module) < ORDER.index(name_of(path)), f"{name_of(path)} imports {module}"


def test_only_names_of_baselines_are_known_to_the_package():
    assert not any(imports(path, "vnnews_baselines") for path in PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("path", [*PACKAGE.rglob("*.py"), *BASELINES.rglob("*.py")], ids=lambda path: path.stem)
def test_a_file_fits_its_room(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from vnnews_bench.cli import main; main(['--help'], standalone_mode=False);"
        "heavy = ('numpy', 'datasets', 'huggingface_hub', 'sklearn', 'rich', 'scipy', 'pyarrow', 'spacy', 'seqeval', 'cassis');"
        "heavy += ('jinja2', 'matplotlib', 'ray');"
        "print([module for module in heavy if module in sys.modules])"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.splitlines()[-1] == "[]"
