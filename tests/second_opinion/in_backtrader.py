"""A scenario in backtrader (GPL-3.0): installed only to be asked, never imported by eyas."""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import backtrader
    from backtrader import Order

from tests.second_opinion import differences
from tests.second_opinion.results import Result, Trade
from tests.second_opinion.scenarios import CASH, Plan, Scenario

NAME = "backtrader"
WAITING = {"limit": Order.Limit, "stop": Order.Stop, "stop_limit": Order.StopLimit}

DIFFERENCES = (
    differences.OPEN_FIRST,
    differences.ENTERED_AND_KEPT,
    differences.STOP_LIMIT_AT_ITS_LIMIT,
    differences.LIMIT_SLIPS,
    differences.TRAILED_BY_CLOSE,
)


class Fill(NamedTuple):
    """One execution; a sale is negative."""

    bar: int
    quantity: float
    price: float
    fee: float


def cannot(scenario: Scenario) -> str | None:
    """Return why the engine has no such thing, or None."""
    at_close = scenario.fill == "close" and scenario.bracketed
    reasons = {
        "levels of an order filled at the close count a bar late": at_close,
        "sizes a share of the cash by the close, before the fill is known": scenario.fraction is not None,
        "one position at its average price alone": scenario.entries_max > 1 and not scenario.net,
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def rules(scenario: Scenario) -> dict[str, Any]:
    """Return the rules under which eyas is this engine."""
    del scenario
    return {"bracket_from": "after_fill"}


class Follow(backtrader.Strategy):
    """Do what the plan says."""

    params = (("plan", None),)

    def __init__(self) -> None:
        self.plan: Plan = self.p.plan
        self.fills: list[Fill] = []
        self.curve: list[float] = []
        self.entry: Any = None
        self.leaving: Any = None
        self.exits: list[Any] = []
        self.asked_bar = self.filled_bar = -1
        self.entries = 0
        self.best = self.entry_price = self.stop_price = 0.0

    def start(self) -> None:
        self.bar_at = {time: bar for bar, time in enumerate(self.data.datetime.array)}

    def notify_order(self, order: Any) -> None:
        for part in order.executed.iterpending():
            self.fills.append(Fill(self.bar_at[part.dt], part.size, part.price, part.comm))
        if order.status == order.Completed and is_same(order, self.entry):
            self.entry = None
            self.filled_bar = len(self) - 1
            self.best = self.entry_price = order.executed.price
            if self.plan.scenario.levels == "filled":
                self.protect(1 if order.executed.size > 0 else -1)
        if not order.alive() and is_same(order, self.leaving):
            self.leaving = None

    def next(self) -> None:
        self.curve.append(self.broker.getvalue())
        plan, index = self.plan, len(self) - 1
        held = (self.position.size > 0) - (self.position.size < 0)
        if self.entry is not None and not (held and plan.scenario.volume_share):
            if index - self.asked_bar < plan.scenario.patience:
                return
            self.cancel(self.entry)
            self.entry = None
        if self.leaving is not None:
            return
        leaving = held != 0 and plan.leave[index] == held
        if leaving:
            self.take_back()
            self.leave()
        elif held and plan.scenario.trails and index > self.filled_bar and not plan.scenario.order_trails:
            self.follow(held)
        wanted = int(plan.want[index])
        room = leaving or not held or (wanted == held and self.entries < plan.scenario.entries_max)
        if wanted and room and not (leaving and plan.scenario.scale_out):
            self.entries = 1 if leaving or not held else self.entries + 1
            self.enter(index, wanted)

    def leave(self) -> None:
        """Close everything, or one half of it."""
        half = self.plan.scenario.scale_out and abs(self.position.size) == self.plan.quantity
        self.leaving = self.close(size=self.plan.quantity // 2 if half else None)

    def enter(self, index: int, side: int) -> None:
        """Ask for the entry that the plan wants."""
        plan, scenario = self.plan, self.plan.scenario
        self.asked_bar = index
        how: dict[str, Any] = {"size": plan.quantity, "exectype": Order.Market}
        if scenario.entry == "trail":
            how |= {"exectype": Order.StopTrail, "trailpercent": scenario.away}
        elif scenario.entry != "market":
            how |= {"exectype": WAITING[scenario.entry], "price": plan.entry_price(index, side)}
        if scenario.entry == "stop_limit":
            how["plimit"] = plan.limit_price(index, side)
        children: list[dict[str, Any]] = []
        if scenario.levels == "asked":
            base = plan.asked_base(index, side)
            stop, target = plan.stop_loss(base, side), plan.take_profit(base, side)
            # The stop first, so that it is tried first.
            children += [{"exectype": Order.Stop, "price": stop}] if stop is not None else []
            children += [{"exectype": Order.Limit, "price": target}] if target is not None else []
        enter, exit_ = (self.buy, self.sell) if side > 0 else (self.sell, self.buy)
        self.entry = enter(**how, transmit=not children)
        last = len(children) - 1
        self.exits = [
            exit_(size=plan.quantity, parent=self.entry, transmit=place == last, **child)
            for place, child in enumerate(children)
        ]

    def protect(self, side: int) -> None:
        """Place the exits of a fill, the stop first."""
        plan, scenario = self.plan, self.plan.scenario
        stops = [plan.stop_loss(self.entry_price, side), plan.trailed(self.best, side)]
        levels = [stop for stop in stops if stop is not None]
        target = plan.take_profit(self.entry_price, side)
        exit_ = self.sell if side > 0 else self.buy
        self.exits = []
        if scenario.order_trails:
            how = {"exectype": Order.StopTrail, "trailpercent": scenario.trailing}
            self.exits.append(exit_(size=plan.quantity, **how))
        elif levels:
            self.stop_price = max(levels) if side > 0 else min(levels)
            self.exits.append(exit_(size=plan.quantity, exectype=Order.Stop, price=self.stop_price))
        if target is not None:
            partner = {"oco": self.exits[0]} if self.exits else {}
            self.exits.append(exit_(size=plan.quantity, exectype=Order.Limit, price=target, **partner))

    def follow(self, side: int) -> None:
        """Move the stop after the best price: user code, since the engine's own order follows closes."""
        high, low = self.data.high[0], self.data.low[0]
        self.best = max(self.best, high) if side > 0 else min(self.best, low)
        level = self.plan.trailed(self.best, side)
        if level is not None and side * (level - self.stop_price) > 0:
            self.take_back()
            self.protect(side)

    def take_back(self) -> None:
        """Cancel what waits."""
        for order in [*self.exits, self.entry]:
            if order is not None:
                self.cancel(order)
        self.exits, self.entry = [], None


class Costs(backtrader.CommInfoBase):
    """The scenario's fees."""

    params = (("plan", None), ("stocklike", True), ("commtype", backtrader.CommInfoBase.COMM_FIXED))

    def _getcommission(self, size: float, price: float, pseudoexec: bool) -> float:
        fee: float = self.p.plan.fee(size, price)
        return fee


def is_same(order: Any, other: Any) -> bool:
    """Return whether two are one order: what an engine notifies is a copy."""
    return other is not None and order.ref == other.ref


def round_trips(fills: list[Fill]) -> list[Trade]:
    """Return the trades that fills come to: from flat to flat, at average prices."""
    trades: list[Trade] = []
    parts: list[Fill] = []
    for fill in fills:
        parts.append(fill)
        if sum(part.quantity for part in parts) == 0:
            trades.append(round_trip(parts))
            parts = []
    return trades


def round_trip(parts: list[Fill]) -> Trade:
    """Return the trade that is made of these fills."""
    side = 1 if parts[0].quantity > 0 else -1
    ways = [[part for part in parts if part.quantity * way > 0] for way in (side, -side)]
    quantity = sum(abs(part.quantity) for part in ways[0])
    entry, exit_ = (sum(abs(part.quantity) * part.price for part in way) / quantity for way in ways)
    return Trade(parts[0].bar, parts[-1].bar, side, quantity, entry, exit_, sum(part.fee for part in parts))


def run(plan: Plan) -> Result:
    """Run the plan and return its trades and its equity."""
    bars, scenario = plan.bars, plan.scenario
    names = ("open", "high", "low", "close", "volume")
    frame = pd.DataFrame({name: getattr(bars, name) for name in names}, index=pd.to_datetime(bars.time))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cerebro = backtrader.Cerebro(stdstats=False)
        cerebro.adddata(backtrader.feeds.PandasData(dataname=frame))
        cerebro.addstrategy(Follow, plan=plan)
        broker = cerebro.broker
        broker.set_cash(CASH)
        # An order under review could not be taken back.
        broker.set_checksubmit(False)
        broker.set_coc(scenario.fill == "close")
        broker.addcommissioninfo(Costs(plan=plan))
        if scenario.slippage:
            broker.set_slippage_perc(scenario.slippage, slip_out=True)
        elif scenario.slippage_fixed:
            broker.set_slippage_fixed(plan.slippage_fixed, slip_out=True)
        if scenario.volume_share is not None:
            broker.set_filler(backtrader.broker.fillers.FixedBarPerc(perc=100 * scenario.volume_share))
        strategy = cerebro.run()[0]
    return Result(round_trips(strategy.fills), np.array(strategy.curve))
