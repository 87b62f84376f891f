"""TA-Lib's functions by their names, made to go where other indicators go."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest
import talib
from talib import abstract

from eyas.backtest import backtest
from eyas.data import sample
from eyas.errors import UsageError
from eyas.indicators import talib as lent
from eyas.strategy import Strategy

BARS = sample("AAPL", "1d")[:400]
COLUMNS = {name: getattr(BARS, name) for name in ("open", "high", "low", "close", "volume")}


def test_it_lists_what_there_is() -> None:
    assert dir(lent) == sorted(talib.get_functions())
    assert {"SMA", "STOCH", "CDLDOJI", "HT_SINE"} <= set(dir(lent))
    assert not hasattr(lent, "__wrapped__")
    assert lent.RSI is lent.RSI
    assert lent.RSI.__name__ == "RSI"
    assert "Relative Strength Index" in str(lent.RSI.__doc__)


def inputs(name: str) -> list[Any]:
    """Return the columns that a function takes."""
    function = abstract.Function(name)
    if name == "MAVP":
        return [BARS.close, np.full(len(BARS), 5.0)]
    flat = []
    for given in function.info["input_names"].values():
        flat += [given] if isinstance(given, str) else given
    return [COLUMNS[column] for column in flat]


@pytest.mark.parametrize("name", sorted(talib.get_functions()))
def test_every_function_gives_columns_and_none_looks_ahead(name: str) -> None:
    columns = inputs(name)
    with np.errstate(all="ignore"):
        theirs, ours = getattr(talib, name)(*columns), getattr(lent, name)(*columns)
        part = getattr(lent, name)(*(column[:251] for column in columns))
    theirs, ours, part = (one if isinstance(one, tuple) else (one,) for one in (theirs, ours, part))
    for their_line, our_line, before in zip(theirs, ours, part, strict=True):
        assert our_line.dtype == np.float64
        assert our_line.shape == (len(BARS),)
        assert np.array_equal(our_line, their_line.astype(float), equal_nan=True)
        assert np.array_equal(our_line[:251], before, equal_nan=True)


def test_it_takes_what_indicators_take() -> None:
    whole = lent.SMA(BARS.close.astype(np.float32).astype(int), 3)
    assert whole[2] == np.mean(BARS.close[:3].astype(int))
    assert lent.SMA([1, 2, 3], timeperiod=2).tolist()[1:] == [1.5, 2.5]
    assert lent.SMA(BARS.close[::2], 3)[2] == pytest.approx(BARS.close[:5:2].mean())


def test_a_strategy_uses_it() -> None:
    seen = []

    class Stochastic(Strategy):
        def on_start(self) -> None:
            self.slow, self.signal = self.use(lent.STOCH, "high", "low", "close", fastk_period=7)

        def on_bar(self, bar: Any) -> None:
            seen.append(self.signal[-1])

    backtest(Stochastic(), BARS)
    expected = talib.STOCH(BARS.high, BARS.low, BARS.close, fastk_period=7)[1]
    assert np.array_equal(np.array(seen), expected, equal_nan=True)


def test_calls_that_are_wrong() -> None:
    with pytest.raises(UsageError, match=r"^TA-Lib .* has no function STOHC; did you mean STOCH\?$"):
        _ = lent.STOHC
    with pytest.raises(UsageError, match=r"^TA-Lib .* has no function Q$"):
        _ = lent.Q
    with pytest.raises(UsageError, match=r"^TA-Lib refuses the call of SMA: .*TA_BAD_PARAM"):
        lent.SMA(BARS.close, 0)
    with pytest.raises(
        UsageError, match=r"^TA-Lib refuses the call of ATR: input array lengths are different"
    ):
        lent.ATR(BARS.close, BARS.close, BARS.close[1:])
    with pytest.raises(UsageError, match=r"^TA-Lib refuses the call of SMA: .*period_of"):
        lent.SMA(BARS.close, period_of=5)
    with pytest.raises(UsageError, match=r"^values must be numbers, one for each bar"):
        lent.SMA(["a", "b"], 2)


def test_without_the_wheel_it_says_which_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "talib", None)
    assert dir(lent) == []
    with pytest.raises(
        UsageError, match=r"^eyas.indicators.talib needs the extra: pip install 'eyas\[talib\]'$"
    ):
        _ = lent.NOTHING
    with pytest.raises(AttributeError):
        _ = lent.nothing
