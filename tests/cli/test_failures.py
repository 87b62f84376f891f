"""What goes wrong: whose fault it is, in a sentence, a traceback of the strategy alone, and an exit code."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import eyas
from eyas.cli import backtest as command
from eyas.cli.failures import EXIT_CODES, Exit
from eyas.cli.strategy_file import load_strategy
from tests.cli.commands import SAMPLE, Run


def test_a_failing_strategy_shows_its_own_lines_and_the_figures_so_far(run: Run) -> None:
    result = run("backtest", "broken.py", *SAMPLE, "--html", "page.html")
    assert result.code == 1
    assert "in on_bar\n    self.divide(bar)\n" in result.err
    assert "in divide\n    return bar.close / (bar.index - self.after)\n" in result.err
    assert result.err.count("  File ") == 2
    assert (
        "ZeroDivisionError: float division by zero\n\nError: Broken failed on bar 100 (2014-05-28T"
        in result.err
    )
    assert result.out.startswith("Up to that bar:\n\nFrom ")
    assert re.search(r"^Bars +101$", result.out, re.MULTILINE)
    assert not Path("page.html").exists()


def test_a_failure_as_json_keeps_the_report_up_to_there(run: Run) -> None:
    result = run("backtest", "broken.py", *SAMPLE, "--json")
    said = json.loads(result.out)
    with pytest.raises(eyas.StrategyError) as caught:
        eyas.backtest(load_strategy(Path("broken.py")), eyas.sample("AAPL", "1d"))
    assert caught.value.report is not None
    assert said["report"]["journal"] == caught.value.report.journal.digest
    assert said["report"]["summary"]["trades"] > 0
    error = said["error"]
    assert error.pop("traceback").count("  File ") == 2
    assert error == {
        "type": "StrategyError",
        "message": str(caught.value),
        "cause": "ZeroDivisionError",
        "bar_index": 100,
        "time": "2014-05-28T00:00:00Z",
        "exit_code": result.code,
    }
    assert result.code == 1


def test_a_failure_before_the_first_bar_has_no_report(run: Run) -> None:
    Path("early.py").write_text(
        "import eyas\nclass Early(eyas.Strategy):\n    def on_start(self):\n        self.use(len, 'close')\n"
    )
    result = run("backtest", "early.py", *SAMPLE, "--json")
    said = json.loads(result.out)
    assert (result.code, said["report"], said["error"]["bar_index"]) == (1, None, None)
    assert said["error"]["cause"] == "UsageError"
    assert "failed before the first bar" in said["error"]["message"]
    assert said["error"]["traceback"].count("  File ") == 1


def test_the_chain_of_a_failure_is_shown_without_our_frames(run: Run) -> None:
    Path("chained.py").write_text(
        "import eyas\nclass Chained(eyas.Strategy):\n    def on_bar(self, bar):\n"
        "        try:\n            self.buy(quantity=1, fraction=1)\n"
        "        except ValueError as error:\n            raise RuntimeError('no order') from error\n"
    )
    result = run("backtest", "chained.py", *SAMPLE)
    assert "give one of quantity, notional, fraction" in result.err
    assert "direct cause" in result.err
    assert "strategy.py" not in result.err
    assert result.err.count("  File ") == 2


def test_a_strategy_may_not_end_the_program(run: Run) -> None:
    Path("exits.py").write_text(
        "import eyas\nclass Exits(eyas.Strategy):\n    def on_bar(self, bar):\n        raise SystemExit(0)\n"
    )
    result = run("backtest", "exits.py", *SAMPLE)
    assert result.code == 1
    assert "Exits ended the program (SystemExit)" in result.err


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--data", "nope.csv"], "there is no file nope.csv"),
        (["--data", "bad.csv"], "bad.csv row 2 (line 3, 2024-01-02T00:00:00Z): "),
        (["--data", "one.csv"], "one.csv has one bar: a backtest needs two"),
        (["--sample", "BTCUSD:1m"], "there is no sample BTCUSD 1m. Did you mean BTCUSDT 1m?"),
        (["--sample", "AAPL"], "--sample AAPL is not a name such as BTCUSDT:1m"),
        ([], "say which bars: --data prices.csv, --sample BTCUSDT:1m (see eyas samples) or --series"),
        ([*SAMPLE, "--data", "bad.csv"], "give --data or --sample, not both"),
        ([*SAMPLE, "--series", "A:1h"], "give --sample or --series, not both"),
        (["--series", "BTCUSDT"], "'BTCUSDT' is not a series such as BTCUSDT:1h"),
        ([*SAMPLE, "--catalog", "here"], "--catalog here is where a --series is: give one too"),
        ([*SAMPLE, "--start", "2030"], "no bars lie between --start and --end: they go from 2014-01-02"),
        ([*SAMPLE, "--start", "2030", "--end", "2029"], "--start 2030 is not before --end 2029"),
        ([*SAMPLE, "--end", "soon"], "--end soon is no time: write it as '2024-01-31'"),
        ([*SAMPLE, "--set", "fats=3"], "Cross has no parameter fats; did you mean fast?"),
        ([*SAMPLE, "--set", "fast=2"], "Cross.fast is 2, but must be 3 to 50"),
        ([*SAMPLE, "--set", "fast=many"], "Cross.fast is 'many', but must be of type int"),
        ([*SAMPLE, "--set", "fast"], "--set fast is not a name and a value: write --set fast=value"),
        ([*SAMPLE, "--set", "fast=5", "--set", "fast=6"], "--set fast is given twice: 5 and 6"),
        ([*SAMPLE, "--cash", "0"], ", but must be a number above 0"),
        ([*SAMPLE, "--cash", "much"], "cash is 'much', but must be a number above 0"),
        ([*SAMPLE, "--fee-rate", "1"], "fee_rate is 1, but must be a fraction of the traded money"),
        ([*SAMPLE, "--fee-rate", "nan"], "fee_rate is NaN, but must be a fraction of the traded money"),
        ([*SAMPLE, "--rule", "ties=stop"], "there is no rule called ties; did you mean tie?"),
        (
            [*SAMPLE, "--rule", "tie=both"],
            "tie is both, but must be stop, target, nearest_to_open, open_high_low or finer_bars",
        ),
        ([*SAMPLE, "--rule", "short=maybe"], "short is maybe, but must be yes or no"),
        ([*SAMPLE, "--rule", "matching=elsewhere"], "a backtest is its own market"),
        ([*SAMPLE, "--rule", "fee_rate=0", "--fee-rate", "0"], "fee_rate is given twice"),
        ([*SAMPLE, "--html", "no/page.html"], "--html no/page.html: there is no folder no"),
        ([*SAMPLE, "--html", "."], "--html . is a folder"),
        ([*SAMPLE, "--trades", "trades.xls"], "--trades trades.xls must end in .csv or .parquet"),
        ([*SAMPLE, "--casch", "1"], "No such option: --casch"),
        ([*SAMPLE, "--cash"], "Option '--cash' requires an argument"),
    ],
)
def test_wrong_input_gets_a_sentence(run: Run, options: list[str], sentence: str) -> None:
    header = "time,open,high,low,close\n2024-01-01,1,1,1,1\n"
    Path("bad.csv").write_text(f"{header}2024-01-02,1,1,x,1\n")
    Path("one.csv").write_text(header)
    before = set(Path().iterdir())
    result = run("backtest", "cross.py", *options)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("Error: ")
    assert sentence in result.err
    assert "Traceback" not in result.err
    assert set(Path().iterdir()) == before
    said = json.loads(run("backtest", "--json", "cross.py", *options).out)
    assert said["report"] is None
    assert sentence in said["error"]["message"]
    assert said["error"]["exit_code"] == 2


def test_an_unknown_command_is_wrong_input(run: Run) -> None:
    result = run("backtset")
    assert result.code == 2
    assert "backtset" in result.err
    assert "eyas --help" in result.err


class Panic(BaseException):
    """What a panic of the kernel is in Python: no Exception."""


@pytest.mark.parametrize("error", [RuntimeError("the sky fell"), Panic("the sky fell")])
def test_a_fault_of_eyas_is_told_as_one(
    run: Run, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def fall(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(command, "backtest", fall)
    result = run("backtest", "cross.py", *SAMPLE, "--json")
    assert result.code == 3
    assert "Traceback" in result.err
    assert "the sky fell" in result.err
    assert "Please report it" in result.err
    assert json.loads(result.out)["error"]["type"] == type(error).__name__


def test_every_exit_code_is_explained() -> None:
    assert EXIT_CODES.keys() == set(Exit)
