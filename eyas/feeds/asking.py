"""Ask a source for pages until it answers, and walk over a stretch of time page by page."""

from __future__ import annotations

import time as wall
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from eyas.data.reading.result import Reject
from eyas.errors import DataError
from eyas.feeds.faults import Patience, TryAgain, passing
from eyas.feeds.pages import Page, Sifted, Source, empty, page_of, sift
from eyas.model import Bars, iso
from eyas.ticks import Trades
from eyas.timeframes import floor, following

if TYPE_CHECKING:
    from numpy.typing import NDArray

SECOND_NS = 1_000_000_000
SETTLE_NS = 2 * SECOND_NS
"""How long after its end a bar counts as closed: the last trades reach it a moment later."""
BELIEVABLE_NS = 86_400 * SECOND_NS
"""A server whose clock is further from ours than this does not tell the time."""
RECENT_NS = 2 * 86_400 * SECOND_NS
"""So close to now a stretch without bars may be one whose bars come late."""
STRIDE_PAGES = 64
"""Of an empty stretch every page is asked for up to this one, then every 64th."""


class World(NamedTuple):
    """Hold what a download takes from outside: the time in nanoseconds UTC, how to wait, chance."""

    now_ns: Callable[[], int] = wall.time_ns
    sleep: Callable[[float], Any] = wall.sleep
    random: Random = Random()


class GaveUpError(Exception):
    """Say that a source failed too often, or asks to be left alone for too long."""


class Found(NamedTuple):
    """Hold the closed bars (or the trades) of [start, end), all that the source has.

    `end_ns` is None when nobody said.
    """

    bars: Bars | Trades
    start_ns: int
    end_ns: int | None
    told: bool = False
    """Whether the source itself said that nothing is missing."""


