"""The result of a run: figures, frames and a page, all folds of its journal and curve."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.model import iso
from eyas.reports.currencies import Currencies
from eyas.reports.page import Page, write_page
from eyas.reports.remarks import remarks_on_data, remarks_on_findings, remarks_on_look_ahead
from eyas.reports.summary import Summary, summary_of
from eyas.reports.trades import trade_frame

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from eyas.data.quality import Verdict
    from eyas.data.quality.beside import Beside
    from eyas.journal import Journal
    from eyas.model import Bars
    from eyas.rules import Rules


# The page says these above its figures.
IN_THE_HEADER = ("From", "To", "Bars")
SYMBOLS_IN_TITLE = 3
SOURCES_MAX = 5
BESIDE_MAX = 40


@dataclass(frozen=True, eq=False, repr=False)
class Report:
    """Show what a run did: `summary`, `trades`, `equity`, `journal`, and a page by `plot`.

    `instruments` are the bars that were run, by symbol; `time` is that of every step of the clock; `steps`
    says of a portfolio at which step each bar of each symbol was taken, `clock` how it ran. `ambiguous_bars`
    counts the bars whose outcome depended on the path that was assumed inside them. `quality` is the
    verdict over the bars of each symbol, empty where they were not checked. `finer` by symbol and `extra` by
    name say what the run was given beside them: rows, range, hash, and of bars the verdict.
    """

    strategy: str
    parameters: Mapping[str, Any]
    instruments: Mapping[str, Bars]
    steps: Mapping[str, NDArray[np.int64]] | None
    clock: str
    time: NDArray[np.int64]
    rules: Rules
    cash: str
    journal: Journal
    curve: NDArray[np.float64]
    trade_figures: Mapping[str, float]
    indicators: Mapping[str, NDArray[np.float64]]
    ambiguous_bars: int
    quality: Mapping[str, Verdict] = field(default_factory=dict)
    finer: Mapping[str, Beside] = field(default_factory=dict)
    extra: Mapping[str, Beside] = field(default_factory=dict)

    @property
    def bars(self) -> Bars:
        """Bars of the instrument, of a portfolio those of the first."""
        return next(iter(self.instruments.values()))

    @property
    def symbols(self) -> tuple[str, ...]:
        """Symbols of the run, sorted."""
        return tuple(self.instruments)

    @cached_property
    def summary(self) -> Summary:
        """Headline figures, typed; they print as a table."""
        bars = list(self.instruments.values())
        return summary_of(
            bars,
            self.time,
            self.curve,
            self.journal,
            self.trade_figures,
            self.currencies,
            in_turn=self.clock.startswith("sequential"),
        )

    @cached_property
    def trades(self) -> pl.DataFrame:
        """One row for each closed ticket: times, prices, profit net of fees, why it ended."""
        return trade_frame(self.journal, self.currencies.pricing if self.currencies else {})

    @cached_property
    def equity(self) -> pl.DataFrame:
        """Time and equity after every step's decision; the last row is the final equity.

        The time is when the bar opened; of a portfolio, when the bars of the step closed.
        """
        import polars as pl

        return pl.DataFrame({"time": self.time, "equity": self.curve}).with_columns(
            pl.col("time").cast(pl.Datetime("ns", "UTC"))
        )

    @cached_property
    def currencies(self) -> Currencies | None:
        """Which money each symbol trades in, of a portfolio that has several."""
        pricing = self.rules.pricing(self.symbols)
        return Currencies(pricing, self.instruments, self.steps) if pricing and self.steps else None

    @property
    def title(self) -> str:
        """What ran on what."""
        if len(self.symbols) > 1:
            few = len(self.symbols) <= SYMBOLS_IN_TITLE
            return f"{self.strategy} on {', '.join(self.symbols) if few else f'{len(self.symbols)} symbols'}"
        file = Path(self.bars.source)
        name = self.bars.symbol or (file.name if file.suffix else "")
        market = " ".join(part for part in (name, self.bars.timeframe) if part)
        return f"{self.strategy} on {market}" if market else self.strategy

    def plot(self, path: str | Path = "report.html") -> Path:
        """Write the run as one self-contained HTML page and return its path.

        The page of a portfolio draws the price of the first symbol; its figures, its equity, its drawdown
        and its list of trades are those of the whole.
        """
        drawn = overlays(self.indicators, self.bars)
        page = Page(
            title=self.title,
            bars=self.bars,
            equity=self.curve,
            curve_time=None if self.steps is None else self.time,
            symbol_count=len(self.symbols),
            trades=self._trades_with_rows(),
            figures=[row for row in self.summary.rows() if row[0] not in IN_THE_HEADER],
            settings=self.settings(),
            remarks=[
                *remarks_on_findings(self._verdicts()),
                *self._remarks_on_run(),
                *self.refusals(),
                *not_drawn(self.indicators, drawn),
            ],
            data=self._data_checked(),
            indicators=drawn,
            opening_cash=self.summary.cash,
        )
        return write_page(page, Path(path))

    def _trades_with_rows(self) -> pl.DataFrame:
        """Return the trades with the bars of the drawn symbol at which they began and ended (others: -1)."""
        import polars as pl

        if self.steps is None:
            return self.trades
        drawn = self.symbols[0]
        mine = (self.trades["symbol"] == drawn).to_numpy()
        found = {}
        for name in ("entry", "exit"):
            rows = np.searchsorted(self.steps[drawn], self.trades[f"{name}_bar"].to_numpy(), side="right") - 1
            found[f"{name}_row"] = pl.Series(np.where(mine, np.maximum(0, rows), -1))
        return self.trades.with_columns(**found)

    def remarks(self) -> list[str]:
        """Return the sentences that a reader should know before believing the figures."""
        return [*remarks_on_data(self._verdicts()), *self._remarks_on_run()]

    def _data_checked(self) -> list[str]:
        """Return what the page says of the data's checks in a line."""
        if not self.quality:
            return ["Data: not checked"]
        verdicts = self._verdicts().values()
        level = max((one.level for one in verdicts), key=("pass", "warn", "fail").index)
        calendars = ", ".join(dict.fromkeys(one.calendar for one in verdicts))
        return [f"Data: {level}", f"calendar {calendars}"]

    def _remarks_on_run(self) -> list[str]:
        """Return the sentences on how the run went."""
        remarks = remarks_on_look_ahead(self.rules, self.journal)
        if len(self.symbols) > 1:
            remarks.append(
                f"Candles, indicators and the marks of trades are drawn of {self.symbols[0]}; figures, "
                f"equity, drawdown and the list of trades are of all {len(self.symbols)} symbols."
            )
        if self.clock.startswith("sequential"):
            remarks.append(
                "Each symbol ran to its end before the next began (clock=sequential): what runs later starts "
                "with the outcome of what ran before, and can know its later prices."
            )
        if self.currencies:
            remarks.append(
                "Profits and fees of single trades are in each symbol's own money; the figures are in the "
                "account's, at the rate of each trade's end."
            )
        if self.ambiguous_bars:
            remarks.append(
                "Bars whose outcome depended on the path that was assumed inside them: "
                f"{self.ambiguous_bars:,} (tie={self.rules.tie})."
            )
        return remarks

    def refusals(self) -> list[str]:
        """Return a sentence for each reason that refused orders."""
        return [f"Orders refused, because {name}: {count:,}." for name, count in self.summary.refused.items()]

    def settings(self) -> list[tuple[str, str]]:
        """Return everything that decided the run: parameters, rules, versions, the journal's digest."""
        import platform
        from importlib.metadata import version

        sources = list(dict.fromkeys(bars.source or "in memory" for bars in self.instruments.values()))
        more = f" and {len(sources) - SOURCES_MAX:,} more" if len(sources) > SOURCES_MAX else ""
        return [
            *((name, str(value)) for name, value in self.parameters.items()),
            *self.rules.differences(),
            ("cash", self.cash),
            *([("clock", self.clock)] if self.steps is not None else []),
            ("data", ", ".join(sources[:SOURCES_MAX]) + more),
            *self._hashes(),
            *((name, str(one)) for name, one in self._beside()[:BESIDE_MAX]),
            ("eyas", version("eyas")),
            ("python", platform.python_version()),
            ("journal", self.journal.digest),
        ]

    def _hashes(self) -> list[tuple[str, str]]:
        """Return what names the columns that were run."""
        if len(self.quality) == 1:
            return [("data's SHA-256", verdict.hash) for verdict in self.quality.values()]
        return [
            (f"SHA-256 of {symbol}", one.hash) for symbol, one in list(self.quality.items())[:SOURCES_MAX]
        ]

    def _beside(self) -> list[tuple[str, Beside]]:
        """Return what the run was given beside its bars, each with what it is called."""
        finer = [
            ("finer bars" if len(self.symbols) == 1 else f"finer bars of {symbol}", one)
            for symbol, one in self.finer.items()
        ]
        return [*finer, *((f"extra {name}", one) for name, one in self.extra.items())]

    def _verdicts(self) -> dict[str, Verdict]:
        """Return the verdicts over all the bars that the run was given, by what they are called."""
        return {**self.quality, **{f"the {name}": one.quality for name, one in self._beside() if one.quality}}

    def as_json(self) -> dict[str, Any]:
        """Return the run as plain values, for machines: figures, parameters, rules, trades, digest."""
        import polars as pl

        figures = {name: None if value == np.inf else value for name, value in asdict(self.summary).items()}
        alone = self.bars if len(self.symbols) == 1 else None
        return {
            "strategy": self.strategy,
            # JSON knows no infinity: as text it can be read back.
            "parameters": {
                name: str(value) if value in (np.inf, -np.inf) else value
                for name, value in self.parameters.items()
            },
            "symbol": alone.symbol if alone else None,
            "symbols": list(self.symbols),
            "clock": self.clock,
            "timeframe": alone.timeframe if alone else None,
            "rules": {**dict(self.rules.texts()), **dict(self.rules.differences())},
            "summary": figures,
            "ambiguous_bars": self.ambiguous_bars,
            "quality": {symbol: verdict.as_json() for symbol, verdict in self.quality.items()},
            "finer": {symbol: one.as_json() for symbol, one in self.finer.items()},
            "extra": {name: one.as_json() for name, one in self.extra.items()},
            "remarks": self.remarks(),
            "trades": [
                {name: iso(value) if name.endswith("_time") else value for name, value in trade.items()}
                for trade in self.trades.with_columns(
                    pl.col("entry_time", "exit_time").to_physical()
                ).to_dicts()
            ],
            "journal": self.journal.digest,
        }

    def __repr__(self) -> str:
        return f"<Report {self.title}: {len(self.curve):,} bars, return {self.summary.total_return:.2%}>"

    def __str__(self) -> str:
        notes = "".join(f"\n\n{remark}" for remark in remarks_on_data(self._verdicts()))
        return f"{self.title}\n\n{self.summary}{notes}"

    def _repr_html_(self) -> str:
        return self.summary._repr_html_()


def overlays(indicators: Mapping[str, NDArray[np.float64]], bars: Bars) -> dict[str, NDArray[np.float64]]:
    """Return the indicators that live on the scale of prices, which the page draws over the candles."""
    if not len(bars):
        return {}
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
