"""Statistics of how long the engine's own work took, kind by kind (P24)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.errors import UsageError
from eyas.metrics.signals.closed import Rows, numbers_of, records_of
from eyas.metrics.signals.definition import known

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class MetricPerformance:
    """Hold how long one kind of work took, in milliseconds; None for what is not said.

    `std_dev` is of a sample (n − 1), 0 of one; percentiles are interpolated linearly; waits are the times
    from one event of the kind to the next; `share` is its part of the time of all kinds, in percent.
    """

    metric_type: str
    count: int
    total_duration: float
    avg_duration: float
    min_duration: float
    max_duration: float
    std_dev: float
    median: float
    p95: float
    p99: float
    avg_wait_time: float | None
    min_wait_time: float | None
    max_wait_time: float | None
    share: float | None


@dataclass(frozen=True, slots=True)
class PerformanceStatistics:
    """Hold the statistics of all kinds of work (P24), the one that took longest in all first."""

    total_events: int
    total_duration: float
    metrics: list[MetricPerformance]


def performance_statistics(rows: Rows) -> PerformanceStatistics:
    """Return the statistics of performance events.

    Columns: `metric_type`, `duration` and `timestamp`, in milliseconds; without a timestamp there are no
    waits. Raises UsageError for a duration that is not a number.

    >>> found = performance_statistics([
    ...     {"metric_type": "tick", "duration": 10.0, "timestamp": 0},
    ...     {"metric_type": "tick", "duration": 30.0, "timestamp": 500},
    ... ])
    >>> found.metrics[0].median, found.metrics[0].avg_wait_time, found.metrics[0].share
    (20.0, 500.0, 100.0)
    """
    events = records_of(rows)
    durations = numbers_of(events, "duration")
    wrong = np.flatnonzero(~np.isfinite(durations))
    if len(wrong):
        given = events[wrong[0]].get("duration")
        raise UsageError(f"duration of event {wrong[0]} is {given}, but must be a number of milliseconds")
    total = math.fsum(durations)
    kinds: dict[str, list[Mapping[str, Any]]] = {}
    for event in events:
        kinds.setdefault(str(event.get("metric_type", "")), []).append(event)
    found = [performance_of(kind, some, total) for kind, some in kinds.items()]
    found.sort(key=lambda one: one.total_duration, reverse=True)
    return PerformanceStatistics(len(events), total, found)


def performance_of(kind: str, events: list[Mapping[str, Any]], total: float) -> MetricPerformance:
    """Return the statistics of the events of one kind, with its share of a total."""
    durations = numbers_of(events, "duration")
    waits = waits_of(numbers_of(events, "timestamp"))
    own = math.fsum(durations)
    median, p95, p99 = np.quantile(durations, [0.5, 0.95, 0.99], method="linear").tolist()
    return MetricPerformance(
        metric_type=kind,
        count=len(events),
        total_duration=own,
        avg_duration=own / len(events),
        min_duration=float(durations.min()),
        max_duration=float(durations.max()),
        std_dev=float(durations.std(ddof=1)) if len(events) > 1 else 0.0,
        median=median,
        p95=p95,
        p99=p99,
        avg_wait_time=known(float(waits.mean()) if len(waits) else math.nan),
        min_wait_time=known(float(waits.min(initial=math.inf))),
        max_wait_time=known(float(waits.max(initial=-math.inf))),
        share=100 * own / total if total > 0 else None,
    )


def waits_of(times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the times between events, by their own times."""
    return np.diff(np.sort(times[np.isfinite(times)]))
