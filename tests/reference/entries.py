"""Entries: into a new ticket, into the rest of one's own, or once more into one that is open (R5, R28)."""

from __future__ import annotations

from copy import copy
from fractions import Fraction

from .costs import fee, fill_price, in_range
from .ledger import Trade, put_in, use_room
from .levels import stand
from .numbers import UNITS_MAX
from .sizes import entry_quantity, within
from .state import Book, State, Ticket
from .waiting import at_market, cost_kind, fill_rule, settle
from .wishes import Order, refuse
from .worth import covers, liquidation_price

ZERO = Fraction(0)


class NotAtOnceError(Exception):
    """An order that must fill at once and wholly cannot."""


def ticket_for(state: State, order: Order) -> Ticket | None:
    """Return the open ticket that an entry goes into: that of its own first part, or the one it names."""
    if order.intent == "add":
        return state.ticket(order.ticket)
    return state.ticket(order.number)


def must_wait(state: State, order: Order) -> bool:
    """Tell whether re-entry forbids an entry on this bar (R3)."""
    book = state.book(order)
    if state.rules.reentry_same_bar or order.intent != "open" or book.closed_on != book.index:
        return False
    return book.bars != 0 and ticket_for(state, order) is None


def admit(state: State, order: Order, reference: Fraction) -> None:
    """Check that a further entry improves the ticket, as `averaging` says (R28)."""
    ticket = state.ticket(order.ticket)
    if ticket is None:
        refuse("ticket_must_be_open")
    if ticket.sign != order.sign:
        refuse("side_must_match_ticket")
    rule = state.rules.averaging
    prices = {
        "any": [],
        "effective": [ticket.value / ticket.quantity],
        "extreme": ticket.references,
    }[rule]
    if any((reference - price) * ticket.sign >= 0 for price in prices):
        refuse("add_must_improve_entry")


def enter(state: State, order: Order, reference: Fraction) -> None:
    """Fill an entry as far as the volume goes, or refuse it for the first reason."""
    book = state.book(order)
    if order.intent == "add" and not order.filled:
        admit(state, order, reference)
    ticket = ticket_for(state, order)
    if ticket is None:
        if must_wait(state, order):
            refuse("reentry_must_wait_for_next_bar")
        may_open(state, book, order.sign)
    kind = cost_kind(order)
    fill = entry_price(state, order, reference, kind)
    if ticket is None:
        ticket = new_ticket(state, order)
        stand(ticket, order.bracket, fill, reference, book)
    wanted = entry_quantity(state, order, reference, kind)
    quantity = within(book, wanted)
    if order.lifetime == "fok" and quantity < wanted:
        raise NotAtOnceError
    cost = check_cover(state, order, ticket, quantity, fill, reference)
    cause = "average" if order.intent == "add" else "entry"
    put_in(state, order, ticket, Trade(quantity, fill, reference, cost), cause)
    use_room(book, quantity)
    order.left = wanted - quantity
    settle(state, order, [])


def may_open(state: State, book: Book, sign: int) -> None:
    """Check side and ticket limits of an entry that opens a ticket."""
    rules = state.rules
    if sign < 0 and (not rules.short or rules.account == "cash"):
        refuse("short_must_be_allowed")
    counts = (
        (rules.tickets_max, len(state.tickets)),
        (rules.tickets_per_symbol_max, len(state.tickets_of(book))),
    )
    if any(most is not None and count >= most for most, count in counts):
        refuse("tickets_must_stay_within_limit")


def entry_price(state: State, order: Order, reference: Fraction, kind: str) -> Fraction:
    """Return the price after costs; slippage by volume must know the quantity first."""
    book = state.book(order)
    quantity = ZERO
    if book.terms.slippage_volume:
        wanted = entry_quantity(state, order, reference, kind)
        quantity = within(book, wanted)
        if order.lifetime == "fok" and quantity < wanted:
            raise NotAtOnceError
    fill = fill_price(state.rules, book, reference, order.sign, kind, quantity)
    if not in_range(book, fill):
        refuse("price_must_be_in_range")
    return fill


def new_ticket(state: State, order: Order) -> Ticket:
    book = state.book(order)
    at_open = at_market(order) and fill_rule(state, order) == "same_open"
    phase = "open" if at_open else state.phase
    return Ticket(order.number, order.instrument, order.sign, book.index, phase, fill_time(state, book))


def fill_time(state: State, book: Book) -> int:
    return state.clock_ns if state.phase == "decision" else book.now().time_ns


def check_cover(
    state: State, order: Order, ticket: Ticket, quantity: Fraction, fill: Fraction, reference: Fraction
) -> Fraction:
    """Check size, cover and liquidation of an entry, and return its fee."""
    book = state.book(order)
    uncovered = {"margin": "margin_must_cover_order"}.get(state.rules.account, "cash_must_cover_order")
    gross = sum((held.quantity for held in state.tickets_of(book)), ZERO)
    if (quantity + gross) * 10**book.terms.quantity_decimals > UNITS_MAX:
        refuse("money_must_stay_in_range")
    if quantity == 0:
        refuse(uncovered if order.size[0] == "fraction" else "quantity_must_reach_step")
    cost = fee(book, quantity, fill, cost_kind(order))
    if not covers(state, book, quantity, fill, reference, cost):
        refuse(uncovered)
    after = copy(ticket)
    after.quantity, after.cost = ticket.quantity + quantity, ticket.cost + quantity * fill
    after.entered_value, after.fees = ticket.entered_value + quantity * fill, ticket.fees + cost
    liquidation = liquidation_price(state, after)
    if liquidation is not None and (reference - liquidation) * ticket.sign <= 0:
        refuse("liquidation_must_be_beyond_price")
    return cost
