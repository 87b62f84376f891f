"""One run: a strategy, an account and the bars they share. The pumps only move time.

`pump` is the loop in plain Python; the one in the kernel's shell (kernel/python/src/pump.rs) is the
same loop, faster. A test proves that their journals are equal.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING

import numpy as np

from eyas import model
from eyas.errors import UsageError
from eyas.model import Account, Bar, Bars, Event, History
from eyas.rules import Rules
from eyas.strategy import Strategy

if TYPE_CHECKING:
    from numpy.typing import NDArray

HOOKS = {"filled": "on_fill", "refused": "on_refusal"}
EVENTS_PER_BAR_MAX = 100_000


class Session:
    """Hold a strategy, its account and its bars while time passes."""

    def __init__(self, strategy: Strategy, bars: Bars, rules: Rules, cash: str) -> None:
        self.strategy = strategy
        self.bars = bars
        self.account = Account(cash, rules.texts(), time=int(bars.time[0]))
        self.account.hold()  # only this session moves time
        self.history = history_of(bars)
        self.equity = np.empty(len(bars), dtype=np.float64)
        self.indicators: dict[str, NDArray[np.float64]] = {}
        self.delivered = self.account.event_count
        self.on_bar = overridden(strategy, "on_bar")
        found = {kind: overridden(strategy, name) for kind, name in HOOKS.items()}
        self.hooks: dict[str, Callable[[Event], object]] = {
            kind: hook for kind, hook in found.items() if hook
        }

    def start(self) -> None:
        """Let the strategy prepare."""
        self.strategy.bind(self.account, self.bars, self.history, self.indicators)
        self.strategy.on_start()
        self.strategy.seal()

    def run(self, first: int, last: int) -> None:
        """Take bars `first` to `last` (exclusive) with the kernel's pump."""
        self.delivered = model.pump(
            self.account, self.history, self.equity, self.on_bar, self.hooks, first, last, self.delivered
        )

    def take(self, index: int) -> None:
        """Take one bar: match, tell, decide, record."""
        bar: Bar = self.history.move_to(index)
        self.account.release()
        try:
            self.account.advance(self.history)
        finally:
            self.account.hold()
        self.deliver()
        if self.on_bar:
            self.on_bar(bar)
            self.deliver()
        self.equity[index] = self.account.equity

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
        self.strategy.on_end()
        self.deliver()
        self.equity[-1] = self.account.equity


def pump(session: Session, first: int, last: int) -> None:
    """Take bars `first` to `last` (exclusive) in plain Python."""
    for index in range(first, last):
        session.take(index)


def history_of(bars: Bars) -> History:
    """Return the kernel's view of the bars."""
    return History(bars.time, bars.open, bars.high, bars.low, bars.close, bars.volume)


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
