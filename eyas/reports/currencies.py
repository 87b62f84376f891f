"""Turn the money of trades into the account's: each instrument may have another, priced by a third.

The kernel keeps cash by currency and converts it for equity; here figures over trades are converted for the
eye, each amount at the last close of the pricing instrument up to its step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.journal import Journal
    from eyas.model import Bars


@dataclass(frozen=True, eq=False, slots=True)
class Currencies:
    """Say which symbol prices the money of which (`pricing`), and at which step each bar was taken."""

    pricing: Mapping[str, str]
    instruments: Mapping[str, Bars]
    steps: Mapping[str, NDArray[np.int64]]

    def rates(self, symbol: str, steps: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return what a unit of a symbol's money was worth in the account's at some steps."""
        name = self.pricing.get(symbol)
        if name is None or not len(self.instruments[name]):
            return np.ones(len(steps))
        known = np.searchsorted(self.steps[name], steps, side="right") - 1
        return self.instruments[name].close[np.maximum(0, known)]

    def held_return(self, symbol: str) -> float:
        """Return what holding a symbol from its first close to its last gained, in the account's money."""
        close, steps = self.instruments[symbol].close, self.steps[symbol]
        first, last = self.rates(symbol, steps[[0, -1]])
        return float(close[-1] * last / (close[0] * first) - 1)

    def held(self, journal: Journal) -> list[str]:
        """Return the symbols that are bought and held: not those that only price money."""
        traded = set(journal.symbols_of(journal.where("filled")))
        rates = set(self.pricing.values()) - traded
        with_bars = [symbol for symbol, bars in self.instruments.items() if len(bars)]
        return [symbol for symbol in with_bars if symbol not in rates] or with_bars

    def figures(self, journal: Journal) -> dict[str, float]:
        """Return the figures over trades that are money, in the account's."""
        profit = self.converted(journal, journal.where("closed"), "profit")
        lost = -profit[profit < 0].sum()
        figures = {"net_profit": float(profit.sum())}
        for name, kind in (("fees", "filled"), ("charges", "charged")):
            figures[name] = float(self.converted(journal, journal.where(kind), "fee").sum())
        if len(profit):
            gained = float(profit[profit > 0].sum())
            figures |= {"best": float(profit.max()), "worst": float(profit.min())}
            figures["profit_factor"] = gained / lost if lost else (np.inf if gained else np.nan)
        return figures

    def converted(self, journal: Journal, rows: NDArray[np.intp], field: str) -> NDArray[np.float64]:
        """Return an amount of some events in the account's money."""
        amounts = journal.column(field, rows)
        symbols = np.array(journal.symbols_of(rows))
        for symbol in self.pricing:
            mine = symbols == symbol
            steps = journal.records["bar"][rows][mine].astype(np.int64)
            amounts[mine] *= self.rates(symbol, steps)
        return amounts
