"""All figures of trades at once."""

from __future__ import annotations

import math

import numpy as np

from eyas.metrics import edge, holding, streaks, trades
from eyas.metrics.definition import DEFINITIONS
from eyas.metrics.trades import Trades

TRADES_MIN = 10
"""Below so many trades nobody can say what the next one will do (lifecycle specification P, MIN_SIGNALS)."""

GATED = ("expectancy", "expectancy_rate", "payoff", "sqn", "kelly", "edge_ratio")
"""Figures that need as many trades."""

OF_PROFIT = (
    "trade_count", "win_rate", "profit_factor", "expectancy", "payoff", "average_win", "average_loss",
    "best_trade", "worst_trade",
)  # fmt: skip
OF_STREAKS = (
    "longest_winning_streak", "longest_losing_streak", "average_winning_streak", "average_losing_streak",
)  # fmt: skip


def trade_figures(given: Trades) -> dict[str, float]:
    """Return all figures of trades by name, NaN for what cannot be said; DEFINITIONS says what each is.

    Below ten trades those are NaN that say what to expect of the next one: GATED.

    >>> trades = Trades([5, -2], [0.05, -0.02], [1, 1], [0, 2], [1, 3], [1, 1], [0, 0], ["target", "stop"])
    >>> found = trade_figures(trades)
    >>> found["win_rate"], found["profit_factor"], math.isnan(found["sqn"])
    (0.5, 2.5, True)
    """
    profit, rate, held = given.profit, given.rate, given.holding_ns
    runs = streaks.streaks_of(profit)
    found = {name: getattr(trades, name)(profit) for name in OF_PROFIT}
    found |= {name: getattr(streaks, name)(runs if len(profit) else profit) for name in OF_STREAKS}
    found |= {
        "expectancy_rate": trades.expectancy_rate(rate),
        "median_trade": trades.median_trade(rate),
        "trade_fees": trades.trade_fees(given.fee),
        "sqn": edge.sqn(profit),
        "kelly": edge.kelly(rate),
        "edge_ratio": edge_ratio_of(given),
        "average_holding": holding.average_holding(held),
        "median_holding": holding.median_holding(held),
        "average_holding_won": holding.average_holding_won(held, profit),
        "average_holding_lost": holding.average_holding_lost(held, profit),
        "average_bars_held": holding.average_bars_held(given.bars),
    }
    if len(given) < TRADES_MIN:
        found |= dict.fromkeys(GATED, math.nan)
    return {name: found[name] for name in DEFINITIONS if name in found}


def edge_ratio_of(given: Trades) -> float:
    """Return the edge ratio of trades; NaN where no excursions are known."""
    if given.mfe_rate is None or given.mae_rate is None:
        return math.nan
    return edge.edge_ratio(np.asarray(given.mfe_rate), np.asarray(given.mae_rate))
