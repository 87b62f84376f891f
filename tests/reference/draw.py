"""Random stories on coarse grids, so that touches, ties, gaps and equal prices happen often."""

from __future__ import annotations

import math
from decimal import Decimal
from random import Random

from .drawing_rules import instruments_of, possible, rules_of
from .story import Pairs, Row, Step, Story
from .words import Asker

MINUTE_NS = 60 * 10**9
CASH = ("10000", "10000", "1000", "1000", "150", "123456.789", "77.7777777777777777")
GRIDS = (("100", "1"), ("100", "0.5"), ("10", "1"), ("10", "0.25"), ("3", "0.25"))
NONE = float("nan")


class Walk:
    """The bars of one instrument: they walk in whole ticks and never fall below one."""

    def __init__(self, rng: Random, start: str, tick: str) -> None:
        self.rng, self.tick = rng, Decimal(tick)
        self.close = int(Decimal(start) / self.tick)

    def price(self, ticks: int) -> Decimal:
        return max(1, ticks) * self.tick

    def bar(self) -> tuple[float, float, float, float]:
        rng = self.rng
        opened = max(1, self.close + rng.choice((0, 0, 0, 0, 1, -1, 2, -2, 5, -5)))
        self.close = max(1, opened + rng.randint(-4, 4))
        high = max(opened, self.close) + rng.choice((0, 0, 1, 2, 4))
        low = min(opened, self.close) - rng.choice((0, 0, 1, 2, 4))
        prices = [float(self.price(ticks)) for ticks in (opened, high, low, self.close)]
        return prices[0], prices[1], prices[2], prices[3]

    def given(self, low: float, high: float) -> float:
        """Return a price of its own, mostly inside the bar."""
        steps = math.floor((Decimal(repr(high)) - Decimal(repr(low))) / self.tick)
        return float(Decimal(repr(low)) + self.tick * self.rng.randint(0, max(steps, 0)))


def row_of(rng: Random, walk: Walk, number: int, opens: int, length: int, *, hasty: bool) -> Row:
    """Draw the next bar of an instrument."""
    opened, high, low, close = walk.bar()
    volume = rng.choice((1.0, 5.0, 20.0, 0.0, 100.0, 3.5)) if hasty or rng.random() < 0.8 else NONE
    given = walk.given(low, high) if rng.random() < 0.5 else NONE
    funding = rng.choice((0.001, -0.002)) if rng.random() < 0.1 else NONE
    return (number, opens, opens + length, opened, high, low, close, volume, given, funding)


def story(seed: int) -> Story:
    """Draw a whole run from a number."""
    return Teller(Random(seed)).story()


class Teller:
    """Draw one run, piece by piece."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.rules = rules_of(rng)
        if rng.random() < 0.05:
            self.rules = possible(self.rules | {"matching": "elsewhere"})
        if rng.random() < 0.06:
            self.rules["tie"] = "finer_bars"
        self.instruments = instruments_of(rng, self.rules)
        self.walks = [Walk(rng, *rng.choice(GRIDS)) for _ in range(max(1, len(self.instruments)))]
        several = len(self.walks) > 1
        # Little volume inside a bar, and closes of finer bars: no reading says which comes first.
        parts = (self.rules, *self.instruments)
        thin = any("fill_volume" in one or "bracket_price" in one for one in parts)
        self.finely = self.rules.get("tie") == "finer_bars" and not thin
        self.length = MINUTE_NS if self.finely else rng.choice((0, 0, MINUTE_NS))
        long = several and self.length and not self.finely
        self.periods = [1] + [rng.choice((1, 3)) if long else 1 for _ in self.walks[1:]]
        whole = (self.rules, *self.instruments)
        self.hasty = any("fill_volume" in one or "slippage_volume" in one for one in whole)
        self.days, self.now = rng.random() < 0.1, MINUTE_NS
        self.cash = rng.choice(CASH)
        self.asker = Asker(rng, self.rules, self.walks, self.cash)
        # Slippage by volume and a size in money depend on each other.
        self.asker.bare = any("slippage_volume" in one for one in whole)
        self.quiet = rng.choice((0.2, 0.5, 0.8))

    def story(self) -> Story:
        rng, first = self.rng, self.asker.asks(self.quiet)
        steps = tuple(self.step(index) for index in range(rng.choice((3, 6, 12, 25))))
        own = tuple(pairs(one) for one in self.instruments)
        return Story(self.cash, pairs(self.rules), own, first, steps, rng.random() < 0.7)

    def step(self, index: int) -> Step:
        """Draw the bars that close at one moment, and what is asked then."""
        rng, self.asker.started = self.rng, True
        self.now += MINUTE_NS * (480 if self.days and rng.random() < 0.3 else 1)
        due = [n for n, period in enumerate(self.periods) if (index + 1) % period == 0]
        present = [n for n in due if len(self.walks) == 1 or rng.random() < 0.8] or [0]
        rows, finer = [], list[Row]()
        count = rng.choice((1, 2, 3, 4))
        for n in present:
            opens = self.now - (self.periods[n] - 1) * MINUTE_NS
            length = self.length * self.periods[n]
            if self.finely and rng.random() < 0.8:
                inside = finer_rows(rng, self.walks[n], n, opens, length, count)
                rows.append(whole_of(inside, rng.choice((1.0, 20.0))))
                finer += inside
            else:
                rows.append(row_of(rng, self.walks[n], n, opens, length, hasty=self.hasty))
        finer.sort(key=lambda row: (row[2], row[0]))
        return Step(tuple(rows), tuple(finer), self.asker.asks(self.quiet))


def finer_rows(rng: Random, walk: Walk, number: int, opens: int, length: int, count: int) -> list[Row]:
    """Draw so many bars that lie inside one."""
    ends = [opens + length * part // count for part in range(count + 1)]
    return [row_of(rng, walk, number, ends[n], ends[n + 1] - ends[n], hasty=True) for n in range(count)]


def whole_of(rows: list[Row], volume: float) -> Row:
    """Return the bar that finer bars make."""
    first, last = rows[0], rows[-1]
    high, low = max(row[4] for row in rows), min(row[5] for row in rows)
    return (first[0], first[1], last[2], first[3], high, low, last[6], volume, NONE, NONE)


def pairs(rules: dict[str, str]) -> Pairs:
    return tuple(rules.items())
