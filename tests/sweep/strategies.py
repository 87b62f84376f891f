"""Strategies that sweeps are tried on; worker processes import them from here."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import numpy as np

import eyas
from eyas.indicators import sma

BARS = eyas.sample("AAPL", "1d")


class Cross(eyas.Strategy):
    fast: int = 10
    slow: int = eyas.param(30, min=2, max=500)

    def on_start(self) -> None:
        self.quick = self.use(sma, "close", self.fast)
        self.calm = self.use(sma, "close", self.slow)

    def on_bar(self, bar: eyas.Bar) -> None:
        rising = self.quick[-1] > self.calm[-1]
        if rising and self.is_flat:
            self.buy()
        elif not rising and self.is_long:
            self.close()


class Arrays(eyas.Strategy):
    fast: int = 10
    slow: int = 30

    def signals(self, bars: Any) -> eyas.Signals:
        if not isinstance(bars, dict):
            entries, exits = self.turns(bars)
            return eyas.Signals(entries=entries, exits=exits)
        both = {symbol: self.turns(one) for symbol, one in bars.items()}
        entries, exits = ({symbol: pair[place] for symbol, pair in both.items()} for place in (0, 1))
        return eyas.Signals(entries=entries, exits=exits, fraction=0.5)

    def turns(self, bars: eyas.Bars) -> tuple[Any, Any]:
        """Return where the faster average rises above the slower one, and where it falls below."""
        rising = sma(bars.close, self.fast) > sma(bars.close, self.slow)
        turned = np.diff(rising, prepend=False)
        return turned & rising, turned & ~rising


class Picky(Cross):
    """Refuses some parameters when it is made, others at its start; fails on others on a bar."""

    def __init__(self, **parameters: Any) -> None:
        super().__init__(**parameters)
        if self.fast == 6:
            raise eyas.UsageError("fast must not be 6")

    def on_start(self) -> None:
        if self.fast == 7:
            raise eyas.UsageError("fast must not be 7 on these bars")
        super().on_start()

    def on_bar(self, bar: eyas.Bar) -> None:
        if self.fast == 8 and bar.index == 20:
            raise ZeroDivisionError("eight")
        super().on_bar(bar)


class Deadly(Cross):
    """Kills its process when fast is 7; when it is 8, the first time alone."""

    folder: str = ""

    def on_start(self) -> None:
        once = Path(self.folder) / "once"
        if self.fast == 7 or (self.fast == 8 and not once.exists()):
            once.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        super().on_start()


class Counting(Cross):
    """Writes a line for each of its runs, to be counted."""

    path: str = ""

    def on_start(self) -> None:
        with Path(self.path).open("a", encoding="utf-8") as file:
            file.write(f"{self.fast} {self.slow}\n")
        super().on_start()


class Moody(Cross):
    """Does something else every time."""

    def on_bar(self, bar: eyas.Bar) -> None:
        if self.is_flat and int.from_bytes(os.urandom(1), "little") % 2:
            self.buy()
        elif self.is_long:
            self.close()
