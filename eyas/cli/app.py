"""The commands, and the one place where whatever went wrong becomes an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import typer

from eyas.cli import backtest as command
from eyas.cli import check as checking
from eyas.cli import compare as comparing
from eyas.cli import data_app, options, tables
from eyas.cli import diff as differing
from eyas.cli import report as reporting
from eyas.cli import rerun as rerunning
from eyas.cli import sweep as sweeping
from eyas.cli.failures import EPILOG, Exit, Interrupted, tell
from eyas.cli.screen import give_up, is_closed
from eyas.errors import StrategyError, UsageError

# Typer carries its own click, or imports it, by its version: its usage error is named through a child.
ArgumentError = cast("type[Exception]", typer.BadParameter.__bases__[0])

app = typer.Typer(
    help="Backtest a trading strategy, written once in Python, on a fast and exact kernel.",
    epilog=EPILOG,
    add_completion=False,
    add_help_option=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code: 0 to 6, or 130 (see `eyas --help`)."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever started us
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115 - it stays open to the end
        if reconfigure := getattr(getattr(sys, name), "reconfigure", None):
            reconfigure(errors="replace")  # where a sign cannot be shown a question mark stands, no traceback
    try:
        code = answer(given)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read our output has gone (`| head`)
        give_up(sys.stdout)
        return Exit.RAN
    return code


def answer(given: Sequence[str]) -> int:
    """Run one command and return its exit code; tell of every error but a closed pipe."""
    how = {"as_json": "--json" in given, "quiet": "--quiet" in given}
    try:
        code = int(app(args=list(given), prog_name="eyas", standalone_mode=False) or Exit.RAN)
    except BaseException as error:  # noqa: BLE001 - a panic of the kernel is no Exception, and is told too
        if is_reader_gone(error):
            raise BrokenPipeError from None
        wrong = UsageError(argument_sentence(error)) if isinstance(error, ArgumentError) else error
        return tell(wrong, **how)
    if code == Exit.INTERRUPTED:  # what Typer makes of Ctrl-C, without a word
        return tell(Interrupted("stopped by Ctrl-C"), **how)
    return code


def is_reader_gone(error: BaseException) -> bool:
    """Tell whether an error only means that nobody reads stdout any more."""
    if isinstance(error, SystemExit):  # Rich's way out of a closed pipe, after it sent stdout to nowhere
        return isinstance(error.__context__, BrokenPipeError)
    cause = error.__cause__ if isinstance(error, StrategyError) else error  # a strategy may print
    return isinstance(cause, BrokenPipeError) and is_closed(sys.stdout)


def argument_sentence(error: Exception) -> str:
    """Return what Typer says of wrong arguments as sentences, with where to find help."""
    said: str = error.format_message().strip()  # type: ignore[attr-defined]  # click's exceptions have it
    context = getattr(error, "ctx", None)
    end = "" if said.endswith((".", "?", "!")) else "."
    return f"{said}{end} See {context.command_path if context else 'eyas'} --help."


app.add_typer(data_app.app, name="data")


@app.callback(invoke_without_command=True)
def front(context: typer.Context, version: options.Version = False, help_: options.Help = False) -> None:
    """Show the help when no command is named."""
    del version, help_  # they have acted already
    if context.invoked_subcommand is None:
        options.print_help(context, True)


@app.command(epilog=EPILOG, add_help_option=False)
def backtest(  # noqa: PLR0913 - each is an option of the command
    file: options.File,
    *,
    settings: options.Set = None,
    class_name: options.ClassName = "",
    data: options.Data = "",
    finer: options.Finer = "",
    sample: options.Sample = "",
    series: options.Series = "",
    start: options.Start = None,
    end: options.End = None,
    catalog: options.CatalogPlace = "",
    symbol: options.Symbol = None,
    timeframe: options.Timeframe = None,
    extra: options.Extra = None,
    quality: options.Quality = None,
    calendar: options.Calendar = "",
    cash: options.Cash = "10000",
    fee_rate: options.FeeRate = None,
    slippage: options.Slippage = None,
    preset: options.Preset = None,
    rules: options.Rule = None,
    engine: options.Engine = "auto",
    seed: options.RunSeed = 0,
    bounds: options.Bounds = False,
    benchmark: options.Benchmark = "",
    risk_free: options.RiskFree = 0.0,
    metrics: options.Metrics = False,
    explain: options.Explain = False,
    html: options.Html = None,
    trades: options.Trades = None,
    save: options.Save = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    help_: options.HelpToo = False,
) -> int:
    """Run a strategy over bars and say what it did.

    For example: [cyan]eyas backtest cross.py --data prices.csv --set fast=12[/]
    """
    return command.run(command.Request(**options.asked(locals())))


@app.command(epilog=EPILOG, add_help_option=False)
def check(  # noqa: PLR0913 - each is an option of the command
    file: options.File,
    *,
    settings: options.Set = None,
    class_name: options.ClassName = "",
    data: options.Data = "",
    finer: options.Finer = "",
    sample: options.Sample = "",
    series: options.Series = "",
    start: options.Start = None,
    end: options.End = None,
    catalog: options.CatalogPlace = "",
    symbol: options.Symbol = None,
    timeframe: options.Timeframe = None,
    extra: options.Extra = None,
    quality: options.Quality = None,
    calendar: options.Calendar = "",
    cash: options.Cash = "10000",
    fee_rate: options.FeeRate = None,
    slippage: options.Slippage = None,
    preset: options.Preset = None,
    rules: options.Rule = None,
    cuts: options.Cuts = 20,
    exhaustive: options.Exhaustive = False,
    seed: options.Seed = 1,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    help_: options.HelpToo = False,
) -> int:
    """Find out whether a strategy looks ahead: run it on less data, and on other futures.

    For example: [cyan]eyas check cross.py --data prices.csv[/]
    """
    return checking.run(checking.Request(**options.asked(locals())))


@app.command(epilog=EPILOG, add_help_option=False)
def sweep(  # noqa: PLR0913 - each is an option of the command
    file: options.File,
    *,
    settings: options.Values = None,
    where: options.Where = "",
    objective: options.Objective = "sharpe",
    constraints: options.Constraint = None,
    search: options.Search = "grid",
    trials: options.TrialCount = None,
    seed: options.SearchSeed = 0,
    engine: options.Engine = "auto",
    workers: options.Workers = None,
    cluster: options.Cluster = None,
    store: options.Store = None,
    storage: options.Storage = None,
    rerun: options.Rerun = None,
    class_name: options.ClassName = "",
    data: options.Data = "",
    finer: options.Finer = "",
    sample: options.Sample = "",
    series: options.Series = "",
    start: options.Start = None,
    end: options.End = None,
    catalog: options.CatalogPlace = "",
    symbol: options.Symbol = None,
    timeframe: options.Timeframe = None,
    extra: options.Extra = None,
    quality: options.Quality = None,
    calendar: options.Calendar = "",
    cash: options.Cash = "10000",
    fee_rate: options.FeeRate = None,
    slippage: options.Slippage = None,
    preset: options.Preset = None,
    rules: options.Rule = None,
    top: options.Top = 10,
    html: options.Html = None,
    csv: options.Csv = None,
    markdown: options.Markdown = None,
    json_lines: options.TrialLines = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    help_: options.HelpToo = False,
) -> int:
    """Run a strategy with many parameters, and say how far to trust the best.

    For example: [cyan]eyas sweep cross.py --data prices.csv --set fast=5:25 --set slow=30:130:5[/]
    """
    return sweeping.run(sweeping.Request(**options.asked(locals())))


@app.command(epilog=EPILOG, add_help_option=False)
def report(  # noqa: PLR0913 - each is an option of the command
    record: options.Record,
    *,
    data: options.RecordBars = "",
    catalog: options.CatalogPlace = "",
    html: options.Html = None,
    trades: options.Trades = None,
    markdown: options.Markdown = None,
    json_lines: options.JsonLines = None,
    pdf: options.Pdf = None,
    benchmark: options.Benchmark = "",
    risk_free: options.RiskFree = 0.0,
    metrics: options.Metrics = False,
    explain: options.Explain = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    help_: options.HelpToo = False,
) -> int:
    """Show a run that was saved, as it was shown when it ran; nothing in it is executed.

    For example: [cyan]eyas report run.eyas --html run.html[/]
    """
    return reporting.run(reporting.Request(**options.asked(locals())))


@app.command(epilog=EPILOG, add_help_option=False)
def rerun(
    record: options.Record,
    *,
    data: options.RecordBarsNow = "",
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    help_: options.HelpToo = False,
) -> int:
    """Run a saved run again: the identical journal, or what has changed and which change decides.

    It [bold]executes the strategy that is in the record[/], and the one that is in its file now: rerun only
    what you would run. For example: [cyan]eyas rerun run.eyas[/]
    """
    return rerunning.run(rerunning.Request(**options.asked(locals())))


@app.command(epilog=EPILOG, add_help_option=False)
def compare(
    records: options.Records,
    *,
    html: options.DifferenceHtml = None,
    markdown: options.DifferenceMarkdown = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    help_: options.HelpToo = False,
) -> int:
    """Put saved runs side by side: figures, curves, and what sets them apart.

    For example: [cyan]eyas compare slow.eyas fast.eyas --html comparison.html[/]
    """
    return comparing.run(comparing.Request(**options.asked(locals())))


@app.command(epilog=EPILOG, add_help_option=False)
def diff(
    a: options.RecordA,
    b: options.RecordB,
    *,
    html: options.DifferenceHtml = None,
    markdown: options.DifferenceMarkdown = None,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
    help_: options.HelpToo = False,
) -> int:
    """Explain trade by trade why two saved runs differ, and split the money between them by its cause.

    For example: [cyan]eyas diff before.eyas after.eyas --html difference.html[/]
    """
    return differing.run(differing.Request(**options.asked(locals())))


@app.command(add_help_option=False)
def samples(help_: options.Help = False) -> None:
    """List the bundled bars, for --sample."""
    del help_
    tables.print_samples()


@app.command(add_help_option=False)
def rules(help_: options.Help = False) -> None:
    """List the rules of the market, for --rule."""
    del help_
    tables.print_rules()


@app.command(add_help_option=False)
def presets(help_: options.Help = False) -> None:
    """List the presets of rules, for --rules."""
    del help_
    tables.print_presets()
