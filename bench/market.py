"""Make the bars that every engine runs on: synthetic, the same on every machine."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SEED = 2
START_NS = 1_600_000_000_000_000_000
MINUTE_NS = 60_000_000_000
FIRST_PRICE = 20_000.0
NOISE = 0.002
"""Deviation of a bar's return: large enough that stops (1 %) and targets (2 %) are hit often."""
DRIFT = 0.00031
"""Return a bar in the direction of a leg, so that following trends about earns the fees."""
LEG_BARS = (120, 480)
CATALOG_BARS = 5_000_000
SWEEP_BARS = 10_000


def synthetic(count: int) -> dict[str, NDArray[np.float64] | NDArray[np.int64]]:
    """Return one-minute bars: a random walk in legs that drift up and down in turn.

    A walk without drift would let a strategy that trades some 15,000 times at 0.1 % a side run out of
    money in the first third of the run, and the rest would measure refusals. A bar opens at the close
    before it, so that every engine fills at the price at which the strategy decided. Prices have two
    decimals.
    """
    random = np.random.default_rng(SEED)
    legs = random.integers(*LEG_BARS, size=count // LEG_BARS[0] + 1)
    direction = np.where(np.arange(len(legs)) % 2, -1.0, 1.0)
    returns = np.repeat(direction * DRIFT, legs)[:count] + NOISE * random.standard_normal(count)
    close = np.round(FIRST_PRICE * np.exp(np.cumsum(returns)), 2)
    opening = np.concatenate(([FIRST_PRICE], close[:-1]))
    up, down = 0.5 * NOISE * close * np.abs(random.standard_normal((2, count)))
    return {
        "time": START_NS + MINUTE_NS * np.arange(count),
        "open": opening,
        "high": np.round(np.maximum(opening, close) + up, 2),
        "low": np.round(np.minimum(opening, close) - down, 2),
        "close": close,
        "volume": np.ones(count),
    }


def written(path: Path, count: int) -> str:
    """Write the bars for the engines to load, and return the first digits of their SHA-256."""
    columns = synthetic(count)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, **columns)  # type: ignore[arg-type]
    digest = hashlib.sha256(b"".join(column.tobytes() for column in columns.values()))
    return digest.hexdigest()[:12]


INSTRUMENTS, PORTFOLIO_BARS = 50, 20_000
PORTFOLIO_SEED = 1
WICK = 0.001


def portfolio(count: int) -> dict[str, NDArray[np.float64] | NDArray[np.int64]]:
    """Return one-minute bars of fifty instruments on one clock: walks without drift, a row each.

    Prices have four decimals, and a bar opens at the close before it.
    """
    random = np.random.default_rng(PORTFOLIO_SEED)
    returns = NOISE * random.standard_normal((INSTRUMENTS, PORTFOLIO_BARS))
    walks = 100.0 * np.exp(np.cumsum(returns, axis=1))[:, :count]
    close = np.round(walks, 4)
    opening = np.concatenate((close[:, :1], close[:, :-1]), axis=1)
    return {
        "time": START_NS + MINUTE_NS * np.arange(count),
        "open": opening,
        "high": np.round(np.maximum(opening, close) * (1 + WICK), 4),
        "low": np.round(np.minimum(opening, close) * (1 - WICK), 4),
        "close": close,
        "volume": np.full(close.shape, 1_000.0),
    }


def portfolio_written(path: Path, count: int) -> None:
    """Write the bars of the portfolio for the engines to load."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, **portfolio(count))  # type: ignore[arg-type]
