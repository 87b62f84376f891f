"""Runs drawn over everything that can be asked, and what they fold to: bar by bar, in whole units."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

import eyas
from eyas.journal import Journal
from eyas.model import CAUSES, EVENT_KINDS, PHASES
from eyas.reports import Report
from eyas.rules import Rules
from tests.test_interval import merged
from tests.test_session import coarse_bars
from tests.test_wild import CHANGES, Wild

FILLS = ("next_open", "close", "same_open", "signal_price", "given_price")
MORE_CHANGES: dict[str, st.SearchStrategy[Any]] = {
    "market_fill": st.sampled_from(FILLS),
    "exit_fill": st.sampled_from(FILLS),
    "gap": st.just("level"),
    "holding": st.just("net"),
    "spread": st.just(0.5),
    "slippage": st.just(0.01),
    "slippage_on": st.just(("market", "stop", "limit")),
    "price_decimals": st.sampled_from([2, 0, 4]),
    "leverage": st.sampled_from([3, 10]),
    "margin_call": st.just(0.9),
    "account": st.sampled_from(["cash", "collateral"]),
    "end_policy": st.just("mark_only"),
    "time_exit": st.just("first"),
    "price_check": st.just("off"),
}
ALL_CHANGES = st.tuples(CHANGES, st.fixed_dictionaries({}, optional=MORE_CHANGES)).map(
    lambda two: two[0] | two[1]
)
SHAPES = ("one", "cents", "finer", "several", "in turn", "money of its own")
RUNS = st.tuples(st.integers(0, 10**6), st.sampled_from(SHAPES), ALL_CHANGES)


def possible(changes: dict[str, Any]) -> Rules:
    """Return the rules with the changes that go together."""
    rules = Rules()
    for rule, value in changes.items():
        try:
            rules = rules.changed(**{rule: value})  # type: ignore[misc]
        except eyas.UsageError:
            continue
    return rules


def run(drawn: tuple[int, str, dict[str, Any]]) -> Report:
    """Return the report of a run that asks for anything, over one instrument or several."""
    seed, shape, changes = drawn
    rules, wild = possible(changes), Wild(seed=seed)
    fine = coarse_bars(seed, 160)
    match shape:
        case "one":
            return eyas.backtest(wild, coarse_bars(seed, 40), rules=rules)
        case "cents":
            return eyas.backtest(
                wild, coarse_bars(seed, 40, tick=0.25), rules=rules.changed(price_decimals=2)
            )
        case "finer":
            return eyas.backtest(wild, merged(fine, 4), finer=fine, rules=rules)
        case "several" | "money of its own":
            bars = {"A": fine[:40], "B": merged(coarse_bars(seed + 1, 60), 3), "C": fine[20:35]}
            money = {"price_decimals": {"A": 2, "C": 4}} if shape == "several" else {"currency": {"B": "A"}}
            return eyas.backtest(wild, bars, rules=rules.changed(**money))
        case _:
            turns = {"B": coarse_bars(seed + 2, 25), "A": merged(fine, 4)}
            return eyas.backtest(wild, turns, finer={"A": fine}, clock="sequential", rules=rules)


def events_of(journal: Journal) -> list[dict[str, int]]:
    """Return every event in whole units, as the kernel counts."""
    found = []
    for record in journal.records:
        event: dict[str, Any] = {
            name: int(record[name]) for name in ("ticket", "order", "bar", "price", "reference", "quantity")
        }
        for name in ("fee", "profit"):
            event[name] = (int(record[f"{name}_high"]) << 64) + int(record[f"{name}_low"])
        event |= {
            "instrument": int(record["instrument"]),
            "kind": EVENT_KINDS[int(record["kind"])],
            "cause": CAUSES[int(record["cause"])],
            "phase": PHASES[int(record["phase"])],
            "enters": CAUSES[int(record["cause"])] in ("entry", "average"),
        }
        found.append(event)
    return found


@dataclass
class Life:
    """A ticket on its way through the bars."""

    direction: int
    held: int = 0
    cost: int = 0
    earned: int = 0
    entered: int = 0
    sure: list[tuple[int, int, int]] = field(default_factory=list)
    may_be: list[int] = field(default_factory=list)

    def worth(self, price: int) -> int:
        return self.earned + self.direction * (self.held * price - self.cost)

    def see(self, bar: int, *prices: int) -> None:
        self.sure += [(self.worth(price), price, bar) for price in prices]

    def guess(self, *prices: int) -> None:
        self.may_be += [self.worth(price) for price in prices]

    def fill(self, event: dict[str, int]) -> None:
        quantity, price = abs(event["quantity"]), event["price"]
        if event["enters"]:
            self.held += quantity
            self.cost += quantity * price
            self.entered += quantity * price
        else:
            self.held -= quantity
            self.earned += event["profit"]
            self.cost -= quantity * price - self.direction * event["profit"]
        self.see(event["bar"], price)


LEVELS = ("stop_loss", "take_profit", "trailing_stop", "breakeven", "liquidation", "time_limit")


def slots(
    report: Report, fills: list[dict[str, Any]], steps: list[int]
) -> dict[int, list[list[dict[str, int]]]]:
    """Return by row the fills at its open, inside it, and when it has closed."""
    found: dict[int, list[list[dict[str, int]]]] = defaultdict(lambda: [[], [], []])
    last = (-2, 0)
    for fill in fills:
        row = max((row for row, step in enumerate(steps) if step <= fill["bar"]), default=-1)
        back = report.rules.market_fill if fill["enters"] else report.rules.exit_fill
        slot = 2
        if row >= 0 and steps[row] == fill["bar"]:
            if fill["phase"] == "decision":
                slot = 1 if fill["cause"] in LEVELS else 0 if back == "same_open" else 2
            else:
                slot = {"open": 0, "range": 1}.get(fill["phase"], 2)
        last = max(last, (row, slot))
        found[last[0]][last[1]].append(fill)
    return found


def live(report: Report, fills: list[dict[str, Any]]) -> Life:
    """Walk a ticket through every bar of its instrument, from its first fill to its last."""
    place = fills[0]["instrument"]
    symbol = report.symbols[place]
    bars = report.instruments[symbol]
    steps = list(range(len(bars))) if report.steps is None else report.steps[symbol].tolist()
    power = 10.0 ** report.journal.decimals("price", place)
    rows = [
        [round(float(getattr(bars, name)[row]) * power) for name in ("open", "high", "low", "close")]
        for row in range(len(bars))
    ]
    life = Life(1 if fills[0]["quantity"] > 0 else -1)
    placed = slots(report, fills, steps)
    for row in range(-1, len(rows)):
        at_open, inside, after = placed[row]
        for fill in at_open:
            life.fill(fill)
        if row >= 0 and inside:
            opened, high, low, close = rows[row]
            if life.held:
                life.see(steps[row], opened)
                life.guess(high, low)
            for fill in inside:
                life.fill(fill)
                if life.held:
                    life.guess(high, low)
            if life.held:
                life.see(steps[row], close)
        elif row >= 0 and life.held:
            life.see(steps[row], rows[row][1], rows[row][2])
        for fill in after:
            life.fill(fill)
    return life


def excursions_by_hand(report: Report) -> list[dict[str, Any]]:
    """Return what `excursion_frame` should say, money and prices in whole units."""
    fills: dict[int, list[dict[str, Any]]] = defaultdict(list)
    found = []
    for event in events_of(report.journal):
        if event["kind"] == "filled":
            fills[event["ticket"]].append(event)
        elif event["kind"] == "closed":
            life = live(report, fills[event["ticket"]])
            # The first of the best, the first of the worst.
            best = max(life.sure, key=lambda seen: seen[0])
            worst = min(life.sure, key=lambda seen: seen[0])
            found.append(
                {
                    "ticket": event["ticket"],
                    "entered": life.entered,
                    "mfe": best[0],
                    "mfe_price": best[1],
                    "mfe_bar": best[2],
                    "mae": worst[0],
                    "mae_price": worst[1],
                    "mae_bar": worst[2],
                    "mfe_possible": max(best[0], *life.may_be, 0),
                    "mae_possible": min(worst[0], *life.may_be, 0),
                    "profit": event["profit"] + event["fee"],
                    "instrument": event["instrument"],
                }
            )
    return found
