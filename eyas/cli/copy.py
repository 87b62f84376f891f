"""The verb `eyas data copy`: series from the catalog into a database, or the other way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from eyas.cli.data import Output
from eyas.cli.failures import Exit, Interrupted
from eyas.cli.progress import RunProgress
from eyas.cli.series import as_typed, catalog_at, named, typed
from eyas.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eyas.data.catalog import Added, Catalog, Entry
    from eyas.data.database import Database

EXAMPLE = "postgresql://user:password@host:5432/name or sqlite:///bars.db"


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """Hold what was typed; its names are those of the options."""

    series: list[str] = field(default_factory=list)
    source: str = ""
    target: str = ""
    layout: str = "eyas"
    venue: str = ""
    adjustment: str = ""
    catalog: str = ""
    revise: bool = False


def copy(request: Request, output: Output) -> Exit:
    """Copy the bars of the series that were named, or all bars."""
    from eyas.data.database import Database

    if bool(request.source) == bool(request.target):
        raise UsageError(f"give --from or --to, the one that is a database: {EXAMPLE}")
    catalog = catalog_at(request.catalog)
    progress = RunProgress(wanted=not output.quiet, unit="series")
    done: list[Added] = []
    try:
        with as_typed():
            layout: Any = request.layout
            database = Database(request.source or request.target, layout=layout)
            home: Catalog | Database = database if request.source else catalog
            entries = chosen(home, request.series)
            with progress.start("Copying", len(entries)):
                for at, entry in enumerate(entries):
                    progress(at, len(entries))
                    done.append(one(home, catalog if request.source else database, entry, request))
    except KeyboardInterrupt:
        kept = "what was copied is kept; copy again and the rest is added"
        raise Interrupted(f"{progress}; {kept}") from None
    rows = [
        {
            "series": entry.name,
            "rows_new": it.rows_new,
            "rows_same": it.rows_same,
            "rows_revised": it.rows_revised,
        }
        for entry, it in zip(entries, done, strict=True)
    ]
    output({"copied": rows}, "\n".join(typed(str(added)) for added in done))
    return Exit.RAN


def chosen(home: Catalog | Database, names: Sequence[str]) -> list[Entry]:
    """Return the series that were named, or all that are bars; raise UsageError where there is none."""
    if names:
        found = [home.entry(*named(name)) for name in names]
        ticks = next((entry.name for entry in found if entry.kind != "bars"), None)
        if ticks:
            raise UsageError(f"{ticks} are no bars, and a database keeps bars")
        return found
    every = [entry for entry in home.series() if entry.kind == "bars"]
    if not every:
        raise UsageError(f"{home} holds no bars to copy")
    return every


def one(home: Catalog | Database, other: Catalog | Database, entry: Entry, request: Request) -> Added:
    """Copy one series."""
    bars = home.load(entry.symbol, entry.timeframe, venue=entry.venue)
    into_klines = bool(request.target) and request.layout == "kline"
    venue = "" if into_klines else entry.venue or request.venue
    if not venue and request.source:
        raise UsageError(f"{entry.name} has no venue there, and a catalog keeps series by venue. Say venue=.")
    return other.add(
        bars,
        venue=venue,
        source=", ".join(source.name for source in entry.sources) or bars.source,
        adjustment=request.adjustment or entry.adjustment,
        revise=request.revise,
    )
