"""Signals that were closed: the rows that all statistics are computed on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from eyas.errors import UsageError
from eyas.metrics.trades import LARGEST

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

Rows: TypeAlias = "pl.DataFrame | Iterable[Mapping[str, Any]]"
NEEDED = ("pnl_percentage", "pending_at", "close_timestamp")
OPTIONAL = ("price_close", "peak_pnl", "fall_pnl")


@dataclass(frozen=True, eq=False)
class ClosedSignals:
    """Hold closed signals as columns, in order of their closing; one valid set for all statistics.

    `pnl_percentage` is what each earned, in percent of what it invested; `pending_at` when its position was
    opened and `close_timestamp` when it was closed (milliseconds since 1970 UTC); `price_close` at what
    price; `peak_pnl` and `fall_pnl` its best and worst running profit in percent; NaN where not known, no
    column where not known of any.
    Rows without both times above zero are left out, the others sorted by their closing. Raises UsageError
    for columns of different lengths, and for a profit that is not a number.

    >>> signals = ClosedSignals([1.0, -2.0], [60_000, 120_000], [400_000, 300_000])
    >>> signals.pnl_percentage.tolist()
    [-2.0, 1.0]
    """

    pnl_percentage: NDArray[np.float64]
    pending_at: NDArray[np.float64]
    close_timestamp: NDArray[np.float64]
    price_close: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    peak_pnl: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    fall_pnl: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    symbol: Sequence[str] | None = None

    def __post_init__(self) -> None:
        columns = {name: self._column(name) for name in (*NEEDED, *OPTIONAL)}
        pending, closed = columns["pending_at"], columns["close_timestamp"]
        # NaN is not above zero, and an endless time is none.
        is_valid = (pending > 0) & (closed > 0) & (pending < np.inf) & (closed < np.inf)
        rows = np.flatnonzero(is_valid)
        rows = rows[np.argsort(closed[rows], kind="stable")]
        pnl = columns["pnl_percentage"][rows]
        wrong = np.flatnonzero(~(np.abs(pnl) < LARGEST))
        if len(wrong):
            row = int(rows[wrong[0]])
            raise UsageError(
                f"pnl_percentage of row {row} is {pnl[wrong[0]]}, but must be a number of percent"
            )
        for name, column in columns.items():
            object.__setattr__(self, name, column[rows])
        if self.symbol is not None:
            if len(self.symbol) != len(is_valid):
                raise UsageError(
                    f"symbol has {len(self.symbol)} rows, but pnl_percentage has {len(is_valid)}"
                )
            object.__setattr__(self, "symbol", [self.symbol[row] for row in rows.tolist()])

    def _column(self, name: str) -> NDArray[np.float64]:
        given, count = getattr(self, name), len(self.pnl_percentage)
        if not len(given) and name in OPTIONAL:
            return np.full(count, np.nan)
        column = np.asarray(given, dtype=np.float64)
        if column.shape != (count,):
            raise UsageError(
                f"{name} has {len(column)} rows, but pnl_percentage has {count}: one for each signal"
            )
        return column

    def __len__(self) -> int:
        return len(self.pnl_percentage)

    def __repr__(self) -> str:
        return f"<ClosedSignals: {len(self):,}>"

    @cached_property
    def duration_minutes(self) -> NDArray[np.float64]:
        """How long each was open, in minutes and their fractions."""
        return (self.close_timestamp - self.pending_at) / 60_000.0

    @cached_property
    def span_days(self) -> float:
        """Days from the first opening to the last closing; 0 without signals."""
        if not len(self):
            return 0.0
        return float(self.close_timestamp.max() - self.pending_at.min()) / 86_400_000.0

    @cached_property
    def _rows_by_symbol(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for row, name in enumerate(self.symbol or []):
            found.setdefault(name, []).append(row)
        return found

    def of(self, symbol: str) -> ClosedSignals:
        """Return only the signals of a symbol."""
        rows = self._rows_by_symbol.get(symbol, [])
        columns = {name: getattr(self, name)[rows] for name in (*NEEDED, *OPTIONAL)}
        return ClosedSignals(**columns, symbol=[symbol] * len(rows))


def closed_signals(rows: Rows) -> ClosedSignals:
    """Return closed signals of rows: dicts or a frame with the columns of ClosedSignals, by name.

    None stands for what is not known; other columns are left alone. Raises UsageError without the columns
    that are needed, where there are rows.

    >>> closed_signals([{"pnl_percentage": 1.5, "pending_at": 60_000, "close_timestamp": 120_000}])
    <ClosedSignals: 1>
    """
    records = records_of(rows)
    missing = [name for name in NEEDED if records and not any(name in record for record in records)]
    if missing:
        raise UsageError(f"closed signals need {', '.join(NEEDED)}, but these have no {missing[0]}")
    columns = {name: numbers_of(records, name) for name in (*NEEDED, *OPTIONAL)}
    has_symbols = any("symbol" in record for record in records)
    symbols = [str(record.get("symbol", "")) for record in records] if has_symbols else None
    return ClosedSignals(**columns, symbol=symbols)


def records_of(rows: Rows) -> list[Mapping[str, Any]]:
    """Return rows of a frame or of anything that gives dicts, as a list of dicts."""
    frame: Any = rows
    return list(frame.to_dicts() if hasattr(frame, "to_dicts") else frame)


def numbers_of(records: Sequence[Mapping[str, Any]], name: str) -> NDArray[np.float64]:
    """Return a column of rows as numbers, NaN for what is none."""
    return np.array([as_number(record.get(name)) for record in records], dtype=np.float64)


def as_number(value: object) -> float:
    """Return a number as a float; NaN for anything else: a truth value is no number, nor is a text."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else np.nan
