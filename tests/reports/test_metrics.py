"""All figures of a report: named, explained, equal to the summary's, silent where nothing can be defended."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import polars as pl
import pytest

import eyas
from eyas.errors import UsageError
from eyas.metrics.definition import DEFINITIONS, parts_of
from eyas.reports.metrics import Metrics, text_of


class Cross(eyas.Strategy):
    fast: int = 10
    slow: int = 30

    def on_start(self) -> None:
        self.quick = self.use(eyas.indicators.sma, "close", self.fast)
        self.calm = self.use(eyas.indicators.sma, "close", self.slow)

    def on_bar(self, bar: eyas.Bar) -> None:
        if self.quick.crossed_above(self.calm):
            self.buy(fraction=0.9, stop_loss=0.05)
        elif self.quick.crossed_below(self.calm):
            self.close()


@pytest.fixture(scope="module")
def report() -> eyas.Report:
    return eyas.backtest(Cross(), eyas.sample("IBM", "1d"), fee_rate=0.001, slippage=0.0005)


def test_every_figure_says_how_it_is_defined() -> None:
    for name, definition in DEFINITIONS.items():
        assert definition.name == name
        for part in ("label", "group", "sentence", "formula", "convention", "source"):
            assert getattr(definition, part), f"{name} lacks its {part}"
        assert "Unit:" not in definition.formula
    labels = [definition.label for definition in DEFINITIONS.values()]
    assert len(set(labels)) == len(labels)


def test_parts_of_a_docstring_may_run_over_lines() -> None:
    text = "Return it.\n\nFormula: a /\n  b.\nUnit: ratio.\nSource: X, Y: Z (1990).\n>>> Formula: no"
    assert parts_of(text) == {
        "": "Return it.",
        "Formula": "a / b.",
        "Unit": "ratio.",
        "Source": "X, Y: Z (1990).",
    }


@pytest.mark.parametrize(
    ("figure", "of_summary"),
    [
        *((name, name) for name in ("total_return", "annual_return", "max_drawdown", "sharpe", "exposure")),
        *((name, name) for name in ("max_drawdown_bars", "win_rate", "profit_factor", "best_trade")),
        ("trade_count", "trades"),
        ("fees_paid", "fees"),
        ("expectancy", "average_trade"),
    ],
)
def test_figures_are_those_of_the_summary(report: eyas.Report, figure: str, of_summary: str) -> None:
    assert report.metrics[figure] == pytest.approx(getattr(report.summary, of_summary), rel=1e-12)


def test_costs_are_what_the_runs_differ_by(report: eyas.Report) -> None:
    metrics = report.metrics
    fees, slippage = metrics["fees_paid"], metrics["slippage_paid"]
    assert fees == pytest.approx(report.trades["fee"].sum(), rel=1e-9)
    assert slippage is not None
    assert slippage > 0
    assert metrics["costs_rate"] == pytest.approx((fees + slippage) / 10_000)
    free = eyas.backtest(Cross(), eyas.sample("IBM", "1d")).metrics
    assert (free["fees_paid"], free["slippage_paid"], free["costs_rate"]) == (0, 0, 0)


def test_turnover_counts_both_sides_of_a_year() -> None:
    day_ns = 86_400_000_000_000
    close = np.full(367, 100.0)
    time = 1_600_000_000_000_000_000 + np.arange(367) * day_ns
    columns = {"time": time, **dict.fromkeys(("open", "high", "low", "close"), close)}
    entries = np.zeros(367, np.int8)
    entries[0] = 1
    found = eyas.backtest(eyas.Signals(entries=entries, quantity=10), columns, quality="off", cash=1000)
    assert found.metrics["turnover"] == pytest.approx(1.0 * 365.25 / 366, rel=1e-12)


def test_other_terms_give_other_figures_and_say_so(report: eyas.Report) -> None:
    plain, daily = report.metrics, report.metrics_with(by="day", periods_per_year=252, risk_free=0.02)
    assert "by the calendar" in plain.basis
    assert daily.basis == ("Returns of days, 252 a year; risk-free rate 2 %; benchmark: Buy and hold IBM.")
    assert daily["sharpe"] < plain["sharpe"]
    assert daily["total_return"] == plain["total_return"]


def test_rows_rarer_than_days_are_not_called_days() -> None:
    weeks = {"time": 1_600_000_000 * 10**9 + np.arange(30) * 7 * 86_400 * 10**9}
    bars = eyas.bars(weeks | dict.fromkeys(("open", "high", "low", "close"), np.arange(30.0) + 10))
    weekly = eyas.backtest(Cross(), bars)
    assert weekly.metrics_with(by="day").basis.startswith("Returns of bars, 52.1786 a year")


def test_a_run_against_itself_has_a_beta_of_one(report: eyas.Report) -> None:
    found = report.metrics_with(benchmark=report)
    assert found["beta"] == pytest.approx(1, abs=1e-9)
    assert found["tracking_error"] == pytest.approx(0, abs=1e-9)


def test_metrics_are_a_mapping_with_texts(report: eyas.Report) -> None:
    metrics = report.metrics
    assert metrics.sharpe == metrics["sharpe"]
    assert "sharpe" in metrics
    assert "sharpe" in dir(metrics)
    assert set(metrics) == {one.name for _, figures in metrics.groups() for one in figures}
    assert f"{metrics['sharpe']:.2f}" in metrics.explain("sharpe")
    assert "Sharpe, " in metrics.explain("sharpe")
    assert str(metrics).endswith(metrics.basis)
    frame = metrics.frame()
    assert frame.height == len(metrics)
    assert frame.filter(pl.col("name") == "sharpe")["value"].item() == metrics["sharpe"]
    assert json.loads(json.dumps(metrics.as_json(), allow_nan=False)).keys() == set(metrics)
    assert "<script" not in metrics._repr_html_()


def test_a_name_that_there_is_not_is_told_with_near_ones(report: eyas.Report) -> None:
    with pytest.raises(UsageError, match=r"no figure called 'sharp'.*sharpe"):
        report.metrics["sharp"]
    with pytest.raises(AttributeError, match="no figure called 'colour'"):
        _ = report.metrics.colour
    with pytest.raises(UsageError, match="by is 'week'"):
        report.metrics_with(by="week")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "rate", "n/a"),
        (math.nan, "money", "n/a"),
        (math.inf, "ratio", "∞"),
        (-math.inf, "ratio", "−∞"),
        (-0.5, "rate", "-50.00 %"),
        (3_600e9, "duration", "1 hour"),
        (90.0, "minutes", "1 hour 30 minutes"),
        (12.5, "percent", "12.50 %"),
        (3.0, "bars", "3 bars"),
        (1.55, "count", "1.6"),
        (12345.6, "money", "12,345.60"),
    ],
)
def test_texts_say_the_unit(value: float | None, unit: str, text: str) -> None:
    assert text_of(value, unit) == text


def test_infinity_is_no_json() -> None:
    assert Metrics({"profit_factor": math.inf, "sharpe": math.nan}).as_json() == {
        "profit_factor": None,
        "sharpe": None,
    }


def test_bounds_are_told_where_they_are_known() -> None:
    found = eyas.interval(Cross(), eyas.sample("IBM", "1d"))
    metrics = found.worst.metrics
    assert metrics["equity_worse_path"] == found.worst.summary.equity_final
    assert metrics["equity_better_path"] == found.best.summary.equity_final
    assert "equity_worse_path" not in eyas.backtest(Cross(), eyas.sample("IBM", "1d")).metrics


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"risk_free": "2%"}, "risk_free is '2%'"),
        ({"risk_free": True}, "risk_free is True"),
        ({"periods_per_year": "252"}, "periods_per_year is '252'"),
        ({"periods_per_year": 0}, "periods_per_year is 0"),
    ],
)
def test_numbers_that_are_none_are_named(report: eyas.Report, asked: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        report.metrics_with(**asked)


def test_a_figure_is_asked_for_by_its_name(report: eyas.Report) -> None:
    with pytest.raises(UsageError, match="there is no figure called 0"):
        report.metrics[0]
    with pytest.raises(UsageError, match="did you mean sharpe"):
        report.metrics["Sharpe"]


def test_no_benchmark_can_be_asked_for(report: eyas.Report) -> None:
    metrics = report.metrics_with(benchmark=False)
    assert metrics.beta is None
    assert "benchmark" not in metrics.basis
    assert metrics.sharpe == report.metrics.sharpe
