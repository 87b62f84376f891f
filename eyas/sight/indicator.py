"""Compute an indicator over whole columns, and check that it does not look ahead."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.errors import UsageError
from eyas.model import Series

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.sight.groups import Group

CHECKED_BARS = 2_000


def computed(
    group: Group, function: Callable[..., Any], arguments: Sequence[Any], options: Mapping[str, Any]
) -> Any:
    """Return what a function makes of columns of a group: a Series, or a tuple of them."""
    label = labelled(function, [*arguments, *options.values()]).replace(group.prefix, "")
    columns = [group.whole(argument) for argument in arguments]
    named = {name: group.whole(option) for name, option in options.items()}
    memo = group.memo
    key = memo.key(function, columns, named) if memo is not None else None
    if memo is None or key is None:
        result = checked(function, columns, named, label, len(group.time))
    else:
        found = memo.found(("use", key))
        result = (
            memo.put(("use", key), checked(function, columns, named, label, len(group.time)))
            if found is None
            else found
        )
    if not isinstance(result, tuple):
        return group.indicator(result, label)
    return tuple(group.indicator(array, f"{label}[{place}]") for place, array in enumerate(result))


def checked(
    function: Callable[..., Any],
    columns: Sequence[Any],
    named: Mapping[str, Any],
    label: str,
    count: int,
) -> NDArray[np.float64] | tuple[NDArray[np.float64], ...]:
    """Return what a function makes of whole columns, an array or a tuple of them; none looks ahead."""
    result = function(*columns, **named)
    parts = result if isinstance(result, tuple) else (result,)
    labels = [f"{label}[{place}]" for place in range(len(parts))] if parts is result else [label]
    arrays = [as_column(values, name, count) for values, name in zip(parts, labels, strict=True)]
    check_no_look_ahead(function, columns, named, arrays, label)
    return tuple(arrays) if parts is result else arrays[0]


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
