"""What a strategy reads and asks for: each call becomes the order that it says, or a sentence."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import eyas
from eyas.model import Bars
from eyas.strategy import Level
from tests.test_session import bars_of

BARS = bars_of([100, 101, 102, 103, 104, 105])


class Do(eyas.Strategy):
    """Do in each hook what it is told; keep what came of it."""

    def __init__(self, **todo: Callable[[Any], Any]) -> None:
        super().__init__()
        self.todo = todo

    def on_start(self) -> None:
        self.todo.get("start", id)(self)

    def on_bar(self, bar: eyas.Bar) -> None:
        self.todo.get(f"bar{bar.index}", id)(self)

    def on_end(self) -> None:
        self.todo.get("end", id)(self)


def events(kind: str, bars: Bars = BARS, **todo: Any) -> list[dict[str, Any]]:
    """Return the exact events of a kind that a run brings."""
    rules = todo.pop("rules", None)
    journal = eyas.backtest(Do(**todo), bars, rules=rules).journal
    return [journal.event(row) for row in journal.where(kind).tolist()]


def failure(**todo: Any) -> str:
    """Return the sentence of the UsageError that ends a run."""
    with pytest.raises(eyas.StrategyError) as caught:
        eyas.backtest(Do(**todo), BARS)
    assert isinstance(caught.value.__cause__, eyas.UsageError)
    return str(caught.value.__cause__)


# --- orders ---


@pytest.mark.parametrize(
    ("ask", "quantity", "price"),
    [
        (lambda s: s.buy(2), 2, 0),
        (lambda s: s.buy(quantity=2), 2, 0),
        (lambda s: s.sell(2), -2, 0),
        (lambda s: s.buy(2, limit=90), 2, 90),
        (lambda s: s.sell(2, stop=90), -2, 90),
        (lambda s: s.buy(np.float64(2), limit=np.int64(90)), 2, 90),
        (lambda s: s.buy(2, limit=s.bars.close - 1), 2, 99),  # a series calculates to a number
        (lambda s: s.buy(2, limit=s.bars.close), 2, 100),  # and is one
        (lambda s: s.buy(notional=500), 0, 0),
        (lambda s: s.buy(fraction=0.5), 0, 0),
        (lambda s: s.buy(), 0, 0),
    ],
)
def test_an_order_is_what_was_asked_for(ask: Any, quantity: int, price: int) -> None:
    [submitted] = events("submitted", bar0=ask)
    assert (submitted["quantity"], submitted["price"], submitted["order"]) == (quantity, price, 1)


@pytest.mark.parametrize(
    ("ask", "filled"),
    [
        (lambda s: s.buy(fraction=0.5), 50),
        (lambda s: s.buy(), 100),
        (lambda s: s.buy(notional=500), 5),
        (lambda s: s.sell(notional=500), -5),
    ],
)
def test_a_size_is_decided_at_the_fill(ask: Any, filled: int) -> None:
    assert events("filled", bar0=ask)[0]["quantity"] == filled


@pytest.mark.parametrize(
    ("sizes", "named"),
    [
        ({"quantity": 1, "notional": 3}, "quantity and notional"),
        ({"notional": 1, "fraction": 1}, "notional and fraction"),
        ({"quantity": 1, "notional": 3, "fraction": 0.1}, "quantity and notional and fraction"),
        ({"quantity": 0, "fraction": 0}, "quantity and fraction"),
    ],
)
def test_two_sizes_at_once_are_refused_by_a_sentence(sizes: Any, named: str) -> None:
    for verb in ("buy", "sell"):
        sentence = failure(bar0=lambda s, verb=verb: getattr(s, verb)(**sizes))
        assert sentence == f"give one of quantity, notional, fraction, not {named}"


@pytest.mark.parametrize("value", [64_000, 1, 1.0, float("inf")])
def test_a_price_as_stop_loss_gets_a_hint(value: float) -> None:
    sentence = failure(bar0=lambda s: s.buy(1, stop_loss=value))
    assert sentence.startswith(f"stop_loss={value} would be ")
    assert sentence.endswith(f"for a price write eyas.at({value}), for a distance eyas.away({value})")


def test_a_price_as_take_profit_gets_a_hint() -> None:
    assert "take_profit=64000 would be 6400000% of the entry" in failure(
        bar0=lambda s: s.buy(1, take_profit=64_000)
    )


@pytest.mark.parametrize(
    ("level", "stop", "target"),
    [
        (0.1, 90, 110),
        (eyas.away(5), 95, 105),
        (np.float64(0.1), 90, 110),
        (Level("fraction", 2.0), None, 300),
    ],
)
def test_levels_stand_where_they_were_asked_for(level: Any, stop: Any, target: Any) -> None:
    held: list[tuple[float | None, float | None]] = []

    def look(strategy: eyas.Strategy) -> None:
        [ticket] = strategy.account.tickets
        held.append((ticket.stop_loss, ticket.take_profit))

    flat = bars_of([100] * 6)
    eyas.backtest(
        Do(bar0=lambda s: s.buy(1, stop_loss=None if stop is None else level, take_profit=level), bar1=look),
        flat,
    )
    eyas.backtest(Do(bar0=lambda s: s.buy(1, stop_loss=eyas.at(80)), bar1=look), flat)
    assert held == [(stop, target), (80, None)]


def test_levels_are_values() -> None:
    assert eyas.at(5) == Level("price", 5.0) == ("price", 5.0)
    assert eyas.away(np.int64(5)) == Level("distance", 5.0)
    for wrong in ("x", None, (1, 2)):
        with pytest.raises((TypeError, ValueError)):
            eyas.at(wrong)  # type: ignore[arg-type]


# --- closing and cancelling ---


def test_close_takes_every_ticket_and_says_its_orders() -> None:
    numbers: list[list[int]] = []
    closed = events(
        "closed",
        bar0=lambda s: (s.buy(1), s.sell(2)),
        bar2=lambda s: numbers.append(s.close()),
        bar4=lambda s: numbers.append(s.close()),
    )
    assert numbers == [[3, 4], []]
    assert [(event["ticket"], event["order"], event["bar"]) for event in closed] == [(1, 3, 3), (2, 4, 3)]


@pytest.mark.parametrize(
    ("how", "left"),
    [
        ({"fraction": 0.25}, 7.5),
        ({"quantity": 4}, 6),
        ({"quantity": 99}, 0),
        ({}, 0),
        ({"fraction": 1}, 0),
    ],
)
def test_a_ticket_closes_in_part(how: Any, left: float) -> None:
    held: list[float] = []
    todo = {"bar0": lambda s: s.buy(10), "bar1": lambda s: s.close(1, **how)}
    eyas.backtest(Do(**todo, bar2=lambda s: held.append(s.position)), BARS)
    assert held == [left]


def test_close_takes_one_size() -> None:
    sentence = failure(bar0=lambda s: s.buy(2), bar1=lambda s: s.close(1, quantity=1, fraction=0.5))
    assert sentence == "give one of quantity, fraction, not quantity and fraction"


def test_cancel_takes_back_one_order_or_all() -> None:
    def ask(strategy: eyas.Strategy) -> None:
        for price in (90, 91, 92):
            strategy.buy(1, limit=price)

    one = events("cancelled", bar0=ask, bar1=lambda s: s.cancel(2))
    assert [(event["order"], event["bar"]) for event in one if event["cause"] == "request"] == [(2, 1)]
    every = events("cancelled", bar0=ask, bar1=lambda s: s.cancel())
    assert [(event["order"], event["bar"], event["cause"]) for event in every] == [
        (1, 1, "request"),
        (2, 1, "request"),
        (3, 1, "request"),
    ]


def test_a_strategy_reads_what_it_holds() -> None:
    seen: list[Any] = []

    def look(strategy: Do) -> None:
        seen.append(
            (strategy.position, strategy.is_flat, strategy.is_long, strategy.is_short, len(strategy.bars))
        )

    todo = {"bar0": lambda s: (look(s), s.buy(2)), "bar1": lambda s: (look(s), s.sell(2), s.sell(1))}
    eyas.backtest(Do(**todo, bar2=look, end=look), BARS)
    assert seen == [
        (0, True, False, False, 1),
        (2, False, True, False, 2),
        (-1, False, False, True, 3),
        (0, True, False, False, 6),  # what was open has been closed
    ]


def test_the_last_closes_are_told_before_the_end() -> None:
    told: list[str] = []

    class Told(eyas.Strategy):
        def on_bar(self, bar: eyas.Bar) -> None:
            if bar.index == 0:
                self.buy(2)

        def on_fill(self, fill: eyas.Event) -> None:
            told.append(fill.cause)

        def on_refusal(self, refusal: eyas.Event) -> None:
            told.append(refusal.refusal)

        def on_end(self) -> None:
            told.append("end")
            self.buy(1)

    eyas.backtest(Told(), BARS)
    assert told == ["entry", "end_of_data", "end", "run_must_be_open"]


def test_an_async_hook_is_refused() -> None:
    class Late(eyas.Strategy):
        async def on_bar(self, bar: eyas.Bar) -> None: ...

    with pytest.raises(
        eyas.UsageError, match=r"Late\.on_bar is async, but a strategy is called and not awaited"
    ):
        eyas.backtest(Late(), BARS)


def test_time_belongs_to_the_run() -> None:
    with pytest.raises(eyas.StrategyError, match="time is moved by the run"):
        eyas.backtest(Do(bar1=lambda s: s.account.finish()), BARS)


def test_tickets_and_orders_stand_for_their_numbers() -> None:
    todo = {
        "bar0": lambda s: (s.buy(2), s.buy(1, limit=1.0)),
        "bar1": lambda s: (s.close(s.account.tickets[0]), s.cancel(s.account.waiting_orders[0])),
    }
    report = eyas.backtest(Do(**todo), BARS)
    assert report.trades["exit_reason"].to_list() == ["close"]
    with pytest.raises(eyas.StrategyError, match="so none has the number -1"):
        eyas.backtest(Do(bar0=lambda s: s.close(-1)), BARS)


def test_a_runs_own_attributes_cannot_be_met() -> None:
    class Mine(eyas.Strategy):
        def on_start(self) -> None:
            self._history: list[float] = []
            self._columns = self._indicators = self._run = None
            self.average = self.use(eyas.indicators.sma, "close", 2)

    assert list(eyas.backtest(Mine(), BARS).indicators) == ["sma(close, 2)"]


def test_hedged_tickets_are_not_flat() -> None:
    seen: list[Any] = []
    todo = {"bar0": lambda s: (s.buy(2), s.sell(2))}
    look = lambda s: seen.append((s.position, s.is_flat, s.is_long, s.is_short))  # noqa: E731
    eyas.backtest(Do(**todo, bar1=look), BARS)
    assert seen == [(0, False, False, False)]


@pytest.mark.parametrize("name", ["position", "is_flat", "is_long", "parameters"])
def test_what_is_read_cannot_be_set(name: str) -> None:
    with pytest.raises(eyas.StrategyError, match="has no setter"):
        eyas.backtest(Do(bar0=lambda s: setattr(s, name, 1)), BARS)


# --- indicators ---


def used(function: Any, *arguments: Any, **options: Any) -> dict[str, list[float]]:
    """Return the indicators of a run by name."""
    report = eyas.backtest(Do(start=lambda s: s.use(function, *arguments, **options)), BARS)
    return {name: values.tolist() for name, values in report.indicators.items()}


def double(values: Any, by: float = 2) -> Any:
    return values * by


CLOSES = BARS.close.tolist()


@pytest.mark.parametrize(
    "function",
    [
        lambda close: close,
        lambda close: close.tolist(),
        lambda close: close.astype(np.int64),
        lambda close: close.astype(np.float32),
        lambda close: np.repeat(close, 2)[::2],
    ],
)
def test_whatever_gives_one_number_a_bar_is_an_indicator(function: Any) -> None:
    assert used(function, "close") == {"<lambda>(close)": CLOSES}


def test_an_indicator_may_be_a_tuple() -> None:
    assert used(lambda high, low: (high, low), "high", "low") == {
        "<lambda>(high, low)[0]": BARS.high.tolist(),
        "<lambda>(high, low)[1]": BARS.low.tolist(),
    }


def test_columns_and_series_stand_for_their_arrays_also_by_keyword() -> None:
    def start(strategy: Do) -> None:
        first = strategy.use(double, "close")
        strategy.use(double, first)
        strategy.use(double, strategy.bars.volume, 3)
        strategy.use(double, values="close", by=3)

    found = eyas.backtest(Do(start=start), BARS).indicators
    assert {name: values.tolist() for name, values in found.items()} == {
        "double(close)": [2 * close for close in CLOSES],
        "double(double(close))": [4 * close for close in CLOSES],
        "double(volume, 3)": [3.0] * 6,
        "double(close, 3)": [3 * close for close in CLOSES],
    }


def test_equal_labels_are_told_apart() -> None:
    def start(strategy: Do) -> None:
        again = [strategy.use(double, "close") for _ in range(3)]
        lambdas = [strategy.use(lambda close, by=by: close * by, "close") for by in (1, 5)]
        strategy.use(double, lambdas[0])
        strategy.use(double, lambdas[1])
        assert [series.name for series in again] == ["double(close)", "double(close)#2", "double(close)#3"]

    found = eyas.backtest(Do(start=start), BARS).indicators
    assert found["double(<lambda>(close))"].tolist() == [2 * close for close in CLOSES]
    assert found["double(<lambda>(close)#2)"].tolist() == [10 * close for close in CLOSES]


def test_a_function_without_a_name_is_an_indicator() -> None:
    assert list(used(functools.partial(double, by=4), "close")) == ["indicator(close)"]
    assert list(used(double, np.arange(6.0), 2)) == ["double(…, 2)"]


@pytest.mark.parametrize(
    ("function", "shape"),
    [
        (lambda close: close[:-1], "(5,)"),
        (lambda close: np.append(close, 1), "(7,)"),
        (lambda close: np.stack([close, close]), "(2, 6)"),
        (lambda close: close.reshape(6, 1), "(6, 1)"),
        (lambda close: [close, close], "(2, 6)"),
        (lambda close: 5.0, "(1,)"),
        (lambda close: None, "(1,)"),
        (lambda close: [], "(0,)"),
    ],
)
def test_an_array_of_another_shape_gets_a_sentence(function: Any, shape: str) -> None:
    sentence = failure(start=lambda s: s.use(function, "close"))
    assert sentence == (
        f"<lambda>(close) gave an array of shape {shape} for 6 bars: "
        "an indicator gives one float a bar, NaN while it warms up"
    )


def test_a_tuple_with_one_wrong_array_names_it() -> None:
    sentence = failure(start=lambda s: s.use(lambda close: (close, close[1:]), "close"))
    assert sentence.startswith("<lambda>(close)[1] gave an array of shape (5,) for 6 bars")


@pytest.mark.parametrize("hook", ["bar0", "bar3", "end"])
def test_use_belongs_in_on_start(hook: str) -> None:
    sentence = failure(**{hook: lambda s: s.use(double, "close")})
    assert sentence == "use(...) belongs in on_start: an indicator is computed once, before the first bar"


def test_an_indicator_cannot_write_what_it_reads_and_leaves_a_callers_array_alone() -> None:
    def spoil(close: Any) -> Any:
        close[0] = 1
        return close

    with pytest.raises(eyas.StrategyError, match="read-only"):
        eyas.backtest(Do(start=lambda s: s.use(spoil, "close")), BARS)
    mine = np.arange(6.0)
    eyas.backtest(Do(start=lambda s: s.use(lambda close: mine, "close")), BARS)
    mine[0] = 5.0  # still the caller's own


def test_an_indicator_sees_whole_columns_once() -> None:
    calls: list[int] = []

    def count(values: Any) -> Any:
        calls.append(len(values))
        return values

    eyas.backtest(Do(start=lambda s: s.use(count, "close")), BARS)
    assert calls == [6, 4]  # and once more on the first bars alone, to see that nothing looks ahead
