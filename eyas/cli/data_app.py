"""The commands of `eyas data`, for Typer."""

from __future__ import annotations

import typer

from eyas.cli import aggregate as making
from eyas.cli import bring, data, options
from eyas.cli import copy as copying
from eyas.cli import data_options as given
from eyas.cli.data import Output
from eyas.cli.failures import EPILOG

app = typer.Typer(
    help="Keep market data in a catalog: bring it in, check it, take it out.",
    epilog=EPILOG,
    add_help_option=False,
    rich_markup_mode="rich",
)

OUTPUT = ("as_json", "quiet")


@app.callback(invoke_without_command=True)
def front(context: typer.Context, help_: options.Help = False) -> None:
    """Show the help when no command is named."""
    del help_
    if context.invoked_subcommand is None:
        options.print_help(context, True)


@app.command("list", add_help_option=False)
def list_series(
    catalog: given.Place = "",
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    help_: options.HelpToo = False,
) -> int:
    """List what the catalog holds."""
    del help_
    return data.list_series(catalog, Output(as_json, quiet))


@app.command("import", epilog=EPILOG, add_help_option=False)
def import_files(  # noqa: PLR0913 - each is an option of the command
    files: given.Files,
    *,
    kind: given.Kind = None,
    venue: given.Venue = None,
    symbol: given.Symbol = None,
    timeframe: given.Timeframe = None,
    dialect: given.Dialect = None,
    time_zone: given.Zone = None,
    stamp: given.Stamp = None,
    adjustment: given.Adjustment = None,
    strict: given.Strict = False,
    catalog: given.Place = "",
    file_format: given.Format = None,
    revise: given.Revise = False,
    rejects: given.Rejects = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    help_: options.HelpToo = False,
) -> int:
    """Read bars, trades or order books from files and add them to the catalog.

    For example: [cyan]eyas data import 'BTCUSDT-1m-*.zip'[/]. A bad row is put aside and stops nothing.
    """
    request = bring.ImportRequest(**options.asked(locals(), beside=OUTPUT))
    return bring.import_files(request, Output(as_json, quiet))


@app.command(epilog=EPILOG, add_help_option=False)
def download(  # noqa: PLR0913 - each is an option of the command
    symbol: given.What,
    timeframe: given.Length,
    *,
    source: given.From,
    start: given.Since,
    end: given.Until = None,
    settings: given.Setting = None,
    adjustment: given.Adjustment = None,
    again: given.Again = False,
    catalog: given.Place = "",
    venue: given.DownloadVenue = None,
    revise: given.Revise = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    help_: options.HelpToo = False,
) -> int:
    """Bring history from an exchange or a broker into the catalog; repeated, it goes on.

    For example: [cyan]eyas data download BTC/USDT 1h --source ccxt:binance --start 2024-01-01[/]
    """
    request = bring.DownloadRequest(**options.asked(locals(), beside=OUTPUT))
    return bring.download(request, Output(as_json, quiet))


@app.command(epilog=EPILOG, add_help_option=False)
def check(  # noqa: PLR0913 - each is an option of the command
    what: given.Anything = "",
    *,
    calendar: given.Calendar = "auto",
    level: given.Level = None,
    strict: given.StrictCheck = False,
    catalog: given.Place = "",
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    help_: options.HelpToo = False,
) -> int:
    """Judge data before it is used: gaps, jumps, splits, stale prices and more."""
    del help_
    return data.check(what, calendar, level or [], catalog, Output(as_json, quiet), strict=strict)


@app.command(add_help_option=False)
def gaps(
    what: given.SeriesOrFile,
    *,
    calendar: given.Calendar = "auto",
    catalog: given.Place = "",
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    help_: options.HelpToo = False,
) -> int:
    """Show where bars are missing while the market was open."""
    del help_
    return data.gaps(what, calendar, catalog, Output(as_json, quiet))


@app.command(add_help_option=False)
def export(  # noqa: PLR0913 - each is an option of the command
    series: given.Series,
    file: given.Target,
    *,
    start: given.Start = None,
    end: given.End = None,
    catalog: given.Place = "",
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    help_: options.HelpToo = False,
) -> int:
    """Write a series to a file, wholly or not at all."""
    del help_
    return data.export(series, file, start, end, catalog, Output(as_json, quiet))


@app.command(add_help_option=False)
def resample(  # noqa: PLR0913 - each is an option of the command
    series: given.Series,
    timeframe: given.Longer,
    *,
    out: given.Out = None,
    catalog: given.Place = "",
    revise: given.Revise = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    help_: options.HelpToo = False,
) -> int:
    """Make longer bars of a series, into the catalog or a file; only closed ones are made."""
    del help_
    return data.resample(series, timeframe, out, catalog, Output(as_json, quiet), revise=revise)


@app.command(add_help_option=False)
def aggregate(  # noqa: PLR0913 - each is an option of the command
    series: given.SeriesOfTrades,
    *,
    every: given.Every = None,
    ticks: given.Ticks = None,
    volume: given.Volume = None,
    value: given.Value = None,
    start: given.Start = None,
    end: given.End = None,
    out: given.Out = None,
    catalog: given.Place = "",
    revise: given.Revise = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    help_: options.HelpToo = False,
) -> int:
    """Make bars of stored trades, into the catalog or a file; only closed ones are made.

    For example: [cyan]eyas data aggregate BTCUSDT:trades --every 1m[/]
    """
    request = making.Request(**options.asked(locals(), beside=OUTPUT))
    return making.aggregate(request, Output(as_json, quiet))


@app.command(epilog=EPILOG, add_help_option=False)
def copy(  # noqa: PLR0913 - each is an option of the command
    series: given.Named = None,
    *,
    source: given.FromUrl = "",
    target: given.ToUrl = "",
    layout: given.Layout = "eyas",
    venue: given.Venue = None,
    adjustment: given.Adjustment = None,
    catalog: given.Place = "",
    revise: given.Revise = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    help_: options.HelpToo = False,
) -> int:
    """Copy bars from the catalog into a database, or from a database into the catalog.

    For example: [cyan]eyas data copy BTCUSDT:1h --to sqlite:///bars.db[/]
    """
    request = copying.Request(**options.asked(locals(), beside=OUTPUT))
    return copying.copy(request, Output(as_json, quiet))


@app.command(add_help_option=False)
def remove(
    series: given.Series,
    *,
    yes: given.Yes = False,
    catalog: given.Place = "",
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    help_: options.HelpToo = False,
) -> int:
    """Remove a series from the catalog, with its files."""
    del help_
    return data.remove(series, catalog, Output(as_json, quiet), sure=yes)


@app.command(add_help_option=False)
def verify(
    catalog: given.Place = "",
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    help_: options.HelpToo = False,
) -> int:
    """Read every file of the catalog and compare it with what was written."""
    del help_
    return data.verify(catalog, Output(as_json, quiet))
