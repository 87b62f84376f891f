"""Counts over the other events of signals, and the strategies of a walk side by side (P25)."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eyas.errors import UsageError
from eyas.metrics.signals.closed import Rows, as_number, records_of
from eyas.metrics.signals.definition import SIGNAL_DEFINITIONS
from eyas.metrics.signals.statistics import SignalStatistics

Events = list[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class PartialStatistics:
    """Hold the levels of profit and loss that positions reached: how many in all, and of each."""

    event_list: Events
    total_events: int
    total_profit: int
    total_loss: int


@dataclass(frozen=True, slots=True)
class EventStatistics:
    """Hold events of one kind (breakeven, highest profit, maximum drawdown): their list, and how many."""

    event_list: Events
    total_events: int


@dataclass(frozen=True, slots=True)
class RiskStatistics:
    """Hold signals that the risk rules rejected: how many in all, by symbol, and by strategy."""

    event_list: Events
    total_rejections: int
    by_symbol: dict[str, int]
    by_strategy: dict[str, int]


@dataclass(frozen=True, slots=True)
class StrategyStatistics:
    """Hold what strategies committed: how many in all, and of each action."""

    event_list: Events
    total_events: int
    by_action: dict[str, int]


@dataclass(frozen=True, slots=True)
class SyncStatistics:
    """Hold attempts to open and to close at a venue: how many in all, and of each."""

    event_list: Events
    total_events: int
    open_count: int
    close_count: int


@dataclass(frozen=True, slots=True)
class WalkerResult:
    """Hold one strategy of a walk: its statistics, its metric, and when its first and last event was (ms)."""

    strategy_name: str
    statistics: SignalStatistics
    metric: float | None
    first_event_time: float | None
    last_event_time: float | None


@dataclass(frozen=True, slots=True)
class WalkerStatistics:
    """Hold the strategies of a walk in the order in which they ran, and the best by a metric (None: n/a)."""

    metric: str
    best_strategy: str | None
    best_metric: float | None
    results: list[WalkerResult]


def partial_statistics(rows: Rows) -> PartialStatistics:
    """Return the counts of partial levels: rows with a column `action`, "profit" or "loss".

    >>> partial_statistics([{"action": "profit"}, {"action": "loss"}, {"action": "profit"}]).total_profit
    2
    """
    events = list(records_of(rows))
    actions = counts_of(events, "action")
    return PartialStatistics(events, len(events), actions.get("profit", 0), actions.get("loss", 0))


def event_statistics(rows: Rows) -> EventStatistics:
    """Return the count of events of one kind: breakeven, highest profit, or maximum drawdown."""
    events = list(records_of(rows))
    return EventStatistics(events, len(events))


def risk_statistics(rows: Rows) -> RiskStatistics:
    """Return the counts of rejections: rows with the columns `symbol` and `strategy_name`."""
    events = list(records_of(rows))
    by_symbol, by_strategy = counts_of(events, "symbol"), counts_of(events, "strategy_name")
    return RiskStatistics(events, len(events), by_symbol, by_strategy)


def strategy_statistics(rows: Rows) -> StrategyStatistics:
    """Return the counts of commits: rows with a column `action`, such as "partial-profit"."""
    events = list(records_of(rows))
    return StrategyStatistics(events, len(events), counts_of(events, "action"))


def sync_statistics(rows: Rows) -> SyncStatistics:
    """Return the counts of attempts at a venue: column `action`, "signal-open" or "signal-close"."""
    events = list(records_of(rows))
    actions = counts_of(events, "action")
    opens, closes = (actions.get(f"signal-{what}", 0) + actions.get(what, 0) for what in ("open", "close"))
    return SyncStatistics(events, len(events), opens, closes)


def counts_of(events: Sequence[Mapping[str, Any]], name: str) -> dict[str, int]:
    """Return how often each text of a column occurs, most first; rows without it are left out."""
    return dict(Counter(str(event[name]) for event in events if event.get(name) is not None).most_common())


def walker_statistics(
    results: Mapping[str, SignalStatistics], metric: str = "sharpe_ratio", events: Rows = ()
) -> WalkerStatistics:
    """Return the strategies of a walk with their metric, and the one that has most of it.

    `results` are statistics by the name of the strategy; `events` are rows with the columns `strategy_name`
    and `timestamp` (milliseconds). Of drawdowns, losses and spreads the least is best; the first of equals
    is. Raises UsageError for a metric that statistics do not have, or that is neither good nor bad.
    """
    direction = direction_of(metric)
    times: dict[str, list[float]] = {}
    for event in records_of(events):
        moment = as_number(event.get("timestamp"))
        if not math.isnan(moment):
            times.setdefault(str(event.get("strategy_name", "")), []).append(moment)
    found = [
        WalkerResult(
            strategy_name=name,
            statistics=statistics,
            metric=getattr(statistics, metric),
            first_event_time=min(times[name]) if name in times else None,
            last_event_time=max(times[name]) if name in times else None,
        )
        for name, statistics in results.items()
    ]
    scored = [one for one in found if one.metric is not None]
    best = max(scored, key=lambda one: direction * (one.metric or 0.0), default=None)
    return WalkerStatistics(
        metric, best.strategy_name if best else None, best.metric if best else None, found
    )


def direction_of(metric: str) -> int:
    """Return 1 for a statistic of which more is better, −1 where less is; refuses any other.

    >>> direction_of("sharpe_ratio"), direction_of("max_drawdown")
    (1, -1)
    """
    better = {
        name: SIGNAL_DEFINITIONS[name].higher_is_better
        for name in SignalStatistics.__dataclass_fields__
        if name in SIGNAL_DEFINITIONS
    }
    if better.get(metric) is None:
        names = ", ".join(name for name, is_higher in better.items() if is_higher is not None)
        raise UsageError(f"metric is {metric!r}, but must be one of {names}")
    return 1 if better[metric] else -1
