"""The vendors' ways to write bars and trades, one value each: how to know it and what it means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from eyas.timeframes import canonical

MINUTES = {
    "1": "1m",
    "5": "5m",
    "15": "15m",
    "30": "30m",
    "60": "1h",
    "240": "4h",
    "720": "12h",
    "1440": "1d",
}
MINUTES |= {"3": "3m", "45": "45m", "120": "2h", "180": "3h", "10080": "1w", "43200": "1M"}
METATRADER = {"D1": "1d", "W1": "1w", "MN": "1M", "MN1": "1M", "DAILY": "1d", "WEEKLY": "1w", "MONTHLY": "1M"}
WORDS = {
    "1MIN": "1m",
    "5MIN": "5m",
    "15MIN": "15m",
    "30MIN": "30m",
    "1HOUR": "1h",
    "4HOUR": "4h",
    "1DAY": "1d",
}
WORDS |= {"1MO": "1M", "D": "1d", "W": "1w", "M": "1M", "1D": "1d", "1W": "1w", "1S": "1s"}

TIMEFRAME = re.compile(r"[1-9][0-9]{0,5}[smhdw]")

KLINE = ("time", "open", "high", "low", "close", "volume")
SERVER = "Europe/Athens"  # EET with its summer time: what most MetaTrader servers run on


@dataclass(frozen=True, slots=True)
class Dialect:
    """Say how a vendor writes a table, how to know it, and what its times and prices mean."""

    name: str
    says: str
    """What it is, for people."""
    header: tuple[str, ...] = ()
    """Names that its header has, in small letters and without spaces; none where it has no header."""
    columns: tuple[str, ...] = ()
    """What is at each position where there is no header; empty for what is not needed."""
    first: str = ""
    """A pattern of the first value of a table without a header."""
    second: str = ""
    separator: str = ","
    file: str = ""
    """A pattern of the file's name, with groups symbol, timeframe and adjustment as far as it tells them."""
    by_name_alone: bool = False
    """Whether it is known by the file's name only, since its table could be anybody's."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Names of columns beyond the usual ones, and what they are."""
    written_as: str = ""
    """The chrono format of its times, where it is none of the usual ones."""
    time_zone: str = "UTC"
    """Whose clock its times show, where they do not say so themselves."""
    is_zone_assumed: bool = False
    stamp: str = "open"
    """Whether the time of a bar is when it opens or when it closes."""
    adjustment: str = "unknown"
    own_units: bool = False
    """Whether its epoch numbers may change their unit from row to row."""


USUAL = Dialect("usual", "columns under their usual names, or time, open, high, low, close, volume in order")

BARS = (
    Dialect(
        "binance",
        "public dumps of Binance, spot (no header) and futures (with one)",
        header=("open_time", "open", "high", "low", "close", "volume", "close_time", "ignore"),
        columns=(*KLINE, "", "", "", "", "", ""),
        first=r"\d{13}(\d{3})?",
        file=r"(?P<symbol>[A-Z0-9]+(?:_[A-Z0-9]+)?)-(?P<timeframe>\d+[smhdw]|1mo|1M)-\d{4}-\d\d(?:-\d\d)?\.",
        adjustment="raw",
        own_units=True,
    ),
    Dialect(
        "yahoo",
        "daily prices of Yahoo, adjusted for splits and not for dividends",
        header=("date", "open", "high", "low", "close", "adjclose", "volume"),
        file=r"(?P<symbol>[A-Z0-9^.=-]+)\.csv",
    ),
    Dialect(
        "yahoo-adjusted",
        "daily prices of Yahoo, adjusted for splits and dividends: all four scaled by Adj Close / Close",
        header=("date", "open", "high", "low", "close", "adjclose", "volume"),
        file=r"(?P<symbol>[A-Z0-9^.=-]+)\.csv",
        names={"adjclose": "adjusted_close"},
        adjustment="adjusted",
    ),
    Dialect(
        "yfinance",
        "prices saved by yfinance, with a line of tickers under the header; adjusted unless asked otherwise",
        header=("price", "open", "high", "low", "close", "volume"),
    ),
    Dialect(
        "alpaca",
        "bars of Alpaca, as CSV or as the JSON of its API",
        header=("timestamp", "open", "high", "low", "close", "volume", "trade_count", "vwap"),
        names={"vw": "given"},
    ),
    Dialect(
        "tradingview",
        "charts exported from TradingView; the columns of indicators are left out",
        header=("time", "open", "high", "low", "close"),
        file=r"(?P<venue>[A-Z0-9]+)_(?P<symbol>[^,]+), (?P<timeframe>\d*[SDWM]?)(?:_\w+)?(?: \(\d\))?\.",
        by_name_alone=True,
    ),
    Dialect(
        "metatrader4",
        "the history centre of MetaTrader 4: its server's time, volume in ticks",
        columns=("date", "clock", "open", "high", "low", "close", "volume"),
        first=r"\d{4}\.\d\d\.\d\d",
        second=r"\d\d:\d\d",
        file=r"(?P<symbol>[A-Za-z0-9.#]+?)_?(?P<timeframe>M1|M5|M15|M30|H1|H4|D1|W1|MN1?|"
        r"(?<=[A-Za-z.#_])(?:1|5|15|30|60|240|1440|10080|43200))\.",
        time_zone=SERVER,
        is_zone_assumed=True,
    ),
    Dialect(
        "metatrader5",
        "bars exported from MetaTrader 5: its server's time; volume in ticks where there is no other",
        header=("date", "open", "high", "low", "close", "tickvol", "vol", "spread"),
        separator="\t",
        file=r"(?P<symbol>.+?)_(?P<timeframe>M\d+|H\d+|Daily|Weekly|Monthly)_\d{8,12}_\d{8,12}\.",
        names={"tickvol": "ticks"},
        time_zone=SERVER,
        is_zone_assumed=True,
    ),
    Dialect(
        "histdata",
        "HistData's generic ASCII: New York's winter time all year round, bid prices",
        columns=KLINE,
        first=r"\d{8} \d{6}",
        separator=";",
        file=r"(?:DAT|HISTDATA_COM)_ASCII_(?P<symbol>[A-Z0-9]+)_(?P<timeframe>M1)_?\d+\.",
        written_as="%Y%m%d %H%M%S",
        time_zone="-05:00",
        adjustment="raw",
    ),
    Dialect(
        "histdata-metatrader",
        "HistData's files for MetaTrader: New York's winter time all year round, bid prices",
        columns=("date", "clock", "open", "high", "low", "close", "volume"),
        first=r"\d{4}\.\d\d\.\d\d",
        second=r"\d\d:\d\d",
        file=r"(?:DAT|HISTDATA_COM)_MT_(?P<symbol>[A-Z0-9]+)_(?P<timeframe>M1)_?\d+\.",
        time_zone="-05:00",
        adjustment="raw",
    ),
    Dialect(
        "kraken",
        "downloadable OHLCVT of Kraken; intervals without a trade have no row",
        columns=(*KLINE, ""),
        first=r"\d{10}",
        file=r"(?P<symbol>[A-Z0-9]+)_(?P<timeframe>1|5|15|30|60|240|720|1440)\.",
        adjustment="raw",
    ),
    Dialect(
        "firstrate",
        "FirstRate Data: New York's time, adjusted as the file's name says",
        columns=KLINE,
        first=r"\d{4}-\d\d-\d\d(?: \d\d:\d\d:\d\d)?",
        file=r"(?P<symbol>[A-Za-z0-9.^-]+)_(?:full_)?(?P<timeframe>1min|5min|15min|30min|1hour|4hour|1day)"
        r"(?:_(?P<adjustment>\w+))?\.",
        by_name_alone=True,
        time_zone="America/New_York",
    ),
    Dialect(
        "freqtrade",
        "candles of freqtrade, as feather, Parquet or JSON",
        header=("open", "high", "low", "close", "volume"),
        columns=KLINE,
        file=r"(?P<symbol>[A-Z0-9]+_[A-Z0-9]+(?:_[A-Z0-9]+)?)-(?P<timeframe>\d+[smhdwM])"
        r"(?:-(?P<kind>futures|mark|index|premiumIndex|funding_rate))?\.(?:feather|json|json\.gz|parquet)",
        by_name_alone=True,
        adjustment="raw",
    ),
    USUAL,
)

