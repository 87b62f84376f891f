"""Statistics of limit entries that were scheduled: how many were reached, and how long they waited (P23)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from eyas.errors import UsageError
from eyas.metrics.signals.closed import Rows, numbers_of, records_of
from eyas.metrics.signals.definition import MINUTE_MS, known, mean, statistic

GROUP = "Schedule"
ACTIONS = ("scheduled", "opened", "cancelled")


@dataclass(frozen=True, slots=True)
class ScheduleStatistics:
    """Hold the statistics of scheduled signals (P23): rates in percent, times in minutes; None: not said."""

    event_list: list[Mapping[str, Any]]
    total_events: int
    total_scheduled: int
    total_opened: int
    total_cancelled: int
    activation_rate: float | None
    cancellation_rate: float | None
    avg_activation_time: float | None
    avg_wait_time: float | None


def schedule_statistics(rows: Rows) -> ScheduleStatistics:
    """Return the statistics of events of scheduled signals.

    Columns: `action` ("scheduled", "opened", "cancelled"; others are left out), `signal_id`, `scheduled_at`,
    `pending_at` (of those opened) and `timestamp` (when it happened), in milliseconds. One that was opened
    at the moment it was scheduled never waited: it does not count as opened. Raises UsageError for an event
    without a `signal_id`.

    >>> found = schedule_statistics([
    ...     {"action": "scheduled", "signal_id": "a", "timestamp": 60_000},
    ...     {"action": "opened", "signal_id": "a", "scheduled_at": 60_000, "pending_at": 150_000},
    ... ])
    >>> found.activation_rate, found.avg_activation_time
    (100.0, 1.5)
    """
    events = [record for record in records_of(rows) if record.get("action") in ACTIONS]
    nameless = [number for number, event in enumerate(events) if event.get("signal_id") is None]
    if nameless:
        raise UsageError(f"event {nameless[0]} of the schedule has no signal_id: it cannot be matched")
    by_action = {action: [event for event in events if event["action"] == action] for action in ACTIONS}
    begun = {event["signal_id"] for event in by_action["scheduled"]}
    opened = [event for event in by_action["opened"] if event.get("scheduled_at") != event.get("pending_at")]
    cancelled = by_action["cancelled"]
    activated, dropped = (
        sum(event["signal_id"] in begun for event in resolved) for resolved in (opened, cancelled)
    )
    return ScheduleStatistics(
        event_list=events,
        total_events=len(events),
        total_scheduled=len(by_action["scheduled"]),
        total_opened=len(opened),
        total_cancelled=len(cancelled),
        activation_rate=known(activation_rate(activated, dropped)),
        cancellation_rate=known(cancellation_rate(activated, dropped)),
        avg_activation_time=known(avg_activation_time(waits_of(opened, "pending_at"))),
        avg_wait_time=known(avg_wait_time(waits_of(cancelled, "timestamp"))),
    )


def waits_of(events: list[Mapping[str, Any]], until: str) -> np.ndarray:
    """Return how many minutes signals waited from being scheduled on, of those that say so."""
    waits = (numbers_of(events, until) - numbers_of(events, "scheduled_at")) / MINUTE_MS
    found: np.ndarray = waits[np.isfinite(waits)]
    return found


@statistic("Activation rate", "percent", group=GROUP, higher_is_better=True)
def activation_rate(opened: int, cancelled: int) -> float:
    """Return the share of the scheduled signals that were reached, in percent.

    Formula: 100 · opened / (opened + cancelled).
    Unit: percent.
    Convention: of signals whose being scheduled is on record too; with the cancellation rate it makes 100.
    Source: lifecycle specification P23.
    None when: none was opened or cancelled.

    >>> activation_rate(3, 1)
    75.0
    """
    return 100 * opened / (opened + cancelled) if opened + cancelled else math.nan


@statistic("Cancellation rate", "percent", group=GROUP, higher_is_better=False)
def cancellation_rate(opened: int, cancelled: int) -> float:
    """Return the share of the scheduled signals that were cancelled, in percent.

    Formula: 100 · cancelled / (opened + cancelled).
    Unit: percent.
    Convention: of signals whose being scheduled is on record too; with the activation rate it makes 100.
    Source: lifecycle specification P23.
    None when: none was opened or cancelled.

    >>> cancellation_rate(3, 1)
    25.0
    """
    return 100 * cancelled / (opened + cancelled) if opened + cancelled else math.nan


@statistic("Average activation time", "minutes", group=GROUP)
def avg_activation_time(minutes: np.ndarray) -> float:
    """Return how long scheduled signals waited on average until they were reached, in minutes.

    Formula: mean of (opening − scheduling) / 60,000 ms of those opened.
    Unit: minutes.
    Convention: with fractions; signals that did not wait at all do not count.
    Source: lifecycle specification P23.
    None when: none was opened.
    """
    return mean(minutes)


@statistic("Average wait time", "minutes", group=GROUP)
def avg_wait_time(minutes: np.ndarray) -> float:
    """Return how long scheduled signals waited on average until they were cancelled, in minutes.

    Formula: mean of (cancelling − scheduling) / 60,000 ms of those cancelled.
    Unit: minutes.
    Convention: with fractions.
    Source: lifecycle specification P23.
    None when: none was cancelled.
    """
    return mean(minutes)
