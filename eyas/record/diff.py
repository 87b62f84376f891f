"""Why two runs differ, of reports or of records on disk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from eyas.errors import UsageError
from eyas.record.opening import open_record
from eyas.reports import Report
from eyas.reports.difference import Difference, difference

Run: TypeAlias = Report | str | Path


def diff(a: Run, b: Run) -> Difference:
    """Return why run B differs from run A, trade by trade; each is a report, or the path of a record.

    Raises UsageError for what is neither, or for runs without a symbol in common, and DataError for a file
    that is no record.

    >>> import eyas
    >>> class Hold(eyas.Strategy):
    ...     def on_bar(self, bar: eyas.Bar) -> None:
    ...         if bar.index == 0:
    ...             self.buy(quantity=10)
    >>> bars = eyas.sample("AAPL", "1d")
    >>> free, dear = eyas.backtest(Hold(), bars), eyas.backtest(Hold(), bars, fee_rate="0.001")
    >>> diff(free, dear).counts
    {'fee': 1}
    """
    found = difference(report_of(a, "first"), report_of(b, "second"))
    return replace(found, a=replace(found.a, source=source_of(a)), b=replace(found.b, source=source_of(b)))


def report_of(given: Run, place: str) -> Report:
    """Return a report as it is, and what is at a path opened."""
    if isinstance(given, Report):
        return given
    if isinstance(given, str | Path):
        return open_record(given)
    raise UsageError(f"diff takes two reports or paths of records, but the {place} is {type(given).__name__}")


def source_of(given: Run) -> str:
    """Return the file that a run was in; nothing for one that was not."""
    return "" if isinstance(given, Report) else str(given)
