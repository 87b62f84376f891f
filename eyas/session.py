"""One run: a strategy, an account and the bars they share. The pumps only move time.

`pump` is the loop in plain Python; the one in the kernel's shell (kernel/python/src/pump.rs) is the
same loop, faster. A test proves that their journals are equal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas import model
from eyas.errors import UsageError
from eyas.market import Market, Part, Step, history_of
from eyas.model import FILLED_ALL_THE_SAME, Account, Bars, Clock, Event, History
from eyas.rules import Rules
from eyas.sight import Sight
from eyas.strategy import Strategy

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Session", "history_of", "overridden", "pump"]

HOOKS = {"filled": "on_fill", "refused": "on_refusal", "warned": "on_refusal"}
EVENTS_PER_BAR_MAX = 100_000


class Session:
    """Hold a strategy, its account and its bars while time passes.

    `bars` is one instrument, or a Market of several.
    """

    def __init__(self, strategy: Strategy, bars: Bars | Market, rules: Rules, cash: str) -> None:
        market = bars if isinstance(bars, Market) else Market({bars.symbol: bars})
        self.strategy = strategy
        self.market = market
        self.bars = market.bars[0]
        self.history = market.histories[0]
        tables = rules.tables(market.symbols)
        self.account = Account(
            cash,
            rules.texts(),
            time=market.first_time,
            instruments=tables if market.is_portfolio or any(tables) else None,
        )
        self.account.hold()  # only this session moves time
        self.finer = market.finer if any(market.finer) else None
        self.sight = Sight(market)
        # Nothing in a session may hold the session itself, or it would stay in memory when its run is over.
        account = self.account
        self.sight.now = lambda: market.closed(account.bar_index)
        self.equity = np.empty(len(market), dtype=np.float64)
        self.delivered = self.account.event_count
        self.on_bar = overridden(strategy, "on_bar")
        self.on_step = self.stepping(overridden(strategy, "on_step"))
        found = {kind: overridden(strategy, name) for kind, name in HOOKS.items()}
        self.hooks: dict[str, Callable[[Event], object]] = {
            kind: refusing(hook) if kind == "warned" else hook for kind, hook in found.items() if hook
        }
        if market.is_portfolio:
            self.show_before_calling()

    def show_before_calling(self) -> None:
        """Let the strategy know, in each hook, of which symbol it is told."""
        strategy, sight, views = self.strategy, self.sight, self.sight.views

        def showing(hook: Callable[[Any], object]) -> Callable[[Any], object]:
            @wraps(hook)
            def shown(what: Any) -> None:
                sight.shown = instrument = what.instrument
                strategy.bars = views[instrument]
                hook(what)

            return shown

        self.on_bar = self.on_bar and showing(self.on_bar)
        self.hooks = {kind: showing(hook) for kind, hook in self.hooks.items()}

    def stepping(self, hook: Callable[[Step], object] | None) -> Callable[[Any], object] | None:
        """Return what the pump calls at the end of a step, or None where nobody wants it."""
        if not hook:
            return None
        account, market, strategy, sight = self.account, self.market, self.strategy, self.sight

        def step(_: Any) -> None:
            if market.is_portfolio:
                sight.shown = -1
                strategy.bars = sight.views[-1]
            hook(market.step(account.bar_index))

        return step

    def show(self, instrument: int) -> None:
        """Make an instrument the one that is meant where none is named; -1 for none."""
        self.sight.shown = instrument
        self.strategy.bars = self.sight.views[instrument]

    def indicators(self) -> dict[str, NDArray[np.float64]]:
        """Return what the strategy has computed, as it was known at each bar of the first instrument."""
        return self.sight.drawn(lambda: self.market.closes[0])

    def start(self) -> None:
        """Let the strategy prepare."""
        self.strategy.bind(self.account, self.sight)
        try:
            self.strategy.on_start()
        finally:
            self.sight.seal()

    def run(self, first: int, last: int) -> None:
        """Take steps `first` to `last` (exclusive) with the kernel's pump."""
        for part in self.market.parts_of(first, last):
            self.begin(part)
            self.delivered = model.pump(
                self.account,
                part.source,
                self.equity[part.start - part.first :],
                self.on_bar,
                self.hooks,
                part.first,
                part.last,
                self.delivered,
                finer=self.finer,
                on_step=self.on_step,
            )
            self.end_of(part)

    def begin(self, part: Part) -> None:
        """Hide every instrument but the one that a part is of, where they run one after the other."""
        if self.market.in_turn:
            self.sight.runs_alone(part.instrument)

    def end_of(self, part: Part) -> None:
        """Delist the instrument that is over with a part, if any: the next one begins afterwards."""
        if part.is_end:
            self.delist([part.instrument])
            self.equity[part.end - 1] = self.account.equity

    def delist(self, instruments: Iterable[int]) -> None:
        """End instruments that have no further bars."""
        for instrument in instruments:
            self.account.release()
            self.account.delist(instrument)
            self.account.hold()
            self.deliver()

    def take(self, source: History | Clock, index: int) -> None:
        """Take one bar of an instrument, or one step of several: match, tell, decide."""
        moved = source.move_to(index)
        bars = moved if isinstance(moved, list) else [moved]
        self.account.release()
        try:
            self.account.advance(source, self.finer)
        finally:
            self.account.hold()
        self.deliver()
        for bar in bars:
            if self.on_bar:
                self.on_bar(bar)
                self.deliver()
        if self.on_step:
            self.on_step(index)
            self.deliver()
        if isinstance(source, Clock) and index + 1 < len(source):
            ending = (bar.instrument for bar in bars if source.last_step_of(bar.instrument) == index)
            self.delist(ending)

    def deliver(self) -> None:
        """Hand every new event to the hook that wants its kind, also those that hooks bring about."""
        first = self.delivered
        while new := self.account.events(self.delivered):
            for event in new:
                self.delivered += 1
                if self.delivered - first > EVENTS_PER_BAR_MAX:
                    raise RuntimeError(
                        "one bar brought more than 100,000 events: a hook answers its own events for ever"
                    )
                if hook := self.hooks.get(event.kind):
                    hook(event)

    def finish(self) -> None:
        """End the run after the last bar: the last equity is the final one (R14)."""
        self.account.release()
        self.account.finish()
        self.account.hold()
        self.deliver()
        self.show(self.sight.shown if not self.market.is_portfolio else -1)
        self.strategy.on_end()
        self.deliver()
        self.equity[-1] = self.account.equity


def pump(session: Session, first: int, last: int) -> None:
    """Take steps `first` to `last` (exclusive) in plain Python."""
    for part in session.market.parts_of(first, last):
        session.begin(part)
        for row in range(part.first, part.last):
            session.take(part.source, row)
            step = part.start + row - part.first
            session.equity[step] = session.account.equity
        session.end_of(part)


def refusing(hook: Callable[[Event], object]) -> Callable[[Event], None]:
    """Return a hook that hears of refused changes, and not of fills that were only warned of."""

    def refused(event: Event) -> None:
        if event.refusal != FILLED_ALL_THE_SAME:
            hook(event)

    return refused


def overridden(strategy: Strategy, name: str) -> Callable[..., object] | None:
    """Return a strategy's own hook, or None where it left the empty one."""
    if getattr(type(strategy), name) is getattr(Strategy, name) and name not in vars(strategy):
        return None
    hook: Callable[..., object] = getattr(strategy, name)
    if iscoroutinefunction(hook):
        raise UsageError(
            f"{type(strategy).__name__}.{name} is async, but a strategy is called and not awaited"
        )
    return hook
