"""Put the trades of a run at other times, and run them on the kernel again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eyas.backtest import backtest
from eyas.errors import UsageError
from eyas.signals import Signals

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.reports import Report
    from eyas.research.measures import Objective


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """Hold the trades of a run: on which bar each filled first, how many bars each lasted, its direction.

    `order` is which trade comes when.
    """

    report: Report
    first: NDArray[np.int64]
    length: NDArray[np.int64]
    direction: NDArray[np.int8]

    @property
    def order(self) -> NDArray[np.int64]:
        """Their own order."""
        return np.arange(len(self.first))

    def draw(self, random: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return random first bars in rising order, and which trade comes when; none overlaps another.

        Every way to spread the bars without a trade between the trades is as likely as any other.
        """
        order = random.permutation(len(self.first))
        lengths = self.length[order]
        # The first fill is on bar 1 at the earliest: the bar after a decision.
        free = len(self.report.bars) - 1 - int(lengths.sum())
        places = random.choice(free + len(order), size=len(order), replace=False)
        gaps = np.sort(places) - np.arange(len(order))
        return 1 + gaps + np.concatenate([[0], np.cumsum(lengths)[:-1]]), order

    def score(self, first: NDArray[np.int64], order: NDArray[np.int64], objective: Objective) -> float:
        """Run the trades at these times, and return how good that was."""
        bars = self.report.bars
        entries = np.zeros(len(bars), dtype=np.int8)
        exits = np.zeros(len(bars), dtype=bool)
        entries[first - 1] = self.direction[order]
        last = first + self.length[order] - 1
        # What is still held at the end is closed there, as the run's own trades were.
        exits[last[last < len(bars)]] = True
        asked = Signals(entries=entries, exits=exits)
        report = backtest(asked, bars, cash=self.report.cash, rules=self.report.rules, quality="off")
        return objective.of_report(report)


def placed_of(report: Report) -> Placed:
    """Return the trades of a run, or raise UsageError where they cannot be put elsewhere."""
    if len(report.symbols) > 1:
        raise UsageError("entries of a portfolio cannot be put at other times: test each symbol by itself")
    trades = report.trades.sort("entry_bar", "exit_bar")
    if not len(trades):
        raise UsageError(f"{report.strategy} has no closed trades, so there are no entries to compare")
    first = trades["entry_bar"].to_numpy().astype(np.int64)
    last = trades["exit_bar"].to_numpy().astype(np.int64)
    overlap = np.flatnonzero(first[1:] < last[:-1])
    if len(overlap):
        row = int(overlap[0]) + 1
        raise UsageError(
            f"trades overlap (ticket {trades['ticket'][row]} begins on bar {first[row]}, inside another): "
            "random entries are put one after another, so test a strategy that holds one trade at a time"
        )
    direction = np.where(trades["direction"].to_numpy() == "long", 1, -1).astype(np.int8)
    # A trade that began and ended on one bar is held for the shortest that market orders can: one bar.
    # One that the end of the data closed lasted through the last bar.
    ended = trades["exit_reason"].to_numpy() == "end_of_data"
    length = np.maximum(1, np.where(ended, len(report.bars) - first, last - first))
    moved = np.maximum(1, first)
    for place in range(1, len(moved)):
        moved[place] = max(moved[place], moved[place - 1] + length[place - 1])
    if int(moved[-1] + length[-1]) > len(report.bars) or int(length.sum()) >= len(report.bars) - 1:
        raise UsageError("the trades fill all bars, so there are no other times to put them at")
    return Placed(report, moved, length, direction)
