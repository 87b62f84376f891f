"""A space names every combination once, in an order that depends on nothing but what was asked."""

from __future__ import annotations

import itertools
import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import eyas
from eyas.errors import UsageError
from eyas.sweep import between
from eyas.sweep.drawing import places_at_random, uniform
from eyas.sweep.space import Space
from tests.sweep.strategies import Cross


class Typed(eyas.Strategy):
    size: int = eyas.param(10, min=1, max=1_000_000_000)
    share: float = eyas.param(0.5, min=0.0, max=10.0)
    kind: str = eyas.param("mean", choices=("mean", "median", "mode"))
    both: bool = False


def space(where: Any = None, **given: Any) -> Space:
    return Space("Typed", Typed.parameters_declared, given, where)


def combinations(blocks: Any) -> list[dict[str, Any]]:
    return [one for block in blocks for one in block.parameters]


@given(
    st.lists(st.integers(1, 40), min_size=1, max_size=6, unique=True),
    st.lists(st.sampled_from([0.0, 0.5, 1.0, 2.5]), min_size=1, unique=True),
    st.booleans(),
)
def test_a_grid_is_the_product_in_order_of_the_keywords(sizes: Any, shares: Any, filtered: bool) -> None:
    where = (lambda p: p.size * p["share"] < 20) if filtered else None
    own = space(where, size=sizes, share=shares, both=[False, True])
    expected = [
        {"size": size, "share": share, "both": both}
        for size, share, both in itertools.product(sizes, shares, [False, True])
        if not filtered or size * share < 20
    ]
    assert combinations(own.grid()) == expected
    for block in own.grid():
        for codes, parameters in zip(block.codes, block.parameters, strict=True):
            assert own.parameters_of(codes) == parameters
            assert own.codes_of(parameters) == codes.tolist()


@given(st.integers(1, 5_000), st.integers(0, 2**40))
def test_a_random_order_has_every_place_once(size: int, seed: int) -> None:
    places = places_at_random(seed, 0, size, size)
    assert sorted(places.tolist()) == list(range(size))
    assert places_at_random(seed, size // 3, size, size).tolist() == places[size // 3 :].tolist()


def test_random_is_the_grid_in_another_order() -> None:
    own = space(lambda p: p.size % 3 != 1, size=range(1, 60), share=[0.5, 1.5], kind=["mean", "mode"])
    drawn = combinations(own.random(5))
    order = [tuple(one.values()) for one in drawn]
    assert sorted(order) == sorted(tuple(one.values()) for one in combinations(own.grid()))
    assert order != sorted(order)
    assert drawn == combinations(own.random(5))
    assert drawn != combinations(own.random(6))


def test_numbers_without_end_are_drawn_by_seed_and_never_twice() -> None:
    own = space(share=between(0.5, 2.0), size=between(1, 4))
    drawn = next(own.random(1))
    values = [tuple(one.values()) for one in drawn.parameters]
    assert len(set(values)) == len(values) > 1_000
    assert all(0.5 <= share <= 2 and size in (1, 2, 3, 4) for share, size in values)
    assert own.size is None
    assert np.array_equal(next(own.random(1)).codes, drawn.codes)


def test_a_logarithmic_scale_is_drawn_as_often_below_as_above() -> None:
    own = space(size=between(1, 1_000_000, log=True))
    sizes = [one["size"] for one in next(own.random(0)).parameters]
    assert all(isinstance(one, int) and 1 <= one <= 1_000_000 for one in sizes)
    assert min(sizes) < 10
    low = [
        one
        for one in (
            row["share"] for row in next(space(share=between(0.01, 1.0, log=True)).random(3)).parameters
        )
        if one < 0.1
    ]
    assert 0.4 < len(low) / 4096 < 0.6


def test_draws_are_spread_evenly() -> None:
    drawn = uniform(7, 0, 0, 100_000)
    counts, _ = np.histogram(drawn, bins=10, range=(0, 1))
    assert abs(counts / 10_000 - 1).max() < 0.05
    assert abs(np.corrcoef(drawn, uniform(7, 1, 0, 100_000))[0, 1]) < 0.02
    assert np.array_equal(uniform(7, 0, 500, 20), drawn[500:520])


def test_a_grid_larger_than_memory_is_streamed() -> None:
    tracemalloc.start()
    own = space(lambda p: p.size % 2 == 0, size=range(1, 1_000_000_000), share=[0.5, 1.0])
    blocks = own.grid(1_999_000_000 - 1_000)
    assert len(combinations(itertools.islice(blocks, 1))) > 0
    assert next(own.random(0)).parameters[0]["size"] % 2 == 0
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()
    assert own.size == 2 * 999_999_999


def test_a_grid_can_be_taken_up_at_a_place() -> None:
    own = space(lambda p: p.size != 7, size=range(1, 3_000), share=[0.5, 1.0], kind=["mode", "mean"])
    whole = combinations(own.grid())
    codes = own.codes_of(whole[5_000])
    assert combinations(own.grid(own.place_of(codes) + 1)) == whole[5_001:]


def test_between_with_a_step_is_a_list() -> None:
    own = space(share=between(0.1, 0.5, step=0.1), size=between(10, 30, 10))
    assert [one["share"] for one in combinations(own.grid())][::3] == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5])
    assert [one["size"] for one in combinations(own.grid())][:3] == [10, 20, 30]
    for place, block in enumerate(own.grid()):
        assert own.place_of(block.codes[4].tolist()) == place * 4096 + 4


