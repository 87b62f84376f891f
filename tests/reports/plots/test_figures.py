"""Figures are compared as data: what stands in a trace is what the run says."""

from __future__ import annotations

import json
import re
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import eyas
from eyas.errors import UsageError
from eyas.reports import Report
from eyas.reports.benchmark import benchmark_of
from eyas.reports.excursions import excursion_frame
from eyas.reports.exposure import exposure_frame
from eyas.reports.folds.calendar import monthly_returns
from eyas.reports.folds.distribution import distribution, returns_distribution
from eyas.reports.plots import FIGURES, figure
from eyas.reports.plots.look import POINTS_MAX, THEMES, breaks
from eyas.reports.plots.trades import TRADES_MAX, hover_texts, thinned
from tests.reports.small_runs import ALL, HOSTILE, constant, daily, idle, in_turn, portfolio, swing

pytest.importorskip("plotly.graph_objects")
ASSETS = Path(eyas.__file__).parent / "reports" / "assets"
HOUR_NS = 3_600_000_000_000
DAY_NS = 24 * HOUR_NS


def traces(made: Any) -> dict[str, Any]:
    """Return the traces of a figure by name."""
    found = {trace.name: trace for trace in made.data}
    assert len(found) == len(made.data)
    return found


def said(made: Any) -> str:
    """Return the sentence that stands in place of a picture."""
    assert len(made.layout.annotations) == 1
    text: str = made.layout.annotations[0].text
    return text


@lru_cache
def long_run() -> Report:
    bars = daily(12_000)
    entries = np.zeros(len(bars))
    entries[::2] = 1
    exits = np.zeros(len(bars), bool)
    exits[1::2] = True
    return eyas.backtest(eyas.Signals(entries=entries, exits=exits, quantity=1), bars)


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("run", sorted(ALL))
def test_every_figure_of_every_run(run: str, name: str) -> None:
    made = figure(ALL[run](), name, theme="dark")
    data = json.loads(made.to_json())
    assert made.layout.title.text
    assert made.layout.paper_bgcolor == THEMES["dark"]["paper"]
    # There is either a picture, or a sentence that says why not.
    assert bool(data["data"]) != any(one.x == 0.5 for one in made.layout.annotations)


def test_a_file_needs_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "equity.html"
    figure(swing()).write_html(path)
    html = path.read_text(encoding="utf-8")
    assert not re.search(r"<(?:script|link|img|iframe)[^>]*(?:src|href)=", html[:20_000] + html[-200_000:])
    assert "Plotly.newPlot" in html


def test_a_figure_can_be_changed() -> None:
    made = figure(swing(), "equity").update_layout(title_text="Mine", height=300)
    assert (made.layout.title.text, made.layout.height) == ("Mine", 300)


def test_equity_is_the_curve_beside_its_benchmark() -> None:
    report = swing()
    found = traces(figure(report))
    assert list(found) == ["Buy and hold TEST", "Equity"]
    assert np.array_equal(found["Equity"].y, report.curve)
    assert np.array_equal(found["Equity"].x.astype("datetime64[ns]").astype(np.int64), report.time)
    assert np.array_equal(found["Buy and hold TEST"].y, benchmark_of(None, report).values)
    assert list(traces(figure(report, benchmark=False))) == ["Equity"]
    other = traces(figure(report, benchmark=constant()))
    assert len(other) == 2
    assert "Equity" in other


def test_a_long_curve_is_thinned_for_the_eye_alone() -> None:
    report = long_run()
    equity = traces(figure(report, benchmark=False))["Equity"]
    assert len(equity.y) <= POINTS_MAX < len(report.curve)
    assert (equity.y[0], equity.y[-1]) == (report.curve[0], report.curve[-1])
    assert set(equity.y) <= set(report.curve.tolist())
    below = traces(figure(report, "drawdown"))["Drawdown"]
    assert len(below.y) <= POINTS_MAX + 1
    assert below.y.min() == pytest.approx(-report.summary.max_drawdown, rel=1e-12)


def test_drawdown_marks_the_deepest_falls() -> None:
    report = swing()
    found = traces(figure(report, "drawdown"))
    assert found["Drawdown"].y.min() == pytest.approx(-report.summary.max_drawdown, rel=1e-12)
    assert found["Deepest"].y[0] == pytest.approx(-report.summary.max_drawdown, rel=1e-12)
    assert "under water" in found["Deepest"].hovertext[0]


