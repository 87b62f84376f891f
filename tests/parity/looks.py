"""Drawn looks at a market: indicators and conditions, each as a bar's line and, where it can be, as arrays.

A condition reads the same in both: what row i of the arrays says is what the line says on bar i.
"""

from __future__ import annotations

from random import Random
from typing import Any, NamedTuple

# What every source begins with; `before` is a column so many bars ago.
HEAD = """\
import math
import numpy as np
import eyas
from eyas import at, away, risk
from eyas import indicators as ind


def before(values, bars):
    found = np.full(len(values), np.nan)
    found[bars:] = values[:-bars] if bars < len(values) else values[:0]
    return found
"""
PERIODS = (2, 3, 4, 5, 6, 8, 9, 12, 14, 21, 34)


class Seen(NamedTuple):
    """Hold what a series is called on a bar and among arrays."""

    bar: str
    array: str


class Condition(NamedTuple):
    """Hold a condition as a line and as arrays; "" where it depends on the account or on what was before."""

    bar: str
    array: str


class Looks:
    """Draw indicators and conditions, and remember what `on_start` and `signals` must prepare for them."""

    def __init__(self, draw: Random, *, up_front: bool) -> None:
        self.draw = draw
        self.up_front = up_front
        self.parameters: dict[str, Any] = {}
        self.variant: dict[str, Any] = {}
        self.start: list[str] = []
        self.arrays: list[str] = []

    def parameter(self, stem: str, value: Any, other: Any) -> str:
        """Declare a parameter, with the value that it has in the other trial; return how it is read."""
        name = f"{stem}_{len(self.parameters)}"
        self.parameters[name], self.variant[name] = value, other
        return f"self.{name}"

    def period(self) -> str:
        return self.parameter("period", *self.draw.sample(PERIODS, 2))

    def number(self, stem: str, low: float, high: float, digits: int = 4) -> str:
        value, other = (round(self.draw.uniform(low, high), digits) for _ in range(2))
        return self.parameter(stem, value, other)

    def made(self, call: str, *columns: str, options: str = "", part: int | None = None) -> Seen:
        """Prepare an indicator in both ways, and return it (or a part of it)."""
        name = f"look_{len(self.start)}"
        place = "" if part is None else f"[{part}]"
        on_bars = ", ".join(f'"{column}"' for column in columns)
        whole = ", ".join(f"bars.{column}" for column in columns)
        self.start.append(f"self.{name} = self.use(ind.{call}, {on_bars}{options}){place}")
        self.arrays.append(f"{name} = ind.{call}({whole}{options}){place}")
        return Seen(f"self.{name}", name)

    def price(self) -> Seen:
        """Draw a series that lies where prices lie."""
        kind = self.draw.randrange(9)
        if kind == 0 and not self.up_front:
            longer = self.draw.choice(["5m", "15m", "1h"])
            name = f"look_{len(self.start)}"
            self.start.append(f'self.{name} = self.use(ind.sma, "close", 3, timeframe="{longer}")')
            return Seen(f"self.{name}", "")
        if kind <= 3:
            average = self.draw.choice(["sma", "ema", "wma", "sma"])
            return self.made(average, "close", options=f", {self.period()}")
        if kind == 4:
            return self.made(
                "donchian", "high", "low", options=f", {self.period()}", part=self.draw.randrange(3)
            )
        if kind == 5:
            return self.made(
                "bollinger", "close", options=f", {self.period()}, 1.5", part=self.draw.randrange(3)
            )
        if kind == 6:
            columns = ("high", "low", "close")
            return self.made("keltner", *columns, options=f", {self.period()}", part=self.draw.randrange(3))
        if kind == 7:
            return self.made("supertrend", "high", "low", "close", options=f", {self.period()}, 2.0", part=0)
        return self.extreme()

    def extreme(self) -> Seen:
        """Draw the highest or the lowest of some bars."""
        if self.draw.random() < 0.5:
            part = self.draw.choice([0, 2])
            return self.made("donchian", "high", "low", options=f", {self.period()}", part=part)
        return self.made(self.draw.choice(["highest", "lowest"]), "close", options=f", {self.period()}")

    def distance(self) -> Seen:
        """Draw a series that is as long as bars are."""
        if self.draw.random() < 0.5:
            return self.made("atr", "high", "low", "close", options=f", {self.period()}")
        return self.made("stdev", "close", options=f", {self.period()}")

    def percent(self) -> Seen:
        """Draw a series between 0 and 100."""
        kind = self.draw.randrange(3)
        if kind == 0:
            return self.made("stochastic", "high", "low", "close", part=self.draw.randrange(2))
        if kind == 1:
            return self.made("adx", "high", "low", "close", options=f", {self.period()}", part=1)
        return self.made("rsi", "close", options=f", {self.period()}")

    def around_zero(self) -> Seen:
        """Draw a series that is above and below zero."""
        if self.draw.random() < 0.3:
            return self.made("obv", "close", "volume")
        return self.made("macd", "close", options=", 4, 9, 3", part=self.draw.randrange(3))

    # Conditions.

    def condition(self, depth: int = 1) -> Condition:
        """Draw a condition on the market alone."""
        if depth and self.draw.random() < 0.25:
            return self.joined(depth)
        kinds = [
            self.crossing, self.crossing, self.crossing, self.left, self.left, self.left, self.level,
            self.level, self.threshold, self.turning,
            self.calculated, self.candle, self.between, self.clock, self.counted, self.volume,
        ]  # fmt: skip
        return self.draw.choice(kinds)()

    def joined(self, depth: int) -> Condition:
        one, other = self.condition(depth - 1), self.condition(depth - 1)
        kind = self.draw.randrange(5)
        if kind == 0:
            return Condition(f"not ({one.bar})", f"~({one.array})")
        word, sign = ("and", "&") if kind == 1 else ("or", "|")
        return Condition(f"({one.bar}) {word} ({other.bar})", f"(({one.array}) {sign} ({other.array}))")

    def crossing(self) -> Condition:
        word = self.draw.choice(["crossed_above", "crossed_below"])
        kind = self.draw.randrange(4)
        if kind == 0:
            one, number = self.percent(), self.draw.choice(["30.0", "50.0", "70.0"])
            return Condition(f"{one.bar}.{word}({number})", f"ind.{word}({one.array}, {number})")
        if kind == 1:
            one = self.around_zero()
            return Condition(f"{one.bar}.{word}(0.0)", f"ind.{word}({one.array}, 0.0)")
        if kind == 2:
            one = self.price()
            column = self.draw.choice(["close", "low", "high"])
            return Condition(
                f"self.bars.{column}.{word}({one.bar})", f"ind.{word}(bars.{column}, {one.array})"
            )
        one, other = self.price(), self.price()
        return Condition(f"{one.bar}.{word}({other.bar})", f"ind.{word}({one.array}, {other.array})")

    def left(self) -> Condition:
        """Draw a crossing of what was touched to the tick on the bar before."""
        column, name, word = self.draw.choice(
            [
                ("close", "highest", "crossed_below"),
                ("high", "highest", "crossed_below"),
                ("close", "lowest", "crossed_above"),
                ("low", "lowest", "crossed_above"),
            ]
        )
        one = self.made(name, column, options=f", {self.period()}")
        return Condition(f"self.bars.{column}.{word}({one.bar})", f"ind.{word}(bars.{column}, {one.array})")

    def level(self) -> Condition:
        one, sign = self.price(), self.sign()
        column = self.draw.choice(["close", "open", "high", "low"])
        if self.draw.random() < 0.3:
            other = self.price()
            return Condition(f"{one.bar} {sign} {other.bar}", f"({one.array} {sign} {other.array})")
        return Condition(f"bar.{column} {sign} {one.bar}", f"(bars.{column} {sign} {one.array})")

    def threshold(self) -> Condition:
        one, number = self.percent(), self.number("level", 25, 75, 1)
        sign = self.sign()
        return Condition(f"{one.bar} {sign} {number}", f"({one.array} {sign} {number})")

    def turning(self) -> Condition:
        one, back = self.price(), self.draw.randint(1, 3)
        sign = self.draw.choice(["<", ">"])
        known = f"bar.index >= {back}" if one.array else f"len({one.bar}) > {back}"
        return Condition(
            f"{known} and {one.bar}[-1] {sign} {one.bar}[-{back + 1}]",
            f"({one.array} {sign} before({one.array}, {back}))",
        )

    def calculated(self) -> Condition:
        one, other = self.price(), self.price()
        number = self.number("apart", -0.004, 0.004)
        form = self.draw.choice(
            ["({0} - {1}) / {1} > {2}", "abs({0} - {1}) < {1} * abs({2})", "-{0} + {1} * (1 + {2}) > 0"]
        )
        return Condition(
            form.format(one.bar, other.bar, number), f"({form.format(one.array, other.array, number)})"
        )

    def candle(self) -> Condition:
        one = self.distance()
        form = self.draw.choice(
            [
                "{0}.close > {0}.open", "{0}.close <= {0}.open", "{0}.high - {0}.low > {1} * 1.5",
                "{0}.close - {0}.open < -{1}", "{0}.high == {0}.low", "{0}.high != {0}.close",
            ]
        )  # fmt: skip
        return Condition(form.format("bar", one.bar), f"({form.format('bars', one.array)})")

    def between(self) -> Condition:
        one, other = self.price(), self.price()
        return Condition(
            f"{one.bar} < bar.close <= {other.bar}",
            f"(({one.array} < bars.close) & (bars.close <= {other.array}))",
        )

    def clock(self) -> Condition:
        first = self.draw.randrange(0, 200)
        last = first + self.draw.choice([120, 900])
        text = "{0}.time // 60_000_000_000 % 1440"
        return Condition(
            f"{first} <= {text.format('bar')} < {last}",
            f"(({first} <= {text.format('bars')}) & ({text.format('bars')} < {last}))",
        )

    def counted(self) -> Condition:
        every = self.draw.choice([2, 3, 7, 13])
        rest = self.draw.randrange(every)
        form = self.draw.choice(
            ["{0} % {1} == {2}", "({0} - 150) % {1} == {2}", "({0} - 150) // {1} % 2 == 1"]
        )
        on_bar, on_arrays = (form.format(row, every, rest) for row in ("bar.index", "np.arange(len(bars))"))
        return Condition(on_bar, f"({on_arrays})")

    def volume(self) -> Condition:
        form = self.draw.choice(["{0}.volume > 0", "{0}.volume == 0.0", "{0}.volume < 500.5"])
        return Condition(form.format("bar"), f"({form.format('bars')})")

    def sign(self) -> str:
        return self.draw.choice(["<", "<=", ">", ">="])
