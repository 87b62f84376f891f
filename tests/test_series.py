"""A series ends at now, and calculates as plain numpy would by hand."""

from __future__ import annotations

import copy
import math
import operator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyas.indicators import sma
from eyas.model import Bar, History, LookAheadError, Series, Times
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


# --- rows that follow the bars ---

FOLLOWED = st.tuples(
    st.lists(VALUES, max_size=6),
    st.lists(st.floats(0, 1), min_size=1, max_size=12),
    st.lists(VALUES, min_size=12, max_size=12),
)


def following(
    rows: list[float], places: list[float], base: list[float]
) -> tuple[History, Series, Series, list[int], list[float]]:
    """Return a history, a series that follows it, one that does not, and what they were made of."""
    follow = sorted(round(place * len(rows)) - 1 for place in places)
    history = history_of(len(follow))
    column, plain = np.array(rows, dtype=np.float64), base[: len(follow)]
    series = history.series(column, "f", np.array(follow, dtype=np.int64))
    return history, series, history.series(np.array(plain), "b"), follow, plain


@given(FOLLOWED)
def test_what_follows_has_rows_of_its_own(made: Any) -> None:
    history, series, _, follow, _ = following(*made)
    rows = made[0]
    for now, newest in enumerate(follow):
        history.move_to(now)
        known = rows[: newest + 1]
        assert len(series) == len(known)
        np.testing.assert_array_equal(np.asarray(series), known)
        np.testing.assert_array_equal(series[-2:], known[-2:])
        assert [series[at - len(known)] for at in range(len(known))] == pytest.approx(known, nan_ok=True)
        assert same(series.value, known[-1] if known else math.nan)
        for later in range(len(known), len(rows) + 2):
            newest_said = f"row {newest}" if known else "no row is known yet"
            said = rf"f\[{later}\] is later than now \({newest_said}\): a strategy sees what is known only"
            with pytest.raises(LookAheadError, match=said):
                series[later]
        with pytest.raises(IndexError, match=rf"f\[.*\] is before the first of {len(known)} rows") as caught:
            series[-len(known) - 1]
        assert not isinstance(caught.value, LookAheadError)


@given(FOLLOWED, VALUES)
def test_what_follows_is_compared_by_what_was_known(made: Any, number: float) -> None:
    """A crossing is between the bar before and now: a row that stays is crossed only by what moves."""
    history, series, plain, follow, base = following(*made)
    rows = [*made[0], math.nan]  # row -1 is the last: none yet
    for now, newest in enumerate(follow):
        history.move_to(now)
        value, moved = rows[newest], base[now]
        assert [series < plain, series >= number, series == plain] == [
            value < moved,
            value >= number,
            value == moved,
        ]
        assert same(series - plain, value - moved)
        assert same(number * series, number * value)
        before, was = (rows[follow[now - 1]], base[now - 1]) if now else (math.nan, math.nan)
        assert series.crossed_above(plain) is (before <= was and value > moved)
        assert plain.crossed_above(series) is (was <= before and moved > value)
        assert series.crossed_below(number) is (before >= number > value)


def test_a_row_crosses_on_the_bar_that_brings_it() -> None:
    history = history_of(6)
    series = history.series(np.array([1.0, 3.0]), "f", np.array([-1, 0, 0, 1, 1, 1]))
    still = history.series(np.full(6, 2.0))
    found = []
    for now in range(6):
        history.move_to(now)
        found.append((series.crossed_above(still), still.crossed_below(series), series.crossed_above(2)))
    assert found == [(at == 3,) * 3 for at in range(6)]


