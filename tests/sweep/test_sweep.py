"""A sweep is its runs one by one: wherever they run, in whatever pieces, whatever is refused."""

from __future__ import annotations

import math
import signal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import eyas
from eyas.errors import StrategyError, UsageError
from eyas.sweep import between, of_report, study, sweep
from eyas.sweep import table as table_file
from eyas.sweep.figures import DONE, FAILED, REFUSED
from eyas.sweep.table import Table, record_dtype
from tests.sweep import strategies
from tests.sweep.strategies import BARS, Arrays, Cross, Moody, Picky

GRID: dict[str, Any] = {"fast": range(5, 9), "slow": [20, 30, 40]}


def found(strategy: Any = Cross, bars: Any = BARS, **options: Any) -> Any:
    options = {"engine": "python", "workers": 1} | options
    return sweep(strategy, bars, **options)


def test_a_row_is_a_backtest() -> None:
    own = found(**GRID, fee_rate=0.001, cash=5_000)
    assert own.numbers.tolist() == list(range(12))
    for number in own.numbers.tolist():
        report = eyas.backtest(Cross(**own.parameters(number)), BARS, fee_rate=0.001, cash=5_000)
        trial = own.trial(number)
        assert trial.digest == report.journal.digest
        assert trial["equity_final"] == report.summary.equity_final
        assert trial.parameters == {"fast": 5 + number // 3, "slow": [20, 30, 40][number % 3]}
    best = max(range(12), key=lambda number: own.rows[number]["sharpe"])
    assert own.best.number == best
    assert own.best.value == own.rows[best]["sharpe"]
    assert own.rerun(best).journal.digest == own.best.digest


@pytest.mark.parametrize(("engine", "strategy"), [("python", Cross), ("arrays", Arrays)])
def test_where_it_runs_changes_nothing(engine: str, strategy: Any) -> None:
    grid = {"fast": range(3, 40), "slow": [20, 30, 40], "where": lambda p: p.fast < p.slow}
    alone = found(strategy, engine=engine, **grid)
    several = found(strategy, engine=engine, workers=3, **grid)
    assert several.course.where == ("in 3 processes" if engine == "python" else "in 3 threads")
    assert several.rows.tobytes() == alone.rows.tobytes()
    assert several.numbers.tolist() == alone.numbers.tolist() == list(range(len(alone)))
    assert several.codes.tobytes() == alone.codes.tobytes()


def test_every_way_gives_the_same_rows() -> None:
    compiled = found(Cross, engine="compiled", workers=2, **GRID)
    ways = [found(Cross, **GRID), found(Arrays, engine="arrays", **GRID), compiled]
    assert len({own.rows.tobytes() for own in ways}) == 1
    chosen = found(Arrays, engine="auto", **GRID)
    assert chosen.engine == "arrays"
    assert chosen.engine_reason
    assert "Engine arrays: Arrays says its orders by signals." in str(chosen)


def test_a_portfolio_is_swept_too() -> None:
    bars = {"A": BARS, "B": eyas.sample("IBM", "1d")}
    own = found(Arrays, bars, engine="auto", workers=2, fast=[5, 6], slow=[20, 30])
    for number in range(4):
        report = eyas.backtest(Arrays(**own.parameters(number)), bars)
        assert own.trial(number).digest == report.journal.digest
    assert own.title == "Arrays on A, B"


def test_what_is_refused_or_fails_is_a_row_and_the_rest_goes_on() -> None:
    for workers in (1, 2):
        own = found(Picky, fast=range(5, 10), slow=[20, 30], workers=workers)
        assert own.rows["status"].tolist() == [DONE] * 2 + [REFUSED] * 4 + [FAILED] * 2 + [DONE] * 2
        assert own.refused[2] == "fast must not be 6"
        assert "fast must not be 7 on these bars" in own.refused[4]
        assert "Picky failed on bar 20" in own.failed[6]
        assert "ZeroDivisionError: eight" in own.failed[6]
        assert own.counts() == {"done": 4, "refused": 4, "failed": 2, "constrained": 0, "nan": 0}
        assert "4 done, 4 refused, 2 failed." in str(own)
        assert "Refused: trial 2: fast must not be 6" in str(own)
        assert np.isnan(own.rows["equity_final"][2])
        assert np.isnan(own.scores[2:8]).all()
        with pytest.raises(UsageError, match="fast must not be 6"):
            own.rerun(2)
        with pytest.raises(StrategyError, match="ZeroDivisionError: eight"):
            own.rerun(6)


def test_when_all_are_refused_it_says_so_with_the_first_sentence() -> None:
    own = found(Picky, fast=[6, 7], slow=[20, 30])
    assert own.best is None
    assert own.front == []
    assert "none of 4 trials ran to its end; the first: fast must not be 6" in str(own)
    with pytest.raises(UsageError, match="there is nothing to judge: none of 4 trials"):
        _ = own.statistics


def test_an_objective_of_a_row_and_constraints() -> None:
    own = found(
        **GRID,
        objective=lambda row: float("nan") if row.fees else row.trades,
        constraints=[lambda row: row.trades < 8, lambda row: row.max_drawdown - 0.9],
    )
    trades = own.rows["trades"]
    assert own.broken.tolist() == (trades >= 8).tolist()
    assert 0 < own.broken.sum() < 12
    assert own.best["trades"] == trades[trades < 8].max()
    assert f"{own.broken.sum()} break a constraint" in str(own)
    assert own.frame()["constraints_kept"].to_list() == (~own.broken).tolist()


def test_an_objective_that_is_not_a_number_is_never_best_and_is_counted() -> None:
    own = found(**GRID, objective=lambda row: math.nan if row.trades % 2 else -row.trades)
    odd = own.rows["trades"] % 2 == 1
    assert 0 < odd.sum() < 12
    assert own.best["trades"] == own.rows["trades"][~odd].min()
    assert own.counts()["nan"] == odd.sum()
    assert f"{odd.sum()} without a number for highest objective" in str(own)
    nothing = found(**GRID, objective=lambda row: None)
    assert nothing.best is None
    assert "no trial has a number for highest objective" in str(nothing)
    short = found(Arrays, BARS[:10], engine="arrays", **GRID)
    assert "a run of less than 30 days has no yearly figures: say objective='total_return'" in str(
        short
    ).replace("\n", " ")


def test_an_objective_that_raises_on_some_rows_is_not_a_number_there() -> None:
    own = found(**GRID, objective=lambda row: 1 / (row.trades % 2))
    assert own.counts()["nan"] > 0
    assert "objective failed on" in str(own)
    assert "ZeroDivisionError" in str(own)


@pytest.mark.parametrize("workers", [1, 2])
def test_an_objective_of_a_report(workers: int) -> None:
    def longest(report: eyas.Report) -> float:
        if report.parameters["fast"] == 8:
            raise KeyError("eight")
        return float(len(report.trades))

    own = found(**GRID, objective=longest, workers=workers)
    assert own.objective == "highest longest"
    assert own.values[:9, 0].tolist() == own.rows["trades"][:9].tolist()
    assert np.isnan(own.values[9:]).all()
    assert own.reasons[9] == "the objective failed: KeyError: 'eight'"
    assert own.frame()["longest"].to_list()[:9] == own.rows["trades"][:9].tolist()
    plain = found(**GRID, objective=(of_report(lambda report: len(report.trades)), "min"), workers=workers)
    assert plain.best["trades"] == plain.rows["trades"].min()


def test_directions() -> None:
    own = found(**GRID, objective="max_drawdown")
    assert own.best.value == own.rows["max_drawdown"].min()
    own = found(**GRID, objective=("max_drawdown", "max"))
    assert own.best.value == own.rows["max_drawdown"].max()
    own = found(**GRID, objective="-sharpe")
    assert own.best.value == own.rows["sharpe"].min()


def test_several_objectives_have_a_front() -> None:
    own = found(**GRID, objective=["total_return", "max_drawdown"])
    values = own.values * [1, -1]
    ahead = {
        number
        for number in range(12)
        if not any((other >= values[number]).all() and (other > values[number]).any() for other in values)
    }
    assert {trial.number for trial in own.front} == ahead
    assert own.best.number == own.front[0].number
    assert set(own.ranked[: len(ahead)].tolist()) == ahead


def test_random_trials() -> None:
    whole = found(fast=range(5, 15), slow=range(20, 60), objective="total_return")
    drawn = found(fast=range(5, 15), slow=range(20, 60), search="random", trials=60, seed=3)
    more = found(fast=range(5, 15), slow=range(20, 60), search="random", trials=100, seed=3, workers=2)
    assert more.rows[:60].tobytes() == drawn.rows.tobytes()
    assert len({tuple(drawn.parameters(number).values()) for number in range(60)}) == 60
    digests = {bytes(row["digest"]) for row in whole.rows}
    assert all(bytes(row["digest"]) in digests for row in drawn.rows)
    everything = found(fast=range(5, 8), slow=[20, 30], search="random", trials=1_000)
    assert len(everything) == everything.total == 6
    open_ended = found(fast=between(5, 40, log=True), slow=40, search="random", trials=5)
    assert len(open_ended) == 5
    assert open_ended.fixed == {"slow": 40}
    assert open_ended.parameters(0)["slow"] == 40


def test_a_strategy_that_is_not_repeatable_is_found_out() -> None:
    own = found(Moody, **GRID)
    with pytest.raises(
        StrategyError, match=r"trial 0: fast=5, slow=20 went another way than in the sweep: then"
    ) as raised:
        own.rerun(0)
    assert "does it use random numbers" in str(raised.value)


def test_it_prints_within_100_columns_and_as_a_frame() -> None:
    own = found(Picky, fast=range(5, 10), slow=[20, 30], top=3)
    lines = str(own).splitlines()
    assert max(map(len, lines)) <= 100
    assert lines[0] == "Picky on AAPL 1d: 10 trials (grid), highest sharpe"
    assert sum(line.startswith("    ") and "%" in line for line in lines[2:7]) == 3
    assert "Deflated Sharpe ratio (2014)" in str(own)
    frame = own.frame()
    assert frame.height == 10
    assert frame["status"].to_list() == ["done"] * 2 + ["refused"] * 4 + ["failed"] * 2 + ["done"] * 2
    assert frame["reason"][2] == "fast must not be 6"
    assert frame["digest"][0] == own.trial(0).digest
    assert isinstance(frame, pl.DataFrame)
    assert repr(own) == "<Sweep Picky on AAPL 1d: 10 trials, highest sharpe>"
    with pytest.raises(UsageError, match="there is no trial 10; the trials are 0 to 9"):
        own.trial(10)


def test_progress_moves_to_the_end() -> None:
    calls: list[Any] = []
    own = found(**GRID, progress=lambda *said: calls.append(said), workers=2)
    assert [done for done, _, _ in calls] == sorted(done for done, _, _ in calls)
    assert calls[-1][0] == calls[-1][1] == 12
    assert calls[-1][2].number == own.best.number
    assert calls[-1][2].score == own.best.value
    assert calls[-1][2].parameters == own.best.parameters


@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_keeps_what_is_done(workers: int) -> None:
    def stop(done: int, total: Any, best: Any) -> None:
        if done >= 20:
            raise KeyboardInterrupt

    own = found(fast=range(5, 15), slow=range(20, 40), progress=stop, workers=workers)
    assert own.interrupted
    assert 20 <= len(own) < 200
    assert own.total == 200
    for place, number in enumerate(own.numbers.tolist()):
        assert own.parameters(number) == {"fast": 5 + number // 20, "slow": 20 + number % 20}
        assert own.trial(number).number == own.numbers[place]
    assert "Interrupted: give store='study.sweep' next time" in str(own)


class Stopped(Cross):
    """Is interrupted in the middle of a run, as by a person."""

    def on_bar(self, bar: eyas.Bar) -> None:
        if self.fast == 8 and bar.index == 50:
            signal.raise_signal(signal.SIGINT)
        super().on_bar(bar)


def test_ctrl_c_in_the_middle_of_a_trial_keeps_those_before() -> None:
    own = found(Stopped, fast=range(5, 15), slow=[20])
    assert own.interrupted
    assert len(own) in (1, 2, 3)  # whole chunks
    assert own.rows.tobytes() == found(Cross, fast=range(5, 15), slow=[20]).rows[: len(own)].tobytes()


def test_small_work_stays_in_this_process_and_large_work_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(study, "cores_available", lambda: 2)
    monkeypatch.setattr(study, "WORTH_WORKERS_S", 1e9)
    small = found(**GRID, workers=None)
    assert small.course.where == "in this process"
    monkeypatch.setattr(study, "WORTH_WORKERS_S", 0.0)
    large = found(**GRID, workers=None)
    assert large.course.where == "in 2 processes"
    assert large.rows.tobytes() == small.rows.tobytes()


def test_many_rows_go_to_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_file, "IN_MEMORY_MAX", 300)
    table = Table(1, 0, 1)
    rows = np.zeros(1000, dtype=record_dtype(1, 0))
    rows["number"] = np.random.default_rng(0).permutation(1000)
    rows["codes"][:, 0] = rows["number"]
    for start in range(0, 1000, 50):
        part = rows[start : start + 50]
        table.put(part, {0: "why"}, part["codes"], np.zeros(50, dtype=np.bool_))
    assert table.is_on_disk
    assert table.finished()["record"]["number"].tolist() == list(range(1000))
    assert table.finished()["scores"][:, 0].tolist() == list(range(1000))
    assert table.complete_from_zero == 1000
    assert len(table.messages) == 20
    assert table.has(np.array([0, 999, 1000, 5000])).tolist() == [True, True, False, False]


def test_when_memory_grows_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = found(Arrays, BARS[:60], engine="arrays", fast=range(2, 22), slow=range(30, 60))
    monkeypatch.setattr(table_file, "IN_MEMORY_MAX", 500)
    own = found(Arrays, BARS[:60], engine="arrays", fast=range(2, 22), slow=range(30, 60))
    assert len(own.course.notes) == 1
    assert own.course.notes[0].endswith("trials: their rows are in a temporary file.")
    assert own.rows.tobytes() == plain.rows.tobytes()
    assert own.best == plain.best


def test_an_unfinished_table_has_no_gaps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_file, "PIECE_ROWS", 7)
    table = Table(1, 0, 1)
    kept = np.array([number for number in range(500) if number < 60 or number % 3])
    rows = np.zeros(len(kept), dtype=record_dtype(1, 0))
    rows["number"], rows["codes"] = kept, kept[:, None]
    table.put(rows, {}, rows["codes"], np.zeros(len(kept), dtype=np.bool_))
    for _ in range(2):
        assert table.finished()["record"]["number"].tolist() == kept.tolist()
        assert table.finished()["scores"][:, 0].tolist() == kept.tolist()


