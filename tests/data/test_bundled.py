"""The bundled samples are real, whole, small, and say where they come from."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from eyas.data import sample, samples
from eyas.data.bundled import FOLDER, Sample
from eyas.errors import UsageError


@pytest.mark.parametrize("one", samples(), ids=lambda one: f"{one.symbol} {one.timeframe}")
def test_a_sample_is_what_the_list_says(one: Sample) -> None:
    found = sample(one.symbol, one.timeframe)
    assert (found.symbol, found.timeframe, len(found)) == (one.symbol, one.timeframe, one.rows)
    assert found.source == f"sample {one.symbol} {one.timeframe}"
    raw = pl.read_parquet(one.path)
    for field in ("open", "high", "low", "close", "volume"):
        assert np.array_equal(getattr(found, field), raw[field].to_numpy())


def test_prices_are_as_traded_unless_adjusted_ones_are_asked_for() -> None:
    traded, adjusted = sample("AAPL", "1d"), sample("AAPL", "1d", adjusted=True)
    split = int(np.searchsorted(traded.time, np.datetime64("2014-06-09", "ns").astype(np.int64)))
    assert traded.close[split] / traded.close[split - 1] == pytest.approx(0.145, abs=0.001)
    assert adjusted.close[split] / adjusted.close[split - 1] == pytest.approx(1.016, abs=0.001)
    assert adjusted.source == "sample AAPL 1d adjusted"


@pytest.mark.parametrize("one", [one for one in samples() if one.adjusted], ids=lambda one: one.symbol)
def test_adjusted_prices_pass_the_same_checks(one: Sample) -> None:
    assert len(sample(one.symbol, one.timeframe, adjusted=True)) == one.rows


def test_symbols_may_be_written_small() -> None:
    assert sample("btcusdt", "1m").symbol == "BTCUSDT"


def test_what_there_is_not() -> None:
    listed = "There are AAPL 1d, AIG 1d, BTCUSDT 1m, EURUSD 1h, IBM 1d; for other data use eyas.bars."
    for symbol, timeframe, hint in (
        ("BTCUSD", "1m", " Did you mean BTCUSDT 1m?"),
        ("AAPL", "1h", " Did you mean AAPL 1d?"),
        ("zzz", "9w", ""),
    ):
        with pytest.raises(UsageError) as caught:
            sample(symbol, timeframe)
        assert str(caught.value) == f"there is no sample {symbol} {timeframe}.{hint} {listed}"
    with pytest.raises(
        UsageError, match=r"^the sample IBM 1d has no adjusted prices; these have: AAPL 1d, AIG 1d$"
    ):
        sample("IBM", "1d", adjusted=True)


def test_every_file_is_listed_attributed_and_small() -> None:
    files = sorted(FOLDER.glob("*.parquet"))
    assert files == sorted(one.path for one in samples())
    notice = (FOLDER / "NOTICE.md").read_text(encoding="utf-8")
    assert [path.name for path in files if f"`{path.name}`" not in notice] == []
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 1_200_000
