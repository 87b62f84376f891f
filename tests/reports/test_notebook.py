"""What a notebook shows: calm, small, well-formed HTML without scripts, in which text is only text."""

from __future__ import annotations

import dataclasses
import re
import xml.etree.ElementTree as ET
from html.entities import name2codepoint

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import eyas
from eyas.reports import Report
from eyas.reports.notebook import (
    SPARK_HEIGHT,
    SPARK_WIDTH,
    comparison_html,
    difference_html,
    metrics_html,
    report_html,
    spark,
    summary_html,
    sweep_html,
)
from tests.reports.small_runs import ALL, HOSTILE, Swing, daily, idle, one_trade, swing

BYTES_MAX = 60_000
TAGS = {"div", "span", "table", "tr", "th", "td", "svg", "title", "path", "polyline"}
ATTRIBUTES = {
    *(
        "style",
        "title",
        "role",
        "aria-label",
        "viewBox",
        "preserveAspectRatio",
        "fill",
        "stroke",
        "d",
        "points",
    ),
    *("stroke-opacity", "stroke-dasharray", "stroke-width", "stroke-linejoin", "vector-effect"),
}


def parsed(html: str) -> ET.Element:
    """Return HTML as a tree: it must be well-formed, and made of nothing but harmless elements."""
    assert len(html.encode()) < BYTES_MAX
    assert not set(re.findall(r"&(\w+);", html)) - {*name2codepoint}
    root = ET.fromstring(html)
    for one in root.iter():
        assert one.tag in TAGS
        assert set(one.attrib) <= ATTRIBUTES
        # A fixed colour would be lost on one of a light and a dark ground; an address would be loaded.
        style = one.get("style", "")
        assert not re.search(r"url\(|(?<!-)\bcolor:|position:|#[0-9a-f]{3}", style)
    return root


def texts(root: ET.Element) -> list[str]:
    return ["".join(one.itertext()) for one in root.iter() if not len(one)]


@pytest.fixture(params=sorted(ALL))
def report(request: pytest.FixtureRequest) -> Report:
    found: Report = ALL[request.param]()
    return found


def test_a_run_shows_itself(report: Report) -> None:
    found = texts(parsed(report_html(report)))
    assert found[0] == report.title
    assert report.metrics.figure("total_return").text in found
    assert "Sharpe ratio" in found
    for remark in report.remarks()[:6]:
        assert remark[:200] in "\n".join(found)


def test_all_figures_are_shown(report: Report) -> None:
    root = parsed(metrics_html(report.metrics))
    found = {
        one[0].text: (one[1].text, one.get("title"))
        for one in root.iter("div")
        if len(one) == 2 and one[0].tag == "span"
    }
    assert len(found) == len({report.metrics.figure(name).label for name in report.metrics})
    for name in report.metrics:
        figure = report.metrics.figure(name)
        text, title = found[figure.label]
        assert text == figure.text
        assert figure.definition.sentence[:40] in (title or "")


def test_headline_figures_are_a_table(report: Report) -> None:
    root = parsed(summary_html(report.summary))
    rows = [[cell.text or "" for cell in row] for row in root.iter("tr")]
    assert rows == [list(row) for row in report.summary.rows()]


@pytest.mark.parametrize("hostile", ["</div><script>alert(1)</script>", "' onmouseover='alert(1)", HOSTILE])
def test_text_is_only_text(hostile: str) -> None:
    report = dataclasses.replace(swing(), strategy=hostile, parameters={hostile: hostile})
    found = "\n".join(texts(parsed(report_html(report))))
    assert hostile in found


def test_it_is_small_whatever_it_is_given() -> None:
    report = dataclasses.replace(
        swing(), strategy="S" * 50_000, parameters={f"p{place}": place for place in range(5_000)}
    )
    html = report_html(report)
    parsed(html)
    assert len(html) < 20_000


def test_a_sweep_shows_its_best_and_what_became_of_the_rest() -> None:
    sweep = eyas.sweep(Swing, daily(100), every=range(2, 22), workers=1)
    root = parsed(sweep_html(sweep))
    rows = list(root.iter("tr"))
    assert len(rows) == 1 + 12
    assert rows[1][0].text == f"{sweep.best.number:,}"
    assert any("8 trials more in sweep.frame()" in text for text in texts(root))


def test_a_comparison_has_a_column_a_run() -> None:
    comparison = swing().compare(idle(), **{"<b>": one_trade()})
    rows = list(parsed(comparison_html(comparison)).iter("tr"))
    assert [cell.text or "" for cell in rows[0]] == ["", *comparison.names]
    assert len(rows) > 10


def test_a_difference_shows_the_money_by_cause() -> None:
    difference = swing().diff(eyas.backtest(Swing(), daily(220), fee_rate=0.002))
    rows = {
        row[0].text: [cell.text for cell in row[1:]] for row in parsed(difference_html(difference)).iter("tr")
    }
    assert rows["fee"][0] == f"{difference.causes['fee']:+,.2f}"
    same = texts(parsed(difference_html(swing().diff(swing()))))
    assert "Both runs are the same." in same
    root = parsed(difference_html(difference))
    assert any(f"{-difference.money:,.2f} less" in text for text in texts(root))


# --- the line ---


@given(
    st.lists(st.floats(allow_infinity=True, allow_nan=True, width=64), max_size=30),
    st.floats(allow_nan=False, allow_infinity=False),
)
def test_a_line_stays_inside_its_picture(values: list[float], opening: float) -> None:
    drawn = spark(np.array(values), opening)
    known = [value for value in values if np.isfinite(value)]
    if len(known) < 2:
        assert drawn == ""
        return
    points = re.search(r"points='([^']*)'", parsed_line(drawn))
    assert points is not None
    pairs = [tuple(map(float, pair.split(","))) for pair in points[1].split()]
    assert len(pairs) == len(known)
    assert all(0 <= x <= SPARK_WIDTH and 0 <= y <= SPARK_HEIGHT for x, y in pairs)
    # Higher is up: the order of the values is that of the heights, but for rounding.
    for (_, one), (_, other), low, high in zip(pairs, pairs[1:], known, known[1:], strict=False):
        assert low == high or (one - other) * (1 if high > low else -1) >= 0


def parsed_line(drawn: str) -> str:
    parsed(drawn)
    return drawn


def test_a_long_line_is_thinned() -> None:
    drawn = spark(np.cumsum(np.random.default_rng(1).normal(size=100_000)) + 1e5, 1e5)
    assert 200 < drawn.count(",") < 300
    parsed(drawn)


def test_what_can_be_shown_shows_itself() -> None:
    report = swing()
    assert report._repr_html_() == report_html(report)
    assert report.metrics._repr_html_() == metrics_html(report.metrics)
    comparison = report.compare(idle())
    assert comparison._repr_html_() == comparison_html(comparison)
    difference = report.diff(idle_beside())
    assert difference._repr_html_() == difference_html(difference)


def idle_beside() -> Report:
    return eyas.backtest(Swing(every=200), daily(220))
