"""The bars of a run as a strategy sees them: a view for each symbol and timeframe, up to now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eyas.errors import UsageError
from eyas.model import RARE_COLUMNS
from eyas.sight.groups import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable

    from eyas.model import Series, Times
    from eyas.sight.groups import Group
    from eyas.timeframes import Session

    Asked = tuple[str, Session | None]
    # Views know the run weakly, or neither would be freed when the run is over.
    Finding = Callable[[], Callable[[str | None, Asked | None], "View"] | None]


class View:
    """Show a strategy the columns of an instrument up to now; each is a Series, and `time` when bars open.

    `view["AAPL"]` is the view of another symbol of the run, `view("1h")` that of longer bars: those that are
    over. `find` returns a function that returns views, None once the run is gone; `group` has the columns.
    """

    __slots__ = (
        "_asked",
        "_find",
        "_group",
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
        self._symbol, self._asked, self._find, self._group = symbol, asked, find, group
        self._made: dict[Asked, View] = {}

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
            found = self._made[asked] = self._found(self._symbol, asked)
        return found

    def __len__(self) -> int:
        return len(self.close)

    def __getitem__(self, symbol: str) -> View:
        return self._found(symbol, self._asked)

    def __getattr__(self, name: str) -> Any:
        # A column is made when it is first looked at, and is there from then on.
        group = None if name.startswith("_") else self._group
        made: Series | Times
        if group is not None and name in group.columns:
            made = group.series(group.columns[name], name)
        elif group is not None and name == "time":
            made = group.times(group.time, name)
        elif name in RARE_COLUMNS:
            raise UsageError(f"the bars have no column {name}")
        else:
            raise AttributeError(f"bars have no {name}: they have {', '.join(COLUMNS)}")
        setattr(self, name, made)
        return made

    def _found(self, symbol: str | None, asked: Asked | None) -> View:
        find = self._find()
        if find is None:
            raise UsageError("the run of these bars is over, and no other bars can be looked at")
        return find(symbol, asked)

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
