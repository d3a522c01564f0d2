"""dateparser: dates of the kind that `search_dates` finds, at the granularity that its parser states."""

from collections.abc import Callable

from vnnews_baselines.adapters import COARSE, imported, pieces, reference, timed, value
from vnnews_bench.records import Document, Timex
from vnnews_bench.tools import Answer, Settings


def load(settings: Settings) -> Callable[[Document], Answer]:
    """The tagger. The search gives words and full dates: the words are found again in order, the parser tells their period."""
    search = imported("dateparser", "dateparser.search").search_dates
    parser = imported("dateparser", "dateparser.date").DateDataParser

    def tag(document: Document) -> Answer:
        options = {"RELATIVE_BASE": reference(document, "dateparser"), "RETURN_TIME_AS_PERIOD": True}
        periods = parser(languages=["vi"], settings=options)
        timexes, notes = [], []
        for piece in pieces(document):
            at = 0
            for words, when in search(piece.text, languages=["vi"], settings=options) or ():
                start = piece.text.find(words, at)
                if start < 0:
                    notes.append(f"not found again: {words!r}")
                    continue
                at = start + len(words)
                grain = periods.get_date_data(words).period
                a, b = piece.span(start, at)
                timexes.append(Timex(start=a, end=b, type="DATE" if grain in COARSE else "TIME", value=value(when, grain)))
        return timed(document, timexes, notes)

    return tag
