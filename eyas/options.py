"""What a strategy may say of an order beside size, limit, stop and one level each way: the rarer options.

`worded` turns them into what the kernel takes; `eyas/asking.py` holds the words that every order needs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from numbers import Integral
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias, TypedDict

import numpy as np

from eyas.asking import Level, level, number, number_of
from eyas.errors import UsageError
from eyas.model import iso

if TYPE_CHECKING:
    from eyas.model import WaitingOrder

Rung: TypeAlias = "float | Level | tuple[float | Level, float]"
Targets: TypeAlias = "float | Level | list[Rung] | None"

WHOLE_MAX = 2**32 - 1
RUNGS_MAX = 8  # as in kernel/src/bracket.rs
TIME_MAX_NS = 2**63 - 1
TIME_INTEGER_MIN_NS = 10**17  # 1973: a smaller integer was meant in another unit
KINDS = {
    (): "market",
    ("at",): "market",
    ("limit",): "limit",
    ("stop",): "stop",
    ("stop", "limit"): "stop_limit",
    ("touch",): "market_if_touched",
    ("touch", "limit"): "limit_if_touched",
    ("trail",): "trailing_stop",
}
LIFETIMES = ("gtc", "gtd", "day", "ioc", "fok")


class WaitOptions(TypedDict, total=False):
    """Name what may be said of any order: when it trades, how long it waits, with whom."""

    touch: float
    trail: float | Level
    at: float
    good_for: int
    good_till: int | str | date
    time_in_force: Literal["gtc", "day", "ioc", "fok"]
    post_only: bool
    cancels: int | WaitingOrder
    after: int | WaitingOrder
    rank: float


class OrderOptions(WaitOptions, total=False):
    """Name what may be said of an entry: also what becomes of its ticket."""

    trailing: float | Level
    trailing_from: float | Level
    breakeven: float | Level
    breakeven_offset: float | Level
    breakeven_after: int
    leave_after: int | timedelta
    reduce_only: bool
    symbol: str


LEVEL_OPTIONS = {"stop_loss", "take_profit", *OrderOptions.__annotations__} - {
    *WaitOptions.__annotations__,
    "symbol",
    "reduce_only",
}


class Worded(NamedTuple):
    """Hold an order's rarer side as the kernel takes it."""

    kind: tuple[str, float]
    take_profit: tuple[str, float] | None
    options: dict[str, Any] | None


def worded(
    verb: str, limit: float | None, stop: float | None, take_profit: Targets, said: Mapping[str, Any]
) -> Worded:
    """Turn what is said of an order into the kernel's words; `said` are the options beside limit and stop.

    Raises UsageError for an option that does not exist, is no such thing, or lacks the one it belongs to.
    """
    known = OrderOptions.__annotations__ if verb in ("buy", "sell") else WaitOptions.__annotations__
    for name in said:
        if name not in known and name in LEVEL_OPTIONS:
            raise UsageError(
                f"{verb} has no option {name}: an addition keeps its ticket's levels: use move to change them"
            )
        if name not in known:
            near = get_close_matches(name, [*known, "limit", "stop", "stop_loss", "take_profit"], n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(known))}"
            raise UsageError(f"{verb} has no option {name}; {hint}")
    given = {name: value for name, value in said.items() if value is not None}
    options: dict[str, Any] = {}
    kind = kind_of(given, limit, stop, options)
    for name, word in WORDS.items():
        if name in given:
            options |= word(name, given[name])
    target = targets_of(take_profit, options)
    brackets(given, options)
    lifetime(given, options)
    return Worded(kind, target, options or None)


def kind_of(
    given: Mapping[str, Any], limit: float | None, stop: float | None, options: dict[str, Any]
) -> tuple[str, float]:
    """Return the kind of an order and its price; a second price goes into the options."""
    prices = {"stop": stop, **{name: given.get(name) for name in ("touch", "trail", "at")}, "limit": limit}
    named = tuple(name for name, price in prices.items() if price is not None)
    if named not in KINDS:
        raise UsageError(
            f"an order cannot have {' and '.join(named)}: give one of limit, stop, touch, trail, at; "
            "or stop with limit, or touch with limit"
        )
    if named == ("trail",):
        options["trail"] = distance("trail", given["trail"], 1.0, ("fraction", "distance"))
        return ("trailing_stop", 0.0)
    if len(named) == 2:
        options["limit"] = number("limit", limit)
    price = number(named[0], prices[named[0]]) if named else 0.0
    if named == ("at",) and price == 0:
        raise UsageError("at=0 is no price: leave it out to trade at the market's own")
    return (KINDS[named], price)


