"""The last closed bars of a timeframe: [aligned now − n steps, aligned now), complete or named as missing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import eyas
from eyas.market import Market
from eyas.model import Bars, iso
from eyas.timeframes import Session as Hours
from tests.reference.search import searching
from tests.test_higher_timeframes import (
    COLUMNS,
    DAY_START_NS,
    LENGTHS,
    at_minutes,
    bars_with_gaps,
    merged,
    run,
)
from tests.test_session import MINUTE_NS
from tests.test_strategy import Do


def by_hand(bars: Bars, timeframe: str, count: int, now: int) -> list[tuple[float, ...]] | int:
    """Return the rows of a window, time first, found bar by bar; or when the first opens that is missing."""
    own, step = LENGTHS[bars.timeframe] * MINUTE_NS, LENGTHS[timeframe] * MINUTE_NS
    end = (now - DAY_START_NS) // step * step + DAY_START_NS
    found: list[tuple[float, ...]] = []
    for start in range(end - count * step, end, step):
        rows = [row for row, opens in enumerate(bars.time.tolist()) if start <= opens < start + step]
        rows = [row for row in rows if int(bars.time[row]) + own <= now]
        if not rows:
            return start
        found.append((start, *merged(bars, rows)))
    return found


def rows_of(bars: Bars) -> list[tuple[float, ...]]:
    return list(zip(bars.time.tolist(), *(getattr(bars, name).tolist() for name in COLUMNS), strict=True))


@searching(60)
@given(st.data(), st.sampled_from(["15m", "1h", "4h"]), st.integers(1, 4), st.booleans(), st.booleans())
def test_a_window_is_that_of_the_moment(
    data: Any, timeframe: str, count: int, by_kernel: bool, is_portfolio: bool
) -> None:
    """Also of a symbol that has had no bar for a while: what is over goes by the time, as it does live."""
    bars = {name: data.draw(bars_with_gaps(name)) for name in (("A", "B") if is_portfolio else ("A",))}
    asked: list[int] = []

    class Windows(eyas.Strategy):
        def on_bar(self, bar: eyas.Bar) -> None:
            for symbol, one in bars.items():
                expected = by_hand(one, timeframe, count, bar.close_time)
                asked.append(bar.index)
                if isinstance(expected, int):
                    with pytest.raises(eyas.DataError) as caught:
                        self.last_bars(timeframe, count, symbol=symbol)
                    assert f"has no bar at {iso(expected)}" in str(caught.value)
                    some = self.last_bars(timeframe, count, symbol=symbol, missing="skip")
                    assert len(some) < count
                    continue
                found = self.last_bars(timeframe, count, symbol=symbol)
                assert rows_of(found) == expected
                assert (found.symbol, found.timeframe) == (symbol, timeframe)
                assert rows_of(self.last_bars(timeframe, count, symbol=symbol, missing="skip")) == expected

    run(Windows(), Market(bars), by_kernel=by_kernel)
    assert len(asked) == len(bars) * sum(map(len, bars.values()))


def test_a_forming_bar_is_never_in_it() -> None:
    bars = at_minutes(range(200))
    lasts: dict[int, int] = {}
    todo = {
        f"bar{at}": lambda s, at=at: lasts.update({at: int(s.last_bars("1h", 1).time[-1])})
        for at in range(59, 200)
    }
    eyas.backtest(Do(**todo), bars)
    hours = {at: (last - DAY_START_NS) // (60 * MINUTE_NS) for at, last in lasts.items()}
    assert hours == {at: (at + 1) // 60 - 1 for at in range(59, 200)}


def test_the_bars_of_the_run_have_windows_too() -> None:
    bars = at_minutes(range(10), symbol="A")
    found: list[Bars] = []
    eyas.backtest(Do(bar4=lambda s: found.append(s.last_bars("1m", 3))), bars)
    assert rows_of(found[0]) == rows_of(bars[2:5])
    assert str(found[0]).startswith("<Bars A 1m, 3 rows")


def test_a_window_holds_copies() -> None:
    bars = at_minutes(range(200))
    found: list[Bars] = []
    eyas.backtest(Do(bar150=lambda s: found.append(s.last_bars("1h", 2))), bars)
    for name in found[0].columns:
        base: Any = getattr(found[0], name)
        while isinstance(base, np.ndarray):
            assert len(base) == 2
            base = base.base
        assert base is None


def test_skipping_gives_what_is_there() -> None:
    bars = at_minutes([*range(60), *range(120, 185)])
    found: list[list[int]] = []
    eyas.backtest(Do(bar124=lambda s: found.append(s.last_bars("1h", 3, missing="skip").time.tolist())), bars)
    assert found == [[DAY_START_NS, DAY_START_NS + 120 * MINUTE_NS]]


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (
            lambda s: s.last_bars("1h", 3),
            "the window of 3 bars of 1h of A from 2026-05-31T23:00:00Z has no bar at ",
        ),
        (
            lambda s: s.last_bars("1h", 2),
            "has no bar at 2026-06-01T01:00:00Z that is known at .*: ask for fewer, or",
        ),
        (lambda s: s.last_bars("1h", 0), "a window holds at least one bar, not 0"),
        (lambda s: s.last_bars("1h", 2.5), "a window holds a whole number of bars, not 2.5"),
        (lambda s: s.last_bars("7h", 1, symbol="B"), "the run has no symbol 'B'"),
        (lambda s: s.last_bars("90s", 1), "bars of 90s cannot be made of bars of 1m"),
        (lambda s: s.last_bars("1h", 1, missing="drop"), "missing is 'drop', but must be error or skip"),
    ],
)
def test_what_is_missing_or_wrong_is_said(ask: Any, said: str) -> None:
    bars = at_minutes([*range(60), *range(120, 125)], symbol="A")
    # At the last bar it is 02:05, so the second hour is the one that is missing.
    with pytest.raises(eyas.StrategyError, match=said) as caught:
        eyas.backtest(Do(bar64=ask), bars)
    assert isinstance(caught.value.__cause__, eyas.UsageError | eyas.DataError)


def test_in_a_step_a_symbol_is_named() -> None:
    bars = {"A": at_minutes(range(70)), "B": at_minutes(range(70))}
    found: list[int] = []

    class Steps(eyas.Strategy):
        def on_step(self, step: eyas.Step) -> None:
            if step.index == 60:
                found.append(len(self.last_bars("1h", 1, symbol="B")))
                with pytest.raises(eyas.UsageError, match="say which symbol"):
                    self.last_bars("1h", 1)

    eyas.backtest(Steps(), bars)
    assert found == [1]
    with pytest.raises(eyas.StrategyError, match="the bars of A cannot be seen while B is running"):
        eyas.backtest(
            Do(bar60=lambda s: s.last_bars("1h", 1, symbol="A")),
            {"B": bars["B"], "A": bars["A"]},
            clock="sequential",
        )


def test_a_window_of_a_session_skips_what_lies_between_two_days() -> None:
    new_york = Hours("America/New_York", "09:30", "16:00", days=(1, 2, 3, 4, 5))
    opens = 13 * 60 + 30
    minutes = [day * 1440 + opens + 30 * half for day in (0, 1) for half in range(13)]
    bars = at_minutes(minutes, "30m")
    found: list[list[float]] = []
    ask = {"bar15": lambda s: found.append(s.last_bars("1h", 3, session=new_york).close.tolist())}
    eyas.backtest(Do(**ask), bars)
    # Monday's last two hours, of which the second is half of one, and Tuesday's first.
    assert found == [bars.close[[11, 12, 14]].tolist()]
