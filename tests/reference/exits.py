"""How tickets leave by themselves: levels, time limits, what waits for the next open (R11, R15, R16, R17)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from .closing import out
from .levels import follow, to_breakeven
from .sizes import share_of, within
from .state import Bar, Book, State, Ticket
from .worth import liquidation_price

ZERO = Fraction(0)


@dataclass(frozen=True)
class Stop:
    """The stop that counts: the ticket's own, or its liquidation when that is nearer."""

    price: Fraction
    cause: str
    trigger: str


def stops_of(state: State, ticket: Ticket) -> list[Stop]:
    """Return the stop and the liquidation of a ticket, the nearer first."""
    found = []
    if ticket.stop is not None:
        found.append(Stop(ticket.stop, ticket.stop_cause, state.rules.stop_trigger))
    liquidation = liquidation_price(state, ticket)
    if liquidation is not None:
        found.append(Stop(liquidation, "liquidation", "range"))
    return sorted(found, key=lambda stop: -stop.price * ticket.sign)


# --- at the open ---


def leave_waiting(state: State, book: Book) -> None:
    """Let go at the open of what a time limit or a stop without volume left over."""
    for ticket in state.tickets_of(book):
        quantity = within(book, ticket.quantity)
        if ticket.leaving and quantity:
            out(state, ticket, quantity, book.now().open, "market", ticket.leaving)


def try_open(state: State, ticket: Ticket, bar: Bar) -> None:
    """Leave at the levels that the open has passed."""
    rules, opened = state.rules, bar.open
    for stop in stops_of(state, ticket):
        if stop.trigger == "range" and (opened - stop.price) * ticket.sign <= 0:
            stop_out(state, ticket, stop, opened if rules.gap == "open" else stop.price)
            liquidate_passed(state, ticket, opened, opened)
            return
    while rules.target_trigger == "range" and ticket in state.tickets and ticket.rungs:
        level = ticket.rungs[0][0]
        if (opened - level) * ticket.sign < 0 or not rung_out(
            state, ticket, opened if rules.gap == "open" else level
        ):
            return


def liquidate_passed(state: State, ticket: Ticket, low: Fraction, high: Fraction) -> None:
    """Liquidate what volume has left of a stop, when the same prices reach the liquidation too."""
    worst = low if ticket.sign > 0 else high
    for stop in stops_of(state, ticket) if ticket in state.tickets else ():
        if stop.cause == "liquidation" and (worst - stop.price) * ticket.sign <= 0:
            inside = min(max(stop.price, low), high) if state.rules.gap == "open" else stop.price
            stop_out(state, ticket, stop, inside)


# --- in the range ---


def try_range(state: State, ticket: Ticket, bar: Bar, *, first: bool = True, last: bool = True) -> None:
    """Test a ticket against the range of a bar, or of a finer one, which may be its first or last."""
    rules, book = state.rules, state.book(ticket)
    decimals = book.terms.price_decimals
    if rules.time_exit == "first" and first:
        try_time(state, ticket)
    if ticket not in state.tickets:
        return
    if rules.trail_update == "before":
        follow(ticket, bar.low, bar.high, decimals)
    stopped = try_levels(state, ticket, bar, last=last)
    if ticket in state.tickets and rules.trail_update == "after" and not stopped:
        follow(ticket, bar.low, bar.high, decimals)
    if ticket in state.tickets and rules.time_exit == "last" and last:
        try_time(state, ticket)


def passed(trigger: str, level: Fraction, away: int, bar: Bar) -> bool:
    """Tell whether a bar reaches a level that lies below (-1) or above (1), as its trigger says (R15)."""
    extreme = bar.low if away < 0 else bar.high
    price = {"range": extreme, "close": bar.close, "given_price": bar.given_or_close}[trigger]
    return (price - level) * away >= 0


def level_fill(state: State, level: Fraction, bar: Bar, *, free: bool = False) -> Fraction:
    """Return at which price a level fills that a bar has reached (R15); a liquidation knows no close."""
    if state.rules.bracket_price == "close" and not free:
        return bar.close
    return level if state.rules.gap == "level" else min(max(level, bar.low), bar.high)


