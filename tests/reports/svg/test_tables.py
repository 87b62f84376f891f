"""Tables hold what they were given, and shades say the same as numbers."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from eyas.reports.svg.tables import Cell, Column, heat_table, shades_of, table
from tests.reports.svg.reading import number_of, of_class, parsed


@given(
    arrays(
        np.float64,
        st.tuples(st.integers(1, 5), st.integers(1, 5)),
        elements=st.floats(-2, 2) | st.just(np.nan),
    )
)
def test_shades_have_the_sign_and_the_order_of_the_rates(rates: np.ndarray) -> None:
    shades = shades_of(rates)
    known = np.isfinite(rates)
    assert not shades[~known].any()
    np.testing.assert_array_equal(np.sign(shades[known]), np.sign(rates[known]))
    assert np.abs(shades).max() <= 6
    order = np.argsort(rates[known])
    assert (np.diff(shades[known][order]) >= 0).all()


def test_a_heat_table_has_every_number() -> None:
    rates = np.array([[0.1, np.nan], [-0.02, 0.003]])
    html = heat_table(
        "Returns", ["2001", "2002"], ["Jan", "Feb"], rates, totals=("Year", np.array([0.1, -0.017]))
    )
    tree = parsed(html)
    cells = [[one.text for one in row.findall("td")] for row in tree.iter("tr")][1:]
    assert cells == [["10.0", None, "10.0"], ["−2.0", "0.3", "−1.7"]]
    assert [one.get("title") for one in tree.iter("td")] == [
        "10.00 %",
        None,
        "10.00 %",
        "−2.00 %",
        "0.30 %",
        "−1.70 %",
    ]
    assert [one.text for one in tree.iter("th")] == [None, "Jan", "Feb", "Year", "2001", "2002"]
    assert len(of_class(tree, "up-6")) == 2  # the largest month, and the largest year


def test_small_rates_have_the_decimals_that_tell_them_apart() -> None:
    tree = parsed(heat_table("Small", ["2001"], ["Jan", "Feb"], np.array([[0.00011, 0.00012]])))
    said = [one.text or "" for one in tree.iter("td")]
    assert said[0] != said[1]
    assert number_of(said[1]) / 100 == 0.00012


def test_a_table_escapes_and_names_its_rows() -> None:
    html = table(
        "A <table>",
        [Column("Side", is_number=False), Column("Profit")],
        [["<long>", Cell("+1", "gain")], ["short", ""]],
    )
    tree = parsed(html)
    assert tree[0].get("aria-label") == "A <table>"
    assert [(one.tag, one.get("scope"), one.text) for one in tree.iter("th")][2:] == [
        ("th", "row", "<long>"),
        ("th", "row", "short"),
    ]
    assert [one.text for one in tree.iter("td")] == ["+1", "–"]
    assert tree.find(".//td").get("class") == "number gain"  # type: ignore[union-attr]


def test_no_rows_are_an_empty_table() -> None:
    assert not list(parsed(table("None", [Column("A")], [])).iter("td"))
    assert not list(parsed(heat_table("None", [], ["Jan"], np.empty((0, 1)))).iter("td"))
