"""A series ends at now, and calculates as plain numpy would by hand."""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyas.indicators import sma
from eyas.model import Bar, History, LookAheadError, Series
from eyas.rules import Rules
from eyas.session import Session
from eyas.strategy import Strategy
from tests.test_session import bars_of

# Few values, so that equal ones, crossings and warm-up often meet.
VALUES = st.sampled_from([1.0, 2.0, 2.5, 3.0, -1.0, 0.0, math.nan])
PAIRS = st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=20)
COMPARISONS = (operator.lt, operator.le, operator.eq, operator.ne, operator.gt, operator.ge)
ARITHMETIC = (operator.add, operator.sub, operator.mul, operator.truediv)


def history_of(count: int) -> History:
    ones = np.ones(count)
    return History(np.arange(count, dtype=np.int64), ones, ones, ones, ones, ones)


def seen(*columns: Any) -> tuple[History, list[Series], list[np.ndarray[Any, Any]]]:
    """Return a history before its first bar, and series of columns with their arrays."""
    arrays = [np.array(column, dtype=np.float64) for column in columns]
    history = history_of(len(arrays[0]))
    return history, [history.series(array, f"s{place}") for place, array in enumerate(arrays)], arrays


def same(one: float, other: float) -> bool:
    return one == other or (one != one and other != other)


@given(PAIRS)
def test_every_index_is_a_value_up_to_now_or_an_error(pairs: list[tuple[float, float]]) -> None:
    history, [series, _], [array, _] = seen(*zip(*pairs, strict=True))
    for now in range(len(array)):
        history.move_to(now)
        past = array[: now + 1]
        assert len(series) == now + 1
        for index in range(-now - 1, now + 1):
            assert same(series[index], past[index])
        for later in range(now + 1, len(array) + 2):
            with pytest.raises(LookAheadError, match=rf"s0\[{later}\] is later than now \(bar {now}\)"):
                series[later]
        with pytest.raises(IndexError, match=f"before the first of {now + 1} bars") as caught:
            series[-now - 2]
        assert not isinstance(caught.value, LookAheadError)
        assert same(series.value, array[now])
        assert same(float(series), array[now])


@given(
    PAIRS,
    st.builds(slice, *[st.none() | st.integers(-25, 25)] * 2, st.none() | st.sampled_from([1, 2, -1, -3])),
)
def test_slices_are_those_of_the_past(pairs: list[tuple[float, float]], part: slice) -> None:
    history, [series, _], [array, _] = seen(*zip(*pairs, strict=True))
    np.testing.assert_array_equal(series[part], array[:0][part])
    for now in range(len(array)):
        history.move_to(now)
        np.testing.assert_array_equal(series[part], array[: now + 1][part])


@given(PAIRS)
def test_iteration_and_arrays_end_at_now(pairs: list[tuple[float, float]]) -> None:
    history, [series, _], [array, _] = seen(*zip(*pairs, strict=True))
    for now in range(len(array)):
        history.move_to(now)
        np.testing.assert_array_equal(list(series), array[: now + 1])
        np.testing.assert_array_equal(np.asarray(series), array[: now + 1])
        np.testing.assert_array_equal(np.array(series, dtype=np.float32), array[: now + 1].astype(np.float32))


@pytest.mark.parametrize("compare", COMPARISONS)
@given(pairs=PAIRS, number=VALUES)
def test_comparisons_are_of_now(compare: Any, pairs: list[tuple[float, float]], number: float) -> None:
    history, [left, right], [a, b] = seen(*zip(*pairs, strict=True))
    for now in range(len(a)):
        history.move_to(now)
        assert compare(left, right) is bool(compare(a[now], b[now]))
        assert compare(left, number) is bool(compare(a[now], number))
        assert compare(number, left) is bool(compare(number, a[now]))
        assert compare(left, np.float64(number)) is bool(compare(a[now], number))
        assert compare(left, int(a[0]) if a[0] == a[0] else 7) is bool(
            compare(a[now], int(a[0]) if a[0] == a[0] else 7)
        )


@pytest.mark.parametrize("calculate", ARITHMETIC)
@given(pairs=PAIRS, number=VALUES)
def test_arithmetic_is_of_now(calculate: Any, pairs: list[tuple[float, float]], number: float) -> None:
    history, [left, right], [a, b] = seen(*zip(*pairs, strict=True))
    for now in range(len(a)):
        history.move_to(now)
        with np.errstate(all="ignore"):
            expected = (
                calculate(a[now], b[now]),
                calculate(a[now], np.float64(number)),
                calculate(np.float64(number), a[now]),
            )
        found = (calculate(left, right), calculate(left, number), calculate(number, left))
        assert all(type(value) is float for value in found)
        assert all(same(one, other) for one, other in zip(found, expected, strict=True))
        assert same(-left, -a[now])


@given(PAIRS, VALUES)
def test_crossings_compare_both_bars_of_both_sides(pairs: list[tuple[float, float]], number: float) -> None:
    history, [left, right], [a, b] = seen(*zip(*pairs, strict=True))
    for now in range(len(a)):
        history.move_to(now)
        above = now > 0 and a[now - 1] <= b[now - 1] and a[now] > b[now]
        below = now > 0 and a[now - 1] >= b[now - 1] and a[now] < b[now]
        assert left.crossed_above(right) is bool(above)
        assert left.crossed_below(right) is bool(below)
        assert left.crossed_above(number) is bool(now > 0 and a[now - 1] <= number < a[now])
        assert left.crossed_below(number) is bool(now > 0 and a[now - 1] >= number > a[now])


