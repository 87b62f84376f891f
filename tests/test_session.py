"""One run: both pumps do the same, chunks change nothing, hooks are told in order and see nothing later."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import eyas
from eyas.model import Bars
from eyas.rules import Rules
from eyas.session import Session, pump
from tests.reference.generate import rule_sets
from tests.reference.search import searching

MINUTE_NS = 60_000_000_000
START_NS = 1_780_000_020_000_000_000


def bars_of(closes: Any, *, step_ns: int = MINUTE_NS) -> Bars:
    """Return bars that open where the one before closed, and have no wicks."""
    close = np.asarray(closes, dtype=np.float64)
    opened = np.concatenate([close[:1], close[:-1]])
    return eyas.bars(
        {
            "time": START_NS + step_ns * np.arange(len(close), dtype=np.int64),
            "open": opened,
            "high": np.maximum(opened, close),
            "low": np.minimum(opened, close),
            "close": close,
            "volume": np.ones(len(close)),
        },
        timeframe="" if step_ns != MINUTE_NS else "1m",
    )


def coarse_bars(seed: int, count: int, tick: float = 1.0) -> Bars:
    """Return bars on a coarse grid, so that touches, ties and gaps happen often."""
    dice = np.random.default_rng(seed)
    walk = np.maximum(5, 100 + np.cumsum(dice.integers(-3, 4, count)))
    opened = np.maximum(3, np.concatenate([[100], walk[:-1]]) + dice.integers(-2, 3, count))
    above, below = dice.integers(0, 4, (2, count))
    return eyas.bars(
        {
            "time": START_NS + MINUTE_NS * np.arange(count, dtype=np.int64),
            "open": opened * tick,
            "high": (np.maximum(opened, walk) + above) * tick,
            "low": np.maximum(1, np.minimum(opened, walk) - below) * tick,
            "close": walk * tick,
            "volume": np.ones(count),
        }
    )


class Dice(eyas.Strategy):
    """Ask for anything at any time, as a seed says: every kind of order, from every hook."""

    seed: int = 0

    def on_start(self) -> None:
        self.dice = random.Random(self.seed)
        self.log: list[tuple[Any, ...]] = []
        self.average = self.use(eyas.indicators.sma, "close", 3)
        self.tell("start", 0.5)

    def on_bar(self, bar: eyas.Bar) -> None:
        crossed = self.average.crossed_above(bar.close)
        self.tell("bar", 0.6, bar.index, bar.time, crossed, self.account.exact("equity"))

    def on_fill(self, fill: eyas.Event) -> None:
        self.tell("fill", 0.3, fill.seq, fill.order, fill.cause)

    def on_refusal(self, refusal: eyas.Event) -> None:
        self.tell("refusal", 0.2, refusal.seq, refusal.order, refusal.refusal)

    def on_end(self) -> None:
        self.tell("end", 0.9)

    def tell(self, hook: str, chance: float, *what: Any) -> None:
        self.log.append((hook, len(self.bars), self.position, *what))
        while self.dice.random() < chance:
            chance /= 2
            self.dice.choice((self.enter, self.enter, self.enter, self.leave, self.leave, self.take_back))()

    def enter(self) -> None:
        dice = self.dice
        price = self.bars.close[-1] if len(self.bars) else 100.0
        sizes = (
            {"quantity": dice.choice((1, 2, 0.5, 7.77777777, 0, -1, float("nan"), 1e30))},
            {"notional": dice.choice((100, 333.33, 5_000, -5))},
            {"fraction": dice.choice((1.0, 0.5, 0.1, 0.333, 1.5))},
            {},
        )
        whens = ({}, {}, {"limit": price + dice.randint(-4, 4)}, {"stop": price + dice.randint(-4, 4)})
        levels = (
            None,
            dice.choice((0.01, 0.05, -0.1)),
            eyas.away(dice.randint(0, 4)),
            eyas.at(price + dice.randint(-6, 6)),
        )
        ask = dice.choice((self.buy, self.buy, self.sell))
        ask(
            **dice.choice(sizes),
            **dice.choice(whens),
            stop_loss=dice.choice(levels),
            take_profit=dice.choice(levels),
        )

    def leave(self) -> None:
        ways: tuple[dict[str, Any], ...] = ({}, {}, {"fraction": 0.5}, {"quantity": 1}, {"fraction": 2})
        held = [ticket.number for ticket in self.account.tickets]
        self.close(self.dice.choice([None, *held, 999]), **self.dice.choice(ways))

    def take_back(self) -> None:
        waiting = [order.number for order in self.account.waiting_orders]
        self.cancel(self.dice.choice([None, *waiting, 999]))


def by_kernel(session: Session) -> None:
    session.run(0, len(session.bars))


def by_python(session: Session) -> None:
    pump(session, 0, len(session.bars))


def played(
    strategy: Dice, bars: Bars, rules: Rules, run: Callable[[Session], None]
) -> tuple[bytes, list[float], list[tuple[Any, ...]], int]:
    """Return everything that a run leaves behind."""
    session = Session(strategy, bars, rules, "10000")
    session.start()
    run(session)
    session.finish()
    return session.account.journal(), session.equity.tolist(), strategy.log, session.delivered


def rules_of(texts: dict[str, str]) -> Rules:
    if "price_decimals" in texts:
        # Steps and ticks below a unit of that scale are refused when the rules are made.
        texts = {
            name: text
            for name, text in texts.items()
            if name not in ("quantity_step", "price_tick", "spread")
        }
    return Rules(**{name: int(text) if name == "price_decimals" else text for name, text in texts.items()})


@given(st.integers(0, 10**9), rule_sets(), st.integers(2, 60))
@searching(200)
def test_the_plain_pump_and_the_kernels_do_the_same(seed: int, texts: dict[str, str], count: int) -> None:
    bars, rules = coarse_bars(seed, count), rules_of(texts)
    assert played(Dice(seed=seed), bars, rules, by_python) == played(Dice(seed=seed), bars, rules, by_kernel)


@given(st.integers(0, 10**9), rule_sets(), st.lists(st.integers(0, 40), max_size=5))
@searching(60)
def test_runs_in_chunks_are_the_run(seed: int, texts: dict[str, str], cuts: list[int]) -> None:
    bars, rules = coarse_bars(seed, 40), rules_of(texts)

    def by_chunks(session: Session) -> None:
        ends = [0, *sorted(cuts), 40]
        for number, (first, last) in enumerate(pairwise(ends)):
            if number % 2:
                pump(session, first, last)
            else:
                session.run(first, last)

    assert played(Dice(seed=seed), bars, rules, by_chunks) == played(Dice(seed=seed), bars, rules, by_kernel)


def test_the_dice_reach_everything() -> None:
    """A property over runs in which nothing happens would prove nothing."""
    seen: set[str] = set()
    hooks: set[str] = set()
    for seed in range(60):
        changes: Any = {"market_fill": "close"} if seed % 2 else {"leverage": 5, "margin_call": 2}
        session = Session(Dice(seed=seed), coarse_bars(seed, 60), Rules(fee_rate=0.001, **changes), "10000")
        session.start()
        by_kernel(session)
        session.finish()
        events = session.account.events()
        seen |= {word for event in events for word in (event.kind, event.cause, event.phase, event.refusal)}
        assert isinstance(session.strategy, Dice)
        hooks |= {entry[0] for entry in session.strategy.log}
    assert hooks == {"start", "bar", "fill", "refusal", "end"}
    assert seen >= {
        *("submitted", "filled", "closed", "cancelled", "refused", "margin_called", "transferred"),
        *("entry", "close", "stop_loss", "take_profit", "margin_call", "end_of_data", "ticket_closed"),
        *("start", "open", "range", "close", "decision", "end"),
        *("quantity_must_be_a_number", "quantity_must_be_positive", "quantity_must_be_in_range"),
        *("fraction_must_be_above_zero_to_one", "ticket_must_be_open", "order_must_be_waiting"),
        *("stop_must_be_beyond_price", "target_must_be_beyond_price", "margin_must_cover_order"),
    }


class Diary(eyas.Strategy):
    """Buy on bar 0, ask for nonsense on bar 2, close on bar 3; write down when it is told what."""

    def on_start(self) -> None:
        self.told: list[tuple[str, int, int]] = []
        self.note("start")

    def on_bar(self, bar: eyas.Bar) -> None:
        self.note(f"bar {bar.index}")
        if bar.index == 0:
            self.buy(1)
        if bar.index == 2:
            self.buy(-1)
        if bar.index == 3:
            self.close()

    def on_fill(self, fill: eyas.Event) -> None:
        assert fill.kind == "filled"
        self.note(f"fill {fill.cause} of bar {fill.bar}")

    def on_refusal(self, refusal: eyas.Event) -> None:
        assert refusal.kind == "refused"
        self.note(f"refusal of bar {refusal.bar}")

    def on_end(self) -> None:
        self.note("end")

    def note(self, what: str) -> None:
        self.told.append((what, len(self.bars), self.account.bar_index))


@pytest.mark.parametrize("run", [by_kernel, by_python])
def test_hooks_are_told_in_order(run: Callable[[Session], None]) -> None:
    strategy = Diary()
    session = Session(strategy, bars_of([10, 10, 10, 10, 10, 10]), Rules(), "100")
    session.start()
    run(session)
    session.finish()
    assert strategy.told == [
        ("start", 0, -1),
        ("bar 0", 1, 0),
        ("fill entry of bar 1", 2, 1),
        ("bar 1", 2, 1),
        ("bar 2", 3, 2),
        ("refusal of bar 2", 3, 2),
        ("bar 3", 4, 3),
        ("fill close of bar 4", 5, 4),
        ("bar 4", 5, 4),
        ("bar 5", 6, 5),
        ("end", 6, 5),
    ]


@pytest.mark.parametrize("run", [by_kernel, by_python])
def test_a_fill_in_the_decision_is_told_after_it(run: Callable[[Session], None]) -> None:
    strategy = Diary()
    session = Session(strategy, bars_of([10] * 6), Rules(market_fill="close", exit_fill="close"), "100")
    session.start()
    run(session)
    fills = [(what, seen) for what, seen, _ in strategy.told if what.startswith("fill")]
    assert fills == [("fill entry of bar 0", 1), ("fill close of bar 3", 4)]
    assert strategy.told.index(("bar 0", 1, 0)) < strategy.told.index(("fill entry of bar 0", 1, 0))


class Peeking(Dice):
    """Try in every hook to see what is later than now."""

    def on_start(self) -> None:
        super().on_start()
        self.slow = self.use(eyas.indicators.ema, "close", 4)

    def tell(self, hook: str, chance: float, *what: Any) -> None:
        now = self.account.bar_index
        for series in (self.bars.open, self.bars.close, self.bars.volume, self.average):
            assert len(series) == len(list(series)) == len(np.asarray(series)) == len(series[:]) == now + 1
            assert len(series[now + 1 :]) == len(series[now + 1 : now + 99]) == 0
            for ahead in (now + 1, now + 2, 10**6):
                with pytest.raises(eyas.LookAheadError):
                    series[ahead]
        super().tell(hook, chance, *what)


@pytest.mark.parametrize("run", [by_kernel, by_python])
def test_no_hook_sees_later_than_now(run: Callable[[Session], None]) -> None:
    hooks: set[str] = set()
    for seed in range(10):
        strategy = Peeking(seed=seed)
        played(strategy, coarse_bars(seed, 30), Rules(), run)
        hooks |= {entry[0] for entry in strategy.log}
    assert hooks == {"start", "bar", "fill", "refusal", "end"}


class Echo(eyas.Strategy):
    """Answer a refusal with what is refused again, for ever."""

    def on_bar(self, bar: eyas.Bar) -> None:
        if bar.index == 1:
            self.buy(-1)

    def on_refusal(self, refusal: eyas.Event) -> None:
        self.buy(-1)


@pytest.mark.parametrize("run", [by_kernel, by_python])
def test_a_hook_that_answers_itself_for_ever_is_stopped(run: Callable[[Session], None]) -> None:
    session = Session(Echo(), bars_of([10, 11, 12]), Rules(), "100")
    session.start()
    with pytest.raises(RuntimeError, match="a hook answers its own events for ever"):
        run(session)
    assert session.history.cursor == 1
    # The transfer, the first refusal, and one for each of the 100,000 that were answered.
    assert session.account.event_count == 100_002


def test_only_hooks_that_were_written_are_called() -> None:
    class Quiet(eyas.Strategy):
        pass

    session = Session(Quiet(), bars_of([10, 11]), Rules(), "100")
    assert session.on_bar is None
    assert session.hooks == {}
    by_class = Session(Echo(), bars_of([10, 11]), Rules(), "100")
    assert by_class.on_bar is not None
    assert by_class.hooks.keys() == {"refused", "warned"}
    own = Quiet()
    own.on_fill = print  # type: ignore[method-assign,assignment]
    assert Session(own, bars_of([10, 11]), Rules(), "100").hooks == {"filled": print}
