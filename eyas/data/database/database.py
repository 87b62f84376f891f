"""A database as source and sink of bars."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from eyas.data.catalog.finding import makes_up, worth
from eyas.data.catalog.fitting import check_adjustment, check_convention
from eyas.data.catalog.ranges import between, closed, whole
from eyas.data.catalog.records import Added, Entry
from eyas.data.catalog.when import When
from eyas.data.database.address import address_of, engine_of, transaction
from eyas.data.database.eyas_layout import EyasLayout
from eyas.data.database.kline_layout import KlineLayout
from eyas.data.database.layout import About, Layout, Series, bars_of, normal, one_of
from eyas.data.database.names import spelled
from eyas.data.database.trouble import told
from eyas.errors import DataError, UsageError
from eyas.model import Bars, iso
from eyas.timeframes import canonical

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from eyas.data.catalog import Catalog
    from eyas.timeframes import Session

LAYOUTS = ("eyas", "kline")


class Database:
    """Keep bars in PostgreSQL or SQLite.

    `url` is `postgresql://user:password@host:5432/name` or `sqlite:///bars.db`; without one the variable
    DATABASE_URL is read. The layout "eyas" keeps all series in one table, to the last bit; "kline" keeps a
    table `t_kline_{symbol}_{interval}` for each, with 8 decimals, as other programs have it.

    Every call is a transaction: it happens as a whole or not at all, and closes its connection.
    Raises UsageError for a wrong URL or an unknown series, DataError when the database cannot be reached
    or refuses.

    >>> import tempfile, eyas
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     database = Database(f"sqlite:///{folder}/bars.db")
    ...     added = database.add(eyas.sample("AAPL", "1d"), venue="nasdaq")
    ...     database.load("AAPL", "1d", start="2014-01", end="2014-02")
    <Bars AAPL 1d, 21 rows, 2014-01-02T00:00:00Z to 2014-01-31T00:00:00Z>
    """

    def __init__(self, url: str | None = None, *, layout: Literal["eyas", "kline"] = "eyas") -> None:
        if layout not in LAYOUTS:
            raise UsageError(f"layout={layout!r} is not one of {', '.join(map(repr, LAYOUTS))}")
        self.address = address_of(url)
        self.layout: Layout = EyasLayout() if layout == "eyas" else KlineLayout()
        self.engine = engine_of(self.address)
        self._name = layout

    def __repr__(self) -> str:
        return f"<Database {self.address}, layout {self._name}>"

    def add(  # noqa: PLR0913 - each says something of its own about a series
        self,
        bars: Bars,
        *,
        venue: str = "",
        symbol: str | None = None,
        timeframe: str | None = None,
        source: str = "",
        convention: str = "open",
        adjustment: str = "unknown",
        revise: bool = False,
    ) -> Added:
        """Add bars to their series, and say how many rows were new, were there already, or differ.

        Rows that differ from what is stored are reported as revisions; they are taken only with `revise`.
        Adding the same bars again changes nothing.
        """
        if not isinstance(bars, Bars):
            raise UsageError(
                f"a database keeps Bars, not {type(bars).__name__}: make them with eyas.bars(...)"
            )
        about = About(
            source or bars.source, check_convention(convention), check_adjustment(adjustment), bars.has_volume
        )
        series = Series(venue, symbol or bars.symbol, spelled(timeframe or bars.timeframe))
        bars = normal(replace(bars, symbol=series.symbol, timeframe=series.timeframe))
        self.layout.check(series, bars)
        if not len(bars):
            return Added(None, 0, 0)
        with told(self.address, f"writing {series}"):
            self.layout.prepare(self.engine, self.address, bars)
            with transaction(self.engine, self.address, writes=True) as connection:
                return self.layout.add(connection, series, bars, about, revise=revise)

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
        """Load the bars that open from `start` to before `end`, through the usual checks.

        `venue` need only be said when several have the series. Where this timeframe is not stored but one
        that divides it is, or with a `session`, the closed bars are made of shorter ones as in Catalog.load.
        Raises UsageError when there is no such series, DataError when none of it lies in the range, or when a
        row cannot be one of a bar.
        """
        # Of a session 48h is no 2d: there hours begin anew with each day.
        timeframe = timeframe if session else canonical(timeframe)
        since, until = between(start, end)
        doing = f"reading {symbol} {timeframe}"
        with told(self.address, doing), transaction(self.engine, self.address) as connection:
            entry = self._source(connection, symbol, timeframe, venue, (since, until), session)
            is_longer = session is not None or entry.timeframe != timeframe
            wanted = whole(since, until, timeframe, session) if is_longer else (since, until)
            series = Series(entry.venue, symbol, entry.timeframe)
            columns = self.layout.load(connection, series, *wanted)
        if not len(columns["time"]):
            raise self._empty(entry, "bars")
        kept = entry.columns if self._name == "eyas" else ()
        bars = bars_of(columns, series, str(self.address), kept=kept)
        if not is_longer:
            return bars
        made = closed(bars, timeframe, entry.last, session)
        if not len(made):
            raise self._empty(entry, f"closed bar of {timeframe}")
        return replace(made, source=f"{self.address}, resampled from {entry.timeframe}")

    def series(self, symbol: str | None = None, *, venue: str | None = None) -> tuple[Entry, ...]:
        """List the series with their rows, range and source: all, or those of a symbol or venue.

        The hash is that of the content where it is known: `entry` works it out.
        """
        with told(self.address, "listing its series"), transaction(self.engine, self.address) as connection:
            found = self.layout.entries(connection)
        return tuple(one for one in found if symbol in (None, one.symbol) and venue in (None, one.venue))

    def entry(self, symbol: str, timeframe: str, venue: str | None = None) -> Entry:
        """Return what is known of one series; raise UsageError when it is not there."""
        with told(self.address, "looking for a series"), transaction(self.engine, self.address) as connection:
            entry = self._entry(connection, symbol, timeframe, venue)
            return replace(entry, hash=self.layout.hash_of(connection, entry))

    def remove(self, symbol: str, timeframe: str, *, venue: str | None = None) -> Entry:
        """Remove a series, and describe what it was."""
        writing = transaction(self.engine, self.address, writes=True)
        with told(self.address, f"removing {symbol} {timeframe}"), writing as connection:
            entry = self._entry(connection, symbol, timeframe, venue)
            self.layout.remove(connection, Series(entry.venue, symbol, entry.timeframe))
            return entry

    def import_from(
        self,
        catalog: Catalog,
        *,
        symbol: str | None = None,
        timeframe: str | None = None,
        revise: bool = False,
    ) -> tuple[Added, ...]:
        """Copy the bars of a catalog here: all series, or those of a symbol and a timeframe."""
        found = [one for one in wanted(catalog.series(), symbol, timeframe) if one.kind == "bars"]
        names = [(one.symbol, one.timeframe) for one in found]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice and self._name == "kline":
            raise UsageError(
                f"several venues have {twice[0]} {twice[1]}, and tables of klines know none: "
                "use layout='eyas'"
            )
        done = []
        for one in found:
            bars = catalog.load(one.symbol, one.timeframe, venue=one.venue)
            done.append(
                self.add(
                    bars,
                    venue="" if self._name == "kline" else one.venue,
                    source=", ".join(source.name for source in one.sources),
                    convention=one.convention,
                    adjustment=one.adjustment,
                    revise=revise,
                )
            )
        return tuple(done)

    def export_to(
        self,
        catalog: Catalog,
        *,
        symbol: str | None = None,
        timeframe: str | None = None,
        venue: str = "",
        adjustment: str | None = None,
        revise: bool = False,
    ) -> tuple[Added, ...]:
        """Copy series into a catalog; `venue` is for those that have none here.

        `adjustment` is said of the prices instead of what is known here: klines know nothing of it.
        """
        done = []
        for one in wanted(self.series(), symbol, timeframe):
            bars = self.load(one.symbol, one.timeframe, venue=one.venue)
            if not (one.venue or venue):
                raise UsageError("a catalog keeps series by venue, and these have none: say venue='binance'")
            done.append(
                catalog.add(
                    bars,
                    venue=one.venue or venue,
                    source=str(self.address),
                    convention=one.convention,
                    adjustment=adjustment or one.adjustment,
                    revise=revise,
                )
            )
        return tuple(done)

    def _source(
        self,
        connection: Connection,
        symbol: str,
        timeframe: str,
        venue: str | None,
        wanted: tuple[int | None, int | None],
        session: Session | None,
    ) -> Entry:
        """Return the series of a timeframe, or the one that its bars are best made of."""
        stored = self.layout.find(connection, symbol, timeframe)
        if session is None and any(venue in (None, one.venue) for one in stored):
            return self._entry(connection, symbol, timeframe, venue)
        usable = [
            one
            for one in self.layout.entries(connection)
            if one.symbol == symbol and venue in (None, one.venue) and makes_up(one.timeframe, timeframe)
        ]
        if not usable:
            return self._entry(connection, symbol, timeframe, venue)
        if len({one.venue for one in usable}) > 1:
            return one_of(usable, symbol, timeframe)
        return max(usable, key=lambda one: worth(one, timeframe, *wanted, session))

    def _empty(self, entry: Entry, what: str) -> DataError:
        series = Series(entry.venue, entry.symbol, entry.timeframe)
        return DataError(
            f"{self.address} has no {what} of {series} in this range: it has {iso(entry.first)} to "
            f"{iso(entry.last)}. Choose start and end in it."
        )

    def _entry(self, connection: Connection, symbol: str, timeframe: str, venue: str | None) -> Entry:
        there = self.layout.find(connection, symbol, spelled(timeframe))
        found = [one for one in there if venue in (None, one.venue)]
        if found:
            return one_of(found, symbol, timeframe)
        entries = self.layout.entries(connection)
        if not entries:
            raise UsageError(
                f"{self.address} holds no bars in the layout {self._name!r}: write some with add(...), or "
                "choose the other layout"
            )
        listed = ", ".join(f"{one.symbol} {one.timeframe}" for one in entries[:8])
        more = f" and {len(entries) - 8} more" if len(entries) > 8 else ""
        asked = f"{symbol} {timeframe}" + (f" ({venue})" if venue else "")
        raise UsageError(f"{self.address} has no {asked}. It has {listed}{more}.")


def wanted(entries: tuple[Entry, ...], symbol: str | None, timeframe: str | None) -> tuple[Entry, ...]:
    """Return the entries of a symbol and a timeframe, all where one is not said."""
    kept = None if timeframe is None else canonical(timeframe)
    return tuple(one for one in entries if symbol in (None, one.symbol) and kept in (None, one.timeframe))
