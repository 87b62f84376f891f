"""Longer bars in a strategy: only those that are over, by either pump, whatever comes later."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import eyas
from eyas.market import Market
from eyas.model import Bars
from eyas.rules import Rules
from eyas.session import Session, pump
from eyas.timeframes import Session as Hours
from tests.reference.search import searching
from tests.test_session import MINUTE_NS
from tests.test_strategy import Do

DAY_START_NS = 1_780_272_000_000_000_000  # a Monday, 00:00 UTC
LENGTHS = {"1m": 1, "5m": 5, "15m": 15, "1h": 60, "4h": 240, "1d": 1440, "1w": 10_080}
COLUMNS = ("open", "high", "low", "close", "volume")


def at_minutes(minutes: Any, timeframe: str = "1m", *, seed: int = 1, symbol: str = "") -> Bars:
    """Return bars that open some minutes after midnight, with prices as a seed says."""
    time = DAY_START_NS + MINUTE_NS * np.asarray(minutes, dtype=np.int64)
    dice = np.random.default_rng(seed)
    edge = 100 + dice.integers(-5, 6, (2, len(time))).astype(np.float64)
    wick = dice.integers(0, 3, (2, len(time)))
    return Bars(
        time,
        edge[0],
        edge.max(axis=0) + wick[0],
        edge.min(axis=0) - wick[1],
        edge[1],
        dice.integers(0, 9, len(time)).astype(np.float64),
        symbol=symbol,
        timeframe=timeframe,
    )


@dataclass(frozen=True)
class Seen:
    """What is to be seen of longer bars at one moment."""

    opens: list[int]
    rows: list[tuple[float, ...]]


def over(bars: Bars, length: int, until: int) -> Seen:
    """Return the longer bars that are over at a time, found bar by bar: what a strategy has to see."""
    own, step = LENGTHS[bars.timeframe] * MINUTE_NS, length * MINUTE_NS
    groups: dict[int, list[int]] = {}
    for row, opens in enumerate(bars.time.tolist()):
        if opens + own <= until:
            groups.setdefault((opens - DAY_START_NS) // step * step + DAY_START_NS, []).append(row)
    done = {start: rows for start, rows in groups.items() if start + step <= until}
    return Seen(list(done), [merged(bars, rows) for rows in done.values()])


def merged(bars: Bars, rows: list[int]) -> tuple[float, ...]:
    return (
        float(bars.open[rows[0]]),
        max(float(bars.high[row]) for row in rows),
        min(float(bars.low[row]) for row in rows),
        float(bars.close[rows[-1]]),
        sum(float(bars.volume[row]) for row in rows),
    )


def shown(view: Any) -> Seen:
    """Return what a view shows."""
    columns = [np.asarray(getattr(view, name)).tolist() for name in COLUMNS]
    assert len(view) == len(columns[0])
    return Seen(np.asarray(view.time).tolist(), list(zip(*columns, strict=True)))


class Watcher(eyas.Strategy):
    """Write down on every bar what is to be seen of every symbol in some timeframes."""

    def __init__(self, frames: tuple[str, ...]) -> None:
        super().__init__()
        self.frames = frames

    def on_start(self) -> None:
        self.log: list[Any] = []

    def on_bar(self, bar: eyas.Bar) -> None:
        for frame in self.frames:
            assert shown(self.bars(frame)) == shown(self.bars[bar.symbol](frame))
            for symbol in self.symbols:
                view = self.bars(frame)[symbol] if symbol else self.bars(frame)
                self.log.append((bar.close_time, symbol, frame, shown(view)))


def run(strategy: Any, market: Market, *, by_kernel: bool = True) -> Any:
    session = Session(strategy, market, Rules(), "10000")
    session.start()
    if by_kernel:
        session.run(0, len(market))
    else:
        pump(session, 0, len(market))
    session.finish()
    return session


MINUTES = st.lists(st.integers(0, 400), min_size=2, max_size=25, unique=True).map(sorted)


@st.composite
def bars_with_gaps(draw: Any, symbol: str = "") -> Bars:
    timeframe = draw(st.sampled_from(["1m", "5m", "15m"]))
    places = np.array(draw(MINUTES)) * LENGTHS[timeframe]
    return at_minutes(places, timeframe, seed=draw(st.integers(0, 99)), symbol=symbol)


@searching(60)
@given(bars_with_gaps(), st.booleans())
def test_what_is_seen_is_what_is_over(bars: Bars, by_kernel: bool) -> None:
    watcher = Watcher(("15m", "1h", "1d"))
    run(watcher, Market({"": bars}), by_kernel=by_kernel)
    expected = [
        (int(opens) + LENGTHS[bars.timeframe] * MINUTE_NS, "", frame)
        for opens in bars.time
        for frame in watcher.frames
    ]
    assert [line[:3] for line in watcher.log] == expected
    for now, _, frame, seen in watcher.log:
        assert seen == over(bars, LENGTHS[frame], now)


@searching(40)
@given(bars_with_gaps("A"), bars_with_gaps("B"), st.booleans())
def test_each_symbol_is_seen_as_far_as_its_own_bars_go(one: Bars, other: Bars, by_kernel: bool) -> None:
    watcher = Watcher(("15m", "4h"))
    both = {"A": one, "B": other}
    run(watcher, Market(both), by_kernel=by_kernel)
    assert len(watcher.log) == 4 * (len(one) + len(other))
    for now, symbol, frame, seen in watcher.log:
        bars = both[symbol]
        closes = bars.time + LENGTHS[bars.timeframe] * MINUTE_NS
        own = closes[closes <= now]
        assert seen == over(bars, LENGTHS[frame], int(own[-1]) if len(own) else 0)


def test_a_longer_bar_comes_with_the_bar_that_ends_it() -> None:
    """The last minute of an hour closes when the hour does: not one bar later, and not one earlier."""
    counts: dict[int, int] = {}
    look = {f"bar{at}": lambda s, at=at: counts.update({at: len(s.bars("1h"))}) for at in range(125)}
    eyas.backtest(Do(**look), at_minutes(range(125)))
    assert [at for at in counts if at and counts[at] > counts[at - 1]] == [59, 119]
    assert counts[124] == 2


def test_the_bars_of_the_run_are_their_own_timeframe() -> None:
    def look(strategy: Do) -> None:
        own = strategy.bars
        assert own("5m") is own("5m")
        assert [len(own(name)) for name in ("5m", "300s")] == [2, 2]
        assert own("5m").close.value == own.close.value
        assert own("1h") is own("1h")
        assert int(own.time) == own.time[-1] == DAY_START_NS + 5 * MINUTE_NS

    eyas.backtest(Do(bar1=look), at_minutes([0, 5, 10], "5m"))


def test_a_view_is_the_same_from_everywhere() -> None:
    def look(strategy: Any) -> None:
        hour = strategy.bars("1h")
        for other in (copy.copy(hour), copy.deepcopy(hour), copy.copy(strategy.bars)("1h"), hour("1h")):
            assert shown(other) == shown(hour) == over(bars, 60, DAY_START_NS + 61 * MINUTE_NS)
        with pytest.raises(eyas.LookAheadError, match=r"1h close\[1\] is later than now \(row 0\)"):
            hour.close[1]
        with pytest.raises(AttributeError, match="bars have no clsoe: they have open, high"):
            _ = hour.clsoe
        with pytest.raises(eyas.UsageError, match="the bars have no column funding"):
            _ = hour.funding

    bars = at_minutes(range(63))
    eyas.backtest(Do(bar60=look), bars)


def test_rare_columns_are_made_too() -> None:
    one = at_minutes(range(60))
    bars = Bars(
        one.time, one.open, one.high, one.low, one.close, one.volume, timeframe="1m", funding=np.ones(60)
    )
    found: list[float] = []
    eyas.backtest(Do(bar59=lambda s: found.append(s.bars("1h").funding.value)), bars)
    assert found == [60.0]


def test_hours_of_a_session() -> None:
    """Where the day opens at 09:30, so does its first hour."""
    new_york = Hours("America/New_York", "09:30", "16:00")
    opens = 13 * 60 + 30  # in summer, UTC
    bars = at_minutes([opens + 30 * half for half in range(13)], "30m")
    seen: list[Any] = []

    class InSession(eyas.Strategy):
        def on_start(self) -> None:
            self.average = self.use(eyas.indicators.sma, "close", 1, timeframe="1h", session=new_york)

        def on_bar(self, bar: eyas.Bar) -> None:
            view = self.bars("1h", session=new_york)
            seen.append((len(view), view.time[-1] if len(view) else None))
            assert len(view) == 0 or view.close == self.average

    eyas.backtest(InSession(), bars)
    assert [count for count, _ in seen] == [0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 7]  # the last is cut at 16:00
    assert seen[1][1] == bars.time[0]


def test_a_bar_of_a_session_is_not_known_before_its_last_one_has_closed() -> None:
    """An hour that the session cuts at 16:00 closes, as far as its bars say, at 16:30."""
    new_york = Hours("America/New_York", "09:30", "16:00")
    bars = at_minutes([13 * 60 + 30 + 60 * hour for hour in range(7)], "1h")
    seen: list[int] = []
    look = {f"bar{at}": lambda s: seen.append(len(s.bars("4h", session=new_york))) for at in range(7)}
    eyas.backtest(Do(**look), bars)
    assert seen == [0, 0, 0, 1, 1, 1, 2]


# --- indicators of longer bars ---


def test_an_indicator_of_longer_bars_is_that_of_their_column() -> None:
    bars = at_minutes(range(0, 2000, 5), "5m", seed=3)
    found: list[tuple[float, float]] = []

    class Hourly(eyas.Strategy):
        def on_start(self) -> None:
            self.average = self.use(eyas.indicators.sma, "close", 3, timeframe="1h")
            self.again = self.use(eyas.indicators.sma, self.bars("1h").close, 3)
            self.twice = self.use(eyas.indicators.sma, self.average, 2)
            self.range = self.use(lambda high, low: (high - low, high + low), "high", "low", timeframe="1h")

        def on_bar(self, bar: eyas.Bar) -> None:
            close = self.bars("1h").close
            if len(close) >= 4:
                found.append((self.average.value, float(close[-3:].mean())))
                found.append((self.twice.value, float((close[-3:].mean() + close[-4:-1].mean()) / 2)))
            if len(close):
                assert self.range[0] == self.bars("1h").high - self.bars("1h").low
            assert self.again[:].tobytes() == self.average[:].tobytes()

    report = eyas.backtest(Hourly(), bars)
    assert len(found) > 500
    np.testing.assert_allclose(*zip(*found, strict=True), rtol=1e-12)
    names = ["1h sma(close, 3)", "1h sma(close, 3)#2", "1h sma(sma(close, 3), 2)"]
    assert list(report.indicators)[:3] == names
    drawn = report.indicators[names[0]]
    assert len(drawn) == len(bars)
    assert np.isnan(drawn[:35]).all()
    assert drawn[35] == pytest.approx(
        np.mean(bars.close[[11, 23, 35]])
    )  # known with the third hour's last bar
    assert drawn[46] == drawn[35]
    assert drawn[47] == pytest.approx(np.mean(bars.close[[23, 35, 47]]))


@pytest.mark.parametrize("by_kernel", [True, False])
def test_a_crossing_of_hours_is_true_on_one_bar(by_kernel: bool) -> None:
    bars = at_minutes(range(1500), seed=5)
    found: list[tuple[bool, int]] = []

    class Crossing(eyas.Strategy):
        def on_start(self) -> None:
            self.fast = self.use(eyas.indicators.sma, "close", 2, timeframe="1h")
            self.slow = self.use(eyas.indicators.sma, "close", 4, timeframe="1h")

        def on_bar(self, bar: eyas.Bar) -> None:
            found.append((self.fast.crossed_above(self.slow), bar.index))

    run(Crossing(), Market({"": bars}), by_kernel=by_kernel)
    hours = bars.close[59::60]
    fast, slow = eyas.indicators.sma(hours, 2), eyas.indicators.sma(hours, 4)
    crossings = [at for at in range(1, len(hours)) if fast[at - 1] <= slow[at - 1] and fast[at] > slow[at]]
    assert len(crossings) > 3
    assert [index for crossed, index in found if crossed] == [59 + 60 * at for at in crossings]


def test_a_timeframe_is_asked_for_by_its_symbol() -> None:
    bars = {"A": at_minutes(range(130), seed=1), "B": at_minutes(range(0, 130, 5), "5m", seed=2)}
    seen: list[Any] = []

    class Several(eyas.Strategy):
        def on_start(self) -> None:
            first = self.use(eyas.indicators.sma, "close", 2, symbol="A", timeframe="1h")
            second = self.use(eyas.indicators.sma, self.bars["B"]("1h").close, 2)
            third = self.use(eyas.indicators.sma, self.bars("1h")["B"].close, 2, symbol="B", timeframe="1h")
            self.three = first, second, third

        def on_step(self, step: eyas.Step) -> None:
            if step.index == 119:
                seen.extend(float(one) for one in self.three)
                seen.append(self.bars("1h")["B"].close.name)
                for read in (lambda: self.bars("1h").close, lambda: len(self.bars("1h"))):
                    with pytest.raises(eyas.UsageError, match="say whose"):
                        read()

    report = eyas.backtest(Several(), bars)
    a, b = (float(one.close[rows].mean()) for one, rows in ((bars["A"], [59, 119]), (bars["B"], [11, 23])))
    assert seen == [a, b, b, "B 1h close"]
    assert list(report.indicators) == ["1h sma(close, 2)"]


@pytest.mark.parametrize("by_kernel", [True, False])
def test_on_a_sequential_clock_each_has_its_own(by_kernel: bool) -> None:
    bars = {"B": at_minutes(range(60, 190), seed=1), "A": at_minutes(range(130), seed=2)}
    seen: dict[str, list[int]] = {"A": [], "B": []}

    class Turns(eyas.Strategy):
        def on_bar(self, bar: eyas.Bar) -> None:
            view = self.bars("1h")
            seen[bar.symbol].append(len(view))
            assert shown(view) == over(bars[bar.symbol], 60, bar.close_time)
            other = "A" if bar.symbol == "B" else "B"
            for look in (lambda: self.bars("1h")[other], lambda: self.bars[other]("1h")):
                with pytest.raises(
                    eyas.UsageError, match=f"bars of {other} cannot be seen while {bar.symbol}"
                ):
                    look()

    run(Turns(), Market(bars, in_turn=list(bars)), by_kernel=by_kernel)
    assert (seen["B"][59], seen["B"][-1], seen["A"][0], seen["A"][-1]) == (1, 2, 0, 2)


# --- what cannot be ---


@pytest.mark.parametrize(
    ("todo", "said"),
    [
        (lambda s: s.bars("7m"), "bars of 7m cannot be made of bars of 5m"),
        (lambda s: s.bars("1m"), "bars of 1m cannot be made of bars of 5m"),
        (lambda s: s.bars("hour"), "timeframe 'hour' is not a number and one of s, m, h, d, w, M"),
        (lambda s: s.use(eyas.indicators.sma, "close", 2, timeframe="8m"), "bars of 8m cannot be made"),
        (
            lambda s: s.use(eyas.indicators.sma, "clsoe", 2, timeframe="1h"),
            "no column clsoe; did you mean close",
        ),
        (lambda s: s.use(np.roll, "close", -1, timeframe="1h"), r"roll\(close, -1\) looks ahead: at bar"),
        (
            lambda s: s.use(np.add, s.bars.close, s.bars("1h").close),
            "1h close is of bars of 1h, and not of the bars: an indicator has one timeframe",
        ),
        (
            lambda s: s.use(np.add, s.bars("1h").close, s.bars("15m").close),
            "15m close is of bars of 15m, and not of bars of 1h",
        ),
        (
            lambda s: s.use(eyas.indicators.sma, s.bars("1h").close, 2, timeframe="4h"),
            "1h close is of bars of 1h, and not of bars of 4h",
        ),
        (
            lambda s: s.use(eyas.indicators.sma, "close", 2, session=Hours("UTC")),
            'say timeframe="1d" or the like too',
        ),
        (lambda s: s.use(np.sum, "close", timeframe="1h"), r"gave an array of shape \(1,\) for 5 bars"),
    ],
)
def test_what_cannot_be_is_said(todo: Any, said: str) -> None:
    with pytest.raises(eyas.StrategyError, match=said):
        eyas.backtest(Do(start=todo), at_minutes(range(0, 300, 5), "5m"))


def test_a_series_of_another_run_is_refused() -> None:
    kept: list[eyas.Series] = []
    eyas.backtest(Do(start=lambda s: kept.append(s.bars("4h").close)), at_minutes(range(300)))
    with pytest.raises(eyas.StrategyError, match="4h close is not a series of this run"):
        eyas.backtest(Do(start=lambda s: s.use(eyas.indicators.sma, kept[0], 2)), at_minutes(range(300)))


def test_bars_without_a_timeframe_make_longer_ones_only() -> None:
    bars = at_minutes([0, 10, 20, 35, 60, 70], "")
    seen: list[int] = []
    todo: Mapping[str, Any] = {f"bar{at}": lambda s: seen.append(len(s.bars("30m"))) for at in range(6)}
    eyas.backtest(Do(**todo), bars)
    # A bar that said no timeframe closes when the next one opens, and so is known then.
    assert seen == [0, 0, 1, 2, 2, 2]
    with pytest.raises(
        eyas.StrategyError, match="bars of 1m cannot be made of bars that are 600 seconds apart"
    ):
        eyas.backtest(Do(start=lambda s: s.bars("1m")), bars)
