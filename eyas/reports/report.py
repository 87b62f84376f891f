"""The result of a run: figures, frames and a page, all folds of its journal and curve."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.model import iso
from eyas.reports.page import Page, write_page
from eyas.reports.summary import Summary, summary_of
from eyas.reports.trades import trade_frame
from eyas.rules import Rules

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from eyas.journal import Journal
    from eyas.model import Bars


# The page says these above its figures.
IN_THE_HEADER = ("From", "To", "Bars")


@dataclass(frozen=True, eq=False, repr=False)
class Report:
    """Show what a run did: `summary`, `trades`, `equity`, `journal`, and a page by `plot`."""

    strategy: str
    parameters: Mapping[str, Any]
    bars: Bars
    rules: Rules
    cash: str
    journal: Journal
    curve: NDArray[np.float64]
    trade_figures: Mapping[str, float]
    indicators: Mapping[str, NDArray[np.float64]]

    @cached_property
    def summary(self) -> Summary:
        """Headline figures, typed; they print as a table."""
        return summary_of(self.bars, self.curve, self.journal, self.trade_figures)

    @cached_property
    def trades(self) -> pl.DataFrame:
        """One row for each closed ticket: times, prices, profit net of fees, why it ended."""
        return trade_frame(self.journal)

    @cached_property
    def equity(self) -> pl.DataFrame:
        """Time and equity after every bar's decision; the last row is the final equity."""
        import polars as pl

        return pl.DataFrame({"time": self.bars.time, "equity": self.curve}).with_columns(
            pl.col("time").cast(pl.Datetime("ns", "UTC"))
        )

    @property
    def title(self) -> str:
        """What ran on what."""
        file = Path(self.bars.source)
        name = self.bars.symbol or (file.name if file.suffix else "")
        market = " ".join(part for part in (name, self.bars.timeframe) if part)
        return f"{self.strategy} on {market}" if market else self.strategy

    def plot(self, path: str | Path = "report.html") -> Path:
        """Write the run as one self-contained HTML page and return its path."""
        drawn = overlays(self.indicators, self.bars)
        page = Page(
            title=self.title,
            bars=self.bars,
            equity=self.curve,
            trades=self.trades,
            figures=[row for row in self.summary.rows() if row[0] not in IN_THE_HEADER],
            settings=self.settings(),
            remarks=[*self.refusals(), *not_drawn(self.indicators, drawn)],
            indicators=drawn,
            opening_cash=self.summary.cash,
        )
        return write_page(page, Path(path))

    def refusals(self) -> list[str]:
        """Return a sentence for each reason that refused orders."""
        return [f"Orders refused, because {name}: {count:,}." for name, count in self.summary.refused.items()]

    def settings(self) -> list[tuple[str, str]]:
        """Return everything that decided the run: parameters, rules, versions, the journal's digest."""
        import platform
        from importlib.metadata import version

        changed = dict(self.rules.texts())
        defaults = dict(Rules().texts())
        return [
            *((name, str(value)) for name, value in self.parameters.items()),
            *((name, text) for name, text in changed.items() if text != defaults[name]),
            ("cash", self.cash),
            ("data", self.bars.source or "in memory"),
            ("eyas", version("eyas")),
            ("python", platform.python_version()),
            ("journal", self.journal.digest),
        ]

    def as_json(self) -> dict[str, Any]:
        """Return the run as plain values, for machines: figures, parameters, rules, trades, digest."""
        import polars as pl

        figures = {name: None if value == np.inf else value for name, value in asdict(self.summary).items()}
        return {
            "strategy": self.strategy,
            # JSON knows no infinity: as text it can be read back.
            "parameters": {
                name: str(value) if value in (np.inf, -np.inf) else value
                for name, value in self.parameters.items()
            },
            "symbol": self.bars.symbol,
            "timeframe": self.bars.timeframe,
            "rules": dict(self.rules.texts()),
            "summary": figures,
            "trades": [
                {name: iso(value) if name.endswith("_time") else value for name, value in trade.items()}
                for trade in self.trades.with_columns(
                    pl.col("entry_time", "exit_time").to_physical()
                ).to_dicts()
            ],
            "journal": self.journal.digest,
        }

    def __repr__(self) -> str:
        return f"<Report {self.title}: {len(self.bars):,} bars, return {self.summary.total_return:.2%}>"

    def __str__(self) -> str:
        return f"{self.title}\n\n{self.summary}"

    def _repr_html_(self) -> str:
        return self.summary._repr_html_()


def overlays(indicators: Mapping[str, NDArray[np.float64]], bars: Bars) -> dict[str, NDArray[np.float64]]:
    """Return the indicators that live on the scale of prices, which the page draws over the candles."""
    low, high = float(bars.low.min()), float(bars.high.max())
    room = (high - low) / 10
    found = {}
    for name, values in indicators.items():
        finite = values[np.isfinite(values)]
        if len(finite) and low - room <= finite.min() and finite.max() <= high + room:
            found[name] = values
    return found


def not_drawn(indicators: Iterable[str], drawn: Container[str]) -> list[str]:
    """Return a sentence for the indicators that do not live on the scale of prices."""
    names = [name for name in indicators if name not in drawn]
    return [f"Not on the scale of prices, so not drawn: {', '.join(names)}."] if names else []
