"""Bring history from a source into the catalog: page by page, from where the last download came to."""

from __future__ import annotations

import time as wall
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from eyas.data.catalog import Catalog
from eyas.data.catalog.reading import folder_for
from eyas.data.catalog.when import moment
from eyas.data.catalog.writing import ledger_of
from eyas.errors import DataError, UsageError
from eyas.feeds.asking import Asker, Found, GaveUpError, World
from eyas.feeds.downloaded import Downloaded
from eyas.feeds.faults import Patience
from eyas.feeds.kinds import BARS, Kind, kind_of
from eyas.feeds.ledger import Ledger, Stretch
from eyas.feeds.sources import Named, source_of
from eyas.model import Bars, iso
from eyas.timeframes import canonical

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.data.catalog import Added
    from eyas.data.catalog.when import When
    from eyas.ticks import Trades

Progress: TypeAlias = Callable[[int, int, "float | None"], Any]
"""Called with bars done, bars in all (as far as the clock tells: nights count too), and seconds to go."""

FOR_EVER_NS = 2**63 - 1


def download(  # noqa: PLR0913 - each is an option of the download
    symbol: str,
    timeframe: str,
    *,
    source: Any,
    start: When,
    end: When | None = None,
    catalog: Catalog | Path | str | None = None,
    venue: str | None = None,
    adjustment: str | None = None,
    options: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
    again: bool = False,
    revise: bool = False,
    patience: Patience | None = None,
    world: World | None = None,
) -> Downloaded:
    """Bring the closed bars of [start, end) from a source into the catalog, and return what was done.

    `timeframe` is that of the bars, or "trades".
    `source` is "ccxt:binance" (any exchange of ccxt), "alpaca", or a function of your own (`Source`);
    `options` go to the client of a named one. What the catalog has is not asked for again, unless `again`;
    so a download that was interrupted goes on when it is repeated, and holes are filled. Without an `end` it
    goes up to now. `revise` takes values that differ from the stored ones, which are only reported
    otherwise. `adjustment` ("raw", "adjusted" or "unknown") is said of the prices instead of what the source
    says. `patience` says how often a failing source is asked again.

    Raises UsageError for a call that the source cannot answer, DataError when it failed for too long.
    After Ctrl-C (KeyboardInterrupt) and after any error what had come is stored.

    >>> import tempfile
    >>> def made(symbol, timeframe, start_ns, end_ns, limit):
    ...     first = -(-start_ns // 3_600_000_000_000)
    ...     return [[hour * 3600, 10, 12, 9, 11, 1] for hour in range(first, first + limit)]
    >>> range_ = {"start": "2024-01-01", "end": "2024-01-03"}
    >>> with tempfile.TemporaryDirectory() as place:
    ...     done = download("ACME", "1h", source=made, venue="here", catalog=place, **range_)
    >>> done.rows_new, done.requests
    (48, 1)
    """
    kind = kind_of(timeframe)
    if kind is BARS:
        timeframe = canonical(timeframe)
    start_ns, end_ns = _range(start, end)
    named = source_of(source, options, venue)
    named = named if adjustment is None else replace(named, adjustment=adjustment)
    chosen = (patience or Patience(), world or World())
    asker = kind.asker(named, named.name, symbol, timeframe, named.limit, *chosen)
    kept = Keeper(
        catalog if isinstance(catalog, Catalog) else Catalog(catalog), asker, named, kind, revise=revise
    )
    job = Job(asker, kept, Stretch(start_ns, end_ns), progress)
    try:
        job.run(again=again)
    finally:
        if isinstance(source, str):
            named.close()
    return kept.summary(start_ns, min(end_ns, asker.closed_ns()))


class Keeper:
    """Put pages into the catalog as they come, and note in the ledger what was answered."""

    longest_unstored_s = 3.0

    def __init__(self, catalog: Catalog, asker: Asker, named: Named, kind: Kind, *, revise: bool) -> None:
        self.catalog, self.asker, self.named, self.kind, self.revise = catalog, asker, named, kind, revise
        there = catalog.series(asker.symbol, venue=named.venue)
        self.entry = next((one for one in there if one.timeframe == asker.timeframe), None)
        self.time = np.empty(0, np.int64)
        if self.entry is not None:
            self.time = catalog.times(asker.symbol, asker.timeframe, venue=named.venue)
        folder = folder_for(named.venue, asker.symbol, asker.timeframe)
        self.ledger = Ledger(catalog.store, ledger_of(folder))
        self.pages: list[Bars | Trades] = []
        self.nothing: Bars | Trades | None = None
        self.answered: list[Stretch] = []
        self.added: list[Added] = []
        self.rejects_given = 0
        self.began_s = self.stored_s = wall.monotonic()
        self.adding_s = 0.0

    def take(self, found: Found) -> None:
        """Take a page, and store what has come if that is due: it may cost a fifth of the time."""
        assert found.end_ns is not None
        if len(found.bars):
            self.pages.append(found.bars)
        else:
            self.nothing = found.bars
        self.answered.append(Stretch(found.start_ns, self.kind.believable_ns(self.asker, found)))
        waited_s = wall.monotonic() - self.stored_s
        if waited_s >= min(self.longest_unstored_s, 4 * self.adding_s):
            self.store()

    def store(self) -> None:
        """Put everything that has come into the catalog, and then note that it was answered."""
        began_s = wall.monotonic()
        asker, rejects = self.asker, tuple(self.asker.rejects[self.rejects_given :])
        data = self._waiting() if rejects or self.pages else None
        if data is not None:
            added = self.catalog.add(
                data,
                venue=self.named.venue,
                symbol=asker.symbol,
                timeframe=asker.timeframe,
                source=self.named.name,
                adjustment=self.named.adjustment,
                rejects=rejects,
                revise=self.revise,
            )
            self.added.append(added)
            self.entry = added.entry or self.entry
            self.time = _merged(self.time, data.time)
            self.pages, self.rejects_given = [], len(asker.rejects)
        if self.answered:
            self.ledger.note(self.answered, self.time)
            self.answered = []
        self.stored_s = wall.monotonic()
        self.adding_s = self.stored_s - began_s

    def _waiting(self) -> Bars | Trades | None:
        """Return what has come and is not stored: no rows, where all were rejected and go to known ones."""
        if self.pages:
            return self.kind.joined(self.pages, self.asker)
        if self.entry is None or not isinstance(self.nothing, Bars):
            return None
        return replace(self.nothing, has_volume=self.entry.has_volume)

    def summary(self, start_ns: int, end_ns: int) -> Downloaded:
        """Return what was done."""
        asker = self.asker
        return Downloaded(
            symbol=asker.symbol,
            timeframe=asker.timeframe,
            venue=self.named.venue,
            source=self.named.name,
            start_ns=start_ns,
            end_ns=end_ns,
            rows_new=sum(added.rows_new for added in self.added),
            rows_same=sum(added.rows_same for added in self.added),
            rows_revised=sum(added.rows_revised for added in self.added),
            revisions=tuple(one for added in self.added for one in added.revisions),
            revised=self.revise,
            rejects=tuple(asker.rejects),
            counts=dict(asker.counts),
            requests=asker.requests,
            retries=asker.retries,
            seconds=wall.monotonic() - self.began_s,
            entry=self.entry,
        )


