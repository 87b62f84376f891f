"""A report names what the run was given beside its bars: rows, range, hash, and of bars the verdict."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import eyas
from eyas.data.outside import outside
from eyas.data.quality import check
from eyas.data.quality.beside import hash_of_outside
from eyas.ticks import Books, Trades
from eyas.timeframes import resample
from tests.data.quality.test_prices import near_zero

MINUTES = eyas.sample("BTCUSDT", "1m")[33:2000]
HOURS = resample(MINUTES, "1h")
DAY_NS = 86_400 * 10**9
MOOD = {"time": ["2026-06-10", "2026-06-11"], "score": [0.5, -1.0], "word": ["good", "bad"]}
LEVEL = np.array([[10.0]])
BOOK = Books(MINUTES.time[:1], LEVEL, LEVEL, LEVEL + 1, LEVEL, source="book.csv")


class Still(eyas.Strategy):
    """Do nothing."""


def holed(bars: eyas.Bars) -> eyas.Bars:
    rows = np.r_[0:500, 560 : len(bars)]
    return replace(bars, **{name: getattr(bars, name)[rows] for name in bars.columns})


def test_everything_beside_the_bars_is_named(tmp_path: Path) -> None:
    extra = {"mood": MOOD, "book": BOOK, "day": HOURS}
    report = eyas.backtest(Still(), HOURS, finer=MINUTES, extra=extra)
    finer, mood = report.finer["BTCUSDT"], report.extra["mood"]
    assert (finer.kind, finer.rows, finer.hash) == ("bars", len(MINUTES), check(MINUTES).hash)
    assert finer.quality is not None
    assert finer.quality.level == "pass"
    assert (mood.kind, mood.rows, mood.quality) == ("columns", 2, None)
    assert (report.extra["book"].kind, report.extra["book"].source) == ("books", "book.csv")
    assert (report.extra["day"].kind, report.extra["day"].hash) == ("bars", report.quality["BTCUSDT"].hash)
    said = json.loads(json.dumps(report.as_json(), allow_nan=False))
    assert list(said["quality"]) == ["BTCUSDT"], "a symbol's, and nothing that could be taken for one"
    assert said["finer"]["BTCUSDT"] == finer.as_json()
    assert said["extra"]["mood"] == {
        "kind": "columns", "source": "", "rows": 2, "first": "2026-06-10T00:00:00Z",
        "last": "2026-06-11T00:00:00Z", "hash": mood.hash, "quality": None,
    }  # fmt: skip
    settings = dict(report.settings())
    assert settings["extra mood"] == (
        f"columns, 2 rows, 2026-06-10T00:00:00Z to 2026-06-11T00:00:00Z, SHA-256 {mood.hash}"
    )
    assert settings["finer bars"].endswith(finer.hash)
    page = report.plot(tmp_path / "page.html").read_text(encoding="utf-8")
    assert all(one.hash in page for one in (finer, mood, report.extra["book"]))
    assert pickle.loads(pickle.dumps(report.extra))["mood"].hash == mood.hash


def test_without_them_nothing_is_said() -> None:
    report = eyas.backtest(Still(), HOURS)
    assert (report.finer, report.extra) == ({}, {})
    assert not [name for name, _ in report.settings() if name.startswith(("finer", "extra"))]


def test_the_hash_is_that_of_what_is_seen() -> None:
    def hashed(source: object) -> str:
        return hash_of_outside(outside("x", source))

    same = pl.DataFrame({"score": [0.5, -1.0], "time": ["2026-06-10", "2026-06-11"], "other": ["a", "b"]})
    assert hashed(MOOD) == hashed(same), "from whatever source, in whatever order of columns"
    assert hashed({**MOOD, "score": [0.5, -0.0]}) == hashed({**MOOD, "score": [0.5, 0.0]})
    others = (
        {**MOOD, "score": [0.5, -1.25]},
        {**MOOD, "time": ["2026-06-10", "2026-06-12"]},
        {**MOOD, "known": ["2026-06-10", "2026-06-12"]},
        {"time": MOOD["time"], "mark": MOOD["score"]},
    )
    assert len({hashed(one) for one in (MOOD, *others)}) == 5
    deeper = np.array([[10.0, 9.0]])
    assert hashed(BOOK) != hashed(Books(BOOK.time, deeper, deeper, deeper + 1, deeper)), "beyond the best"
    one = np.ones(1)
    assert hashed(Trades(BOOK.time, one, one, [1], [1])) != hashed(Trades(BOOK.time, one, one, [-1], [1]))
    assert eyas.backtest(Still(), HOURS, extra={"none": {"time": [], "x": []}}).extra["none"].first is None


def test_bars_beside_are_judged_too(tmp_path: Path) -> None:
    report = eyas.backtest(Still(), HOURS, finer=holed(MINUTES), extra={"day": HOURS})
    assert report.quality["BTCUSDT"].level == "pass"
    (remark,) = report.remarks()
    assert remark.startswith("The data's check warns of the finer bars: gaps 60 (the quality of report, ")
    page = report.plot(tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<span>Data: warn</span>" in page
    assert "Data of the finer bars, gaps: 60 bars missing" in page
    broken = replace(near_zero(4000, name="BTCUSDT 1m"), source="")
    with pytest.raises(eyas.DataError, match="extra\\['odd'\\] fails the check near_zero"):
        eyas.backtest(Still(), HOURS, extra={"odd": broken})
    with pytest.raises(eyas.DataError, match="finer\\['BTCUSDT'\\] fails the check gaps: 60 bars"):
        eyas.backtest(Still(), HOURS, finer=replace(holed(MINUTES), source=""), quality={"gaps": "fail"})
    off = eyas.backtest(Still(), HOURS, finer=holed(MINUTES), extra={"odd": broken}, quality="off")
    assert (off.finer["BTCUSDT"].quality, off.extra["odd"].quality, off.remarks()) == (None, None, [])


def test_of_a_portfolio_each_has_its_own() -> None:
    shifted = eyas.bars(HOURS, symbol="ETHUSDT")
    both = {"BTCUSDT": HOURS, "ETHUSDT": shifted}
    report = eyas.backtest(Still(), both, finer={"ETHUSDT": MINUTES})
    assert list(report.finer) == ["ETHUSDT"]
    assert "finer bars of ETHUSDT" in dict(report.settings())
