"""Markets that never were, made of the bars of one that was: their gaps and shapes in another order.

A bar's gap is its open over the close before it; its shape is high, low and close over its open, with its
volume and what else it has. Both are kept as they were, up to the rounding of a price to as many decimals as
the bars have. Times stay; the first bar stays, so that every market begins where the true one did.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.errors import DataError, UsageError
from eyas.loading import instruments_of
from eyas.model import PRICE_COLUMNS, Bars, iso

if TYPE_CHECKING:
    from numpy.typing import NDArray

DECIMALS_MAX = 15
NOISE = 1e-9  # of a price: what a float may be off from its decimals
INSIDE = ("high", "low", "close")


@dataclass(frozen=True, slots=True, eq=False)
class Shapes:
    """Hold the bars of one instrument as gaps and shapes: logarithms, one a bar after the first `kept`."""

    bars: Bars
    kept: int
    decimals: int
    gap: NDArray[np.float64]
    inside: Mapping[str, NDArray[np.float64]]

    @classmethod
    def of(cls, bars: Bars, kept: int = 1) -> Shapes:
        """Take bars apart, but for the first `kept`; raises DataError for a price that is not above 0."""
        for name in PRICE_COLUMNS:
            wrong = np.flatnonzero(~(getattr(bars, name) > 0))
            if len(wrong):
                row = int(wrong[0])
                where = f"{bars.source or bars.symbol or 'the bars'}, row {row} ({iso(bars.time[row])})"
                raise DataError(
                    f"{where}: {name} is {getattr(bars, name)[row]:g}, and markets are made of ratios of "
                    "prices: each must be above 0"
                )
        if not 1 <= kept < len(bars) - 1:
            raise UsageError(f"keep is {kept}, but must be 1 to {len(bars) - 2} of {len(bars):,} bars")
        gap = np.log(bars.open[kept:] / bars.close[kept - 1 : -1])
        inside = {name: np.log(getattr(bars, name)[kept:] / bars.open[kept:]) for name in INSIDE}
        return cls(bars, kept, decimals_of(bars), gap, inside)

    def __len__(self) -> int:
        return len(self.gap)

    @property
    def returns(self) -> NDArray[np.float64]:
        """Logarithm of each close over the one before."""
        return self.gap + self.inside["close"]

    def market(self, shapes: NDArray[np.int64], gaps: NDArray[np.int64] | None = None) -> Bars:
        """Return bars whose shapes, and gaps, are those of other rows; the gap of a row comes with its shape.

        Rows are counted from the first bar that is not kept.
        """
        bars, kept = self.bars, self.kept
        gap = self.gap[shapes if gaps is None else gaps]
        inside = {name: values[shapes] for name, values in self.inside.items()}
        closes = np.cumsum(gap + inside["close"]) + np.log(bars.close[kept - 1])
        opens = closes - inside["close"]
        with np.errstate(over="ignore"):
            made = {"open": np.exp(opens), **{name: np.exp(opens + inside[name]) for name in INSIDE}}
        columns: dict[str, Any] = {
            name: self.joined(name, values) for name, values in valid(made, self.decimals).items()
        }
        columns["volume"] = self.joined("volume", bars.volume[kept:][shapes])
        if bars.funding is not None:
            columns["funding"] = self.joined("funding", bars.funding[kept:][shapes])
        if bars.given is not None:
            ratio = (bars.given[kept:] / bars.open[kept:])[shapes]
            columns["given"] = self.joined("given", np.round(columns["open"][kept:] * ratio, self.decimals))
        return replace(bars, source="made of " + (bars.source or "bars"), **columns)

    def joined(self, name: str, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return a column of the kept bars and of those made."""
        found: NDArray[np.float64] = np.concatenate([getattr(self.bars, name)[: self.kept], values])
        return found


def valid(prices: Mapping[str, NDArray[np.float64]], decimals: int) -> dict[str, NDArray[np.float64]]:
    """Return prices rounded to decimals, at least one unit, the high highest and the low lowest of a bar."""
    if not all(np.isfinite(values).all() for values in prices.values()):
        raise DataError(
            "a made market ran out of all bounds: the bars' moves are too large to be put together anew"
        )
    unit = 10.0**-decimals
    rounded = {name: np.maximum(np.round(values, decimals), unit) for name, values in prices.items()}
    ends = (rounded["open"], rounded["close"])
    rounded["high"] = np.maximum.reduce([rounded["high"], *ends])
    rounded["low"] = np.minimum.reduce([rounded["low"], *ends])
    return rounded


def decimals_of(bars: Bars) -> int:
    """Return how many decimals the prices of bars have, up to the noise of a float."""
    columns = np.concatenate([getattr(bars, name) for name in PRICE_COLUMNS])
    for decimals in range(DECIMALS_MAX):
        if bool((np.abs(np.round(columns, decimals) - columns) <= NOISE * np.abs(columns)).all()):
            return decimals
    return DECIMALS_MAX


def markets_of(source: Any, kept: int = 1) -> dict[str, Shapes]:
    """Take apart the bars of one instrument, or of several at the same times, whose rows move together."""
    found = instruments_of(source)
    if not found:
        raise UsageError("there are no bars to make markets of: give bars, or {symbol: bars, …}")
    first = next(iter(found.values()))
    for symbol, bars in found.items():
        if len(bars.time) != len(first.time) or not bool((bars.time == first.time).all()):
            raise UsageError(
                f"the bars of {symbol} have other times than those of {next(iter(found))}: markets that move "
                "together are made of rows at the same times; cut them to common times first"
            )
    return {symbol: Shapes.of(bars, kept) for symbol, bars in found.items()}


def made(
    shapes: Mapping[str, Shapes], rows: NDArray[np.int64], gaps: NDArray[np.int64] | None = None
) -> Bars | dict[str, Bars]:
    """Return a market of all instruments, as a backtest takes it."""
    found = {symbol: one.market(rows, gaps) for symbol, one in shapes.items()}
    return next(iter(found.values())) if len(found) == 1 else found
