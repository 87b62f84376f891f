"""One order meets a price: it fills, in part or whole, or is refused with the first reason (R5, R23)."""

from __future__ import annotations

from fractions import Fraction

from . import closing, entries, netting
from .entries import NotAtOnceError, must_wait
from .exits import try_range
from .state import Book, State
from .waiting import at_market, complete, drop, fill_rule, refuse_waiting
from .wishes import Order, RefusedError


def execute(state: State, order: Order, reference: Fraction) -> None:
    """Fill an order at a price before costs as far as the volume goes."""
    book = state.book(order)
    if must_wait(state, order) and not at_market(order) and not netting_adds(state, order):
        return  # a resting order is passed over and stays
    if book.room is not None and book.room == 0:
        left_over(state, order)
        return
    try:
        fill(state, order, reference)
    except RefusedError as reason:
        if order in state.orders:
            refuse_waiting(state, order, str(reason))
        else:
            state.write("refused", book, order=order.number, refusal=str(reason), order_kind=order.kind)
        return
    except NotAtOnceError:
        drop(state, order, "not_filled_at_once")
        return
    has_traded(state, order)


def has_traded(state: State, order: Order) -> None:
    """Let the rest of an order wait, or submit what its complete fill triggers (R36)."""
    if not order.left and order in state.orders:
        state.orders.remove(order)  # it waits no longer
    if state.phase == "decision" and at_market(order) and fill_rule(state, order) == "same_open":
        fill_bar_of_same_open(state, state.book(order), order)
    if order.left:
        left_over(state, order)
        return
    for child in complete(state, order):
        if state.phase == "decision":
            decide(state, child)


def netting_adds(state: State, order: Order) -> bool:
    return state.rules.net and netting.position_of(state, order) is not None


def check_stated(state: State, order: Order, reference: Fraction) -> bool:
    """Check a stated price against its bar: tell whether the order may go on (R25)."""
    book, rule = state.book(order), state.rules.price_check
    bar = book.now()
    stated = order.kind == "market" and order.price
    used = stated and fill_rule(state, order) in ("signal_price", "given_price")
    if not used or bar.low <= reference <= bar.high or rule == "off":
        return True
    if rule == "strict":
        refuse_waiting(state, order, "price_must_be_inside_bar")
        return False
    state.write("warned", book, order=order.number, refusal="price_must_be_inside_bar")
    return True


def fill(state: State, order: Order, reference: Fraction) -> None:
    if order.intent == "close":
        closing.close(state, order, reference)
    elif order.intent == "reduce":
        closing.reduce(state, order, reference)
    elif order.intent == "open" and state.rules.net:
        netting.trade(state, order, reference)
    else:
        entries.enter(state, order, reference)


def left_over(state: State, order: Order) -> None:
    """Let the rest of an order wait as its kind does: at its limit, or for the next open."""
    if order not in state.orders:
        return
    if order.lifetime in ("ioc", "fok"):
        drop(state, order, "not_filled_at_once")
    elif order.kind in ("stop", "trailing_stop", "market_if_touched"):
        order.overdue = True
    elif order.kind in ("stop_limit", "limit_if_touched") and order.triggered_bar is None:
        order.triggered_bar = state.book(order).index


# --- market orders in the decision ---


def decides(state: State, order: Order) -> bool:
    """Tell whether a market order fills in the decision of a bar."""
    return order.kind == "market" and fill_rule(state, order) != "next_open"


def decision_price(state: State, order: Order) -> Fraction:
    """Return at which price a market order fills in the decision (R25)."""
    bar, rule = state.book(order).now(), fill_rule(state, order)
    if rule == "signal_price":
        return order.price or bar.close
    if rule == "given_price":
        return order.price or bar.given_or_close
    return bar.open if rule == "same_open" else bar.close


def decide(state: State, order: Order) -> None:
    """Fill a market order in the decision, if its rule says so and it has reached the market."""
    book = state.book(order)
    if not decides(state, order) or order not in state.orders or not book.fresh:
        return
    late = state.clock_ns < order.asked_ns + state.rules.latency_ms
    if late or book.index < order.asked_bar + state.rules.latency_bars:
        return
    if fill_rule(state, order) == "same_open" and not may_read_back(state, order):
        return
    price = decision_price(state, order)
    if book.room != 0 and not check_stated(state, order, price):
        return
    execute(state, order, price)


def may_read_back(state: State, order: Order) -> bool:
    """Tell whether an order may trade at an open that lies behind it.

    It must have been asked for in the decision of that bar, and not be about anything that came to be after
    its open; what waits for longer takes the next open at which it is there.
    """
    book = state.book(order)
    if book.index > order.asked_bar:
        return bool(book.now().time_ns >= order.asked_ns)
    later = any(ticket.bar == book.index and ticket.phase != "open" for ticket in state.tickets_of(book))
    return not order.after and not (order.intent in ("close", "reduce") and later)


def fill_bar_of_same_open(state: State, book: Book, order: Order) -> None:
    """Test the range of the bar at whose open an order has filled, when its bracket is due there (R25)."""
    ticket = state.ticket(order.number)
    if ticket and state.rules.bracket_from != "after_fill" and order.intent == "open":
        try_range(state, ticket, book.now())
