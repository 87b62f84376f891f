"""`eyas backtest` does what `eyas.backtest` does, prints it, and writes what it is asked to write."""

from __future__ import annotations

import json
import re
from pathlib import Path

import polars as pl
import pytest

import eyas
from eyas.cli.failures import finite
from eyas.cli.strategy_file import load_strategy
from tests.cli.commands import SAMPLE, Run


def test_a_run_prints_its_figures_and_last_its_page(run: Run) -> None:
    result = run(
        "backtest", "cross.py", *SAMPLE, "--set", "fast=12", "--fee-rate", "0.001", "--html", "page.html"
    )
    assert (result.code, result.err) == (0, "")
    lines = result.out.splitlines()
    assert lines[:3] == ["Cross on AAPL 1d", "fast=12 slow=30 fee_rate=0.001", ""]
    assert "Return" in result.out
    assert lines[-1] == "Report: page.html"
    assert "Cross on AAPL 1d" in Path("page.html").read_text()


def test_json_is_the_report_of_python(run: Run) -> None:
    options = ("--set", "fast=12", "--cash", "25000", "--fee-rate", "0.001", "--rule", "end-policy=mark_only")
    result = run("backtest", "cross.py", *SAMPLE, *options, "--json")
    cross = load_strategy(Path("cross.py"))
    bars = eyas.sample("AAPL", "1d")
    report = eyas.backtest(cross(fast=12), bars, cash=25_000, fee_rate=0.001, end_policy="mark_only")
    said = json.loads(result.out, parse_constant=pytest.fail)
    assert said["report"]["journal"] == report.journal.digest
    assert said == {"report": finite(report.as_json()), "error": None}
    assert report.summary.trades > 0


@pytest.mark.parametrize(
    ("options", "changes"),
    [
        (["--rule", "fee_rate=1e-3"], {"fee_rate": 0.001}),
        (["--slippage", "0.002"], {"slippage": 0.002}),
        (["--rule", "short=no", "--rule", "tickets_max=1"], {"short": False, "tickets_max": 1}),
        (["--rule", "slippage=0.01", "--rule", "slippage_on=market+limit"],
         {"slippage": 0.01, "slippage_on": ("market", "limit")}),
        (["--rule", "leverage=2", "--rule", "margin_call=0.5"], {"leverage": 2, "margin_call": 0.5}),
        (["--rule", "price_decimals=4", "--rule", "margin_call=none"], {"price_decimals": 4}),
        (["--rule", "fill_volume=0.5", "--rule", "latency_bars=1"], {"fill_volume": 0.5, "latency_bars": 1}),
    ],
)  # fmt: skip
def test_rules_are_those_of_python(run: Run, options: list[str], changes: eyas.rules.RuleChanges) -> None:
    result = run("backtest", "cross.py", *SAMPLE, "--json", *options)
    report = eyas.backtest(load_strategy(Path("cross.py")), eyas.sample("AAPL", "1d"), **changes)
    assert json.loads(result.out)["report"]["journal"] == report.journal.digest
    assert result.code == 0


def test_a_currency_keeps_its_letters(run: Run) -> None:
    said = run("backtest", "cross.py", *SAMPLE, "--rule", "currency=EURusd").err
    assert "currency is EURusd, but the run has AAPL" in said
    assert run("backtest", "cross.py", *SAMPLE, "--rule", "currency=None").code == 0


def test_rules_begin_with_a_preset(run: Run) -> None:
    options = ("--rules", "Stream", "--rule", "tie=target", "--fee-rate", "0.001", "--json")
    said = json.loads(run("backtest", "cross.py", *SAMPLE, *options).out)["report"]
    cross, bars = load_strategy(Path("cross.py")), eyas.sample("AAPL", "1d")
    report = eyas.backtest(cross, bars, rules=eyas.presets.STREAM, tie="target", fee_rate=0.001)
    assert said["journal"] == report.journal.digest
    wrong = run("backtest", "cross.py", *SAMPLE, "--rules", "streem")
    assert wrong.code == 2
    assert "there is no preset called streem; did you mean stream?" in wrong.err


def test_what_to_know_before_believing_is_printed(run: Run) -> None:
    shown = run("backtest", "cross.py", *SAMPLE, "--rule", "market_fill=same_open").out
    assert "\nNote: Filled at the open of the bar that was decided on (market_fill=same_open)" in shown
    assert "\nNote: The data's check warns of splits 1" in run("backtest", "cross.py", *SAMPLE).out
    assert "Note:" not in run("backtest", "cross.py", "--sample", "EURUSD:1h").out


