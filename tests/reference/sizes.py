"""How much an order trades (R23, R29, R30)."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

from .costs import exit_price
from .numbers import UNITS_MAX, money
from .rules import Rules
from .state import Book, State
from .wishes import Order, refuse
from .worth import free_cash, in_account_money, marks, price_and_fee

ZERO = Fraction(0)


def to_step(quantity: Fraction, book: Book, rounding: str) -> Fraction:
    """Return a quantity on the step, down or to the nearest as `rounding` says (R29)."""
    step = book.terms.quantity_step or book.terms.unit
    count = quantity / step
    return step * (round(count) if rounding == "nearest" else math.floor(count))


def share_of(quantity: Fraction, share: Fraction, book: Book, rules: Rules) -> Fraction:
    """Return a share of a quantity on the step, all of it when the share comes to that."""
    return quantity if share >= 1 else to_step(quantity * share, book, rules.rounding)


def room_of(book: Book) -> Fraction | None:
    """Return what a new bar offers: its share of the volume, down to the step; None for no limit."""
    share = book.terms.fill_volume
    if share is None:
        return None
    volume = book.now().volume
    assert volume is not None
    return to_step(volume * share, book, "down")


def within(book: Book, quantity: Fraction) -> Fraction:
    """Return how much of a quantity the bar still offers."""
    return quantity if book.room is None else min(quantity, book.room)


def entry_quantity(state: State, order: Order, reference: Fraction, kind: str) -> Fraction:
    """Return how much an entry wants: the largest quantity that its money pays for (R30)."""
    if order.left is not None:
        return order.left
    book, (name, value) = state.book(order), order.size
    step = book.terms.quantity_step or book.terms.unit
    if name == "quantity":
        return value

    def price(quantity: Fraction) -> Fraction:
        return exit_price(state.rules, book, reference, order.sign, kind, quantity)

    if name == "notional":
        count = largest(lambda count: count * step * price(count * step) <= value)
    else:
        prices, currency = marks(state, book, reference), book.terms.currency
        budget = money(value * free_cash(state, prices))

        def fits(count: int) -> bool:
            quantity = count * step
            cost = price_and_fee(book, quantity, price(quantity), kind)
            return in_account_money(state, {currency: cost}) <= budget

        count = largest(fits)
    if count * step * 10**book.terms.quantity_decimals > UNITS_MAX:
        refuse("quantity_must_be_in_range")
    return count * step


def exit_quantity(
    state: State, order: Order, book: Book, held: Fraction, price: Callable[[], Fraction]
) -> Fraction:
    """Return how much of what is held a close asks for; what is short of all is put on the step (R29)."""
    if order.left is not None:
        return min(order.left, held)
    name, value = order.size
    if name == "quantity":
        return min(value, held)
    if name == "notional":
        unit = book.terms.unit
        wanted = value / price() // unit * unit
        return held if wanted >= held else to_step(wanted, book, "down")
    return share_of(held, value, book, state.rules)


def largest(fits: Callable[[int], bool]) -> int:
    """Return the largest count that fits, 0 for none, or one beyond the range for no end."""
    low, high = 0, 4 * UNITS_MAX
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low
