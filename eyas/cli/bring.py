"""The verbs that bring data in: `eyas data import` and `eyas data download`, with a bar and with Ctrl-C."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eyas.cli.data import Output
from eyas.cli.failures import Exit, Interrupted
from eyas.cli.progress import RunProgress
from eyas.cli.series import as_typed, catalog_at, typed
from eyas.cli.settings import check_target, pairs

if TYPE_CHECKING:
    from eyas.data.importing import Imported, ImportedSeries

SHOWN = 3
TRUTHS = {"true": True, "yes": True, "false": False, "no": False}


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportRequest:
    """Hold what was typed; its names are those of the options."""

    files: list[str]
    kind: str | None = None
    catalog: str = ""
    venue: str | None = None
    symbol: str | None = None
    timeframe: str | None = None
    dialect: str | None = None
    time_zone: str | None = None
    stamp: str | None = None
    adjustment: str | None = None
    file_format: str | None = None
    rejects: Path | None = None
    strict: bool = False
    revise: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class DownloadRequest:
    """Hold what was typed; its names are those of the options."""

    symbol: str
    timeframe: str
    source: str
    start: str
    end: str | None = None
    catalog: str = ""
    venue: str | None = None
    settings: list[str] = field(default_factory=list)
    adjustment: str | None = None
    again: bool = False
    revise: bool = False


def import_files(request: ImportRequest, output: Output) -> Exit:
    """Read files and add them to the catalog."""
    from eyas.data.importing import import_files as bring

    check_target("--rejects", request.rejects, (".csv",), [Path(name) for name in request.files])
    catalog = catalog_at(request.catalog)
    progress = RunProgress(wanted=not output.quiet, unit="files")
    try:
        with as_typed(), progress.start("Importing", len(request.files)):
            done = bring(
                request.files,
                catalog,
                kind=request.kind,
                venue=request.venue,
                symbol=request.symbol,
                timeframe=request.timeframe,
                dialect=request.dialect,
                time_zone=request.time_zone,
                stamp=request.stamp,
                adjustment=request.adjustment,
                format=request.file_format,
                strict=request.strict,
                revise=request.revise,
                rejects=None if request.rejects is None else request.rejects.expanduser(),
                progress=lambda done, total, _: progress(done, total),
            )
    except KeyboardInterrupt:
        kept = "what was added is kept; import the same again and the rest is added"
        raise Interrupted(f"{progress}; {kept}") from None
    output(as_object(done), told(done))
    nothing_good = any(one.added is None for one in done.series)
    return Exit.INPUT_WRONG if done.lost or nothing_good else Exit.RAN


def told(done: Imported) -> str:
    """Return what an import did, for a person: series by series, and what was put aside."""
    lines = [typed(str(one)) for one in done.series]
    if len(done.series) > 1:
        lines.append(f"{len(done.series):,} series: {done.rows_read:,} rows read, {done.rows_new:,} new")
    lines += [typed(f"Not read: {one}") for one in done.lost]
    lines += [
        typed(f"Note: {note}") for note in dict.fromkeys(n for one in done.series for n in one.reading.notes)
    ]
    aside = [reject for one in done.series for reject in one.reading.rejects]
    if aside:
        counts: dict[str, int] = {}
        for reject in aside:
            counts[reject.fault] = counts.get(reject.fault, 0) + 1
        listed = ", ".join(f"{name} {count:,}" for name, count in counts.items())
        where = (
            f"all are in {done.rejects_path}" if done.rejects_path else "--rejects FILE.csv writes them out"
        )
        lines.append(f"Put aside: {len(aside):,} {'row' if len(aside) == 1 else 'rows'} ({listed}); {where}")
        lines += [f"  {reject}" for reject in aside[:SHOWN]]
        if len(aside) > SHOWN:
            lines.append(f"  and {len(aside) - SHOWN:,} more")
    return "\n".join(lines)


def as_object(done: Imported) -> dict[str, Any]:
    """Return what an import did as plain values."""
    return {
        "series": [series_object(one) for one in done.series],
        "rows_read": done.rows_read,
        "rows_new": done.rows_new,
        "rows_same": done.rows_same,
        "rows_revised": done.rows_revised,
        "lost": [{"file": one.file, "sentence": one.sentence} for one in done.lost],
        "rejects": len(done.rejects) - len(done.lost),
        "rejects_path": None if done.rejects_path is None else str(done.rejects_path),
    }


def series_object(one: ImportedSeries) -> dict[str, Any]:
    """Return what an import did to one series as plain values."""
    reading, added = one.reading, one.added
    return {
        "symbol": one.data.symbol,
        "timeframe": one.timeframe,
        "venue": added.entry.venue if added and added.entry else None,
        "dialect": reading.dialect,
        "rows_read": reading.rows,
        "rows_new": added.rows_new if added else 0,
        "rows_same": added.rows_same if added else 0,
        "rows_revised": added.rows_revised if added else 0,
        "rejects": len(reading.rejects),
        "faults": dict(reading.counts),
        "notes": list(reading.notes),
        "files": list(reading.files),
    }


def download(request: DownloadRequest, output: Output) -> Exit:
    """Bring history from an exchange or a broker into the catalog."""
    from eyas.feeds import download as bring

    progress = RunProgress(wanted=not output.quiet)
    try:
        with as_typed(), progress.start(f"{request.symbol} {request.timeframe}", 0):
            done = bring(
                request.symbol,
                request.timeframe,
                source=request.source,
                start=request.start,
                end=request.end,
                catalog=catalog_at(request.catalog),
                venue=request.venue,
                options=settings_of(request.settings),
                adjustment=request.adjustment,
                again=request.again,
                revise=request.revise,
                progress=lambda done, total, _: progress(done, total),
            )
    except KeyboardInterrupt as error:
        raise Interrupted(typed(str(error)) or str(progress)) from None
    output({"download": done.as_json()}, typed(str(done)))
    return Exit.RAN


def settings_of(texts: Sequence[str]) -> dict[str, Any] | None:
    """Return the options of a client, as truths and short whole numbers where they look so."""
    found: dict[str, Any] = {}
    for name, text in pairs("--option", texts).items():
        is_number = text.isdecimal() and len(text) < 10
        found[name] = TRUTHS.get(text.lower(), int(text) if is_number else text)
    return found or None
