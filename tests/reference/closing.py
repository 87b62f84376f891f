"""Closes of a ticket, and reduce-only orders (R24)."""

from __future__ import annotations

from fractions import Fraction

from .costs import exit_price
from .entries import NotAtOnceError
from .ledger import leave
from .sizes import exit_quantity, within
from .state import State, Ticket
from .waiting import cost_kind, settle, ticket_gone
from .wishes import Order, refuse

ZERO = Fraction(0)


def out(
    state: State, ticket: Ticket, quantity: Fraction, reference: Fraction, kind: str, cause: str,
    order: Order | None = None,
) -> None:  # fmt: skip
    """Take a quantity out of a ticket, and what waits for it when that was the last."""
    leave(state, ticket, quantity, reference, kind, cause, order)
    ticket_gone(state, ticket, order)
    settle(state, order, [ticket])


def close(state: State, order: Order, reference: Fraction) -> None:
    """Take out of a ticket what a close asks for, at most what is left and the volume offers."""
    book, ticket = state.book(order), state.ticket(order.ticket)
    if ticket is None:
        refuse("ticket_must_be_open")
    kind = cost_kind(order)
    wanted = exit_quantity(
        state, order, book, ticket.quantity,
        lambda: exit_price(state.rules, book, reference, -ticket.sign, kind),
    )  # fmt: skip
    if wanted == 0:
        refuse("quantity_must_reach_step")
    quantity = within(book, wanted)
    order.left = wanted - quantity
    finish_before(state, order)
    out(state, ticket, quantity, reference, kind, "close", order)


def finish_before(state: State, order: Order) -> None:
    """An order that fills wholly waits no longer, so the end of its ticket cannot cancel it."""
    if order.left == 0 and order in state.orders:
        state.orders.remove(order)


def reduce_quantity(state: State, order: Order, total: Fraction, reference: Fraction) -> Fraction:
    """Return how much a reduce-only order wants, which may be more than there is."""
    book, (name, value) = state.book(order), order.size
    if order.left is not None or name == "quantity":
        return value if order.left is None else order.left
    price = exit_price(state.rules, book, reference, order.sign, cost_kind(order))
    return exit_quantity(state, order, book, total, lambda: price)


def reduce(state: State, order: Order, reference: Fraction) -> None:
    """Take from the oldest tickets of the other side; end when none is left."""
    book, kind = state.book(order), cost_kind(order)
    held = [ticket for ticket in state.tickets_of(book) if ticket.sign == -order.sign]
    if not held:
        refuse("ticket_must_be_open")
    total = sum((ticket.quantity for ticket in held), ZERO)
    wanted = reduce_quantity(state, order, total, reference)
    if wanted == 0:
        refuse("quantity_must_reach_step")
    quantity = within(book, min(wanted, total))
    if order.lifetime == "fok" and quantity < min(wanted, total):
        raise NotAtOnceError
    order.left = wanted - quantity
    finish_before(state, order)
    for ticket in held:
        part = min(quantity, ticket.quantity)
        if part > 0:
            quantity -= part
            leave(state, ticket, part, reference, kind, "reduce", order)
            ticket_gone(state, ticket, order)
    settle(state, order, held)
