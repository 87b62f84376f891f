"""All figures of an equity curve at once."""

from __future__ import annotations

import math

import numpy as np

from eyas.errors import UsageError
from eyas.metrics import benchmark as against
from eyas.metrics import drawdowns, growth, ratios, risk
from eyas.metrics.curve import Curve
from eyas.metrics.definition import DEFINITIONS
from eyas.metrics.gates import CAPTURE_MIN, MONTHS_MIN, has_spans, silent
from eyas.metrics.sample import sample_of
from eyas.timeframes import as_of_rows

GROUPS = (growth.GROUP, risk.GROUP, ratios.GROUP, drawdowns.GROUP, against.GROUP)
"""In reading order."""

OF_A_SPAN = ("best", "worst", "positive")


def curve_figures(
    curve: Curve,
    *,
    risk_free: float = 0.0,
    benchmark: Curve | None = None,
    periods_per_year: float | None = None,
) -> dict[str, float]:
    """Return all figures of a curve by name, NaN for what cannot be said; DEFINITIONS says what each is.

    Figures of returns are of the curve's own periods: give `curve.by_day()` for those of days. `risk_free` is
    a rate a year. `periods_per_year` is counted by the calendar where it is not given. Those against the
    `benchmark` are there only with one; it is read at the last of its times up to each of the curve's (NaN
    before its start). What too short a curve cannot say is NaN (eyas/metrics/gates.py). Raises UsageError for
    a rate of −100 % or less, and for periods that are no number above zero.

    >>> from eyas.metrics.curve import DAY_NS
    >>> curve = Curve(np.arange(400) * DAY_NS, 100 + np.arange(400) % 7.0, 100.0)
    >>> figures = curve_figures(curve)
    >>> round(figures["total_return"], 6), round(figures["max_drawdown"], 6)
    (0.0, 0.056604)
    """
    if not is_number_above(risk_free, -1):
        raise UsageError(f"risk_free is {risk_free!r}, but must be a rate a year above -1, such as 0.03")
    if periods_per_year is not None and not is_number_above(periods_per_year, 0):
        raise UsageError(
            f"periods_per_year is {periods_per_year!r}, but must be a number above zero, such as 252"
        )
    periods = curve.periods_per_year if periods_per_year is None else float(periods_per_year)
    found = {
        **growth_figures(curve),
        **risk_figures(curve, periods, risk_free),
        **drawdown_figures(curve),
    }
    if benchmark is not None:
        found |= benchmark_figures(curve, benchmark, periods, risk_free)
    found |= silent(found, curve.years, len(curve.returns))
    in_groups = sorted(
        DEFINITIONS.values(), key=lambda one: GROUPS.index(one.group) if one.group in GROUPS else -1
    )
    return {one.name: found[one.name] for one in in_groups if one.name in found}


def is_number_above(value: object, bound: float) -> bool:
    """Whether a value is a finite number above a bound; a truth value is no number."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.integer | np.floating):
        return False
    return bool(math.isfinite(value) and value > bound)


def growth_figures(curve: Curve) -> dict[str, float]:
    """Return how much a curve gained: in all, a year, and in its days, months and years."""
    found = {
        "total_return": growth.total_return(curve.values),
        "annual_return": growth.annual_return(curve.values, curve.years),
    }
    spans = {"day": curve.by_day(), "month": curve.by_month(), "year": curve.by_year()}
    for span, sampled in spans.items():
        returns = sample_of(sampled.returns if has_spans(curve, span) and len(sampled.returns) > 1 else [])
        for kind in OF_A_SPAN:
            name = f"{kind}_{span}s" if kind == "positive" else f"{kind}_{span}"
            found[name] = getattr(growth, name)(returns)
    daily = spans["day"].values if has_spans(curve, "day") else np.empty(0)
    found["annual_return_252"] = growth.annual_return_252(daily)
    found["annual_return_365"] = growth.annual_return_365(daily)
    monthly = spans["month"].returns if has_spans(curve, "month") else np.empty(0)
    found["gain_to_pain"] = ratios.gain_to_pain(monthly if len(monthly) >= MONTHS_MIN else [])
    return found


def risk_figures(curve: Curve, periods: float, risk_free: float) -> dict[str, float]:
    """Return the figures of a curve's returns."""
    returns = curve.sample
    return {
        "volatility": risk.volatility(returns, periods),
        "downside_deviation": risk.downside_deviation(returns, periods),
        **{
            name: getattr(risk, name)(returns)
            for name in (
                "value_at_risk_historic",
                "value_at_risk_normal",
                "conditional_value_at_risk_historic",
                "conditional_value_at_risk_normal",
                "skew",
                "kurtosis",
                "tail_ratio",
            )
        },
        "sharpe": ratios.sharpe(returns, periods, risk_free),
        "sortino": ratios.sortino(returns, periods, risk_free),
        "omega": ratios.omega(returns, periods),
        "ulcer_performance": ratios.ulcer_performance(curve.falls, curve.years, risk_free),
    }


