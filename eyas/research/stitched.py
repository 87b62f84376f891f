"""The result of a walk forward: every window, and the equity out of sample as one curve."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.errors import StrategyError, UsageError
from eyas.model import curve_figures, iso
from eyas.reports.summary import annual
from eyas.research.evidence import missing, probability_of_gain, returns_of
from eyas.research.measures import Objective, text_of
from eyas.research.printing import percent
from eyas.research.table import cut, named, pairs, table, wrapped
from eyas.sweep.figures import Span

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from eyas.reports import Report

SHOWN = (
    "total_return",
    "annual_return",
    "sharpe",
    "sortino",
    "max_drawdown",
    "trades",
    "win_rate",
    "profit_factor",
    "fees",
)
LABELS = {
    "total_return": "Return",
    "annual_return": "Return a year",
    "sharpe": "Sharpe ratio",
    "sortino": "Sortino ratio",
    "max_drawdown": "Deepest drawdown",
    "trades": "Trades",
    "win_rate": "Won",
    "profit_factor": "Profit factor",
    "fees": "Fees",
}
KEPT_WELL = 0.5  # of the score in sample


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Stage:
    """Hold one window: what was found on its training bars, and what that came to on the test bars.

    `train` and `test` are when their first and last bars open (nanoseconds). `parameters` is None where
    nothing was found: then nothing was traded, and `remark` says why. `cash` and `cash_at_end` are exact
    decimal text. `score_in` and `score_out` are of the objective, larger is better, NaN for unknown; `scale`
    is the length of the test in that of the training where the objective grows with length, else 1. `time`
    and `curve` are of the test bars alone, and the bars of `trades` are counted from the first of them;
    `digest` is that of the whole run, whose first `warm_steps` steps only warmed it.
    """

    number: int
    train: tuple[int, int]
    test: tuple[int, int]
    parameters: Mapping[str, Any] | None
    trials: int
    score_in: float
    score_out: float
    scale: float
    figures_in: Mapping[str, float]
    figures_out: Mapping[str, float]
    cash: str
    cash_at_end: str
    time: NDArray[np.int64]
    curve: NDArray[np.float64]
    trades: pl.DataFrame | None
    digest: str
    warm_steps: int
    remark: str = ""

    @property
    def expected(self) -> float:
        """Score in sample, for as long as the test is."""
        return self.score_in * self.scale

    @property
    def kept(self) -> float:
        """Score out of sample over that in sample; NaN where either is unknown, or the latter not above 0."""
        return self.score_out / self.expected if self.score_in > 0 else math.nan


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class WalkForward:
    """Show a walk forward: `windows`, the stitched `equity` out of sample, `figures`, what was kept.

    It prints as a table; `frame()` has a row a window. `ruined` says that all money was lost on the way.
    `market` is what each bar out of sample brought who held the one instrument, None for several.
    """

    strategy: str
    objective: Objective
    windows: tuple[Stage, ...]
    planned: int
    cash: float
    anchored: bool
    interrupted: bool
    ruined: bool
    run_again: Callable[[int], Report]
    market: NDArray[np.float64] | None = None
    remarks: tuple[str, ...] = ()

    @cached_property
    def time(self) -> NDArray[np.int64]:
        """Time of every step out of sample, in nanoseconds."""
        return np.concatenate([one.time for one in self.windows] or [np.empty(0, np.int64)])

    @cached_property
    def curve(self) -> NDArray[np.float64]:
        """Equity after every step out of sample."""
        return np.concatenate([one.curve for one in self.windows] or [np.empty(0)])

    @cached_property
    def equity(self) -> pl.DataFrame:
        """Time, equity and number of the window of every step out of sample."""
        import polars as pl

        numbers = np.repeat([one.number for one in self.windows], [len(one.time) for one in self.windows])
        return pl.DataFrame({"time": self.time, "equity": self.curve, "window": numbers}).with_columns(
            pl.col("time").cast(pl.Datetime("ns", "UTC"))
        )

    @cached_property
    def trades(self) -> pl.DataFrame:
        """Return every trade out of sample, with the number of its window."""
        import polars as pl

        frames = [
            one.trades.with_columns(window=pl.lit(one.number))
            for one in self.windows
            if one.trades is not None
        ]
        return pl.concat(frames, how="diagonal") if frames else pl.DataFrame()

    @cached_property
    def figures(self) -> dict[str, float]:
        """Figures of the stitched equity and its trades, by the names of a sweep's row."""
        if not len(self.curve):
            return dict.fromkeys(SHOWN, math.nan)
        span = Span.of(self.time)
        shape = curve_figures(self.cash, self.curve, span.bars_per_year)
        long_enough = span.is_long_enough
        yearly = annual(shape["total_return"], span.years) if long_enough else None
        found = {
            "total_return": shape["total_return"],
            "annual_return": math.nan if yearly is None else yearly,
            "max_drawdown": shape["max_drawdown"],
            "sharpe": shape["sharpe"] if long_enough else math.nan,
            "sortino": shape["sortino"] if long_enough else math.nan,
        }
        return found | trade_figures(self.trades) | {"fees": self._sum("fees")}

    def rerun(self, window: int) -> Report:
        """Run the test of a window (the first is 0) again, warm-up and all, and return its report.

        Raises UsageError for a window that there is not, or that traded nothing, and StrategyError when
        the strategy did something else this time.
        """
        if not 0 <= window < len(self.windows):
            raise UsageError(f"there is no window {window}; there are 0 to {len(self.windows) - 1}")
        one = self.windows[window]
        if one.parameters is None:
            raise UsageError(f"window {window} traded nothing: {one.remark}")
        report = self.run_again(window)
        if report.journal.digest != one.digest:
            raise StrategyError(
                f"window {window} of {self.strategy} went another way than before: a strategy must do the "
                "same with the same bars",
                bar_index=None,
                report=report,
            )
        return report

    @property
    def kept(self) -> float:
        """Mean score out of sample over that in sample; NaN where the latter is not above 0.

        A window that was given parameters and has no score, since nothing moved, kept nothing of what was
        expected of it: it counts with 0. One whose search came to nothing does not count.
        """
        found = [one for one in self.windows if math.isfinite(one.score_in)]
        inside = sum(one.expected for one in found)
        outside = sum(one.score_out for one in found if math.isfinite(one.score_out))
        return outside / inside if inside > 0 else math.nan

    @property
    def decay(self) -> float:
        """Share of the score in sample that is gone out of sample: 1 − kept."""
        return 1 - self.kept

    @property
    def windows_won(self) -> int:
        """How many windows ended with more money than they began with."""
        return sum(float(one.cash_at_end) > float(one.cash) for one in self.windows)

    @cached_property
    def stability(self) -> dict[str, dict[str, Any]]:
        """How each parameter moved: its lowest, highest and most frequent value, and its changes."""
        chosen = [one.parameters for one in self.windows if one.parameters is not None]
        names = chosen[0] if chosen else ()
        return {name: moved([one[name] for one in chosen]) for name in names}

    @property
    def verdict(self) -> str:
        """What to make of it: "holds", "unproven", "fades", "loses", or "unknown"."""
        gained = self.figures["total_return"]
        if self.ruined or gained <= 0:
            return "loses"
        if math.isnan(self.kept):
            return "unknown"
        if self.kept < KEPT_WELL or 2 * self.windows_won < len(self.windows):
            return "fades"
        return "unproven" if self.doubts else "holds"

    @property
    def probability(self) -> float:
        """Probability that the true Sharpe ratio out of sample is above 0; NaN where nothing moved."""
        return probability_of_gain(returns_of(self.cash, self.curve))

    @property
    def doubts(self) -> list[str]:
        """What the gain out of sample lacks to be proof, the weightiest first."""
        return missing(returns_of(self.cash, self.curve), self.market, self.figures["trades"])

    @property
    def sentence(self) -> str:
        """The verdict in words."""
        won = f"{self.windows_won} of {len(self.windows)} windows made money"
        if self.ruined:
            return (
                f"It loses: all money was gone in window {self.windows[-1].number + 1}, and it stops there."
            )
        kept = "" if math.isnan(self.kept) else f", and {self.kept:.0%} of the {self.objective.name} was kept"
        return {
            "holds": f"It holds out of sample{kept}; {won}.",
            "unproven": f"It makes money out of sample{kept}, but this proves little: "
            f"{'; '.join(self.doubts)}; {won}.",
            "fades": f"It makes money out of sample but fades{kept}; {won}.",
            "loses": f"It loses money out of sample{kept}; {won}.",
            "unknown": f"It made money out of sample, but what was kept cannot be said; {won}.",
        }[self.verdict]

    def frame(self) -> pl.DataFrame:
        """Return a row for each window: times, what was chosen, figures in and out of sample."""
        import polars as pl

        rows = []
        for one in self.windows:
            row: dict[str, Any] = {"window": one.number}
            for part in ("train", "test"):
                first, last = getattr(one, part)
                row |= {f"{part}_start": first, f"{part}_end": last}
            row |= {
                "trials": one.trials,
                "score_in": one.score_in,
                "score_out": one.score_out,
                "kept": one.kept,
            }
            row |= {f"{name}_in": value for name, value in one.figures_in.items()}
            row |= {f"{name}_out": one.figures_out.get(name, math.nan) for name in SHOWN}
            row |= {"cash": one.cash, "cash_at_end": one.cash_at_end, "digest": one.digest}
            chosen = (one.parameters or {}).items()
            rows.append(row | {f"{name}_value" if name in row else name: value for name, value in chosen})
        times = [f"{part}_{edge}" for part in ("train", "test") for edge in ("start", "end")]
        return pl.DataFrame(rows, infer_schema_length=None).with_columns(
            pl.col(times).cast(pl.Datetime("ns", "UTC"))
        )

    def rows(self) -> list[tuple[str, str]]:
        """Return label and text of every figure out of sample, in reading order."""
        held = (
            f"{len(self.windows)} of {self.planned}"
            if len(self.windows) < self.planned
            else str(self.planned)
        )
        return [
            ("Windows", f"{held}, {'anchored' if self.anchored else 'rolling'}"),
            ("Windows that made money", str(self.windows_won)),
            *((LABELS[name], text_of(name, self.figures[name])) for name in SHOWN),
            ("Sharpe ratio above 0 with", percent(self.probability)),
            (f"Kept of the {self.objective.name}", "n/a" if math.isnan(self.kept) else f"{self.kept:.0%}"),
        ]

    def __str__(self) -> str:
        head = ("window", "test", "chosen", "in sample", "out", "kept", "return", "trades")
        lines = [
            (
                str(one.number + 1),
                f"{iso(one.test[0])[:10]} … {iso(one.test[1])[:10]}",
                cut(one.remark if one.parameters is None else named(dict(one.parameters)), 30),
                self.objective.shown(one.score_in),
                self.objective.shown(one.score_out),
                "n/a" if math.isnan(one.kept) else f"{one.kept:.0%}",
                text_of("total_return", one.figures_out.get("total_return", math.nan)),
                text_of("trades", one.figures_out.get("trades", 0.0)),
            )
            for one in self.windows
        ]
        settled = [
            f"{name}: {one['low']} to {one['high']}, most often {one['usual']} ({one['share']:.0%})"
            for name, one in self.stability.items()
        ]
        notes = ["Interrupted: the windows so far. Call it again with the same store to go on."]
        return "\n\n".join(
            [
                f"{self.strategy}, walked forward by {self.objective.name}",
                table(head, lines, left=3),
                "Out of sample, stitched\n" + pairs(self.rows()),
                *(["Chosen parameters\n" + "\n".join(settled)] if settled else []),
                *(notes if self.interrupted else []),
                *map(wrapped, self.remarks),
                wrapped(self.sentence),
            ]
        )

    def __repr__(self) -> str:
        return f"<WalkForward {self.strategy}: {len(self.windows)} windows, {self.verdict}>"

    def _sum(self, name: str) -> float:
        return sum(one.figures_out.get(name, 0.0) for one in self.windows)


def moved(values: Sequence[Any]) -> dict[str, Any]:
    """Return how the chosen values of one parameter moved from window to window."""
    usual, often = Counter(values).most_common(1)[0]
    ordered = sorted(values, key=lambda one: (str(type(one)), one))
    changes = sum(one != two for one, two in pairwise(values))
    return {
        "low": ordered[0],
        "high": ordered[-1],
        "usual": usual,
        "share": often / len(values),
        "changes": changes,
    }


def trade_figures(trades: pl.DataFrame) -> dict[str, float]:
    """Return how many trades there are, the share that won, and profits over losses."""
    if not len(trades):
        return {"trades": 0.0, "win_rate": math.nan, "profit_factor": math.nan}
    profit = trades["profit"].to_numpy()
    lost = -float(profit[profit < 0].sum())
    gained = float(profit[profit > 0].sum())
    factor = gained / lost if lost > 0 else math.inf if gained > 0 else math.nan
    return {"trades": float(len(profit)), "win_rate": float((profit > 0).mean()), "profit_factor": factor}
