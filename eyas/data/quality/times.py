"""Look at the times of bars: missing ones, those of a closed market, those between the usual times."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eyas.data.calendars import DAY_NS, Calendar, Days, calendar_of
from eyas.data.quality.clock import MINUTE_NS, QUARTER_NS, clock_of
from eyas.data.quality.findings import Fact
from eyas.data.quality.scan import Scan
from eyas.data.quality.usual import guess, knows_no_holidays
from eyas.data.timeframe import median_of
from eyas.model import iso
from eyas.timeframes import floor, length_ns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.model import Bars

LOOKED_AT = 4000  # distances at the beginning, in the middle and at the end
AGREEING = 0.2  # of the distances, or the timeframe is another
FETCH = "Fetch them again: orders cannot fill where there are no bars."
GUESSED = 'Fetch them again, or name the market\'s calendar if it was closed (calendar="XNYS").'
GRID = 0.1  # of the bars, or their place between the times is not usual


@dataclass(frozen=True, eq=False, slots=True)
class Timing:
    """Hold what the times say: facts, the calendar's name, and where bars are missing."""

    facts: tuple[Fact, ...]
    calendar: str
    rows: NDArray[np.intp]
    """Rows after which bars are missing."""
    missing: NDArray[np.int64]
    """How many are."""


