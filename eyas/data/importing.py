"""Bring files into a catalog: one file, a folder or a pattern, of one instrument or of many."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eyas.data.reading.dialects import BARS
from eyas.data.reading.door import reading_of
from eyas.data.reading.raw import Raw
from eyas.data.reading.recognise import Told, told_by_name
from eyas.data.reading.result import Reading, Reject, write_rejects
from eyas.data.reading.series import Asked, is_paths, rows_of, symbols_in
from eyas.data.reading.sources import open_frame, open_path, paths_of
from eyas.errors import DataError, UsageError

if TYPE_CHECKING:
    from eyas.data.catalog import Added, Catalog

Progress = Callable[[int, int, str], None]
"""Is told how many files are done, how many there are, and which one is next."""
VENUES = ("binance", "kraken", "alpaca", "yahoo", "firstrate", "histdata")
"""Dialects that name the venue as well, where nobody says another."""


@dataclass(frozen=True, slots=True)
class ImportedSeries:
    """Say what an import did to one series."""

    reading: Reading
    added: Added | None
    """None where no row was good."""

    def __str__(self) -> str:
        reading = self.reading
        read = f"{reading.rows:,} read, {len(reading.rejects):,} put aside ({reading.dialect})"
        if self.added is None:
            name = f"{reading.bars.symbol} {reading.bars.timeframe}".strip() or "no name"
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
            where = f"in {self.rejects_path}" if self.rejects_path else "in .rejects and in the catalog"
            lines.append(f"{len(self.rejects):,} put aside: they are {where}")
        return "\n".join(lines)


def import_files(  # noqa: PLR0913
    source: Any,
    catalog: Catalog,
    *,
    venue: str | None = None,
    symbol: str | None = None,
    timeframe: str | None = None,
    dialect: str | None = None,
    time_zone: str | None = None,
    stamp: str | None = None,
    strict: bool = False,
    revise: bool = False,
    rejects: str | os.PathLike[str] | None = None,
    progress: Progress | None = None,
) -> Imported:
    """Read bars from a file, a folder, a pattern or a frame, and add them to a catalog.

    Files of several instruments are told apart by their names, or by a column symbol. `venue` is needed where
    the vendor's format does not tell it. A bad row is put aside: the catalog keeps it beside the series, and
    `rejects` names a CSV file for all of them. A file that cannot be read stops no other, unless `strict`:
    then the first bad row or file is a DataError, and series added before it stay. `revise` takes new values
    where the catalog has others. `progress` is told (files done, files in all, the next one's name).

    Raises DataError where no file can be read, and UsageError where the call is wrong.
    """
    asked = Asked(symbol, timeframe, dialect, time_zone, stamp, strict)
    run = _Run(catalog, asked, venue, revise=revise)
    if not is_paths(source):
        run.take([open_frame(source, BARS, dialect)], alone=True)
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
    venue: str | None
    revise: bool = field(kw_only=True)
    done: list[ImportedSeries] = field(default_factory=list)
    lost: list[Reject] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    """The symbols that were met, those that were not asked for among them."""

    def take_files(self, paths: Sequence[Path], progress: Progress | None) -> None:
        """Add files, those whose names tell the same series together, so that memory holds one at a time."""
        batches: dict[Told, list[Path]] = {}
        for path in paths:
            batches.setdefault(told_by_name(path.name, BARS), []).append(path)
        count = 0
        for batch in batches.values():
            raws: list[Raw] = []
            for path in batch:
                if progress is not None:
                    progress(count, len(paths), path.name)
                count += 1
                raws += self.opened(path, alone=len(paths) == 1)
            self.take(raws, alone=len(batches) == 1)
        if progress is not None:
            progress(count, len(paths), "")
        if len(self.lost) == len(paths):
            raise DataError(f"none of the {len(paths)} files can be read. The first: {self.lost[0].sentence}")
        if not self.done and self.asked.symbol is not None:
            met = ", ".join(sorted(name or "no name" for name in self.seen)[:8])
            wanted = f"{self.asked.symbol} {self.asked.timeframe or ''}".rstrip()
            raise UsageError(f"none of the files is of {wanted}: they are of {met}.")

    def opened(self, path: Path, *, alone: bool) -> list[Raw]:
        """Open a file; one that cannot be read stops no other."""
        try:
            return open_path(path, BARS, self.asked.dialect)
        except (DataError, UsageError) as error:
            if self.asked.strict or alone:
                raise
            self.lost.append(_lost(str(path), error))
            return []

    def take(self, raws: Sequence[Raw], *, alone: bool) -> None:
        """Add every series that the sources hold and that was asked for."""
        groups: dict[tuple[str, str], list[Raw]] = {}
        for raw in raws:
            for key, part in _series_in(raw):
                groups.setdefault(key, []).append(part)
        self.seen |= {symbol for symbol, _ in groups}
        for (symbol, timeframe), parts in sorted(groups.items(), key=lambda group: group[0]):
            # What is said is the name of the only series, and otherwise the choice of one of several.
            chosen = (alone and len(groups) == 1) or (
                self.asked.symbol in (None, symbol) and self.asked.timeframe in (None, timeframe or None)
            )
            untold = (
                self.asked.timeframe is not None and not timeframe and self.asked.symbol in (None, symbol)
            )
            if not (chosen or untold):
                continue
            venue = self.venue or venue_of(parts[0].dialect.name)
            if not venue:
                file = parts[0].table.place.name
                raise UsageError(f"{file} does not say which venue its prices are of. Say venue=.")
            try:
                self.done.append(self.added(parts, symbol, timeframe, venue))
            except (DataError, UsageError) as error:
                if self.asked.strict or (alone and len(groups) == 1):
                    raise
                self.lost.append(_lost(parts[0].table.place.name, error))

    def added(self, raws: Sequence[Raw], symbol: str, timeframe: str, venue: str) -> ImportedSeries:
        """Read one series and add it."""
        asked = replace(
            self.asked,
            symbol=self.asked.symbol or symbol or None,
            timeframe=self.asked.timeframe or timeframe or None,
        )
        reading = reading_of([replace(raw, symbols=None) for raw in raws], [], asked)
        bars, file = reading.bars, raws[0].table.place.name
        if not bars.symbol:
            raise UsageError(f"{file} does not say whose prices it holds. Say symbol=.")
        if not len(bars):
            return ImportedSeries(reading, None)
        added = self.catalog.add(
            bars,
            venue=venue,
            source=bars.source,
            adjustment=reading.adjustment,
            rejects=reading.rejects,
            revise=self.revise,
        )
        return ImportedSeries(reading, added)


def _lost(name: str, error: Exception) -> Reject:
    return Reject(name, 0, 0, "", "file", str(error), "")


def _series_in(raw: Raw) -> Iterable[tuple[tuple[str, str], Raw]]:
    """Yield what a source holds, by symbol and timeframe."""
    several = symbols_in(raw)
    if len(several) > 1:
        for symbol in several:
            yield (symbol, raw.timeframe), rows_of(raw, symbol)
        return
    yield ((several[0] if several else raw.symbol), raw.timeframe), raw


def venue_of(dialect: str) -> str:
    """Return the venue that a vendor's format tells, or an empty string.

    >>> venue_of("yahoo-adjusted"), venue_of("usual")
    ('yahoo', '')
    """
    return next((name for name in VENUES if dialect.partition("-")[0] == name), "")