def test_symbols_one_after_the_other_are_drawn_by_steps() -> None:
    made = figure(in_turn(), "equity", benchmark=False)
    assert np.array_equal(traces(made)["Equity"].x, np.arange(len(in_turn().curve)))
    assert "one after the other" in made.layout.xaxis.title.text
    below = traces(figure(in_turn(), "drawdown"))
    assert list(below) == ["Drawdown"]


def test_months_and_years_are_those_of_the_fold() -> None:
    report = swing()
    (cells,) = figure(report, "months").data
    fold = monthly_returns(benchmark_of(report, report).curve)
    assert np.array_equal(np.asarray(cells.z)[:, :12], fold.rates, equal_nan=True)
    assert np.array_equal(np.asarray(cells.z)[:, 12], fold.totals, equal_nan=True)
    assert cells.text[0][0] == f"{fold.rates[0, 0]:.1%}".replace("-0.0%", "0.0%")
    own = traces(figure(long_run(), "years"))["Return (blue: gain)"]
    assert np.prod(1 + np.asarray(own.y)) - 1 == pytest.approx(long_run().summary.total_return, rel=1e-9)
    assert [color == THEMES["light"]["loss"] for color in own.marker.color] == [rate < 0 for rate in own.y]


def test_distribution_counts_every_return() -> None:
    made = figure(swing(), "distribution")
    bars = [trace for trace in made.data if trace.type == "bar"]
    folds = [
        returns_distribution(benchmark_of(swing(), swing()).curve),
        distribution(swing().trades["profit_rate"].to_numpy(), of="trades"),
    ]
    assert [trace.name for trace in bars] == [fold.of for fold in folds]
    for trace, fold in zip(bars, folds, strict=True):
        assert np.array_equal(trace.y, fold.counts)
        assert np.allclose(np.asarray(trace.x) - np.asarray(trace.width) / 2, fold.edges[:-1])
        beyond = fold.below + fold.above + fold.zero
        assert sum(trace.y) + beyond == fold.count
    assert ("exactly 0" in made.layout.title.subtitle.text) == any(fold.zero for fold in folds)
    assert len(made.layout.shapes) == 4  # mean and median of both


def test_every_trade_is_a_mark_with_all_that_is_known() -> None:
    report = swing()
    found = traces(figure(report, "trades"))
    rates = np.concatenate([found["Won"].y, found["Lost"].y])
    assert sorted(rates) == sorted(report.trades["profit_rate"].to_list())
    assert (found["Won"].y > 0).all()
    for text in (*found["Won"].hovertext, *found["Lost"].hovertext):
        assert "<script" not in text
        assert "&lt;script&gt;" in text
        assert re.sub(r"</?(?:b|i|br)>", "", text).count("<") == 0


def test_price_has_the_candles_and_the_fills() -> None:
    report = swing()
    made = figure(report, "price")
    found = traces(made)
    for name in ("open", "high", "low", "close"):
        assert np.array_equal(getattr(found["Price"], name), getattr(report.bars, name))
    assert np.array_equal(found["Exit"].y, report.trades["exit_price"].to_numpy())
    for side in ("long", "short"):
        own = report.trades.filter(pl.col("direction") == side)
        assert np.array_equal(found[f"Entry {side}"].y, own["entry_price"].to_numpy())
        assert np.array_equal(found[f"Entry {side}"].x.astype("datetime64[ns]"), own["entry_time"].to_numpy())
    lost = report.trades.filter(pl.col("profit") <= 0)
    assert np.array_equal(np.asarray(found["Lost"].y)[::3], lost["entry_price"].to_numpy())
    assert np.isnan(np.asarray(found["Lost"].y)[2::3]).all()


def test_price_of_a_long_run_is_merged_and_of_many_trades_the_largest_are_drawn() -> None:
    report = long_run()
    made = figure(report, "price")
    candles = traces(made)["Price"]
    assert len(candles.x) == 4_000
    assert (max(candles.high), min(candles.low)) == (report.bars.high.max(), report.bars.low.min())
    assert len(traces(made)["Exit"].x) == TRADES_MAX < len(report.trades)
    assert "3 bars a candle" in made.layout.title.subtitle.text
    assert "the largest gains and losses" in made.layout.title.subtitle.text
    kept, _ = thinned(report.trades)
    left = report.trades.filter(~pl.col("ticket").is_in(kept["ticket"].to_list()))
    assert left["profit"].abs().max() <= kept["profit"].abs().min()


