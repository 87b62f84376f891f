"""What a trial comes to: one row of figures, its journal's digest, and what statistics over trials need."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.metrics.gates import ANNUAL_FROM_DAYS
from eyas.model import TRIAL_FIGURES
from eyas.reports.summary import YEAR_NS, annual

if TYPE_CHECKING:
    from numpy.typing import NDArray

BLOCKS = 16
DONE, REFUSED, FAILED = 0, 1, 2
"""States of a trial: it ran to its end; the strategy refused its parameters; it failed on the way."""

FIGURES = (
    "equity_final",
    "total_return",
    "annual_return",
    "volatility",
    "sharpe",
    "sortino",
    "calmar",
    "max_drawdown",
    "max_drawdown_bars",
    "exposure",
    "trades",
    "win_rate",
    "profit_factor",
    "net_profit",
    "average_trade",
    "best_trade",
    "worst_trade",
    "fees",
    "charges",
    "refused",
    "ambiguous_bars",
)
"""The figures of a row, by the names and conventions of `eyas.Summary`; NaN for what cannot be said.

Sharpe and Sortino ratio and volatility are said of runs below 30 days too: trials are ranked by them.
"""

# `blocks`: for each of 16 equal stretches of the run how many returns of bars it has, their sum, the sum of
# their squares; `sum3` and `sum4` are the sums of cubes and fourth powers over the whole run.
TRIAL_DTYPE = np.dtype(
    [
        *((name, "<f8") for name in FIGURES),
        ("bars", "<f8"),
        ("sum3", "<f8"),
        ("sum4", "<f8"),
        ("blocks", "<f8", (BLOCKS, 3)),
        ("digest", "V32"),
        ("status", "u1"),
    ]
)

SINGLE = {name: place for place, name in enumerate(TRIAL_FIGURES)}
COUNT = len(TRIAL_FIGURES) + 3 * BLOCKS
AS_THEY_ARE = tuple(name for name in (*FIGURES, "bars", "sum3", "sum4") if name in SINGLE)
WITHOUT_TRADES = ("best_trade", "worst_trade")


@dataclass(frozen=True, slots=True)
class Span:
    """Hold how long a run is: its steps, and its years of 365.25 days."""

    steps: int
    years: float

    @classmethod
    def of(cls, time: NDArray[np.int64]) -> Span:
        """Return the span of the steps of a run; parts that ran one after the other are added up."""
        starts = np.flatnonzero(np.diff(time) < 0) + 1
        length_ns = sum(int(part[-1]) - int(part[0]) for part in np.split(time, starts))
        return cls(len(time), length_ns / YEAR_NS)

    @property
    def bars_per_year(self) -> float:
        """Steps in a year, NaN where the run has no length."""
        return (self.steps - 1) / self.years if self.years > 0 else math.nan

    @property
    def is_long_enough(self) -> bool:
        """Whether yearly figures can be said."""
        return self.years * 365.25 >= ANNUAL_FROM_DAYS


def rows_of(figures: NDArray[np.float64], digests: bytes | Sequence[bytes], span: Span) -> NDArray[np.void]:
    """Return rows of TRIAL_DTYPE from the kernel's: COUNT floats and a digest of each trial."""
    count = len(figures)
    rows = np.zeros(count, dtype=TRIAL_DTYPE)
    if not count:
        return rows
    for name in AS_THEY_ARE:
        rows[name] = figures[:, SINGLE[name]]
    rows["blocks"] = figures[:, len(TRIAL_FIGURES) :].reshape(count, BLOCKS, 3)
    whole = digests if isinstance(digests, bytes) else b"".join(digests)
    rows["digest"] = np.frombuffer(whole, dtype="V32")
    trades = rows["trades"]
    rows["exposure"] = figures[:, SINGLE["bars_held"]] / span.steps
    with np.errstate(divide="ignore", invalid="ignore"):
        rows["average_trade"] = np.where(trades > 0, rows["net_profit"] / trades, np.nan)
    for name in WITHOUT_TRADES:
        rows[name][trades == 0] = np.nan
    add_yearly(rows, span)
    return rows


def add_yearly(rows: NDArray[np.void], span: Span) -> None:
    """Fill in the returns of a year, NaN where a run is too short to defend them.

    A report keeps silent about the ratios of a short run too; trials are compared with each other by them.
    """
    if not span.is_long_enough:
        rows["annual_return"] = rows["calmar"] = np.nan
        return
    yearly = [annual(total, span.years) for total in rows["total_return"].tolist()]
    rows["annual_return"] = [math.nan if value is None else value for value in yearly]
    with np.errstate(divide="ignore", invalid="ignore"):
        fall = rows["max_drawdown"]
        rows["calmar"] = np.where(fall > 0, rows["annual_return"] / fall, np.nan)


def blank_rows(count: int, status: int) -> NDArray[np.void]:
    """Return rows of trials that came to nothing."""
    rows = np.zeros(count, dtype=TRIAL_DTYPE)
    for name in FIGURES:
        rows[name] = np.nan
    rows["status"] = status
    return rows


def as_dict(row: Any) -> dict[str, float]:
    """Return the figures of one row by name."""
    return {name: float(row[name]) for name in FIGURES}
