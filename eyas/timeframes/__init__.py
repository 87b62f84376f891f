"""Cut time into bars: where timeframes begin and end, longer bars of shorter ones, what is known when."""

from __future__ import annotations

from eyas.timeframes.asof import as_of_rows
from eyas.timeframes.parts import canonical, check_multiple, length_ns, parse
from eyas.timeframes.resample import resample
from eyas.timeframes.session import Session
from eyas.timeframes.timeframe import closes, ending, ends, floor, following, remaining_ns, window

__all__ = [
    "Session",
    "as_of_rows",
    "canonical",
    "check_multiple",
    "closes",
    "ending",
    "ends",
    "floor",
    "following",
    "length_ns",
    "parse",
    "remaining_ns",
    "resample",
    "window",
]
