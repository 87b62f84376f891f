"""Do to a vendor's numbers what its dialect says: scale them to the adjusted close, choose the volume."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Floats = dict[str, "NDArray[np.float64]"]


def mended(columns: Floats) -> list[str]:
    """Turn the columns that only a vendor has into those of bars, in place; return what was done."""
    notes = []
    adjusted = columns.pop("adjusted_close", None)
    if adjusted is not None:
        _adjust(columns, adjusted)
    ticks = columns.pop("ticks", None)
    if ticks is not None and ("volume" not in columns or not np.nansum(columns["volume"])):
        columns["volume"] = ticks
        notes.append("the volume is that in ticks: the file has no other")
    return notes


def _adjust(columns: Floats, adjusted: NDArray[np.float64]) -> None:
    """Scale all four prices by adjusted close / close; those equal to the close stay equal to it."""
    close = columns["close"]
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = adjusted / close
        for name in ("open", "high", "low"):
            columns[name] = np.where(columns[name] == close, adjusted, columns[name] * factor)
    columns["close"] = adjusted
