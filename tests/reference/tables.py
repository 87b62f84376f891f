"""Run the scenarios of `spec/` through the reference, and write what came of them as the pages do."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from tests.spec_tables import Row, Scenario, Step

from .market import Market, RefusedBarError
from .numbers import MONEY_DECIMALS, RATE_DECIMALS, UNITS_MAX, exact, rounded, units
from .rules import Terms
from .state import Bar
from .story import amounts_of
from .worth import equity, used_margin

SECOND_NS = 10**9
MINUTE_NS = 60 * SECOND_NS
NAMED = ("stop_limit", "limit_if_touched", "market_if_touched", "trailing_stop")


def decimal(units: int, decimals: int) -> str:
    whole, part = divmod(abs(units), 10**decimals)
    text = f"{whole}.{part:0{decimals}}".rstrip("0").rstrip(".") if decimals else str(whole)
    return f"-{text}" if units < 0 else text


@dataclass
class Usual:
    """What goes without saying of the events of a row."""

    phase: str
    bar: int
    time: int
    seq: int


def written(event: dict[str, Any], usual: Usual, price_decimals: int) -> str:
    """Write an event, leaving out what goes without saying."""
    kind, ticket = event["kind"], 0 if event["ticket"] == event["order"] else event["ticket"]
    traded, paid = kind in ("submitted", "filled"), kind in ("filled", "charged")
    money = {name: decimal(event[name], MONEY_DECIMALS) for name in ("fee", "profit", "cash")}
    prices = {
        name: decimal(event[name], price_decimals)
        for name in ("price", "reference", "stop_loss", "take_profit")
    }
    sign = "+" if event["quantity"] > 0 else ""
    usual_cash = decimal(event["profit"] - event["fee"], MONEY_DECIMALS) if paid else "0"
    levels = kind == "amended" and event["ticket"] != 0
    named = kind == "submitted" and event["order_kind"] in NAMED
    parts = (
        ("", f"{event['phase']}:", f"{usual.phase}:"),
        ("", kind, ""),
        ("", event["order_kind"] if named else "", ""),
        ("", str(event["order"]), "0"),
        ("of ", str(ticket), "0"),
        (sign, decimal(event["quantity"], MONEY_DECIMALS - price_decimals), "0"),
        ("at ", prices["price"], "0"),
        ("from ", prices["reference"], prices["price"] if kind == "filled" else "0"),
        ("stop ", prices["stop_loss"] if levels else "0", "0"),
        ("target ", prices["take_profit"] if levels else "0", "0"),
        ("fee ", money["fee"], "0"),
        ("profit ", money["profit"], "0"),
        ("cash ", money["cash"], usual_cash),
        ("", event["cause"], ("close" if ticket else "entry") if traded else "none"),
        ("", event["refusal"], "none"),
        ("bar ", str(event["bar"]), str(usual.bar)),
        ("time ", str(event["time_ns"]), str(usual.time)),
        ("seq ", str(event["seq"]), str(usual.seq)),
        ("instrument ", str(event["instrument"]), "0"),
    )
    return " ".join(name + value for name, value, left_out in parts if value != left_out)


class TableRun:
    """One scenario on its way through the reference."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.market = Market(scenario.cash, scenario.rules, scenario.instruments)
        self.state = self.market.state
        self.usual = Usual("start", -1, 0, 1)

    def take(self, time: int | None = None) -> list[str]:
        """Return the events since the last call, written."""
        texts = []
        for event in self.state.events[self.usual.seq :]:
            at = self.usual.time if time is None else time
            books = self.state.books
            decimals = books[min(event["instrument"], len(books) - 1)].terms.price_decimals
            usual = Usual(self.usual.phase, self.usual.bar, at, self.usual.seq)
            texts.append(written(event, usual, decimals))
            self.usual.seq += 1
        return texts

    def step(self, step: Step) -> None:
        """Run the rows of one moment and compare what came of them with what they say."""
        got = self.come(step)
        for row in step.rows:
            where = f"{self.scenario.page}:{row.line}"
            if step.name.isdigit():
                self.usual.time = opening(step, row)
            for text in filter(None, map(str.strip, row.ask.split(";"))):
                got += self.ask(text)
            if row.journal is not None:
                same(where, "journal", row.journal, "; ".join(got))
            got = []
        for name, expected in step.rows[-1].amounts.items():
            where = f"{self.scenario.page}:{step.rows[-1].line}"
            if name == "margin_level":
                assert math.isclose(float(self.amount(name)), float(expected), rel_tol=1e-12), where
            else:
                same(where, name, expected, self.amount(name))

    def ask(self, text: str) -> list[str]:
        if text == "save":
            return []
        if not text.startswith("fill "):
            self.market.ask(text)
            return self.take()
        wanted, text = not text.endswith(" refused"), text.removesuffix(" refused")
        if " time " not in text:
            text += f" time {self.state.clock_ns // SECOND_NS + 1}"
        self.market.ask(text)
        got = self.take(int(text.split(" time ")[1]) * SECOND_NS)
        assert wanted == any("filled" in part for part in got), f"{self.scenario.page}: {text}"
        return got

    def come(self, step: Step) -> list[str]:
        """Let the bars or the end come, and return what is written of it."""
        if step.rows[0].has_prices:
            try:
                bars = self.bars(step)
                if not step.name.startswith("refused"):
                    time = opening(step, step.rows[0])
                    self.usual = Usual("decision", self.usual.bar + 1, time, self.usual.seq)
                self.market.advance(bars, self.finer(step, bars))
            except RefusedBarError as error:
                return [str(error)]
        elif step.name == "end":
            self.usual.phase = "end"
            self.market.finish()
        return self.take()

    def bars(self, step: Step) -> list[Bar]:
        return [self.bar(row, opening(step, row), 0) for row in step.rows if not row.is_missing]

    def finer(self, step: Step, bars: list[Bar]) -> list[Bar]:
        """Return the finer bars inside bars in the order in which they close."""
        found = []
        for bar in bars:
            rows = [row for row in step.finer if row.instrument == bar.instrument]
            length = bar.close_ns - bar.time_ns or MINUTE_NS
            ends = [bar.time_ns + length * part // max(len(rows), 1) for part in range(len(rows) + 1)]
            found += [
                self.bar(row, first, last - first)
                for row, first, last in zip(rows, ends[:-1], ends[1:], strict=True)
            ]
        return sorted(found, key=lambda bar: (bar.close_ns, bar.instrument))

    def bar(self, row: Row, time: int, length: int) -> Bar:
        terms = self.state.books[row.instrument].terms
        opens = int(exact(row.time) * MINUTE_NS) if row.time else time
        closes = opens + (int(exact(row.length) * MINUTE_NS) if row.length else length)
        opened, high, low, close = (price_of(text, terms) for text in row.prices)
        volume = rounded(exact(row.volume), terms.quantity_decimals) if row.volume else None
        given = rounded(exact(row.given), terms.price_decimals) if row.given else None
        funding = rounded(exact(row.funding), RATE_DECIMALS) if row.funding else None
        return Bar(row.instrument, opens, closes, opened, high, low, close, volume, given, funding)

    def amount(self, name: str) -> str:
        """Return what the account says now, as text."""
        state = self.state
        if name == "position":
            tickets = state.tickets_of(state.books[0])
            held = sum((ticket.sign * ticket.quantity for ticket in tickets), Fraction(0))
            decimals = state.books[0].terms.quantity_decimals
            return decimal(units(held, decimals), decimals)
        if name == "margin_level":
            used = used_margin(state)
            return str(float(equity(state) / used)) if used else "inf"
        return decimal(amounts_of(state)[name], MONEY_DECIMALS)


def opening(step: Step, row: Row) -> int:
    """Return when the bar of a row opens, also when it has none."""
    if row.time:
        return int(exact(row.time) * MINUTE_NS)
    return (int(step.name.split()[-1]) + 1) * MINUTE_NS


def price_of(text: str, terms: Terms) -> Fraction:
    price = rounded(exact(text), terms.price_decimals)
    if price * 10**terms.price_decimals > UNITS_MAX:
        raise RefusedBarError("bar_must_be_in_range")
    return price


def same(where: str, what: str, expected: str, got: str) -> None:
    if expected != got:
        lines = [f"{where}: {what} differs"]
        for name, text in (("page", expected), ("reference", got)):
            lines += [f"  {name}:"] + [f"    {part or '(nothing)'}" for part in text.split("; ")]
        raise AssertionError("\n".join(lines))


def run(scenario: Scenario) -> None:
    """Run a scenario; raise AssertionError when the reference says other than the page."""
    running = TableRun(scenario)
    for step in scenario.steps:
        running.step(step)
    wanted = dict(scenario.figures).get("ambiguous_bars")
    if wanted is not None:
        same(scenario.page, "ambiguous_bars", wanted, str(len(running.state.ambiguous)))
