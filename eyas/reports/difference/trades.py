"""The trades of a run as exact integers: closed tickets and those still open, a fold of the journal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from eyas.errors import DataError
from eyas.journal import MONEY_DECIMALS, exact
from eyas.model import CAUSES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.journal import Journal
    from eyas.model import Bars
    from eyas.reports.report import Report

STILL_OPEN = "still_open"
FLOAT_EXACT = 2.0**52
RATE = 10**MONEY_DECIMALS
FUNDING = next(code for code, name in CAUSES.items() if name == "funding")


class Entry(NamedTuple):
    """One fill that a trade entered with; price and quantity in units of 10^-16."""

    time_ns: int
    price: int
    quantity: int


class Exit(NamedTuple):
    """One fill that a trade left with, and why; what stays open leaves at the last close as `still_open`."""

    time_ns: int
    price: int
    quantity: int
    reason: str


@dataclass(eq=False, slots=True)
class Trade:
    """Hold one ticket of a run, exact: all money in units of 10^-16 of the currency that it trades in.

    `direction` is 1 or -1; `decided_ns` is when its entry was asked for, `entry_ns` when it was first filled,
    `exit_ns` when its last quantity left (where it is still open, the end of the run) and `reason` why.
    `entered` and `left` are the traded money of its entries and exits, `profit` what it earned after `fee`,
    `funding` and `borrowing`. `mark` and `one` turn its money into the account's, profit × mark / one, which
    is `value`, rounded as the kernel rounds.
    """

    ticket: int
    symbol: str
    direction: int
    decided_ns: int
    entry_ns: int
    exit_ns: int
    reason: str
    quantity: int
    entries: tuple[Entry, ...]
    exits: tuple[Exit, ...]
    entered: int
    left: int
    fee: int
    funding: int
    borrowing: int
    profit: int
    mark: int
    one: int
    value: int

    @property
    def is_open(self) -> bool:
        """Whether it was still open at the end."""
        return self.reason == STILL_OPEN

    @property
    def traded(self) -> tuple[Any, ...]:
        """Everything that two equal trades have in common: when, for how much, why, and what was paid."""
        rate = self.mark * RATE // self.one
        return (self.entries, self.exits, self.fee, self.funding, self.borrowing, rate)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values; prices, quantities and money as exact text."""
        return {
            "ticket": self.ticket,
            "entry_time_ns": self.entry_ns,
            "exit_time_ns": None if self.is_open else self.exit_ns,
            "entry_price": plain(mean_price(self.entered, self.quantity)),
            "exit_price": plain(mean_price(self.left, self.quantity)),
            "quantity": plain(self.quantity),
            "exit_reason": self.reason,
            "fee": plain(self.fee),
            "funding": plain(self.funding + self.borrowing),
            "profit": plain(self.value),
        }


def nearest(numerator: int, denominator: int) -> int:
    """Return a quotient of integers rounded half to even; the denominator is above zero.

    >>> nearest(5, 2), nearest(-5, 2), nearest(7, 2)
    (2, -2, 4)
    """
    whole, rest = divmod(numerator, denominator)
    doubled = 2 * rest
    return whole + (doubled > denominator or (doubled == denominator and whole % 2 == 1))


def mean_price(money: int, quantity: int) -> int:
    """Return traded money over its quantity, in units of 10^-16."""
    return nearest(money * 10**MONEY_DECIMALS, quantity)


def plain(units: int) -> str:
    """Return units of 10^-16 as text, without zeros at its end.

    >>> plain(15 * 10**15)
    '1.5'
    """
    text = f"{exact(units, MONEY_DECIMALS):f}"
    return text.rstrip("0").rstrip(".") if units else "0"


def amount(units: int) -> Decimal:
    """Return units of 10^-16 as an exact Decimal."""
    return exact(units, MONEY_DECIMALS)


def bars_of(report: Report, symbol: str) -> Bars | None:
    """Return the bars of a symbol, or None where a record was saved without them and their source is gone."""
    try:
        return report.instruments[symbol]
    except DataError:
        return None


def last_prices(report: Report, symbols: Iterable[str]) -> dict[str, tuple[int, int, int]]:
    """Return for each of some symbols with bars its last close: units, decimals, when that bar opened."""
    found = {}
    places = {symbol: place for place, symbol in enumerate(report.symbols)}
    for symbol in symbols:
        bars = bars_of(report, symbol)
        if bars is not None and len(bars):
            decimals = report.journal.decimals("price", places[symbol])
            found[symbol] = (units_of(float(bars.close[-1]), decimals), decimals, int(bars.time[-1]))
    return found


def units_of(value: float, decimals: int) -> int:
    """Return a price as the kernel's scaled units: half to even, beyond 2^52 by the shortest decimal text."""
    scaled = value * 10.0**decimals
    if abs(scaled) < FLOAT_EXACT:
        return round(scaled)
    return int(Decimal(repr(value)).scaleb(decimals).to_integral_value())


def trades_of(report: Report) -> list[Trade]:
    """Return every ticket of a run, in order of entry."""
    journal, symbols = report.journal, report.symbols
    by_ticket = fills_by_ticket(journal)
    pricing = report.rules.pricing(symbols)
    held = {symbols[fills[0][5]] for fills in by_ticket.values() if sum(fill[2] for fill in fills)}
    # A record's bars are read when they are asked for: only those that say what something is worth.
    prices = last_prices(report, sorted({*held, *pricing.values()}))
    rates = {
        symbol: rate_of(prices.get(pricing[symbol]) if symbol in pricing else None) for symbol in symbols
    }
    decided = decisions(journal)
    charges = charged(journal)
    return [
        trade_of(
            Told(
                ticket,
                symbols[fills[0][5]],
                journal.decimals("price", fills[0][5]),
                decided.get(ticket, fills[0][0]),
                charges.get(ticket, (0, 0)),
                rates[symbols[fills[0][5]]],
            ),
            fills,
            prices.get(symbols[fills[0][5]]),
        )
        for ticket, fills in by_ticket.items()
    ]


