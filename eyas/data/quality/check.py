"""Check market data before the first bar."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.data.quality.findings import KINDS, Fact, Levels, gravities_of
from eyas.data.quality.prices import moves, near_zero
from eyas.data.quality.rows import row_facts
from eyas.data.quality.scan import scan
from eyas.data.quality.stillness import stale, zero_volume
from eyas.data.quality.times import Timing, timing, usual_step
from eyas.data.quality.verdict import Facts, Verdict
from eyas.errors import UsageError
from eyas.model import Bars

if TYPE_CHECKING:
    from numpy.typing import NDArray

ORDER = {name: place for place, name in enumerate(KINDS)}
KNOWN_MAX = 4096
known: dict[tuple[object, ...], Facts] = {}
"""By where the columns are in memory; what is known goes when the first of them does."""


def check(source: Any, *, calendar: str = "auto", levels: Levels | None = None) -> Verdict:
    """Judge market data: return what was found in it, each finding with its level.

    `source` is an `eyas.Bars`, or what `eyas.data.read` takes or gives; then the rows that it mended or put
    aside are findings too. `calendar` is when the market is open: "24/7", "24/5" for currencies, the name of
    an exchange such as "XNYS" (needs the extra `calendars`), or "auto", which guesses from the bars. `levels`
    says how grave a finding is: {"gaps": "fail", "zero_volume": "pass", "jumps": ("warn", 5)}; with a number
    it has that level from so many on (below 1: from that share of the rows), and fewer are one level milder.

    Raises UsageError for names that nobody knows, DataError for a source that cannot be read at all.

    >>> import eyas
    >>> check(eyas.sample("AAPL", "1d"))
    <Verdict warn on AAPL 1d, 252 rows: splits 1>
    >>> check(eyas.sample("AAPL", "1d", adjusted=True)).level
    'pass'
    """
    gravities = gravities_of(levels)
    bars = bars_of(source)
    facts = facts_of(bars)
    if calendar not in facts.by_calendar:
        facts.by_calendar[calendar] = _found(bars, calendar)
    found, name = facts.by_calendar[calendar]
    every = sorted((*facts.rows, *found), key=lambda fact: ORDER[fact.name])
    return Verdict(bars, tuple(fact.judged(gravities, len(bars)) for fact in every), name, facts)


def bars_of(source: Any) -> Bars:
    """Return the bars of a source; what was wrong with its rows is kept for every later verdict over them."""
    if isinstance(source, Bars):
        return source
    from eyas.data.reading import Reading, read

    reading = source if isinstance(source, Reading) else read(source)
    facts_of(reading.bars).rows = tuple(row_facts(reading))
    return reading.bars


def timing_of(bars: Bars, calendar: str) -> Timing:
    """Return what the times of bars say against a calendar."""
    step, _ = usual_step(bars)
    return timing(bars, scan(bars, step), calendar)


def _found(bars: Bars, calendar: str) -> tuple[tuple[Fact, ...], str]:
    """Return what every check finds, and the name of the calendar."""
    if not isinstance(calendar, str):
        raise UsageError(f"a calendar is 24/7, 24/5, auto, or an exchange such as XNYS, not {calendar!r}")
    if not len(bars):
        return (), calendar
    step, wrong = usual_step(bars)
    rows = scan(bars, step)
    times = timing(bars, rows, calendar)
    checks: tuple[Iterator[Fact], ...] = (
        near_zero(bars, rows),
        moves(bars, rows),
        zero_volume(bars, rows),
        stale(bars, rows),
    )
    facts = ([wrong] if wrong else []) + list(times.facts) + [fact for one in checks for fact in one]
    return tuple(facts), times.calendar


def facts_of(bars: Bars) -> Facts:
    """Return what is known of the columns of bars, which other bars may share.

    Bars change their name without changing their columns, and a search over parameters runs the same columns
    thousands of times, so what was found belongs to the columns.
    """
    columns = [getattr(bars, name) for name in bars.columns]
    places = [column.__array_interface__["data"][0] for column in columns]
    key = (len(bars), bars.timeframe, bars.has_volume, *bars.columns, *places)
    facts = known.get(key)
    if facts is None:
        while len(known) >= KNOWN_MAX:
            del known[next(iter(known))]
        facts = known[key] = Facts()
        for column in columns:
            weakref.finalize(owner(column), known.pop, key, None).atexit = False
    return facts


def owner(column: NDArray[Any]) -> NDArray[Any]:
    """Return the array that a view looks at: once it is gone, its place in memory means nothing."""
    base = column.base
    return owner(base) if isinstance(base, np.ndarray) else column
