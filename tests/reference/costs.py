"""What a fill costs (R7, R12, R26)."""

from __future__ import annotations

from fractions import Fraction

from .numbers import RATE_DECIMALS, UNITS_MAX, money, rounded
from .rules import Rules
from .state import Book

ZERO = Fraction(0)
# What an order's kind counts as: for spread and slippage, and for the fee.
COST_KINDS = {
    "market": "market",
    "market_if_touched": "market",
    "stop": "stop",
    "trailing_stop": "stop",
    "limit": "limit",
    "stop_limit": "limit",
    "limit_if_touched": "limit",
}


def slippage_rate(book: Book, quantity: Fraction) -> Fraction:
    """Return the slippage of a fill of so much of the bar's volume."""
    terms = book.terms
    if not terms.slippage_volume:
        return terms.slippage
    volume = book.now().volume
    taken = quantity / volume if volume else Fraction(1)
    return terms.slippage + rounded(terms.slippage_volume * taken, RATE_DECIMALS)


def fill_price(
    rules: Rules, book: Book, reference: Fraction, sign: int, kind: str, quantity: Fraction = ZERO
) -> Fraction:
    """Return (p ± (spread/2 + ticks))·(1 ± slippage), rounded once (R7)."""
    if kind not in rules.slippage_on:
        return reference
    terms = book.terms
    half = (terms.spread + terms.spread_rate * reference) / 2 + terms.slippage_ticks * terms.price_tick
    quoted, factor = reference + sign * half, 1 + sign * slippage_rate(book, quantity)
    if quoted <= 0 or factor <= 0:
        return ZERO  # no price: costs would take more than there is
    price = quoted * factor
    return rounded(price, terms.price_decimals)


def in_range(book: Book, price: Fraction) -> bool:
    return bool(0 < price * 10**book.terms.price_decimals <= UNITS_MAX)


def exit_price(
    rules: Rules, book: Book, reference: Fraction, sign: int, kind: str, quantity: Fraction = ZERO
) -> Fraction:
    """Return the price of an exit: one that costs would move out of range is the last that is in it."""
    price = fill_price(rules, book, reference, sign, kind, quantity)
    if in_range(book, price):
        return price
    return Fraction(1 if sign < 0 else UNITS_MAX, 10**book.terms.price_decimals)


def fee(
    book: Book, quantity: Fraction, price: Fraction, kind: str, *, first: bool = True, rest: Fraction = ZERO
) -> Fraction:
    """Return the fee of one fill: the sum of its parts, rounded once.

    A net flip pays `fee_fixed` and the minimum once, with its first part; `rest` is what the second trades.
    """
    terms = book.terms
    rate = terms.maker if kind == "limit" else terms.fee_rate
    total = quantity * price * rate + terms.fee_per_unit * quantity
    if not first:
        return money(total)
    total += terms.fee_fixed
    other = rest * price * rate + terms.fee_per_unit * rest
    whole = max(total + other, terms.fee_minimum) if terms.fee_minimum else total + other
    return money(whole) - money(other)
