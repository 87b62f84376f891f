"""The random markets of spec/golden/: bars that walk in whole cents, with gaps, alike on every machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import TypeVar

from tests.spec_tables import Row

Choice = TypeVar("Choice")

VWAP_BARS = 5


class Dice:
    """Draw what is drawn from `random()` alone: of a seeded generator, Python promises that only to stay."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed).random

    def chance(self, share: float) -> bool:
        """Return whether something happens that happens so often."""
        return self.random() < share

    def between(self, lowest: int, highest: int) -> int:
        """Return a whole number, both ends included."""
        return lowest + int(self.random() * (highest - lowest + 1))

    def pick(self, choices: Sequence[Choice]) -> Choice:
        """Return one of several."""
        return choices[int(self.random() * len(choices))]


def money(units: int, decimals: int = 2) -> str:
    """Return whole cents, or other units, as a decimal without trailing zeros.

    >>> money(10250)
    '102.5'
    """
    return f"{Decimal(units).scaleb(-decimals).normalize():f}"


@dataclass
class Walk:
    """The bars of one instrument, one after another."""

    dice: Dice
    close: int = 10000
    low: int = 10000
    high: int = 10000
    traded: list[tuple[int, int]] = field(default_factory=list)  # typical prices, three times, and volumes

    def prices(self) -> tuple[str, str, str, str]:
        """Draw the next bar: a quarter of them open with a gap, and none falls below a tenth of the start."""
        dice = self.dice
        gap = dice.between(-180, 180) if dice.chance(0.25) else dice.between(-4, 4)
        first = max(1000, self.close + gap)
        # A pull back to the start, so that a hundred bars do not run away from the levels.
        self.close = max(1000, first + dice.between(-110, 110) + (10000 - first) // 40)
        self.high = max(first, self.close) + dice.between(0, 70)
        self.low = min(first, self.close) - dice.between(0, 70)
        volume = dice.between(5, 60)
        self.traded = [*self.traded, (self.high + self.low + self.close, volume)][-VWAP_BARS:]
        return money(first), money(self.high), money(self.low), money(self.close)

    @property
    def volume(self) -> str:
        """Return what the last bar traded."""
        return str(self.traded[-1][1])

    @property
    def vwap(self) -> str:
        """Return the price at which the last five bars traded on average, in whole cents."""
        volume = sum(amount for _, amount in self.traded)
        return money(sum(price * amount for price, amount in self.traded) // (3 * volume))


@dataclass(frozen=True)
class Course:
    """How the bars of one instrument come: how long they last, which are missing, and which is the last."""

    minutes: int = 0  # the length of a step; 0 when bars simply count up
    every: int = 1  # its bars are so many steps long
    missing: float = 0.0  # the share of its bars that are not there
    last: int = 1_000_000  # the last step on which it has one
    start: int = 10000


class Market:
    """All instruments of a page, bar by bar."""

    def __init__(self, courses: Sequence[Course], columns: Sequence[str], dice: Dice) -> None:
        self.courses, self.columns, self.dice = courses, columns, dice
        self.walks = [Walk(dice, course.start) for course in courses]

    def rows(self, step: int) -> list[Row]:
        """Draw the rows of a step."""
        rows = [self.row(step, number) for number in range(len(self.courses)) if self.comes(step, number)]
        return [row for row in rows if not self.dice.chance(self.courses[row.instrument].missing)]

    def comes(self, step: int, instrument: int) -> bool:
        """Return whether a bar of the instrument ends with the step."""
        course = self.courses[instrument]
        return step <= course.last and (step + 1) % course.every == 0

    def row(self, step: int, instrument: int) -> Row:
        """Draw a bar as a row of a table."""
        course, walk = self.courses[instrument], self.walks[instrument]
        prices = walk.prices()
        time = length = ""
        if course.minutes:
            minutes = course.minutes * course.every
            time, length = str((step + 1) * course.minutes - minutes), str(minutes)
        return Row(
            0,
            str(step),
            prices,
            instrument=instrument,
            time=time,
            length=length,
            volume=walk.volume if "volume" in self.columns else "1",
            given=walk.vwap if "given" in self.columns else "",
            funding=self.funding(),
        )

    def funding(self) -> str:
        """Draw what a long pays a short at the close of some bars."""
        if "funding" not in self.columns or not self.dice.chance(0.15):
            return ""
        return money(self.dice.between(-30, 50), 5)
