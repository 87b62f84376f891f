"""Sections of a portfolio: a heat map of its symbols, what each earned, and how they move together."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from eyas.metrics.signals.definition import SIGNAL_DEFINITIONS
from eyas.metrics.signals.heat import PORTFOLIO_DEFINITIONS
from eyas.reports.comparison.aligned import correlations
from eyas.reports.sections.section import Section
from eyas.reports.svg.bars import Bar, bar_list
from eyas.reports.svg.picture import nothing
from eyas.reports.svg.tables import Column as TableColumn
from eyas.reports.svg.tables import heat_table, shades_of, table
from eyas.reports.svg.text import NOTHING, attribute, number_text
from eyas.reports.text.heat import heat_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from eyas.metrics.signals import Heat
    from eyas.reports.report import Report

SYMBOLS_MAX = 200  # rows of the heat map
MATRIX_MAX = 30  # symbols in the table of correlations
PAIRED_MAX = 120  # symbols of which every pair is looked at
PAIRS = 8
BARS_MAX = 60
DAY_NS = 86_400_000_000_000
TITLE = "Symbols"


class Column(NamedTuple):
    """Name a column of the heat map: its field, its title, its decimals, and what it is shaded around."""

    name: str
    title: str
    decimals: int = 2
    middle: float | None = 0.0
    sign: float = 1.0


COLUMNS = (
    Column("total_trades", "Trades", 0, None),
    Column("win_rate", "Won, %", 1, 50.0),
    Column("total_pnl", "Sum, %"),
    Column("expectancy", "Mean, %"),
    Column("median_pnl", "Median, %"),
    Column("profit_factor", "Profit factor", 2, 1.0),
    Column("sharpe_ratio", "Sharpe"),
    Column("sortino_ratio", "Sortino"),
    Column("annualized_sharpe_ratio", "Sharpe a year"),
    Column("max_drawdown", "Deepest fall, %", 1, 0.0, -1.0),
    Column("calmar_ratio", "Calmar"),
    Column("avg_peak_pnl", "Mean peak, %", 2, None),
    Column("avg_fall_pnl", "Mean fall, %", 2, None),
    Column("avg_duration", "Minutes held", 0, None),
)


def symbol_sections(report: Report) -> list[Section]:
    """Return the sections that only a portfolio has; none for a single instrument."""
    if len(report.symbols) < 2:
        return []
    return [heat_section(report), profit_section(report), together_section(report)]


def heat_section(report: Report) -> Section:
    """Return the statistics of each symbol's trades as a table whose columns are shaded."""
    if not len(report.trades):
        return Section("symbols", TITLE, nothing("No trade was closed."), wide=True)
    found = heat_of(report)
    more = len(found.symbols) - SYMBOLS_MAX
    note = (
        "Of each trade's result in percent of the money entered, best Sharpe ratio first. Below ten trades "
        "nothing is said of what the next one might bring. The last row is of all trades in one pool; it "
        "knows nothing of how the symbols go together."
    )
    if more > 0:
        note += f" {more:,} symbols with less are left out."
    return Section("symbols", TITLE, heat_map(found), note, wide=True)


def heat_map(found: Heat) -> str:
    """Return the heat map as HTML; each column is shaded by its own numbers."""
    rows = found.symbols[:SYMBOLS_MAX]
    values = np.array([[number(getattr(row, one.name)) * one.sign for one in COLUMNS] for row in rows])
    middles = np.array([math.nan if one.middle is None else one.middle for one in COLUMNS])
    shades = np.column_stack([shades_of(column) for column in (values - middles).T])
    head = '<th scope="col">Symbol</th>' + "".join(
        f'<th scope="col" class="number" title="{explained(one.name)}">{attribute(one.title)}</th>'
        for one in COLUMNS
    )
    body = [
        f'<tr><th scope="row">{attribute(row.symbol)}</th>'
        + "".join(cell(values[at, place], one, int(shades[at, place])) for place, one in enumerate(COLUMNS))
        + "</tr>"
        for at, row in enumerate(rows)
    ]
    pooled = [number(getattr(found.portfolio, one.name, None)) * one.sign for one in COLUMNS]
    foot = "".join(cell(value, one, 0) for value, one in zip(pooled, COLUMNS, strict=True))
    return (
        '<div class="table-scroll" tabindex="0" role="region" aria-label="Figures of each symbol">'
        f'<table class="plain heat"><thead><tr>{head}</tr></thead><tbody>{"".join(body)}</tbody>'
        f'<tfoot><tr><th scope="row">All, pooled</th>{foot}</tr></tfoot></table></div>'
    )


