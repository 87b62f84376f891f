"""The layout of eyas: one table of all bars by venue, symbol, timeframe and time, and a table of the series.

On PostgreSQL the table of bars is cut into a partition for each year, made when its first bar comes.
"""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.data.catalog.fitting import check_alike, check_basis, check_spacing
from eyas.data.catalog.records import Added, Entry, Source
from eyas.data.columns import Column
from eyas.data.database.address import Address, transaction
from eyas.data.database.layout import (
    OPTIONAL,
    About,
    Series,
    bars_of,
    check_added,
    lock,
    number,
    staged,
    unless_nan,
)
from eyas.data.database.merge import Plan, merge
from eyas.data.database.names import check_name
from eyas.data.database.transfer import fetch, stage
from eyas.data.quality.verdict import hash_of
from eyas.model import PRICE_COLUMNS, Bars

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, Table

NUMBERS = (*PRICE_COLUMNS, *OPTIONAL)
KEY = ("venue", "symbol", "timeframe")
TEXTS = ("columns", "convention", "adjustment", "sources", "hash")
COUNTS = ("rows", "first", "last", "revisions")


@dataclass(frozen=True, slots=True)
class Before:
    """Say what a series was, and how many rows have come to it and were changed since."""

    entry: Entry | None
    rows_new: int
    rows_revised: int


class EyasLayout:
    """Keep bars in `eyas_bars`, with times in nanoseconds and numbers as the doubles they are."""

    def __init__(self) -> None:
        import sqlalchemy as sa

        made = sa.MetaData()
        key = [sa.Column(name, sa.Text, primary_key=True) for name in KEY]
        numbers = [sa.Column(name, sa.Double, nullable=name in OPTIONAL) for name in NUMBERS]
        self.bars = sa.Table(
            "eyas_bars", made, *key, sa.Column("time", sa.BigInteger, primary_key=True), *numbers,
            postgresql_partition_by="RANGE (time)", sqlite_with_rowid=False,
        )  # fmt: skip
        self.series = sa.Table(
            "eyas_series", made, *[sa.Column(name, sa.Text, primary_key=True) for name in KEY],
            *[sa.Column(name, sa.Text, nullable=False) for name in TEXTS],
            *[sa.Column(name, sa.BigInteger, nullable=False) for name in COUNTS],
        )  # fmt: skip

    def check(self, series: Series, bars: Bars) -> None:
        """Raise UsageError when the names cannot be kept."""
        del bars
        check_name("venue", series.venue, empty=True)
        check_name("symbol", series.symbol)

    def prepare(self, engine: Engine, address: Address, bars: Bars) -> None:
        """Make the tables, and the partitions for the years of the bars."""
        with transaction(engine, address, writes=True) as connection:
            lock(connection, "tables")
            self.bars.metadata.create_all(connection)
            if connection.dialect.name == "postgresql":
                years = np.unique(bars.time.view("datetime64[ns]").astype("datetime64[Y]").astype(np.int64))
                for year in years.tolist():
                    make_partition(connection, self.bars, year + 1970)

    def add(self, connection: Connection, series: Series, bars: Bars, about: About, *, revise: bool) -> Added:
        """Merge bars into their series, and describe the series anew."""
        lock(connection, str(series))
        known = self.known(connection, series)
        if known:
            check_alike(known.name, known, about)
        staging = stage(connection, staged(bars))
        plan = Plan(
            table=self.bars,
            staging=staging,
            time="time",
            time_ns=1,
            fixed=key_of(series),
            within=(int(bars.time[0]), int(bars.time[-1])),
            values={
                name: unless_nan(staging.c[name], connection) if name in OPTIONAL else staging.c[name]
                for name in NUMBERS
            },
            others={},
            shown={name: name for name in NUMBERS},
        )
        done = merge(connection, plan, len(bars), revise=revise)
        if not revise:
            check_basis(str(series), done)
        taken = revise and done.rows_revised > 0
        if known is None or done.rows_new or taken:
            if known is None:
                check_spacing(
                    str(series), series.timeframe, bars.time, (int(bars.time[0]), int(bars.time[-1]))
                )
            elif done.rows_new:
                scope = [self.bars.c[name] == value for name, value in key_of(series).items()]
                check_added(connection, series, self.bars.c.time, scope, bars, 1)
            before = Before(known, done.rows_new, done.rows_revised if taken else 0)
            known = self.describe(connection, series, bars, about, before)
        return Added(known, done.rows_new, done.rows_same, done.rows_revised, done.revisions, revised=taken)

    def describe(
        self, connection: Connection, series: Series, bars: Bars, about: About, before: Before
    ) -> Entry:
        """Write the row of a series after bars were merged into it, and return it as an entry.

        Its hash is that of all its rows: it is worked out when somebody asks, not with every bar that comes.
        """
        import sqlalchemy as sa

        key, known = key_of(series), before.entry
        columns = {*bars.columns, *(known.columns if known else ())}
        if not bars.has_volume:
            columns.discard("volume")
        row = {
            **key,
            "columns": " ".join(name for name in ("time", *NUMBERS) if name in columns),
            "convention": about.convention,
            "adjustment": about.adjustment,
            "sources": sources_with(known.sources if known else (), about.source, before.rows_new),
            "rows": before.rows_new + (known.rows if known else 0),
            "first": min([int(bars.time[0])] + ([known.first] if known else [])),
            "last": max([int(bars.time[-1])] + ([known.last] if known else [])),
            "revisions": before.rows_revised + (known.revisions if known else 0),
            "hash": "" if known else hash_of(bars),
        }
        if known:
            connection.execute(sa.delete(self.series).where(*(self.series.c[n] == v for n, v in key.items())))
        connection.execute(sa.insert(self.series).values(row))
        return entry_of(row, connection.dialect.name)

    def hash_of(self, connection: Connection, entry: Entry) -> str:
        """Return the hash of a series: the stored one, or where bars came since, that of its rows as read."""
        if entry.hash:
            return entry.hash
        series = Series(entry.venue, entry.symbol, entry.timeframe)
        columns = self.load(connection, series, None, None)
        return hash_of(bars_of(columns, series, "the database", kept=entry.columns))

    def known(self, connection: Connection, series: Series) -> Entry | None:
        """Return what is known of a series."""
        import sqlalchemy as sa

        query = sa.select(self.series)
        query = query.where(*(self.series.c[name] == value for name, value in key_of(series).items()))
        row = connection.execute(query).mappings().first()
        return entry_of(dict(row), connection.dialect.name) if row else None

    def entries(self, connection: Connection) -> tuple[Entry, ...]:
        """Return every series, by venue, symbol and timeframe."""
        import sqlalchemy as sa

        if not sa.inspect(connection).has_table(self.series.name):
            return ()
        rows = connection.execute(sa.select(self.series)).mappings()
        found = [entry_of(dict(row), connection.dialect.name) for row in rows]
        return tuple(sorted(found, key=lambda one: (one.venue, one.symbol, one.timeframe)))

    def find(self, connection: Connection, symbol: str, timeframe: str) -> tuple[Entry, ...]:
        """Return the series of a symbol and a timeframe, of every venue."""
        return tuple(
            one for one in self.entries(connection) if (one.symbol, one.timeframe) == (symbol, timeframe)
        )

    def load(
        self, connection: Connection, series: Series, start: int | None, end: int | None
    ) -> dict[str, Column]:
        """Return the columns of a series."""
        import sqlalchemy as sa

        table = self.bars
        key = key_of(series).items()
        query = sa.select(table.c.time, *(number(table.c[name], connection).label(name) for name in NUMBERS))
        query = query.where(*(table.c[name] == value for name, value in key)).order_by(table.c.time)
        if start is not None:
            query = query.where(table.c.time >= start)
        if end is not None:
            query = query.where(table.c.time < end)
        return fetch(connection, query, ("time", *NUMBERS))

    def remove(self, connection: Connection, series: Series) -> int:
        """Remove a series and return how many rows it had."""
        import sqlalchemy as sa

        lock(connection, str(series))
        rows = 0
        for table in (self.series, self.bars):
            key = key_of(series).items()
            rows = connection.execute(sa.delete(table).where(*(table.c[n] == v for n, v in key))).rowcount
        return rows


