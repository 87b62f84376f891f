"""What an account is worth, what it ties up and what that covers (R13, R27, R34)."""

from __future__ import annotations

from fractions import Fraction

from .costs import fee
from .numbers import money, rounded
from .state import Book, State, Ticket

ZERO = Fraction(0)
Marks = dict[int, Fraction]


def marks(state: State, own: Book | None = None, price: Fraction = ZERO) -> Marks:
    """Return a price for every instrument that has one: the order's own, the last close of the others.

    One whose first bar has not closed yet is worth what it opened at.
    """
    found = {}
    for book in state.books:
        if book.bar is not None:
            found[book.number] = book.bar.open if book.mark is None else book.mark
        elif book.told is not None:
            found[book.number] = book.told
    return found | ({own.number: price} if own else {})


def held_worth(state: State, ticket: Ticket, price: Fraction) -> Fraction:
    """Return what a ticket adds to cash, in its own money."""
    account = state.rules.account
    if account == "cash":
        return ticket.sign * ticket.quantity * price
    return ticket.open_profit(price) + (ticket.cost if account == "collateral" else 0)


def in_account_money(state: State, amounts: dict[int | None, Fraction]) -> Fraction:
    """Turn amounts by currency into the account's money at the last closes, each rounded once."""
    prices = marks(state)
    return (
        sum(
            (money(amount * prices[currency]) if currency is not None else amount)
            for currency, amount in amounts.items()
            if currency is None or currency in prices
        )
        + ZERO
    )


def equity(state: State, prices: Marks | None = None) -> Fraction:
    """Return cash plus what is held, at prices."""
    prices = marks(state) if prices is None else prices
    amounts = dict(state.cash)
    for ticket in state.tickets:
        currency = state.book(ticket).terms.currency
        amounts[currency] = amounts.get(currency, ZERO) + held_worth(state, ticket, prices[ticket.instrument])
    return in_account_money(state, amounts)


def open_profit(state: State) -> Fraction:
    prices, amounts = marks(state), dict[int | None, Fraction]()
    for ticket in state.tickets:
        currency = state.book(ticket).terms.currency
        amounts[currency] = amounts.get(currency, ZERO) + ticket.open_profit(prices[ticket.instrument])
    return in_account_money(state, amounts)


def traded_money(state: State, prices: Marks) -> dict[int | None, Fraction]:
    """Return by currency what is held, at prices; isolated margin counts what it cost."""
    amounts: dict[int | None, Fraction] = {}
    for ticket in state.tickets:
        currency = state.book(ticket).terms.currency
        value = ticket.cost if state.rules.isolated else ticket.quantity * prices[ticket.instrument]
        amounts[currency] = amounts.get(currency, ZERO) + value
    return amounts


def used_margin(state: State, prices: Marks | None = None) -> Fraction:
    """Return what open tickets tie up; hedged tickets add up."""
    if state.rules.account != "margin":
        return ZERO
    prices = marks(state) if prices is None else prices
    return money(in_account_money(state, traded_money(state, prices)) / state.rules.leverage)


def allowed_margin(state: State, prices: Marks) -> Fraction:
    return money(state.rules.margin_cap * equity(state, prices))


def free_cash(state: State, prices: Marks | None = None) -> Fraction:
    """Return what an entry may still use."""
    prices = marks(state) if prices is None else prices
    if state.rules.account != "margin":
        return in_account_money(state, state.cash)
    return allowed_margin(state, prices) - used_margin(state, prices)


def covers(
    state: State, book: Book, quantity: Fraction, fill: Fraction, reference: Fraction, cost: Fraction
) -> bool:
    """Tell whether an entry is covered, its fee included, all else marked at the price before costs."""
    prices, currency = marks(state, book, reference), book.terms.currency
    if state.rules.account != "margin":
        return in_account_money(state, {currency: quantity * fill + cost}) <= free_cash(state, prices)
    amounts = traded_money(state, prices)
    amounts[currency] = amounts.get(currency, ZERO) + quantity * fill
    margin = money(in_account_money(state, amounts) / state.rules.leverage)
    return margin + in_account_money(state, {currency: cost}) <= allowed_margin(state, prices)


def liquidation_price(state: State, ticket: Ticket) -> Fraction | None:
    """Return where closing the rest loses exactly the ticket's own margin, after all costs (R27)."""
    rules, book = state.rules, state.book(ticket)
    if not rules.isolated:
        return None
    terms, sign, quantity = book.terms, ticket.sign, ticket.quantity
    margin = money(ticket.entered_value / rules.leverage)
    fixed = terms.fee_fixed + terms.fee_per_unit * quantity
    # sign·(F·q - cost) - F·q·rate - fixed + profit - fees = -margin, solved for the fill F.
    loss = ticket.cost * sign + ticket.fees - ticket.profit - margin
    fill = (loss + fixed) / (quantity * (sign - terms.fee_rate))
    if fill * quantity * terms.fee_rate + fixed < terms.fee_minimum:
        fill = (loss + terms.fee_minimum) / (quantity * sign)
    if rounded(fill, terms.price_decimals) <= 0:
        return None
    price = fill
    if "stop" in rules.slippage_on:
        # fill = (p - sign·((spread + rate·p)/2 + ticks))·(1 - sign·slippage), solved for p.
        half = terms.spread / 2 + terms.slippage_ticks * terms.price_tick
        price = (fill / (1 - sign * terms.slippage) + sign * half) / (1 - sign * terms.spread_rate / 2)
    price = rounded(price, terms.price_decimals)
    return price if price > 0 else None


def price_and_fee(book: Book, quantity: Fraction, fill: Fraction, kind: str) -> Fraction:
    """Return what a `fraction` of the free cash pays for (R30)."""
    return quantity * fill + fee(book, quantity, fill, kind)
