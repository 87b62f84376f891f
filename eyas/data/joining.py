"""Put series beside each other as of a time: never a row that was not known yet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from eyas.data.columns import typed
from eyas.data.names import are_of_bars
from eyas.data.place import Place
from eyas.data.times import nanoseconds
from eyas.errors import UsageError
from eyas.model import Bars
from eyas.ticks import Books, Trades
from eyas.timeframes import as_of_rows, closes, ends, length_ns, resample

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import ArrayLike, NDArray

    from eyas.timeframes import Session

TIMES = ("known", "time", "timestamp", "datetime", "date", "ts")
"""Columns that say when a row is known, the first of them that a frame has."""
NEVER_NS = 2**63 - 1


class Known(NamedTuple):
    """Hold rows in the order in which they are known, and when that is (int64 nanoseconds UTC)."""

    time: NDArray[np.int64]
    rows: pl.DataFrame


def as_of(
    times: ArrayLike | Bars,
    source: Any,
    *,
    known: str | None = None,
    max_age: str | timedelta | None = None,
    session: Session | None = None,
) -> pl.DataFrame:
    """Return for each of `times` the last row of `source` that was known at it or before it.

    `source` is Bars, Trades, Books, a polars or pandas frame, or a mapping of names to columns. A bar is
    known when it closes (with the `session` that it is aligned to; without a timeframe when the next one
    opens), a trade or a book at its time, a row of a frame at its column `known`, `time` or `date`, or at
    the one that you name: a figure for a quarter is known when it is published. Of rows known together the
    last one counts; those older than `max_age`, such as "2d", count as none. `times` are nanoseconds UTC or
    times of any kind; those of Bars are when they close. The frame has the columns `at` and `known`, both
    in UTC, and those of the source, null where no row was known. Raises UsageError for a frame without such
    a column, DataError for times that are none.

    >>> days = {"time": np.array(["2024-01-01", "2024-01-05"], "M8[ns]"), "mood": [0.1, -0.3]}
    >>> as_of(np.array(["2023-12-31", "2024-01-04", "2024-01-05"], "M8[ns]"), days)["mood"].to_list()
    [None, 0.1, -0.3]
    """
    at = closes(times, session=session) if isinstance(times, Bars) else _moments(times)
    found = _known(source, known, session)
    row = as_of_rows(found.time, at)
    if max_age is not None and len(found.time):
        age = at - found.time[np.maximum(row, 0)]
        row = np.where(age <= _age_ns(max_age), row, -1)
    return _taken(found, row).insert_column(0, _instants("at", at))


def join(bars: Bars, *, session: Session | None = None, **others: Any) -> pl.DataFrame:
    """Return bars as a frame, and beside each what was known of the others when it closed.

    Each other one is anything that `as_of` takes, or a timeframe: the bars themselves, resampled. Its columns
    have its name in front: `hour="1h"` gives `hour_close`. The frame has `time` and `at`, when a bar opens
    and closes, in UTC. Raises as `as_of` and `resample` do.

    >>> minute = np.arange(4) * 60_000_000_000
    >>> price = np.arange(1.0, 5.0)
    >>> bars = Bars(minute, price, price, price, price, price, timeframe="1m")
    >>> join(bars, two="2m")["two_close"].to_list()
    [None, 2.0, 2.0, 4.0]
    """
    at = closes(bars, session=session)
    frame = _frame_of_bars(bars).insert_column(1, _instants("at", at))
    for name, source in others.items():
        is_timeframe = isinstance(source, str)
        known = _longer(bars, source, session) if is_timeframe else _known(source, None, session)
        columns = _taken(known, as_of_rows(known.time, at))
        frame = frame.hstack(columns.rename({column: f"{name}_{column}" for column in columns.columns}))
    return frame


def _known(source: Any, known: str | None, session: Session | None) -> Known:
    """Return the rows of a source in the order in which they are known."""
    if known is not None and isinstance(source, Bars | Trades | Books):
        raise UsageError(f"known={known!r} names a column of a frame, but {source!r} has a time of its own")
    if isinstance(source, Bars):
        time = closes(source, session=session)
        if not source.timeframe and len(time):
            time[-1] = NEVER_NS  # how long it lasts nobody knows before the next one
        return Known(time, _frame_of_bars(source))
    if isinstance(source, Trades | Books):
        return _sorted(source.time, _frame_of_ticks(source))
    frame = _frame(source)
    usual = {name.lower(): name for name in reversed(frame.columns)}
    column = known or next((usual[name] for name in TIMES if name in usual), "")
    if column not in frame.columns:
        raise UsageError(
            f"the frame has no column {known!r}"
            if known
            else f"the frame has no column of times: name one of "
            f"{', '.join(map(repr, frame.columns))} by known=, which says when a row is known"
        )
    if not known and column != "known" and are_of_bars(frame.columns):
        raise UsageError(
            f"the frame holds bars (open, high, low and close), and a bar is not known at its {column} but "
            f"when it closes: give eyas.bars(frame), or say known={column!r} if that is when it closed"
        )
    taken = {"at", "known"} & set(frame.columns) - {column}
    if taken:
        raise UsageError(
            f"the column {min(taken)!r} of the frame has a name that the result needs: rename it"
        )
    time = nanoseconds(((column, frame[column]),), Place("the frame", "frame"))
    return _sorted(time, frame.drop(column))


def _longer(bars: Bars, timeframe: str, session: Session | None) -> Known:
    """Return longer bars made of others, each known when it is over and its last bar has closed."""
    longer = resample(bars, timeframe, session=session)
    known = _known(bars, None, session).time
    end = ends(longer, session=session)
    last = np.searchsorted(bars.time, end, side="left") - 1
    return Known(np.maximum.accumulate(np.maximum(end, known[last])), _frame_of_bars(longer))


def _taken(known: Known, row: NDArray[np.int64]) -> pl.DataFrame:
    """Return rows and when they were known; nulls for row -1."""
    import polars as pl

    rows = known.rows.insert_column(0, _instants("known", known.time))
    if not len(rows):
        rows = rows.clear(1)  # one row of nulls to take
    is_known = pl.Series(row >= 0)
    taken = rows[pl.Series(np.maximum(row, 0))]
    return taken.select(pl.when(is_known).then(pl.all()).otherwise(None).name.keep())


def _sorted(time: NDArray[np.int64], rows: pl.DataFrame) -> Known:
    if (time[1:] >= time[:-1]).all():
        return Known(time, rows)
    order = np.argsort(time, kind="stable")
    return Known(time[order], rows[order])


def _moments(times: ArrayLike) -> NDArray[np.int64]:
    """Return times of any kind as nanoseconds; whole numbers are nanoseconds already."""
    column = typed(times)
    if isinstance(column, np.ndarray) and column.dtype.kind in "iu":
        return column.astype(np.int64)
    return nanoseconds((("times", column),), Place("times"))


def _age_ns(age: Any) -> int:
    if isinstance(age, timedelta):
        return age // timedelta(microseconds=1) * 1000
    found = length_ns(age) if isinstance(age, str) else 0
    if not found:
        raise UsageError(f"max_age {age!r} is not a length of time such as '90m' or '2d', nor a timedelta")
    return found


def _instants(name: str, time: NDArray[np.int64]) -> pl.Series:
    import polars as pl

    return pl.Series(name, time).cast(pl.Datetime("ns", "UTC"))


def _frame_of_bars(bars: Bars) -> pl.DataFrame:
    import polars as pl

    columns = {name: getattr(bars, name) for name in bars.columns if name != "time"}
    return pl.DataFrame(columns).insert_column(0, _instants("time", bars.time))


def _frame_of_ticks(ticks: Trades | Books) -> pl.DataFrame:
    """Return trades with their columns, books with one for each level: bid_price_1 is the best."""
    import polars as pl

    if isinstance(ticks, Trades):
        names = ("price", "quantity", "side", "number")
        return pl.DataFrame({name: getattr(ticks, name) for name in names})
    sides = ("bid_price", "bid_quantity", "ask_price", "ask_quantity")
    return pl.DataFrame(
        {
            f"{side}_{level + 1}": np.ascontiguousarray(getattr(ticks, side)[:, level])
            for level in range(ticks.depth)
            for side in sides
        }
    )


def _frame(source: Any) -> pl.DataFrame:
    """Return a frame of any kind as one of polars."""
    import polars as pl

    if isinstance(source, pl.LazyFrame):
        return source.collect()
    if isinstance(source, pl.DataFrame):
        return source
    family = type(source).__module__.partition(".")[0]
    if family == "pandas" and hasattr(source, "columns"):
        has_times = type(source.index).__name__ == "DatetimeIndex"
        whole = source.rename_axis(source.index.name or "time").reset_index() if has_times else source
        return pl.DataFrame({str(name): _of_pandas(whole[name]) for name in whole.columns})
    if isinstance(source, Mapping):
        return pl.DataFrame({str(name): typed(values) for name, values in source.items()})
    raise UsageError(f"cannot join {type(source).__name__}: give Bars, Trades, Books, a frame or a mapping")


def _of_pandas(series: Any) -> Any:
    if getattr(series.dtype, "tz", None) is not None:
        series = series.dt.tz_convert("UTC").dt.tz_localize(None)
    if series.dtype.kind in "biufM":
        return series.to_numpy()
    return series.astype(object).where(series.notna(), None).tolist()
