"""The kernel's folds of a journal: what a report gives them, and their records as numpy columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.journal import KINDS, MONEY_DECIMALS, wide_floats
from eyas.model import Prices

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.reports.report import Report


def dtype_of(fields: Sequence[tuple[str, str, int]]) -> np.dtype[np.void]:
    """Return the numpy type of a record of the kernel; a field of 128 bits is two, `_low` and `_high`."""
    found: list[tuple[str, str]] = []
    for name, kind, _ in fields:
        parts = KINDS[kind]
        names = [name] if len(parts) == 1 else [f"{name}_low", f"{name}_high"]
        found.extend(zip(names, parts, strict=True))
    return np.dtype(found)


def money_of(records: NDArray[np.void], name: str) -> NDArray[np.float64]:
    """Return exact money as numbers for the eye."""
    found: NDArray[np.float64] = wide_floats(records[f"{name}_low"], records[f"{name}_high"])
    return found / 10.0**MONEY_DECIMALS


def prices_of(report: Report) -> list[Prices]:
    """Return the bars of a run for the kernel's folds, in order of the instruments' numbers."""
    symbols = report.symbols
    pricing = report.rules.pricing(symbols)
    return [
        Prices(
            bars.open,
            bars.high,
            bars.low,
            bars.close,
            report.journal.decimals("price", place),
            # A report that was kept without its bars still knows when they came.
            steps=None if report.steps is None else report.steps[symbol][: len(bars)],
            priced_by=symbols.index(pricing[symbol]) if symbol in pricing else None,
        )
        for place, (symbol, bars) in enumerate(report.instruments.items())
    ]


def where_known(values: NDArray[Any], is_known: NDArray[np.bool_]) -> Any:
    """Return values as a Polars series that has nothing where something is not known."""
    import polars as pl

    series = pl.Series(values)
    return series if is_known.all() else pl.select(pl.when(pl.Series(is_known)).then(series)).to_series()
