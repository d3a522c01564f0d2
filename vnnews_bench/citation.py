"""How to cite the data: CITATION.cff with the version and hash of the data that are here, and what follows from it."""

from typing import Any

from vnnews_bench import __version__, corpus

FORMS = ("bibtex", "apa", "cff")


def cff() -> dict[str, Any]:
    """CITATION.cff (Citation File Format 1.2.0) with the bundled data's version and content hashes, that of all data first."""
    import yaml

    stated: dict[str, Any] = yaml.safe_load(corpus.page("CITATION.cff"))
    parts = {corpus.ALL: "all documents and their gold"} | {
        split: f"the documents and gold of split {split}" for split in corpus.splits()
    }
    identifiers = [
        {"type": "other", "value": f"sha256:{corpus.load(split).hash}", "description": f"Content hash of {part}"}
        for split, part in parts.items()
    ]
    return stated | {"version": corpus.load().version, "identifiers": identifiers}


def cite(form: str) -> str:
    """The citation as `bibtex`, `apa` or `cff`, without a line break at its end."""
    import yaml

    stated = cff()
    if form == "cff":
        return str(yaml.safe_dump(stated, sort_keys=False, allow_unicode=True, width=1000)).rstrip("\n")
    authors = [author.get("name") or f"{author['family-names']}, {author['given-names']}" for author in stated["authors"]]
    year, version = stated["date-released"].year, stated["version"]
    hash = stated["identifiers"][0]["value"].partition(":")[2]
    if form == "apa":
        return f"{', & '.join(authors)}. ({year}). {stated['title']} (Version {version}, content hash {hash[:8]}) [Data set]."
    fields = {
        "author": " and ".join(f"{{{author}}}" for author in authors),
        "title": f"{{{stated['title']}}}",
        "year": str(year),
        "version": version,
        "note": f"Data version {version}, content hash {hash}; scored with vnnews-bench {__version__}",
    }
    lines = [f"  {name} = {{{value}}}".replace("_", r"\_") for name, value in fields.items()]
    return "@misc{vnnews_bench,\n" + ",\n".join(lines) + "\n}"
