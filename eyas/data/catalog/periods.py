"""Cut a series into periods, one file each: small enough to rewrite, large enough to read fast."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from eyas.timeframes import floor, length_ns, parse

if TYPE_CHECKING:
    from numpy.typing import NDArray

MINUTE_NS = 60_000_000_000
HOUR_NS = 60 * MINUTE_NS
DAY_NS = 24 * HOUR_NS
LENGTHS = {"day": "1d", "month": "1M", "year": "12M"}
WRITTEN = {"day": 10, "month": 7, "year": 4}
"""How much of an ISO time names a period."""


def period_of(kind: str, timeframe: str, file_format: str) -> str:
    """Return how a series is cut: by day, month or year, or not at all.

    A file has some 40,000 rows of one-minute bars; a series that is mapped into memory has one file.

    >>> [period_of("bars", timeframe, "parquet") for timeframe in ("1s", "1m", "1h", "1d", "1M")]
    ['day', 'month', 'year', 'all', 'all']
    """
    if file_format == "mapped":
        return "all"
    if kind != "bars":
        return "day"
    length = DAY_NS if parse(timeframe).unit == "M" else length_ns(timeframe)
    if length < MINUTE_NS:
        return "day"
    if length < HOUR_NS:
        return "month"
    return "year" if length < DAY_NS else "all"


def cut(time: NDArray[np.int64], period: str) -> Iterator[tuple[str, slice]]:
    """Yield the name of each period and the rows in it; `time` does not fall.

    >>> day = 86_400_000_000_000
    >>> list(cut(np.array([0, day, 31 * day]), "month"))
    [('1970-01', slice(0, 2, None)), ('1970-02', slice(2, 3, None))]
    """
    if not len(time):
        return
    if period == "all":
        yield "all", slice(0, len(time))
        return
    begins = floor(time, LENGTHS[period])
    first = np.flatnonzero(np.concatenate(([True], begins[1:] != begins[:-1])))
    last = np.append(first[1:], len(time))
    for one, other in zip(first.tolist(), last.tolist(), strict=True):
        text = str(np.datetime64(int(begins[one]), "ns"))
        yield text[: WRITTEN[period]], slice(one, other)
