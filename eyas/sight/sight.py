"""All that a strategy can see of a run, and who may look at what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Literal
from weakref import WeakMethod

import numpy as np

from eyas.errors import DataError, UsageError
from eyas.model import Series, iso
from eyas.notes import Notes
from eyas.sight.extra import Extra
from eyas.sight.groups import OWN, Frame, Group, Lent, frame_of, longer_bars, own_bars
from eyas.sight.views import Unshown, View
from eyas.timeframes import floor, following, window

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.market import Market
    from eyas.model import Account, Bars
    from eyas.sight.views import Asked
    from eyas.timeframes import Session

Missing = Literal["error", "skip"]
NOTHING = np.empty(0, np.int64)


class Sight:
    """Hold what a strategy can see of a run: its symbols, their columns up to now, which of them is shown.

    `shown` is the number of an instrument, or -1 while none is: before the first bar and in `on_step`
    of a portfolio. Whole columns are lent while `is_open`: until the strategy has started.
    """

    def __init__(self, market: Market) -> None:
        self.symbols = market.symbols
        self.numbers = {symbol: place for place, symbol in enumerate(market.symbols)}
        self.is_alone = not market.is_portfolio
        self.is_open = True
        self.running: str | None = None  # where said, the only symbol that may be looked at
        self.lent = Lent()
        self._market = market
        self._groups: dict[tuple[int, Frame], Group] = {}
        self._frames: dict[tuple[int, str, Session | None], Frame] = {}
        self._views: dict[tuple[int, Asked | None], View] = {}
        self._find = WeakMethod(self.view)
        shown = [self._view_of(place, None) for place in range(len(market.symbols))]
        self.views: list[View] = [*shown, self._unshown(None)]  # the last is number -1
        self.extra = self._extra_of(market)
        self.now: Callable[[], int] = lambda: 0  # a session says when its last bars closed
        self.counted = 0
        self.counted_held: set[int] = set()
        self.shown = 0 if self.is_alone else -1
        self.notes = Notes()
        self.seed = 0

    def runs_alone(self, instrument: int) -> None:
        """Let only one instrument be looked at: what ran before it, or will run, may lie in its future."""
        self.running = self.symbols[instrument]

    def seal(self) -> None:
        """Take back the whole columns, after `on_start`."""
        self.is_open = False
        self.lent.take_back()

    def instrument(self, symbol: str | None) -> int:
        """Return the number of a symbol, or of the one that is shown."""
        if symbol is not None:
            return self.numbers[unless_unknown(symbol, self.numbers)]
        if self.shown < 0:
            raise UsageError(f"say which symbol, since no bar is being shown: one of {listed(self.symbols)}")
        return self.shown

    def held(self, account: Account) -> set[int]:
        """Return the instruments of which a ticket is open; counted anew only when something happened."""
        if account.event_count != self.counted:
            self.counted = account.event_count
            self.counted_held = {ticket.instrument for ticket in account.tickets}
        return self.counted_held

    def view(self, symbol: str | None, asked: Asked | None) -> View:
        """Return the view of a symbol (None: of none yet) in a timeframe (None: the run's own)."""
        if symbol is None:
            return self._unshown(asked)
        place = self._seen_now(symbol)
        return self._view_of(place, asked)

    def group_of(
        self, arguments: Sequence[Any], symbol: str | None, timeframe: str | None, session: Session | None
    ) -> Group:
        """Return the columns that an indicator is computed from; all its series must be among them."""
        series = [one for one in arguments if isinstance(one, Series)]
        theirs = [self._group_of_series(one) for one in series]
        if symbol is None and timeframe is None and theirs:
            group = theirs[0]
        else:
            of_bars = bool(theirs) and theirs[0].place >= 0
            place = theirs[0].place if symbol is None and of_bars else self.instrument(symbol)
            frame = (
                theirs[0].frame if timeframe is None and of_bars else self._frame(place, timeframe, session)
            )
            group = self._group(place, frame)
        for one, its in zip(series, theirs, strict=True):
            if its is not group:
                raise self._mixed(one, its, group)
        return group

    def last_bars(
        self, timeframe: str, count: int, symbol: str | None, missing: Missing, session: Session | None
    ) -> Bars:
        """Return the closed bars of [aligned now − count steps, aligned now), as copies."""
        if not isinstance(count, int | np.integer):
            raise UsageError(f"a window holds a whole number of bars, not {count!r}")
        if missing not in ("error", "skip"):
            raise UsageError(f"missing is {missing!r}, but must be error or skip")
        place = self._seen_now(self.symbols[self.instrument(symbol)])
        group = self._group(place, self._frame(place, timeframe, session))
        bars, now = group.bars, self.now()
        assert bars is not None
        start, end = window(now, timeframe, count, session=session)
        # What is known goes by the time, as it will live: also where this symbol has had no bar for a while.
        known = int(np.searchsorted(group.known, now, side="right"))
        rows = slice(*np.searchsorted(bars.time[:known], (start, end)).tolist())
        if missing == "error":
            self._check_complete(group, rows, (start, count))
        return replace(bars, **{name: getattr(bars, name)[rows].copy() for name in bars.columns})

    def drawn(self, time: Callable[[], NDArray[np.int64]]) -> dict[str, NDArray[np.float64]]:
        """Return the indicators of the first instrument and of what is beside it, as known at some times.

        `time` returns these, and is asked only where there is anything but bars.
        """
        found = dict(self._group(0, OWN).indicators)
        for (place, frame), group in self._groups.items():
            if place == 0 and frame != OWN:
                for name, array in group.indicators.items():
                    found[frame.prefix + name] = group.at(time(), array)
        for group in self.extra.groups():
            for name, array in group.indicators.items():
                found[group.prefix + name] = group.at(time(), array)
        return found

    def _extra_of(self, market: Market) -> Extra:
        """Return what the run was given beside its bars, as it is known when they close."""
        if not market.extra:
            return Extra({}, [], NOTHING, self.lent)
        closes = market.closes[0] if self.is_alone else market.time
        return Extra(market.extra, [part.source for part in market.parts], closes, self.lent, market.memo)

    def _seen_now(self, symbol: Any) -> int:
        """Return the number of a symbol that may be looked at now."""
        place = self.numbers[unless_unknown(symbol, self.numbers)]
        if self.running not in (None, symbol):
            raise UsageError(
                f"clock=sequential: the bars of {symbol} cannot be seen while {self.running} is running, "
                "since they may lie in its future; use clock=merged to see both"
            )
        return place

    def _frame(self, place: int, timeframe: str | None, session: Session | None) -> Frame:
        if timeframe is None:
            if session is not None:
                raise UsageError(
                    'session= says how longer bars are aligned: say timeframe="1d" or the like too'
                )
            return OWN
        found = self._frames.get((place, timeframe, session))
        if found is None:
            bars = self._group(place, OWN).bars
            assert bars is not None
            found = self._frames[place, timeframe, session] = frame_of(bars, timeframe, session)
        return found

    def _group(self, place: int, frame: Frame) -> Group:
        found = self._groups.get((place, frame))
        if found is None:
            found = (
                own_bars(self._market, place, self.lent)
                if frame == OWN
                else longer_bars(self._group(place, OWN), frame)
            )
            self._groups[place, frame] = found
        return found

    def _view_of(self, place: int, asked: Asked | None) -> View:
        # By what was asked, since the view of another symbol is asked the same.
        found = self._views.get((place, asked))
        if found is None:
            group = self._group(place, OWN if asked is None else self._frame(place, *asked))
            found = self._views[place, asked] = View(self.symbols[place], asked, self._find, group)
        return found

    def _unshown(self, asked: Asked | None) -> View:
        return Unshown(self.symbols[0], asked, self._find)

    def _group_of_series(self, series: Series) -> Group:
        found = self.lent.get(series.name)
        if found is None:
            raise UsageError(f"{series.name} is not a series of this run: take it from self.bars or self.use")
        return found[0]

    def _mixed(self, series: Series, its: Group, group: Group) -> UsageError:
        if its.place >= 0 and group.place >= 0 and its.place != group.place:
            whose = self.symbols[group.place]
            return UsageError(f"{series.name} is not a series of {whose}: name one symbol")
        return UsageError(
            f"{series.name} is {its.what}, and not {group.what}: an indicator has one timeframe: "
            "compute one of each, and compare the two in on_bar"
        )

    def _check_complete(self, group: Group, rows: slice, asked: tuple[int, int]) -> None:
        """Raise DataError for the first interval of a window that has no bar."""
        (start, count), bars = asked, group.bars
        assert bars is not None
        timeframe, session = bars.timeframe, group.frame.session
        there = floor(bars.time[rows], timeframe, session=session)
        if len(there) == count and bool((there[1:] > there[:-1]).all()):
            return
        place = start
        for _ in range(count):
            if place not in there:
                break
            place = int(following(place, timeframe, session=session))
        else:
            return
        whose = f" of {bars.symbol}" if bars.symbol else ""
        raise DataError(
            f"the window of {count} bars of {timeframe}{whose} from {iso(start)} has no bar at {iso(place)} "
            f"that is known at {iso(self.now())}: ask for fewer, or say missing='skip' to have the others"
        )


def unless_unknown(symbol: Any, known: Mapping[str, Any]) -> str:
    """Return a symbol of the run, or raise UsageError for any other."""
    if isinstance(symbol, str) and symbol in known:
        return symbol
    if list(known) == [""]:
        raise UsageError(f"the bars of the run have no symbol, so none is {symbol!r}: leave symbol out")
    near = get_close_matches(symbol, known, n=1) if isinstance(symbol, str) else []
    hint = f"did you mean {near[0]}?" if near else f"it has {listed(known)}"
    raise UsageError(f"the run has no symbol {symbol!r}; {hint}")


def listed(symbols: Iterable[str]) -> str:
    """Return symbols as text, no longer than a line."""
    names = [name for name in symbols if name]
    return ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
