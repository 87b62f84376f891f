"""Orders that wait: when they may trade, when they expire, what goes with them (R18, R19, R24, R31, R36)."""

from __future__ import annotations

from fractions import Fraction

from .costs import COST_KINDS
from .ledger import count_loss
from .numbers import rounded
from .state import Bar, Book, State, Ticket
from .wishes import Order

DAY_NS = 86_400 * 10**9


def cost_kind(order: Order) -> str:
    """Return what its fill counts as; a stop's rest that waits for the open is at the market."""
    return "market" if order.overdue else COST_KINDS[order.kind]


def at_market(order: Order) -> bool:
    return order.kind == "market" or order.overdue


def fill_rule(state: State, order: Order) -> str:
    """Return when a market order fills; what is left of a stop waits for the open (R23)."""
    if order.overdue:
        return "next_open"
    return state.rules.exit_fill if order.closes else state.rules.market_fill


def arrived(state: State, bar: int, time_ns: int, bars: int, now_ns: int) -> bool:
    """Tell whether what was asked on a bar has reached the market by so many bars and a time (R31)."""
    return bars >= bar + state.rules.latency_bars and now_ns >= time_ns + state.rules.latency_ms


def tradable(state: State, order: Order) -> bool:
    """Tell whether the order may trade on this bar of its instrument: one that opened after it was asked."""
    book = state.book(order)
    if order.held or not book.fresh or not book.listed or book.now().time_ns < order.amended_ns:
        return False
    return arrived(state, order.asked_bar + 1, order.asked_ns, book.index, book.now().time_ns)


def begin(state: State, book: Book) -> None:
    """Note the first bar of orders that may trade from this one on: their lifetimes start here (R19)."""
    for order in state.orders_of(book):
        if order.first_bar is None and tradable(state, order):
            order.first_bar, order.first_ns = book.index, book.now().time_ns


def expire(state: State, book: Book) -> None:
    """Drop the orders whose time is up."""
    for order in state.orders_of(book):
        if not order.held and is_over(order, book.index, book.now()):
            drop(state, order, "expired")


def is_over(order: Order, index: int, bar: Bar) -> bool:
    if order.lifetime == "gtd" and bar.time_ns >= order.until_ns:
        return True
    if order.first_bar is None:
        return False
    if order.lifetime == "day" and bar.time_ns // DAY_NS != order.first_ns // DAY_NS:
        return True
    return bool(order.bars) and index >= order.first_bar + order.bars


def late_cancels(state: State, book: Book, bars: int, now_ns: int) -> None:
    """Take back the orders whose cancel has arrived by so many bars and a time; too late it is refused."""
    for late in list(state.late_cancels):
        number, instrument, bar, time_ns = late
        if instrument != book.number or not arrived(state, bar, time_ns, bars, now_ns):
            continue
        state.late_cancels.remove(late)
        order = state.order(number)
        if order is None:
            state.write("refused", order=number, refusal="order_must_be_waiting")
        else:
            drop(state, order, "request")


def vain_cancels(state: State) -> None:
    """Refuse the cancels whose orders are gone already."""
    for late in list(state.late_cancels):
        if state.order(late[0]) is None:
            state.late_cancels.remove(late)
            state.write("refused", order=late[0], refusal="order_must_be_waiting")


def drop(state: State, order: Order, cause: str) -> None:
    """Cancel a waiting order, and what waits for it."""
    state.orders.remove(order)
    state.write("cancelled", state.book(order), order=order.number, cause=cause, order_kind=order.kind)
    orphan(state, order)


def drop_all(state: State, cause: str) -> None:
    for order in sorted(state.orders, key=lambda order: (order.instrument, order.number)):
        if order in state.orders:
            drop(state, order, cause)


def refuse_waiting(state: State, order: Order, reason: str) -> None:
    """Refuse an order at its fill: it is gone."""
    state.orders.remove(order)
    state.write("refused", state.book(order), order=order.number, refusal=reason, order_kind=order.kind)
    orphan(state, order)