def targets_of(take_profit: Targets, options: dict[str, Any]) -> tuple[str, float] | None:
    """Return a single target; a ladder of them goes into the options."""
    if isinstance(take_profit, tuple) and not isinstance(take_profit, Level):
        raise UsageError(f"a ladder is a list of rungs: take_profit={list(take_profit)}")
    if not isinstance(take_profit, list):
        return level("take_profit", take_profit, 10.0)
    rungs = []
    for place, rung in enumerate(take_profit, start=1):
        name = f"rung {place} of take_profit"
        where: Any
        where, share = (rung, 1.0) if is_level(rung) else pair(name, rung)
        stands = level(name, where, 10.0)
        if stands is None:
            raise UsageError(f"{name} is None: leave it out, or give a level, or a level and a share")
        rungs.append((stands, number(f"the share of {name}", share)))
    check_shares(rungs, [not is_level(rung) for rung in take_profit])
    if not rungs:
        raise UsageError("take_profit is an empty ladder: leave it out, or give [(level, share), …]")
    if len(rungs) > RUNGS_MAX:
        raise UsageError(f"take_profit has {len(rungs)} rungs, but a ladder has at most {RUNGS_MAX} rungs")
    options["take_profits"] = rungs
    return None


def is_level(rung: Any) -> bool:
    """Tell a level alone from one with a share."""
    return isinstance(rung, Level) or not isinstance(rung, tuple | list)


def check_shares(rungs: Sequence[tuple[Any, float]], said: Sequence[bool]) -> None:
    """Raise UsageError for shares that can never act as they read."""
    for place, ((_, share), is_said) in enumerate(zip(rungs, said, strict=True), start=1):
        name = f"rung {place} of take_profit"
        if place < len(rungs) and share == 1:
            wrong = f"the share of {name} is 1.0" if is_said else f"{name} has no share, which means all"
            raise UsageError(f"{wrong}, so no rung after it could ever act: give it a share below 1")
        if place == len(rungs) and 0 < share < 1:
            raise UsageError(
                f"the share of {name} is {share:g}, but the last rung takes all that is left: write 1.0, or "
                "leave the share out"
            )


def pair(name: str, rung: Any) -> tuple[Any, Any]:
    """Return the level and the share of a rung, or raise UsageError."""
    if len(rung) != 2:
        raise UsageError(f"{name} is {rung}: give a level, or (level, share)")
    return rung[0], rung[1]


def brackets(given: Mapping[str, Any], options: dict[str, Any]) -> None:
    """Word trailing and break-even."""
    belongs("trailing_from", ("trailing",), given)
    belongs("breakeven_offset", ("breakeven", "breakeven_after"), given)
    anywhere = ("fraction", "distance", "risk")
    if "trailing" in given:
        trigger = given.get("trailing_from")
        options["trailing"] = (
            distance("trailing", given["trailing"], 1.0, anywhere),
            None if trigger is None else distance("trailing_from", trigger, 10.0, anywhere),
        )
    trigger, offset, rung = (given.get(f"breakeven{end}") for end in ("", "_offset", "_after"))
    if trigger is not None and rung is not None:
        raise UsageError("give breakeven, a trigger, or breakeven_after, the number of a rung; not both")
    if rung is not None:
        check_rung(rung, options.get("take_profits", ()))
    if offset is not None and (offset.value if isinstance(offset, Level) else offset) < 0:
        raise UsageError(
            f"breakeven_offset is {offset}, but lies on the side of profit: at least 0, also for a short"
        )
    if trigger is not None or rung is not None:
        options["breakeven"] = (
            None if trigger is None else distance("breakeven", trigger, 10.0, anywhere),
            None if offset is None else distance("breakeven_offset", offset, 10.0, anywhere),
            0 if rung is None else whole("breakeven_after", rung, "the number of a rung, from 1", 255),
        )


def check_rung(rung: Any, ladder: Sequence[Any]) -> None:
    """Raise UsageError for a rung after which nothing of the ticket is left, or that is not there."""
    number = whole("breakeven_after", rung, "the number of a rung, from 1", 255)
    if not ladder:
        raise UsageError("breakeven_after counts rungs, and take_profit has none: give take_profit=[…]")
    if number >= len(ladder):
        raise UsageError(
            f"breakeven_after is {number}, but of {len(ladder)} rungs the last takes all that is left: "
            f"{len(ladder) - 1} at most leave a stop to move"
        )


def lifetime(given: Mapping[str, Any], options: dict[str, Any]) -> None:
    """Word how long an order waits."""
    named, till = given.get("time_in_force"), given.get("good_till")
    if named is not None:
        word = named.lower() if isinstance(named, str) else named
        if word not in LIFETIMES:
            raise UsageError(f"time_in_force is {named!r}, but must be one of gtc, day, ioc, fok")
        if (word == "gtd") != (till is not None):
            raise UsageError("an order that is good till a time has good_till=time, and no other lifetime")
        options["time_in_force"] = word
    if till is not None:
        options |= {"time_in_force": "gtd", "until": nanoseconds(till)}


