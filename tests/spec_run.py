"""Run the scenarios of `spec/` through the compiled kernel, and compare the texts of what came of them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from eyas import _kernel
from tests.spec_ask import NUMBER, SECOND_NS, ask_in_floats
from tests.spec_folds import Folds
from tests.spec_tables import Malformed, Row, Scenario, Step

MINUTE_NS = 60 * SECOND_NS

# Instrument, opening and closing time, then open, high, low, close, volume, given price, funding rate.
Bar = tuple[int, int, int, float, float, float, float, float, float, float]

# --- writing what came of it ---

JOURNAL = np.dtype([(name, f"V{width}") for name, _, width in _kernel.EVENT_FIELDS])
SIGNED = {name: kind.startswith("i") for name, kind, _ in _kernel.EVENT_FIELDS}


NAMED = ("stop_limit", "limit_if_touched", "market_if_touched", "trailing_stop")


def events(account: _kernel.Account, first: int) -> list[dict[str, int]]:
    """Return the journal from a sequence number on, as exact integers."""
    records = np.frombuffer(account.journal(), JOURNAL)
    if not len(records):
        return []
    # The journal of a loaded account begins where it was saved.
    earliest = int.from_bytes(bytes(records[0]["seq"]), "little")
    return [
        {name: int.from_bytes(bytes(record[name]), "little", signed=SIGNED[name]) for name in SIGNED}
        for record in records[max(first - earliest, 0) :]
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
    traded, paid = kind in ("submitted", "filled"), kind in ("filled", "charged")
    cause = ("close" if ticket else "entry") if traded else "none"
    money = {name: decimal(event[name], 16) for name in ("fee", "profit", "cash")}
    price, reference = (decimal(event[name], price_decimals) for name in ("price", "reference"))
    sign = "+" if event["quantity"] > 0 else ""
    usual_cash = decimal(event["profit"] - event["fee"], 16) if paid else "0"
    order_kind = _kernel.ORDER_KINDS[event["order_kind"]]
    says_levels = kind == "amended" and event["ticket"] != 0
    stop, target = (decimal(event[name], price_decimals) for name in ("stop_loss", "take_profit"))
    parts = (
        ("", f"{phase}:", f"{now.phase}:"),
        ("", kind, ""),
        ("", order_kind, order_kind if kind != "submitted" or order_kind not in NAMED else ""),
        ("", str(event["order"]), "0"),
        ("of ", str(ticket), "0"),
        (sign, decimal(event["quantity"], 16 - price_decimals), "0"),
        ("at ", price, "0"),
        ("from ", reference, price if kind == "filled" else "0"),
        ("stop ", stop, "0" if says_levels else stop),
        ("target ", target, "0" if says_levels else target),
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
    """One scenario on its way through the kernel: asked in words, or in the floats of a person."""

    def __init__(self, scenario: Scenario, in_words: bool) -> None:
        self.scenario, self.in_words = scenario, in_words
        own = [[*scenario.rules, *pairs] for pairs in scenario.instruments or [[]]]
        self.decimals = [int(dict(pairs).get("price_decimals", "8")) for pairs in own]
        instruments = scenario.instruments or None
        try:
            self.account = _kernel.Account(scenario.cash, scenario.rules, time=0, instruments=instruments)
        except (KeyError, ValueError) as error:
            raise Malformed(f"{scenario.page}:{scenario.line}: {error}") from None
        self.now = Moment("start", -1, 0, 0)
        self.clock = 0
        self.cash = 0
        self.curve: list[float] = []
        self.folds = Folds(self.account, dict(scenario.rules), self.decimals)
        assert self.take() == [f"transferred cash {decimal(self.cash, 16)}"]

    def take(self, time: int | None = None) -> list[str]:
        """Return the events since the last call, written; those of a venue's fill have its time."""
        texts = []
        self.folds.keep(self.account, self.now.seq)
        for event in events(self.account, self.now.seq):
            usual = self.now.time if time is None else time
            now = Moment(self.now.phase, self.now.bar, usual, self.now.seq)
            # An order for an instrument that is not there is refused, and names it.
            known = event["instrument"] < len(self.decimals)
            texts.append(written(event, now, self.decimals[event["instrument"] if known else 0]))
            self.cash += event["cash"]
            self.now.seq += 1
        return texts

    def step(self, step: Step) -> None:
        """Run the rows of one moment and compare what came of them with what they say."""
        got = self.come(step)
        for row in step.rows:
            where = f"{self.scenario.page}:{row.line}"
            if step.name.isdigit():
                self.now.time = self.opening(step, row)
            for text in filter(None, map(str.strip, row.ask.split(";"))):
                got += self.ask(text, where)
            if row.journal is not None:
                compare(where, "journal", row.journal, "; ".join(got))
            got = []
        self.amounts(step.rows[-1])
        if step.name.isdigit():
            self.curve.append(self.account.equity)

    def amounts(self, row: Row) -> None:
        where = f"{self.scenario.page}:{row.line}"
        for name, expected in row.amounts.items():
            got = self.account.exact(name)
            if name == "margin_level":
                near(where, name, expected, float(got))
            else:
                compare(where, name, expected, got)
        if not any(name == "currency" for pairs in self.scenario.instruments for name, _ in pairs):
            compare(where, "cash by the journal", decimal(self.cash, 16), self.account.exact("cash"))

    def ask(self, text: str, where: str) -> list[str]:
        """Ask for one thing, and return what is written of it."""
        if text == "save":
            self.account = _kernel.Account.load(self.account.save())
            return []
        if not text.startswith("fill "):
            self.ask_once(text, where)
            return self.take()
        wanted, timed = not text.endswith(" refused"), text.removesuffix(" refused")
        if " time " not in timed:
            timed += f" time {self.clock // SECOND_NS + 1}"
        self.ask_once(timed, where)
        written = self.take(int(timed.split(" time ")[1]) * SECOND_NS)
        if wanted != any(re.match(r"(\w+: )?filled ", part) for part in written):
            raise AssertionError(f"{where}: {text} was {'not ' if wanted else ''}taken")
        return written

    def ask_once(self, text: str, where: str) -> None:
        if not self.in_words:
            ask_in_floats(self.account, text, where)
            return
        try:
            self.account.ask(text)
        except ValueError as error:
            raise Malformed(f"{where}: {error}") from None

    def come(self, step: Step) -> list[str]:
        """Let the bars or the end come, and return what is written of it."""
        if step.rows[0].has_prices:
            bars, finer = self.bars(step)
            if step.name.startswith("refused"):
                return [self.refused(bars, finer)]
            time = self.opening(step, step.rows[0])
            self.now = Moment("decision", self.now.bar + 1, time, self.now.seq)
            self.clock = max(bar[2] for bar in bars)
            self.account.advance_rows(bars, finer)
            self.folds.take(self.now.bar, bars)
        elif step.name == "end":
            self.now.phase = "end"
            self.account.finish()
            if self.curve:
                self.curve[-1] = self.account.equity
        return self.take()

    def refused(self, bars: list[Bar], finer: list[Bar]) -> str:
        try:
            self.account.advance_rows(bars, finer)
        except ValueError as error:
            return str(error).rpartition(": ")[2].replace(" ", "_")
        return "taken"

    def bars(self, step: Step) -> tuple[list[Bar], list[Bar]]:
        """Return the bars of a step, and the finer bars inside them in the order in which they close."""
        bars = [self.bar(row, self.opening(step, row), 0) for row in step.rows if not row.is_missing]
        all_finer = []
        for instrument, opens, closes, *_ in bars:
            finer = [row for row in step.finer if row.instrument == instrument]
            # Bars come a minute apart where none says how long it lasts.
            length = closes - opens or MINUTE_NS
            ends = [opens + length * part // max(len(finer), 1) for part in range(len(finer) + 1)]
            all_finer += [
                self.bar(row, first, last - first)
                for row, first, last in zip(finer, ends[:-1], ends[1:], strict=True)
            ]
        if len(all_finer) < len(step.finer):
            raise Malformed(f"{self.scenario.page}:{step.finer[0].line}: a finer bar is inside no bar")
        return bars, sorted(all_finer, key=lambda bar: (bar[2], bar[0]))

    def opening(self, step: Step, row: Row) -> int:
        """Return when the bar of a row opens, also when it has none."""
        if not row.time:
            return (int(step.name.split()[-1]) + 1) * MINUTE_NS
        if not NUMBER.fullmatch(row.time):
            raise Malformed(f"{self.scenario.page}:{row.line}: {row.time!r} is no number")
        return int(Decimal(row.time) * MINUTE_NS)

    def bar(self, row: Row, time: int, length: int) -> Bar:
        """Return the bar of a row, given what its time and its length are when it says nothing of them."""
        where = f"{self.scenario.page}:{row.line}"
        if row.instrument >= len(self.decimals):
            raise Malformed(f"{where}: there is no instrument {row.instrument}")
        optional = tuple(text or "nan" for text in (row.volume, row.given, row.funding))
        for text in (*row.prices, *optional, row.time or "0", row.length or "0"):
            if not NUMBER.fullmatch(text):
                raise Malformed(f"{where}: {text!r} is no number")
        opens = int(Decimal(row.time) * MINUTE_NS) if row.time else time
        closes = opens + (int(Decimal(row.length) * MINUTE_NS) if row.length else length)
        first, high, low, last = map(float, row.prices)
        volume, given, funding = map(float, optional)
        return row.instrument, opens, closes, first, high, low, last, volume, given, funding

    def figures(self) -> None:
        """Compare the figures of the report."""
        wanted = dict(self.scenario.figures)
        where = f"{self.scenario.page}:{self.scenario.line}"
        bars_per_year = float(wanted.pop("bars_per_year", "nan"))
        curve = _kernel.curve_figures(float(self.scenario.cash), np.array(self.curve), bars_per_year)
        figures = self.account.trade_figures() | curve | {"ambiguous_bars": self.account.ambiguous_bars}
        for name, text in wanted.items():
            if name not in figures:
                raise Malformed(f"{where}: there is no figure {name}={text}")
            near(where, name, text, float(figures[name]))


def near(where: str, name: str, text: str, got: float) -> None:
    """Compare a float with its text, to 12 digits."""
    if not NUMBER.fullmatch(text):
        raise Malformed(f"{where}: {name} is {text!r}, no number")
    stated = float(text)
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


def run(scenario: Scenario, in_words: bool = False) -> None:
    """Run a scenario; raise AssertionError when the kernel differs, Malformed when it cannot be read."""
    running = Run(scenario, in_words)
    for step in scenario.steps:
        running.step(step)
    if scenario.figures:
        running.figures()
    for name, text in scenario.folds:
        where = f"{scenario.page}:{scenario.line}"
        got = running.folds.figure(name, running.curve)
        if got is None:
            raise Malformed(f"{where}: no fold says {name}")
        near(where, name, text, got)
