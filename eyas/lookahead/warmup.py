"""How much history an indicator needs: the same moments, seen by runs that begin later."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.lookahead.comparing import first_difference
from eyas.model import iso

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.lookahead.feed import Feed
    from eyas.lookahead.recording import Decision
    from eyas.lookahead.subject import Column, Subject, Trace

WARM_UPS = (199, 399, 499, 999, 1999)
STARTS = 3
HARMLESS = 1e-3  # of the size of a column: a difference that EMA-like indicators lose sooner or later
STRETCH = 20  # bars over which a difference is taken: one value alone may agree by chance
STEADY = 1e-6  # of the size of a column: how constant a difference is that counts as one
RARE = 0.02  # of decisions: how many may differ because two nearly equal values fell on either side
ROUND_BARS = (10_080, 5_040, 1_440, 840, 420, 60, 1)  # starts that keep the remainders of bar numbers


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """Hold how far a column is off after so many bars, as a share of its size; None where it is not known.

    `final` is how far it is off in the end, after as many bars as there are; `is_level` says that it then is
    off by a constant, as a running total is: its moves are the same.
    """

    name: str
    symbol: str
    off: tuple[float | None, ...]
    final: float | None
    is_level: bool
    is_judged: bool

    @property
    def settles(self) -> bool:
        """Whether in the end it is what it would be with all history."""
        return self.final is None or self.final <= HARMLESS


@dataclass(frozen=True, slots=True)
class WarmUp:
    """Say how columns and decisions depend on how many bars were loaded before them.

    `bars` are the numbers of bars, `columns` how far each column is off after so many, `starts` the steps
    from which runs began anew. `first_change` is the first decision after the longest warm-up that a later
    start does not share; what an account held at that moment may be the reason, so by itself it is no
    fault.
    """

    bars: tuple[int, ...]
    columns: tuple[Sensitivity, ...]
    starts: tuple[int, ...]
    first_change: str | None = None
    changed: int = 0
    compared: int = 0
    late_changed: int = 0
    late_compared: int = 0

    @property
    def unsettled(self) -> tuple[Sensitivity, ...]:
        """Columns that depend on the history before them for as long as there are bars."""
        return tuple(one for one in self.columns if not one.settles and not one.is_level)

    @property
    def drifts(self) -> bool:
        """Whether in the end of the longest run decisions still differ, and more than by a rare chance."""
        return self.late_changed > max(1, RARE * self.late_compared)

    def __str__(self) -> str:
        if not self.columns:
            return "No indicator of use(...) to compare."
        width = max(len("Warm-up"), *(len(label(one)) for one in self.columns))
        heads = [f"{count:,}" for count in self.bars]
        lines = [f"{'Warm-up':<{width}}" + "".join(f"{head:>12}" for head in heads) + "  bars before"]
        lines += [
            f"{label(one):<{width}}"
            + "".join(f"{percent(off):>12}" for off in one.off)
            + f"  {settling(one)}"
            for one in self.columns
        ]
        if self.first_change:
            lines.append(f"{self.changed:,} of {self.compared:,} decisions differ; first {self.first_change}")
        return "\n".join(lines)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "bars": list(self.bars),
            "columns": [
                {"name": one.name, "symbol": one.symbol, "off": list(one.off)} for one in self.columns
            ],
            "starts": list(self.starts),
            "first_change": self.first_change,
            "decisions_changed": self.changed,
            "decisions_compared": self.compared,
        }


@dataclass
class Measuring:
    """Collect what runs from several starts say."""

    feed: Feed
    full: Trace
    bars: tuple[int, ...]
    off: dict[tuple[str, str], list[float | None]] = field(default_factory=dict)
    final: dict[tuple[str, str], tuple[float | None, bool, bool]] = field(default_factory=dict)
    starts: list[int] = field(default_factory=list)
    first: tuple[Decision | None, Decision | None] | None = None
    changed: int = 0
    compared: int = 0
    late_changed: int = 0
    late_compared: int = 0

    def take(self, start: int, late: Trace) -> None:
        """Compare a run that began with step `start`."""
        self.starts.append(start)
        others = {(one.symbol, one.name): one for one in late.columns}
        for column in self.full.columns:
            other = others.get((column.symbol, column.name))
            size = size_of(column)
            if other is None or not len(other.time) or not size:
                continue
            name = (column.symbol, column.name)
            found = self.off.setdefault(name, [None] * len(self.bars))
            # The first run is the one to tell: half of all history before, and half of it to settle in.
            self.final.setdefault(name, (*final_of(column, other, size), column.is_judged))
            for place, count in enumerate(self.bars):
                amount = off_after(column, other, count, size)
                if amount is not None:
                    found[place] = max(found[place] or 0.0, amount)
        self.compare_decisions(start, late)

    def compare_decisions(self, start: int, late: Trace) -> None:
        """Compare what both ask, by moment, side and symbol, once the longest warm-up is over."""
        if late.error:
            return
        if len(self.starts) == 1:
            one, other = self.asked_after((start + len(self.feed)) // 2, late)
            self.late_compared, self.late_changed = (
                len(words(one) | words(other)),
                len(words(one) ^ words(other)),
            )
        one, other = self.asked_after(start + self.bars[-1], late)
        self.compared += len(words(one) | words(other))
        self.changed += len(words(one) ^ words(other))
        last = self.feed.end
        found = first_difference(one, other, lambda d: d.time, last, lambda a, b: words([a]) == words([b]))
        if found and self.first is None:
            self.first = found

    def asked_after(self, step: int, late: Trace) -> tuple[list[Decision], list[Decision]]:
        """Return what both runs asked for after a step."""
        if step >= len(self.feed):
            return [], []
        moment = self.feed.closed(step)
        one, other = ([d for d in trace.decisions if d.time > moment] for trace in (self.full, late))
        return one, other

    def result(self) -> WarmUp:
        """Return what was found."""
        columns = [
            Sensitivity(name, symbol, tuple(off), *self.final[symbol, name])
            for (symbol, name), off in self.off.items()
        ]
        return WarmUp(
            bars=self.bars,
            columns=tuple(columns),
            starts=tuple(self.starts),
            first_change=described(self.first) if self.first else None,
            changed=self.changed,
            compared=self.compared,
            late_changed=self.late_changed,
            late_compared=self.late_compared,
        )


def measure_warm_up(
    subject: Subject, feed: Feed, full: Trace, warm_ups: Sequence[int], progress: Any = None
) -> WarmUp | None:
    """Run from several later starts and compare, or return None where there are too few bars for that."""
    steps = len(feed)
    fitting = tuple(count for count in sorted(set(warm_ups)) if count + STRETCH <= steps * 3 // 4)
    if not fitting or feed.market.in_turn:
        return None
    measuring = Measuring(feed, full, fitting)
    for start in starts_of(steps, fitting[-1]):
        late = feed.later(start)
        if late is None:
            continue
        trace = subject.run(late)
        if progress:
            progress()
        if trace.error is None or trace.columns:
            measuring.take(start, trace)
    return measuring.result() if measuring.starts else None


def words(decisions: Sequence[Decision]) -> set[tuple[int, str, str]]:
    """Return what was asked for, but how much: what an account holds may differ with its start."""
    return {(one.time, one.symbol, one.verb) for one in decisions}


def starts_of(steps: int, longest: int) -> Iterator[int]:
    """Yield where runs begin anew, at round numbers.

    First in the middle, which is as much history taken away as there then is; then earlier, spread over what
    leaves room for the longest warm-up.
    """
    room = steps - longest - STRETCH
    found = []
    for near in (steps // 2, *(max(1, room * share // (STARTS - 1)) for share in range(1, STARTS))):
        base = next(base for base in ROUND_BARS if base <= near)
        found.append(near // base * base)
    yield from dict.fromkeys(found)


def size_of(column: Column) -> float:
    """Return the usual size of a column's values; 0 for one of truth values, and for one without any."""
    values = np.abs(column.values[np.isfinite(column.values)])
    if not len(values) or np.isin(values, (0.0, 1.0)).all():
        return 0.0
    return float(np.median(values)) or float(np.mean(values))


