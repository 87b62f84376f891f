"""Rows of closed signals that are easy to reckon with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

DAY_MS = 86_400_000
TEN = [2.0, -1.0, 3.0, -2.0, 1.0, 0.0, 4.0, -3.0, 2.0, 1.0]
"""Ten profits: six wins that make 13, three losses that make −6, one break-even; mean 0.7, median 1."""


def rows(pnl: Sequence[float], days: float = 100.0, **columns: Sequence[Any]) -> list[dict[str, Any]]:
    """Return signals in order of closing, evenly spread over some days from the first opening on.

    Each opens when the one before it closes.
    """
    step = days * DAY_MS / len(pnl) if pnl else 0.0
    found = [
        {
            "pnl_percentage": value,
            "pending_at": DAY_MS + step * place,
            "close_timestamp": DAY_MS + step * (place + 1),
        }
        for place, value in enumerate(pnl)
    ]
    return [
        {**row, **{name: values[place] for name, values in columns.items()}}
        for place, row in enumerate(found)
    ]
