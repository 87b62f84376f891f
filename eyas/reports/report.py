"""The result of a run: figures, frames and a page, all folds of its journal and curve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from eyas.model import iso
from eyas.notes import Notes
from eyas.reports.currencies import Currencies
from eyas.reports.remarks import remarks_on_data, remarks_on_end, remarks_on_look_ahead
from eyas.reports.settings import settings_of, verdicts
from eyas.reports.summary import Summary, summary_of
from eyas.reports.trades import entry_notes, trade_frame, with_notes

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray
    from plotly.graph_objects import Figure as PlotlyFigure

    from eyas.data.quality import Verdict
    from eyas.data.quality.beside import Beside
    from eyas.journal import Journal
    from eyas.model import Bars
    from eyas.reports.bounds import Bounds
    from eyas.reports.comparison import Comparison
    from eyas.reports.difference import Difference
    from eyas.reports.metrics import Metrics
    from eyas.reports.origin import Origin
    from eyas.reports.text import Columns, Table
    from eyas.rules import Rules


SYMBOLS_IN_TITLE = 3


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
    noted: Notes = field(default_factory=Notes)
    seed: int = 0
    origin: Origin | None = None
    bounds: Bounds | None = None

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
    def metrics(self) -> Metrics:
        """All figures by name, each with its definition; `metrics_with` computes them on other terms."""
        return self.metrics_with()

    def metrics_with(
        self,
        *,
        benchmark: Any = None,
        risk_free: float = 0.0,
        periods_per_year: float | None = None,
        by: Literal["bar", "day"] = "bar",
    ) -> Metrics:
        """Return all figures on the terms that are asked for.

        `benchmark` is Bars, a frame or arrays with time and close (or equity), or another Report; holding the
        run's own instruments where nothing is given. `risk_free` is a rate a year. Ratios are of the returns
        of bars or of days, scaled by `periods_per_year` (252, 365), counted by the calendar when None.
        """
        from eyas.reports.measuring import metrics_of

        return metrics_of(
            self, benchmark=benchmark, risk_free=risk_free, periods_per_year=periods_per_year, by=by
        )

    @cached_property
    def trades(self) -> pl.DataFrame:
        """One row for each closed ticket: times, prices, profit net of fees, why it ended."""
        trades = trade_frame(self.journal, self.currencies.pricing if self.currencies else {})
        beside = self.excursions.select("mfe", "mae", "mfe_rate", "mae_rate")
        return with_notes(trades.hstack(beside), self.noted, self.journal)

    @cached_property
    def excursions(self) -> pl.DataFrame:
        """How far each of `trades` ran for and against itself: what is sure, and what is possible."""
        from eyas.reports.excursions import excursion_frame

        return excursion_frame(self)

    @property
    def exposure(self) -> pl.DataFrame:
        """Long, short, net and gross holdings at every step, as fractions of equity."""
        from eyas.reports.exposure import exposure_frame

        return exposure_frame(self)

    @cached_property
    def notes(self) -> pl.DataFrame:
        """What the strategy noted, one row a note: time, step, symbol (on a portfolio), a column a name."""
        return self.noted.frame(self.time, self.symbols if self.steps is not None else ())

    @cached_property
    def entry_notes(self) -> pl.DataFrame:
        """What was noted for the entry of each of `trades`, a row each: can stand beside them (`hstack`).

        A column for each name; `note_profit` is a note `profit`, since the trades have a column of that name.
        """
        return entry_notes(self.trades, self.noted, self.journal)

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

    def plot(self, path: str | Path = "report.html", *, benchmark: Any = None) -> Path:
        """Write the run as one self-contained HTML page and return its path.

        `benchmark` is what `metrics_with` takes. The page of a portfolio draws the price of the first symbol;
        its figures, its equity, its drawdown and its list of trades are those of the whole.
        """
        from eyas.reports.page import write_page
        from eyas.reports.sheet import page_of

        return write_page(page_of(self, benchmark), path)

    def pdf(self, path: str | Path = "report.pdf", *, benchmark: Any = None, timeout_s: float = 60.0) -> Path:
        """Print the page to a PDF with an installed Chromium or Chrome, and return its path.

        Raises UsageError where there is no browser, or it does not finish in time.
        """
        from eyas.reports.pdf import write_pdf

        return write_pdf(self, path, benchmark=benchmark, timeout_s=timeout_s)

    def figure(
        self,
        name: str = "equity",
        *,
        benchmark: Any = None,
        theme: Literal["light", "dark"] = "light",
        symbol: str | None = None,
    ) -> PlotlyFigure:
        """Return a Plotly figure of the run, to look at and to change (extra: plotly).

        `name` is equity, drawdown, price, months, years, rolling, distribution, trades, excursions or
        exposure; `symbol` says whose price. Long series are thinned for the eye.
        """
        from eyas.reports.plots import figure

        return figure(self, name, benchmark=benchmark, theme=theme, symbol=symbol)

    def markdown(
        self,
        path: str | Path | None = None,
        *,
        tables: Sequence[str] | None = None,
        columns: Columns | Mapping[str, Columns] | None = None,
        rows_max: int | None = 500,
        definitions: bool = True,
    ) -> str:
        """Return the run as Markdown, and write it to `path` where one is given.

        `tables` are those that are wanted, in order; `columns`, of the trades or by table, chooses, reorders,
        renames and formats (docs/text.md); of each at most `rows_max` rows (None: all) are shown.
        `definitions` of the figures stand at the end.
        """
        from eyas.reports.text import report_markdown

        return report_markdown(
            self, path, tables=tables, columns=columns, rows_max=rows_max, definitions=definitions
        )

    def table(self, name: str) -> Table:
        """Return one table of the run as text can be made of it: Markdown, JSON Lines, plain objects.

        `name` is run, metrics, trades, backtest (names of the signal lifecycle), drawdowns, heat, equity,
        events, notes or settings.
        """
        from eyas.reports.text import table_of

        return table_of(self, name)

    def json_lines(
        self,
        path: str | Path,
        table: str = "trades",
        *,
        columns: Columns | None = None,
        append: bool = False,
    ) -> Path:
        """Write one table of the run (see `table`) as JSON Lines, an object a row, and return the path.

        With `append` whole lines are added to what is there.
        """
        from eyas.reports.text import write_report_lines

        return write_report_lines(self, path, table, columns=columns, append=append)

    def compare(self, *others: Report, **named: Report) -> Comparison:
        """Put this run beside others, given as they are or by the names they are to have."""
        from eyas.reports.comparison import compare

        return compare(self, *others, **named)

    def save(self, path: str | Path = "run.eyas", *, data: bool = True) -> Path:
        """Keep the run in one file and return its path; `eyas.open` makes the same report of it again.

        With `data=False` the bars are named by source and hash alone, for data that may not be passed on.
        Raises UsageError when it cannot be written.
        """
        from eyas.reports.saving import save

        return save(self, path, data=data)

    def diff(self, other: Report) -> Difference:
        """Explain trade by trade why another run came out differently, and how much money each cause is."""
        from eyas.reports.difference import difference

        return difference(self, other)

    def remarks(self) -> list[str]:
        """Return the sentences that a reader should know before believing the figures."""
        return [*remarks_on_data(verdicts(self)), *self.remarks_on_run()]

    def remarks_on_run(self) -> list[str]:
        """Return the sentences on how the run went."""
        taken = sum(len(bars) for bars in self.instruments.values())
        remarks = [
            *remarks_on_end(taken, sum(verdict.rows for verdict in self.quality.values())),
            *remarks_on_look_ahead(self.rules, self.journal),
        ]
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
        return settings_of(self)

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
            "seed": self.seed,
            "summary": figures,
            "metrics": self.metrics.as_json(),
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
        notes = "".join(f"\n\n{remark}" for remark in remarks_on_data(verdicts(self)))
        return f"{self.title}\n\n{self.summary}{notes}"

    def _repr_html_(self) -> str:
        from eyas.reports.notebook import report_html

        return report_html(self)
