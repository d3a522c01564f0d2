"""ViNLP: its conditional random field for names (four labels), sentence by sentence."""

from collections.abc import Callable

from vnnews_baselines.adapters import imported, tagged
from vnnews_bench.records import Document
from vnnews_bench.tools import Answer, Settings


def load(settings: Settings) -> Callable[[Document], Answer]:
    """The tagger."""
    ner = imported("vinlp", "ViNLP").ner

    def words(sentence: str) -> list[tuple[str, str]]:
        return [(word, tag) for word, _, _, tag in ner(sentence)]

    return lambda document: tagged(document, words)
