"""Runs on one calendar of days: nobody gets a value of a day that it did not see."""

from __future__ import annotations

import math

import numpy as np
import pytest

import eyas
from eyas.reports.comparison.aligned import aligned, correlation, correlations, day_ends

DAY_NS = 86_400_000_000_000
START_NS = 1_600_000_000_000_000_000 // DAY_NS * DAY_NS


class Hold(eyas.Strategy):
    share: float = 1.0

    def on_bar(self, bar: eyas.Bar) -> None:
        if bar.index == 0:
            self.buy(fraction=self.share)


def run(closes: list[float], *, first_day: int = 0, step_ns: int = DAY_NS, share: float = 1.0) -> eyas.Report:
    close = np.array(closes)
    time = START_NS + first_day * DAY_NS + np.arange(len(close)) * step_ns
    columns = {"time": time, **dict.fromkeys(("open", "high", "low", "close"), close)}
    return eyas.backtest(Hold(share=share), columns, quality="off", cash=1000)


def test_the_last_equity_of_a_day_is_its_own() -> None:
    report = run([100, 101, 102, 103], step_ns=DAY_NS // 2)
    days, growth = day_ends(report)
    assert (days * DAY_NS).tolist() == [START_NS, START_NS + DAY_NS]
    assert growth.tolist() == [report.curve[1] / 1000, report.curve[3] / 1000]


def test_a_run_has_no_value_before_it_begins_and_after_it_ends() -> None:
    both = aligned([run([100, 110, 120]), run([100, 90, 80, 70], first_day=2)])
    assert len(both.time) == 6
    assert np.isnan(both.growth[:, 0]).tolist() == [False, False, False, True, True, True]
    assert np.isnan(both.growth[:, 1]).tolist() == [True, True, False, False, False, False]


def test_a_day_without_a_bar_keeps_the_equity_of_before() -> None:
    sparse = run([100, 110], step_ns=3 * DAY_NS)
    both = aligned([sparse, run([100, 101, 102, 103])])
    assert both.growth[:3, 0].tolist() == [sparse.curve[0] / 1000] * 3


def test_drawdowns_fall_from_what_a_run_began_with() -> None:
    falls = aligned([run([100, 100, 50]), run([100, 110, 120])]).drawdowns()
    assert falls[:, 1].max() <= 0
    assert falls[:, 0].tolist() == [0, 0, -0.5]
    assert (falls[~np.isnan(falls)] <= 0).all()


def test_equal_runs_go_together_and_mirrored_ones_apart() -> None:
    steps = np.sin(np.arange(40.0))
    matrix = correlations(np.column_stack([steps, steps, -steps]))
    assert matrix == pytest.approx(np.array([[1, 1, -1], [1, 1, -1], [-1, -1, 1]]))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (np.arange(9.0), np.arange(9.0)),  # fewer than ten days
        (np.ones(30), np.arange(30.0)),  # one that never moves
        (np.where(np.arange(30) < 15, np.nan, 1.0), np.where(np.arange(30) < 15, 1.0, np.nan)),
    ],
)
def test_what_cannot_be_said_is_not_a_number(one: np.ndarray, other: np.ndarray) -> None:
    assert math.isnan(correlation(one, other))


def test_one_day_has_no_returns() -> None:
    assert aligned([run([100, 101], step_ns=1), run([100, 101], step_ns=1)]).returns().shape == (0, 2)