def test_it_is_a_page_and_a_cell_of_a_notebook(tmp_path: Path) -> None:
    own = found(**GRID)
    assert own.html(tmp_path / "page.html").read_text().startswith("<!doctype html>")
    cell = own._repr_html_()
    assert cell.startswith("<div")
    assert "Cross on AAPL 1d" in cell
    assert "12 trials (grid), highest sharpe" in cell


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"fast": []}, r"Cross\.fast has no values \(\[\]\), so the grid is empty: give at least one"),
    ({"fst": [1, 2]}, r"Cross has no parameter fst, and there is no such rule; did you mean fast\?"),
    ({"fast": [5, 6], "fee": 1}, r"Cross has no parameter fee, and there is no such rule"),
    ({"slow": [1, 5]}, r"Cross\.slow is 1, but must be 2 to 500"),
    ({"fast": 5}, r"a sweep needs a parameter of Cross with several values"),
    ({}, r"a sweep needs a parameter of Cross with several values, such as fast=range\(5, 25\)"),
    ({"fast": [1, 2], "where": lambda p: False}, r"where keeps none of the combinations \(fast: 1, 2\)"),
    (
        {"fast": [1, 2], "objective": "sharp"},
        r"objective is 'sharp', but there is no figure sharp; did you mean sharpe\?",
    ),
    (
        {"fast": [1, 2], "objective": 3},
        r"objective is 3, but must be the name of a figure, a function of a row or",
    ),
    ({"fast": [1, 2], "objective": []}, r"objective is empty: name a figure, such as sharpe"),
    ({"fast": [1, 2], "objective": ["sharpe", "-sharpe"]}, r"objective names sharpe twice"),
    (
        {"fast": [1, 2], "objective": lambda row: row.shape_of_it},
        r"objective asks a row for what it has not: there is no",
    ),
    (
        {"fast": [1, 2], "objective": lambda row: "good"},
        r"objective returned 'good', but must return a number",
    ),
    (
        {"fast": [1, 2], "constraints": 5},
        r"constraints is 5, but must be a function of a row, or a list of them",
    ),
    (
        {"fast": [1, 2], "constraints": ["trades"]},
        r"a constraint is 'trades', but must be a function of a row",
    ),
    (
        {"fast": [1, 2], "constraints": lambda row: row.trade},
        r"a constraint failed: there is no trade; did you mean trades\?",
    ),
    ({"fast": [1, 2], "search": "genetic"}, r"search is 'genetic', but must be one of grid, random, tpe"),
    (
        {"fast": [1, 2], "trials": 5},
        r"a grid runs every combination: leave trials out, or say search='random'",
    ),
    ({"fast": [1, 2], "search": "random"}, r"search='random' needs to know how many trials: say trials=200"),
    ({"fast": [1, 2], "workers": 0}, r"workers is 0, but must be a whole number of at least 1"),
    ({"fast": [1, 2], "seed": -1}, r"seed is -1, but must be a whole number of at least 0"),
    ({"fast": [1, 2], "storage": "sqlite:///x"}, r"storage is what machines share in a guided search"),
    ({"fast": [1, 2], "matching": "elsewhere"}, r"a sweep is its own market: matching must be here"),
    ({"fast": [1, 2], "engine": "warp"}, r"engine is 'warp', but must be one of"),
]


