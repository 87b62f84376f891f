"""List where bars are missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from eyas.data.quality.check import bars_of, timing_of
from eyas.model import iso


@dataclass(frozen=True, slots=True)
class Gap:
    """Hold a gap: the bar before it, the times of the bars beside it (nanoseconds UTC), how many it lacks."""

    row: int
    start: int
    end: int
    missing: int


@dataclass(frozen=True, slots=True, repr=False)
class Gaps:
    """Hold the gaps of bars, oldest first, and the calendar they are measured by; it prints as a table."""

    symbol: str
    timeframe: str
    calendar: str
    rows: tuple[Gap, ...]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def missing(self) -> int:
        """How many bars are missing in all."""
        return sum(gap.missing for gap in self.rows)

    def __repr__(self) -> str:
        name = " ".join(part for part in (self.symbol, self.timeframe) if part) or "bars"
        count = f"{len(self):,} gap{'' if len(self) == 1 else 's'}"
        head = f"{name}: {self.missing:,} bars missing in {count}, calendar {self.calendar}"
        lines = [f"{gap.missing:>9,}  after {iso(gap.start)}, before {iso(gap.end)}" for gap in self.rows]
        return "\n".join([head, *lines])


def gaps(source: Any, *, calendar: str = "auto") -> Gaps:
    """Return where bars are missing, by the calendar of their market (as in `check`).

    >>> import eyas
    >>> bars = eyas.sample("BTCUSDT", "1m")
    >>> gaps({name: [*getattr(bars, name)[:10], *getattr(bars, name)[13:20]] for name in bars.columns})
    1m: 3 bars missing in 1 gap, calendar 24/7 (guessed)
            3  after 2026-06-10T03:36:00Z, before 2026-06-10T03:40:00Z
    """
    bars = bars_of(source)
    if not len(bars):
        return Gaps(bars.symbol, bars.timeframe, calendar, ())
    found = timing_of(bars, calendar)
    rows = tuple(
        Gap(row, int(bars.time[row]), int(bars.time[row + 1]), missing)
        for row, missing in zip(found.rows.tolist(), found.missing.tolist(), strict=True)
    )
    return Gaps(bars.symbol, bars.timeframe, found.calendar, rows)
