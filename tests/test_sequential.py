"""Instruments one after the other: what one of them may know of another, and what a report says of it."""

from __future__ import annotations

import pytest

import eyas
from tests.test_portfolio import walk

BARS = {"E": walk(1, 6), "A": walk(2, 5)}


class Peeking(eyas.Strategy):
    """Look at another symbol's bars."""

    other: str = "E"

    def on_bar(self, bar: eyas.Bar) -> None:
        assert self.bars[bar.symbol].close[-1] == bar.close
        if bar.symbol != self.other:
            self.bars[self.other]


@pytest.mark.parametrize(("other", "running"), [("E", "A"), ("A", "E")])
def test_what_is_not_running_cannot_be_seen(other: str, running: str) -> None:
    said = f"the bars of {other} cannot be seen while {running} is running"
    with pytest.raises(eyas.StrategyError, match=said):
        eyas.backtest(Peeking(other=other), BARS, clock="sequential")
    eyas.backtest(Peeking(other=other), BARS)


def test_a_currency_needs_a_price_at_the_same_time() -> None:
    with pytest.raises(
        eyas.UsageError, match=r"^clock=sequential has no price of a currency at the same time"
    ):
        eyas.backtest(eyas.Strategy(), BARS, clock="sequential", currency={"A": "E"})


def test_a_report_says_how_the_clock_ran() -> None:
    turns = eyas.backtest(eyas.Strategy(), BARS, clock="sequential")
    assert ("clock", "sequential: E, A") in turns.settings()
    assert turns.as_json()["clock"] == "sequential: E, A"
    assert any("Each symbol ran to its end before the next began" in remark for remark in turns.remarks())
    merged = eyas.backtest(eyas.Strategy(), BARS)
    assert ("clock", "merged") in merged.settings()
    assert not any("ran to its end" in remark for remark in merged.remarks())