def test_values_of_every_kind() -> None:
    own = space(size=np.arange(5, 8), share=(1, 2), kind="mode", both={True, False})
    first = combinations(own.grid())[0]
    assert {type(value) for value in first.values()} == {int, float, str, bool}
    assert own.fixed == {"kind": "mode"}
    assert own.names == ("size", "share", "both")


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"size": []}, r"Typed\.size has no values \(\[\]\), so the grid is empty: give at least one"),
    ({"size": range(0)}, r"Typed\.size has no values \(range\(0, 0\)\), so the grid is empty"),
    ({"size": [1, 2, 1]}, r"Typed\.size names 1 twice: give each value once"),
    ({"size": [1, 0]}, r"Typed\.size is 0, but must be 1 to 1000000000"),
    ({"size": range(5)}, r"Typed\.size is 0, but must be 1 to"),
    ({"size": [1.5]}, r"Typed\.size is 1.5, but must be of type int"),
    ({"size": iter([1, 2])}, r"Typed\.size is a list_iterator, which can be read once only"),
    ({"kind": ["mean", "max"]}, r"Typed\.kind is 'max', but must be one of 'mean', 'median', 'mode'"),
    ({"kind": between(1, 2)}, r"Typed\.kind is a str, so nothing lies between: give its values"),
    ({"size": between(1, 9, step=0.5)}, r"Typed\.size is an int, so a step of 0.5 leads to values"),
    ({"share": between(-1, 2)}, r"Typed\.share is -1.0, but must be 0.0 to 10.0"),
    (
        {"size": 5},
        r"a sweep needs a parameter of Typed with several values, such as size=range\(5, 25\); its",
    ),
]


@pytest.mark.parametrize(("given", "sentence"), WRONG)
def test_a_wrong_axis_is_refused(given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        space(**given)


def test_a_grid_that_nobody_can_go_through_is_refused() -> None:
    with pytest.raises(
        UsageError, match=r"share=between\(0.0, 1.0\) has no step, so a grid cannot go through it"
    ):
        next(space(share=between(0, 1)).grid())
    huge = Space(
        "Cross",
        {f"p{place}": Cross.parameters_declared["fast"] for place in range(9)},
        {f"p{place}": range(1000) for place in range(9)},
    )
    with pytest.raises(UsageError, match=r"the grid has 1e\+27 combinations, which no machine ends"):
        next(huge.grid())
    assert len(next(huge.random(0)).parameters) == 4096


@pytest.mark.parametrize(
    ("low", "high", "options", "sentence"),
    [
        (5, 5, {}, r"between\(5, 5\) is empty: the first must be below the second"),
        (1, 5, {"step": 0}, r"the step must be above 0"),
        (1, 5, {"step": 1, "log": True}, r"has a step and log=True: leave one of them out"),
        (0, 5, {"log": True}, r"begins above 0"),
        ("a", 5, {}, r"between takes numbers, not 'a'"),
        (0, float("inf"), {}, r"between takes numbers, not inf"),
    ],
)
def test_wrong_bounds_are_refused(low: Any, high: Any, options: Any, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        between(low, high, **options)


def test_a_condition_that_fails_says_where() -> None:
    with pytest.raises(
        UsageError, match=r"where failed for size=1, share=0.0: ZeroDivisionError: float division"
    ):
        next(space(lambda p: p.size / p.share, size=[1, 2], share=[0.0, 1.0]).grid())
    with pytest.raises(
        UsageError, match=r"where asks for sze, but there is no parameter sze; did you mean size\?"
    ):
        next(space(lambda p: p.sze > 1, size=[1, 2]).grid())
    with pytest.raises(
        UsageError, match=r"where is 'x', but must be a function: where=lambda p: p.fast < p.slow"
    ):
        space("x", size=[1, 2])


def test_a_condition_that_never_holds_ends_even_without_end() -> None:
    assert combinations(space(lambda p: False, share=between(0, 1)).random(0)) == []
