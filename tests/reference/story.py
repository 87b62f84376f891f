"""What is played through both markets: rules, instruments, bars and what is asked in words on each."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from .market import Market, RefusedBarError
from .numbers import MONEY_DECIMALS, RATE_DECIMALS, exact, rounded, units
from .rules import Terms
from .state import Bar, State
from .worth import equity, free_cash, open_profit, used_margin

Pairs = tuple[tuple[str, str], ...]
# Instrument, opening and closing time, open, high, low, close, volume, given price, funding rate.
Row = tuple[int, int, int, float, float, float, float, float, float, float]
# `@t0` is the oldest open ticket, `@t1` the next and round again; `@o0` likewise of the orders that wait.
NAMED = re.compile(r"@([to])(\d+)")


@dataclass(frozen=True)
class Step:
    """One bar of each instrument that has one, the finer bars inside them, and what is asked after it."""

    rows: tuple[Row, ...]
    finer: tuple[Row, ...] = ()
    asks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Story:
    """A whole run; `first` is asked before the first bar."""

    cash: str
    rules: Pairs
    instruments: tuple[Pairs, ...]
    first: tuple[str, ...]
    steps: tuple[Step, ...]
    finish: bool = True

    def told(self) -> str:
        """Return the story as somebody would write it down."""
        lines = [f"Cash: {self.cash}", "Rules: " + " ".join("=".join(pair) for pair in self.rules)]
        lines += ["Instrument: " + " ".join("=".join(pair) for pair in one) for one in self.instruments]
        lines.append(f"start: {'; '.join(self.first)}")
        for number, step in enumerate(self.steps):
            lines += [f"  {number} finer {told_row(row)}" for row in step.finer]
            lines += [f"  {number} {told_row(row)}" for row in step.rows]
            lines.append(f"    ask: {'; '.join(step.asks)}")
        return "\n".join([*lines, "end" if self.finish else ""])


def told_row(row: Row) -> str:
    instrument, opens, closes, *prices, volume, given, funding = row
    seconds = f"{opens / 1e9:g}..{closes / 1e9:g} s"
    return f"on {instrument} {seconds} {prices} volume {volume} given {given} funding {funding}"


@dataclass
class Played:
    """What a market made of a story: the journal, its amounts after each moment, and the words it heard."""

    events: list[dict[str, Any]] = field(default_factory=list)
    amounts: list[dict[str, int]] = field(default_factory=list)
    story: Story | None = None


def bar_of(row: Row, terms: Terms) -> Bar:
    """Return a row of floats as a bar in exact numbers."""
    instrument, opens, closes, *prices, volume, given, funding = row
    opened, high, low, close = (rounded(exact(repr(price)), terms.price_decimals) for price in prices)
    return Bar(
        instrument, opens, closes, opened, high, low, close, optional(volume, terms.quantity_decimals),
        optional(given, terms.price_decimals), optional(funding, RATE_DECIMALS),
    )  # fmt: skip


def optional(value: float, decimals: int) -> Fraction | None:
    return None if math.isnan(value) else rounded(exact(repr(value)), decimals)


def amounts_of(state: State) -> dict[str, int]:
    """Return what the books say now, in units of money, after so many events."""
    worth: dict[str, Callable[[State], Fraction]] = {
        "equity": equity, "free_cash": free_cash, "used_margin": used_margin, "open_profit": open_profit
    }  # fmt: skip
    found = {name: units(amount(state), MONEY_DECIMALS) for name, amount in worth.items()}
    return found | {"events": len(state.events), "cash": units(state.cash[None], MONEY_DECIMALS)}


def resolved(state: State, text: str) -> str:
    """Return an ask with the numbers that its names mean now; nothing when there is none of them."""
    if text.startswith("@against"):
        text = against(state, text)
    for kind, place in NAMED.findall(text):
        there: list[Any] = state.tickets if kind == "t" else state.orders
        if not there:
            return ""
        text = text.replace(f"@{kind}{place}", str(there[int(place) % len(there)].number), 1)
    return text


def against(state: State, text: str) -> str:
    """Return an order of the side that makes the oldest ticket smaller; nothing without one."""
    if not state.tickets:
        return ""
    oldest = state.tickets[0]
    where = f" on {oldest.instrument}" if oldest.instrument else ""
    return text.replace("@against", "sell" if oldest.sign > 0 else "buy") + where


class Playing:
    """One story on its way through the reference."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.market = Market(story.cash, story.rules, story.instruments, time=7)
        self.played = Played(self.market.state.events)

    def note(self) -> None:
        self.played.amounts.append(amounts_of(self.market.state))

    def ask(self, texts: tuple[str, ...]) -> tuple[str, ...]:
        said = []
        for text in texts:
            words = resolved(self.market.state, text)
            if words:
                said.append(words)
                self.market.ask(words)
        self.note()
        return tuple(said)

    def play(self) -> Played:
        """Return the reference's journal, its amounts, and the story with every number said outright."""
        story, books = self.story, self.market.state.books
        first, steps = self.ask(story.first), []
        for step in story.steps:
            rows = [bar_of(row, books[row[0]].terms) for row in step.rows]
            finer = [bar_of(row, books[row[0]].terms) for row in step.finer]
            with suppress(RefusedBarError):
                self.market.advance(rows, finer)
            self.note()
            steps.append(replace(step, asks=self.ask(step.asks)))
        if story.finish:
            self.market.finish()
            self.note()
        self.played.story = replace(story, first=first, steps=tuple(steps))
        return self.played


def play(story: Story) -> Played:
    return Playing(story).play()
