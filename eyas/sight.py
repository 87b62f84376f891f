"""What a strategy can see: columns and indicators up to now, and a check that they do not look ahead."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from eyas.errors import UsageError
from eyas.model import PRICE_COLUMNS, History, Series

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.model import Account, Bars

COLUMNS = (*PRICE_COLUMNS, "volume")
RARE_COLUMNS = ("given", "funding")
CHECKED_BARS = 2_000


class Shown(dict[str, "View"]):
    """Hold the views of a run by symbol; `running`, where said, is the only one that may be looked at."""

    running: str | None = None

    def view(self, symbol: Any) -> View:
        """Return the view of a symbol, or raise UsageError."""
        found = self[unless_unknown(symbol, self)]
        if self.running not in (None, symbol):
            raise UsageError(
                f"clock=sequential: the bars of {symbol} cannot be seen while {self.running} is running, "
                "since they may lie in its future; use clock=merged to see both"
            )
        return found


class View:
    """Show a strategy the columns of an instrument up to now; each is a Series.

    `view["AAPL"]` is the view of another symbol of the run.
    """

    __slots__ = ("_views", "close", "funding", "given", "high", "low", "open", "volume")

    def __init__(self, lent: Attached, views: Shown) -> None:
        for name in (*COLUMNS, *RARE_COLUMNS):
            column = getattr(lent.bars, name)
            if column is not None:
                setattr(self, name, lent.history.series(column, lent.prefix + name))
        self._views = views

    open: Series
    high: Series
    low: Series
    close: Series
    volume: Series
    given: Series
    funding: Series

    def __len__(self) -> int:
        return len(self.close)

    def __getitem__(self, symbol: str) -> View:
        return self._views.view(symbol)

    def __getattr__(self, name: str) -> Series:
        if name in RARE_COLUMNS:
            raise UsageError(f"the bars have no column {name}")
        raise AttributeError(f"bars have no {name}: they have {', '.join(COLUMNS)}")


class Unshown(View):
    """Stand for the bars where no symbol is shown, so that one has to be named."""

    __slots__ = ()

    def __init__(self, views: Shown) -> None:
        self._views = views

    def __getattr__(self, name: str) -> Series:
        first = next(iter(self._views))
        raise UsageError(f"say whose {name}, since no bar is being shown: self.bars[{first!r}].{name}")

    def __len__(self) -> int:
        raise UsageError(f"say whose bars: self.bars[{next(iter(self._views))!r}]")


class Attached(NamedTuple):
    """Hold what a run lends to its strategy of one instrument while it starts."""

    bars: Bars
    history: History
    indicators: dict[str, NDArray[np.float64]]
    prefix: str = ""
    """What the names of its series begin with, where there are other instruments."""

    def whole(self, argument: Any) -> Any:
        """Return the array that the name of a column or a series stands for; anything else as it is."""
        name = argument
        if isinstance(argument, Series):
            if not argument.name.startswith(self.prefix):
                raise UsageError(f"{argument.name} is not a series of {self.bars.symbol}: name one symbol")
            name = argument.name.removeprefix(self.prefix)
        elif not isinstance(argument, str):
            return argument
        if name in (*COLUMNS, *RARE_COLUMNS):
            column = getattr(self.bars, name)
            if column is None:
                raise UsageError(f"the bars have no column {name}")
            return column
        if isinstance(argument, Series):
            return self.indicators[name]
        if near := get_close_matches(argument, COLUMNS, n=1, cutoff=0.75):
            raise UsageError(f"there is no column {argument}; did you mean {near[0]}?")
        return argument

    def series(self, array: NDArray[np.float64], label: str) -> Series:
        """Return an array as a series, and keep it under its name for the report."""
        array.flags.writeable = False
        again = sum(other.split("#")[0] == label for other in self.indicators)
        name = f"{label}#{again + 1}" if again else label
        self.indicators[name] = array
        return self.history.series(array, self.prefix + name)


class Sight:
    """Hold what a strategy can see of a run: its symbols, their columns up to now, which of them is shown.

    `shown` is the number of an instrument, or -1 while none is: before the first bar and in `on_step`
    of a portfolio. `lent` is taken back once the strategy has started.
    """

    def __init__(self, symbols: Sequence[str], bars: Sequence[Bars], histories: Sequence[History]) -> None:
        self.symbols = tuple(symbols)
        self.numbers = {symbol: place for place, symbol in enumerate(symbols)}
        prefixes = [f"{symbol} " for symbol in symbols] if len(symbols) > 1 else [""]
        parts = zip(bars, histories, prefixes, strict=True)
        self.lent = [Attached(one, history, {}, prefix) for one, history, prefix in parts]
        self.named = named = Shown()
        views = [View(lent, named) for lent in self.lent]
        named.update(zip(symbols, views, strict=True))
        self.views: list[View] = [*views, Unshown(named)]  # the last is number -1
        self.now: Callable[[], int] = lambda: 0  # a session says when its last bars closed
        self.counted = 0
        self.counted_held: set[int] = set()
        self.is_alone = len(bars) == 1
        self.shown = 0 if self.is_alone else -1

    def runs_alone(self, instrument: int) -> None:
        """Let only one instrument be looked at: what ran before it, or will run, may lie in its future."""
        self.named.running = self.symbols[instrument]

    def seal(self) -> None:
        """Take back the whole columns, after `on_start`."""
        self.lent.clear()

    def instrument(self, symbol: str | None) -> int:
        """Return the number of a symbol, or of the one that is shown."""
        if symbol is not None:
            return self.numbers[unless_unknown(symbol, self.numbers)]
        if self.shown < 0:
            raise UsageError(f"say which symbol, since no bar is being shown: one of {listed(self.symbols)}")
        return self.shown

    def held(self, account: Account) -> set[int]:
        """Return the instruments of which a ticket is open; counted anew only when something happened."""
        if account.event_count != self.counted:
            self.counted = account.event_count
            self.counted_held = {ticket.instrument for ticket in account.tickets}
        return self.counted_held

    def attached(self, symbol: str | None) -> Attached:
        """Return what is lent of a symbol."""
        return self.lent[self.instrument(symbol)]


def unless_unknown(symbol: Any, known: Mapping[str, Any]) -> str:
    """Return a symbol of the run, or raise UsageError for any other."""
    if isinstance(symbol, str) and symbol in known:
        return symbol
    if list(known) == [""]:
        raise UsageError(f"the bars of the run have no symbol, so none is {symbol!r}: leave symbol out")
    near = get_close_matches(symbol, known, n=1) if isinstance(symbol, str) else []
    hint = f"did you mean {near[0]}?" if near else f"it has {listed(known)}"
    raise UsageError(f"the run has no symbol {symbol!r}; {hint}")


def listed(symbols: Iterable[str]) -> str:
    """Return symbols as text, no longer than a line."""
    names = [name for name in symbols if name]
    return ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")


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
