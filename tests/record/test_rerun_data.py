"""Data that were revised where they came from are named by a rerun: of a catalog, finer bars, extras."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import eyas
from eyas.data import Catalog
from eyas.data.catalog.whence import Whence, whence_of
from eyas.record import rerun
from eyas.ticks import Books, Trades
from eyas.timeframes import Session
from tests.test_portfolio import walk

MINUTE = 60 * 10**9


class Turning(eyas.Strategy):
    """Be in the market on every other bar."""

    def on_bar(self, bar: eyas.Bar) -> None:
        if bar.index % 2 == 0:
            self.buy(quantity=1)
        else:
            self.close()


class Moody(eyas.Strategy):
    """Go by what stands beside the bars."""

    def on_bar(self, bar: eyas.Bar) -> None:
        if self.extra["mood"].price[-1] > 2:
            self.buy(quantity=1)
        else:
            self.close()


def minutes(seed: int = 3, count: int = 240, symbol: str = "BTCUSDT") -> eyas.Bars:
    return replace(walk(seed, count, start=33), symbol=symbol, timeframe="1m")  # from a whole hour on


def kept(folder: Path, *series: eyas.Bars) -> Catalog:
    catalog = Catalog(folder / "the market")
    for bars in series or (minutes(),):
        catalog.add(bars, venue="binance")
    return catalog


def changed(bars: eyas.Bars, row: int, column: str, more: float) -> eyas.Bars:
    values = np.array(getattr(bars, column))
    values[row] += more
    return replace(bars, **{column: values})


def revised(catalog: Catalog, bars: eyas.Bars, row: int, column: str = "volume") -> None:
    more = 1.0 if column == "volume" else float(bars.low[row] - bars.open[row])
    assert catalog.add(changed(bars, row, column, more), venue="binance", revise=True).revisions


def test_a_source_says_which_series_it_is(tmp_path: Path) -> None:
    odd = replace(minutes(), symbol="BTC/USD T, Ä:x@1")
    catalog = Catalog(tmp_path / "a b@c")
    catalog.add(odd, venue="bin, ance@:x")
    session = Session("Asia/Tokyo", "06:30", "16:00", (1, 2, 3, 4, 5, 6, 7))
    for timeframe, hours in (("1m", None), ("1h", None), ("1h", session)):
        bars = catalog.load(odd.symbol, timeframe, session=hours)
        whence = whence_of(bars.source)
        assert whence is not None
        assert str(whence) == bars.source
        assert (whence.symbol, whence.venue, whence.session) == (odd.symbol, "bin, ance@:x", hours)
        again: Any = whence.load(int(bars.time[0]), int(bars.time[-1]))
        assert again.close.tolist() == bars.close.tolist()
    assert whence_of("prices.csv") is None
    assert whence_of("S3Store BTC:1m@x") is None, "nobody knows where that is"
    assert whence_of("s3://mine/all BTC:1m@x") == Whence("s3://mine/all", "BTC", "1m", "x")
    assert eyas.timeframes.resample(eyas.sample("AAPL", "1d"), "1w").source == (
        "sample AAPL 1d, resampled from 1d"
    )


@pytest.mark.parametrize("timeframe", ["1m", "15m"])
@pytest.mark.parametrize("data", [True, False])
def test_a_revision_in_the_catalog_is_named(timeframe: str, data: bool, tmp_path: Path) -> None:
    catalog = kept(tmp_path)
    bars = eyas.load("BTCUSDT", timeframe, start=int(minutes().time[30]), catalog=catalog)
    path = eyas.backtest(Turning(), {"coin": bars}).save(tmp_path / "run.eyas", data=data)
    found = rerun(path)
    assert (found.identical, found.changes, found.remarks) == (True, (), ())
    assert eyas.open(path).summary.bars == len(bars)
    if not data:
        return
    revised(catalog, minutes(), 3)  # before the range
    assert rerun(path).changes == ()
    revised(catalog, minutes(), 45)
    found = rerun(path)
    assert found.identical
    (change,) = found.changes
    row = 16 if timeframe == "1m" else 2
    whose = ", resampled from 1m" if timeframe == "15m" else ""
    assert change.sentence.startswith(
        f"{tmp_path}/the market BTCUSDT:{timeframe}@binance{whose} of coin, 1 changed: row {row} ("
    )
    assert "volume " in change.sentence
    assert change.decides is False
    revised(catalog, minutes(), 45, "open")
    (change,) = rerun(path).changes
    assert change.decides
    assert "open " in change.sentence


def test_a_catalog_or_a_series_that_is_gone_is_said(tmp_path: Path) -> None:
    catalog = kept(tmp_path)
    path = eyas.backtest(Turning(), catalog.load("BTCUSDT", "1m")).save(tmp_path / "run.eyas")
    bare = eyas.backtest(Turning(), catalog.load("BTCUSDT", "1m")).save(tmp_path / "bare.eyas", data=False)
    catalog.remove("BTCUSDT", "1m")
    found = rerun(path)
    assert found.identical
    assert "the bars of BTCUSDT cannot be read now (the catalog " in found.remarks[0]
    assert "has no BTCUSDT 1m at binance" in found.remarks[0]
    shutil.rmtree(tmp_path / "the market")
    (remark,) = rerun(path).remarks
    assert remark == (
        f"the bars of BTCUSDT cannot be read now (the catalog {tmp_path}/the market is gone): "
        "the recorded ones were run"
    )
    with pytest.raises(eyas.DataError, match=r"keeps no bars, and the bars of BTCUSDT cannot be read now"):
        eyas.open(bare)
    assert not (tmp_path / "the market").exists(), "looking for it made none"


def test_opening_asks_no_catalog_far_away(tmp_path: Path) -> None:
    bars = replace(minutes(), source="s3://somebody/elses BTCUSDT:1m@binance")
    path = eyas.backtest(Turning(), bars).save(tmp_path / "run.eyas", data=False)
    with pytest.raises(eyas.DataError, match="are not to be found: give the very same"):
        eyas.open(path)


def test_bars_that_were_resampled_in_memory_are_no_revision(tmp_path: Path) -> None:
    catalog = kept(tmp_path)
    columns = {name: getattr(minutes(), name) for name in minutes().columns}
    pl.DataFrame(columns).write_csv(tmp_path / "prices.csv")
    for bars in (catalog.load("BTCUSDT", "1m"), eyas.bars(tmp_path / "prices.csv", symbol="BTCUSDT")):
        longer = eyas.data.resample(bars, "15m")
        found = rerun(eyas.backtest(Turning(), longer).save(tmp_path / "run.eyas"))
        assert found.changes == ()
        assert "in memory" in found.remarks[0] or "came from no file" in found.remarks[0]


def test_of_several_revised_series_the_one_that_decides_is_told(tmp_path: Path) -> None:
    catalog = kept(tmp_path, minutes(3, symbol="A"), minutes(4, symbol="B"))
    both = {symbol: catalog.load(symbol, "1m") for symbol in "AB"}
    path = eyas.backtest(Turning(), both).save(tmp_path / "run.eyas")
    revised(catalog, minutes(3, symbol="A"), 9)
    revised(catalog, minutes(4, symbol="B"), 9, "open")
    found = rerun(path)
    assert [(" of B" in one.sentence, one.decides) for one in found.changes] == [(False, False), (True, True)]


def test_finer_bars_that_were_revised_are_named(tmp_path: Path) -> None:
    catalog = kept(tmp_path)
    bars = catalog.load("BTCUSDT", "15m")
    path = eyas.backtest(Turning(), bars, finer=catalog.load("BTCUSDT", "1m")).save(tmp_path / "run.eyas")
    bare = eyas.backtest(Turning(), bars, finer=catalog.load("BTCUSDT", "1m"))
    bare.save(tmp_path / "bare.eyas", data=False)
    assert (rerun(path).identical, rerun(path).changes) == (True, ())
    assert rerun(tmp_path / "bare.eyas").identical, "its source still has the very same"
    revised(catalog, minutes(), 46)
    sentences = [one.sentence for one in rerun(path).changes]
    assert len(sentences) == 2
    assert "(the finer bars of BTCUSDT), 1 changed: row 47 (" in sentences[1]


def trades(count: int = 50) -> Trades:
    time = np.repeat(minutes().time[: count // 2], 2)
    price = 1.0 + np.arange(count) % 4
    return Trades(time, price, np.ones(count), np.ones(count, np.int8), np.arange(count), "BTCUSDT")


def test_extras_of_the_catalog_that_were_revised_are_named(tmp_path: Path) -> None:
    catalog = kept(tmp_path)
    catalog.add(trades(), venue="binance")
    time = minutes().time[:9]
    ladder = np.arange(18.0).reshape(9, 2) + 1
    catalog.add(Books(time, ladder[:, ::-1], ladder, ladder + 20, ladder, "BTCUSDT"), venue="binance")
    extra = {
        "mood": catalog.trades("BTCUSDT"),
        "book": catalog.books("BTCUSDT"),
        "hours": catalog.load("BTCUSDT", "15m"),
    }
    report = eyas.backtest(Moody(), catalog.load("BTCUSDT", "1m"), extra=extra)
    path = report.save(tmp_path / "run.eyas")
    bare = report.save(tmp_path / "bare.eyas", data=False)
    found = rerun(path)
    assert (found.identical, found.changes, found.remarks) == (True, (), ())
    assert rerun(bare).identical
    one = trades()
    price = np.array(one.price)
    price[3] = 1.5
    catalog.add(replace(one, price=price), venue="binance", revise=True)
    more = ladder.copy()
    more[4, 1] += 1
    catalog.add(
        Books(time, ladder[:, ::-1], ladder, more + 20, ladder, "BTCUSDT"), venue="binance", revise=True
    )
    changes = rerun(path).changes
    assert len(changes) == 2
    assert "BTCUSDT:trades@binance (the extra 'mood'), 1 changed: row 4 (" in changes[0].sentence
    assert "price 4 is now 1.5" in changes[0].sentence
    assert "ask_price 2 30 is now 31" in changes[1].sentence
    assert [change.decides for change in changes] == [True, False]
    said = rerun(bare).trials[0]
    assert "the record has of the extra 'mood' only the hash: give it" in said.failure


def test_an_extra_that_is_given_is_of_now(tmp_path: Path) -> None:
    mood = {"time": minutes().time, "price": np.arange(240.0) % 5}
    path = eyas.backtest(Moody(), minutes(), extra={"mood": mood}).save(tmp_path / "run.eyas")
    other = {**mood, "price": mood["price"] + 9.0 * (np.arange(240) == 6)}
    found = rerun(path, extra={"mood": other})
    assert [one.data for one in found.trials] == ["recorded", "now"]
    assert [one.digest == found.recorded for one in found.trials] == [True, False]
    assert "what was given (the extra 'mood'), 1 changed: row 7 (" in found.changes[0].sentence
    assert rerun(path, extra={"mood": mood}).changes == ()
    with pytest.raises(eyas.UsageError, match=r"extra has 'moods', but the extras of the record are: 'mood'"):
        rerun(path, extra={"moods": mood})
