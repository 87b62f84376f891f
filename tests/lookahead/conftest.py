"""Bars that the tests of the check share: made here, the same each time."""

from __future__ import annotations

import numpy as np
import pytest

import eyas

MINUTE = 60_000_000_000
START = 1_700_006_400_000_000_000 // MINUTE * MINUTE  # 2023-11-15, at midnight


def walk(count: int, *, seed: int = 1, symbol: str = "WALK", step_ns: int = 10 * MINUTE) -> eyas.Bars:
    """Return bars of a random walk, to two decimals."""
    generator = np.random.default_rng(seed)
    close = np.round(100 * np.exp(np.cumsum(generator.normal(0, 0.004, count))), 2)
    opened = np.concatenate(([100.0], close[:-1]))
    wick = np.abs(generator.normal(0, 0.2, (2, count)))
    time = START + step_ns * np.arange(count)
    columns = {
        "time": time,
        "open": opened,
        "high": np.round(np.maximum(opened, close) + wick[0], 2),
        "low": np.round(np.minimum(opened, close) - wick[1], 2),
        "close": close,
        "volume": np.round(generator.uniform(1, 100, count)),
    }
    return eyas.bars(columns, symbol=symbol)


@pytest.fixture(scope="session")
def bars() -> eyas.Bars:
    """Return 1,000 bars of ten minutes."""
    return walk(1_000)


@pytest.fixture(scope="session")
def portfolio() -> dict[str, eyas.Bars]:
    """Return three instruments, of which one begins later and one ends earlier."""
    return {
        "AAA": walk(500, seed=2, symbol="AAA"),
        "BBB": walk(500, seed=3, symbol="BBB")[120:],
        "CCC": walk(500, seed=4, symbol="CCC")[:-90],
    }
