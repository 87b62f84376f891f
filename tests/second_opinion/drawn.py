"""Scenarios drawn by lot: combinations that nobody thought of."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.second_opinion.scenarios import Scenario

MARKETS = ("AIG 1d", "IBM 1d")
"""Days with gaps, and enough of them."""


def drawn(seed: int) -> Scenario:
    """Return the scenario that a seed stands for."""
    lot = Random(seed)
    said: dict[str, Any] = {
        "sides": lot.choice(("long", "short", "both")),
        "signal": lot.choice(("cross", "pulse")),
        "leave": lot.random() < 0.6,
        **entry(lot),
        **exits(lot),
        **costs(lot),
    }
    if said.get("entry", "market") == "market" and "levels" not in said:
        # Of several trades only those that are entered at once are independent of each other's differences.
        said["entries_max"] = lot.choice((1, 1, 3))
    scenario = Scenario(name=f"drawn {seed}", **said)
    if scenario.bracketed:
        return scenario
    return Scenario(name=scenario.name, **(said | {"leave": True} | holding(lot)))


def entry(lot: Random) -> dict[str, Any]:
    """Draw when an entry fills."""
    if lot.random() < 0.15:
        return {"fill": "close"}
    kind = lot.choice(("market", "market", "limit", "stop", "stop_limit"))
    if kind == "market":
        return {}
    said: dict[str, Any] = {"entry": kind, "away": fraction(lot, 0.0005, 0.012)}
    said |= {"patience": lot.choice((1, 2, 4, 9)), "expires": lot.random() < 0.5}
    if kind == "stop_limit":
        said["beyond"] = fraction(lot, 0.0005, 0.008) * lot.choice((1, -1))
    elif lot.random() < 0.2:
        said["exact"] = True
    return said


def exits(lot: Random) -> dict[str, Any]:
    """Draw how a trade ends by itself."""
    said: dict[str, Any] = {}
    for name in ("stop_loss", "take_profit"):
        if lot.random() < 0.6:
            said[name] = fraction(lot, 0.002, 0.05)
    if lot.random() < 0.3:
        # By more than anything slips: a trail that begins beyond the price is refused in eyas.
        return said | {"trailing": fraction(lot, 0.01, 0.05)}
    return said | ({"levels": "asked"} if lot.random() < 0.5 else {})


def costs(lot: Random) -> dict[str, Any]:
    """Draw what it costs."""
    said: dict[str, Any] = {}
    match lot.choice(("rate", "unit", "none")):
        case "rate":
            said["fee_rate"] = fraction(lot, 0.0, 0.003)
        case "unit":
            said["fee_per_unit"] = fraction(lot, 0.0, 0.02)
    match lot.choice(("minimum", "fixed", "none", "none")):
        case "minimum":
            said["fee_minimum"] = fraction(lot, 0.0, 20.0)
        case "fixed":
            said["fee_fixed"] = fraction(lot, 0.0, 3.0)
    if lot.random() < 0.2:
        said["slippage"] = fraction(lot, 0.0, 0.003)
    return said


def holding(lot: Random) -> dict[str, Any]:
    """Draw how several entries are held, or how they are left, when only a signal ends them.

    Such trades have more than two fills, where a difference in one would hide the others: so at the market.
    """
    plain: dict[str, Any] = {"entry": "market", "expires": False}
    match lot.choice(("net", "halves", "one")):
        case "net":
            return plain | {"net": True, "entries_max": 99}
        case "halves":
            # backtesting.py shows the fixed fee of an entry with each part that is left, and charges it once.
            plain |= {"fee_fixed": 0.0, "fee_minimum": 0.0, "entries_max": 1}
            return plain | {"scale_out": True, "sides": lot.choice(("long", "short"))}
        case _:
            return {}


def fraction(lot: Random, least: float, most: float) -> float:
    """Draw a number with few digits."""
    return round(lot.uniform(least, most), 4)


def settled(scenario: Scenario, engine: str) -> bool:
    """Return whether a comparison says anything: levels measured from limits that slip lie elsewhere."""
    return not (engine == "backtrader" and scenario.slippage and scenario.entry in ("limit", "stop_limit"))
