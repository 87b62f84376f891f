"""P23–P25: schedules, the engine's own work, and counts of the other events."""

from __future__ import annotations

import math
from typing import Any

import pytest

from eyas.errors import UsageError
from eyas.metrics.signals import (
    event_statistics,
    partial_statistics,
    performance_statistics,
    risk_statistics,
    schedule_statistics,
    signal_statistics,
    strategy_statistics,
    sync_statistics,
    walker_statistics,
)
from tests.metrics.signals.rows import TEN, rows

MINUTE_MS = 60_000


def scheduled(name: str, action: str, minutes: float = 0.0) -> dict[str, Any]:
    """Return an event of a signal that was scheduled at minute 1, some minutes later."""
    moment = MINUTE_MS * (1 + minutes)
    opened = {"pending_at": moment} if action == "opened" else {}
    return {"signal_id": name, "action": action, "timestamp": moment, "scheduled_at": MINUTE_MS, **opened}


def test_p23_rates_are_of_resolved_events_whose_scheduling_is_on_record() -> None:
    found = schedule_statistics(
        [
            *(scheduled(name, "scheduled") for name in "abcde"),
            scheduled("a", "opened", 1.5),
            scheduled("b", "opened", 2.5),
            scheduled("c", "opened", 5.0),
            scheduled("d", "cancelled", 0.5),
            # Its scheduling was never seen: it counts in the totals and waits, not in the rates.
            scheduled("z", "cancelled", 10.0),
            {"action": "waiting", "signal_id": "e"},
        ]
    )
    assert found.total_events == 10
    assert (found.total_scheduled, found.total_opened, found.total_cancelled) == (5, 3, 2)
    assert (found.activation_rate, found.cancellation_rate) == (75, 25)
    assert found.avg_activation_time == 3
    assert found.avg_wait_time == pytest.approx((0.5 + 10) / 2)


def test_p23_what_never_waited_was_not_opened_from_the_schedule() -> None:
    found = schedule_statistics([scheduled("a", "scheduled"), scheduled("a", "opened", 0.0)])
    assert found.total_opened == 0
    assert (found.activation_rate, found.avg_activation_time) == (None, None)


def test_p23_nothing_resolved_has_no_rate() -> None:
    found = schedule_statistics([scheduled("a", "scheduled")])
    assert (found.activation_rate, found.cancellation_rate, found.avg_wait_time) == (None, None, None)
    with pytest.raises(UsageError, match=r"event 1 of the schedule has no signal_id"):
        schedule_statistics([scheduled("a", "scheduled"), {"action": "opened"}])


def test_p24_each_kind_of_work_has_its_statistics() -> None:
    durations = [10.0, 20.0, 30.0, 40.0, 100.0]
    times = [0.0, 100.0, 400.0, 500.0, 1500.0]
    given = [
        {"metric_type": "tick", "duration": duration, "timestamp": time}
        for duration, time in zip(durations, times, strict=True)
    ]
    found = performance_statistics([*given, {"metric_type": "fetch", "duration": 600.0, "timestamp": 7.0}])
    assert found.total_events == 6
    assert found.total_duration == 800
    # Most time in all comes first.
    fetch, tick = found.metrics
    assert (fetch.metric_type, fetch.share, fetch.std_dev) == ("fetch", 75, 0)
    assert (fetch.avg_wait_time, fetch.min_wait_time, fetch.max_wait_time) == (None, None, None)
    assert (fetch.median, fetch.p95, fetch.p99) == (600, 600, 600)
    assert (tick.count, tick.total_duration, tick.avg_duration) == (5, 200, 40)
    assert (tick.min_duration, tick.max_duration, tick.median) == (10, 100, 30)
    assert tick.std_dev == pytest.approx(math.sqrt((30**2 + 20**2 + 10**2 + 0 + 60**2) / 4))
    # Linear: place 0.95 · 4 = 3.8 is 0.8 of the way from 40 to 100; 0.99 · 4 = 3.96.
    assert tick.p95 == pytest.approx(88.0)
    assert tick.p99 == pytest.approx(97.6)
    assert (tick.avg_wait_time, tick.min_wait_time, tick.max_wait_time) == (375, 100, 1000)
    assert tick.share == 25


def test_p24_without_events_or_time_there_is_no_share() -> None:
    assert performance_statistics([]).metrics == []
    found = performance_statistics([{"metric_type": "tick", "duration": 0}])
    assert found.metrics[0].share is None
    with pytest.raises(
        UsageError, match=r"duration of event 0 is long, but must be a number of milliseconds"
    ):
        performance_statistics([{"metric_type": "tick", "duration": "long"}])


def test_p25_counts() -> None:
    levels = [{"action": "profit"}, {"action": "loss"}, {"action": "profit"}]
    partial = partial_statistics(levels)
    assert (partial.total_events, partial.total_profit, partial.total_loss) == (3, 2, 1)
    assert partial.event_list == levels
    assert event_statistics(levels).total_events == 3
    refused = [{"symbol": "A", "strategy_name": "s"}, {"symbol": "A", "strategy_name": "t"}, {"symbol": "B"}]
    risk = risk_statistics(refused)
    assert (risk.total_rejections, risk.by_symbol, risk.by_strategy) == (
        3,
        {"A": 2, "B": 1},
        {"s": 1, "t": 1},
    )
    commits = [{"action": "trailing-stop"}, {"action": "partial-profit"}, {"action": "partial-profit"}]
    strategy = strategy_statistics(commits)
    assert strategy.total_events == 3
    assert list(strategy.by_action.items()) == [("partial-profit", 2), ("trailing-stop", 1)]
    sync = sync_statistics([{"action": "signal-open"}, {"action": "signal-open"}, {"action": "signal-close"}])
    assert (sync.total_events, sync.open_count, sync.close_count) == (3, 2, 1)
    assert partial_statistics([]).total_events == 0


def test_p25_a_walk_names_the_best_and_when_each_ran() -> None:
    results = {
        "few": signal_statistics(rows([9.0])),
        "good": signal_statistics(rows(TEN)),
        "bad": signal_statistics(rows([-one for one in TEN])),
    }
    events = [{"strategy_name": "good", "timestamp": time} for time in (30, 10, 20)]
    found = walker_statistics(results, "sharpe_ratio", events)
    assert (found.best_strategy, found.best_metric) == ("good", results["good"].sharpe_ratio)
    assert [one.strategy_name for one in found.results] == ["few", "good", "bad"]
    assert [one.metric is None for one in found.results] == [True, False, False]
    assert [(one.first_event_time, one.last_event_time) for one in found.results] == [
        (None, None),
        (10, 30),
        (None, None),
    ]
    lost = walker_statistics({"bad": results["bad"]}, "total_pnl")
    assert (lost.best_strategy, lost.best_metric) == ("bad", pytest.approx(-7.0))
    none = walker_statistics({"few": results["few"]})
    assert (none.best_strategy, none.best_metric) == (None, None)
    for metric in ("profit", "trend", "avg_duration"):
        with pytest.raises(UsageError, match=rf"metric is '{metric}', but must be one of win_count"):
            walker_statistics(results, metric)


def test_p25_the_deepest_drawdown_is_not_the_best() -> None:
    results = {
        "deep": signal_statistics(rows([-one for one in TEN])),
        "shallow": signal_statistics(rows(TEN)),
    }
    assert results["deep"].max_drawdown > results["shallow"].max_drawdown
    assert walker_statistics(results, "max_drawdown").best_strategy == "shallow"
    assert walker_statistics(results, "loss_count").best_strategy == "shallow"
