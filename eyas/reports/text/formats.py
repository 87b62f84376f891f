"""How a value of a table is written for a person; machines get the value itself."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, date, datetime
from difflib import get_close_matches
from typing import Any, TypeAlias

import numpy as np

from eyas.errors import UsageError
from eyas.model import iso
from eyas.reports.remarks import duration

NOT_KNOWN = "n/a"
MINUTE_NS = 60_000_000_000
Format: TypeAlias = "str | Callable[[Any], str]"


def is_missing(value: Any) -> bool:
    """Tell whether a value is not known: None, NaN or no time."""
    if value is None:
        return True
    if isinstance(value, np.datetime64 | np.timedelta64):
        return bool(np.isnat(value))
    return isinstance(value, float | np.floating) and math.isnan(value)


def price_decimals(price: float) -> int:
    """Return how many decimals a price is shown with: 2 to 8, two more for each place below 1.

    2 − 2·floor(log10 |price|), no less than 2 and no more than 8; 2 for a price of zero.

    >>> [price_decimals(price) for price in (64_000, 1.5, 0.25, 0.03, 0.000004)]
    [2, 2, 4, 6, 8]
    """
    size = abs(price)
    if not 0 < size < math.inf:
        return 2
    return min(8, max(2, 2 - 2 * math.floor(math.log10(size))))


def endless(value: Any) -> str:
    """Return ∞ with its sign for what has no bound, nothing for any other number."""
    if not isinstance(value, float | np.floating) or not math.isinf(value):
        return ""
    return "∞" if value > 0 else "−∞"


def price(value: Any) -> str:
    """Return a price."""
    return endless(value) or f"{value:,.{price_decimals(float(value))}f}"


def money(value: Any) -> str:
    """Return an amount of money."""
    return endless(value) or f"{value:,.2f}"


def percent(value: Any) -> str:
    """Return a fraction in percent."""
    return endless(value) or f"{value * 100:,.2f} %"


def percent_points(value: Any) -> str:
    """Return what is a number of percent already."""
    return endless(value) or f"{value:,.2f} %"


def ratio(value: Any) -> str:
    """Return a ratio."""
    return endless(value) or f"{value:,.2f}"


def count(value: Any) -> str:
    """Return a number of things; with one decimal where it is a mean."""
    return endless(value) or (f"{value:,.0f}" if value == round(value) else f"{value:,.1f}")


def quantity(value: Any) -> str:
    """Return how much was traded, with no digit more than there is."""
    if isinstance(value, float | np.floating):
        return endless(value) or f"{value:,.10g}"
    return f"{value:,}"


def time(value: Any) -> str:
    """Return a moment (datetime64, datetime, or nanoseconds since 1970 UTC) to the second, if it is whole."""
    text = time_iso(value).removesuffix("Z").replace("T", " ")
    return text.removesuffix(" 00:00:00")


def length(value: Any) -> str:
    """Return a length of time (nanoseconds, or timedelta64) in its two largest units."""
    nanoseconds = (
        value.astype("timedelta64[ns]").astype(np.int64) if isinstance(value, np.timedelta64) else value
    )
    return endless(nanoseconds) or duration(round(float(nanoseconds)))


def minutes(value: Any) -> str:
    """Return a length of time that is a number of minutes."""
    return endless(value) or duration(round(float(value) * MINUTE_NS))


def text(value: Any) -> str:
    """Return anything as text: numbers to six figures, truth values as yes and no."""
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, np.datetime64 | date):
        return time(value)
    if isinstance(value, np.timedelta64):
        return length(value)
    if isinstance(value, float | np.floating):
        return endless(float(value)) or f"{value:,.6g}"
    return str(value)


def words(value: Any) -> str:
    """Return a name as words: stop_loss is stop loss."""
    return str(value).replace("_", " ")


def time_iso(value: Any) -> str:
    """Return a moment as ISO 8601, in UTC where it has a zone; no longer than it has to be."""
    if isinstance(value, np.datetime64):
        return iso(value.astype("datetime64[ns]").astype(np.int64))
    if isinstance(value, datetime):
        if value.tzinfo is None:
            return value.isoformat()
        return iso(np.datetime64(value.astimezone(UTC).replace(tzinfo=None), "ns").astype(np.int64))
    if isinstance(value, date):
        return value.isoformat()
    return iso(value)


FORMATS: dict[str, Callable[[Any], str]] = {
    "count": count,
    "duration": length,
    "minutes": minutes,
    "money": money,
    "percent": percent,
    "percent_points": percent_points,
    "price": price,
    "quantity": quantity,
    "ratio": ratio,
    "text": text,
    "time": time,
    "words": words,
}
TEXTS = {"text", "words"}  # aligned to the left, and empty where there is nothing


def formatter(given: Format) -> Callable[[Any], str]:
    """Return the function of a format: a name of FORMATS, a pattern such as "{:+.1f}", or a function.

    Raises UsageError for what is none of these.
    """
    if callable(given):
        return given
    if given in FORMATS:
        return FORMATS[given]
    if "{" in given:
        return given.format
    near = get_close_matches(given, FORMATS, n=1)
    hint = f"did you mean {near[0]!r}" if near else f"there are {', '.join(FORMATS)}"
    more = "or give a pattern such as '{:.2f}', or a function"
    raise UsageError(f"there is no format {given!r}: {hint}; {more}")
