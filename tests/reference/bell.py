"""The close of a bar: funding and borrow, the margin call, and closing everything (R13, R14, R32)."""

from __future__ import annotations

from .closing import out
from .ledger import pay
from .numbers import money
from .state import Book, State
from .waiting import drop_all
from .worth import equity, used_margin


def charge(state: State, book: Book) -> None:
    """Charge funding and borrow for what is held at the close (R32)."""
    bar, terms = book.now(), book.terms
    rate = terms.funding_rate if bar.funding is None else bar.funding
    for ticket in state.tickets_of(book):
        value = ticket.quantity * bar.close
        owed = (
            ("funding", money(ticket.sign * value * rate)),
            ("borrow", money(value * terms.borrow_rate) if ticket.sign < 0 else money(value * 0)),
        )
        for cause, cost in owed:
            if cost:
                ticket.fees += cost
                pay(state, book, -cost)
                state.write(
                    "charged", book, ticket=ticket.number, price=bar.close,
                    quantity=ticket.sign * ticket.quantity, fee=cost, cash=-cost, cause=cause,
                )  # fmt: skip


def margin_call(state: State) -> None:
    """R13: once, at the close; every ticket closes and every order goes."""
    limit = state.rules.margin_call
    if limit is None or not state.tickets:
        return
    if equity(state) <= limit * used_margin(state):
        first = state.books[min(ticket.instrument for ticket in state.tickets)]
        state.write("margin_called", first, price=first.mark, cause="margin_call")
        close_all(state, "margin_call")
        drop_all(state, "margin_call")


def close_all(state: State, cause: str) -> None:
    """Close every ticket at the last close of its instrument."""
    for ticket in sorted(state.tickets, key=lambda ticket: ticket.instrument):
        mark = state.book(ticket).mark
        assert mark is not None
        out(state, ticket, ticket.quantity, mark, "market", cause)
