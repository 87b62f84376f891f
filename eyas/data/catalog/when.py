"""Read a moment that a person gives: text, a date, a datetime or nanoseconds."""

from __future__ import annotations

import datetime
import re
from typing import TypeAlias

import numpy as np

from eyas.errors import UsageError

When: TypeAlias = "str | datetime.date | datetime.datetime | np.datetime64 | int"

EARLIEST_NS = 10**16  # 26 April 1970: a smaller number counts something longer than nanoseconds
YEARS = range(1678, 2262)  # all of which fit into 64 bits of nanoseconds; numpy wraps silently beyond
NO_END = "To take everything leave it out"
NO_ZONE = re.compile(r"\d{4}(-\d\d(-\d\d([T ]\d\d(:\d\d(:\d\d(\.\d{1,9})?)?)?)?)?)?")


def moment(value: When | None, name: str) -> int | None:
    """Return a moment in nanoseconds since 1970 UTC; without a zone it is UTC.

    >>> moment("2024-01", "start"), moment(datetime.date(2024, 1, 1), "start")
    (1704067200000000000, 1704067200000000000)
    """
    if value is None:
        return None
    is_missing = isinstance(value, datetime.datetime | np.datetime64) and value != value  # NaT
    if isinstance(value, bool) or is_missing:
        raise _refusal(value, name)
    if isinstance(value, int | np.integer):
        return _of_number(int(value), name)
    if isinstance(value, np.datetime64):
        _check_year(int(str(value.astype("datetime64[Y]"))), value, name)
        return int(value.astype("datetime64[ns]").astype(np.int64))
    if isinstance(value, datetime.datetime):
        return _of_datetime(value, name)
    if isinstance(value, datetime.date):
        return _of_datetime(datetime.datetime(value.year, value.month, value.day), name)
    if isinstance(value, str):
        return _of_text(value.strip(), name)
    raise _refusal(value, name)


def _of_number(value: int, name: str) -> int:
    if 0 < abs(value) < EARLIEST_NS:
        raise UsageError(
            f"{name}={value} is too small for nanoseconds since 1970: multiply seconds by 10**9, "
            "milliseconds by 10**6 and microseconds by 10**3, or write the time as text"
        )
    if abs(value) >= 2**63:
        raise UsageError(f"{name}={value} is too large for nanoseconds since 1970. {NO_END}")
    return value


def _of_datetime(value: datetime.datetime, name: str) -> int:
    _check_year(value.year, value, name)
    aware = value if value.tzinfo else value.replace(tzinfo=datetime.UTC)
    since = aware - datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    whole = (since.days * 86_400 + since.seconds) * 10**9 + since.microseconds * 1_000
    return whole + int(getattr(value, "nanosecond", 0))  # a pandas Timestamp is a datetime with more


def _of_text(text: str, name: str) -> int:
    try:
        if NO_ZONE.fullmatch(text.removesuffix("Z")):
            _check_year(int(text[:4]), text, name)
            return int(np.datetime64(text.removesuffix("Z"), "ns").astype(np.int64))
        return _of_datetime(datetime.datetime.fromisoformat(text), name)
    except UsageError:
        raise
    except ValueError:
        raise _refusal(text, name) from None


def _check_year(year: int, value: object, name: str) -> None:
    if year not in YEARS:
        raise UsageError(f"{name}={str(value)!r} is outside of the years 1678 to 2261. {NO_END}")


def _refusal(value: object, name: str) -> UsageError:
    return UsageError(f"{name}={value!r} is no time: write it as '2024-01-31' or '2024-01-31T09:30:00Z'")
