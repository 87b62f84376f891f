"""What a strategy asks for is written down as it asks, and its run is the same as without a check."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import eyas
from eyas.backtest import own_copy
from eyas.lookahead import check
from eyas.lookahead.comparing import journals_differ
from eyas.lookahead.futures import decimals_of, detour, mirrored, shuffled
from eyas.lookahead.recording import Decision, Recorder, alike, watched
from tests.lookahead.conftest import walk


class Everything(eyas.Strategy):
    """Ask for one of everything."""

    size: float = 2.0

    def on_bar(self, bar: eyas.Bar) -> None:
        if bar.index == 1:
            self.buy(self.size, stop_loss=0.05, take_profit=[(0.02, 0.5), 0.05])
            self.first = self.sell(1, limit=bar.close * 2, good_for=9)
            self.buy(1, stop=bar.close * 2, limit=bar.close * 2.1, cancels=self.first)
            self.buy(notional=10, leave_after=timedelta(hours=3), stop_loss=eyas.away(5))
        if bar.index == 3:
            [*_, ticket] = self.account.tickets
            self.amend(self.first, price=bar.close * 2.2)
            self.move(ticket, stop_loss=bar.close * 0.5)
            self.add(ticket, 1)
            self.close(ticket, fraction=0.5)
            self.cancel(self.first)

    def on_fill(self, fill: eyas.Event) -> None:
        if fill.bar == 2:
            self.buy(0.5, stop_loss=eyas.at(1))

    def on_end(self) -> None:
        self.account.close(1)


def recorded(strategy: eyas.Strategy, bars: Any) -> tuple[list[Decision], eyas.Report]:
    recorder = Recorder()
    report = eyas.backtest(watched(own_copy(strategy), recorder), bars)
    return recorder.decisions, report


def test_a_decision_names_its_symbol_also_the_first(portfolio: dict[str, eyas.Bars]) -> None:
    class Each(eyas.Strategy):
        def on_bar(self, bar: eyas.Bar) -> None:
            if self.is_flat:
                self.buy(1)

    found, _ = recorded(Each(), portfolio)
    assert [one.symbol for one in found] == ["AAA", "CCC", "BBB"]
    assert check(Each, portfolio).verdict == "pass"


def test_everything_that_is_asked_is_written_down_in_order() -> None:
    bars = walk(20)
    found, report = recorded(Everything(), bars)
    assert report.journal == eyas.backtest(Everything(), bars).journal
    assert report.strategy == "Everything"
    assert report.parameters == {"size": 2.0}
    close = bars.close
    texts = [str(one) for one in found if one.step == 1]
    assert texts[0].startswith("buy(quantity=2, stop_loss=0.05, take_profits=")
    assert texts[1] == f"sell(quantity=1, limit={close[1] * 2:.10g}, bars=9)"
    assert "other=2" in texts[2]
    assert texts[3] == "buy(notional=10, stop_loss=away(5), leave_after_ns=10800000000000)"
    verbs = [one.verb for one in found if one.step == 3]
    assert verbs == ["amend", "move", "add", "close", "cancel"]
    assert next(str(one) for one in found if one.step == 2) == "buy(quantity=0.5, stop_loss=at(1))"
    assert max(one.step for one in found) < 19, "what is asked after the end is no decision"
    assert {one.symbol for one in found} == {"WALK"}
    assert found[0].time == bars.time[2]


@given(st.integers(0, 2**32 - 1), st.integers(30, 120), st.booleans())
@settings(max_examples=25)
def test_whatever_goes_by_the_past_alone_passes_and_by_the_next_bar_does_not(
    seed: int, count: int, is_ahead: bool
) -> None:
    """A law: decisions drawn from all the bars up to now, or from those and one more."""
    bars = walk(count, seed=seed)

    def make(bars: eyas.Bars) -> eyas.Strategy:
        close = bars.close.copy()

        class Drawn(eyas.Strategy):
            def on_bar(self, bar: eyas.Bar) -> None:
                seen = close[: bar.index + 1 + is_ahead]
                lot = int(seen.sum() * 100 + len(seen) * is_ahead) % 7
                if lot == 0:
                    self.buy(0.1, stop_loss=0.02)
                elif lot == 1:
                    self.sell(0.1, limit=bar.close * 1.01, good_for=3)
                elif lot == 2:
                    self.close()

        return Drawn()

    found = check(make, bars, warm_ups=())
    assert found.verdict == ("fail" if is_ahead else "pass"), str(found)


@given(st.integers(0, 2**32 - 1), st.integers(1, 59))
@settings(max_examples=25)
def test_other_futures_are_real_bars_and_leave_the_past(seed: int, count: int) -> None:
    bars = walk(60, seed=seed)
    anchor = float(bars.close[count - 1])
    decimals = decimals_of(bars)
    assert decimals <= 2
    ways: list[Any] = [mirrored(bars, count, anchor, decimals), shuffled(bars, count, anchor, decimals, seed)]
    if count > 1:
        ways.append(detour(bars, 1, count, decimals))
    for place, other in enumerate(ways):
        assert len(eyas.bars(other)) == 60, "the strict door takes them"
        kept = slice(0, count) if place < 2 else slice(count, None)
        assert np.array_equal(other.close[kept], bars.close[kept])
        assert np.array_equal(np.round(other.close, decimals), other.close)


def test_decisions_are_alike_but_for_noise() -> None:
    assert alike((("size", 0.1 + 0.2),), (("size", 0.3),))
    assert not alike((("size", 0.3),), (("size", 0.31),))
    assert not alike(("a",), ("a", "b"))
    assert alike(float("nan"), float("nan"))


def test_an_event_that_differs_is_seen_though_no_decision_does() -> None:
    bars = walk(30)
    whole, cut = (eyas.backtest(Everything(), part).journal for part in (bars, bars[:12]))
    assert journals_differ(whole, cut, 11) is None, "R39: what happened up to there is the same"
    dearer = eyas.backtest(Everything(), bars[:12], fee_rate=0.001).journal
    assert journals_differ(whole, dearer, 11) == 2
    assert journals_differ(whole, dearer, 1) is None
