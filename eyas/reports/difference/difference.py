"""Why two runs differ: trade by trade, by cause, and before the first trade."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.errors import UsageError
from eyas.reports.difference.context import Change, changes_of, common_symbols
from eyas.reports.difference.matching import Match, matched
from eyas.reports.difference.money import Worth, parts_of, summed, worth_of
from eyas.reports.difference.naming import CAUSES, NAMES, named
from eyas.reports.difference.revision import Revision
from eyas.reports.difference.trades import Trade, amount, held_places, last_prices, plain, trades_of
from eyas.reports.report import Report

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, eq=False, slots=True)
class Pair:
    """Hold one trade of both runs (None where a run has none), its name, and the money between them.

    `name` is the first cause that explains it (equal, time, price, exit, open, quantity, fee, funding, rate,
    missed, extra); `parts` says by cause what B's earned more than A's, in units of 10^-16 of the account's
    money.
    """

    name: str
    a: Trade | None
    b: Trade | None
    parts: Mapping[str, int]

    @property
    def units(self) -> int:
        """What B's trade earned more than A's, in units of 10^-16."""
        return sum(self.parts.values())

    @property
    def money(self) -> Decimal:
        """What B's trade earned more than A's, exact."""
        return amount(self.units)

    @property
    def known(self) -> Trade:
        """The trade of A, or of B where A has none."""
        found = self.a or self.b
        assert found is not None  # a pair has one at least
        return found

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values; money as exact text."""
        return {
            "name": self.name,
            "symbol": self.known.symbol,
            "direction": "long" if self.known.direction > 0 else "short",
            "a": self.a and self.a.as_json(),
            "b": self.b and self.b.as_json(),
            "money": plain(self.units),
            "causes": {cause: plain(part) for cause, part in self.parts.items()},
        }


@dataclass(frozen=True, slots=True)
class Side:
    """Name one of the two runs, with its final equity in units of 10^-16; `source` is the file it was in."""

    title: str
    digest: str
    trades: int
    told: Told
    source: str = ""

    @property
    def worth(self) -> Worth:
        """Its final equity in units of 10^-16, and what it is made of."""
        return self.told.worth

    @property
    def equity(self) -> Decimal:
        """Its final equity, exact."""
        return amount(self.worth.equity)


