"""Search on the past, trade what follows, move on: what a search would have brought as time went on."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from eyas.backtest import own_copy
from eyas.errors import StrategyError, UsageError
from eyas.presets import rules_of
from eyas.research.evidence import held
from eyas.research.late import Markets, cash_at_the_end, engine_of_one, judged, run_late, with_parameters
from eyas.research.measures import Asked, Objective, after, figures_of
from eyas.research.searching import Words
from eyas.research.searching import search as search_bars
from eyas.research.stitched import Stage, WalkForward
from eyas.research.windows import Length, Window, span_of, windows_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from eyas.reports import Report
    from eyas.strategy import Strategy

# What a run of one set of parameters takes of what a search takes.
OF_A_RUN = ("extra", "clock", "quality")


def walk_forward(  # noqa: PLR0913 - each is a word of its own, and most are left out
    strategy: Strategy | type[Strategy],
    bars: Any,
    *,
    train: Length,
    test: Length,
    step: Length | None = None,
    gap: Length = 0,
    anchored: bool = False,
    warmup: Length | None = None,
    objective: Asked = "sharpe",
    store: str | Path | None = None,
    cash: Any = 10_000,
    rules: Any = None,
    finer: Any = None,
    extra: Mapping[str, Any] | None = None,
    clock: Literal["merged", "sequential"] = "merged",
    quality: Any = None,
    progress: Callable[[int, int], object] | None = None,
    **words: Any,
) -> WalkForward:
    """Search each stretch of `train` bars, trade its best on the `test` bars after it, and stitch those.

    Lengths are numbers of bars, or spans of time such as "180d". Windows move on by `step` (that of `test`);
    with `anchored` each search begins with the first bar. `gap` bars between the two are not used. The test
    runs see the `warmup` bars before them (the whole of `train`, and the gap, where nothing is said), so that
    indicators are warm, but decide from their first bar on, and never see a later bar. Each starts with the
    exact cash that the one before ended with, everything closed at its last bar. `store` is a folder that
    keeps each search, so that a study that was stopped goes on; Ctrl-C keeps the windows so far. The other
    words are those of `eyas.sweep`: parameters, rules, and `where`, `search`, `trials`, `seed`, `engine`, ….
    Raises UsageError where the data is shorter than a window, or no trial of any window can be judged.

    >>> import eyas
    >>> class Turn(eyas.Strategy):
    ...     days: int = 5
    ...     def on_bar(self, bar):
    ...         if bar.index % self.days == 0:
    ...             self.buy() if self.is_flat else self.close()
    >>> study = walk_forward(Turn, eyas.sample("IBM", "1d"), train="1000d", test="500d", days=[3, 5, 9])
    >>> len(study.windows), len(study.curve) == sum(len(one.curve) for one in study.windows)
    (7, True)
    """
    own_copy(strategy)  # refuses what is no strategy
    markets = Markets.of(bars, finer)
    windows = windows_of(markets.clock, train=train, test=test, step=step, gap=gap, anchored=anchored)
    check_apart(windows)
    chosen = rules_of(rules).changed(**Words.of(strategy, words).rules)
    remarks = judged(bars, chosen, finer, extra, clock, quality)
    # The data is judged once, as a whole.
    options = {"cash": cash, "rules": rules, "extra": extra, "clock": clock, "quality": "off", **words}
    options["objective"] = objective
    walk = Walking(strategy, markets, Objective(objective), options, chosen, warmup, store, remarks)
    return walk.through(windows, cash, progress)


@dataclass(frozen=True, slots=True)
class Walking:
    """Carry a walk forward from window to window; `options` are those of each search."""

    strategy: Strategy | type[Strategy]
    markets: Markets
    objective: Objective
    options: Mapping[str, Any]
    rules: Any
    warmup: Length | None
    store: str | Path | None
    remarks: tuple[str, ...]

    def through(
        self, windows: Sequence[Window], cash: Any, progress: Callable[[int, int], object] | None
    ) -> WalkForward:
        """Walk through all windows, or until all is lost, or until Ctrl-C, which keeps the windows so far."""
        done: list[Stage] = []
        money, interrupted, ruined = str(cash), False, False
        try:
            for number, window in enumerate(windows):
                done.append(self.window(number, window, money))
                money = done[-1].cash_at_end
                ruined = float(money) <= 0
                if progress:
                    progress(number + 1, len(windows))
                if ruined:
                    break
        except KeyboardInterrupt:
            if not done:
                raise
            interrupted = True
        if done and all(one.parameters is None for one in done):
            raise UsageError(
                f"no trial of any window can be judged by {self.objective.name}: {done[0].remark}; make the "
                "windows longer, or choose another objective"
            )
        return WalkForward(
            strategy=own_copy(self.strategy).__class__.__name__,
            objective=self.objective,
            windows=tuple(done),
            planned=len(windows),
            cash=float(str(cash)),
            anchored=windows[0].train_start == windows[-1].train_start and len(windows) > 1,
            interrupted=interrupted,
            ruined=ruined,
            market=self.market(windows[: len(done)]),
            run_again=lambda number: self.run(
                windows[number], done[number].parameters or {}, done[number].cash
            )[0],
            remarks=self.remarks,
        )

    def market(self, windows: Sequence[Window]) -> NDArray[np.float64] | None:
        """Return what each test bar brought who held the one instrument; None for several."""
        found = held(self.markets.bars)
        if found is None:
            return None
        return np.concatenate([found[:0], *(found[one.test_start : one.test_end] for one in windows)])

    def window(self, number: int, window: Window, cash: str) -> Stage:
        """Search one window and trade what follows it; raises KeyboardInterrupt when that is cut short."""
        import polars as pl

        given = self.markets.between(window.train_start, window.train_end)
        options = dict(self.options)
        if self.store is not None:
            folder = Path(self.store)
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise UsageError(f"store is {folder}, but no folder can be made there: {error}") from error
            options["store"] = folder / f"window-{number:04}.sqlite"
        found = search_bars(self.strategy, given, options)
        if found.interrupted:
            raise KeyboardInterrupt
        place = found.best
        if place is None:
            return self.idle(number, window, cash, len(found.rows), self.why_none(found.rows))
        chosen = found.parameters(place)
        try:
            report, first = self.run(window, chosen, cash)
        except StrategyError as error:
            error.add_note(f"in the test of window {number} of the walk forward, with {chosen}")
            raise
        part = after(report, first)
        row = found.rows[place]
        return Stage(
            number=number,
            train=self.times(window.train_start, window.train_end),
            test=self.times(window.test_start, window.test_end),
            parameters=chosen,
            trials=len(found.rows),
            score_in=float(found.scores[place]),
            score_out=self.objective.of_report(part),
            scale=len(part.curve) / (window.train_end - window.train_start) if self.objective.grows else 1.0,
            figures_in={
                name: float(row[name]) for name in ("sharpe", "total_return", "annual_return", "trades")
            },
            figures_out=figures_of(part),
            cash=cash,
            cash_at_end=cash_at_the_end(report.journal),
            time=part.time,
            curve=part.curve,
            trades=report.trades.with_columns(pl.col("entry_bar", "exit_bar") - first),
            digest=report.journal.digest,
            warm_steps=first,
        )

    def run(self, window: Window, parameters: Mapping[str, Any], cash: str) -> tuple[Report, int]:
        """Run a window's test, with the bars that warm it: its report, and the step at which it begins."""
        return run_late(
            with_parameters(self.strategy, parameters),
            self.markets,
            (self.history(window), window.test_start, window.test_end),
            {
                "cash": cash,
                "rules": self.rules,
                "engine": engine_of_one(self.options.get("engine", "auto")),
                **{name: self.options[name] for name in OF_A_RUN},
            },
        )

    def idle(self, number: int, window: Window, cash: str, trials: int, why: str) -> Stage:
        """Return a window in which nothing is traded, since nothing was found to trade."""
        time = self.markets.clock[window.test_start : window.test_end]
        return Stage(
            number=number,
            train=self.times(window.train_start, window.train_end),
            test=self.times(window.test_start, window.test_end),
            parameters=None,
            trials=trials,
            score_in=math.nan,
            score_out=math.nan,
            scale=1.0,
            figures_in={},
            figures_out={},
            cash=cash,
            cash_at_end=cash,
            time=time,
            curve=np.full(len(time), float(cash)),
            trades=None,
            digest="",
            warm_steps=0,
            remark=why,
        )

    def history(self, window: Window) -> int:
        """Return the row from which a test run sees bars."""
        if self.warmup is None:
            return window.train_start
        length = span_of("warmup", self.warmup) if self.warmup != 0 else 0
        if isinstance(self.warmup, str):
            begin = self.markets.time(window.test_start) - length
            return int(np.searchsorted(self.markets.clock, begin))
        return max(0, window.test_start - length)

    def times(self, first: int, last: int) -> tuple[int, int]:
        """Return when the first and the last bar of rows [first, last) open."""
        return self.markets.time(first), self.markets.time(last - 1)

    def why_none(self, rows: Any) -> str:
        """Return why no trial of a window can be judged."""
        if not len(rows):
            return "there is no trial"
        if not (rows["status"] == 0).any():
            return "every trial was refused or failed"
        if not (np.nan_to_num(rows["trades"]) > 0).any():
            return "no trial traded"
        return f"no trial has a {self.objective.name} (a run of less than 30 days has none of a year)"


def check_apart(windows: Sequence[Window]) -> None:
    """Refuse windows whose tests overlap: their equity could not be carried from one to the next."""
    for one, following in pairwise(windows):
        if following.test_start < one.test_end:
            raise UsageError(
                "the tests of two windows would overlap, so that the same money would trade twice: let step "
                "be at least test, or use eyas.research.cross_validate"
            )
