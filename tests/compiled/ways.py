"""Run a strategy in Python and compiled, and tell whether both did the same."""

from __future__ import annotations

import itertools
import linecache
from typing import Any, NamedTuple

import numpy as np

import eyas
from eyas import model
from eyas.compiled import compiled
from eyas.market import Market
from eyas.model import Bars
from eyas.rules import Rules
from eyas.session import Session

MINUTE_NS = 60 * 10**9
START_NS = 1_700_000_000 * 10**9 // (86_400 * 10**9) * 86_400 * 10**9
NUMBERS = itertools.count()


class Outcome(NamedTuple):
    """Hold what a run came to: journal, equity up to its last bar, and the error that ended it, if any."""

    journal: bytes
    equity: bytes
    failure: str
    bar: int


def market(count: int = 400, seed: int = 1, *, step: float = 0.01, gaps: bool = True) -> Bars:
    """Return a random market with gaps, ties and halts."""
    source = np.random.default_rng(seed)
    close = np.round(100 * np.exp(np.cumsum(source.normal(0, step, count))), 2)
    still = source.random(count) < 0.15
    for row in np.flatnonzero(still[1:]) + 1:
        close[row] = close[row - 1]  # ties
    opens = np.concatenate([close[:1], close[:-1]])
    if gaps:
        opens = np.round(opens * (1 + (source.random(count) < 0.05) * source.normal(0, 0.03, count)), 2)
    high = np.round(np.maximum(opens, close) + source.choice([0.0, 0.3, 1.5], count), 2)
    low = np.round(np.maximum(np.minimum(opens, close) - source.choice([0.0, 0.3, 1.5], count), 0.01), 2)
    volume = np.where(source.random(count) < 0.1, 0.0, np.round(source.random(count) * 1000, 1))
    halts = np.cumsum(np.where(source.random(count) < 0.03, source.integers(2, 90, count), 1))
    return Bars(START_NS + halts * MINUTE_NS, opens, high, low, close, volume, symbol="X", timeframe="1m")


def strategy(on_bar: str, on_start: str = "pass", *, more: str = "", head: str = "") -> type[eyas.Strategy]:
    """Return a strategy of that source, which can be read again as if it stood in a file."""
    lines = ["import math", "import eyas", "from eyas import at, away, risk", *head.splitlines(), ""]
    lines += ["class Made(eyas.Strategy):", *("    " + line for line in more.splitlines())]
    lines += ["    def on_start(self):", *("        " + line for line in on_start.splitlines())]
    lines += ["    def on_bar(self, bar):", *("        " + line for line in on_bar.splitlines())]
    text = "\n".join(lines) + "\n"
    name = f"/made/strategy_{next(NUMBERS)}.py"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    found: dict[str, Any] = {"__name__": "made"}
    exec(compile(text, name, "exec"), found)
    made: type[eyas.Strategy] = found["Made"]
    return made


def run(made: eyas.Strategy, bars: Bars | Market, way: str, rules: Rules | None = None) -> Outcome:
    """Run a strategy one way: python, compiled, or asked (compiled, but asked on every bar)."""
    session = Session(made, bars, rules or Rules(), "10000")
    session.start()
    count, failure = len(session.market), ""
    try:
        if way == "python":
            session.run(0, count)
        else:
            bound = compiled(made).bind(made, session, watches=way == "compiled")
            model.pump_program(session.account, session.history, session.equity, bound, 0, count)
            session.delivered = session.account.event_count
        session.finish()
    except Exception as error:  # noqa: BLE001 - a strategy may raise anything
        failure = f"{type(error).__name__}: {error}"
        count = session.account.bar_index
    bar = session.account.bar_index
    return Outcome(session.account.journal(), session.equity[:count].tobytes(), failure, bar)


def same(
    made: type[eyas.Strategy], bars: Bars | None = None, rules: Rules | None = None, **parameters: Any
) -> Outcome:
    """Assert that every way comes to the same, and return it."""
    bars = bars or market()
    ways = [run(made(**parameters), bars, way, rules) for way in ("python", "asked", "compiled")]
    for other in ways[1:]:
        assert other.failure == ways[0].failure
        assert other.bar == ways[0].bar
        assert other.journal == ways[0].journal
        assert other.equity == ways[0].equity
    return ways[0]
