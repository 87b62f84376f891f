"""Indicators refuse nonsense in a sentence, and answer NaN where there is too little data."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from eyas import indicators
from eyas.errors import UsageError
from eyas.indicators import atr, bollinger, ema, highest, lowest, macd, rsi, sma, stdev, wma

ONE_COLUMN = (sma, ema, wma, rsi, highest, lowest, stdev)


@pytest.mark.parametrize("period", [0, -3, 2.0, 2.5, "10", None, True, np.nan, [3]])
@pytest.mark.parametrize("indicator", [*ONE_COLUMN, bollinger], ids=lambda one: one.__name__)
def test_periods_that_are_no_number_of_bars(indicator: Callable[..., Any], period: Any) -> None:
    with pytest.raises(UsageError) as caught:
        indicator([1.0, 2, 3], period)
    assert str(caught.value) == f"period must be a whole number of bars, at least 1, not {period!r}"


@pytest.mark.parametrize("period", [2, np.int64(2), np.uint8(2)])
def test_whole_numbers_of_any_kind_will_do(period: Any) -> None:
    assert sma([1, 2, 3], period).tolist()[1:] == [1.5, 2.5]


@pytest.mark.parametrize("indicator", ONE_COLUMN, ids=lambda one: one.__name__)
@pytest.mark.parametrize("values", [[], [5.0], [1.0, 2, 3]])
def test_too_little_data_is_no_fault(indicator: Callable[..., Any], values: list[float]) -> None:
    result = indicator(values, 10)
    assert result.shape == (len(values),)
    assert np.isnan(result).all()


def test_too_little_data_for_several_results() -> None:
    for result in (*bollinger([1.0, 2], 3), *macd([1.0] * 33), atr([2.0] * 5, [1.0] * 5, [1.0] * 5, 5)):
        assert np.isnan(result).all()
    assert not np.isnan(macd([1.0] * 34)[0][-1])
    assert not np.isnan(atr([2.0] * 6, [1.0] * 6, [1.0] * 6, 5)[-1])


@pytest.mark.parametrize("indicator", ONE_COLUMN, ids=lambda one: one.__name__)
def test_values_that_are_no_column(indicator: Callable[..., Any]) -> None:
    with pytest.raises(
        UsageError, match=r"^values must have one dimension, a number for each bar, not \(2, 2\)$"
    ):
        indicator([[1, 2], [3, 4]], 2)
    with pytest.raises(
        UsageError, match=r"^values must be numbers, one for each bar: could not convert string"
    ):
        indicator(["a", "b"], 2)


def test_the_other_arguments() -> None:
    with pytest.raises(
        UsageError, match=r"^the columns must have the same length, but have high 2, low 2, close 3$"
    ):
        atr([2, 2], [1, 1], [1, 1, 1], 2)
    with pytest.raises(UsageError, match=r"^high must be numbers"):
        atr(["x"], [1], [1], 2)
    with pytest.raises(UsageError, match=r"^fast must be below slow, but they are 9 and 9$"):
        macd([1, 2, 3], 9, 9)
    with pytest.raises(UsageError, match=r"^signal must be a whole number of bars, at least 1, not 0$"):
        macd([1, 2, 3], 2, 3, 0)
    for deviations in (-1, np.nan, np.inf, "wide"):
        with pytest.raises(UsageError, match=r"^deviations must be a finite number, at least 0, not "):
            bollinger([1, 2, 3], 2, deviations)  # type: ignore[arg-type]


def test_infinite_values_give_no_warning() -> None:
    values = [1.0, 2, np.inf, 4, 5, -np.inf, np.inf, np.inf, 9, 10]
    for indicator in (*ONE_COLUMN, bollinger):
        indicator(values, 2)
    macd(values, 2, 3, 2)
    atr(values, values, values, 2)


def test_an_average_takes_no_memory_but_its_own() -> None:
    """Two averages of a million bars are in the memory budget of a backtest: 8 bytes a bar each."""
    values = np.ones(500_000)
    tracemalloc.start()
    result = sma(values, 30)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak - result.nbytes < 500_000


def test_the_front_page_of_indicators_is_sorted() -> None:
    assert indicators.__all__ == sorted(indicators.__all__)
    assert all(callable(getattr(indicators, name)) for name in indicators.__all__)


def test_the_arguments_of_the_newer_ones() -> None:
    one = [1.0, 2, 3]
    for call in (
        lambda: indicators.adx(one, one, one[1:]),
        lambda: indicators.stochastic(one, one[1:], one),
        lambda: indicators.donchian(one, one[1:]),
        lambda: indicators.keltner(one[1:], one, one),
        lambda: indicators.supertrend(one, one, one[1:]),
        lambda: indicators.obv(one, one[1:]),
        lambda: indicators.vwap(one, one, one, one[1:]),
        lambda: indicators.anchored_vwap([1, 2, 3], one, one, one, one[1:]),
    ):
        with pytest.raises(UsageError, match=r"^the columns must have the same length, but have "):
            call()
    for call in (
        lambda: indicators.adx(one, one, one, 0),
        lambda: indicators.stochastic(one, one, one, 0),
        lambda: indicators.stochastic(one, one, one, 1, 0),
        lambda: indicators.donchian(one, one, 0),
        lambda: indicators.keltner(one, one, one, 2, 1.0, 0),
        lambda: indicators.supertrend(one, one, one, 0),
        lambda: indicators.vwap(one, one, one, one, 0),
    ):
        with pytest.raises(UsageError, match=r"must be a whole number of bars, at least 1, not 0$"):
            call()
    for call in (
        lambda: indicators.keltner(one, one, one, 2, -1.0),
        lambda: indicators.supertrend(one, one, one, 2, np.inf),
    ):
        with pytest.raises(UsageError, match=r"^ranges must be a finite number, at least 0, not "):
            call()


def test_infinite_and_few_values_give_no_warning_either() -> None:
    for values in ([1.0, 2, np.inf, 4, 5, -np.inf, np.inf, np.inf, 9, 10], [np.inf] * 9, [1.0], []):
        column = np.array(values)
        time = np.arange(len(column))
        indicators.adx(column, column, column, 2)
        indicators.stochastic(column, column, column, 2, 2, 2)
        indicators.donchian(column, -column, 2)
        indicators.keltner(column, column, column, 2, 1.0, 2)
        indicators.supertrend(column, column, column, 2, 1.0)
        indicators.obv(column, column)
        indicators.vwap(column, column, column, column, 2)
        indicators.anchored_vwap(time, column, column, column, column)