def rate_of(close: tuple[int, int, int] | None) -> tuple[int, int]:
    """Return by what a symbol's money becomes the account's, as a quotient."""
    return (1, 1) if close is None else (close[0], 10 ** close[1])


Fill = tuple[int, int, int, int, int, int]  # time, price, signed quantity, fee, cause, instrument


class Told(NamedTuple):
    """What is known of a ticket beside its fills: paid is for funding and for borrowing, rate a quotient."""

    ticket: int
    symbol: str
    decimals: int
    decided_ns: int
    paid: tuple[int, int]
    rate: tuple[int, int]


def trade_of(told: Told, fills: list[Fill], close: tuple[int, int, int] | None) -> Trade:
    """Return one ticket from its fills; what it still holds leaves at the last close of its symbol."""
    price_scale, quantity_scale = 10 ** (MONEY_DECIMALS - told.decimals), 10**told.decimals
    direction = 1 if fills[0][2] > 0 else -1
    entries: list[Entry] = []
    exits: list[Exit] = []
    entered = left = fee = held = bought = 0
    for time_ns, price, signed, fill_fee, cause, _ in fills:
        quantity = direction * signed
        held += quantity
        fee += fill_fee
        if quantity > 0:
            entries.append(Entry(time_ns, price * price_scale, quantity * quantity_scale))
            entered += price * quantity
            bought += quantity * quantity_scale
        else:
            exits.append(Exit(time_ns, price * price_scale, -quantity * quantity_scale, CAUSES[cause]))
            left -= price * quantity
    if held:
        held *= quantity_scale
        # Without bars nothing says at what price it stands: it is left at its mean entry, and what the marks
        # contribute is accounted for of the run as a whole.
        price = close[0] * price_scale if close else mean_price(entered, bought)
        exits.append(Exit(close[2] if close else fills[-1][0], price, held, STILL_OPEN))
        left += close[0] * held // quantity_scale if close else nearest(entered * held, bought)
    funding, borrowing = told.paid
    mark, one = told.rate
    profit = direction * (left - entered) - fee - funding - borrowing
    return Trade(
        ticket=told.ticket,
        symbol=told.symbol,
        direction=direction,
        decided_ns=told.decided_ns,
        entry_ns=entries[0].time_ns,
        exit_ns=exits[-1].time_ns,
        reason=exits[-1].reason,
        quantity=bought,
        entries=tuple(entries),
        exits=tuple(exits),
        entered=entered,
        left=left,
        fee=fee,
        funding=funding,
        borrowing=borrowing,
        profit=profit,
        mark=mark,
        one=one,
        value=profit if mark == one else nearest(profit * mark, one),
    )


def fills_by_ticket(journal: Journal) -> dict[int, list[Fill]]:
    """Return the fills of each ticket, in their order."""
    rows, records = journal.where("filled"), journal.records
    columns = (
        records["time_ns"][rows].tolist(),
        records["price"][rows].tolist(),
        records["quantity"][rows].tolist(),
        wide(records, "fee", rows),
        records["cause"][rows].tolist(),
        records["instrument"][rows].tolist(),
    )
    found: dict[int, list[Fill]] = {}
    for ticket, fill in zip(records["ticket"][rows].tolist(), zip(*columns, strict=True), strict=True):
        found.setdefault(ticket, []).append(fill)
    return found


def held_places(journal: Journal) -> list[int]:
    """Return of which instruments something was still held at the end."""
    rows, records = journal.where("filled"), journal.records
    _, first, place = np.unique(records["ticket"][rows], return_index=True, return_inverse=True)
    held = np.zeros(len(first), np.int64)
    np.add.at(held, place, records["quantity"][rows])
    found: list[int] = np.unique(records["instrument"][rows][first[held != 0]]).tolist()
    return found


def decisions(journal: Journal) -> dict[int, int]:
    """Return when each order was asked for; a ticket has the number of the order that opened it."""
    rows, records = journal.where("submitted"), journal.records
    return dict(zip(records["order"][rows].tolist(), records["time_ns"][rows].tolist(), strict=True))


def charged(journal: Journal) -> Mapping[int, tuple[int, int]]:
    """Return what each ticket paid for funding and for borrowing."""
    rows, records = journal.where("charged"), journal.records
    found: dict[int, tuple[int, int]] = {}
    columns = zip(
        records["ticket"][rows].tolist(),
        records["cause"][rows].tolist(),
        wide(records, "fee", rows),
        strict=True,
    )
    for ticket, cause, owed in columns:
        funding, borrowing = found.get(ticket, (0, 0))
        found[ticket] = (funding + owed, borrowing) if cause == FUNDING else (funding, borrowing + owed)
    return found


def transferred(journal: Journal) -> int:
    """Return all money that came in less what went out, the opening cash included."""
    return sum(wide(journal.records, "cash", journal.where("transferred")))


def wide(records: NDArray[np.void], name: str, rows: NDArray[np.intp]) -> list[int]:
    """Return a field of 128 bits as exact integers."""
    low, high = records[f"{name}_low"][rows].tolist(), records[f"{name}_high"][rows].tolist()
    return [(above << 64) + below for below, above in zip(low, high, strict=True)]
