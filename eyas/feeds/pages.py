"""Hold one answer of a source, and keep of it what was asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np

from eyas.data.checks import wrong_numbers
from eyas.data.epochs import epochs
from eyas.data.reading.result import Reject
from eyas.errors import DataError
from eyas.model import PRICE_COLUMNS, RARE_COLUMNS, Bars, iso
from eyas.ticks import Trades

if TYPE_CHECKING:
    from numpy.typing import NDArray

Answer: TypeAlias = "Page | Bars | Any"


class Source(Protocol):
    """Answer which bars of an instrument open at `start_ns` or later.

    At most `limit` of them, the oldest first; none that opens at `end_ns` or later is wanted. The answer is a
    Page, a Bars, or rows of time, open, high, low, close and volume (a list of lists, or an array); where the
    timeframe is "trades", a Page or Trades. Raise TryAgain for a failure that passes, UsageError or DataError
    for one that stays.
    """

    def __call__(self, symbol: str, timeframe: str, start_ns: int, end_ns: int, limit: int) -> Answer:
        """Return the bars of a page."""


@dataclass(frozen=True, slots=True)
class Page:
    """Hold one answer of a source: bars (or trades) as they came, and what else it said.

    `complete_to_ns`: every bar before this time is in the page, for sources that say so (nanoseconds).
    `now_ns`: the time on the source's own clock when it answered.
    """

    data: Bars | Trades
    complete_to_ns: int | None = None
    now_ns: int | None = None


@dataclass(frozen=True, slots=True)
class Sifted:
    """Hold the bars that were asked for, in order and each once, and what was wrong with the rest."""

    bars: Bars
    came: int
    """How many rows the page had."""
    later: bool
    """Whether it had rows from after the stretch that was asked for, or bars that are still forming."""
    last_ns: int | None
    """When the last row of the stretch opens, good or not; None when the page had none."""
    counts: Counter[str] = field(default_factory=Counter)
    rejects: tuple[Reject, ...] = ()


def empty() -> Bars:
    """Return bars without a row."""
    none = np.empty(0)
    return Bars(np.empty(0, np.int64), none, none, none, none, none)


def page_of(answer: Answer, name: str) -> Page:
    """Return what a source answered as a page; raise DataError when it is none."""
    if isinstance(answer, Page):
        return answer
    if isinstance(answer, Bars | Trades):
        return Page(answer)
    wanted = "a page is a Bars, or rows of time, open, high, low, close and volume"
    try:
        rows = np.asarray(answer, dtype=np.float64)
        times = [row[0] for row in answer]
    except (TypeError, ValueError, IndexError, KeyError):
        raise DataError(
            f"{name} answered {type(answer).__name__} that holds other things: {wanted}"
        ) from None
    if not rows.size:
        return Page(empty())
    if rows.ndim != 2 or rows.shape[1] not in (5, 6):
        raise DataError(f"{name} answered an array of the shape {rows.shape}: {wanted}")
    time, wrong = epochs("time", np.asarray(times))
    if wrong:
        raise DataError(
            f"{name}, row {int(wrong[0].rows[0]) + 1}: {wrong[0].sentence(int(wrong[0].rows[0]))}"
        )
    return Page(bars_of(time, rows[:, 1:].T))


def bars_of(time: NDArray[np.int64], columns: NDArray[np.float64]) -> Bars:
    """Return bars of times in nanoseconds and the other columns, one below the other; volume may lack."""
    volume = columns[4] if len(columns) > 4 else np.zeros(len(time))
    opened, high, low, close = columns[:4]
    return Bars(time, opened, high, low, close, volume, has_volume=len(columns) > 4)


def sift(
    bars: Bars,
    start_ns: int,
    end_ns: int,
    is_closed: Callable[[NDArray[np.int64]], NDArray[np.bool_]],
    name: str = "",
) -> Sifted:
    """Keep the closed bars of [start, end) that a market can have made, sorted and each once.

    Of two rows with one time the later counts: an exchange sends a correction after what it corrects. `name`
    is the source's, for the rows that are kept aside.
    """
    time, counts = bars.time, Counter[str]()
    inside, closed = (time >= start_ns) & (time < end_ns), is_closed(time)
    good = inside & closed
    last_ns = int(time[good].max()) if good.any() else None
    later = bool((time >= end_ns).any() or (inside & ~closed).any())
    counts["outside"], counts["forming"] = int((~inside).sum()), int((inside & ~closed).sum())
    rejects = _rejects(bars, good, name)
    counts["rejected"] = len(rejects)
    good[list(rejects)] = False
    kept = np.flatnonzero(good)
    if (np.diff(time[kept]) <= 0).any():
        counts["out_of_order"] = int((np.diff(time[kept]) < 0).sum())
        kept = kept[np.argsort(time[kept], kind="stable")]
        last = np.append(np.diff(time[kept]) > 0, True)
        counts["duplicate"] = int((~last).sum())
        kept = kept[last]
    columns = {name: getattr(bars, name)[kept] for name in bars.columns}
    return Sifted(replace(bars, **columns), len(time), later, last_ns, +counts, tuple(rejects.values()))


def _rejects(bars: Bars, good: NDArray[np.bool_], name: str) -> dict[int, Reject]:
    """Return the rows of those that count which no market can have made, each with its first fault."""
    names = [one for one in (*PRICE_COLUMNS, "volume", *RARE_COLUMNS) if one in bars.columns]
    columns = {one: getattr(bars, one) for one in names}
    found: dict[int, Reject] = {}
    for wrong in wrong_numbers(columns, {one: one for one in names}):
        for row in wrong.rows.tolist():
            if good[row] and row not in found:
                at = iso(bars.time[row])
                raw = ",".join([at, *(repr(float(column[row])) for column in columns.values())])
                found[row] = Reject(name, row + 1, 0, at, wrong.fault, wrong.sentence(row), raw)
    return found
