"""What a pair of trades differs in first, by the order of a trade's life."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from eyas.reports.difference.matching import Match
from eyas.reports.difference.trades import Entry, Exit, Trade

# The first that holds of a pair is its name, in this order; then the causes of money beyond single trades.
NAMES = {
    "missed": "only in A",
    "extra": "only in B",
    "time": "entered or left at another time",
    "price": "same time, another price",
    "exit": "left for another reason",
    "open": "still open at the end",
    "fee": "another rate of fees",
    "quantity": "another quantity",
    "funding": "other funding or borrowing",
    "rate": "another rate of its currency at the end",
    "equal": "equal",
}
OF_THE_RUN = {
    "cash": "opening cash and transfers",
    "rounding": "rounding of currencies",
    "unexplained": "marks of what is open that no bars tell",
}
CAUSES = {**{name: text for name, text in NAMES.items() if name != "equal"}, **OF_THE_RUN}


class Named(NamedTuple):
    """What a pair is called, and why its entries and its exits are not alike (None: they are)."""

    name: str
    entry: str | None = None
    exit: str | None = None


def named(match: Match) -> Named:
    """Return what a pair is called: the first cause that explains it.

    A trade is followed through its life: when and at what price it was entered, why, when and at what price
    it left, what it paid and how much it was. Quantity comes after fees: it often follows from the money
    that they, and earlier trades, left.
    """
    a, b = match
    if a is None:
        return Named("extra")
    if b is None:
        return Named("missed")
    if a.traded == b.traded:
        return Named("equal")
    entry, leaving = entry_cause(a, b), exit_cause(a, b)
    return Named(first_cause(a, b, entry, leaving), entry, leaving)


def first_cause(a: Trade, b: Trade, entry: str | None, leaving: str | None) -> str:
    """Return the first cause that sets two trades apart."""
    for cause in (entry, leaving):
        if cause is not None and cause != "quantity":
            return cause
    same_quantity = a.quantity == b.quantity and "quantity" not in (entry, leaving)
    if a.fee != b.fee and (same_quantity or is_another_fee_rate(a, b)):
        return "fee"
    if not same_quantity:
        return "quantity"
    return "funding" if (a.funding, a.borrowing) != (b.funding, b.borrowing) else "rate"


def is_another_fee_rate(a: Trade, b: Trade) -> bool:
    """Tell whether fees are another share of what was traded, by more than their rounding makes them."""
    traded_a, traded_b = a.entered + a.left, b.entered + b.left
    fills = max(len(a.entries) + len(a.exits), len(b.entries) + len(b.exits))
    return abs(a.fee * traded_b - b.fee * traded_a) > fills * max(traded_a, traded_b)


def entry_cause(a: Trade, b: Trade) -> str | None:
    """Return why two trades were entered at other mean prices; None where their entries agree.

    Entries that agree in the first but not in those that were added differ in quantity.
    """
    if a.entry_ns != b.entry_ns:
        return "time"
    if a.entries[0].price != b.entries[0].price:
        return "price"
    return None if alike(a.entries, b.entries, a.quantity, b.quantity) else "quantity"


def exit_cause(a: Trade, b: Trade) -> str | None:
    """Return why two trades left at other mean prices; None where their exits agree.

    The last exit decides; parts that left earlier for other reasons, or at other times, are an exit too.
    """
    if alike(a.exits, b.exits, a.quantity, b.quantity):
        return None
    if a.is_open or b.is_open:
        return "open"
    if a.reason != b.reason:
        return "exit"
    if a.exit_ns != b.exit_ns:
        return "time"
    ways = [[(one.time_ns, one.reason) for one in trade.exits] for trade in (a, b)]
    if ways[0] != ways[1]:
        return "exit"
    prices = [[one.price for one in trade.exits] for trade in (a, b)]
    return "price" if prices[0] != prices[1] else "quantity"


def alike(a: Sequence[Entry | Exit], b: Sequence[Entry | Exit], whole_a: int, whole_b: int) -> bool:
    """Tell whether fills agree in times, prices and reasons, and each in its share of the whole quantity."""
    if len(a) != len(b):
        return False
    if len(a) == 1:  # as most are: its share is the whole
        return a[0][:2] == b[0][:2] and a[0][3:] == b[0][3:]
    return all(
        one[:2] == other[:2] and one[3:] == other[3:] and one.quantity * whole_b == other.quantity * whole_a
        for one, other in zip(a, b, strict=True)
    )