@dataclass
class Asker:
    """Ask one source for the bars of one series, as often as it takes, and count."""

    source: Source
    name: str
    symbol: str
    timeframe: str
    limit: int = 1000
    patience: Patience = field(default_factory=Patience)
    world: World = field(default_factory=World)
    requests: int = 0
    retries: int = 0
    skew_ns: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    rejects: list[Reject] = field(default_factory=list)
    rejected: set[str] = field(default_factory=set)
    """The rows of these: a page without a good one is asked for twice, and its rows count once."""

    def closed_ns(self) -> int:
        """Return when the interval begins that is still forming, by the source's clock where it told."""
        return int(floor(self.now_ns(), self.timeframe))

    def now_ns(self) -> int:
        """Return the time up to which bars are settled."""
        return self.world.now_ns() + self.skew_ns - SETTLE_NS

    def later(self, start_ns: int, count: int) -> int:
        """Return when the interval begins that comes `count` after one."""
        return int(following(start_ns, self.timeframe, count))

    def intervals(self, start_ns: int, end_ns: int) -> int:
        """Return about how many bars fit between two times, at least one."""
        step = self.later(start_ns, 1) - start_ns
        return max(1, -((start_ns - end_ns) // step))

    def ask(self, start_ns: int, end_ns: int) -> Found:
        """Return a page of what a source has in [start, end), asking again while it fails in passing ways.

        Raises GaveUpError in the end, and what the source raised when asking again would not help.
        """
        failures = 0
        while True:
            limit = self.rows(start_ns, end_ns)
            self.requests += 1
            try:
                page = page_of(self.source(self.symbol, self.timeframe, start_ns, end_ns, limit), self.name)
                if page.now_ns is not None:
                    skew_ns = page.now_ns - self.world.now_ns()
                    self.skew_ns = skew_ns if abs(skew_ns) < BELIEVABLE_NS else 0
                return self.found(page, start_ns, end_ns, limit)
            except Exception as error:
                fault = passing(error)
                if fault is None:
                    raise
                failures += 1
                self._wait(failures, fault, start_ns, error)

    def _wait(self, failures: int, fault: TryAgain, start_ns: int, error: Exception) -> None:
        """Wait before the next try, unless there is none."""
        if failures >= self.patience.tries:
            times = f", {failures} times in a row" if failures > 1 else ""
            raise GaveUpError(f"{fault}{times}, for the bars from {iso(start_ns)} on") from error
        wait_s = self.patience.wait_s(failures, fault, self.world.random)
        if wait_s > max(self.patience.ban_s, self.patience.longest_s):
            back = iso((self.world.now_ns() + int(wait_s * SECOND_NS)) // SECOND_NS * SECOND_NS)
            raise GaveUpError(f"{fault} and asks to be left alone until {back}") from error
        self.retries += 1
        self.world.sleep(wait_s)

    def rows(self, start_ns: int, end_ns: int) -> int:
        """Return how many rows to ask for."""
        return min(self.limit, self.intervals(start_ns, end_ns))

    def found(self, page: Page, start_ns: int, end_ns: int, limit: int) -> Found:  # noqa: ARG002 - trades need it
        """Judge a page: what of it counts, and how far it goes."""
        if not isinstance(page.data, Bars):
            raise DataError(f"{self.name} answered {page.data!r}, and was asked for bars of {self.timeframe}")
        sifted = sift(page.data, start_ns, end_ns, self._is_closed, self.name)
        complete_ns = page.complete_to_ns
        only_before = sifted.came and sifted.last_ns is None and not sifted.later and complete_ns is None
        # Only at the end can a source have nothing newer than what came before.
        if only_before and self.later(start_ns, 2) < self.now_ns() - RECENT_NS:
            raise TryAgain("it answered with bars from before those that it was asked for")
        fresh = [one for one in sifted.rejects if one.raw not in self.rejected]
        self.counts += Counter({**sifted.counts, "rejected": len(fresh)})
        self.rejects += fresh
        self.rejected.update(one.raw for one in fresh)
        return Found(sifted.bars, start_ns, self._reach(sifted, complete_ns, end_ns), complete_ns is not None)

    def _reach(self, sifted: Sifted, complete_ns: int | None, end_ns: int) -> int | None:
        """Return up to when a page has everything."""
        if sifted.later:
            return end_ns
        reach_ns = complete_ns
        if sifted.last_ns is not None:
            reach_ns = max(self.later(sifted.last_ns, 1), complete_ns or 0)
        return None if reach_ns is None else min(reach_ns, end_ns)

    def _is_closed(self, time: NDArray[np.int64]) -> NDArray[np.bool_]:
        closed: NDArray[np.bool_] = following(time, self.timeframe) <= self.now_ns()
        return closed


def believable_ns(asker: Asker, found: Found) -> int:
    """Return up to when it shall be believed that a page has everything: not for what is too new."""
    reach_ns = asker.later(int(found.bars.time[-1]), 1) if len(found.bars) else found.start_ns
    return max(reach_ns, min(found.end_ns or reach_ns, asker.now_ns() - RECENT_NS))


def walk(asker: Asker, start_ns: int, end_ns: int) -> Iterator[Found]:
    """Yield everything that a source has in [start, end), page by page, each with how far it goes.

    The end is no later than the last closed bar, also as time goes on. A page may be shorter than was asked.
    """
    at = start_ns
    while at < (until := min(end_ns, asker.closed_ns())):
        found = asker.ask(at, until)
        if not len(found.bars) and not found.told:
            found = asker.ask(at, until)  # a server that hiccups answers better the second time
        if found.end_ns is None:
            for found in _over_nothing(asker, at, until):
                yield found
        else:
            found = _from_the_front(asker, found)
            yield found
        assert found.end_ns is not None
        assert found.end_ns > at, "a page that goes nowhere would be asked for, for ever"
        at = found.end_ns


def _from_the_front(asker: Asker, found: Found) -> Found:
    """Return a page, or when it begins late what lies before it, if the source has that after all.

    Some exchanges cut a page that would be too long at the wrong end.
    """
    while not found.told and len(found.bars) and asker.later(found.start_ns, 1) <= found.bars.time[0]:
        before = asker.ask(found.start_ns, int(found.bars.time[0]))
        if not len(before.bars):
            break
        found = before
    return found


def _over_nothing(asker: Asker, start_ns: int, until: int) -> Iterator[Found]:
    """Yield what comes after a page without bars, where an exchange answers for one page's length only.

    It may be the time before the listing, an outage or the end. So ever wider steps are made until there
    are bars again, and what was stepped over is then asked for page by page.
    """
    low, stride = asker.later(start_ns, asker.limit), 1
    while low < until:
        last_page = max(low, asker.later(until, -asker.limit))
        probe = min(asker.later(low, (stride - 1) * asker.limit), last_page)
        found = asker.ask(probe, until)
        if found.end_ns is not None:
            yield Found(empty(), start_ns, low)
            yield from _page_by_page(asker, low, probe)
            yield found
            return
        low, stride = asker.later(probe, asker.limit), min(stride * 2, STRIDE_PAGES)
    yield Found(empty(), start_ns, until)


def _page_by_page(asker: Asker, start_ns: int, until: int) -> Iterator[Found]:
    at = start_ns
    while at < until:
        found = asker.ask(at, until)
        end_ns = min(asker.later(at, asker.limit), until) if found.end_ns is None else found.end_ns
        yield Found(found.bars, at, end_ns)
        at = end_ns
