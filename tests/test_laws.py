"""Laws of money and time that hold whatever the rules: random markets through the kernel's Python shell."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from eyas import _kernel
from tests.reference import kernel
from tests.reference.generate import scenarios
from tests.reference.numbers import exact, read, units
from tests.reference.scenario import Ask, Bar, Cancel, Close, Open, Pair, Played, Scenario
from tests.reference.search import searching

MINUTE = 60_000_000_000


def closes_of(scenario: Scenario) -> list[int]:
    """Return the close that marks each entry of `Played.money`, in units of price."""
    decimals = scenario.price_decimals
    closes = [0]
    for bar in scenario.bars:
        close = read(bar.close, decimals)
        assert close is not None
        closes += [units(close, decimals)] * 2
    return closes + closes[-1:]


def held(events: list[dict[str, Any]]) -> tuple[int, int]:
    """Return the signed quantity that a journal leaves open, and its signed cost: exact sums alone."""
    quantity = cost = 0
    for event in events:
        if event["kind"] != "filled":
            continue
        quantity += event["quantity"]
        # What a fill that closes takes off the cost is its own value less its profit.
        cost += event["quantity"] * event["price"] + event["profit"]
    return quantity, cost


@given(scenarios())
@searching(100)
def test_cash_is_the_sum_of_what_moved_it(scenario: Scenario) -> None:
    played = kernel.play(scenario)
    for money in played.money:
        assert money.cash == sum(event["cash"] for event in played.events[: money.events])


@given(scenarios())
@searching(100)
def test_equity_is_cash_plus_what_is_held(scenario: Scenario) -> None:
    played = kernel.play(scenario)
    on_margin = dict(scenario.rules).get("account") != "cash"
    for money, close in zip(played.money, closes_of(scenario), strict=False):
        quantity, cost = held(played.events[: money.events])
        assert money.equity == money.cash + quantity * close - (cost if on_margin else 0)


@given(scenarios(), st.data())
@searching(100)
def test_cutting_off_the_future_changes_nothing_in_the_past(scenario: Scenario, data: st.DataObject) -> None:
    """R39: all events up to a bar, except those of the end."""
    count = data.draw(st.integers(1, len(scenario.bars)))
    cut = replace(scenario, bars=scenario.bars[:count], asks=scenario.asks[: count + 1])
    before, after = kernel.play(cut), kernel.play(scenario)
    past = [event for event in before.events if event["phase"] != "end"]
    assert past == [event for event in after.events if event["bar"] < count and event["phase"] != "end"]
    assert before.money[: 2 * count + 1] == after.money[: 2 * count + 1]


# --- a refusal changes nothing ---


def without(scenario: Scenario, number: int) -> Scenario:
    """Leave out an order, and close the gap in the numbers."""
    asks, last = [], 0
    for wishes in scenario.asks:
        kept: list[Ask] = []
        for wish in wishes:
            if isinstance(wish, Cancel):
                if wish.order != number:
                    kept.append(Cancel(wish.order - (wish.order > number)))
                continue
            last += 1
            if last == number:
                continue
            kept.append(renumbered(wish, number))
        asks.append(tuple(kept))
    return replace(scenario, asks=tuple(asks))


def renumbered(wish: Ask, number: int) -> Ask:
    """Return a wish that means the same ticket when an order is left out."""
    if not isinstance(wish, Close):
        return wish
    # No order bears the number 0, so a close of it is refused as one of a refused entry is.
    return replace(wish, ticket=0 if wish.ticket == number else wish.ticket - (wish.ticket > number))


def story(played: Played, number: int) -> list[dict[str, Any]]:
    """Return the events of all other orders, renumbered as if that one had never been."""
    events: list[dict[str, Any]] = []
    for event in played.events:
        if event["order"] != number:
            shift = {name: event[name] - (event[name] > number) for name in ("order", "ticket")}
            events.append(event | shift | {"seq": len(events)})
    return events


@given(scenarios(), st.integers(0, 1000))
@searching(150)
def test_a_refused_order_changes_nothing(scenario: Scenario, choice: int) -> None:
    played, said = kernel.play_and_resolve(scenario)
    cancels = "order_must_be_waiting"
    refused = [event["order"] for event in played.events if event["refusal"] not in ("none", cancels)]
    assume(refused)
    number = refused[choice % len(refused)]
    other = kernel.play(without(said, number))
    assert story(played, number) == story(other, 10**9)
    assert [replace(money, events=0) for money in played.money] == [
        replace(money, events=0) for money in other.money
    ]


# --- fills, orders, numbers ---


@given(scenarios(without=("gap",)))
@searching(100)
def test_no_fill_outside_its_bar_or_through_its_limit(scenario: Scenario) -> None:
    """Before costs, with gap=open: at the open, at the close, or inside the range."""
    decimals = scenario.price_decimals
    bars = [
        [int(exact(repr(price)) * 10**decimals) for price in (bar.open, bar.high, bar.low, bar.close)]
        for bar in scenario.bars
    ]
    wishes: dict[int, Ask] = {}
    for asked in scenario.asks:
        for wish in asked:
            if not isinstance(wish, Cancel):
                wishes[len(wishes) + 1] = wish
    for event in kernel.play(scenario).events:
        if event["kind"] != "filled":
            continue
        opened, high, low, close = bars[event["bar"]]
        at = event["reference"]
        allowed = {"open": at == opened, "range": low <= at <= high}.get(event["phase"], at == close)
        assert allowed, event
        filled = wishes.get(event["order"])
        if isinstance(filled, Open) and filled.kind[0] != "market":
            own = int(exact(repr(filled.kind[1])) * 10**decimals)
            below = (filled.kind[0] == "limit") == (filled.side == "buy")
            assert at <= own if below else at >= own, event


@given(scenarios())
@searching(100)
def test_every_order_ends_once_and_every_event_has_its_place(scenario: Scenario) -> None:
    played = kernel.play(scenario)
    assert [event["seq"] for event in played.events] == list(range(len(played.events)))
    state: dict[int, str] = {}
    steps = {
        ("new", "submitted"): "waiting",
        ("new", "refused"): "over",
        ("waiting", "filled"): "over",
        ("waiting", "cancelled"): "over",
        ("waiting", "refused"): "over",
    }
    for event in played.events:
        if event["order"] == 0 or event["kind"] == "closed" or event["refusal"] == "order_must_be_waiting":
            continue
        number = event["order"]
        state[number] = steps[state.get(number, "new"), event["kind"]]
    asked = sum(not isinstance(wish, Cancel) for wishes in scenario.asks for wish in wishes)
    assert sorted(state) == list(range(1, asked + 1))
    assert not scenario.finish or "waiting" not in state.values()


# --- the same market seen in a mirror, and ten times as large ---

COSTS = ("fee_rate", "maker_fee_rate", "fee_fixed", "spread", "slippage", "slippage_on")
MIRROR = 2000.0


def plain(size: Pair) -> Pair:
    """Return a size that does not depend on the price, and that can be scaled by ten without rounding."""
    return ("quantity", 1.0 if size[0] != "quantity" else max(0.5, float(round(size[1]))))


def mapped(scenario: Scenario, change: Any) -> Scenario:
    asks = tuple(
        tuple(wish if isinstance(wish, Cancel) else change(wish) for wish in wishes)
        for wishes in scenario.asks
    )
    return replace(scenario, asks=asks)


def simple(scenario: Scenario) -> Scenario:
    """Lift a scenario 1,000 up, away from zero, with sizes and levels that do not depend on the price."""

    def level(level: Pair | None) -> Pair | None:
        if level is None or level[0] == "distance":
            return level
        return ("distance", 3.0) if level[0] == "fraction" else ("price", level[1] + 900)

    def wish(wish: Any) -> Any:
        if isinstance(wish, Close):
            return replace(wish, size=("fraction", 1.0) if wish.size[0] == "fraction" else plain(wish.size))
        kind = wish.kind if wish.kind[0] == "market" else (wish.kind[0], wish.kind[1] + 900)
        levels = {"stop_loss": level(wish.stop_loss), "take_profit": level(wish.take_profit)}
        return replace(wish, size=plain(wish.size), kind=kind, **levels)

    bars = tuple(
        Bar(bar.time, *(price + 900 for price in (bar.open, bar.high, bar.low, bar.close)))
        for bar in scenario.bars
    )
    return replace(mapped(scenario, wish), bars=bars, cash="1000000000")


def mirrored(scenario: Scenario) -> Scenario:
    """Turn every price upside down and every purchase into a sale."""

    def level(level: Pair | None) -> Pair | None:
        return level if level is None or level[0] != "price" else ("price", MIRROR - level[1])

    def wish(wish: Any) -> Any:
        if isinstance(wish, Close):
            return wish
        side = "sell" if wish.side == "buy" else "buy"
        levels = {"stop_loss": level(wish.stop_loss), "take_profit": level(wish.take_profit)}
        # A market order has no price; one that is given would be stated.
        kind = wish.kind if wish.kind[0] == "market" else (wish.kind[0], MIRROR - wish.kind[1])
        return replace(wish, side=side, kind=kind, **levels)

    bars = tuple(
        Bar(bar.time, *(MIRROR - price for price in (bar.open, bar.low, bar.high, bar.close)))
        for bar in scenario.bars
    )
    return replace(mapped(scenario, wish), bars=bars)


@given(
    scenarios(without=(*COSTS, "account", "short", "leverage", "margin_call", "margin_cap", "price_decimals"))
)
@searching(100)
def test_a_mirrored_market_earns_the_same(scenario: Scenario) -> None:
    scenario = simple(scenario)
    here, there = kernel.play(scenario), kernel.play(mirrored(scenario))
    mirror = int(MIRROR) * 10**8
    for event, other in zip(here.events, there.events, strict=True):
        for name in ("price", "reference", "stop_loss", "take_profit"):
            other[name] = mirror - other[name] if other[name] else 0
        other["quantity"] = -other["quantity"]
        assert event == other
    same = [(money.events, money.cash, money.equity) for money in here.money]
    assert same == [(money.events, money.cash, money.equity) for money in there.money]


@given(
    scenarios(
        without=("fee_fixed", "quantity_step", "price_decimals", "leverage", "margin_call", "margin_cap")
    )
)
@searching(100)
def test_ten_times_the_quantities_move_ten_times_the_money(scenario: Scenario) -> None:
    """Fees by rate scale too: prices, quantities and rates are coarse enough to leave nothing to round."""
    coarse = {"slippage": "0.01", "fee_rate": "0.001", "maker_fee_rate": "-0.0001", "spread": "0.5"}
    rules = tuple((name, coarse.get(name, text)) for name, text in scenario.rules)
    scenario = replace(simple(scenario), rules=rules, cash="20000")
    large = mapped(scenario, lambda wish: replace(wish, size=(wish.size[0], tenfold(wish.size))))
    here, there = kernel.play(scenario), kernel.play(replace(large, cash="200000"))
    for event, other in zip(here.events, there.events, strict=True):
        scaled = {name: event[name] * 10 for name in ("quantity", "fee", "profit", "cash")}
        assert event | scaled == other
    for money, other_money in zip(here.money, there.money, strict=True):
        assert (money.cash * 10, money.equity * 10) == (other_money.cash, other_money.equity)


def tenfold(size: Pair) -> float:
    return size[1] * 10 if size[0] == "quantity" else size[1]


# --- the edges of numbers ---

LARGEST = 2e10
EXTREME = st.one_of(
    st.sampled_from((1e-8, 2e-8, 1.0, 0.99999999, 1e10, LARGEST, 1234567.12345678)),
    st.floats(-8, math.log10(LARGEST)).map(lambda exponent: tidy(max(1e-8, min(LARGEST, 10**exponent)))),
)


def tidy(number: float) -> float:
    """Return a number with no more digits than a float of its size keeps at 8 decimals."""
    return round(number, 8) if number < 1e6 else float(round(number))


GARBAGE = st.one_of(
    EXTREME,
    st.floats(),
    st.sampled_from(
        (math.nan, math.inf, -math.inf, 0.0, -0.0, 5e-324, 1e308, -1e308, -1.0, 1e-9, 2.3e10, 2.4e10)
    ),
)
EXTREME_RULES = {
    "leverage": ("1.000000000001", "1000000", "1"),
    "margin_cap": ("0.000000000001", "1"),
    "margin_call": ("1000", "0.000000000001"),
    "fee_rate": ("0.999999999999", "0.000000000001"),
    "maker_fee_rate": ("-0.999999999999", "0.999999999999"),
    "fee_fixed": ("0.0000000000000001", "20000000000", "0"),
    "spread": ("20000000000", "0.00000001"),
    "slippage": ("0.999999999999", "0.000000000001"),
    "slippage_on": ("market+stop+limit",),
    "quantity_step": ("0.00000001", "1000000", "20000000000"),
    "price_tick": ("0.00000001",),
    "rounding": ("nearest",),
    "account": ("cash",),
    "market_fill": ("close",),
    "exit_fill": ("close",),
    "bracket_from": ("fill_bar",),
    "gap": ("level",),
}


def extreme_rules() -> st.SearchStrategy[list[tuple[str, str]]]:
    """Draw rules at the edges of what they may be."""
    pairs = [(name, text) for name, texts in EXTREME_RULES.items() for text in texts]
    drawn = st.lists(st.sampled_from(pairs), unique_by=lambda pair: pair[0], max_size=8)
    return drawn.filter(lambda rules: possible(dict(rules)))


def possible(rules: dict[str, str]) -> bool:
    if rules.get("account") == "cash" and rules.get("leverage", "1") != "1":
        return False
    return "margin_call" not in rules or rules.get("leverage") == "1000000"


def extreme_wishes(number: st.SearchStrategy[float]) -> st.SearchStrategy[Ask]:
    """Draw wishes whose numbers come from anywhere."""
    sizes = st.tuples(st.sampled_from(("quantity", "notional", "fraction")), number)
    levels = st.none() | st.tuples(st.sampled_from(("price", "distance", "fraction")), number)
    kinds = st.tuples(st.sampled_from(("market", "limit", "stop")), number)
    opens = st.builds(Open, st.sampled_from(("buy", "sell")), sizes, kinds, levels, levels)
    closes = st.builds(Close, st.sampled_from((-1, -2, 0, 2**64 - 1)), sizes)
    return opens | opens | closes | st.builds(Cancel, st.sampled_from((-1, 0, 2**64 - 1)))


def extreme_scenarios(number: st.SearchStrategy[float]) -> st.SearchStrategy[Scenario]:
    """Draw runs over bars that jump from one end of the numbers to the other."""
    rows = st.tuples(
        st.tuples(EXTREME, EXTREME, EXTREME, EXTREME), st.lists(extreme_wishes(number), max_size=3)
    )
    cash = st.sampled_from(("0.0000000000000001", "1", "10000", "999999999999999999999", "23058430092"))
    return st.builds(extreme_scenario, extreme_rules(), cash, st.lists(rows, min_size=1, max_size=12))


def extreme_scenario(rules: list[tuple[str, str]], cash: str, rows: list[Any]) -> Scenario:
    bars, asks = [], [()]
    for index, (prices, wishes) in enumerate(rows):
        low, first, second, high = sorted(prices)
        bars.append(
            Bar(
                (index + 1) * MINUTE,
                *((first, high, low, second) if index % 2 else (second, high, low, first)),
            )
        )
        asks.append(tuple(wishes))
    return Scenario(cash, tuple(rules), tuple(bars), tuple(asks))


def check_money(scenario: Scenario) -> None:
    """Check the laws of money on a run; a panic of the kernel would come out as an exception."""
    played = kernel.play(scenario)
    on_margin = dict(scenario.rules).get("account") != "cash"
    refusals = {event["order"] for event in played.events if event["kind"] == "refused"}
    for money, close in zip(played.money, closes_of(scenario), strict=False):
        past = played.events[: money.events]
        quantity, cost = held(past)
        assert money.cash == sum(event["cash"] for event in past)
        assert money.equity == money.cash + quantity * close - (cost if on_margin else 0)
    for event in played.events:
        moved = event["cash"] or event["fee"] or event["profit"]
        assert event["kind"] in ("filled", "transferred", "closed") or not moved
        assert event["kind"] != "filled" or event["order"] == 0 or event["order"] not in refusals
        assert event["kind"] != "filled" or (event["price"] > 0 and event["quantity"] != 0)


@given(extreme_scenarios(EXTREME))
@searching(200)
def test_extreme_numbers_work_or_are_refused(scenario: Scenario) -> None:
    check_money(scenario)


@given(extreme_scenarios(GARBAGE))
@searching(200)
def test_garbage_is_refused_and_moves_no_money(scenario: Scenario) -> None:
    check_money(scenario)


@given(st.text(max_size=40), st.sampled_from(sorted(name for name, _ in _kernel.RULES)), st.text(max_size=12))
@searching(100)
def test_any_text_is_a_rule_or_an_error(cash: str, name: str, text: str) -> None:
    try:
        account = _kernel.Account(cash, [(name, text)])
    except ValueError:
        pass
    else:
        assert kernel.units_of(account.exact("cash")) > 0
