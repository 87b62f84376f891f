"""The instruments of a run: their bars in order of their symbols, and the steps of the clock over them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eyas.model import Bars, Clock, History
from eyas.timeframes import closes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.sight import Outside


@dataclass(frozen=True, slots=True)
class Step:
    """Name one step of the clock: its number, when its bars closed (nanoseconds UTC), and whose they are."""

    index: int
    time: int
    symbols: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of steps that one pump can take: rows `first` to `last` of `source`, from step `start` on.

    `instrument` is the one that it is of, -1 for all on a merged clock. `is_end` when that one is over with
    it, though the run goes on. (On a merged clock the pump itself ends each instrument with its last bar.)
    """

    source: History | Clock
    start: int
    first: int
    last: int
    instrument: int
    is_end: bool = False

    @property
    def end(self) -> int:
        """The step after its last."""
        return self.start + self.last - self.first

    def cut(self, first: int, last: int) -> Part:
        """Return what of it lies in the steps from `first` to `last`; it ends only where it did."""
        start, end = max(first, self.start), min(last, self.end)
        row = self.first + start - self.start
        is_end = self.is_end and end == self.end
        return Part(self.source, start, row, row + end - start, self.instrument, is_end)


class Market:
    """Hold the instruments of a run, numbered in order of their symbols, and the clock over them.

    On a merged clock a step takes every bar that closes at one time, and `time` is that time; with one
    instrument a step is a bar, and `time` is when it opens. With `in_turn`, symbols in their order, each
    instrument runs to its end before the next one begins. `extra` is what a strategy can see beside the bars.
    """

    def __init__(
        self,
        bars: Mapping[str, Bars],
        *,
        finer: Mapping[str, Bars] | None = None,
        in_turn: Sequence[str] | None = None,
        extra: Mapping[str, Outside] | None = None,
    ) -> None:
        self.symbols = tuple(sorted(bars))
        self.bars = tuple(bars[symbol] for symbol in self.symbols)
        self.closes = [closes(one) for one in self.bars]
        self.histories = [
            history_of(one, place, symbol, known=known)
            for place, (symbol, one, known) in enumerate(
                zip(self.symbols, self.bars, self.closes, strict=True)
            )
        ]
        self.finer = [
            history_of(finer[symbol], place, symbol) if finer and symbol in finer else None
            for place, symbol in enumerate(self.symbols)
        ]
        self.finer_bars = dict(finer or {})
        self.extra = dict(extra or {})
        self.is_portfolio = len(self.bars) > 1
        self.in_turn = in_turn is not None and self.is_portfolio
        if not self.is_portfolio:
            self.time = self.bars[0].time
            self.parts = [Part(self.histories[0], 0, 0, len(self.time), 0)]
        elif in_turn is not None:
            order = [self.symbols.index(symbol) for symbol in in_turn]
            self.time = np.concatenate([self.closes[place] for place in order])
            self.parts = list(self._in_turn(order))
        else:
            clock = Clock(self.histories)
            self.time = clock.time
            self.parts = [Part(clock, 0, 0, len(clock), -1)]

    def __len__(self) -> int:
        return len(self.time)

    @property
    def clock(self) -> str:
        """How the instruments take turns, in words; those that run one after the other in their order."""
        if not self.in_turn:
            return "merged"
        return f"sequential: {', '.join(self.symbols[part.instrument] for part in self.parts)}"

    @property
    def first_time(self) -> int:
        """When the first bar opens."""
        return int(min(one.time[0] for one in self.bars))

    def closed(self, index: int) -> int:
        """Return when the bars of a step closed; of -1, when the first bar opens."""
        if index < 0:
            return self.first_time
        return int(self.time[index] if self.is_portfolio else self.closes[0][index])

    def steps(self, place: int) -> NDArray[np.int64]:
        """Return at which step each bar of an instrument is taken."""
        if not self.is_portfolio:
            return np.arange(len(self), dtype=np.int64)
        if self.in_turn:
            part = next(part for part in self.parts if part.instrument == place)
            return np.arange(part.start, part.end, dtype=np.int64)
        if len(self.closes[place]) == len(self):
            return np.arange(len(self), dtype=np.int64)  # it has a bar in every step
        return np.searchsorted(self.time, self.closes[place]).astype(np.int64)

    def count_of(self, place: int, steps: int) -> int:
        """Return how many bars of an instrument are taken in the first steps."""
        if steps >= len(self):
            return len(self.bars[place])
        return int(np.searchsorted(self.steps(place), steps)) if self.is_portfolio else steps

    def step(self, index: int) -> Step:
        """Return a step that the histories stand at."""
        if not self.is_portfolio:
            return Step(index, int(self.closes[0][index]), self.symbols)
        time = int(self.time[index])
        if self.in_turn:
            part = next(part for part in self.parts if part.start <= index < part.end)
            return Step(index, time, (self.symbols[part.instrument],))
        now = zip(self.symbols, self.histories, self.closes, strict=True)
        taken = (name for name, one, closes in now if one.cursor >= 0 and closes[one.cursor] == time)
        return Step(index, time, tuple(taken))

    def parts_of(self, first: int, last: int) -> Iterator[Part]:
        """Yield the parts of the steps from `first` to `last`, in order."""
        for part in self.parts:
            if part.start < last and first < part.end:
                yield part.cut(first, last)

    def _in_turn(self, order: Sequence[int]) -> Iterator[Part]:
        start = 0
        for place in order:
            count = len(self.bars[place])
            yield Part(self.histories[place], start, 0, count, place, place != order[-1])
            start += count


def history_of(
    bars: Bars, instrument: int = 0, symbol: str = "", *, known: NDArray[np.int64] | None = None
) -> History:
    """Return the kernel's view of the bars of an instrument; `known` is when each closes."""
    return History(
        bars.time,
        bars.open,
        bars.high,
        bars.low,
        bars.close,
        bars.volume,
        close_time=closes(bars) if known is None else known,
        given=bars.given,
        funding=bars.funding,
        instrument=instrument,
        symbol=symbol or bars.symbol,
    )
