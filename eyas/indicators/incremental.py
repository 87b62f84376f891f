"""Compute an indicator live, one bar at a time, with the same values as over the whole history."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from numbers import Real
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from eyas.errors import UsageError
from eyas.indicators import _recursive, _windowed, averages, bands, channels, oscillators, trends, volumes

if TYPE_CHECKING:
    from eyas.model import Bars

Value: TypeAlias = float | tuple[float, ...]
STATES: dict[Callable[..., Any], Callable[..., Callable[..., Value]]] = {
    averages.ema: _recursive.Ema,
    averages.sma: _windowed.Sma,
    averages.wma: _windowed.Wma,
    bands.atr: _recursive.Atr,
    bands.bollinger: _windowed.Bollinger,
    bands.highest: _windowed.Highest,
    bands.lowest: _windowed.Lowest,
    bands.stdev: _windowed.Stdev,
    channels.donchian: _windowed.Donchian,
    channels.keltner: _recursive.Keltner,
    channels.supertrend: _recursive.Supertrend,
    oscillators.fast_stochastic: _windowed.FastStochastic,
    oscillators.macd: _recursive.Macd,
    oscillators.rsi: _recursive.Rsi,
    oscillators.stochastic: _windowed.Stochastic,
    trends.adx: _recursive.Adx,
    volumes.anchored_vwap: _recursive.AnchoredVwap,
    volumes.obv: _recursive.Obv,
    volumes.vwap: _windowed.Vwap,
}
"""What steps through each indicator of eyas; it takes the parameters of the function."""
COLUMNS = ("values", "time", "high", "low", "close", "volume")
"""Parameters of the functions of STATES that are columns."""


class Incremental:
    """Feed an indicator bar by bar: it says what the function says of all bars so far, to the last bit.

    Takes what `self.use` takes: a function of arrays, the names of columns, parameters. The indicators of
    eyas take the same small time however long the history is; any other function is called with the whole
    history each time, or with the last `memory` bars where it needs no more. `value` is the newest value: a
    float, or a tuple of them. Raises UsageError for a call that the function would refuse.

    >>> from eyas.indicators.averages import sma
    >>> average = Incremental(sma, "close", 2)
    >>> average.update(1.0), average.update(2.0), average.update({"close": 4.0})
    (nan, 1.5, 3.0)
    """

    def __init__(
        self, function: Callable[..., Any], *arguments: Any, memory: int | None = None, **options: Any
    ) -> None:
        if memory is not None and memory < 1:
            raise UsageError(f"memory must be a number of bars, at least 1, not {memory!r}")
        if function in STATES:
            self.columns, self._step = _stepping(function, arguments, options)
        else:
            self.columns = tuple(argument for argument in arguments if isinstance(argument, str))
            self._step = _Whole(function, arguments, options, memory)
        if not self.columns:
            raise UsageError("name the columns that the function takes: Incremental(sma, 'close', 20)")
        self._kinds = tuple(int if column == "time" else float for column in self.columns)
        self.value: Value = np.nan

    def update(self, *values: Any) -> Value:
        """Take the next bar, or the values of its columns in their order, and return the newest value."""
        if len(values) == 1 and not isinstance(values[0], Real):
            values = self._taken(values[0])
        elif len(values) != len(self.columns):
            raise UsageError(
                f"update takes a bar, or its {' and '.join(self.columns)}, not {len(values)} values"
            )
        self.value = self._step(*[convert(value) for convert, value in zip(self._kinds, values, strict=True)])
        return self.value

    def extend(self, bars: Bars) -> Value:
        """Take all bars of a history, and return the newest value."""
        columns = [getattr(bars, name, None) for name in self.columns]
        for name, column in zip(self.columns, columns, strict=True):
            if column is None:
                raise UsageError(f"the bars have no column {name}")
        for values in zip(*(column.tolist() for column in columns if column is not None), strict=True):
            self.value = self._step(*values)
        return self.value

    def _taken(self, bar: Any) -> tuple[Any, ...]:
        try:
            if isinstance(bar, Mapping):
                return tuple(bar[name] for name in self.columns)
            return tuple(getattr(bar, name) for name in self.columns)
        except (KeyError, AttributeError) as error:
            name = error.args[0] if isinstance(error, KeyError) else error.name
            raise UsageError(f"the bar has no {name}: it needs {' and '.join(self.columns)}") from None


def _stepping(
    function: Callable[..., Any], arguments: tuple[Any, ...], options: dict[str, Any]
) -> tuple[tuple[str, ...], Callable[..., Value]]:
    """Return the columns of an indicator of eyas, and what steps through it."""
    try:
        bound = inspect.signature(function).bind(*arguments, **options)
    except TypeError as error:
        raise UsageError(f"{function.__name__}: {error}") from None
    bound.apply_defaults()
    names = [name for name in bound.arguments if name in COLUMNS]
    columns = tuple(bound.arguments.pop(name) for name in names)
    for name, column in zip(names, columns, strict=True):
        if not isinstance(column, str):
            raise UsageError(
                f"{name} must be the name of a column such as 'close', not {type(column).__name__}"
            )
    return columns, STATES[function](**bound.arguments)


class _Whole:
    """Call a function with all values so far, or the last ones, and take its newest."""

    def __init__(
        self,
        function: Callable[..., Any],
        arguments: tuple[Any, ...],
        options: dict[str, Any],
        memory: int | None,
    ) -> None:
        self.function, self.arguments, self.options, self.memory = function, arguments, options, memory
        self.count, self.room = 0, 64
        self.kept: list[np.ndarray[Any, Any]] = []

    def __call__(self, *values: Any) -> Value:
        self._keep(values)
        first = 0 if self.memory is None else max(0, self.count - self.memory)
        parts = iter([column[first : self.count] for column in self.kept])
        arguments = [next(parts) if isinstance(part, str) else part for part in self.arguments]
        result = self.function(*arguments, **self.options)
        if isinstance(result, tuple):
            return tuple(_newest(column, self.count - first) for column in result)
        return _newest(result, self.count - first)

    def _keep(self, values: tuple[Any, ...]) -> None:
        if not self.kept:
            kinds = (np.int64 if isinstance(value, int) else np.float64 for value in values)
            self.kept = [np.empty(self.room, kind) for kind in kinds]
        elif self.count == self.room:
            self._make_room()
        for column, value in zip(self.kept, values, strict=True):
            column[self.count] = value
        self.count += 1

    def _make_room(self) -> None:
        """Forget what is not needed any more, or take twice the room."""
        keep = self.count if self.memory is None else min(self.memory, self.count)
        if keep > self.room // 2:
            self.room *= 2
        for place, column in enumerate(self.kept):
            self.kept[place] = np.empty(self.room, column.dtype)
            self.kept[place][:keep] = column[self.count - keep : self.count]
        self.count = keep


def _newest(column: Any, count: int) -> float:
    array = np.asarray(column)
    if array.shape != (count,):
        raise UsageError(
            f"the function returned the shape {array.shape} for {count} bars: one value for each"
        )
    return float(array[-1])
