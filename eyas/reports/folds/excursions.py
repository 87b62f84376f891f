"""How far trades ran for and against themselves, beside what came of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

POINTS_MAX = 1_500


@dataclass(frozen=True, eq=False, slots=True)
class ExcursionPoints:
    """Hold for each trade that is shown its row in the trades, its result and its excursions, as rates.

    `favourable` is 0 or more, `adverse` 0 or less, both before fees; `result` is net of them. Of many trades
    the furthest of each column and evenly spread ones of the rest are shown; `count` says how many there are
    in all, and the means and `edge_ratio` are of all of them.
    """

    row: NDArray[np.int64]
    result: NDArray[np.float64]
    favourable: NDArray[np.float64]
    adverse: NDArray[np.float64]
    count: int = 0
    mean_favourable: float = math.nan
    mean_adverse: float = math.nan
    sentence: str = ""

    @property
    def edge_ratio(self) -> float:
        """Mean favourable over mean adverse excursion; NaN where no trade ran against itself."""
        return -self.mean_favourable / self.mean_adverse if self.mean_adverse < 0 else math.nan


def excursion_points(
    trades: pl.DataFrame, excursions: pl.DataFrame, points_max: int = POINTS_MAX
) -> ExcursionPoints:
    """Return the points of trades (column profit_rate) and their excursions (mfe_rate, mae_rate), thinned."""
    result = trades["profit_rate"].to_numpy()
    favourable, adverse = (
        excursions[name].fill_null(math.nan).to_numpy() for name in ("mfe_rate", "mae_rate")
    )
    rows = np.flatnonzero(np.isfinite(result) & np.isfinite(favourable) & np.isfinite(adverse))
    none = np.empty(0)
    if not len(rows):
        what = "the excursions of none are known" if len(result) else "there are none"
        return ExcursionPoints(
            np.empty(0, np.int64), none, none, none, sentence=f"No trades to show: {what}."
        )
    shown = rows[_thinned([column[rows] for column in (result, favourable, adverse)], points_max)]
    return ExcursionPoints(
        row=shown.astype(np.int64),
        result=result[shown],
        favourable=favourable[shown],
        adverse=adverse[shown],
        count=len(rows),
        mean_favourable=float(favourable[rows].mean()),
        mean_adverse=float(adverse[rows].mean()),
    )


def _thinned(columns: list[NDArray[np.float64]], most: int) -> NDArray[np.intp]:
    """Return rows, in order: the furthest up and down of each column, and every so-manieth of the rest."""
    count = len(columns[0])
    if count <= most:
        return np.arange(count)
    each = max(1, most // 30)
    far = [np.argpartition(column, (each, count - each - 1)) for column in columns]
    kept = [part for order in far for part in (order[:each], order[-each:])]
    kept.append(np.linspace(0, count - 1, most - 2 * each * len(columns)).astype(np.intp))
    return np.unique(np.concatenate(kept))
