"""Net holding: one position an instrument, opposite orders reduce first (R22)."""

from __future__ import annotations

from fractions import Fraction

from .costs import fee, fill_price, in_range
from .entries import NotAtOnceError, check_cover, entry_price, may_open, must_wait, new_ticket
from .ledger import Trade, leave, put_in, use_room
from .levels import stand
from .sizes import entry_quantity, exit_quantity, within
from .state import State, Ticket
from .waiting import cost_kind, settle, ticket_gone
from .wishes import Bracket, Order, RefusedError, refuse

ZERO = Fraction(0)


def position_of(state: State, order: Order) -> Ticket | None:
    return next(iter(state.tickets_of(state.book(order))), None)


def trade(state: State, order: Order, reference: Fraction) -> None:
    """Add to the position, reduce it, or turn it round."""
    book, ticket = state.book(order), position_of(state, order)
    if ticket is None and must_wait(state, order):
        refuse("reentry_must_wait_for_next_bar")
    if ticket is None or ticket.sign == order.sign:
        more(state, order, ticket, reference)
        return
    kind = cost_kind(order)
    wanted = opposite_quantity(state, order, ticket, reference)
    if wanted > ticket.quantity and not may_turn(state, order):
        refuse("short_must_be_allowed")
    if wanted == 0:
        refuse("quantity_must_reach_step")
    quantity = within(book, wanted)
    if order.lifetime == "fok" and quantity < wanted:
        raise NotAtOnceError
    order.left = wanted - quantity
    first = min(quantity, ticket.quantity)
    rest = quantity - first
    if order.left == 0 and rest == 0:
        state.orders.remove(order)
    leave(state, ticket, first, reference, kind, "close", order, rest=rest)
    ticket_gone(state, ticket, order)
    try:
        if rest:
            turn(state, order, rest, reference)
    finally:
        settle(state, order, [ticket])


def may_turn(state: State, order: Order) -> bool:
    return order.sign > 0 or (state.rules.short and state.rules.account != "cash")


def opposite_quantity(state: State, order: Order, ticket: Ticket, reference: Fraction) -> Fraction:
    """Return how much an opposite order trades; a fraction is one of the position."""
    if order.left is None and order.size[0] == "fraction":
        return exit_quantity(state, order, state.book(order), ticket.quantity, lambda: reference)
    if order.left is not None or order.size[0] == "quantity":
        return order.size[1] if order.left is None else order.left
    entry_price(state, order, reference, cost_kind(order))
    return entry_quantity(state, order, reference, cost_kind(order))


def more(state: State, order: Order, ticket: Ticket | None, reference: Fraction) -> None:
    """Open a position or add to it."""
    book, kind = state.book(order), cost_kind(order)
    if ticket is None:
        may_open(state, book, order.sign)
    fill = entry_price(state, order, reference, kind)
    cause = "average" if ticket and ticket.number != order.number else "entry"
    if ticket is None:
        ticket = new_ticket(state, order)
        stand(ticket, Bracket(), fill, reference, book)
    wanted = entry_quantity(state, order, reference, kind)
    quantity = within(book, wanted)
    if order.lifetime == "fok" and quantity < wanted:
        raise NotAtOnceError
    cost = check_cover(state, order, ticket, quantity, fill, reference)
    put_in(state, order, ticket, Trade(quantity, fill, reference, cost), cause)
    use_room(book, quantity)
    order.left = wanted - quantity
    settle(state, order, [])


def turn(state: State, order: Order, rest: Fraction, reference: Fraction) -> None:
    """Open the other side with what the reduction left; `fee_fixed` was paid by that."""
    book = state.book(order)
    fill = fill_price(state.rules, book, reference, order.sign, cost_kind(order), rest)
    if not in_range(book, fill):
        order.left = ZERO
        refuse("price_must_be_in_range")
    ticket = new_ticket(state, order)
    stand(ticket, Bracket(), fill, reference, book)
    try:
        check_cover(state, order, ticket, rest, fill, reference)
    except RefusedError:
        order.left = ZERO
        raise
    cost = fee(book, rest, fill, cost_kind(order), first=False)
    put_in(state, order, ticket, Trade(rest, fill, reference, cost), "entry")
    use_room(book, rest)
