"""Columns can be chosen, reordered, renamed, reformatted, hidden and computed."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eyas.errors import UsageError
from eyas.reports.text.columns import Column, chosen, keys_of
from eyas.reports.text.formats import FORMATS, price_decimals, time_iso

KNOWN = [
    Column("symbol", "Symbol"),
    Column("profit", "Profit", "money"),
    Column("fee", format="money"),
    Column("ticket", visible=False),
]


def names(asked: Any) -> list[str]:
    return [one.name for one in chosen(asked, KNOWN)]


def test_without_a_wish_the_visible_ones_are_shown() -> None:
    assert names(None) == ["symbol", "profit", "fee"]


def test_columns_are_chosen_in_the_order_asked_for() -> None:
    assert names(["fee", "ticket", "symbol"]) == ["fee", "ticket", "symbol"]
    assert names(["fee", ...]) == ["fee", "symbol", "profit"]
    assert names([..., "symbol"]) == ["profit", "fee", "symbol"]
    assert names([Column("profit", visible=False), ...]) == ["symbol", "fee"]


def test_what_is_not_said_is_as_the_table_has_it() -> None:
    (found,) = chosen([Column("profit", "P&L")], KNOWN)
    assert (found.heading, found.text(1234.5)) == ("P&L", "1,234.50")
    (found,) = chosen([Column("profit", format="{:+.0f}")], KNOWN)
    assert (found.heading, found.text(1234.4)) == ("Profit", "+1234")


def test_a_column_can_be_computed() -> None:
    net = Column("net", value=lambda row: row["profit"] - row["fee"], format="money")
    shown = chosen(["symbol", net], KNOWN)
    assert [one.of({"symbol": "A", "profit": 5.0, "fee": 1.0}) for one in shown] == ["A", 4.0]
    # One of the table's own can be computed otherwise too, and keeps its format.
    (halved,) = chosen([Column("profit", value=lambda row: row["profit"] / 2)], KNOWN)
    assert halved.text(halved.of({"profit": 5.0})) == "2.50"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["profi"], "there is no column 'profi': did you mean 'profit'?"),
        ([Column("zzz")], "there are symbol, profit, fee, ticket."),
        (["fee", "fee"], "column 'fee' is asked for twice"),
        ("fee", "columns is 'fee', but must be a list"),
        ([7], "columns has 7, but takes names, Columns and ..."),
        ([Column("fee", visible=False)], "no column is left to show"),
        ([], "no column is left to show"),
    ],
)
def test_what_cannot_be_shown_is_refused(asked: Any, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        chosen(asked, KNOWN)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (
            lambda: Column("fee", format="mony"),
            "there is no format 'mony': did you mean 'money'; or give a pattern such as '{:.2f}', or a",
        ),
        (lambda: Column(""), "a column's name is a text, not ''"),
        (lambda: Column("fee", format="{:.2q}").text(1.0), "column 'fee' cannot write 1.0 as '{:.2q}'"),
        (lambda: Column("fee", format="money").text("much"), "column 'fee' cannot write 'much' as 'money'"),
        (
            lambda: Column("r", value=lambda row: row["x"]).of({"y": 1}),
            "column 'r' cannot be computed: KeyError: 'x'; the row is {'y': 1}",
        ),
    ],
)
def test_a_column_that_does_not_work_says_why(make: Any, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        make()
    assert said in str(caught.value)


def test_machines_get_every_column_under_its_name_unless_told() -> None:
    assert [key for key, _ in keys_of(None, KNOWN)] == ["symbol", "profit", "fee", "ticket"]
    assert [key for key, _ in keys_of([Column("profit", "pnl"), "fee"], KNOWN)] == ["pnl", "fee"]
    with pytest.raises(UsageError, match="two columns would be called 'fee'"):
        keys_of([Column("profit", "fee"), "fee"], KNOWN)


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_what_is_not_known_is_never_zero(form: str) -> None:
    column = Column("x", format=form)
    for missing in (None, math.nan, np.float64("nan"), np.datetime64("NaT")):
        assert column.text(missing) == ("" if column.is_text else "n/a")


@pytest.mark.parametrize(
    ("form", "value", "said"),
    [
        ("price", 64_000.123, "64,000.12"),
        ("price", 0.5, "0.5000"),
        ("price", 0.00001234, "0.00001234"),
        ("price", 0.0, "0.00"),
        ("money", -12_345.678, "-12,345.68"),
        ("percent", 0.1234, "12.34 %"),
        ("percent", math.inf, "∞"),
        ("percent_points", -3.5, "-3.50 %"),
        ("ratio", -math.inf, "−∞"),
        ("count", 1_234, "1,234"),
        ("count", 9.06, "9.1"),
        ("quantity", 16.23736868, "16.23736868"),
        ("quantity", 1_000, "1,000"),
        ("duration", 90_000_000_000, "1 minute 30 seconds"),
        ("duration", np.timedelta64(3, "h"), "3 hours"),
        ("minutes", 90.5, "1 hour 30 minutes"),
        ("time", np.datetime64("2020-01-02", "ns"), "2020-01-02"),
        ("time", np.datetime64("2020-01-02T03:04:05.000000006", "ns"), "2020-01-02 03:04:05.000000006"),
        ("time", datetime(2020, 1, 2, 5, tzinfo=timezone(timedelta(hours=2))), "2020-01-02 03:00:00"),
        ("text", True, "yes"),
        ("text", 1 / 3, "0.333333"),
        ("text", np.datetime64("2020-01-02", "ns"), "2020-01-02"),
        ("words", "stop_loss", "stop loss"),
        ("{:>5}", 3, "    3"),
        (lambda value: f"<{value}>", None, "<None>"),
    ],
)
def test_formats(form: Any, value: Any, said: str) -> None:
    assert Column("x", format=form).text(value) == said


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_decimals_of_a_price_follow_the_specification(price: float) -> None:
    expected = 2 if price == 0 else min(8, max(2, 2 - 2 * math.floor(math.log10(abs(price)))))
    assert price_decimals(price) == expected


def test_times_are_iso() -> None:
    assert time_iso(np.datetime64("2020-01-02T03:04:05.5", "ms")) == "2020-01-02T03:04:05.5Z"
    assert time_iso(datetime(2020, 1, 2, 3, tzinfo=UTC)) == "2020-01-02T03:00:00Z"
    assert time_iso(datetime(2020, 1, 2, 3)) == "2020-01-02T03:00:00"
    assert time_iso(datetime(2020, 1, 2).date()) == "2020-01-02"
    assert time_iso(0) == "1970-01-01T00:00:00Z"