def try_levels(state: State, ticket: Ticket, piece: Bar, *, last: bool) -> bool:
    """Leave at what the bar touched; of stop and targets, in the order that `tie` says (R17).

    Of a bar that is walked in pieces, its close and given price are known with the last. Tell whether a stop
    was touched.
    """
    rules, sign, whole = state.rules, ticket.sign, state.book(ticket).now()

    def touched(trigger: str, level: Fraction, away: int) -> bool:
        if trigger == "range":
            return passed(trigger, level, away, piece)
        return last and passed(trigger, level, away, whole)

    hit = [stop for stop in stops_of(state, ticket) if touched(stop.trigger, stop.price, -sign)]
    hit.sort(key=lambda stop: stop.trigger != "range")  # the range comes before the close
    targets = rules.target_trigger
    rungs = [level for level, _ in ticket.rungs if touched(targets, level, sign)]
    if hit and rungs:
        state.ambiguous.add((ticket.instrument, whole.time_ns))
    if rungs and not (hit and stop_first(state, ticket, hit[0].price, rungs[0], piece)):
        for level in rungs:
            if not rung_out(state, ticket, level_fill(state, level, piece if targets == "range" else whole)):
                break
    if hit and ticket in state.tickets:
        stop = hit[0]
        free = stop.cause == "liquidation"
        inside = piece if stop.trigger == "range" else whole
        price = level_fill(state, stop.price, inside, free=free)
        stop_out(state, ticket, stop, price)
        liquidate_passed(state, ticket, piece.low, piece.high)
    return bool(hit)


def stop_first(state: State, ticket: Ticket, stop: Fraction, target: Fraction, bar: Bar) -> bool:
    tie = state.rules.tie
    if tie == "nearest_to_open":
        return abs(bar.open - stop) <= abs(bar.open - target)
    if tie == "open_high_low":
        return (bar.close >= bar.open) == (ticket.sign > 0)
    return tie != "target"


def stop_out(state: State, ticket: Ticket, stop: Stop, reference: Fraction) -> None:
    """Let the stop take everything that is left; what finds no volume leaves at the next open (R23)."""
    book = state.book(ticket)
    ticket.stopped_bar, book.stopped_ns = book.index, state.clock_ns
    free = stop.cause == "liquidation"
    quantity = ticket.quantity if free else within(book, ticket.quantity)
    if quantity:
        out(state, ticket, quantity, reference, "stop", stop.cause)
    if ticket in state.tickets:
        ticket.leaving = stop.cause


def rung_out(state: State, ticket: Ticket, reference: Fraction) -> bool:
    """Let the next target take its share; tell whether all of it has gone, so that the one after may act."""
    book = state.book(ticket)
    share = ticket.rungs[0][1]
    last = len(ticket.rungs) == 1
    if ticket.rung_left is None or last:
        left = ticket.quantity if last else share_of(ticket.quantity, share, book, state.rules)
        ticket.rung_left = left
    wanted = min(ticket.rung_left, ticket.quantity)
    quantity = within(book, wanted)
    ticket.rung_left = wanted - quantity
    done = ticket.rung_left == 0
    if done:
        ticket.rungs.pop(0)
        ticket.rung_left = None
        ticket.rungs_reached += 1
        ticket.breakeven_due |= ticket.rungs_reached == ticket.breakeven_rung
    if quantity:
        out(state, ticket, quantity, reference, "limit", "take_profit")
    return done and ticket in state.tickets


def after_range(state: State, book: Book) -> None:
    """Move the stops that a target has moved to break-even: they act from the next bar (R17)."""
    for ticket in state.tickets_of(book):
        if ticket.breakeven_due:
            to_breakeven(ticket)


# --- time ---


def try_time(state: State, ticket: Ticket) -> None:
    """Leave when the time is up: now, or at the next open, as market exits do (R11)."""
    book, rule = state.book(ticket), state.rules.exit_fill
    bar = book.now()
    due = bool(ticket.bars) and book.index - ticket.bar >= ticket.bars
    due = due or (bool(ticket.limit_ns) and bar.time_ns - ticket.time_ns >= ticket.limit_ns)
    if not due or ticket.stopped_bar == book.index:
        return
    if rule == "next_open":
        ticket.leaving = "time_limit"
        return
    price = {"given_price": bar.given_or_close}.get(rule, bar.close)
    quantity = within(book, ticket.quantity)
    if quantity:
        out(state, ticket, quantity, price, "market", "time_limit")
