"""Bars are as long as their values."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyas.reports.folds.distribution import distribution
from eyas.reports.svg.axis import band_axis, linear_axis
from eyas.reports.svg.bars import Bar, bar_chart, bar_list, bars_mark, histogram
from eyas.reports.svg.picture import HEIGHT
from tests.reports.svg.reading import number_of, of_class, parsed, titles


@given(st.lists(st.floats(-9, 9), min_size=1, max_size=30))
def test_a_bar_is_as_long_as_its_value(values: list[float]) -> None:
    bars = [Bar(f"b{place}", value) for place, value in enumerate(values)]
    y = linear_axis(values, include=[0.0])
    found = list(parsed(bars_mark(band_axis([bar.name for bar in bars]), y, bars, "ratio")).iter("rect"))
    assert len(found) == len(bars)
    for value, rect in zip(values, found, strict=True):
        length = float(rect.get("height", "")) / HEIGHT * (y.high - y.low)
        assert length == pytest.approx(abs(value), abs=1.01 * (y.high - y.low) / HEIGHT)
        assert rect.get("class") == ("gain" if value > 0 else "loss")
        assert titles(rect)[0].startswith("b")


def test_what_is_not_known_has_no_bar_and_says_so() -> None:
    tree = parsed(
        bar_chart("Return", [Bar("2001", 0.1), Bar("2002", math.nan), Bar("2003", -0.2, "8 trades")])
    )
    assert titles(tree) == ["2001: 10.00 %", "2003: −20.00 %, 8 trades"]
    assert of_class(tree, "plot")[0].get("aria-label") == "Return: 2001 10.00 %, 2002 –, 2003 −20.00 %."


@given(st.lists(st.one_of(st.floats(-1e6, 1e6), st.just(math.nan)), max_size=20))
def test_named_bars_share_one_zero_and_one_scale(values: list[float]) -> None:
    html = bar_list("Profit", [Bar(f"a<b {place}", value) for place, value in enumerate(values)])
    known = [value for value in values if math.isfinite(value)]
    zero = float(re.findall("--zero:([^%]*)%", html)[0])
    moved = [value for value in known if value]
    drawn = re.findall(r'<i class="(\w+)" style="left:([^%]*)%;width:([^%]*)%">', html)
    assert len(drawn) == len(moved)
    span = max([0.0, *known]) - min([0.0, *known])
    for value, (style, left, width) in zip(moved, drawn, strict=True):
        assert style == ("gain" if value > 0 else "loss")
        assert float(width) == pytest.approx(100 * abs(value) / span, abs=0.06)
        assert float(left) + (float(width) if value < 0 else 0) == pytest.approx(zero, abs=0.06)
    assert html.count("<li>") == html.count("a&lt;b") == len(known)


def test_few_bars_carry_their_numbers_inside_the_picture() -> None:
    tree = parsed(bar_chart("Return", [Bar("a", 0.2), Bar("b", -0.4)]))
    (texts,) = of_class(tree, "bar-texts")
    assert [one.text for one in texts] == ["20", "−40"] or [one.text for one in texts] == ["20.0", "−40.0"]
    for one in texts:
        assert 0 < float(one.get("y", "")) + float(one.get("dy", "")) < HEIGHT


def test_many_bars_carry_none() -> None:
    assert not of_class(parsed(bar_chart("Many", [Bar(str(n), 0.1) for n in range(30)])), "bar-texts")


def test_a_benchmark_crosses_the_bars_where_it_is_known() -> None:
    others = ("hold", np.array([0.5, np.nan]))
    tree = parsed(bar_chart("Return", [Bar("a", 0.2), Bar("b", -0.4)], others=others))
    (lines,) = [one for one in of_class(tree, "line-benchmark") if one.tag == "g"]
    assert len(lines) == 1
    assert [one.get("class") for one in of_class(tree, "swatch")][-1] == "swatch line-benchmark"


@pytest.mark.parametrize("bars", [[], [Bar("a", math.nan)], [Bar("a", 0.0)]])
def test_hardly_anything_is_still_a_picture(bars: list[Bar]) -> None:
    assert of_class(parsed(bar_chart("Few", bars)), "plot")


def test_a_histogram_says_how_many_each_bin_holds() -> None:
    values = np.random.default_rng(5).normal(0.001, 0.02, 3_000)
    found = distribution(values)
    tree = parsed(histogram("Returns", found))
    said = [int(text.split(": ")[1].split(" of ")[0].replace(",", "")) for text in titles(tree)]
    assert sum(said) + found.below + found.above == 3_000
    assert said == [count for count in found.counts.tolist() if count]
    for text in titles(tree):
        low, high = (number_of(one) for one in text.split(": ")[0].split(" to "))
        assert high - low == pytest.approx(found.edges[1] - found.edges[0], abs=1e-9)


def test_a_histogram_names_its_middles_and_its_outside() -> None:
    found = distribution(np.concatenate([np.random.default_rng(5).normal(0.001, 0.02, 3_000), [9.0] * 4]))
    tree = parsed(histogram("Returns", found))
    (middles,) = of_class(tree, "middles")
    assert {(one.text or "").split()[0] for one in middles.iter("text")} == {"mean", "median"}
    (outside,) = of_class(tree, "outside")
    assert [one.text for one in outside][-1] == f"{found.above} more →"
