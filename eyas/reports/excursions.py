"""How far each trade ran for and against itself while it was open (MFE and MAE)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from eyas.model import EXCURSION_FIELDS, excursions
from eyas.reports.records import dtype_of, money_of, prices_of, where_known

if TYPE_CHECKING:
    import polars as pl

    from eyas.reports.report import Report

EXCURSION_DTYPE = dtype_of(EXCURSION_FIELDS)
SAME_OPEN = "same_open"


def excursion_frame(report: Report) -> pl.DataFrame:
    """Return one row for each of `report.trades`: its best and worst running profit while it was open.

    The running profit is what exits have earned so far plus what is held at a price less its cost, before
    fees and charges, in the symbol's own money. `mfe` (maximum favourable excursion, 0 or more) and `mae`
    (maximum adverse excursion, 0 or less) are sure: of the bars in which the trade was filled they take
    only what it surely lived through. `mfe_possible` and `mae_possible` take those bars as a whole, wherever
    the moment inside them is not known. `mfe_rate` and `mae_rate` are fractions of the money entered;
    `mfe_price`, `mae_price`, `mfe_bar`, `mae_bar` (steps of the clock) say where the sure ones were reached
    first. Nothing is said (null) of trades whose bars or entries the report does not have.

    Source: Sweeney, "Maximum Adverse Excursion" (1997).

    >>> import eyas
    >>> report = eyas.backtest(eyas.Signals(entries=[1, 0, 0, 0], quantity=2), eyas.sample("AAPL", "1d")[:4])
    >>> frame = excursion_frame(report)
    >>> frame["mfe"][0] >= report.trades["profit"][0] >= frame["mae"][0]
    True
    """
    import polars as pl

    data = excursions(
        report.journal.data,
        prices_of(report),
        entries_at_open=report.rules.market_fill == SAME_OPEN,
        exits_at_open=report.rules.exit_fill == SAME_OPEN,
    )
    records = np.frombuffer(data, EXCURSION_DTYPE)
    entered = money_of(records, "entered")
    has_bars = np.array([len(bars) > 0 for bars in report.instruments.values()], dtype=np.bool_)
    instrument = records["instrument"]
    is_known = (entered > 0) & has_bars[instrument]
    scales = [10.0 ** report.journal.decimals("price", place) for place in range(len(has_bars))]
    scale = np.array(scales)[instrument]
    mfe, mae = money_of(records, "mfe"), money_of(records, "mae")
    over = np.where(is_known, entered, 1.0)
    columns = {
        "mfe": mfe,
        "mae": mae,
        "mfe_rate": mfe / over,
        "mae_rate": mae / over,
        "mfe_price": records["mfe_price"] / scale,
        "mae_price": records["mae_price"] / scale,
        "mfe_bar": records["mfe_bar"],
        "mae_bar": records["mae_bar"],
        "mfe_possible": money_of(records, "mfe_possible"),
        "mae_possible": money_of(records, "mae_possible"),
    }
    return pl.DataFrame({name: where_known(values, is_known) for name, values in columns.items()})