def cell(value: float, column: Column, shade: int) -> str:
    """Return one cell of the heat map."""
    shaded = f" up-{shade}" if shade > 0 else f" down-{-shade}" if shade < 0 else ""
    text = number_text(value, column.decimals)
    return f'<td class="number{shaded}">{"" if text == NOTHING else text}</td>'


def explained(name: str) -> str:
    """Return the definition of a column, as the text of an attribute."""
    definition = SIGNAL_DEFINITIONS.get(name) or PORTFOLIO_DEFINITIONS.get(name)
    return attribute(str(definition)) if definition else ""


def number(value: float | str | None) -> float:
    """Return a number, NaN for what is not said."""
    return float(value) if isinstance(value, int | float) else math.nan


def profit_section(report: Report) -> Section:
    """Return what each symbol earned, in the money of the account."""
    from eyas.metrics.grouped import grouped
    from eyas.reports.of_report import trades_of

    title = "Profit by symbol"
    if not len(report.trades):
        return Section("symbol-profits", title, nothing("No trade was closed."), wide=True)
    found = grouped(trades_of(report), "symbol").sort("profit", descending=True)
    names, profits = found["symbol"].to_list(), found["profit"].to_list()
    if len(names) > BARS_MAX:
        half = BARS_MAX // 2
        names, profits = names[:half] + names[-half:], profits[:half] + profits[-half:]
    bars = [Bar(name, profit) for name, profit in zip(names, profits, strict=True)]
    left = f"The {BARS_MAX // 2} best and the {BARS_MAX // 2} worst of {len(found):,} symbols. "
    note = f"{left if len(found) > BARS_MAX else ''}After all fees, in the money of the account."
    return Section("symbol-profits", title, bar_list(title, bars, "money"), note, wide=True)


def together_section(report: Report) -> Section:
    """Return how the daily closes of the symbols move together, as a table; of many the extreme pairs."""
    title = "How the symbols move together"
    symbols = [symbol for symbol in report.symbols if len(report.instruments[symbol])]
    if not 2 <= len(symbols) <= PAIRED_MAX:
        text = f"It is shown for 2 to {PAIRED_MAX} symbols with bars; there are {len(symbols):,}."
        return Section("together", title, nothing(text), wide=True)
    found = correlations(daily_returns(report, symbols))
    if not np.isfinite(found[~np.eye(len(symbols), dtype=np.bool_)]).any():
        return Section("together", title, nothing("No two symbols share ten days."), wide=True)
    if len(symbols) > MATRIX_MAX:
        return Section("together", title, *pairs(symbols, found), wide=True)
    html = heat_table("Correlation of daily returns, in hundredths", symbols, symbols, found, decimals=0)
    note = "Correlation of the returns of daily closes, in hundredths; blank below ten days in common."
    return Section("together", title, html, note, wide=True)


def pairs(symbols: list[str], found: NDArray[np.float64]) -> tuple[str, str]:
    """Return the pairs that move most and least alike, as tables, and a sentence on all of them."""
    first, second = np.triu_indices(len(symbols), 1)
    values = found[first, second]
    known = np.flatnonzero(np.isfinite(values))
    order = known[np.argsort(-values[known], kind="stable")]

    def pair_table(caption: str, rows: NDArray[np.int64]) -> str:
        columns = [TableColumn(caption, is_number=False), TableColumn("Correlation")]
        lines = [
            [f"{symbols[first[row]]} and {symbols[second[row]]}", number_text(float(values[row]))]
            for row in rows.tolist()
        ]
        return table(caption, columns, lines)

    html = pair_table("Most alike", order[:PAIRS]) + pair_table("Least alike", order[::-1][:PAIRS])
    note = (
        f"Correlation of the returns of daily closes; over all {len(known):,} pairs with ten days in common "
        f"it is {number_text(float(values[known].mean()))} in the mean."
    )
    return f'<div class="pictures">{html}</div>', note


def daily_returns(report: Report, symbols: list[str]) -> NDArray[np.float64]:
    """Return the returns of the last closes of each UTC day, a column a symbol; NaN where there is none."""
    closes = [day_closes(report, symbol) for symbol in symbols]
    days = np.unique(np.concatenate([own for own, _ in closes]))
    prices = np.full((len(days), len(symbols)), np.nan)
    for place, (own, values) in enumerate(closes):
        prices[np.searchsorted(days, own), place] = values
    returns: NDArray[np.float64] = prices[1:] / prices[:-1] - 1
    return returns


def day_closes(report: Report, symbol: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the days of a symbol (since 1970) and its last close of each."""
    bars = report.instruments[symbol]
    days = bars.time // DAY_NS
    is_last = np.append(days[1:] != days[:-1], np.ones(1, np.bool_))
    return days[is_last], bars.close[is_last]
