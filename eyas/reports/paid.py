"""What trading cost, by kind, and how much was traded: of each trade, and of a run as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eyas.model import CAUSES, FILL_COST_FIELDS, PAID_FIELDS, paid
from eyas.reports.records import dtype_of, money_of

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from eyas.reports.report import Report

PAID_DTYPE = dtype_of(PAID_FIELDS)
FILL_COST_DTYPE = dtype_of(FILL_COST_FIELDS)
KINDS = ("bought", "sold", "slippage", "fees", "funding", "borrowing")
BORROW = next(code for code, name in CAUSES.items() if name == "borrow")


@dataclass(frozen=True, slots=True)
class Paid:
    """Hold what a run traded and paid, tickets that are still open included, in the account's money.

    `slippage` is what spread and slippage together took: by how much fills were worse than the prices
    before them. `funding` is below 0 where it was received. Amounts of symbols with money of their own are
    turned into the account's at the last price of each step.
    """

    bought: float
    sold: float
    slippage: float
    fees: float
    funding: float
    borrowing: float

    @property
    def traded(self) -> float:
        """Purchases and sales together."""
        return self.bought + self.sold

    @property
    def all(self) -> float:
        """All costs together: slippage, fees, funding and borrowing."""
        return self.slippage + self.fees + self.funding + self.borrowing


def paid_frame(report: Report) -> pl.DataFrame:
    """Return one row for each of `report.trades`: what it traded and paid, in the symbol's own money.

    `bought` and `sold` are the money of its purchases and sales; `slippage` what spread and slippage took
    (0 of fills whose price before costs nobody knows); `fees` those of its fills; `funding` and `borrowing`
    what was charged while it was held. Fees, funding and borrowing add up to its `fee`.

    >>> import eyas
    >>> report = eyas.backtest(
    ...     eyas.Signals(entries=[1, 0, 0], quantity=1), eyas.sample("AAPL", "1d")[:3], fee_fixed=1
    ... )
    >>> paid_frame(report)["fees"].to_list()
    [2.0]
    """
    import polars as pl

    trades, _, _ = paid(report.journal.data)
    records = np.frombuffer(trades, PAID_DTYPE)
    return pl.DataFrame({name: money_of(records, name) for name in KINDS})


def paid_in_all(report: Report) -> Paid:
    """Return what a run traded and paid as a whole."""
    _, totals, fills = paid(report.journal.data)
    if report.currencies is not None:
        return converted(report, np.frombuffer(fills, FILL_COST_DTYPE))
    records = np.frombuffer(totals, PAID_DTYPE)
    return Paid(**{name: float(money_of(records, name).sum()) for name in KINDS})


def converted(report: Report, fills: NDArray[np.void]) -> Paid:
    """Return what a run traded and paid, each amount at the rate of its own step."""
    journal, currencies = report.journal, report.currencies
    if currencies is None:
        raise ValueError("a run in one currency has nothing to convert")
    filled, charged = journal.where("filled"), journal.where("charged")
    rates = np.ones(len(filled))
    symbols = np.array(journal.symbols_of(filled), dtype=object)
    for symbol in currencies.pricing:
        mine = symbols == symbol
        rates[mine] = currencies.rates(symbol, journal.records["bar"][filled][mine])
    notional = money_of(fills, "notional") * rates
    owed = currencies.converted(journal, charged, "fee")
    is_borrowed = journal.records["cause"][charged] == BORROW
    return Paid(
        bought=float(notional[notional > 0].sum()),
        sold=float(np.abs(notional[notional < 0]).sum()),
        slippage=float((money_of(fills, "slippage") * rates).sum()),
        fees=float(currencies.converted(journal, filled, "fee").sum()),
        funding=float(owed[~is_borrowed].sum()),
        borrowing=float(owed[is_borrowed].sum()),
    )
