"""Plateau or peak: the neighbours of the best parameters."""

from __future__ import annotations

import math
from importlib import import_module

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyas.errors import UsageError
from eyas.research import plateau


def grid(*sizes: int) -> dict[str, list[int]]:
    columns = np.indices(sizes).reshape(len(sizes), -1)
    return {
        name: [10 * int(one) for one in column] for name, column in zip("abcdefgh", columns, strict=False)
    }


def test_a_flat_field_is_a_plateau() -> None:
    found = plateau(grid(5, 5), np.ones(25), best=12)
    assert found is not None
    assert (found.score, found.close, found.neighbours, found.neighbourhood) == (1.0, 1.0, 8, "box")


def test_a_peak_stands_alone_and_the_centre_lies_elsewhere() -> None:
    values = np.full((7, 7), 0.1)
    values[1, 5] = 1.0  # the peak
    values[3:6, 1:4] = 0.7  # the plateau
    found = plateau(grid(7, 7), values.ravel(), best=1 * 7 + 5)
    assert found is not None
    assert found.score == pytest.approx(0.1)
    assert found.close == 0
    assert found.centre == 4 * 7 + 2
    assert found.centre_mean == pytest.approx(0.7)


def test_edges_have_fewer_neighbours_and_are_no_centre_alone() -> None:
    values = np.zeros((5, 5))
    values[0, 0], values[0, 1], values[1, 0], values[1, 1] = 1.0, 0.9, 0.9, 0.9
    values[3, 3] = 0.8
    found = plateau(grid(5, 5), values.ravel(), best=0)
    assert found is not None
    assert found.neighbours == 3
    assert found.score == pytest.approx(0.9)
    assert found.centre != 0, "a corner knows 3 of its 8 neighbours"


def test_holes_are_no_neighbours() -> None:
    """Where() left out a triangle, and a trial failed."""
    columns = grid(6, 6)
    kept = [row for row in range(36) if columns["a"][row] <= columns["b"][row]]
    columns = {name: [column[row] for row in kept] for name, column in columns.items()}
    values = np.ones(len(kept))
    best = next(row for row in range(len(kept)) if columns["a"][row] == columns["b"][row] == 20)
    failed = next(row for row in range(len(kept)) if (columns["a"][row], columns["b"][row]) == (10, 20))
    values[failed] = np.nan
    found = plateau(columns, values, best)
    assert found is not None
    assert found.neighbours == 4, "of 8, three are below the diagonal and one failed"
    assert found.score == 1.0


def test_what_has_no_order_has_no_neighbours_across() -> None:
    columns = {**grid(3, 4), "kind": ["ema", "sma"] * 6}
    assert plateau({"kind": ["ema", "sma", "ema"]}, [1.0, 0.5, 0.2], 0) is None
    assert plateau({"on": [True, False]}, [1.0, 0.5], 0) is None
    whole = {"a": [1, 2, 3] * 2, "kind": ["ema"] * 3 + ["sma"] * 3}
    found = plateau(whole, [0.5, 1.0, 0.5, 9.0, 9.0, 9.0], 1)
    assert found is not None
    assert (found.neighbours, found.score) == (2, 0.5)
    assert plateau(columns, np.ones(12), 5) is not None


def test_values_stand_in_their_order_whatever_their_distance() -> None:
    found = plateau({"period": [100, 1, 10]}, [0.4, 0.2, 1.0], best=2)
    assert found is not None
    assert found.neighbours == 2
    assert found.score == pytest.approx(0.3)


def test_a_sampled_space_has_nearest_neighbours() -> None:
    rng = np.random.default_rng(4)
    x, y = rng.uniform(0, 1, (2, 400))
    hill = np.exp(-((x - 0.3) ** 2 + (y - 0.6) ** 2) / 0.05)
    spiked = hill.copy()
    spike = int(np.argmin((x - 0.9) ** 2 + (y - 0.1) ** 2))
    spiked[spike] = 2.0
    smooth, sharp = (
        plateau({"x": x, "y": y}, hill, int(hill.argmax())),
        plateau({"x": x, "y": y}, spiked, spike),
    )
    assert smooth is not None
    assert sharp is not None
    assert smooth.neighbourhood == sharp.neighbourhood == "nearest"
    assert smooth.score > 0.9
    assert sharp.score < 0.1
    assert math.hypot(x[sharp.centre] - 0.3, y[sharp.centre] - 0.6) < 0.15


def test_an_objective_below_zero_has_a_rank_but_no_score() -> None:
    found = plateau(grid(9), -np.abs(np.arange(9.0) - 4) - 1, best=4)
    assert found is not None
    assert math.isnan(found.score)
    assert math.isnan(found.close)
    assert found.rank == pytest.approx(6 / 8)


def test_many_axes_ask_the_neighbours_along_one_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("eyas.research.plateau"), "MOST_LOOKS", 100)
    found = plateau(grid(3, 3, 3), np.ones(27), best=13)
    assert found is not None
    assert (found.neighbours, found.neighbourhood) == (6, "cross")


@given(st.lists(st.floats(-1, 1), min_size=25, max_size=25))
def test_turning_the_field_turns_the_answer(values: list[float]) -> None:
    field = np.array(values).reshape(5, 5)
    best = int(field.argmax())
    turned = field.T.ravel()
    one, other = (
        plateau(grid(5, 5), field.ravel(), best),
        plateau(grid(5, 5), turned, int(best % 5 * 5 + best // 5)),
    )
    assert one is not None
    assert other is not None
    assert (one.neighbours, one.rank) == (other.neighbours, pytest.approx(other.rank))
    assert one.centre_mean == pytest.approx(other.centre_mean)
    assert one.score == pytest.approx(other.score, nan_ok=True)


def test_no_axis_no_neighbour_no_plateau() -> None:
    assert plateau({"a": [5, 5, 5]}, [1.0, 2.0, 3.0], 2) is None
    assert plateau({"a": [1, 2, 3]}, [np.nan, 2.0, np.nan], 1) is None
    assert plateau({"a": [0.1, 0.2]}, [1.0, np.nan], 0) is None


def test_wrong_calls_say_what_would_be_right() -> None:
    with pytest.raises(UsageError, match="no trial with an objective"):
        plateau({"a": [1, 2]}, [np.nan, 1.0], 0)
    with pytest.raises(UsageError, match="parameter a has 3 values for 2 trials"):
        plateau({"a": [1, 2, 3]}, [1.0, 1.0], 0)
