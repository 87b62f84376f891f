"""Write down what a strategy asks for, in order, where it asks: not what the market made of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np

from eyas.model import Series
from eyas.strategy import Strategy

VERBS = ("open", "add", "close", "cancel", "amend", "amend_ticket", "transfer")
NAMES = {
    "open": ("side", "size", "kind"),
    "add": ("ticket", "size", "kind", "options"),
    "close": ("ticket", "size"),
    "cancel": ("order",),
    "amend": ("order",),
    "amend_ticket": ("ticket",),
    "transfer": ("money",),
}
WORDS = {"price": "at", "distance": "away", "risk": "risk"}
NEAR = 1e-9  # of a number: what another order of additions may change


class Decision(NamedTuple):
    """Hold one thing that was asked for: on which step of the clock, when that closed, of which symbol."""

    step: int
    time: int
    symbol: str
    verb: str
    asked: tuple[tuple[str, Any], ...]

    def __str__(self) -> str:
        return f"{self.verb}({', '.join(worded(name, value) for name, value in self.asked)})"


class Recorder:
    """Keep the decisions of one run; a strategy that is watched tells it."""

    def __init__(self, after_start: Callable[[Strategy], object] | None = None) -> None:
        self.decisions: list[Decision] = []
        self.groups: list[Any] = []
        self.after_start = after_start
        self.strategy: Strategy | None = None
        self.account: Any = None
        self.sight: Any = None
        self.is_over = False

    def begin(self, strategy: Strategy, account: Any, sight: Any) -> RecordedAccount:
        """Remember whose run it is, and return the account to hand to the strategy."""
        self.strategy, self.account, self.sight = strategy, account, sight
        return RecordedAccount(account, self)

    def started(self) -> None:
        """Keep what the strategy computed, before it is taken back."""
        self.groups = list({id(group): group for group, _ in self.sight.lent.values()}.values())

    def take(self, verb: str, positional: tuple[Any, ...], named: dict[str, Any]) -> None:
        """Write down one decision; what is asked after the end of the data is none."""
        account = self.account
        if self.is_over or (
            account.event_count and account.events(account.event_count - 1)[0].phase == "end"
        ):
            return
        asked = dict(zip(NAMES[verb], positional, strict=False)) | named
        instrument = asked.pop("instrument", None)
        if instrument is None:
            instrument = 0 if verb == "open" else self.instrument_of(asked)  # an account's own default
        symbol = self.sight.symbols[instrument] if 0 <= instrument < len(self.sight.symbols) else ""
        name = asked.pop("side", verb) if verb == "open" else "move" if verb == "amend_ticket" else verb
        pairs = tuple((word, plain(value)) for word, value in flat(asked))
        self.decisions.append(Decision(account.bar_index, int(self.sight.now()), symbol, name, pairs))

    def instrument_of(self, asked: dict[str, Any]) -> int:
        """Return the instrument of the ticket or order that is named, -1 when there is none."""
        if self.sight.is_alone:
            return 0
        items = self.account.tickets if "ticket" in asked else self.account.waiting_orders
        number = asked.get("ticket", asked.get("order"))
        return next((item.instrument for item in items if item.number == number), -1)


class RecordedAccount:
    """Stand before an account: what is read passes, what is asked is written down on its way."""

    __slots__ = ("_account", "_recorder")

    def __init__(self, account: Any, recorder: Recorder) -> None:
        self._account = account
        self._recorder = recorder

    def __getattr__(self, name: str) -> Any:
        return getattr(self._account, name)


def recorded(verb: str) -> Callable[..., Any]:
    """Return a method that writes a verb down and passes it on."""

    def method(self: RecordedAccount, *positional: Any, **named: Any) -> Any:
        self._recorder.take(verb, positional, named)
        return getattr(self._account, verb)(*positional, **named)

    method.__name__ = verb
    return method


for _verb in VERBS:
    setattr(RecordedAccount, _verb, recorded(_verb))


class Watched(Strategy):
    """Stand between a strategy's class and `Strategy`'s own: tell the recorder when a run begins and ends."""

    _recorder: Any = None

    def bind(self, account: Any, sight: Any) -> None:
        """Attach the run by way of the recorder."""
        super().bind(self._recorder.begin(self, account, sight), sight)

    def on_start(self) -> None:
        """Prepare, and let the check put its own in the place of what was prepared."""
        super().on_start()
        self._recorder.started()
        if self._recorder.after_start:
            self._recorder.after_start(self)

    def on_end(self) -> None:
        """Finish; nothing that is asked from here on is a decision."""
        self._recorder.is_over = True
        super().on_end()


def watched(strategy: Strategy, recorder: Recorder) -> Strategy:
    """Make a strategy (of the run's own) tell a recorder what it asks, and return it.

    Its class becomes one of the same name that builds on it, so that it survives being copied.
    """
    cls = type(strategy)
    body = {"_recorder": recorder, "__module__": cls.__module__, "__qualname__": cls.__qualname__}
    strategy.__class__ = type(cls.__name__, (Watched, cls), body)
    return strategy


def flat(asked: dict[str, Any]) -> Iterable[tuple[str, Any]]:
    """Yield what was asked by name: sizes and kinds under their own names, options one by one."""
    for name, value in asked.items():
        if value is None or (name == "kind" and tuple(value) == ("market", 0.0)):
            continue
        if name in ("size", "kind"):
            yield value[0], value[1]
        elif name == "options":
            yield from value.items()
        else:
            yield name, value


def plain(value: Any) -> Any:
    """Return a value that stays as it is while time passes."""
    if isinstance(value, Series):
        return float(value)
    if isinstance(value, dict):
        return tuple((name, plain(one)) for name, one in value.items())
    if isinstance(value, list | tuple):
        return tuple(plain(one) for one in value)
    return value.item() if isinstance(value, np.generic) else value


def worded(name: str, value: Any) -> str:
    """Return one thing that was asked for, about as a strategy words it."""
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str):
        kind, amount = value
        text = f"{WORDS[kind]}({shown(amount)})" if kind in WORDS else shown(amount)
        return f"{name}={text}"
    return f"{name}={shown(value)}"


def shown(value: Any) -> str:
    """Return a value as text, no longer than it has to be."""
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def alike(one: Any, other: Any) -> bool:
    """Tell whether two things that were asked for are the same, but for the noise of floats.

    >>> alike(("buy", 0.1 + 0.2), ("buy", 0.3)), alike(("buy", 0.3), ("sell", 0.3))
    (True, False)
    """
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, float) and isinstance(other, float):
        return (
            one == other
            or abs(one - other) <= NEAR * max(abs(one), abs(other))
            or (one != one and other != other)
        )
    return bool(one == other)
