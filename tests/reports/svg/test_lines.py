"""Lines and areas go through their values, and say them on hover."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyas.reports.svg.axis import linear_axis
from eyas.reports.svg.lines import POINTS_MAX, Line, area_chart, line_chart, line_mark
from eyas.reports.svg.picture import WIDE_UNITS
from eyas.reports.svg.time_axis import time_axis
from tests.reports.svg.reading import number_of, of_class, parsed, titles, values_of

DAY_NS = 86_400_000_000_000


@given(st.lists(st.floats(-50, 50), min_size=2, max_size=200))
def test_a_line_goes_through_its_values(values: list[float]) -> None:
    time, numbers = DAY_NS * np.arange(len(values)), np.array(values)
    x, y = time_axis(time), linear_axis(numbers)
    tree = parsed(line_mark(x, y, time, Line("one", numbers)))
    (path,) = of_class(tree, "line-ink")
    across, found = values_of(path.get("d") or "", x, y)
    np.testing.assert_allclose(found, numbers, atol=(y.high - y.low) / 3_000)
    np.testing.assert_allclose(across, time, atol=x.high / WIDE_UNITS)


def test_a_long_line_keeps_its_extremes() -> None:
    values = np.sin(np.arange(50_000) / 900)
    values[31_234] = 7.0
    time = DAY_NS * np.arange(50_000)
    x, y = time_axis(time), linear_axis(values)
    _, found = values_of(line_mark(x, y, time, Line("one", values)).split('d="')[1].split('"')[0], x, y)
    assert len(found) <= POINTS_MAX
    assert found.max() == pytest.approx(7.0, abs=0.01)


def test_a_gap_is_a_gap() -> None:
    values = np.array([1.0, 2.0, np.nan, 3.0, 4.0, np.nan, 5.0])
    time = DAY_NS * np.arange(7)
    path = line_mark(time_axis(time), linear_axis(values), time, Line("one", values))
    assert path.count("M") == 3


def test_hovering_says_the_values_of_the_nearest_row() -> None:
    time = DAY_NS * np.arange(40)
    one, two = np.linspace(0, 0.39, 40), np.linspace(1, 0.61, 40)
    tree = parsed(line_chart("Two lines.", time, [Line("one", one), Line("two", two, "benchmark")], "rate"))
    said = titles(tree)
    assert len(said) == 40
    assert said[0] == "1970-01-01, one 0.00 %, two 100.00 %"
    assert said[-1] == "1970-02-09, one 39.00 %, two 61.00 %"
    for text in said:
        assert number_of(text.split("one ")[1].split(",")[0]) + number_of(
            text.split("two ")[1]
        ) == pytest.approx(1)
    assert [key.get("class") for key in of_class(tree, "swatch")] == [
        "swatch line-ink",
        "swatch line-benchmark",
    ]


def test_a_picture_is_described() -> None:
    tree = parsed(line_chart("Equity.", DAY_NS * np.arange(40), [Line("equity", np.arange(40.0))]))
    (plot,) = of_class(tree, "plot")
    assert plot.get("role") == "img"
    assert plot.get("aria-label") == (
        "Equity. From 1970-01-01 to 1970-02-09. equity: lowest 0.00, highest 39.00, last 39.00."
    )


def test_an_area_stands_on_zero() -> None:
    time, depth = DAY_NS * np.arange(4), np.array([-0.1, -0.3, np.nan, -0.2])
    tree = parsed(area_chart("Depth.", time, [Line("depth", depth, "underwater")], "rate"))
    (path,) = of_class(tree, "fill-underwater")
    x, y = time_axis(time), linear_axis(depth, "rate", include=[0.0], ticks=5)
    _, found = values_of((path.get("d") or "").rstrip("Z"), x, y)
    assert found.tolist() == pytest.approx([0, -0.1, -0.3, 0, -0.2, 0], abs=0.001)


def test_a_step_keeps_its_value_until_the_next() -> None:
    time, held = DAY_NS * np.arange(3), np.array([0.5, 1.0, 0.0])
    tree = parsed(area_chart("Held.", time, [Line("long", held, "long", is_step=True)]))
    (path,) = of_class(tree, "fill-long")
    x, y = time_axis(time), linear_axis(held, "rate", include=[0.0])
    across, found = values_of((path.get("d") or "").rstrip("Z"), x, y)
    assert (across[1:-1] / DAY_NS).tolist() == pytest.approx([0, 1, 1, 2, 2], abs=0.001)
    assert found[1:-1].tolist() == pytest.approx([0.5, 0.5, 1.0, 1.0, 0.0], abs=0.001)


@pytest.mark.parametrize("values", [[], [1.0], [np.nan, np.nan], [2.0, 2.0]])
def test_hardly_anything_is_still_a_picture(values: list[float]) -> None:
    time, numbers = np.arange(len(values), dtype=np.int64), np.array(values)
    for draw in (line_chart, area_chart):
        text = draw("Few.", time, [Line("few", numbers)])
        parsed(text)
        assert "nan" not in text


def test_names_are_escaped() -> None:
    tree = parsed(
        line_chart(
            '<b> & "x".', DAY_NS * np.arange(3), [Line("<i>", np.arange(3.0)), Line("&", np.arange(3.0))]
        )
    )
    assert of_class(tree, "plot")[0].get("aria-label", "").startswith('<b> & "x".')
    assert not list(tree.iter("b"))
