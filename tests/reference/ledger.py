"""What one execution does to money and tickets (R12, R24, R34)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from .costs import exit_price, fee
from .numbers import money, rounded
from .state import Book, State, Ticket
from .wishes import Order

ZERO = Fraction(0)


def pay(state: State, book: Book, cash: Fraction) -> None:
    currency = book.terms.currency
    state.cash[currency] = state.cash.get(currency, ZERO) + cash


def use_room(book: Book, quantity: Fraction) -> None:
    if book.room is not None:
        book.room = max(ZERO, book.room - quantity)


@dataclass(frozen=True)
class Trade:
    """One execution: how much, at which price, before costs at which, for which fee."""

    quantity: Fraction
    fill: Fraction
    reference: Fraction
    cost: Fraction


def put_in(state: State, order: Order, ticket: Ticket, trade: Trade, cause: str) -> None:
    """Put a quantity into a ticket: the money moves as the kind of account says."""
    book, quantity, fill = state.book(ticket), trade.quantity, trade.fill
    reference, cost, value = trade.reference, trade.cost, quantity * fill
    account = state.rules.account
    paid = {"cash": ticket.sign * value, "collateral": value, "margin": ZERO}[account]
    cash = -cost - paid
    pay(state, book, cash)
    if ticket not in state.tickets:
        state.tickets.append(ticket)
    ticket.quantity += quantity
    ticket.cost += value
    ticket.value += quantity * reference
    ticket.references.append(reference)
    ticket.entered_quantity += quantity
    ticket.entered_value += value
    ticket.fees += cost
    state.errors = 0
    state.write(
        "filled", book, order=order.number, ticket=ticket.number, price=fill, reference=reference,
        quantity=ticket.sign * quantity, fee=cost, cash=cash, cause=cause, order_kind=order.kind,
        stop_loss=ticket.stop, take_profit=ticket.target,
    )  # fmt: skip


def leave(
    state: State, ticket: Ticket, quantity: Fraction, reference: Fraction, kind: str, cause: str,
    order: Order | None = None, *, rest: Fraction = ZERO,
) -> None:  # fmt: skip
    """Take a quantity out of a ticket at a price before costs."""
    book = state.book(ticket)
    fill = exit_price(state.rules, book, reference, -ticket.sign, kind, quantity)
    use_room(book, quantity)
    trade = Trade(quantity, fill, reference, fee(book, quantity, fill, kind, rest=rest))
    take_out(state, ticket, trade, cause, order)


def take_out(state: State, ticket: Ticket, trade: Trade, cause: str, order: Order | None = None) -> None:
    """Take a quantity out of a ticket; the last of it closes the ticket."""
    book, number = state.book(ticket), order.number if order else 0
    quantity, fill, reference, cost = trade.quantity, trade.fill, trade.reference, trade.cost
    whole = quantity == ticket.quantity
    basis = ticket.cost if whole else money(ticket.cost * quantity / ticket.quantity)
    before_costs = ticket.value if whole else money(ticket.value * quantity / ticket.quantity)
    profit = ticket.sign * (fill * quantity - basis)
    gain = {"margin": profit, "cash": ticket.sign * fill * quantity, "collateral": basis + profit}
    cash = gain[state.rules.account] - cost
    pay(state, book, cash)
    ticket.quantity -= quantity
    ticket.cost -= basis
    ticket.value -= before_costs
    ticket.exited_value += fill * quantity
    ticket.profit += profit
    ticket.fees += cost
    state.errors = 0
    if whole:
        state.tickets.remove(ticket)
    state.write(
        "filled", book, order=number, ticket=ticket.number, price=fill, reference=reference,
        quantity=-ticket.sign * quantity, fee=cost, profit=profit, cash=cash, cause=cause,
        order_kind=order.kind if order else "none",
    )  # fmt: skip
    if whole:
        closed(state, ticket, number, cause, order.kind if order else "none")


def closed(state: State, ticket: Ticket, number: int, cause: str, order_kind: str) -> None:
    """Write down the end of a ticket, and count its losses."""
    book = state.book(ticket)
    total, decimals = ticket.entered_quantity, book.terms.price_decimals
    profit = ticket.profit - ticket.fees
    book.closed_on = book.index
    state.write(
        "closed", book, order=number, ticket=ticket.number,
        price=rounded(ticket.exited_value / total, decimals),
        reference=rounded(ticket.entered_value / total, decimals), quantity=ticket.sign * total,
        fee=ticket.fees, profit=profit, cause=cause, order_kind=order_kind,
    )  # fmt: skip


def count_loss(state: State, profit: Fraction) -> None:
    state.losses = state.losses + 1 if profit < 0 else 0
    most = state.rules.limits.consecutive_losses_max
    if most is not None and state.losses >= most:
        halt(state, "losses")


def count_error(state: State) -> None:
    state.errors += 1
    most = state.rules.limits.consecutive_errors_max
    if most is not None and state.errors >= most:
        halt(state, "errors")


def halt(state: State, cause: str) -> None:
    """Trip the breaker: entries are refused until it has cooled down."""
    state.halted_ns = state.clock_ns
    state.losses = state.errors = 0
    state.write("halted", cause=cause)
