"""Look for prices that no market made: near zero, spikes, splits, and jumps that stay."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from eyas.data.calendars import DAY_NS
from eyas.data.place import plain
from eyas.data.quality.findings import Fact
from eyas.data.quality.scan import BLOCK, LOOKED_AT_MAX, NEAR_ZERO, Scan, usual_move, usual_range
from eyas.model import iso

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.model import Bars

MEAN_BELOW = 5
AT_ONCE = 10.0
"""How far a price falls in one step, so that it is a fault and not the fate of a coin."""

FEWEST = 20
"""Bars below which nothing is usual."""
NEAR, WIDE = 10, 150  # bars on either side that say what is usual
SPIKE, WICK, JUMP, SPLIT = 12.0, 12.0, 20.0, 8.0  # in what is usual
SPIKE_BARS = 3
COMES_BACK = 0.25  # of the way
SMALLEST_SPLIT = 0.33  # as a logarithm: 3:2 is 0.405
STAYS = 0.7  # of it at the close
RATIOS = (
    (3, 2), (2, 1), (5, 2), (3, 1), (4, 1), (5, 1), (6, 1), (7, 1), (8, 1), (10, 1), (20, 1), (25, 1),
    (30, 1), (50, 1), (100, 1),
)  # fmt: skip
SPLIT_DAYS = 10  # between two bars, or the price may have got there by and by
NIGHT = 2.5  # how far an overnight move may be from a ratio, in what is usual,
NIGHT_LEAST, NIGHT_MOST = 0.04, 0.2  # and at least and at most


def near_zero(bars: Bars, found: Scan) -> Iterator[Fact]:
    """Find prices below a thousandth of the median of their thousand candles (of few: their mean)."""
    rows: list[int] = []
    least = ""
    for first in found.low_blocks.tolist():
        last = min(first + BLOCK, len(bars))
        window = slice(max(0, last - BLOCK), last)
        prices = np.concatenate([getattr(bars, name)[window] for name in ("open", "high", "low", "close")])
        middle = np.mean(prices) if len(prices) < 4 * MEAN_BELOW else np.median(prices)
        low = np.flatnonzero(bars.low[first:last] < middle / NEAR_ZERO) + first
        for stretch in np.split(low, np.flatnonzero(np.diff(low) > 1) + 1):
            if len(stretch) and _at_once(bars, int(stretch[0]), int(stretch[-1])):
                rows += stretch.tolist()
                least = (
                    least or f"{plain(bars.low[stretch[0]])} where {plain(round(float(middle), 8))} is usual"
                )
    if rows:
        yield Fact(
            "near_zero",
            len(rows),
            rows[0],
            int(bars.time[rows[0]]),
            f"{_bars(len(rows), 'has a price', 'have prices')} near zero, first {where(bars, rows[0])}: "
            f"low {least}. So look candles that were half formed when they were fetched: fetch them again, "
            "or drop them.",
        )


def _at_once(bars: Bars, first: int, last: int) -> bool:
    """Tell whether prices fell to a stretch, or left it, in one step: a coin may also get there by and by."""
    before = bars.close[first - 1] if first else bars.high[first]
    after = bars.open[last + 1] if last + 1 < len(bars) else bars.high[last]
    edges = ((bars.low[first], before), (bars.low[last], after), (bars.low[first], bars.high[first]))
    return any(high > AT_ONCE * low for low, high in edges)


def moves(bars: Bars, found: Scan) -> Iterator[Fact]:
    """Find spikes, splits and jumps: moves far beyond what is usual there, told apart by what follows."""
    if len(bars) < FEWEST:
        return
    spikes = set(_wicks(bars, found))
    jumps: list[int] = []
    splits: dict[int, tuple[int, int]] = {}
    rows, far, usual = _unusual(bars, found)
    back_until = -1
    for row, move, size in zip(rows.tolist(), far.tolist(), usual.tolist(), strict=True):
        if row <= back_until:
            continue
        end = _comes_back(bars, row) if abs(move) > SPIKE * size else 0
        if end:
            spikes.add(row)
            back_until = end
        elif row not in spikes and (ratio := _split(bars, row, move, size)):
            splits[row] = ratio
        elif row not in spikes and abs(move) > JUMP * size:
            jumps.append(row)
    yield from _spiked(bars, sorted(spikes))
    yield from _split_facts(bars, splits)
    if jumps:
        row = jumps[0]
        yield Fact(
            "jumps",
            len(jumps),
            row,
            int(bars.time[row]),
            f"{_bars(len(jumps), 'jumps', 'jump')} more than {JUMP:g} times the usual move and "
            f"{'stays' if len(jumps) == 1 else 'stay'} there, first {where(bars, row)}: close "
            f"{plain(bars.close[row - 1])} → {plain(bars.close[row])}. Compare with another source.",
        )


def _unusual(bars: Bars, found: Scan) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.float64]]:
    """Return the rows with far moves, how far (as logarithms), and what is usual there, over as much time."""
    rows = found.moved
    far = np.log(bars.close[rows] / bars.close[rows - 1])
    if len(rows) > LOOKED_AT_MAX:
        most = np.sort(np.argpartition(np.abs(far), -LOOKED_AT_MAX)[-LOOKED_AT_MAX:])
        rows, far = rows[most], far[most]
    if not len(rows):
        return rows, far, far
    usual = np.maximum(usual_move(bars, rows, NEAR), usual_move(bars, rows, min(WIDE, len(bars) // 2)))
    usual = np.maximum(usual, found.return_scale / 4)
    steps = (bars.time[rows] - bars.time[rows - 1]) / (found.step or np.inf)
    usual *= np.sqrt(np.maximum(steps, 1.0))
    keep = np.abs(far) > SPLIT * usual
    return rows[keep], far[keep], usual[keep]


def _comes_back(bars: Bars, row: int) -> int:
    """Return the row at which a move that began in `row` has come back to where it was; 0 if it stays."""
    before = bars.close[row - 1]
    away = abs(np.log(bars.close[row] / before))
    for end in range(row + 1, min(row + SPIKE_BARS + 1, len(bars))):
        if abs(np.log(bars.close[end] / before)) < COMES_BACK * away:
            return end
    return 0


def _wicks(bars: Bars, found: Scan) -> list[int]:
    """Return the rows with a high or a low that is far away from open, close and the bars beside it."""
    rows = found.wide
    if not len(rows):
        return []
    if len(rows) > LOOKED_AT_MAX:
        sizes = bars.high[rows] / bars.low[rows]
        rows = np.sort(rows[np.argpartition(sizes, -LOOKED_AT_MAX)[-LOOKED_AT_MAX:]])
    before, after = np.maximum(rows - 1, 0), np.minimum(rows + 1, len(bars) - 1)
    # Its own open may be the fault, so it does not count.
    beside = [bars.close[before], bars.close[rows], bars.open[after]]
    highest, lowest = np.maximum.reduce(beside), np.minimum.reduce(beside)
    reach = np.maximum(np.log(bars.high[rows] / highest), np.log(lowest / bars.low[rows]))
    far = reach > WICK * found.range_scale / 4
    rows, reach = rows[far], reach[far]
    if not len(rows):
        return []
    usual = np.maximum(usual_range(bars, rows, NEAR), usual_range(bars, rows, min(WIDE, len(bars) // 2)))
    kept: list[int] = rows[reach > WICK * np.maximum(usual, found.range_scale / 4)].tolist()
    return kept


def _split(bars: Bars, row: int, move: float, usual: float) -> tuple[int, int] | None:
    """Return the ratio of a split that a move looks like: new shares for old ones."""
    night = float(np.log(bars.open[row] / bars.close[row - 1]))
    apart = int(bars.time[row] - bars.time[row - 1])
    stays = move * np.sign(night) > STAYS * SMALLEST_SPLIT
    if abs(night) < SMALLEST_SPLIT or not stays or apart > SPLIT_DAYS * DAY_NS:
        return None
    distances = [abs(abs(night) - np.log(many / few)) for many, few in RATIOS]
    nearest = int(np.argmin(distances))
    if distances[nearest] > min(max(NIGHT * usual, NIGHT_LEAST), NIGHT_MOST):
        return None
    many, few = RATIOS[nearest]
    return (many, few) if night < 0 else (few, many)


def _spiked(bars: Bars, rows: list[int]) -> Iterator[Fact]:
    if not rows:
        return
    row = rows[0]
    beside = bars.close[row - 1] if row else bars.open[row + 1]
    far = max((bars.high[row], bars.low[row], bars.close[row]), key=lambda price: abs(np.log(price / beside)))
    yield Fact(
        "spikes",
        len(rows),
        row,
        int(bars.time[row]),
        f"{_bars(len(rows), 'spikes', 'spike')} far beyond the usual and "
        f"{'comes' if len(rows) == 1 else 'come'} back at once, first {where(bars, row)}: {plain(far)} "
        f"beside {plain(beside)}. Compare with another source, and correct what nobody could trade at.",
    )


def _split_facts(bars: Bars, splits: dict[int, tuple[int, int]]) -> Iterator[Fact]:
    if not splits:
        return
    row, (new, old) = next(iter(splits.items()))
    more = ", ".join(
        f"{new}:{old} on {iso(bars.time[at])[:10]}" for at, (new, old) in list(splits.items())[1:4]
    )
    yield Fact(
        "splits",
        len(splits),
        row,
        int(bars.time[row]),
        f"the price changes overnight like in a split of {new}:{old} {where(bars, row)}: close "
        f"{plain(bars.close[row - 1])}, then open {plain(bars.open[row])}{f'; and {more}' if more else ''}. "
        "A strategy would take it for a return: use adjusted prices, or end the run before it.",
    )


def where(bars: Bars, row: int) -> str:
    """Return `in bar 5 (2024-01-03T00:00:00Z)`."""
    return f"in bar {row} ({iso(bars.time[row])})"


def _bars(count: int, one: str, many: str) -> str:
    return f"one bar {one}" if count == 1 else f"{count:,} bars {many}"
