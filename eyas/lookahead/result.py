"""What a check found: a verdict, the first decision that changes, and everything else worth knowing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eyas.lookahead.warmup import WarmUp
from eyas.model import iso

if TYPE_CHECKING:
    from eyas.lookahead.comparing import Change

LEVELS = ("note", "warn", "unjudged", "fail")
VERDICTS = {
    "pass": "PASS  no decision changed when the future was cut off or was another",
    "warn": "WARN  no decision changed when the future was cut off; but see below",
    "unjudged": "NOT JUDGED  it cannot be told whether this looks ahead; see below",
    "fail": "FAIL  this looks ahead",
}


UNSETTLED = ";\n      but it depends on how much history is loaded"


@dataclass(frozen=True, slots=True)
class Finding:
    """Name one thing that was found; `level` is note, warn, unjudged or fail.

    `looks_ahead`: a decision or an indicator changes with the bars that follow. `knows_the_end`: it changes
    with their number alone. `refused`: eyas itself refused to go on. `outside`: it reads the future from
    something other than its bars. `extra`: an extra is stamped when its interval begins, and holds its end.
    `foresight`: it is right too often. `by_rule`: the rules fill where the decision can see. `warm_up`: an
    indicator depends on how much history was loaded. `short_data`: it raises when there are few bars.
    `not_deterministic`: two equal runs differ. `arrays`: finished arrays, of which nothing can be repeated.
    """

    name: str
    level: str
    text: str
    column: str = ""


@dataclass(frozen=True, slots=True)
class LookAhead:
    """Say whether a strategy looks ahead, and where it first does.

    `verdict` is pass, warn, unjudged or fail, and `settles` whether enough history makes any more of it
    irrelevant; `change` is the first decision that changes, None where none did; `findings` all that was
    found, the worst first; `warm_up` how indicators depend on the history before them.
    """

    strategy: str
    findings: tuple[Finding, ...]
    change: Change | None
    cuts: tuple[int, ...]
    """Steps (bars) after which the data were cut."""
    changed_futures: tuple[int, ...]
    """Steps after which the data went on differently."""
    steps: int
    decisions: int
    columns: tuple[str, ...]
    runs: int
    seed: int
    warm_up: WarmUp | None
    first_time: int
    last_time: int

    @property
    def verdict(self) -> str:
        """The verdict in a word: pass, warn, unjudged or fail; `settles` is another question."""
        judged = (one.level for one in self.findings if one.name != "warm_up")
        worst = max(map(LEVELS.index, judged), default=0)
        return LEVELS[worst] if worst else "pass"

    @property
    def settles(self) -> bool:
        """Whether nothing was found to depend on how much history was loaded."""
        return not self.named("warm_up")

    @property
    def passed(self) -> bool:
        """Whether nothing was found but notes."""
        return self.verdict == "pass"

    @property
    def looks_ahead(self) -> bool:
        """Whether it was found to look ahead."""
        return self.verdict == "fail"

    def named(self, name: str) -> tuple[Finding, ...]:
        """Return the findings of a name."""
        return tuple(one for one in self.findings if one.name == name)

    def __str__(self) -> str:
        more = "" if self.settles or self.verdict != "pass" else UNSETTLED
        lines = [f"{self.strategy}: {VERDICTS[self.verdict]}{more}", ""]
        if self.change:
            lines += [str(self.change), ""]
        for one in self.findings:
            lines += [f"{one.level.capitalize()}: {one.text}"]
        lines += [""] if self.findings else []
        lines += [f"{label:<12}{text}" for label, text in self.rows()]
        if self.warm_up and self.warm_up.columns:
            lines += ["", str(self.warm_up)]
        return "\n".join(lines)

    def rows(self) -> list[tuple[str, str]]:
        """Return what was compared, as labels and texts."""
        clock = f"{self.steps:,}, {iso(self.first_time)} to {iso(self.last_time)}"
        return [
            ("Bars", clock),
            ("Decisions", f"{self.decisions:,}"),
            ("Cuts", f"{len(self.cuts)}{': after bar ' + listed(self.cuts) if self.cuts else ''}"),
            ("Changed", f"{len(self.changed_futures)} other futures"),
            ("Columns", ", ".join(self.columns) or "none of use(...)"),
            ("Runs", f"{self.runs}, seed {self.seed}"),
        ]

    def as_json(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            "strategy": self.strategy,
            "verdict": self.verdict,
            "settles": self.settles,
            "change": self.change and self.change.as_json(),
            "findings": [
                {"name": one.name, "level": one.level, "text": one.text, "column": one.column or None}
                for one in self.findings
            ],
            "bars": self.steps,
            "first": iso(self.first_time),
            "last": iso(self.last_time),
            "decisions": self.decisions,
            "columns": list(self.columns),
            "cuts": list(self.cuts),
            "changed_futures": list(self.changed_futures),
            "runs": self.runs,
            "seed": self.seed,
            "warm_up": self.warm_up and self.warm_up.as_json(),
        }


def listed(steps: tuple[int, ...]) -> str:
    """Return steps as text, no longer than a line."""
    some = ", ".join(f"{step:,}" for step in steps[:12])
    return f"{some} and {len(steps) - 12:,} more" if len(steps) > 12 else some
