"""The options of the commands: how each is called, what it takes and what its help says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

STRATEGY, BARS, MARKET, OUTPUT, CHECK = "Strategy", "Bars", "Money and market", "Output", "Check"
SEARCH = "Search"


def option(name: str, metavar: str, text: str, panel: str) -> Any:
    """Return an option with a value."""
    return typer.Option(name, metavar=metavar, help=text, rich_help_panel=panel)


def flag(name: str, text: str, panel: str = "Options", act: Callable[..., None] | None = None) -> Any:
    """Return an option without a value; `act` is called at once when it is given."""
    return typer.Option(
        name, metavar="", help=text, rich_help_panel=panel, callback=act, is_eager=act is not None
    )


def print_help(context: typer.Context, wanted: bool) -> None:
    """Print the help and leave, when asked to."""
    if wanted:
        print(context.get_help(), end="")
        raise typer.Exit


def print_version(wanted: bool) -> None:
    """Print the version and leave, when asked to."""
    if wanted:
        from importlib.metadata import version

        print(f"eyas {version('eyas')}")
        raise typer.Exit


def asked(options_: dict[str, Any], *, beside: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return what was typed by the names of a request, which are those of the options.

    `beside` are options that are no part of the request.
    """
    without = {"help_", *beside}
    return {name: value for name, value in options_.items() if name not in without and value is not None}


# Typer's own help option sits in a panel of its own and calls itself a <bool>.
Help = Annotated[bool, flag("--help", "Show this help.", act=print_help)]
HelpToo = Annotated[bool, flag("--help", "Show this help.", OUTPUT, act=print_help)]
Version = Annotated[bool, flag("--version", "Print the version.", act=print_version)]

File = Annotated[Path, typer.Argument(metavar="FILE", help="Python file with the strategy.")]
Set = Annotated[list[str] | None, option("--set", "NAME=VALUE", "Set a parameter; repeatable.", STRATEGY)]
ClassName = Annotated[str, option("--class", "NAME", "Which strategy, if there are several.", STRATEGY)]

Data = Annotated[str, option("--data", "FILE", "CSV or Parquet file of the bars.", BARS)]
Finer = Annotated[str, option("--finer", "FILE", "Shorter bars, to walk through inside.", BARS)]
Sample = Annotated[str, option("--sample", "NAME", "Bundled bars, as BTCUSDT:1m; see eyas samples.", BARS)]
Series = Annotated[
    str, option("--series", "NAME", "From the catalog: BTCUSDT:1h, or BTCUSDT:1h@venue.", BARS)
]
Start = Annotated[str | None, option("--start", "TIME", "First time that counts, as 2024-01-31.", BARS)]
End = Annotated[str | None, option("--end", "TIME", "First time that no longer counts.", BARS)]
CatalogPlace = Annotated[str, option("--catalog", "PLACE", "Of --series: else EYAS_CATALOG or yours.", BARS)]
Symbol = Annotated[str | None, option("--symbol", "TEXT", "Symbol, if not the file's name.", BARS)]
Timeframe = Annotated[str | None, option("--timeframe", "TEXT", "Length of a bar, as 4h, if unclear.", BARS)]

Extra = Annotated[
    list[str] | None,
    option("--extra", "NAME=FILE|SERIES", "What the strategy sees beside the bars; repeatable.", BARS),
]
Quality = Annotated[
    list[str] | None,
    option("--quality", "off|NAME=LEVEL", "As gaps=fail: the data's check; repeatable.", BARS),
]
Calendar = Annotated[
    str, option("--calendar", "NAME", "By which gaps count: 24/7, XNYS; else guessed.", BARS)
]

Cash = Annotated[str, option("--cash", "MONEY", "Money to start with.", MARKET)]
FeeRate = Annotated[str | None, option("--fee-rate", "RATE", "Fee as a fraction: 0.001 is 0.1 %.", MARKET)]
Slippage = Annotated[str | None, option("--slippage", "RATE", "Slippage as a fraction of the price.", MARKET)]
Preset = Annotated[
    str | None, option("--rules", "NAME", "Rules to begin with, as hawk; see eyas presets.", MARKET)
]
Rule = Annotated[
    list[str] | None, option("--rule", "NAME=VALUE", "Set any rule; repeatable; see eyas rules.", MARKET)
]

Cuts = Annotated[int, option("--cuts", "COUNT", "After how many bars to cut the future off.", CHECK)]
Seed = Annotated[int, option("--seed", "NUMBER", "Which of these bars are drawn by lot.", CHECK)]
Exhaustive = Annotated[bool, flag("--exhaustive", "Cut after every bar with a decision.", CHECK)]

