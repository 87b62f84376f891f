"""What a sweep came to: its trials as a table, the best of them, and what tells skill from luck."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Never

import numpy as np

from eyas.errors import StrategyError, UsageError
from eyas.model import iso
from eyas.sweep.costs import FREE, is_free
from eyas.sweep.figures import DONE, FAILED, FIGURES, REFUSED
from eyas.sweep.printing import printed, why_nothing
from eyas.sweep.ranking import front_of

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from eyas.reports import Report
    from eyas.reports.text import Columns
    from eyas.research import StudyStatistics
    from eyas.sweep.objective import Aim
    from eyas.sweep.space import Space
    from eyas.sweep.table import Table
    from eyas.sweep.trials import Trials

STATES = {DONE: "done", REFUSED: "refused", FAILED: "failed"}


@dataclass(frozen=True, slots=True, repr=False)
class Trial:
    """Hold one trial: its number, parameters, figures by name and values of the objectives."""

    number: int
    parameters: dict[str, Any]
    figures: dict[str, float]
    values: tuple[float, ...]
    status: str
    digest: str

    @property
    def value(self) -> float:
        """Value of the (first) objective."""
        return self.values[0]

    def __getitem__(self, name: str) -> Any:
        """Return a parameter or a figure by its name; raises KeyError for what is neither."""
        found = {**self.figures, **self.parameters}
        if name not in found:
            near = get_close_matches(str(name), found, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(found)}"
            raise KeyError(f"a trial has no {name}; {hint}")
        return found[name]

    def __str__(self) -> str:
        said = ", ".join(f"{name}={value}" for name, value in self.parameters.items())
        return f"trial {self.number:,}: {said}"

    def __repr__(self) -> str:
        return f"<Trial {str(self).removeprefix('trial ')}; {', '.join(f'{one:.6g}' for one in self.values)}>"


@dataclass(frozen=True, slots=True)
class Course:
    """Say how a sweep went: how many trials it ran now and took from the store, how long, whether to its end.

    `total` is how many trials there are, None where nobody knows; `notes` are sentences for a reader.
    """

    search: str
    seed: int
    workers: int
    where: str
    total: int | None
    ran: int
    resumed: int
    seconds: float
    interrupted: bool
    store: str = ""
    top: int = 10
    notes: tuple[str, ...] = ()


class Sweep:
    """Show what a sweep found; it prints as a table of the best trials, and how far to trust them.

    `rows` has one row a trial in order of their numbers (TRIAL_DTYPE: figures, digest, status, what
    statistics need), `numbers` the number of each: its place among the combinations that were asked for.
    `values` are the objectives as they are (trials × objectives); `scores` that of the first, so that larger
    is better, NaN for a trial that may not be best: refused, failed, a constraint broken, nothing to say.
    """

    def __init__(self, trials: Trials, space: Space, aim: Aim, table: Table, course: Course) -> None:
        self.trials = trials
        self.space = space
        self.aim = aim
        self.course = course
        self._table = table
        found = table.finished()
        self.numbers: NDArray[np.int64] = found["record"]["number"]
        self.codes: NDArray[np.float64] = found["record"]["codes"]
        self.rows: NDArray[np.void] = found["record"]["trial"]
        self.values: NDArray[np.float64] = found["scores"]
        self.broken: NDArray[np.bool_] = found["broken"]

    # What it was.

    @property
    def strategy(self) -> str:
        """Name of the strategy."""
        return type(self.trials.strategy).__name__

    @property
    def title(self) -> str:
        """What was swept over what."""
        market = self.trials.market
        if market.is_portfolio:
            few = len(market.symbols) <= 3
            return (
                f"{self.strategy} on {', '.join(market.symbols) if few else f'{len(market.symbols)} symbols'}"
            )
        bars = market.bars[0]
        file = Path(bars.source)
        name = bars.symbol or (file.name if file.suffix else "")
        where = " ".join(part for part in (name, bars.timeframe) if part)
        return f"{self.strategy} on {where}" if where else self.strategy

    @property
    def time(self) -> NDArray[np.int64]:
        """Time of each step of the runs, in nanoseconds UTC."""
        return self.trials.market.time

    @property
    def engine(self) -> str:
        """Which of the three ways the trials ran: python, arrays or compiled."""
        return self.trials.engine

    @property
    def engine_reason(self) -> str:
        """Why they ran so; "" where it was asked for."""
        return self.trials.engine_reason

    @property
    def search(self) -> str:
        """How it was searched: grid, random, tpe, cmaes or nsga3."""
        return self.course.search

    @property
    def seconds(self) -> float:
        """How long it took, this time."""
        return self.course.seconds

    @property
    def interrupted(self) -> bool:
        """Whether it was stopped before its end."""
        return self.course.interrupted

    @property
    def total(self) -> int | None:
        """How many trials there are in all, None where nobody knows."""
        return self.course.total

    @property
    def objective(self) -> str:
        """What was looked for, in words."""
        return self.aim.title

    @property
    def fixed(self) -> dict[str, Any]:
        """Parameters that every trial has."""
        own = self.trials.strategy.parameters
        return {
            name: value for name, value in {**own, **self.space.fixed}.items() if name not in self.space.axes
        }

    def settings(self) -> list[tuple[str, str]]:
        """Return what decided the study, as labels and texts."""
        trials, course = self.trials, self.course
        random = [("seed", str(course.seed))] if course.search != "grid" else []
        return [
            *((name, str(axis)) for name, axis in self.space.axes.items()),
            *((name, str(value)) for name, value in self.fixed.items()),
            ("search", course.search),
            *random,
            *trials.rules.differences(),
            ("cash", trials.cash),
            ("from", iso(int(self.time.min()))),
            ("to", iso(int(self.time.max()))),
            ("engine", self.engine),
            ("workers", course.where),
            *([("store", course.store)] if course.store else []),
        ]

    # What it found.

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def may_be_best(self) -> NDArray[np.bool_]:
        """Which trials ran to their end, broke no constraint and have a number for every objective."""
        found: NDArray[np.bool_] = (
            (self.rows["status"] == DONE) & ~self.broken & ~np.isnan(self.values).any(axis=1)
        )
        return found

    @cached_property
    def scores(self) -> NDArray[np.float64]:
        """The (first) objective of each trial so that larger is better, NaN for what may not be best."""
        return np.where(self.may_be_best, self.values[:, 0] * self.aim.signs[0], np.nan)

    @cached_property
    def ranked(self) -> NDArray[np.int64]:
        """Places of the trials that may be best, best first; of several objectives the front first."""
        places = np.flatnonzero(self.may_be_best)
        order = places[np.argsort(-self.scores[places], kind="stable")]
        if len(self.aim.objectives) == 1:
            return order
        ahead = front_of(self.values[order] * self.aim.signs)
        return np.concatenate([order[ahead], order[~ahead]])

    @property
    def best(self) -> Trial | None:
        """The best trial, None for none; of several objectives, the best by the first on the front."""
        return self._trial(int(self.ranked[0])) if len(self.ranked) else None

    @property
    def front(self) -> list[Trial]:
        """Trials that no other is at least as good as in every objective and better in one."""
        return [self._trial(place) for place in self.front_places.tolist()]

    @cached_property
    def front_places(self) -> NDArray[np.int64]:
        """Places of the trials on the front, best by the first objective first."""
        places = np.flatnonzero(self.may_be_best)
        places = places[front_of(self.values[places] * self.aim.signs)]
        return places[np.argsort(-self.scores[places], kind="stable")]

    @property
    def refused(self) -> dict[int, str]:
        """Why the strategy refused parameters, by the number of the trial."""
        return self._sentences(REFUSED)

    @property
    def failed(self) -> dict[int, str]:
        """How trials failed, by number."""
        return self._sentences(FAILED)

    @property
    def reasons(self) -> dict[int, str]:
        """Why trials came to nothing, by number: those refused and those failed."""
        return dict(sorted(self._table.messages.items()))

    @property
    def remarks(self) -> list[str]:
        """What a reader should know, in sentences; that nothing was paid for trading is one."""
        traded = bool((self.rows["trades"] > 0).any())
        return [*self.course.notes, *([FREE] if traded and is_free(self.trials.rules) else [])]

    def counts(self) -> dict[str, int]:
        """Return how many trials are done, refused, failed, and of those done: constrained and NaN."""
        status = self.rows["status"]
        done = status == DONE
        nothing = done & ~self.broken & np.isnan(self.values).any(axis=1)
        return {
            "done": int(done.sum()),
            "refused": int((status == REFUSED).sum()),
            "failed": int((status == FAILED).sum()),
            "constrained": int((done & self.broken).sum()),
            "nan": int(nothing.sum()),
        }

    def trial(self, number: int) -> Trial:
        """Return a trial by its number; raises UsageError where there is none."""
        return self._trial(self._place(number))

    def parameters(self, number: int) -> dict[str, Any]:
        """Return the parameters of a trial: those that were searched, and those that were set."""
        return self.space.parameters_of(self.codes[self._place(number)])

    def columns(self) -> dict[str, list[Any]]:
        """Return each parameter that was searched, with its value in every trial."""
        return {name: self.space.column(name, self.codes) for name in self.space.axes}

    def frame(self) -> pl.DataFrame:
        """Return all trials as a Polars frame: number, parameters, figures, digest, status and why."""
        import polars as pl

        taken = {"trial", "status", "reason", "digest", "constraints_kept", *FIGURES}
        columns: dict[str, Any] = {"trial": self.numbers}
        for name, values in self.columns().items():
            columns[f"{name}_value" if name in taken else name] = values
        for place, one in enumerate(self.aim.objectives):
            if one.title not in FIGURES:
                columns[one.title] = self.values[:, place]
        columns |= {name: np.ascontiguousarray(self.rows[name]) for name in FIGURES}
        columns["constraints_kept"] = ~self.broken
        columns["status"] = [STATES[code] for code in self.rows["status"].tolist()]
        columns["reason"] = pl.Series(
            [self._table.messages.get(number) for number in self.numbers.tolist()], dtype=pl.String
        )
        columns["digest"] = [bytes(digest).hex() for digest in self.rows["digest"].tolist()]
        return pl.DataFrame(columns)

    def rerun(self, number: int) -> Report:
        """Run a trial again and return its report; its journal has the digest of its row.

        Raises UsageError for a trial that there is not, what the trial raised if it came to nothing, and
        StrategyError when the strategy did something else this time.
        """
        place = self._place(number)
        report = self.trials.report(self.parameters(number))
        row = self.rows[place]
        digest = bytes(row["digest"]).hex()
        if int(row["status"]) != DONE or report.journal.digest != digest:
            raise StrategyError(self._what_differs(number, place, report), bar_index=None, report=report)
        return report

    @cached_property
    def statistics(self) -> StudyStatistics:
        """What tells skill from luck, of all trials: deflated Sharpe ratio, overfitting, verdict."""
        from eyas.research import study_statistics
        from eyas.research.evidence import held

        if not len(self.ranked):
            raise UsageError(f"there is nothing to judge: {self.why_nothing()}")
        return study_statistics(
            self.rows,
            objective=self.scores,
            parameters=self.columns(),
            best=int(self.ranked[0]),
            market=held(self.trials.market.bars),
        )

    def html(self, path: str | Path = "sweep.html") -> Path:
        """Write the study as one self-contained HTML page and return its path.

        The best trial is run once more, for its equity.
        """
        from eyas.sweep.page import page_of, write_page

        return write_page(page_of(self), Path(path))

    def markdown(
        self, path: str | Path | None = None, *, columns: Columns | None = None, rows_max: int | None = 50
    ) -> str:
        """Return the study as Markdown, and write it to `path` where one is given.

        `columns` are names of the frame's, `Column`s and `...`, as in docs/text.md; `rows_max` is how many of
        the trials are shown, best first (None: all).
        """
        from eyas.reports.text import sweep_markdown

        return sweep_markdown(self, path, columns=columns, rows_max=rows_max)

    def json_lines(self, path: str | Path, *, columns: Columns | None = None, append: bool = False) -> Path:
        """Write all trials as JSON Lines, best first, and return the path."""
        from eyas.reports.text import write_sweep_lines

        return write_sweep_lines(self, path, columns=columns, append=append)

    def __reduce__(self) -> Never:
        raise UsageError(
            "a Sweep cannot be pickled: keep its trials with store='study.sweep' and sweep again, or take "
            "its frame()"
        )

    def __str__(self) -> str:
        return printed(self)

    def __repr__(self) -> str:
        return f"<Sweep {self.title}: {len(self):,} trials, {self.objective}>"

    def _repr_html_(self) -> str:
        from eyas.reports.notebook import sweep_html

        return sweep_html(self)

    # How.

    def _place(self, number: int) -> int:
        """Return the place of a trial among the rows."""
        place = int(np.searchsorted(self.numbers, number))
        if place >= len(self.numbers) or self.numbers[place] != number:
            last = f"0 to {int(self.numbers[-1]):,}" if len(self.numbers) else "none"
            raise UsageError(f"there is no trial {number}; the trials are {last}")
        return place

    def _trial(self, place: int) -> Trial:
        row = self.rows[place]
        return Trial(
            number=int(self.numbers[place]),
            parameters=self.space.parameters_of(self.codes[place]),
            figures={name: float(row[name]) for name in FIGURES},
            values=tuple(self.values[place].tolist()),
            status=STATES[int(row["status"])],
            digest=bytes(row["digest"]).hex(),
        )

    def _sentences(self, status: int) -> dict[int, str]:
        numbers = self.numbers[self.rows["status"] == status].tolist()
        return {number: self._table.messages.get(number, "") for number in numbers}

    @property
    def untold(self) -> int:
        """How many sentences on trials that came to nothing were not kept: there were too many."""
        return self._table.untold

    def why_nothing(self) -> str:
        """Return why no trial can be the best, where none can."""
        return why_nothing(self)

    def _what_differs(self, number: int, place: int, report: Report) -> str:
        row = self.rows[place]
        before = f"equity {row['equity_final']:,.2f} after {row['trades']:.0f} trades"
        now = f"equity {report.summary.equity_final:,.2f} after {report.summary.trades:,} trades"
        if int(row["status"]) != DONE:
            before = f"{STATES[int(row['status'])]}: {self._table.messages.get(number, 'no reason was kept')}"
        return (
            f"{self._trial(place)} went another way than in the sweep: then {before} (journal "
            f"{bytes(row['digest']).hex()[:12]}), now {now} (journal {report.journal.digest[:12]}). A "
            "strategy must do the same with the same bars: does it use random numbers, the time of day, a "
            "file, or what an earlier run left behind?"
        )
