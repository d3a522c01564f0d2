"""pyvi: the words that it tags as proper nouns (`Np`). It knows no labels; MISC stands for them and is not scored."""

from collections.abc import Callable, Sequence

from vnnews_baselines.adapters import Words, imported, pieces, tagged
from vnnews_bench.records import Document
from vnnews_bench.tools import Answer, Settings


def start(settings: Settings) -> Callable[[Document], list[Words]]:
    """Words and parts of speech by sentence."""
    tokenize = imported("pyvi", "pyvi.ViTokenizer").tokenize
    parts = imported("pyvi", "pyvi.ViPosTagger").postagging
    return lambda document: [list(zip(*parts(tokenize(piece.text)), strict=True)) for piece in pieces(document)]


def read(document: Document, printed: Sequence[Words]) -> Answer:
    """Every word that is a proper noun, as a name of its own."""
    return tagged(document, [[(word, "B-MISC" if part == "Np" else "O") for word, part in words] for words in printed])
