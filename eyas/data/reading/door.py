"""The lenient door: read bars whatever they come in, put bad rows aside, and say what was understood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from eyas.data.checks import wrong_numbers
from eyas.data.reading.dialects import BARS, USUAL
from eyas.data.reading.merge import Merged, merge
from eyas.data.reading.raw import Raw, Sifted
from eyas.data.reading.result import Reading, Reject
from eyas.data.reading.series import (
    Asked,
    gather,
    one_series,
    outcome,
    refuse,
    said,
    sift_all,
    source_name,
    symbol_of_series,
)
from eyas.data.reading.sources import open_frame, open_path
from eyas.data.reading.stamps import are_days, opened
from eyas.data.timeframe import infer
from eyas.model import Bars
from eyas.timeframes import length_ns


def read(
    source: Any,
    *,
    symbol: str | None = None,
    timeframe: str | None = None,
    dialect: str | None = None,
    time_zone: str | None = None,
    stamp: str | None = None,
    strict: bool = False,
) -> Reading:
    """Read bars from files or frames, put every bad row aside, and say what was understood.

    `source` is a path, a folder, a pattern such as "data/BTCUSDT-1m-*.zip" or a list of paths, all of one
    series; or a frame, columns, or Arrow. Files are CSV (.csv, .tsv, .txt), Parquet, Arrow (.feather), JSON
    and JSON lines; text also in .gz and .zip. `dialect` names the vendor's format where it cannot be
    recognised; `time_zone` whose clock times without a zone show; `stamp` is "close" where bars are stamped
    when they close.

    A bad row is counted, kept in `Reading.rejects` with its line and a sentence, and never stops the others,
    unless `strict`: then the first one is a DataError. Rows out of order are sorted in; of rows with one
    time the last is kept. Raises DataError where nothing in the source can be read, and UsageError where the
    call is wrong.

    >>> rows = {"time": ["2024-01-01", "2024-01-02"], "o": [2, 2], "h": [3, 1], "l": [1, 1], "c": [2, 2]}
    >>> read(rows).counts
    {'ohlc': 1}
    """
    asked = Asked(symbol, timeframe, dialect, time_zone, stamp, strict)
    if isinstance(source, Bars):
        return _of_bars(source, asked)
    raws, lost = gather(source, asked, partial(open_path, dialects=BARS), partial(open_frame, dialects=BARS))
    return reading_of(raws, lost, asked)


def reading_of(raws: Sequence[Raw], lost: Sequence[Reject], asked: Asked) -> Reading:
    """Return the bars of sources that are one series; `lost` are whole files that could not be read."""
    raws = one_series(raws, asked)
    parts, lost = sift_all(raws, lost, asked, wrong_numbers)
    if asked.strict:
        refuse(parts, once=True)
    merged = merge(parts, once=True)
    dialect = raws[0].dialect
    timeframe = asked.timeframe or _timeframe(merged, raws)
    stamp = asked.stamp or dialect.stamp
    if stamp == "close" and len(merged.time):
        days = all(are_days(raw.table.time) for raw in raws)
        merged.time = opened(merged.time, timeframe, days=days)
    bars = _bars(merged, parts, symbol_of_series(raws, asked), timeframe)
    return Reading(
        **outcome(merged, parts, lost, asked),
        kept=len(bars),
        stamp=stamp,
        adjustment=said(raw.adjustment for raw in raws) or "unknown",
        bars=bars,
    )


def _timeframe(merged: Merged, raws: Sequence[Raw]) -> str:
    """Return the timeframe that the times show, or that the names of the files tell.

    A vendor's name counts more than the times, since bars may be missing.
    """
    named, shown = said(raw.timeframe for raw in raws), infer(merged.time)
    if not named or not shown or named == shown:
        return named or shown
    if len(merged.time) == 2 and length_ns(shown) > length_ns(named):
        return named  # a Friday and a Monday show nothing
    taken = shown if raws[0].dialect is USUAL else named
    if 0 < length_ns(shown) < length_ns(named) or taken == shown:
        merged.notes.append(f"the name tells {named}, the times show {shown}: {taken} was taken")
    return taken


def _bars(merged: Merged, parts: Sequence[Sifted], symbol: str, timeframe: str) -> Bars:
    columns = merged.columns
    has_volume = all("volume" in part.columns for part in parts)
    if "volume" in columns and not has_volume:
        merged.notes.append("not every file has a volume: the bars count as having none")
    return Bars(
        merged.time,
        columns["open"],
        columns["high"],
        columns["low"],
        columns["close"],
        columns["volume"] if "volume" in columns else np.zeros(len(merged.time)),
        symbol=symbol,
        timeframe=timeframe,
        source=source_name(parts),
        given=columns.get("given"),
        funding=columns.get("funding"),
        has_volume=has_volume,
    )


def _of_bars(source: Bars, asked: Asked) -> Reading:
    symbol = source.symbol if asked.symbol is None else asked.symbol
    timeframe = source.timeframe if asked.timeframe is None else asked.timeframe
    time = opened(source.time, timeframe) if asked.stamp == "close" else source.time
    bars = replace(source, time=time, symbol=symbol, timeframe=timeframe)
    return Reading(rows=len(bars), kept=len(bars), bars=bars, stamp=asked.stamp or "open")
