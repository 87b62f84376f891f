"""What the manifest of a record must hold, field by field, so that one edited by hand is refused by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from eyas.data.quality.findings import LEVELS
from eyas.data.quality.verdict import nanoseconds_of
from eyas.journal import MONEY_DECIMALS
from eyas.reports.saving.values import from_json

Check: TypeAlias = Callable[[Any, str], None]
"""From a value and its place to nothing; raises ValueError with a sentence where it is not as it must be."""

SHOWN_MAX = 60
INTEGER_MAX = 2**63 - 1
DEPTH_MAX = 10_000
DEEPEST = 50
COUNTS = ("bars_held", "trades", "wins", "losses", "refused")
AMOUNTS = (
    "opening_cash",
    "net_profit",
    "gross_profit",
    "gross_loss",
    "fees",
    "best",
    "worst",
    "win_rate",
    "profit_factor",
)


def refusal(value: Any, place: str, what: str) -> ValueError:
    """Return the error of a value that is not what it must be."""
    said = repr(value)
    shown = said if len(said) <= SHOWN_MAX else f"{said[:SHOWN_MAX]}…"
    return ValueError(f"{place} is {shown}, but must be {what}")


def text(value: Any, place: str) -> None:
    """Refuse what is no text."""
    if not isinstance(value, str):
        raise refusal(value, place, "text")


def anything(value: Any, place: str) -> None:
    """Refuse nothing: what Signals say is checked by Signals when they are made."""


def flag(value: Any, place: str) -> None:
    """Refuse what is neither true nor false."""
    if not isinstance(value, bool):
        raise refusal(value, place, "true or false")


def moment(value: Any, place: str) -> None:
    """Refuse what is no time."""
    text(value, place)
    try:
        nanoseconds_of(value)
    except (ValueError, OverflowError):
        raise refusal(value, place, "a time") from None


def up_to(most: int) -> Check:
    """Return what refuses all but whole numbers from 0 to the most."""

    def check(value: Any, place: str) -> None:
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
            raise refusal(value, place, f"a whole number from 0 to {most}")

    return check


count = up_to(INTEGER_MAX)


def one_of(*values: str) -> Check:
    """Return what refuses all but some texts."""

    def check(value: Any, place: str) -> None:
        if value not in values:
            raise refusal(value, place, f"one of {', '.join(values)}")

    return check


def optional(inner: Check) -> Check:
    """Return what refuses what is neither null nor as it must be."""

    def check(value: Any, place: str) -> None:
        if value is not None:
            inner(value, place)

    return check


def listed(inner: Check, least: int = 0) -> Check:
    """Return what refuses all but a list of what it must be, of some length at least."""

    def check(value: Any, place: str) -> None:
        if not isinstance(value, list) or len(value) < least:
            raise refusal(value, place, "a list" if not least else "a list that is not empty")
        for at, one in enumerate(value):
            inner(one, f"{place}[{at}]")

    return check


def table(inner: Check) -> Check:
    """Return what refuses all but an object of what it must be by name."""

    def check(value: Any, place: str) -> None:
        if not isinstance(value, dict):
            raise refusal(value, place, "an object")
        for name, one in value.items():
            inner(one, f"{place}.{name}")

    return check


def fields(_may: Mapping[str, Check] | None = None, /, **must: Check) -> Check:
    """Return what refuses all but an object of certain fields; others may be there, and are passed over."""

    def check(value: Any, place: str) -> None:
        if not isinstance(value, dict):
            raise refusal(value, place or "all of it", "an object")
        for name, inner in must.items():
            whole = f"{place}.{name}" if place else name
            if name not in value:
                raise ValueError(f"{whole} is missing")
            inner(value[name], whole)
        for name, inner in (_may or {}).items():
            if name in value:
                inner(value[name], f"{place}.{name}")

    return check


def plain(value: Any, place: str) -> None:
    """Refuse what `to_json` never writes."""
    if depth_of(value) > DEEPEST:
        raise ValueError(f"{place} is nested too deeply")
    try:
        from_json(value)
    except (ValueError, TypeError, AttributeError) as error:
        raise ValueError(f"{place}: {error}") from None


def depth_of(value: Any) -> int:
    """Return how deeply lists and objects are nested in a value, no further than can matter."""
    level, depth = [value], 0
    while level and depth <= DEEPEST:
        level = [
            inner
            for one in level
            if isinstance(one, list | dict)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
        depth += 1
    return depth


def plain_table(amounts: Sequence[str] = (), counts: Sequence[str] = ()) -> Check:
    """Return what refuses all but a table of plain values; amounts and counts must be there."""

    def check(value: Any, place: str) -> None:
        plain(value, place)
        found = from_json(value)
        if not isinstance(found, dict):
            raise refusal(value, place, "a table")
        for name in amounts:
            one = found.get(name)
            if isinstance(one, bool) or not isinstance(one, int | float):
                raise refusal(one, f"{place}.{name}", "a number")
            if isinstance(one, int):
                count(abs(one), f"{place}.{name}")
        for name in counts:
            count(found.get(name), f"{place}.{name}")

    return check


VERDICT = fields(
    level=one_of(*LEVELS),
    symbol=text,
    timeframe=text,
    rows=count,
    first=optional(moment),
    last=optional(moment),
    calendar=text,
    hash=text,
    findings=listed(
        fields(
            name=text,
            level=one_of(*LEVELS),
            count=count,
            row=optional(count),
            time=optional(moment),
            sentence=text,
        )
    ),
)
BARS = fields(
    member=optional(text),
    rows=count,
    symbol=text,
    timeframe=text,
    source=text,
    file=optional(text),
    has_volume=flag,
)
INSTRUMENT = fields(symbol=text, rows=count, bars=BARS, steps=optional(text), quality=optional(VERDICT))
BESIDE = fields(
    {
        "bars": BARS,
        "file": optional(text),
        "member": optional(text),
        "columns": listed(text),
        "left_out": listed(text),
        "books": optional(fields(depth=up_to(DEPTH_MAX), symbol=text)),
    },
    kind=one_of("bars", "columns", "books"),
    source=text,
    rows=count,
    first=optional(moment),
    last=optional(moment),
    hash=text,
    quality=optional(VERDICT),
)
ORIGIN = fields(
    kind=one_of("file", "gathered", "signals", "unknown"),
    strategy=text,
    engine=text,
    sources=listed(fields(module=text, file=text, is_package=flag, member=text)),
    versions=table(text),
    remarks=listed(text),
    signals=optional(table(anything)),
)
RUN = fields(
    strategy=text,
    parameters=plain_table(),
    cash=text,
    seed=count,
    clock=text,
    rules=table(plain),
    origin=optional(ORIGIN),
    journal=fields(
        member=text,
        events=count,
        digest=text,
        price_decimals=listed(up_to(MONEY_DECIMALS), least=1),
        symbols=listed(text),
    ),
    instruments=listed(INSTRUMENT, least=1),
    curve=fields(member=text, rows=count, time=flag),
    trade_figures=plain_table(AMOUNTS, COUNTS),
    ambiguous_bars=count,
    bounds=optional(
        plain_table(("worst_equity", "best_equity", "worst_return", "best_return"), ("ambiguous_bars",))
    ),
    indicators=optional(fields(member=text, names=listed(text))),
    finer=table(BESIDE),
    extra=table(BESIDE),
    notes=optional(text),
)


def check_manifest(said: Any) -> None:
    """Raise ValueError, which names the field, for a manifest that no run has written."""
    RUN(said, "")
