"""P19 and P20: the statistics of a backtest and of a live run."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from eyas.metrics.signals import (
    SIGNAL_DEFINITIONS,
    SignalStatistics,
    backtest_statistics,
    live_statistics,
    signal_statistics,
)
from tests.metrics.signals.rows import TEN, rows

PAGE = Path(__file__).parents[3] / "docs" / "signal-statistics.md"


def common(found: SignalStatistics) -> dict[str, object]:
    """Return P1–P18."""
    return {one.name: getattr(found, one.name) for one in fields(SignalStatistics)}


def test_p19_a_backtest_lists_its_signals_and_has_p1_to_p18() -> None:
    given = rows(TEN)
    found = backtest_statistics(given)
    assert found.total_signals == 10
    assert found.signal_list == given
    assert common(found) == common(signal_statistics(given))


def test_p19_all_signals_count_not_only_the_last_250() -> None:
    found = backtest_statistics(rows([5.0] * 200 + [-1.0] * 300, days=600.0))
    assert (found.total_signals, found.win_count, found.loss_count) == (500, 200, 300)
    assert found.total_pnl == 700


def test_p19_rows_without_times_are_listed_but_not_computed_on() -> None:
    given = rows([1.0, -2.0])
    given[1]["pending_at"] = None
    found = backtest_statistics(given)
    assert (found.total_signals, found.loss_count) == (2, 0)


def test_p20_a_live_run_is_computed_on_what_it_closed() -> None:
    closed = [{**row, "action": "closed"} for row in rows(TEN)]
    found = live_statistics([{"action": "idle"}, *closed[:4], {"action": "active"}, *closed[4:]])
    assert (found.total_events, found.total_closed) == (12, 10)
    assert [event["action"] for event in found.event_list][:1] == ["idle"]
    assert common(found) == common(signal_statistics(rows(TEN)))
    assert live_statistics([{"action": "idle"}]).avg_pnl is None


def test_the_page_has_the_definitions() -> None:
    lines = re.findall(
        r"^\| (P\d+) \| `(\w+)` \| [^|]+ \| ([^|]+) \| ([^|]+) \|$", PAGE.read_text(), re.MULTILINE
    )
    assert {name for _, name, _, _ in lines} == set(SIGNAL_DEFINITIONS)
    for row, name, formula, none_when in lines:
        told = SIGNAL_DEFINITIONS[name]
        assert told.source == f"lifecycle specification {row}."
        assert (formula, none_when.replace("–", "never.")) == (told.formula, told.none_when), name
