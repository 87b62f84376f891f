"""The instruments of a run: their bars in order of their symbols, and the steps of the clock over them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from eyas.model import Bars, Clock, History
from eyas.timeframes import closes, length_ns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.sight import Outside
    from eyas.sight.memo import Memo

HOUR_NS = 3_600_000_000_000


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


class Closes:
    """Hold when each bar of each instrument closes, worked out when somebody asks."""

    def __init__(self, bars: Sequence[Bars]) -> None:
        self._bars = bars
        self._found: dict[int, NDArray[np.int64]] = {}

    def __len__(self) -> int:
        return len(self._bars)

    def __iter__(self) -> Iterator[NDArray[np.int64]]:
        return map(self.__getitem__, range(len(self)))

    def __getitem__(self, place: int) -> NDArray[np.int64]:
        found = self._found.get(place)
        if found is None:
            found = self._found[place] = closes(self._bars[place])
        return found


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
        self.closes = Closes(self.bars)
        self.finer_bars = dict(finer or {})
        self.extra = dict(extra or {})
        self.memo: Memo | None = None
        self.is_portfolio = len(self.bars) > 1
        self.in_turn = in_turn is not None and self.is_portfolio
        self._order = [self.symbols.index(symbol) for symbol in in_turn or ()]
        self._stand_before_the_first()

    def again(self) -> Market:
        """Return the same market for another run: its columns are shared, its place in time is its own."""
        found = copy(self)
        found._stand_before_the_first()
        return found

    def _stand_before_the_first(self) -> None:
        """Make what a run moves: the histories, and the steps over them."""
        self.histories = [
            self._history(place, symbol, one)
            for place, (symbol, one) in enumerate(zip(self.symbols, self.bars, strict=True))
        ]
        self.finer = [
            history_of(self.finer_bars[symbol], place, symbol) if symbol in self.finer_bars else None
            for place, symbol in enumerate(self.symbols)
        ]
        if not self.is_portfolio:
            self.time = self.bars[0].time
            self.parts = [Part(self.histories[0], 0, 0, len(self.time), 0)]
        elif self.in_turn:
            self.time = np.concatenate([self.closes[place] for place in self._order])
            self.parts = list(self._in_turn(self._order))
        else:
            clock = Clock(self.histories)
            self.time = clock.time
            self.parts = [Part(clock, 0, 0, len(clock), -1)]

    def _history(self, place: int, symbol: str, bars: Bars) -> History:
        """Return the kernel's view of an instrument; mostly it needs no column of when its bars close."""
        lasts_ns = lasting_ns(bars)
        known = None if lasts_ns else self.closes[place]
        return history_of(bars, place, symbol, known=known, lasts_ns=lasts_ns)

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
        return int(self.time[index] if self.is_portfolio else self.histories[0].close_time(index))

    def steps(self, place: int) -> NDArray[np.int64]:
        """Return at which step each bar of an instrument is taken."""
        if not self.is_portfolio:
            return np.arange(len(self), dtype=np.int64)
        if self.in_turn:
            part = next(part for part in self.parts if part.instrument == place)
            return np.arange(part.start, part.end, dtype=np.int64)
        if len(self.bars[place]) == len(self):
            return self.every_step  # it has a bar in each
        return np.searchsorted(self.time, self.closes[place]).astype(np.int64)

    @cached_property
    def every_step(self) -> NDArray[np.int64]:
        """The numbers of all steps, as the instruments share them that have a bar in each."""
        found = np.arange(len(self), dtype=np.int64)
        found.flags.writeable = False
        return found

    def count_of(self, place: int, steps: int) -> int:
        """Return how many bars of an instrument are taken in the first steps."""
        if steps >= len(self):
            return len(self.bars[place])
        return int(np.searchsorted(self.steps(place), steps)) if self.is_portfolio else steps

    def step(self, index: int) -> Step:
        """Return a step that the histories stand at."""
        if not self.is_portfolio:
            return Step(index, self.closed(index), self.symbols)
        time = int(self.time[index])
        if self.in_turn:
            part = next(part for part in self.parts if part.start <= index < part.end)
            return Step(index, time, (self.symbols[part.instrument],))
        now = zip(self.symbols, self.histories, strict=True)
        taken = (name for name, one in now if one.cursor >= 0 and one.close_time(one.cursor) == time)
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
    bars: Bars,
    instrument: int = 0,
    symbol: str = "",
    *,
    known: NDArray[np.int64] | None = None,
    lasts_ns: int = 0,
) -> History:
    """Return the kernel's view of the bars of an instrument.

    `known` is when each closes; or each `lasts_ns`, and no longer than until the next one opens.
    """
    if known is None and not lasts_ns:
        lasts_ns = lasting_ns(bars)
        known = None if lasts_ns else closes(bars)
    return History(
        bars.time,
        bars.open,
        bars.high,
        bars.low,
        bars.close,
        bars.volume,
        close_time=known,
        lasts_ns=lasts_ns,
        given=bars.given,
        funding=bars.funding,
        instrument=instrument,
        symbol=symbol or bars.symbol,
    )


def lasting_ns(bars: Bars) -> int:
    """Return how long bars last where that alone says when each closes (see `closes`), else 0."""
    length = length_ns(bars.timeframe) if bars.timeframe else 0
    return length if length <= HOUR_NS and not bars.timeframe.endswith("M") else 0
