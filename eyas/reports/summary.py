"""The headline figures of a run, typed, and as a table."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eyas.metrics.gates import ANNUAL_FROM_DAYS, RETURNS_MIN
from eyas.model import FILLED_ALL_THE_SAME, REFUSALS, curve_figures, iso

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.journal import Journal
    from eyas.model import Bars
    from eyas.reports.currencies import Currencies

YEAR_NS = 365.25 * 86_400 * 1e9


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Summary:
    """Hold the headline figures of a run; it prints as a table.

    Rates are fractions (0.05 is 5 %), money is in the account's currency. A figure that the run is too
    short to defend is None: annual return and Sharpe ratio below 30 days, the Sharpe ratio below 10 returns
    too, ratios without trades.
    """

    start: str
    end: str
    bars: int
    cash: float
    equity_final: float
    total_return: float
    annual_return: float | None
    buy_and_hold_return: float
    max_drawdown: float
    max_drawdown_bars: int
    sharpe: float | None
    exposure: float
    trades: int
    win_rate: float | None
    profit_factor: float | None
    net_profit: float
    average_trade: float | None
    best_trade: float | None
    worst_trade: float | None
    fees: float
    charges: float
    refused: Mapping[str, int]

    def rows(self) -> list[tuple[str, str]]:
        """Return label and text of every figure, in reading order."""
        return [
            ("From", self.start),
            ("To", self.end),
            ("Bars", f"{self.bars:,}"),
            ("Cash at start", money(self.cash)),
            ("Equity at end", money(self.equity_final)),
            ("Return", percent(self.total_return)),
            ("Return a year", percent(self.annual_return)),
            ("Buy and hold", percent(self.buy_and_hold_return)),
            ("Deepest drawdown", percent(self.max_drawdown)),
            ("Longest drawdown", f"{self.max_drawdown_bars:,} bars"),
            ("Sharpe ratio", number(self.sharpe)),
            ("Bars in the market", percent(self.exposure)),
            ("Trades", f"{self.trades:,}"),
            ("Won", percent(self.win_rate)),
            ("Profit factor", number(self.profit_factor)),
            ("Profit of trades", money(self.net_profit)),
            ("Average trade", money(self.average_trade)),
            ("Best trade", money(self.best_trade)),
            ("Worst trade", money(self.worst_trade)),
            ("Fees", money(self.fees)),
            *([("Funding and borrowing", money(self.charges))] if self.charges else []),
            *((f"Refused: {name}", f"{count:,}") for name, count in self.refused.items()),
        ]

    def __str__(self) -> str:
        rows = self.rows()
        left = max(len(label) for label, _ in rows)
        right = max(len(text) for _, text in rows)
        return "\n".join(f"{label:<{left}}  {text:>{right}}" for label, text in rows)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from eyas.reports.notebook import summary_html

        return summary_html(self)


def summary_of(
    instruments: Sequence[Bars],
    time: NDArray[np.int64],
    curve: NDArray[np.float64],
    journal: Journal,
    figures: Mapping[str, float],
    currencies: Currencies | None = None,
    *,
    in_turn: bool = False,
) -> Summary:
    """Fold curve and journal into the headline figures; the kernel's own figures are taken as they are.

    `time` is that of every step of the curve. Instruments that ran `in_turn`, one after the other, make a run
    as long as all of them together. With `currencies` figures that are money are converted to the account's.
    """
    parts = np.split(time, np.flatnonzero(np.diff(time) < 0) + 1) if in_turn else [time]
    spans = [int(part[-1]) - int(part[0]) for part in parts]
    years = sum(spans) / YEAR_NS
    count = len(curve)
    bars_per_year = (count - 1) / years if years > 0 else math.nan
    figures = {**figures, "charges": float(journal.column("fee", journal.where("charged")).sum())}
    if currencies:
        figures = {**figures, **currencies.figures(journal)}
    held = held_returns(instruments, journal, currencies)
    shape = curve_figures(figures["opening_cash"], curve, bars_per_year)
    long_enough = years * 365.25 >= ANNUAL_FROM_DAYS
    # As the kernel counts: the bars after an equity above zero.
    returns = int((figures["opening_cash"] > 0) + np.count_nonzero(curve[:-1] > 0))
    trades = int(figures["trades"])
    total_return = shape["total_return"]
    return Summary(
        start=iso(min(part[0] for part in parts)),
        end=iso(max(part[-1] for part in parts)),
        bars=count,
        cash=figures["opening_cash"],
        equity_final=float(curve[-1]),
        total_return=total_return,
        annual_return=annual(total_return, years) if long_enough else None,
        buy_and_hold_return=sum(held) / len(held),
        max_drawdown=shape["max_drawdown"],
        max_drawdown_bars=int(shape["max_drawdown_bars"]),
        sharpe=known(shape["sharpe"]) if long_enough and returns >= RETURNS_MIN else None,
        exposure=figures["bars_held"] / count,
        trades=trades,
        win_rate=known(figures["win_rate"]),
        profit_factor=known(figures["profit_factor"]),
        net_profit=figures["net_profit"],
        average_trade=figures["net_profit"] / trades if trades else None,
        best_trade=figures["best"] if trades else None,
        worst_trade=figures["worst"] if trades else None,
        fees=figures["fees"],
        charges=figures["charges"],
        refused=refusals(journal),
    )


def held_returns(instruments: Sequence[Bars], journal: Journal, currencies: Currencies | None) -> list[float]:
    """Return what holding each instrument from its first close to its last gained."""
    if currencies:
        return [currencies.held_return(symbol) for symbol in currencies.held(journal)]
    # Bars that nobody checked may begin at nothing: then holding them has no rate.
    return [
        float(one.close[-1] / one.close[0] - 1) if one.close[0] else math.nan
        for one in instruments
        if len(one)
    ]


def annual(total_return: float, years: float) -> float | None:
    """Return the yearly rate that compounds to the total (years of 365.25 days).

    None when all is lost, or when the rate is beyond any float.
    """
    try:
        return (1 + total_return) ** (1 / years) - 1 if total_return > -1 else None
    except OverflowError:
        return None


def refusals(journal: Journal) -> dict[str, int]:
    """Return how often each reason refused an order, or a change of one, most frequent first."""
    rows = np.concatenate([journal.where("refused"), journal.where("warned")])
    codes, counts = np.unique(journal.records["refusal"][rows], return_counts=True)
    counted = zip((REFUSALS[int(code)] for code in codes), counts, strict=True)
    found = [(name.replace("_", " "), int(count)) for name, count in counted if name != FILLED_ALL_THE_SAME]
    return dict(sorted(found, key=lambda pair: (-pair[1], pair[0])))


def known(value: float) -> float | None:
    """Return a figure, or None for what cannot be computed."""
    return None if math.isnan(value) else value


def percent(value: float | None) -> str:
    """Return a fraction as text in percent."""
    return "n/a" if value is None else unsigned_zero(f"{value:,.2%}").replace("%", " %")


def money(value: float | None) -> str:
    """Return an amount as text."""
    return "n/a" if value is None else unsigned_zero(f"{value:,.2f}")


def number(value: float | None) -> str:
    """Return a ratio as text."""
    if value is None:
        return "n/a"
    return "∞" if math.isinf(value) else unsigned_zero(f"{value:,.2f}")


def unsigned_zero(text: str) -> str:
    """Return a number's text without the sign that rounding left on a zero.

    >>> unsigned_zero("-0.00"), unsigned_zero("-0.01")
    ('0.00', '-0.01')
    """
    return text if any(digit in "123456789" for digit in text) else text.removeprefix("-")
