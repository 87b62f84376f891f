"""What is run, said so that any engine can run it: signals and prices are computed here, once, for all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from eyas.data import sample
from eyas.model import Bars

MARKETS = {"AAPL 1d": 100, "AIG 1d": 300, "BTCUSDT 1m": 4, "EURUSD 1h": 50_000, "IBM 1d": 200}
"""The samples, and how many units of each a trade has: whole numbers, which all engines take."""

CASH = 10_000_000.0
"""Enough that no engine ever asks for cover: who must hold how much is every engine's own affair."""

FIRST_DECISION = 30
LAST_BARS = 10
PRICE_DECIMALS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Say what is traded, how it is entered and left, and what that costs. Fractions are fractions."""

    name: str
    sides: Literal["long", "short", "both"] = "both"
    signal: Literal["cross", "pulse"] = "cross"
    """cross: two averages cross. pulse: on every fifth bar, with the side of the average the close is on."""
    leave: bool = True
    """Whether a contrary signal closes at the market; without it only a stop or target does."""
    fill: Literal["next_open", "close"] = "next_open"
    one_price: bool = False
    """Whether every bar is only its close, so that nothing happens inside a bar."""

    fraction: float | None = None
    """The share of the free cash that is put in, in whole units; without it a fixed number of units."""
    entries_max: int = 1
    """How many entries of one side may be held at once."""
    net: bool = False
    """Whether they are one position at their average price, or trades of their own."""
    scale_out: bool = False
    """Whether a contrary signal closes one half, and the next one the other."""
    volume_share: float | None = None
    """The share of a bar's volume that can be traded; the quantity is then several bars' worth."""

    entry: Literal["market", "limit", "stop", "stop_limit", "trail"] = "market"
    away: float = 0.0
    """How far from the close the price of a waiting entry stands, or how far it trails."""
    exact: bool = False
    """Whether it stands exactly where the next bar turns: a touch is a hit."""
    beyond: float = 0.0
    """How much worse than its stop the limit of a stop-limit entry is; below zero it is better."""
    patience: int = 4
    """For how many bars an entry waits before it is taken back."""
    expires: bool = False
    """Whether eyas is told so with the order, where the other engines' strategies take it back."""

    stop_loss: float | None = None
    take_profit: float | None = None
    levels: Literal["filled", "asked"] = "filled"
    """filled: measured from the price of the fill. asked: prices, from the close or price asked at."""
    trailing: float | None = None
    trailing_distance: float | None = None
    """A distance, as a fraction of the first close."""
    order_trails: bool = False
    """Whether the engine's own trailing order is used where a strategy could also move a stop by itself."""

    fee_rate: float = 0.0
    fee_per_unit: float = 0.0
    fee_minimum: float = 0.0
    fee_fixed: float = 0.0
    slippage: float = 0.0
    slippage_fixed: float = 0.0
    """An amount, as a fraction of the first close."""

    @property
    def bracketed(self) -> bool:
        """Whether a trade may end by itself."""
        return self.trails or self.stop_loss is not None or self.take_profit is not None

    @property
    def trails(self) -> bool:
        """Whether a stop follows the best price."""
        return self.trailing is not None or self.trailing_distance is not None


