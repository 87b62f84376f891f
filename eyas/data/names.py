"""Know the usual names of columns, and read a symbol off the name of a file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from eyas.data.place import Place
from eyas.errors import DataError
from eyas.model import PRICE_COLUMNS, RARE_COLUMNS

USUAL = {
    "time": ("time", "timestamp", "date", "datetime", "opentime", "ts", "t"),
    "open": ("open", "o"),
    "high": ("high", "h"),
    "low": ("low", "l"),
    "close": ("close", "c"),
    "volume": ("volume", "vol", "v", "basevolume"),
    "given": ("given", "vwap"),
    "funding": ("funding", "fundingrate"),
}
INDEX_NAMES = ("", "unnamed:0", "__indexlevel0__", "indexlevel0")
"""How a pandas index without a name is called in a file: used when nothing else can be the time."""

TIMEFRAME_TOKEN = re.compile(r"\d+(ms|s|m|h|d|w|mo|M)|min|minute|hour|hourly|daily|weekly", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Layout:
    """Say at which positions the columns of bars are."""

    time: tuple[int, ...]
    """One position, or those of a date and of a time of day."""
    numbers: dict[str, int]
    symbol: int | None = None
    """Where the symbol of each row is, where a table has several instruments."""

    @property
    def positions(self) -> list[int]:
        """Every position that is needed, each once, in order."""
        symbol = () if self.symbol is None else (self.symbol,)
        return sorted({*self.time, *self.numbers.values(), *symbol})


def layout(
    names: Sequence[str],
    place: Place,
    *,
    time_elsewhere: bool = False,
    extra: Mapping[str, str] | None = None,
) -> Layout:
    """Find the columns of bars among `names`; `time_elsewhere` when an index can be the time.

    Volume, given prices and funding may be missing; a column that could be two things, or two that could
    be one, is an error. `extra` are names that a vendor has beyond the usual ones, and what they are.
    """
    plain_names = [plain_name(name) for name in names]
    found = {field: _at(plain_names, usual) for field, usual in USUAL.items()}
    if not found["time"] and not time_elsewhere:
        found["time"] = _at(plain_names[:1], INDEX_NAMES)
    time = _date_and_clock(found["time"], plain_names)
    for field, positions in found.items():
        if len(positions) > 1 and not (field == "time" and time):
            raise DataError(_ambiguous(field, [names[position] for position in positions], place))
    missing = [field for field in ("time", *PRICE_COLUMNS) if not found[field]]
    if time_elsewhere and "time" in missing:
        missing.remove("time")
    if missing:
        raise DataError(_missing(missing, names, place))
    wanted = (*PRICE_COLUMNS, "volume", *RARE_COLUMNS)
    numbers = {field: found[field][0] for field in wanted if found[field]}
    for name, field in (extra or {}).items():
        if name in plain_names:
            numbers.setdefault(field, plain_names.index(name))
    return Layout(time or tuple(found["time"]), numbers)


def knows_any(names: Sequence[str]) -> bool:
    """Whether any of the names is that of a column of bars."""
    usual = {word for words in USUAL.values() for word in words}
    return any(plain_name(name) in usual for name in names)


def positional(width: int) -> Layout:
    """Return the layout of rows without a header: time, open, high, low, close, and perhaps volume."""
    numbers = {field: at for at, field in enumerate((*PRICE_COLUMNS, "volume"), start=1) if at < width}
    return Layout((0,), numbers)


def symbol_of(path: str) -> str:
    """Return the symbol that a file's name starts with, or an empty string.

    The first word counts when it is written in capitals, or when a timeframe follows it.

    >>> symbol_of("data/BTCUSDT_1m.csv"), symbol_of("aapl_1d_2014.parquet"), symbol_of("prices.csv")
    ('BTCUSDT', 'AAPL', '')
    >>> symbol_of("BTC-USD.csv"), symbol_of("BTCUSDT-1m-2024-01.zip")
    ('BTC-USD', 'BTCUSDT')
    """
    stem = PurePath(path).name.split(".")[0]
    match = re.match(r"[A-Za-z][A-Za-z0-9]*(?:-[A-Z]{3,5}(?![A-Za-z0-9]))?", stem)
    if match is None:
        return ""
    word = match.group()
    following = re.split(r"[_\- ]+", stem[match.end() :].lstrip("_- "))[0]
    if word.isupper() or TIMEFRAME_TOKEN.fullmatch(following):
        return word.upper()
    return ""


def are_of_bars(names: Iterable[str]) -> bool:
    """Return whether columns of these names are those of bars: open, high, low and close are all there."""
    plain_names = {plain_name(name) for name in names}
    return all(not plain_names.isdisjoint(USUAL[field]) for field in PRICE_COLUMNS)


def plain_name(name: str) -> str:
    """Return the name of a column without its case, spaces, underlines and brackets."""
    return re.sub(r"[\s_<>\ufeff]", "", name).lower()


def _at(plain_names: Sequence[str], usual: tuple[str, ...]) -> list[int]:
    return [position for position, name in enumerate(plain_names) if name in usual]


def _date_and_clock(positions: list[int], plain_names: list[str]) -> tuple[int, ...]:
    """Return the positions of `date` and `time` when these two are the candidates."""
    by_name = {plain_names[position]: position for position in positions}
    if len(positions) == 2 and set(by_name) == {"date", "time"}:
        return by_name["date"], by_name["time"]
    return ()


def _ambiguous(field: str, candidates: list[str], place: Place) -> str:
    listed = " and ".join(f"'{name}'" for name in candidates)
    several = f"{place.name} has several columns that could be the {field}: {listed}"
    return f"{several}. Rename or drop all but one."


NO_BARS = (
    "Those are no bars: trades are imported with kind='trades' and quotes with kind='books', and read by "
    "eyas.data.read_trades and read_books."
)


def _missing(missing: list[str], names: Sequence[str], place: Place) -> str:
    has = f"Its columns are {', '.join(repr(name) for name in names)}" if names else "It has no columns"
    if len(missing) > 1:
        plain_names = {plain_name(name) for name in names}
        lead = f"{place.name} has no columns for {', '.join(missing)}. {has}"
        traded = "price" in plain_names and plain_names & {"qty", "quantity", "size", "amount", "side"}
        if traded or {"bid", "ask"} <= plain_names:
            return f"{lead}. {NO_BARS}"
        return f"{lead}: rename the right ones."
    also = ", ".join(USUAL[missing[0]][1:]).replace("opentime", "open_time")
    return f"{place.name} has no column for {missing[0]} (also called {also}). {has}: rename the right one."
