"""The equity of a run over time: its returns, its years, and its last value of each day, month and year."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from eyas.errors import UsageError
from eyas.metrics.falls import Falls
from eyas.metrics.sample import LARGEST, NOTHING, Sample, are_numbers, finite

if TYPE_CHECKING:
    from numpy.typing import NDArray

DAY_NS = 86_400_000_000_000
YEAR_NS = 365.25 * DAY_NS


@dataclass(frozen=True, eq=False)
class Curve:
    """Hold an equity curve: `equity` at each `time`, and what it was before the first, `opening`.

    `time` is int64, nanoseconds since 1970 UTC, a moment inside of the period whose end the equity is of:
    when its bar opened, not when it closed, or the last bar of a month would count to the next. It may fall
    back where several runs are one behind the other. `opening` is NaN where nobody knows it, `equity` NaN
    where it is not known. After an equity of nothing (10^-60 or less) there is no return. Raises UsageError
    for columns of different lengths.

    >>> Curve(np.arange(3) * DAY_NS, np.array([110.0, 99.0, 99.0]), 100.0).returns.round(6).tolist()
    [0.1, -0.1, 0.0]
    """

    time: NDArray[np.int64]
    equity: NDArray[np.float64]
    opening: float = math.nan

    def __post_init__(self) -> None:
        time = np.ascontiguousarray(self.time, dtype=np.int64)
        equity = np.ascontiguousarray(self.equity, dtype=np.float64)
        if time.ndim != 1 or time.shape != equity.shape:
            raise UsageError(f"a curve has a time for each equity, not {time.shape} for {equity.shape}")
        object.__setattr__(self, "time", time)
        object.__setattr__(self, "equity", equity)
        object.__setattr__(self, "opening", float(self.opening))

    def __len__(self) -> int:
        return len(self.equity)

    def __repr__(self) -> str:
        return f"<Curve of {len(self):,} equities>"

    @cached_property
    def values(self) -> NDArray[np.float64]:
        """Known equities in order, the opening first where it is known."""
        before = [self.opening] if abs(self.opening) < LARGEST else []
        return finite(np.concatenate([before, self.equity]))

    @cached_property
    def returns(self) -> NDArray[np.float64]:
        """Simple returns of the periods that have one: those after an equity above zero."""
        return finite(self.returns_by_row)

    @cached_property
    def sample(self) -> Sample:
        """The returns, with what figures of them share."""
        return Sample(self.returns)

    @cached_property
    def returns_by_row(self) -> NDArray[np.float64]:
        """Simple return of each row, the first from the opening; NaN where it has none."""
        now = self.equity
        found = np.empty(len(now))
        if not len(now):
            return found
        last = now[:-1]
        if self.opening > NOTHING and now.min() > NOTHING and are_numbers(now):
            np.subtract(now[1:], last, out=found[1:])
            np.divide(found[1:], last, out=found[1:])
            found[0] = (now[0] - self.opening) / self.opening
        else:
            before = np.concatenate([[self.opening], last])
            is_known = (before > NOTHING) & (before < LARGEST) & (np.abs(now) < LARGEST)
            found.fill(math.nan)
            found[is_known] = (now[is_known] - before[is_known]) / before[is_known]
        if not are_numbers(found):
            found[~(np.abs(found) < LARGEST)] = math.nan
        return found

    @cached_property
    def known_time(self) -> NDArray[np.int64]:
        """Times of the equities that are known."""
        return self.time if are_numbers(self.equity) else self.time[np.abs(self.equity) < LARGEST]

    @cached_property
    def falls(self) -> Falls:
        """Where the known equities, the opening first, were below their highest so far."""
        return Falls(self.values)

    @cached_property
    def restarts(self) -> NDArray[np.intp]:
        """Rows whose time is before that of the row above: there another run begins."""
        if bool((self.time[1:] >= self.time[:-1]).all()):
            return np.empty(0, np.intp)
        return np.flatnonzero(self.time[1:] < self.time[:-1]) + 1

    @cached_property
    def years(self) -> float:
        """Length from the first time to the last, in years of 365.25 days; parts are added up."""
        if not len(self):
            return 0.0
        starts = [0, *self.restarts.tolist()]
        ends = [*(self.restarts - 1).tolist(), len(self) - 1]
        return (
            sum(int(self.time[end]) - int(self.time[start]) for start, end in zip(starts, ends, strict=True))
            / YEAR_NS
        )

    @property
    def periods_per_year(self) -> float:
        """Periods in a year of 365.25 days, as many as there were; NaN where the curve has no length."""
        return (len(self) - 1) / self.years if self.years > 0 else math.nan

    @cached_property
    def spacing_ns(self) -> float:
        """Time that usually (in the median) lies between two rows; NaN below two."""
        steps = np.diff(self.time)
        steps = steps[steps >= 0]
        return float(np.median(steps)) if len(steps) else math.nan

    def by_day(self) -> Curve:
        """Return the curve of the last equity of each UTC day."""
        return self._daily

    def by_month(self) -> Curve:
        """Return the curve of the last equity of each month (UTC)."""
        return self._by("datetime64[M]")

    def by_year(self) -> Curve:
        """Return the curve of the last equity of each calendar year (UTC)."""
        return self._by("datetime64[Y]")

    @cached_property
    def _daily(self) -> Curve:
        return self._last_of_each(self.time // DAY_NS)

    def _by(self, unit: str) -> Curve:
        daily = self.by_day()
        return daily._last_of_each(daily.time.astype("datetime64[ns]").astype(unit).astype(np.int64))

    def _last_of_each(self, number: NDArray[np.int64]) -> Curve:
        """Return the curve of the rows that are the last of their number."""
        is_last = np.empty(len(self), np.bool_)
        is_last[-1:] = True
        np.not_equal(number[1:], number[:-1], out=is_last[:-1])
        is_last[self.restarts - 1] = True
        if is_last.all():
            return self
        return Curve(self.time[is_last], self.equity[is_last], self.opening)
