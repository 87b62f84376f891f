"""Notice a strategy that reads all bars there are on every bar, and so depends on how many were loaded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from eyas.model import Series
from eyas.strategy import Strategy

OPERATORS = (
    *(f"__{name}__" for name in ("lt", "le", "eq", "ne", "gt", "ge", "add", "sub", "mul", "truediv")),
    *(f"__{name}__" for name in ("radd", "rsub", "rmul", "rtruediv")),
)


class Spy:
    """Count on how many steps a strategy reads a column from its first bar on."""

    def __init__(self) -> None:
        self.steps: set[int] = set()
        self.columns: set[str] = set()
        self.now: Callable[[], int] = lambda: 0

    def after_start(self, strategy: Strategy) -> None:
        """Stand before the bars of a strategy that has just started."""
        account: Any = strategy.account
        self.now = lambda: int(account.bar_index)
        strategy.bars = SpiedView(strategy.bars, self)  # type: ignore[assignment]  # it reads like one

    def saw(self, name: str) -> None:
        """Note that a whole column was read."""
        self.steps.add(self.now())
        self.columns.add(name)


class SpiedView:
    """Pass on whatever is read of a view, columns as spied ones."""

    def __init__(self, view: Any, spy: Spy) -> None:
        self._view, self._spy = view, spy

    def __getattr__(self, name: str) -> Any:
        return spied(getattr(self._view, name), self._spy)

    def __getitem__(self, symbol: Any) -> Any:
        return spied(self._view[symbol], self._spy)

    def __call__(self, *asked: Any, **named: Any) -> Any:
        """Return the view of another timeframe, spied too."""
        return spied(self._view(*asked, **named), self._spy)

    def __len__(self) -> int:
        return len(self._view)


class SpiedSeries:
    """Pass on whatever is read of a series, and note what is read from its first bar on."""

    __array_priority__ = 1e6
    __hash__ = None  # type: ignore[assignment]  # as the series itself

    def __init__(self, series: Series, spy: Spy) -> None:
        self._series, self._spy = series, spy

    def __getattr__(self, name: str) -> Any:
        return getattr(self._series, name)

    def __getitem__(self, index: Any) -> Any:
        first = index.start if isinstance(index, slice) else index
        if first is None or first >= 0:
            self._spy.saw(self._series.name)
        return self._series[index]

    def __array__(self, *form: Any, **named: Any) -> Any:
        self._spy.saw(self._series.name)
        return self._series.__array__(*form, **named)

    def __len__(self) -> int:
        return len(self._series)

    def __float__(self) -> float:
        return float(self._series)

    def __bool__(self) -> bool:
        return bool(self._series)

    def __neg__(self) -> float:
        return -self._series

    def __abs__(self) -> float:
        return abs(self._series)

    def crossed_above(self, other: Any) -> bool:
        """Pass the question on."""
        return self._series.crossed_above(unspied(other))

    def crossed_below(self, other: Any) -> bool:
        """Pass the question on."""
        return self._series.crossed_below(unspied(other))


def passed_on(name: str) -> Callable[..., Any]:
    """Return an operator that a series answers."""

    def method(self: SpiedSeries, other: Any) -> Any:
        return getattr(self._series, name)(unspied(other))

    return method


for _name in OPERATORS:
    setattr(SpiedSeries, _name, passed_on(_name))


def spied(value: Any, spy: Spy) -> Any:
    """Return what is read of bars, watched where it shows columns."""
    if isinstance(value, Series):
        return SpiedSeries(value, spy)
    return SpiedView(value, spy) if hasattr(value, "close") and not isinstance(value, float) else value


def unspied(value: Any) -> Any:
    """Return the series itself."""
    return value._series if isinstance(value, SpiedSeries) else value
