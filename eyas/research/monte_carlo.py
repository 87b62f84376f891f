"""What else could have happened: the same trades in another order, the same strategy on other markets."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from eyas.errors import UsageError
from eyas.research.bootstrap import KINDS, Kind, block_length, check_length, resample
from eyas.research.checking import number, random_of, report_of, whole
from eyas.research.distribution import Distribution
from eyas.research.late import judged
from eyas.research.measures import text_of
from eyas.research.running import Progress, Runner, Terms, bars_once, failed_note
from eyas.research.synthetic import Shapes, made, markets_of
from eyas.research.table import table, wrapped

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from eyas.reports import Report
    from eyas.strategy import Strategy

RUIN = 0.5  # of the highest equity so far: half of it is gone
AT_ONCE = 2_000_000  # trades that are drawn at once
SHOWN = ("equity_final", "total_return", "max_drawdown")
SHOWN_OF_MARKETS = (
    "total_return",
    "annual_return",
    "sharpe",
    "max_drawdown",
    "trades",
    "win_rate",
    "profit_factor",
)


@dataclass(frozen=True, eq=False, repr=False)
class MonteCarlo:
    """Show figures over many drawn runs beside the actual ones; `figures` holds a Distribution by name.

    `ruined` is the share of the runs whose equity fell by `ruin` or more below its highest so far.
    """

    title: str
    method: str
    runs: int
    seed: int
    figures: Mapping[str, Distribution]
    ruin: float
    failures: list[str] = field(default_factory=list)
    remarks: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> Distribution:
        return self.figures[name]

    def frame(self) -> pl.DataFrame:
        """Return a row for each run, and a column for each figure."""
        import polars as pl

        return pl.DataFrame({name: one.values for name, one in self.figures.items()})

    @property
    def ruined(self) -> float:
        """Share of the runs whose equity fell by `ruin` or more; NaN where no run can be judged."""
        known = self.figures["max_drawdown"].known
        return float((known >= self.ruin).mean()) if len(known) else math.nan

    @property
    def loss(self) -> float:
        """Share of the runs that end with less money than they began with."""
        known = self.figures["total_return"].known
        return float((known < 0).mean()) if len(known) else math.nan

    @property
    def sentence(self) -> str:
        """What to make of it, in words."""
        fall = self.figures["max_drawdown"]
        told = (
            f"{self.loss:.1%} of the runs lose money, and {self.ruined:.1%} fall by {self.ruin:.0%} or more "
            f"from their highest; one in twenty falls by {fall.percentile(95):.1%} or more"
        )
        if math.isnan(fall.actual):
            return f"{told}."
        return f"{told}, where the actual run fell by {fall.actual:.1%}."

    def __str__(self) -> str:
        shown = [one.as_row() for one in self.figures.values()]
        head = f"{self.title}: {self.runs:,} runs, {self.method}, seed {self.seed}"
        notes = [*failed_note(self.failures), *map(wrapped, self.remarks)]
        return "\n\n".join([head, table(Distribution.HEAD, shown), *notes, wrapped(self.sentence)])

    def __repr__(self) -> str:
        return f"<MonteCarlo of {self.title}: {self.runs:,} runs>"


def trades(
    report: Report,
    *,
    runs: int = 1000,
    method: Literal["shuffle", "resample"] = "resample",
    sizes: Literal["fraction", "money"] = "fraction",
    ruin: float = RUIN,
    seed: int = 0,
) -> MonteCarlo:
    """Draw the closed trades of a run anew, and return how equity and drawdown are distributed.

    "shuffle" puts the same trades in another order, "resample" draws as many with replacement (the
    bootstrap of Efron 1979). With `sizes="fraction"` a trade moves the equity by the same share as it did,
    as if it were sized by equity; with "money" by the same amount. Drawdowns are seen at the ends of trades
    alone; one as deep as `ruin` ruins a run. Trades are taken one after the other, in order of their ends,
    also where they overlapped. Raises UsageError where there are fewer than two trades.

    >>> import eyas
    >>> class Turn(eyas.Strategy):
    ...     def on_bar(self, bar):
    ...         self.buy() if self.is_flat else self.close()
    >>> report = eyas.backtest(Turn, eyas.sample("IBM", "1d"))
    >>> drawn = trades(report, runs=500)
    >>> bool(drawn["max_drawdown"].percentile(95) > drawn["max_drawdown"].percentile(50))
    True
    """
    whole("runs", runs)
    if method not in ("shuffle", "resample") or sizes not in ("fraction", "money"):
        raise UsageError(f"method={method!r}, sizes={sizes!r}: shuffle or resample, and fraction or money")
    check_share("ruin", ruin)
    profit = report_of(report).trades["profit"].to_numpy()
    if len(profit) < 2:
        raise UsageError(
            f"the run has {len(profit)} closed trades, and its order needs at least two to be another"
        )
    cash = report.summary.cash
    moves = moves_of(profit, cash, sizes)
    random = random_of(seed)
    found = np.concatenate(
        [
            paths(moves[drawn(method, len(profit), count, random)], cash, sizes)
            for count in parts(runs, len(profit))
        ]
    )
    actual = paths(moves[None, :], cash, sizes)[0]
    figures = {
        name: Distribution(name, found[:, place], float(actual[place])) for place, name in enumerate(SHOWN)
    }
    fall = text_of("max_drawdown", report.summary.max_drawdown)
    remark = (
        f"Drawdowns are those at the ends of trades; bar by bar the actual run fell by {fall}. What is drawn "
        "has the trades' own mean: this shows how far luck moves the run, not whether its trades are skill."
    )
    how = "the trades in another order" if method == "shuffle" else "as many trades drawn with replacement"
    return MonteCarlo(report.title, f"{how}, by {sizes}", runs, seed, figures, ruin, remarks=(remark,))


def moves_of(profit: NDArray[np.float64], cash: float, sizes: str) -> NDArray[np.float64]:
    """Return what each trade did: its profit, or by how much it multiplied the equity before it."""
    if sizes == "money":
        return profit
    before = cash + np.concatenate([[0.0], np.cumsum(profit)[:-1]])
    if (before <= 0).any():
        raise UsageError("the equity was gone on the way, so trades have no share of it: use sizes='money'")
    found: NDArray[np.float64] = np.maximum(0.0, 1 + profit / before)
    return found


def drawn(method: str, trades: int, runs: int, random: np.random.Generator) -> NDArray[np.int64]:
    """Return which trade comes when in each run: shape (runs, trades)."""
    if method == "resample":
        return random.integers(trades, size=(runs, trades))
    return random.permuted(np.tile(np.arange(trades), (runs, 1)), axis=1)


def parts(runs: int, trades: int) -> Iterator[int]:
    """Yield how many runs are drawn at once, so that they need little memory."""
    most = max(1, AT_ONCE // trades)
    while runs:
        count = min(runs, most)
        yield count
        runs -= count


def paths(moves: NDArray[np.float64], cash: float, sizes: str) -> NDArray[np.float64]:
    """Return final equity, return and deepest drawdown of runs: shape (runs, 3)."""
    grown = cash * np.cumprod(moves, axis=1) if sizes == "fraction" else cash + np.cumsum(moves, axis=1)
    start = np.full((len(moves), 1), cash)
    curve = np.concatenate([start, grown], axis=1)
    peak = np.maximum.accumulate(curve, axis=1)
    fall = ((peak - curve) / peak).max(axis=1)
    return np.column_stack([curve[:, -1], curve[:, -1] / cash - 1, fall])


def bars(  # noqa: PLR0913 - each is a word of its own, and most are left out
    strategy: Strategy | type[Strategy],
    bars: Any,
    *,
    runs: int = 200,
    method: Kind = "stationary",
    block: float | None = None,
    keep: int = 1,
    ruin: float = RUIN,
    seed: int = 0,
    engine: str = "auto",
    cash: Any = 10_000,
    rules: Any = None,
    quality: Any = None,
    progress: Progress | None = None,
    **changes: Any,
) -> MonteCarlo:
    """Run a strategy on markets made of the bars' own moves, drawn anew in blocks.

    Blocks of `block` bars on average keep together what follows each other; where nothing is said they are as
    long as Politis and White (2004) find best for the squares of returns, whose memory is that of volatility.
    `method` is stationary (Politis and Romano 1994), moving or circular. The first `keep` bars stay as they
    are. The bars of a portfolio, which must have the same times, are drawn together. The rest is as in
    `eyas.backtest`; there are no finer bars and no extra, since those know the true market.
    Raises DataError for prices that are not above 0.

    >>> import eyas
    >>> class Hold(eyas.Strategy):
    ...     def on_bar(self, bar):
    ...         if bar.index == 0:
    ...             self.buy()
    >>> drawn = eyas.research.monte_carlo.bars(Hold, eyas.sample("AAPL", "1d", adjusted=True), runs=50)
    >>> len(drawn.frame())
    50
    """
    whole("runs", runs)
    check_share("ruin", ruin)
    if method not in KINDS:
        raise UsageError(f"method is {method!r}, but must be one of {', '.join(KINDS)}")
    terms = Terms.of(rules, cash, engine, changes)
    bars = bars_once(bars)
    remarks = judged(bars, terms.rules, None, None, "merged", quality)
    shapes = markets_of(bars, whole("keep", keep))
    one = next(iter(shapes.values()))
    length = optimal_block(shapes, method) if block is None else number("block", block)
    check_length(length, len(one))
    runner = Runner(strategy, terms)
    actual = runner.actual(bars)
    random = random_of(seed)
    markets = (made(shapes, resample(method, len(one), length, random)) for _ in range(runs))
    found = runner.all(markets, runs, progress)
    figures = {name: Distribution(name, found[name], actual[name]) for name in SHOWN_OF_MARKETS}
    how = f"{method} blocks of {length:.0f} bars"
    title = f"{runner.name} on markets made of {', '.join(filter(None, shapes)) or 'the bars'}"
    notes = (*remarks, *filter(None, [runner.interrupted]))
    done = len(found["total_return"])
    return MonteCarlo(title, how, done, seed, figures, ruin, runner.failures, notes)


def optimal_block(shapes: Mapping[str, Shapes], method: Kind) -> float:
    """Return the longest of the block lengths that are best for each instrument's squared returns."""
    return max(block_length(one.returns**2, method) for one in shapes.values())


def check_share(name: str, value: float) -> None:
    """Refuse what is no share of a whole."""
    if not 0 < number(name, value) <= 1:
        raise UsageError(f"{name} is {value}, but must be a share: above 0, and at most 1")
