"""The catalog: every series that was imported, in one place, checked and whole."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from eyas.data.catalog import asides, checking, exporting, finding, querying, ranges
from eyas.data.catalog.files import check_format
from eyas.data.catalog.fitting import check_adjustment, check_convention
from eyas.data.catalog.kinds import columns_of, kind_of
from eyas.data.catalog.manifest import Manifest
from eyas.data.catalog.periods import period_of
from eyas.data.catalog.places import store_at
from eyas.data.catalog.reading import folder_for
from eyas.data.catalog.records import Added, Damage, Entry, Exported
from eyas.data.catalog.stores import Store
from eyas.data.catalog.when import When
from eyas.data.catalog.writing import Import, add, remove
from eyas.errors import DataError, UsageError
from eyas.model import Bars
from eyas.ticks import Books, Trades
from eyas.timeframes import canonical

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    from eyas.timeframes import Session


class Catalog:
    """Keep bars, trades and books in a folder or an object store.

    `place` is a path or a URL (`s3://bucket/prefix`, `gs://…`, `az://…`, `memory://`; these need the extra
    cloud) or an obstore store. By default it is what EYAS_CATALOG says, or else eyas/catalog in the user's
    data folder. Nothing is made before something is added. Reading never waits; writers wait for each other.

    >>> import eyas, tempfile
    >>> catalog = Catalog(tempfile.mkdtemp())
    >>> print(catalog.add(eyas.sample("BTCUSDT", "1m"), venue="binance"))
    BTCUSDT 1m (binance): 10,080 new, 0 there already
    >>> catalog.load("BTCUSDT", "4h", start="2026-06-12", end="2026-06-13")
    <Bars BTCUSDT 4h, 6 rows, 2026-06-12T00:00:00Z to 2026-06-12T20:00:00Z>
    """

    def __init__(self, place: Any = None) -> None:
        self.store: Store = store_at(place)

    def __repr__(self) -> str:
        return f"<Catalog {self.store.name}>"

    def add(  # noqa: PLR0913
        self,
        data: Bars | Trades | Books,
        *,
        venue: str,
        symbol: str | None = None,
        timeframe: str | None = None,
        source: str = "",
        convention: str = "open",
        adjustment: str = "unknown",
        rejects: Sequence[Any] = (),
        revise: bool = False,
        format: str | None = None,  # noqa: A002
    ) -> Added:
        """Add rows to a series, or begin one; rows that are there already are not added again.

        A row that differs from the stored one is a revision: it is reported and kept aside, and the stored
        values stay unless `revise`. Trades are known by the venue's number, where they have one. `format` is
        "parquet" or "mapped" (one file that is mapped into memory; every addition writes it anew).
        `adjustment` is "raw", "adjusted" or "unknown"; `rejects` are kept aside too.

        Raises UsageError when the rows cannot be one series with those stored, and DataError when they are
        wrong or cannot be written; then the catalog is as it was.
        """
        kind = kind_of(data)
        wanted = self._wanted(kind, data, venue, symbol, timeframe, format)
        meant = check_convention(convention) if kind == "bars" else "event"
        wanted = replace(wanted, convention=meant, adjustment=check_adjustment(adjustment))
        columns = columns_of(data, wanted.name)
        given = Import(
            replace(wanted, columns=tuple(columns)),
            columns,
            source or data.source or "unnamed",
            rejects,
            format,
            revise,
        )
        return add(self.store, folder_for(wanted.venue, wanted.symbol, wanted.timeframe), given)

    def load(
        self,
        symbol: str,
        timeframe: str,
        *,
        venue: str | None = None,
        start: When | None = None,
        end: When | None = None,
        session: Session | None = None,
    ) -> Bars:
        """Load bars, those that open from `start` on and before `end`.

        Without a time zone times are UTC. Where this timeframe is not stored but one that divides it is, the
        bars are made of that which reaches over the most of the range, and of the longest such ones;
        `Bars.source` says so, and only closed bars are made. With a `session` they are made in any case, of
        the shortest ones, and aligned to its hours.

        Raises UsageError when there is no such series, or one at several venues and none is named, and
        DataError when the range is empty or a file is damaged.
        """
        # Of a session 48h is no 2d: there hours begin anew with each day.
        timeframe = timeframe if session else canonical(timeframe)
        since, until = ranges.between(start, end)
        found = None if session else finding.find(self.store, symbol, timeframe, venue)
        if found is not None:
            return cast(Bars, ranges.read(self.store, found, since, until))
        found = finding.shorter(self.store, symbol, timeframe, venue, since, until, session)
        return ranges.resampled(self.store, found, timeframe, since, until, session)

    def trades(
        self, symbol: str, *, venue: str | None = None, start: When | None = None, end: When | None = None
    ) -> Trades:
        """Load single trades from `start` on and before `end`; errors are those of `load`."""
        found = finding.known(self.store, symbol, "trades", venue)
        return cast(Trades, ranges.read(self.store, found, *ranges.between(start, end)))

    def books(
        self, symbol: str, *, venue: str | None = None, start: When | None = None, end: When | None = None
    ) -> Books:
        """Load snapshots of the order book from `start` on and before `end`; errors are those of `load`."""
        found = finding.known(self.store, symbol, "books", venue)
        return cast(Books, ranges.read(self.store, found, *ranges.between(start, end)))

    def times(
        self,
        symbol: str,
        timeframe: str,
        *,
        venue: str | None = None,
        start: When | None = None,
        end: When | None = None,
    ) -> NDArray[np.int64]:
        """Load the times of a series alone (int64 nanoseconds UTC), which is cheaper than all its columns.

        `timeframe` is "trades" or "books" for those. Empty when nothing lies in the range; raises UsageError
        when there is no such series.
        """
        found = finding.known(self.store, symbol, timeframe, venue)
        return ranges.times(self.store, found, *ranges.between(start, end))

    def series(self, symbol: str | None = None, *, venue: str | None = None) -> tuple[Entry, ...]:
        """List the series: all, or those of a symbol or venue."""
        found = (made.entry() for _, made in finding.series(self.store, symbol, venue))
        return tuple(sorted(found, key=finding.rank))

    def entry(self, symbol: str, timeframe: str, venue: str | None = None) -> Entry:
        """Describe one series; `timeframe` is "trades" or "books" for those."""
        return finding.known(self.store, symbol, timeframe, venue)[1].entry()

    def remove(self, symbol: str, timeframe: str, *, venue: str | None = None) -> Entry:
        """Remove a series with its files, and describe what it was."""
        folder, _ = finding.known(self.store, symbol, timeframe, venue)
        return remove(self.store, folder).entry()

    def verify(self) -> tuple[Damage, ...]:
        """Compare every file with the hashes in its manifest; return what is wrong, so nothing at best."""
        return tuple(checking.damages(self.store))

    def revisions(self, symbol: str, timeframe: str, *, venue: str | None = None) -> pl.DataFrame:
        """Return the revisions of a series, a row for each value; `taken` where the new one won."""
        folder, made = finding.known(self.store, symbol, timeframe, venue)
        if made.revisions is None:
            return asides.no_revisions()
        with _readable(self.store.name, made.name, "revisions"):
            return asides.read_revisions(self.store, folder, made.revisions)

    def rejects(self, symbol: str, timeframe: str, *, venue: str | None = None) -> tuple[dict[str, Any], ...]:
        """Return the rows that imports into a series have rejected."""
        folder, made = finding.known(self.store, symbol, timeframe, venue)
        if made.rejects is None:
            return ()
        with _readable(self.store.name, made.name, "rejects"):
            return tuple(json.loads(line) for line in asides.read_rejects(self.store, folder, made.rejects))

    def export(
        self,
        symbol: str,
        timeframe: str,
        path: str | Path,
        *,
        venue: str | None = None,
        start: When | None = None,
        end: When | None = None,
    ) -> Exported:
        """Write bars, trades or books to a .csv, .parquet or .jsonl file, wholly or not at all."""
        data: Bars | Trades | Books
        if timeframe in finding.TICKS:
            ticks = self.trades if timeframe == "trades" else self.books
            data = ticks(symbol, venue=venue, start=start, end=end)
        else:
            data = self.load(symbol, timeframe, venue=venue, start=start, end=end)
        return exporting.export(data, Path(path))

    def sql(self, query: str, *, symbols: Sequence[str] | None = None) -> pl.DataFrame:
        """Ask in SQL (DuckDB, the extra sql) and return a Polars frame.

        The tables are `bars`, `trades` and `books`, each with the columns venue, symbol and (bars) timeframe
        before its own; times are in microseconds, UTC. `symbols` limits what is looked at: from an object
        store all of it is fetched.
        """
        found = finding.series(self.store)
        if symbols is not None:
            found = [one for one in found if one[1].symbol in symbols]
        return querying.sql(self.store, found, query)

    def _wanted(
        self,
        kind: str,
        data: Bars | Trades | Books,
        venue: str,
        symbol: str | None,
        timeframe: str | None,
        file_format: str | None,
    ) -> Manifest:
        """Return the manifest of a new series, without what is said about its times and prices."""
        named = data.symbol if symbol is None else symbol
        if not named:
            raise UsageError("nobody said which symbol this is: pass symbol='BTCUSDT'")
        lasting = (data.timeframe if timeframe is None else timeframe) if isinstance(data, Bars) else kind
        if isinstance(data, Bars):
            if not lasting:
                raise UsageError(f"nobody said how long a bar of {named} lasts: pass timeframe='1m'")
            lasting = canonical(lasting)
        used = file_format or "parquet"
        check_format(used)
        return Manifest(
            venue=venue,
            symbol=named,
            timeframe=lasting,
            kind=kind,
            file_format=used,
            period=period_of(kind, lasting, used),
            columns=(),
            has_volume=data.has_volume if isinstance(data, Bars) else True,
            convention="",
            adjustment="",
        )


def load(
    symbol: str,
    timeframe: str,
    *,
    start: When | None = None,
    end: When | None = None,
    venue: str | None = None,
    session: Session | None = None,
    catalog: Catalog | str | Path | None = None,
) -> Bars:
    """Load bars from the catalog: those that open from `start` on and before `end`.

    `catalog` is a Catalog or its place; by default the user's own. Without a time zone times are UTC.
    The rest is as in `Catalog.load`.

    >>> import eyas, tempfile
    >>> place = tempfile.mkdtemp()
    >>> _ = Catalog(place).add(eyas.sample("AAPL", "1d"), venue="nasdaq")
    >>> load("AAPL", "1d", start="2014-06", end="2014-07", catalog=place)
    <Bars AAPL 1d, 21 rows, 2014-06-02T00:00:00Z to 2014-06-30T00:00:00Z>
    """
    found = catalog if isinstance(catalog, Catalog) else Catalog(catalog)
    return found.load(symbol, timeframe, venue=venue, start=start, end=end, session=session)


@contextlib.contextmanager
def _readable(store: str, series: str, what: str) -> Iterator[None]:
    """Raise DataError for a file of what was kept aside that is gone or damaged."""
    try:
        yield
    except Exception as error:
        raise DataError(
            f"{store}: the {what} of {series} cannot be read ({type(error).__name__}). Catalog.verify() says "
            "what is wrong; the series itself can be loaded all the same."
        ) from error