def orphan(state: State, parent: Order) -> None:
    """Cancel the orders that only a complete fill of another would have submitted."""
    for order in sorted(state.orders, key=lambda order: (order.instrument, order.number)):
        if order.held and order.after == parent.number and order in state.orders:
            drop(state, order, "parent_gone")


def partners(state: State, order: Order) -> list[Order]:
    """Return the waiting orders that one cancels by its fill."""
    found = [other for other in state.orders if other is not order and other.group == order.group]
    return sorted(found, key=lambda other: (other.instrument, other.number)) if order.group else []


def complete(state: State, order: Order) -> list[Order]:
    """Take a filled order away; return the orders that its fill submits."""
    if order in state.orders:
        state.orders.remove(order)
    state.fulfilled.add(order.number)
    children = [child for child in state.orders if child.held and child.after == order.number]
    for child in children:
        child.held = False
        submit_now(state, child)
    return children


def submit_now(state: State, order: Order) -> None:
    """Let an order reach the market from now on."""
    book = state.book(order)
    order.asked_bar, order.asked_ns = book.index, state.clock_ns
    if order.kind == "trailing_stop" and book.bar is not None:
        # Triggered inside a bar it trades from the next one on, and starts from where this one closes.
        order.best = book.bar.close
        order.price = trail_price(order, book)


def trail_price(order: Order, book: Book) -> Fraction:
    """Return where a trailing stop order stands behind its best price."""
    assert order.trail is not None
    if order.trail.kind == "fraction":
        price = order.best * (1 + order.sign * order.trail.value)
        return rounded(price, book.terms.price_decimals)
    return order.best + order.sign * order.trail.value


def ticket_gone(state: State, ticket: Ticket, by: Order | None) -> None:
    """Cancel what waits for a ticket that has closed: closes, rests of entries, reductions (R23, R24)."""
    if ticket in state.tickets:
        return
    mates = partners(state, by) if by else []
    for order in in_order(state):
        vain = in_vain(order, ticket) or finds_none(state, order, ticket)
        if vain and order is not by and order in state.orders and order not in mates:
            drop(state, order, "ticket_closed")
    count_loss(state, ticket.profit - ticket.fees)


def settle(state: State, order: Order | None, touched: list[Ticket]) -> None:
    """Cancel, order by order, what an execution leaves in vain: partners of the order that has filled, and
    reduce-only orders that find no ticket any more; the order itself comes last (R18, R24).
    """
    gone = [ticket for ticket in touched if ticket not in state.tickets]
    mates = []
    if order is not None:
        order.filled = True
        mates = partners(state, order)
    for other in in_order(state):
        if other in mates and other in state.orders:
            drop(state, other, "other_filled")
        elif other is not order:
            reduction_gone(state, other, gone)
    if order is not None:
        reduction_gone(state, order, gone)


def reduction_gone(state: State, order: Order, gone: list[Ticket]) -> None:
    if order in state.orders and any(finds_none(state, order, ticket) for ticket in gone):
        drop(state, order, "ticket_closed")


def in_order(state: State) -> list[Order]:
    return sorted(state.orders, key=lambda order: (order.instrument, order.number))


def in_vain(order: Order, ticket: Ticket) -> bool:
    """Tell whether an order waits for a ticket that has closed: a close, or the rest of an entry."""
    named = order.ticket == ticket.number and order.intent == "close"
    return named or (order.filled and ticket.number in (order.number, order.ticket))


def finds_none(state: State, order: Order, ticket: Ticket) -> bool:
    """Tell whether a reduce-only order finds no ticket any more, now that one has closed."""
    if order.intent != "reduce" or order.instrument != ticket.instrument:
        return False
    return nothing_to_reduce(state, order, ticket.sign)


def nothing_to_reduce(state: State, order: Order, sign: int) -> bool:
    """Tell whether no ticket is left that the order could reduce, where one of a side has closed."""
    if order.held or order.sign == sign:
        return False
    return not any(
        other.instrument == order.instrument and other.sign == -order.sign for other in state.tickets
    )
