"""The door to a check: what it is given, put in order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, Unpack

from eyas.errors import UsageError
from eyas.lookahead.checking import Checking, Progress
from eyas.lookahead.feed import Feed
from eyas.lookahead.result import LookAhead
from eyas.lookahead.subject import Subject
from eyas.lookahead.warmup import WARM_UPS
from eyas.presets import rules_of
from eyas.rules import RuleChanges, Rules

if TYPE_CHECKING:
    from eyas.data.quality import Quality
    from eyas.rules import Number

CUTS = 20


def check(  # noqa: PLR0913 - each is a word of its own, and most are left out
    strategy: Any,
    bars: Any,
    *,
    cuts: int = CUTS,
    exhaustive: bool = False,
    warm_ups: Sequence[int] = WARM_UPS,
    seed: int = 1,
    cash: Number | str = 10_000,
    rules: Rules | str | None = None,
    finer: Any = None,
    extra: Any = None,
    clock: Literal["merged", "sequential"] = "merged",
    quality: Quality = None,
    progress: Progress | None = None,
    **changes: Unpack[RuleChanges],
) -> LookAhead:
    """Say whether a strategy looks ahead, and name the first decision and the column that give it away.

    `strategy` is an `eyas.Strategy` (or its class), or a function that makes one, or `eyas.Signals`, from
    bars (and, with a second parameter, from the extras): it is called again with less data. Finished
    `eyas.Signals` cannot be computed again, so little can be said of them. `bars` and the other keywords are
    those of `eyas.backtest`. The data are cut after `cuts` bars (`exhaustive`: also after every bar with a
    decision), and go on differently after some; what was asked for up to there must stay the same.
    `warm_ups` are numbers of bars after which indicators are compared with those of a longer history; () for
    none. `seed` draws the bars. `progress` is called with runs done and runs in all. Raises what
    `eyas.backtest` raises.

    >>> import eyas
    >>> class Hold(eyas.Strategy):
    ...     def on_bar(self, bar: eyas.Bar) -> None:
    ...         if bar.index == 3:
    ...             self.buy()
    >>> check(Hold, eyas.sample("AAPL", "1d")).verdict
    'pass'
    """
    whole_number("cuts", cuts)
    for count in warm_ups:
        whole_number("each of warm_ups", count)
    chosen = rules_of(rules).changed(**changes)
    if chosen.matching != "here":
        raise UsageError("a check is its own market: matching must be here")
    if clock not in ("merged", "sequential"):
        raise UsageError(f"clock is {clock!r}, but must be merged or sequential")
    subject = Subject(strategy, {"cash": cash, "rules": chosen}, quality)
    feed = Feed.of(bars, finer, extra, clock)
    return Checking(subject, feed, chosen, seed, progress).whole(cuts, exhaustive, tuple(warm_ups))


def whole_number(name: str, value: Any) -> None:
    """Raise UsageError for what is no whole number of at least 1."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise UsageError(f"{name} is {value!r}, but must be a whole number of at least 1")
