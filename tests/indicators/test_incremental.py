"""Bar by bar an indicator says what it says of the whole history, to the last bit."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from eyas import indicators
from eyas.errors import UsageError
from eyas.indicators import Incremental, _recursion, talib
from eyas.indicators.incremental import STATES
from eyas.model import Bars
from eyas.timeframes import Session
from tests.reference.search import searching

HLC = ("high", "low", "close")
MINUTE = 60 * 10**9
PERIOD = "a period"
CALLS: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "sma": (indicators.sma, ("close", PERIOD)),
    "ema": (indicators.ema, ("close", PERIOD)),
    "wma": (indicators.wma, ("close", PERIOD)),
    "rsi": (indicators.rsi, ("close", PERIOD)),
    "highest": (indicators.highest, ("high", PERIOD)),
    "lowest": (indicators.lowest, ("low", PERIOD)),
    "stdev": (indicators.stdev, ("close", PERIOD)),
    "bollinger": (indicators.bollinger, ("close", PERIOD, 2.5)),
    "macd": (indicators.macd, ("close", PERIOD, 41, 4)),
    "atr": (indicators.atr, (*HLC, PERIOD)),
    "adx": (indicators.adx, (*HLC, PERIOD)),
    "stochastic": (indicators.stochastic, (*HLC, PERIOD, 3, 2)),
    "fast_stochastic": (indicators.fast_stochastic, (*HLC, PERIOD, 4)),
    "donchian": (indicators.donchian, ("high", "low", PERIOD)),
    "keltner": (indicators.keltner, (*HLC, PERIOD, 1.5, 9)),
    "supertrend": (indicators.supertrend, (*HLC, PERIOD, 1.5)),
    "obv": (indicators.obv, ("close", "volume")),
    "vwap": (indicators.vwap, (*HLC, "volume", PERIOD)),
    "anchored_vwap": (indicators.anchored_vwap, ("time", *HLC, "volume", "15m")),
}
INFINITE, NAN = float("inf"), float("nan")
NUMBERS = st.floats(0.01, 1e6) | st.sampled_from([100.0, 101.0, NAN, 0.0, -0.0, INFINITE, -INFINITE, 1e300])
ROWS = st.lists(
    st.tuples(NUMBERS, NUMBERS, NUMBERS, st.floats(0, 1e6) | st.sampled_from([0.0, NAN, INFINITE])),
    max_size=100,
)


def bars_of(rows: list[tuple[float, ...]]) -> Bars:
    columns = [np.array([row[place] for row in rows]) for place in range(4)]
    time = 1_700_000_000 * 10**9 + np.arange(len(rows)) * MINUTE
    return Bars(time, columns[2], *columns)


def random_bars(count: int, seed: int = 0) -> Bars:
    draw = np.random.default_rng(seed)
    close = 100 + np.cumsum(draw.normal(size=count).round(1))
    high, low = close + draw.random(count).round(1), close - draw.random(count).round(1)
    volume = draw.integers(0, 9, count).astype(float)
    return Bars(1_700_000_000 * 10**9 + np.arange(count) * MINUTE, close, high, low, close, volume)


def call_of(name: str, period: int) -> tuple[Callable[..., Any], list[Any]]:
    function, arguments = CALLS[name]
    return function, [period if argument == PERIOD else argument for argument in arguments]


def whole(function: Callable[..., Any], arguments: list[Any], bars: Bars, **options: Any) -> list[Any]:
    """Return what the function says of whole columns."""
    columns = ("time", "open", *HLC, "volume")
    taken = [getattr(bars, part) if part in columns else part for part in arguments]
    result = function(*taken, **options)
    return list(result) if isinstance(result, tuple) else [result]


def bits(values: Any) -> list[int]:
    """Return numbers as whole numbers, so that every bit counts, and a NaN equals itself."""
    array: NDArray[np.float64] = np.array(values, dtype=np.float64)
    return np.where(np.isnan(array), np.nan, array).view(np.int64).tolist()


def stepped(incremental: Incremental, bars: Bars) -> list[list[float]]:
    """Return the columns that bar after bar gives."""
    columns = [getattr(bars, name).tolist() for name in incremental.columns]
    values = [incremental.update(*row) for row in zip(*columns, strict=True)]
    rows = [value if isinstance(value, tuple) else (value,) for value in values]
    return [list(column) for column in zip(*rows, strict=True)]


def assert_same(name: str, period: int, bars: Bars) -> None:
    function, arguments = call_of(name, period)
    for ours, theirs in zip(
        stepped(Incremental(function, *arguments), bars),
        whole(function, arguments, bars),
        strict=bool(len(bars)),
    ):
        assert bits(ours) == bits(theirs)


def test_every_indicator_of_eyas_steps() -> None:
    # Crossings are asked of two series, bar by bar.
    others = {"Incremental", "crossed_above", "crossed_below"}
    functions = {getattr(indicators, name) for name in set(indicators.__all__) - others}
    assert functions == set(STATES) == {function for function, _ in CALLS.values()}


@pytest.mark.parametrize("name", CALLS)
@searching(40)
@given(rows=ROWS, period=st.integers(1, 40))
def test_bar_by_bar_is_the_same_to_the_bit(name: str, rows: list[tuple[float, ...]], period: int) -> None:
    assert_same(name, period, bars_of(rows))


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("period", [1, 14, 37])
def test_over_many_blocks(name: str, period: int) -> None:
    assert_same(name, period, random_bars(5 * _recursion.LENGTH + 3, seed=period))


@pytest.mark.parametrize("name", CALLS)
def test_where_prices_move_and_stand(name: str) -> None:
    bars = random_bars(300)
    still = np.repeat([40, 41, 90, 200, 201], 60)
    flat = Bars(bars.time, *(getattr(bars, column)[still] for column in ("open", *HLC)), bars.volume)
    for period in (1, 5, 30):
        assert_same(name, period, flat)


def test_a_session_begins_anew() -> None:
    session = Session("America/New_York", "17:30", "17:00")
    arguments = ["time", *HLC, "volume", "1d", session]
    bars = random_bars(600)
    [theirs] = whole(indicators.anchored_vwap, arguments, bars)
    [ours] = stepped(Incremental(indicators.anchored_vwap, *arguments), bars)
    assert bits(ours) == bits(theirs)


def test_functions_of_users_work_the_same_way() -> None:
    def spread(high: Any, low: Any, factor: float, *, shift: int = 0) -> Any:
        assert len(high) == len(low)
        return np.cumsum(high - low) * factor, np.roll(high, shift) - low

    bars = random_bars(200)
    theirs = whole(spread, ["high", "low", 2.0], bars, shift=0)
    assert list(map(bits, stepped(Incremental(spread, "high", "low", 2.0, shift=0), bars))) == list(
        map(bits, theirs)
    )
    stochastic = talib.STOCHRSI
    theirs = whole(stochastic, ["close"], bars)
    assert list(map(bits, stepped(Incremental(stochastic, "close"), bars))) == list(map(bits, theirs))


@pytest.mark.parametrize("memory", [1, 7, 64, 100])
def test_a_function_that_needs_the_last_bars_only(memory: int) -> None:
    lengths = []

    def newest(values: Any) -> Any:
        lengths.append(len(values))
        return values

    bars = random_bars(500)
    [ours] = stepped(Incremental(newest, "close", memory=memory), bars)
    assert ours == bars.close.tolist()
    assert lengths == [min(memory, count) for count in range(1, 501)]


def test_bars_of_every_kind() -> None:
    bars = random_bars(40)
    one, other, third, fourth = (Incremental(indicators.atr, *HLC, period=5) for _ in range(4))
    for row in range(len(bars)):
        values = {name: getattr(bars, name)[row] for name in ("time", *HLC)}
        first = one.update(*(values[name] for name in HLC))
        assert bits(first) == bits(other.update(values)) == bits(third.update(SimpleNamespace(**values)))
    assert (
        bits(fourth.extend(bars))
        == bits(one.value)
        == bits(indicators.atr(bars.high, bars.low, bars.close, 5)[-1])
    )
    # It goes on after it was kept on a disk.
    kept = pickle.loads(pickle.dumps(one))
    assert kept.update(103, 99.5, 100) == one.update(103, 99.5, 100)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: Incremental(indicators.sma, "close", 0), "period must be a whole number of bars,"),
        (lambda: Incremental(indicators.macd, "close", 9, 9), "fast must be below slow, but they are 9"),
        (lambda: Incremental(indicators.sma, "close"), "sma: missing a required argument: 'period'"),
        (lambda: Incremental(indicators.sma, [1.0], 3), "values must be the name of a column such as"),
        (lambda: Incremental(np.cumsum, 3), "name the columns that the function takes"),
        (lambda: Incremental(np.cumsum, "close", memory=0), "memory must be a number of bars, at least 1"),
        (lambda: Incremental(np.sum, "close").update(1.0), "the function returned the shape () for 1 bars"),
        (lambda: Incremental(indicators.obv, "close", "volume").update(1.0), "update takes a bar"),
        (lambda: Incremental(np.cumsum, "mood").update({"close": 1.0}), "the bar has no mood: it needs"),
        (lambda: Incremental(np.cumsum, "mood").update(SimpleNamespace()), "the bar has no mood: it needs"),
        (lambda: Incremental(np.cumsum, "mood").extend(random_bars(3)), "the bars have no column mood"),
    ],
)  # fmt: skip
def test_calls_that_are_wrong(make: Callable[[], Any], sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        make()
    assert str(caught.value).startswith(sentence)
