"""Run one strategy in six markets: what the rules alone make of it."""

from __future__ import annotations

import eyas


class Reversal(eyas.Strategy):
    """Buy shares after they have fallen, and leave after they have risen: plain orders suit every market."""

    period: int = eyas.param(10, min=2, max=100)

    def on_start(self) -> None:
        self.average = self.use(eyas.indicators.sma, "close", self.period)

    def on_bar(self, bar: eyas.Bar) -> None:
        if self.is_flat and bar.close < self.average:
            self.buy(fraction=0.9)
        elif self.is_long and bar.close > self.average:
            self.close()


if __name__ == "__main__":
    bars = eyas.sample("AAPL", "1d", adjusted=True)
    for name, rules in eyas.presets.PRESETS.items():
        summary = eyas.backtest(Reversal(), bars, rules=rules).summary
        print(
            f"{name:<10} {summary.total_return:>8.2%} {summary.trades:>4} trades, fees {summary.fees:>8,.2f}"
        )
