"""Say whose fault it is.

EyasError
├── UsageError     the call is wrong: an unknown parameter, cash of zero, a fee of 100 %
├── DataError      the bars are wrong: out of order, missing, or not numbers
└── StrategyError  your strategy raised; the report up to that bar is kept
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eyas.reports import Report


class EyasError(Exception):
    """Stand for everything that eyas raises on purpose."""


class UsageError(EyasError, ValueError):
    """Say that a call's arguments are wrong, and what would be right."""


class DataError(EyasError, ValueError):
    """Say which file, row, column and value of the bars is wrong, and what to do."""


class StrategyError(EyasError):
    """Say that a strategy raised, on which bar and when.

    The strategy's own exception is the cause (`__cause__`), with its traceback. `report` is the
    run up to that bar, so nothing that happened before is lost; it is None when the strategy
    failed before the first bar.
    """

    # Defaults, so that it survives pickling on its way out of another process.
    def __init__(self, message: str, *, bar_index: int | None = None, report: Report | None = None) -> None:
        super().__init__(message)
        self.bar_index = bar_index
        self.report = report