@dataclass(frozen=True, slots=True)
class Plan:
    """Hold everything that a run of a scenario over bars needs: no engine computes a signal."""

    scenario: Scenario
    bars: Bars
    quantity: int
    want: NDArray[np.int8]
    """+1 where a long is wanted, -1 where a short is, 0 elsewhere."""
    leave: NDArray[np.int8]
    """+1 where longs are to be closed, -1 where shorts are."""

    def entry_price(self, bar: int, side: int) -> float:
        """Return the price of a waiting entry: better than the close for a limit, worse for a stop."""
        way = -side if self.scenario.entry == "limit" else side
        if self.scenario.exact:
            return float((self.bars.high if way > 0 else self.bars.low)[bar + 1])
        return rounded(self.bars.close[bar] * (1 + way * self.scenario.away))

    def limit_price(self, bar: int, side: int) -> float:
        """Return the limit behind the stop of a stop-limit entry."""
        return rounded(self.entry_price(bar, side) * (1 + side * self.scenario.beyond))

    def asked_base(self, bar: int, side: int) -> float:
        """Return the price that levels are measured from when they are asked for."""
        market = self.scenario.entry == "market"
        return float(self.bars.close[bar]) if market else self.entry_price(bar, side)

    def stop_loss(self, base: float, side: int) -> float | None:
        """Return the price of the stop loss of a trade entered at `base`."""
        return self.level(base, self.scenario.stop_loss, -side)

    def take_profit(self, base: float, side: int) -> float | None:
        """Return the price of the target of a trade entered at `base`."""
        return self.level(base, self.scenario.take_profit, side)

    def level(self, base: float, fraction: float | None, way: int) -> float | None:
        """Return the price a fraction away from a base; asked for as a price, it has that price's digits."""
        if fraction is None:
            return None
        price = base * (1 + way * fraction)
        return price if self.scenario.levels == "filled" else rounded(price)

    def trailed(self, best: float, side: int) -> float | None:
        """Return where a trailing stop stands behind the best price."""
        if self.scenario.trailing is not None:
            return best * (1 - side * self.scenario.trailing)
        return best - side * self.trailing_distance if self.scenario.trails else None

    @property
    def trailing_distance(self) -> float:
        """How far a trailing stop follows, as a distance."""
        return rounded((self.scenario.trailing_distance or 0.0) * self.bars.close[0])

    @property
    def slippage_fixed(self) -> float:
        """By how much a fill is worse, as an amount."""
        return rounded(self.scenario.slippage_fixed * self.bars.close[0])

    def fee(self, quantity: float, price: float) -> float:
        """Return what a fill costs, for the engines that ask."""
        scenario, units = self.scenario, abs(quantity)
        share = units * price * scenario.fee_rate + units * scenario.fee_per_unit
        return max(share, scenario.fee_minimum) + scenario.fee_fixed


def rounded(price: float) -> float:
    """Return a price that every engine can hold as it is."""
    return round(float(price), PRICE_DECIMALS)


def planned(scenario: Scenario, market: str) -> Plan:
    """Return the plan of a scenario for one of the samples."""
    bars = sample(*market.split())
    if scenario.one_price:
        close = bars.close
        bars = Bars(bars.time, close, close, close, close, bars.volume, bars.symbol, bars.timeframe)
    want, leave = crosses(bars.close) if scenario.signal == "cross" else pulses(bars.close)
    if scenario.sides != "both":
        only = 1 if scenario.sides == "long" else -1
        want, leave = np.where(want == only, want, 0), np.where(leave == only, leave, 0)
    if not scenario.leave:
        leave = np.zeros_like(leave)
    want, leave = bounded(want.astype(np.int8), leave.astype(np.int8))
    quantity = MARKETS[market]
    if scenario.volume_share is not None:
        quantity = 1 + int(2.6 * scenario.volume_share * np.median(bars.volume))
    return Plan(scenario, bars, quantity, want, leave)


def bounded(want: NDArray[np.int8], leave: NDArray[np.int8]) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """Return the wishes of the time in which one can act: when the averages are there, and with an end.

    In the end everything is closed, so that every difference is in a trade; on the last bar nobody decides.
    """
    want[:FIRST_DECISION] = leave[:FIRST_DECISION] = 0
    want[-LAST_BARS:] = 0
    leave[-5:] = (1, 1, 1, -1, 0)
    return want, leave


def crosses(close: NDArray[np.float64]) -> tuple[NDArray[np.int_], NDArray[np.int_]]:
    """Return where a fast average crosses a slow one: enter its way, leave the other."""
    above = np.sign(average(close, 5) - average(close, 13))
    crossed = np.zeros(len(close), dtype=int)
    crossed[1:] = np.where(above[1:] != above[:-1], above[1:], 0)
    return crossed, -crossed


def pulses(close: NDArray[np.float64]) -> tuple[NDArray[np.int_], NDArray[np.int_]]:
    """Return a wish on every fifth bar, the way of the average; leave when it lies the other way."""
    above = np.sign(close - average(close, 20)).astype(int)
    beat = np.arange(len(close)) % 5 == 3
    return np.where(beat, above, 0), np.where(beat, -above, 0)


def average(values: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    """Return the mean of the last `length` values; of fewer at the beginning, where nobody looks."""
    sums = np.cumsum(np.concatenate([np.zeros(length), values]))
    result: NDArray[np.float64] = (sums[length:] - sums[:-length]) / length
    return result
