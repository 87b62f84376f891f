"""Honest strategies whose orders depend on much that a detector may take for look-ahead."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
from numpy.typing import NDArray

import eyas
from eyas.indicators import atr, bollinger, ema, highest, lowest, rsi, sma
from tests.lookahead.corpus import Case, days, hours, minutes, shares


class Cross(eyas.Strategy):
    def on_start(self) -> None:
        self.fast = self.use(sma, "close", 10)
        self.slow = self.use(sma, "close", 30)

    def on_bar(self, bar: eyas.Bar) -> None:
        if self.fast.crossed_above(self.slow):
            self.enter(bar)
        elif self.fast.crossed_below(self.slow):
            self.close()

    def enter(self, bar: eyas.Bar) -> None:
        self.buy(fraction=0.5)


class LimitEntries(Cross):
    """Asks below the market and may never be filled."""

    def enter(self, bar: eyas.Bar) -> None:
        self.cancel()
        self.buy(fraction=0.5, limit=bar.close * 0.9995, good_for=15, stop_loss=0.01)


class StopEntries(Cross):
    def enter(self, bar: eyas.Bar) -> None:
        self.cancel()
        self.buy(fraction=0.5, stop=float(self.bars.high[-5:].max()) * 1.0001, good_for=20)


class PostOnly(Cross):
    def enter(self, bar: eyas.Bar) -> None:
        self.buy(fraction=0.3, limit=bar.low * 0.999, post_only=True, time_in_force="day")


class Ladder(Cross):
    def enter(self, bar: eyas.Bar) -> None:
        self.buy(
            fraction=0.3, stop_loss=0.004, take_profit=[(eyas.risk(1), 0.5), eyas.risk(2)], breakeven_after=1
        )


class Trailing(Cross):
    def enter(self, bar: eyas.Bar) -> None:
        self.buy(fraction=0.3, stop_loss=0.01, trailing=0.004, trailing_from=0.002, breakeven=0.003)


class TimeExit(Cross):
    def enter(self, bar: eyas.Bar) -> None:
        self.buy(fraction=0.3, leave_after=12)


class OneCancelsOther(Cross):
    def enter(self, bar: eyas.Bar) -> None:
        self.cancel()
        above = self.buy(0.01, stop=bar.high * 1.0005)
        self.sell(0.01, stop=bar.low * 0.9995, cancels=above)


class OneTriggersOther(Cross):
    def enter(self, bar: eyas.Bar) -> None:
        first = self.buy(0.01, limit=bar.close)
        self.sell(0.01, limit=bar.close * 1.002, reduce_only=True, after=first)


class Slots(eyas.Strategy):
    """Asks on every third bar, and is admitted while there is a slot."""

    def on_bar(self, bar: eyas.Bar) -> None:
        if bar.index % 3 == 0:
            self.buy(0.01, stop_loss=0.003, take_profit=0.003)


class RiskSizing(Cross):
    """Sizes by what the account is worth now and by the range of the last bars."""

    def on_start(self) -> None:
        super().on_start()
        self.range = self.use(atr, "high", "low", "close", 14)

    def enter(self, bar: eyas.Bar) -> None:
        distance = 2 * float(self.range)
        self.buy(self.account.equity * 0.0005 / distance, stop_loss=eyas.away(distance))


class SizedByDrawdown(Cross):
    def on_start(self) -> None:
        super().on_start()
        self.peak = 0.0

    def on_bar(self, bar: eyas.Bar) -> None:
        self.peak = max(self.peak, self.account.equity)
        super().on_bar(bar)

    def enter(self, bar: eyas.Bar) -> None:
        self.buy(fraction=0.5 * self.account.equity / self.peak)


class Martingale(Cross):
    """Doubles after a loss, which it hears of when the ticket closes."""

    def on_start(self) -> None:
        super().on_start()
        self.size = 0.01

    def on_fill(self, fill: eyas.Event) -> None:
        if fill.profit:
            self.size = min(0.08, self.size * 2) if fill.profit < 0 else 0.01

    def enter(self, bar: eyas.Bar) -> None:
        self.buy(self.size, stop_loss=0.002, take_profit=0.002)


class Cooldown(Cross):
    def on_start(self) -> None:
        super().on_start()
        self.resting_until = 0

    def on_fill(self, fill: eyas.Event) -> None:
        if fill.cause == "stop_loss":
            self.resting_until = fill.bar + 50

    def enter(self, bar: eyas.Bar) -> None:
        if bar.index >= self.resting_until:
            self.buy(fraction=0.4, stop_loss=0.001)


class MeanReversion(eyas.Strategy):
    def on_start(self) -> None:
        self.strength = self.use(rsi, "close", 14)
        self.upper, self.middle, self.lower = self.use(bollinger, "close", 20, 2.0)

    def on_bar(self, bar: eyas.Bar) -> None:
        if self.is_flat and bar.close < self.lower and self.strength < 35:
            self.buy(fraction=0.5, stop_loss=0.01)
        elif bar.close > self.middle:
            self.close()


class Breakout(eyas.Strategy):
    """Compares with the channel of the bars before this one."""

    def on_start(self) -> None:
        self.top = self.use(highest, "high", 20)
        self.bottom = self.use(lowest, "low", 10)

    def on_bar(self, bar: eyas.Bar) -> None:
        if bar.index < 21:
            return
        if self.is_flat and bar.close > self.top[-2]:
            self.buy(fraction=0.5)
        elif bar.close < self.bottom[-2]:
            self.close()


class Amends(eyas.Strategy):
    """Moves its limit with the market on every bar."""

    def on_start(self) -> None:
        self.order = 0

    def on_bar(self, bar: eyas.Bar) -> None:
        waiting = {order.number for order in self.account.waiting_orders}
        if self.order in waiting:
            self.amend(self.order, price=bar.close * 0.9985)
        elif self.is_flat:
            self.order = self.buy(0.01, limit=bar.close * 0.9985)
        elif bar.index % 40 == 0:
            self.close()


class MovesItsStop(Cross):
    def on_bar(self, bar: eyas.Bar) -> None:
        for ticket in self.account.tickets:
            if ticket.stop_loss is not None and bar.low * 0.998 > ticket.stop_loss:
                self.move(ticket, stop_loss=bar.low * 0.998)
        super().on_bar(bar)

    def enter(self, bar: eyas.Bar) -> None:
        self.buy(fraction=0.4, stop_loss=0.004)


class Averages(eyas.Strategy):
    def on_bar(self, bar: eyas.Bar) -> None:
        if self.is_flat and bar.index % 50 == 0:
            self.buy(0.01)
        for ticket in self.account.tickets:
            if bar.close < ticket.entry_price * 0.998 and ticket.quantity < 0.05:
                self.add(ticket, 0.01)
            elif bar.close > ticket.entry_price * 1.002:
                self.close(ticket)


class Seeded(eyas.Strategy):
    """Draws its entries, the same ones every time."""

    def on_start(self) -> None:
        self.dice = random.Random(7)

    def on_bar(self, bar: eyas.Bar) -> None:
        if self.dice.random() < 0.02:
            self.buy(0.01, stop_loss=0.003, take_profit=0.004)


class ByTheClock(eyas.Strategy):
    """Trades at an hour of the day, out again at another."""

    def on_bar(self, bar: eyas.Bar) -> None:
        hour = bar.time // 3_600_000_000_000 % 24
        if hour == 8 and self.is_flat:
            self.buy(fraction=0.5)
        elif hour == 16:
            self.close()


class BothSides(eyas.Strategy):
    def on_start(self) -> None:
        self.average = self.use(ema, "close", 50)

    def on_bar(self, bar: eyas.Bar) -> None:
        if bar.index < 50:
            return
        if self.average.crossed_above(self.bars.close) and not self.is_short:
            self.close()
            self.sell(0.02)
        elif self.average.crossed_below(self.bars.close) and not self.is_long:
            self.close()
            self.buy(0.02)


class Rotation(eyas.Strategy):
    """Holds the one of several shares that rose most over the last month."""

    def on_step(self, step: eyas.Step) -> None:
        if step.index % 20 or step.index < 25:
            return
        strength = {
            symbol: view.close[-1] / view.close[-20]
            for symbol, view in ((symbol, self.bars[symbol]) for symbol in self.symbols)
            if len(view) > 20
        }
        self.close()
        for symbol, change in strength.items():
            if change > 1:
                self.buy(fraction=0.4, symbol=symbol, rank=change)


class ScarceSlots(eyas.Strategy):
    def on_bar(self, bar: eyas.Bar) -> None:
        closes = self.bars.close
        if len(closes) > 3 and closes[-1] > closes[-3]:
            self.buy(fraction=0.3, stop_loss=0.03, take_profit=0.03, rank=closes[-1] / closes[-3])


def signals_of_rolling_arrays(bars: Any) -> eyas.Signals:
    up = sma(bars.close, 10) > sma(bars.close, 40)
    entries = up & ~np.concatenate(([True], up[:-1]))
    return eyas.Signals(entries=entries, exits=~up, fraction=0.5, stop_loss=0.01)


def signals_of_a_running_maximum(bars: Any) -> eyas.Signals:
    top = np.maximum.accumulate(bars.close)
    return eyas.Signals(entries=bars.close < top * 0.99, exits=bars.close >= top, fraction=0.5)


def signals_of_the_day_before(bars: Any) -> eyas.Signals:
    """The high of yesterday: grouped by day, and moved by one day before it is used."""
    day = np.flatnonzero(np.diff(bars.time // 86_400_000_000_000, prepend=-1))
    high = np.maximum.reduceat(bars.high, day)
    before = np.concatenate(([np.nan], high[:-1]))
    known: NDArray[np.float64] = np.repeat(before, np.diff(np.append(day, len(bars))))
    return eyas.Signals(entries=bars.close > known, exits=bars.close < known * 0.99, fraction=0.5)


def refitted_on_the_past(bars: Any) -> eyas.Signals:
    """Every 300 bars a line is fitted on the bars before, and used on those after."""
    returns = np.diff(np.log(bars.close), prepend=np.log(bars.close[0]))
    past = np.stack(
        [np.concatenate((np.zeros(lag), returns[: len(returns) - lag])) for lag in range(3)], axis=1
    )
    forecast = np.zeros(len(returns))
    for first in range(300, len(returns), 300):
        weights, *_ = np.linalg.lstsq(past[3 : first - 1], returns[4:first], rcond=None)
        forecast[first : first + 300] = past[first : first + 300] @ weights
    return eyas.Signals(entries=forecast > 0, exits=forecast < 0, fraction=0.5)


CASES = tuple(
    Case(strategy.__name__, strategy, bars, options)
    for strategy, bars, options in (
        (Cross, minutes, {}),
        (LimitEntries, minutes, {"fee_rate": 0.001}),
        (StopEntries, minutes, {}),
        (PostOnly, hours, {}),
        (Ladder, minutes, {"slippage": 0.0001}),
        (Trailing, minutes, {}),
        (TimeExit, hours, {}),
        (OneCancelsOther, minutes, {}),
        (OneTriggersOther, minutes, {}),
        (Slots, minutes, {"tickets_max": 3}),
        (RiskSizing, minutes, {}),
        (SizedByDrawdown, hours, {}),
        (Martingale, minutes, {}),
        (Cooldown, minutes, {}),
        (MeanReversion, minutes, {"reentry_same_bar": "no"}),
        (Breakout, days, {}),
        (Amends, minutes, {}),
        (MovesItsStop, minutes, {}),
        (Averages, minutes, {"averaging": "effective"}),
        (Seeded, minutes, {"tickets_max": 2}),
        (ByTheClock, hours, {"holding": "net"}),
        (BothSides, hours, {"leverage": 2}),
        (Rotation, shares, {"fee_rate": 0.0005}),
        (ScarceSlots, shares, {"tickets_max": 2, "tickets_per_symbol_max": 1}),
        (signals_of_rolling_arrays, hours, {}),
        (signals_of_a_running_maximum, hours, {}),
        (signals_of_the_day_before, hours, {}),
        (refitted_on_the_past, hours, {}),
    )
)
