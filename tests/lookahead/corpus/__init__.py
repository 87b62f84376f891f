"""Strategies that look ahead, and strategies that do not: what `eyas check` has to tell apart.

The biased ones follow the list in which users of other systems were caught (whole-frame normalising, negative
shifts, open candles of a longer timeframe, training on the test range …), the clean ones what other detectors
flag wrongly (limit entries, slot limits, sizing that depends on what happened before).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import eyas
from eyas.model import Bars

COUNT = 3_000


@dataclass(frozen=True)
class Case:
    """Name what `eyas.check` is given, and the words that must stand in what it finds."""

    name: str
    strategy: Any
    bars: Callable[[], Any]
    options: Mapping[str, Any] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    """Such as the column that looks ahead; of a clean case nothing."""


@cache
def minutes() -> Bars:
    """Return two days of bitcoin minutes."""
    return eyas.sample("BTCUSDT", "1m")[:COUNT]


@cache
def hours() -> Bars:
    """Return four months of hours of a currency."""
    return eyas.sample("EURUSD", "1h")[:COUNT]


@cache
def days() -> Bars:
    """Return a year of Apple's days, adjusted."""
    return eyas.sample("AAPL", "1d", adjusted=True)


@cache
def shares() -> dict[str, Bars]:
    """Return three shares over the same years (2008, 2009 and 2011), and one of another time."""
    return {
        "AIG": eyas.sample("AIG", "1d", adjusted=True),
        "IBM": eyas.sample("IBM", "1d")[1_900:2_900],
    }


def by_sign(function: Callable[..., Any], *columns: str) -> type[eyas.Strategy]:
    """Return a strategy that is long while an indicator is above zero."""

    class BySign(eyas.Strategy):
        def on_start(self) -> None:
            self.sign = self.use(function, *(columns or ("close",)))

        def on_bar(self, bar: eyas.Bar) -> None:
            if self.is_flat and self.sign > 0:
                self.buy(fraction=0.5)
            elif self.sign < 0:
                self.close()

    BySign.__name__ = BySign.__qualname__ = "By_" + function.__name__
    return BySign