def off_after(column: Column, late: Column, count: int, size: float) -> float | None:
    """Return how far a column is off `count` bars after a late start: at most, over a stretch of bars."""
    first = int(np.searchsorted(column.time, late.time[0])) + count
    return furthest(column.values[first : first + STRETCH], late.values[count : count + STRETCH], size)


def final_of(column: Column, late: Column, size: float) -> tuple[float | None, bool]:
    """Return how far a column is off in the end, and whether by a constant."""
    one, other = column.values[-len(late.values) // 2 :], late.values[-len(late.values) // 2 :]
    both = min(len(one), len(other))
    apart = one[-both:] - other[-both:]
    apart = apart[np.isfinite(apart)]
    is_level = len(apart) > STRETCH and float(np.ptp(apart)) <= STEADY * size
    return furthest(one[-STRETCH:], other[-STRETCH:], size), is_level


def is_off_in_the_end(column: Column, other: Column) -> bool:
    """Tell whether two columns differ in their last bars by more than is harmless."""
    size = size_of(column)
    off = furthest(column.values[-STRETCH:], other.values[-STRETCH:], size) if size else None
    return off is not None and off > HARMLESS


def furthest(one: NDArray[Any], other: NDArray[Any], size: float) -> float | None:
    """Return the largest difference of two columns over a size, None where they never are both known."""
    both = min(len(one), len(other))
    apart = np.abs(one[:both] - other[:both])
    apart = apart[np.isfinite(apart)]
    return float(apart.max() / size) if len(apart) else None


def described(found: tuple[Decision | None, Decision | None]) -> str:
    """Return a decision that a later start does not share, in words."""
    one, other = found
    where = one or other
    assert where is not None
    of = f" of {where.symbol}" if where.symbol else ""
    return f"at {iso(where.time)}{of}: {one or 'nothing'}, from a later start {other or 'nothing'}"


def label(one: Sensitivity) -> str:
    """Return how a column is called in the table."""
    return f"{one.symbol} {one.name}".strip()


def settling(one: Sensitivity) -> str:
    """Return in words what becomes of a column's difference."""
    if one.settles:
        return "settles"
    return "a running total" if one.is_level else f"does not settle: {percent(one.final)} off in the end"


def percent(off: float | None) -> str:
    """Return how far a column is off, in percent.

    >>> percent(0.00123), percent(3e-15), percent(None)
    ('0.123 %', '0 %', 'not yet')
    """
    if off is None:
        return "not yet"
    return "0 %" if off < 1e-12 else f"{off * 100:.3g} %"
