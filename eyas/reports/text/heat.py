"""The heat map of a run, symbol by symbol, and several runs as the signal lifecycle's walker ranks them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING

import numpy as np

from eyas.errors import UsageError
from eyas.reports.of_report import signals_of
from eyas.reports.text.formats import FORMATS, is_missing
from eyas.reports.text.lifecycle import lifecycle_table
from eyas.reports.text.markdown import definition_line, figure_line, joined
from eyas.reports.text.tables import Table, rows_of
from eyas.reports.text.trade_tables import signal_frame

if TYPE_CHECKING:
    from eyas.metrics.signals import Heat
    from eyas.metrics.signals.statistics import SignalStatistics
    from eyas.reports.report import Report

METRIC = "sharpe_ratio"
# How the units of definitions are written here.
UNITS = {
    "percent": "percent_points",
    "count": "count",
    "ratio": "ratio",
    "duration": "minutes",
    "minutes": "minutes",
}


def heat_table(report: Report) -> Table:
    """Return the statistics of each symbol's trades, the best Sharpe ratio first."""
    return lifecycle_table("heat", heat_of(report).symbols)


def pooled_lines(report: Report) -> str:
    """Return the statistics of all symbols' trades in one pool, a line each, and what they mean."""
    from eyas.metrics.signals.heat import PORTFOLIO_DEFINITIONS

    portfolio = heat_of(report).portfolio
    lines = []
    for name, definition in PORTFOLIO_DEFINITIONS.items():
        value = getattr(portfolio, name)
        text = "n/a" if is_missing(value) else FORMATS[UNITS.get(definition.unit, "text")](value)
        lines.append(figure_line(definition.label, text, definition.higher_is_better))
    known = [definition_line(definition) for definition in PORTFOLIO_DEFINITIONS.values()]
    return joined(["\n".join(lines), *known]).rstrip()


def heat_of(report: Report) -> Heat:
    """Return the heat map of a run's trades."""
    from eyas.metrics.signals.heat import heat

    return heat(signals_of(report))


def walker_table(reports: Mapping[str, Report], metric: str = METRIC) -> Table:
    """Return runs by name as the lifecycle's walker ranks strategies: by a statistic of their trades.

    `metric` is a name of the signal statistics, as Python writes it ("sharpe_ratio", "total_pnl"); of a
    drawdown, or a spread, the least comes first, and those without it last. Raises UsageError for a name
    that there is not, and for what is neither good nor bad.
    """
    from eyas.metrics.signals.counts import direction_of
    from eyas.metrics.signals.statistics import signal_statistics

    found = []
    for name, report in reports.items():
        signals = signals_of(report)
        statistics = signal_statistics(signals)
        times = signals.pending_at, signals.close_timestamp
        first, last = (moment(times[0].min()), moment(times[1].max())) if len(signals) else (None, None)
        found.append((name, len(signals), metric_of(statistics, metric), statistics, first, last))
    if found:
        direction = direction_of(metric)
        found.sort(key=lambda one: -math.inf if one[2] is None else direction * one[2], reverse=True)
    rows = [
        {
            "rank": rank,
            "strategy": name,
            "metric": value,
            "total_signals": count,
            **statistics.figures(),
            "first_event_time": first,
            "last_event_time": last,
        }
        for rank, (name, count, value, statistics, first, last) in enumerate(found, 1)
    ]
    return lifecycle_table("walker_strategy", rows)


def moment(milliseconds: float) -> np.datetime64:
    """Return a time of the lifecycle's as one of ours."""
    return np.datetime64(round(milliseconds), "ms")


def metric_of(statistics: SignalStatistics, metric: str) -> float | None:
    """Return one statistic by its name."""
    figures = {name: value for name, value in statistics.figures().items() if not isinstance(value, str)}
    if metric not in figures:
        near = get_close_matches(metric, figures, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(figures)}"
        raise UsageError(f"there is no statistic {metric!r}: {hint}")
    return figures[metric]


def walker_pnl_table(reports: Mapping[str, Report]) -> Table:
    """Return the trades of several runs, run by run, under the lifecycle's names."""
    names = {"openTimestamp": "openTime", "closeTimestamp": "closeTime"}
    rows = [
        {"strategy": name, **{names.get(key, key): value for key, value in row.items()}}
        for name, report in reports.items()
        for row in rows_of(signal_frame(report))
    ]
    return lifecycle_table("walker_pnl", rows)
