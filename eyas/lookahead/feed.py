"""The data of a run: cut at a moment, with another future from there, or from a later start."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from eyas.data.outside import outside
from eyas.loading import finer_of, instruments_of, is_portfolio
from eyas.lookahead.futures import another_future, decimals_of, detour, mirrored
from eyas.lookahead.tables import Table, table_of
from eyas.market import Market
from eyas.model import Bars
from eyas.timeframes import closes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Later: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True)
class Feed:
    """Hold what a run is given: bars by symbol, finer bars, extras.

    `source` is what was given as bars, which a factory gets in the same form, and `origin` all of these bars;
    `last` is the last step of the clock over whole data that is known, and `end` when that step closed.
    """

    source: Any
    bars: dict[str, Bars]
    finer: dict[str, Bars]
    extra: dict[str, Any] | None
    clock: str
    last: int
    end: int
    origin: dict[str, Bars]

    @staticmethod
    def of(source: Any, finer: Any, extra: Any, clock: str) -> Feed:
        """Return the whole data of a run."""
        bars = instruments_of(source)
        extras = dict(extra) if extra else None
        whole = Feed(source, bars, finer_of(finer, bars), extras, clock, 0, 0, bars)
        last = len(whole.market) - 1
        return replace(whole, last=last, end=whole.market.closed(last))

    @cached_property
    def market(self) -> Market:
        """The instruments and the clock over them."""
        return Market(self.bars, in_turn=list(self.bars) if self.clock == "sequential" else None)

    def __len__(self) -> int:
        return len(self.market)

    @property
    def is_portfolio(self) -> bool:
        """Whether it was given as a mapping of symbols."""
        return is_portfolio(self.source)

    @property
    def keywords(self) -> dict[str, Any]:
        """What `eyas.backtest` is given beside strategy and rules."""
        given: dict[str, Any] = {"bars": self.bars if self.is_portfolio else next(iter(self.bars.values()))}
        if self.finer:
            given["finer"] = self.finer
        if self.extra:
            given["extra"] = self.extra
        return given | {"clock": self.clock}

    @property
    def in_columns(self) -> Bars | dict[str, Bars]:
        """The bars as columns: those of a portfolio by symbol."""
        return dict(self.bars) if self.is_portfolio else next(iter(self.bars.values()))

    @property
    def as_given(self) -> Any:
        """The bars in the form in which they were given: a frame where it was one, else `eyas.Bars`."""
        if self.is_portfolio:
            return {
                symbol: form(self.source[symbol], one, self.origin[symbol])
                for symbol, one in self.bars.items()
            }
        [(symbol, bars)] = self.bars.items()
        return form(self.source, bars, self.origin[symbol])

    def running(self, step: int) -> str | None:
        """Return the symbol that runs on a step, where they run one after the other."""
        if not self.market.in_turn:
            return None
        part = next(part for part in self.market.parts if part.start <= step < part.end)
        return self.market.symbols[part.instrument]

    def closed(self, step: int) -> int:
        """Return when a step of the clock closed."""
        return self.market.closed(step)

    def rows(self, symbol: str, step: int) -> int:
        """Return how many bars of a symbol have closed by a step."""
        place = self.market.symbols.index(symbol)
        alone = self.running(step)
        if alone is not None:
            return int(np.searchsorted(self.market.steps(place), step, side="right"))
        return int(np.searchsorted(self.market.closes[place], self.closed(step), side="right"))

    def cut(self, step: int) -> Feed:
        """Return what is known at the close of a step, and nothing later."""
        end, alone = self.closed(step), self.running(step)
        bars = {
            symbol: one
            if alone not in (None, symbol)
            else self.first_rows(symbol, self.rows(symbol, step), end)
            for symbol, one in self.bars.items()
        }
        finer = {
            symbol: one[: max(2, int(np.searchsorted(closes(one), end, side="right")))]
            for symbol, one in self.finer.items()
        }
        extra = self.extra_with(end, lambda table, later: table.take(np.flatnonzero(~later)))
        return replace(self, bars=bars, finer=finer, extra=extra, last=step, end=end)

    def first_rows(self, symbol: str, count: int, end: int) -> Bars:
        """Return the first bars, and a flat one beyond the cut where the clock cannot do without.

        That is where an instrument would seem to have ended, though it only has no bar at this moment; where
        fewer than two bars are left; and where the next bar says when the last one closed.
        """
        whole, known = self.bars[symbol], self.market.closes[self.market.symbols.index(symbol)]
        part = whole[:count]
        is_short = count < 2 or closes(part)[-1] != known[count - 1]
        seems_over = not self.market.in_turn and count > 0 and known[count - 1] < end
        if count == len(whole) or not (is_short or seems_over):
            return part
        until = min(max(2, count + 1), len(whole))
        price = whole.close[count - 1] if count else whole.open[0]
        flat = whole[count:until]
        level = np.full(len(flat), price)
        columns: dict[str, Any] = dict.fromkeys(("open", "high", "low", "close"), level) | {
            "volume": np.zeros(len(flat))
        }
        columns |= {name: level * np.nan for name in ("given", "funding") if name in whole.columns}
        return joined(part, replace(flat, **columns))

    def changed(self, step: int, variant: str, seed: int = 0) -> Feed:
        """Return data as long as these, with another future after a step: `mirrored` or `shuffled`."""
        end, alone = self.closed(step), self.running(step)
        bars, finer = dict(self.bars), dict(self.finer)
        for symbol, one in self.bars.items():
            count = self.rows(symbol, step)
            if alone not in (None, symbol) or count == len(one):
                continue
            inside = self.finer.get(symbol)
            decimals = max(decimals_of(one), decimals_of(inside) if inside is not None else 0)
            anchor = float(one.close[count - 1] if count else one.open[0])
            if inside is None:
                bars[symbol] = another_future(one, count, anchor, variant, decimals, seed)
                continue
            bars[symbol] = mirrored(one, count, anchor, decimals)
            later = int(np.searchsorted(inside.time, one.time[count]))
            finer[symbol] = mirrored(inside, later, anchor, decimals)
        extra = self.extra_with(end, lambda table, later: table.with_other_rows(later, seed=seed))
        return replace(self, bars=bars, finer=finer, extra=extra, last=step, end=end)

    def remade(self, first: int, last: int) -> Feed:
        """Return data in which the bars between two steps moved the other way, and came to the same."""
        begin, end = self.closed(first), self.closed(last)
        bars = {}
        for symbol, one in self.bars.items():
            known = self.market.closes[self.market.symbols.index(symbol)]
            rows = np.searchsorted(known, (begin, end), side="right").tolist()
            bars[symbol] = detour(one, rows[0], rows[1], decimals_of(one)) if 0 < rows[0] < rows[1] else one
        return replace(self, bars=bars, finer={})

    def later(self, step: int) -> Feed | None:
        """Return what begins with a step, or None where too little of an instrument is left."""
        if self.market.in_turn:
            return None
        begin = self.closed(step - 1)
        bars = {}
        for symbol, one in self.bars.items():
            bars[symbol] = one[int(np.searchsorted(closes(one), begin, side="right")) :]
            if len(bars[symbol]) < 2:
                return None
        first = min(int(one.time[0]) for one in bars.values())
        finer = {symbol: one[int(np.searchsorted(one.time, first)) :] for symbol, one in self.finer.items()}
        if any(len(one) < 2 for one in finer.values()):
            return None
        return replace(self, bars=bars, finer=finer)

    def extra_with(self, end: int, change: Callable[[Table, Later], Any]) -> dict[str, Any] | None:
        """Return the extras, each changed by what is known only after a moment."""
        if self.extra is None:
            return None
        found = {}
        for name, value in self.extra.items():
            table = table_of(value)
            known = outside(name, value).known
            found[name] = value if table is None or len(table) != len(known) else change(table, known > end)
        return found

    def with_extra(self, extra: Mapping[str, Any]) -> Feed:
        """Return the same bars with other extras."""
        return replace(self, extra=dict(extra))


def joined(first: Bars, second: Bars) -> Bars:
    """Return bars one after the other."""
    columns: dict[str, Any] = {
        name: np.concatenate([getattr(first, name), getattr(second, name)]) for name in first.columns
    }
    return replace(first, **columns)


def form(given: Any, bars: Bars, origin: Bars) -> Any:
    """Return bars in the form in which they were given, where that is a frame or columns."""
    table = None if isinstance(given, Bars) else table_of(given)
    if table is None or len(table) != len(origin):
        return bars
    return table.like_bars(bars, int(np.searchsorted(origin.time, bars.time[0])))
