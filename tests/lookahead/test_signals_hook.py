"""A strategy that says its orders up front is checked as its arrays are."""

from __future__ import annotations

import numpy as np
import pytest

import eyas
from eyas.indicators import sma
from eyas.model import Bars
from tests.test_engine import Pair, UpFront
from tests.test_portfolio import walk

BARS = eyas.sample("BTCUSDT", "1m")[:2_000]


class Knowing(eyas.Strategy):
    period: int = 20

    def signals(self, bars: Bars) -> eyas.Signals:
        score = (bars.close - bars.close.mean()) / bars.close.std()
        return eyas.Signals(entries=score < -1, exits=score > 1)


class Shifted(eyas.Strategy):
    def signals(self, bars: Bars) -> eyas.Signals:
        tomorrow = np.roll(sma(bars.close, 5), -1)
        return eyas.Signals(entries=tomorrow > bars.close, exits=tomorrow < bars.close)


@pytest.mark.parametrize("strategy", [UpFront, UpFront(fast=5), Knowing, Shifted()])
def test_what_looks_ahead_is_found_and_what_does_not_is_left_alone(strategy: eyas.Strategy) -> None:
    found = eyas.check(strategy, BARS)
    expected = "pass" if "UpFront" in str(found).splitlines()[0] else "fail"
    assert found.verdict == expected, found


def test_the_column_at_fault_is_named() -> None:
    assert "score" in str(eyas.check(Knowing(), BARS))


def test_a_portfolio_is_checked_too() -> None:
    assert eyas.check(Pair(), {"A": walk(1, 400), "B": walk(2, 400)}).verdict == "pass"
