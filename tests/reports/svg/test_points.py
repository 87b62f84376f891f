"""Each point stands at its values, gains apart from losses."""

from __future__ import annotations

import numpy as np

from eyas.reports.svg.axis import linear_axis
from eyas.reports.svg.points import TITLED_MAX, Guide, Points, points_mark, scatter
from tests.reports.svg.reading import of_class, parsed, titles, values_of


def made(count: int) -> Points:
    random = np.random.default_rng(2)
    across, values = random.uniform(0, 0.3, count), random.normal(0, 0.1, count)
    return Points(across, values, values > 0, [f"Trade {place}" for place in range(count)])


def test_each_point_is_at_its_values() -> None:
    points = made(300)
    x, y = linear_axis(points.across, "rate"), linear_axis(points.values, "rate")
    tree = parsed(points_mark(x, y, *points[:3]))
    for style, rows in (("gain", points.is_gain), ("loss", ~points.is_gain)):
        (path,) = of_class(tree, f"points-{style}")
        across, values = values_of(path.get("d") or "", x, y)
        np.testing.assert_allclose(across, points.across[rows], atol=0.001)
        np.testing.assert_allclose(values, points.values[rows], atol=0.001)


def test_the_furthest_carry_their_titles() -> None:
    points = made(500)
    x, y = linear_axis(points.across, "rate"), linear_axis(points.values, "rate")
    tree = parsed(scatter("Trades.", x, y, points, guide=Guide((0, 0), (0.2, 0.2), "held <all>")))
    said = titles(tree)
    assert len(said) == TITLED_MAX
    assert f"Trade {points.values.argmax()}" in said
    (guide,) = of_class(tree, "guide")
    assert guide.find("text").text == "held <all>"  # type: ignore[union-attr]


def test_no_points_are_still_a_picture() -> None:
    none = np.empty(0)
    tree = parsed(scatter("None.", linear_axis([]), linear_axis([]), Points(none, none, none > 0)))
    assert not of_class(tree, "points-gain")
