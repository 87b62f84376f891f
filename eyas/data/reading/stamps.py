"""Bring bars that are stamped at their close to the time when they open."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from eyas.errors import UsageError
from eyas.timeframes import floor, following, length_ns, parse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.data.columns import Column

UNITS_NS = (1_000_000, 1_000, 1)
SECOND_NS = 1_000_000_000
DAY_NS = length_ns("1d")
A_DAY = re.compile(r"\d{4}[-/.]?\d{1,2}[-/.]?\d{1,2}")


def opened(time: NDArray[np.int64], timeframe: str, *, days: bool = False) -> NDArray[np.int64]:
    """Return when bars open that are stamped when they close.

    A stamp such as 09:59:59.999 means 10:00. With `days` the stamps are dates, and a bar closes when its date
    is over. A month closes where the next one begins, whether its last day is said or that. Raises UsageError
    where nobody said how long a bar lasts.
    """
    if not timeframe:
        raise UsageError(
            "bars stamped at their close need a timeframe, to know when they opened. Say timeframe='1h'."
        )
    number, unit = parse(timeframe)
    if unit == "M":
        return following(floor(time + 15 * DAY_NS, "1M"), "1M", -number)
    if days:
        time = time + DAY_NS
    for smallest in UNITS_NS:
        if len(time) and bool(((time + smallest) % SECOND_NS == 0).all()):
            time = time + smallest
            break
    return following(time, timeframe, -1)


def are_days(columns: Sequence[tuple[str, Column]]) -> bool:
    """Return whether the times of a table are dates without a time of day, as its first row has them."""
    import polars as pl

    if len(columns) != 1 or not len(columns[0][1]):
        return False
    column = columns[0][1]
    if isinstance(column, np.ndarray):
        whole = column.dtype.kind in "iu" and A_DAY.fullmatch(str(column[0])) is not None
        return whole or column.dtype == np.dtype("datetime64[D]")
    if isinstance(column.dtype, pl.Datetime):
        return False
    first = column.drop_nulls().head(1).cast(pl.String)
    return column.dtype == pl.Date or (len(first) > 0 and A_DAY.fullmatch(first[0].strip()) is not None)
