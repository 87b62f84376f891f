"""What a strategy can see, and what it must not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import eyas
from eyas.data.outside import outsides
from eyas.market import Market
from eyas.model import Bars
from eyas.ticks import Books
from eyas.timeframes import as_of_rows
from tests.reference.search import searching
from tests.test_higher_timeframes import DAY_START_NS, at_minutes, bars_with_gaps, run, shown
from tests.test_session import MINUTE_NS
from tests.test_strategy import BARS, Do

HOUR_NS = 60 * MINUTE_NS


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


# --- nothing of the future, whatever is looked at ---


class Everything(eyas.Strategy):
    """Look at all that there is, write it down, and trade by it."""

    def on_start(self) -> None:
        self.log: list[Any] = []
        for place, symbol in enumerate(self.symbols):
            hours = self.use(eyas.indicators.sma, "close", 2, symbol=symbol, timeframe="1h")
            setattr(self, f"hours{place}", hours)
        self.mood = self.use(eyas.indicators.sma, self.extra["mood"].score, 2)

    def on_bar(self, bar: eyas.Bar) -> None:
        place = self.symbols.index(bar.symbol)
        hours, quarter, book = getattr(self, f"hours{place}"), self.bars("15m"), self.extra["book"]
        window = self.last_bars("15m", 4, missing="skip")
        rising = (
            hours.crossed_above(self.bars.close) or self.mood.crossed_above(0) or quarter.close > bar.open
        )
        told = (
            bar.symbol,
            bar.close_time,
            hours[:].tolist(),
            shown(quarter),
            self.mood[-3:].tolist(),
            rising,
        )
        outside = (book.bids, book.asks, len(book), book.mid.value, self.extra["hour"].close[:].tolist())
        money = (self.account.exact("equity"), self.account.event_count)
        self.log.append(repr((told, outside, window.close.tolist(), window.time.tolist(), money)))
        if self.is_flat and rising and len(self.symbols) == 1:
            self.buy(fraction=0.5, stop_loss=0.03, take_profit=0.03)
        elif book.spread > 2:
            self.close()


def some_extra(data: Any) -> dict[str, Any]:
    """Return outside series of all kinds, at times that fit nothing."""
    minutes = st.lists(st.integers(0, 2000), max_size=12).map(sorted)
    known, snapshots = np.array(data.draw(minutes)), np.array(data.draw(minutes))
    dice = np.random.default_rng(data.draw(st.integers(0, 9)))
    prices = 100 + dice.integers(-3, 4, (4, len(snapshots), 2)).astype(float)
    mood = {
        "time": DAY_START_NS + (known - dice.integers(0, 99, len(known))) * MINUTE_NS,
        "known": DAY_START_NS + known * MINUTE_NS,
        "score": dice.normal(size=len(known)),
    }
    return {
        "mood": mood,
        "book": Books(DAY_START_NS + snapshots * MINUTE_NS, *prices),
        "hour": at_minutes(60 * np.unique(known // 60), "1h", seed=7),
    }


def cut(value: Any, until: int) -> Any:
    """Return of bars, a frame or books what is known at a time."""
    if isinstance(value, dict):
        rows = int(np.sum(value["known"] <= until))
        return {name: values[:rows] for name, values in value.items()}
    length = {"": 0, "1m": 1, "5m": 5, "15m": 15, "1h": 60}[getattr(value, "timeframe", "")] * MINUTE_NS
    return value[: int(np.sum(value.time + length <= until))]


def logged(bars: dict[str, Bars], extra: Any, by_kernel: bool) -> tuple[list[str], Any]:
    strategy = Everything()
    session = run(strategy, Market(bars, extra=outsides(extra)), by_kernel=by_kernel)
    return strategy.log, (session.account.journal(), session.equity.tolist())


@searching(60)
@given(st.data(), st.booleans())
def test_without_the_future_everything_is_the_same(data: Any, is_portfolio: bool) -> None:
    """Also of what the strategy does, where it is alone: its money is part of what it wrote down."""
    bars = {name: data.draw(bars_with_gaps(name)) for name in (("A", "B") if is_portfolio else ("A",))}
    extra = some_extra(data)
    whole, left = logged(bars, extra, by_kernel=True)
    assert (whole, left) == logged(bars, extra, by_kernel=False)
    times = sorted({int(time) for time in np.concatenate([cut_times(one) for one in bars.values()])})
    until = data.draw(st.sampled_from(times))
    early = {name: cut(one, until) for name, one in bars.items()}
    early = {name: one for name, one in early.items() if len(one)}
    if len(early) < len(bars):
        return  # a run of fewer instruments is another run
    found, _ = logged(early, {name: cut(value, until) for name, value in extra.items()}, by_kernel=True)
    assert found == whole[: len(found)]
    assert len(found) == sum(map(len, early.values()))


def cut_times(bars: Bars) -> Any:
    """Return when bars close."""
    return bars.time + {"1m": 1, "5m": 5, "15m": 15}[bars.timeframe] * MINUTE_NS


@pytest.mark.parametrize("peeks", [False, True])
def test_the_comparison_sees_an_open_bar(monkeypatch: pytest.MonkeyPatch, peeks: bool) -> None:
    """Bars that were known when they begin would not be the same without the future."""
    if peeks:
        monkeypatch.setattr("eyas.sight.groups.as_of_rows", lambda known, at: as_of_rows(known - HOUR_NS, at))
    bars = at_minutes(range(200))
    found = []
    for one in (bars, bars[:130]):
        seen: list[float] = []
        eyas.backtest(Do(bar120=lambda s, seen=seen: seen.extend(s.bars("1h").close[:])), one)
        found.append(seen)
    assert (found[0] == found[1]) is not peeks
