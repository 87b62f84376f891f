"""Read a timeframe: "1s" to "1M", a number and one of s, m, h, d, w, M."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from eyas.errors import UsageError

SECOND_NS = 1_000_000_000
DAY_NS = 86_400 * SECOND_NS
UNITS_NS = {"s": SECOND_NS, "m": 60 * SECOND_NS, "h": 3600 * SECOND_NS, "d": DAY_NS, "w": 7 * DAY_NS}
MONDAY_NS = -3 * DAY_NS  # 1969-12-29
INTRADAY = ("s", "m", "h")
LONGEST_NS = 2**62
"""A bar that lasts longer than 146 years would not fit into the times."""


class Timeframe(NamedTuple):
    """Hold a timeframe in two parts: `("4", "h")` read as numbers."""

    number: int
    unit: str


def parse(timeframe: Any) -> Timeframe:
    """Return the parts of a timeframe: a number and one of s, m, h, d, w, M.

    Raises UsageError for anything else.

    >>> parse("4h")
    Timeframe(number=4, unit='h')
    """
    found = re.fullmatch(r"([1-9][0-9]*)([smhdwM])", timeframe) if isinstance(timeframe, str) else None
    if found is None:
        raise UsageError(f"timeframe {timeframe!r} is not a number and one of s, m, h, d, w, M, such as '4h'")
    parts = Timeframe(int(found[1]), found[2])
    if parts.number * UNITS_NS.get(parts.unit, 31 * DAY_NS) > LONGEST_NS:
        raise UsageError(f"timeframe {timeframe!r} is longer than 146 years: take a shorter one")
    return parts


def canonical(timeframe: Any) -> str:
    """Return the one spelling by which series of a timeframe are kept: 60m is 1h, 24h is 1d.

    Days stay days, since weeks begin on Monday and 7d do not. Raises UsageError as `parse` does.

    >>> [canonical(one) for one in ("60m", "90m", "24h", "7d", "12M")]
    ['1h', '90m', '1d', '7d', '12M']
    """
    number, unit = parse(timeframe)
    if unit not in INTRADAY:
        return f"{number}{unit}"
    length = number * UNITS_NS[unit]
    return next(f"{length // UNITS_NS[one]}{one}" for one in "dhms" if length % UNITS_NS[one] == 0)


def length_ns(timeframe: str) -> int:
    """Return how long a bar of a timeframe lasts; 0 where that differs (months) or nobody said.

    >>> length_ns("4h")
    14400000000000
    """
    found = re.fullmatch(r"([0-9]+)([smhdw])", timeframe)
    return int(found[1]) * UNITS_NS[found[2]] if found else 0


def check_multiple(shorter: str, longer: str, *, in_session: bool = False) -> None:
    """Raise UsageError unless every bar of the shorter timeframe lies in one of the longer.

    A bar of no known timeframe (empty) is taken to be short enough. In a session intraday bars begin anew
    at each open, so that any of them make up days.
    """
    whole = parse(longer)
    if shorter and not _divides(parse(shorter), whole, in_session):
        raise UsageError(f"bars of {longer} cannot be made of bars of {shorter}: take a multiple of it")


def _divides(part: Timeframe, whole: Timeframe, in_session: bool) -> bool:
    if part.unit == "M":
        return whole.unit == "M" and whole.number % part.number == 0
    if in_session and part.unit in INTRADAY and whole.unit not in INTRADAY:
        return True
    step = part.number * UNITS_NS[part.unit]
    if whole.unit == "M":
        return DAY_NS % step == 0
    apart = (MONDAY_NS if whole.unit == "w" else 0) - (MONDAY_NS if part.unit == "w" else 0)
    return whole.number * UNITS_NS[whole.unit] % step == 0 and apart % step == 0
