"""A person's own limits, in simulated time (four-seeds §2.5)."""

from __future__ import annotations

from fractions import Fraction

from .costs import COST_KINDS
from .numbers import money, rounded
from .state import Book, State
from .wishes import Order, refuse
from .worth import equity, free_cash, in_account_money

ZERO = Fraction(0)
DAY_NS = 86_400 * 10**9
MINUTE_NS = 60 * 10**9


def market_price(state: State, book: Book, order: Order) -> Fraction:
    """Return the price at which an order counts: its own where that counts (R25), or the last close."""
    stated = state.rules.market_fill in ("signal_price", "given_price")
    counts = stated if order.kind == "market" else order.kind != "trailing_stop"
    return (order.price if counts else ZERO) or book.mark or ZERO


def only_reduces(state: State, book: Book, order: Order) -> bool:
    """Tell whether an order can only make a net position smaller."""
    name, value = order.size
    tickets = state.tickets_of(book) if state.rules.net else []
    held = sum((ticket.quantity for ticket in tickets if ticket.sign == -order.sign), ZERO)
    return held > 0 if name == "fraction" else name == "quantity" and value <= held


def notional_of(state: State, book: Book, order: Order) -> Fraction:
    """Return what an order is worth in the account's money."""
    name, value = order.size
    if name == "quantity" and order.left is not None:
        value = order.left
    if name == "fraction":
        return money(value * free_cash(state))
    own = value * market_price(state, book, order) if name == "quantity" else value
    return in_account_money(state, {book.terms.currency: own})


def held_notional(state: State, book: Book | None = None) -> Fraction:
    amounts: dict[int | None, Fraction] = {}
    for ticket in state.tickets if book is None else state.tickets_of(book):
        currency = state.book(ticket).terms.currency
        value = ticket.quantity * (state.book(ticket).mark or ZERO)
        amounts[currency] = amounts.get(currency, ZERO) + value
    return in_account_money(state, amounts)


# What is not about how much an order trades, and so no matter when it is amended.
AT_SUBMISSION = (
    "breaker_must_be_closed", "loss_must_stay_within_day", "orders_must_stay_within_limit",
    "orders_must_stay_within_minute", "stop_loss_must_cool_down",
)  # fmt: skip


def check_limits(state: State, book: Book, order: Order, *, amended: bool = False) -> None:
    """Refuse an entry for the first limit that it would break, in the order of the table."""
    if only_reduces(state, book, order):
        return
    limits, now = state.rules.limits, state.clock_ns
    worth, notional = equity(state), notional_of(state, book, order)
    position, exposure = held_notional(state, book) + notional, held_notional(state) + notional
    loss = day_start(state) - worth
    recent = [time for time in state.asked_ns if now - time < MINUTE_NS]
    waiting = len(state.orders)
    held, positions = bool(state.tickets_of(book)), len({ticket.instrument for ticket in state.tickets})
    mark = book.mark or ZERO
    away = distance_from(mark, order)
    cooling = book.stopped_ns is not None and now - book.stopped_ns < limits.stop_loss_cooldown_s
    halted = state.halted_ns is not None and now - state.halted_ns < limits.breaker_cooldown_s
    checks = (
        ("breaker_must_be_closed", halted),
        ("order_must_stay_within_notional", above(notional, limits.order_notional_max)),
        ("position_must_stay_within_notional", above(position, limits.position_notional_max)),
        ("position_must_stay_within_notional", above(position, limits.position_share_max, worth)),
        ("positions_must_stay_within_limit", not held and reaches(positions, limits.positions_max)),
        ("exposure_must_stay_within_limit", above(exposure, limits.exposure_max)),
        ("exposure_must_stay_within_limit", above(exposure, limits.exposure_share_max, worth)),
        ("loss_must_stay_within_day", reaches(loss, limits.daily_loss_max)),
        ("loss_must_stay_within_day", reaches(loss, limits.daily_loss_share_max, day_start(state))),
        ("orders_must_stay_within_limit", reaches(waiting, limits.open_orders_max)),
        ("price_must_stay_near_market", above(away, limits.price_deviation_max)),
        ("leverage_must_stay_within_limit", above(exposure, limits.leverage_max, worth)),
        ("orders_must_stay_within_minute", reaches(len(recent), limits.orders_per_minute_max)),
        ("stop_loss_must_cool_down", cooling),
        ("slippage_must_stay_within_limit", above(slippage_share(state, book, order), limits.slippage_max)),
    )
    for name, broken in checks:
        if broken and not (amended and name in AT_SUBMISSION):
            refuse(name)


def distance_from(mark: Fraction, order: Order) -> Fraction:
    """Return how far a limit is from the market, as a fraction; without a market price it is too far."""
    if "limit" not in order.kind:
        return ZERO
    return abs((order.limit or order.price) - mark) / mark if mark else Fraction(2)


def above(value: Fraction, most: Fraction | None, of: Fraction = Fraction(1)) -> bool:
    return most is not None and value > most * of


def reaches(value: Fraction | int, most: Fraction | int | None, of: Fraction = Fraction(1)) -> bool:
    return most is not None and value >= most * of


def volume_share(book: Book, quantity: Fraction) -> Fraction:
    """Return which share of the last bar's volume a quantity is; all of it where nobody knows."""
    volume = book.bar.volume if book.bar else None
    return quantity / volume if volume else Fraction(1)


def slippage_share(state: State, book: Book, order: Order) -> Fraction:
    """Return what the market would cost an order at most, as a fraction of the price; limits cost nothing."""
    price, kind, terms = market_price(state, book, order), COST_KINDS[order.kind], book.terms
    if state.rules.limits.slippage_max is None or kind == "limit" or kind not in state.rules.slippage_on:
        return ZERO
    quantity = abs(order.stated_quantity)
    if order.size[0] != "quantity" and price:
        one = 10 ** (16 - terms.price_decimals)
        quantity = Fraction(int(notional_of(state, book, order) / price * one), one)
    rate = terms.slippage + terms.slippage_volume * volume_share(book, quantity)
    if not price:
        costs = rate or terms.spread or terms.spread_rate or terms.slippage_ticks
        return Fraction(2) if costs else ZERO  # nobody knows
    half = (terms.spread + terms.spread_rate * price) / 2 + terms.slippage_ticks * terms.price_tick
    fill = rounded((price + order.sign * half) * (1 + order.sign * rate), terms.price_decimals)
    return abs(fill - price) / price


def day_start(state: State) -> Fraction:
    """Return what the account was worth when the UTC day of the clock began."""
    return state.day_equity


def new_day(state: State) -> None:
    """Keep what the account was worth at the end of the day before."""
    day = state.clock_ns // DAY_NS
    if state.day != day:
        state.day, state.day_equity = day, state.last_equity