@dataclass(frozen=True, eq=False, repr=False)
class Difference:
    """Show why run B ended with other money than run A; it prints as a table.

    `changes` is what was not the same before the first trade; `revisions` how the bars differ. `causes` sums
    to `money` to the last digit. Of identical runs `pairs` are made when somebody asks for them.
    """

    a: Side
    b: Side
    changes: tuple[Change, ...]
    revisions: tuple[Revision, ...]
    run_parts: Mapping[str, int]
    make_pairs: Callable[[], tuple[Pair, ...]]
    is_same: bool
    """Whether journals and marks are the same, so that all that follows from them is."""

    @property
    def is_identical(self) -> bool:
        """Whether both journals are the same to the byte, and the runs ended with the same money."""
        return self.is_same or (self.a.digest == self.b.digest and not self.units)

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """All trades of both, one to one, in order of entry."""
        return self.make_pairs()

    @property
    def is_equal(self) -> bool:
        """Whether both traded the same and ended with the same money, whatever else they asked for."""
        return self.is_same or (not self.units and self.counts.keys() <= {"equal"})

    @property
    def units(self) -> int:
        """Final equity of B less that of A, in units of 10^-16."""
        return 0 if self.is_same else self.b.worth.equity - self.a.worth.equity

    @property
    def money(self) -> Decimal:
        """Final equity of B less that of A, exact."""
        return amount(self.units)

    @cached_property
    def cause_units(self) -> dict[str, int]:
        """What each cause contributes to `money`, in units of 10^-16; causes without any are left out."""
        if self.is_same:
            return {}
        found = summed([self.run_parts, *(pair.parts for pair in self.pairs)])
        return {cause: found[cause] for cause in CAUSES if found.get(cause)}

    @property
    def causes(self) -> dict[str, Decimal]:
        """What each cause contributes to `money`, exact; causes without any are left out."""
        return {cause: amount(units) for cause, units in self.cause_units.items()}

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many pairs have each name, in the order of their precedence."""
        if self.is_same:
            return {"equal": self.a.trades} if self.a.trades else {}
        found = Counter(pair.name for pair in self.pairs)
        return {name: found[name] for name in NAMES if found[name]}

    @property
    def differing(self) -> list[Pair]:
        """The pairs that are not equal, in order of entry."""
        return [] if self.is_same else [pair for pair in self.pairs if pair.name != "equal"]

    @cached_property
    def frame(self) -> pl.DataFrame:
        """One row a pair: its name, both trades side by side, and money by cause (floats, for the eye)."""
        from eyas.reports.difference.table import frame_of

        return frame_of(self)

    def as_json(self) -> dict[str, Any]:
        """Return the difference as plain values; all money is exact text."""
        return {
            "identical": self.is_identical,
            "equal": self.is_equal,
            "money": plain(self.units),
            "causes": {cause: plain(units) for cause, units in self.cause_units.items()},
            "counts": self.counts,
            "a": side_json(self.a),
            "b": side_json(self.b),
            "changes": [one.as_json() for one in self.changes],
            "revisions": [one.as_json() for one in self.revisions],
            "pairs": [pair.as_json() for pair in self.differing],
        }

    def markdown(self) -> str:
        """Return the difference as Markdown."""
        from eyas.reports.difference.printing import markdown_of

        return markdown_of(self)

    def html(self, path: str | Path = "difference.html") -> Path:
        """Write the difference as one self-contained HTML page and return its path."""
        from eyas.reports.difference.page import write_difference

        return write_difference(self, path)

    def swapped(self) -> Difference:
        """Return the same difference seen from B: missed is extra, and all money has the other sign."""
        names = {"missed": "extra", "extra": "missed"}

        def mirrored(parts: Mapping[str, int]) -> dict[str, int]:
            return {names.get(cause, cause): -part for cause, part in parts.items()}

        return Difference(
            a=self.b,
            b=self.a,
            changes=tuple(replace(one, a=one.b, b=one.a) for one in self.changes),
            revisions=self.revisions,
            run_parts=mirrored(self.run_parts),
            make_pairs=lambda: tuple(
                Pair(names.get(pair.name, pair.name), pair.b, pair.a, mirrored(pair.parts))
                for pair in self.pairs
            ),
            is_same=self.is_same,
        )

    def __str__(self) -> str:
        from eyas.reports.difference.printing import text_of

        return text_of(self)

    def _repr_html_(self) -> str:
        from eyas.reports.notebook import difference_html

        return difference_html(self)

    def __repr__(self) -> str:
        return f"<Difference of {self.a.title} and {self.b.title}: {self.money:,.2f}>"


def side_json(side: Side) -> dict[str, Any]:
    """Return one run of the two as plain values."""
    return {
        "title": side.title,
        "source": side.source,
        "journal": side.digest,
        "trades": side.trades,
        "equity": plain(side.worth.equity),
    }


def difference(a: Report, b: Report) -> Difference:
    """Return why two runs differ: each trade of both side by side, and the money between them by its cause.

    Raises UsageError for what is no report, and for runs without a symbol in common.

    >>> import eyas
    >>> class Hold(eyas.Strategy):
    ...     def on_bar(self, bar: eyas.Bar) -> None:
    ...         if bar.index == 0:
    ...             self.buy(quantity=1)
    >>> bars = eyas.sample("AAPL", "1d")
    >>> found = difference(eyas.backtest(Hold(), bars), eyas.backtest(Hold(), bars, fee_rate="0.001"))
    >>> found.counts, found.money == found.causes["fee"]
    ({'fee': 1}, True)
    """
    for name, one in (("first", a), ("second", b)):
        if not isinstance(one, Report):
            raise UsageError(f"a difference is of two reports, but the {name} is {type(one).__name__}")
    renamed = must_share_symbols(a, b)
    told = Told(a, {}), Told(b, renamed)
    changes, revisions = changes_of(a, b)

    def pairs() -> tuple[Pair, ...]:
        matches = matched(told[0].trades, told[1].trades, max(bar_ns(a), bar_ns(b)))
        return tuple(pair_of(match) for match in matches)

    same = are_same(a, b, renamed)
    made = None if same else pairs()
    digests = [report.journal.digest for report in ((a,) if same else (a, b))]
    parts = {} if same else run_parts(told[0].worth, told[1].worth)
    return Difference(
        a=Side(a.title, digests[0], told[0].count, told[0]),
        b=Side(b.title, digests[-1], told[1].count, told[1]),
        changes=tuple(changes),
        revisions=tuple(revisions),
        run_parts=parts,
        make_pairs=pairs if made is None else lambda: made,
        is_same=same,
    )


def run_parts(a: Worth, b: Worth) -> dict[str, int]:
    """Return by cause what of the money between two runs is of no trade."""
    found = {name: getattr(b, name) - getattr(a, name) for name in ("cash", "rounding", "unexplained")}
    return {name: part for name, part in found.items() if part}


class Told:
    """Hold what a report tells of its trades, made when asked for; `renamed` are its symbols' other names."""

    def __init__(self, report: Report, renamed: Mapping[str, str]) -> None:
        self.report = report
        self.renamed = renamed

    @cached_property
    def count(self) -> int:
        """How many trades there are."""
        journal = self.report.journal
        return len(np.unique(journal.records["ticket"][journal.where("filled")]))

    @cached_property
    def own(self) -> list[Trade]:
        """The trades by the names that the report has for its symbols."""
        return trades_of(self.report)

    @property
    def trades(self) -> list[Trade]:
        """The trades, in order of entry."""
        if not self.renamed:
            return self.own
        return [replace(trade, symbol=self.renamed[trade.symbol]) for trade in self.own]

    @cached_property
    def worth(self) -> Worth:
        """The final equity, and what it is made of."""
        return worth_of(self.report, self.own)


