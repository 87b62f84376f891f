"""Trade several instruments of different lengths on one clock, with one account."""

from __future__ import annotations

import eyas


class Momentum(eyas.Strategy):
    """Every month buy what stands highest above its average; leave what falls below it."""

    period: int = eyas.param(50, min=5, max=250)

    def on_start(self) -> None:
        self.average = {
            symbol: self.use(eyas.indicators.sma, "close", self.period, symbol=symbol)
            for symbol in self.symbols
        }

    def on_bar(self, bar: eyas.Bar) -> None:
        if self.is_long and bar.close < self.average[bar.symbol]:
            self.close()

    def on_step(self, step: eyas.Step) -> None:
        if step.index % 21:
            return
        for symbol in step.symbols:
            close, average = self.bars[symbol].close, self.average[symbol]
            if len(close) > self.period and close > average and self.position_of(symbol) == 0:
                self.buy(fraction=0.5, symbol=symbol, rank=close / average, stop_loss=0.1)


if __name__ == "__main__":
    bars = {
        "AAPL": eyas.sample("AAPL", "1d", adjusted=True),
        "AIG": eyas.sample("AIG", "1d", adjusted=True),
        "IBM": eyas.sample("IBM", "1d"),
    }
    report = eyas.backtest(Momentum(), bars, cash=10_000, fee_rate=0.0005, quantity_step={"AIG": 0.1})
    print(report)
    print(report.trades.select("symbol", "entry_time", "exit_time", "profit", "exit_reason").tail(5))
