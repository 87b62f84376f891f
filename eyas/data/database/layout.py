"""What the layouts share: whom a series belongs to, and how rows become bars again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from eyas.data.catalog.fitting import NEIGHBOURS, check_spacing
from eyas.data.catalog.records import Added, Entry
from eyas.data.checks import check_numbers, check_times
from eyas.data.columns import Column, Table
from eyas.data.database.transfer import fetch
from eyas.data.load import from_table
from eyas.data.place import Place
from eyas.data.times import nanoseconds
from eyas.errors import UsageError
from eyas.model import RARE_COLUMNS, Bars

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sqlalchemy import Connection, Engine

    from eyas.data.database.address import Address

OPTIONAL = ("volume", *RARE_COLUMNS)


@dataclass(frozen=True, slots=True)
class Series:
    """Say which series rows belong to."""

    venue: str
    symbol: str
    timeframe: str

    def __str__(self) -> str:
        return f"{self.symbol} {self.timeframe}" + (f" ({self.venue})" if self.venue else "")


@dataclass(frozen=True, slots=True)
class About:
    """Say where rows come from and how they are to be read."""

    source: str
    convention: str
    adjustment: str
    has_volume: bool


class Layout(Protocol):
    """Keep bars in tables of one shape."""

    def check(self, series: Series, bars: Bars) -> None:
        """Raise UsageError or DataError when the bars cannot be kept as they are."""

    def prepare(self, engine: Engine, address: Address, bars: Bars) -> None:
        """Make what a write needs and what is no harm when the write fails."""

    def add(self, connection: Connection, series: Series, bars: Bars, about: About, *, revise: bool) -> Added:
        """Merge bars into their series."""

    def entries(self, connection: Connection) -> tuple[Entry, ...]:
        """Return what is there, with the hashes that are known."""

    def hash_of(self, connection: Connection, entry: Entry) -> str:
        """Return the hash of a series, worked out where nobody knows it; empty where there is none."""

    def find(self, connection: Connection, symbol: str, timeframe: str) -> tuple[Entry, ...]:
        """Return the series of a symbol and a timeframe, of every venue."""

    def load(
        self, connection: Connection, series: Series, start: int | None, end: int | None
    ) -> dict[str, Column]:
        """Return the columns of a series, with times in nanoseconds."""

    def remove(self, connection: Connection, series: Series) -> int:
        """Remove a series and return how many rows it had."""


def normal(bars: Bars) -> Bars:
    """Return bars checked, in the one form in which they come back: no -0.0, no column without a value."""
    place = Place(f"{bars.symbol} {bars.timeframe}".strip() or "the bars")
    numbers = {name: getattr(bars, name) for name in bars.columns if name != "time"}
    nanoseconds((("time", bars.time.view("datetime64[ns]")),), place)
    check_times(bars.time, "time", place)
    check_numbers(numbers, {name: name for name in numbers}, bars.time, place)
    rare = {
        name: column if column is None or not np.isnan(column).all() else None
        for name in RARE_COLUMNS
        for column in [getattr(bars, name)]
    }
    return replace(bars, volume=bars.volume + 0.0, given=rare["given"], funding=rare["funding"])


def staged(bars: Bars) -> dict[str, NDArray[Any]]:
    """Return the columns under which bars are staged, the same for all; NaN where there is nothing."""
    columns = {name: getattr(bars, name) for name in bars.columns}
    if not bars.has_volume:
        del columns["volume"]
    nothing = np.full(len(bars), np.nan)
    return {**columns, **{name: nothing for name in OPTIONAL if name not in columns}}


def bars_of(columns: dict[str, Column], series: Series, source: str, *, kept: tuple[str, ...] = ()) -> Bars:
    """Make bars of columns through the usual checks; columns without a value are left out unless `kept`."""
    numbers = {}
    for name, column in columns.items():
        empty = name in OPTIONAL and isinstance(column, np.ndarray) and bool(np.isnan(column).all())
        if name != "time" and (not empty or name in kept):
            numbers[name] = (name, column)
    time = np.asarray(columns["time"], np.int64).view("datetime64[ns]")
    table = Table(Place(f"{series} of {source}"), (("time", time),), numbers)
    made = from_table(table, symbol=series.symbol, timeframe=series.timeframe)
    return replace(made, source=source)


def lock(connection: Connection, name: str) -> None:
    """Let one writer at a time have something until it commits; SQLite has one writer anyway."""
    import sqlalchemy as sa

    if connection.dialect.name == "postgresql":
        connection.execute(
            sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(f"eyas {name}", 0)))
        )


def number(column: Any, connection: Connection) -> Any:
    """Return a column as an expression that never is null where COPY needs a number."""
    import sqlalchemy as sa

    if connection.dialect.name == "sqlite":
        return column
    return sa.func.coalesce(sa.cast(column, sa.Double), sa.text("'NaN'::float8"))


def unless_nan(column: Any, connection: Connection) -> Any:
    """Return a staged column with NULL for NaN; SQLite has done so already."""
    import sqlalchemy as sa

    return column if connection.dialect.name == "sqlite" else sa.func.nullif(column, sa.text("'NaN'::float8"))


def check_added(
    connection: Connection, series: Series, time: Any, scope: Sequence[Any], bars: Bars, time_ns: int
) -> None:
    """Raise UsageError where stored bars and those that were merged into them are too close.

    `time` is a column, in units of `time_ns`, and `scope` says which rows are of the series.
    """
    import sqlalchemy as sa

    first, last = int(bars.time[0]), int(bars.time[-1])
    edges = -(-first // time_ns), last // time_ns
    before = sa.select(time).where(*scope, time < edges[0]).order_by(time.desc()).limit(NEIGHBOURS)
    after = sa.select(time).where(*scope, time > edges[1]).order_by(time).limit(NEIGHBOURS)
    within = sa.select(time).where(*scope, time >= edges[0], time <= edges[1]).order_by(time)
    parts = [fetch(connection, query, ("time",))["time"] for query in (before, within, after)]
    found = np.concatenate([np.asarray(parts[0])[::-1], *parts[1:]]).astype(np.int64) * time_ns
    check_spacing(str(series), series.timeframe, found, (first, last))


def one_of(found: list[Entry], symbol: str, timeframe: str) -> Entry:
    """Return the only entry; raise UsageError when several venues have the series."""
    if len(found) > 1:
        venues = ", ".join(map(repr, dict.fromkeys(entry.venue for entry in found)))
        raise UsageError(f"several venues have {symbol} {timeframe}: say venue=..., one of {venues}")
    return found[0]
