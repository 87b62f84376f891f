"""The bars of a run as a strategy sees them: a view for each symbol and timeframe, up to now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eyas.errors import UsageError
from eyas.model import RARE_COLUMNS, Series, Times
from eyas.sight.groups import COLUMNS, Group

if TYPE_CHECKING:
    from collections.abc import Callable

    from eyas.timeframes import Session

    Asked = tuple[str, Session | None]
    Finding = Callable[[str | None, Asked | None], "View"]


class View:
    """Show a strategy the columns of an instrument up to now; each is a Series, and `time` when bars open.

    `view["AAPL"]` is the view of another symbol of the run, `view("1h")` that of longer bars: those that are
    over. `find` returns views.
    """

    __slots__ = (
        "_asked",
        "_find",
        "_made",
        "_symbol",
        "close",
        "funding",
        "given",
        "high",
        "low",
        "open",
        "time",
        "volume",
    )

    def __init__(self, symbol: str | None, asked: Asked | None, find: Finding, group: Group | None) -> None:
        self._symbol, self._asked, self._find = symbol, asked, find
        self._made: dict[Asked, View] = {}
        if group is not None:
            for name, column in group.columns.items():
                setattr(self, name, group.series(column, name))
            self.time = group.times(group.time, "time")

    open: Series
    high: Series
    low: Series
    close: Series
    volume: Series
    given: Series
    funding: Series
    time: Times

    def __call__(self, timeframe: str, *, session: Session | None = None) -> View:
        """Return the view of longer bars, aligned in UTC or to a session."""
        asked = (timeframe, session)
        found = self._made.get(asked)
        if found is None:
            found = self._made[asked] = self._find(self._symbol, asked)
        return found

    def __len__(self) -> int:
        return len(self.close)

    def __getitem__(self, symbol: str) -> View:
        return self._find(symbol, self._asked)

    def __getattr__(self, name: str) -> Any:
        if name in RARE_COLUMNS:
            raise UsageError(f"the bars have no column {name}")
        raise AttributeError(f"bars have no {name}: they have {', '.join(COLUMNS)}")

    def __copy__(self) -> View:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> View:
        return self


class Unshown(View):
    """Stand for the bars where no symbol is shown, so that one has to be named."""

    __slots__ = ("_first",)

    def __init__(self, first: str, asked: Asked | None, find: Finding) -> None:
        super().__init__(None, asked, find, None)
        self._first = first

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise UsageError(f"say whose {name}, since no bar is being shown: self.bars[{self._first!r}].{name}")

    def __len__(self) -> int:
        raise UsageError(f"say whose bars: self.bars[{self._first!r}]")
