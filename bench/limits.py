"""The limits that issues 2 to 6 set, and whether a run kept them."""

from __future__ import annotations

import statistics
from typing import Any, NamedTuple

from bench import fast, portfolio, reports, sweeps
from bench.kernel import each_ns
from bench.race import Round, ratios, seconds, step_seconds


class Limit(NamedTuple):
    """Hold a figure beside the most (or the least) that it may be."""

    what: str
    value: float
    most: float | None = None
    least: float | None = None
    decimals: int = 1

    @property
    def measured(self) -> str:
        """The figure as text."""
        return f"{self.value:,.{self.decimals}f}"

    @property
    def bound(self) -> str:
        """The limit as text."""
        return f"at most {self.most:,g}" if self.least is None else f"at least {self.least:,.15g}"

    @property
    def kept(self) -> bool:
        """Whether the figure, as shown, keeps the limit."""
        shown = round(self.value, self.decimals)
        return (self.most is None or shown <= self.most) and (self.least is None or shown >= self.least)

    @property
    def verdict(self) -> str:
        """Whether it was kept, as text."""
        return "yes" if self.kept else "**no**"


def limits(result: dict[str, Any], rounds: list[Round]) -> list[Limit]:
    """Return every figure that has a limit."""
    ratio = statistics.median(ratios(rounds, "eyas_per_bar")["clock"])
    rate = result["bars"] / statistics.median(seconds(rounds, "eyas_per_bar"))
    plain = zip(seconds(rounds, "plain_python"), seconds(rounds, "eyas_per_bar"), strict=True)
    against_plain = statistics.median(theirs / ours for theirs, ours in plain)
    arrays = step_seconds(rounds, "eyas_arrays")["run"]
    idle = next(case["min_ns"] for case in result["kernel"] if case["case"] == "idle")
    startup = {name: taken["median"] for name, taken in result["startup"].items()}
    disk, several = result["disk"], result["portfolio"]
    arrays_ratio = portfolio.ratio(several, portfolio.ARRAYS)
    trades_ratio = portfolio.ratio(several, portfolio.ARRAYS, figures=False)
    return [
        Limit("`on_bar` in Python: times backtesting.py", ratio, least=15),
        Limit("`on_bar` in Python: times a hand-written Python loop", against_plain, least=1, decimals=2),
        Limit("`on_bar` in Python: bars/s", rate, least=2_000_000, decimals=0),
        Limit("orders as arrays, the run: ms", 1_000 * arrays, most=50),
        *(Limit(*one) for one in fast.figures(result["bars"], result["fast"])),
        *(Limit(*one) for one in sweeps.figures(result["sweeps"])),
        Limit(
            "Ray, two nodes: of the speed of two processes", result["ray"]["ratio"], least=0.85, decimals=2
        ),
        Limit(
            "portfolio as arrays: bars/s",
            portfolio.rate(several, portfolio.ARRAYS),
            least=25_000_000,
            decimals=0,
        ),
        Limit("portfolio as arrays: times vectorbt, warm", arrays_ratio, least=5),
        Limit("the same without its table of figures", trades_ratio, least=5),
        Limit(
            "portfolio as arrays: times vectorbt, cold",
            portfolio.ratio_cold(several, portfolio.ARRAYS),
            least=5,
        ),
        Limit("an idle bar in the kernel: ns", idle, most=10),
        Limit("a resting order, of up to 100: ns a bar", each_ns(result["kernel"], "orders"), most=5),
        Limit("an order that looks at every bar: ns a bar", each_ns(result["kernel"], "awake"), most=5),
        Limit(
            "an open ticket, of up to 100: ns a bar", each_ns(result["kernel"], "tickets", "trailing"), most=5
        ),
        Limit("5 million bars from the catalog: ms", result["catalog"]["load"], most=150),
        *(Limit(*one) for one in reports.figures(result["reports"])),
        Limit("growth over 1,000 runs: MB", result["memory"]["growth"] / 1e6, most=10),
        Limit("memory above the columns: bytes a bar", result["memory"]["bytes_per_bar"], most=24),
        Limit("`import eyas`: s", startup["import eyas"], most=0.25, decimals=3),
        Limit("cold process to the result on 10,080 bars: s", startup["eyas backtest"], most=1, decimals=3),
        Limit("`eyas --help`: s", startup["eyas --help"], most=0.3, decimals=3),
        Limit("fresh environment without pip and bytecode: MB", disk["lean"], most=260, decimals=0),
        Limit("fresh environment with both: MB", sum(disk.values()), most=260, decimals=0),
    ]
