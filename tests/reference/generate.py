"""Random scenarios on coarse grids, so that touches, ties, gaps and equal prices happen often."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from .numbers import exact, rounded
from .scenario import Apply, Ask, Bar, Cancel, Close, Open, Pair, Scenario

MINUTE = 60_000_000_000
# Of each rule its default (left out) and the texts worth trying.
TEXTS: dict[str, tuple[str, ...]] = {
    "market_fill": ("close", "next_open"),
    "exit_fill": ("close", "next_open"),
    "bracket_from": ("fill_bar", "after_fill", "auto"),
    "gap": ("level", "open"),
    "tie": ("target", "nearest_to_open", "stop"),
    "reentry_same_bar": ("no", "yes"),
    "short": ("no", "yes"),
    "tickets_max": ("1", "2", "3", "none"),
    "account": ("cash", "margin"),
    "leverage": ("2", "3", "25", "1.5", "1.7"),
    "margin_cap": ("0.8", "0.5", "0.333333333333", "1"),
    "margin_call": ("1", "0.5", "2", "none"),
    "fee_rate": ("0.001", "0.0006", "0.000333333333", "0.25", "0"),
    "maker_fee_rate": ("0.0002", "-0.0001", "0", "none", "-0.3"),
    "fee_fixed": ("1", "0.05", "0.0000000000000001", "0"),
    "spread": ("0.02", "1", "0.00000001", "2"),
    "slippage": ("0.0001", "0.01", "0.000333333333"),
    "slippage_on": ("market+stop+limit", "limit", "none", "market", "stop"),
    "quantity_step": ("1", "0.5", "0.001", "0.3", "0"),
    "price_tick": ("1", "0.5", "0.01", "0"),
    "rounding": ("nearest", "down"),
    "end_policy": ("mark_only", "close_last"),
    "price_decimals": ("2", "0", "4", "11", "14"),
}


def possible(rules: dict[str, str]) -> dict[str, str]:
    """Drop what R38 refuses, and what the decimals cannot say."""
    price_decimals = int(rules.get("price_decimals", "8"))
    decimals = {"spread": price_decimals, "price_tick": price_decimals, "quantity_step": 16 - price_decimals}
    rules = {
        name: text
        for name, text in rules.items()
        if name not in decimals or rounded(exact(text), decimals[name]) == exact(text)
    }
    if rules.get("account") == "cash":
        rules.pop("leverage", None)
    if rules.get("leverage") in (None, "0.5"):
        rules.pop("margin_call", None)
    return rules


def rule_sets(without: tuple[str, ...] = ()) -> st.SearchStrategy[dict[str, str]]:
    """Draw a few rules, or about half of them all."""
    names = [name for name in TEXTS if name not in without]
    few = st.lists(st.sampled_from([(name, text) for name in names for text in TEXTS[name]]), max_size=4).map(
        dict
    )
    every = st.fixed_dictionaries({name: st.none() | st.sampled_from(TEXTS[name]) for name in names})
    many = every.map(lambda rules: {name: text for name, text in rules.items() if text is not None})
    return st.one_of(few, many).map(possible)


# --- pieces drawn in whole ticks, so that a scenario is one draw of static strategies and shrinks well ---

Step = tuple[int, int, int, int]
STEPS = st.tuples(
    st.sampled_from((0, 0, 0, 1, -1, 2, -2, 5, -5)),
    st.integers(-4, 4),
    st.sampled_from((0, 0, 1, 2, 4)),
    st.sampled_from((0, 0, 1, 2, 4)),
)
SIZES: st.SearchStrategy[Pair] = st.sampled_from(
    [("quantity", size) for size in (1.0, 2.0, 0.5, 3.0, 10.0, 0.001, 7.77777777, 50.0, 200.0, 1e-8)]
    + [("fraction", size) for size in (1.0, 0.5, 0.95, 0.1, 0.333333333333, 1e-6)]
    + [("notional", size) for size in (100.0, 1000.0, 333.33, 5000.0, 20000.0, 0.5, 0.000001)]
)
VENUE_SIZES: st.SearchStrategy[Pair] = st.sampled_from(
    [("quantity", size) for size in (1.0, 2.0, 0.5, 0.25, 4.0, 200.0, 3.33333333)] + [("fraction", 1.0)]
)
# A price level and a distance count in ticks here; the wrong side of the price comes now and then.
LEVELS: st.SearchStrategy[Pair | None] = st.one_of(
    st.none(),
    st.sampled_from([("price", ticks) for ticks in (2.0, 1.0, 3.0, 4.0, 6.0, 0.0, -1.0)]),
    st.sampled_from([("distance", ticks) for ticks in (2.0, 1.0, 3.0, 0.5, 5.0)]),
    st.sampled_from([("fraction", share) for share in (0.02, 0.01, 0.05, 0.0333, 0.5, 1.0)]),
)
KINDS = st.tuples(st.sampled_from(("market", "market", "limit", "stop")), st.integers(-6, 6))
SIDES = st.sampled_from(("buy", "buy", "sell"))
NUMBERS = st.sampled_from((-1, -1, -2, -1, -2, -3, 0, 5, 11, 23))
CASH = ("10000", "1000", "10000", "1000", "150", "123456.789", "77.7777777777777777", "0.0000000000000001")
WHAT = st.sampled_from(("open",) * 6 + ("close",) * 3 + ("cancel",))
VENUE_WHAT = st.sampled_from(("open",) * 3 + ("close",) * 2 + ("apply",) * 6 + ("cancel",))


def wishes(venue: bool) -> st.SearchStrategy[list[Any]]:
    """Draw up to three wishes; those to a venue mostly state a quantity."""
    what, sizes = (VENUE_WHAT, VENUE_SIZES) if venue else (WHAT, SIZES)
    return st.lists(st.tuples(what, SIDES, sizes, KINDS, LEVELS, LEVELS, NUMBERS, st.booleans()), max_size=3)


def rows(most: int, venue: bool) -> st.SearchStrategy[list[tuple[Step, list[Any]]]]:
    """Draw bars and what is asked on each; half of the runs are long."""
    row = st.tuples(STEPS, wishes(venue))
    return st.lists(row, min_size=1, max_size=most) | st.lists(row, min_size=most // 3, max_size=most)


def bars_of(steps: list[Step], start: int, tick: float) -> tuple[Bar, ...]:
    """Return bars that walk in whole ticks and never fall below one tick."""
    close, bars = start, []
    for index, (gap, body, above, below) in enumerate(steps):
        opened = max(1, close + gap)
        close = max(1, opened + body)
        high, low = max(opened, close) + above, max(1, min(opened, close) - below)
        bars.append(Bar((index + 1) * MINUTE, *(price * tick for price in (opened, high, low, close))))
    return tuple(bars)


def level_of(level: Pair | None, price: float, tick: float) -> Pair | None:
    """Return a level around a price; `tick` is negative below it."""
    if level is None or level[0] == "fraction":
        return level
    name, ticks = level
    return name, price + ticks * tick if name == "price" else ticks * abs(tick)


def wish_of(drawn: Any, bar: Bar, tick: float, numbers: int, *, venue: bool) -> Ask:
    """Return a wish around a bar's close; `numbers` is how many orders there are so far.

    A close or cancel names one of all numbers so far and one more, or counts those that are there.
    """
    what, side, size, (kind, ticks), stop, target, number, whole = drawn
    if number >= 0:
        number %= numbers + 2
    if what == "cancel":
        return Cancel(number)
    if what == "close":
        return Close(number, ("fraction", 1.0) if whole and not venue else size)
    price = max(tick, bar.close + ticks * tick)
    if what == "apply":
        # Whole sizes fill what was asked for, others a part of it, or too much.
        quantity = 1.0 if size[0] != "quantity" else size[1] if whole else size[1] / 2
        fee = "-0.01" if stop is None else "0.0000000000000001" if target is None else "0.25"
        return Apply(number, repr(price), f"{quantity:.8f}", fee, bar.time + 1)
    own = 0.0 if kind == "market" else price
    up = tick if side == "buy" else -tick
    near = own or bar.close
    return Open(side, size, (kind, own), level_of(stop, near, -up), level_of(target, near, up))


def scenario_of(
    rules: dict[str, str],
    cash: str,
    grid: tuple[int, float],
    first: list[Any],
    drawn: list[Any],
    finish: bool,
) -> Scenario:
    """Build a whole run from what was drawn."""
    start, tick = grid
    tick = max(tick, 10.0 ** -int(rules.get("price_decimals", "8")))
    bars = bars_of([step for step, _ in drawn], start, tick)
    asks, numbers = [], 0
    before = Bar(7, *[bars[0].open] * 4)
    for bar, wished in zip((before, *bars), (first, *(wished for _, wished in drawn)), strict=True):
        now = []
        for wish in wished:
            now.append(wish_of(wish, bar, tick, numbers, venue="matching" in rules))
            numbers += wish[0] in ("open", "close")
        asks.append(tuple(now))
    return Scenario(cash, tuple(rules.items()), bars, tuple(asks), finish)


GRIDS = ((100, 1.0), (100, 0.5), (10, 1.0), (10, 0.25), (3, 0.25))


def scenarios(
    without: tuple[str, ...] = (), most: int = 40, *, venue: bool = False
) -> st.SearchStrategy[Scenario]:
    """Draw a whole run, matched here or by a venue."""
    rules = rule_sets(without)
    if venue:
        rules = rules.map(lambda rules: rules | {"matching": "elsewhere"})
    money, grid = st.sampled_from(CASH), st.sampled_from(GRIDS)
    return st.builds(scenario_of, rules, money, grid, wishes(venue), rows(most, venue), st.booleans())
