"""ViNLP: its conditional random field for names (four labels), sentence by sentence."""

from collections.abc import Callable, Sequence

from vnnews_baselines.adapters import Words, imported, pieces, tagged
from vnnews_bench.records import Document
from vnnews_bench.tools import Answer, Settings


def start(settings: Settings) -> Callable[[Document], list[Words]]:
    """Words and tags by sentence."""
    ner = imported("vinlp", "ViNLP").ner
    return lambda document: [[(word, tag) for word, _, _, tag in ner(piece.text)] for piece in pieces(document)]


def read(document: Document, printed: Sequence[Words]) -> Answer:
    """The names."""
    return tagged(document, printed)
