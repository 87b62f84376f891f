"""Words of an order that could never act as they read: each gets a sentence, and nothing is swallowed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pytest

import eyas
from eyas.options import worded
from tests.test_session import bars_of


class Late(eyas.Strategy):
    """Ask for something on the second bar, told when that has closed."""

    def __init__(self, ask: Callable[[Any, int], Any]) -> None:
        super().__init__()
        self.ask = ask

    def on_bar(self, bar: eyas.Bar) -> None:
        if bar.index == 0:
            self.buy(1)
        if bar.index == 1:
            self.ask(self, bar.close_time)


def test_breakeven_waits_for_a_rung_that_leaves_something() -> None:
    with pytest.raises(eyas.UsageError, match=r"^breakeven_after is 2, but of 2 rungs the last takes all"):
        worded("buy", None, None, [(0.1, 0.5), 0.2], {"breakeven_after": 2})


@pytest.mark.parametrize("name", ["stop_loss", "take_profit", "trailing", "leave_after"])
def test_an_addition_keeps_the_levels_of_its_ticket(name: str) -> None:
    said = rf"^add has no option {name}: an addition keeps its ticket's levels: use move to change them$"
    with pytest.raises(eyas.UsageError, match=said):
        worded("add", None, None, None, {name: 0.1})


def test_no_price_is_offered_for_a_distance() -> None:
    for said in ({"trail": 2}, {"trailing": 2}):
        with pytest.raises(eyas.UsageError, match=r"for a distance eyas\.away\(2\)") as caught:
            worded("buy", None, None, None, said)
        assert "eyas.at" not in str(caught.value)


@pytest.mark.parametrize("word", [eyas.at, eyas.away, eyas.risk])
def test_a_level_is_a_number(word: Any) -> None:
    with pytest.raises(eyas.UsageError, match=r"is 'x', but must be a number"):
        word("x")


def test_an_order_that_has_expired_before_it_is_asked_gets_a_sentence() -> None:
    bars = bars_of([10, 11, 12])
    for late in (
        lambda s, now: s.buy(1, good_till=now),
        lambda s, now: s.add(1, 1, good_till=now),
        lambda s, _: s.buy(1, good_till=date(2001, 1, 1)),
    ):
        with pytest.raises(eyas.StrategyError, match=r"good_till is .*, but it is .* already"):
            eyas.backtest(Late(late), bars)
    assert eyas.backtest(Late(lambda s, now: s.buy(1, good_till=now + 1)), bars).summary.refused == {}


def test_a_stop_cannot_be_a_multiple_of_the_risk() -> None:
    class Round(eyas.Strategy):
        def on_bar(self, bar: eyas.Bar) -> None:
            self.buy(1, stop_loss=eyas.risk(1))

    with pytest.raises(eyas.StrategyError, match="stop_loss cannot be a multiple of the risk"):
        eyas.backtest(Round(), bars_of([10, 11]))


class Refused(eyas.Strategy):
    """Ask for changes that cannot be, and remember what it was told."""

    told: list[tuple[str, str]]

    def __init__(self, told: list[tuple[str, str]]) -> None:
        super().__init__()
        self.told_list = [told]

    def __deepcopy__(self, _: Any) -> Refused:
        return Refused(self.told_list[0])

    def on_bar(self, bar: eyas.Bar) -> None:
        if bar.index == 0:
            self.buy(1)
        if bar.index == 1:
            assert not self.move(1, stop_loss=bar.close + 1)
            assert not self.amend(77, price=1)

    def on_refusal(self, refusal: eyas.Event) -> None:
        self.told_list[0].append((refusal.kind, refusal.refusal))


def test_a_refused_change_is_told_and_counted() -> None:
    told: list[tuple[str, str]] = []
    report = eyas.backtest(Refused(told), bars_of([10, 11, 12]))
    assert told == [("warned", "stop_must_be_beyond_price"), ("warned", "order_must_be_waiting")]
    assert report.summary.refused == {"order must be waiting": 1, "stop must be beyond price": 1}


def test_a_fill_that_was_only_warned_of_is_no_refusal() -> None:
    told: list[tuple[str, str]] = []

    class Stated(Refused):
        def on_bar(self, bar: eyas.Bar) -> None:
            if bar.index == 0:
                self.buy(1, at=50)

        def __deepcopy__(self, _: Any) -> Stated:
            return Stated(self.told_list[0])

    report = eyas.backtest(
        Stated(told), bars_of(np.full(3, 10)), market_fill="given_price", price_check="warn"
    )
    assert len(report.journal.where("warned")) == 1
    assert (told, report.summary.refused, report.summary.trades) == ([], {}, 1)


def test_nothing_is_named_where_bars_have_no_name() -> None:
    with pytest.raises(eyas.StrategyError, match=r"the bars of the run have no symbol, so none is 'ZZ'"):
        eyas.backtest(Late(lambda s, _: s.buy(1, symbol="ZZ")), bars_of([10, 11]))
    with pytest.raises(eyas.UsageError, match=r"^an interval is what the bars alone leave open"):
        eyas.interval(eyas.Strategy(), bars_of([10, 11]), finer=bars_of([10, 11]))  # type: ignore[call-arg]
