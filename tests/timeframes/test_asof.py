"""The last row that is known at a moment."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyas.errors import UsageError
from eyas.timeframes import as_of_rows

TIMES = st.lists(st.integers(-20, 20), max_size=12)


@given(TIMES.map(sorted), TIMES)
def test_the_last_row_that_is_known(known: list[int], at: list[int]) -> None:
    expected = [max((row for row, time in enumerate(known) if time <= moment), default=-1) for moment in at]
    found = as_of_rows(known, at)
    assert found.dtype == np.int64
    assert found.tolist() == expected


@given(TIMES.map(sorted), TIMES, st.integers(-20, 20))
def test_what_comes_later_changes_nothing(known: list[int], at: list[int], now: int) -> None:
    past = [moment for moment in at if moment <= now]
    seen = [time for time in known if time <= now]
    assert as_of_rows(seen, past).tolist() == as_of_rows(known, past).tolist()


def test_rows_that_are_out_of_order_are_refused() -> None:
    with pytest.raises(
        UsageError, match=r"^row 2 is known before row 1: sort the rows by when they are known$"
    ):
        as_of_rows([1, 5, 4], [6])
