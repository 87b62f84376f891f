"""What a run paid and how much of it was in the market: amounts that the kernel adds up, and their ratios."""

from __future__ import annotations

import math

from eyas.metrics.definition import metric

GROUP = "Costs and exposure"


@metric("Bars in the market", "rate", group=GROUP)
def exposure(bars_held: float, bars: float) -> float:
    """Return the share of bars at whose close, before the decision, a ticket was open.

    Formula: bars with an open ticket / bars.
    Unit: rate.
    Convention: steps of the clock on a portfolio.
    Source: spec/metrics.md, bars_held.
    None when: there are no bars.
    """
    return bars_held / bars if bars > 0 else math.nan


@metric("Turnover a year", "ratio", group=GROUP)
def turnover(traded: float, mean_equity: float, years: float) -> float:
    """Return how often a year equity was turned over.

    Formula: (purchases + sales) / 2 / mean equity / years.
    Unit: ratio.
    Convention: money of all fills at their own prices, leverage included; years of 365.25 days.
    Source: SEC Form N-1A, item 13, with the mean of both sides in place of the lesser.
    None when: the mean equity is not above zero; in a report also below 30 days.
    """
    return traded / 2 / mean_equity / years if mean_equity > 0 and years > 0 else math.nan


@metric("Fees paid", "money", group=GROUP, higher_is_better=False)
def fees_paid(fees: float) -> float:
    """Return the fees of all fills, those of open tickets included.

    Formula: Σ fee.
    Unit: money of the account.
    Convention: as the kernel charged them; other currencies at the rate of the fill.
    Source: docs/rules.md, costs.
    """
    return fees


@metric("Spread and slippage paid", "money", group=GROUP, higher_is_better=False)
def slippage_paid(slippage: float) -> float:
    """Return by how much fills were worse than the prices before spread and slippage.

    Formula: Σ (price − price before costs) · signed quantity.
    Unit: money of the account.
    Convention: implementation shortfall against the modelled price, not against the decision.
    Source: Perold, "The Implementation Shortfall", Journal of Portfolio Management 14 (1988).
    """
    return slippage


@metric("Funding paid", "money", group=GROUP, higher_is_better=False)
def funding_paid(funding: float) -> float:
    """Return the funding paid, less what was received.

    Formula: Σ funding.
    Unit: money of the account.
    Convention: below zero where more was received.
    Source: docs/rules.md, costs.
    """
    return funding


@metric("Borrowing paid", "money", group=GROUP, higher_is_better=False)
def borrowing_paid(borrowing: float) -> float:
    """Return what borrowed money and borrowed units cost.

    Formula: Σ borrowing.
    Unit: money of the account.
    Convention: as the kernel charged it.
    Source: docs/rules.md, costs.
    """
    return borrowing


@metric("Costs in all, of the cash at the start", "rate", group=GROUP, higher_is_better=False)
def costs_rate(costs: float, opening_cash: float) -> float:
    """Return all costs as a share of the cash at the start: what the return lacks because of them, at least.

    Formula: (fees + spread and slippage + funding + borrowing) / cash at the start.
    Unit: rate.
    Convention: costs are not compounded.
    Source: own.
    None when: there was no cash at the start.
    """
    return costs / opening_cash if opening_cash > 0 else math.nan


@metric("Equity at the end, worse path", "money", group=GROUP, higher_is_better=True)
def equity_worse_path(equity: float) -> float:
    """Return the final equity if bars that reached a stop and a target always went to the worse first.

    Formula: the lower of the final equities with tie=stop and tie=target.
    Unit: money of the account.
    Convention: two runs, by eyas.interval.
    Source: docs/strategy.md, "What one bar cannot say".
    None when: the run was made by eyas.backtest alone.
    """
    return equity


@metric("Equity at the end, better path", "money", group=GROUP, higher_is_better=True)
def equity_better_path(equity: float) -> float:
    """Return the final equity if bars that reached a stop and a target always went to the better first.

    Formula: the higher of the final equities with tie=stop and tie=target.
    Unit: money of the account.
    Convention: two runs, by eyas.interval.
    Source: docs/strategy.md, "What one bar cannot say".
    None when: the run was made by eyas.backtest alone.
    """
    return equity