def usual_step(bars: Bars) -> tuple[int, Fact | None]:
    """Return the distance between bars in nanoseconds, 0 if there is none, and whether the timeframe lies."""
    time, said = bars.time, length_ns(bars.timeframe)
    middle = max(0, len(time) // 2 - LOOKED_AT // 2)
    parts = [np.diff(time[start : start + LOOKED_AT]) for start in (0, middle, max(0, len(time) - LOOKED_AT))]
    distances = np.concatenate(parts if len(time) > 3 * LOOKED_AT else [np.diff(time)])
    if not len(distances) or bars.timeframe.endswith("M"):
        return said, None
    usual = median_of(distances)
    if not said:
        return (usual if np.mean(distances == usual) >= 0.5 else 0), None
    if usual == said or np.mean(distances == said) >= AGREEING or len(distances) < 10:
        return said, None
    sentence = (
        f"the timeframe is {bars.timeframe}, but bars are usually {usual / MINUTE_NS:,.6g} minutes apart, "
        f"first in bar 1 ({iso(time[1])}): give the timeframe that they have."
    )
    step = usual if np.mean(distances == usual) >= 0.5 else 0
    return step, Fact("timeframe", int(np.count_nonzero(distances != said)), 1, int(time[1]), sentence)


def timing(bars: Bars, found: Scan, calendar: str) -> Timing:
    """Return what the times of bars say against a calendar, by name."""
    time, step = bars.time, found.step
    if bars.timeframe.endswith("M"):
        return _monthly(bars)
    nothing = np.empty(0, np.intp), np.empty(0, np.int64)
    if not step or len(time) < 2:
        return Timing((), "none" if calendar == "auto" else calendar, *nothing)
    rows = found.irregular
    after_gap = rows[time[rows + 1] - time[rows] >= 3 * step // 2]
    chosen = guess(time, rows, step) if calendar == "auto" else calendar_of(calendar, time, step)
    name = f"{chosen.name} (guessed)" if calendar == "auto" else calendar
    clock = clock_of(time, rows, step, chosen)
    facts = [clock.fact] if clock.fact else []
    moved = time - clock.late_ns if np.any(clock.late_ns) else time
    missing = chosen.missing(moved, after_gap, step) if step < 7 * DAY_NS else _whole(moved, after_gap, step)
    after_gap, missing = after_gap[missing > 0], missing[missing > 0]
    facts += _gaps(bars, after_gap, missing, chosen, GUESSED if knows_no_holidays(chosen) else FETCH)
    facts += _outside(
        bars, chosen.outside(moved, step) if step < 7 * DAY_NS else np.empty(0, np.intp), chosen
    )
    if step < 7 * DAY_NS:
        facts += _off_grid(bars, rows, step, stamped=bool(clock.fact))
    return Timing(tuple(facts), name, after_gap, missing)


def _whole(time: NDArray[np.int64], rows: NDArray[np.intp], step: int) -> NDArray[np.int64]:
    found: NDArray[np.int64] = np.rint((time[rows + 1] - time[rows]) / step).astype(np.int64) - 1
    return found


def _monthly(bars: Bars) -> Timing:
    """Judge bars of months: one for each, stamped with its first day."""
    number = int(bars.timeframe[:-1])
    months = bars.time.astype("datetime64[ns]").astype("datetime64[M]").astype(np.int64)
    steps = np.diff(months)
    rows = np.flatnonzero(steps > number)
    missing = steps[rows] // number - 1
    rows, missing = rows[missing > 0], missing[missing > 0]
    facts = _gaps(bars, rows, missing, None, FETCH)
    last_days = (bars.time // DAY_NS + 1) * DAY_NS == floor(bars.time + 4 * DAY_NS, "1M")
    if len(bars) > 2 and np.mean(last_days) > 0.5:
        sentence = (
            f"bars of months bear the date of their last day, first {iso(bars.time[0])}. eyas takes a bar's "
            "time for when it opens: stamp them with their first day."
        )
        facts = [Fact("stamp", len(bars), 0, int(bars.time[0]), sentence), *facts]
    return Timing(tuple(facts), "months", rows, missing)


def _gaps(
    bars: Bars, rows: NDArray[np.intp], missing: NDArray[np.int64], calendar: Calendar | None, remedy: str
) -> list[Fact]:
    if not len(rows):
        return []
    first, total, longest = int(rows[0]), int(missing.sum()), int(np.argmax(missing))
    hours = f" ({calendar.name})" if calendar else ""
    where = f"first after bar {first} ({iso(bars.time[first])})"
    if len(rows) == 1:
        end = iso(bars.time[first + 1])
        text = f"{_count(total)} missing{hours} after bar {first} ({iso(bars.time[first])}), up to {end}"
    else:
        most = f"the longest of {int(missing[longest]):,} after bar {int(rows[longest])}"
        text = f"{_count(total)} missing in {len(rows):,} gaps{hours}, {where}, {most}"
    return [Fact("gaps", total, first, int(bars.time[first]), f"{text}. {remedy}")]


def _outside(bars: Bars, rows: NDArray[np.intp], calendar: Calendar) -> list[Fact]:
    if not len(rows):
        return []
    row = int(rows[0])
    days = "on days without a session" if isinstance(calendar, Days) else "while the market was closed"
    text = f"{_count(len(rows))} {days} ({calendar.name}), first bar {row} ({iso(bars.time[row])})"
    return [
        Fact(
            "outside",
            len(rows),
            row,
            int(bars.time[row]),
            f"{text}. Drop them, or name the calendar that they follow.",
        )
    ]


def _off_grid(bars: Bars, rows: NDArray[np.intp], step: int, *, stamped: bool) -> Iterator[Fact]:
    """Find bars that begin between the times at which bars usually do."""
    starts = np.concatenate(([0], rows + 1))
    phases = bars.time[starts] % step
    lengths = np.diff(np.append(starts, len(bars)))
    kinds, place = np.unique(phases, return_inverse=True)
    weights = np.bincount(place, weights=lengths)
    usual = weights >= GRID * len(bars)
    grain = int(np.gcd(step, QUARTER_NS))
    main = int(kinds[np.argmax(weights)])
    if main % grain and not stamped:
        sentence = (
            f"bars begin {(main % grain) / 1e9:,.6g} s after the usual times, first bar 0 "
            f"({iso(bars.time[0])}). Round their times down if they are those of the bars."
        )
        yield Fact("off_grid", len(bars), 0, int(bars.time[0]), sentence)
        return
    odd = np.flatnonzero(~usual[place])
    if not usual.any() or not len(odd):
        return
    row, count = int(starts[odd[0]]), int(lengths[odd].sum())
    sentence = (
        f"{_count(count)} between the usual times, first bar {row} ({iso(bars.time[row])}). Correct or drop "
        "them: indicators take every bar for one timeframe."
    )
    yield Fact("off_grid", count, row, int(bars.time[row]), sentence)


def _count(count: int) -> str:
    return f"{count:,} bar{'' if count == 1 else 's'}"
