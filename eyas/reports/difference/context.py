"""What was not the same before the first trade: data, code, parameters, rules, money, versions."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.model import iso
from eyas.reports.difference.revision import Revision, revision_of
from eyas.reports.difference.trades import bars_of

if TYPE_CHECKING:
    from eyas.reports.report import Report

ABSENT = "–"
LINES_MAX = 20_000  # of one module, above which a diff would take longer than it helps
# In the order in which they are said: the first is the likeliest to be why trades differ.
KINDS = {
    "data": "Data revised",
    "code": "Code changed",
    "strategy": "Another strategy",
    "parameter": "Parameters",
    "rule": "Rules and costs",
    "cash": "Opening cash",
    "symbols": "Symbols",
    "clock": "Clock",
    "seed": "Random seed",
    "engine": "Engine",
    "version": "Versions",
}


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that was not the same: its kind, its name, and what it was in each run ("–" for nothing).

    `detail` are lines that say more: of code the unified diff, of data the first bars that were revised.
    """

    kind: str
    name: str
    a: str
    b: str
    detail: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """Say it in a line."""
        if self.kind in ("data", "code"):
            return self.a if self.a == self.b else f"{self.name}: {self.a} → {self.b}"
        return f"{self.name} {self.a} → {self.b}" if self.name else f"{self.a} → {self.b}"

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {"kind": self.kind, "name": self.name, "a": self.a, "b": self.b, "detail": list(self.detail)}


def changes_of(a: Report, b: Report) -> tuple[list[Change], list[Revision]]:
    """Return what was not the same before the first trade, and how the bars differ by symbol."""
    revisions = revisions_of(a, b)
    found = [
        *(data_change(one) for one in revisions),
        *beside_changes(a, b),
        *code_changes(a, b),
        *signal_changes(a, b),
        *plain_changes("strategy", {"": a.strategy}, {"": b.strategy}),
        *plain_changes("parameter", texts(a.parameters), texts(b.parameters)),
        *plain_changes("rule", rules_of(a), rules_of(b)),
        *plain_changes("cash", {"": a.cash}, {"": b.cash}),
        *plain_changes("symbols", {"": symbols_of(a)}, {"": symbols_of(b)}),
        *plain_changes("clock", {"": a.clock}, {"": b.clock}),
        *plain_changes("seed", {"": str(a.seed)}, {"": str(b.seed)}),
        *origin_changes(a, b),
    ]
    return found, revisions


def revisions_of(a: Report, b: Report) -> list[Revision]:
    """Return how the bars differ, of each symbol that both runs have."""
    found = (revision_between(a, b, symbol, other) for symbol, other in common_symbols(a, b))
    return [one for one in found if one]


def revision_between(a: Report, b: Report, symbol: str, other: str) -> Revision | None:
    """Return how the bars of a symbol differ; bars are read only where their hashes do not say enough."""
    verdicts = a.quality.get(symbol), b.quality.get(other)
    hashes = {one.hash for one in verdicts if one}
    if None not in verdicts and len(hashes) == 1 and len(a.time) == len(b.time):
        return None
    ours, theirs = bars_of(a, symbol), bars_of(b, other)
    if ours is theirs is not None:
        return None
    if ours is None or theirs is None:
        return Revision(symbol, compared=False) if len(hashes) > 1 else None
    return revision_of(symbol, ours, theirs)


def common_symbols(a: Report, b: Report) -> list[tuple[str, str]]:
    """Return the symbols that both runs have, as each calls them; one without a name is the other's."""
    if len(a.symbols) == len(b.symbols) == 1 and "" in (*a.symbols, *b.symbols):
        return [(a.symbols[0], b.symbols[0])]
    return [(symbol, symbol) for symbol in a.symbols if symbol in b.instruments]


def data_change(revision: Revision) -> Change:
    """Return how the bars of a symbol were revised."""
    said = revision.sentence
    detail = [f"{iso(one.time_ns)} {one.column}: {one.a!r} → {one.b!r}" for one in revision.first]
    return Change("data", revision.symbol, said, said, tuple(detail))


