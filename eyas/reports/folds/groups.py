"""What trades earned by when they began, by side, by why they ended, by symbol: for pictures and tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from eyas.metrics.grouped import MONTHS, WEEKDAYS, By, grouped

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.metrics.trades import Trades

WHOLE: dict[str, tuple[int | str, ...]] = {"hour": tuple(range(24)), "weekday": WEEKDAYS, "month": MONTHS}
SHORT = 3


@dataclass(frozen=True, eq=False, slots=True)
class Groups:
    """Hold for each group its name and, of its trades, the number, the share won, mean rate and profit.

    Hours, weekdays and months are all there, in order, and NaN without trades; sides are in order, reasons
    and symbols by their number of trades. A trade is won when its profit, net of fees, is above zero;
    `profit` is in the money of the account.
    """

    by: str
    names: list[str]
    count: NDArray[np.int64]
    won: NDArray[np.float64]
    mean_rate: NDArray[np.float64]
    profit: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.names)


def grouped_trades(trades: Trades, by: By) -> Groups:
    """Return trades by "hour", "weekday", "month" of entry (UTC), "side", "exit_reason" or "symbol".

    Raises UsageError for another one, and for "symbol" where trades do not name any.

    >>> from eyas.metrics.trades import Trades
    >>> none = [0] * 2
    >>> trades = Trades([5, -2], [0.05, -0.02], [1, 1], none, none, none, none, ["", ""])
    >>> found = grouped_trades(trades, "hour")
    >>> found.names[0], int(found.count[0]), len(found)
    ('00', 2, 24)
    """
    frame = grouped(trades, by)
    columns = {name: frame[name].to_numpy() for name in ("count", "win_rate", "mean_rate", "profit")}
    names = frame[by].to_list()
    if by in WHOLE:
        every = WHOLE[by]
        rows = np.array([every.index(name) for name in names], np.intp)
        for name, values in columns.items():
            spread = np.full(len(every), 0.0 if name in ("count", "profit") else np.nan)
            spread[rows] = values
            columns[name] = spread
        names = [f"{one:02}" if by == "hour" else str(one)[:SHORT] for one in every]
    elif by != "side":
        order = np.argsort(-columns["count"], kind="stable")
        columns = {name: values[order] for name, values in columns.items()}
        names = [names[row] for row in order.tolist()]
    return Groups(
        by,
        [str(name) for name in names],
        columns["count"].astype(np.int64),
        columns["win_rate"],
        columns["mean_rate"],
        columns["profit"],
    )
