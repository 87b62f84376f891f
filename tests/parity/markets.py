"""Markets in which strategies are compared: bars of several kinds, and rules drawn for each.

Whatever a kind does to its bars, `eyas.bars` takes them: low ≤ open, close ≤ high, rising times.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from eyas.model import Bars
from eyas.presets import PRESETS, rules_of
from eyas.rules import Rules
from tests.reference import drawing_rules

MINUTE_NS = 60 * 10**9
DAY_NS = 1_440 * MINUTE_NS
START_NS = 19_676 * DAY_NS
# Lengths around the 64 bars that are looked at together, and shorter than most warm-ups.
LENGTHS = (2, 3, 63, 64, 65, 127, 129, 300)
USUAL = 420


class Case(NamedTuple):
    """Hold one market: its kind and seed, its bars and rules."""

    kind: str
    seed: int
    bars: Bars
    rules: Rules
    rule_texts: dict[str, str]


class Walk:
    """Draw bars: a walk, to which each kind adds what it is about."""

    def __init__(self, seed: int, count: int = USUAL, *, start: float = 100.0, step: float = 0.006) -> None:
        self.draw = np.random.default_rng(seed)
        self.count = count
        self.decimals = 2
        self.length_ns = MINUTE_NS
        self.timeframe = "1m"
        drift = np.sin(np.arange(count) / 37.0) * step / 3  # it turns, so that averages cross
        self.close = start * np.exp(np.cumsum(self.draw.normal(0, step, count) + drift))
        self.gap = np.ones(count)
        self.reach = self.draw.choice([0.0, 0.002, 0.008], (2, count)) * (step / 0.006)
        self.volume = np.round(self.draw.random(count) * 1_000, 1)
        self.steps = np.ones(count, dtype=np.int64)
        self.rare: dict[str, Any] = {}

    def some(self, share: float) -> NDArray[np.bool_]:
        """Return about that share of the bars, never the first."""
        found = self.draw.random(self.count) < share
        found[0] = False
        return found

    def still(self, where: NDArray[np.bool_]) -> None:
        """Let bars stand where the one before them did, without a range."""
        for row in np.flatnonzero(where):
            self.close[row] = self.close[row - 1]
        self.reach[:, where] = 0.0

    def bars(self) -> Bars:
        """Return what was drawn, in as many decimals as the prices have."""
        least = 10.0**-self.decimals
        close = np.maximum(np.round(self.close, self.decimals), least)
        opens = np.maximum(np.round(np.r_[close[:1], close[:-1]] * self.gap, self.decimals), least)
        high = np.round(np.maximum(opens, close) * (1 + self.reach[0]), self.decimals)
        low = np.round(np.minimum(opens, close) * (1 - self.reach[1]), self.decimals)
        return Bars(
            START_NS + np.cumsum(self.steps) * self.length_ns,
            opens,
            np.maximum(high, np.maximum(opens, close)),
            np.maximum(np.minimum(low, np.minimum(opens, close)), least),
            close,
            self.volume,
            symbol="X",
            timeframe=self.timeframe,
            **self.rare,
        )


def gaps(seed: int) -> Walk:
    """Bars that are missing, for minutes and for days, and opens far from the close before."""
    walk = Walk(seed)
    far = walk.some(0.06)
    walk.gap = np.where(far, 1 + walk.draw.normal(0, 0.03, walk.count), 1.0)
    walk.steps = np.where(walk.some(0.05), walk.draw.integers(2, 3_000, walk.count), 1)
    return walk


def ties(seed: int) -> Walk:
    """Closes that repeat, bars without a range, and prices on few levels: what touches exactly."""
    walk = Walk(seed, step=0.004)
    walk.still(walk.some(0.4))
    walk.decimals = int(walk.draw.integers(0, 2))
    return walk


def halts(seed: int) -> Walk:
    """Stretches in which nothing trades: no volume and the same bar again, or minutes missing."""
    walk = Walk(seed)
    halted = np.zeros(walk.count, dtype=bool)
    for first in np.flatnonzero(walk.some(0.03)):
        halted[first : first + int(walk.draw.integers(2, 80))] = True
    halted[0] = False
    walk.still(halted)
    walk.volume[halted] = 0.0
    walk.gap = np.where(np.r_[False, halted[:-1]] & ~halted, 1 + walk.draw.normal(0, 0.05, walk.count), 1.0)
    walk.steps = np.where(walk.some(0.02), 390, 1)
    return walk


def spikes(seed: int) -> Walk:
    """Bars so wide that they touch stop and target both, and closes that come back."""
    walk = Walk(seed)
    walk.reach[0, walk.some(0.08)] = 0.25
    walk.reach[1, walk.some(0.08)] = 0.25
    for row in np.flatnonzero(walk.some(0.02)):
        walk.close[row] *= 1.4 if walk.draw.random() < 0.5 else 0.6
    return walk


def tiny(seed: int) -> Walk:
    """Prices of a hundred-thousandth."""
    walk = Walk(seed, start=2.5e-5)
    walk.decimals = 8
    walk.volume = np.round(walk.volume * 1e6)
    return walk


def huge(seed: int) -> Walk:
    """Prices of a million."""
    walk = Walk(seed, start=1.2e6)
    walk.decimals = 1
    walk.volume = np.round(walk.volume / 1e3, 4)
    return walk


def short(seed: int) -> Walk:
    """Few bars: none but the warm-up, one more than are looked at together, one less."""
    return Walk(seed, LENGTHS[seed % len(LENGTHS)])


def long(seed: int) -> Walk:
    """More bars than any loop takes at once."""
    return Walk(seed, 2_700)


def days(seed: int) -> Walk:
    """Days with weekends between them; when they close is a column of its own."""
    walk = Walk(seed, step=0.015)
    walk.length_ns, walk.timeframe = DAY_NS, "1d"
    walk.steps = np.where(np.arange(walk.count) % 5 == 0, 3, 1)
    return walk


def dear(seed: int) -> Walk:
    """A price that comes with each bar, mostly, and funding now and then."""
    walk = Walk(seed)
    absent = walk.some(0.3)
    walk.rare["given"] = np.where(absent, np.nan, np.round(walk.close, 2))
    often = walk.some(0.05)
    walk.rare["funding"] = np.where(often, np.round(walk.draw.normal(0, 0.001, walk.count), 5), np.nan)
    return walk


THREE: dict[str, Callable[[int], Walk]] = {"gaps": gaps, "ties": ties, "halts": halts}
KINDS = {
    **THREE,
    "spikes": spikes,
    "tiny": tiny,
    "huge": huge,
    "short": short,
    "long": long,
    "days": days,
    "dear": dear,
}
# What the prices of a kind cannot be counted in.
TOO_COARSE = {"price_tick", "spread", "quantity_step", "fee_per_unit", "slippage_ticks", "price_decimals"}
FINE = {"tiny": "11", "huge": "4"}


def case_of(kind: str, seed: int) -> Case:
    """Return a market of a kind, with rules drawn for it: of a preset, or any."""
    draw = Random(seed)
    texts = drawing_rules.rules_of(draw)
    if kind in FINE:
        texts = {name: text for name, text in texts.items() if name not in TOO_COARSE}
        texts["price_decimals"] = FINE[kind]
    texts.pop("matching", None)
    rules = Rules().changed(**{name: value_of(name, text) for name, text in texts.items()})
    if seed % 5 == 1:
        rules = rules_of(sorted(PRESETS)[seed // 5 % len(PRESETS)])
    elif seed % 5 == 2:
        rules = Rules(fee_rate=0.001, slippage=0.0005, leverage=5, margin_call=0.5)
    elif seed % 5 == 3:
        rules = Rules(market_fill="close", exit_fill="close", fee_rate=0.0005, spread_rate=0.001, leverage=3)
    return Case(kind, seed, KINDS[kind](seed).bars(), rules, dict(rules.texts()))


def value_of(name: str, text: str) -> Any:
    """Return what a rule's text is in Python."""
    if name == "slippage_on":
        return () if text == "none" else tuple(text.split("+"))
    if text in ("yes", "no"):
        return text == "yes"
    try:
        return int(text) if "." not in text else Decimal(text)
    except ValueError:
        return text
