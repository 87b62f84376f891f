"""The books of the reference market: cash, tickets, journal, and what one execution does to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from .numbers import MONEY_DECIMALS, UNITS_MAX, money, rounded, units
from .rules import Rules

ZERO = Fraction(0)


@dataclass
class Ticket:
    """One entry and what is left of it; `sign` is 1 when long and -1 when short."""

    number: int
    sign: int
    bar: int
    phase: str
    stop: Fraction | None = None
    target: Fraction | None = None
    quantity: Fraction = ZERO
    cost: Fraction = ZERO  # of what is still held
    entered_quantity: Fraction = ZERO
    entered_value: Fraction = ZERO
    exited_value: Fraction = ZERO
    profit: Fraction = ZERO
    fees: Fraction = ZERO

    def open_profit(self, price: Fraction) -> Fraction:
        return self.sign * (price * self.quantity - self.cost)


@dataclass
class Book:
    """Hold the money of one account, and write down every change."""

    rules: Rules
    cash: Fraction
    time: int
    bar: int = -1
    phase: str = "start"
    mark: Fraction = ZERO
    tickets: list[Ticket] = field(default_factory=list)
    closed_on: int | None = None  # the bar on which a ticket last closed for good
    events: list[dict[str, Any]] = field(default_factory=list)

    # --- what it is worth ---

    def equity(self, price: Fraction) -> Fraction:
        """Return cash plus what is held, at a price."""
        if self.rules.account == "cash":
            return self.cash + sum(ticket.sign * ticket.quantity * price for ticket in self.tickets)
        return self.cash + sum(ticket.open_profit(price) for ticket in self.tickets)

    def gross_quantity(self) -> Fraction:
        return sum((ticket.quantity for ticket in self.tickets), ZERO)

    def used_margin(self, price: Fraction) -> Fraction:
        """Return what open tickets tie up at a price; hedged tickets add up (R13)."""
        if self.rules.account == "cash":
            return ZERO
        return money(self.gross_quantity() * price / self.rules.leverage)

    def allowed_margin(self, price: Fraction) -> Fraction:
        return money(self.rules.margin_cap * self.equity(price))

    def free_cash(self, price: Fraction) -> Fraction:
        """Return what an entry may still use when everything is marked at a price."""
        if self.rules.account == "cash":
            return self.cash
        return self.allowed_margin(price) - self.used_margin(price)

    def covers(self, quantity: Fraction, fill: Fraction, price: Fraction, liquidity: str) -> bool:
        """Tell whether an entry is covered, fee included, all else marked at the price before costs (R13)."""
        fee = self.fee(quantity, fill, liquidity)
        if self.rules.account == "cash":
            return quantity * fill + fee <= self.cash
        margin = money((self.gross_quantity() * price + quantity * fill) / self.rules.leverage)
        return margin + fee <= self.allowed_margin(price)

    def price_and_fee(self, quantity: Fraction, fill: Fraction, liquidity: str) -> Fraction:
        """Return what a `fraction` of the free cash pays for (R30)."""
        return quantity * fill + self.fee(quantity, fill, liquidity)

    # --- costs ---

    def fill_price(self, reference: Fraction, sign: int, kind: str) -> Fraction:
        """Return the price of a fill: (p ± spread/2)·(1 ± slippage), rounded once (R7)."""
        if kind not in self.rules.slippage_on:
            return reference
        price = (reference + sign * self.rules.spread / 2) * (1 + sign * self.rules.slippage)
        return rounded(price, self.rules.price_decimals)

    def exit_price(self, reference: Fraction, sign: int, kind: str) -> Fraction:
        """Return the price of an exit: one that costs would move out of range stays where it is."""
        price = self.fill_price(reference, sign, kind)
        return price if 0 < price * 10**self.rules.price_decimals <= UNITS_MAX else reference

    def fee(self, quantity: Fraction, fill: Fraction, kind: str) -> Fraction:
        """Return the fee of one fill: the sum of its parts, rounded once (R12, R26)."""
        rate = self.rules.maker if kind == "limit" else self.rules.fee_rate
        return money(quantity * fill * rate + self.rules.fee_fixed)

    # --- what happens ---

    def write(self, kind: str, **fields: Any) -> None:
        """Append an event in the kernel's integers."""
        price, quantity = self.rules.price_decimals, self.rules.quantity_decimals
        scales = {
            "price": price, "reference": price, "quantity": quantity,
            "fee": MONEY_DECIMALS, "profit": MONEY_DECIMALS, "cash": MONEY_DECIMALS,
        }  # fmt: skip
        event: dict[str, Any] = {
            "seq": len(self.events), "time_ns": self.time, "bar": self.bar, "order": 0, "ticket": 0,
            "price": 0, "reference": 0, "quantity": 0, "fee": 0, "profit": 0, "cash": 0, "instrument": 0,
            "kind": kind, "phase": self.phase, "cause": "none", "refusal": "none",
        }  # fmt: skip
        for name, value in fields.items():
            event[name] = units(value, scales[name]) if name in scales else value
        self.events.append(event)

    def enter(self, number: int, sign: int, quantity: Fraction, reference: Fraction, kind: str) -> Ticket:
        """Open a ticket at a price before costs."""
        fill = self.fill_price(reference, sign, kind)
        return self.put_in(number, sign, quantity, fill, reference, self.fee(quantity, fill, kind))

    def put_in(
        self, number: int, sign: int, quantity: Fraction, fill: Fraction, reference: Fraction, fee: Fraction
    ) -> Ticket:
        """Put a quantity into a ticket: the money moves as the kind of account says."""
        value = quantity * fill
        cash = -fee - (sign * value if self.rules.account == "cash" else 0)
        self.cash += cash
        ticket = next((ticket for ticket in self.tickets if ticket.number == number), None)
        if ticket is None:
            ticket = Ticket(number, sign, self.bar, self.phase)
            self.tickets.append(ticket)
        ticket.quantity += quantity
        ticket.cost += value
        ticket.entered_quantity += quantity
        ticket.entered_value += value
        ticket.fees += fee
        self.write(
            "filled", order=number, ticket=number, price=fill, reference=reference,
            quantity=sign * quantity, fee=fee, cash=cash, cause="entry",
        )  # fmt: skip
        return ticket

    def leave(
        self, ticket: Ticket, quantity: Fraction, reference: Fraction, kind: str, *, cause: str, order: int
    ) -> None:
        """Take a quantity out of a ticket at a price before costs."""
        fill = self.exit_price(reference, -ticket.sign, kind)
        fee = self.fee(quantity, fill, kind)
        self.take_out(ticket, quantity, fill, reference, fee, cause=cause, order=order)

    def take_out(
        self, ticket: Ticket, quantity: Fraction, fill: Fraction, reference: Fraction, fee: Fraction,
        *, cause: str, order: int,
    ) -> None:  # fmt: skip
        """Take a quantity out of a ticket; the last of it closes the ticket (R12, R24)."""
        whole = quantity == ticket.quantity
        basis = ticket.cost if whole else money(ticket.cost * quantity / ticket.quantity)
        profit = ticket.sign * (fill * quantity - basis)
        cash = (profit if self.rules.account == "margin" else ticket.sign * fill * quantity) - fee
        self.cash += cash
        ticket.quantity -= quantity
        ticket.cost -= basis
        ticket.exited_value += fill * quantity
        ticket.profit += profit
        ticket.fees += fee
        self.write(
            "filled", order=order, ticket=ticket.number, price=fill, reference=reference,
            quantity=-ticket.sign * quantity, fee=fee, profit=profit, cash=cash, cause=cause,
        )  # fmt: skip
        if not whole:
            return
        self.tickets.remove(ticket)
        self.closed_on = self.bar
        total, decimals = ticket.entered_quantity, self.rules.price_decimals
        self.write(
            "closed", order=order, ticket=ticket.number, price=rounded(ticket.exited_value / total, decimals),
            reference=rounded(ticket.entered_value / total, decimals), quantity=ticket.sign * total,
            fee=ticket.fees, profit=ticket.profit - ticket.fees, cause=cause,
        )  # fmt: skip
