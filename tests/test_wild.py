"""Anything that can be asked for, at any time: both pumps agree, and nothing but refusals comes of it."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import eyas
from eyas.market import Market
from eyas.model import Bars
from eyas.presets import PRESETS
from eyas.rules import Rules
from eyas.session import Session, pump
from tests.reference.search import searching
from tests.test_interval import merged
from tests.test_session import MINUTE_NS, START_NS, coarse_bars


class Wild(eyas.Strategy):
    """Ask for rare and wrong things of every kind, as a seed says."""

    seed: int = 0

    def on_start(self) -> None:
        self.dice = random.Random(self.seed)
        self.log: list[Any] = []

    def on_bar(self, bar: eyas.Bar) -> None:
        self.close_price = bar.close
        self.log.append((bar.symbol, bar.index, self.account.exact("equity"), self.is_flat))
        for _ in range(self.dice.choice((0, 1, 1, 2))):
            ways = (self.enter, self.enter, self.enter, self.leave, self.add_some, self.change, self.shift)
            self.log.append(self.dice.choice(ways)())

    def on_fill(self, fill: eyas.Event) -> None:
        self.log.append((fill.order, fill.cause, fill.order_kind, fill.instrument))

    def on_refusal(self, refusal: eyas.Event) -> None:
        self.log.append((refusal.order, refusal.refusal))

    def price(self) -> float:
        return max(0.5, self.close_price + self.dice.randint(-5, 5))

    def any_level(self, *, share: bool = True) -> Any:
        dice = self.dice
        ways = [eyas.away(dice.randint(0, 4)), eyas.risk(dice.choice((0.5, 1, 2)))]
        return dice.choice([*ways, dice.choice((0.01, 0.02, 0.05))] if share else ways)

    def kind(self) -> dict[str, Any]:
        one, two = self.price(), self.price()
        kinds: tuple[dict[str, Any], ...] = (
            {},
            {"at": one},
            {"limit": one},
            {"stop": one},
            {"stop": one, "limit": two},
            {"touch": one},
            {"touch": one, "limit": two},
            {"trail": self.dice.choice((0.02, eyas.away(2)))},
        )
        return self.dice.choice(kinds)

    def waiting(self) -> dict[str, Any]:
        dice = self.dice
        orders = [order.number for order in self.account.waiting_orders] or [1]
        options: dict[str, Any] = {
            "good_for": dice.randint(1, 4),
            "time_in_force": dice.choice(("gtc", "day", "ioc", "fok")),
            "post_only": True,
            "reduce_only": True,
            "cancels": dice.choice(orders),
            "after": dice.choice(orders),
            "rank": dice.random(),
        }
        return {name: options[name] for name in options if dice.random() < 0.15}

    def bracket(self) -> dict[str, Any]:
        dice = self.dice
        options: dict[str, Any] = {
            "stop_loss": self.any_level(),
            "take_profit": dice.choice(
                (
                    self.any_level(),
                    [(0.01, 0.5), (eyas.away(3), 0.5), 0.05],
                    [(eyas.risk(1), 0.3), eyas.risk(3)],
                )
            ),
            "trailing": self.any_level(),
            "breakeven": self.any_level(),
            "leave_after": dice.choice((1, 3, timedelta(minutes=5))),
        }
        chosen = {name: options[name] for name in options if dice.random() < 0.3}
        if isinstance(chosen.get("stop_loss"), eyas.asking.Level) and chosen["stop_loss"].kind == "risk":
            del chosen["stop_loss"]
        if "trailing" in chosen and dice.random() < 0.5:
            chosen["trailing_from"] = self.any_level()
        if "breakeven" in chosen and dice.random() < 0.5:
            chosen["breakeven_offset"] = 0.005
        return chosen

    def size(self) -> dict[str, Any]:
        sizes = ({"quantity": 2}, {"quantity": 7.5}, {"notional": 500}, {"fraction": 0.3}, {})
        return self.dice.choice(sizes)

    def enter(self) -> int:
        ask = self.dice.choice((self.buy, self.sell))
        return ask(**self.size(), **self.kind(), **self.waiting(), **self.bracket())

    def leave(self) -> Any:
        return self.close(**self.dice.choice(({}, {"fraction": 0.5}, {"quantity": 1})))

    def add_some(self) -> int:
        tickets: list[Any] = [*self.account.tickets, 99]
        said = {name: value for name, value in self.waiting().items() if name != "reduce_only"}
        return self.add(self.dice.choice(tickets), **self.size(), **self.kind(), **said)

    def change(self) -> bool | None:
        orders: list[Any] = [*self.account.waiting_orders, 99]
        order = self.dice.choice(orders)
        if self.dice.random() < 0.3:
            return self.cancel(order)
        changes = ({"price": self.price()}, {"quantity": 3}, {"limit": self.price(), "quantity": 1})
        return self.amend(order, **self.dice.choice(changes))

    def shift(self) -> bool:
        tickets: list[Any] = [*self.account.tickets, 99]
        levels = (
            {"stop_loss": self.price()},
            {"take_profit": self.price()},
            {"stop_loss": 0, "take_profit": 0},
        )
        return self.move(self.dice.choice(tickets), **self.dice.choice(levels))


def markets(seed: int, shape: str) -> Market:
    """Return one instrument, one with finer bars inside, or several of different lengths."""
    fine = coarse_bars(seed, 160)
    match shape:
        case "one":
            return Market({"A": eyas.bars(fine[:40], symbol="A", timeframe="1m")})
        case "finer":
            return Market({"A": merged(fine, 4)}, finer={"A": fine})
        case "several":
            return Market({"A": fine[:40], "B": merged(coarse_bars(seed + 1, 60), 3), "C": fine[20:35]})
        case _:
            bars = {"B": coarse_bars(seed + 2, 25), "A": merged(fine, 4)}
            return Market(bars, finer={"A": fine}, in_turn=list(bars))


CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "fill_volume": st.sampled_from([0.5, 1.0]),
        "latency_bars": st.just(1),
        "fee_rate": st.just(0.001),
        "slippage_volume": st.just(0.01),
        "tie": st.sampled_from(["target", "open_high_low", "nearest_to_open"]),
        "tickets_per_symbol_max": st.integers(1, 3),
        "stop_loss_cooldown_s": st.just(120),
        "orders_per_minute_max": st.just(2),
        "consecutive_losses_max": st.just(3),
        "order_notional_max": st.just(400),
        "bracket_from": st.sampled_from(["fill_bar", "after_fill"]),
        "stop_trigger": st.sampled_from(["close", "given_price"]),
        "borrow_rate": st.just(0.0001),
        "funding_rate": st.just(0.0001),
    },
)


def possible(name: str, changes: dict[str, Any]) -> Rules:
    """Return a preset with the changes that go together with it."""
    rules = PRESETS[name]
    for rule, value in changes.items():
        try:
            rules = rules.changed(**{rule: value})  # type: ignore[misc]
        except eyas.UsageError:
            continue
    return rules


def played(seed: int, shape: str, rules: Rules, *, by_kernel: bool) -> tuple[Any, ...]:
    market = markets(seed, shape)
    strategy = Wild(seed=seed)
    session = Session(strategy, market, rules, "10000")
    session.start()
    if by_kernel:
        session.run(0, len(market))
    else:
        pump(session, 0, len(market))
    session.finish()
    return session.account.journal(), session.equity.tolist(), strategy.log, session.delivered


SHAPES = ("one", "finer", "several", "in turn")


@given(st.integers(0, 10**6), st.sampled_from(SHAPES), st.sampled_from(sorted(PRESETS)), CHANGES)
@searching(150)
def test_both_pumps_do_the_same_whatever_is_asked(
    seed: int, shape: str, preset: str, changes: dict[str, Any]
) -> None:
    rules = possible(preset, changes)
    runs = [played(seed, shape, rules, by_kernel=by_kernel) for by_kernel in (True, False)]
    assert runs[0][0] == runs[1][0]
    assert runs[0][1:] == runs[1][1:]
    assert all(np.isfinite(runs[0][1]))


@given(st.integers(0, 10**6), st.sampled_from(sorted(PRESETS)), CHANGES, st.integers(5, 39))
@searching(60)
def test_a_future_that_is_cut_off_changes_nothing_before(
    seed: int, preset: str, changes: dict[str, Any], cut: int
) -> None:
    rules = possible(preset, changes).changed(end_policy="mark_only")
    bars = coarse_bars(seed, 40)
    whole, part = (eyas.backtest(Wild(seed=seed), one, rules=rules).journal for one in (bars, bars[:cut]))
    for row in range(len(part)):
        event = part.event(row)
        if event["phase"] == "end":
            break
        assert event == whole.event(row)


def test_the_wild_reach_everything() -> None:
    """A property over runs in which nothing happens would prove nothing."""
    seen: set[str] = set()
    for seed in range(40):
        for shape in ("one", "finer"):
            market = markets(seed, shape)
            session = Session(Wild(seed=seed), market, Rules(), "10000")
            session.start()
            session.run(0, len(market))
            session.finish()
            for event in session.account.events():
                seen |= {event.kind, event.cause, event.refusal, event.order_kind}
    assert seen >= {
        *("amended", "triggered", "filled", "closed", "cancelled", "refused"),
        *("market", "limit", "stop", "stop_limit", "limit_if_touched", "market_if_touched", "trailing_stop"),
        *("trailing_stop", "breakeven", "time_limit", "reduce", "average", "take_profit", "stop_loss"),
        *("expired", "other_filled", "not_filled_at_once", "ticket_closed", "parent_gone"),
        *(
            "lifetime_must_suit_order",
            "post_only_must_rest",
            "risk_must_have_stop",
            "partner_must_be_waiting",
        ),
    }


def given_bars() -> Bars:
    """Return bars with a given price and funding in some of them."""
    bars = coarse_bars(8, 60)
    place = np.arange(60)
    return Bars(
        START_NS + MINUTE_NS * place,
        *(getattr(bars, name) for name in ("open", "high", "low", "close", "volume")),
        timeframe="1m",
        given=np.where(place % 2, (bars.high + bars.low) / 2, np.nan),
        funding=np.where(place % 8, np.nan, 0.0001),
    )


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_every_preset_survives_given_prices_and_funding(name: str) -> None:
    report = eyas.backtest(Wild(seed=3), given_bars(), rules=name)
    assert len(report.journal) > 50
    assert report.summary.bars == 60
    charged = report.journal.where("charged")
    if PRESETS[name].account == "margin":
        assert len(charged) > 0
