"""A run checks its data before its first bar, and its report carries the verdict."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import eyas
from eyas.data.quality import check
from eyas.model import Bars
from tests.data.quality.test_prices import near_zero


class Loud(eyas.Strategy):
    """Tell that it was started."""

    def on_start(self) -> None:
        STARTED.append("started")


STARTED: list[str] = []


@pytest.fixture(autouse=True)
def _quiet() -> None:
    STARTED.clear()


def broken() -> Bars:
    return near_zero(4000, name="BTCUSDT 1m")


def test_what_fails_stops_the_run_before_anything_of_it_runs() -> None:
    with pytest.raises(eyas.DataError) as caught:
        eyas.backtest(Loud(), broken())
    said = str(caught.value)
    assert "fails the check near_zero: one bar has a price near zero, first in bar 4000 (2026-06-12T" in said
    assert said.endswith('To run all the same: quality={"near_zero": "warn"}.')
    assert STARTED == []


def test_a_user_may_run_all_the_same() -> None:
    report = eyas.backtest(Loud(), broken(), quality={"near_zero": "warn"})
    assert STARTED == ["started"]
    assert report.quality["BTCUSDT"].level == "warn"
    assert eyas.backtest(Loud(), broken(), quality={"near_zero": "pass", "spikes": "pass"}).remarks() == []


def test_off_looks_at_nothing(tmp_path: Path) -> None:
    report = eyas.backtest(Loud(), broken(), quality="off")
    assert (report.quality, report.as_json()["quality"], report.remarks()) == ({}, {}, [])
    assert "Data: not checked" in report.plot(tmp_path / "page.html").read_text(encoding="utf-8")


def test_levels_and_the_calendar_are_set_by_keyword() -> None:
    ibm = eyas.sample("IBM", "1d")
    assert eyas.backtest(Loud(), ibm).quality["IBM"].level == "warn"
    with pytest.raises(eyas.DataError, match="4 bars missing"):
        eyas.backtest(Loud(), ibm, quality={"gaps": "fail"})
    report = eyas.backtest(Loud(), ibm, quality={"gaps": "fail", "calendar": "XNYS"})
    assert (report.quality["IBM"].level, report.quality["IBM"].calendar) == ("pass", "XNYS")


@pytest.mark.parametrize("quality", ["on", 7, {"gap": "fail"}, ["gaps"]])
def test_a_quality_that_cannot_be(quality: Any) -> None:
    with pytest.raises(eyas.UsageError):
        eyas.backtest(Loud(), eyas.sample("AAPL", "1d"), quality=quality)
    assert STARTED == []


def test_the_report_says_it_everywhere(tmp_path: Path) -> None:
    bars = eyas.sample("AAPL", "1d")
    report = eyas.backtest(Loud(), bars)
    verdict = report.quality["AAPL"]
    remark = "The data's check warns of splits 1 (report.quality says what and where)."
    assert report.remarks() == [remark]
    assert str(report).endswith(remark)
    said = json.loads(json.dumps(report.as_json(), allow_nan=False))
    assert said["quality"]["AAPL"] == check(bars).as_json()
    page = report.plot(tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<span>Data: warn</span>" in page
    assert dict(report.settings())["data's SHA-256"] == verdict.hash
    assert verdict.hash in page
    assert "Data, splits: the price changes overnight like in a split of 7:1" in page
    assert remark not in page


def test_good_data_needs_no_remark(tmp_path: Path) -> None:
    report = eyas.backtest(Loud(), eyas.sample("EURUSD", "1h"))
    assert report.remarks() == []
    assert "check" not in str(report)
    assert "<span>Data: pass</span>" in report.plot(tmp_path / "page.html").read_text(encoding="utf-8")


def test_of_a_portfolio_every_symbol_is_judged(tmp_path: Path) -> None:
    both = {
        "AAPL": eyas.sample("AAPL", "1d"),
        "IBM": eyas.sample("IBM", "1d"),
        "EUR": eyas.sample("EURUSD", "1h"),
    }
    report = eyas.backtest(Loud(), both)
    assert {symbol: one.level for symbol, one in report.quality.items()} == {
        "AAPL": "warn", "EUR": "pass", "IBM": "warn",
    }  # fmt: skip
    assert "The data's check warns of AAPL: splits 1; IBM: gaps 4 (" in report.remarks()[0]
    page = report.plot(tmp_path / "page.html").read_text(encoding="utf-8")
    assert "Data of IBM, gaps: 4 bars missing" in page
    with pytest.raises(eyas.DataError, match="sample AAPL 1d fails the check splits"):
        eyas.backtest(Loud(), both, quality={"splits": "fail"})
    many = {f"S{at:03}": eyas.bars(both["AAPL"], symbol=f"S{at:03}") for at in range(30)}
    assert "S002: splits 1; and 27 symbols more" in eyas.backtest(Loud(), many).remarks()[0]


def test_signals_and_intervals_are_checked_too() -> None:
    with pytest.raises(eyas.DataError, match="near_zero"):
        eyas.backtest(eyas.Signals(entries=0), broken())
    with pytest.raises(eyas.DataError, match="near_zero"):
        eyas.interval(Loud(), broken())
    assert eyas.interval(Loud(), broken(), quality="off").stop.quality == {}


def test_a_report_still_goes_through_a_pickle() -> None:
    report = eyas.backtest(Loud(), eyas.sample("AAPL", "1d"))
    again = pickle.loads(pickle.dumps(report.quality))["AAPL"]
    assert (again.hash, again.findings) == (report.quality["AAPL"].hash, report.quality["AAPL"].findings)
    assert np.array_equal(again.bars.time, report.bars.time)
