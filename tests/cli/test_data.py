"""`eyas data` keeps a catalog: what is there, what is wrong with it, and what is taken out of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import eyas
from eyas.cli.series import named, typed
from eyas.data.catalog import Catalog
from eyas.model import Bars
from tests.cli.commands import CONTROL, Run, in_terminal

WEEK = eyas.sample("BTCUSDT", "1m")


def rows(bars: Bars, keep: np.ndarray) -> Bars:
    return replace(bars, **{name: getattr(bars, name)[keep] for name in bars.columns})


@pytest.fixture
def catalog(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Catalog:
    """Name a catalog by the environment: a week of minutes, and a part of it with a gap at another venue."""
    monkeypatch.setenv("EYAS_CATALOG", str(folder / "catalog"))
    made = Catalog()
    made.add(WEEK, venue="binance", adjustment="raw")
    holed = np.r_[0:100, 150:1000]
    made.add(rows(WEEK, holed), venue="other")
    return made


def test_what_is_there_is_listed(run: Run, catalog: Catalog) -> None:
    result = run("data", "list")
    assert (result.code, result.err) == (0, "")
    head, first, second = result.out.splitlines()
    assert head.split() == ["Series", "Rows", "From", "To", "Prices", "Size"]
    assert first.split()[:5] == ["BTCUSDT:1m@binance", "10,080", "2026-06-10", "2026-06-17", "raw"]
    assert second.startswith("BTCUSDT:1m@other       950  ")
    said = json.loads(run("data", "list", "--json").out)
    assert said["error"] is None
    assert [one["series"] for one in said["series"]] == ["BTCUSDT:1m@binance", "BTCUSDT:1m@other"]
    assert said["series"][0]["hash"] == catalog.entry("BTCUSDT", "1m", "binance").hash
    assert run("data", "list", "--quiet").out == ""


def test_an_empty_catalog_says_what_to_do_first(run: Run) -> None:
    listed = run("data", "list", "--catalog", "nowhere")
    assert listed.code == 0
    assert "nowhere is empty. Bring data in:\n  eyas data import FILE --venue NAME\n" in listed.out
    checked = run("data", "check", "--catalog", "nowhere")
    assert checked.code == 2
    assert "nowhere is empty. Bring data in:" in checked.err
    loaded = run("backtest", "cross.py", "--series", "BTCUSDT:1h", "--catalog", "nowhere")
    assert loaded.code == 2
    assert "it is empty. Bring data in with eyas data import or eyas data download" in loaded.err
    assert not Path("nowhere").exists()


def test_everything_is_checked_at_once(run: Run, catalog: Catalog) -> None:
    result = run("data", "check")
    assert result.code == 0
    assert [line.split()[2] for line in result.out.splitlines()[1:]] == ["pass", "warn"]
    assert "gaps 50" in result.out
    assert run("data", "check", "--strict").code == 2
    assert run("data", "check", "--level", "gaps=fail").code == 2
    assert run("data", "check", "BTCUSDT:1m@binance", "--strict").code == 0


def test_one_series_or_file_is_checked_closely(run: Run, catalog: Catalog) -> None:
    result = run("data", "check", "BTCUSDT:1m@other")
    assert result.code == 0
    assert "50 bars missing" in result.out
    run("data", "export", "BTCUSDT:1m@other", "other.csv")
    again = run("data", "check", "other.csv", "--json")
    (verdict,) = json.loads(again.out)["verdicts"]
    assert (verdict["series"], verdict["level"]) == ("other.csv", "warn")
    assert (
        verdict["hash"]
        == json.loads(run("data", "check", "BTCUSDT:1m@other", "--json").out)["verdicts"][0]["hash"]
    )


def test_gaps_are_listed(run: Run, catalog: Catalog) -> None:
    result = run("data", "gaps", "BTCUSDT:1m@other")
    assert result.code == 0
    assert result.out.startswith("BTCUSDT:1m@other: 50 bars are missing in 1 gap, by the calendar 24/7")
    assert result.out.splitlines()[2].split() == ["50", "2026-06-10", "05:06", "2026-06-10", "05:57"]
    said = json.loads(run("data", "gaps", "BTCUSDT:1m@other", "--json").out)
    assert said["gaps"] == [
        {"missing": 50, "after": "2026-06-10T05:06:00Z", "before": "2026-06-10T05:57:00Z"}
    ]
    assert "no bar is missing" in run("data", "gaps", "BTCUSDT:1m@binance").out


def test_a_range_is_exported(run: Run, catalog: Catalog) -> None:
    day = ("--start", "2026-06-11", "--end", "2026-06-12")
    result = run("data", "export", "BTCUSDT:1m@binance", "day.parquet", *day)
    assert (result.code, result.out) == (0, "Wrote day.parquet: 1,440 rows\n")
    bars = eyas.bars("day.parquet")
    first = int(np.searchsorted(WEEK.time, bars.time[0]))
    assert (bars.close == WEEK.close[first : first + 1440]).all()


def test_longer_bars_are_kept_or_written(run: Run, catalog: Catalog) -> None:
    result = run("data", "resample", "BTCUSDT:1m@binance", "4h")
    assert (result.code, result.out) == (0, "BTCUSDT 4h (binance): 42 new, 0 there already\n")
    entry = catalog.entry("BTCUSDT", "4h", "binance")
    assert (entry.rows, entry.adjustment, entry.sources[0].name) == (42, "raw", "resampled from 1m")
    assert run("data", "resample", "BTCUSDT:1m@binance", "4h").out.endswith("0 new, 42 there already\n")
    written = run("data", "resample", "BTCUSDT:1m@binance", "1d", "--out", "days.csv", "--json")
    assert json.loads(written.out) == {"path": "days.csv", "rows": 7, "error": None}
    assert len(eyas.bars("days.csv")) == 7


def test_damage_is_found(run: Run, catalog: Catalog) -> None:
    assert run("data", "verify").out == "2 series: every file is as it was written\n"
    (file, *_) = sorted(Path("catalog").rglob("*.parquet"))
    file.write_bytes(file.read_bytes()[:-1])
    result = run("data", "verify")
    assert result.code == 2
    assert file.name in result.out
    assert run("data", "verify", "--json").code == 2


def test_a_series_is_removed_when_it_is_said_twice(run: Run, catalog: Catalog) -> None:
    asked = run("data", "remove", "BTCUSDT:1m@other")
    assert asked.code == 2
    gone = "BTCUSDT:1m@other: 950 rows from 2026-06-10 to 2026-06-10"
    assert f"{gone} would be gone for good. Say --yes to remove them" in " ".join(asked.err.split())
    assert len(catalog.series()) == 2
    assert run("data", "remove", "BTCUSDT:1m", "--yes").code == 2, "two venues have it"
    assert run("data", "remove", "BTCUSDT:1m@other", "--yes").out == f"Removed {gone}\n"
    assert [entry.venue for entry in catalog.series()] == ["binance"]
    assert run("data", "remove", "BTCUSDT:1h", "--yes").code == 2, "hours are made, not stored"
    said = json.loads(run("data", "remove", "BTCUSDT:1m", "--yes", "--json").out)
    assert said["removed"]["series"] == "BTCUSDT:1m@binance"
    assert catalog.series() == ()


def test_a_backtest_reads_the_catalog(run: Run, catalog: Catalog) -> None:
    day = ("--start", "2026-06-11", "--end", "2026-06-12")
    result = run("backtest", "cross.py", "--series", "BTCUSDT:1m@binance", *day)
    assert result.code == 0
    assert "Bars                               1,440\n" in result.out
    longer = run("backtest", "cross.py", "--series", "BTCUSDT:1h@binance")
    assert longer.out.startswith("Cross on BTCUSDT 1h\n")
    checked = run("check", "cross.py", "--series", "BTCUSDT:1h@binance", "--cuts", "2")
    assert (checked.code, checked.err) == (0, "")


def test_an_interruption_is_told_as_one(run: Run, catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(_: Catalog) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Catalog, "verify", stop)
    result = run("data", "verify")
    assert (result.code, result.out, result.err) == (130, "", "Interrupted: stopped by Ctrl-C\n")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["check", "ETHUSDT:1m"], "has no ETHUSDT 1m. It has BTCUSDT 1m (binance), BTCUSDT 1m (other)."),
        (["check", "BTCUSD:1m"], "has no BTCUSD 1m. Did you mean BTCUSDT 1m (binance)"),
        (
            ["check", "BTCUSDT:1m"],
            "BTCUSDT 1m is there from binance and other: say which: BTCUSDT:1m@binance",
        ),
        (["check", "missing.csv"], "there is no file missing.csv"),
        (["check", "missing"], "'missing' is neither a file nor a series such as BTCUSDT:1h"),
        (["check", "--level", "gaps"], "--level gaps is not a name and a value"),
        (["check", "--level", "gap=fail"], "gap"),
        (["gaps", "BTCUSDT:1m@binance", "--calendar", "MARS"], "MARS"),
        (["export", "BTCUSDT:1m@binance", "x.doc"], "FILE x.doc must end in .csv or .parquet or .jsonl"),
        (["export", "BTCUSDT:1m@binance", "no/x.csv"], "there is no folder no"),
        (["export", "BTCUSDT:1m@binance", "x.csv", "--start", "never"], "--start never is no time"),
        (["export", "BTCUSDT:1m@binance", "x.csv", "--start", "2030"], "2030"),
        (["resample", "BTCUSDT:1m@binance", "90s"], "bars of 90s cannot be made of bars of 1m"),
        (["resample", "BTCUSDT:1m@binance", "4x"], "timeframe '4x'"),
        (["resample", "BTCUSDT:1m@binance", "1M"], "does not fill one bar of 1M"),
        (["resample", "BTCUSDT:trades", "1m"], "holds trades, and this is for bars"),
        (["list", "--catalog", "cross.py"], "--catalog cross.py is a file, and a catalog is a folder"),
        (["lst"], "No such command 'lst'"),
    ],
)
def test_wrong_input_gets_a_sentence(run: Run, catalog: Catalog, arguments: list[str], sentence: str) -> None:
    before = set(Path().iterdir())
    result = run("data", *arguments)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("Error: ")
    assert sentence in result.err
    assert set(Path().iterdir()) == before
    as_json = run("data", *arguments, "--json")
    assert as_json.code == 2
    assert sentence in json.loads(as_json.out)["error"]["message"]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("BTCUSDT:1h", ("BTCUSDT", "1h", None)),
        ("BTC/USDT:USDT:1h@binance", ("BTC/USDT:USDT", "1h", "binance")),
        ("A@B:1M@x:y", ("A@B", "1M", "x:y")),
        ("BTCUSDT:trades", ("BTCUSDT", "trades", None)),
    ],
)
def test_a_series_is_read_as_it_is_listed(text: str, parts: tuple[str, ...]) -> None:
    assert named(text) == parts
    assert str(named(text)) == text


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ("Say venue=.", "Say --venue."),
        ("say venue=..., one of 'a'", "say --venue, one of 'a'"),
        ("such as venue='binance'", "such as --venue binance"),
        ("the old were kept; revise=True takes the new", "the old were kept; --revise takes the new"),
        ("the revenue=x and time_zone='UTC'", "the revenue=x and --time-zone UTC"),
    ],
)
def test_a_person_is_told_of_options(said: str, instead: str) -> None:
    assert typed(said) == instead


@pytest.mark.parametrize(
    "arguments", [["list"], ["check"], ["check", "BTCUSDT:1m@other"], ["gaps", "BTCUSDT:1m@other"]]
)
def test_tables_fit_a_terminal(catalog: Catalog, arguments: list[str]) -> None:
    code, screen = in_terminal("data", *arguments)
    assert code == 0
    assert "\x1b[" in screen, "in colour"
    # What a carriage return goes back over is gone: a bar that was drawn meanwhile.
    lines = [line.rpartition("\r")[2] for line in CONTROL.sub("", screen).replace("\r\n", "\n").split("\n")]
    assert max(map(len, lines)) <= 80
    assert any("BTCUSDT" in line for line in lines)


@pytest.mark.parametrize(
    "command", ["", "list", "import", "download", "check", "gaps", "export", "resample", "remove", "verify"]
)
def test_every_command_explains_itself(run: Run, command: str) -> None:
    result = run("data", *filter(None, [command]), "--help")
    assert result.code == 0
    assert f"Usage: eyas data {command}".rstrip() in result.out
    assert max(len(line) for line in result.out.splitlines()) <= 80
    assert "…" not in result.out, "nothing is cut off"
