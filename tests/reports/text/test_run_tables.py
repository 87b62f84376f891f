"""Every table of a run, as Markdown and as JSON Lines, whatever the run was."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from markdown_it import MarkdownIt

import eyas
from eyas.errors import UsageError
from eyas.metrics.signals import HEAT_COLUMNS
from eyas.reports import Report
from eyas.reports.excursions import excursion_frame
from eyas.reports.text import TABLES, Column, report_markdown, table_of, write_report_lines
from eyas.reports.text.lifecycle import COLUMNS, camel, keyed, lifecycle_table
from eyas.reports.text.trade_tables import SIGNALS
from tests.reports.small_runs import ALL, HOSTILE, daily, idle, one_trade, portfolio, swing

RENDERER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
SPECIFICATION = {
    "backtest": """
        signalId symbol position note openPrice closePrice takeProfit stopLoss originalPriceTakeProfit
        originalPriceStopLoss originalPriceOpen totalEntries totalPartials pnl pnlCost partialExecuted
        closeReason duration openTimestamp closeTimestamp peakPnl fallPnl""",
    "walker_strategy": """
        rank strategy metric totalSignals winRate avgPnl totalPnl sharpeRatio stdDev sortinoRatio calmarRatio
        recoveryFactor firstEventTime lastEventTime""",
    "walker_pnl": "strategy signalId symbol position pnl closeReason openTime closeTime",
    "performance": """
        metricType count totalDuration avgDuration minDuration maxDuration stdDev median p95 p99 avgWaitTime
        minWaitTime maxWaitTime""",
}


@pytest.fixture(params=sorted(ALL))
def report(request: pytest.FixtureRequest) -> Report:
    found: Report = ALL[request.param]()
    return found


@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_table_of_every_run(report: Report, name: str, tmp_path: Path) -> None:
    table = table_of(report, name)
    markdown = table.markdown()
    rendered = RENDERER.render(markdown)
    if not len(table):
        assert (markdown, rendered.count("<table>")) == (table.empty, 0)
    else:
        rows = re.findall(r"<tr>(.*?)</tr>", rendered, re.DOTALL)
        assert len(rows) == len(table) + 1
        assert len({len(re.findall(r"<t[hd]", row)) for row in rows}) == 1
    path = write_report_lines(report, tmp_path / "x.jsonl", name)
    lines = path.read_text(encoding="utf-8").splitlines()
    objects = [json.loads(line, parse_constant=pytest.fail) for line in lines]
    assert len(objects) == len(table)
    assert all(list(one) == [column.name for column in table.columns] for one in objects)
    if objects:
        assert len(pl.read_ndjson(path, infer_schema_length=None)) == len(table)


def test_a_run_as_markdown(report: Report, tmp_path: Path) -> None:
    path = tmp_path / "report.md"
    text = report_markdown(report, path)
    assert path.read_text(encoding="utf-8") == text
    rendered = RENDERER.render(text)
    assert "<script" not in rendered
    assert rendered.count("<h1>") == 1
    for name, figure in ((name, report.metrics.figure(name)) for name in report.metrics):
        shown = "N/A" if figure.value is None else re.escape(figure.text)
        assert re.search(rf"\*\*{re.escape(figure.label)}:\*\* {shown}(?: |$)", text, re.MULTILINE), name
    assert rendered.count("<p><em>") >= len(report.metrics)
    assert report.journal.digest in text


def test_the_numbers_of_json_lines_are_exact(tmp_path: Path) -> None:
    report = swing()
    path = write_report_lines(report, tmp_path / "trades.jsonl")
    found = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    excursions = excursion_frame(report)
    for name in ("quantity", "entry_price", "exit_price", "profit", "fee", "profit_rate", "bars", "ticket"):
        assert [row[name] for row in found] == report.trades[name].to_list()
    assert [row["mfe_rate"] for row in found] == excursions["mfe_rate"].to_list()
    assert [row["note"] for row in found] == report.trades["note"].to_list()
    times = [np.datetime64(row["exit_time"].removesuffix("Z"), "ns") for row in found]
    assert times == list(report.trades["exit_time"].to_numpy())
    equity = write_report_lines(report, tmp_path / "equity.jsonl", "equity")
    assert pl.read_ndjson(equity)["equity"].to_list() == report.curve.tolist()


def test_the_journal_is_exact_to_the_last_digit(tmp_path: Path) -> None:
    from decimal import Decimal

    report = swing()
    path = write_report_lines(report, tmp_path / "events.jsonl", "events")
    for place, line in enumerate(path.read_text(encoding="utf-8").splitlines()[:200]):
        found, event = json.loads(line, parse_float=Decimal), report.journal.event(place)
        for name in ("price", "quantity", "fee", "profit", "cash"):
            assert Decimal(found[name]) == event[name]


def test_chosen_columns_in_both(tmp_path: Path) -> None:
    columns = [
        Column("profit", "P|L", "{:+.0f}"),
        "direction",
        Column("risk", value=lambda row: row["mfe_rate"] - row["mae_rate"], format="percent"),
    ]
    text = report_markdown(swing(), columns=columns, rows_max=3)
    assert re.search(r"^\| +P\\\|L \| side +\| +risk \|$", text, re.MULTILINE)
    assert f"3 of {len(swing().trades):,} rows are shown." in text
    path = write_report_lines(swing(), tmp_path / "x.jsonl", columns=columns)
    first = json.loads(path.read_text(encoding="utf-8").splitlines()[0])
    assert list(first) == ["P|L", "direction", "risk"]
    assert first["P|L"] == swing().trades["profit"][0]


def test_columns_by_table() -> None:
    text = report_markdown(
        one_trade(), tables=["settings"], columns={"settings": ["label"]}, definitions=False
    )
    assert "| setting" in text
    assert "\n## Trades" not in text
    assert "## Definitions" not in text


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"tables": ["trade"]}, "there is no table 'trade': did you mean 'trades'?"),
        ({"tables": "trades"}, "tables is 'trades', but must be a list of names: ['trades']"),
        ({"columns": {"trad": []}}, "there is no table 'trad': did you mean 'trades'?"),
        (
            {"columns": {"equity": []}},
            "columns names the table 'equity', which is not shown: add it to tables",
        ),
        ({"columns": ["profits"]}, "there is no column 'profits': did you mean 'profit'?"),
        ({"rows_max": 0}, "rows_max is 0, but must be a number of rows"),
    ],
)
def test_what_is_wrong_is_said(options: dict[str, object], said: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        report_markdown(swing(), tmp_path / "x.md", **options)  # type: ignore[arg-type]
    assert said in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_a_log_of_runs_grows_by_a_line_a_run(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    for report in (swing(), idle(), swing()):
        write_report_lines(report, path, "run", append=True)
    found = [json.loads(line) for line in path.read_text().splitlines()]
    assert [one["journal"] for one in found] == [
        swing().journal.digest,
        idle().journal.digest,
        swing().journal.digest,
    ]
    assert found[0]["metrics"]["sharpe"] == swing().metrics["sharpe"]
    assert found[1]["metrics"]["win_rate"] is None


def test_a_hostile_note_stays_in_its_cell() -> None:
    rendered = RENDERER.render(table_of(swing(), "trades").markdown(columns=["note"], rows_max=1))
    assert "&lt;script&gt;alert(1)&lt;/script&gt; *x* `y` $1 [l](u) \\| &amp; &amp;amp;" in rendered
    assert HOSTILE.splitlines()[0] in rendered


# --- the lifecycle's own names ---


@pytest.mark.parametrize("name", sorted(SPECIFICATION))
def test_the_names_are_those_of_the_specification(name: str) -> None:
    columns = SIGNALS if name == "backtest" else COLUMNS[name][0]
    assert [one.name for one in columns] == SPECIFICATION[name].split()


def test_the_heat_map_has_the_columns_of_the_specification() -> None:
    assert [one.name for one in COLUMNS["heat"][0]] == [camel(name) for name in HEAT_COLUMNS]


def test_signals_say_what_the_trades_say() -> None:
    report = swing()
    signals = list(table_of(report, "backtest").objects())
    trades = report.trades.to_dicts()
    assert len(signals) == len(trades) > 20
    for signal, trade in zip(signals, trades, strict=True):
        assert signal["signalId"] == str(trade["ticket"])
        assert signal["symbol"] == "TEST"
        assert signal["pnl"] == trade["profit_rate"] * 100
        assert signal["duration"] == (trade["exit_time"] - trade["entry_time"]).total_seconds() / 60
        assert signal["totalEntries"] == 1
        # The target of one trade is below its entry, of the other above it.
        is_long = trade["direction"] == "long"
        assert (signal["originalPriceTakeProfit"] > signal["openPrice"]) == is_long
        assert (signal["originalPriceStopLoss"] < signal["openPrice"]) == is_long
    halves = [one for one in signals if one["totalPartials"] == 1]
    assert halves
    assert all(one["partialExecuted"] == pytest.approx(50, abs=1e-3) for one in halves)
    assert {one["partialExecuted"] for one in signals if one["totalPartials"] == 0} == {0.0}


def test_the_heat_map_of_a_portfolio() -> None:
    report = portfolio()
    rows = {row["symbol"]: row for row in table_of(report, "heat").objects()}
    assert rows.keys() == {"A", "B"}
    for symbol, row in rows.items():
        own = report.trades.filter(pl.col("symbol") == symbol)
        assert row["totalTrades"] == len(own)
        assert row["totalPnl"] == pytest.approx(own["profit_rate"].sum() * 100)
        assert row["avgPeakPnl"] is not None
    text = report_markdown(report)
    assert "## Heat map" in text
    assert re.search(r"\*\*Pooled Sharpe:\*\* (?:-?[\d.]+|N/A) \(higher is better\)", text)
    assert "## Heat map" not in report_markdown(swing())


def test_a_drawdown_is_shown_negative_in_a_heat_map() -> None:
    table = lifecycle_table(
        "heat", [{"symbol": "A", "max_drawdown": 12.5}, {"symbol": "B", "maxDrawdown": None}]
    )
    lines = table.markdown(columns=["maxDrawdown"]).splitlines()[2:]
    assert [line.strip("| ") for line in lines] == ["-12.50 %", "n/a"]


def test_rows_may_have_either_spelling() -> None:
    assert keyed({"metric_type": "a", "p95": 1, "avgDuration": 2}) == {
        "metricType": "a",
        "p95": 1,
        "avgDuration": 2,
    }
    table = lifecycle_table(
        "performance", [{"metric_type": "tick", "total_duration": 3.5, "std_dev": math.nan}]
    )
    (row,) = table.objects()
    assert (row["metricType"], row["totalDuration"], row["avgDuration"]) == ("tick", 3.5, None)
    with pytest.raises(UsageError, match="there is no table 'x' of the lifecycle; there are heat"):
        lifecycle_table("x", [])


class Following(eyas.Strategy):
    """Move the stop of one ticket twice, and add to nothing."""

    def on_bar(self, bar: eyas.Bar) -> None:
        if bar.index == 0:
            self.buy(2, stop_loss=eyas.at(50), take_profit=eyas.at(400))
        if bar.index in (3, 5):
            self.move(
                self.account.tickets[0],
                stop_loss=eyas.at(50 + bar.index),
                take_profit=eyas.at(400 - bar.index),
            )
        if bar.index == 7:
            self.close(quantity=0.5)
        if bar.index == 9:
            self.close()


def test_the_last_level_and_the_first() -> None:
    (signal,) = table_of(eyas.backtest(Following(), daily(12)), "backtest").objects()
    assert (signal["originalPriceStopLoss"], signal["stopLoss"]) == (50, 55)
    assert (signal["originalPriceTakeProfit"], signal["takeProfit"]) == (400, 395)
    assert (signal["totalEntries"], signal["totalPartials"], signal["partialExecuted"]) == (1, 1, 25)


def test_a_report_has_the_texts_as_methods(tmp_path: Path) -> None:
    report = swing()
    assert report.markdown(
        tmp_path / "x.md", columns=["profit"], rows_max=2, definitions=False
    ) == report_markdown(report, columns=["profit"], rows_max=2, definitions=False)
    one, other = (tmp_path / name for name in ("one.jsonl", "other.jsonl"))
    assert report.json_lines(one, "drawdowns", columns=["depth"], append=True) == one
    write_report_lines(report, other, "drawdowns", columns=["depth"])
    assert one.read_bytes() == other.read_bytes()
