"""What the reference market remembers: instruments, tickets, orders, cash and the journal."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from .numbers import MONEY_DECIMALS, units
from .rules import Rules, Terms
from .wishes import Order

ZERO = Fraction(0)


@dataclass(frozen=True)
class Bar:
    """One bar in exact numbers; volume, given price and funding are None where none came."""

    instrument: int
    time_ns: int
    close_ns: int
    open: Fraction
    high: Fraction
    low: Fraction
    close: Fraction
    volume: Fraction | None = None
    given: Fraction | None = None
    funding: Fraction | None = None

    @property
    def given_or_close(self) -> Fraction:
        return self.close if self.given is None else self.given


@dataclass
class Ticket:
    """One entry, or several, and what is left of it; `sign` is 1 when long and -1 when short."""

    number: int
    instrument: int
    sign: int
    bar: int  # of its instrument, on which it was opened
    phase: str
    time_ns: int
    # levels
    stop: Fraction | None = None
    stop_cause: str = "stop_loss"
    rungs: list[tuple[Fraction, Fraction]] = field(default_factory=list)
    rungs_reached: int = 0
    rung_left: Fraction | None = None  # what a touched target still has to sell
    trailing: tuple[str, Fraction] | None = None  # "distance" in price, or "fraction" of the best price
    trailing_from: Fraction = ZERO
    best: Fraction = ZERO
    first_fill: Fraction = ZERO
    breakeven: Fraction | None = None  # the profit at which the stop moves
    breakeven_rung: int = 0
    offset: Fraction = ZERO
    breakeven_due: bool = False  # a target has been reached that moves it after this bar
    bars: int = 0
    limit_ns: int = 0
    leaving: str | None = None  # at the next open, for this cause
    stopped_bar: int | None = None  # of its instrument, on which a stop last acted
    # money
    quantity: Fraction = ZERO
    cost: Fraction = ZERO  # of what is still held
    value: Fraction = ZERO  # the same before costs
    references: list[Fraction] = field(default_factory=list)
    entered_quantity: Fraction = ZERO
    entered_value: Fraction = ZERO
    exited_value: Fraction = ZERO
    profit: Fraction = ZERO
    fees: Fraction = ZERO

    def open_profit(self, price: Fraction) -> Fraction:
        return self.sign * (price * self.quantity - self.cost)

    @property
    def target(self) -> Fraction | None:
        return self.rungs[0][0] if self.rungs else None


@dataclass
class Book:
    """One instrument: its terms, its bar, and what is left of its volume."""

    number: int
    terms: Terms
    bar: Bar | None = None  # the last that came
    bars: int = 0
    fresh: bool = False  # it has a bar in this step of the clock
    mark: Fraction | None = None  # the last close
    told: Fraction | None = None  # at which a venue filled before there was one
    room: Fraction | None = None  # what may still be traded of this bar's volume; None for all
    closed_on: int | None = None  # its bar on which a ticket last closed for good
    stopped_ns: int | None = None  # when a stop loss last acted
    listed: bool = True

    @property
    def index(self) -> int:
        return self.bars - 1

    def now(self) -> Bar:
        assert self.bar is not None
        return self.bar


@dataclass
class State:
    """Everything of one account."""

    rules: Rules
    books: list[Book]
    cash: dict[int | None, Fraction]  # by currency: the number of the instrument that prices it
    clock_ns: int
    step: int = -1
    phase: str = "start"
    orders: list[Order] = field(default_factory=list)
    tickets: list[Ticket] = field(default_factory=list)
    opened_ns: int = 0  # when the last bar of this step opened
    told_ns: int | None = None  # when a venue filled what is being written down
    last_order: int = 0
    fulfilled: set[int] = field(default_factory=set)  # orders that have filled completely
    finished: bool = False
    # Cancels on their way to the market: order, instrument, bar and time.
    late_cancels: list[tuple[int, int, int, int]] = field(default_factory=list)
    ambiguous: set[tuple[int, int]] = field(default_factory=set)
    events: list[dict[str, Any]] = field(default_factory=list)
    # a person's limits
    asked_ns: list[int] = field(default_factory=list)
    losses: int = 0
    errors: int = 0
    halted_ns: int | None = None
    day: int | None = None
    day_equity: Fraction = ZERO
    last_equity: Fraction = ZERO

    def book(self, item: Order | Ticket) -> Book:
        return self.books[item.instrument]

    def ticket(self, number: int) -> Ticket | None:
        return next((ticket for ticket in self.tickets if ticket.number == number), None)

    def order(self, number: int) -> Order | None:
        return next((order for order in self.orders if order.number == number), None)

    def tickets_of(self, book: Book) -> list[Ticket]:
        return [ticket for ticket in self.tickets if ticket.instrument == book.number]

    def orders_of(self, book: Book) -> list[Order]:
        return [order for order in self.orders if order.instrument == book.number]

    def time_of(self, book: Book) -> int:
        """Return the time of an event: that at which its bar opened, or a fill elsewhere."""
        if self.told_ns is not None:
            return self.told_ns
        return book.now().time_ns if book.fresh else self.opened_ns

    def write(self, kind: str, book: Book | None = None, **fields: Any) -> None:
        """Append an event in the kernel's integers."""
        book = book or self.books[0]
        price, quantity = book.terms.price_decimals, book.terms.quantity_decimals
        scales = {
            "price": price, "reference": price, "stop_loss": price, "take_profit": price,
            "quantity": quantity, "fee": MONEY_DECIMALS, "profit": MONEY_DECIMALS, "cash": MONEY_DECIMALS,
        }  # fmt: skip
        event: dict[str, Any] = {
            "seq": len(self.events), "time_ns": self.time_of(book), "bar": self.step, "order": 0, "ticket": 0,
            **dict.fromkeys(scales, 0), "instrument": book.number, "kind": kind, "phase": self.phase,
            "cause": "none", "refusal": "none", "order_kind": "none",
        }  # fmt: skip
        where = fields.get("instrument", book.number)
        event["time_ns"] = self.time_of(self.books[where]) if where < len(self.books) else self.opened_ns
        for name, value in fields.items():
            event[name] = units(value or ZERO, scales[name]) if name in scales else value
        self.events.append(event)
