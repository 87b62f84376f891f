"""Crossings of whole columns are those that a strategy sees bar by bar."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import eyas
from eyas.indicators import crossed_above, crossed_below
from tests.test_session import bars_of

NUMBERS = st.sampled_from([1.0, 2.0, 2.5, 3.0, float("nan"), float("inf"), -1.0])


class Looking(eyas.Strategy):
    def __init__(self, one: Any, other: Any) -> None:
        super().__init__()
        self.given = one, other
        self.seen: list[tuple[bool, bool]] = []

    def on_start(self) -> None:
        one, other = self.given
        self.one = self.use(lambda close: one[: len(close)], "close")
        self.other = self.use(lambda close: other[: len(close)], "close") if np.ndim(other) else other

    def on_bar(self, bar: eyas.Bar) -> None:
        self.seen.append((self.one.crossed_above(self.other), self.one.crossed_below(self.other)))

    def on_end(self) -> None:
        SEEN[:] = self.seen


SEEN: list[tuple[bool, bool]] = []


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=2, max_size=30), st.booleans())
def test_they_are_what_series_say(pairs: list[tuple[float, float]], is_level: bool) -> None:
    one, column = (np.array(values) for values in zip(*pairs, strict=True))
    other: Any = 2.0 if is_level else column
    eyas.backtest(Looking(one, other), bars_of([100.0] * len(one)), quality="off")
    assert list(zip(crossed_above(one, other), crossed_below(one, other), strict=True)) == SEEN


def test_columns_of_other_lengths_are_refused() -> None:
    with pytest.raises(eyas.UsageError, match="values 3, other 2"):
        crossed_above([1, 2, 3], [1, 2])
    assert crossed_below([5.0], 2).tolist() == [False]
    assert crossed_below([], 2).tolist() == []
