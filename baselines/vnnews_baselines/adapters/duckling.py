"""Duckling (Vietnamese): points in time with their grain, intervals by the end at which they open, and durations."""

import datetime
import tempfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from vnnews_baselines.adapters import COARSE, imported, pieces, reference, timed, value
from vnnews_bench.records import Document, Timex
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
    """The time expressions."""
    timexes = []
    for piece, hits in zip(pieces(document), printed, strict=True):
        for hit in hits:
            start, end = piece.span(hit["start"], hit["end"])
            type, said = meaning(hit["dim"], hit["value"])
            timexes.append(Timex(start=start, end=end, type=type, value=said))
    return timed(document, timexes)


def meaning(dimension: str, said: Mapping[str, Any]) -> tuple[Any, str]:
    """TIMEX3 type and value of one of Duckling's values."""
    if dimension == "duration":
        unit = UNITS[said["unit"]]
        return "DURATION", f"P{'T' * unit.startswith('T')}{said['value']:g}{unit[-1]}"
    point = said if "grain" in said else said.get("from") or said["to"]
    when = datetime.datetime.fromisoformat(point["value"])
    return "DATE" if point["grain"] in COARSE else "TIME", value(when, point["grain"])
