"""What a strategy can see, and what it must not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import eyas
from tests.test_strategy import BARS, Do


@pytest.mark.parametrize(
    "peek",
    [
        lambda close: np.roll(close, -1),
        lambda close: (close - close.mean()) / close.std(),
        lambda close: (close, np.full(len(close), close.max())),
    ],
)
def test_an_indicator_that_looks_ahead_is_refused(peek: Any) -> None:
    with pytest.raises(
        eyas.StrategyError, match=r"looks ahead: at bar .* when it sees only the first 4 bars"
    ):
        eyas.backtest(Do(start=lambda s: s.use(peek, "close")), BARS)


def test_a_series_leaves_no_way_to_its_column() -> None:
    reached: list[Any] = []

    def reach(strategy: Do) -> None:
        for array in (strategy.bars.close[-1:], np.asarray(strategy.bars.close)):
            base: Any = array
            while isinstance(base, np.ndarray | memoryview):
                reached.append(len(base))
                base = base.base if isinstance(base, np.ndarray) else base.obj
            with pytest.raises(ValueError, match="WRITEABLE"):
                array.flags.writeable = True

    eyas.backtest(Do(bar1=reach), BARS)
    assert max(reached) <= 2 * 8  # two bars so far, or their bytes


def test_whole_columns_are_lent_for_the_start_only() -> None:
    with pytest.raises(eyas.StrategyError, match=r"use\(...\) belongs in on_start"):
        eyas.backtest(Do(bar1=lambda s: s.use(eyas.indicators.sma, "close", 2)), BARS)
    with pytest.raises(eyas.StrategyError, match="there is no column clsoe; did you mean close"):
        eyas.backtest(Do(start=lambda s: s.use(eyas.indicators.sma, "clsoe", 2)), BARS)


def test_a_hook_with_a_name_that_is_nearly_right_is_named() -> None:
    class Old(eyas.Strategy):
        def next(self) -> None: ...

    with pytest.raises(
        eyas.UsageError, match="Old has no on_bar, so it would never do anything; is next meant"
    ):
        eyas.backtest(Old(), BARS)


def test_time_is_held_before_the_first_bar_and_in_a_run() -> None:
    def again(strategy: Do) -> None:
        from eyas import model
        from eyas.session import history_of

        model.pump(strategy.account, history_of(BARS), np.empty(6), None, {}, 0, 6, 0)

    with pytest.raises(eyas.StrategyError, match="time is moved by the run"):
        eyas.backtest(Do(start=lambda s: s.account.finish()), BARS)
    with pytest.raises(eyas.StrategyError, match="in a run already"):
        eyas.backtest(Do(bar1=again), BARS)
