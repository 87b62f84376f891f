"""Backtest a trading strategy, written once in Python, on a fast and exact kernel."""

import typing as _typing

from eyas import data, indicators, presets
from eyas.asking import at, away, risk
from eyas.backtest import backtest, interval
from eyas.data import bars, sample
from eyas.errors import DataError, EyasError, StrategyError, UsageError
from eyas.journal import Journal
from eyas.market import Step
from eyas.model import Account, Bar, Bars, Event, LookAheadError, Series, Ticket
from eyas.parameters import param
from eyas.reports import Report, Summary
from eyas.rules import Rules
from eyas.signals import Signals
from eyas.strategy import Strategy
from eyas.sweep import Sweep, between, sweep

if _typing.TYPE_CHECKING:
    from eyas import research
    from eyas.data.catalog import load
    from eyas.lookahead.check import check
    from eyas.record import open  # noqa: A004 - it opens what a run saved

__all__ = [
    "Account",
    "Bar",
    "Bars",
    "DataError",
    "Event",
    "EyasError",
    "Journal",
    "LookAheadError",
    "Report",
    "Rules",
    "Series",
    "Signals",
    "Step",
    "Strategy",
    "StrategyError",
    "Summary",
    "Sweep",
    "Ticket",
    "UsageError",
    "at",
    "away",
    "backtest",
    "bars",
    "between",
    "check",
    "data",
    "indicators",
    "interval",
    "load",
    "open",
    "param",
    "presets",
    "research",
    "risk",
    "sample",
    "sweep",
]

# A type checker sees the names above, and so finds a misspelt one.
if not _typing.TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Import what a plain backtest does not need when it is first asked for."""
        from importlib import import_module

        home = {
            "check": "eyas.lookahead",
            "load": "eyas.data.catalog",
            "open": "eyas.record",
            "research": "",
        }
        if name not in home:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        if not home[name]:
            return import_module(f"eyas.{name}")
        found = globals()[name] = getattr(import_module(home[name]), name)
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