def drawdown_figures(curve: Curve) -> dict[str, float]:
    """Return the figures of a curve's falls below its highest."""
    falls = curve.falls
    return {
        "max_drawdown": drawdowns.max_drawdown(falls),
        "average_drawdown": drawdowns.average_drawdown(falls),
        "max_drawdown_bars": drawdowns.max_drawdown_bars(falls),
        "time_under_water": drawdowns.time_under_water(falls),
        "longest_drawdown": drawdowns.longest_drawdown(curve),
        "average_drawdown_length": drawdowns.average_drawdown_length(curve),
        "max_drawdown_recovery": drawdowns.max_drawdown_recovery(curve),
        "ulcer_index": drawdowns.ulcer_index(falls),
        "calmar": ratios.calmar(falls, curve.years),
        "recovery_factor": ratios.recovery_factor(falls),
    }


def benchmark_figures(curve: Curve, benchmark: Curve, periods: float, risk_free: float) -> dict[str, float]:
    """Return the figures of a curve against a benchmark, of what both know."""
    other = aligned(curve, benchmark)
    pair = pair_of(curve, other)
    is_said = has_spans(curve, "month")
    months = against.pair_of(
        *(one.by_month().returns_by_row if is_said else np.empty(0) for one in (curve, other))
    )
    rose, fell = months.other.values > 0, months.other.values < 0
    shared, years = shared_ends(curve, other)
    found = {
        "beta": pair.beta,
        "alpha": pair.alpha(periods, risk_free),
        "correlation": pair.correlation,
        "r_squared": pair.correlation**2,
        "tracking_error": pair.tracking_error(periods),
        "information_ratio": pair.information_ratio(periods),
        "up_capture": months.capture(rose, 12) if rose.sum() >= CAPTURE_MIN else math.nan,
        "down_capture": months.capture(fell, 12) if fell.sum() >= CAPTURE_MIN else math.nan,
        "active_return": against.active_return(*shared, years),
    }
    return found | silent(found, years, len(pair))


def aligned(curve: Curve, other: Curve) -> Curve:
    """Return another curve at the times of one: the last it knew up to each, NaN before its start.

    Raises UsageError where its times fall back, unless both have the same times.
    """
    if np.array_equal(curve.time, other.time):
        return other
    rows = as_of_rows(other.time, curve.time)
    found = np.full(len(curve), math.nan)
    is_known = rows >= 0
    found[is_known] = other.equity[rows[is_known]]
    return Curve(curve.time, found)


def pair_of(curve: Curve, other: Curve) -> against.Pair:
    """Return the returns of two curves of one time that both know."""
    if len(curve.returns) == len(other.returns) == len(curve):
        return against.Pair(curve.sample, other.sample)
    return against.pair_of(curve.returns_by_row, other.returns_by_row)


def shared_ends(curve: Curve, other: Curve) -> tuple[tuple[list[float], list[float]], float]:
    """Return first and last equity of two curves of one time while both are known, and the years between."""
    rows = np.flatnonzero(np.isfinite(curve.equity) & np.isfinite(other.equity))
    if not len(rows):
        return ([], []), 0.0
    first, last = int(rows[0]), int(rows[-1])
    is_whole = first == 0 and math.isfinite(curve.opening) and math.isfinite(other.opening)
    ends = [
        [one.opening if is_whole else float(one.equity[first]), float(one.equity[last])]
        for one in (curve, other)
    ]
    part = Curve(curve.time[first : last + 1], curve.equity[first : last + 1])
    return (ends[0], ends[1]), part.years
