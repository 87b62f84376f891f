"""A scenario in eyas, under the rules that another engine plays by."""

from __future__ import annotations

from typing import Any

import eyas
from tests.second_opinion.results import Result, Trade
from tests.second_opinion.scenarios import CASH, Plan


class Follow(eyas.Strategy):
    """Do what the plan says."""

    def on_start(self) -> None:
        self.entry = self.asked_bar = self.entries = 0

    def on_bar(self, bar: eyas.Bar) -> None:
        plan, index = self.plan, bar.index
        waiting = {order.number for order in self.account.waiting_orders}
        held = (self.position > 0) - (self.position < 0)
        if self.entry in waiting and not (held and plan.scenario.volume_share):
            if index - self.asked_bar < plan.scenario.patience:
                return
            if not plan.scenario.expires:
                self.cancel(self.entry)
            waiting.remove(self.entry)
        if waiting - {self.entry}:
            return  # on its way out: a close that one bar's volume did not fill
        leaving = held != 0 and plan.leave[index] == held
        if leaving:
            if self.entry in waiting:
                self.cancel(self.entry)
            self.leave()
        wanted = int(plan.want[index])
        room = leaving or not held or (wanted == held and self.count() < plan.scenario.entries_max)
        if wanted and room and not (leaving and plan.scenario.scale_out):
            self.entries = 1 if leaving or not held else self.entries + 1
            self.enter(index, wanted)

    def count(self) -> int:
        """Return how many entries are held."""
        return self.entries if self.plan.scenario.net else len(self.account.tickets)

    def leave(self) -> None:
        """Close everything, or one half of it."""
        half = self.plan.quantity // 2
        if self.plan.scenario.scale_out and abs(self.position) > half:
            self.close(self.account.tickets[0], quantity=half)
        else:
            self.close()

    def enter(self, index: int, side: int) -> None:
        """Ask for the entry that the plan wants."""
        scenario = self.plan.scenario
        self.asked_bar = index
        ask = self.buy if side > 0 else self.sell
        units = None if scenario.fraction else self.plan.quantity
        self.entry = ask(
            units,
            fraction=scenario.fraction,
            **entry(self.plan, index, side),
            **bracket(self.plan, index, side),
        )


def entry(plan: Plan, index: int, side: int) -> dict[str, Any]:
    """Return how the entry waits."""
    life = {"good_for": plan.scenario.patience} if plan.scenario.expires else {}
    return life | prices(plan, index, side)


def prices(plan: Plan, index: int, side: int) -> dict[str, Any]:
    """Return what the entry waits for."""
    match plan.scenario.entry:
        case "market":
            return {}
        case "trail":
            return {"trail": plan.scenario.away}
        case "stop_limit":
            return {"stop": plan.entry_price(index, side), "limit": plan.limit_price(index, side)}
        case kind:
            return {kind: plan.entry_price(index, side)}


def bracket(plan: Plan, index: int, side: int) -> dict[str, Any]:
    """Return how the ticket ends by itself."""
    scenario = plan.scenario
    found: dict[str, Any]
    if scenario.levels == "filled":
        found = {"stop_loss": scenario.stop_loss, "take_profit": scenario.take_profit}
    else:
        base = plan.asked_base(index, side)
        prices = {"stop_loss": plan.stop_loss(base, side), "take_profit": plan.take_profit(base, side)}
        found = {name: eyas.at(price) for name, price in prices.items() if price is not None}
    if scenario.trails:
        by = scenario.trailing
        found["trailing"] = eyas.away(plan.trailing_distance) if by is None else by
    return {name: value for name, value in found.items() if value is not None}


def market_of(plan: Plan, rules: dict[str, Any]) -> dict[str, Any]:
    """Return the rules of a run: the scenario's costs, and what the other engine decides otherwise."""
    scenario = plan.scenario
    said = {
        "fee_rate": scenario.fee_rate,
        "fee_fixed": scenario.fee_fixed,
        "fee_per_unit": scenario.fee_per_unit,
        "fee_minimum": scenario.fee_minimum,
        "slippage": scenario.slippage,
        "spread": 2 * plan.slippage_fixed,
        "fill_volume": scenario.volume_share,
        "holding": "net" if scenario.net else None,
        "quantity_step": 1 if scenario.fraction or scenario.volume_share else None,
    }
    return {
        "market_fill": scenario.fill,
        "exit_fill": scenario.fill,
        "end_policy": "mark_only",
        # Levels that are fractions are rounded once: to less than what is compared.
        "price_decimals": 10,
        **{name: value for name, value in said.items() if value},
        **rules,
    }


def report_of(plan: Plan, rules: dict[str, Any]) -> eyas.Report:
    """Run the plan and return the whole report."""
    strategy = Follow()
    strategy.plan = plan
    return eyas.backtest(strategy, plan.bars, cash=CASH, **market_of(plan, rules))


def run(plan: Plan, rules: dict[str, Any]) -> Result:
    """Run the plan and return its trades and its equity."""
    report = report_of(plan, rules)
    trades = [
        Trade(
            entry_bar=row["entry_bar"],
            exit_bar=row["exit_bar"],
            side=1 if row["direction"] == "long" else -1,
            quantity=row["quantity"],
            entry_price=row["entry_price"],
            exit_price=row["exit_price"],
            fee=row["fee"],
        )
        for row in report.trades.sort("entry_bar", "exit_bar").to_dicts()
    ]
    return Result(trades, report.curve)
