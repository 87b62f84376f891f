"""The options of `eyas data`: how each is called, what it takes and what its help says."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eyas.cli.options import OUTPUT, flag, option

CATALOG, ROWS, SOURCE, CHECKS, BY = "Catalog", "What the rows are", "Source", "Checks", "When a bar is over"

SERIES_HELP = "Series of the catalog, as BTCUSDT:1h or BTCUSDT:1h@binance."
Place = Annotated[str, option("--catalog", "PLACE", "Folder or URL; else EYAS_CATALOG or your own.", CATALOG)]
Series = Annotated[str, typer.Argument(metavar="SERIES", help=SERIES_HELP)]
SeriesOrFile = Annotated[str, typer.Argument(metavar="SERIES|FILE", help="Series of the catalog, or a file.")]
Anything = Annotated[
    str,
    typer.Argument(metavar="SERIES|FILE", help="Series or file; everything in the catalog if left out."),
]
Files = Annotated[list[str], typer.Argument(metavar="FILE", help="Files, folders or 'patterns*.zip'.")]
Start = Annotated[
    str | None, option("--start", "TIME", "First time, as 2024-01-31 or 2024-01-31T09:30.", ROWS)
]
End = Annotated[str | None, option("--end", "TIME", "First time that no longer counts.", ROWS)]

Kind = Annotated[str | None, option("--kind", "NAME", "bars, trades or books, if unclear.", ROWS)]
Venue = Annotated[str | None, option("--venue", "NAME", "Where it was traded, as binance.", ROWS)]
Symbol = Annotated[str | None, option("--symbol", "TEXT", "Symbol, if the file does not tell.", ROWS)]
Timeframe = Annotated[str | None, option("--timeframe", "TEXT", "Length of a bar, if unclear.", ROWS)]
Dialect = Annotated[str | None, option("--dialect", "NAME", "The vendor's format, if unclear.", ROWS)]
Zone = Annotated[str | None, option("--time-zone", "NAME", "Whose clock, as America/New_York.", ROWS)]
Adjustment = Annotated[
    str | None, option("--adjustment", "NAME", "Prices are raw, adjusted or unknown.", ROWS)
]
Stamp = Annotated[str | None, option("--stamp", "WHEN", "Times are those of the open or close.", ROWS)]
Rejects = Annotated[Path | None, option("--rejects", "FILE", "Write the rows put aside: .csv.", OUTPUT)]
Strict = Annotated[bool, flag("--strict", "Stop at the first bad row.", ROWS)]
Format = Annotated[str | None, option("--format", "NAME", "Stored as parquet or mapped.", CATALOG)]
Yes = Annotated[bool, flag("--yes", "Yes, remove it for good.", CATALOG)]
Revise = Annotated[bool, flag("--revise", "Take new values where others are stored.", CATALOG)]

From = Annotated[str, option("--source", "NAME", "ccxt:EXCHANGE (as ccxt:binance) or alpaca.", SOURCE)]
Since = Annotated[str, option("--start", "TIME", "From when on, as 2024-01-31.", SOURCE)]
Until = Annotated[str | None, option("--end", "TIME", "Until before when; else up to now.", SOURCE)]
Setting = Annotated[
    list[str] | None, option("--option", "NAME=VALUE", "Of the client, as feed=iex; repeatable.", SOURCE)
]
Again = Annotated[bool, flag("--again", "Ask for what is stored too.", SOURCE)]
DownloadVenue = Annotated[str | None, option("--venue", "NAME", "Other name for the venue.", CATALOG)]
What = Annotated[str, typer.Argument(metavar="SYMBOL", help="As the source calls it: BTC/USDT, AAPL.")]
Length = Annotated[str, typer.Argument(metavar="TIMEFRAME", help="Length of a bar, as 1h, or trades.")]
Longer = Annotated[str, typer.Argument(metavar="TIMEFRAME", help="Length of the longer bars, as 4h.")]

Calendar = Annotated[str, option("--calendar", "NAME", "24/7, 24/5, an exchange as XNYS, or auto.", CHECKS)]
Level = Annotated[
    list[str] | None,
    option("--level", "NAME=LEVEL", "Make a finding pass, warn or fail; repeatable.", CHECKS),
]
StrictCheck = Annotated[bool, flag("--strict", "Let a warning fail as well.", CHECKS)]
Target = Annotated[Path, typer.Argument(metavar="FILE", help="File to write: .csv, .parquet or .jsonl.")]
Out = Annotated[Path | None, option("--out", "FILE", "Write a file instead: .csv, .parquet, .jsonl.", OUTPUT)]

SeriesOfTrades = Annotated[
    str, typer.Argument(metavar="SERIES", help="Trades of the catalog: BTCUSDT:trades.")
]
Every = Annotated[str | None, option("--every", "TIMEFRAME", "Bars of time, as 1m.", BY)]
Ticks = Annotated[int | None, option("--ticks", "COUNT", "Bars of so many trades.", BY)]
Volume = Annotated[float | None, option("--volume", "QUANTITY", "Bars of so much traded.", BY)]
Value = Annotated[float | None, option("--value", "MONEY", "Bars of so much money.", BY)]

Named = Annotated[list[str] | None, typer.Argument(metavar="SERIES", help="Series to copy; else all bars.")]
FromUrl = Annotated[str, option("--from", "URL", "Database to copy from: postgresql://, sqlite:///.", SOURCE)]
ToUrl = Annotated[str, option("--to", "URL", "Database to copy to.", SOURCE)]
Layout = Annotated[str, option("--layout", "NAME", "Its tables: eyas, or kline.", SOURCE)]
