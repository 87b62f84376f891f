"""Gather what the page of one run shows: the run's figures, curves, trades and what they rest on."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.metrics.definition import DEFINITIONS
from eyas.reports.benchmark import benchmark_of
from eyas.reports.levels import level_frame
from eyas.reports.page import Page, Shown
from eyas.reports.remarks import remarks_on_findings
from eyas.reports.sections import sections_of
from eyas.reports.settings import settings_groups, verdicts

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from eyas.model import Bars
    from eyas.reports.report import Report

# The page says these above its figures, and what was refused in its remarks.
SAID_ABOVE = ("From", "To", "Bars", "Refused: ")
# Which figure of the metrics a headline is, and so how it is defined.
DEFINED_AS = {
    "Return": "total_return",
    "Return a year": "annual_return",
    "Deepest drawdown": "max_drawdown",
    "Longest drawdown": "max_drawdown_bars",
    "Sharpe ratio": "sharpe",
    "Bars in the market": "exposure",
    "Trades": "trade_count",
    "Won": "win_rate",
    "Profit factor": "profit_factor",
    "Best trade": "best_trade",
    "Worst trade": "worst_trade",
    "Fees": "fees_paid",
}


def page_of(report: Report, benchmark: Any = None) -> Page:
    """Return the page of a run; `benchmark` is anything that `Report.metrics_with` takes.

    The page of a portfolio draws the price of the first symbol; its figures, its equity, its drawdown and its
    list of trades are those of the whole.
    """
    against = benchmark_of(benchmark, report)
    metrics = report.metrics if benchmark is None else report.metrics_with(benchmark=benchmark)
    drawn = overlays(report.indicators, report.bars)
    levels = levels_with_rows(report)
    return Page(
        title=report.title,
        bars=report.bars,
        equity=report.curve,
        curve_time=None if report.steps is None else report.time,
        symbol_count=len(report.symbols),
        trades=trades_with_rows(report),
        figures=headline(report),
        settings=report.settings(),
        remarks=[
            *remarks_on_findings(verdicts(report)),
            *report.remarks_on_run(),
            *report.refusals(),
            *not_drawn(report.indicators, drawn),
            *([against.remark] if against.remark else []),
        ],
        data=data_checked(report),
        indicators=drawn,
        opening_cash=report.summary.cash,
        groups=[
            (title, [Shown(one.label, one.text, one.definition) for one in figures])
            for title, figures in metrics.groups()
        ],
        basis=metrics.basis,
        benchmark=against,
        levels=levels if len(levels) else None,
        sections=sections_of(report, against),
        verdicts=verdicts(report),
        settings_groups=settings_groups(report),
        bounds=report.bounds.sentence if report.bounds else "",
    )


def headline(report: Report) -> list[Shown]:
    """Return the figures of a summary, each with its definition where it has one."""
    return [
        Shown(label, text, DEFINITIONS.get(DEFINED_AS.get(label, "")))
        for label, text in report.summary.rows()
        if label not in SAID_ABOVE and not label.startswith(SAID_ABOVE[-1])
    ]


def trades_with_rows(report: Report) -> pl.DataFrame:
    """Return the trades, of a portfolio with the bars of the drawn symbol at which they began and ended.

    Those are -1 for trades of other symbols.
    """
    import polars as pl

    trades = report.trades
    if report.steps is None:
        return trades
    is_drawn = trades["symbol"] == report.symbols[0]
    return trades.with_columns(
        **{
            f"{name}_row": pl.Series(rows_of(report, trades[f"{name}_bar"], is_drawn))
            for name in ("entry", "exit")
        }
    )


def levels_with_rows(report: Report) -> pl.DataFrame:
    """Return stops and targets, of a portfolio with the bars of the drawn symbol, -1 for those of others."""
    import polars as pl

    levels = level_frame(report)
    if report.steps is None:
        return levels
    is_drawn = levels["symbol"] == report.symbols[0]
    return levels.with_columns(
        **{
            f"{name}_row": pl.Series(rows_of(report, levels[f"{name}_bar"], is_drawn))
            for name in ("from", "to")
        }
    )


def rows_of(report: Report, steps: pl.Series, is_drawn: pl.Series) -> NDArray[np.int64]:
    """Return the bar of the drawn symbol that was the last at each step of a portfolio's clock, or -1."""
    assert report.steps is not None
    own = report.steps[report.symbols[0]]
    rows = np.searchsorted(own, steps.to_numpy(), side="right") - 1
    found: NDArray[np.int64] = np.where(is_drawn.to_numpy(), np.maximum(0, rows), -1)
    return found


def data_checked(report: Report) -> list[str]:
    """Return what the page says of the data's checks in a line."""
    if not report.quality:
        return ["Data: not checked"]
    found = verdicts(report).values()
    level = max((one.level for one in found), key=("pass", "warn", "fail").index)
    calendars = ", ".join(dict.fromkeys(one.calendar for one in found))
    return [f"Data: {level}", f"calendar {calendars}"]


def overlays(indicators: Mapping[str, NDArray[np.float64]], bars: Bars) -> dict[str, NDArray[np.float64]]:
    """Return the indicators that live on the scale of prices, which the page draws over the candles."""
    if not len(bars):
        return {}
    low, high = float(bars.low.min()), float(bars.high.max())
    room = (high - low) / 10
    found = {}
    for name, values in indicators.items():
        finite = values[np.isfinite(values)]
        if len(finite) and low - room <= finite.min() and finite.max() <= high + room:
            found[name] = values
    return found


def not_drawn(indicators: Iterable[str], drawn: Container[str]) -> list[str]:
    """Return a sentence for the indicators that do not live on the scale of prices."""
    names = [name for name in indicators if name not in drawn]
    return [f"Not on the scale of prices, so not drawn: {', '.join(names)}."] if names else []
