"""The command line: `eyas backtest`, `eyas samples`, `eyas rules`."""

from __future__ import annotations

from eyas.cli.app import main

__all__ = ["main"]
