"""The reference market: the order of a bar as R1, R4 and R14 tell it, one plain loop after another."""

from __future__ import annotations

from fractions import Fraction

from .book import Book, Ticket
from .numbers import MONEY_DECIMALS, UNITS_MAX, exact, money, read, rounded, units
from .orders import Order, RefusedError, close_of, entry_of, refuse, standing, to_step
from .rules import rules_of
from .scenario import Ask, Bar, Cancel, Close, Money, Open, Played, Scenario, named


class RefusedBarError(Exception):
    """A bar cannot have happened."""


class Market:
    """One account in one market: ask, advance, finish."""

    def __init__(self, cash: str, rules: tuple[tuple[str, str], ...], time: int = 0) -> None:
        self.rules = rules_of(rules)
        self.book = Book(self.rules, Fraction(0), time)
        self.book.cash = exact(cash)
        self.book.write("transferred", cash=self.book.cash)
        self.orders: list[Order] = []
        self.last_order = 0
        self.open_price = self.high = self.low = Fraction(0)
        self.finished = False

    @property
    def unit(self) -> Fraction:
        return Fraction(1, 10**self.rules.quantity_decimals)

    # --- what is asked ---

    def ask(self, wish: Ask) -> None:
        """Take one wish, or refuse it and write down why."""
        if isinstance(wish, Cancel):
            self.cancel(named(wish.order, [order.number for order in self.orders]))
            return
        if isinstance(wish, Close):
            ticket = named(wish.ticket, [ticket.number for ticket in self.book.tickets])
            wish = Close(ticket, wish.size)
        self.last_order += 1
        try:
            order = self.order_of(wish)
        except RefusedError as reason:
            self.book.write("refused", order=self.last_order, refusal=str(reason))
            return
        self.book.write(
            "submitted", order=order.number, ticket=order.closes, price=order.price,
            quantity=order.stated_quantity, cause="close" if order.closes else "entry",
        )  # fmt: skip
        self.orders.append(order)
        if order.kind == "market" and self.fills_now(order):
            self.execute(order, self.book.mark)

    def fills_now(self, order: Order) -> bool:
        return (self.rules.exit_fill if order.closes else self.rules.market_fill) == "close"

    @property
    def priced(self) -> bool:
        """Tell whether there is a price at which an order could fill now."""
        return self.book.bar >= 0

    def order_of(self, wish: Ask) -> Order:
        """Return the order that a wish makes, or refuse it for its form."""
        known = {"priced": self.priced, "running": not self.finished}
        if isinstance(wish, Open):
            return entry_of(self.last_order, wish, self.rules, **known)
        assert isinstance(wish, Close)
        ticket = self.ticket(wish.ticket)
        return close_of(self.last_order, wish, self.rules, ticket.sign if ticket else None, **known)

    def ticket(self, number: int) -> Ticket | None:
        return next((ticket for ticket in self.book.tickets if ticket.number == number), None)

    def cancel(self, number: int) -> None:
        """Take back a waiting order."""
        waiting = [order for order in self.orders if order.number == number]
        if not waiting:
            self.book.write("refused", order=number, refusal="order_must_be_waiting")
            return
        self.drop(waiting[0], "request")

    def drop(self, order: Order, cause: str) -> None:
        self.orders.remove(order)
        self.book.write("cancelled", order=order.number, cause=cause)

    def drop_all(self, cause: str) -> None:
        for order in list(self.orders):
            self.drop(order, cause)

    # --- the order of a bar ---

    def advance(self, bar: Bar) -> None:
        """Let one bar happen: open, range, close."""
        prices = self.checked(bar)
        self.open_price, self.high, self.low, close = prices
        book = self.book
        book.bar, book.time = book.bar + 1, bar.time
        book.phase = "open"
        self.at_the_open()
        book.phase = "range"
        self.in_the_range()
        book.phase = "close"
        book.mark = close
        self.margin_call()
        book.phase = "decision"

    def checked(self, bar: Bar) -> tuple[Fraction, ...]:
        """Return the bar's prices, or refuse the bar (R37)."""
        if self.finished:
            raise RefusedBarError("run must be open")
        decimals = self.rules.price_decimals
        found = [read(value, decimals) for value in (bar.open, bar.high, bar.low, bar.close)]
        prices = tuple(price for price in found if price is not None)
        if len(prices) < len(found) or min(prices) <= 0:
            raise RefusedBarError("bar must be in range")
        opened, high, low, close = prices
        if not low <= min(opened, close) <= max(opened, close) <= high:
            raise RefusedBarError("bar must hold its prices")
        if self.book.bar >= 0 and bar.time <= self.book.time:
            raise RefusedBarError("bar must be later")
        return prices

    def at_the_open(self) -> None:
        """R4: market exits, levels passed, market entries, resting orders passed."""
        price = self.open_price
        for order in [order for order in self.orders if order.closes]:
            if order in self.orders:
                self.execute(order, price)
        for ticket in list(self.book.tickets):
            if ticket.stop is not None and (price - ticket.stop) * ticket.sign <= 0:
                self.exit(ticket, price if self.rules.gap == "open" else ticket.stop, "stop")
            elif ticket.target is not None and (price - ticket.target) * ticket.sign >= 0:
                self.exit(ticket, price if self.rules.gap == "open" else ticket.target, "limit")
        for order in [order for order in self.orders if order.kind == "market"]:
            self.execute(order, price)
        for order in [order for order in self.orders if reached(order, price, price)]:
            self.execute(order, price if self.rules.gap == "open" else order.price)

    def in_the_range(self) -> None:
        """R1: exits of tickets open before the range, resting orders, exits of tickets opened in it."""
        before = list(self.book.tickets)
        for ticket in before:
            if ticket.bar < self.book.bar or self.rules.bracket_from in ("auto", "fill_bar"):
                self.try_levels(ticket)
        for order in [order for order in self.orders if reached(order, self.low, self.high)]:
            self.execute(order, order.price)
        if self.rules.bracket_from == "fill_bar":
            for ticket in [ticket for ticket in self.book.tickets if ticket not in before]:
                self.try_levels(ticket)

    def try_levels(self, ticket: Ticket) -> None:
        """Take a ticket out at the level that the range touched; of two, the one that `tie` says."""
        stop, target = ticket.stop, ticket.target
        adverse, favourable = (self.low, self.high) if ticket.sign > 0 else (self.high, self.low)
        if stop is not None and (adverse - stop) * ticket.sign > 0:
            stop = None
        if target is not None and (favourable - target) * ticket.sign < 0:
            target = None
        if stop is not None and target is not None:
            near = abs(self.open_price - stop) <= abs(self.open_price - target)
            stop_first = {"stop": True, "target": False, "nearest_to_open": near}[self.rules.tie]
            stop, target = (stop, None) if stop_first else (None, target)
        if stop is not None:
            self.exit(ticket, stop, "stop")
        elif target is not None:
            self.exit(ticket, target, "limit")

    def exit(self, ticket: Ticket, price: Fraction, kind: str) -> None:
        """Close a ticket whole at one of its levels."""
        cause = "stop_loss" if kind == "stop" else "take_profit"
        self.leave(ticket, ticket.quantity, price, kind, cause=cause)

    def leave(
        self, ticket: Ticket, quantity: Fraction, price: Fraction, kind: str, *, cause: str, order: int = 0
    ) -> None:
        self.book.leave(ticket, quantity, price, kind, cause=cause, order=order)
        if ticket not in self.book.tickets:
            self.drop_closes(ticket)

    def drop_closes(self, ticket: Ticket) -> None:
        """Cancel the queued closes of a ticket that has closed (R24)."""
        for queued in [queued for queued in self.orders if queued.closes == ticket.number]:
            self.drop(queued, "ticket_closed")

    def margin_call(self) -> None:
        """R13: once, at the close; every ticket closes and every order goes."""
        book, limit = self.book, self.rules.margin_call
        if limit is None or not book.tickets:
            return
        if book.equity(book.mark) <= limit * book.used_margin(book.mark):
            book.write("margin_called", price=book.mark, cause="margin_call")
            self.close_all("margin_call")
            self.drop_all("margin_call")

    def close_all(self, cause: str) -> None:
        for ticket in list(self.book.tickets):
            self.leave(ticket, ticket.quantity, self.book.mark, "market", cause=cause)

    def finish(self) -> None:
        """R14: orders are cancelled, tickets closed if the rules say so."""
        if self.finished:
            return
        self.book.phase = "end"
        self.drop_all("end_of_data")
        if self.rules.end_policy == "close_last":
            self.close_all("end_of_data")
        self.finished = True

    # --- executions ---

    def execute(self, order: Order, reference: Fraction) -> None:
        """Fill an order at a price before costs, or refuse it with the first reason (R5)."""
        book = self.book
        if not order.closes and not self.rules.reentry_same_bar and book.closed_on == book.bar:
            if order.kind != "market":
                return
            self.refuse(order, "reentry_must_wait_for_next_bar")
            return
        self.orders.remove(order)
        try:
            if order.closes:
                self.close_part(order, reference)
            else:
                self.enter(order, reference)
        except RefusedError as reason:
            book.write("refused", order=order.number, refusal=str(reason))

    def refuse(self, order: Order, reason: str) -> None:
        self.orders.remove(order)
        self.book.write("refused", order=order.number, refusal=reason)

    def enter(self, order: Order, reference: Fraction) -> None:
        book, rules = self.book, self.rules
        if order.sign < 0 and (not rules.short or rules.account == "cash"):
            refuse("short_must_be_allowed")
        if rules.tickets_max is not None and len(book.tickets) >= rules.tickets_max:
            refuse("tickets_must_stay_within_limit")
        fill = book.fill_price(reference, order.sign, order.kind)
        if fill <= 0:
            refuse("price_must_be_in_range")
        stop, target = standing(order, fill, reference, rules)
        quantity = self.entry_quantity(order, reference, fill)
        if (quantity + book.gross_quantity()) * 10**rules.quantity_decimals > UNITS_MAX:
            refuse("money_must_stay_in_range")
        uncovered = f"{rules.account}_must_cover_order"
        if quantity == 0:
            refuse(uncovered if order.size[0] == "fraction" else "quantity_must_reach_step")
        if not book.covers(quantity, fill, reference, order.kind):
            refuse(uncovered)
        ticket = book.enter(order.number, order.sign, quantity, reference, order.kind)
        ticket.stop, ticket.target = stop, target

    def entry_quantity(self, order: Order, reference: Fraction, fill: Fraction) -> Fraction:
        """Return how much an entry trades (R30)."""
        name, value = order.size
        step = self.rules.quantity_step or self.unit
        if name == "quantity":
            return value
        if name == "notional":
            count = value / fill // step
        else:
            budget = money(value * self.book.free_cash(reference))
            count = largest(lambda count: self.book.price_and_fee(count * step, fill, order.kind) <= budget)
        if count * step * 10**self.rules.quantity_decimals > UNITS_MAX:
            refuse("quantity_must_be_in_range")
        return count * step

    def close_part(self, order: Order, reference: Fraction) -> None:
        """Take out of a ticket what a close asks for, at most what is left (R24, R29)."""
        ticket = self.ticket(order.closes)
        assert ticket is not None
        quantity = min(self.exit_quantity(order, ticket, reference), ticket.quantity)
        if quantity == 0:
            refuse("quantity_must_reach_step")
        self.leave(ticket, quantity, reference, "market", cause="close", order=order.number)

    def exit_quantity(self, order: Order, ticket: Ticket, reference: Fraction) -> Fraction:
        """Return how much a close asks for; what is short of all is put on the step (R29)."""
        name, value = order.size
        if name == "quantity":
            return value
        if name == "notional":
            wanted = value / self.book.exit_price(reference, -ticket.sign, "market") // self.unit * self.unit
            step = self.rules.quantity_step or self.unit
            return ticket.quantity if wanted >= ticket.quantity else wanted // step * step
        wanted = rounded(ticket.quantity * value, self.rules.quantity_decimals)
        return ticket.quantity if wanted >= ticket.quantity else to_step(wanted, self.rules)


