"""Trade minutes in the direction of the hours, and only while a series from outside says so."""

from __future__ import annotations

import numpy as np

import eyas


class WithTheHours(eyas.Strategy):
    """Buy a dip of the minutes while the hours rise and the mood is good; leave when the hours turn."""

    fast: int = eyas.param(3, min=2, max=24)
    slow: int = eyas.param(8, min=4, max=72)

    def on_start(self) -> None:
        self.fast_hours = self.use(eyas.indicators.sma, "close", self.fast, timeframe="1h")
        self.slow_hours = self.use(eyas.indicators.sma, "close", self.slow, timeframe="1h")
        self.dip = self.use(eyas.indicators.lowest, "close", 30)

    def on_bar(self, bar: eyas.Bar) -> None:
        if self.fast_hours.crossed_below(self.slow_hours):
            self.close()
            return
        is_good = self.fast_hours > self.slow_hours and self.extra["mood"].score > 0
        if is_good and self.is_flat and bar.close == self.dip:
            day = self.last_bars("1h", 24, missing="skip")  # fewer in the first hours of the data
            self.buy(fraction=0.9, stop_loss=eyas.at(min(*day.low, bar.low) * 0.998))


if __name__ == "__main__":
    bars = eyas.sample("BTCUSDT", "1m")
    every_six_hours = bars.time[:: 6 * 60]
    mood = {
        "time": every_six_hours,
        "known": every_six_hours + 900 * 1_000_000_000,  # published a quarter of an hour later
        "score": np.sin(np.arange(len(every_six_hours))),
    }
    report = eyas.backtest(WithTheHours(), bars, extra={"mood": mood}, cash=10_000, fee_rate=0.0004)
    print(report)
    print(report.trades.select("entry_time", "exit_time", "profit", "exit_reason").tail(5))
