"""What a strategy can see: columns and indicators up to now, and a check that they do not look ahead."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from eyas.errors import UsageError
from eyas.model import PRICE_COLUMNS, History, Series

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.model import Bars

COLUMNS = (*PRICE_COLUMNS, "volume")
CHECKED_BARS = 2_000


class View:
    """Show a strategy the columns of its bars up to now; each is a Series."""

    __slots__ = ("close", "high", "low", "open", "volume")

    def __init__(self, bars: Bars, history: History) -> None:
        for name in (*PRICE_COLUMNS, "volume"):
            setattr(self, name, history.series(getattr(bars, name), name))

    open: Series
    high: Series
    low: Series
    close: Series
    volume: Series

    def __len__(self) -> int:
        return len(self.close)


class Attached(NamedTuple):
    """Hold what a run lends to its strategy while it starts."""

    bars: Bars
    history: History
    indicators: dict[str, NDArray[np.float64]]

    def whole(self, argument: Any) -> Any:
        """Return the array that the name of a column or a series stands for; anything else as it is."""
        name = argument.name if isinstance(argument, Series) else argument
        if isinstance(name, str) and name in COLUMNS:
            return getattr(self.bars, name)
        if isinstance(argument, Series):
            return self.indicators[argument.name]
        if isinstance(argument, str) and (near := get_close_matches(argument, COLUMNS, n=1, cutoff=0.75)):
            raise UsageError(f"there is no column {argument}; did you mean {near[0]}?")
        return argument

    def series(self, array: NDArray[np.float64], label: str) -> Series:
        """Return an array as a series, and keep it under its name for the report."""
        array.flags.writeable = False
        again = sum(other.split("#")[0] == label for other in self.indicators)
        name = f"{label}#{again + 1}" if again else label
        self.indicators[name] = array
        return self.history.series(array, name)


def as_column(values: Any, label: str, count: int) -> NDArray[np.float64]:
    """Return what an indicator gave as one float a bar, or raise UsageError."""
    # A view, so that an array of the caller's own stays writeable for the caller.
    array = np.ascontiguousarray(values, dtype=np.float64).view()
    if array.shape != (count,):
        raise UsageError(
            f"{label} gave an array of shape {array.shape} for {count} bars: "
            f"an indicator gives one float a bar, NaN while it warms up"
        )
    return array


def check_no_look_ahead(
    function: Callable[..., Any],
    columns: Sequence[Any],
    named: Mapping[str, Any],
    arrays: Sequence[NDArray[np.float64]],
    label: str,
) -> None:
    """Compute an indicator on the first bars alone: a value that changes has seen the future.

    What cannot be computed on fewer bars is not judged.
    """
    count = len(arrays[0])
    cut = min(CHECKED_BARS, count * 2 // 3)

    def early(value: Any) -> Any:
        return value[:cut] if isinstance(value, np.ndarray) and value.shape == (count,) else value

    try:
        again = function(*map(early, columns), **{name: early(value) for name, value in named.items()})
        parts = again if isinstance(again, tuple) else (again,)
        shorter = [np.asarray(values, dtype=np.float64) for values in parts]
    except Exception:  # noqa: BLE001 - whatever a function says to fewer bars is its own affair
        return
    if any(values.shape != (cut,) for values in shorter):
        return
    for before, after in zip(shorter, arrays, strict=False):
        changed = np.flatnonzero(~np.isclose(before, after[:cut], rtol=1e-9, atol=1e-12, equal_nan=True))
        if len(changed):
            row = int(changed[0])
            raise UsageError(
                f"{label} looks ahead: at bar {row} it gives {after[row]}, but {before[row]} when it sees "
                f"only the first {cut} bars; an indicator may use what lies before a bar, never after"
            )


def labelled(function: Callable[..., Any], arguments: Sequence[Any]) -> str:
    """Return how an indicator is called on a chart: sma(close, 12)."""
    words = []
    for argument in arguments:
        if isinstance(argument, Series):
            words.append(argument.name)
        else:
            words.append(str(argument) if isinstance(argument, str | int | float) else "…")
    return f"{getattr(function, '__name__', 'indicator')}({', '.join(words)})"
