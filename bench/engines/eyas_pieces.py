"""What the pieces of an `on_bar` cost on eyas, a bar: each of these does one thing on every bar."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import eyas
from eyas.rules import Rules
from eyas.session import Session

BARS = 200_000
ROUNDS = 15


class Averages(eyas.Strategy):
    """Have two averages to look at, and no on_bar."""

    def on_start(self) -> None:
        """Compute them."""
        self.fast_average = self.use(eyas.indicators.sma, "close", 12)
        self.slow_average = self.use(eyas.indicators.sma, "close", 30)


OnBar = Callable[[Any, eyas.Bar], object]
PIECES: dict[str, OnBar] = {
    "an empty `on_bar`": lambda _self, _bar: None,
    "`average.crossed_above(other)`": lambda self, _bar: self.fast_average.crossed_above(self.slow_average),
    "`average.crossed_above(20_000.0)`": lambda self, _bar: self.fast_average.crossed_above(20_000.0),
    "`average > 20_000.0`": lambda self, _bar: self.fast_average > 20_000.0,
    "`average > 20_000`": lambda self, _bar: self.fast_average > 20_000,
    "`average[-2]`": lambda self, bar: bar.index > 0 and self.fast_average[-2],
    "`bar.close`": lambda _self, bar: bar.close,
    "`self.is_flat`": lambda self, _bar: self.is_flat,
    "`self.account.equity`": lambda self, _bar: self.account.equity,
}
STRATEGIES: dict[str, type[eyas.Strategy]] = {
    "no `on_bar`: the loop alone": Averages,
    **{name: type("Piece", (Averages,), {"on_bar": on_bar}) for name, on_bar in PIECES.items()},
}


def nanoseconds(kind: type[eyas.Strategy], bars: eyas.Bars) -> float:
    """Return the nanoseconds of a bar in one run."""
    session = Session(kind(), bars, Rules(), "10000")
    session.start()
    start = time.perf_counter()
    session.run(0, len(bars))
    return (time.perf_counter() - start) / len(bars) * 1e9


if __name__ == "__main__":
    loaded = eyas.bars({name: column[:BARS] for name, column in np.load(sys.argv[1]).items()})
    # Round by round, so that what else the machine does hits all alike; the least is the truest.
    rounds = [{name: nanoseconds(kind, loaded) for name, kind in STRATEGIES.items()} for _ in range(ROUNDS)]
    print(json.dumps({name: min(one[name] for one in rounds) for name in STRATEGIES}))
