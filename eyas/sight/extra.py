"""What a run is given beside its bars, as a strategy sees it: columns and order books as they were known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.errors import UsageError
from eyas.sight.groups import Group, Lent
from eyas.timeframes import as_of_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.model import Clock, History, Series
    from eyas.sight.memo import Memo
    from eyas.ticks import Books


@dataclass(frozen=True, eq=False, slots=True)
class Outside:
    """Hold one thing that a run is given beside its bars: columns, and when each row is known.

    `known` never falls; `time` is what a row is of. `books` are the snapshots that the rows were made of.
    `left_out` names columns of the source that are not numbers. `source` says where it came from: a file, a
    series of the catalog, "" where nobody knows.
    """

    time: NDArray[np.int64]
    known: NDArray[np.int64]
    columns: Mapping[str, NDArray[np.float64]]
    books: Books | None = None
    left_out: tuple[str, ...] = ()
    source: str = ""


class Extra:
    """Hold by name what a run was given beside its bars: `self.extra["sentiment"].score`."""

    __slots__ = ("_found",)

    def __init__(
        self,
        given: Mapping[str, Outside],
        sources: Sequence[History | Clock],
        closes: NDArray[np.int64],
        lent: Lent,
        memo: Memo | None = None,
    ) -> None:
        self._found: dict[str, OutsideView] = {}
        for name, one in given.items():
            if memo is None:
                follow = as_of_rows(one.known, closes)
            else:
                memo.keep([*one.columns.values(), one.time, one.known])
                follow = memo.once((id(one.known), id(closes)), partial(as_of_rows, one.known, closes))
            what = f"of extra[{name!r}]"
            knows = partial(getattr, one, "known")
            group = Group(one.columns, one.time, knows, sources, follow, lent, f"{name}.", what, memo=memo)
            kind = OutsideView if one.books is None else BookView
            self._found[name] = kind(name, one, group)

    def __getitem__(self, name: str) -> OutsideView:
        found = self._found.get(name)
        if found is None:
            hint = near(name, self._found) if self._found else "it was given none: say extra={name: frame}"
            raise UsageError(f"the run was given no extra {name!r}; {hint}")
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._found

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def groups(self) -> Iterator[Group]:
        """Yield what each of them is made of."""
        for one in self._found.values():
            yield one._group

    def __repr__(self) -> str:
        return f"<Extra {', '.join(self._found) or 'nothing'}>"

    def __copy__(self) -> Extra:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Extra:
        return self


class OutsideView:
    """Show one outside series: each column is a Series whose last value is the newest that is known.

    `time` is what the rows are of, `known` when each was known. A column whose name is no Python name, or
    one of these, is `view["name"]`.
    """

    def __init__(self, name: str, given: Outside, group: Group) -> None:
        self._name, self._group, self._left_out = name, group, given.left_out
        self._seen: dict[str, Series] = {}
        self.time = group.times(group.time, "time")
        self.known = group.times(group.known, "known")

    def __getitem__(self, column: str) -> Series:
        found = self._seen.get(column)
        if found is None:
            array = self._group.columns.get(column)
            if array is None:
                raise UsageError(self._lacks(column))
            found = self._seen[column] = self._group.series(array, column)
        return found

    def __getattr__(self, column: str) -> Series:
        if column.startswith("__") or column not in self._group.columns:
            raise AttributeError(column if column.startswith("_") else self._lacks(column))
        found = self[column]
        setattr(self, column, found)  # so that it is there the next time, and this need not be called
        return found

    def __len__(self) -> int:
        return len(self.time)

    def _lacks(self, column: str) -> str:
        if column in self._left_out:
            return f"extra {self._name!r}: the column {column} holds no numbers, so it cannot be seen"
        return f"extra {self._name!r} has no column {column!r}; {near(column, self._group.columns)}"

    def __repr__(self) -> str:
        return f"<extra {self._name!r}: {', '.join(self._group.columns)}; {len(self)} rows known>"

    def __copy__(self) -> OutsideView:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> OutsideView:
        return self


class BookView(OutsideView):
    """Show an order book as it was last known: its levels, and its best prices as Series."""

    def __init__(self, name: str, given: Outside, group: Group) -> None:
        super().__init__(name, given, group)
        assert given.books is not None
        self._books = given.books

    @property
    def bids(self) -> list[tuple[float, float]]:
        """Price and quantity of each level that buys, the highest first; empty while no book is known."""
        return self._levels(self._books.bid_price, self._books.bid_quantity)

    @property
    def asks(self) -> list[tuple[float, float]]:
        """Price and quantity of each level that sells, the lowest first; empty while no book is known."""
        return self._levels(self._books.ask_price, self._books.ask_quantity)

    def _levels(
        self, prices: NDArray[np.float64], quantities: NDArray[np.float64]
    ) -> list[tuple[float, float]]:
        row = len(self.time) - 1
        if row < 0:
            return []
        pairs = zip(prices[row].tolist(), quantities[row].tolist(), strict=True)
        return [(price, quantity) for price, quantity in pairs if price == price]


def near(name: Any, known: Mapping[str, Any]) -> str:
    """Return what may have been meant by a name, or what there is."""
    close = get_close_matches(name, known, n=1) if isinstance(name, str) else []
    return f"did you mean {close[0]}?" if close else f"it has {', '.join(known) or 'none'}"
