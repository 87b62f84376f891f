"""Columns of the signal lifecycle's reports, under its own names and in its order, and tables of such rows.

Rates are in percent and durations in minutes, as there. Rows may name their values as Python does
(sharpe_ratio) or as the lifecycle does (sharpeRatio); columns and JSON Lines do as the lifecycle does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, is_dataclass
from typing import Any

from eyas.errors import UsageError
from eyas.reports.text.columns import Column
from eyas.reports.text.tables import Table, table_of_rows

HEAT = (
    Column("symbol", "Symbol"),
    Column("totalPnl", "Total PnL", "percent_points"),
    Column("sharpeRatio", "Sharpe", "ratio"),
    Column("annualizedSharpeRatio", "Annualised Sharpe", "ratio"),
    Column("certaintyRatio", "Certainty", "ratio"),
    Column("expectedYearlyReturns", "Expected yearly", "percent_points"),
    Column("tradesPerYear", "Trades a year", "count"),
    Column("profitFactor", "Profit factor", "ratio"),
    Column("expectancy", "Expectancy", "percent_points"),
    Column("winRate", "Won", "percent_points"),
    Column("avgWin", "Average win", "percent_points"),
    Column("avgLoss", "Average loss", "percent_points"),
    Column("maxDrawdown", "Deepest drawdown", lambda value: "n/a" if value is None else f"{-value:,.2f} %"),
    Column("maxWinStreak", "Wins in a row", "count"),
    Column("maxLossStreak", "Losses in a row", "count"),
    Column("totalTrades", "Trades", "count"),
    Column("avgPeakPnl", "Average peak", "percent_points"),
    Column("avgFallPnl", "Average fall", "percent_points"),
    Column("peakProfitPnl", "Highest peak", "percent_points"),
    Column("maxDrawdownPnl", "Deepest fall", "percent_points"),
    Column("medianPnl", "Median PnL", "percent_points"),
    Column("avgDuration", "Average duration", "minutes"),
    Column("avgWinDuration", "Duration of wins", "minutes"),
    Column("avgLossDuration", "Duration of losses", "minutes"),
    Column("avgConsecutiveWinPnl", "PnL of a winning streak", "percent_points"),
    Column("avgConsecutiveLossPnl", "PnL of a losing streak", "percent_points"),
    Column("trend", "Trend"),
    Column("trendStrength", "Trend a day", "percent_points"),
    Column("trendConfidence", "Trend's R²", "ratio"),
    Column("buyerPressure", "Buyers' share of moves", "ratio"),
    Column("sellerPressure", "Sellers' share of moves", "ratio"),
    Column("buyerStrength", "Buyers' strength", "ratio"),
    Column("sellerStrength", "Sellers' strength", "ratio"),
    Column("pressureImbalance", "Imbalance", "ratio"),
    Column("medianStepSize", "Median step", "percent_points"),
    Column("sortinoRatio", "Sortino", "ratio"),
    Column("calmarRatio", "Calmar", "ratio"),
    Column("recoveryFactor", "Recovery", "ratio"),
)
WALKER_STRATEGY = (
    Column("rank", "Rank", "count"),
    Column("strategy", "Strategy"),
    Column("metric", "Metric", "ratio"),
    Column("totalSignals", "Signals", "count"),
    Column("winRate", "Won", "percent_points"),
    Column("avgPnl", "Average PnL", "percent_points"),
    Column("totalPnl", "Total PnL", "percent_points"),
    Column("sharpeRatio", "Sharpe", "ratio"),
    Column("stdDev", "Deviation", "percent_points"),
    Column("sortinoRatio", "Sortino", "ratio"),
    Column("calmarRatio", "Calmar", "ratio"),
    Column("recoveryFactor", "Recovery", "ratio"),
    Column("firstEventTime", "First event", "time"),
    Column("lastEventTime", "Last event", "time"),
)
WALKER_PNL = (
    Column("strategy", "Strategy"),
    Column("signalId", "Signal", "text"),
    Column("symbol", "Symbol"),
    Column("position", "Position"),
    Column("pnl", "PnL", "percent_points"),
    Column("closeReason", "Close reason", "words"),
    Column("openTime", "Opened", "time"),
    Column("closeTime", "Closed", "time"),
)
PERFORMANCE = (
    Column("metricType", "Measured"),
    Column("count", "Count", "count"),
    Column("totalDuration", "Total", "quantity"),
    Column("avgDuration", "Average", "quantity"),
    Column("minDuration", "Least", "quantity"),
    Column("maxDuration", "Most", "quantity"),
    Column("stdDev", "Deviation", "quantity"),
    Column("median", "Median", "quantity"),
    Column("p95", "95th percentile", "quantity"),
    Column("p99", "99th percentile", "quantity"),
    Column("avgWaitTime", "Average wait", "quantity"),
    Column("minWaitTime", "Least wait", "quantity"),
    Column("maxWaitTime", "Most wait", "quantity"),
)
COLUMNS = {
    "heat": (HEAT, "Heat map"),
    "walker_strategy": (WALKER_STRATEGY, "Strategies"),
    "walker_pnl": (WALKER_PNL, "Signals of the strategies"),
    "performance": (PERFORMANCE, "Performance (durations in ms)"),
}


def lifecycle_table(name: str, rows: Iterable[Any]) -> Table:
    """Return rows as one of the lifecycle's tables: "heat", "walker_strategy", "walker_pnl", "performance".

    A row is a mapping or a dataclass. Raises UsageError for another name.

    >>> table = lifecycle_table("performance", [{"metric_type": "tick", "count": 3, "p95": 1.25}])
    >>> print(table.markdown(columns=["metricType", "p95"]))
    | Measured | 95th percentile |
    | :------- | --------------: |
    | tick     |            1.25 |
    """
    if name not in COLUMNS:
        raise UsageError(f"there is no table {name!r} of the lifecycle; there are {', '.join(COLUMNS)}")
    columns, title = COLUMNS[name]
    return table_of_rows(name, columns, [keyed(row) for row in rows], title=title)


def keyed(row: Any) -> dict[str, Any]:
    """Return the values of a row under the lifecycle's names.

    >>> keyed({"sharpe_ratio": 1.5, "p95": 2, "winRate": 60})
    {'sharpeRatio': 1.5, 'p95': 2, 'winRate': 60}
    """
    values: Mapping[str, Any] = asdict(row) if is_dataclass(row) and not isinstance(row, type) else row
    return {camel(name): value for name, value in values.items()}


def camel(name: str) -> str:
    """Return a name of Python's as the lifecycle writes it."""
    first, *others = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in others)
