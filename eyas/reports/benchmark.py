"""What a run is held against: its own instruments, bought and held, or any other series of values.

A benchmark is read as of each step of the run: the last value that was known when the step's bars closed,
never one from the future.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.errors import DataError, UsageError
from eyas.metrics.curve import Curve
from eyas.model import Bars, iso
from eyas.reports.remarks import duration
from eyas.timeframes import as_of_rows, closes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.reports.report import Report

TIMES = ("time", "timestamp", "datetime", "date", "ts", "open_time")
VALUES = ("equity", "close", "value", "price", "adj_close", "adj close")
ENOUGH = 10_000
GAP = 1.5
"""From how many usual times on between two rows there is one."""
EPOCHS = ((10**11, 10**9), (10**14, 10**6), (10**17, 10**3))
"""Below which number an epoch counts in s, ms and us, and how many ns each has."""


@dataclass(frozen=True, eq=False, slots=True)
class Series:
    """Hold values, above zero and oldest first, by when each is known (nanoseconds since 1970 UTC)."""

    name: str
    known: NDArray[np.int64]
    values: NDArray[np.float64]

    @property
    def usual_ns(self) -> int:
        """Time that usually lies between two of them."""
        return usual_ns(self.known)


@dataclass(frozen=True, eq=False, slots=True)
class Benchmark:
    """Hold what a run is held against: `values`, one for each step of the run, NaN where there is none.

    They are scaled to the run's equity at the first step that has one, so that both can be drawn together.
    `time` is that of the run's steps, `opening` the value before the first of them (NaN: not known).
    `remark` says what a reader should know, "" where there is nothing.
    """

    name: str
    values: NDArray[np.float64]
    time: NDArray[np.int64]
    opening: float = math.nan
    remark: str = ""

    @property
    def curve(self) -> Curve:
        """The values as a curve, at the times of the run's own."""
        return Curve(self.time, self.values, self.opening)

    @property
    def overlaps(self) -> bool:
        """Whether it has values in two steps of the run at least, so that something can be said."""
        return int(np.isfinite(self.values).sum()) > 1


def curve_of(report: Report) -> Curve:
    """Return the equity of a run as a curve.

    The steps of a portfolio are stamped with their close, which for the last bar of a day is already the
    next one: a nanosecond less is still inside of it.
    """
    time = report.time if report.steps is None else report.time - 1
    return Curve(time, report.curve, report.trade_figures["opening_cash"])


def benchmark_of(given: Any, report: Report) -> Benchmark:
    """Return a benchmark at the steps of a run.

    `given` is None for the run's own instruments, bought for equal money at their first close and held;
    False for none; Bars; a Report; or a frame or mapping of columns with a time (when the bar opened, in UTC)
    and an equity, close, value or price. Raises UsageError for anything else, DataError for values that
    cannot be read.
    """
    if given is None:
        return held(report)
    if given is False:
        curve = curve_of(report)
        return Benchmark("", np.full(len(curve), math.nan), curve.time)
    return at_steps(series_of(given), report)


def held(report: Report) -> Benchmark:
    """Return what the run's instruments made, bought for equal money at their first close; no costs."""
    curve = curve_of(report)
    steps = np.arange(len(curve), dtype=np.int64)
    currencies = report.currencies
    symbols = currencies.held(report.journal) if currencies else [*report.instruments]
    grown = []
    for symbol in symbols:
        bars = report.instruments[symbol]
        if not len(bars) or not bars.close[0]:
            continue  # bars that nobody checked may begin at nothing: holding them has no rate
        price = bars.close
        if report.steps is not None:
            # Before its first bar its part of the money waits, after its last it stays what it was.
            own = report.steps[symbol]
            while_there = np.clip(steps, own[0], own[-1])
            price = price[as_of_rows(own, while_there)]
            if currencies:
                price = price * currencies.rates(symbol, while_there)
        grown.append(price / price[0])
    name = f"Buy and hold {symbols[0]}".strip() if len(grown) == 1 else "Buy and hold, equal money in each"
    if not grown:
        return Benchmark(name, np.full(len(curve), math.nan), curve.time, remark="There is nothing to hold.")
    values = curve.opening * np.mean(grown, axis=0)
    return Benchmark(name, values, curve.time, float(curve.opening))


