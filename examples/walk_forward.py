"""Search the past, trade what follows, move on: what a search for the best averages would have brought."""

from __future__ import annotations

import eyas
from eyas.research import monte_carlo, permutation, walk_forward


class Cross(eyas.Strategy):
    """Follow the crossing of two moving averages."""

    fast: int = eyas.param(10, min=3, max=50)
    slow: int = eyas.param(30, min=10, max=200)

    def on_start(self) -> None:
        self.fast_average = self.use(eyas.indicators.sma, "close", self.fast)
        self.slow_average = self.use(eyas.indicators.sma, "close", self.slow)

    def on_bar(self, bar: eyas.Bar) -> None:
        if self.fast_average.crossed_above(self.slow_average):
            self.buy()
        elif self.fast_average.crossed_below(self.slow_average):
            self.close()


if __name__ == "__main__":
    bars = eyas.sample("IBM", "1d")
    study = walk_forward(
        Cross, bars, train="1000d", test="365d", fast=range(5, 20, 5), slow=range(20, 60, 10), fee_rate=0.0005
    )
    print(study)
    report = eyas.backtest(Cross, bars, fee_rate=0.0005)
    print(f"\n{monte_carlo.trades(report)}")
    print(f"\n{permutation.bars(Cross, bars, runs=100, fee_rate=0.0005)}")
