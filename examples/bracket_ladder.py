"""Take profit on a ladder, then let the rest run behind a trailing stop."""

from __future__ import annotations

import eyas


class Ladder(eyas.Strategy):
    """Buy a new high, sell half at once the risk, a half of the rest at twice, and trail what is left."""

    lookback: int = eyas.param(40, min=5, max=200)
    risk: float = eyas.param(0.02, min=0.001, max=0.2)

    def on_start(self) -> None:
        self.top = self.use(eyas.indicators.highest, "high", self.lookback)

    def on_bar(self, bar: eyas.Bar) -> None:
        if self.is_flat and bar.index > self.lookback and bar.close > self.top[-2]:
            self.buy(
                fraction=0.9,
                stop_loss=self.risk,
                take_profit=[(eyas.risk(1), 0.5), (eyas.risk(2), 0.5), eyas.risk(10)],
                breakeven_after=1,
                trailing=eyas.risk(1),
                trailing_from=eyas.risk(2),
                leave_after=60,
            )


if __name__ == "__main__":
    bars = eyas.sample("AAPL", "1d", adjusted=True)
    between = eyas.interval(Ladder(), bars, cash=10_000, fee_rate=0.001)
    print(between.worst)
    print(f"\n{between}")
