"""Figures of the single trades of a run, each as a rate of the money that was entered.

The names and gates of the lifecycle specification (§P): below ten trades a spread says nothing, below two
weeks a year cannot be extrapolated, and what is absurd (more than a trade a day on average, more than 100 % a
year) is not said at all. `r` is profit over the money entered, after all fees.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.reports import Report

TRADE_FIGURES = (
    "trade_mean",
    "trade_sum",
    "trade_deviation",
    "trade_sharpe",
    "trade_sharpe_annual",
    "trade_sortino",
    "certainty_ratio",
    "expected_yearly_return",
    "recovery_factor",
)
TRADES_MIN, DAYS_MIN, TRADES_A_YEAR_MAX, YEARLY_MAX, CLAMP, SMALL = 10, 14, 365, 1.0, 1000.0, 1e-9
DAY_NS = 86_400e9


def trade_figures(report: Report) -> dict[str, float]:
    """Return the figures of the trades by name; NaN for what cannot be said."""
    trades = report.trades
    if not len(trades):
        return dict.fromkeys(TRADE_FIGURES, math.nan)
    rates = trades.sort("exit_bar", maintain_order=True)["profit_rate"].to_numpy()
    first = int(trades["entry_time"].to_physical().min())  # type: ignore[arg-type]  # they are times
    last = int(trades["exit_time"].to_physical().max())  # type: ignore[arg-type]
    return figures_of_rates(rates, (last - first) / DAY_NS)


def figures_of_rates(rates: NDArray[np.float64], days: float) -> dict[str, float]:
    """Return the figures of trades' rates, in order of their ends, over a span of days.

    >>> round(figures_of_rates(np.array([0.02, -0.01] * 10), 100.0)["certainty_ratio"], 6)
    2.0
    """
    count = len(rates)
    enough = count >= TRADES_MIN
    mean = float(rates.mean())
    deviation = float(rates.std(ddof=1)) if enough else math.nan
    downside = math.sqrt(float((np.minimum(0, rates) ** 2).sum()) / count)
    won, lost = rates[rates > 0], rates[rates < 0]
    average_loss = -float(lost.mean()) if len(lost) else math.nan
    yearly = count / days * 365 if enough and days >= DAYS_MIN else math.nan
    if yearly > TRADES_A_YEAR_MAX:
        yearly = math.nan
    sharpe = mean / deviation if deviation > SMALL else math.nan
    return {
        "trade_mean": mean,
        "trade_sum": float(rates.sum()),
        "trade_deviation": deviation,
        "trade_sharpe": sharpe,
        "trade_sharpe_annual": sharpe * math.sqrt(yearly) if yearly > 0 else math.nan,
        "trade_sortino": mean / downside if enough and downside > SMALL else math.nan,
        "certainty_ratio": (float(won.mean()) if len(won) else 0.0) / average_loss
        if enough and average_loss > SMALL
        else math.nan,
        **of_equity(rates, yearly, enough=enough),
    }


def of_equity(rates: NDArray[np.float64], yearly: float, *, enough: bool) -> dict[str, float]:
    """Return what an equity of 1 would have come to, all of it in each trade in turn."""
    curve = np.concatenate([[1.0], np.cumprod(1 + rates)])
    nothing = {"expected_yearly_return": math.nan, "recovery_factor": math.nan}
    if (curve <= 0).any():
        return nothing
    peak = np.maximum.accumulate(curve)
    fall = float(((peak - curve) / peak).max())
    expected = float(curve[-1]) ** (yearly / len(rates)) - 1 if yearly > 0 else math.nan
    if not abs(expected) <= YEARLY_MAX:
        expected = math.nan
    recovery = (float(curve[-1]) - 1) / fall if enough and fall > 0 else math.nan
    return {"expected_yearly_return": expected, "recovery_factor": float(np.clip(recovery, -CLAMP, CLAMP))}
