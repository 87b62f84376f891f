"""Know a vendor by its header, its first row and its file's name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from eyas.data.names import Layout, layout, plain_name, symbol_of
from eyas.data.place import Place
from eyas.data.reading.dialects import BY_NAME, USUAL, Dialect, timeframe_of
from eyas.errors import DataError, UsageError


@dataclass(frozen=True, slots=True)
class Shape:
    """What a table looks like before its rows are read."""

    names: tuple[str, ...]
    """Of its header; none where it has no header."""
    first: tuple[str, ...] = ()
    """The values of its first row, where it has no header."""
    separator: str = ","
    files: tuple[str, ...] = ()
    """Names of the file, and of the one that is packed in it."""

    @property
    def width(self) -> int:
        """How many columns it has."""
        return len(self.names) or len(self.first)


@dataclass(frozen=True, slots=True)
class Told:
    """What the name of a file tells."""

    symbol: str = ""
    timeframe: str = ""
    adjustment: str = ""
    kind: str = ""


def recognise(shape: Shape, place: Place, dialects: Sequence[Dialect], asked: str | None) -> Dialect:
    """Return the dialect of a table: the one asked for, or the one that it looks like most.

    Raises UsageError where it looks like two of them.
    """
    if asked is not None:
        return _asked(shape, place, dialects, asked)
    scores = {dialect.name: _likeness(shape, dialect) for dialect in dialects}
    best = max(scores.values())
    likely = [name for name, score in scores.items() if score == best]
    if len(likely) == 1 or best == 0:
        return BY_NAME[likely[0]] if best else USUAL
    if set(likely) == {"yahoo", "yahoo-adjusted"}:
        return BY_NAME["yahoo"]
    listed = " or ".join(f"{name} ({BY_NAME[name].says})" for name in likely)
    choices = " or ".join(f'dialect="{name}"' for name in likely)
    raise UsageError(f"{place.name} could be {listed}. Say {choices}.")


def _asked(shape: Shape, place: Place, dialects: Sequence[Dialect], asked: str) -> Dialect:
    known = {dialect.name: dialect for dialect in dialects}
    if asked not in known:
        raise UsageError(f"there is no dialect {asked!r} here. Known are {', '.join(known)}.")
    dialect = known[asked]
    if not shape.names and dialect.columns and shape.width < _needed(dialect):
        has = f"{place.name} has {shape.width} columns and no header"
        raise DataError(f"{has}, and so is not {dialect.says}. Leave dialect= out to have it recognised.")
    return dialect


def _needed(dialect: Dialect) -> int:
    """Return how many columns a table without a header needs at least."""
    return max(at for at, name in enumerate(dialect.columns, start=1) if name and name != "volume")


def _likeness(shape: Shape, dialect: Dialect) -> int:
    """Return 0 for a table that is not of a dialect, more the more it looks like it."""
    named = _matches_file(shape, dialect)
    if dialect.by_name_alone and not named:
        return 0
    if shape.names:
        plain = {plain_name(name) for name in shape.names}
        wanted = {plain_name(name) for name in dialect.header}
        fits = bool(wanted) and wanted <= plain
        weight = len(wanted)
    else:
        fits = _fits_row(shape, dialect)
        weight = len(dialect.columns)
    if not fits:
        return 0
    return weight + 100 * named


def _fits_row(shape: Shape, dialect: Dialect) -> bool:
    return (
        bool(dialect.columns)
        and shape.width == len(dialect.columns)
        and (not dialect.first or re.fullmatch(dialect.first, shape.first[0].strip()) is not None)
        and (not dialect.second or re.fullmatch(dialect.second, shape.first[1].strip()) is not None)
        and dialect.separator in (shape.separator, ",")
    )


def _matches_file(shape: Shape, dialect: Dialect) -> bool:
    return bool(dialect.file) and any(_told(name, dialect) is not None for name in shape.files)


def told_by(files: Sequence[str], dialect: Dialect) -> Told:
    """Return what the names of a file tell in a dialect, or else by the usual rules."""
    for name in files:
        told = _told(name, dialect)
        if told is not None:
            return told
    for name in files:
        symbol = symbol_of(name)
        if symbol:
            return Told(symbol, _usual_timeframe(name))
    return Told()


def is_named(name: str, dialect: Dialect) -> bool:
    """Tell whether a file bears a name as those of a dialect do."""
    return _told(name, dialect) is not None


def told_by_name(name: str, dialects: Sequence[Dialect]) -> Told:
    """Return what the name of a file alone tells, whatever its dialect may be."""
    for dialect in dialects:
        told = _told(name, dialect) if dialect.file and dialect.name != "yahoo-adjusted" else None
        if told is not None and (told.timeframe or told.kind):
            return told
    return told_by((name,), USUAL)


def _told(name: str, dialect: Dialect) -> Told | None:
    if not dialect.file:
        return None
    found = re.match(dialect.file, PurePath(name).name)
    if found is None:
        return None
    parts = found.groupdict()
    kind = parts.get("kind") or ""
    symbol = (parts.get("symbol") or "").upper()
    if dialect.name == "freqtrade":
        symbol = _freqtrade_symbol(symbol)
        if kind not in ("", "futures"):
            symbol = f"{symbol} {kind}"  # of mark and index prices: another series
    timeframe = timeframe_of(parts.get("timeframe") or "")
    return Told(symbol, timeframe, _adjustment(parts.get("adjustment") or ""), kind)


def _freqtrade_symbol(pair: str) -> str:
    """Return BTC_USDT_USDT as BTC/USDT:USDT, as ccxt writes it and so freqtrade and the downloads do."""
    base, quote, *settled = pair.split("_")
    return f"{base}/{quote}" + (f":{settled[0]}" if settled else "")


def _adjustment(word: str) -> str:
    lower = word.lower()
    if not lower:
        return ""
    if lower.startswith("unadj"):
        return "raw"
    return "adjusted" if lower.startswith("adj") else ""


def _usual_timeframe(name: str) -> str:
    """Return the timeframe that follows the symbol in a file's name, such as 1m in BTCUSDT_1m.csv."""
    for word in re.split(r"[_\- .,]+", PurePath(name).name)[1:]:
        if re.fullmatch(r"[1-9]\d*[smhdwM]|[1-9]\d*(?:min|hour|day)|1mo", word):
            return timeframe_of(word)
    return ""