def reached(order: Order, low: Fraction, high: Fraction) -> bool:
    """Tell whether prices from low to high reach a resting order."""
    if order.kind == "market":
        return False
    below = (order.kind == "limit") == (order.sign > 0)
    return low <= order.price if below else high >= order.price


def largest(fits: object) -> int:
    """Return the largest count that fits, 0 for none, or one beyond the range for no end."""
    assert callable(fits)
    low, high = 0, 4 * UNITS_MAX
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low


def play(scenario: Scenario, kind: type[Market] = Market) -> Played:
    """Return the reference's journal, and its money after every bar and decision and at the end."""
    market = kind(scenario.cash, scenario.rules, time=7)
    played = Played(market.book.events)
    for index, wishes in enumerate(scenario.asks):
        if index:
            market.advance(scenario.bars[index - 1])
            played.money.append(money_of(market.book))
        for wish in wishes:
            market.ask(wish)
        played.money.append(money_of(market.book))
    if scenario.finish:
        market.finish()
        played.money.append(money_of(market.book))
    return played


def money_of(book: Book) -> Money:
    """Return what the books say now, in units of money."""
    worth = (book.cash, book.equity(book.mark), book.free_cash(book.mark), book.used_margin(book.mark))
    return Money(len(book.events), *(units(amount, MONEY_DECIMALS) for amount in worth))
