"""pyvi: the words that it tags as proper nouns (`Np`). It knows no labels; MISC stands for them and is not scored."""

from collections.abc import Callable

from vnnews_baselines.adapters import imported, tagged
from vnnews_bench.records import Document
from vnnews_bench.tools import Answer, Settings


def load(settings: Settings) -> Callable[[Document], Answer]:
    """The tagger: every word that is a proper noun is a name of its own."""
    tokenizer, tagger = imported("pyvi", "pyvi.ViTokenizer"), imported("pyvi", "pyvi.ViPosTagger")

    def words(sentence: str) -> list[tuple[str, str]]:
        tokens, parts = tagger.postagging(tokenizer.tokenize(sentence))
        return [(token, "B-MISC" if part == "Np" else "O") for token, part in zip(tokens, parts, strict=True)]

    return lambda document: tagged(document, words)
