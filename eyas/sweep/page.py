"""Write one sweep as one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from eyas.errors import UsageError
from eyas.model import iso
from eyas.reports.html import inlined, json_of, template_of, write_whole
from eyas.reports.page import ASSETS as SHARED
from eyas.sweep.defined import definitions
from eyas.sweep.figures import DONE, FAILED, FIGURES, REFUSED
from eyas.sweep.page_again import command_of, python_of
from eyas.sweep.page_data import NOBODY, SHOWN, Coded, chosen_rows, column, drawn_by_lot, maps, trials_data
from eyas.sweep.page_equity import Equity, best_equity
from eyas.sweep.page_verdict import Verdict, verdict_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.sweep.result import Sweep

ASSETS = Path(__file__).parent / "assets"
STYLES = (SHARED / "style.css", SHARED / "sections.css", ASSETS / "sweep.css")
# One script, in this order: the later ones use the names of the earlier ones.
SCRIPTS = (
    *(SHARED / f"{name}.js" for name in ("format", "order", "palette", "theme")),
    *(ASSETS / f"{name}.js" for name in ("study", "measures", "scale", "plot", "cells", "map", "points")),
    *(
        ASSETS / f"{name}.js"
        for name in (
            *("panel", "spread", "front", "parallel", "filter", "trials", "chosen", "defined", "sweep"),
        )
    ),
)


class Aimed(NamedTuple):
    """Hold one more objective: its title, its value in each row, and whether larger is better."""

    title: str
    values: NDArray[np.float64]
    rises: bool


@dataclass(frozen=True, eq=False, slots=True)
class SweepPage:
    """Hold what the page of one sweep shows.

    `rows` are of TRIAL_DTYPE; `numbers`, `scores` (larger is better; NaN: may not be best) and each of `axes`
    have one value a row, and so have `values`, those of an objective that is no figure; `rises` is false
    where less of it is better. Of several objectives `others` are those after the first, and `front` the rows
    on the Pareto front. `best` is a row, or None, and `equity` shows how it went. `reasons` say why a trial
    was refused or failed, by its number. `python` and `command` run one trial again: `{parameters}`,
    `{settings}` and `{number}` in them stand for what a person chooses. `total` is how many trials were asked
    for.
    """

    title: str
    objective: str
    axes: Mapping[str, Sequence[Any]]
    rows: NDArray[np.void]
    numbers: NDArray[np.int64]
    scores: NDArray[np.float64]
    best: int | None
    values: NDArray[np.float64] | None = None
    rises: bool = True
    others: Sequence[Aimed] = ()
    front: NDArray[np.int64] = field(default_factory=lambda: NOBODY)
    equity: Equity | None = None
    subtitle: Sequence[str] = ()
    total: int | None = None
    reasons: Mapping[int, str] = field(default_factory=dict)
    remarks: Sequence[str] = ()
    verdict: Verdict | None = None
    settings: Sequence[tuple[str, str]] = ()
    python: str = "sweep.rerun({number})"
    command: str = ""

    def count(self, status: int) -> int:
        """Return how many trials came to that state."""
        return int(np.count_nonzero(self.rows["status"] == status))


def page_of(sweep: Sweep, command: str = "") -> SweepPage:
    """Return the page of a sweep; `command` is what was typed in a terminal, but for what each trial has."""
    ranked = sweep.ranked
    best = int(ranked[0]) if len(ranked) else None
    verdict = None
    if best is not None:
        statistics = sweep.statistics
        centre = statistics.plateau.centre if statistics.plateau else None
        verdict = verdict_of(statistics, float(sweep.rows["sharpe"][best]), centre)
    title = sweep.aim.objectives[0].title
    return SweepPage(
        title=sweep.title,
        objective=title,
        axes=sweep.columns(),
        rows=sweep.rows,
        numbers=sweep.numbers,
        scores=sweep.scores,
        values=None if title in SHOWN else sweep.values[:, 0],
        rises=sweep.aim.objectives[0].direction == "maximize",
        best=best,
        others=[
            Aimed(one.title, sweep.values[:, place], one.direction == "maximize")
            for place, one in enumerate(sweep.aim.objectives)
            if place
        ],
        front=sweep.front_places if len(sweep.aim.objectives) > 1 else NOBODY,
        equity=best_equity(sweep),
        subtitle=[
            f"{day(sweep.time.min())} to {day(sweep.time.max())} UTC",
            f"{len(sweep.time):,} {'steps' if sweep.trials.market.is_portfolio else 'bars'}",
            f"{sweep.objective} ({sweep.search})",
            f"engine {sweep.engine}",
            f"{sweep.seconds:,.1f} s",
        ],
        total=sweep.total,
        reasons=sweep.reasons,
        remarks=remarks_of(sweep),
        verdict=verdict,
        settings=[(label.replace("_", " "), text) for label, text in sweep.settings()],
        python=python_of(sweep),
        command=command_of(sweep, command) if command else "",
    )


def remarks_of(sweep: Sweep) -> list[str]:
    """Return the sentences that stand at the top of a sweep's page."""
    found = sweep.remarks
    if sweep.interrupted:
        found.append("This sweep was stopped before its end: the verdict is over what had been done by then.")
    if len(sweep.aim.objectives) > 1:
        found.append(
            f"Several objectives ({sweep.objective}): the page ranks by the first; "
            f"{len(sweep.front_places):,} trials lie on the front, where no other is at least as good in all "
            "and better in one."
        )
    if sweep.engine_reason and sweep.engine == "python":
        found.append(f"Engine {sweep.engine}: {sweep.engine_reason}".removesuffix(".") + ".")
    if not len(sweep.ranked):
        found.append(f"No trial may be the best: {sweep.why_nothing()}.")
    return found


