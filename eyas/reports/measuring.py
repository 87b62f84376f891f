"""Compute every figure of a run: of its curve, against a benchmark, of its trades, of what they paid."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from eyas.errors import UsageError
from eyas.metrics import paid
from eyas.metrics.curve import Curve
from eyas.metrics.gates import is_long_enough, says
from eyas.metrics.of_curve import curve_figures
from eyas.metrics.of_trades import trade_figures
from eyas.reports.benchmark import benchmark_of, curve_of
from eyas.reports.metrics import Metrics
from eyas.reports.of_report import trades_of
from eyas.reports.paid import paid_in_all

if TYPE_CHECKING:
    from eyas.reports.report import Report

By = Literal["bar", "day"]


def metrics_of(
    report: Report,
    *,
    benchmark: Any = None,
    risk_free: float = 0.0,
    periods_per_year: float | None = None,
    by: By = "bar",
) -> Metrics:
    """Return all figures of a run; see `Report.metrics_with`."""
    if by not in ("bar", "day"):
        raise UsageError(f"by is {by!r}, but must be 'bar' or 'day'")
    curve, against = curve_of(report), benchmark_of(benchmark, report)
    used, other = (one.by_day() if by == "day" else one for one in (curve, against.curve))
    of_curve = curve_figures(used, risk_free=risk_free, benchmark=other, periods_per_year=periods_per_year)
    values = {**of_curve, **trade_figures(trades_of(report)), **costs_of(report, curve)}
    basis = basis_of(curve, against.name, risk_free, periods_per_year, by)
    return Metrics(values, " ".join(part for part in (basis, against.remark) if part))


def costs_of(report: Report, curve: Curve) -> dict[str, float]:
    """Return what a run paid, how often it turned its equity over, and between what its end lies."""
    found = paid_in_all(report)
    known = report.curve[np.isfinite(report.curve)]
    mean = float(known.mean()) if len(known) else math.nan
    years = curve.years if is_long_enough(curve.years) else math.nan
    values = {
        "exposure": paid.exposure(report.trade_figures["bars_held"], len(report.curve)),
        "turnover": paid.turnover(found.traded, mean, years),
        "fees_paid": paid.fees_paid(found.fees),
        "slippage_paid": paid.slippage_paid(found.slippage),
        "funding_paid": paid.funding_paid(found.funding),
        "borrowing_paid": paid.borrowing_paid(found.borrowing),
        "costs_rate": paid.costs_rate(found.all, curve.opening),
    }
    if report.bounds:
        values["equity_worse_path"] = paid.equity_worse_path(report.bounds.worst_equity)
        values["equity_better_path"] = paid.equity_better_path(report.bounds.best_equity)
    return values


def basis_of(curve: Curve, benchmark: str, risk_free: float, periods: float | None, by: By) -> str:
    """Return in a line what figures were computed on.

    >>> import numpy as np
    >>> basis_of(Curve(np.arange(3) * 86_400_000_000_000, np.ones(3), 1.0), "SPY", 0.0, 252, "day")
    'Returns of days, 252 a year; risk-free rate 0 %; benchmark: SPY.'
    """
    used = curve.by_day() if by == "day" else curve
    # Rows rarer than days are not those of days, though each is the last of one.
    each = by if says(used, "day") else "bar"
    counted = used.periods_per_year if periods is None else periods
    by_calendar = "" if periods else " by the calendar"
    a_year = f", {counted:,.6g} a year{by_calendar}" if math.isfinite(counted) else ""
    named = f"; benchmark: {benchmark}" if benchmark else ""
    return f"Returns of {each}s{a_year}; risk-free rate {100 * risk_free:.4g} %{named}."