def test_the_other_side_of_a_crossing_moves_too() -> None:
    """A series once counted as the constant that it is now, which sees no crossing here."""
    history, [flat, falling], _ = seen([3, 3, 3], [4, 2, 5])
    history.move_to(1)
    assert flat.crossed_above(falling)
    assert not flat.crossed_above(2)
    assert falling.crossed_below(flat)
    history.move_to(2)
    assert flat.crossed_below(falling)
    assert not flat.crossed_below(5)
    assert falling.crossed_above(flat)


def test_a_touch_is_not_yet_a_crossing_and_leaving_it_is() -> None:
    history, [moving, still], _ = seen([1, 2, 3, 2, 1], [2, 2, 2, 2, 2])
    found = []
    for now in range(5):
        history.move_to(now)
        found.append((moving.crossed_above(still), moving.crossed_below(still)))
    assert found == [(False, False), (False, False), (True, False), (False, False), (False, True)]


def test_nothing_crosses_in_warm_up() -> None:
    history, [average, price], _ = seen([math.nan, math.nan, 3, 3], [2, 4, 2, 4])
    found = []
    for now in range(4):
        history.move_to(now)
        found.append((price.crossed_above(average), price.crossed_below(average)))
    assert found == [(False, False), (False, False), (False, False), (True, False)]


def test_before_the_first_bar_there_is_nothing() -> None:
    _, [series, other], _ = seen([1, 2], [2, 1])
    assert len(series) == len(list(series)) == len(series[:]) == len(np.asarray(series)) == 0
    readers: list[Any] = [
        lambda: series.value,
        lambda: series[0],
        lambda: float(series),
        lambda: series > 1,
        lambda: series == other,
        lambda: 1 + series,
        lambda: -series,
        lambda: series.crossed_above(1),
        lambda: series.crossed_below(other),
    ]
    for read in readers:
        with pytest.raises(LookAheadError):
            read()
    with pytest.raises(IndexError):
        series[-1]
    assert repr(series) == "<Series s0 before the first bar>"
    assert repr(history_of(1).series(np.ones(1))) == "<Series the series before the first bar>"


def test_the_past_cannot_be_written_and_copies_can() -> None:
    class Writer(Strategy):
        def on_start(self) -> None:
            self.average = self.use(sma, "close", 2)
            self.mine = self.use(list, "close")

        def on_bar(self, bar: Bar) -> None:
            for series in (self.bars.open, self.bars.close, self.bars.volume, self.average, self.mine):
                for view in (np.asarray(series), series[:], series[-2:]):
                    with pytest.raises(ValueError, match="read-only"):
                        view[0] = 7.0
                copied = np.array(series)
                copied[:] = 7.0
            assert self.bars.close[-1] == bar.close == self.mine

    bars = bars_of([1, 2, 3])
    session = Session(Writer(), bars, Rules(), "100")
    session.start()
    session.run(0, 3)
    assert session.history.cursor == 2
    np.testing.assert_array_equal(bars.close, [1, 2, 3])


def test_what_a_series_is_not() -> None:
    history, [series, _], _ = seen([1, 2], [0, 0])
    history.move_to(1)
    assert repr(series) == "<Series s0 = 2 at bar 1>"
    assert series.name == "s0"
    with pytest.raises(TypeError, match="s0 is neither true nor false: compare it with a number or a series"):
        bool(series)
    with pytest.raises(TypeError):
        hash(series)
    with pytest.raises(AttributeError):
        series.last = 3  # type: ignore[attr-defined]
    for wrong in (1.0, "1", None, (0, 1), [0, 1]):
        with pytest.raises(TypeError):
            series[wrong]  # type: ignore[call-overload]
    for other in ("2", None, [2.0]):
        assert (series == other) is False
        with pytest.raises(TypeError):
            _ = series < other  # type: ignore[operator]
    assert series[np.int64(-1)] == series[True] == 2.0


def test_a_column_of_another_length_is_no_series() -> None:
    with pytest.raises(ValueError, match="short has 2 values for 3 bars"):
        history_of(3).series(np.ones(2), "short")
    with pytest.raises(TypeError):
        history_of(3).series(np.ones(3, dtype=np.int64), "whole")
    with pytest.raises(ValueError, match="one dimension"):
        history_of(3).series(np.ones((3, 1)), "wide")


def test_a_number_of_numpy_on_the_left_meets_the_value_at_now() -> None:
    history = history_of(3)
    series = history.series(np.array([1.0, 2.0, 4.0]))
    history.move_to(1)
    number = np.float64(3.0)
    assert (number > series) is True
    assert (number - series, number * series, number / series) == (1.0, 6.0, 1.5)
    assert np.log(series).tolist() == [0.0, np.log(2.0)]


def test_a_series_is_formatted_and_rounded_like_its_value() -> None:
    history = history_of(2)
    series = history.series(np.array([-1.25, 7.0]))
    history.move_to(0)
    assert f"{series:.1f}" == "-1.2"
    assert (abs(series), round(series), round(series, 1)) == (1.25, -1, -1.2)


def test_what_was_seen_cannot_be_written_even_where_the_column_can() -> None:
    history = history_of(2)
    column = np.array([1.0, 2.0])
    series = history.series(column)
    history.move_to(1)
    with pytest.raises(ValueError, match="read-only"):
        np.asarray(series)[0] = 5.0
