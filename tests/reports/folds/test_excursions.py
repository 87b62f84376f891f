"""Of many trades the furthest are always shown, and the means are of all."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyas.reports.folds.excursions import ExcursionPoints, excursion_points


def points(
    result: np.ndarray, mfe: list | np.ndarray, mae: list | np.ndarray, most: int = 1_500
) -> ExcursionPoints:
    excursions = pl.DataFrame(
        {"mfe_rate": pl.Series(mfe, dtype=pl.Float64), "mae_rate": pl.Series(mae, dtype=pl.Float64)}
    )
    return excursion_points(
        pl.DataFrame({"profit_rate": pl.Series(result, dtype=pl.Float64)}), excursions, most
    )


@given(count=st.integers(1, 2_000), most=st.integers(30, 300), seed=st.integers(0, 9))
def test_the_furthest_are_shown(count: int, most: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    result, mfe, mae = random.normal(0, 1, count), random.exponential(1, count), -random.exponential(1, count)
    found = points(result, mfe, mae, most)
    assert len(found.row) <= max(most, 1)
    assert found.count == count
    assert found.result.min() == result.min()
    assert found.result.max() == result.max()
    assert found.favourable.max() == mfe.max()
    assert found.adverse.min() == mae.min()
    np.testing.assert_array_equal(found.result, result[found.row])
    np.testing.assert_array_equal(found.adverse, mae[found.row])
    assert found.mean_favourable == pytest.approx(mfe.mean())
    assert found.edge_ratio == pytest.approx(mfe.mean() / -mae.mean())


def test_trades_without_excursions_are_left_off() -> None:
    found = points(np.array([0.1, 0.2, np.nan]), [0.2, None, 0.3], [-0.1, None, -0.1])
    assert found.row.tolist() == [0]
    assert found.count == 1


def test_nothing_is_a_sentence() -> None:
    assert "none" in points(np.empty(0), [], []).sentence
    assert "excursions of none are known" in points(np.array([0.1]), [None], [None]).sentence


def test_without_adverse_excursion_there_is_no_edge_ratio() -> None:
    assert math.isnan(points(np.array([0.1]), [0.2], [0.0]).edge_ratio)
