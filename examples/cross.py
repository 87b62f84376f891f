"""Buy when a fast average crosses above a slow one, with a target and a stop."""

from __future__ import annotations

import eyas


class Cross(eyas.Strategy):
    """Follow the crossing of two moving averages."""

    fast: int = eyas.param(10, min=3, max=50)
    slow: int = eyas.param(30, min=10, max=200)

    def on_start(self) -> None:
        self.fast_average = self.use(eyas.indicators.sma, "close", self.fast)
        self.slow_average = self.use(eyas.indicators.sma, "close", self.slow)

    def on_bar(self, bar: eyas.Bar) -> None:
        if self.fast_average.crossed_above(self.slow_average):
            self.buy(fraction=0.95, take_profit=0.02, stop_loss=0.01)
        elif self.fast_average.crossed_below(self.slow_average):
            self.close()
