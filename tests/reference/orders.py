"""Orders of the reference market: what is asked for in floats, checked for its form (R5, R29)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import NoReturn

from .numbers import RATE_DECIMALS, read, rounded
from .rules import Rules
from .scenario import Close, Open, Pair

Level = tuple[str, Fraction]


class RefusedError(Exception):
    """An order may not be: the reason by name."""


@dataclass
class Order:
    """One accepted wish; `sign` is 1 for a buy and -1 for a sale."""

    number: int
    sign: int
    kind: str
    price: Fraction
    size: tuple[str, Fraction]
    stop_loss: Level | None = None
    take_profit: Level | None = None
    closes: int = 0

    @property
    def stated_quantity(self) -> Fraction:
        """Its signed quantity, 0 when that is decided at the fill."""
        name, value = self.size
        return self.sign * value if name == "quantity" else Fraction(0)


def refuse(reason: str) -> NoReturn:
    raise RefusedError(reason)


def to_step(quantity: Fraction, rules: Rules) -> Fraction:
    """Return a quantity on the step, down or to the nearest as `rounding` says (R29)."""
    step = rules.quantity_step or Fraction(1, 10**rules.quantity_decimals)
    count = quantity / step
    return step * (round(count) if rules.rounding == "nearest" else math.floor(count))


def size_of(size: Pair, rules: Rules) -> tuple[str, Fraction]:
    """Read the size of an order."""
    name, value = size
    if math.isnan(value):
        refuse("quantity_must_be_a_number")
    if name == "fraction":
        fraction = read(value, RATE_DECIMALS)
        if fraction is None or not 0 < fraction <= 1:
            refuse("fraction_must_be_above_zero_to_one")
        return name, fraction
    number = read(value, rules.quantity_decimals if name == "quantity" else 6)
    if value <= 0 or number == 0:
        refuse("quantity_must_be_positive")
    if number is None:
        refuse("quantity_must_be_in_range")
    return name, number


def price_of(kind: Pair, rules: Rules) -> Fraction:
    """Read the price of a limit or stop order; a market order's is 0."""
    name, value = kind
    if name == "market":
        return Fraction(0)
    if math.isnan(value):
        refuse("price_must_be_a_number")
    price = read(value, rules.price_decimals)
    if value <= 0 or price == 0:
        refuse("price_must_be_positive")
    if price is None:
        refuse("price_must_be_in_range")
    return price


def level_of(level: Pair | None, rules: Rules, wrong: str) -> Level | None:
    """Read a stop or target."""
    if level is None:
        return None
    name, value = level
    if math.isnan(value):
        refuse("level_must_be_a_number")
    number = read(value, RATE_DECIMALS if name == "fraction" else rules.price_decimals)
    if number is None or number <= 0:
        refuse(wrong)
    return name, number


def on_step(size: tuple[str, Fraction], rules: Rules) -> tuple[str, Fraction]:
    """Round a stated quantity to the step; zero is refused (R29). A venue must be told a quantity."""
    name, value = size
    if rules.matching == "elsewhere" and name != "quantity":
        refuse("quantity_must_be_given")
    if name == "quantity" and rules.quantity_step:
        value = to_step(value, rules)
        if value == 0:
            refuse("quantity_must_reach_step")
    return name, value


def on_tick(price: Fraction, rules: Rules) -> None:
    """Refuse a price that is off the tick (R29)."""
    if rules.price_tick and price % rules.price_tick:
        refuse("price_must_be_on_tick")


def standing(order: Order, fill: Fraction, reference: Fraction, rules: Rules) -> list[Fraction | None]:
    """Return where stop and target stand once an entry fills (R10), both beyond the price before costs."""
    prices: list[Fraction | None] = []
    away = {"stop": -order.sign, "target": order.sign}
    for word, level in (("stop", order.stop_loss), ("target", order.take_profit)):
        prices.append(level and level_price(level, fill, away[word], rules))
        if prices[-1] is not None and prices[-1] <= 0:
            refuse(f"{word}_must_be_beyond_price")
    for word, price in zip(away, prices, strict=True):
        if price is not None and not (price - reference) * away[word] > 0:
            refuse(f"{word}_must_be_beyond_price")
    return prices


def level_price(level: Level, fill: Fraction, toward: int, rules: Rules) -> Fraction:
    """Return the price of a level; `toward` is 1 when it lies above the fill and -1 below."""
    name, value = level
    if name == "price":
        return value
    return rounded(fill + toward * (value if name == "distance" else fill * value), rules.price_decimals)


def entry_of(number: int, wish: Open, rules: Rules, *, priced: bool, running: bool) -> Order:
    """Return the order that a wish for a ticket makes; `priced` says whether a price is known already."""
    sign = 1 if wish.side == "buy" else -1
    price = price_of(wish.kind, rules)
    size = size_of(wish.size, rules)
    stop = level_of(wish.stop_loss, rules, "stop_must_be_beyond_price")
    target = level_of(wish.take_profit, rules, "target_must_be_beyond_price")
    if not running:
        refuse("run_must_be_open")
    size = on_step(size, rules)
    on_tick(price, rules)
    if wish.kind[0] == "market" and rules.market_fill == "close" and not priced:
        refuse("price_must_be_known")
    for level in (stop, target):
        if level is not None and level[0] == "price":
            on_tick(level[1], rules)
    order = Order(number, sign, wish.kind[0], price, size, stop, target)
    if order.kind != "market":
        standing(order, price, price, rules)
    return order


def close_of(
    number: int, wish: Close, rules: Rules, direction: int | None, *, priced: bool, running: bool
) -> Order:
    """Return the order that a wish to close makes; `direction` is the ticket's, None when it is not open."""
    size = size_of(wish.size, rules)
    if not running:
        refuse("run_must_be_open")
    size = on_step(size, rules)
    if rules.exit_fill == "close" and not priced:
        refuse("price_must_be_known")
    if direction is None:
        refuse("ticket_must_be_open")
    return Order(number, -direction, "market", Fraction(0), size, closes=wish.ticket)
