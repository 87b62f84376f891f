"""Figures of trades: what each earned, how far each ran, and where they stand in the price."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from eyas.errors import UsageError
from eyas.reports.downsample import bucket_width, merge_bars
from eyas.reports.folds.excursions import excursion_points
from eyas.reports.plots.look import POINTS_MAX, Look, breaks, canvas, moments, plotly, safe, say_instead
from eyas.reports.text.formats import price, time

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    from eyas.model import Bars
    from eyas.reports.report import Report

TRADES_MAX = POINTS_MAX // 2  # each is an entry and an exit
SIDES = (("long", "triangle-up"), ("short", "triangle-down"))
OUTCOMES = (("Won", "gain"), ("Lost", "loss"))


def trades_figure(report: Report, look: Look) -> Any:
    """Return the result of each trade when it ended, and what all of them earned up to then."""
    trades, said = thinned(report.trades)
    found = canvas(look, "Trades", said)
    if not len(trades):
        return say_instead(found, "No trade was closed.", look)
    texts = np.array(hover_texts(trades), object)
    won = trades["profit"].to_numpy() > 0
    at, rates = moments(trades["exit_time"].to_physical().to_numpy()), trades["profit_rate"].to_numpy()
    sides = trades["direction"].to_numpy()
    symbols = np.where(sides == "long", "triangle-up", "triangle-down")
    for (name, colour), rows in zip(OUTCOMES, (won, ~won), strict=True):
        if rows.any():
            found.add_trace(
                plotly().Scatter(
                    x=at[rows], y=rates[rows], mode="markers", name=name, hovertext=texts[rows],
                    marker={"color": look[colour], "size": 9, "symbol": symbols[rows], "opacity": 0.8},
                    hovertemplate="%{hovertext}<extra></extra>",
                )
            )  # fmt: skip
    found.add_hline(y=0, line={"color": look["line"], "width": 1})
    found.update_yaxes(tickformat=".1%", title_text="profit over the money entered")
    return found


def excursions_figure(report: Report, look: Look) -> Any:
    """Return for each trade how far it ran against itself and for itself, coloured by what came of it."""
    from eyas.reports.excursions import excursion_frame

    fold = excursion_points(report.trades, excursion_frame(report), POINTS_MAX)
    said = "" if fold.sentence else "Before fees; far to the left it ran against itself, far up for itself"
    found = canvas(look, "Excursions", said)
    if fold.sentence:
        return say_instead(found, fold.sentence, look)
    texts = np.array(hover_texts(report.trades[fold.row.tolist()]), object)
    won = fold.result > 0
    for (name, colour), rows in zip(OUTCOMES, (won, ~won), strict=True):
        if rows.any():
            found.add_trace(
                plotly().Scatter(
                    x=fold.adverse[rows], y=fold.favourable[rows], mode="markers", name=name,
                    marker={
                        "color": look[colour], "size": 8, "opacity": 0.75,
                        "symbol": "circle" if name == "Won" else "x",
                    },
                    hovertext=texts[rows],
                    hovertemplate="%{hovertext}<br>worst %{x:.2%}, best %{y:.2%}<extra></extra>",
                )
            )  # fmt: skip
    found.update_xaxes(tickformat=".1%", title_text="worst while open (MAE)", showgrid=True)
    found.update_yaxes(tickformat=".1%", title_text="best while open (MFE)")
    return found


def price_figure(report: Report, look: Look, symbol: str | None = None) -> Any:
    """Return candles with the entries and exits of the trades; of a portfolio those of one symbol."""
    bars, trades = of_symbol(report, symbol)
    width = bucket_width(len(bars), POINTS_MAX)
    trades, shown = thinned(trades)
    merged = f"{width:,} bars a candle" if width > 1 else ""
    found = canvas(
        look,
        f"{bars.symbol or report.title} {bars.timeframe}".strip(),
        "; ".join(filter(None, (merged, shown))),
    )
    if not len(bars):
        return say_instead(found, "There are no bars.", look)
    candles = merge_bars(bars, width)
    found.add_trace(
        plotly().Candlestick(
            x=moments(candles.time), open=candles.open, high=candles.high, low=candles.low,
            close=candles.close,
            name="Price", showlegend=False, line={"width": 1},
            increasing={"line": {"color": look["rise"]}, "fillcolor": look["rise"]},
            decreasing={"line": {"color": look["fall"]}, "fillcolor": look["fall"]},
        )
    )  # fmt: skip
    if len(trades):
        add_marks(found, trades, look)
    found.update_layout(
        height=560, xaxis={"rangeslider": {"visible": False}, "rangebreaks": breaks(bars.time)}
    )
    found.update_yaxes(tickformat=",")
    return found


def add_marks(found: Any, trades: pl.DataFrame, look: Look) -> None:
    """Draw the entries and exits of trades, a line between them, and say of each all that is known."""
    texts = np.array(hover_texts(trades), object)
    entries, exits = (moments(trades[f"{name}_time"].to_physical().to_numpy()) for name in ("entry", "exit"))
    begun, ended = trades["entry_price"].to_numpy(), trades["exit_price"].to_numpy()
    won, sides = trades["profit"].to_numpy() > 0, trades["direction"].to_numpy()
    scatter = plotly().Scatter
    for (name, colour), rows in zip(OUTCOMES, (won, ~won), strict=True):
        if rows.any():
            found.add_trace(
                scatter(
                    x=in_pairs(entries[rows], exits[rows], np.datetime64("NaT")),
                    y=in_pairs(begun[rows], ended[rows], np.nan),
                    mode="lines", name=name, hoverinfo="skip", connectgaps=False,
                    line={"color": look[colour], "width": 1.5, "dash": "dot"},
                )
            )  # fmt: skip
    hover, edge = "%{hovertext}<extra></extra>", {"color": look["paper"], "width": 1}
    for side, shape in SIDES:
        rows = sides == side
        if rows.any():
            found.add_trace(
                scatter(
                    x=entries[rows], y=begun[rows], mode="markers", name=f"Entry {side}",
                    hovertext=texts[rows], hovertemplate=hover,
                    marker={"symbol": shape, "size": 11, "color": look["ink"], "line": edge},
                )
            )  # fmt: skip
    found.add_trace(
        scatter(
            x=exits, y=ended, mode="markers", name="Exit", hovertext=texts, hovertemplate=hover,
            marker={
                "symbol": "circle", "size": 8, "line": edge,
                "color": np.where(won, look["gain"], look["loss"]),
            },
        )
    )  # fmt: skip


def in_pairs(first: NDArray[Any], second: NDArray[Any], gap: Any) -> NDArray[Any]:
    """Return first, second, gap, first, second, gap …: pieces of a line that do not touch."""
    return np.column_stack([first, second, np.full(len(first), gap, first.dtype)]).reshape(-1)


def of_symbol(report: Report, symbol: str | None) -> tuple[Bars, pl.DataFrame]:
    """Return the bars of a symbol and its trades; raises UsageError for one that did not run."""
    import polars as pl

    wanted = report.symbols[0] if symbol is None else symbol
    if wanted not in report.instruments:
        raise UsageError(f"{wanted!r} did not run; there are {', '.join(report.symbols)}")
    trades = report.trades
    return report.instruments[wanted], trades.filter(
        pl.col("symbol") == wanted
    ) if "symbol" in trades.columns else trades


def thinned(trades: pl.DataFrame) -> tuple[pl.DataFrame, str]:
    """Return the trades to draw, and what to say where they are not all: those that mattered most."""
    if len(trades) <= TRADES_MAX:
        return trades, ""
    order = np.argsort(-np.abs(trades["profit"].to_numpy()), kind="stable")[:TRADES_MAX]
    return trades[np.sort(order)], f"{TRADES_MAX:,} of {len(trades):,} trades: the largest gains and losses"


def hover_texts(trades: pl.DataFrame) -> list[str]:
    """Return what is said of each trade."""
    names = (
        "direction",
        "quantity",
        "entry_time",
        "entry_price",
        "exit_time",
        "exit_price",
        "profit",
        "profit_rate",
        "exit_reason",
    )
    columns = [
        trades[name].to_numpy() if name.endswith("_time") else trades[name].to_list() for name in names
    ]
    symbols = trades["symbol"].to_list() if "symbol" in trades.columns else [""] * len(trades)
    notes = [
        trades[name].to_list() if name in trades.columns else [None] * len(trades)
        for name in ("note", "exit_note")
    ]
    found = []
    for symbol, note, exit_note, *values in zip(symbols, *notes, *columns, strict=True):
        side, quantity, entered, begun, left, ended, profit, rate, reason = values
        lines = [
            f"<b>{safe(f'{symbol} {side}'.strip())} {quantity:,.10g}: {profit:+,.2f} ({rate:+.2%})</b>",
            f"in {time(entered)} at {price(begun)}",
            f"out {time(left)} at {price(ended)}, {safe(reason.replace('_', ' '))}",
            *(f"<i>{safe(text)}</i>" for text in (note, exit_note) if text),
        ]
        found.append("<br>".join(lines))
    return found
