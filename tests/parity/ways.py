"""Every way to run a strategy, and what each came to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import eyas
from eyas.backtest import checked_of
from eyas.errors import StrategyError
from eyas.journal import Journal
from eyas.loading import market_of
from eyas.session import Session, pump
from eyas.sweep.trials import Trials
from tests.parity.markets import Case
from tests.parity.strategies import Written

CASH = "10000"


class Outcome(NamedTuple):
    """Hold what a run came to: journal, equity up to its last bar, and the error that ended it, if any."""

    journal: bytes
    equity: bytes
    failure: str = ""

    @property
    def fills_digest(self) -> str:
        return Journal(self.journal).fills_digest


def in_plain_python(made: type[eyas.Strategy], case: Case) -> Outcome:
    """Run with the pump that is written in Python, which says what the others mean."""
    session = Session(made(), case.bars, case.rules, CASH)
    session.start()
    count = len(session.market)
    try:
        pump(session, 0, count)
        session.finish()
    except Exception as error:  # noqa: BLE001 - a strategy may raise anything
        now = session.account.bar_index
        session.equity[now] = session.account.equity
        return Outcome(session.account.journal(), session.equity[: now + 1].tobytes(), said(error))
    return Outcome(session.account.journal(), session.equity.tobytes())


def by(engine: Any) -> Callable[[type[eyas.Strategy], Case], Outcome]:
    """Return the way of an engine of `eyas.backtest`."""

    def run(made: type[eyas.Strategy], case: Case) -> Outcome:
        try:
            report = eyas.backtest(
                made(), case.bars, cash=CASH, rules=case.rules, quality="off", engine=engine
            )
        except StrategyError as error:
            if error.report is None or error.__cause__ is None:
                raise
            return Outcome(error.report.journal.data, error.report.curve.tobytes(), said(error.__cause__))
        return Outcome(report.journal.data, report.curve.tobytes())

    return run


def on_its_signals(made: type[eyas.Strategy], case: Case) -> Outcome:
    """Run the arrays alone, as somebody gives them who has no strategy."""
    signals = made().signals(case.bars)
    report = eyas.backtest(signals, case.bars, cash=CASH, rules=case.rules, quality="off")
    return Outcome(report.journal.data, report.curve.tobytes())


def said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"


def ways_of(one: Written) -> dict[str, Callable[[type[eyas.Strategy], Case], Outcome]]:
    """Return the ways that apply to a strategy; the first is what the others must come to."""
    ways = {"plain Python": in_plain_python, "python": by("python")}
    if one.kind != "hooks":
        ways["compiled"] = by("compiled")
    if one.kind == "up front":
        ways["arrays"] = by("arrays")
        ways["signals"] = on_its_signals
    return ways


def engines_of(one: Written) -> list[str]:
    """Return the engines that a sweep can run a strategy with."""
    return {"hooks": ["python"], "state": ["python", "compiled"]}.get(
        one.kind, ["python", "compiled", "arrays"]
    )


def trials_of(made: type[eyas.Strategy], case: Case, engine: str) -> Trials:
    """Return what runs a sweep's trials."""
    market = market_of(case.bars, None, "merged", case.rules)
    return Trials(made, market, case.rules, CASH, checked_of(market, {}, "off"), engine)
