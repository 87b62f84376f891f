"""The walker: several strategies on one market, ranked, and one that fails does not end the rest (§L5)."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import eyas
from eyas.errors import DataError, UsageError
from eyas.reports.text import Column
from eyas.research import Walk, walk
from eyas.research.walker import Standing
from eyas.sweep import of_report
from tests.research.markets import Follow
from tests.research.markets import walk as market

BARS = market(300, 6, memory=0.3)


class Broken(eyas.Strategy):
    """Fail on the way."""

    def on_bar(self, bar: eyas.Bar) -> None:
        if bar.index == 50:
            raise ZeroDivisionError("by nothing")


class Idle(eyas.Strategy):
    """Do nothing, so that it has no Sharpe ratio."""

    def on_bar(self, bar: eyas.Bar) -> None:
        pass


def test_strategies_are_ranked_and_the_best_is_marked() -> None:
    found = walk([Follow, Follow(days=5), Broken, Idle], BARS, fee_rate=0.001)
    own = {
        f"Follow(days={days})": eyas.backtest(Follow(days=days), BARS, fee_rate=0.001).summary.sharpe
        for days in (1, 5)
    }
    ranked = sorted(own, key=lambda name: -(own[name] or 0))
    assert [one.name for one in found.entries[:2]] == [name.replace("(days=1)", "") for name in ranked]
    assert found.best is found.entries[0]
    assert {one.name: one.score for one in found.entries[:2]} == {
        name.replace("(days=1)", ""): score for name, score in own.items()
    }
    assert found["Follow(days=5)"].report is not None
    assert str(found).splitlines()[3].startswith("*  1 ")


def test_a_failure_is_told_of_and_the_rest_goes_on() -> None:
    found = walk({"bad": Broken, "idle": Idle, "good": Follow}, BARS)
    assert [one.name for one in found.entries] == ["good", "bad", "idle"]
    assert "by nothing" in found.failures["bad"]
    assert not found["idle"].failure
    assert math.isnan(found["idle"].score)
    assert "bad failed: Broken failed on bar 50" in str(found)
    assert found.frame()["rank"].to_list() == [1, None, None]
    assert found.frame()["failure"].to_list()[1] == found.failures["bad"]


def test_after_each_comes_what_it_did_and_who_is_best_so_far() -> None:
    told: list[Standing] = []
    found = walk({"bad": Broken, "one": Follow(days=5), "two": Follow}, BARS, progress=told.append)
    assert [(at.done, at.total, at.entry.name) for at in told] == [
        (1, 3, "bad"),
        (2, 3, "one"),
        (3, 3, "two"),
    ]
    best = [at.best.name if at.best else None for at in told]
    assert best[:2] == [None, "one"]
    assert found.best is not None
    assert best[2] == found.best.name


def test_it_can_be_stopped() -> None:
    found = walk([Follow, Follow(days=2), Follow(days=3)], BARS, progress=lambda at: at.done < 2)
    assert found.stopped
    assert len(found) == 2
    assert "Stopped after 2 of 3." in str(found)

    class Stop(eyas.Strategy):
        def on_bar(self, bar: eyas.Bar) -> None:
            raise KeyboardInterrupt

    halted = walk({"a": Follow, "b": Stop, "c": Follow(days=2)}, BARS)
    assert halted.stopped
    assert [one.name for one in halted.entries] == ["a"]


def profit_of_trades(report: eyas.Report) -> float:
    return float(report.trades["profit"].sum())


@pytest.mark.parametrize(
    "objective",
    [
        "trade_sharpe",
        "trade_sharpe_annual",
        "win_rate",
        "trade_sum",
        "certainty_ratio",
        "trade_mean",
        "expected_yearly_return",
        "total_return",
        "max_drawdown",
        "-trade_deviation",
        ("trades", "min"),
        lambda row: row.sharpe * row.trades,
        of_report(lambda report: report.summary.trades),
        profit_of_trades,
    ],
)
def test_any_metric_ranks(objective: Any) -> None:
    found = walk({str(days): Follow(days=days) for days in (1, 2, 3, 5, 8)}, BARS, objective=objective)
    scores = [one.score for one in found.entries]
    assert all(map(math.isfinite, scores))
    assert scores == sorted(scores, reverse=True)
    if objective == "max_drawdown":
        falls = [one.figures["max_drawdown"] for one in found.entries]
        assert falls == sorted(falls)


def test_an_endless_score_never_wins() -> None:
    found = walk({"a": Follow, "b": Follow(days=2)}, BARS, objective=lambda row: math.inf)
    assert found.best is None
    assert found.sentence == "None of 2 strategies has a number for objective."


def test_an_objective_that_fails_fails_that_strategy() -> None:
    def odd(report: eyas.Report) -> float:
        return 1 / (report.parameters["days"] - 1)

    found = walk({"a": Follow, "b": Follow(days=2)}, BARS, objective=odd)
    assert "ZeroDivisionError" in found.failures["a"]
    assert found.best is not None
    assert found.best.name == "b"


def test_signals_take_part() -> None:
    held = eyas.Signals(entries=np.r_[1, np.zeros(299)], name="Held")
    found = walk([held, Follow], BARS, objective="total_return")
    assert {one.name for one in found.entries} == {"Held", "Follow"}


def test_wrong_data_ends_it() -> None:
    with pytest.raises(DataError, match="has one bar"):
        walk([Follow, Idle], BARS[:1])


@pytest.mark.parametrize(
    ("strategies", "sentence"),
    [
        ([], "there is no strategy"),
        ({}, "there is no strategy"),
        (Follow, "compares several strategies"),
        ([Follow(), Follow()], r"two strategies are called Follow\(days=1\)"),
        ([Follow, 5], "5 is no eyas.Strategy|int is no eyas.Strategy"),
        ({"a": dict}, "a is no eyas.Strategy"),
    ],
)
def test_what_cannot_be_is_refused(strategies: Any, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        walk(strategies, BARS)
    with pytest.raises(UsageError, match="did you mean sharpe"):
        walk([Follow], BARS, objective="sharp")


def test_tables_hold_all_of_it() -> None:
    found: Walk = walk([Follow(days=days) for days in range(1, 14)], BARS)
    text = str(found)
    assert max(map(len, text.splitlines())) <= 100
    assert "and 3 more: see .frame()" in text
    assert found.frame().height == 13
    assert found.markdown().count("\n") == 15
    trades = found.trades()
    assert trades.columns[0] == "strategy"
    assert trades.height == sum(one.figures["trades"] for one in found.entries)
    first = found.frame()["first_trade"].min()
    assert first == trades["entry_time"].min()
    assert repr(found).startswith("<Walk of 13 strategies: best Follow(days=")
    with pytest.raises(KeyError, match="did not run"):
        found["nobody"]


def test_the_best_are_compared_side_by_side(tmp_path: Path) -> None:
    found = walk([Follow(days=days) for days in range(2, 17)] + [Broken], BARS, objective="total_return")
    compared = found.compare()
    assert compared.names == [one.name for one in found.entries[:12]]
    assert compared.reports[found.entries[0].name] is found.entries[0].report
    few = found.compare(3)
    assert few.names == [one.name for one in found.entries[:3]]
    assert few.markdown(tmp_path / "few.md").startswith("# 3 runs side by side")
    with pytest.raises(UsageError, match="compare shows 2 to 12 strategies, not 13"):
        found.compare(13)
    alone = walk([Follow, Broken], BARS, objective="total_return")
    with pytest.raises(UsageError, match="1 of 2 strategies ran"):
        alone.compare()


def test_the_ranking_is_written_with_chosen_columns(tmp_path: Path) -> None:
    found = walk([Follow(days=3), Follow(days=9), Broken], BARS, objective="-fees", fee_rate=0.001)
    text = found.markdown(tmp_path / "walk.md")
    assert (tmp_path / "walk.md").read_text(encoding="utf-8") == text
    head, _, first, *_, failed = [
        [cell.strip() for cell in line.strip("|").split(" | ")] for line in text.splitlines()
    ]
    assert head[:4] == ["rank", "strategy", "fees", "total return"]
    assert head[-1] == "failure"
    best = found.entries[0]
    assert first[:3] == ["1", best.name, f"{best.figures['fees']:,.2f}"]
    assert failed[:3] == ["n/a", "Broken", "n/a"]
    assert found.failures["Broken"] in failed[-1]
    own = found.markdown(columns=["strategy", Column("trade_sharpe", title="Sharpe of trades")])
    assert own.splitlines()[0].split("|")[2].strip() == "Sharpe of trades"
    lines = found.json_lines(tmp_path / "walk.jsonl", columns=["strategy", "score"])
    rows = [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()]
    assert rows == [
        {"strategy": one.name, "score": one.score if one.is_judged else None} for one in found.entries
    ]


def test_the_ranking_of_the_lifecycle_is_by_a_statistic_of_trades() -> None:
    found = walk([Follow(days=days) for days in (3, 5, 9)], BARS)
    rows = list(found.lifecycle_table("total_pnl").objects())
    assert [row["rank"] for row in rows] == [1, 2, 3]
    assert {row["strategy"] for row in rows} == {one.name for one in found.entries}
    assert sorted((row["metric"] for row in rows), reverse=True) == [row["metric"] for row in rows]
    with pytest.raises(UsageError, match="there is no statistic"):
        found.lifecycle_table("sharpness")
