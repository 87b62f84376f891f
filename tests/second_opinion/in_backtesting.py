"""A scenario in backtesting.py (AGPL-3.0): installed only to be asked, never imported by eyas."""

from __future__ import annotations

import warnings
from typing import Any

import pandas as pd

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from backtesting import Backtest, Strategy

from tests.second_opinion import differences
from tests.second_opinion.results import Result, Trade, merged
from tests.second_opinion.scenarios import CASH, Plan, Scenario

NAME = "backtesting.py"

DIFFERENCES = (
    differences.OPEN_FIRST,
    differences.ENTERED_AND_LEFT,
    differences.TARGET_ON_ENTRY_BAR,
    differences.STOP_LIMIT_AT_ITS_STOP,
)


def cannot(scenario: Scenario) -> str | None:
    """Return why the engine has no such thing, or None."""
    late = scenario.fill == "close" and scenario.bracketed and scenario.levels == "filled"
    reasons = {
        "no slippage: its spread is paid at entries alone": scenario.slippage or scenario.slippage_fixed,
        "no trailing stop order": scenario.entry == "trail" or scenario.order_trails,
        "a fill at the close shows a bar late, so its levels do": late,
        "trades of their own alone": scenario.net,
        "no limit by volume": scenario.volume_share,
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def rules(scenario: Scenario) -> dict[str, Any]:
    """Return the rules under which eyas is this engine."""
    # Levels asked for with a market order count from the bar it fills on; those of waiting orders, and
    # those that a strategy sets when it sees the fill, from the next.
    at_once = scenario.entry == "market" and scenario.levels == "asked"
    if scenario.entry == "stop" and scenario.levels == "asked" and scenario.stop_loss is None:
        return {"bracket_from": "fill_bar"}
    return {"bracket_from": "auto" if at_once else "after_fill"}


class Follow(Strategy):
    """Do what the plan says."""

    plan: Any = None

    def init(self) -> None:
        self.asked_bar = 0
        self.best: dict[int, float] = {}

    def next(self) -> None:
        plan, index = self.plan, len(self.data) - 1
        self.look_after(index)
        waiting = [order for order in self.orders if not order.is_contingent]
        if waiting:
            if index - self.asked_bar < plan.scenario.patience:
                return
            for order in waiting:
                order.cancel()
        held = (self.position.size > 0) - (self.position.size < 0)
        leaving = held != 0 and plan.leave[index] == held
        if leaving:
            half = plan.scenario.scale_out and abs(self.position.size) == plan.quantity
            for trade in self.trades:
                trade.close(0.5 if half else 1.0)
        wanted = int(plan.want[index])
        room = leaving or not held or (wanted == held and len(self.trades) < plan.scenario.entries_max)
        if wanted and room and not (leaving and plan.scenario.scale_out):
            self.enter(index, wanted)

    def enter(self, index: int, side: int) -> None:
        """Ask for the entry that the plan wants."""
        plan, scenario = self.plan, self.plan.scenario
        self.asked_bar = index
        how: dict[str, Any] = {"size": scenario.fraction or plan.quantity}
        if scenario.entry == "stop_limit":
            how |= {"stop": plan.entry_price(index, side), "limit": plan.limit_price(index, side)}
        elif scenario.entry != "market":
            how[scenario.entry] = plan.entry_price(index, side)
        if scenario.levels == "asked":
            base = plan.asked_base(index, side)
            how |= {"sl": plan.stop_loss(base, side), "tp": plan.take_profit(base, side)}
        (self.buy if side > 0 else self.sell)(**how)

    def look_after(self, index: int) -> None:
        """Set levels that depend on the fill, and move a trailing stop: user code, in this engine."""
        plan = self.plan
        if not plan.scenario.bracketed or plan.scenario.levels == "asked":
            return
        for trade in self.trades:
            side = 1 if trade.is_long else -1
            if trade.entry_bar == index:
                self.best[index] = trade.entry_price
                trade.tp = plan.take_profit(trade.entry_price, side)
                trade.sl = plan.stop_loss(trade.entry_price, side)
            elif side > 0:
                self.best[trade.entry_bar] = max(self.best[trade.entry_bar], float(self.data.High[-1]))
            else:
                self.best[trade.entry_bar] = min(self.best[trade.entry_bar], float(self.data.Low[-1]))
            stop = plan.trailed(self.best[trade.entry_bar], side)
            if stop is not None and (trade.sl is None or side * (stop - trade.sl) > 0):
                trade.sl = stop


def run(plan: Plan) -> Result:
    """Run the plan and return its trades and its equity."""
    bars = plan.bars
    names = ("Open", "High", "Low", "Close", "Volume")
    columns = (bars.open, bars.high, bars.low, bars.close, bars.volume)
    frame = pd.DataFrame(dict(zip(names, columns, strict=True)), index=pd.to_datetime(bars.time))
    at_close = plan.scenario.fill == "close"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        test = Backtest(frame, Follow, cash=CASH, commission=plan.fee, trade_on_close=at_close)
        stats = test.run(plan=plan)
    trades = [
        Trade(
            entry_bar=int(row["EntryBar"]),
            exit_bar=int(row["ExitBar"]),
            side=1 if row["Size"] > 0 else -1,
            quantity=abs(row["Size"]),
            entry_price=row["EntryPrice"],
            exit_price=row["ExitPrice"],
            fee=row["Commission"],
        )
        for row in stats["_trades"].to_dict("records")
    ]
    whole = plan.quantity if plan.scenario.scale_out else 0.0
    return Result(merged(trades, whole), stats["_equity_curve"]["Equity"].to_numpy())