def key_of(series: Series) -> dict[str, str]:
    """Return the columns that say of which series a row is."""
    return dict(zip(KEY, (series.venue, series.symbol, series.timeframe), strict=True))


def make_partition(connection: Connection, table: Table, year: int) -> None:
    """Make the partition of a year unless it is there; attaching it keeps readers and writers going."""
    import sqlalchemy as sa

    name = f"{table.name}_{year:04d}"
    if sa.inspect(connection).has_table(name):
        return
    first, end = (int(np.datetime64(f"{one:04d}", "ns").astype(np.int64)) for one in (year, year + 1))
    connection.exec_driver_sql(f"CREATE TABLE {name} (LIKE {table.name} INCLUDING ALL)")
    bounds = f"FROM ({first}) TO ({end})"
    connection.exec_driver_sql(f"ALTER TABLE {table.name} ATTACH PARTITION {name} FOR VALUES {bounds}")


def sources_with(sources: tuple[Source, ...], name: str, rows: int) -> str:
    """Return the sources with one more import, as JSON."""
    now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    found = {one.name: one for one in sources}
    old = found.get(name, Source(name, now, now, 0))
    found[name] = replace(old, last_import=now, rows=old.rows + rows)
    return json.dumps([[one.name, one.first_import, one.last_import, one.rows] for one in found.values()])


def entry_of(row: dict[str, Any], kind: str) -> Entry:
    """Return a row of the table of series as an entry."""
    columns = tuple(row["columns"].split())
    return Entry(
        venue=row["venue"],
        symbol=row["symbol"],
        timeframe=row["timeframe"],
        kind="bars",
        rows=row["rows"],
        first=row["first"],
        last=row["last"],
        hash=row["hash"],
        format=kind,
        columns=columns,
        has_volume="volume" in columns,
        convention=row["convention"],
        adjustment=row["adjustment"],
        sources=tuple(Source(*one) for one in json.loads(row["sources"])),
        revisions=row["revisions"],
        rejects=0,
        files=0,
        bytes=0,
    )
