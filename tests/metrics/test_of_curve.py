"""All figures of a curve at once: the same as each alone, and silent where nothing can be said."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyas import metrics
from eyas.errors import UsageError
from eyas.metrics import DEFINITIONS, Curve, curve_figures, gates
from eyas.metrics.gates import YEARLY
from eyas.model import curve_figures as kernel_figures

DAY_NS = 86_400_000_000_000
START = 19_723 * DAY_NS  # 2024-01-01
AGAINST = {name for name, one in DEFINITIONS.items() if one.group == "Against the benchmark"}


def drawn(count: int, seed: int = 1, step: int = DAY_NS, start: int = START, drift: float = 0.0005) -> Curve:
    returns = np.random.default_rng(seed).normal(drift, 0.01, count)
    return Curve(start + np.arange(count) * step, 5_000 * metrics.equity_of(returns)[1:], 5_000.0)


def test_each_is_what_its_function_says() -> None:
    curve, other = drawn(500), drawn(500, seed=2)
    found = curve_figures(curve, risk_free=0.02, benchmark=other)
    p, r, b = curve.periods_per_year, curve.returns, other.returns
    months = curve.by_month().returns
    for name in ("value_at_risk_historic", "skew", "kurtosis", "tail_ratio", "best_day", "positive_days"):
        assert found[name] == getattr(metrics, name)(r), name
    for name in ("volatility", "downside_deviation", "omega"):
        assert found[name] == getattr(metrics, name)(r, p), name
    for name in ("sharpe", "sortino"):
        assert found[name] == getattr(metrics, name)(r, p, 0.02), name
    for name in ("max_drawdown", "ulcer_index", "average_drawdown", "recovery_factor", "total_return"):
        assert found[name] == getattr(metrics, name)(curve.values), name
    for name in ("longest_drawdown", "average_drawdown_length"):
        assert found[name] == getattr(metrics, name)(curve), name
    assert found["ulcer_performance"] == metrics.ulcer_performance(curve.values, curve.years, 0.02)
    assert found["calmar"] == metrics.calmar(curve.values, curve.years)
    assert found["gain_to_pain"] == metrics.gain_to_pain(months)
    assert found["worst_month"] == metrics.worst_month(months)
    assert found["beta"] == metrics.beta(r, b)
    assert found["alpha"] == metrics.alpha(r, b, p, 0.02)
    assert found["information_ratio"] == metrics.information_ratio(r, b, p)
    assert found["up_capture"] == metrics.up_capture(months, other.by_month().returns)
    assert found["active_return"] == metrics.active_return(curve.values, other.values, curve.years)


def test_they_are_those_of_the_kernel() -> None:
    steady = Curve(START + np.arange(90) * DAY_NS, 5_000 * 1.001 ** np.arange(1, 91), 5_000.0)
    for curve in (drawn(500), steady):
        theirs, found = kernel_figures(5_000.0, curve.equity, curve.periods_per_year), curve_figures(curve)
        for name, value in theirs.items():
            assert found[name] == pytest.approx(value, rel=1e-9, abs=1e-12, nan_ok=True), name


def test_they_come_in_groups_and_are_all_that_there_are() -> None:
    found = curve_figures(drawn(500), benchmark=drawn(500, seed=2))
    groups = [DEFINITIONS[name].group for name in found]
    assert list(dict.fromkeys(groups)) == [
        "Return",
        "Risk",
        "Risk-adjusted",
        "Drawdown",
        "Against the benchmark",
    ]
    assert groups == sorted(groups, key=list(dict.fromkeys(groups)).index)
    assert set(found) >= AGAINST
    assert not AGAINST & set(curve_figures(drawn(500)))


def test_of_days_is_of_the_curve_of_days() -> None:
    minutes = drawn(20_000, step=DAY_NS // 96, drift=0.0)
    whole, daily = curve_figures(minutes), curve_figures(minutes.by_day())
    for name in ("total_return", "best_day", "worst_month", "annual_return_252", "gain_to_pain"):
        assert math.isfinite(whole[name])
        assert whole[name] == pytest.approx(daily[name]), name
    assert whole["sharpe"] != pytest.approx(daily["sharpe"])
    assert whole["max_drawdown"] >= daily["max_drawdown"]


def test_periods_a_year_can_be_said() -> None:
    curve = drawn(500)
    found = curve_figures(curve, periods_per_year=252)
    for name in ("sharpe", "sortino", "volatility", "downside_deviation"):
        assert found[name] == getattr(metrics, name)(curve.returns, 252), name
    assert found["annual_return"] == metrics.annual_return(curve.values, curve.years)


def test_below_thirty_days_a_year_is_not_said() -> None:
    short, enough = drawn(30), drawn(32)
    found = curve_figures(short, benchmark=drawn(30, seed=2))
    assert {name for name, value in found.items() if math.isnan(value)} >= set(YEARLY)
    assert math.isfinite(found["total_return"])
    assert math.isfinite(found["beta"])
    again = curve_figures(enough, benchmark=drawn(32, seed=2))
    assert all(math.isfinite(again[name]) for name in YEARLY if name != "calmar")


@pytest.mark.parametrize(
    ("days", "silent", "said"),
    [
        (
            7,
            {"best_day", "positive_days", "annual_return_252", "annual_return_365"},
            {"best_month", "best_year"},
        ),
        (91, {"best_day", "best_month", "gain_to_pain", "up_capture"}, {"best_year", "positive_years"}),
        (400, {"best_day", "best_month", "best_year", "positive_years"}, {"total_return", "sharpe"}),
    ],
)
def test_rare_rows_do_not_tell_of_days(days: int, silent: set[str], said: set[str]) -> None:
    found = curve_figures(drawn(150, step=days * DAY_NS), benchmark=drawn(150, seed=2, step=days * DAY_NS))
    assert all(math.isnan(found[name]) for name in silent)
    assert all(math.isfinite(found[name]) for name in said)


def test_weekends_are_no_gaps() -> None:
    days = np.busday_offset("2024-01-01", np.arange(300)).astype("datetime64[ns]").astype(np.int64)
    curve = Curve(days, drawn(300).equity, 5_000.0)
    assert math.isfinite(curve_figures(curve)["best_day"])


@pytest.mark.parametrize(
    "equity",
    [
        [],
        [5_000.0],
        [5_000.0, 5_000.0],
        [5_000.0] * 90,
        [1e-300] * 90,
        [5_000.0, 0.0, 0.0, 10.0] * 30,
        [-1.0] * 90,
        [math.nan] * 90,
        [math.nan, 100.0] * 45,
        [1e300, 1e-300] * 45,
        (5_000 * 1.001 ** np.arange(90)).tolist(),
    ],
)
@pytest.mark.parametrize("opening", [5_000.0, math.nan, 0.0])
def test_nothing_is_divided_by_nothing(equity: list[float], opening: float) -> None:
    curve = Curve(START + np.arange(len(equity)) * DAY_NS, np.array(equity), opening)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for benchmark in (curve, drawn(90), drawn(0)):
            found = curve_figures(curve, benchmark=benchmark, risk_free=0.01)
    assert set(found) == set(curve_figures(drawn(90), benchmark=drawn(90)))
    assert not any(math.isinf(value) for value in found.values())


@given(
    st.lists(st.tuples(st.integers(1, 10**16), st.floats(-1e6, 1e6)), max_size=40),
    st.lists(st.tuples(st.integers(1, 10**16), st.floats(1, 1e6)), max_size=40),
)
def test_any_spacing_goes(rows: list[tuple[int, float]], others: list[tuple[int, float]]) -> None:
    curve, benchmark = (
        Curve(
            START + np.cumsum(np.array([one for one, _ in given_rows], np.int64)),
            np.array([one for _, one in given_rows]),
            1_000.0,
        )
        for given_rows in (rows, others)
    )
    found = curve_figures(curve, benchmark=benchmark)
    assert not any(math.isinf(value) for value in found.values())


def test_a_steady_rate_has_no_ratio_of_noise() -> None:
    found = curve_figures(Curve(START + np.arange(90) * DAY_NS, 5_000 * 1.001 ** np.arange(1, 91), 5_000.0))
    assert math.isnan(found["sharpe"])
    assert math.isnan(found["skew"])
    assert found["volatility"] == 0


def test_a_benchmark_of_other_times_is_read_at_its_last_value() -> None:
    curve = drawn(100, step=DAY_NS // 4)
    days = Curve(curve.by_day().time, curve.by_day().equity)
    found = curve_figures(curve.by_day(), benchmark=curve)
    assert found["beta"] == pytest.approx(1)
    assert found["tracking_error"] == pytest.approx(0) or math.isnan(found["tracking_error"])
    late = curve_figures(curve, benchmark=Curve(days.time + 1, days.equity))
    assert late["beta"] < 0.9  # a bar late, as one that is known a moment after is


def test_a_benchmark_that_begins_later_is_compared_from_there() -> None:
    curve = drawn(400)
    late = Curve(curve.time[200:], curve.equity[200:])
    found = curve_figures(curve, benchmark=late)
    assert found["beta"] == pytest.approx(1)
    assert found["active_return"] == pytest.approx(0, abs=1e-12)


def test_a_benchmark_that_is_not_known_at_first_is_compared_from_where_it_is() -> None:
    """Its opening is then none of the time that both share."""
    curve = drawn(400)
    late = Curve(curve.time, np.where(np.arange(400) < 200, math.nan, curve.equity), 1.0)
    assert curve_figures(curve, benchmark=late)["active_return"] == pytest.approx(0, abs=1e-12)


def test_a_part_of_a_day_a_month_or_a_year_is_not_the_best_of_all() -> None:
    """Six days are neither a best month nor a worst year, and gains of one month no ratio to losses."""
    found = curve_figures(drawn(6 * 24, step=DAY_NS // 24), benchmark=drawn(6, seed=2))
    assert math.isfinite(found["best_day"])
    for name in ("best_month", "worst_year", "positive_months", "gain_to_pain", "up_capture", "down_capture"):
        assert math.isnan(found[name]), name
    assert math.isnan(curve_figures(drawn(47, step=DAY_NS // 24))["worst_day"])


@pytest.mark.parametrize(
    ("span", "bars", "step"),
    [
        ("day", 2, DAY_NS),
        ("day", 49, DAY_NS // 24),
        ("month", 56, DAY_NS),
        ("month", 8, 7 * DAY_NS),
        ("year", 720, DAY_NS),
    ],
)
def test_two_whole_periods_are_needed(span: str, bars: int, step: int) -> None:
    curve = drawn(bars, step=step)
    enough, short = (curve_figures(one) for one in (curve, Curve(curve.time[:-1], curve.equity[:-1], 5e3)))
    for name in (f"best_{span}", f"worst_{span}", f"positive_{span}s"):
        assert math.isfinite(enough[name]), name
        assert math.isnan(short[name]), name


def test_an_exchange_s_two_months_and_two_years_are_whole_enough() -> None:
    months = np.arange(np.datetime64("2025-02-03"), np.datetime64("2025-04-01"))
    years = np.arange(np.datetime64("2022-01-03"), np.datetime64("2023-12-30"))
    for name, days in (("best_month", months), ("best_year", years)):
        open_days = days[np.is_busday(days)]
        time = open_days.astype("datetime64[ns]").astype(np.int64)
        curve = Curve(time, drawn(len(time)).equity, 5_000.0)
        assert math.isfinite(curve_figures(curve)[name])


def test_the_only_month_with_a_return_is_neither_best_nor_worst() -> None:
    """After a loss of everything months have no return."""
    curve = Curve(START + np.arange(90) * DAY_NS, np.full(90, -100.0), 5_000.0)
    found = curve_figures(curve)
    assert all(math.isnan(found[name]) for name in ("best_month", "worst_month", "positive_months"))
    assert found["total_return"] == pytest.approx(-1.02)


def test_months_that_rose_are_counted_for_the_capture() -> None:
    months = np.array(["2024-01", "2024-02", "2024-03", "2024-04", "2024-05", "2024-06"], "datetime64[M]")
    time = months.astype("datetime64[ns]").astype(np.int64)
    curve = Curve(time, np.array([1.0, 1.1, 1.2, 1.1, 1.2, 1.3]), 1.0)
    found = curve_figures(curve, benchmark=Curve(time, np.array([1.1, 1.2, 1.3, 1.2, 1.1, 1.1]), 1.0))
    assert math.isfinite(found["up_capture"])
    assert math.isnan(found["down_capture"])  # it fell twice
    assert math.isfinite(found["gain_to_pain"])


def test_few_returns_have_no_spread_and_no_shape() -> None:
    """Three monthly bars span more than 30 days, but a Sharpe ratio of three returns is none."""
    for bars, names in ((9, gates.SPREADS), (19, gates.SHAPES)):
        step = 31 * DAY_NS
        short, enough = (
            curve_figures(drawn(count, step=step), benchmark=drawn(count, seed=2, step=step))
            for count in (bars, bars + 1)
        )
        assert all(math.isnan(short[name]) for name in names)
        assert all(math.isfinite(enough[name]) for name in names)


@pytest.mark.parametrize("shared", [0, 1, 2])
def test_a_benchmark_that_hardly_overlaps_says_nothing(shared: int) -> None:
    curve = drawn(400)
    later = drawn(100, seed=2, start=START + (400 - shared) * DAY_NS)
    found = curve_figures(curve, benchmark=later)
    assert all(math.isnan(found[name]) for name in AGAINST)
    assert math.isfinite(found["sharpe"])


def test_a_short_overlap_is_not_scaled_to_a_year() -> None:
    curve = drawn(400)
    found = curve_figures(curve, benchmark=drawn(100, seed=2, start=START + 380 * DAY_NS))
    assert math.isfinite(found["beta"])
    assert all(math.isnan(found[name]) for name in YEARLY if name in AGAINST)
    assert math.isfinite(found["sharpe"])


@pytest.mark.parametrize("rate", [-1.0, math.nan, math.inf])
def test_a_rate_that_there_is_not_is_refused(rate: float) -> None:
    with pytest.raises(UsageError, match="risk_free is"):
        curve_figures(drawn(50), risk_free=rate)


@pytest.mark.parametrize("periods", [0, -252, math.nan, math.inf])
def test_periods_that_there_are_not_are_refused(periods: float) -> None:
    with pytest.raises(UsageError, match="periods_per_year is"):
        curve_figures(drawn(50), periods_per_year=periods)