def at_steps(series: Series, report: Report) -> Benchmark:
    """Return a series as of each step of a run: the last value known when its bars closed."""
    curve, known = curve_of(report), known_at(report)
    rows = as_of_rows(series.known, known)
    # Longer than one of its bars after its end it is no longer known.
    is_known = (rows >= 0) & (known <= series.known[-1] + series.usual_ns)
    values = np.full(len(curve), math.nan)
    values[is_known] = series.values[rows[is_known]]
    remark = remark_on(series, known, is_known, series.known[rows] == known)
    first = int(np.argmax(is_known)) if is_known.any() else -1
    opening = math.nan
    if first >= 0:
        worth = curve.equity[first] if first else curve.opening
        values *= (worth if worth > 0 else curve.opening) / values[first]
        opening = float(values[0]) if first == 0 else math.nan
    return Benchmark(series.name or "Benchmark", values, curve.time, opening, remark)


def remark_on(
    series: Series, known: NDArray[np.int64], is_known: NDArray[np.bool_], is_new: NDArray[np.bool_]
) -> str:
    """Return what a reader should know about how a series covers a run, "" where it covers all of it.

    `known` is when each step closed, `is_known` whether the series has a value then, `is_new` whether that
    became known at that very moment.
    """
    count, whole = int(is_known.sum()), len(is_known)
    called = f"The benchmark {series.name}".strip()
    if count < 2:
        return (
            f"{called} ({iso(series.known[0])} to {iso(series.known[-1])}) does not "
            f"overlap the run ({iso(known.min())} to {iso(known.max())}): there are no figures against it."
        )
    parts = []
    if count < whole:
        parts.append(
            f"{called} is known on {count:,} of {whole:,} bars; the figures against it are of those."
        )
    if usual_ns(known) == series.usual_ns and 2 * int((is_new & is_known).sum()) < count:
        parts.append(
            f"{called} has bars that close at other times of the day than the run's: each is used from "
            "its close on, which can be up to a bar late."
        )
    if len(series.known) > 1 and series.usual_ns > GAP * usual_ns(known):
        parts.append(
            f"{called} has a value every {duration(series.usual_ns)}, the run every "
            f"{duration(usual_ns(known))}: figures of bars take it to stand still in between, "
            'those of longer periods (by="day") do not.'
        )
    return " ".join(parts)


def usual_ns(time: NDArray[np.int64]) -> int:
    """Return the time that usually (in the median) lies between two times; of many the first tell it."""
    return int(np.median(np.abs(np.diff(time[:ENOUGH])))) if len(time) > 1 else 0


def known_at(report: Report) -> NDArray[np.int64]:
    """Return when the bars of each step of a run closed."""
    return report.time if report.steps is not None else closes_of(report.bars)


def closes_of(bars: Bars) -> NDArray[np.int64]:
    """Return when bars close: as their timeframe says, or where nobody said one as they tell themselves."""
    return closes(bars) if bars.timeframe else ends_of(bars.time)


