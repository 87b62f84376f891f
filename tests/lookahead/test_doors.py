"""What a strategy loads while it runs: it is seen, put to the test, and everything stands as before."""

from __future__ import annotations

import pickle
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from polars import read_csv as read_a_file

import eyas
from eyas.lookahead import check
from tests.lookahead.conftest import walk


def saved(folder: Path, bars: eyas.Bars) -> Path:
    path = folder / "bars.csv"
    with path.with_suffix(".pkl").open("wb") as file:
        pickle.dump(bars.close, file)
    pd.DataFrame({name: getattr(bars, name) for name in bars.columns}).to_csv(path, index=False)
    return path


@cache
def remembered(path: Path) -> Any:
    return np.loadtxt(path, delimiter=",", skiprows=1)[:, 4]


def unpickled(path: Path) -> Any:
    with path.with_suffix(".pkl").open("rb") as file:
        return pickle.load(file)


READERS: dict[str, Any] = {
    "pandas": lambda path: pd.read_csv(path)["close"].to_numpy(),
    "polars": lambda path: pl.read_csv(path)["close"].to_numpy(),
    "imported by name": lambda path: read_a_file(path)["close"].to_numpy(),
    "eyas": lambda path: eyas.bars(path).close,
    "reading": lambda path: eyas.data.read(path).bars.close,
    "cached": remembered,
    "pickled": unpickled,
}


def reading(read: Any, path: Path, ahead: int) -> type[eyas.Strategy]:
    class Reads(eyas.Strategy):
        def on_bar(self, bar: eyas.Bar) -> None:
            if bar.index % 40 == 0:
                whole = read(path)
                if whole[min(max(bar.index + ahead, 0), len(whole) - 1)] > bar.close:
                    self.buy(1)
                else:
                    self.close()

    return Reads


@pytest.mark.parametrize("kind", READERS)
def test_the_future_in_a_file_is_found(kind: str, tmp_path: Path) -> None:
    bars = walk(400)
    path = saved(tmp_path, bars)
    found = check(reading(READERS[kind], path, 3), bars, warm_ups=(), cuts=5)
    assert found.verdict == "fail", str(found)
    [one] = found.named("outside")
    assert "called while it runs, returns of later moments: it holds" in one.text
    assert "bars.csv" in one.text or "bars.pkl" in one.text


def test_the_past_in_a_file_is_a_warning(tmp_path: Path) -> None:
    bars = walk(400)
    found = check(reading(READERS["pandas"], saved(tmp_path, bars), -5), bars, warm_ups=(), cuts=5)
    assert found.verdict == "warn", str(found)
    [one] = found.named("outside")
    assert "no decision of those tried went by that" in one.text


def test_what_has_nothing_to_do_with_the_run_is_left_in_peace(tmp_path: Path) -> None:
    path = saved(tmp_path, walk(900, seed=5))
    table = pd.read_csv(path)
    table["time"] -= 10**18
    table.to_csv(path, index=False)
    found = check(reading(READERS["pandas"], path, 3), walk(400), warm_ups=(), cuts=5)
    assert found.verdict == "pass", str(found)


def test_every_door_is_put_back_also_after_a_failure() -> None:
    before = eyas.sample, pd.read_csv, read_a_file, "load" in vars(eyas)

    class Breaks(eyas.Strategy):
        def on_bar(self, bar: eyas.Bar) -> None:
            eyas.sample("NOTHING", "1m")

    with pytest.raises(eyas.StrategyError, match="NOTHING"):
        check(Breaks, walk(100))
    assert (eyas.sample, pd.read_csv, read_a_file, "load" in vars(eyas)) == before
