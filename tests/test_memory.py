"""What a run takes goes when the run is over, without waiting for the garbage collector."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import eyas
from eyas.session import Session
from tests.test_strategy import BARS

STATUS = Path("/proc/self/status")
MINUTE_NS = 60_000_000_000


def walk(count: int, symbol: str = "") -> eyas.Bars:
    """Return minute bars of a random walk."""
    close = 100 * np.exp(np.cumsum(np.random.default_rng(7).normal(0, 1e-3, count)))
    time = 1_700_000_040_000_000_000 + MINUTE_NS * np.arange(count)
    high, low = close * 1.001, close * 0.999
    return eyas.bars({"time": time, "open": close, "high": high, "low": low, "close": close}, symbol=symbol)


class Everything(eyas.Strategy):
    """Touch all that a run has."""

    def on_start(self) -> None:
        self.average = self.use(eyas.indicators.sma, self.bars[self.symbols[0]].close, 3)
        self.hours = self.bars[self.symbols[0]]("1h").close

    def on_bar(self, bar: eyas.Bar) -> None:
        if self.average.crossed_above(bar.close) and self.is_flat:
            self.buy(fraction=0.1, stop_loss=0.01)
        elif bar.index % 50 == 0:
            self.close()

    def on_step(self, step: Any) -> None:
        self.seen = step.index

    def on_fill(self, fill: eyas.Event) -> None:
        self.filled = fill.price


class Fails(Everything):
    """Fail in the middle of a run."""

    def on_fill(self, fill: eyas.Event) -> None:
        raise ValueError("no")


class FailsAtStart(Everything):
    """Fail before it begins."""

    def on_start(self) -> None:
        super().on_start()
        raise ValueError("no")


@pytest.fixture
def sessions(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[weakref.ref[Any]]]:
    """Collect weak references to what each run is made of, while the collector rests."""
    made: list[weakref.ref[Any]] = []
    begin = Session.__init__

    def begun(self: Session, *given: Any, **named: Any) -> None:
        begin(self, *given, **named)
        made.extend(weakref.ref(one) for one in (self, self.sight, self.strategy))

    monkeypatch.setattr(Session, "__init__", begun)
    gc.collect()
    gc.disable()
    yield made
    gc.enable()


FLAT = eyas.Signals(entries=np.where(np.arange(200) % 20 == 0, 1, 0), exits=np.arange(200) % 20 == 10)


@pytest.mark.parametrize(
    ("strategy", "bars"),
    [
        (Everything(), walk(200)),
        (Everything(), {"A": walk(200, "A"), "B": walk(200, "B")}),
        (FLAT, walk(200)),
    ],
    ids=["bars", "portfolio", "arrays"],
)
def test_nothing_of_a_run_outlives_it(
    strategy: eyas.Strategy | eyas.Signals, bars: Any, sessions: list[weakref.ref[Any]]
) -> None:
    report = eyas.backtest(strategy, bars)
    assert report.summary.trades == len(report.trades) > 0
    assert len(sessions) == 3
    assert [one() for one in sessions] == [None, None, None]
    last = weakref.ref(report)
    del report
    assert last() is None


@pytest.mark.parametrize("strategy", [Fails(), FailsAtStart()])
def test_nor_one_that_failed(strategy: eyas.Strategy, sessions: list[weakref.ref[Any]]) -> None:
    with suppress(eyas.StrategyError):  # pytest.raises would keep the error, and the error its frames
        eyas.backtest(strategy, walk(200))
    assert len(sessions) == 3
    assert [one() for one in sessions] == [None, None, None]


def test_a_view_that_outlives_its_run_says_so() -> None:
    kept: list[Any] = []

    class Keeps(eyas.Strategy):
        def on_start(self) -> None:
            kept.append(self.bars)

    eyas.backtest(Keeps(), BARS)
    assert len(kept[0].close) == len(BARS)
    with pytest.raises(eyas.UsageError, match="the run of these bars is over"):
        kept[0]("1d")


@pytest.mark.skipif(not STATUS.exists(), reason="counts memory as Linux does")
def test_many_runs_in_one_process_take_no_more_than_one() -> None:
    def resident() -> int:
        line = next(line for line in STATUS.read_text().splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) * 1024

    bars = walk(10_000)
    entries = np.where(np.arange(len(bars)) % 50 == 0, 1, 0)
    signals = eyas.Signals(entries=entries, exits=np.arange(len(bars)) % 50 == 25)

    def run(times: int) -> None:
        for _ in range(times):
            report = eyas.backtest(signals, bars)
            assert report.summary.trades == len(report.trades)

    run(20)
    before = resident()
    run(300)
    # One report is some 0.3 MB: if they stayed, these would be a hundred.
    assert resident() - before < 10e6
