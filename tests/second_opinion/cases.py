"""The scenarios, and the engines that are asked about them."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from tests.second_opinion import in_eyas
from tests.second_opinion.compare import Comparison, compared
from tests.second_opinion.scenarios import MARKETS, Plan, Scenario, planned

ENGINES = ("backtesting", "vectorbt", "backtrader")
ABSENT = [engine for engine in ENGINES if find_spec(engine) is None]

PULSE: dict[str, Any] = {"signal": "pulse", "leave": False}
WAITS: dict[str, Any] = {"signal": "pulse", "stop_loss": 0.01, "take_profit": 0.013}
AT_PRICES: dict[str, Any] = {"entry": "stop", "away": 0.002, "levels": "asked"}
STRESS: dict[str, Any] = {"signal": "pulse", "stop_loss": 0.011, "take_profit": 0.013, "sides": "long"}

SCENARIOS = (
    # What is traded, and when it fills.
    Scenario(name="long only", sides="long"),
    Scenario(name="short only", sides="short"),
    Scenario(name="long and short"),
    Scenario(name="at the close", fill="close"),
    Scenario(name="half of the cash", sides="long", fraction=0.5, fee_rate=0.001),
    Scenario(name="several trades", signal="pulse", entries_max=4, stop_loss=0.029, take_profit=0.037),
    Scenario(name="one position, added to", signal="pulse", entries_max=99, net=True),
    Scenario(name="left in halves", sides="long", scale_out=True, fee_rate=0.001),
    Scenario(name="half of the volume", sides="long", volume_share=0.5, fee_rate=0.001),
    # Costs.
    Scenario(name="percentage fee", fee_rate=0.001),
    Scenario(name="percentage fee, minimum", fee_rate=0.0005, fee_minimum=12.0),
    Scenario(name="fixed fee", sides="long", fee_fixed=1.5),
    Scenario(name="fee per unit", sides="long", fee_per_unit=0.005),
    Scenario(name="fee per unit, minimum", fee_per_unit=0.0013, fee_minimum=0.25),
    Scenario(name="percentage slippage", slippage=0.0005),
    Scenario(name="fixed slippage", slippage_fixed=0.0003),
    Scenario(name="slippage, stop loss", **PULSE, stop_loss=0.013, slippage=0.0005),
    Scenario(name="slippage, target", **PULSE, take_profit=0.013, slippage=0.0005),
    # Levels.
    Scenario(name="stop loss", **PULSE, stop_loss=0.013),
    Scenario(name="stop loss, signal exit", sides="long", stop_loss=0.013),
    Scenario(name="target", **PULSE, take_profit=0.013),
    Scenario(name="bracket", **PULSE, stop_loss=0.017, take_profit=0.023),
    Scenario(name="bracket, tight", **PULSE, stop_loss=0.0031, take_profit=0.0037),
    Scenario(name="bracket, signal exit", stop_loss=0.013, take_profit=0.017),
    Scenario(name="bracket as prices", signal="pulse", levels="asked", stop_loss=0.023, take_profit=0.031),
    Scenario(name="bracket at the close", **PULSE, fill="close", stop_loss=0.013, take_profit=0.017),
    Scenario(
        name="bracket as prices at the close",
        **PULSE,
        fill="close",
        levels="asked",
        stop_loss=0.013,
        take_profit=0.017,
    ),
    # Trailing.
    Scenario(name="trailing, long", **PULSE, sides="long", trailing=0.017),
    Scenario(name="trailing, short", **PULSE, sides="short", trailing=0.017),
    Scenario(name="trailing by a distance", **PULSE, trailing_distance=0.013),
    Scenario(name="trailing, signal exit", sides="long", trailing=0.011),
    Scenario(name="trailing, target", **PULSE, trailing=0.017, take_profit=0.023),
    Scenario(name="trailing, stop loss", **PULSE, trailing=0.023, stop_loss=0.013),
    Scenario(name="trailing, stop loss, target", **PULSE, trailing=0.023, stop_loss=0.013, take_profit=0.019),
    Scenario(name="engine's own trailing", **PULSE, trailing=0.017, order_trails=True),
    Scenario(name="the same, bars of one price", **PULSE, trailing=0.017, order_trails=True, one_price=True),
    # Entries that wait.
    Scenario(name="limit", signal="pulse", entry="limit", away=0.002),
    Scenario(name="limit exactly at the extreme", signal="pulse", entry="limit", exact=True),
    Scenario(name="limit that expires", signal="pulse", entry="limit", away=0.004, patience=3, expires=True),
    Scenario(name="limit, bracket", **WAITS, entry="limit", away=0.002),
    Scenario(name="stop", signal="pulse", entry="stop", away=0.002),
    Scenario(name="stop exactly at the extreme", signal="pulse", entry="stop", exact=True),
    Scenario(name="stop, stop loss", signal="pulse", **AT_PRICES, stop_loss=0.01),
    Scenario(name="stop, target", signal="pulse", **AT_PRICES, take_profit=0.01),
    Scenario(name="stop, bracket", **WAITS, entry="stop", away=0.002, levels="asked"),
    Scenario(name="stop-limit, worse limit", signal="pulse", entry="stop_limit", away=0.002, beyond=0.001),
    Scenario(name="stop-limit, better limit", signal="pulse", entry="stop_limit", away=0.002, beyond=-0.001),
    Scenario(name="trailing entry, bars of one price", entry="trail", away=0.004, one_price=True),
    # All of it, often.
    Scenario(name="stress", **STRESS, fee_rate=0.0004, fee_fixed=0.35),
    Scenario(name="stress, prices", **STRESS, fee_rate=0.0004, fee_fixed=0.35, levels="asked"),
)
BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}


def module_of(engine: str) -> Any:
    """Return the module that speaks with an engine."""
    return import_module(f"tests.second_opinion.in_{engine}")


def asked_about(engine: str, scenario: Scenario) -> bool:
    """Return whether an engine has all that a scenario needs."""
    return not module_of(engine).cannot(scenario)


def comparison(engine: str, plan: Plan, **wrong: Any) -> Comparison:
    """Return how a plan in eyas, under an engine's rules, compares with the plan in that engine."""
    module = module_of(engine)
    ours = in_eyas.run(plan, module.rules(plan.scenario) | wrong)
    return compared(plan, ours, module.run(plan), module.DIFFERENCES)


@cache
def totals_of(engine: str, name: str) -> Comparison | str:
    """Return how a scenario compares over all markets, or why an engine cannot be asked."""
    reason: str | None = module_of(engine).cannot(BY_NAME[name])
    if reason:
        return reason
    total = Comparison()
    for market in MARKETS:
        total.add(comparison(engine, planned(BY_NAME[name], market)))
    return total
