"""Offer the market data that comes with eyas: real, small, and free to pass on (see samples/NOTICE.md)."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

from eyas.data.frames import read_parquet
from eyas.data.load import from_table
from eyas.errors import UsageError
from eyas.model import Bars

FOLDER = Path(__file__).parent / "samples"


@dataclass(frozen=True, slots=True)
class Sample:
    """Describe one series of the bundled data."""

    symbol: str
    timeframe: str
    rows: int
    about: str
    adjusted: bool = False
    """Whether prices adjusted for splits and dividends come with it."""

    @property
    def path(self) -> Path:
        """Where the Parquet file is."""
        return FOLDER / f"{self.symbol.lower()}_{self.timeframe}.parquet"


SAMPLES = (
    Sample("AAPL", "1d", 252, "Apple, 2014: a 7:1 split on 9 June and four dividends", adjusted=True),
    Sample("AIG", "1d", 757, "AIG, 2008, 2009 and 2011: a 1:20 reverse split on 1 July 2009", adjusted=True),
    Sample("BTCUSDT", "1m", 10_080, "bitcoin in tethers, Binance spot, one week of June 2026"),
    Sample("EURUSD", "1h", 6_225, "euros in dollars, asking prices, 2017"),
    Sample("IBM", "1d", 3_270, "IBM, March 2000 to March 2013: thirteen years without a split"),
)


def sample(symbol: str, timeframe: str, *, adjusted: bool = False) -> Bars:
    """Load a bundled series of real market data, such as `sample("BTCUSDT", "1m")`.

    Share prices are as traded: a split looks like a fall or a jump. With `adjusted` they are the
    publisher's, adjusted for splits and dividends, so that a return is a return. As traded is the
    default because those prices were on the screen that day, and orders of that day met them.

    Raises UsageError, which lists what there is.

    >>> sample("AAPL", "1d")
    <Bars AAPL 1d, 252 rows, 2014-01-02T00:00:00Z to 2014-12-31T00:00:00Z>
    """
    found = [one for one in SAMPLES if one.symbol == symbol.upper() and one.timeframe == timeframe]
    if not found:
        raise UsageError(_unknown(symbol, timeframe))
    if adjusted and not found[0].adjusted:
        having = ", ".join(f"{one.symbol} {one.timeframe}" for one in SAMPLES if one.adjusted)
        raise UsageError(f"the sample {symbol} {timeframe} has no adjusted prices; these have: {having}")
    one = found[0]
    name = f"sample {one.symbol} {one.timeframe}{' adjusted' if adjusted else ''}"
    table = read_parquet(one.path, name, prefix="adj_" if adjusted else "")
    return from_table(table, symbol=one.symbol, timeframe=one.timeframe)


def samples() -> tuple[Sample, ...]:
    """List the bundled series.

    >>> [f"{one.symbol} {one.timeframe}" for one in samples()]
    ['AAPL 1d', 'AIG 1d', 'BTCUSDT 1m', 'EURUSD 1h', 'IBM 1d']
    """
    return SAMPLES


def _unknown(symbol: str, timeframe: str) -> str:
    known = [f"{one.symbol} {one.timeframe}" for one in SAMPLES]
    near = difflib.get_close_matches(f"{symbol.upper()} {timeframe}", known, n=1, cutoff=0.5)
    hint = f" Did you mean {near[0]}?" if near else ""
    listed = ", ".join(known)
    return f"there is no sample {symbol} {timeframe}.{hint} There are {listed}; for other data use eyas.bars."
