"""Statistics symbol by symbol, and of all symbols together: P21 and P22."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from eyas.errors import UsageError
from eyas.metrics.definition import Definition
from eyas.metrics.signals import course, returns
from eyas.metrics.signals.closed import ClosedSignals, Rows, records_of
from eyas.metrics.signals.definition import SIGNAL_DEFINITIONS
from eyas.metrics.signals.statistics import (
    SignalStatistics,
    as_signals,
    duration_values,
    outside,
    ratio_values,
    values_of,
)

if TYPE_CHECKING:
    import polars as pl

HEAT_COLUMNS = (
    "symbol", "total_pnl", "sharpe_ratio", "annualized_sharpe_ratio", "certainty_ratio",
    "expected_yearly_returns", "trades_per_year", "profit_factor", "expectancy", "win_rate", "avg_win",
    "avg_loss", "max_drawdown", "max_win_streak", "max_loss_streak", "total_trades", "avg_peak_pnl",
    "avg_fall_pnl", "peak_profit_pnl", "max_drawdown_pnl", "median_pnl", "avg_duration", "avg_win_duration",
    "avg_loss_duration", "avg_consecutive_win_pnl", "avg_consecutive_loss_pnl", "trend", "trend_strength",
    "trend_confidence", "buyer_pressure", "seller_pressure", "buyer_strength", "seller_strength",
    "pressure_imbalance", "median_step_size", "sortino_ratio", "calmar_ratio", "recovery_factor",
)  # fmt: skip
"""The default columns of a heat map, in order (lifecycle specification Q8)."""

COUNTS = ("total_trades", "max_win_streak", "max_loss_streak")
POOLED = (
    "sharpe_ratio", "std_dev", "sortino_ratio", "expectancy", "certainty_ratio", "annualized_sharpe_ratio",
    "trades_per_year", "expected_yearly_returns", "calmar_ratio", "recovery_factor", "median_pnl",
    "avg_duration", "avg_win_duration", "avg_loss_duration",
)  # fmt: skip
WEIGHTED = ("avg_peak_pnl", "avg_fall_pnl", "avg_consecutive_win_pnl", "avg_consecutive_loss_pnl")
BUCKET = ("exchange_name", "frame_name", "backtest")


@dataclass(frozen=True, kw_only=True)
class HeatRow(SignalStatistics):
    """Hold the statistics of one symbol (P21): P1–P18 and what only a heat map has; None: not said.

    `max_drawdown` is above zero here; a table shows it negative.
    """

    symbol: str
    total_trades: int
    profit_factor: float | None
    avg_win: float | None
    avg_loss: float | None
    max_win_streak: int
    max_loss_streak: int
    peak_profit_pnl: float | None
    max_drawdown_pnl: float | None


@dataclass(frozen=True, kw_only=True)
class HeatPortfolio:
    """Hold the statistics of all symbols together (P22); None for what is not said.

    Ratios, median and durations are of all trades in one pool, by the order in which they closed, not means
    of the symbols' own; they know nothing of correlations or of how capital is shared out (no Markowitz
    portfolio). Peaks, falls and streaks are means of the symbols', weighed by their trades; extremes are
    those of the symbols' extremes. `PORTFOLIO_DEFINITIONS` says what each is.
    """

    total_symbols: int
    total_trades: int
    total_pnl: float | None
    sharpe_ratio: float | None
    std_dev: float | None
    sortino_ratio: float | None
    expectancy: float | None
    certainty_ratio: float | None
    annualized_sharpe_ratio: float | None
    trades_per_year: float | None
    expected_yearly_returns: float | None
    calmar_ratio: float | None
    recovery_factor: float | None
    median_pnl: float | None
    avg_duration: float | None
    avg_win_duration: float | None
    avg_loss_duration: float | None
    avg_peak_pnl: float | None
    avg_fall_pnl: float | None
    avg_consecutive_win_pnl: float | None
    avg_consecutive_loss_pnl: float | None
    peak_profit_pnl: float | None
    max_drawdown_pnl: float | None


@dataclass(frozen=True)
class Heat:
    """Hold a heat map: a row for each symbol, best first, and the portfolio of all."""

    symbols: list[HeatRow]
    portfolio: HeatPortfolio = field(repr=False)

    def frame(self, columns: Sequence[str] = HEAT_COLUMNS) -> pl.DataFrame:
        """Return the rows as a table of the columns that are asked for; null for what is not said."""
        import polars as pl

        names = [one.name for one in fields(HeatRow)]
        unknown = [name for name in columns if name not in names]
        if unknown:
            raise UsageError(f"a heat map has no column {unknown[0]!r}; it has {', '.join(names)}")
        kinds: dict[str, Any] = {"symbol": pl.String(), "trend": pl.String()}
        kinds |= dict.fromkeys((*COUNTS, "win_count", "loss_count"), pl.Int64())
        data = {name: [getattr(row, name) for row in self.symbols] for name in columns}
        return pl.DataFrame(data, schema={name: kinds.get(name, pl.Float64()) for name in columns})


def heat(signals: ClosedSignals | Rows, by: str = "sharpe_ratio") -> Heat:
    """Return the heat map of closed signals: rows with a column `symbol`.

    Rows are sorted by any of their numbers, highest first, those without it last. Raises UsageError for
    signals that name no symbol, and for another `by`.

    >>> signals = ClosedSignals([1.0, 3.0], [60_000] * 2, [120_000] * 2, symbol=["ETH", "BTC"])
    >>> found = heat(signals, by="total_pnl")
    >>> [row.symbol for row in found.symbols], found.portfolio.total_pnl
    (['BTC', 'ETH'], 4.0)
    """
    given = as_signals(signals)
    if len(given) and given.symbol is None:
        raise UsageError("a heat map is by symbol, but these signals have no column symbol")
    names = [one.name for one in fields(HeatRow) if one.name not in ("symbol", "trend")]
    if by not in names:
        raise UsageError(f"by is {by!r}, but must be one of {', '.join(names)}")
    rows = [heat_row(given.of(symbol), symbol) for symbol in dict.fromkeys(given.symbol or [])]
    rows.sort(key=lambda row: -math.inf if getattr(row, by) is None else getattr(row, by), reverse=True)
    return Heat(rows, portfolio_of(rows, given))


def heats(rows: Rows, by: str = "sharpe_ratio") -> dict[tuple[str, str, bool], Heat]:
    """Return a heat map for each exchange, frame and mode: columns exchange_name, frame_name, backtest.

    All strategies of a bucket are in one map. A live run has no frame (None, or ""), and `backtest` False.
    """
    buckets: dict[tuple[str, str, bool], list[Mapping[str, Any]]] = {}
    for record in records_of(rows):
        exchange, frame, backtest = (record.get(name) for name in BUCKET)
        buckets.setdefault((exchange or "", frame or "", bool(backtest)), []).append(record)
    return {key: heat(records, by) for key, records in buckets.items()}


def heat_row(signals: ClosedSignals, symbol: str) -> HeatRow:
    """Return the statistics of the signals of one symbol."""
    pnl = signals.pnl_percentage
    values = values_of(signals)
    if not values["win_count"] + values["loss_count"]:
        values["win_rate"] = None
    more = {
        "profit_factor": returns.profit_factor(pnl),
        "avg_win": returns.avg_win(pnl),
        "avg_loss": returns.avg_loss(pnl),
        "max_win_streak": course.max_win_streak(pnl),
        "max_loss_streak": course.max_loss_streak(pnl),
        "peak_profit_pnl": course.peak_profit_pnl(signals.peak_pnl),
        "max_drawdown_pnl": course.max_drawdown_pnl(signals.fall_pnl),
    }
    return HeatRow(**values, **outside(more), symbol=symbol, total_trades=len(signals))


def portfolio_of(rows: Sequence[HeatRow], signals: ClosedSignals) -> HeatPortfolio:
    """Return the statistics of all signals in one pool, and of the rows."""
    pooled = outside({**ratio_values(signals), **duration_values(signals)})
    return HeatPortfolio(
        total_symbols=len(rows),
        total_trades=sum(row.total_trades for row in rows),
        total_pnl=reduced(rows, "total_pnl", math.fsum),
        peak_profit_pnl=reduced(rows, "peak_profit_pnl", max),
        max_drawdown_pnl=reduced(rows, "max_drawdown_pnl", min),
        **{name: pooled[name] for name in POOLED},
        **{name: weighted(rows, name) for name in WEIGHTED},
    )


def reduced(rows: Sequence[HeatRow], name: str, reduce: Callable[[list[float]], float]) -> float | None:
    """Return what becomes of a number of the rows that have it; None where none has."""
    found = [getattr(row, name) for row in rows if getattr(row, name) is not None]
    return reduce(found) if found else None


def weighted(rows: Sequence[HeatRow], name: str) -> float | None:
    """Return the mean of a number of the rows that have it, weighed by their trades."""
    pairs = [(getattr(row, name), row.total_trades) for row in rows if getattr(row, name) is not None]
    trades = sum(count for _, count in pairs)
    return math.fsum(value * count for value, count in pairs) / trades if trades else None


def pooled_definitions() -> dict[str, Definition]:
    """Return the definitions of a portfolio's numbers: the symbols' own, said of all of them."""
    pool = "Of all trades of all symbols in one pool, in order of closing; no Markowitz portfolio."
    mean = "Mean of the symbols' own that have one, weighed by their number of trades."
    extreme = "Of the symbols' own extremes."
    how = dict.fromkeys(POOLED, ("pooled", pool)) | dict.fromkeys(WEIGHTED, ("of all symbols", mean))
    how |= {"total_pnl": ("of all symbols", "Sum of the symbols' own.")}
    how |= dict.fromkeys(("peak_profit_pnl", "max_drawdown_pnl"), ("of all symbols", extreme))
    found = {}
    for name, (which, convention) in how.items():
        own = SIGNAL_DEFINITIONS[name]
        found[name] = replace(
            own,
            label="Pooled Sharpe" if name == "sharpe_ratio" else f"{own.label}, {which}",
            convention=f"{convention} {own.convention}",
            source="lifecycle specification P22.",
        )
    return found


PORTFOLIO_DEFINITIONS = pooled_definitions()
