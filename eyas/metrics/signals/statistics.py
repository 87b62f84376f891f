"""All statistics of closed signals at once: P1–P18, and those of a backtest and a live run (P19, P20)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from eyas.metrics.signals import course, returns, yearly
from eyas.metrics.signals.closed import ClosedSignals, Rows, closed_signals, records_of
from eyas.metrics.signals.definition import SIGNAL_DEFINITIONS, known
from eyas.metrics.signals.profile import price_profile


@dataclass(frozen=True, kw_only=True)
class SignalStatistics:
    """Hold the statistics P1–P18 of closed signals by the specification's names; None for what is not said.

    Profits and drawdowns are percent (0–100), durations minutes; `SIGNAL_DEFINITIONS` says what each is.
    """

    win_count: int
    loss_count: int
    win_rate: float | None
    avg_pnl: float | None
    total_pnl: float | None
    median_pnl: float | None
    std_dev: float | None
    sharpe_ratio: float | None
    trades_per_year: float | None
    annualized_sharpe_ratio: float | None
    sortino_ratio: float | None
    certainty_ratio: float | None
    expectancy: float | None
    max_drawdown: float | None
    expected_yearly_returns: float | None
    calmar_ratio: float | None
    recovery_factor: float | None
    avg_peak_pnl: float | None
    avg_fall_pnl: float | None
    avg_duration: float | None
    avg_win_duration: float | None
    avg_loss_duration: float | None
    avg_consecutive_win_pnl: float | None
    avg_consecutive_loss_pnl: float | None
    median_step_size: float | None
    buyer_pressure: float | None
    seller_pressure: float | None
    buyer_strength: float | None
    seller_strength: float | None
    pressure_imbalance: float | None
    trend: Literal["bullish", "bearish", "sideways", "neutral"] | None
    trend_strength: float | None
    trend_confidence: float | None

    def figures(self) -> dict[str, float | str | None]:
        """Return the statistics that have a definition, by name."""
        return {one.name: getattr(self, one.name) for one in fields(self) if one.name in SIGNAL_DEFINITIONS}


@dataclass(frozen=True, kw_only=True)
class BacktestStatistics(SignalStatistics):
    """Hold the statistics of a backtest (P19): the rows as they were given, how many, and P1–P18 of them."""

    signal_list: list[Mapping[str, Any]]
    total_signals: int


@dataclass(frozen=True, kw_only=True)
class LiveStatistics(SignalStatistics):
    """Hold the statistics of a live run (P20): all events, and P1–P18 of those that closed a signal."""

    event_list: list[Mapping[str, Any]]
    total_events: int
    total_closed: int


def ratio_values(signals: ClosedSignals) -> dict[str, Any]:
    """Return P1–P14: what comes of profits and times alone, and can be pooled over symbols; NaN inside."""
    pnl = signals.pnl_percentage
    account = yearly.compounded(pnl / 100, signals.fall_pnl / 100)
    a_year = yearly.trades_per_year(len(signals), signals.span_days)
    sharpe = returns.sharpe_ratio(pnl)
    return {
        "win_count": returns.win_count(pnl),
        "loss_count": returns.loss_count(pnl),
        "win_rate": returns.win_rate(pnl),
        "avg_pnl": returns.avg_pnl(pnl),
        "total_pnl": returns.total_pnl(pnl),
        "median_pnl": returns.median_pnl(pnl),
        "std_dev": returns.std_dev(pnl),
        "sharpe_ratio": sharpe,
        "trades_per_year": a_year,
        "annualized_sharpe_ratio": yearly.annualized_sharpe_ratio(sharpe, a_year),
        "sortino_ratio": returns.sortino_ratio(pnl),
        "certainty_ratio": returns.certainty_ratio(pnl),
        "expectancy": returns.expectancy(pnl),
        "max_drawdown": yearly.max_drawdown(account),
        "expected_yearly_returns": yearly.expected_yearly_returns(account, a_year),
        "calmar_ratio": yearly.calmar_ratio(account, a_year),
        "recovery_factor": yearly.recovery_factor(account),
    }


def duration_values(signals: ClosedSignals) -> dict[str, float]:
    """Return the durations of P16; NaN inside."""
    minutes, pnl = signals.duration_minutes, signals.pnl_percentage
    return {
        "avg_duration": course.avg_duration(minutes),
        "avg_win_duration": course.avg_win_duration(minutes, pnl),
        "avg_loss_duration": course.avg_loss_duration(minutes, pnl),
    }


def values_of(signals: ClosedSignals) -> dict[str, Any]:
    """Return P1–P18 by name; None for what is not said."""
    pnl = signals.pnl_percentage
    numbers = {
        **ratio_values(signals),
        **duration_values(signals),
        "avg_peak_pnl": course.avg_peak_pnl(signals.peak_pnl),
        "avg_fall_pnl": course.avg_fall_pnl(signals.fall_pnl),
        "avg_consecutive_win_pnl": course.avg_consecutive_win_pnl(pnl),
        "avg_consecutive_loss_pnl": course.avg_consecutive_loss_pnl(pnl),
    }
    profile = price_profile(signals.close_timestamp, signals.price_close)
    return {**outside(numbers), **asdict(profile)}


def outside(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as they are handed out: None for what is no number."""
    return {name: known(value) if isinstance(value, float) else value for name, value in values.items()}


def signal_statistics(signals: ClosedSignals | Rows) -> SignalStatistics:
    """Return the statistics P1–P18 of closed signals, all of them, not only of the last.

    >>> found = signal_statistics([{"pnl_percentage": 2.0, "pending_at": 60_000, "close_timestamp": 150_000}])
    >>> found.win_rate, found.avg_duration, found.sharpe_ratio
    (100.0, 1.5, None)
    """
    return SignalStatistics(**values_of(as_signals(signals)))


def as_signals(signals: ClosedSignals | Rows) -> ClosedSignals:
    """Return closed signals as they are, or of rows."""
    return signals if isinstance(signals, ClosedSignals) else closed_signals(signals)


def backtest_statistics(rows: Rows) -> BacktestStatistics:
    """Return the statistics of a backtest's closed signals (P19).

    `total_signals` counts all rows, also those without times, on which no statistic is computed.
    """
    records = records_of(rows)
    values = values_of(closed_signals(records))
    return BacktestStatistics(**values, signal_list=records, total_signals=len(records))


def live_statistics(rows: Rows) -> LiveStatistics:
    """Return the statistics of a live run's events (P20): rows with a column `action`.

    Events whose action is "closed" have the columns of ClosedSignals; P1–P18 are of them.
    """
    records = records_of(rows)
    closed = [record for record in records if record.get("action") == "closed"]
    values = values_of(closed_signals(closed))
    return LiveStatistics(**values, event_list=records, total_events=len(records), total_closed=len(closed))
