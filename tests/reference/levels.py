"""Where stop, targets, trailing and break-even stand (R9, R10, R16)."""

from __future__ import annotations

from fractions import Fraction

from .numbers import UNITS_MAX, rounded
from .state import Book, Ticket
from .wishes import Bracket, Level, Order, refuse

ZERO = Fraction(0)


def distance(level: Level | None, fill: Fraction, risk: Fraction, decimals: int) -> Fraction:
    """Return how far from the first fill a level is, in whole units of price."""
    if level is None:
        return ZERO
    if level.kind == "price":
        return abs(level.value - fill)
    return {
        "distance": level.value,
        "fraction": rounded(fill * level.value, decimals),
        "risk": rounded(risk * level.value, decimals),
    }[level.kind]


def level_price(level: Level, fill: Fraction, risk: Fraction, toward: int, decimals: int) -> Fraction:
    """Return the price of a level; `toward` is 1 when it lies above the fill and -1 below."""
    if level.kind == "price":
        return level.value
    if level.kind == "fraction":
        return rounded(fill * (1 + toward * level.value), decimals)
    return fill + toward * distance(level, fill, risk, decimals)


def beyond(price: Fraction, before: Fraction, toward: int, decimals: int) -> bool:
    """Tell whether a level is a price that lies strictly beyond another."""
    return 0 < price * 10**decimals <= UNITS_MAX and (price - before) * toward > 0


def stand(ticket: Ticket, bracket: Bracket, fill: Fraction, reference: Fraction, book: Book) -> None:
    """Put the levels of a bracket on a ticket as prices, or refuse them (R9)."""
    decimals, sign = book.terms.price_decimals, ticket.sign
    risk = ZERO
    if bracket.stop_loss:
        ticket.stop = level_price(bracket.stop_loss, fill, ZERO, -sign, decimals)
        if not beyond(ticket.stop, reference, -sign, decimals):
            refuse("stop_must_be_beyond_price")
        risk = abs(fill - ticket.stop)
    before = reference
    for level, share in bracket.rungs:
        price = level_price(level, fill, risk, sign, decimals)
        if not beyond(price, before, sign, decimals):
            refuse("target_must_be_beyond_price")
        ticket.rungs.append((price, share))
        before = price
    ticket.first_fill = ticket.best = fill
    ticket.bars, ticket.limit_ns = bracket.bars, bracket.time_ns
    if bracket.trailing:
        stand_trailing(ticket, bracket, risk, decimals)
    stand_breakeven(ticket, bracket, risk, decimals)
    if bracket.trailing and bracket.trailing_from is None:
        price = trailing_price(ticket, decimals)
        if not beyond(price, reference, -ticket.sign, decimals):
            refuse("stop_must_be_beyond_price")
        tighten(ticket, price, "trailing_stop")


def stand_breakeven(ticket: Ticket, bracket: Bracket, risk: Fraction, decimals: int) -> None:
    fill = ticket.first_fill
    ticket.offset = distance(bracket.offset, fill, risk, decimals)
    ticket.breakeven_rung = bracket.breakeven_rung
    if (bracket.breakeven or bracket.breakeven_rung) and fill + ticket.sign * ticket.offset <= 0:
        refuse("breakeven_must_stay_below_trigger")
    if bracket.breakeven:
        ticket.breakeven = distance(bracket.breakeven, fill, risk, decimals)
        if ticket.offset >= ticket.breakeven or fill + ticket.sign * ticket.breakeven <= 0:
            refuse("breakeven_must_stay_below_trigger")


def stand_trailing(ticket: Ticket, bracket: Bracket, risk: Fraction, decimals: int) -> None:
    """Without a trigger the trailing stop stands behind the fill from the start, with one it waits (R16)."""
    assert bracket.trailing is not None
    fill = ticket.first_fill
    if bracket.trailing.kind == "fraction":
        ticket.trailing = ("fraction", bracket.trailing.value)
    else:
        ticket.trailing = ("distance", distance(bracket.trailing, fill, risk, decimals))
        if ticket.trailing[1] == 0:
            refuse("trail_must_be_positive")
    ticket.trailing_from = distance(bracket.trailing_from, fill, risk, decimals)
    starts = bracket.trailing_from is None and trailing_price(ticket, decimals) <= 0
    if starts or fill + ticket.sign * ticket.trailing_from <= 0:
        refuse("trail_must_be_positive")


def trailing_price(ticket: Ticket, decimals: int) -> Fraction:
    assert ticket.trailing is not None
    kind, value = ticket.trailing
    if kind == "fraction":
        return rounded(ticket.best * (1 - ticket.sign * value), decimals)
    return ticket.best - ticket.sign * value


def tighten(ticket: Ticket, price: Fraction, cause: str) -> None:
    """Move the stop toward the price, never away from it."""
    if price > 0 and (ticket.stop is None or (price - ticket.stop) * ticket.sign > 0):
        ticket.stop, ticket.stop_cause = price, cause


def follow(ticket: Ticket, low: Fraction, high: Fraction, decimals: int) -> None:
    """Move trailing and break-even with a bar's range."""
    extreme = high if ticket.sign > 0 else low
    if (extreme - ticket.best) * ticket.sign > 0:
        ticket.best = extreme
    gain = (ticket.best - ticket.first_fill) * ticket.sign
    if ticket.trailing and gain >= ticket.trailing_from:
        tighten(ticket, trailing_price(ticket, decimals), "trailing_stop")
    if ticket.breakeven is not None and gain >= ticket.breakeven:
        to_breakeven(ticket)


def to_breakeven(ticket: Ticket) -> None:
    tighten(ticket, ticket.first_fill + ticket.sign * ticket.offset, "breakeven")


def check_form(order: Order, book: Book) -> None:
    """Check the levels of a resting order against its own price when it is submitted (R5, R9)."""
    if order.kind not in ("market", "trailing_stop"):
        ticket = Ticket(0, book.number, order.sign, 0, "", 0)
        admitted = not order.limit or (order.price - order.limit) * order.sign <= 0
        price = order.price if admitted else order.limit
        stand(ticket, order.bracket, price, price, book)
