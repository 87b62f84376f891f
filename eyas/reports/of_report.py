"""The trades of a report, as the figures and the statistics of signals take them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eyas.metrics.signals.closed import ClosedSignals
from eyas.metrics.trades import Trades
from eyas.reports.excursions import excursion_frame

MS = 1_000_000
"""Nanoseconds of a millisecond."""

if TYPE_CHECKING:
    import polars as pl

    from eyas.reports.report import Report


def trades_of(report: Report) -> Trades:
    """Return the trades of a report as columns, in order of their ends, with how far each ran either way.

    Profits and fees of symbols that trade in other moneys are in the account's, as in the report's figures.

    >>> import eyas
    >>> report = eyas.backtest(eyas.Signals(entries=[1, 0, 0, 0], quantity=2), eyas.sample("AAPL", "1d")[:4])
    >>> trades_of(report).profit.tolist() == report.trades["profit"].to_list()
    True
    """
    trades = report.trades
    profit, fee = money_of(report, trades)
    excursions = trades if "mfe_rate" in trades.columns else excursion_frame(report)
    return Trades(
        profit=profit,
        rate=trades["profit_rate"].to_numpy(),
        direction=np.where((trades["direction"] == "long").to_numpy(), 1, -1).astype(np.int8),
        entry_ns=trades["entry_time"].to_physical().to_numpy(),
        exit_ns=trades["exit_time"].to_physical().to_numpy(),
        bars=trades["bars"].to_numpy(),
        fee=fee,
        reason=trades["exit_reason"].to_list(),
        symbol=trades["symbol"].to_list() if "symbol" in trades.columns else None,
        mfe_rate=excursions["mfe_rate"].fill_null(np.nan).to_numpy(),
        mae_rate=excursions["mae_rate"].fill_null(np.nan).to_numpy(),
    )


def signals_of(report: Report) -> ClosedSignals:
    """Return the trades of a report as closed signals, for the statistics of `eyas.metrics.signals`.

    Each is the signal of its own money: profits and runs are percent of the money entered, and so do not
    depend on the currency; profits are after fees, runs (peak and fall) before them, as excursions are. The
    symbol of a run of one instrument is that of its bars.

    >>> import eyas
    >>> report = eyas.backtest(eyas.Signals(entries=[1, 0, 0, 0], quantity=2), eyas.sample("AAPL", "1d")[:4])
    >>> signals_of(report).symbol
    ['AAPL']
    """
    trades = trades_of(report)
    unknown = np.full(len(trades), np.nan)
    return ClosedSignals(
        pnl_percentage=100 * trades.rate,
        pending_at=trades.entry_ns / MS,
        close_timestamp=trades.exit_ns / MS,
        price_close=report.trades["exit_price"].to_numpy(),
        peak_pnl=100 * (unknown if trades.mfe_rate is None else trades.mfe_rate),
        fall_pnl=100 * (unknown if trades.mae_rate is None else trades.mae_rate),
        symbol=trades.symbol if trades.symbol is not None else [report.bars.symbol] * len(trades),
    )


def money_of(report: Report, trades: pl.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return profits and fees of trades, in the money of the account."""
    currencies = report.currencies
    if currencies is None:
        return trades["profit"].to_numpy(), trades["fee"].to_numpy()
    closed = report.journal.where("closed")
    return (
        currencies.converted(report.journal, closed, "profit"),
        currencies.converted(report.journal, closed, "fee"),
    )
