"""The verb `eyas data aggregate`: bars of stored trades, by time, number, volume or value."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eyas.cli.data import EXPORTS, Output, keep
from eyas.cli.failures import Exit
from eyas.cli.series import as_typed, catalog_at, named
from eyas.cli.settings import check_target
from eyas.errors import UsageError
from eyas.model import iso


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """Hold what was typed; its names are those of the options."""

    series: str
    every: str | None = None
    ticks: int | None = None
    volume: float | None = None
    value: float | None = None
    start: str | None = None
    end: str | None = None
    out: Path | None = None
    catalog: str = ""
    revise: bool = False


def aggregate(request: Request, output: Output) -> Exit:
    """Make bars of the trades of a series, and keep them in the catalog or write them to a file."""
    from eyas.data.aggregation import aggregate as make

    check_target("--out", request.out, EXPORTS, ())
    one = named(request.series)
    if one.timeframe != "trades":
        raise UsageError(f"{request.series} holds no trades: give a series such as {one.symbol}:trades")
    limits = {name: getattr(request, name) for name in ("every", "ticks", "volume", "value")}
    given = {name: limit for name, limit in limits.items() if limit is not None}
    if len(given) != 1:
        what = " and ".join(f"--{name}" for name in given) or "none of them"
        raise UsageError(f"give exactly one of --every, --ticks, --volume and --value, not {what}")
    if request.out is None and request.every is None:
        name = next(iter(given))
        raise UsageError(f"bars by {name} have no timeframe to be kept by: write them with --out FILE")
    catalog = catalog_at(request.catalog)
    with as_typed(request.series):
        check_start(request.start, request.every)
        found = catalog.trades(one.symbol, venue=one.venue, start=request.start, end=request.end)
        made = make(found, **limits)
        if not len(made):
            raise UsageError(
                f"the {len(found):,} trades of {request.series} close no bar: choose a shorter one"
            )
    entry = catalog.entry(one.symbol, "trades", one.venue)
    about: dict[str, Any] = {"source": "made of trades", "adjustment": "raw", "revise": request.revise}
    return keep(catalog, made, request.out, output, venue=entry.venue, symbol=one.symbol, **about)


def check_start(start: str | None, every: str | None) -> None:
    """Refuse a start inside of a bar, which would lack its first trades."""
    if start is None or every is None:
        return
    from eyas.data.catalog.when import moment
    from eyas.timeframes import floor

    time = moment(start, "start")
    if time is not None and int(floor(time, every)) != time:
        raise UsageError(f"--start {start} lies in a bar of {every}: begin at {iso(int(floor(time, every)))}")
