"""Duckling (Vietnamese): points in time with their grain, intervals by the end at which they open, and durations."""

import datetime
import tempfile
from collections.abc import Callable
from typing import Any

from vnnews_baselines.adapters import COARSE, imported, pieces, reference, timed, value
from vnnews_bench.records import Document, Timex
from vnnews_bench.tools import Answer, Settings

UNITS = {"year": "Y", "quarter": "Q", "month": "M", "week": "W", "day": "D", "hour": "TH", "minute": "TM", "second": "TS"}


def load(settings: Settings) -> Callable[[Document], Answer]:
    """The tagger. It runs in UTC on the document's clock: its conversion from other zones counts the offset twice."""
    duckling = imported("duckling", "duckling")
    with tempfile.TemporaryDirectory() as nowhere:
        zones = duckling.load_time_zones(nowhere)  # an unknown zone is UTC
    locale = duckling.parse_locale("VI", duckling.default_locale_lang(duckling.parse_lang("VI")))
    dimensions = duckling.parse_dimensions(["time", "duration"])

    def tag(document: Document) -> Answer:
        now = reference(document, "duckling").replace(tzinfo=datetime.UTC)
        context = duckling.Context(duckling.parse_ref_time(zones, "UTC", int(now.timestamp())), locale)
        timexes = []
        for piece in pieces(document):
            for found in duckling.parse(piece.text, context, dimensions, False):
                start, end = piece.span(found["start"], found["end"])
                type, said = read(found["dim"], found["value"])
                timexes.append(Timex(start=start, end=end, type=type, value=said))
        return timed(document, timexes)

    return tag


def read(dimension: str, said: dict[str, Any]) -> tuple[Any, str]:
    """TIMEX3 type and value of one of Duckling's values."""
    if dimension == "duration":
        unit = UNITS[said["unit"]]
        return "DURATION", f"P{'T' * unit.startswith('T')}{said['value']:g}{unit[-1]}"
    point = said if "grain" in said else said.get("from") or said["to"]
    when = datetime.datetime.fromisoformat(point["value"])
    return "DATE" if point["grain"] in COARSE else "TIME", value(when, point["grain"])
