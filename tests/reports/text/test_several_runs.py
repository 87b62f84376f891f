"""Sweeps and comparisons as Markdown and JSON Lines, and runs as the lifecycle's walker ranks them."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

import eyas
from eyas.errors import UsageError
from eyas.reports.text import (
    comparison_markdown,
    sweep_markdown,
    walker_pnl_table,
    walker_table,
    write_comparison_lines,
    write_sweep_lines,
)
from tests.reports.small_runs import Swing, daily, idle, one_trade, swing

RENDERER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


class Refusing(Swing):
    """Refuse all parameters."""

    def on_start(self) -> None:
        raise ValueError("never | this")


@lru_cache
def swept(kind: type[Swing] = Swing) -> Any:
    return eyas.sweep(kind, daily(120), every=[3, 4, 5, 6], workers=1)


def objects(path: Path) -> list[dict[str, Any]]:
    return [
        json.loads(line, parse_constant=pytest.fail) for line in path.read_text(encoding="utf-8").splitlines()
    ]


def test_a_sweep_lists_its_trials_best_first(tmp_path: Path) -> None:
    sweep = swept()
    text = sweep_markdown(sweep, tmp_path / "sweep.md", rows_max=3)
    assert (tmp_path / "sweep.md").read_text(encoding="utf-8") == text
    rendered = RENDERER.render(text)
    assert rendered.count("<table>") == 3
    assert "3 of 4 rows are shown." in text
    assert "How far to trust the best" in text
    found = objects(write_sweep_lines(sweep, tmp_path / "sweep.jsonl"))
    assert [one["trial"] for one in found] == sweep.numbers[sweep.ranked].tolist()
    frame = {row["trial"]: row for row in sweep.frame().to_dicts()}
    assert all(one["sharpe"] == frame[one["trial"]]["sharpe"] for one in found)
    assert {one["every"] for one in found} == {3, 4, 5, 6}


def test_a_sweep_without_a_best_says_so(tmp_path: Path) -> None:
    sweep = swept(Refusing)
    text = sweep_markdown(sweep)
    assert "No trial can be the best" in text
    assert "How far to trust" not in text
    found = objects(write_sweep_lines(sweep, tmp_path / "x.jsonl", columns=["trial", "status", "sharpe"]))
    assert [one["trial"] for one in found] == [0, 1, 2, 3]
    assert all(one["sharpe"] is None or one["sharpe"] == 0 for one in found)


def test_a_comparison_has_a_column_a_run(tmp_path: Path) -> None:
    comparison = swing().compare(**{"a|b": one_trade(), "idle": idle()})
    text = comparison_markdown(comparison, tmp_path / "x.md")
    assert (tmp_path / "x.md").read_text(encoding="utf-8") == text
    rendered = RENDERER.render(text)
    first = rendered[rendered.index("<tr>") : rendered.index("</tr>")]
    assert [re.sub("<.*?>", "", cell) for cell in re.findall(r"<th.*?</th>", first)] == [
        "figure",
        *comparison.names,
    ]
    assert "★" in text
    chosen = comparison_markdown(comparison, columns=["label", "idle"])
    assert re.search(r"^\| figure +\| +idle \|$", chosen, re.MULTILINE)
    found = objects(write_comparison_lines(comparison, tmp_path / "x.jsonl"))
    assert [one["run"] for one in found] == comparison.names
    for one, report in zip(found, comparison.reports.values(), strict=True):
        assert one["total_return"] == report.metrics["total_return"]


def test_the_walker_ranks_by_a_statistic() -> None:
    reports = {"idle": idle(), "swing": swing(), "one": one_trade()}
    rows = list(walker_table(reports, "total_pnl").objects())
    values = [row["metric"] for row in rows]
    assert [row["rank"] for row in rows] == [1, 2, 3]
    assert rows[-1]["strategy"] == "idle"
    assert values[-1] is None
    assert values[0] >= values[1]
    by_name = {row["strategy"]: row for row in rows}
    assert by_name["swing"]["totalSignals"] == len(swing().trades)
    assert by_name["swing"]["firstEventTime"] == swing().trades["entry_time"].to_numpy().min()
    assert by_name["swing"]["lastEventTime"] == swing().trades["exit_time"].to_numpy().max()
    assert by_name["one"]["sharpeRatio"] is None  # one trade is fewer than ten
    with pytest.raises(UsageError, match="there is no statistic 'sharpe': did you mean 'sharpe_ratio'"):
        walker_table(reports, "sharpe")


def test_the_walker_lists_the_trades_of_each_run() -> None:
    rows = list(walker_pnl_table({"swing": swing(), "idle": idle(), "one": one_trade()}).objects())
    assert len(rows) == len(swing().trades) + len(one_trade().trades)
    assert rows[-1]["strategy"] == "one"
    assert rows[-1]["pnl"] == one_trade().trades["profit_rate"][-1] * 100
    assert rows[-1]["closeTime"] == one_trade().trades["exit_time"].to_numpy()[-1]