def test_presets_are_listed(run: Run) -> None:
    listed = run("presets")
    assert listed.code == 0
    names = [line.split()[0] for line in listed.out.splitlines()]
    assert names == ["--rules", "default", "desk", "hawk", "kline", "lifecycle", "stream"]
    assert "leverage=25" in listed.out


def test_finer_bars_come_from_a_file(run: Run) -> None:
    bars = eyas.sample("BTCUSDT", "1m")[:3000]
    columns = {name: getattr(bars, name) for name in ("time", "open", "high", "low", "close", "volume")}
    fine = pl.DataFrame(columns)
    hours = fine.with_columns(pl.col("time") // 3_600_000_000_000 * 3_600_000_000_000)
    coarse = hours.group_by("time", maintain_order=True).agg(
        pl.col("open").first(), pl.col("high").max(), pl.col("low").min(), pl.col("close").last(),
        pl.col("volume").sum(),
    )  # fmt: skip
    fine.write_csv("fine.csv")
    coarse.write_csv("coarse.csv")
    options = ("--data", "coarse.csv", "--rule", "tie=finer_bars", "--json")
    said = json.loads(run("backtest", "cross.py", *options, "--finer", "fine.csv").out)["report"]
    cross = load_strategy(Path("cross.py"))
    report = eyas.backtest(cross, coarse, finer=fine, tie="finer_bars")
    assert said["journal"] == report.journal.digest
    wrong = run("backtest", "cross.py", *options)
    assert wrong.code == 2
    assert "tie=finer_bars needs finer bars: give finer=" in wrong.out


def test_bars_come_from_a_file(run: Run) -> None:
    bars = eyas.sample("AAPL", "1d")
    columns = {name: getattr(bars, name) for name in ("time", "open", "high", "low", "close", "volume")}
    pl.DataFrame(columns).write_csv("prices.csv")
    options = ("--data", "prices.csv", "--symbol", "APPLE", "--timeframe", "1d", "--json")
    said = json.loads(run("backtest", "cross.py", *options).out)["report"]
    assert (said["symbol"], said["timeframe"]) == ("APPLE", "1d")
    assert said["journal"] == eyas.backtest(load_strategy(Path("cross.py")), bars).journal.digest


def test_a_sample_comes_adjusted(run: Run) -> None:
    plain = json.loads(run("backtest", "cross.py", "--sample", "AAPL:1d", "--json").out)
    adjusted = json.loads(run("backtest", "cross.py", "--sample", "AAPL:1d:adjusted", "--json").out)
    assert plain["report"]["journal"] != adjusted["report"]["journal"]


@pytest.mark.parametrize("name", ["trades.csv", "trades.parquet"])
def test_trades_are_written(run: Run, name: str) -> None:
    result = run("backtest", "cross.py", *SAMPLE, "--trades", name)
    read = pl.read_csv(name, try_parse_dates=True) if name.endswith("csv") else pl.read_parquet(name)
    trades = eyas.backtest(load_strategy(Path("cross.py")), eyas.sample("AAPL", "1d")).trades
    assert read.columns == trades.columns
    assert read["profit"].to_list() == trades["profit"].to_list()
    assert read["exit_time"].dt.timestamp("ms").to_list() == trades["exit_time"].dt.timestamp("ms").to_list()
    assert result.out.endswith(f"Trades: {name}\n")


def test_json_stays_json_when_the_strategy_prints(run: Run) -> None:
    Path("talks.py").write_text(
        "import eyas\nprint('loading')\n"
        "class Talks(eyas.Strategy):\n    def on_start(self):\n        print('starting')\n"
    )
    result = run("backtest", "talks.py", *SAMPLE, "--json")
    assert json.loads(result.out)["error"] is None
    assert result.err == "loading\nstarting\n"


def test_json_has_no_infinity(run: Run) -> None:
    # One trade, and it wins: the profit factor is infinite.
    Path("lucky.py").write_text(
        "import eyas\nclass Lucky(eyas.Strategy):\n    def on_bar(self, bar):\n"
        "        if bar.index == 0:\n            self.buy()\n"
    )
    result = run("backtest", "lucky.py", "--sample", "AAPL:1d:adjusted", "--json")
    summary = json.loads(result.out, parse_constant=pytest.fail)["report"]["summary"]
    assert (summary["trades"], summary["win_rate"], summary["profit_factor"]) == (1, 1.0, None)


def test_quiet_prints_nothing_but_writes(run: Run) -> None:
    result = run("backtest", "cross.py", *SAMPLE, "--quiet", "--html", "page.html")
    assert (result.code, result.out, result.err) == (0, "", "")
    assert Path("page.html").exists()
    assert run("backtest", "cross.py", "--quiet").err.startswith("Error: ")


def test_samples_and_rules_are_listed(run: Run) -> None:
    samples, rules = run("samples"), run("rules")
    assert (samples.code, rules.code) == (0, 0)
    names = [line.split()[0] for line in samples.out.splitlines()]
    assert names == ["--sample", *(f"{one.symbol}:{one.timeframe}" for one in eyas.data.samples())]
    assert [line.split()[:2] for line in rules.out.splitlines()][1] == ["market_fill", "next_open"]
    assert "fee_rate" in rules.out
    for name in (line.split()[0] for line in rules.out.splitlines()[1:]):
        assert hasattr(eyas.Rules(), name)


def test_the_version_is_the_package_s(run: Run) -> None:
    from importlib.metadata import version

    assert run("--version").out == f"eyas {version('eyas')}\n"


def test_help_names_every_option_and_exit_code(run: Run) -> None:
    front, backtest = run("--help"), run("backtest", "--help")
    assert front.code == backtest.code == 0
    assert run().out == front.out
    for word in (
        "--data",
        "--sample",
        "--set",
        "--class",
        "--rule",
        "--html",
        "--trades",
        "--json",
        "--quiet",
    ):
        assert word in backtest.out
    for text in ("0 it ran", "1 the strategy failed", "3 eyas itself failed", "130 interrupted"):
        assert text in " ".join(front.out.split())
        assert text in " ".join(backtest.out.split())


def test_what_a_run_reads_is_never_written_over(run: Run) -> None:
    bars = Path("bars.csv")
    bars.write_text("time,open,high,low,close\n2024-01-01,1,1,1,1\n2024-01-02,1,1,1,1\n")
    Path("cross.html").write_text(Path("cross.py").read_text())
    for arguments in (
        ("cross.py", "--data", "bars.csv", "--trades", "./bars.csv"),
        ("cross.html", *SAMPLE, "--html", "cross.html"),
    ):
        read = Path(arguments[-1])
        before = read.read_text()
        result = run("backtest", *arguments)
        assert (result.code, result.out) == (2, "")
        assert "is a file that this run reads; choose another path" in result.err
        assert read.read_text() == before


def test_a_page_ends_as_pages_do(run: Run) -> None:
    result = run("backtest", "cross.py", *SAMPLE, "--html", "cross.py")
    assert (result.code, result.err) == (
        2,
        "Error: --html cross.py is a file that this run reads; choose another path\n",
    )
    assert run("backtest", "cross.py", *SAMPLE, "--html", "page.txt").err == (
        "Error: --html page.txt must end in .html or .htm\n"
    )


def test_all_figures_are_printed_when_asked_for(run: Run) -> None:
    plain = run("backtest", "cross.py", *SAMPLE).out
    assert "Sortino ratio" not in plain
    grouped = run("backtest", "cross.py", *SAMPLE, "--metrics").out
    assert grouped.startswith(plain.split("Note:")[0].rstrip())
    assert re.search(r"\nRisk-adjusted\n  Sharpe ratio +[\d.-]+\n  Sortino ratio", grouped)
    explained = run("backtest", "cross.py", *SAMPLE, "--explain").out
    assert "\n  Source: Sharpe, The Sharpe Ratio" in explained
    assert "benchmark: Buy and hold AAPL" in explained


def test_bounds_are_those_of_both_paths(run: Run) -> None:
    result = run("backtest", "cross.py", *SAMPLE, "--set", "fast=5", "--bounds", "--json")
    assert result.code == 0, result.err
    metrics = json.loads(result.out)["report"]["metrics"]
    assert metrics["equity_worse_path"] <= metrics["equity_better_path"]
    refused = run("backtest", "cross.py", *SAMPLE, "--bounds", "--finer", "cross.py")
    assert refused.code == 2


def test_the_seed_decides_what_is_drawn(run: Run, folder: Path) -> None:
    (folder / "chance.py").write_text(
        "import eyas\nclass Chance(eyas.Strategy):\n    def on_bar(self, bar):\n"
        "        if self.is_flat and self.random.random() < 0.1:\n            self.buy(1)\n"
        "        elif self.random.random() < 0.1:\n            self.close()\n"
    )

    def digest(seed: str) -> str:
        result = run("backtest", "chance.py", *SAMPLE, "--seed", seed, "--json")
        found: str = json.loads(result.out)["report"]["journal"]
        return found

    assert digest("1") == digest("1")
    assert digest("1") != digest("2")
    assert run("backtest", "chance.py", *SAMPLE, "--seed", "-1").code == 2
