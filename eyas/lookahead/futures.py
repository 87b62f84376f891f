"""Other futures that might have been: as long as the real one, as plausible, and different."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.model import PRICE_COLUMNS, Bars

if TYPE_CHECKING:
    from numpy.typing import NDArray

FACTOR_MAX = 50.0  # how far a mirrored price may go from where it was mirrored
DECIMALS_MAX = 12


def another_future(bars: Bars, count: int, anchor: float, variant: str, decimals: int, seed: int) -> Bars:
    """Return bars whose first `count` rows stay, followed by others: `mirrored` or `shuffled` ones."""
    return (
        mirrored(bars, count, anchor, decimals)
        if variant == "mirrored"
        else shuffled(bars, count, anchor, decimals, seed)
    )


def mirrored(bars: Bars, count: int, anchor: float, decimals: int) -> Bars:
    """Return bars whose moves from row `count` on go the other way: up for down, measured from `anchor`."""
    furthest = max(
        (
            float(np.abs(np.log(getattr(bars, name)[count:] / anchor)).max(initial=0.0))
            for name in PRICE_COLUMNS
        ),
        default=0.0,
    )
    power = min(1.0, np.log(FACTOR_MAX) / furthest) if furthest else 1.0

    def other(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return rounded(anchor * (anchor / values) ** power, decimals)

    tails = {"open": other(bars.open[count:]), "close": other(bars.close[count:])}
    tails |= {"high": other(bars.low[count:]), "low": other(bars.high[count:])}
    tails["volume"] = bars.volume[count:][::-1] * 2  # as a share of the whole they must be others too
    if bars.given is not None:
        tails["given"] = other(bars.given[count:])
    if bars.funding is not None:
        tails["funding"] = -bars.funding[count:]
    return with_tails(bars, count, tails)


def shuffled(bars: Bars, count: int, anchor: float, decimals: int, seed: int) -> Bars:
    """Return bars whose shapes from row `count` on come in another order, each from where the last closed."""
    before = np.concatenate(([anchor], bars.close[count:-1]))
    order = np.random.default_rng([seed, count]).permutation(len(before))
    moves = (bars.close[count:] / before)[order]
    ends = anchor * np.cumprod(moves)
    if not np.isfinite(ends).all() or ends.max() > anchor * FACTOR_MAX or ends.min() < anchor / FACTOR_MAX:
        return mirrored(bars, count, anchor, decimals)
    starts = np.concatenate(([anchor], ends[:-1]))
    tails: dict[str, Any] = {
        name: rounded(starts * (getattr(bars, name)[count:] / before)[order], decimals)
        for name in ("open", "high", "low")
    }
    tails["close"] = rounded(ends, decimals)
    tails["volume"] = bars.volume[count:][order]
    if bars.given is not None:
        tails["given"] = rounded(starts * (bars.given[count:] / before)[order], decimals)
    if bars.funding is not None:
        tails["funding"] = bars.funding[count:][order]
    return with_tails(bars, count, tails)


def detour(bars: Bars, first: int, last: int, decimals: int) -> Bars:
    """Return bars that between two rows go the other way about a straight line, and meet again at its end."""
    begin, end = bars.close[first - 1], bars.close[last - 1]
    line = begin * (end / begin) ** (np.arange(1, last - first + 1) / (last - first))
    columns = {name: getattr(bars, name).copy() for name in (*PRICE_COLUMNS, "volume")}
    for name, source in (("open", "open"), ("high", "low"), ("low", "high"), ("close", "close")):
        other = np.clip(
            line * (line / getattr(bars, source)[first:last]), line / FACTOR_MAX, line * FACTOR_MAX
        )
        columns[name][first:last] = rounded(other, decimals)
    columns["volume"][first:last] = bars.volume[first:last][::-1]
    columns["high"] = np.maximum.reduce([columns[name] for name in PRICE_COLUMNS])
    columns["low"] = np.minimum.reduce([columns[name] for name in PRICE_COLUMNS])
    return replace(bars, **columns)


def with_tails(bars: Bars, count: int, tails: dict[str, Any]) -> Bars:
    """Return bars whose first rows stay, with other columns behind them."""
    columns: dict[str, Any] = {
        name: np.concatenate([getattr(bars, name)[:count], tail]) for name, tail in tails.items()
    }
    # Rounding may part a close from the high that it was.
    columns["high"] = np.maximum.reduce([columns[name] for name in PRICE_COLUMNS])
    columns["low"] = np.minimum.reduce([columns[name] for name in PRICE_COLUMNS])
    return replace(bars, **columns)


def rounded(prices: NDArray[Any], decimals: int) -> NDArray[np.float64]:
    """Return prices with as many decimals as the data have, and never 0."""
    found: NDArray[np.float64] = np.maximum(np.round(prices, decimals), 10.0**-decimals)
    return found


def decimals_of(bars: Bars) -> int:
    """Return how many decimals the prices have, by the first and last of them."""
    some = np.concatenate(
        [getattr(bars, name)[rows] for name in PRICE_COLUMNS for rows in (slice(500), slice(-500, None))]
    )
    for decimals in range(DECIMALS_MAX):
        if np.abs(np.round(some, decimals) - some).max() <= 1e-9 * some.max():
            return decimals
    return DECIMALS_MAX
