"""Figures of the single trades of a run, each as a rate of the money that was entered.

The names and gates of the lifecycle specification (§P): below ten trades a spread says nothing, below two
weeks a year cannot be extrapolated, and what is absurd (more than a trade a day on average, more than 100 % a
year) is not said at all. `r` is profit over the money entered, after all fees.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from eyas.metrics.signals import returns
from eyas.metrics.signals.yearly import (
    annualized_sharpe_ratio,
    compounded,
    recovery_factor,
    trades_per_year,
    yearly_rate,
)

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
    sharpe = returns.sharpe_ratio(rates)
    yearly = trades_per_year(len(rates), days)
    account = compounded(rates)
    return {
        "trade_mean": returns.avg_pnl(rates),
        "trade_sum": returns.total_pnl(rates),
        "trade_deviation": returns.std_dev(rates),
        "trade_sharpe": sharpe,
        "trade_sharpe_annual": annualized_sharpe_ratio(sharpe, yearly),
        "trade_sortino": returns.sortino_ratio(rates),
        "certainty_ratio": returns.certainty_ratio(rates),
        "expected_yearly_return": yearly_rate(account, yearly),
        "recovery_factor": recovery_factor(account),
    }
