"""How much of its equity a run held in the market, at every step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eyas.model import exposures
from eyas.reports.records import prices_of, where_known

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from eyas.reports.report import Report


def exposure_frame(report: Report) -> pl.DataFrame:
    """Return for each step what was held after its decision, at the last closes, as fractions of equity.

    `long` and `short` are 0 or more, `net` is long less short, `gross` their sum; all tickets of all symbols,
    in the account's money. `time` is that of `report.equity`. A step is null where equity was 0 or
    less, and where the report has no bars of a symbol that traded.

    >>> import eyas
    >>> report = eyas.backtest(eyas.Signals(entries=[1, 0, 0], quantity=1), eyas.sample("AAPL", "1d")[:3])
    >>> exposure_frame(report)["gross"].to_list()[0]
    0.0
    """
    import polars as pl

    equity = report.curve
    long, short = held(report)
    is_known = np.isfinite(equity) & (equity > 0) & has_all_bars(report)
    columns = {"long": long, "short": short, "net": long - short, "gross": long + short}
    time = pl.Series(report.time).cast(pl.Datetime("ns", "UTC"))
    return pl.DataFrame(
        {"time": time} | {name: where_known(values, is_known) for name, values in columns.items()}
    )


def held(report: Report) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return long and short as fractions of equity; NaN where equity was 0 or less."""
    long, short = np.empty(len(report.curve)), np.empty(len(report.curve))
    exposures(report.journal.data, prices_of(report), np.ascontiguousarray(report.curve), long, short)
    return long, short


def has_all_bars(report: Report) -> bool:
    """Return whether the report has bars of every symbol that traded."""
    traded = np.unique(report.journal.records["instrument"][report.journal.where("filled")])
    bars = list(report.instruments.values())
    return all(len(bars[place]) > 0 for place in traded.tolist())