def test_price_of_a_portfolio_is_of_one_symbol() -> None:
    report = portfolio()
    for symbol in ("A", "B"):
        found = traces(figure(report, "price", symbol=symbol))
        assert np.array_equal(found["Price"].close, report.instruments[symbol].close)
        own = report.trades.filter(pl.col("symbol") == symbol)
        assert len(found["Exit"].x) == len(own)
        assert all(text.startswith(f"<b>{symbol} ") for text in hover_texts(own))
    with pytest.raises(UsageError, match="'C' did not run; there are A, B"):
        figure(report, "price", symbol="C")
    with pytest.raises(UsageError, match="symbol is for the figure 'price'"):
        figure(report, "equity", symbol="A")


def test_excursions_and_exposure_are_those_of_the_frames() -> None:
    report = swing()
    found = traces(figure(report, "excursions"))
    frame = excursion_frame(report)
    drawn = {(x, y) for name in ("Won", "Lost") for x, y in zip(found[name].x, found[name].y, strict=True)}
    assert drawn == set(zip(frame["mae_rate"].to_list(), frame["mfe_rate"].to_list(), strict=True))
    held = traces(figure(report, "exposure"))
    exposed = exposure_frame(report)
    assert np.array_equal(held["Long"].y, exposed["long"].to_numpy())
    assert np.array_equal(held["Short"].y, -exposed["short"].to_numpy())


def test_rolling_figures_have_their_panels() -> None:
    found = traces(figure(long_run(), "rolling"))
    assert {"Sharpe", "Sortino", "Return", "Volatility a year"} < found.keys()
    assert {trace.yaxis for trace in found.values()} == {"y", "y2", "y3"}


def test_where_nothing_can_be_drawn_a_sentence_says_why() -> None:
    assert said(figure(idle(), "trades")) == "No trade was closed."
    assert said(figure(idle(), "drawdown")) == "Equity never fell below its highest."
    assert "Rolling figures take" in said(figure(idle(), "rolling"))


@pytest.mark.parametrize(
    ("options", "wrong"),
    [
        ({"name": "equty"}, "there is no figure 'equty': did you mean 'equity'?"),
        ({"name": "zzz"}, "there are equity, drawdown, price"),
        ({"theme": "drak"}, "there is no theme 'drak': did you mean 'dark'?"),
    ],
)
def test_what_is_wrong_is_said(options: dict[str, Any], wrong: str) -> None:
    with pytest.raises(UsageError) as caught:
        figure(swing(), **options)
    assert wrong in str(caught.value)


def test_without_the_extra_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "plotly.graph_objects", None)
    with pytest.raises(UsageError, match=r"pip install 'eyas\[plotly\]'"):
        figure(swing(), "equity")


def test_a_name_of_the_users_own_is_only_text() -> None:
    renamed = eyas.backtest(type("B", (type(idle_strategy()),), {})(), daily(30), quality="off")
    object.__setattr__(renamed, "strategy", HOSTILE)
    title = figure(renamed, "equity").layout.title.subtitle.text
    assert "<script" not in title
    assert "&lt;script&gt;" in title


def idle_strategy() -> eyas.Strategy:
    from tests.reports.small_runs import Idle

    return Idle()


def test_colours_are_those_of_the_page() -> None:
    style = (ASSETS / "style.css").read_text(encoding="utf-8")
    for name in (
        "paper",
        "ink",
        "muted",
        "line",
        "grid",
        "gain",
        "loss",
        "rise",
        "fall",
        "underwater",
        "equity",
    ):
        light, dark = re.search(rf"--{name}: light-dark\((#\w+), (#\w+)\)", style).groups()  # type: ignore[union-attr]
        assert (THEMES["light"][name], THEMES["dark"][name]) == (light, dark), name


def test_an_axis_leaves_out_what_never_has_a_bar() -> None:
    monday = 1_577_923_200_000_000_000 + 4 * DAY_NS  # 6 January 2020
    days = monday + np.array([0, 1, 2, 3, 4, 7, 8, 9, 10, 11, 14]) * DAY_NS
    assert breaks(days) == [{"bounds": ["sat", "mon"]}]
    assert breaks(monday + np.arange(20) * DAY_NS) == []
    hours = np.concatenate([day + np.arange(14, 21) * HOUR_NS for day in days])
    assert breaks(hours) == [{"bounds": ["sat", "mon"]}, {"bounds": [21, 14], "pattern": "hour"}]
    assert breaks(monday + np.arange(500) * HOUR_NS) == []
    assert breaks(days[:1]) == []
