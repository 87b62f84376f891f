"""P18: the prices at which signals were closed."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyas.metrics.signals import PriceProfile, price_profile, signal_statistics
from eyas.metrics.signals.profile import trend_of
from tests.metrics.signals.rows import DAY_MS, TEN, rows

DAYS = [DAY_MS * float(place) for place in range(1, 11)]
PRICES = [100.0, 110.0, 99.0, 99.0, 108.9, 98.01, 107.811, 97.0299, 106.73289, 96.059601]
"""Steps: +10 %, −10 %, 0, then +10 % and −10 % in turn: four up, four down, one flat."""


def test_p18_steps_pressures_and_strengths() -> None:
    found = price_profile(DAYS, PRICES)
    assert found.median_step_size == pytest.approx(10.0)
    # One of nine moves was none: shares are of the other eight.
    assert found.buyer_pressure == 4 / 8
    assert found.seller_pressure == 4 / 8
    assert found.buyer_strength == pytest.approx(0.5)
    assert found.pressure_imbalance == pytest.approx(0.0, abs=1e-12)


def test_p18_strength_is_of_the_distance_not_of_the_number() -> None:
    prices = [100.0, 101.0, 102.01, 81.608, 82.42408, 83.2483208, 84.080804008, 84.080804008,
              84.92161204808, 85.7708281685608]  # fmt: skip
    found = price_profile(DAYS, prices)
    # Seven steps of +1 %, one of −20 %, one of nothing.
    assert found.buyer_pressure == 7 / 8
    assert found.buyer_strength == pytest.approx(7 / 27)
    assert found.seller_strength == pytest.approx(20 / 27)
    assert found.pressure_imbalance == pytest.approx(-13 / 27)
    assert found.median_step_size == pytest.approx(1.0)


def test_p18_the_trend_is_the_line_through_logarithms_on_days() -> None:
    prices = [100 * math.exp(0.02 * place) for place in range(10)]
    found = price_profile(DAYS, prices)
    assert found.trend_strength == pytest.approx(2.0)
    assert found.trend_confidence == pytest.approx(1.0)
    assert found.trend == "bullish"
    assert price_profile(DAYS, prices[::-1]).trend == "bearish"


def test_p18_the_line_is_that_of_least_squares() -> None:
    slope, start = np.polyfit(np.array(DAYS) / DAY_MS, np.log(PRICES), 1)
    fitted = slope * np.array(DAYS) / DAY_MS + start
    left = float(
        ((np.log(PRICES) - fitted) ** 2).sum() / ((np.log(PRICES) - np.log(PRICES).mean()) ** 2).sum()
    )
    found = price_profile(DAYS, PRICES)
    assert found.trend_strength == pytest.approx(100 * slope)
    assert found.trend_confidence == pytest.approx(1 - left)


@pytest.mark.parametrize(
    ("slope", "confidence", "median_step", "trend"),
    [
        (5.0, 0.2999, 1.0, "sideways"),
        (5.0, 0.30, 1.0, "bullish"),
        (0.2499, 0.9, 1.0, "neutral"),
        (0.25, 0.9, 1.0, "bullish"),
        (-0.25, 0.9, 1.0, "bearish"),
        (-0.2499, 0.9, 1.0, "neutral"),
        (math.nan, math.nan, 1.0, None),
    ],
)
def test_p18_a_trend_needs_confidence_and_slope(
    slope: float, confidence: float, median_step: float, trend: str | None
) -> None:
    assert trend_of(slope, confidence, median_step) == trend


def test_p18_nine_prices_say_nothing_and_ten_do() -> None:
    assert price_profile(DAYS[:9], PRICES[:9]) == PriceProfile()
    assert price_profile(DAYS, PRICES).median_step_size is not None
    holes = [*PRICES[:9], math.nan]
    assert price_profile(DAYS, holes) == PriceProfile()
    assert price_profile(DAYS, [*PRICES[:9], 0.0]) == PriceProfile()
    assert price_profile([], []) == PriceProfile()


def test_p18_at_one_moment_there_is_no_trend() -> None:
    found = price_profile([DAYS[0]] * 10, PRICES)
    assert (found.trend, found.trend_strength, found.trend_confidence) == (None, None, None)
    assert found.median_step_size == pytest.approx(10.0)


def test_p18_a_price_that_never_moves_goes_sideways() -> None:
    found = price_profile(DAYS, [0.1] * 10)
    assert found.trend == "sideways"
    assert (found.trend_strength, found.trend_confidence, found.median_step_size) == (0, 0, 0)
    assert (found.buyer_pressure, found.buyer_strength, found.pressure_imbalance) == (None, None, None)


def test_p18_is_part_of_the_statistics_in_order_of_closing() -> None:
    given = rows(TEN, price_close=PRICES)
    expected = price_profile([row["close_timestamp"] for row in given], PRICES)
    found = signal_statistics(given[::-1])
    assert (found.trend, found.median_step_size) == (expected.trend, expected.median_step_size)
    assert found.trend_strength == pytest.approx(expected.trend_strength)
    assert signal_statistics(rows(TEN)).trend is None


@given(st.lists(st.integers(1, 10_000), min_size=10, max_size=40))
def test_p18_shares_make_one(cents: list[int]) -> None:
    times = [DAY_MS * float(place + 1) for place in range(len(cents))]
    found = price_profile(times, [cent / 100 for cent in cents])
    if found.buyer_pressure is None:
        assert len(set(cents)) == 1
        return
    assert found.seller_pressure is not None
    assert found.buyer_strength is not None
    assert found.seller_strength is not None
    assert found.trend_confidence is not None
    assert found.buyer_pressure + found.seller_pressure == pytest.approx(1)
    assert found.buyer_strength + found.seller_strength == pytest.approx(1)
    assert found.pressure_imbalance == pytest.approx(found.buyer_strength - found.seller_strength)
    assert 0 <= found.trend_confidence <= 1
