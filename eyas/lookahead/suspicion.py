"""What no cut can show: outside knowledge, extras stamped too early, foresight, rules that fill too early."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from eyas.lookahead.comparing import decision_change
from eyas.lookahead.cuts import spread
from eyas.lookahead.doors import try_doors
from eyas.lookahead.holders import Holder, holders_of
from eyas.lookahead.outside import Outside, outside_of, try_outside
from eyas.lookahead.result import Finding
from eyas.lookahead.stamps import Stamped, stamped_early
from eyas.lookahead.tables import Table, table_of
from eyas.reports.remarks import remarks_on_look_ahead

if TYPE_CHECKING:
    from eyas.lookahead.checking import Checking
    from eyas.lookahead.feed import Feed
    from eyas.lookahead.subject import Trace
    from eyas.rules import Rules

TRIES = 5
ENTRIES_MIN = 30
ALWAYS, OFTEN = 0.98, 0.9  # of entries on the right side of the bar after
WAITING = {"limit", "stop", "stop_limit", "market_if_touched", "limit_if_touched", "trailing_stop"}
EASY = 0.7  # of bars that the one before them tells as well: then foresight proves nothing


def by_rule(rules: Rules, full: Trace) -> Iterator[Finding]:
    """Yield what the rules themselves let a decision know: flagged by name, since no cut reveals it (R39)."""
    chosen = {"market_fill": rules.market_fill, "exit_fill": rules.exit_fill}
    if full.report is not None:
        for text in remarks_on_look_ahead(rules, full.report.journal):
            yield Finding("by_rule", "fail" if "same_open" in text else "warn", text)
    closes = [name for name, value in chosen.items() if value == "close"]
    if closes:
        yield Finding(
            "by_rule",
            "warn",
            f"{' and '.join(f'{name}=close' for name in closes)}: such orders trade at the very close that "
            "they were decided on, which is known only when it is over",
        )


def from_outside(checking: Checking) -> Iterator[Finding]:
    """Yield what a strategy reads beside its bars, and whether it reads the future there."""
    subject, feed, full = checking.subject, checking.feed, checking.full
    outside = checking.outside
    if subject.is_factory:
        outside = outside_of(subject.given, feed)
    decided = sorted({one.step for one in full.decisions if 0 <= one.step < len(feed) - 1})
    steps = spread(decided or list(range(1, len(feed) - 1)), TRIES)
    found = try_outside(subject, feed, full, outside, steps) if outside else None
    guilty = None
    if found:
        change, guilty = found
        checking.change = checking.change or change
        stamped = f"; {guilty.stamped[0]}" if guilty.stamped else ""
        also = [one.name for one in holders_of(full.strategy) if shares_columns(one, guilty.holder)]
        names = " and ".join(dict.fromkeys([guilty.holder.name, *also]))
        yield Finding(
            "outside",
            "fail",
            f"what is asked at bar {change.step} changes with what {names} holds of later moments: it "
            f"{guilty.what}{stamped}",
            guilty.holder.name,
        )
    for one in outside:
        if one is not guilty and not is_constant(one):
            yield Finding(
                "outside",
                "note" if one.what.startswith("has rows") and not one.stamped else "warn",
                f"{one.holder.name} {one.what}, also of those after now; whether it was computed without "
                "looking ahead cannot be seen from here. Use the bars, extra=…, or check a function that "
                "makes it from bars",
                one.holder.name,
            )
    if not found:
        yield from at_the_edge(checking, outside, steps)
        yield from loaded_inside(checking, steps)


def at_the_edge(checking: Checking, outside: list[Outside], steps: list[int]) -> Iterator[Finding]:
    """Yield the place of which a row counts that is stamped at the very moment when a bar closes.

    It may be known then; or it is of the bar that opens there, as in a table by date.
    """
    edges = [replace(one, has_edge=True) for one in outside if one.relation.symbol is None]
    found = try_outside(checking.subject, checking.feed, checking.full, edges, steps) if edges else None
    if found:
        change, one = found
        yield Finding(
            "outside",
            "warn",
            f"what is asked at bar {change.step} changes with the row of {one.holder.name} that is stamped "
            "at the very moment when that bar closes: this looks ahead if the row is of the bar, or the day, "
            "that begins there",
            one.holder.name,
        )


def loaded_inside(checking: Checking, steps: list[int]) -> Iterator[Finding]:
    """Yield what a strategy loads while it runs, and whether it reads the future there."""
    found = try_doors(checking.subject, checking.feed, checking.full, checking.doors, steps)
    loaded = [one for one in checking.doors.loaded.values() if one is not None]
    names = " and ".join(one.holder.name for one in loaded)
    if found:
        checking.change = checking.change or found
        yield Finding(
            "outside",
            "fail",
            f"what is asked at bar {found.step} changes with what {names}, called while it runs, returns of "
            f"later moments: it {loaded[0].what}",
            names,
        )
    elif loaded:
        yield Finding(
            "outside",
            "note" if all(one.what.startswith("has rows") for one in loaded) else "warn",
            f"{names} is called while it runs, and what that returns {loaded[0].what}, also of those after "
            "now; no decision of those tried went by that. Use the bars or extra=…",
            names,
        )


def shares_columns(one: Holder, other: Holder) -> bool:
    """Tell whether two places hold the same memory: the array of a frame, say, under a name of its own."""
    pairs = ((a, b) for a in one.table.columns.values() for b in other.table.columns.values())
    return any(np.may_share_memory(a, b) for a, b in pairs)


def is_constant(outside: Outside) -> bool:
    """Tell whether a table says the same in every row."""
    return all(len(np.unique(values)) <= 1 for values in outside.holder.table.columns.values())


def extras_stamped_early(checking: Checking) -> Iterator[Finding]:
    """Yield extras that say at the beginning of an interval how it ends; and whether decisions go by them."""
    feed = checking.feed
    for name, value in (feed.extra or {}).items():
        table = table_of(value)
        stamped = list(stamped_early(table, feed)) if table is not None else []
        if table is None or not stamped:
            continue
        used = any(
            goes_by(checking, name, table, stamped, step) for step in steps_inside(checking, table, stamped)
        )
        yield Finding(
            "extra",
            "fail" if used else "warn",
            f"extra {name}: {'; '.join(map(str, stamped))}, and so it is known there before it happened"
            f"{'' if used else ' (no decision of those tried went by it)'}; stamp each row when its interval "
            "ends, or give it a column known",
            f"{name}.{stamped[0].column}" if stamped[0].column else name,
        )


def steps_inside(checking: Checking, table: Table, stamped: list[Stamped]) -> list[int]:
    """Return some steps, those with decisions first, at which an interval of the table is not over."""
    feed = checking.feed
    decided = sorted({one.step for one in checking.full.decisions if one.step >= 0})
    every = list(range(0, len(feed) - 1, max(1, len(feed) // 50)))
    inside = [
        step
        for step in [*spread(decided, 50), *every]
        if any(one.open_at(table, feed.closed(step)).any() for one in stamped)
    ]
    return inside[:TRIES] if len(inside) <= TRIES else spread(inside, TRIES)


def goes_by(checking: Checking, name: str, table: Table, stamped: list[Stamped], step: int) -> bool:
    """Tell whether a decision changes when what is stamped too early says something else."""
    feed = checking.feed
    rows = np.logical_or.reduce([one.open_at(table, feed.closed(step)) for one in stamped])
    for variant in ("low", "high"):
        other = feed.with_extra((feed.extra or {}) | {name: table.with_other_rows(rows, variant)})
        change = decision_change(checking.full, checking.run(other), feed, step, "with other values")
        if change:
            checking.change = checking.change or change
            return True
    return False


def foresight(full: Trace, feed: Feed, *, is_verified: bool) -> Iterator[Finding]:
    """Yield a finding where market entries are right about the next bar more often than anybody can be.

    `is_verified` where all that it decides by was put to the test: then more is asked for, and less is said.
    """
    right = wrong = 0
    market = feed.market
    steps = {symbol: market.steps(place) for place, symbol in enumerate(market.symbols)}
    moves = {symbol: np.sign(np.diff(bars.close)) for symbol, bars in feed.bars.items()}
    for one in full.decisions:
        if one.verb not in ("buy", "sell") or one.step < 0 or WAITING & {name for name, _ in one.asked}:
            continue
        row = int(np.searchsorted(steps[one.symbol], one.step))
        if row < len(moves[one.symbol]) and moves[one.symbol][row]:
            is_right = (moves[one.symbol][row] > 0) == (one.verb == "buy")
            right, wrong = right + is_right, wrong + (not is_right)
    count = right + wrong
    least, share = (4 * ENTRIES_MIN, ALWAYS) if is_verified else (ENTRIES_MIN, OFTEN)
    if count >= least and right >= share * count and easiness(feed) <= EASY:
        yield Finding(
            "foresight",
            "fail" if right >= ALWAYS * count and not is_verified else "warn",
            f"{right:,} of {count:,} entries were on the right side of the very next bar: nobody knows that "
            "so well without having seen it",
        )


def easiness(feed: Feed) -> float:
    """Return how often the next bar's side can be told from the last bar's, or from the most usual one."""
    most = 0.5
    for bars in feed.market.bars:
        moves = np.sign(np.diff(bars.close))
        both = (moves[:-1] != 0) & (moves[1:] != 0)
        if both.any():
            same = float(np.mean(moves[:-1][both] == moves[1:][both]))
            ups = float(np.mean(moves[moves != 0] > 0))
            most = max(most, same, 1 - same, ups, 1 - ups)
    return most
