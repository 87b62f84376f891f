"""Run the scenarios of `spec/` through the compiled kernel, and compare the texts of what came of them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np

from eyas import _kernel
from tests.spec_tables import Malformed, Row, Scenario

MINUTE_NS = 60_000_000_000
SECOND_NS = 1_000_000_000
NUMBER = re.compile(r"-?\d+(\.\d+)?|nan|-?inf")


# --- asking ---


class Words:
    """The words of one ask, taken from the front."""

    def __init__(self, text: str, where: str) -> None:
        self.rest, self.text, self.where = text.split(), text, where

    def next(self) -> str:
        if not self.rest:
            raise Malformed(f"{self.where}: something is missing in the ask {self.text!r}")
        return self.rest.pop(0)

    def skip(self, *names: str) -> str | None:
        return self.rest.pop(0) if self.rest and self.rest[0] in names else None

    def number(self) -> float:
        word = self.next()
        if not NUMBER.fullmatch(word):
            raise Malformed(f"{self.where}: {word} is no number in the ask {self.text!r}")
        return float(word)

    def whole(self) -> int:
        word = self.next()
        if not word.isdigit():
            raise Malformed(f"{self.where}: {word} is no whole number in the ask {self.text!r}")
        return int(word)

    def named(self, bare: str, *names: str) -> tuple[str, float]:
        return self.skip(*names) or bare, self.number()

    def end(self) -> None:
        if self.rest:
            raise Malformed(f"{self.where}: {self.rest[0]} cannot stand in the ask {self.text!r}")


def ask(account: _kernel.Account, text: str, time: int, where: str) -> int:
    """Ask for one thing, and return the time that its events must have."""
    words = Words(text, where)
    verb = words.next()
    if verb in ("buy", "sell"):
        size = words.named("quantity", "notional", "fraction")
        kind = words.skip("limit", "stop")
        order = (kind, words.number()) if kind else ("market", 0.0)
        level = ("price", "distance", "fraction")
        stop_loss = words.named(*level) if words.skip("stop_loss") else None
        take_profit = words.named(*level) if words.skip("take_profit") else None
        words.end()
        account.open(verb, size, order, stop_loss=stop_loss, take_profit=take_profit)
    elif verb == "close":
        ticket = words.whole()
        size = words.named("quantity", "notional", "fraction") if words.rest else ("fraction", 1.0)
        words.end()
        account.close(ticket, size)
    elif verb == "cancel":
        number = words.whole()
        words.end()
        account.cancel(number)
    elif verb == "fill":
        fill(account, words, time + SECOND_NS)
        return time + SECOND_NS
    else:
        raise Malformed(f"{where}: nobody can ask {text!r}")
    return time


def fill(account: _kernel.Account, words: Words, time: int) -> None:
    """Tell of a fill by the venue, which the account must take, or must not."""
    number, quantity = words.whole(), words.next()
    if not words.skip("at"):
        raise Malformed(f"{words.where}: at is missing in the ask {words.text!r}")
    price = words.next()
    fee = words.next() if words.skip("fee") else "0"
    refused = words.skip("refused") is not None
    words.end()
    if account.apply(number, price, quantity, fee, time=time) == refused:
        raise AssertionError(f"{words.where}: {words.text} was {'' if refused else 'not '}taken")


# --- writing what came of it ---

JOURNAL = np.dtype([(name, f"V{width}") for name, _, width in _kernel.EVENT_FIELDS])
SIGNED = {name: kind.startswith("i") for name, kind, _ in _kernel.EVENT_FIELDS}


def events(account: _kernel.Account) -> list[dict[str, int]]:
    """Return the journal as exact integers."""
    records = np.frombuffer(account.journal(), JOURNAL)
    return [
        {name: int.from_bytes(bytes(record[name]), "little", signed=SIGNED[name]) for name in SIGNED}
        for record in records
    ]


def decimal(units: int, decimals: int) -> str:
    whole, part = divmod(abs(units), 10**decimals)
    text = f"{whole}.{part:0{decimals}}".rstrip("0").rstrip(".") if decimals else str(whole)
    return f"-{text}" if units < 0 else text


@dataclass
class Moment:
    """What goes without saying of the events of a row."""

    phase: str
    bar: int
    time: int
    seq: int


def written(event: dict[str, int], now: Moment, price_decimals: int) -> str:
    """Write an event, leaving out what goes without saying."""
    kind, phase = _kernel.EVENT_KINDS[event["kind"]], _kernel.PHASES[event["phase"]]
    ticket = 0 if event["ticket"] == event["order"] else event["ticket"]
    traded = kind in ("submitted", "filled")
    cause = ("close" if ticket else "entry") if traded else "none"
    money = {name: decimal(event[name], 16) for name in ("fee", "profit", "cash")}
    price, reference = (decimal(event[name], price_decimals) for name in ("price", "reference"))
    sign = "+" if event["quantity"] > 0 else ""
    usual_cash = decimal(event["profit"] - event["fee"], 16) if kind == "filled" else "0"
    parts = (
        ("", f"{phase}:", f"{now.phase}:"),
        ("", kind, ""),
        ("", str(event["order"]), "0"),
        ("of ", str(ticket), "0"),
        (sign, decimal(event["quantity"], 16 - price_decimals), "0"),
        ("at ", price, "0"),
        ("from ", reference, price if kind == "filled" else "0"),
        ("fee ", money["fee"], "0"),
        ("profit ", money["profit"], "0"),
        ("cash ", money["cash"], usual_cash),
        ("", _kernel.CAUSES[event["cause"]], cause),
        ("", _kernel.REFUSALS[event["refusal"]], "none"),
        ("bar ", str(event["bar"]), str(now.bar)),
        ("time ", str(event["time_ns"]), str(now.time)),
        ("seq ", str(event["seq"]), str(now.seq)),
        ("instrument ", str(event["instrument"]), "0"),
    )
    return " ".join(name + value for name, value, usual in parts if value != usual)


# --- running ---


class Run:
    """One scenario on its way through the kernel."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.decimals = int(dict(scenario.rules).get("price_decimals", "8"))
        try:
            self.account = _kernel.Account(scenario.cash, scenario.rules, time=0)
        except (KeyError, ValueError) as error:
            raise Malformed(f"{scenario.page}:{scenario.line}: {error}") from None
        self.bars = [row for row in scenario.rows if any(row.prices)]
        self.history = self.columns()
        self.place = 0
        self.now = Moment("start", -1, 0, 0)
        self.curve: list[float] = []
        assert self.take() == [f"transferred cash {decimal(self.cash_from_journal(), 16)}"]

    def columns(self) -> _kernel.History:
        times = [(int(row.bar.split()[-1]) + 1) * MINUTE_NS for row in self.bars]
        for row in self.bars:
            if not all(NUMBER.fullmatch(price) for price in row.prices):
                raise Malformed(f"{self.scenario.page}:{row.line}: prices {row.prices} are not all numbers")
        opens, highs, lows, closes = ([float(row.prices[place]) for row in self.bars] for place in range(4))
        return _kernel.History(
            np.array(times, np.int64),
            np.array(opens, np.float64),
            np.array(highs, np.float64),
            np.array(lows, np.float64),
            np.array(closes, np.float64),
            np.ones(len(self.bars)),
        )

    def take(self) -> list[str]:
        """Return the events since the last call, written."""
        texts = []
        for event in events(self.account)[self.now.seq :]:
            texts.append(written(event, self.now, self.decimals))
            self.now.seq += 1
        return texts

    def cash_from_journal(self) -> int:
        return sum(event["cash"] for event in events(self.account))

    def row(self, row: Row) -> None:
        """Run one row and compare what came of it with what it says."""
        where = f"{self.scenario.page}:{row.line}"
        got = self.come(row)
        for text in filter(None, map(str.strip, row.ask.split(";"))):
            usual = self.now.time
            self.now.time = ask(self.account, text, usual, where)
            got += self.take()
            self.now.time = usual
        if row.journal is not None:
            compare(where, "journal", row.journal, "; ".join(got))
        for name, expected in row.amounts.items():
            compare(where, name, expected, self.account.exact(name))
        by_journal = decimal(self.cash_from_journal(), 16)
        compare(where, "cash by the journal", by_journal, self.account.exact("cash"))
        if row.bar.isdigit():
            self.curve.append(self.account.equity)

    def come(self, row: Row) -> list[str]:
        """Let the bar or the end come, and return what is written of it."""
        if any(row.prices):
            self.history.move_to(self.place)
            self.place += 1
            if row.bar.startswith("refused"):
                return [self.refused()]
            self.now = Moment("decision", self.now.bar + 1, (int(row.bar) + 1) * MINUTE_NS, self.now.seq)
            self.account.advance(self.history)
        elif row.bar == "end":
            self.now.phase = "end"
            self.account.finish()
            if self.curve:
                self.curve[-1] = self.account.equity
        return self.take()

    def refused(self) -> str:
        try:
            self.account.advance(self.history)
        except ValueError as error:
            return str(error).partition(": ")[2].replace(" ", "_")
        return "taken"

    def figures(self) -> None:
        """Compare the figures of the report."""
        wanted = dict(self.scenario.figures)
        where = f"{self.scenario.page}:{self.scenario.line}"
        bars_per_year = float(wanted.pop("bars_per_year", "nan"))
        curve = _kernel.curve_figures(float(self.scenario.cash), np.array(self.curve), bars_per_year)
        figures = self.account.trade_figures() | curve
        for name, text in wanted.items():
            if name not in figures or not NUMBER.fullmatch(text):
                raise Malformed(f"{where}: there is no figure {name}={text}")
            stated, got = float(text), float(figures[name])
            if not math.isclose(stated, got, rel_tol=1e-12) and not (math.isnan(stated) and math.isnan(got)):
                compare(where, name, text, repr(got))


def compare(where: str, what: str, expected: str, got: str) -> None:
    if expected != got:
        lines = (f"{where}: {what} differs", *difference(expected, got))
        raise AssertionError("\n".join(lines))


def difference(expected: str, got: str) -> list[str]:
    """Return both texts an event a line, with what differs marked."""
    pairs = (("expected", expected, got), ("got", got, expected))
    lines = []
    for name, text, other in pairs:
        lines.append(f"  {name}:")
        same = other.split("; ")
        lines += [f"    {' ' if part in same else '!'} {part or '(nothing)'}" for part in text.split("; ")]
    return lines


def run(scenario: Scenario) -> None:
    """Run a scenario; raise AssertionError when the kernel differs, Malformed when it cannot be read."""
    running = Run(scenario)
    for row in scenario.rows:
        running.row(row)
    if scenario.figures:
        running.figures()
