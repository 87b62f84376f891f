"""Bars that the tests make."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import strategies as st

from eyas.model import Bars

MINUTE_NS = 60 * 10**9
START_NS = 1_704_067_200 * 10**9  # 2024-01-01


def made(rows: int = 100, *, first: int = 0, **changes: Any) -> Bars:
    """Return minute bars with two decimals, from minute `first` on; a minute always has the same bar."""
    minute = np.arange(first, first + rows)
    close = np.round(100 + 10 * np.sin(minute / 50), 2)
    opened = np.round(100 + 10 * np.sin((minute - 1) / 50), 2)
    usual = Bars(
        START_NS + minute * MINUTE_NS,
        opened,
        np.maximum(opened, close) + 0.25,
        np.minimum(opened, close) - 0.25,
        close,
        np.round(1 + np.cos(minute / 7), 3),
        symbol="BTCUSDT",
        timeframe="1m",
        source="made",
    )
    return replace(usual, **changes)


def same(one: Bars, other: Bars) -> bool:
    """Tell whether two series have the same columns to the last bit."""
    return one.columns == other.columns and all(
        getattr(one, name).tobytes() == getattr(other, name).tobytes() for name in one.columns
    )


@st.composite
def any_bars(draw: st.DrawFn, *, decimals: int | None = None) -> Bars:
    """Draw bars as no market has them, but as the checks let them in."""
    count = draw(st.integers(1, 8))
    # Hardly closer than minutes are: bars that most lie in each other are refused.
    unit = 10**8 + 1 if decimals is None else 10**6
    steps = draw(st.lists(st.integers(MINUTE_NS // unit, 10**9), min_size=count, max_size=count))
    time = np.cumsum(np.array(steps)) * unit + START_NS
    largest = 8e9 if decimals is None else 9e6
    price = (
        st.floats(1e-7, largest) if decimals is None else st.integers(1, 10**15).map(lambda one: one / 1e8)
    )
    rows = [sorted(draw(st.tuples(price, price, price, price))) for _ in range(count)]
    low, opened, close, high = (np.array(column) for column in zip(*rows, strict=True))
    amount = st.floats(0, 1e17) if decimals is None else st.integers(0, 10**15).map(lambda one: one / 1e8)
    volume = np.array(draw(st.lists(amount, min_size=count, max_size=count)))
    rare: dict[str, Any] = {}
    if decimals is None:
        gaps = st.just(float("nan"))
        for name, values in (("given", price), ("funding", st.floats(-0.9, 0.9).map(lambda one: one + 0.0))):
            if draw(st.booleans()):
                column = draw(st.lists(values | gaps, min_size=count, max_size=count))
                rare[name] = np.array(column) if any(one == one for one in column) else None
    has_volume = draw(st.booleans())
    return Bars(
        time, opened, high, low, close, volume if has_volume else np.zeros(count),
        timeframe="1m", has_volume=has_volume, **rare,
    )  # fmt: skip