def test_before_the_first_bar_nothing_can_be_asked_of_what_follows() -> None:
    history = history_of(2)
    series = history.series(np.array([5.0]), "f", np.array([0, 0]))
    assert len(series) == 0
    assert repr(series) == "<Series f before the first bar>"
    for read in (lambda: series.value, lambda: series > 1, lambda: series.crossed_above(1)):
        with pytest.raises(LookAheadError, match="f has no value before the first bar"):
            read()
    late = history.series(np.array([5.0]), "f", np.array([-1, 0]))
    history.move_to(0)
    assert repr(late) == "<Series f, no row yet>"
    assert (math.isnan(late), late > 1, late < 1) == (True, False, False)
    history.move_to(1)
    assert repr(late) == "<Series f = 5 at row 0>"


def test_rows_to_follow_are_checked() -> None:
    history = history_of(3)
    with pytest.raises(ValueError, match="follow has 2 rows for 3 steps of f"):
        history.series(np.ones(2), "f", np.array([0, 1]))
    for row in (2, -2):
        with pytest.raises(ValueError, match=f"follow says row {row} of 2 rows of f"):
            history.series(np.ones(2), "f", np.array([0, row, 1]))
    with pytest.raises(ValueError, match="needs a source"):
        Series(np.ones(2), sources=[])
    with pytest.raises(ValueError, match="f has 2 values for 6 bars"):
        Series(np.ones(2), "f", sources=[history, history])
    follow = np.array([0, 0, 1])
    series = history.series(np.ones(2), "f", follow)
    history.move_to(0)
    follow[:] = 99  # by someone who still holds the array
    assert (len(series), series.value) == (2, 1.0)


def test_sources_one_after_the_other_are_one_row_of_steps() -> None:
    first, second = history_of(2), history_of(3)
    series = Series(np.arange(5.0), "f", sources=[first, second], follow=np.array([1, 2, 0, 1, 4]))
    found = []
    for history, count in ((first, 2), (second, 3)):
        for now in range(count):
            history.move_to(now)
            found.append((series.value, series.crossed_above(1.5), series.crossed_below(1.5)))
    # Nothing crosses on the first bar of either: what the one knew is not before what the other knows.
    assert found == [
        (1, False, False),
        (2, True, False),
        (0, False, False),
        (1, False, False),
        (4, True, False),
    ]


# --- times ---


def test_times_are_whole_and_end_at_now() -> None:
    history = history_of(3)
    opens = np.array([1_700_000_000_000_000_001, 1_700_000_000_000_000_002, 1_700_000_000_000_000_004])
    times = Times(opens, "time", sources=[history])
    assert repr(times) == "<Times time, none yet>"
    with pytest.raises(LookAheadError, match="before the first bar"):
        int(times)
    history.move_to(1)
    assert (times[-1], times[0], int(times), times.value, len(times)) == (*opens[[1, 0, 1, 1]], 2)
    assert [type(value) for value in (times[-1], times.value, times[-1:][0])] == [int, int, np.int64]
    assert (times - opens[0], opens[2] - times, times - times) == (1, 2, 0)
    assert (times > opens[0], times == int(opens[1]), times >= times, times < opens[2]) == (True,) * 4
    np.testing.assert_array_equal(np.asarray(times), opens[:2])
    with pytest.raises(LookAheadError, match=r"time\[2\] is later than now \(bar 1\)"):
        times[2]
    with pytest.raises(ValueError, match="read-only"):
        np.asarray(times)[0] = 1
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(times)
    late = Times(opens[:1], "late", sources=[history], follow=np.array([-1, -1, 0]))
    with pytest.raises(IndexError, match="late has no row that is known yet"):
        _ = late > 1
    history.move_to(2)
    assert repr(late) == f"<Times late = {opens[0]}, 1 in all>"


def test_a_copy_moves_with_time_as_well() -> None:
    history = history_of(2)
    for seen in (history.series(np.array([1.0, 2.0])), Times(np.array([1, 2]), sources=[history])):
        for copied in (copy.copy(seen), copy.deepcopy(seen)):
            history.move_to(0)
            assert copied[-1] == 1
            history.move_to(1)
            assert copied[-1] == 2
