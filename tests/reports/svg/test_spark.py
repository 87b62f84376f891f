"""A spark goes through its values and needs no style sheet; a box holds its quantiles."""

from __future__ import annotations

import numpy as np
import pytest

from eyas.reports.folds.distribution import distribution
from eyas.reports.svg.axis import Axis
from eyas.reports.svg.picture import HIGH_UNITS
from eyas.reports.svg.spark import POINTS_MAX, box, spark
from tests.reports.svg.reading import parsed, points_of


def test_a_spark_has_the_shape_of_its_values() -> None:
    values = np.array([1.0, 3.0, 2.0, 5.0])
    path = parsed(spark(values, "Equity & more")).find(".//path")
    assert path is not None
    heights = HIGH_UNITS - points_of(path.get("d") or "")[:, 1]
    assert np.corrcoef(heights, values)[0, 1] == pytest.approx(1, abs=1e-6)
    assert path.get("stroke") == "currentColor"
    assert path.get("fill") == "none"


def test_a_long_spark_is_short() -> None:
    path = parsed(spark(np.sin(np.arange(100_000) / 500), "Long")).find(".//path")
    assert path is not None
    assert len(points_of(path.get("d") or "")) <= POINTS_MAX


@pytest.mark.parametrize("values", [[], [1.0], [2.0, 2.0], [np.nan], [np.nan, 1.0, np.inf], [1e308, -1e308]])
def test_hardly_anything_is_still_a_spark(values: list[float]) -> None:
    text = spark(np.array(values), "Few")
    parsed(text)
    assert "nan" not in text


def test_a_box_stands_on_its_quantiles() -> None:
    found = distribution(np.linspace(0.0, 1.0, 101))
    rect = parsed(box(found, Axis(0.0, 1.0), "Trades")).find(".//rect")
    assert rect is not None
    assert float(rect.get("x", "").rstrip("%")) == pytest.approx(25)
    assert float(rect.get("width", "").rstrip("%")) == pytest.approx(50)
    assert box(distribution(np.empty(0)), Axis(0.0, 1.0), "None") == ""
