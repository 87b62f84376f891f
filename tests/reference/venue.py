"""Fills by somebody else's market: accounted for, not judged (matching=elsewhere)."""

from __future__ import annotations

from copy import copy
from fractions import Fraction

from .ledger import Trade, put_in, take_out
from .levels import stand
from .numbers import MONEY_DECIMALS, money
from .reading import Words
from .state import State, Ticket
from .waiting import complete, settle, ticket_gone
from .wishes import Order, RefusedError

ZERO = Fraction(0)
SECOND_NS = 10**9


def apply(state: State, words: list[str]) -> None:
    """Account for a fill of a waiting order, of at most what is left of it; any other changes nothing."""
    number = int(words[0])
    order = state.order(number)
    book = state.book(order) if order else state.books[0]
    reader = Words(" ".join(words[1:]), book.terms)
    quantity = reader.number(book.terms.quantity_decimals)
    reader.skip("at")
    price = reader.number(book.terms.price_decimals)
    fee = money(reader.number(MONEY_DECIMALS)) if reader.skip("fee") else ZERO
    time_ns = int(reader.number(0)) * SECOND_NS if reader.skip("time") else state.clock_ns
    before = state.phase
    state.phase, state.told_ns = "venue", time_ns
    reason = not_taken(state, order, quantity, price)
    if order is None or reason:
        state.write("warned", book, order=number, refusal=reason)
    else:
        ticket = state.ticket(order.ticket if order.intent in ("close", "add") else number)
        order.left = left_of(order) - quantity
        book.told = price
        fill(state, order, ticket, Trade(quantity, price, price, fee))
    state.phase, state.told_ns = before, None


def left_of(order: Order) -> Fraction:
    return order.size[1] if order.left is None else order.left


def not_taken(state: State, order: Order | None, quantity: Fraction, price: Fraction) -> str:
    """Return why a fill cannot be accounted for, or nothing."""
    if state.rules.matching != "elsewhere":
        return "matching_must_be_elsewhere"
    if state.finished:
        return "run_must_be_open"
    if order is None or order.held:
        return "order_must_be_waiting"
    if not 0 < quantity <= left_of(order):
        return "quantity_must_be_in_range"
    if order.intent == "add" and state.ticket(order.ticket) is None:
        return "ticket_must_be_open"
    ticket = state.ticket(order.ticket)
    if order.intent == "close" and (ticket is None or quantity > ticket.quantity):
        return "ticket_must_be_open"
    if order.intent == "reduce" and quantity > sum(other.quantity for other in reducible(state, order)):
        return "ticket_must_be_open"
    return "" if price > 0 else "money_must_stay_in_range"


def reducible(state: State, order: Order) -> list[Ticket]:
    return [ticket for ticket in state.tickets_of(state.book(order)) if ticket.sign == -order.sign]


def reduce(state: State, order: Order, trade: Trade) -> None:
    """Take a venue's fill of a reduce-only order from the oldest tickets; the fee is paid with the first."""
    quantity, cost, gone = trade.quantity, trade.cost, []
    for ticket in reducible(state, order):
        part = min(quantity, ticket.quantity)
        if part > 0:
            quantity -= part
            take_out(state, ticket, Trade(part, trade.fill, trade.reference, cost), "reduce", order)
            cost = ZERO
            gone.append(ticket)
            ticket_gone(state, ticket, order)
    settle(state, order, gone)
    if order.left == 0:
        complete(state, order)


def fill(state: State, order: Order, ticket: Ticket | None, trade: Trade) -> None:
    """Put a venue's fill into its ticket, or take it out."""
    book = state.book(order)
    if order.left == 0:
        state.orders.remove(order)
    if order.intent == "reduce":
        reduce(state, order, trade)
        return
    if order.intent == "close":
        assert ticket is not None
        take_out(state, ticket, trade, "close", order)
    else:
        cause = "average" if order.intent == "add" else "entry"
        if ticket is None:
            ticket = Ticket(order.number, book.number, order.sign, book.index, "venue", state.told_ns or 0)
            bare = copy(ticket)
            try:
                stand(ticket, order.bracket, trade.fill, trade.fill, book)
            except RefusedError:  # the venue has decided: the ticket is open, without levels
                ticket = bare
                ticket.rungs = []
        put_in(state, order, ticket, trade, cause)
    # Here the rest of a close goes too: a venue may fill less than was asked for.
    ticket_gone(state, ticket, None)
    settle(state, order, [ticket])
    if order.left == 0:
        complete(state, order)
