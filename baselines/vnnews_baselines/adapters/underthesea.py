"""underthesea: its conditional random field for names (four labels), sentence by sentence."""

import os
from collections.abc import Callable

from vnnews_baselines.adapters import imported, tagged
from vnnews_bench.records import Document
from vnnews_bench.tools import Answer, Settings


def load(settings: Settings) -> Callable[[Document], Answer]:
    """The tagger; the model that comes with the package, nothing is downloaded."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    ner = imported("underthesea", "underthesea").ner

    def words(sentence: str) -> list[tuple[str, str]]:
        return [(word, tag) for word, _, _, tag in ner(sentence)]

    return lambda document: tagged(document, words)
