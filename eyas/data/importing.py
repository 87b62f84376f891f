"""Bring files into a catalog: one file, a folder or a pattern, of one instrument or of many."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.data.reading.kinds import AnyReading, Kind, kind_named, kind_of
from eyas.data.reading.raw import Raw
from eyas.data.reading.result import Reading, Reject, write_rejects
from eyas.data.reading.series import Asked, is_paths, rows_of, symbols_in
from eyas.data.reading.sources import paths_of
from eyas.errors import DataError, UsageError
from eyas.timeframes import ends

if TYPE_CHECKING:
    from eyas.data.catalog import Added, Catalog
    from eyas.model import Bars
    from eyas.ticks import Books, Trades

Progress = Callable[[int, int, str], None]
"""Is told how many files are done, how many there are, and which one is next."""
VENUES = ("binance", "kraken", "alpaca", "yahoo", "firstrate", "histdata")
"""Dialects that name the venue as well, where nobody says another."""


@dataclass(frozen=True, slots=True)
class ImportedSeries:
    """Say what an import did to one series."""

    reading: AnyReading
    added: Added | None
    """None where no row was good."""
    kind: str = "bars"
    """Or trades, or books."""

    @property
    def data(self) -> Bars | Trades | Books:
        """The good rows."""
        found: Bars | Trades | Books = getattr(self.reading, self.kind)
        return found

    @property
    def timeframe(self) -> str:
        """Length of a bar, or what else it holds: trades, books."""
        return str(getattr(self.data, "timeframe", self.kind))

    def __str__(self) -> str:
        reading = self.reading
        twice = reading.counts.get("duplicate", 0)
        dropped = f", {twice:,} the same twice" if twice else ""
        forming = reading.counts.get("forming", 0)
        dropped += f", {forming:,} not over yet and left out" if forming else ""
        read = f"{reading.rows:,} read{dropped}, {len(reading.rejects):,} put aside ({reading.dialect})"
        if self.added is None:
            name = f"{self.data.symbol} {self.timeframe}".strip() or "no name"
            return f"{name}: nothing to add; {read}"
        return f"{self.added}; {read}"


@dataclass(frozen=True, slots=True)
class Imported:
    """Say what an import did: series by series, files that could not be read, and where the rejects are."""

    series: tuple[ImportedSeries, ...]
    lost: tuple[Reject, ...] = ()
    """Whole files that could not be read or added."""
    rejects_path: Path | None = None

    @property
    def rows_read(self) -> int:
        """How many rows the files have."""
        return sum(one.reading.rows for one in self.series)

    @property
    def rows_new(self) -> int:
        """How many rows the catalog did not have."""
        return sum(one.added.rows_new for one in self.series if one.added)

    @property
    def rows_same(self) -> int:
        """How many rows the catalog had already."""
        return sum(one.added.rows_same for one in self.series if one.added)

    @property
    def rows_revised(self) -> int:
        """How many rows differ from those in the catalog."""
        return sum(one.added.rows_revised for one in self.series if one.added)

    @property
    def rejects(self) -> tuple[Reject, ...]:
        """Every row that was put aside, and every file that could not be read."""
        return (*self.lost, *(reject for one in self.series for reject in one.reading.rejects))

    def __repr__(self) -> str:
        lines = [str(one) for one in self.series]
        if len(self.series) > 1:
            lines.append(
                f"{len(self.series):,} series: {self.rows_read:,} rows read, {self.rows_new:,} new, "
                f"{self.rows_same:,} there already, {self.rows_revised:,} differ"
            )
        lines += [str(one) for one in self.lost]
        if self.rejects:
            where = f"in {self.rejects_path}" if self.rejects_path else "in .rejects"
            lines.append(f"{len(self.rejects):,} put aside: they are {where}")
        return "\n".join(lines)


def import_files(  # noqa: PLR0913
    source: Any,
    catalog: Catalog,
    *,
    kind: str | None = None,
    venue: str | None = None,
    symbol: str | None = None,
    timeframe: str | None = None,
    dialect: str | None = None,
    time_zone: str | None = None,
    stamp: str | None = None,
    adjustment: str | None = None,
    strict: bool = False,
    revise: bool = False,
    format: str | None = None,  # noqa: A002
    rejects: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
) -> Imported:
    """Read bars, trades or order books from a file, a folder, a pattern or a frame into a catalog.

    `kind` is bars, trades or books; without it the dialect or a vendor's file name tells, else it is bars.
    Files of several instruments are told apart by their names, or by a column symbol. `venue` is needed
    where the vendor's format does not tell it, and `adjustment` ("raw", "adjusted" or "unknown") where you
    know better than the format; `format` is that of `Catalog.add`. Bars that are still forming are left out.
    A bad row is put aside: the catalog keeps
    it beside the series, and `rejects` names a CSV file for all of them. A file that cannot be read stops no
    other, unless `strict`: then the first bad row or file is a DataError, and series added before it stay.
    `revise` takes new values where the catalog has others. `progress` is told (files done, files in all, the
    next one's name).

    Raises DataError where no file can be read, and UsageError where the call is wrong.
    """
    asked = Asked(symbol, timeframe, dialect, time_zone, stamp, strict)
    said = {"adjustment": adjustment, "format": format, "revise": revise}
    chosen = None if kind is None else kind_named(kind)
    if chosen is not None and chosen.name != "bars" and (timeframe is not None or stamp is not None):
        raise UsageError(f"{kind} have no bars: leave {'stamp=' if timeframe is None else 'timeframe='} out")
    known = {name: value for name, value in said.items() if value is not None}
    run = _Run(catalog, asked, chosen, venue, known)
    if not is_paths(source):
        one = chosen or kind_of(None, dialect)
        run.take([one.open_frame(source, dialect)], one, alone=True, single=True)
    else:
        run.take_files([path for one in listed(source) for path in paths_of(one)], progress)
    path = None
    every = (*run.lost, *(reject for one in run.done for reject in one.reading.rejects))
    if rejects is not None and every:
        path = write_rejects(rejects, every)
    return Imported(tuple(run.done), tuple(run.lost), path)


def listed(source: Any) -> Sequence[Any]:
    """Return paths as a list, whether one was given or several."""
    return source if isinstance(source, list | tuple) else [source]


@dataclass(slots=True)
class _Run:
    """One import: what was asked for, and what is done."""

    catalog: Catalog
    asked: Asked
    kind: Kind | None
    venue: str | None
    said: dict[str, Any]
    """What else the caller said to the catalog."""
    done: list[ImportedSeries] = field(default_factory=list)
    lost: list[Reject] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    """The symbols that were met, those that were not asked for among them."""

    def take_files(self, paths: Sequence[Path], progress: Progress | None) -> None:
        """Add files, those whose names tell the same series together, so that memory holds one at a time."""
        batches: dict[tuple[Any, ...], list[Path]] = {}
        kinds = {path: self.kind or kind_of(path, self.asked.dialect) for path in paths}
        series = {path: (kind.name, kind.told(path)) for path, kind in kinds.items()}
        for path in paths:
            # A month of trades may be all that fits into memory.
            apart = () if kinds[path].name == "bars" else (path,)
            batches.setdefault((*series[path], *apart), []).append(path)
        alone = len(set(series.values())) == 1
        count = 0
        for batch in batches.values():
            raws: list[Raw] = []
            for path in batch:
                if progress is not None:
                    progress(count, len(paths), path.name)
                count += 1
                raws += self.opened(path, kinds[path], alone=len(paths) == 1)
            self.take(raws, kinds[batch[0]], alone=alone, single=len(batches) == 1)
        if progress is not None:
            progress(count, len(paths), "")
        if len(self.lost) == len(paths):
            raise DataError(f"none of the {len(paths)} files can be read. The first: {self.lost[0].sentence}")
        if not self.done and self.asked.symbol is not None:
            met = ", ".join(sorted(name or "no name" for name in self.seen)[:8])
            wanted = f"{self.asked.symbol} {self.asked.timeframe or ''}".rstrip()
            raise UsageError(f"none of the files is of {wanted}: they are of {met}.")

    def opened(self, path: Path, kind: Kind, *, alone: bool) -> list[Raw]:
        """Open a file; one that cannot be read stops no other."""
        try:
            return kind.open_path(path, self.asked.dialect)
        except (DataError, UsageError) as error:
            if self.asked.strict or alone:
                raise
            self.lost.append(_lost(str(path), error))
            return []

    def take(self, raws: Sequence[Raw], kind: Kind, *, alone: bool, single: bool) -> None:
        """Add every series that the sources hold and that was asked for.

        `alone` says that all files tell the same series, `single` that these are all the files.
        """
        groups: dict[tuple[str, str, str], list[Raw]] = {}
        for raw in raws:
            for (symbol, timeframe), part in _series_in(raw):
                # Files that nobody named are not of one series because of that.
                unnamed = not symbol and self.asked.symbol is None
                apart = part.table.place.name if unnamed else self.venue or _venue_in(part)
                groups.setdefault((symbol, timeframe, apart), []).append(part)
        self.seen |= {symbol for symbol, _, _ in groups}
        for (symbol, timeframe, _), parts in sorted(groups.items(), key=lambda group: group[0]):
            # What is said is the name of the only series, and otherwise the choice of one of several.
            chosen = (alone and len(groups) == 1) or (
                self.asked.symbol in (None, symbol) and self.asked.timeframe in (None, timeframe or None)
            )
            untold = (
                self.asked.timeframe is not None and not timeframe and self.asked.symbol in (None, symbol)
            )
            of_bars = kind.name == "bars" or self.asked.timeframe is None
            if not (chosen or untold) or not of_bars:
                continue
            try:
                self.done.append(self.added(parts, kind, symbol, timeframe))
            except (DataError, UsageError) as error:
                if self.asked.strict or (single and len(groups) == 1):
                    raise
                self.lost.append(_lost(parts[0].table.place.name, error))

    def added(self, raws: Sequence[Raw], kind: Kind, symbol: str, timeframe: str) -> ImportedSeries:
        """Read one series and add it."""
        file, are_bars = raws[0].table.place.name, kind.name == "bars"
        venue = self.venue or _venue_in(raws[0])
        if not venue:
            raise UsageError(f"{file} does not say which venue its prices are of. Say venue=.")
        asked = replace(
            self.asked,
            symbol=self.asked.symbol or symbol or None,
            timeframe=(self.asked.timeframe or timeframe or None) if are_bars else None,
            stamp=self.asked.stamp if are_bars else None,
        )
        reading = _over(kind.reading_of([replace(raw, symbols=None) for raw in raws], [], asked))
        done = ImportedSeries(reading, None, kind.name)
        if not done.data.symbol:
            raise UsageError(f"{file} does not say whose prices it holds. Say symbol=.")
        if not len(done.data):
            return done
        if are_bars and len(done.data) == 2 and asked.timeframe is None:
            # A Friday and a Monday would make a series of three days beside the one that is meant.
            raise UsageError(f"{file} holds two bars, too few to tell how long one lasts. Say timeframe=.")
        added = self.catalog.add(
            done.data,
            venue=venue,
            source=done.data.source,
            rejects=reading.rejects,
            **{"adjustment": reading.adjustment, **self.said},
        )
        return replace(done, added=added)


def _lost(name: str, error: Exception) -> Reject:
    return Reject(name, 0, 0, "", "file", str(error), "")


def _over(reading: AnyReading) -> AnyReading:
    """Return a reading without bars that are still forming: stored once, they would stay as they are now."""
    if not isinstance(reading, Reading) or not reading.bars.timeframe:
        return reading
    kept = int(np.count_nonzero(ends(reading.bars) <= time.time_ns()))
    forming = len(reading.bars) - kept
    if not forming:
        return reading
    counts = {**reading.counts, "forming": forming}
    return replace(reading, bars=reading.bars[:kept], kept=kept, counts=dict(sorted(counts.items())))


def _series_in(raw: Raw) -> Iterable[tuple[tuple[str, str], Raw]]:
    """Yield what a source holds, by symbol and timeframe."""
    several = symbols_in(raw)
    if len(several) > 1:
        for symbol in several:
            yield (symbol, raw.timeframe), rows_of(raw, symbol)
        return
    yield ((several[0] if several else raw.symbol), raw.timeframe), raw


def _venue_in(raw: Raw) -> str:
    """Return the venue that a source tells: Binance's futures are not its spot, whatever the file's name.

    Only the dumps of futures have a header (old ones have none: there `venue` must be said).
    """
    found = venue_of(raw.dialect.name)
    titles = [title for title, _ in raw.table.time] + [title for title, _ in raw.table.numbers.values()]
    has_header = titles != [*("time" for _ in raw.table.time), *raw.table.numbers]
    return f"{found}-futures" if found == "binance" and has_header else found


def venue_of(dialect: str) -> str:
    """Return the venue that a vendor's format tells, or an empty string.

    >>> venue_of("yahoo-adjusted"), venue_of("usual")
    ('yahoo', '')
    """
    return next((name for name in VENUES if dialect.partition("-")[0] == name), "")
