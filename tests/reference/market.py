"""The reference market: the order of a bar as R1, R2, R4 and R14 tell it, one plain loop after another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from . import asking, bell
from .execution import decide, decides, execute
from .exits import after_range, leave_waiting, try_open, try_range
from .limits import new_day
from .numbers import exact
from .resting import at_open, in_range, is_touched, move_trails, preferred, reaches, too_late, waits_at_price
from .rules import Pairs, rules_of, terms_of
from .sizes import room_of
from .state import Bar, Book, State, Ticket
from .waiting import at_market, begin, drop_all, expire, fill_rule, late_cancels, tradable, vain_cancels
from .wishes import Order
from .worth import equity


class RefusedBarError(Exception):
    """A bar cannot have happened."""


def check_prices(bar: Bar) -> None:
    if bar.low <= 0:
        raise RefusedBarError("bar_must_be_in_range")
    if not bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high:
        raise RefusedBarError("bar_must_hold_its_prices")


def by_rank(order: Order) -> tuple[object, ...]:
    return (-order.rank, order.instrument, order.number)


@dataclass(frozen=True)
class Piece:
    """A bar, or a finer one on its way."""

    book: Book
    bar: Bar
    first: bool
    last: bool


class Market:
    """One account in one market: ask, advance, finish."""

    def __init__(self, cash: str, rules: Pairs, instruments: Sequence[Pairs] = (), time: int = 0) -> None:
        self.rules = rules_of(rules)
        terms = [terms_of(pairs, self.rules.terms) for pairs in instruments] or [self.rules.terms]
        books = [Book(number, one) for number, one in enumerate(terms)]
        self.state = State(self.rules, books, {None: exact(cash)}, time)
        self.state.opened_ns = time
        self.state.last_equity = self.state.day_equity = exact(cash)
        self.state.write("transferred", cash=exact(cash))
        new_day(self.state)

    def ask(self, text: str) -> None:
        """Take one wish in words, or refuse it and write down why."""
        asking.ask(self.state, text)

    # --- the order of a bar ---

    def advance(self, bars: Sequence[Bar], finer: Sequence[Bar] = ()) -> None:
        """Let one bar of each instrument that has one happen: open, range, close, decision."""
        self.check(bars, finer)
        state = self.state
        state.step += 1
        state.clock_ns = max(bar.close_ns for bar in bars)
        state.opened_ns = max(bar.time_ns for bar in bars)
        new_day(state)
        for book in state.books:
            book.fresh = False
        for bar in bars:
            book = state.books[bar.instrument]
            book.bar, book.bars, book.fresh = bar, book.bars + 1, True
            book.room = room_of(book)
        if self.rules.matching == "here":
            self.opened()
            self.ranged(finer)
        self.closed()
        state.phase = "decision"
        if self.rules.matching == "here":
            self.pending()

    def check(self, bars: Sequence[Bar], finer: Sequence[Bar]) -> None:
        """Refuse bars that cannot have happened (R37)."""
        if self.state.finished:
            raise RefusedBarError("run_must_be_open")
        for bar in finer:
            parent = next((one for one in bars if one.instrument == bar.instrument), None)
            if parent is None or not parent.low <= bar.low <= bar.high <= parent.high:
                raise RefusedBarError("bar_must_stay_inside")
        for bar in [*bars, *finer]:
            check_prices(bar)
        for bar in bars:
            self.check_place(bar, self.state.books[bar.instrument])

    def check_place(self, bar: Bar, book: Book) -> None:
        if not book.listed:
            raise RefusedBarError("instrument_must_be_listed")
        if book.bar is not None and bar.time_ns <= book.bar.time_ns:
            raise RefusedBarError("bar_must_be_later")
        needed = book.terms.fill_volume is not None or book.terms.slippage_volume
        if needed and bar.volume is None:
            raise RefusedBarError("bar_must_have_volume")

    @property
    def fresh(self) -> list[Book]:
        return [book for book in self.state.books if book.fresh and book.listed]

    def every(self, orders: list[Order], use: Callable[[Order], None]) -> None:
        """Use each order that still waits when its turn comes."""
        for order in orders:
            if order in self.state.orders:
                use(order)

    def opened(self) -> None:
        """R4: exits of every instrument, then entries at the market, then those that the open has passed."""
        state = self.state
        state.phase = "open"
        vain_cancels(state)
        for book in self.fresh:
            late_cancels(state, book, book.index - 1, book.now().time_ns)
        vain_cancels(state)
        for book in self.fresh:
            begin(state, book)
            expire(state, book)
            self.open_exits(book)
        bars = {book.number: book.now() for book in self.fresh}
        entries = self.entries()
        self.every(entries, self.market_open)
        self.resting_open(entries, bars)
        late = [order for order in state.orders if waits_at_price(order) and tradable(state, order)]
        self.every(late, lambda order: too_late(state, order))

    def open_exits(self, book: Book) -> None:
        state = self.state
        exits = [order for order in state.orders_of(book) if order.closes]
        leave_waiting(state, book)
        self.every(exits, self.market_open)
        for ticket in state.tickets_of(book):
            if ticket in state.tickets:
                try_open(state, ticket, book.now())
        self.resting_open(exits, {book.number: book.now()})

    def market_open(self, order: Order) -> None:
        """Fill at the open what waits for it."""
        state = self.state
        if at_market(order) and fill_rule(state, order) == "next_open" and tradable(state, order):
            execute(state, order, state.book(order).now().open)

    def resting_open(self, orders: list[Order], bars: dict[int, Bar]) -> None:
        """Try what an open has passed."""
        state = self.state

        def is_passed(order: Order) -> bool:
            opened = bars[order.instrument].open
            return waits_at_price(order) and reaches(state, order, opened, opened)

        passed = [order for order in orders if order.instrument in bars and is_passed(order)]
        passed = preferred(state, passed, bars)
        self.every(passed, lambda order: at_open(state, order, bars[order.instrument]))

    def ranged(self, finer: Sequence[Bar]) -> None:
        """Walk the range: whole bars at once, or the finer bars inside them as they close."""
        state = self.state
        state.phase = "range"
        paths = {book.number: [bar for bar in finer if bar.instrument == book.number] for book in self.fresh}
        for book in self.fresh:
            paths[book.number] = paths[book.number] or [book.now()]
        whole = [number for number, path in paths.items() if path == [state.books[number].now()]]
        self.walk([Piece(state.books[number], paths[number][0], first=True, last=True) for number in whole])
        finely = {number: path for number, path in paths.items() if number not in whole}
        for moment in sorted({bar.time_ns for path in finely.values() for bar in path}):
            pieces = [
                Piece(state.books[number], bar, bar is path[0], bar is path[-1])
                for number, path in finely.items()
                for bar in path
                if bar.time_ns == moment
            ]
            self.inner_open(pieces)
            self.walk(pieces)

    def entries(self) -> list[Order]:
        return sorted((order for order in self.state.orders if not order.closes), key=by_rank)

    def inner_open(self, pieces: list[Piece]) -> None:
        """Let finer bars open: levels and resting orders that they have passed."""
        state = self.state
        bars = {piece.book.number: piece.bar for piece in pieces}
        for piece in pieces:
            for ticket in state.tickets_of(piece.book):
                if self.counts(piece, ticket):
                    try_open(state, ticket, piece.bar)
            exits = [order for order in state.orders_of(piece.book) if order.closes]
            self.resting_open(exits, bars)
        self.resting_open(self.entries(), bars)

    def walk(self, pieces: list[Piece]) -> None:
        """R1: exits of tickets open before the range, reduce-only, entries, exits of tickets opened in it."""
        state = self.state
        before = list(state.tickets)
        bars = {piece.book.number: piece.bar for piece in pieces}
        for piece in pieces:
            move_trails(state, "before", piece.bar)
        for piece in pieces:
            for ticket in state.tickets_of(piece.book):
                if self.counts(piece, ticket):
                    try_range(state, ticket, piece.bar, first=piece.first, last=piece.last)
            self.range_orders([order for order in state.orders_of(piece.book) if order.closes], bars)
        self.range_orders(self.entries(), bars)
        for piece in pieces:
            for ticket in state.tickets_of(piece.book):
                if ticket not in before and self.rules.bracket_from == "fill_bar":
                    try_range(state, ticket, piece.bar, last=piece.last)
        for piece in pieces:
            move_trails(state, "after", piece.bar)
            after_range(state, piece.book)

    def counts(self, piece: Piece, ticket: Ticket) -> bool:
        """Tell whether the range of this bar tests a ticket (R8); of finer bars, each that comes after it."""
        if ticket.bar < piece.book.index or self.rules.bracket_from == "fill_bar":
            return True
        return self.rules.bracket_from == "auto" and (ticket.phase == "open" or not piece.first)

    def range_orders(self, orders: list[Order], bars: dict[int, Bar]) -> None:
        state = self.state
        touched = [
            order
            for order in orders
            if order.instrument in bars and is_touched(state, order, bars[order.instrument])
        ]
        self.every(
            preferred(state, touched, bars), lambda order: in_range(state, order, bars[order.instrument])
        )

    def closed(self) -> None:
        """Mark, charge, and test the margin."""
        state = self.state
        state.phase = "close"
        for book in self.fresh:
            book.mark = book.now().close
        if self.rules.matching == "here":
            for book in self.fresh:
                bell.charge(state, book)
            bell.margin_call(state)
        state.last_equity = equity(state)

    def pending(self) -> None:
        """Fill in the decision what waited for it: late orders, rests, what another order has triggered."""
        state = self.state
        vain_cancels(state)
        for book in state.books:
            late_cancels(state, book, book.index, state.clock_ns)
        vain_cancels(state)
        waiting = [order for order in state.orders if decides(state, order) and not order.held]
        waiting = [order for order in waiting if state.book(order).fresh]
        exits = sorted((order for order in waiting if order.closes), key=by_rank)
        self.every(exits, lambda order: decide(state, order))
        entries = sorted((order for order in waiting if not order.closes), key=by_rank)
        self.every(entries, lambda order: decide(state, order))

    def finish(self) -> None:
        """R14: orders are cancelled, tickets closed if the rules say so."""
        state = self.state
        if state.finished:
            return
        state.phase = "end"
        drop_all(state, "end_of_data")
        if self.rules.end_policy == "close_last" and self.rules.matching == "here":
            bell.close_all(state, "end_of_data")
        state.finished = True