def day(time_ns: np.int64) -> str:
    """Return a time to the minute."""
    return iso(time_ns).removesuffix("Z").removesuffix(":00").removesuffix("T00:00").replace("T", " ")


def write_page(page: SweepPage, path: Path) -> Path:
    """Write a page to a file, whole or not at all, and return its path.

    Raises UsageError when the folder is missing or cannot be written to.
    """
    return write_whole(render_page(page), path)


def render_page(page: SweepPage) -> str:
    """Return a page as HTML text.

    Raises UsageError when its columns do not belong together.
    """
    check(page)
    kept = chosen_rows(page.scores, page.front)
    remarks = list(page.remarks)
    if len(kept) < len(page.rows):
        remarks.append(
            f"This page holds {len(kept):,} of {len(page.rows):,} trials: the best, and others drawn by lot; "
            "sweep.frame() has them all. The verdict is over all of them."
        )
    return template_of(ASSETS / "sweep.html.jinja").render(
        page=page,
        counts=counts(page),
        remarks=remarks,
        has_trials=bool(len(page.rows)),
        data=json_of(data_of(page, kept)),
        **_inlined(),
    )


def data_of(page: SweepPage, kept: NDArray[np.int64]) -> dict[str, Any]:
    """Return what the scripts of the page read: the kept trials, and what is marked among them."""
    verdict = page.verdict
    held = set(page.numbers[kept].tolist())
    axes = {name: Coded.of(values) for name, values in page.axes.items()}
    own = {name: coded.at(kept) for name, coded in axes.items()}
    return {
        **trials_data(page.rows[kept], page.numbers[kept], page.scores[kept], own),
        "maps": maps(axes, shown(page), page.scores, kept) if len(kept) < len(page.rows) else [],
        "lot": drawn_by_lot(page.scores, page.front),
        "objective": page.objective,
        "rises": page.rises,
        "values": None if page.values is None else column(page.values[kept], "f8"),
        "others": [
            {
                "title": one.title,
                "rises": one.rises,
                "values": None if one.title in SHOWN else column(one.values[kept], "f8"),
            }
            for one in page.others
        ],
        "front": [at for row in page.front.tolist() if (at := place(row, kept)) is not None],
        "best": place(page.best, kept),
        "plateau": place(verdict.plateau, kept) if verdict else None,
        "luck_sharpe": finite(verdict.luck_sharpe) if verdict else None,
        "reasons": {str(number): text for number, text in page.reasons.items() if number in held},
        "python": page.python,
        "command": page.command,
        "definitions": definitions(SHOWN),
    }


def shown(page: SweepPage) -> NDArray[np.float64]:
    """Return the objective of each trial as the page shows it."""
    if page.objective in FIGURES:
        return np.ascontiguousarray(page.rows[page.objective], dtype=np.float64)
    return page.scores if page.values is None else page.values


def place(row: int | None, kept: NDArray[np.int64]) -> int | None:
    """Return where a row stands among those that are kept, or None."""
    if row is None:
        return None
    at = int(np.searchsorted(kept, row))
    return at if at < len(kept) and kept[at] == row else None


def finite(value: float | None) -> float | None:
    """Return a number that JSON knows, or None."""
    return float(value) if value is not None and np.isfinite(value) else None


def counts(page: SweepPage) -> str:
    """Return how many trials came to what, in words.

    >>> rows = np.zeros(3, [("status", "u1")])
    >>> counts(SweepPage("", "sharpe", {}, rows, np.arange(3), np.zeros(3), best=0, total=5))
    '3 of 5 trials'
    """
    total = len(page.rows) if page.total is None else page.total
    done = f"{len(page.rows):,}" if len(page.rows) == total else f"{len(page.rows):,} of {total:,}"
    parts = [f"{done} trial{'' if total == 1 else 's'}"]
    for status, word in ((REFUSED, "refused"), (FAILED, "failed")):
        if page.count(status):
            parts.append(f"{page.count(status):,} {word}")
    unscored = int(np.count_nonzero(np.isnan(page.scores) & (page.rows["status"] == DONE)))
    if unscored:
        parts.append(f"{unscored:,} may not be best")
    return ", ".join(parts)


def check(page: SweepPage) -> None:
    """Raise UsageError when the columns of a page do not belong together."""
    count = len(page.rows)
    columns = {"numbers": page.numbers, "scores": page.scores, **page.axes}
    for name, values in columns.items():
        if len(values) != count:
            raise UsageError(
                f"{name} has {len(values):,} values for {count:,} trials; give one value a trial"
            )
    missing = [name for name in FIGURES if name not in (page.rows.dtype.names or ())]
    if missing:
        raise UsageError(f"rows lack the figure {missing[0]}; give rows of TRIAL_DTYPE")
    if page.best is not None and not 0 <= page.best < count:
        raise UsageError(f"best is row {page.best}, but there are {count:,} rows")


@lru_cache(maxsize=1)
def _inlined() -> dict[str, Any]:
    """Return our own style and scripts."""
    return inlined(STYLES, {"early": (SHARED / "early.js",), "script": SCRIPTS})
