"""What a backtest takes for its market: one instrument or many, from any source, or a sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import eyas
from tests.test_market import bars_at
from tests.test_portfolio import DiceOnSeveral, one_each, walk


def without_volume() -> eyas.Bars:
    bars = walk(1, 5)
    return eyas.bars({name: getattr(bars, name) for name in ("time", "open", "high", "low", "close")})


def test_volumes_are_asked_for_only_where_they_count() -> None:
    bars = {"A": walk(1, 5), "B": without_volume()}
    eyas.backtest(eyas.Strategy(), bars, fill_volume={"A": 0.1})
    with pytest.raises(eyas.DataError, match="fill_volume needs volumes, and B has none"):
        eyas.backtest(eyas.Strategy(), bars, fill_volume=0.1)


HOURS = (10.0, 12.0, 9.0, 11.0)


def hours_and(finer: Any, minutes: Any) -> tuple[Any, Any]:
    """Return three hours of A and B, and finer bars of B at some minutes."""
    whole = bars_at(np.array([0, 60, 120]), "1h").time
    fine = bars_at(np.array(minutes), "").time
    names = ("open", "high", "low", "close")
    table = np.array(finer, dtype=np.float64).T
    bars = {"time": whole, **dict(zip(names, HOURS, strict=True))}
    columns = {"time": fine, **dict(zip(names, table, strict=True))}
    full = {name: value if name == "time" else np.full(3, value) for name, value in bars.items()}
    return {"A": full, "B": full}, {"B": eyas.bars(columns, timeframe="30m")}


INSIDE = (10.0, 11.0, 10.0, 11.0)


@pytest.mark.parametrize(
    ("finer", "minutes", "sentence"),
    [
        (
            [INSIDE, (10, 12.5, 10, 11)],
            [0, 30],
            "the finer bars of B row 2 (2026-05-28T20:57:00Z): high 12.5 is ",
        ),
        (
            [INSIDE, (10, 11, 8, 11)],
            [0, 30],
            "the finer bars of B row 2 (2026-05-28T20:57:00Z): low 8 is below",
        ),
        (
            [INSIDE, INSIDE],
            [0, 45],
            "the finer bars of B row 2 (2026-05-28T21:12:00Z): it ends after 2026-05-28T21",
        ),
        ([INSIDE, INSIDE], [600, 630], "none of the finer bars of B lies in a bar"),
    ],
)
def test_finer_bars_must_lie_inside_their_bars(finer: Any, minutes: Any, sentence: str) -> None:
    bars, inside = hours_and(finer, minutes)
    with pytest.raises((eyas.DataError, eyas.UsageError)) as caught:
        eyas.backtest(eyas.Strategy(), bars, finer=inside)
    assert str(caught.value).startswith(sentence)
    good, fitting = hours_and([INSIDE, INSIDE], [0, 30])
    eyas.backtest(eyas.Strategy(), good, finer=fitting)


def test_a_portfolio_may_be_anything_that_bars_takes(tmp_path: Path) -> None:
    bars = {"A": walk(1, 20), "B": walk(2, 20)}
    frames: dict[str, Any] = {
        name: pl.DataFrame(
            {column: getattr(one, column) for column in ("time", "open", "high", "low", "close")}
        )
        for name, one in bars.items()
    }
    frames["B"].write_csv(tmp_path / "b.csv")
    mixed = {
        "A": dict(zip(frames["A"].columns, frames["A"].iter_columns(), strict=True)),
        "B": tmp_path / "b.csv",
    }
    reports = [eyas.backtest(DiceOnSeveral(seed=2), source) for source in (bars, frames, mixed)]
    assert reports[0].journal == reports[1].journal == reports[2].journal
    assert len(reports[0].journal) > 10
    assert eyas.backtest(DiceOnSeveral(seed=2), dict(reversed(bars.items()))).journal == reports[0].journal


@pytest.mark.parametrize(
    ("bars", "options", "error", "sentence"),
    [
        ({}, {}, eyas.DataError, "the portfolio has no instruments"),
        ({"A": walk(1, 1), "B": walk(1, 5)}, {}, eyas.DataError, "A has one bar: a backtest needs two"),
        ({1: walk(1, 5)}, {}, eyas.UsageError, "a portfolio is {symbol: bars, …}, and 1 is no symbol"),
        ({"A": walk(1, 5), "": walk(1, 5)}, {}, eyas.UsageError, "a portfolio is {symbol: bars, …}, and ''"),
        ({"A": walk(1, 5), "B": 3}, {}, eyas.UsageError, "bars cannot be made from int"),
        (
            {"A": walk(1, 5)},
            {"clock": "single"},
            eyas.UsageError,
            "clock is 'single', but must be merged or ",
        ),
        (one_each(), {"fee_rate": {"C": 0.1}}, eyas.UsageError, "fee_rate names C, but the run has A, B"),
        (one_each(), {"currency": {"A": "C"}}, eyas.UsageError, "currency is C, but the run has A, B"),
        (one_each(), {"finer": walk(1, 5)}, eyas.UsageError, "a portfolio has finer bars by symbol"),
        (
            {"A": walk(1, 5), "B": without_volume()},
            {"fill_volume": {"B": 0.1}},
            eyas.DataError,
            "fill_volume needs volumes, and B has none: add a volume column, or leave fill_volume out",
        ),
        (
            without_volume(),
            {"slippage_volume": 0.1},
            eyas.DataError,
            "slippage_volume needs volumes, and mapping ",
        ),
        (one_each(), {"tie": "finer_bars"}, eyas.UsageError, "tie=finer_bars needs finer bars of A: give "),
    ],
)
def test_a_wrong_portfolio_gets_a_sentence(
    bars: Any, options: Any, error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error) as caught:
        eyas.backtest(eyas.Strategy(), bars, **options)
    assert str(caught.value).startswith(sentence)