@pytest.mark.parametrize(("options", "sentence"), WRONG)
def test_a_wrong_call_is_refused(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        found(**options)


def test_only_strategies_are_swept() -> None:
    with pytest.raises(UsageError, match=r"a sweep runs an eyas.Strategy, not Signals: only a strategy has"):
        sweep(eyas.Signals(entries=1), BARS, fast=[1, 2])  # type: ignore[arg-type]


def test_a_strategy_with_state_of_its_own_is_swept_as_it_is() -> None:
    own = Cross(slow=50)
    swept = found(own, fast=[5, 6])
    assert swept.fixed == {"slow": 50}
    assert swept.trial(0).digest == eyas.backtest(Cross(fast=5, slow=50), BARS).journal.digest


def test_the_package_is_light() -> None:
    import subprocess
    import sys

    heavy = ("polars", "optuna", "ray", "multiprocessing", "sqlite3", "cloudpickle")
    code = f"import sys, eyas.sweep; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert strategies.BARS is BARS


def test_what_the_data_check_found_stands_beside_the_best() -> None:
    split = found(**GRID)  # Apple's prices of 2014 with the split left in
    assert "The data's check warns of splits 1" in str(split)
    assert split.course.notes == (
        "The data's check warns of splits 1 (eyas.data.check says what and where).",
    )
    assert found(bars=eyas.sample("AAPL", "1d", adjusted=True), **GRID).course.notes == ()


def test_a_search_that_runs_out_of_sets_says_so() -> None:
    few = found(search="random", trials=50, **GRID)
    assert len(few) == 12
    assert "Fewer than 50 trials: there are no other sets of parameters." in few.course.notes
    assert "Fewer than" not in str(found(search="random", trials=12, **GRID))


def test_progress_must_be_a_function() -> None:
    with pytest.raises(UsageError, match="progress is 3, but must be a function"):
        found(**GRID, progress=3)


def test_a_trial_is_asked_for_what_it_has_not() -> None:
    best = found(**GRID).best
    with pytest.raises(KeyError, match=r"a trial has no sharp; did you mean sharpe\?"):
        best["sharp"]


def test_where_sees_what_is_not_swept() -> None:
    """As it is in the strategy that was given: 30 by default."""
    kept = found(Cross, fast=[20, 40], where=lambda p: p.fast < p.slow)
    assert [kept.parameters(number) for number in kept.numbers.tolist()] == [{"fast": 20}]
    kept = found(Cross(slow=50), fast=[20, 40, 60], where=lambda p: p.fast < p["slow"])
    assert len(kept) == 2


def test_the_verdict_says_the_ratio_of_the_table() -> None:
    own = found(**GRID)
    assert f", {own.best['sharpe']:.2f} a year" in str(own)
