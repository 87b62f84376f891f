"""The verbs of `eyas data`: each does one thing to a catalog, and shows what it did."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eyas.cli.columns import LEVEL_COLOURS, moment, print_columns, size
from eyas.cli.failures import Exit, print_json
from eyas.cli.progress import RunProgress
from eyas.cli.screen import print_plain, show
from eyas.cli.series import as_typed, bars_in, catalog_at, is_file, name_of, named, typed
from eyas.cli.settings import check_target, pairs
from eyas.errors import UsageError
from eyas.model import Bars, iso

if TYPE_CHECKING:
    from eyas.data.catalog import Catalog, Entry
    from eyas.data.quality import Verdict

EXPORTS = (".csv", ".parquet", ".jsonl")
FIRST_STEPS = (
    "Bring data in:\n"
    "  eyas data import FILE --venue NAME\n"
    "  eyas data download BTC/USDT 1h --source ccxt:binance --start 2024-01-01\n"
)


@dataclass(frozen=True, slots=True)
class Output:
    """Say how a command shows what it did."""

    as_json: bool
    quiet: bool

    def __call__(self, plain: Mapping[str, Any], text: str = "") -> bool:
        """Print JSON or a text; tell whether there is more to show to a person."""
        if self.as_json:
            print_json({**plain, "error": None})
        elif not self.quiet and text:
            # In a terminal long lines break between words.
            show(text.rstrip("\n"))
        return not self.as_json and not self.quiet


def list_series(place: str, output: Output) -> Exit:
    """Show what the catalog holds."""
    catalog = catalog_at(place)
    found = catalog.series()
    if not output({"catalog": catalog.store.name, "series": [as_object(one) for one in found]}):
        return Exit.RAN
    if not found:
        print_plain(f"The catalog {catalog.store.name} is empty. {FIRST_STEPS}", sys.stdout)
        return Exit.RAN
    rows = [
        (
            name_of(one),
            f"{one.rows:,}",
            iso(one.first)[:10],
            iso(one.last)[:10],
            one.adjustment,
            size(one.bytes),
        )
        for one in found
    ]
    print_columns(("Series", "Rows", "From", "To", "Prices", "Size"), rows, right=(1, 5))
    return Exit.RAN


def check(
    what: str, calendar: str, levels: Sequence[str], place: str, output: Output, *, strict: bool
) -> Exit:
    """Judge a series, a file, or everything in the catalog."""
    from eyas.data.quality import check as judge

    wanted: Any = pairs("--level", levels)
    with as_typed(what):
        if what and is_file(what):
            verdicts = [(what, judge(what, calendar=calendar, levels=wanted))]
        else:
            catalog = catalog_at(place)
            names = [what] if what else [name_of(one) for one in every_series(catalog) if one.kind == "bars"]
            progress = RunProgress(wanted=not output.quiet, unit="checks")
            verdicts = []
            with progress.start("Checking", len(names)):
                for done, name in enumerate(names):
                    progress(done, len(names))
                    verdicts.append((name, judge(bars_in(catalog, name), calendar=calendar, levels=wanted)))
    if output({"verdicts": [{"series": name, **one.as_json()} for name, one in verdicts]}):
        if what:
            print_verdict(*verdicts[0])
        else:
            rows = [(name, f"{one.rows:,}", one.level, one.counted or "nothing") for name, one in verdicts]
            titles = ("Series", "Bars", "Level", "Found")
            print_columns(titles, rows, right=(1,), colours=LEVEL_COLOURS)
    bad = {"fail", "warn"} if strict else {"fail"}
    return Exit.INPUT_WRONG if any(one.level in bad for _, one in verdicts) else Exit.RAN


def print_verdict(name: str, verdict: Verdict) -> None:
    """Print a verdict as a table to the width of the terminal."""
    # A file that does not tell a symbol is known by its name.
    text = str(verdict) if verdict.symbol else f"{name} {verdict}"
    if not sys.stdout.isatty():
        print_plain(f"{typed(text)}\n", sys.stdout)
        return
    from rich.text import Text

    head, about, *_ = text.splitlines()
    show(Text(head, LEVEL_COLOURS[verdict.level]))
    show(Text(about, "dim"))
    rows = [(one.level, f"{one.count:,}", typed(f"{one.name}: {one.sentence}")) for one in verdict.findings]
    if rows:
        show(Text())
        print_columns(("Level", "Count", "Found"), rows, right=(1,), colours=LEVEL_COLOURS)


def gaps(what: str, calendar: str, place: str, output: Output) -> Exit:
    """Show where bars are missing."""
    from eyas.data.quality import gaps as find

    with as_typed(what):
        found = find(what if is_file(what) else bars_in(catalog_at(place), what), calendar=calendar)
    rows = [{"missing": one.missing, "after": iso(one.start), "before": iso(one.end)} for one in found.rows]
    plain = {"series": what, "calendar": found.calendar, "missing": found.missing, "gaps": rows}
    bars = "1 bar is" if found.missing == 1 else f"{found.missing:,} bars are"
    count = f"{bars} missing in {len(found):,} {'gap' if len(found) == 1 else 'gaps'}"
    text = f"{what}: {count if len(found) else 'no bar is missing'}, by the calendar {found.calendar}"
    if output(plain, text) and len(found):
        shown = [(f"{one.missing:,}", moment(one.start), moment(one.end)) for one in found.rows]
        print_columns(("Missing", "After", "Before"), shown, right=(0,))
    return Exit.RAN


def export(series: str, path: Path, start: str | None, end: str | None, place: str, output: Output) -> Exit:
    """Write a series to a file."""
    one = named(series)
    check_target("FILE", path, EXPORTS, ())
    with as_typed(series):
        done = catalog_at(place).export(
            one.symbol, one.timeframe, path.expanduser(), venue=one.venue, start=start, end=end
        )
    output({"path": str(done.path), "rows": done.rows}, f"Wrote {done}")
    return Exit.RAN


def resample(
    series: str, timeframe: str, out: Path | None, place: str, output: Output, *, revise: bool
) -> Exit:
    """Make longer bars of a series, and keep them in the catalog or write them to a file."""
    from eyas.timeframes import resample as make

    check_target("--out", out, EXPORTS, ())
    catalog = catalog_at(place)
    bars = bars_in(catalog, series)
    one = named(series)
    with as_typed(series):
        made: Bars = make(bars, timeframe)
        if not len(made):
            raise UsageError(f"{series} does not fill one bar of {timeframe}: take a shorter timeframe")
        entry = catalog.entry(one.symbol, one.timeframe, one.venue)
    source = f"resampled from {one.timeframe}"
    about: dict[str, Any] = {"adjustment": entry.adjustment, "source": source, "revise": revise}
    return keep(catalog, made, out, output, venue=entry.venue, symbol=one.symbol, **about)


def keep(catalog: Catalog, made: Bars, out: Path | None, output: Output, **about: Any) -> Exit:
    """Write bars that were made to a file, or add them to the catalog, and show which."""
    from eyas.data.catalog.exporting import export as write

    with as_typed():
        if out is not None:
            written = write(made, out.expanduser())
            output({"path": str(written.path), "rows": written.rows}, f"Wrote {written}")
            return Exit.RAN
        added = catalog.add(made, **about)
    plain = {"rows_new": added.rows_new, "rows_same": added.rows_same, "rows_revised": added.rows_revised}
    stored = None if added.entry is None else as_object(added.entry)
    output({"series": stored, **plain}, typed(str(added)))
    return Exit.RAN


def remove(series: str, place: str, output: Output, *, sure: bool) -> Exit:
    """Remove a series from the catalog, if that was said twice."""
    catalog, one = catalog_at(place), named(series)
    with as_typed(series):
        entry = catalog.entry(one.symbol, one.timeframe, one.venue)
        what = f"{name_of(entry)}: {entry.rows:,} rows from {iso(entry.first)[:10]} to {iso(entry.last)[:10]}"
        if not sure:
            raise UsageError(f"{what} would be gone for good. Say --yes to remove them")
        catalog.remove(entry.symbol, entry.timeframe, venue=entry.venue)
    output({"removed": as_object(entry)}, f"Removed {what}")
    return Exit.RAN


def verify(place: str, output: Output) -> Exit:
    """Compare every file of the catalog with what its manifests say."""
    catalog = catalog_at(place)
    damages = catalog.verify()
    count = len(catalog.series()) if not damages else 0
    plain = {"catalog": catalog.store.name, "damages": [
        {"file": one.file, "fault": one.fault, "remedy": one.remedy} for one in damages
    ]}  # fmt: skip
    text = "\n".join(str(one) for one in damages) or f"{count:,} series: every file is as it was written"
    output(plain, text)
    return Exit.INPUT_WRONG if damages else Exit.RAN


def every_series(catalog: Catalog) -> tuple[Entry, ...]:
    """Return all that the catalog holds; raise UsageError when that is nothing."""
    found = catalog.series()
    if not found:
        raise UsageError(f"the catalog {catalog.store.name} is empty. {FIRST_STEPS.rstrip()}")
    return found


def as_object(entry: Entry) -> dict[str, Any]:
    """Return a series as plain values."""
    plain = (
        "venue", "symbol", "timeframe", "kind", "rows", "hash", "adjustment", "has_volume", "revisions",
        "rejects", "files", "bytes",
    )  # fmt: skip
    return {
        "series": name_of(entry),
        **{name: getattr(entry, name) for name in plain},
        "first": iso(entry.first),
        "last": iso(entry.last),
        "columns": list(entry.columns),
        "sources": [one.name for one in entry.sources],
    }
