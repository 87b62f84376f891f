"""What can be asked of the reference market, by its words."""

from __future__ import annotations

from fractions import Fraction

from . import venue
from .closing import out
from .execution import decide
from .form import check, on_step, on_tick, rests
from .ledger import count_error
from .levels import check_form
from .limits import check_limits
from .numbers import MONEY_DECIMALS
from .reading import Words, read_order
from .state import State, Ticket
from .waiting import drop
from .wishes import Order, RefusedError, UnreadableError, refuse
from .worth import free_cash

ZERO = Fraction(0)


def ask(state: State, text: str) -> None:
    """Take one wish, or refuse it and write down why."""
    verb, *rest = text.split()
    if verb in ("buy", "sell", "add", "close"):
        submit(state, text)
    elif verb == "cancel":
        cancel(state, int(rest[0]))
    elif verb == "amend":
        amend(state, int(rest[0]), rest[1:])
    elif verb == "levels":
        levels(state, int(rest[0]), rest[1:])
    elif verb == "fill":
        venue.apply(state, rest)
    elif verb == "transfer":
        amount = Words(rest[0], state.books[0].terms).number(MONEY_DECIMALS)
        if amount > 0 or -amount <= free_cash(state):
            state.cash[None] += amount
            state.day_equity += amount
            state.last_equity += amount
            state.write("transferred", cash=amount)
        else:
            state.write("warned", refusal="cash_must_cover_order")
    elif verb == "delist":
        delist(state, int(rest[0]))
    elif verb == "error":
        count_error(state)
    else:
        raise UnreadableError(text)


def held(state: State, number: int) -> tuple[int, int] | None:
    ticket = state.ticket(number)
    return (ticket.instrument, ticket.sign) if ticket else None


def submit(state: State, text: str) -> None:
    """Take an order that waits, or fills at once when its rule says so."""
    state.last_order += 1
    number = state.last_order
    where, kind = [0], "none"
    try:
        if state.finished:
            refuse("run_must_be_open")
        terms = [book.terms for book in state.books]
        order = read_order(text, lambda ticket: held(state, ticket), terms, where.append)
        order.number, kind = number, order.kind
        check(state, order)
    except RefusedError as reason:
        state.write("refused", order=number, refusal=str(reason), instrument=where[-1], order_kind=kind)
        return
    book = state.book(order)
    order.held = order.after != 0 and order.after not in state.fulfilled
    order.asked_bar, order.asked_ns = book.index, state.clock_ns
    if not order.closes:
        state.asked_ns.append(state.clock_ns)
    state.write(
        "submitted", book, order=number, ticket=order.ticket, price=order.price, reference=order.limit,
        quantity=order.stated_quantity, order_kind=order.kind,
        cause={"close": "close", "add": "average", "reduce": "reduce"}.get(order.intent, "entry"),
    )  # fmt: skip
    partner = state.order(order.other)
    if partner:
        partner.group = order.group = partner.group or partner.number
    state.orders.append(order)
    if not order.held and state.rules.matching == "here":
        decide(state, order)


def cancel(state: State, number: int) -> None:
    """Take back a waiting order, when the wish has arrived."""
    order = state.order(number)
    if order is None:
        state.write("refused", order=number, refusal="order_must_be_waiting")
    elif state.rules.latency_bars or state.rules.latency_ms:
        book = state.book(order)
        state.late_cancels.append((number, book.number, book.index, state.clock_ns))
    else:
        drop(state, order, "request")


def amend(state: State, number: int, words: list[str]) -> None:
    """Change price, limit or quantity of a waiting order in place."""
    order = state.order(number)
    if order is None:
        state.write("warned", order=number, refusal="order_must_be_waiting")
        return
    book, before = state.book(order), (order.price, order.limit, order.size, order.left)
    reader = Words(" ".join(words), book.terms)
    try:
        while reader.rest:
            name = reader.next()
            if name == "price":
                order.price = reader.price()
            elif name == "limit":
                order.limit = reader.price()
            else:
                order.size, order.left = reader.size(), None
        if reader.refusal:
            refuse(reader.refusal)
        unpriced = "price" in words and order.kind in ("market", "trailing_stop")
        if unpriced or ("limit" in words and not before[1]):
            refuse("amendment_must_suit_order")
        check_amended(order, state)
        stated = before[2][1] if before[2][0] == "quantity" else 0
        more = order.left is None and order.size[1] > (stated if before[3] is None else before[3])
        if not order.closes and ("price" in words or "limit" in words or more):
            check_limits(state, book, order, amended=True)
        # A bar that had opened before cannot fill at what was asked for later.
        order.amended_ns = state.clock_ns
    except RefusedError as reason:
        order.price, order.limit, order.size, order.left = before
        state.write("warned", book, order=number, refusal=str(reason))
        return
    state.write(
        "amended", book, order=number, ticket=order.ticket, price=order.price, reference=order.limit,
        quantity=order.sign * order.left if order.left is not None else order.stated_quantity,
        order_kind=order.kind,
    )  # fmt: skip


def check_amended(order: Order, state: State) -> None:
    book = state.book(order)
    on_step(state, book, order)
    if order.kind != "trailing_stop":
        on_tick(book, order)
    rests(order, book)
    check_form(order, book)


def levels(state: State, number: int, words: list[str]) -> None:
    """Set stop and target of an open ticket, each on its right side of the close (R33)."""
    ticket = state.ticket(number)
    if ticket is None:
        state.write("warned", ticket=number, refusal="ticket_must_be_open")
        return
    book = state.book(ticket)
    if state.rules.net:
        state.write("warned", book, ticket=number, refusal="net_must_have_no_bracket")
        return
    reader = Words(" ".join(words), book.terms)
    found: dict[str, Fraction | None] = {}
    while reader.rest:
        name = reader.next()
        found[name] = None if reader.skip("none") else reader.price()
    try:
        for name, away, wrong in (
            ("stop_loss", -ticket.sign, "stop_must_be_beyond_price"),
            ("take_profit", ticket.sign, "target_must_be_beyond_price"),
        ):
            price = found.get(name)
            if price is not None and book.terms.price_tick and price % book.terms.price_tick:
                refuse("price_must_be_on_tick")
            if price is not None and (price - (book.mark or ZERO)) * away <= 0:
                refuse(wrong)
    except RefusedError as reason:
        state.write("warned", book, ticket=number, refusal=str(reason))
        return
    set_levels(ticket, found)
    state.write("amended", book, ticket=number, stop_loss=ticket.stop, take_profit=ticket.target)


def set_levels(ticket: Ticket, found: dict[str, Fraction | None]) -> None:
    if "stop_loss" in found:
        ticket.stop, ticket.stop_cause = found["stop_loss"], "stop_loss"
    if "take_profit" in found:
        target = found["take_profit"]
        ticket.rungs, ticket.rung_left = ([(target, Fraction(1))] if target is not None else []), None


def delist(state: State, number: int) -> None:
    """Take an instrument off the market: its orders go, and its tickets at its last close."""
    book = state.books[number]
    before, state.phase = state.phase, "end"
    for order in state.orders_of(book):
        if order in state.orders:
            drop(state, order, "delisted")
    closes = state.rules.end_policy == "close_last" and state.rules.matching == "here"
    if closes and book.mark is not None:
        for ticket in state.tickets_of(book):
            out(state, ticket, ticket.quantity, book.mark, "market", "delisted")
    book.listed = False
    state.phase = before