Values = Annotated[
    list[str] | None,
    option("--set", "NAME=VALUES", "As fast=5:25, slow=30:130:5 or mode=a,b; repeatable.", SEARCH),
]
Where = Annotated[str, option("--where", "CONDITION", 'Which combinations to run: "fast < slow".', SEARCH)]
Objective = Annotated[
    str, option("--objective", "FIGURE", 'As sharpe, "-fees" for the least, or "sharpe * trades".', SEARCH)
]
Constraint = Annotated[
    list[str] | None, option("--constraint", "CONDITION", 'What the best must keep: "trades >= 30".', SEARCH)
]
Search = Annotated[str, option("--search", "WAY", "grid, random, tpe, cmaes or nsga3.", SEARCH)]
TrialCount = Annotated[int | None, option("--trials", "COUNT", "How many, if not a grid.", SEARCH)]
SearchSeed = Annotated[int, option("--seed", "NUMBER", "Which are drawn by lot.", SEARCH)]
RunSeed = Annotated[int, option("--seed", "NUMBER", "What the strategy's self.random draws.", STRATEGY)]
Bounds = Annotated[bool, flag("--bounds", "Also run both paths inside of bars, for the bounds.", MARKET)]
Benchmark = Annotated[str, option("--benchmark", "FILE|SERIES", "Hold the run against these bars.", OUTPUT)]
RiskFree = Annotated[float, option("--risk-free", "RATE", "Risk-free rate a year, such as 0.02.", OUTPUT)]
Metrics = Annotated[bool, flag("--metrics", "Print all figures, in groups.", OUTPUT)]
Explain = Annotated[bool, flag("--explain", "Print all figures with their definitions.", OUTPUT)]
Engine = Annotated[str, option("--engine", "WAY", "How it runs: auto, python, arrays, compiled.", STRATEGY)]
Workers = Annotated[int | None, option("--workers", "COUNT", "Processes or threads; all cores.", SEARCH)]
Cluster = Annotated[str | None, option("--cluster", "ADDRESS", "A Ray cluster, as ray://host:10001.", SEARCH)]
Store = Annotated[
    Path | None, option("--store", "FILE", "Keep the trials here; the same command goes on.", SEARCH)
]
Storage = Annotated[
    str | None, option("--storage", "URL", "Database that machines share, if guided.", SEARCH)
]
Rerun = Annotated[int | None, option("--rerun", "TRIAL", "Run one trial of --store again, whole.", SEARCH)]
Top = Annotated[int, option("--top", "COUNT", "How many of the best to print.", OUTPUT)]
Csv = Annotated[Path | None, option("--csv", "FILE", "Write all trials: .csv or .parquet.", OUTPUT)]
TrialLines = Annotated[
    Path | None, option("--json-lines", "FILE", "Write all trials, an object a line: .jsonl.", OUTPUT)
]

RecordA = Annotated[Path, typer.Argument(metavar="A", help="The run to start from, as saved.")]
RecordB = Annotated[Path, typer.Argument(metavar="B", help="The run to explain, as saved.")]
Records = Annotated[list[Path], typer.Argument(metavar="RECORD…", help="Runs, as they were saved.")]
DifferenceHtml = Annotated[Path | None, option("--html", "FILE", "Write it as a page.", OUTPUT)]
DifferenceMarkdown = Annotated[Path | None, option("--markdown", "FILE", "Write it as Markdown.", OUTPUT)]

Record = Annotated[Path, typer.Argument(metavar="RECORD", help="A run, as --save or report.save wrote it.")]
RecordBars = Annotated[str, option("--data", "FILE", "Its bars, where it does not have them.", BARS)]
RecordBarsNow = Annotated[str, option("--data", "FILE", "Its bars of now, if it does not know where.", BARS)]
Markdown = Annotated[Path | None, option("--markdown", "FILE", "Write the report as Markdown.", OUTPUT)]
JsonLines = Annotated[
    Path | None, option("--json-lines", "FILE", "Write the trades, an object a line: .jsonl.", OUTPUT)
]
Pdf = Annotated[Path | None, option("--pdf", "FILE", "Print the page, by an installed Chromium.", OUTPUT)]
Save = Annotated[Path | None, option("--save", "FILE", "Keep the run, to open again: run.eyas.", OUTPUT)]

Html = Annotated[Path | None, option("--html", "FILE", "Write the report as a page.", OUTPUT)]
Trades = Annotated[Path | None, option("--trades", "FILE", "Write the trades: .csv or .parquet.", OUTPUT)]
Json = Annotated[bool, flag("--json", "Print one JSON object and nothing else.", OUTPUT)]
Quiet = Annotated[bool, flag("--quiet", "Print nothing but errors.", OUTPUT)]
