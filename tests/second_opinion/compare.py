"""Lay two results side by side: what is equal, what a known rule explains, and what nothing explains."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from tests.second_opinion.results import Result, Trade
from tests.second_opinion.scenarios import Plan

TOLERANCE = 1e-8
"""Relative: of a price, a quantity, a fee."""
EQUITY_TOLERANCE = 1e-9
"""Relative: a cent in ten million."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """Hold the trades of both sides that were entered next, of which one may be missing."""

    plan: Plan
    ours: Trade | None
    theirs: Trade | None
    before: Trade | None
    """Their trade before."""

    def same_times(self) -> bool:
        """Return whether both traded at the same times and entered at the same price."""
        ours, theirs = self.ours, self.theirs
        return (
            ours is not None
            and theirs is not None
            and (ours.entry_bar, ours.exit_bar, ours.side) == (theirs.entry_bar, theirs.exit_bar, theirs.side)
            and close(ours.entry_price, theirs.entry_price)
        )

    def both(self) -> tuple[Trade, Trade]:
        """Return both trades, when both are there."""
        assert self.ours is not None
        assert self.theirs is not None
        return self.ours, self.theirs


@dataclass(frozen=True, slots=True)
class Difference:
    """Name a rule that another engine has otherwise, and tell the trades that it changes."""

    mark: str
    rule: str
    """One sentence for the docs: what the engine does, and what eyas does."""
    explains: Callable[[Meeting], bool]
    """Whether it alone makes our trade another than theirs."""


@dataclass(slots=True)
class Comparison:
    """Count what came of laying two results side by side."""

    trades: int = 0
    equal: int = 0
    explained: Counter[str] = field(default_factory=Counter)
    """How many trades each rule changes."""
    follow: int = 0
    """Trades that differ because one before them did: one engine was in the market and the other was not."""
    unexplained: list[str] = field(default_factory=list)

    def add(self, other: Comparison) -> None:
        """Count another comparison in."""
        self.trades += other.trades
        self.equal += other.equal
        self.explained += other.explained
        self.follow += other.follow
        self.unexplained += other.unexplained


def close(one: float, other: float, tolerance: float = TOLERANCE) -> bool:
    """Return whether two numbers are equal to a tolerance, relative to the larger one."""
    return abs(one - other) <= tolerance * max(abs(one), abs(other))


def same(ours: Trade, theirs: Trade) -> bool:
    """Return whether two trades are one."""
    return (
        (ours.entry_bar, ours.exit_bar, ours.side) == (theirs.entry_bar, theirs.exit_bar, theirs.side)
        and close(ours.quantity, theirs.quantity)
        and close(ours.entry_price, theirs.entry_price)
        and close(ours.exit_price, theirs.exit_price)
        and close(ours.fee, theirs.fee)
    )


def compared(plan: Plan, ours: Result, theirs: Result, differences: Sequence[Difference]) -> Comparison:
    """Return how two results of one plan compare.

    Trades are walked in the order of entry. One that differs must be explained by a rule, unless the engines
    have been apart since one that is: then it follows. They are together again at the next trade that is
    equal, since a plan has no memory. What the trades do not explain of the last equity is unexplained too.
    """
    found = Comparison()
    together, gap = True, 0.0
    before: Trade | None = None
    ours_left, theirs_left = list(reversed(ours.trades)), list(reversed(theirs.trades))
    while ours_left or theirs_left:
        meeting = Meeting(plan, *next_pair(ours_left, theirs_left), before)
        mine, other = meeting.ours, meeting.theirs
        before = other or before
        found.trades += 1
        if mine and other and same(mine, other):
            found.equal += 1
            together = True
            continue
        gap += profit(mine) - profit(other)
        known = next((rule.mark for rule in differences if explains(rule, meeting)), None)
        if known:
            found.explained[known] += 1
        elif together:
            found.unexplained.append(f"ours   {mine}\ntheirs {other}")
        else:
            found.follow += 1
        together = bool(mine and other and mine.exit_bar == other.exit_bar)
    # What is still open at the end is in the equity alone: equal trades do not make it equal.
    if together and not close(ours.equity, theirs.equity + gap, EQUITY_TOLERANCE):
        found.unexplained.append(f"equity: ours {ours.equity!r}, theirs {theirs.equity!r}, trades {gap!r}")
    elif found.equal == found.trades and plan.scenario.fill == "next_open":
        found.unexplained += apart(ours, theirs)
    return found


def apart(ours: Result, theirs: Result) -> list[str]:
    """Say on which bar two curves part. (A fill at the close is in that bar's equity, or in the next.)"""
    if len(ours.curve) != len(theirs.curve):
        return [f"curves of {len(ours.curve)} and {len(theirs.curve)} bars"]
    off = np.flatnonzero(~np.isclose(ours.curve, theirs.curve, rtol=EQUITY_TOLERANCE, atol=0))
    return [f"equity on bar {bar}: ours {ours.curve[bar]!r}, theirs {theirs.curve[bar]!r}" for bar in off[:1]]


def explains(rule: Difference, meeting: Meeting) -> bool:
    """Return whether a rule makes the trades differ: in their bars or prices, never in what they cost."""
    ours, theirs = meeting.ours, meeting.theirs
    if ours and theirs and same(ours, replace(theirs, fee=ours.fee)):
        return False
    trades = [trade for trade in (ours, theirs) if trade is not None]
    return all(pays_its_fee(meeting.plan, trade) for trade in trades) and rule.explains(meeting)


def pays_its_fee(plan: Plan, trade: Trade) -> bool:
    """Return whether a trade of one entry and one exit costs what the scenario says."""
    due = plan.fee(trade.quantity, trade.entry_price) + plan.fee(trade.quantity, trade.exit_price)
    return close(trade.fee, due)


def next_pair(ours: list[Trade], theirs: list[Trade]) -> tuple[Trade | None, Trade | None]:
    """Take the trades that were entered next: both when they were entered on one bar."""
    if not ours or not theirs:
        return (ours.pop() if ours else None), (theirs.pop() if theirs else None)
    mine, other = ours[-1].entry_bar, theirs[-1].entry_bar
    return (ours.pop() if mine <= other else None), (theirs.pop() if other <= mine else None)


def profit(trade: Trade | None) -> float:
    """Return what a trade earned, fees off."""
    if trade is None:
        return 0.0
    return trade.side * trade.quantity * (trade.exit_price - trade.entry_price) - trade.fee
