"""How much an equity curve gained: in all, a year, and in its best and worst days, months and years."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from eyas.metrics.definition import metric
from eyas.metrics.sample import NOTHING, Returns, compounded, finite, sample_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

GROUP = "Return"


@metric("Return", "rate", group=GROUP, higher_is_better=True)
def total_return(equity: ArrayLike) -> float:
    """Return what an equity curve gained from its first value to its last.

    Formula: last / first − 1.
    Unit: rate.
    Convention: with what was paid for everything; money put in or taken out counts as gained or lost.
    Source: CFA Institute, Global Investment Performance Standards (2020), holding-period return.
    None when: there are fewer than two values, or the first is not above zero.

    >>> round(total_return([100, 120, 90, 130]), 12)
    0.3
    """
    values = finite(equity)
    if len(values) < 2 or values[0] <= NOTHING:
        return math.nan
    return float((values[-1] - values[0]) / values[0])


@metric("Return a year", "rate", group=GROUP, higher_is_better=True)
def annual_return(equity: ArrayLike, years: float) -> float:
    """Return the yearly rate that compounds to the total (CAGR by the calendar).

    Formula: (last / first)^(1 / years) − 1.
    Unit: rate.
    Convention: years of 365.25 days from the first time to the last, whatever was traded in between.
    Source: CFA Institute, Global Investment Performance Standards (2020); ffn counts the same days.
    None when: all is lost, or no time passed; in a report also below 30 days.

    >>> round(annual_return([100, 110, 121], 2.0), 12)
    0.1
    """
    return compounded(total_return(equity), years)


@metric("Return a year, 252 days", "rate", group=GROUP, higher_is_better=True)
def annual_return_252(daily_equity: ArrayLike) -> float:
    """Return the yearly rate that compounds to the total, if 252 days with an equity are a year.

    Formula: (last / first)^(252 / days) − 1.
    Unit: rate.
    Convention: days are the UTC days that have an equity; the first value is that before the first day.
    Source: quantstats, empyrical and vectorbt count so; 252 is the usual number of sessions of a US exchange.
    None when: all is lost, there is less than one equity a day; in a report also below 30 days.

    >>> round(annual_return_252([100] + [100.1] * 252), 12)
    0.001
    """
    return _by_count(daily_equity, 252)


@metric("Return a year, 365 days", "rate", group=GROUP, higher_is_better=True)
def annual_return_365(daily_equity: ArrayLike) -> float:
    """Return the yearly rate that compounds to the total, if 365 days with an equity are a year.

    Formula: (last / first)^(365 / days) − 1.
    Unit: rate.
    Convention: days are the UTC days that have an equity; the first value is that before the first day.
    Source: quantstats, empyrical and vectorbt with 365 periods a year; for markets that never close.
    None when: all is lost, there is less than one equity a day; in a report also below 30 days.

    >>> round(annual_return_365([100] + [100.1] * 365), 12)
    0.001
    """
    return _by_count(daily_equity, 365)


def _by_count(daily_equity: ArrayLike, days: int) -> float:
    values = finite(daily_equity)
    return compounded(total_return(values), (len(values) - 1) / days)


def _most(returns: Returns) -> float:
    sample = sample_of(returns)
    return float(sample.values.max()) if len(sample) else math.nan


def _least(returns: Returns) -> float:
    sample = sample_of(returns)
    return float(sample.values.min()) if len(sample) else math.nan


def _positive(returns: Returns) -> float:
    sample = sample_of(returns)
    return float((sample.values > 0).sum()) / len(sample) if len(sample) else math.nan


@metric("Best day", "rate", group=GROUP, higher_is_better=True)
def best_day(daily_returns: Returns) -> float:
    """Return the largest return of a day.

    Formula: max r.
    Unit: rate.
    Convention: UTC days that have an equity, from the last equity of the one before.
    Source: as ffn and quantstats have it.
    None when: there is less than one equity a day; in a report also below two days.

    >>> best_day([0.01, -0.02])
    0.01
    """
    return _most(daily_returns)


@metric("Worst day", "rate", group=GROUP, higher_is_better=True)
def worst_day(daily_returns: Returns) -> float:
    """Return the smallest return of a day.

    Formula: min r.
    Unit: rate.
    Convention: UTC days that have an equity, from the last equity of the one before.
    Source: as ffn and quantstats have it.
    None when: there is less than one equity a day; in a report also below two days.

    >>> worst_day([0.01, -0.02])
    -0.02
    """
    return _least(daily_returns)


@metric("Positive days", "rate", group=GROUP, higher_is_better=True)
def positive_days(daily_returns: Returns) -> float:
    """Return the share of days with a gain.

    Formula: number of r > 0 / number of r.
    Unit: rate.
    Convention: a day on which nothing changed is no gain, and counts as a day.
    Source: as ffn has it for months; quantstats leaves days without a change out.
    None when: there is less than one equity a day; in a report also below two days.

    >>> positive_days([0.01, -0.02, 0.0, 0.03])
    0.5
    """
    return _positive(daily_returns)


@metric("Best month", "rate", group=GROUP, higher_is_better=True)
def best_month(monthly_returns: Returns) -> float:
    """Return the largest return of a month.

    Formula: max r.
    Unit: rate.
    Convention: calendar months (UTC), the first and the last as far as they go.
    Source: as quantstats has it; ffn leaves the first month out.
    None when: there is less than one equity a month; in a report also below two months (56 days).

    >>> best_month([0.01, -0.02])
    0.01
    """
    return _most(monthly_returns)


@metric("Worst month", "rate", group=GROUP, higher_is_better=True)
def worst_month(monthly_returns: Returns) -> float:
    """Return the smallest return of a month.

    Formula: min r.
    Unit: rate.
    Convention: calendar months (UTC), the first and the last as far as they go.
    Source: as quantstats has it; ffn leaves the first month out.
    None when: there is less than one equity a month; in a report also below two months (56 days).

    >>> worst_month([0.01, -0.02])
    -0.02
    """
    return _least(monthly_returns)


@metric("Positive months", "rate", group=GROUP, higher_is_better=True)
def positive_months(monthly_returns: Returns) -> float:
    """Return the share of months with a gain.

    Formula: number of r > 0 / number of r.
    Unit: rate.
    Convention: calendar months (UTC), the first and the last as far as they go; no change is no gain.
    Source: as ffn has it, which leaves the first month out.
    None when: there is less than one equity a month; in a report also below two months (56 days).

    >>> positive_months([0.01, -0.02])
    0.5
    """
    return _positive(monthly_returns)


@metric("Best year", "rate", group=GROUP, higher_is_better=True)
def best_year(yearly_returns: Returns) -> float:
    """Return the largest return of a year.

    Formula: max r.
    Unit: rate.
    Convention: calendar years (UTC), the first and the last as far as they go, not scaled to a whole one.
    Source: as quantstats has it; ffn leaves the first year out.
    None when: there is less than one equity a year; in a report also below two years (720 days).

    >>> best_year([0.1, -0.2])
    0.1
    """
    return _most(yearly_returns)


@metric("Worst year", "rate", group=GROUP, higher_is_better=True)
def worst_year(yearly_returns: Returns) -> float:
    """Return the smallest return of a year.

    Formula: min r.
    Unit: rate.
    Convention: calendar years (UTC), the first and the last as far as they go, not scaled to a whole one.
    Source: as quantstats has it; ffn leaves the first year out.
    None when: there is less than one equity a year; in a report also below two years (720 days).

    >>> worst_year([0.1, -0.2])
    -0.2
    """
    return _least(yearly_returns)


@metric("Positive years", "rate", group=GROUP, higher_is_better=True)
def positive_years(yearly_returns: Returns) -> float:
    """Return the share of years with a gain.

    Formula: number of r > 0 / number of r.
    Unit: rate.
    Convention: calendar years (UTC), the first and the last as far as they go; no change is no gain.
    Source: as ffn has it, which leaves the first year out.
    None when: there is less than one equity a year; in a report also below two years (720 days).

    >>> positive_years([0.1, -0.2])
    0.5
    """
    return _positive(yearly_returns)
