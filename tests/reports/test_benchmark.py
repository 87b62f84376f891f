"""What a run is held against: its own instruments, or a series that is never read from the future."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import polars as pl
import pytest

import eyas
from eyas.errors import DataError, UsageError
from eyas.metrics import Curve, curve_figures
from eyas.model import Bars
from eyas.reports.benchmark import benchmark_of, curve_of

DAY_NS = 86_400_000_000_000
HOUR_NS = DAY_NS // 24
START = 19_723 * DAY_NS  # Monday, 2024-01-01


class Hold(eyas.Strategy):
    def on_bar(self, bar: eyas.Bar) -> None:
        if bar.index == 0:
            self.buy(1)


def bars(closes: list[float], step: int = DAY_NS, start: int = START, timeframe: str = "1d") -> Bars:
    values = np.array(closes, dtype=float)
    time = start + np.arange(len(closes)) * step
    return Bars(time, *[values] * 4, np.ones(len(closes)), symbol="X", timeframe=timeframe)


def run(closes: list[float], **where: object) -> eyas.Report:
    return eyas.backtest(Hold(), bars(closes, **where), cash=1_000)  # type: ignore[arg-type]


DAILY = run([10, 11, 12, 9, 10, 12])


def test_without_a_benchmark_it_is_holding_what_was_traded() -> None:
    found = benchmark_of(None, DAILY)
    assert found.name == "Buy and hold X"
    assert found.remark == ""
    assert found.values.tolist() == pytest.approx([1_000, 1_100, 1_200, 900, 1_000, 1_200])
    assert found.values[-1] / found.opening - 1 == pytest.approx(DAILY.summary.buy_and_hold_return)
    assert found.curve.returns.tolist() == pytest.approx([0, 0.1, 1 / 11, -0.25, 1 / 9, 0.2])


def test_a_portfolio_is_held_in_equal_parts_each_from_its_first_close() -> None:
    late = bars([20, 30], start=START + 3 * DAY_NS)
    report = eyas.backtest(Quiet(), {"A": bars([10, 11, 12, 12, 12, 15]), "B": late}, cash=1_000)
    found = benchmark_of(None, report)
    assert found.name == "Buy and hold, equal money in each"
    assert found.values.tolist() == pytest.approx([1_000, 1_050, 1_100, 1_100, 1_350, 1_500])
    assert found.values[-1] / 1_000 - 1 == pytest.approx(report.summary.buy_and_hold_return)


class Quiet(eyas.Strategy):
    def on_step(self, step: object) -> None:
        pass


def test_runs_one_behind_the_other_are_held_so_too() -> None:
    markets = {"A": bars([10, 12]), "B": bars([20, 40])}
    report = eyas.backtest(Quiet(), markets, cash=1_000, clock="sequential")
    found = benchmark_of(None, report)
    assert found.values.tolist() == pytest.approx([1_000, 1_100, 1_100, 1_600])
    assert found.values[-1] / 1_000 - 1 == pytest.approx(report.summary.buy_and_hold_return)


def test_what_only_prices_a_currency_is_not_held() -> None:
    markets = {"J": bars([0.01, 0.02, 0.02]), "N": bars([100, 100, 300])}
    report = eyas.backtest(Quiet(), markets, cash=1_000, currency={"N": "J"})
    found = benchmark_of(None, report)
    assert found.values[-1] / 1_000 - 1 == pytest.approx(report.summary.buy_and_hold_return) == 5.0


def test_the_same_bars_are_the_same_benchmark_however_they_come() -> None:
    closes = DAILY.bars.close
    times = DAILY.bars.time
    frame = pl.DataFrame({"time": times, "close": closes})
    forms = [
        DAILY.bars,
        frame,
        frame.with_columns(pl.col("time").cast(pl.Datetime("ns", "UTC"))),
        frame.with_columns(pl.col("time").cast(pl.Datetime("ns")).cast(pl.Date)),
        {"Timestamp": times // 10**9, "Price": closes},
        {"ts": times // 10**6, "equity": closes},
        {"time": times // 10**3, "value": closes.tolist()},
        {"date": [str(np.datetime64(int(one), "ns"))[:10] for one in times], "close": closes},
        {"time": [datetime.fromtimestamp(int(one) / 1e9, UTC) for one in times], "close": closes},
        {"date": [date(2024, 1, 1 + row) for row in range(6)], "close": closes},
        np.array(list(zip(times, closes, strict=True)), dtype=[("time", "i8"), ("close", "f8")]),
    ]
    for given in forms:
        found = benchmark_of(given, DAILY)
        assert found.values.tolist() == pytest.approx([1_000, 1_100, 1_200, 900, 1_000, 1_200])
        assert found.remark == ""
    assert benchmark_of(DAILY.bars, DAILY).name == "X"
    assert benchmark_of(frame, DAILY).name == "Benchmark"


def test_a_run_can_be_the_benchmark_of_another() -> None:
    found = benchmark_of(DAILY, DAILY)
    assert found.name == DAILY.title
    assert found.values.tolist() == pytest.approx((DAILY.curve * 1_000 / DAILY.curve[0]).tolist())
    longer = run([10.0, 11.0, 12.0, 9.0, 10.0, 12.0] * 2)
    figures = curve_figures(curve_of(longer), benchmark=benchmark_of(longer, longer).curve)
    assert figures["beta"] == pytest.approx(1)


def test_no_month_of_a_frame_is_known_before_it_is_over() -> None:
    """Months of 30 days are the usual ones here, and May has 31: its close is not known on its last day."""
    months = np.arange(np.datetime64("2024-04"), np.datetime64("2024-08")).astype("datetime64[ns]")
    report = run([10.0] * 130, start=int(months[0].astype(np.int64)))
    values = benchmark_of({"time": months, "close": [4.0, 5.0, 6.0, 7.0]}, report).values / 1_000
    days = [str(np.datetime64(int(one), "ns"))[:10] for one in report.time]
    found = dict(zip(days, values, strict=True))
    assert found["2024-05-30"] == 1  # April's, known since April is over
    assert [found[day] for day in ("2024-05-31", "2024-06-29", "2024-06-30")] == [1.25, 1.25, 1.5]
    assert [found[day] for day in ("2024-07-30", "2024-07-31")] == [1.5, 1.75]


def test_a_benchmark_of_rarer_values_says_that_it_stands_still_in_between() -> None:
    hourly = run([10.0] * 100, step=HOUR_NS, timeframe="1h")
    assert "a value every 1 day, the run every 1 hour" in benchmark_of(bars([1, 2, 3, 4]), hourly).remark
    assert "stand still" not in benchmark_of(bars([1.0] * 100, step=HOUR_NS), hourly).remark


def test_a_day_is_known_when_it_is_over() -> None:
    """An hourly run sees the close of a day from the first bar on that closes when the day does."""
    hourly = run(list(range(100, 172)), step=HOUR_NS, timeframe="1h")
    found = benchmark_of(bars([10, 20, 30]), hourly)
    assert np.isnan(found.values[:23]).all()
    assert found.values[23] == hourly.curve[23]
    assert set(np.round(found.values[23:47] / found.values[23], 9)) == {1.0}
    assert found.values[47] / found.values[23] == pytest.approx(2)
    assert found.values[71] / found.values[23] == pytest.approx(3)
    assert found.remark.startswith("The benchmark X is known on 49 of 72 bars")


def test_fridays_close_is_known_on_saturday_though_nobody_said_the_timeframe() -> None:
    days = np.busday_offset("2024-01-01", np.arange(30)).astype("datetime64[ns]").astype(np.int64)
    closes = np.arange(30.0) ** 2 + 10
    one = eyas.bars({"time": days, **dict.fromkeys(("open", "high", "low", "close"), closes)}, symbol="X")
    report = eyas.backtest(Hold(), one, cash=1_000)
    found = benchmark_of({"time": days, "close": closes}, report)
    assert found.values.tolist() == pytest.approx((closes * 100).tolist())


def test_what_happens_on_a_weekend_is_not_known_on_friday() -> None:
    """Days of an exchange of which nobody said that they are days, against a market that never closes."""
    days = np.busday_offset("2024-01-01", np.arange(15)).astype("datetime64[ns]").astype(np.int64)
    one = Bars(days, *[np.full(15, 10.0)] * 4, np.ones(15))
    report = eyas.backtest(Hold(), one, cash=1_000)
    assert not report.bars.timeframe
    found = benchmark_of(bars(list(range(1, 22))), report)
    assert (found.values / 1_000).tolist() == pytest.approx([*range(1, 6), *range(8, 13), *range(15, 20)])


def test_a_gap_is_filled_with_what_was_known_and_the_end_is_not() -> None:
    report = run([10.0] * 10)
    known = {"time": report.time[[0, 1, 4, 5]], "close": [1.0, 2.0, 3.0, 4.0]}
    found = benchmark_of(known, report)
    expected = [1_000, 2_000, 2_000, 2_000, 3_000, 4_000, 4_000, math.nan, math.nan, math.nan]
    assert found.values.tolist() == pytest.approx(expected, nan_ok=True)
    assert found.remark == ("The benchmark is known on 7 of 10 bars; the figures against it are of those.")


def test_values_that_are_not_known_are_passed_over() -> None:
    found = benchmark_of({"time": DAILY.time, "close": [math.nan, 1, math.nan, 2, 2, 2]}, DAILY)
    assert np.isnan(found.values[0])
    assert (found.values[1:] / found.values[1]).tolist() == pytest.approx([1, 1, 2, 2, 2])


@pytest.mark.parametrize("years", [-1, 1])
def test_a_benchmark_of_another_time_has_a_remark_and_no_figures(years: int) -> None:
    found = benchmark_of(bars([1, 2, 3], start=START + years * 366 * DAY_NS), DAILY)
    assert np.isnan(found.values).all()
    assert not found.overlaps
    assert "does not overlap the run" in found.remark
    assert math.isnan(curve_figures(curve_of(DAILY), benchmark=found.curve)["beta"])


def test_bars_that_close_at_another_time_of_the_day_are_late_and_say_so() -> None:
    found = benchmark_of(bars([10, 11, 12, 9, 10, 12], start=START + 5 * HOUR_NS), DAILY)
    assert "close at other times of the day" in found.remark
    assert found.values[1:].tolist() == pytest.approx((found.values[1] / 10 * DAILY.bars.close[:-1]).tolist())


def test_the_steps_of_a_portfolio_count_to_the_day_that_they_close() -> None:
    report = eyas.backtest(Quiet(), {"A": bars([1.0] * 40), "B": bars([1.0] * 40)}, cash=1_000)
    assert [len(curve_of(one).by_month()) for one in (report, run([1.0] * 40))] == [2, 2]
    assert curve_of(report).by_month().time[0] == report.time[30] - 1
    assert str(np.datetime64(int(curve_of(report).by_month().time[0]), "ns"))[:10] == "2024-01-31"


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        (7, UsageError, "a benchmark is Bars, a Report, or a frame with the columns time and close, not 7"),
        ("SPY", UsageError, "a benchmark is Bars, a Report, or a frame"),
        (
            {"time": [1], "high": [2.0]},
            UsageError,
            "needs a column time and one of equity, close, .* time, high",
        ),
        ({"time": [1, 2], "close": [2.0]}, DataError, "2 times for 1 values"),
        ({"time": ["2024-01-02", "2024-01-01"], "close": [1, 2]}, DataError, "row 1 .* is not later than"),
        ({"time": ["2024-01-01", "soon"], "close": [1, 2]}, DataError, "row 1 has the time 'soon'"),
        ({"time": [1.5, 2.5], "close": [1, 2]}, DataError, "row 0 has the time 1.5"),
        ({"time": np.array(["NaT", "2024"], "M8[s]"), "close": [1, 2]}, DataError, "row 0 has no time"),
        ({"time": ["2024-01-01", "2024-01-02"], "close": [1, 0]}, DataError, "row 1 is 0, but must be above"),
        ({"time": ["2024-01-01", "2024-01-02"], "close": ["a", "b"]}, DataError, "not all numbers"),
        ({"time": [], "close": []}, DataError, "has no values"),
        ({"time": ["2024-01-01"], "close": [math.nan]}, DataError, "has no values"),
    ],
)
def test_what_is_no_benchmark_is_refused(given: object, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        benchmark_of(given, DAILY)


def test_runs_one_behind_the_other_are_no_benchmark() -> None:
    markets = {"A": bars([10, 12]), "B": bars([20, 40])}
    report = eyas.backtest(Quiet(), markets, cash=1_000, clock="sequential")
    with pytest.raises(UsageError, match="clock=sequential"):
        benchmark_of(report, DAILY)


def test_a_pandas_frame_has_its_time_in_the_index() -> None:
    pandas = pytest.importorskip("pandas")
    index = pandas.DatetimeIndex(DAILY.time.astype("datetime64[ns]"))
    for times in (index, index.tz_localize("UTC"), index.tz_localize("UTC").tz_convert("Asia/Tokyo")):
        frame = pandas.DataFrame({"Close": DAILY.bars.close}, index=times)
        found = benchmark_of(frame, DAILY)
        assert found.values.tolist() == pytest.approx([1_000, 1_100, 1_200, 900, 1_000, 1_200])


def test_a_curve_of_a_run_begins_with_its_cash() -> None:
    curve = curve_of(DAILY)
    assert isinstance(curve, Curve)
    assert curve.opening == 1_000
    assert curve_figures(curve)["total_return"] == DAILY.summary.total_return


def test_bars_that_begin_at_nothing_are_not_held() -> None:
    report = eyas.backtest(eyas.Signals(entries=[1, 0, 0]), eyas.sample("IBM", "1d")[:3])
    column = np.array([0.0, 1.0, 1.0])
    free = replace(report.bars, open=column, high=column, low=column, close=column)
    found = benchmark_of(None, replace(report, instruments={"IBM": free}))
    assert np.isnan(found.values).all()
    assert found.remark == "There is nothing to hold."
