"""What was gained in each month, year or other period of the calendar (UTC)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eyas.metrics.gates import says

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.metrics.curve import Curve

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
FALLS_BACK = "The symbols ran one after the other, so there is no calendar of the whole run."
EMPTY = "There is no equity."


@dataclass(frozen=True, eq=False, slots=True)
class MonthlyReturns:
    """Hold the return of each month: `rates` is years × 12, `totals` that of each year, NaN where none.

    The first and the last are of as much of the month or the year as the run had. `sentence` says why there
    is nothing, or is empty.
    """

    years: NDArray[np.int64]
    rates: NDArray[np.float64]
    totals: NDArray[np.float64]
    sentence: str = ""


@dataclass(frozen=True, eq=False, slots=True)
class PeriodReturns:
    """Hold the return of each period in order of time: `unit` is "year", "month" or "day".

    `time` (int64, nanoseconds since 1970 UTC) is when each period of the calendar begins.
    """

    unit: str
    time: NDArray[np.int64]
    rates: NDArray[np.float64]
    sentence: str = ""

    @property
    def names(self) -> list[str]:
        """What each period is called: 2004, Mar 2004, 12 Mar 2004."""
        return [period_name(int(time), self.unit) for time in self.time]


def monthly_returns(curve: Curve) -> MonthlyReturns:
    """Return the simple return of each calendar month and year that a curve has an equity in.

    >>> import numpy as np
    >>> from eyas.metrics.curve import DAY_NS, Curve
    >>> found = monthly_returns(Curve(np.array([0, 31]) * DAY_NS, np.array([110.0, 99.0]), 100.0))
    >>> found.rates[0, :3].round(6).tolist(), found.totals.round(6).tolist()
    ([0.1, -0.1, nan], [-0.01])
    """
    sentence = silence(curve, "month")
    if sentence:
        return MonthlyReturns(np.empty(0, np.int64), np.empty((0, 12)), np.empty(0), sentence)
    monthly, yearly = curve.by_month(), curve.by_year()
    number = periods_of(monthly.time, "month")
    years = np.arange(number[0] // 12, number[-1] // 12 + 1)
    rates = np.full((len(years), 12), np.nan)
    rates.reshape(-1)[number - years[0] * 12] = monthly.returns_by_row
    totals = np.full(len(years), np.nan)
    totals[periods_of(yearly.time, "year") - years[0]] = yearly.returns_by_row
    return MonthlyReturns(years + 1970, rates, totals)


def yearly_returns(curve: Curve) -> PeriodReturns:
    """Return the simple return of each calendar year, the first and the last as far as they go."""
    return period_returns(curve, "year")


def period_returns(curve: Curve, unit: str) -> PeriodReturns:
    """Return the simple return of each "year", "month" or "day" that a curve has an equity in.

    A benchmark that begins later has NaN before. Raises KeyError for another unit.
    """
    sampled = {"year": curve.by_year, "month": curve.by_month, "day": curve.by_day}[unit]
    sentence = silence(curve, unit)
    if sentence:
        return PeriodReturns(unit, np.empty(0, np.int64), np.empty(0), sentence)
    found = sampled()
    starts = found.time.astype("datetime64[ns]").astype(f"datetime64[{unit[0].upper()}]")
    return PeriodReturns(unit, starts.astype("datetime64[ns]").astype(np.int64), found.returns_by_row)


def fitting_returns(curve: Curve) -> PeriodReturns:
    """Return the returns of the longest periods of which there are at least two; of years where none are.

    A run of a week is shown by its days, one of half a year by its months.
    """
    for unit in ("year", "month", "day"):
        found = period_returns(curve, unit)
        if len(found.time) > 1:
            return found
    return period_returns(curve, "year")


def silence(curve: Curve, unit: str) -> str:
    """Return why a curve says nothing about the periods of a unit, or nothing."""
    if not len(curve):
        return EMPTY
    if len(curve.restarts):
        return FALLS_BACK
    if len(curve) > 1 and not says(curve, unit):
        return f"There is less than one equity a {unit}."
    if not np.isfinite(curve.by_year().returns_by_row).any():
        return "No return can be said: equity was never above zero before the end of a period."
    return ""


def periods_of(time_ns: NDArray[np.int64], unit: str) -> NDArray[np.int64]:
    """Return how many months or years after the beginning of 1970 each time is."""
    found: NDArray[np.int64] = (
        time_ns.astype("datetime64[ns]").astype(f"datetime64[{unit[0].upper()}]").astype(np.int64)
    )
    return found


def period_name(time_ns: int, unit: str) -> str:
    """Return what a period is called that begins at a time.

    >>> period_name(0, "year"), period_name(0, "month"), period_name(0, "day")
    ('1970', 'Jan 1970', '1 Jan 1970')
    """
    year, month, day = str(np.datetime64(time_ns, "ns"))[:10].rsplit("-", 2)
    parts = {"day": [str(int(day))], "month": [], "year": []}[unit]
    return " ".join([*parts, *([MONTHS[int(month) - 1]] if unit != "year" else []), year])
