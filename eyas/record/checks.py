"""What the columns of a record must hold beyond their types, so that nothing fails on them later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.journal import EVENT_DTYPE, NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

EQUITY_MAX = 1e40
MONEY_MAX = 2.0**125  # in units, of all events together: the kernel adds in 128 bits
TIME_MAX = 2**62
OF_TICKETS = ("filled", "closed", "charged")


def must_be(columns: Mapping[str, NDArray[Any]], name: str, kind: Any) -> NDArray[Any]:
    """Return a column, or raise ValueError where it is not there or of another type."""
    found = columns.get(name)
    if found is None:
        raise ValueError(f"it has no column {name}")
    if found.dtype != np.dtype(kind):
        raise ValueError(f"its column {name} is of {found.dtype}, but must be of {np.dtype(kind)}")
    return found


def unknown_event(records: NDArray[np.void], instruments: int) -> str:
    """Return what an event has that this eyas does not know, and in which row; "" where it knows all."""
    for name, known in {**NAMES, "instrument": range(instruments)}.items():
        other = np.flatnonzero(~np.isin(records[name], list(known)))
        if len(other):
            return f"{name} {records[name][other[0]]} in row {other[0] + 1}"
    return ""


def check_events(records: NDArray[np.void]) -> None:
    """Raise ValueError, naming field and row, for events that no kernel has written."""
    count = len(records)
    codes = [code for code, name in NAMES["kind"].items() if name in OF_TICKETS]
    of_tickets = np.isin(records["kind"], codes)
    wrong = {
        "seq": records["seq"] != np.arange(count, dtype=np.uint64),
        "time_ns": np.abs(records["time_ns"] // 2) > TIME_MAX // 2,
        # A ticket has the number of its order, and each order was an event at least.
        "ticket": of_tickets & (records["ticket"] > count),
    }
    for name, rows in wrong.items():
        if rows.any():
            row = int(np.flatnonzero(rows)[0])
            raise ValueError(f"its row {row + 1} has {name} {records[name][row]}, which no run can have")
    traded = np.abs(records["price"].astype(np.float64)) * np.abs(records["quantity"].astype(np.float64))
    sums = {"price": traded.sum()}
    for name in EVENT_DTYPE.names or ():
        if name.endswith("_high"):
            sums[name.removesuffix("_high")] = (
                np.abs(records[name].astype(np.float64)).max(initial=0) * 2.0**64
            )
    for name, value in sums.items():
        if value > MONEY_MAX:
            raise ValueError(f"its column {name} has larger amounts than any run can have")


def check_equity(equity: NDArray[np.float64]) -> None:
    """Raise ValueError for an equity that is no number, or larger than any account."""
    wrong = np.flatnonzero(~(np.abs(equity) <= EQUITY_MAX))
    if len(wrong):
        raise ValueError(f"its row {wrong[0] + 1} has equity {equity[wrong[0]]}, which no run can have")


def increasing(values: NDArray[Any]) -> bool:
    """Tell whether every value is above the one before it."""
    return bool(np.all(values[1:] > values[:-1]))


def check_notes(frame: Any, ends: Mapping[str, int]) -> None:
    """Raise ValueError for notes without texts, or whose places are not from 0 to below their ends."""
    if "values" not in frame.columns or str(frame["values"].dtype) != "String":
        raise ValueError("its column values must be text")
    for name, end in ends.items():
        column = frame[name] if name in frame.columns else None
        if column is None or str(column.dtype) != "Int64" or column.null_count():
            raise ValueError(f"its column {name} must be whole numbers")
        if len(column) and not 0 <= column.min() <= column.max() < end:
            raise ValueError(f"its column {name} must be from 0 to {end - 1}")
