"""Whatever a strategy within the subset does, and whatever the market: every way comes to the same."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.compiled.sources import START, sources
from tests.compiled.ways import market, same, strategy


@settings(max_examples=200)
@given(source=sources(), seed=st.integers(0, 2**32 - 1), count=st.sampled_from([1, 63, 64, 65, 200]))
def test_every_way_comes_to_the_same(source: str, seed: int, count: int) -> None:
    same(strategy(source, START), market(count, seed, step=0.02))
