"""Given prices and funding: read where they are present, none where they are missing or empty."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import eyas
from eyas.data import bars

NAN = float("nan")
COLUMNS: dict[str, Any] = {
    "time": ["2024-01-01", "2024-01-02", "2024-01-03"],
    "open": [10.0, 11, 12],
    "high": [12.0, 12.5, 13],
    "low": [9.0, 10, 11.25],
    "close": [11.0, 12, 11.5],
}
TEXT = "time,open,high,low,close,volume,VWAP,Funding Rate\n"


@pytest.mark.parametrize("name", ["given", "vwap", "VWAP"])
@pytest.mark.parametrize("rate", ["funding", "funding_rate", "fundingRate"])
def test_they_are_known_by_their_names(name: str, rate: str, tmp_path: Path) -> None:
    columns = {**COLUMNS, rate: [NAN, 0.0001, -0.002], name: [10.5, NAN, 12]}
    frame = pl.DataFrame(columns)
    frame.write_parquet(tmp_path / "one.parquet")
    for source in (columns, frame, pd.DataFrame(columns), tmp_path / "one.parquet"):
        found = bars(source)
        assert found.given is not None
        assert found.funding is not None
        assert np.array_equal(found.given, [10.5, NAN, 12], equal_nan=True)
        assert np.array_equal(found.funding, [NAN, 0.0001, -0.002], equal_nan=True)
    assert (bars(COLUMNS).given, bars(COLUMNS).funding) == (None, None)


@pytest.mark.parametrize("gap", ["", " "])
@pytest.mark.parametrize("between", ["", "\n"])
def test_an_empty_cell_is_none(tmp_path: Path, gap: str, between: str) -> None:
    path = tmp_path / "prices.csv"
    rows = [f"2024-01-01,10,12,9,11,5,{gap},0.0001\n", f"2024-01-02,10,12,9,11,5,10.5,{gap}\n"]
    path.write_text(TEXT + between.join(rows))
    found = bars(path)
    assert found.given is not None
    assert found.funding is not None
    assert np.array_equal(found.given, [NAN, 10.5], equal_nan=True)
    assert np.array_equal(found.funding, [0.0001, NAN], equal_nan=True)


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("-1,0", "VWAP -1 is not above zero"),
        ("0,0", "VWAP 0 is not above zero"),
        ("inf,0", "VWAP is infinite"),
        ("x,0", "VWAP is 'x', which is not a number"),
        ("10,1", "Funding Rate 1 is not a rate above -1 and below 1"),
        ("10,-5", "Funding Rate -5 is not a rate"),
        ("10,inf", "Funding Rate inf is not a rate"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, row: str, fault: str) -> None:
    path = tmp_path / "prices.csv"
    path.write_text(f"{TEXT}2024-01-01,10,12,9,11,5,10,0\n2024-01-02,10,12,9,11,5,{row}\n")
    with pytest.raises(eyas.DataError, match=r"row 2 .*line 3") as caught:
        bars(path)
    assert fault in str(caught.value)


def test_two_given_prices_are_one_too_many() -> None:
    with pytest.raises(eyas.DataError, match="several columns that could be the given: 'given' and 'vwap'"):
        bars({**COLUMNS, "given": [1, 1, 1], "vwap": [1, 1, 1]})


def test_a_run_trades_at_them_and_pays_them() -> None:
    class Hold(eyas.Strategy):
        def on_start(self) -> None:
            self.smooth = self.use(eyas.indicators.sma, "given", 1)

        def on_bar(self, bar: eyas.Bar) -> None:
            assert self.bars.given[-1] == self.smooth[-1]
            if bar.index == 0:
                self.buy(10)

    source = {**COLUMNS, "vwap": [10.5, 10.5, 12], "funding": [NAN, 0.01, NAN]}
    report = eyas.backtest(Hold(), source, market_fill="given_price", exit_fill="given_price")
    assert report.trades["entry_price"].to_list() == [10.5]
    assert report.trades["fee"].to_list() == [pytest.approx(10 * 12 * 0.01)]
    with pytest.raises(eyas.StrategyError, match="the bars have no column given"):
        eyas.backtest(Hold(), COLUMNS)

    class Look(eyas.Strategy):
        def on_bar(self, bar: eyas.Bar) -> None:
            self.bars.funding  # noqa: B018

    with pytest.raises(eyas.StrategyError, match="the bars have no column funding"):
        eyas.backtest(Look(), COLUMNS)
