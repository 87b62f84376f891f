"""The reference market when somebody else matches: bars only mark, fills come as reports."""

from __future__ import annotations

from fractions import Fraction

from .market import Market
from .numbers import UNITS_MAX, exact, money, rounded
from .orders import Order
from .scenario import Apply, Ask, Bar, named


class Elsewhere(Market):
    """An account that a venue fills."""

    def ask(self, wish: Ask) -> None:
        """Take a wish or a fill."""
        if isinstance(wish, Apply):
            self.apply(wish)
            return
        super().ask(wish)

    @property
    def priced(self) -> bool:
        """The venue knows the price."""
        return True

    def fills_now(self, order: Order) -> bool:
        return False

    def advance(self, bar: Bar) -> None:
        """Mark what is held at the close of a bar."""
        self.book.mark = self.checked(bar)[3]
        self.book.bar, self.book.time, self.book.phase = self.book.bar + 1, bar.time, "decision"

    def finish(self) -> None:
        """Cancel what waits; what is held is the venue's to close."""
        if not self.finished:
            self.book.phase = "end"
            self.drop_all("end_of_data")
            self.finished = True

    def apply(self, fill: Apply) -> None:
        """Account for a fill of a waiting order, of at most what is left of it; any other changes nothing."""
        number = named(fill.order, [order.number for order in self.orders])
        order = next((order for order in self.orders if order.number == number), None)
        price = rounded(exact(fill.price), self.rules.price_decimals)
        quantity = rounded(exact(fill.quantity), self.rules.quantity_decimals)
        fee = money(exact(fill.fee))
        limit = Fraction(UNITS_MAX, 10**self.rules.price_decimals)
        if order is None or not 0 < price <= limit or not 0 < quantity <= order.size[1]:
            return
        ticket = self.ticket(order.closes) if order.closes else None
        if order.closes and (ticket is None or quantity > ticket.quantity):
            return
        book, before = self.book, (self.book.phase, self.book.time)
        book.phase, book.time = "venue", fill.time
        if ticket is not None:
            book.take_out(ticket, quantity, price, price, fee, cause="close", order=number)
        else:
            book.put_in(number, order.sign, quantity, price, price, fee)
        order.size = ("quantity", order.size[1] - quantity)
        if order.size[1] == 0:
            self.orders.remove(order)
        if ticket is not None and ticket not in book.tickets:
            self.drop_closes(ticket)
        book.phase, book.time = before