def distance(name: str, value: float | Level, most: float, kinds: Sequence[str]) -> tuple[str, float]:
    """Return how far a level lies from what it follows; a bare number is a fraction."""
    if isinstance(value, Level) and value.kind not in kinds:
        ways = {"fraction": "a fraction such as 0.01", "distance": "eyas.away(…)", "risk": "eyas.risk(…)"}
        raise UsageError(
            f"{name} is a distance: give {' or '.join(ways[kind] for kind in kinds)}, not {value}"
        )
    found = level(name, value, most, is_distance=True)
    assert found is not None
    return found


def belongs(name: str, to: Sequence[str], given: Mapping[str, Any]) -> None:
    """Raise UsageError when an option is given without one that it belongs to."""
    if name in given and not any(other in given for other in to):
        raise UsageError(f"{name} needs {' or '.join(to)}")


def whole(name: str, value: Any, what: str, most: int = WHOLE_MAX) -> int:
    """Return a whole number above 0, or raise UsageError saying what it is of."""
    number = int(value) if isinstance(value, Integral) and value is not True else 0
    if not 1 <= number <= most:
        raise UsageError(f"{name} is {value!r}, but must be {what}")
    return number


def switch(name: str, value: Any) -> bool:
    """Return a truth value, or raise UsageError."""
    if not isinstance(value, bool | np.bool_):
        raise UsageError(f"{name} is {value!r}, but must be True or False")
    return bool(value)


def nanoseconds(time: Any) -> int:
    """Return a time as nanoseconds since 1970 UTC; one without a zone is UTC.

    >>> nanoseconds("2024-01-02T10:00:00")
    1704189600000000000
    """
    found = -1
    with suppress(TypeError, ValueError, OverflowError):
        match time:
            case bool():
                pass
            case str():
                return nanoseconds(datetime.fromisoformat(time))
            case datetime():
                aware = time if time.tzinfo else time.replace(tzinfo=UTC)
                since = aware - datetime(1970, 1, 1, tzinfo=UTC)
                found = (since.days * 86_400 + since.seconds) * 10**9 + since.microseconds * 1_000
            case date():
                return nanoseconds(datetime(time.year, time.month, time.day, tzinfo=UTC))
            case np.datetime64():
                found = int(time.astype("datetime64[ns]").astype(np.int64))
            case _:
                found = int(time) if int(time) == time else -1
    if isinstance(time, Integral) and 0 < found < TIME_INTEGER_MIN_NS:
        raise UsageError(
            f"good_till={time} looks like {'milliseconds' if found >= 10**11 else 'seconds'}; "
            "bar.time is nanoseconds since 1970 UTC"
        )
    if not 0 < found <= TIME_MAX_NS:
        raise UsageError(
            f"good_till is {time!r}, but must be a time: a datetime, text such as 2024-01-31T09:30, or "
            "nanoseconds since 1970 UTC, as bar.time is"
        )
    return found


def in_time(options: Mapping[str, Any] | None, now: Callable[[], int]) -> None:
    """Raise UsageError for an order that has expired before it is asked."""
    until = options.get("until") if options else None
    if until is not None and until <= (present := now()):
        raise UsageError(f"good_till is {iso(until)}, but it is {iso(present)} already")


def stay(name: str, value: Any) -> dict[str, Any]:
    """Word how long a ticket stays: for a number of bars, or for a time."""
    if isinstance(value, np.timedelta64):
        value = value.astype("timedelta64[us]").item()
    if not isinstance(value, timedelta):
        return {"leave_after_bars": whole(name, value, "a whole number of bars above 0, or a timedelta")}
    length = (value.days * 86_400 + value.seconds) * 10**9 + value.microseconds * 1_000
    if not 0 < length <= TIME_MAX_NS:
        raise UsageError(f"{name} is {value}, but must be a timedelta above 0 and below 292 years")
    return {"leave_after_ns": length}


def rank_of(name: str, value: Any) -> float:
    """Return a rank, which has to be comparable."""
    rank = number(name, value)
    if math.isnan(rank):
        raise UsageError(f"{name} is nan, but must be a number: an indicator that warms up has none yet")
    return rank


Word = Callable[[str, Any], dict[str, Any]]
WORDS: dict[str, Word] = {
    "leave_after": stay,
    "good_for": lambda name, value: {"bars": whole(name, value, "a whole number of bars above 0")},
    "post_only": lambda name, value: {"post_only": switch(name, value)},
    "reduce_only": lambda name, value: {"reduce_only": switch(name, value)},
    "cancels": lambda _, value: {"other": number_of(value)},
    "after": lambda _, value: {"after": number_of(value)},
    "rank": lambda name, value: {"rank": rank_of(name, value)},
}
