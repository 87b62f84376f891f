"""Made markets are valid markets, made of the moves of the true one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyas.errors import DataError, UsageError
from eyas.model import Bars
from eyas.research.synthetic import Shapes, decimals_of, made, markets_of
from tests.research.markets import walk

BARS = walk(120, 3)


def check_valid(bars: Bars) -> None:
    assert (bars.low > 0).all()
    assert (bars.high >= np.maximum(bars.open, bars.close)).all()
    assert (bars.low <= np.minimum(bars.open, bars.close)).all()


def test_nothing_moved_is_the_market_itself() -> None:
    shapes = Shapes.of(BARS)
    rows = np.arange(len(shapes))
    same = shapes.market(rows, rows)
    for name in BARS.columns:
        assert getattr(same, name).tolist() == getattr(BARS, name).tolist(), name


@given(seed=st.integers(0, 2**32), kept=st.integers(1, 50))
def test_a_permuted_market_is_valid_and_ends_where_the_true_one_did(seed: int, kept: int) -> None:
    shapes = Shapes.of(BARS, kept)
    random = np.random.default_rng(seed)
    found = shapes.market(random.permutation(len(shapes)), random.permutation(len(shapes)))
    check_valid(found)
    assert len(found) == len(BARS)
    assert found.time.tolist() == BARS.time.tolist()
    assert found.close[:kept].tolist() == BARS.close[:kept].tolist()
    assert found.close[-1] == pytest.approx(BARS.close[-1], abs=0.02)
    assert decimals_of(found) <= 2
    assert sorted(found.volume.tolist()) == sorted(BARS.volume.tolist())


@given(seed=st.integers(0, 2**32))
def test_a_resampled_market_is_valid(seed: int) -> None:
    shapes = Shapes.of(BARS)
    found = shapes.market(np.random.default_rng(seed).integers(len(shapes), size=len(shapes)))
    check_valid(found)
    assert decimals_of(found) <= 2
    whole = np.log(found.high / found.low)
    assert whole.max() <= np.log(BARS.high / BARS.low).max() + 1e-3


def test_what_else_a_bar_has_moves_with_it() -> None:
    rich = replace(BARS, given=BARS.open, funding=np.arange(len(BARS)) / 1e4)
    shapes = Shapes.of(rich)
    found = shapes.market(np.arange(len(shapes))[::-1])
    assert found.funding is not None
    assert found.given is not None
    assert rich.funding is not None
    assert found.funding[1:].tolist() == rich.funding[1:][::-1].tolist()
    assert found.given.tolist() == pytest.approx(found.open.tolist(), abs=0.011)


def test_instruments_at_the_same_times_move_together() -> None:
    pair = {"A": walk(50, 1, symbol="A"), "B": walk(50, 2, symbol="B")}
    shapes = markets_of(pair)
    rows = np.random.default_rng(0).permutation(49)
    found = made(shapes, rows)
    assert isinstance(found, dict)
    for symbol, bars in found.items():
        true = np.log(pair[symbol].close[1:] / pair[symbol].open[1:])[rows]
        assert np.log(bars.close[1:] / bars.open[1:]) == pytest.approx(true, abs=3e-4)


def test_instruments_at_other_times_are_refused() -> None:
    with pytest.raises(UsageError, match="the bars of B have other times"):
        markets_of({"A": walk(50, 1, symbol="A"), "B": walk(49, 2, symbol="B")})


def test_a_price_that_is_not_above_zero_is_refused_with_its_row() -> None:
    low = BARS.low.copy()
    low[17] = 0
    with pytest.raises(DataError, match=r"row 17 \(2020-01-18T00:00:00Z\): low is 0"):
        Shapes.of(replace(BARS, low=low))


def test_moves_that_run_out_of_bounds_are_refused() -> None:
    close = BARS.close.copy()
    close[1:] = close[1:] * 10.0 ** np.arange(0, 119)
    wild = replace(BARS, close=close, high=np.maximum(BARS.high, close))
    with pytest.raises(DataError, match="out of all bounds"):
        Shapes.of(wild).market(np.full(119, 100), np.full(119, 0))
