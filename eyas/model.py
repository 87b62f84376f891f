"""The nouns that every part of eyas shares; the only module that imports the kernel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from eyas._kernel import (
    CAUSES,
    EVENT_FIELDS,
    EVENT_KINDS,
    EXCURSION_FIELDS,
    FILL_COST_FIELDS,
    LIMITS,
    ORDER_KINDS,
    PAID_FIELDS,
    PHASES,
    PROGRAM_NAMES,
    REFUSALS,
    RULES,
    STEPS,
    TERMS,
    TRIAL_FIGURES,
    Account,
    Bar,
    BarError,
    BoundProgram,
    Clock,
    Event,
    History,
    LookAheadError,
    Prices,
    ProgramCode,
    Series,
    Stop,
    Ticket,
    Times,
    WaitingOrder,
    check_rules,
    crossed,
    curve_figures,
    decay,
    excursions,
    exposures,
    extremes,
    is_rising,
    median_apart,
    paid,
    pump,
    pump_program,
    pump_signals,
    run_trials,
    scan_bars,
    take_bars,
    trial_figures,
    window_deviations,
    window_means,
    window_weighted,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "CAUSES",
    "EVENT_FIELDS",
    "EVENT_KINDS",
    "EXCURSION_FIELDS",
    "FILLED_ALL_THE_SAME",
    "FILL_COST_FIELDS",
    "LIMITS",
    "ORDER_KINDS",
    "PAID_FIELDS",
    "PHASES",
    "PRICE_COLUMNS",
    "PROGRAM_NAMES",
    "RARE_COLUMNS",
    "REFUSALS",
    "RULES",
    "STEPS",
    "TERMS",
    "TRIAL_FIGURES",
    "Account",
    "Bar",
    "BarError",
    "Bars",
    "BoundProgram",
    "Clock",
    "Event",
    "History",
    "LookAheadError",
    "Prices",
    "ProgramCode",
    "Series",
    "Stop",
    "Ticket",
    "Times",
    "WaitingOrder",
    "check_rules",
    "crossed",
    "curve_figures",
    "decay",
    "excursions",
    "exposures",
    "extremes",
    "is_rising",
    "iso",
    "median_apart",
    "paid",
    "pump",
    "pump_program",
    "pump_signals",
    "run_trials",
    "scan_bars",
    "take_bars",
    "trial_figures",
    "window_deviations",
    "window_means",
    "window_weighted",
]

PRICE_COLUMNS = ("open", "high", "low", "close")


RARE_COLUMNS = ("given", "funding")
# The refusal of a `warned` event that refuses nothing: under price_check=warn the order fills.
FILLED_ALL_THE_SAME = "price_must_be_inside_bar"


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class Bars:
    """Hold the bars of one instrument as columns, oldest first.

    `time` is when a bar opens, in nanoseconds since 1970 UTC (int64); the others are float64. `given`
    (a price such as the VWAP) and `funding` (what a long pays at the close, as a rate) are None where
    the source has none. `has_volume` is False where nobody said how much was traded: `volume` is then zero.
    Make one with `eyas.bars(...)`, which checks every row; the columns are read-only.
    """

    time: NDArray[np.int64]
    open: NDArray[np.float64]
    high: NDArray[np.float64]
    low: NDArray[np.float64]
    close: NDArray[np.float64]
    volume: NDArray[np.float64]
    symbol: str = ""
    timeframe: str = ""
    source: str = ""
    given: NDArray[np.float64] | None = None
    funding: NDArray[np.float64] | None = None
    has_volume: bool = True

    def __post_init__(self) -> None:
        for name in self.columns:
            kind = np.int64 if name == "time" else np.float64
            column = np.ascontiguousarray(getattr(self, name), dtype=kind).view()
            column.flags.writeable = False
            if column.shape != (len(self.time),):
                raise ValueError(f"{name} has the shape {column.shape} for {len(self.time)} times")
            object.__setattr__(self, name, column)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns that it has."""
        rare = (name for name in RARE_COLUMNS if getattr(self, name) is not None)
        return ("time", *PRICE_COLUMNS, "volume", *rare)

    def __len__(self) -> int:
        return len(self.time)

    def __getitem__(self, rows: slice) -> Bars:
        """Return the bars of a slice of rows, without copying."""
        if rows in (slice(None), slice(len(self)), slice(0, len(self))):
            return self  # all of them, as every run asks for its report
        columns = {name: getattr(self, name)[rows] for name in self.columns}
        return replace(self, **columns)

    def __iter__(self) -> Iterator[str]:
        raise TypeError("a Bars is not a sequence of rows: use its columns, or bars[10:20]")

    def __repr__(self) -> str:
        name = " ".join(part for part in (self.symbol, self.timeframe) if part) or "bars"
        if not len(self):
            return f"<Bars {name}, empty>"
        return f"<Bars {name}, {len(self):,} rows, {iso(self.time[0])} to {iso(self.time[-1])}>"


def iso(time_ns: int | np.int64) -> str:
    """Return a time as ISO 8601 in UTC, no longer than it has to be.

    >>> iso(1_500_000_000_000_000_000)
    '2017-07-14T02:40:00Z'
    """
    text = str(np.datetime64(int(time_ns), "ns"))
    whole, _, part = text.partition(".")
    part = part.rstrip("0")
    return f"{whole}.{part}Z" if part else f"{whole}Z"