def beside_changes(a: Report, b: Report) -> list[Change]:
    """Return which finer bars and extras were other ones."""
    found = []
    for what in ("finer", "extra"):
        sides = [
            {
                name: f"{one.rows:,} rows, SHA-256 {one.hash[:12]}"
                for name, one in getattr(report, what).items()
            }
            for report in (a, b)
        ]
        named = [{f"{what} {name}".strip(): text for name, text in side.items()} for side in sides]
        found.extend(plain_changes("data", *named))
    return found


def code_changes(a: Report, b: Report) -> list[Change]:
    """Return the modules whose text is not the same, with their lines, where both runs know theirs."""
    if a.origin is None or b.origin is None or a.origin.digest == b.origin.digest:
        return []
    ours, theirs = ({one.module: one.text for one in origin.sources} for origin in (a.origin, b.origin))
    if not ours or not theirs:
        return []
    return [
        code_change(name, ours.get(name, ""), theirs.get(name, ""))
        for name in dict.fromkeys((*ours, *theirs))
        if ours.get(name) != theirs.get(name)
    ]


def code_change(name: str, before: str, after: str) -> Change:
    """Return how the text of a module was changed, as a unified diff."""
    old, new = before.splitlines(), after.splitlines()
    if max(len(old), len(new)) > LINES_MAX:
        said = f"{name} was changed (too long to say where: {max(len(old), len(new)):,} lines)"
        return Change("code", name, said, said)
    lines = tuple(difflib.unified_diff(old, new, f"A: {name}", f"B: {name}", lineterm="", n=2))
    added, removed = (sum(line.startswith(sign) for line in lines[2:]) for sign in "+-")
    said = f"{name}: {removed:,} {'line' if removed == 1 else 'lines'} only in A, {added:,} only in B"
    return Change("code", name, said, said, lines)


def signal_changes(a: Report, b: Report) -> list[Change]:
    """Return which arrays of Signals are other ones, where both runs were of Signals."""
    ours, theirs = (one.origin.signals if one.origin else None for one in (a, b))
    if ours is None or theirs is None:
        return []
    found = []
    for name in (one.name for one in fields(ours) if one.name != "name"):
        count = unlike(getattr(ours, name), getattr(theirs, name))
        if count:
            said = f"signals, {name}: {count:,} {'value is' if count == 1 else 'values are'} not the same"
            found.append(Change("code", name, said, said))
    return found


def unlike(a: Any, b: Any) -> int:
    """Return how many values of two arguments of Signals differ; of symbols or lengths that differ, all."""
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return sum(unlike(a.get(name), b.get(name)) for name in {*a, *b})
    if a is None or b is None or isinstance(a, Mapping) or isinstance(b, Mapping):
        return 0 if a is b else 1
    one, other = (np.asarray(given, dtype=np.float64) for given in (a, b))
    if one.shape != other.shape and one.ndim == other.ndim:
        return max(one.size, other.size)
    return int(np.count_nonzero((one != other) & ~(np.isnan(one) & np.isnan(other))))


def origin_changes(a: Report, b: Report) -> list[Change]:
    """Return whether engine, versions and platform were other ones, where both runs know theirs."""
    if a.origin is None or b.origin is None:
        return []
    return [
        *plain_changes("engine", {"": a.origin.engine}, {"": b.origin.engine}),
        *plain_changes("version", a.origin.versions, b.origin.versions),
    ]


def plain_changes(kind: str, a: Mapping[str, str], b: Mapping[str, str]) -> list[Change]:
    """Return what two tables of texts differ in, in the order of the tables."""
    return [
        Change(kind, name, a.get(name, ABSENT), b.get(name, ABSENT))
        for name in dict.fromkeys((*a, *b))
        if a.get(name) != b.get(name)
    ]


def texts(values: Mapping[str, Any]) -> dict[str, str]:
    """Return values as texts."""
    return {name: str(value) for name, value in values.items()}


def rules_of(report: Report) -> dict[str, str]:
    """Return every rule of a run, those of single symbols too."""
    return {**dict(report.rules.texts()), **dict(report.rules.differences())}


def symbols_of(report: Report) -> str:
    """Return the symbols of a run in a line."""
    return ", ".join(symbol for symbol in report.symbols if symbol) or ABSENT