TRADE = ("number", "price", "quantity")
TRADES = (
    Dialect(
        "binance-trades",
        "dumps of single trades of Binance",
        header=("id", "price", "qty", "time", "is_buyer_maker"),
        columns=(*TRADE, "", "time", "maker", ""),
        first=r"\d+",
        file=r"(?P<symbol>[A-Z0-9]+(?:_[A-Z0-9]+)?)-trades-\d{4}-\d\d(?:-\d\d)?\.",
        own_units=True,
    ),
    Dialect(
        "binance-aggtrades",
        "dumps of aggregated trades of Binance",
        header=("agg_trade_id", "price", "quantity", "transact_time", "is_buyer_maker"),
        columns=(*TRADE, "", "", "time", "maker", ""),
        first=r"\d+",
        file=r"(?P<symbol>[A-Z0-9]+(?:_[A-Z0-9]+)?)-aggTrades-\d{4}-\d\d(?:-\d\d)?\.",
        own_units=True,
    ),
    Dialect(
        "kraken-trades",
        "downloadable trades of Kraken: time, price, volume",
        columns=("time", "price", "quantity"),
        first=r"\d{10}(\.\d+)?",
        file=r"(?P<symbol>[A-Z0-9]+)\.csv",
    ),
    USUAL,
)

BOOKS = (
    Dialect(
        "histdata-ticks",
        "HistData's ticks in generic ASCII: bid and ask, New York's winter time all year round",
        columns=("time", "bid_price_0000", "ask_price_0000", ""),
        first=r"\d{8} \d{9}",
        file=r"(?:DAT|HISTDATA_COM)_ASCII_(?P<symbol>[A-Z0-9]+)_T_?\d+\.",
        written_as="%Y%m%d %H%M%S%3f",
        time_zone="-05:00",
    ),
    USUAL,
)

BY_NAME = {dialect.name: dialect for dialect in (*BARS, *TRADES, *BOOKS)}


def timeframe_of(word: str) -> str:
    """Return a vendor's word for a timeframe as eyas writes it, or an empty string.

    >>> timeframe_of("60"), timeframe_of("H4"), timeframe_of("1min"), timeframe_of("1mo"), timeframe_of("M15")
    ('1h', '4h', '1m', '1M', '15m')
    >>> timeframe_of("60m"), timeframe_of("1440m")
    ('1h', '1d')
    """
    found = _word(word)
    return canonical(found) if TIMEFRAME.fullmatch(found) else found


def _word(word: str) -> str:
    """Return a word for a timeframe as a number and a unit."""
    upper = word.upper()
    for known in (MINUTES, METATRADER, WORDS):
        if upper in known:
            return known[upper]
    if upper[:1] in ("M", "H") and upper[1:].isdigit():
        return f"{upper[1:]}{upper[0].lower()}"
    if upper[:-1].isdigit() and upper[-1] == "S":
        return f"{upper[:-1]}s"
    return word if word[:-1].isdigit() and word[-1:] in "smhdwM" else ""
