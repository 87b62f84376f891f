"""Say in the source of bars, trades and books which series of which catalog they are, and find it again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from eyas.data.catalog.places import store_at
from eyas.errors import DataError
from eyas.timeframes import Session

if TYPE_CHECKING:
    from eyas.data.catalog.kinds import Data

# A place may hold anything, also spaces: the names behind it hold none, so that their end is its end.
TEXT = re.compile(
    r"(?P<place>.+) (?P<symbol>[^\s,]+):(?P<timeframe>[^\s,:@]+)@(?P<venue>[^\s,@]+)"
    r"(?:, in session (?P<zone>[^\s,]+) (?P<opens>[\d:]+)-(?P<closes>[\d:]+) on (?P<days>[1-7]+))?"
    r"(?:, resampled from (?P<made_of>[^\s,]+))?",
    re.DOTALL,
)
PLAIN = "/:.-_=^$+#&!*()"
VENUE_PLAIN = PLAIN.replace(":", "")


@dataclass(frozen=True, slots=True)
class Whence:
    """Name a series of a catalog; `str` of it is what `Bars.source` says.

    `made_of` is the timeframe of the bars that longer ones were made of, "" where none were; `session` the
    hours that they are aligned to.

    >>> str(Whence("/data/market", "BTC/USDT", "4h", "binance", made_of="1m"))
    '/data/market BTC/USDT:4h@binance, resampled from 1m'
    """

    place: str
    symbol: str
    timeframe: str
    venue: str
    session: Session | None = None
    made_of: str = ""

    def __str__(self) -> str:
        session = self.session
        hours = ""
        if session is not None:
            days = "".join(map(str, session.days))
            hours = f", in session {session.time_zone} {session.opens}-{session.closes} on {days}"
        made = f", resampled from {self.made_of}" if self.made_of else ""
        return (
            f"{self.place} {quote(self.symbol, PLAIN)}:{self.timeframe}@{quote(self.venue, VENUE_PLAIN)}"
            f"{hours}{made}"
        )

    @property
    def is_remote(self) -> bool:
        """Whether the catalog is not in a folder of this machine."""
        return "://" in self.place

    def load(self, first: int, last: int) -> Data:
        """Return the rows that the series has now, from one time to another (nanoseconds, both included).

        Raises DataError where the catalog is gone, and what `Catalog.load` raises.
        """
        from eyas.data.catalog.catalog import Catalog

        if not self.is_remote and not Path(self.place).is_dir():
            raise DataError(f"the catalog {self.place} is gone")
        catalog = Catalog(store_at(self.place))
        if self.timeframe == "trades":
            return catalog.trades(self.symbol, venue=self.venue, start=first, end=last + 1)
        if self.timeframe == "books":
            return catalog.books(self.symbol, venue=self.venue, start=first, end=last + 1)
        return catalog.load(
            self.symbol, self.timeframe, venue=self.venue, start=first, end=last + 1, session=self.session
        )


def whence_of(source: str) -> Whence | None:
    """Return which series of a catalog a source names, None where it names none that can be found again.

    >>> whence_of("/my data/market BTCUSDT:1h@binance").symbol
    'BTCUSDT'
    >>> whence_of("prices.csv") is None
    True
    """
    found = TEXT.fullmatch(source)
    if found is None or not ("://" in found["place"] or Path(found["place"]).is_absolute()):
        return None
    session = None
    if found["zone"]:
        session = Session(found["zone"], found["opens"], found["closes"], tuple(map(int, found["days"])))
    return Whence(
        found["place"],
        unquote(found["symbol"]),
        found["timeframe"],
        unquote(found["venue"]),
        session,
        found["made_of"] or "",
    )
