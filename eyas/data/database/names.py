"""Check the names that go into a database, and make names of tables from them."""

from __future__ import annotations

import re
import unicodedata

from eyas.errors import UsageError
from eyas.timeframes import canonical, length_ns

LONGEST = 200
OF_KLINE = re.compile(r"[A-Z0-9][A-Z0-9_]{0,39}")
INTERVAL = re.compile(r"[1-9][0-9]{0,3}[smhdwM]")
TABLE = re.compile(r"t_kline_([a-z0-9][a-z0-9_]{0,39})_([1-9][0-9]{0,3})(s|mo|m|h|d|w)")


def check_name(what: str, name: object, *, empty: bool = False) -> None:
    """Raise UsageError unless a name can be kept as text and comes back the same."""
    if not isinstance(name, str):
        raise UsageError(f"{what} {name!r} is not a text")
    if not name and not empty:
        raise UsageError(f"a series needs a {what}: {what}=..., such as {what}='BTCUSDT'")
    if len(name) > LONGEST:
        raise UsageError(f"{what} {name[:30]!r}… has {len(name)} characters: use at most {LONGEST}")
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in name) or name != name.strip():
        raise UsageError(f"{what} {name!r} has characters that cannot be seen: leave them out")


def spelled(timeframe: str) -> str:
    """Return a timeframe as series are kept by it; raise UsageError unless it is one that they can have."""
    if not timeframe:
        raise UsageError("a series needs a timeframe: timeframe='1h'")
    return canonical(timeframe)


def table_of(symbol: str, timeframe: str) -> str:
    """Return the name of a table of klines. Raises UsageError for names that none can have.

    Names of tables are lower case, so that a month is written "mo": else 1m and 1M would be one table.

    >>> table_of("BTCUSDT", "1h"), table_of("BTCUSDT", "1m"), table_of("BTCUSDT", "1M")
    ('t_kline_btcusdt_1h', 't_kline_btcusdt_1m', 't_kline_btcusdt_1mo')
    """
    spelled(timeframe)
    if not INTERVAL.fullmatch(timeframe):
        raise UsageError(f"timeframe {timeframe!r} is too long for the name of a table")
    if not OF_KLINE.fullmatch(symbol):
        shown = symbol if len(symbol) <= 50 else f"{symbol[:50]}…"
        allowed = "up to 40 of A-Z, 0-9 and _"
        raise UsageError(f"symbol {shown!r} cannot name a table of klines ({allowed}): use layout='eyas'")
    return f"t_kline_{symbol.lower()}_{timeframe.replace('M', 'mo')}"


def tables_of(symbol: str, timeframe: str) -> list[str]:
    """Return the names that a table of klines can have: other programs spell an hour 60m as well.

    >>> tables_of("BTCUSDT", "1h")
    ['t_kline_btcusdt_1h', 't_kline_btcusdt_60m', 't_kline_btcusdt_3600s']
    """
    usual, length = spelled(timeframe), length_ns(timeframe)
    units = [] if usual[-1] in "wM" else [unit for unit in "hms" if length % length_ns(f"1{unit}") == 0]
    others = [f"{length // length_ns(f'1{unit}')}{unit}" for unit in units]
    named = dict.fromkeys(one for one in (usual, *others) if one == usual or INTERVAL.fullmatch(one))
    return [table_of(symbol, one) for one in named]


def series_of(table: str) -> tuple[str, str] | None:
    """Return symbol and timeframe, as eyas spells it, of a table's name; None when it is no table of klines.

    >>> series_of("t_kline_btcusdt_1mo"), series_of("users")
    (('BTCUSDT', '1M'), None)
    """
    found = TABLE.fullmatch(table)
    if found is None:
        return None
    symbol, number, unit = found.groups()
    if unit in ("s", "m", "h"):
        return symbol.upper(), canonical(number + unit)
    return symbol.upper(), number + ("M" if unit == "mo" else unit)
