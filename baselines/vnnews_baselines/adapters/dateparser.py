"""dateparser: what `search_dates` finds in a sentence, at the granularity that its parser states."""

import datetime
from collections.abc import Callable, Sequence

from vnnews_baselines.adapters import answer, dated, gathering, imported, pieces, reference
from vnnews_bench.records import Document
from vnnews_bench.tools import Answer, Settings

Hit = Sequence[str]  # words, date and time, period


def start(settings: Settings) -> Callable[[Document], list[list[Hit]]]:
    """Words, date and period by sentence; the search tells the first two, the parser of the words the third."""
    search = imported("dateparser", "dateparser.search").search_dates
    parser = imported("dateparser", "dateparser.date").DateDataParser

    def run(document: Document) -> list[list[Hit]]:
        options = {"RELATIVE_BASE": reference(document, "dateparser"), "RETURN_TIME_AS_PERIOD": True}
        period = parser(languages=["vi"], settings=options).get_date_data
        found = [search(piece.text, languages=["vi"], settings=options) or () for piece in pieces(document)]
        return [[(words, when.isoformat(), period(words).period) for words, when in hits] for hits in found]

    return run


def read(document: Document, printed: Sequence[Sequence[Hit]]) -> Answer:
    """The time expressions; their words are found again in order."""
    gathered = gathering(document, "timexes")
    for piece, hits in zip(pieces(document), printed, strict=True):
        at = 0
        for words, when, period in hits:
            start = piece.text.find(words, at)
            if start < 0:
                gathered.lose("not found", f"{words!r} is not in its sentence again")
                continue
            at = start + len(words)
            dated(gathered, piece.span(start, at), datetime.datetime.fromisoformat(when), period)
    return answer(gathered)
