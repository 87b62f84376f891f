"""`--extra`, `--quality` and `--calendar`: what a run is given beside its bars, and how they are judged."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import polars as pl
import pytest

import eyas
from eyas.cli.strategy_file import load_strategy
from eyas.data.catalog import Catalog
from eyas.data.outside_file import from_file
from eyas.ticks import Trades
from tests.cli.commands import SAMPLE, Run

MOODY = """\
import eyas


class Moody(eyas.Strategy):
    def on_bar(self, bar):
        mood = self.extra["mood"]
        if len(mood) and self.is_flat and mood.score[-1] > 0:
            self.buy(1)
        elif len(mood) and not self.is_flat and mood.score[-1] < 0:
            self.close()
"""
SEEN = """\
import eyas


class Seen(eyas.Strategy):
    def on_bar(self, bar):
        if bar.index == 200 and len(self.extra["day"]) > 1 and self.extra["tape"].price[-1] == 7:
            self.buy(1)
"""
PEEKING = """\
import eyas


def strategy(bars, extra):
    best = extra["mood"]["score"].max()

    class Peeking(eyas.Strategy):
        def on_bar(self, bar):
            mood = self.extra["mood"]
            if len(mood) and self.is_flat and mood.score[-1] == best:
                self.buy(1)

    return Peeking()
