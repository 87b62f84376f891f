"""Orders that wait at a price: when the open or the range reaches them (R18, R20, R21)."""

from __future__ import annotations

from fractions import Fraction

from .entries import must_wait
from .execution import execute
from .state import Bar, State
from .waiting import drop, partners, refuse_waiting, tradable, trail_price
from .wishes import Order

FAR = ("stop", "stop_limit", "trailing_stop")  # reached when the price goes the order's way
PAIRS = ("stop_limit", "limit_if_touched")


def is_far(order: Order) -> bool:
    """Tell whether it is reached when the price goes the order's way; once triggered it is a limit order."""
    return order.kind in FAR and order.triggered_bar is None


def level_of(order: Order) -> Fraction:
    """Return the price at which it waits now."""
    return order.limit if order.triggered_bar is not None else order.price


def waits_at_price(order: Order) -> bool:
    return order.kind != "market" and not order.overdue


def reaches(state: State, order: Order, low: Fraction, high: Fraction) -> bool:
    """Tell whether prices from low to high reach a resting order that may trade."""
    if not waits_at_price(order) or not tradable(state, order):
        return False
    if order.triggered_bar is not None and order.triggered_bar >= state.book(order).index:
        return False
    level, far = level_of(order), is_far(order)
    return low <= level if far == (order.sign < 0) else high >= level


def is_touched(state: State, order: Order, bar: Bar) -> bool:
    return reaches(state, order, bar.low, bar.high)


def attempt(state: State, order: Order, reference: Fraction) -> None:
    """Fill a resting order that was reached, or leave it a limit from the next bar on (R21)."""
    if must_wait(state, order):
        return
    untouched = order.kind in PAIRS and order.triggered_bar is None
    if untouched and (reference - order.limit) * order.sign > 0:
        order.triggered_bar = state.book(order).index
        state.write(
            "triggered", state.book(order), order=order.number, price=order.limit,
            quantity=order.stated_quantity, order_kind=order.kind,
        )  # fmt: skip
        return
    execute(state, order, reference)


def at_open(state: State, order: Order, bar: Bar) -> None:
    """Try an order at an open; what must fill at once lives no longer (R20)."""
    if reaches(state, order, bar.open, bar.open):
        book = state.book(order)
        if order.post_only and order.first_bar == book.index and book.room != 0:
            refuse_waiting(state, order, "post_only_must_rest")
            return
        attempt(state, order, bar.open if state.rules.gap == "open" else level_of(order))
    too_late(state, order)


def too_late(state: State, order: Order) -> None:
    """Drop what must fill at once and has not."""
    if order in state.orders and order.lifetime in ("ioc", "fok"):
        drop(state, order, "not_filled_at_once")


def in_range(state: State, order: Order, bar: Bar) -> None:
    """Try an order inside a bar, at its own price."""
    if is_touched(state, order, bar):
        attempt(state, order, level_of(order))


def preferred(state: State, orders: list[Order], bar_of: dict[int, Bar]) -> list[Order]:
    """Put partners that were touched in one range in the order that `tie` says (R18)."""
    ordered = list(orders)
    for order in orders:
        for other in partners(state, order):
            apart = order.instrument != other.instrument
            if apart or other not in ordered or ordered.index(order) > ordered.index(other):
                continue
            if comes_first(state, other, order, bar_of[order.instrument], bar_of[other.instrument]):
                here, there = ordered.index(order), ordered.index(other)
                ordered[here], ordered[there] = other, order
    return ordered


def comes_first(state: State, later: Order, earlier: Order, bar: Bar, other_bar: Bar) -> bool:
    """Tell whether of two partners the one that comes later goes first all the same."""
    tie, far = state.rules.tie, is_far(later)
    lower = later.number < earlier.number
    if tie == "nearest_to_open":
        mine, its = abs(other_bar.open - level_of(later)), abs(bar.open - level_of(earlier))
        return lower if mine == its else mine < its
    if tie == "open_high_low":
        below = [is_far(order) == (order.sign < 0) for order in (later, earlier)]
        return lower if below[0] == below[1] else below[0] == (bar.close >= bar.open)
    if far == is_far(earlier):
        return lower
    return far == (tie != "target")


def move_trails(state: State, rule: str, bar: Bar) -> None:
    """Let trailing stop orders follow the bar, before or after it tests them."""
    for order in state.orders:
        follows = order.kind == "trailing_stop" and not order.overdue and order.instrument == bar.instrument
        may = tradable(state, order) and not must_wait(state, order)
        if follows and state.rules.trail_update == rule and may:
            extreme = bar.low if order.sign > 0 else bar.high
            if (extreme - order.best) * order.sign < 0:
                order.best = extreme
                order.price = trail_price(order, state.book(order))
