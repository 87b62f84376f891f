"""Compute the statistics of closed signals as the lifecycle specification §P has them, on every trade.

`SIGNAL_DEFINITIONS` says of each number what it is, and when it is not said.
"""

from __future__ import annotations

from eyas.metrics.signals.closed import ClosedSignals, closed_signals
from eyas.metrics.signals.counts import (
    event_statistics,
    partial_statistics,
    risk_statistics,
    strategy_statistics,
    sync_statistics,
    walker_statistics,
)
from eyas.metrics.signals.definition import SIGNAL_DEFINITIONS
from eyas.metrics.signals.heat import (
    HEAT_COLUMNS,
    PORTFOLIO_DEFINITIONS,
    Heat,
    HeatPortfolio,
    HeatRow,
    heat,
    heats,
)
from eyas.metrics.signals.performance import PerformanceStatistics, performance_statistics
from eyas.metrics.signals.profile import PriceProfile, price_profile
from eyas.metrics.signals.schedule import ScheduleStatistics, schedule_statistics
from eyas.metrics.signals.statistics import (
    BacktestStatistics,
    LiveStatistics,
    SignalStatistics,
    backtest_statistics,
    live_statistics,
    signal_statistics,
)

__all__ = [
    "BacktestStatistics",
    "ClosedSignals",
    "HEAT_COLUMNS",
    "Heat",
    "HeatPortfolio",
    "HeatRow",
    "LiveStatistics",
    "PORTFOLIO_DEFINITIONS",
    "PerformanceStatistics",
    "PriceProfile",
    "SIGNAL_DEFINITIONS",
    "ScheduleStatistics",
    "SignalStatistics",
    "backtest_statistics",
    "closed_signals",
    "event_statistics",
    "heat",
    "heats",
    "live_statistics",
    "partial_statistics",
    "performance_statistics",
    "price_profile",
    "risk_statistics",
    "schedule_statistics",
    "signal_statistics",
    "strategy_statistics",
    "sync_statistics",
    "walker_statistics",
]
