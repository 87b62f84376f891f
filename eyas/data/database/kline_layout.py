"""The layout of kline tables: one for each symbol and interval, times in milliseconds, 8 decimals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.data.catalog.fitting import check_basis
from eyas.data.catalog.records import Added, Entry
from eyas.data.columns import Column
from eyas.data.database.address import Address
from eyas.data.database.layout import About, Series, check_added, lock, number, staged
from eyas.data.database.merge import Plan, merge
from eyas.data.database.names import series_of, table_of, tables_of
from eyas.data.database.transfer import fetch, stage
from eyas.data.place import plain
from eyas.errors import DataError, UsageError
from eyas.model import PRICE_COLUMNS, RARE_COLUMNS, Bars, iso
from eyas.timeframes import following

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sqlalchemy import Connection, Engine, Table

MS = 1_000_000
FIELDS = {**{f"{name}_price": name for name in PRICE_COLUMNS}, "base_volume": "volume"}
"""By column of a table, the field of a bar that it is."""
EXTRA_NUMBERS = ("quote_volume", "taker_buy_base_volume", "taker_buy_quote_volume")
LARGEST = 1e12
"""The first number that NUMERIC(20,8) cannot hold."""
EXACT_BELOW = 2.0**26
"""From here on a float has fewer than 8 decimals itself."""
NOISE = 1e-12
"""What differs by less, as a part of the number, is the noise of sums in binary fractions."""


class KlineLayout:
    """Keep bars in tables `t_kline_{symbol}_{interval}` with numbers of 8 decimals."""

    def check(self, series: Series, bars: Bars) -> None:
        """Raise UsageError or DataError when the bars cannot be kept as they are."""
        if series.venue:
            raise UsageError(
                f"a table of klines has no venue: leave out venue={series.venue!r}, or use layout='eyas'"
            )
        table_of(series.symbol, series.timeframe)
        for name in RARE_COLUMNS:
            if getattr(bars, name) is not None:
                raise UsageError(
                    f"a table of klines has no column for {name}: use layout='eyas', or drop the column"
                )
        odd = np.flatnonzero(bars.time % MS)
        if len(odd):
            when = iso(bars.time[odd[0]])
            raise DataError(
                f"{series} row {odd[0] + 1} ({when}): klines have whole milliseconds. Use layout='eyas'."
            )
        for name in (*PRICE_COLUMNS, *(["volume"] if bars.has_volume else [])):
            check_decimals(series, name, getattr(bars, name), bars.time)

    def prepare(self, engine: Engine, address: Address, bars: Bars) -> None:
        """Make nothing: the table is made in the transaction that fills it."""

    def add(self, connection: Connection, series: Series, bars: Bars, about: About, *, revise: bool) -> Added:
        """Merge bars into their table."""
        del about  # there is no room for it
        lock(connection, table_of(series.symbol, series.timeframe))
        name = name_of(connection, series.symbol, series.timeframe)
        table, others = self.table(connection, name)
        columns = staged(bars)
        fields = [field for column, field in FIELDS.items() if column in table.c]
        if "volume" not in fields and bars.has_volume:
            raise DataError(
                f"the table {name} has no column base_volume, and the bars have a volume. Add the column."
            )
        columns = {
            "time": bars.time // MS,
            "close_time": following(bars.time, series.timeframe) // MS - 1,
            **{field: as_stored(connection, columns[field]) for field in fields},
        }
        staging = stage(connection, columns)
        plan = Plan(
            table=table,
            staging=staging,
            time="open_time",
            time_ns=MS,
            fixed={},
            within=(int(bars.time[0]) // MS, int(bars.time[-1]) // MS),
            values={
                column: exact(connection, staging.c[field])
                for column, field in FIELDS.items()
                if column in table.c
            },
            others={**({"close_time": staging.c.close_time} if "close_time" in table.c else {}), **others},
            shown=FIELDS,
        )
        done = merge(connection, plan, len(bars), revise=revise)
        if not revise:
            check_basis(str(series), done)
        if done.rows_new:
            check_added(connection, series, table.c.open_time, [], bars, MS)
        entry = self.entry(connection, name)
        taken = revise and done.rows_revised > 0
        return Added(entry, done.rows_new, done.rows_same, done.rows_revised, done.revisions, revised=taken)

    def table(self, connection: Connection, name: str) -> tuple[Table, dict[str, Any]]:
        """Return a table, made if it is not there, and what goes into its columns that must not be empty."""
        import sqlalchemy as sa

        if not sa.inspect(connection).has_table(name):
            made = table_named(name, connection.dialect.name)
            made.create(connection)
            return made, {}
        found = sa.inspect(connection).get_columns(name)
        columns = {one["name"] for one in found}
        for column in ("open_time", *(f"{price}_price" for price in PRICE_COLUMNS)):
            if column not in columns:
                raise DataError(
                    f"the table {name} has no column {column}: it is no table of klines. Rename the column."
                )
        others: dict[str, Any] = {}
        for one in found:
            known = one["name"] in ("open_time", "close_time", *FIELDS)
            if not known and not one["nullable"] and one.get("default") is None:
                others[one["name"]] = sa.literal("" if isinstance(one["type"], sa.String) else 0)
        return sa.Table(name, sa.MetaData(), *(sa.Column(one["name"], one["type"]) for one in found)), others

    def entry(self, connection: Connection, name: str) -> Entry | None:
        """Return what a table holds; None when it is empty."""
        import sqlalchemy as sa

        series = series_of(name)
        assert series is not None, name
        column: Any = sa.column("open_time")
        query = sa.select(sa.func.count(), sa.func.min(column), sa.func.max(column)).select_from(
            sa.table(name)
        )
        rows, first, last = connection.execute(query).one()
        if not rows:
            return None
        columns = {one["name"] for one in sa.inspect(connection).get_columns(name)}
        return Entry(
            venue="",
            symbol=series[0],
            timeframe=series[1],
            kind="bars",
            rows=rows,
            first=first * MS,
            last=last * MS,
            hash="",
            format=connection.dialect.name,
            columns=("time", *(field for column, field in FIELDS.items() if column in columns)),
            has_volume="base_volume" in columns,
            convention="open",
            adjustment="unknown",
            sources=(),
            revisions=0,
            rejects=0,
            files=0,
            bytes=0,
        )

    def entries(self, connection: Connection) -> tuple[Entry, ...]:
        """Return the series of all tables of klines that hold rows."""
        import sqlalchemy as sa

        names = sorted(name for name in sa.inspect(connection).get_table_names() if series_of(name))
        return tuple(entry for name in names if (entry := self.entry(connection, name)))

    def hash_of(self, connection: Connection, entry: Entry) -> str:
        """Return nothing: there is no table that says which rows a series had when."""
        del connection
        return entry.hash

    def find(self, connection: Connection, symbol: str, timeframe: str) -> tuple[Entry, ...]:
        """Return the series of a symbol and a timeframe, without a look at the other tables."""
        import sqlalchemy as sa

        name = name_of(connection, symbol, timeframe)
        entry = self.entry(connection, name) if sa.inspect(connection).has_table(name) else None
        return (entry,) if entry else ()

    def load(
        self, connection: Connection, series: Series, start: int | None, end: int | None
    ) -> dict[str, Column]:
        """Return the columns of a table, with times in nanoseconds."""
        import sqlalchemy as sa

        name = name_of(connection, series.symbol, series.timeframe)
        there = {one["name"] for one in sa.inspect(connection).get_columns(name)}
        columns = [column for column in FIELDS if column in there or column != "base_volume"]
        time: Any = sa.column("open_time", sa.BigInteger)
        numbers = [number(sa.column(column), connection).label(column) for column in columns]
        query = sa.select(time, *numbers).select_from(sa.table(name)).order_by(time)
        if start is not None:
            query = query.where(time >= -(-start // MS))
        if end is not None:
            query = query.where(time < -(-end // MS))
        found = fetch(connection, query, ("time", *(FIELDS[column] for column in columns)))
        return {**found, "time": np.asarray(found["time"], np.int64) * MS}

    def remove(self, connection: Connection, series: Series) -> int:
        """Remove a table and return how many rows it had."""
        import sqlalchemy as sa

        lock(connection, table_of(series.symbol, series.timeframe))
        name = name_of(connection, series.symbol, series.timeframe)
        entry = self.entry(connection, name)
        sa.Table(name, sa.MetaData()).drop(connection)
        return entry.rows if entry else 0


def name_of(connection: Connection, symbol: str, timeframe: str) -> str:
    """Return the name of the table of a series: the one that is there, or the one that is to be made."""
    import sqlalchemy as sa

    names = tables_of(symbol, timeframe)
    look = sa.inspect(connection)
    return next((name for name in names if look.has_table(name)), names[0])


def table_named(name: str, dialect: str) -> Table:
    """Return the table of klines of a name; SQLite keeps exact decimals only as text."""
    import sqlalchemy as sa

    decimal: Any = sa.Numeric(20, 8) if dialect == "postgresql" else sa.Text()
    made = sa.Table(
        name,
        sa.MetaData(),
        sa.Column("open_time", sa.BigInteger, primary_key=True, autoincrement=False),
        *(sa.Column(column, decimal) for column in FIELDS),
        sa.Column("close_time", sa.BigInteger),
        sa.Column("quote_volume", decimal),
        sa.Column("trades_count", sa.Integer),
        *(sa.Column(column, decimal) for column in EXTRA_NUMBERS[1:]),
        sa.Column("reserved", sa.Text),
    )
    sa.Index(f"ix_{name[2:]}_close", made.c.close_time)
    return made


def check_decimals(series: Series, name: str, values: NDArray[np.float64], time: NDArray[np.int64]) -> None:
    """Raise DataError for a number that 8 decimals do not hold; the noise of a sum is no decimal."""
    short = np.where(values < EXACT_BELOW, np.rint(values * 1e8) / 1e8, values)
    bad = np.flatnonzero((np.abs(values - short) > np.abs(values) * NOISE) | (values >= LARGEST))
    if len(bad):
        row = int(bad[0])
        where = f"{series} row {row + 1} ({iso(time[row])})"
        said = f"{name} {plain(values[row])} does not fit NUMERIC(20,8) without being rounded"
        more = f" {len(bad) - 1:,} other rows do not fit either." if len(bad) > 1 else ""
        raise DataError(f"{where}: {said}.{more} Use layout='eyas', which keeps every number as it is.")


def as_stored(connection: Connection, values: NDArray[np.float64]) -> NDArray[Any]:
    """Return numbers as they are staged: as 8 decimals of text for SQLite."""
    if connection.dialect.name == "postgresql":
        return values
    return np.array([None if value != value else f"{value:.8f}" for value in values.tolist()], object)


def exact(connection: Connection, column: Any) -> Any:
    """Return a staged number as a decimal; PostgreSQL's own cast would keep 15 digits."""
    import sqlalchemy as sa

    if connection.dialect.name == "sqlite":
        return column
    decimal = sa.cast(sa.cast(column, sa.Text), sa.Numeric(20, 8))
    return sa.func.nullif(decimal, sa.text("'NaN'::numeric"))
