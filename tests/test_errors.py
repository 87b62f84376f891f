"""An error says whose fault it is, and loses nothing on its way."""

from __future__ import annotations

import copy
import inspect
import pickle
import re

import pytest

import eyas
from eyas import errors
from tests.test_session import bars_of


class Broken(eyas.Strategy):
    """Fail on bar 1."""

    def on_bar(self, bar: eyas.Bar) -> None:
        if bar.index == 1:
            raise LookupError("no such thing")
        self.buy(1)


def test_the_tree_at_the_top_is_the_tree() -> None:
    found = {name: kind for name, kind in vars(errors).items() if inspect.isclass(kind)}
    assert found.keys() == set(re.findall(r"\w+Error", errors.__doc__ or ""))
    for name, kind in found.items():
        assert issubclass(kind, errors.EyasError)
        assert (kind.__bases__[0] is errors.EyasError) == (name != "EyasError")
        assert getattr(eyas, name) is kind


def test_wrong_arguments_and_data_are_value_errors_and_a_failure_is_not() -> None:
    assert issubclass(eyas.UsageError, ValueError)
    assert issubclass(eyas.DataError, ValueError)
    assert not issubclass(eyas.StrategyError, ValueError)
    assert issubclass(eyas.LookAheadError, IndexError)
    with pytest.raises(ValueError, match="cash is 0"):
        eyas.backtest(eyas.Strategy(), bars_of([1, 2]), cash=0)


def test_one_except_takes_everything_that_is_raised_on_purpose() -> None:
    bars = bars_of([1, 2])
    for call in (
        lambda: eyas.backtest(Broken(), bars),
        lambda: eyas.backtest(Broken(), bars[:1]),
        lambda: eyas.backtest(Broken(), bars, fee_rate=2),
        lambda: eyas.bars("no such file.csv"),
        lambda: eyas.sample("NOTHING", "1d"),
        lambda: Broken(fast=3),
    ):
        with pytest.raises(eyas.EyasError):
            call()


def test_a_failure_survives_copying_and_pickling() -> None:
    with pytest.raises(eyas.StrategyError) as caught:
        eyas.backtest(Broken(), bars_of([1, 2, 3]))
    for error in (copy.copy(caught.value), pickle.loads(pickle.dumps(caught.value))):
        assert type(error) is eyas.StrategyError
        assert str(error) == str(caught.value)
        assert error.bar_index == 1
        assert error.report.journal == caught.value.report.journal
        assert error.report.summary == caught.value.report.summary


def test_looking_ahead_inside_a_strategy_is_the_cause_of_its_failure() -> None:
    class Peek(eyas.Strategy):
        def on_bar(self, bar: eyas.Bar) -> None:
            self.bars.close[bar.index + 1]

    with pytest.raises(eyas.StrategyError, match=r"close\[1\] is later than now \(bar 0\)") as caught:
        eyas.backtest(Peek(), bars_of([1, 2]))
    assert isinstance(caught.value.__cause__, eyas.LookAheadError)