"""
MOOD = "time,known,score,word\n2014-02-03,2014-02-04,1.5,good\n2014-06-02,2014-06-03,-1,bad\n"
WITH_MOOD = ("moody.py", *SAMPLE, "--extra", "mood=mood.csv")


@pytest.fixture(autouse=True)
def _written(folder: Path) -> None:
    (folder / "moody.py").write_text(MOODY)
    (folder / "mood.csv").write_text(MOOD)


def test_a_file_is_seen_as_it_was_known(run: Run) -> None:
    result = run("backtest", *WITH_MOOD, "--json")
    assert result.code == 0, result.err
    report = json.loads(result.out)["report"]
    frame = pl.read_csv("mood.csv")
    same = eyas.backtest(
        load_strategy(Path("moody.py"), ""), eyas.sample("AAPL", "1d"), extra={"mood": frame}
    )
    assert (report["journal"], report["summary"]["trades"]) == (same.journal.digest, 1)
    assert report["extra"]["mood"]["hash"] == same.extra["mood"].hash
    checked = run("check", *WITH_MOOD, "--cuts", "5")
    assert (checked.code, checked.out[:11]) == (0, "Moody: PASS"), checked.out


def test_whoever_looks_at_the_whole_file_is_caught(run: Run) -> None:
    Path("peeking.py").write_text(PEEKING)
    result = run("check", "peeking.py", *WITH_MOOD[1:], "--exhaustive")
    assert (result.code, result.out[:14]) == (4, "strategy: FAIL"), result.out


def test_a_series_of_the_catalog_is_seen(run: Run) -> None:
    bars = eyas.sample("AAPL", "1d")
    Catalog("cat").add(bars, venue="made")
    tape = Trades(bars.time[:2], [7, 7], [1, 1], [1, 1], [1, 2], symbol="AAPL")
    Catalog("cat").add(tape, venue="made")
    Path("seen.py").write_text(SEEN)
    extra = ("--extra", "day=AAPL:1d@made", "--extra", "tape=AAPL:trades", "--catalog", "cat")
    report = json.loads(run("backtest", "seen.py", *SAMPLE, *extra, "--json").out)["report"]
    assert report["summary"]["trades"] == 1
    assert (report["extra"]["day"]["kind"], report["extra"]["tape"]["rows"]) == ("bars", 2)
    assert report["extra"]["day"]["hash"] == report["quality"]["AAPL"]["hash"]


def test_levels_are_set_and_advised_as_they_are_typed(run: Run) -> None:
    refused = run("backtest", *WITH_MOOD, "--quality", "splits=fail")
    assert refused.code == 2
    assert refused.err.endswith("To run all the same: --quality splits=warn.\n")
    assert run("check", *WITH_MOOD, "--quality", "splits=fail").err == refused.err
    off = run("backtest", *WITH_MOOD, "--quality", "off", "--json")
    assert json.loads(off.out)["report"]["quality"] == {}
    ibm = ("cross.py", "--sample", "IBM:1d", "--quality", "gaps=fail")
    assert "4 bars missing" in run("backtest", *ibm).err
    report = json.loads(run("backtest", *ibm, "--calendar", "XNYS", "--json").out)["report"]
    assert report["quality"]["IBM"]["calendar"] == "XNYS"


def test_a_file_of_bars_is_known_at_the_close() -> None:
    bars = eyas.sample("AAPL", "1d")
    frame = pl.DataFrame({name: getattr(bars, name) for name in bars.columns})
    frame.write_csv("AAPL_1d.csv")
    found = from_file("AAPL_1d.csv")
    assert isinstance(found, eyas.Bars)
    assert (found.timeframe, len(found)) == ("1d", len(bars))
    frame.with_columns(known="time").write_csv("told.csv")
    assert isinstance(from_file("told.csv"), pl.DataFrame)


def test_every_kind_of_file_gives_the_same() -> None:
    frame = pl.read_csv("mood.csv")
    whole = from_file("mood.csv")
    assert isinstance(whole, pl.DataFrame)
    assert whole.columns == ["time", "known", "score", "word"]
    assert whole["time"].dtype == pl.Datetime("ns", "UTC")
    Path("mood.csv.gz").write_bytes(gzip.compress(MOOD.encode()))
    Path("mood.tsv").write_text(MOOD.replace(",", "\t"))
    Path("semicolons.csv").write_text(MOOD.replace(",", ";"))
    frame.write_parquet("mood.parquet")
    frame.write_ipc("mood.feather")
    frame.write_ndjson("mood.jsonl")
    for name in ("mood.csv.gz", "mood.tsv", "semicolons.csv", "mood.parquet", "mood.feather", "mood.jsonl"):
        assert whole.equals(from_file(name)), name


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--extra", "mood"), "--extra mood is not a name and a value"),
        (("--extra", "mood=x"), "'x' is neither a file nor a series such as BTCUSDT:1h"),
        (("--extra", "mood=x.csv"), "there is no file x.csv"),
        (("--extra", "mood=moody.py"), "moody.py has an ending that eyas does not know"),
        (("--extra", "mood=not.parquet"), "not.parquet cannot be read as a table"),
        (
            ("--extra", "mood=falls.csv"),
            "falls.csv row 2: time is 2014-01-01T00:00:00Z, before the",
        ),
        (("--extra", "mood=timeless.csv"), "timeless.csv has no column time: it has score"),
        (("--extra", "mood=A:1d", "--catalog", "cat"), "has no A 1d: it is empty. Bring data in"),
        (("--extra", "mood=mood.csv", "--catalog", "cat"), "--catalog cat is where a --series is"),
        (("--extra", "a=mood.csv", "--extra", "a=mood.csv"), "--extra a is given twice"),
        (("--extra", "mood=mood.csv", "--trades", "mood.csv"), "is a file that this run reads"),
        (("--quality", "on"), "--quality on is neither off nor a level such as gaps=fail"),
        (("--quality", "gap=fail"), "gaps"),
        (("--quality", "gaps=bad"), "bad"),
        (("--quality", "off", "--quality", "gaps=fail"), "leave one of them out"),
        (("--quality", "off", "--calendar", "XNYS"), "--calendar XNYS says how: leave one of them out"),
        (("--calendar", "XXXX"), "XXXX"),
    ],
)
def test_wrong_input_gets_a_sentence(run: Run, arguments: tuple[str, ...], sentence: str) -> None:
    Path("not.parquet").write_text("no")
    Path("falls.csv").write_text("time,score\n2014-01-02,1\n2014-01-01,2\n")
    Path("timeless.csv").write_text("score\n1\n")
    result = run("backtest", "moody.py", *SAMPLE, *arguments)
    assert (result.code, result.out) == (2, "")
    assert sentence in result.err
