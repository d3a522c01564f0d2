"""dateparser: what `search_dates` finds in a sentence, at the granularity that its parser states."""

import datetime
from collections.abc import Callable, Sequence

from vnnews_baselines.adapters import COARSE, imported, pieces, reference, timed, value
from vnnews_bench.records import Document, Timex
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
    timexes, notes = [], []
    for piece, hits in zip(pieces(document), printed, strict=True):
        at = 0
        for words, when, period in hits:
            start = piece.text.find(words, at)
            if start < 0:
                notes.append(f"not found again: {words!r}")
                continue
            at = start + len(words)
            a, b = piece.span(start, at)
            said = value(datetime.datetime.fromisoformat(when), period)
            timexes.append(Timex(start=a, end=b, type="DATE" if period in COARSE else "TIME", value=said))
    return timed(document, timexes, notes)
