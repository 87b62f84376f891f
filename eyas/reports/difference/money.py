"""Where the money between two runs went: every part exact, and together the whole, to the last unit.

All amounts are integers in units of 10^-16 of the account's money.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from eyas.reports.difference.naming import Named
from eyas.reports.difference.trades import Trade, last_prices, nearest, transferred

if TYPE_CHECKING:
    from eyas.reports.difference.matching import Match
    from eyas.reports.report import Report

MONEY = 10**16


@dataclass(frozen=True, slots=True)
class Worth:
    """Hold the final equity of a run and what it is made of: cash that came in, its trades, and the rest."""

    equity: int
    cash: int
    trades: int
    rounding: int
    unexplained: int


def worth_of(report: Report, trades: Sequence[Trade]) -> Worth:
    """Return the final equity of a run, exact, as cash that came in plus the profit of every trade.

    The money of each currency is converted at its last rate and rounded once, as the kernel does; that
    single trades are rounded too is `rounding`. Where something is still open and no bars say its last price,
    equity is that of the curve, and `unexplained` is what the marks contribute.
    """
    cash = transferred(report.journal)
    total = sum(trade.value for trade in trades)
    purses: dict[tuple[str, int, int], int] = defaultdict(int)
    pricing = report.rules.pricing(report.symbols)
    for trade in trades:
        purses[pricing.get(trade.symbol, ""), trade.mark, trade.one] += trade.profit
    equity = cash + sum(nearest(money * mark, one) for (_, mark, one), money in purses.items())
    rounding = equity - cash - total
    needed = {trade.symbol for trade in trades if trade.is_open} | {
        pricing[trade.symbol] for trade in trades if trade.symbol in pricing
    }
    known = last_prices(report, sorted(needed))
    if needed <= known.keys() or not len(report.curve):
        return Worth(equity, cash, total, rounding, 0)
    marked = round(Fraction(float(report.curve[-1])) * MONEY)
    return Worth(marked, cash, total, rounding, marked - equity)


def parts_of(match: Match, said: Named) -> dict[str, int]:
    """Return by cause what the second trade of a pair earned more than the first; they sum to it exactly.

    Profit is direction × quantity × (mean exit - mean entry) less what was paid. Of the difference, another
    mean entry takes its change times the mean of both quantities, so does another mean exit, and quantity
    takes what is left: its change times the mean of what both earned a unit. Where trades are in a currency
    of their own, parts are converted at the mean of both rates, and what is left is the rate's.
    """
    a, b = match
    if a is None or b is None:
        only = -a.value if a else b.value if b else 0
        return {"missed" if a else "extra": only}
    if said.name == "equal":
        return {}
    both = a.quantity + b.quantity
    twice = 2 * a.quantity * b.quantity
    entry = towards_zero(a.direction * both * (a.entered * b.quantity - b.entered * a.quantity), twice)
    leaving = towards_zero(a.direction * both * (b.left * a.quantity - a.left * b.quantity), twice)
    gross = a.direction * ((b.left - b.entered) - (a.left - a.entered))
    parts: dict[str, int] = defaultdict(int)
    parts[said.entry or "quantity"] += entry
    parts[said.exit or "quantity"] += leaving
    parts["quantity"] += gross - entry - leaving
    parts["fee"] += a.fee - b.fee
    parts["funding"] += a.funding + a.borrowing - b.funding - b.borrowing
    return {cause: part for cause, part in converted(a, b, parts).items() if part}


def converted(a: Trade, b: Trade, parts: Mapping[str, int]) -> dict[str, int]:
    """Return parts in the account's money; what that leaves is the rate's where it changed, else rounding."""
    if a.mark == a.one and b.mark == b.one:
        return dict(parts)
    numerator = a.mark * b.one + b.mark * a.one
    denominator = 2 * a.one * b.one
    found = {cause: towards_zero(part * numerator, denominator) for cause, part in parts.items()}
    same_rate = a.mark * b.one == b.mark * a.one
    found["rounding" if same_rate else "rate"] = b.value - a.value - sum(found.values())
    return found


def towards_zero(numerator: int, denominator: int) -> int:
    """Return a quotient without its fraction: of swapped runs the same with the other sign.

    >>> towards_zero(-7, 2), towards_zero(7, 2)
    (-3, 3)
    """
    return numerator // denominator if numerator >= 0 else -(-numerator // denominator)


def summed(parts: Sequence[Mapping[str, int]]) -> dict[str, int]:
    """Return the sum of parts by cause."""
    found: dict[str, int] = defaultdict(int)
    for one in parts:
        for cause, part in one.items():
            found[cause] += part
    return dict(found)
