"""The layout of eyas: one table of all bars by venue, symbol, timeframe and time, and a table of the series.

On PostgreSQL the table of bars is cut into a partition for each year, made when its first bar comes.
"""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.data.catalog.records import Added, Entry, Source
from eyas.data.columns import Column
from eyas.data.database.address import Address, transaction
from eyas.data.database.layout import (
    OPTIONAL,
    About,
    Series,
    bars_of,
    lock,
    number,
    staged,
    unless_nan,
)
from eyas.data.database.merge import Plan, merge
from eyas.data.database.names import check_name
from eyas.data.database.transfer import fetch, stage
from eyas.data.quality.verdict import hash_of
from eyas.errors import DataError
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
            check_fits(known, bars, about)
        staging = stage(connection, staged(bars))
        plan = Plan(
            table=self.bars,
            staging=staging,
            time="time",
            time_ns=1,
            fixed=dict(zip(KEY, (series.venue, series.symbol, series.timeframe), strict=True)),
            values={
                name: unless_nan(staging.c[name], connection) if name in OPTIONAL else staging.c[name]
                for name in NUMBERS
            },
            others={},
            shown={name: name for name in NUMBERS},
        )
        done = merge(connection, plan, len(bars), revise=revise)
        taken = revise and done.rows_revised > 0
        if known is None or done.rows_new or taken:
            # What counts is what can be read: a series that fails the checks as a whole is not committed.
            whole = bars if known is None else self.bars_of(connection, series, known, bars)
            before = Before(known, done.rows_new, done.rows_revised if taken else 0)
            known = self.describe(connection, series, whole, about, before)
        return Added(known, done.rows_new, done.rows_same, done.rows_revised, done.revisions, revised=taken)

    def bars_of(self, connection: Connection, series: Series, known: Entry, coming: Bars) -> Bars:
        """Return the whole series as it is now."""
        kept = tuple({*known.columns, *coming.columns} & set(OPTIONAL))
        if not known.has_volume:
            kept = tuple(name for name in kept if name != "volume")
        return bars_of(self.load(connection, series, None, None), series, "the database", kept=kept)

    def describe(
        self, connection: Connection, series: Series, whole: Bars, about: About, before: Before
    ) -> Entry:
        """Write the row of a series, and return it as an entry."""
        import sqlalchemy as sa

        key = dict(zip(KEY, (series.venue, series.symbol, series.timeframe), strict=True))
        columns = [name for name in whole.columns if name != "volume" or whole.has_volume]
        adjustment = about.adjustment
        known = before.entry
        if known and adjustment == "unknown":
            adjustment = known.adjustment
        row = {
            **key,
            "columns": " ".join(columns),
            "convention": about.convention,
            "adjustment": adjustment,
            "sources": sources_with(known.sources if known else (), about.source, before.rows_new),
            "rows": len(whole),
            "first": int(whole.time[0]),
            "last": int(whole.time[-1]),
            "revisions": before.rows_revised + (known.revisions if known else 0),
            "hash": hash_of(whole),
        }
        if known:
            connection.execute(sa.delete(self.series).where(*(self.series.c[n] == v for n, v in key.items())))
        connection.execute(sa.insert(self.series).values(row))
        return entry_of(row, connection.dialect.name)

    def known(self, connection: Connection, series: Series) -> Entry | None:
        """Return what is known of a series."""
        import sqlalchemy as sa

        key = zip(KEY, (series.venue, series.symbol, series.timeframe), strict=True)
        query = sa.select(self.series).where(*(self.series.c[name] == value for name, value in key))
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
        key = zip(KEY, (series.venue, series.symbol, series.timeframe), strict=True)
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
            key = zip(KEY, (series.venue, series.symbol, series.timeframe), strict=True)
            rows = connection.execute(sa.delete(table).where(*(table.c[n] == v for n, v in key))).rowcount
        return rows


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


def check_fits(known: Entry, bars: Bars, about: About) -> None:
    """Raise DataError when bars are of another nature than the series they would become a part of."""
    if known.has_volume != bars.has_volume:
        one, other = ("has", "have none") if known.has_volume else ("has no", "have one")
        raise DataError(
            f"{known.name} {one} volume and the bars {other}: keep them as another symbol or venue."
        )
    if "unknown" not in (known.adjustment, about.adjustment) and known.adjustment != about.adjustment:
        apart = f"{known.name} is {known.adjustment} and the bars are {about.adjustment}"
        raise DataError(f"{apart}: keep them as another symbol or venue.")


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