def laid_out(shape: Shape, place: Place, dialect: Dialect) -> Layout:
    """Return at which positions the columns of bars are."""
    if shape.names:
        if dialect.name == "tradingview":
            return _of_chart(shape, place)
        if dialect.name == "yfinance":
            return layout(("time", *shape.names[1:]), place)
        found = layout(shape.names, place, extra=dialect.names)
        return replace(found, symbol=symbol_column(shape.names))
    columns = dialect.columns or ("time", "open", "high", "low", "close", "volume")
    columns = columns[: shape.width]
    clock = [at for at, name in enumerate(columns) if name in ("time", "date", "clock")]
    numbers = {name: at for at, name in enumerate(columns) if name and at not in clock}
    return Layout(tuple(clock), numbers)


def _of_chart(shape: Shape, place: Place) -> Layout:
    """Return the layout of a chart: its bars come first, and indicators may be called anything."""
    plain = [plain_name(name) for name in shape.names]
    found = layout(shape.names[:5], place)
    if "volume" in plain[5:]:
        return Layout(found.time, {**found.numbers, "volume": plain.index("volume", 5)})
    return found


def symbol_column(names: Sequence[str]) -> int | None:
    """Return which column names the instrument of each row, if one does."""
    found = [at for at, name in enumerate(names) if plain_name(name) in ("symbol", "ticker", "instrument")]
    return found[0] if found else None
