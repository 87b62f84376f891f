"""Several instruments on one clock: what a strategy is told and shown, and whose every order is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import eyas
from eyas.market import Market
from eyas.model import Bars
from eyas.rules import Rules
from eyas.session import Session, pump
from tests.reference.search import searching
from tests.test_market import bars_at
from tests.test_session import Dice, coarse_bars
from tests.test_strategy import Do


def walk(seed: int, count: int, *, step: int = 1, start: int = 0) -> Bars:
    """Return bars of `step` minutes each, from minute `start` on."""
    one = coarse_bars(seed, count)
    opens = bars_at(start + step * np.arange(count), f"{step}m")
    return eyas.bars(
        {
            "time": opens.time,
            **{name: getattr(one, name) for name in ("open", "high", "low", "close", "volume")},
        },
        timeframe=f"{step}m",
    )


class Diary(eyas.Strategy):
    """Write down what it is told, and what it could see then."""

    def on_start(self) -> None:
        self.told: list[tuple[Any, ...]] = []
        self.average = {
            symbol: self.use(eyas.indicators.sma, "close", 2, symbol=symbol) for symbol in self.symbols
        }

    def on_bar(self, bar: eyas.Bar) -> None:
        view = self.bars
        assert view.close[-1] == bar.close == self.bars[bar.symbol].close[-1]
        assert len(view) == len(self.average[bar.symbol]) == bar.index + 1
        self.told.append((bar.symbol, bar.index, bar.time))

    def on_step(self, step: Any) -> None:
        self.told.append(("step", step.index, step.time, *step.symbols))


def played(strategy: eyas.Strategy, market: Market, rules: Rules, *, by_kernel: bool) -> tuple[Any, ...]:
    """Return everything that a run leaves behind."""
    session = Session(strategy, market, rules, "10000")
    session.start()
    if by_kernel:
        session.run(0, len(market))
    else:
        pump(session, 0, len(market))
    session.finish()
    log = getattr(strategy, "log", None) or getattr(strategy, "told", None)
    return session.account.journal(), session.equity.tolist(), log, session.delivered


@pytest.mark.parametrize("by_kernel", [True, False])
def test_a_strategy_is_told_of_each_bar_in_order(by_kernel: bool) -> None:
    market = Market({"B": walk(1, 2, step=2), "A": walk(2, 4)})
    diary = Diary()
    played(diary, market, Rules(), by_kernel=by_kernel)
    opens = [one.time.tolist() for one in market.bars]
    assert diary.told == [
        ("A", 0, opens[0][0]),
        ("step", 0, market.time[0], "A"),
        ("A", 1, opens[0][1]),
        ("B", 0, opens[1][0]),
        ("step", 1, market.time[1], "A", "B"),
        ("A", 2, opens[0][2]),
        ("step", 2, market.time[2], "A"),
        ("A", 3, opens[0][3]),
        ("B", 1, opens[1][1]),
        ("step", 3, market.time[3], "A", "B"),
    ]


class DiceOnSeveral(Dice):
    """Ask for anything at any time, of the symbol that is shown and of others."""

    def on_start(self) -> None:
        self.log: list[tuple[Any, ...]] = []
        import random

        self.dice = random.Random(self.seed)

    def on_bar(self, bar: eyas.Bar) -> None:
        self.tell("bar", 0.6, bar.symbol, bar.index, self.account.exact("equity"))

    def on_step(self, step: Any) -> None:
        self.log.append(("step", step.index, self.account.exact("cash")))
        if self.dice.random() < 0.1:
            self.close()
        if self.dice.random() < 0.1:
            self.cancel()
        if self.dice.random() < 0.1:
            self.buy(1, symbol=self.dice.choice(self.symbols), rank=self.dice.random())

    def on_end(self) -> None:
        self.log.append(("end", self.account.exact("equity")))

    def tell(self, hook: str, chance: float, *what: Any) -> None:
        if len(self.symbols) > 1 and self.sight_is_empty():
            self.log.append((hook, *what))
            return
        super().tell(hook, chance, *what)

    def sight_is_empty(self) -> bool:
        try:
            return not len(self.bars)
        except eyas.UsageError:
            return True


SIZES = st.tuples(st.integers(2, 40), st.sampled_from([1, 2, 5]), st.integers(0, 20))


def markets(sizes: list[tuple[int, int, int]], seed: int, *, in_turn: bool = False) -> Market:
    bars = {
        name: walk(seed + place, count, step=step, start=start)
        for place, (name, (count, step, start)) in enumerate(zip("BADC", sizes, strict=False))
    }
    return Market(bars, in_turn=list(bars) if in_turn else None)


@given(st.integers(0, 10**6), st.lists(SIZES, min_size=2, max_size=4), st.booleans())
@searching(60)
def test_the_plain_pump_and_the_kernels_do_the_same(seed: int, sizes: Any, in_turn: bool) -> None:
    rules = Rules(fee_rate=0.001, leverage=3, quantity_step={"A": 1, "B": 0.5})
    runs = [
        played(DiceOnSeveral(seed=seed), markets(sizes, seed, in_turn=in_turn), rules, by_kernel=by_kernel)
        for by_kernel in (True, False)
    ]
    assert runs[0] == runs[1]


@given(st.integers(0, 10**6), st.lists(SIZES, min_size=2, max_size=4), st.lists(st.integers(0, 80)))
@searching(30)
def test_runs_in_chunks_are_the_run(seed: int, sizes: Any, cuts: list[int]) -> None:
    whole = played(DiceOnSeveral(seed=seed), markets(sizes, seed), Rules(), by_kernel=True)
    market = markets(sizes, seed)
    session = Session(DiceOnSeveral(seed=seed), market, Rules(), "10000")
    session.start()
    ends = sorted({0, len(market), *(cut for cut in cuts if cut < len(market))})
    for number, first in enumerate(ends[:-1]):
        if number % 2:
            pump(session, first, ends[number + 1])
        else:
            session.run(first, ends[number + 1])
    session.finish()
    assert (session.account.journal(), session.equity.tolist()) == whole[:2]


def test_the_dice_trade_several_instruments() -> None:
    """A property over runs in which nothing happens would prove nothing."""
    seen: set[tuple[str, int]] = set()
    causes: set[str] = set()
    for seed in range(20):
        market = markets([(40, 1, 0), (20, 2, 5), (8, 5, 0)], seed)
        session = Session(DiceOnSeveral(seed=seed), market, Rules(), "10000")
        session.start()
        session.run(0, len(market))
        session.finish()
        seen |= {(event.kind, event.instrument) for event in session.account.events()}
        causes |= {event.cause for event in session.account.events()}
    assert seen >= {
        (kind, place) for kind in ("filled", "closed", "refused", "cancelled") for place in range(3)
    }
    assert causes >= {"delisted", "end_of_data", "entry", "close"}


# --- orders ---


def one_each(**changes: Any) -> dict[str, Bars]:
    return {"A": bars_at(range(6), price=100), "B": bars_at(range(6), price=50), **changes}


class Asking(eyas.Strategy):
    """Do something for a symbol and a bar, or in a step."""

    def __init__(self, **todo: Any) -> None:
        super().__init__()
        self.todo = todo

    def on_start(self) -> None:
        self.todo.get("start", id)(self)

    def on_bar(self, bar: eyas.Bar) -> None:
        self.todo.get(f"{bar.symbol}{bar.index}", id)(self)

    def on_step(self, step: Any) -> None:
        self.todo.get(f"step{step.index}", id)(self)

    def on_fill(self, fill: eyas.Event) -> None:
        self.todo.get("fill", lambda strategy, event: None)(self, fill)

    def on_end(self) -> None:
        self.todo.get("end", id)(self)


def filled(bars: Any = None, **todo: Any) -> list[tuple[str, float, int]]:
    """Return symbol, quantity and step of the fills but those of the end."""
    report = eyas.backtest(Asking(**todo), bars or one_each())
    events = [report.journal.event(row) for row in report.journal.where("filled").tolist()]
    return [
        (event["symbol"], float(event["quantity"]), event["bar"])
        for event in events
        if event["cause"] != "end_of_data"
    ]


def test_an_order_is_of_the_symbol_that_is_shown_or_named() -> None:
    assert filled(A0=lambda s: s.buy(1)) == [("A", 1, 1)]
    assert filled(B0=lambda s: s.buy(1)) == [("B", 1, 1)]
    assert filled(B0=lambda s: s.sell(1, symbol="A")) == [("A", -1, 1)]
    assert filled(step2=lambda s: s.buy(1, symbol="B")) == [("B", 1, 3)]
    answer = filled(A0=lambda s: s.buy(1), fill=lambda s, event: event.bar == 1 and s.sell(2))
    assert answer == [("A", 1, 1), ("A", -2, 2)]


def test_without_a_symbol_a_step_cannot_order() -> None:
    for todo in ({"step0": lambda s: s.buy(1)}, {"end": lambda s: s.buy(1)}, {"start": lambda s: s.sell(1)}):
        with pytest.raises(
            eyas.StrategyError, match="say which symbol, since no bar is being shown: one of A, B"
        ):
            eyas.backtest(Asking(**todo), one_each())
    with pytest.raises(eyas.StrategyError, match="the run has no symbol 'C'; it has A, B"):
        eyas.backtest(Asking(A0=lambda s: s.buy(1, symbol="C")), one_each())


def test_closing_takes_what_is_shown_and_in_a_step_all() -> None:
    both = {"A0": lambda s: s.buy(1), "B0": lambda s: s.buy(2)}
    entered = [("A", 1, 1), ("B", 2, 1)]
    assert filled(**both, B2=lambda s: s.close()) == [*entered, ("B", -2, 3)]
    assert filled(**both, step2=lambda s: s.close()) == [*entered, ("A", -1, 3), ("B", -2, 3)]
    waiting = {"A0": lambda s: s.buy(1, limit=90), "B0": lambda s: s.buy(1, limit=40)}
    left: list[int] = []
    look = {"step3": lambda s: left.append(len(s.account.waiting_orders))}
    filled(**waiting, A2=lambda s: s.cancel(), **look)
    filled(**waiting, step2=lambda s: s.cancel(), **look)
    assert left == [1, 0]


def test_a_position_is_that_of_the_symbol() -> None:
    seen: list[Any] = []

    def look(strategy: Any) -> None:
        seen.append((strategy.position, strategy.is_flat, strategy.is_long, strategy.is_short))
        seen.append((strategy.position_of("A"), strategy.position_of("B"), strategy.position_of("C")))

    eyas.backtest(
        Asking(A0=lambda s: s.buy(3), B0=lambda s: s.sell(2), A2=look, B2=look),
        one_each(C=bars_at(range(6))),
    )
    positions = (3, -2, 0)
    assert seen == [(3, False, True, False), positions, (-2, False, False, True), positions]
    with pytest.raises(eyas.StrategyError, match="say which symbol"):
        eyas.backtest(Asking(step0=lambda s: s.position), one_each())


def test_bars_are_those_of_the_symbol() -> None:
    seen: list[Any] = []
    ask = {"A0": lambda s: seen.append(s.bars.close[-1]), "B0": lambda s: seen.append(s.bars.close[-1])}
    eyas.backtest(
        Asking(**ask, A1=lambda s: seen.append((s.bars["B"].close[-1], len(s.bars["B"].close)))), one_each()
    )
    assert seen == [100, 50, (50, 2)]
    for todo in ({"step0": lambda s: s.bars.close}, {"start": lambda s: s.bars.close}):
        with pytest.raises(
            eyas.StrategyError, match=r"say whose close, since no bar is being shown: self.bars\["
        ):
            eyas.backtest(Asking(**todo), one_each())
    with pytest.raises(eyas.StrategyError, match="the run has no symbol 'Z'"):
        eyas.backtest(Asking(A0=lambda s: s.bars["Z"]), one_each())


def test_a_bar_that_has_not_closed_is_not_seen() -> None:
    seen: list[int] = []
    bars = {"A": bars_at(range(6)), "B": bars_at([0, 3], "3m")}
    todo = {f"A{at}": lambda s: seen.append(len(s.bars["B"].close)) for at in range(6)}
    eyas.backtest(Asking(**todo), bars)
    assert seen == [0, 0, 1, 1, 1, 2]


def test_indicators_are_of_a_named_symbol() -> None:
    with pytest.raises(eyas.StrategyError, match="say which symbol"):
        eyas.backtest(Asking(start=lambda s: s.use(eyas.indicators.sma, "close", 2)), one_each())

    def mixed(strategy: Any) -> None:
        fast = strategy.use(eyas.indicators.sma, "close", 2, symbol="A")
        strategy.use(eyas.indicators.sma, fast, 2, symbol="B")

    with pytest.raises(eyas.StrategyError, match=r"A sma.close, 2. is not a series of B"):
        eyas.backtest(
            Asking(start=mixed), {name: eyas.bars(one, symbol=name) for name, one in one_each().items()}
        )

    def nested(strategy: Any) -> None:
        fast = strategy.use(eyas.indicators.sma, "close", 2, symbol="A")
        slow = strategy.use(eyas.indicators.sma, fast, 2, symbol="A")
        assert (fast.name, slow.name) == ("A sma(close, 2)", "A sma(sma(close, 2), 2)")
        strategy.use(eyas.indicators.sma, strategy.bars["B"].close, 3, symbol="B")

    report = eyas.backtest(Asking(start=nested), one_each())
    assert list(report.indicators) == ["sma(close, 2)", "sma(sma(close, 2), 2)"]


# --- money and time ---


def test_an_instrument_that_ends_is_delisted() -> None:
    bars = {"A": bars_at(range(3)), "B": bars_at(range(6), price=50)}
    refused: list[str] = []

    class Late(eyas.Strategy):
        def on_bar(self, bar: eyas.Bar) -> None:
            if bar.index == 0:
                self.buy(1)
            if bar.symbol == "B" and bar.index == 4:
                self.buy(1, symbol="A")

        def on_refusal(self, refusal: eyas.Event) -> None:
            refused.append(refusal.refusal)

    report = eyas.backtest(Late(), bars)
    rows = report.trades.select("symbol", "exit_reason", "exit_bar").rows()
    assert rows == [("A", "delisted", 2), ("B", "end_of_data", 5)]
    assert refused == ["instrument_must_be_listed"]
    assert len(report.curve) == 6


def test_an_instrument_that_is_never_traded_changes_nothing() -> None:
    class Trading(eyas.Strategy):
        def on_bar(self, bar: eyas.Bar) -> None:
            if bar.symbol == "B" and self.is_flat:
                self.buy(fraction=0.5, stop_loss=0.02, take_profit=0.03)

    bars = walk(4, 60)
    alone = eyas.backtest(Trading(), {"B": bars}, fee_rate=0.001)
    beside = eyas.backtest(Trading(), {"B": bars, "A": walk(5, 60), "C": walk(6, 60)}, fee_rate=0.001)
    assert beside.curve.tolist() == alone.curve.tolist()
    shared = [name for name in alone.trades.columns if name != "symbol"]
    assert beside.trades.select(shared).equals(alone.trades.select(shared))
    assert alone.summary.trades > 3


def test_instruments_share_cash_and_rank_decides() -> None:
    def ask(strategy: Any) -> None:
        strategy.buy(symbol="A", rank=1)
        strategy.buy(symbol="B", rank=2)

    report = eyas.backtest(Asking(step0=ask), one_each())
    assert report.trades["symbol"].to_list() == ["B"]
    assert report.summary.refused == {"margin must cover order": 1}


def test_terms_are_those_of_the_symbol() -> None:
    todo = {"A0": lambda s: s.buy(1.7), "B0": lambda s: s.buy(1.7)}
    rules: Any = {"fee_rate": {"A": 0.01}, "quantity_step": {"B": 0.5}, "price_decimals": {"A": 4, "B": 6}}
    report = eyas.backtest(Asking(**todo), one_each(), **rules)
    trades = report.trades.sort("symbol")
    assert trades["quantity"].to_list() == [1.7, 1.5]
    assert trades["entry_price"].to_list() == [100, 50]
    assert [round(fee, 9) for fee in trades["fee"].to_list()] == [3.4, 0]
    events = [report.journal.event(row) for row in report.journal.where("filled").tolist()]
    assert {event["symbol"]: str(event["price"]) for event in events} == {"A": "100.0000", "B": "50.000000"}


def test_money_in_another_currency() -> None:
    bars = one_each(EURUSD=bars_at(range(6), price=2))
    report = eyas.backtest(Asking(A1=lambda s: s.buy(10)), bars, currency={"A": "EURUSD"}, fee_fixed={"A": 5})
    assert report.trades["fee"].to_list() == [10]  # in the currency of the instrument
    assert report.summary.equity_final == 10_000 - 20


def test_each_to_its_end_before_the_next() -> None:
    class Once(eyas.Strategy):
        def on_bar(self, bar: eyas.Bar) -> None:
            if bar.index == 0:
                self.buy(fraction=1)

    bars = {"B": walk(4, 20), "A": walk(5, 30)}
    report = eyas.backtest(Once(), bars, rules="desk", cash=1_000, clock="sequential")
    assert report.trades["symbol"].to_list() == ["B", "A"]
    assert report.trades["exit_reason"].to_list() == ["delisted", "end_of_data"]
    first = eyas.backtest(Once(), {"B": bars["B"]}, rules="desk", cash=1_000)
    second = eyas.backtest(Once(), bars["A"], rules="desk", cash=str(first.curve[-1]))
    assert report.curve.tolist() == [*first.curve.tolist(), *second.curve.tolist()]
    assert report.summary.equity_final == second.summary.equity_final
    assert report.summary.bars == 50
    # The same on one clock: cash is shared at the same time.
    merged = eyas.backtest(Once(), bars, rules="desk", cash=1_000)
    assert len(merged.curve) == 30


def test_a_failure_names_its_step_and_keeps_the_run_up_to_there() -> None:
    bars = one_each(C=bars_at([3, 4]))
    with pytest.raises(
        eyas.StrategyError, match=r"^Asking failed on step 2 \(.*\): ZeroDivisionError"
    ) as caught:
        eyas.backtest(Asking(A0=lambda s: s.buy(1), B2=lambda s: 1 / 0), bars)
    report = caught.value.report
    assert caught.value.bar_index == 2
    assert report is not None
    assert len(report.curve) == len(report.time) == 3
    assert [len(one) for one in report.instruments.values()] == [3, 3, 0]
    assert report.summary.bars == 3


def test_do_of_other_tests_runs_on_one_symbol_by_name() -> None:
    report = eyas.backtest(Do(bar0=lambda s: s.buy(1, symbol="A")), {"A": walk(1, 5)})
    assert report.summary.trades == 1
    assert report.title == "Do on A 1m"


def test_a_step_of_instruments_in_turn_is_of_one() -> None:
    told: list[tuple[int, tuple[str, ...]]] = []

    class Steps(eyas.Strategy):
        def on_step(self, step: eyas.Step) -> None:
            told.append((step.index, step.symbols))

    same = bars_at(range(2))
    eyas.backtest(Steps(), {"B": same, "A": same}, clock="sequential")
    assert told == [(0, ("B",)), (1, ("B",)), (2, ("A",)), (3, ("A",))]
    told.clear()
    alone = eyas.bars(same, symbol="X")
    eyas.backtest(Steps(), alone)
    assert told == [(0, ("X",)), (1, ("X",))]