class Job:
    """Walk over what is missing, tell how far it came, and end well whatever happens."""

    def __init__(self, asker: Asker, kept: Keeper, wanted: Stretch, progress: Progress | None) -> None:
        self.asker, self.kept, self.wanted, self.progress = asker, kept, wanted, progress
        self.done = 0
        self.total = 0

    def run(self, *, again: bool) -> None:
        """Download."""
        stretches = self._stretches(again=again)
        self.total = sum(self._length(one) for one in stretches)
        try:
            for stretch in stretches:
                for found in self.kept.kind.walk(self.asker, *stretch):
                    self.kept.take(found)
                    self._tell(found)
            self.kept.store()
        except KeyboardInterrupt:
            self.kept.store()
            raise KeyboardInterrupt(f"{self._name()}: stopped. {self._so_far()}") from None
        except GaveUpError as error:
            self.kept.store()
            raise DataError(f"{self._name()}: {self.asker.name} failed: {error}. {self._so_far()}") from error
        except (UsageError, DataError) as error:
            self.kept.store()
            if self.kept.added:
                error.add_note(self._so_far())
            raise
        except Exception:
            self.kept.store()
            raise

    def _stretches(self, *, again: bool) -> list[Stretch]:
        """Return what to ask for; the last one goes on as time does."""
        start_ns, end_ns = self.wanted
        closed_ns = self.asker.closed_ns()
        until = min(end_ns, closed_ns)
        if until <= start_ns:
            return []
        if again:
            return [self.wanted]
        time, ledger = self.kept.time, self.kept.ledger
        known = Stretch(start_ns, until)
        found = self.kept.kind.missing(self.asker, known, time, ledger.believed(time))
        if found and found[-1].end_ns == closed_ns:
            found[-1] = found[-1]._replace(end_ns=end_ns)
        return found

    def _length(self, one: Stretch) -> int:
        end_ns = min(one.end_ns, self.asker.closed_ns())
        return self.asker.intervals(one.start_ns, end_ns) if one.start_ns < end_ns else 0

    def _tell(self, found: Found) -> None:
        assert found.end_ns is not None
        self.done += self.asker.intervals(found.start_ns, found.end_ns)
        self.total = max(self.total, self.done)
        if self.progress is not None:
            spent_s = wall.monotonic() - self.kept.began_s
            self.progress(self.done, self.total, spent_s * (self.total - self.done) / self.done)

    def _name(self) -> str:
        start_ns, end_ns = self.wanted
        until = "now" if end_ns == FOR_EVER_NS else iso(end_ns)
        return f"{self.asker.symbol} {self.asker.timeframe} from {iso(start_ns)} to {until}"

    def _so_far(self) -> str:
        """Return how far it came, and how to go on."""
        rows = sum(added.rows_new for added in self.kept.added)
        entry = self.kept.entry
        reached = f", up to {iso(entry.last)}" if rows and entry is not None else ""
        stored = f"{rows:,} new {self.kept.kind.what} are stored{reached}"
        return f"{stored}. Repeat the download and it goes on from there."


def _range(start: When, end: When | None) -> tuple[int, int]:
    start_ns, end_ns = moment(start, "start"), moment(end, "end")
    if start_ns is None:
        raise UsageError("say from when on: start='2024-01-01'")
    if end_ns is not None and end_ns <= start_ns:
        raise UsageError(f"end={end!r} is not after start={start!r}")
    return start_ns, FOR_EVER_NS if end_ns is None else end_ns


def _merged(time: NDArray[np.int64], came: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return sorted times with others in them, each once if they meet."""
    if not len(time) or (len(came) and came[0] > time[-1]):
        return np.concatenate([time, came])
    return np.union1d(time, came)
