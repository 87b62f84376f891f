"""Turn what a backtest is given into its market: one instrument or many, finer bars, extras, one clock."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from typing import Any

import numpy as np

from eyas.data import bars as bars_of
from eyas.data.finer import check_finer
from eyas.data.outside import outsides
from eyas.errors import DataError, UsageError
from eyas.market import Market
from eyas.model import PRICE_COLUMNS, Bars, extremes, iso
from eyas.rules import Rules

PRICE_UNITS_MAX = 2**61  # as in kernel/src/number.rs
ROUGH = 1e-3  # of a unit: more than the noise of a float
UNSEEN = 1e-6  # of a price: what rounding may change where there are decimals enough
PRICE_DECIMALS = int(dict(Rules().texts())["price_decimals"])  # where nobody says otherwise
CLOCKS = ("merged", "sequential")
VOLUME_TERMS = ("fill_volume", "slippage_volume")


def market_of(source: Any, finer: Any, clock: str, rules: Rules, extra: Any = None) -> Market:
    """Return the market that a backtest runs on, checked: raises DataError or UsageError."""
    if clock not in CLOCKS:
        raise UsageError(f"clock is {clock!r}, but must be merged or sequential")
    found = instruments_of(source)
    if not found:
        raise DataError("the portfolio has no instruments: give {symbol: bars, …}")
    inside = finer_of(finer, found)
    if rules.tie == "finer_bars" and (missing := [symbol for symbol in found if symbol not in inside]):
        whose = f" of {missing[0]}" if len(found) > 1 else ""
        raise UsageError(f"tie=finer_bars needs finer bars{whose}: give finer=…, or choose another tie")
    symbols = sorted(found)
    if clock == "sequential" and rules.pricing(symbols):
        raise UsageError(
            "clock=sequential has no price of a currency at the same time: use clock=merged, or leave "
            "currency out"
        )
    usual = dict(rules.texts())
    for symbol, table in zip(symbols, rules.tables(symbols), strict=True):
        terms = usual | dict(table)
        check_volume(found[symbol], symbol, terms)
        for bars in (found[symbol], inside.get(symbol)):
            if bars is not None:
                check_scale(bars, int(terms["price_decimals"]))
    in_turn = list(found) if clock == "sequential" else None
    return Market(found, finer=inside, in_turn=in_turn, extra=outsides(extra))


def instruments_of(source: Any) -> dict[str, Bars]:
    """Return the bars of each instrument by symbol; one alone has the symbol of its bars."""
    if not is_portfolio(source):
        bars = long_enough(bars_of(source), "")
        return {bars.symbol: bars}
    for symbol in source:
        if not isinstance(symbol, str) or not symbol.strip():
            raise UsageError(f"a portfolio is {{symbol: bars, …}}, and {symbol!r} is no symbol")
    return {symbol: long_enough(bars_of(one, symbol=symbol), symbol) for symbol, one in source.items()}


def is_portfolio(source: Any) -> bool:
    """Tell a mapping of symbols to bars from a mapping of names to columns."""
    return isinstance(source, Mapping) and (not source or any(map(is_source, source.values())))


def is_source(value: Any) -> bool:
    """Tell bars, of whatever kind, from a column."""
    is_frame = hasattr(value, "columns") and not hasattr(value, "tolist")
    is_table = isinstance(value, np.ndarray) and value.dtype.names is not None
    return isinstance(value, Bars | str | PathLike | Mapping) or is_frame or is_table


def long_enough(bars: Bars, symbol: str) -> Bars:
    """Return bars of which there are at least two."""
    if len(bars) < 2:
        count = "no bars" if not len(bars) else "one bar"
        where = symbol or bars.source or "the data"
        raise DataError(f"{where} has {count}: a backtest needs two, since orders fill on the bar after")
    return bars


def finer_of(finer: Any, found: Mapping[str, Bars]) -> dict[str, Bars]:
    """Return the finer bars by symbol; those of one instrument alone need no symbol."""
    if finer is None:
        return {}
    if is_portfolio(finer):
        inside = {symbol: bars_of(one, symbol=symbol) for symbol, one in finer.items()}
    elif len(found) == 1:
        inside = {next(iter(found)): bars_of(finer)}
    else:
        raise UsageError("a portfolio has finer bars by symbol: finer={symbol: bars, …}")
    for symbol, bars in inside.items():
        if symbol not in found:
            raise UsageError(f"finer names {symbol}, but the run has {', '.join(found)}")
        whole = found[symbol]
        if len(bars) < 2 or np.median(np.diff(bars.time)) >= np.median(np.diff(whole.time)):
            raise UsageError(
                f"the finer bars{f' of {symbol}' if symbol else ''} are not finer than the bars: {bars!r} "
                f"beside {whole!r}"
            )
        check_finer(bars, whole, f"the finer bars{f' of {symbol}' if symbol else ''}")
    return inside


def check_volume(bars: Bars, symbol: str, terms: Mapping[str, str]) -> None:
    """Refuse rules that go by volume where nobody said the volume."""
    named = [name for name in VOLUME_TERMS if terms[name] not in ("none", "0", "0.0")]
    if named and not bars.has_volume:
        where = symbol or bars.source or "the data"
        raise DataError(
            f"{named[0]} needs volumes, and {where} has none: add a volume column, or leave {named[0]} out"
        )


def check_scale(bars: Bars, decimals: int) -> None:
    """Refuse prices that do not fit the decimals that the rules keep, or would lose some of theirs."""
    where = bars.source or "the data"
    _, highest = extremes(bars.high)
    largest = PRICE_UNITS_MAX / 10**decimals
    if highest > largest:
        raise DataError(
            f"{where}: a price of {highest:g} is too large for price_decimals={decimals}, which leaves room "
            f"up to {largest:g}; use fewer decimals"
        )
    fine = decimals >= PRICE_DECIMALS
    if fine and extremes(bars.low)[0] * 10.0**decimals * UNSEEN >= 1:
        return  # rounding to the last decimal cannot be seen in any price
    for name in PRICE_COLUMNS:
        scaled = getattr(bars, name) * 10.0**decimals
        rough = np.flatnonzero(np.abs(scaled - np.rint(scaled)) > (scaled * UNSEEN if fine else ROUGH))
        if len(rough):
            row = int(rough[0])
            raise DataError(
                f"{where} bar {row} ({iso(bars.time[row])}): {name} {getattr(bars, name)[row]} has more than "
                f"price_decimals={decimals} decimals; use more decimals, so that no price is rounded"
            )
