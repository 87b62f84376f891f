"""Numbers read as the tables have them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyas.reports.html import minus
from eyas.reports.summary import percent
from eyas.reports.svg.text import axis_text, number_text, percent_text, signed_percent, value_text


@given(st.floats(-100, 100))
def test_a_rate_reads_as_in_the_tables(rate: float) -> None:
    theirs = minus(percent(rate))
    assert percent_text(rate) in {theirs, theirs.removeprefix("−")}  # never a negative zero
    assert percent_text(rate) == theirs or percent_text(rate) == "0.00 %" or abs(rate * 1e4 % 1 - 0.5) < 1e-6


def test_signs() -> None:
    assert number_text(-0.001) == "0.00"
    assert signed_percent(0.1) == "+10.00 %"
    assert signed_percent(-0.1) == "−10.00 %"
    assert signed_percent(0.000001) == "0.00 %"
    assert signed_percent(0.0) == "0.00 %"


@pytest.mark.parametrize(
    ("value", "text"), [(math.nan, "–"), (math.inf, "∞"), (-math.inf, "−∞"), (-2e20, "−2e+20")]
)
def test_what_is_no_usual_number(value: float, text: str) -> None:
    assert number_text(value) == text


def test_units() -> None:
    assert value_text(1234.0, "count") == "1,234"
    assert value_text(0.5, "ratio") == "0.50"
    assert value_text(0.5, "rate") == "50.00 %"
    assert axis_text(2.5e6, 5e5, "ratio") == "2.5 M"
    assert axis_text(0.0005, 0.0005, "rate") == "0.05 %"
