"""Columns of one length, and which of their rows are known at each step of a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from eyas.errors import UsageError
from eyas.model import PRICE_COLUMNS, RARE_COLUMNS, Series, Times
from eyas.timeframes import as_of_rows, ends, length_ns, parse, resample

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.market import Market
    from eyas.model import Bars, Clock, History
    from eyas.sight.memo import Memo
    from eyas.timeframes import Session

COLUMNS = (*PRICE_COLUMNS, "volume")


class Frame(NamedTuple):
    """Name the bars that are meant: of a timeframe, aligned in UTC or to a session; "" for the run's own."""

    timeframe: str = ""
    session: Session | None = None

    @property
    def prefix(self) -> str:
        """What the names of their series begin with."""
        session = self.session
        hours = f"{session.time_zone} {session.opens}-{session.closes} " if session else ""
        return f"{self.timeframe} {hours}" if self.timeframe else ""


OWN = Frame()


class Lent(dict[str, "tuple[Group, NDArray[np.float64]]"]):
    """Hold whole columns by the full names of their series, and what each is of, until taken back."""

    is_open = True

    def take_back(self) -> None:
        """Forget the columns, and take no more: a group that is in here would never be freed."""
        self.is_open = False
        self.clear()


@dataclass(eq=False, slots=True)
class Group:
    """Hold columns of one length: bars of an instrument in one timeframe, or what is given beside them.

    `time` is when a row begins, `known` when it is known, which never falls (`knows` returns it: nobody may
    ask). The cursors of `sources` say
    which bar is now, and `follow`, for each of these, which row is then the newest known; without it they
    are the bars themselves.
    """

    columns: Mapping[str, NDArray[np.float64]]
    time: NDArray[np.int64]
    knows: Callable[[], NDArray[np.int64]]
    sources: Sequence[History | Clock]
    follow: NDArray[np.int64] | None
    lent: Lent
    prefix: str
    what: str
    """How a sentence says whose they are."""
    place: int = -1
    """The number of the instrument, -1 for none."""
    frame: Frame = OWN
    bars: Bars | None = None
    memo: Memo | None = None
    indicators: dict[str, NDArray[np.float64]] = field(default_factory=dict)

    @property
    def known(self) -> NDArray[np.int64]:
        """When each row is known."""
        return self.knows()

    def series(self, array: NDArray[np.float64], label: str) -> Series:
        """Return an array as a series, and keep it under its full name for what is computed from it."""
        name = self.prefix + label
        if self.lent.is_open:
            self.lent[name] = self, array
        return Series(array, name, sources=self.sources, follow=self.follow)

    def times(self, array: NDArray[np.int64], label: str) -> Times:
        """Return times as they are seen."""
        return Times(array, self.prefix + label, sources=self.sources, follow=self.follow)

    def indicator(self, array: NDArray[np.float64], label: str) -> Series:
        """Return what was computed as a series, and keep it for the report."""
        array.flags.writeable = False
        again = sum(other.split("#")[0] == label for other in self.indicators)
        name = f"{label}#{again + 1}" if again else label
        self.indicators[name] = array
        return self.series(array, name)

    def whole(self, argument: Any) -> Any:
        """Return the array that the name of a column or a series stands for; anything else as it is."""
        if isinstance(argument, Series):
            return self.lent[argument.name][1]
        if not isinstance(argument, str):
            return argument
        if argument in self.columns:
            return self.columns[argument]
        if argument == "time":
            return self.time
        if argument in RARE_COLUMNS and self.bars is not None:
            raise UsageError(f"the bars have no column {argument}")
        if near := get_close_matches(argument, self.columns, n=1, cutoff=0.75):
            raise UsageError(f"there is no column {argument}; did you mean {near[0]}?")
        return argument

    def at(self, time: NDArray[np.int64], array: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what is known of an array at each of some times, NaN for nothing."""
        rows = as_of_rows(self.known, time)
        found = np.full(len(time), np.nan)
        found[rows >= 0] = array[rows[rows >= 0]]
        return found


def columns_of(bars: Bars) -> dict[str, NDArray[np.float64]]:
    """Return the columns of numbers that bars have, by name."""
    return {name: getattr(bars, name) for name in bars.columns if name != "time"}


def own_bars(market: Market, place: int, lent: Lent) -> Group:
    """Return the bars of an instrument of a run as they are."""
    bars = market.bars[place]
    if market.memo is not None:
        market.memo.keep(bars)
    return Group(
        columns_of(bars),
        bars.time,
        lambda: market.closes[place],
        [market.histories[place]],
        None,
        lent,
        f"{market.symbols[place]} " if market.is_portfolio else "",
        "of the bars",
        place,
        bars=bars,
        memo=market.memo,
    )


class Longer(NamedTuple):
    """Hold longer bars made of a run's own: when each is known, and which is the newest at each of these."""

    bars: Bars
    known: NDArray[np.int64]
    follow: NDArray[np.int64]


def longer_bars(own: Group, frame: Frame) -> Group:
    """Return longer bars made of the run's own, each known once it is over and its last bar has closed."""
    bars, memo = own.bars, own.memo
    assert bars is not None
    if memo is None:
        made = longer_of(bars, own.known, frame)
    else:
        made = memo.once((id(bars.time), frame), lambda: longer_of(bars, own.known, frame))
        memo.keep(made.bars)
    return Group(
        columns_of(made.bars),
        made.bars.time,
        lambda: made.known,
        own.sources,
        made.follow,
        own.lent,
        own.prefix + frame.prefix,
        f"of bars of {frame.prefix}".rstrip(),
        own.place,
        frame,
        made.bars,
        own.memo,
    )


def longer_of(bars: Bars, closes: NDArray[np.int64], frame: Frame) -> Longer:
    """Make longer bars of bars that close at these times."""
    # A bar that is not over yet may be among them: nobody sees it before its end.
    made = resample(bars, frame.timeframe, partial=True, session=frame.session)
    known = ends(made, session=frame.session)
    if len(made):
        last = np.searchsorted(bars.time, known, side="left") - 1
        known = np.maximum.accumulate(np.maximum(known, closes[last]))
    return Longer(made, known, as_of_rows(known, closes))


def frame_of(bars: Bars, timeframe: str, session: Session | None) -> Frame:
    """Return which bars are meant by a timeframe, where the run's are `bars`; or raise UsageError."""
    asked = parse(timeframe)
    own = bars.timeframe
    if session is None and own:
        length = length_ns(own)
        if asked == parse(own) or (length and length == length_ns(timeframe)):
            return OWN
    if not own and len(bars) > 1:
        usual = int(np.median(np.diff(bars.time)))
        if 0 < length_ns(timeframe) < usual:
            raise UsageError(
                f"bars of {timeframe} cannot be made of bars that are {usual / 1e9:g} seconds apart: take a "
                "longer timeframe"
            )
    return Frame(timeframe, session)
