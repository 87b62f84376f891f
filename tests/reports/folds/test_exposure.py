"""What was held is averaged for the eye; the figures are of all steps."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyas.reports.folds.exposure import exposure


def frame(long: list[float | None], short: list[float | None]) -> pl.DataFrame:
    time = pl.Series(np.arange(len(long), dtype=np.int64)).cast(pl.Datetime("ns", "UTC"))
    return pl.DataFrame(
        {"time": time, "long": pl.Series(long, dtype=pl.Float64), "short": pl.Series(short, dtype=pl.Float64)}
    )


@given(st.lists(st.floats(0, 3), min_size=1, max_size=80), st.integers(1, 90))
def test_means_of_buckets_keep_the_whole(long: list[float], buckets: int) -> None:
    found = exposure(frame(long, [0.0] * len(long)), buckets)
    if found.sentence:
        assert not any(long)
        return
    assert len(found.time) == len(found.long) <= buckets
    parts = [long[at : at + found.width] for at in range(0, len(long), found.width)]
    assert found.long.tolist() == pytest.approx([sum(part) / len(part) for part in parts])
    assert found.most == max(long)
    assert found.mean == pytest.approx(sum(long) / len(long))


def test_unknown_steps_do_not_count() -> None:
    found = exposure(frame([1.0, None, 0.0, 0.0], [0.5, None, 0.0, 0.0]), 2)
    assert found.long.tolist() == [1.0, 0.0]
    assert found.short.tolist() == [0.5, 0.0]
    assert found.most == 1.5
    assert found.share_held == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("given_frame", "said"),
    [
        (frame([], []), "not known"),
        (frame([None], [None]), "not known"),
        (frame([0.0, 0.0], [0.0, 0.0]), "Nothing was held"),
        (frame([1.0, 1.0], [0.0, 0.0]).reverse(), "one after the other"),
    ],
)
def test_nothing_is_a_sentence(given_frame: pl.DataFrame, said: str) -> None:
    assert said in exposure(given_frame).sentence