def ends_of(time: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return when bars end that open at rising times: when the next one opens, or a gap begins.

    Before a gap (a weekend), and at the end, a bar is as long as the longest of them. Months, and days of a
    place with summer time, have several lengths, and none may be known before it is over.
    """
    if len(time) < 2:
        return time
    steps = np.diff(time)
    longest = int(steps[steps <= GAP * usual_ns(time)].max(initial=int(steps.min())))
    found: NDArray[np.int64] = time + np.append(np.minimum(steps, longest), longest)
    return found


def series_of(given: Any) -> Series:
    """Return the values of a benchmark by when each is known."""
    from eyas.reports.report import Report

    if isinstance(given, Report):
        known = known_at(given)
        if bool((known[1:] < known[:-1]).any()):
            raise UsageError("a run of symbols one after the other (clock=sequential) cannot be a benchmark")
        return checked(given.title, known, given.curve)
    if isinstance(given, Bars):
        file = PurePath(given.source)  # which names bars that came without a symbol
        return checked(given.symbol or (file.stem if file.suffix else ""), closes_of(given), given.close)
    time, values = columns_of(given)
    if len(time) > 1:
        late = np.flatnonzero(time[1:] <= time[:-1])
        if len(late):
            row = int(late[0]) + 1
            raise DataError(
                f"the benchmark: row {row} ({iso(time[row])}) is not later than the one before it "
                f"({iso(time[row - 1])}). Sort it by time, one row a time."
            )
    return checked("", ends_of(time), values)


def checked(name: str, known: NDArray[np.int64], values: NDArray[np.float64]) -> Series:
    """Return a series without the rows that have no value; refuses one that has none, or not above zero."""
    is_known = np.isfinite(values)
    if not is_known.any():
        raise DataError("the benchmark has no values: give it a number above zero for each time")
    wrong = np.flatnonzero(is_known & (values <= 0))
    if len(wrong):
        row = int(wrong[0])
        raise DataError(
            f"the benchmark: row {row} is {values[row]:g}, but must be above zero: there is no return "
            "from nothing. Cut the rows from there on off."
        )
    return Series(name, known[is_known], values[is_known])


def columns_of(given: Any) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return times and values of a frame, a mapping of columns, or an array with named fields."""
    if isinstance(given, np.ndarray) and given.dtype.names:
        found: dict[str, Any] = {name: given[name] for name in given.dtype.names}
    elif isinstance(given, Mapping):
        found = {str(name): column for name, column in given.items()}
    elif hasattr(given, "columns") and hasattr(given, "__getitem__"):
        found = {str(name): given[name] for name in given.columns}
        found.setdefault("time", given.index) if hasattr(given, "index") else None
    else:
        raise UsageError(
            f"a benchmark is Bars, a Report, or a frame with the columns time and close, not {given!r:.60}"
        )
    by_name = {name.lower(): column for name, column in found.items()}
    time = next((by_name[name] for name in TIMES if name in by_name), None)
    values = next((by_name[name] for name in VALUES if name in by_name), None)
    if time is None or values is None:
        raise UsageError(
            f"a benchmark needs a column time and one of {', '.join(VALUES[:4])}; it has {', '.join(found)}"
        )
    times, numbers = nanoseconds(time), floats(values)
    if len(times) != len(numbers):
        raise DataError(f"the benchmark has {len(times):,} times for {len(numbers):,} values")
    return times, numbers


def floats(column: Any) -> NDArray[np.float64]:
    """Return a column as floats."""
    try:
        return np.asarray(column, dtype=np.float64).reshape(-1)
    except (TypeError, ValueError):
        raise DataError("the benchmark's values are not all numbers: give a number for each time") from None


def nanoseconds(column: Any) -> NDArray[np.int64]:
    """Return a column of times as nanoseconds since 1970 UTC; without a zone they are UTC."""
    values = np.asarray(column).reshape(-1)
    if values.dtype.kind == "M":
        if np.isnat(values).any():
            raise DataError(f"the benchmark: row {int(np.argmax(np.isnat(values)))} has no time")
        return values.astype("datetime64[ns]").astype(np.int64)
    if values.dtype.kind in "iu":
        largest = int(np.abs(values).max(initial=0))
        scale = next((ns for limit, ns in EPOCHS if largest < limit), 1)
        return values.astype(np.int64) * scale
    return np.array([nanosecond(one, row) for row, one in enumerate(values.tolist())], dtype=np.int64)


def nanosecond(value: Any, row: int) -> int:
    """Return a text or a datetime as nanoseconds since 1970 UTC."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        if isinstance(moment, date) and not isinstance(moment, datetime):
            moment = datetime(moment.year, moment.month, moment.day)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
        whole = moment.replace(microsecond=0)
        return round(whole.timestamp()) * 10**9 + moment.microsecond * 1000
    except (AttributeError, TypeError, ValueError):
        raise DataError(
            f"the benchmark: row {row} has the time {value!r}. Write times as 2024-01-31T09:30:00Z, as "
            "2024-01-31, or as an epoch number."
        ) from None
