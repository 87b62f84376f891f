"""A scenario in vectorbt, open edition (Apache-2.0 with Commons Clause): installed only to be asked."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import vectorbt

from tests.second_opinion import differences
from tests.second_opinion.results import Result, Trade, merged
from tests.second_opinion.scenarios import CASH, Plan, Scenario

NAME = "vectorbt"

DIFFERENCES = (
    differences.OPEN_FIRST,
    differences.ONE_ORDER_A_BAR,
)


def cannot(scenario: Scenario) -> str | None:
    """Return why the engine has no such thing, or None."""
    fixed = scenario.fee_per_unit or scenario.fee_fixed
    reasons = {
        "market orders alone (the rest is in PRO)": scenario.entry != "market",
        "levels as fractions of the fill alone": scenario.bracketed and scenario.levels == "asked",
        "one stop, fixed or trailing": scenario.stop_loss is not None and scenario.trails,
        "trails by a fraction alone": scenario.trailing_distance is not None,
        "no minimum fee": scenario.fee_minimum,
        "slips by a fraction alone": scenario.slippage_fixed,
        "one position at its average price alone": scenario.entries_max > 1 and not scenario.net,
        "a reversal pays its fixed fee once": fixed and scenario.sides == "both",
        "a fee per unit for known quantities alone": fixed and (scenario.fraction or scenario.net),
        "no limit by volume": scenario.volume_share,
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def rules(scenario: Scenario) -> dict[str, Any]:
    """Return the rules under which eyas is this engine."""
    found: dict[str, Any] = {"bracket_from": "after_fill"}
    if scenario.slippage:
        found["slippage_on"] = ("market", "stop", "limit")
    if scenario.fill == "close" and not scenario.leave:
        found["reentry_same_bar"] = False
    return found


def shifted(wishes: NDArray[np.int8], side: int, bars: int) -> NDArray[np.bool_]:
    """Return on which bars a side's wishes are acted upon, `bars` after they were made."""
    acted = np.zeros(len(wishes), dtype=bool)
    acted[bars:] = (wishes == side)[: len(wishes) - bars]
    return acted


def orders_of(plan: Plan) -> dict[str, Any]:
    """Return when and how much is traded."""
    scenario = plan.scenario
    late = 1 if scenario.fill == "next_open" else 0
    size: Any = plan.quantity
    many: Any = "addonly" if scenario.net else False
    if scenario.scale_out:
        # An exit takes its own size away, and there is either an entry or an exit on a bar.
        halved = shifted(plan.leave, 1, late) | shifted(plan.leave, -1, late)
        many, size = "removeonly", np.where(halved, plan.quantity // 2, plan.quantity)
    shares = {"size": scenario.fraction, "size_type": "percent", "size_granularity": 1}
    return {
        "entries": shifted(plan.want, 1, late),
        "exits": shifted(plan.leave, 1, late),
        "short_entries": shifted(plan.want, -1, late),
        "short_exits": shifted(plan.leave, -1, late),
        "accumulate": many,
        # How many units an order trades is known before, so a fee for each unit is a fixed one.
        "fixed_fees": scenario.fee_per_unit * size + scenario.fee_fixed,
        "upon_opposite_entry": "Reverse" if scenario.leave else "Ignore",
        **({"size": size} if scenario.fraction is None else shares),
    }


def run(plan: Plan) -> Result:
    """Run the plan and return its trades and its equity."""
    bars, scenario = plan.bars, plan.scenario
    index = pd.to_datetime(bars.time)
    columns = {name: pd.Series(getattr(bars, name), index=index) for name in ("open", "high", "low", "close")}
    stop = scenario.stop_loss if scenario.stop_loss is not None else scenario.trailing
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        portfolio = vectorbt.Portfolio.from_signals(
            **columns,
            **orders_of(plan),
            price=columns["close" if scenario.fill == "close" else "open"],
            fees=scenario.fee_rate,
            slippage=scenario.slippage,
            sl_stop=np.nan if stop is None else stop,
            tp_stop=np.nan if scenario.take_profit is None else scenario.take_profit,
            sl_trail=scenario.trailing is not None,
            stop_entry_price="FillPrice",
            stop_exit_price="StopMarket",
            init_cash=CASH,
            freq="1D",
        )
        records = portfolio.trades.records
        curve = portfolio.value().to_numpy()
    trades = [
        Trade(
            entry_bar=int(row["entry_idx"]),
            exit_bar=int(row["exit_idx"]),
            side=1 if row["direction"] == 0 else -1,
            quantity=row["size"],
            entry_price=row["entry_price"],
            exit_price=row["exit_price"],
            fee=row["entry_fees"] + row["exit_fees"],
        )
        for row in records[records["status"] == 1].to_dict("records")
    ]
    whole = plan.quantity if plan.scenario.scale_out else 0.0
    return Result(merged(trades, whole), curve)