def are_same(a: Report, b: Report, renamed: Mapping[str, str]) -> bool:
    """Tell whether two runs are the same without a look at their trades: by their journals and marks."""
    if a is b:
        return True
    if a.journal.data != b.journal.data or a.journal.price_decimals != b.journal.price_decimals:
        return False
    pricing = [report.rules.pricing(report.symbols) for report in (a, b)]
    if (a.symbols != b.symbols and not renamed) or pricing[0] != pricing[1]:
        return False
    places = held_places(a.journal)
    marks = []
    for report in (a, b):
        needed = {*(report.symbols[place] for place in places), *pricing[0].values()}
        found = last_prices(report, sorted(needed))
        if len(found) < len(needed):
            return False
        marks.append([found[symbol] for symbol in sorted(needed)])
    return marks[0] == marks[1]


def pair_of(match: Match) -> Pair:
    """Return a match with its name and its money."""
    said = named(match)
    return Pair(said.name, match.a, match.b, parts_of(match, said))


def must_share_symbols(a: Report, b: Report) -> dict[str, str]:
    """Return what B's symbol is called in A where one run does not name its own.

    Raises UsageError when the runs have no symbol in common.
    """
    common = common_symbols(a, b)
    if not common:
        listed = " and ".join(", ".join(report.symbols[:3]) for report in (a, b))
        raise UsageError(
            f"the runs have no symbol in common ({listed}), so none of their trades can be compared; "
            "to see several runs side by side use report.compare or eyas compare"
        )
    return {other: symbol for symbol, other in common if symbol != other}


def bar_ns(report: Report) -> int:
    """Return how long a step of a run usually is; 0 where it has fewer than two."""
    gaps = np.diff(report.time)
    gaps = gaps[gaps > 0]
    return int(np.median(gaps)) if len(gaps) else 0
