"""What is checked of an order when it is submitted: its form, and a person's own limits (R5, R29)."""

from __future__ import annotations

from fractions import Fraction

from .execution import decides
from .levels import check_form
from .limits import check_limits
from .sizes import to_step
from .state import Book, State
from .waiting import fill_rule, trail_price
from .wishes import Bracket, Order, refuse

ONE = Fraction(1)
RUNGS_MAX = 8


def check(state: State, order: Order) -> None:
    """Refuse an order for the first thing that is wrong with it, or make it ready to wait."""
    book = state.book(order)
    if not book.listed:
        refuse("instrument_must_be_listed")
    on_step(state, book, order)
    on_tick(book, order)
    priced(state, book, order)
    named(state, order)
    lifetime(state, book, order)
    bracket(state, book, order)
    if not order.closes:
        check_limits(state, book, order)


def on_step(state: State, book: Book, order: Order) -> None:
    """Round a stated quantity to the step; a venue must be told one."""
    name, value = order.size
    if state.rules.matching == "elsewhere" and name != "quantity":
        refuse("quantity_must_be_given")
    if name == "quantity" and book.terms.quantity_step:
        value = to_step(value, book, state.rules.rounding)
        if value == 0:
            refuse("quantity_must_reach_step")
        order.size = (name, value)


def on_tick(book: Book, order: Order) -> None:
    stated = [order.trail.value] if order.trail and order.trail.kind == "price" else []
    all_on_tick(book, [order.price, order.limit, *stated])


def all_on_tick(book: Book, prices: list[Fraction]) -> None:
    tick = book.terms.price_tick
    if tick and any(price % tick for price in prices):
        refuse("price_must_be_on_tick")


def priced(state: State, book: Book, order: Order) -> None:
    """Check that there is a price where one is needed."""
    if order.kind == "trailing_stop":
        if book.mark is None:
            refuse("price_must_be_known")
        order.best = book.mark
        order.price = trail_price(order, book)
        if order.price <= 0:
            refuse("trail_must_be_positive")
    currency = book.terms.currency
    if currency is not None and state.books[currency].mark is None:
        refuse("price_must_be_known")
    if state.rules.matching == "elsewhere":
        return
    states = order.kind == "market" and not order.closes
    if states and fill_rule(state, order) == "signal_price" and not order.price:
        refuse("price_must_be_given")
    if decides(state, order) and book.mark is None:
        refuse("price_must_be_known")


def named(state: State, order: Order) -> None:
    """Check the ticket and the orders that it names."""
    if order.intent in ("close", "add"):
        ticket = state.ticket(order.ticket)
        if ticket is None:
            refuse("ticket_must_be_open")
        if (ticket.sign == order.sign) != (order.intent == "add"):
            refuse("side_must_match_ticket")
    if order.intent == "close" and order.kind != "market":
        refuse("close_must_be_market_order")
    if order.other and state.order(order.other) is None:
        refuse("partner_must_be_waiting")
    if order.after and order.after not in state.fulfilled and state.order(order.after) is None:
        refuse("partner_must_be_waiting")


def lifetime(state: State, book: Book, order: Order) -> None:
    """Check that an order can live as it is told to."""
    if order.lifetime in ("ioc", "fok") and order.kind not in ("market", "limit"):
        refuse("lifetime_must_suit_order")
    if not order.post_only:
        return
    if order.kind != "limit" or order.lifetime in ("ioc", "fok"):
        refuse("lifetime_must_suit_order")
    rests(order, book)


def rests(order: Order, book: Book) -> None:
    """Refuse an order that must rest when the last close already reaches its limit."""
    if order.post_only and book.mark is not None and (order.price - book.mark) * order.sign >= 0:
        refuse("post_only_must_rest")


def bracket(state: State, book: Book, order: Order) -> None:
    """Check what hangs on an entry."""
    given = order.bracket
    if given.empty:
        return
    if order.intent != "open":
        refuse("bracket_must_come_with_entry")
    if state.rules.net:
        refuse("net_must_have_no_bracket")
    if given.stop_loss is None and any(level.kind == "risk" for level in given.levels()):
        refuse("risk_must_have_stop")
    if len(given.rungs) > RUNGS_MAX or any(not 0 < share <= ONE for _, share in given.rungs):
        refuse("ladder_must_share_whole")
    even(given)
    all_on_tick(book, [level.value for level in given.levels() if level.kind == "price"])
    check_form(order, book)


def even(given: Bracket) -> None:
    """Check break-even where its parts can be compared before the fill."""
    trigger, offset = given.breakeven, given.offset
    if trigger and offset and trigger.kind == offset.kind and offset.value >= trigger.value:
        refuse("breakeven_must_stay_below_trigger")
