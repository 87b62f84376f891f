"""A timeframe has one spelling, and another spelling of it cuts time at the same places."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from eyas.errors import UsageError
from eyas.timeframes import canonical, floor, following, length_ns


@pytest.mark.parametrize(
    ("timeframe", "usual"),
    [
        ("60s", "1m"), ("60m", "1h"), ("3600s", "1h"), ("90m", "90m"), ("24h", "1d"), ("1440m", "1d"),
        ("168h", "7d"), ("7d", "7d"), ("1w", "1w"), ("1M", "1M"), ("12M", "12M"),
    ],
)  # fmt: skip
def test_the_usual_spelling(timeframe: str, usual: str) -> None:
    assert canonical(timeframe) == usual
    assert canonical(usual) == usual


@given(st.integers(1, 10_000), st.sampled_from("smhdw"), st.integers(-(2**60), 2**60))
def test_both_spellings_cut_time_alike(number: int, unit: str, time: int) -> None:
    timeframe = f"{number}{unit}"
    assume(length_ns(timeframe) < 2**58)
    start = floor(time, timeframe)
    assert floor(time, canonical(timeframe)) == start
    assert following(start, canonical(timeframe)) == following(start, timeframe)


@pytest.mark.parametrize("timeframe", ["", "1x", "0m", "m", None])
def test_what_is_no_timeframe_has_no_spelling(timeframe: str | None) -> None:
    with pytest.raises(UsageError, match="is not a number and one of"):
        canonical(timeframe)
