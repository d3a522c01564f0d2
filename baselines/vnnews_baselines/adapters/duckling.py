"""Duckling (Vietnamese): points in time with their grain, intervals by the end at which they open, and durations."""

import datetime
import tempfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from vnnews_baselines.adapters import answer, dated, gathering, imported, pieces, reference
from vnnews_bench.records import Document
from vnnews_bench.tools import Answer, Settings

Hit = Mapping[str, Any]
UNITS = {"year": "Y", "quarter": "Q", "month": "M", "week": "W", "day": "D", "hour": "TH", "minute": "TM", "second": "TS"}


def start(settings: Settings) -> Callable[[Document], list[list[Hit]]]:
    """Duckling's own JSON by sentence. It runs in UTC on the document's clock: from other zones it counts the offset twice."""
    duckling = imported("duckling", "duckling")
    with tempfile.TemporaryDirectory() as nowhere:
        zones = duckling.load_time_zones(nowhere)  # a zone that it does not know is UTC
    locale = duckling.parse_locale("VI", duckling.default_locale_lang(duckling.parse_lang("VI")))
    dimensions = duckling.parse_dimensions(["time", "duration"])

    def run(document: Document) -> list[list[Hit]]:
        now = reference(document, "duckling").replace(tzinfo=datetime.UTC)
        context = duckling.Context(duckling.parse_ref_time(zones, "UTC", int(now.timestamp())), locale)
        return [duckling.parse(piece.text, context, dimensions, False) for piece in pieces(document)]

    return run


def read(document: Document, printed: Sequence[Sequence[Hit]]) -> Answer:
    """The time expressions; an interval has the value of its beginning, or of its end where it has no other."""
    gathered = gathering(document, "timexes")
    for piece, hits in zip(pieces(document), printed, strict=True):
        for hit in hits:
            span, said = piece.span(hit["start"], hit["end"]), hit["value"]
            if hit["dim"] == "duration":
                fields = {"start": span[0], "end": span[1], "type": "DURATION", "value": length(said)}
                gathered.take("timexes", fields)
            else:
                point = said if "grain" in said else said.get("from") or said["to"]
                dated(gathered, span, datetime.datetime.fromisoformat(point["value"]), point["grain"])
    return answer(gathered)


def length(said: Hit) -> str:
    """The TIMEX3 value of a duration."""
    unit = UNITS[said["unit"]]
    return f"P{'T' * unit.startswith('T')}{said['value']:g}{unit[-1]}"
