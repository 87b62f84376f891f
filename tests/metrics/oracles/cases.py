"""Series of returns that other packages are asked about, with what eyas says of them by the same names."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eyas import metrics
from eyas.metrics.curve import DAY_NS

RECORDED = Path(__file__).with_name("figures.json")
RISK_FREE = 0.03


@dataclass(frozen=True, eq=False)
class Case:
    """A series of returns and of a benchmark, the days that they end on, and how many make a year.

    `days` are those of the equity, the first being that before the first return.
    """

    name: str
    periods: int
    days: NDArray[np.int64]
    returns: NDArray[np.float64]
    benchmark: NDArray[np.float64]

    @cached_property
    def equity(self) -> NDArray[np.float64]:
        return metrics.equity_of(self.returns)

    @property
    def has_gaps(self) -> bool:
        return bool(np.isnan(self.returns).any())

    @property
    def is_daily(self) -> bool:
        return self.periods in (252, 365)

    @property
    def years(self) -> float:
        return float(self.days[-1] - self.days[0]) / 365.25

    @property
    def curve(self) -> metrics.Curve:
        return metrics.Curve(self.days[1:] * DAY_NS, self.equity[1:], 1.0)


def recorded() -> dict[str, Any]:
    """Return what was recorded: versions, cases, and figures by case and package."""
    found: dict[str, Any] = json.loads(RECORDED.read_text(encoding="utf-8"))
    return found


def cases(found: dict[str, Any]) -> list[Case]:
    """Return the recorded cases."""
    return [case_of(name, given) for name, given in found["cases"].items()]


def case_of(name: str, given: dict[str, Any]) -> Case:
    columns = (
        np.array([math.nan if one is None else one for one in given[column]])
        for column in ("returns", "benchmark")
    )
    return Case(name, given["periods"], np.array(given["days"], np.int64), *columns)


def ours(case: Case) -> dict[str, Callable[[], float]]:
    """Return how eyas works out each figure that others are asked for.

    A name ends with what differs from the usual: rf (a risk-free rate of 3 % a year), required (a return of
    3 % a year), period (not scaled to a year), 252 (of days, as
    many to a year).
    """
    r, b, p, equity, years = case.returns, case.benchmark, case.periods, case.equity, case.years
    months = case.curve.by_month().returns
    calendar_years = case.curve.by_year().returns
    return {
        "total_return": lambda: metrics.total_return(equity),
        "annual_return": lambda: metrics.annual_return(equity, years),
        "annual_return_252": lambda: metrics.annual_return_252(equity),
        "annual_return_365": lambda: metrics.annual_return_365(equity),
        "best_day": lambda: metrics.best_day(r),
        "worst_day": lambda: metrics.worst_day(r),
        "positive_days": lambda: metrics.positive_days(r),
        "best_month": lambda: metrics.best_month(months),
        "worst_month": lambda: metrics.worst_month(months),
        "positive_months": lambda: metrics.positive_months(months),
        "best_year": lambda: metrics.best_year(calendar_years),
        "worst_year": lambda: metrics.worst_year(calendar_years),
        "positive_years": lambda: metrics.positive_years(calendar_years),
        "volatility": lambda: metrics.volatility(r, p),
        "downside_deviation": lambda: metrics.downside_deviation(r, p),
        "value_at_risk_historic": lambda: metrics.value_at_risk_historic(r),
        "value_at_risk_normal": lambda: metrics.value_at_risk_normal(r),
        "conditional_value_at_risk_historic": lambda: metrics.conditional_value_at_risk_historic(r),
        "conditional_value_at_risk_normal": lambda: metrics.conditional_value_at_risk_normal(r),
        "skew": lambda: metrics.skew(r),
        "kurtosis": lambda: metrics.kurtosis(r),
        "skew_population": lambda: metrics.skew_population(r),
        "kurtosis_population": lambda: metrics.kurtosis_population(r),
        "tail_ratio": lambda: metrics.tail_ratio(r),
        "max_drawdown": lambda: metrics.max_drawdown(equity),
        "average_drawdown": lambda: metrics.average_drawdown(equity),
        "ulcer_index": lambda: metrics.ulcer_index(equity),
        "ulcer_performance rf": lambda: metrics.ulcer_performance(equity, years, RISK_FREE),
        "sharpe": lambda: metrics.sharpe(r, p),
        "sharpe rf": lambda: metrics.sharpe(r, p, RISK_FREE),
        "sortino": lambda: metrics.sortino(r, p),
        "sortino rf": lambda: metrics.sortino(r, p, RISK_FREE),
        "calmar": lambda: metrics.calmar(equity, years),
        "calmar 252": lambda: metrics.calmar(equity, len(r) / 252),
        "omega": lambda: metrics.omega(r, p),
        "omega required": lambda: metrics.omega(r, p, RISK_FREE),
        "gain_to_pain": lambda: metrics.gain_to_pain(r),
        "beta": lambda: metrics.beta(r, b),
        "alpha": lambda: metrics.alpha(r, b, p),
        "alpha rf": lambda: metrics.alpha(r, b, p, RISK_FREE),
        "correlation": lambda: metrics.correlation(r, b),
        "r_squared": lambda: metrics.r_squared(r, b),
        "tracking_error": lambda: metrics.tracking_error(r, b, p),
        "information_ratio period": lambda: metrics.information_ratio(r, b, 1),
        "up_capture": lambda: metrics.up_capture(r, b, p),
        "down_capture": lambda: metrics.down_capture(r, b, p),
    }
