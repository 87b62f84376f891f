"""Backtest a trading strategy, written once in Python, on a fast and exact kernel."""

from eyas import indicators, presets
from eyas.asking import at, away, risk
from eyas.backtest import Interval, backtest, interval
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

__all__ = [
    "Account",
    "Bar",
    "Bars",
    "DataError",
    "Event",
    "EyasError",
    "Interval",
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
    "Ticket",
    "UsageError",
    "at",
    "away",
    "backtest",
    "bars",
    "indicators",
    "interval",
    "param",
    "presets",
    "risk",
    "sample",
]
