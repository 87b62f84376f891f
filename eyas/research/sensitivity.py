"""How much hangs on what nobody knows for sure: what trading costs, and the last digits of prices."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.errors import UsageError
from eyas.indicators import atr
from eyas.loading import instruments_of
from eyas.model import PRICE_COLUMNS, Bars
from eyas.research.checking import number, random_of, whole
from eyas.research.distribution import Distribution
from eyas.research.late import judged
from eyas.research.measures import Asked, Objective, text_of
from eyas.research.running import Progress, Runner, Terms, bars_once, failed_note
from eyas.research.synthetic import decimals_of, valid
from eyas.research.table import table, wrapped

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from eyas.strategy import Strategy

SHOWN = ("total_return", "sharpe", "max_drawdown", "trades", "win_rate", "profit_factor", "fees")
FEE_RATES = (0.0, 0.0005, 0.001, 0.002)
RATE_MAX = 0.1
HALVINGS = 12
ATR_BARS = 14
ROBUST, FRAGILE = 0.75, 0.5


@dataclass(frozen=True, eq=False, repr=False)
class Costs:
    """Show a strategy under several costs: `costs` are the terms of each run, `figures` what it came to.

    `break_even` is the fee rate, beside the rules' other costs, at which nothing is earned any more: 0 where
    nothing is earned without a fee, infinite where even 10 % does not eat it up.
    """

    title: str
    costs: tuple[Mapping[str, float], ...]
    figures: tuple[Mapping[str, float], ...]
    break_even: float
    usual: float
    failures: list[str] = field(default_factory=list)
    remarks: tuple[str, ...] = ()

    def frame(self) -> pl.DataFrame:
        """Return a row for each run: its costs, then its figures."""
        import polars as pl

        rows = [{**costs, **figures} for costs, figures in zip(self.costs, self.figures, strict=True)]
        return pl.DataFrame(rows, infer_schema_length=None)

    @property
    def verdict(self) -> str:
        """What to make of it: "robust", "thin", "none", or "unknown" where the rules take no fee rate."""
        if self.break_even <= self.usual or self.break_even <= 0:
            return "none"
        if not self.usual and math.isfinite(self.break_even):
            return "unknown"
        return "robust" if self.break_even >= 2 * self.usual else "thin"

    @property
    def sentence(self) -> str:
        """The verdict in words."""
        if self.break_even <= 0:
            return "It earns nothing even without a fee."
        if math.isinf(self.break_even):
            return "It earns even at a fee of 10 % on each fill: look at what it trades on."
        told = f"It earns up to a fee of {self.break_even:.3%} on each fill"
        if not self.usual:
            return f"{told}; no fee rate is set to hold that against."
        return {
            "none": f"{told}, less than the {self.usual:.3%} that the rules take.",
            "thin": f"{told}, less than twice the {self.usual:.3%} that the rules take: a thin margin.",
            "robust": f"{told}, {self.break_even / self.usual:.1f} times the {self.usual:.3%} of the rules.",
        }[self.verdict]

    def __str__(self) -> str:
        names = list(self.costs[0])
        rows = [
            (*(f"{costs[name]:g}" for name in names), *(text_of(name, figures[name]) for name in SHOWN))
            for costs, figures in zip(self.costs, self.figures, strict=True)
        ]
        shown = table((*(names), *(name.replace("_", " ") for name in SHOWN)), rows, left=0)
        notes = [*failed_note(self.failures), *map(wrapped, self.remarks)]
        return "\n\n".join([f"{self.title} under {len(rows)} costs", shown, *notes, wrapped(self.sentence)])

    def __repr__(self) -> str:
        return f"<Costs of {self.title}: break-even fee {self.break_even:.4%}>"


def costs(
    strategy: Strategy | type[Strategy],
    bars: Any,
    *,
    engine: str = "auto",
    cash: Any = 10_000,
    rules: Any = None,
    quality: Any = None,
    progress: Progress | None = None,
    **words: Any,
) -> Costs:
    """Run a strategy under every combination of costs, and find the fee rate at which it earns nothing.

    `words` are rules, and those with several values are tried: `fee_rate=[0, 0.001]`, `slippage=[0, 5e-4]`
    (fee rates of 0 to 0.2 % where nothing is said). The break-even fee is looked for by halving, in
    12 more runs. Raises UsageError for a rule that there is not.

    >>> import eyas
    >>> class Turn(eyas.Strategy):
    ...     def on_bar(self, bar):
    ...         self.buy() if self.is_flat else self.close()
    >>> found = costs(Turn, eyas.sample("AAPL", "1d", adjusted=True), fee_rate=[0, 0.001, 0.002])
    >>> found.frame().height
    3
    """
    several = {
        name: list(value) for name, value in words.items() if isinstance(value, list | tuple | np.ndarray)
    }
    terms = Terms.of(rules, cash, engine, {name: one for name, one in words.items() if name not in several})
    several = several or {"fee_rate": list(FEE_RATES)}
    if any(not values for values in several.values()):
        raise UsageError("costs to try must be at least one: fee_rate=[0, 0.001]")
    bars = bars_once(bars)
    remarks = judged(bars, terms.rules, None, None, "merged", quality)
    grid = [dict(zip(several, values, strict=True)) for values in product(*several.values())]
    runner = Runner(strategy, terms)
    found = []
    for done, one in enumerate(grid, start=1):
        found.append(runner.figures(bars, terms.rules.changed(**one)))
        if progress:
            progress(done, len(grid))
    usual = terms.rules.fee_rate
    stated = float(usual) if isinstance(usual, int | float) else 0.0
    return Costs(
        runner.name,
        tuple(grid),
        tuple(found),
        break_even(lambda rate: runner.actual(bars, terms.rules.changed(fee_rate=rate))["total_return"]),
        stated,
        runner.failures,
        remarks,
    )


def break_even(earned: Callable[[float], float]) -> float:
    """Return the rate at which nothing is earned any more, by halving between 0 and 10 %.

    >>> round(break_even(lambda rate: 0.02 - rate), 4)
    0.02
    """
    if not earned(0.0) > 0:
        return 0.0
    low, high = 0.0, RATE_MAX
    if earned(high) > 0:
        return math.inf
    # Most are small: the first guesses are those of orders of magnitude.
    for guess in (0.001, 0.01):
        if earned(guess) > 0:
            low = guess
        else:
            high = guess
            break
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if earned(middle) > 0 else (low, middle)
    return (low + high) / 2


@dataclass(frozen=True, eq=False, repr=False)
class Noise:
    """Show a strategy on prices with noise of several sizes: `scores` is a Distribution for each scale."""

    title: str
    objective: Objective
    runs: int
    seed: int
    scores: Mapping[float, Distribution]
    failures: list[str] = field(default_factory=list)
    remarks: tuple[str, ...] = ()

    def frame(self) -> pl.DataFrame:
        """Return a row for each run: the scale of its noise, and its score."""
        import polars as pl

        return pl.concat(
            [pl.DataFrame({"scale": at, "score": one.values}) for at, one in self.scores.items()]
        )

    def kept(self, scale: float) -> float:
        """Return the middle score with noise of a scale over the true score; NaN for one not above 0."""
        one = self.scores[scale]
        return one.percentile(50) / one.actual if one.actual > 0 else math.nan

    @property
    def verdict(self) -> str:
        """What to make of the smallest noise: "robust", "moved", "fragile", or "unknown"."""
        kept = self.kept(min(self.scores))
        if math.isnan(kept):
            return "unknown"
        return "robust" if kept >= ROBUST else "moved" if kept >= FRAGILE else "fragile"

    @property
    def sentence(self) -> str:
        """The verdict in words."""
        least = min(self.scores)
        kept, name = self.kept(least), self.objective.name
        if self.verdict == "unknown":
            return f"The true {name} is not above 0, so that nothing can be kept of it."
        told = f"with noise of {least:g} of the average true range {kept:.0%} of the {name} is kept"
        return {
            "robust": f"It does not hang on the last digits: {told}.",
            "moved": f"It hangs somewhat on the last digits: {told}.",
            "fragile": f"It hangs on the last digits of prices: {told}.",
        }[self.verdict]

    def __str__(self) -> str:
        rows = [(f"{at:g}", *one.as_row()[1:]) for at, one in self.scores.items()]
        shown = table(("noise", *Distribution.HEAD[1:]), rows)
        what = f"{self.title} by {self.objective.name}, prices with noise"
        head = f"{what}: {self.runs:,} runs each, seed {self.seed}"
        notes = [*failed_note(self.failures), *map(wrapped, self.remarks)]
        return "\n\n".join([wrapped(head), shown, *notes, wrapped(self.sentence)])

    def __repr__(self) -> str:
        return f"<Noise on {self.title}: {self.verdict}>"


def noise(  # noqa: PLR0913 - each is a word of its own, and most are left out
    strategy: Strategy | type[Strategy],
    bars: Any,
    *,
    scale: float | Sequence[float] = (0.05, 0.1, 0.2),
    runs: int = 50,
    objective: Asked = "total_return",
    seed: int = 0,
    engine: str = "auto",
    cash: Any = 10_000,
    rules: Any = None,
    quality: Any = None,
    progress: Progress | None = None,
    **changes: Any,
) -> Noise:
    """Run a strategy on prices moved at random, each by a normal amount of `scale` × the average true range.

    The range is Wilder's over 14 bars, of its own bar and those before. High and low stay highest and
    lowest of a bar, and prices keep their decimals. The rest is as in `eyas.backtest`.

    >>> import eyas
    >>> class Hold(eyas.Strategy):
    ...     def on_bar(self, bar):
    ...         if bar.index == 0:
    ...             self.buy()
    >>> found = noise(Hold, eyas.sample("AAPL", "1d", adjusted=True), scale=0.1, runs=20)
    >>> found.verdict
    'robust'
    """
    whole("runs", runs)
    scales = [
        number("scale", one) for one in (scale if isinstance(scale, list | tuple | np.ndarray) else [scale])
    ]
    if not scales or any(not 0 < one <= 10 for one in scales):
        raise UsageError(
            f"scale is {scale}, but must be fractions of the average true range: above 0, at most 10"
        )
    terms = Terms.of(rules, cash, engine, changes)
    bars = bars_once(bars)
    remarks = judged(bars, terms.rules, None, None, "merged", quality)
    found = instruments_of(bars)
    runner = Runner(strategy, terms, objective)
    aim = Objective(objective)
    actual = runner.actual(bars)["score"]
    random = random_of(seed)
    scores, total = {}, runs * len(scales)
    for place, one in enumerate(sorted(scales)):
        told = shifted(progress, place * runs, total)
        markets = (moved(found, one, random) for _ in range(runs))
        scores[one] = Distribution(aim.name, runner.all(markets, runs, told)["score"], actual, aim.sign)
        if runner.interrupted:
            break
    notes = (*remarks, *filter(None, [runner.interrupted]))
    return Noise(runner.name, aim, runs, seed, scores, runner.failures, notes)


def shifted(progress: Progress | None, before: int, total: int) -> Progress | None:
    """Return a progress that counts on from what was done before."""
    return None if progress is None else lambda done, _: progress(before + done, total)


def moved(found: Mapping[str, Bars], scale: float, random: np.random.Generator) -> Any:
    """Return the bars of each instrument with noise, as a backtest takes them."""
    made = {symbol: noisy(bars, scale, random) for symbol, bars in found.items()}
    return next(iter(made.values())) if len(made) == 1 else made


def noisy(bars: Bars, scale: float, random: np.random.Generator) -> Bars:
    """Return bars whose prices are each moved by a normal amount of `scale` average true ranges."""
    size = ranges(bars) * scale
    prices = {name: getattr(bars, name) + size * random.standard_normal(len(bars)) for name in PRICE_COLUMNS}
    columns: dict[str, Any] = {**valid(prices, decimals_of(bars))}
    return replace(bars, **columns)


def ranges(bars: Bars) -> NDArray[np.float64]:
    """Return the average true range at each bar; the plain range of a bar before there is an average."""
    found = atr(bars.high, bars.low, bars.close, min(ATR_BARS, len(bars) - 1))
    whole: NDArray[np.float64] = np.where(np.isfinite(found), found, bars.high - bars.low)
    return whole
