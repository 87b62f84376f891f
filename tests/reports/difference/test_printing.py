"""How a difference is shown: text, Markdown, JSON, a frame, a page."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from eyas.errors import UsageError
from eyas.reports import Report
from eyas.reports.difference import Difference, difference
from eyas.reports.difference.page import POINTS_MAX, places, render
from eyas.reports.difference.printing import escaped, fenced, money
from tests.reports.difference.runs import flat_bars, listed, wild_run

BARS = flat_bars(100, 100, 110, 110, 120, 120)
ONCE = {0: [lambda s: s.buy(10)], 3: [lambda s: s.close()]}


def run(table: Any = ONCE, **options: Any) -> Report:
    return listed(BARS, table, **options)


@pytest.fixture(scope="module")
def found() -> Difference:
    return difference(
        wild_run(4, {}, 10_000, count=200), wild_run(4, {"fee_rate": 0.001}, 10_000, 1, count=200)
    )


def test_identical_runs_are_one_line_with_their_digest() -> None:
    same = difference(run(), run())
    assert str(same) == f"Identical: 1 trade, both journals have the SHA-256 {run().journal.digest}."


def test_what_made_no_difference_is_still_said() -> None:
    text = str(difference(run(), run(tie="target")))
    assert text.startswith("Identical: ")
    assert text.endswith("What was not the same made no difference: tie stop → target")


def test_the_headline_says_money_trades_and_changes() -> None:
    lines = str(difference(run(), run(fee_rate=0.01))).split("\n")
    assert lines[3] == "B ended with 22.00 less than A: 10,178.00 against 10,200.00."
    assert lines[4].startswith("1 trade in both, 0 of them equal. The first that differs: long ABC, ")
    assert lines[5] == "Not the same: fee_rate 0.0 → 0.01."
    assert any(re.fullmatch(r"fee +another rate of fees +1 +-22\.00", line) for line in lines)
    assert any(re.fullmatch(r"together +-22\.00", line) for line in lines)


def test_runs_without_trades_say_so() -> None:
    nothing = run({})
    assert difference(nothing, run({}, fee_rate=0.01)).is_identical
    cash = difference(nothing, run({}, cash=9_000))
    assert "Neither run has a trade." in str(cash)
    one = difference(nothing, run())
    assert one.counts == {"extra": 1}
    assert "0 trades in both, 0 of them equal; 1 only in B." in str(one)


def test_orders_that_traded_nothing_make_equal_runs_that_are_not_identical() -> None:
    waiting = {**ONCE, 1: [lambda s: s.buy(1, limit=1)]}
    same = difference(run(), run(waiting))
    assert same.is_equal
    assert not same.is_identical
    assert "Only orders that traded nothing set the journals apart." in str(same)


def test_every_way_to_show_it_has_the_same_money(found: Difference, tmp_path: Path) -> None:
    total = money(found.b.worth.equity - found.a.worth.equity, signed=True)
    assert total in str(found)
    assert f"| {total} |" in found.markdown()
    assert total.replace("-", "−") in found.html(tmp_path / "page.html").read_text()
    kept = json.loads(json.dumps(found.as_json(), allow_nan=False))
    assert float(kept["money"]) == float(found.money)
    assert len(kept["pairs"]) == len(found.differing)
    assert found.frame["money"].sum() == pytest.approx(sum(float(pair.money) for pair in found.pairs))
    assert found.frame.height == len(found.pairs)
    assert found.frame["name"].to_list() == [pair.name for pair in found.pairs]


def test_exact_text_keeps_every_digit(found: Difference) -> None:
    from fractions import Fraction

    kept = found.as_json()
    assert sum(map(Fraction, kept["causes"].values())) == Fraction(kept["money"])
    assert Fraction(kept["b"]["equity"]) - Fraction(kept["a"]["equity"]) == Fraction(kept["money"])


@pytest.mark.parametrize(
    ("units", "text"),
    [
        (0, "0.00"),
        (10**16, "+1.00"),
        (-(10**13), "-0.0010"),
        (1, "+0.0000000000000001"),
        (-123_456_789 * 10**16, "-123,456,789.00"),
    ],
)
def test_money_is_to_the_cent_and_never_looks_like_none(units: int, text: str) -> None:
    assert money(units, signed=True) == text


def test_markdown_escapes_what_would_break_a_table() -> None:
    assert escaped("a|b_c\nd") == "a\\|b\\_c d"
    assert fenced(["```"], "diff") == ["````diff", "```", "````"]
    bars = flat_bars(100, 100, 110, 110, 120, 120, symbol="A|<b>")
    text = difference(listed(bars, ONCE), listed(bars, ONCE, fee_rate=0.01)).markdown()
    rows = [line for line in text.split("\n") if "A\\|" in line and line.startswith("|")]
    assert rows
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 11 for row in rows)


def test_the_page_needs_nothing_else_and_escapes_what_it_is_given(tmp_path: Path) -> None:
    bars = flat_bars(100, 100, 110, 110, 120, 120, symbol="<script>alert(1)</script>")
    page = difference(listed(bars, ONCE), listed(bars, ONCE, fee_rate=0.01)).html(tmp_path / "page.html")
    text = page.read_text()
    assert "<script>alert" not in text
    assert "default-src 'none'" in text
    assert not re.search(r"(?:src|href)\s*=\s*[\"']?(?:https?:)?//", text)


def test_a_long_list_is_cut_and_says_so() -> None:
    table = {row: [lambda s: s.close(), lambda s: s.buy(1)] for row in range(1_100)}
    bars = flat_bars(*([100, 101] * 600))
    long = difference(listed(bars, table), listed(bars, table, fee_rate=0.001))
    text = render(long)
    assert text.count("<tbody data-cause=") == 1_000
    assert f"{len(long.differing) - 1_000} more trades differ" in text


def test_a_thinned_line_keeps_its_ends_and_extremes() -> None:
    values = [0.0] * 50_000
    values[31_415], values[27_182] = 9.0, -9.0
    drawn = places(values)
    assert {0, 49_999, 31_415, 27_182} <= set(drawn)
    assert len(drawn) <= POINTS_MAX + 2
    assert places([0.0, 1.0]) == [0, 1]


def test_an_identical_pair_has_a_page(tmp_path: Path) -> None:
    text = difference(run(), run()).html(tmp_path / "same.html").read_text()
    assert "<h1>Identical: 1 trade" in text
    assert "Where the money went" not in text


def test_wrong_input_is_refused() -> None:
    with pytest.raises(UsageError, match="the second is str"):
        difference(run(), "b.eyas")  # type: ignore[arg-type]  # that it is refused is the point
    other = listed(flat_bars(1, 2, 3, symbol="XYZ"), {})
    with pytest.raises(UsageError, match=r"no symbol in common \(ABC and XYZ\)"):
        difference(run(), other)


def test_a_missing_folder_is_refused(tmp_path: Path, found: Difference) -> None:
    with pytest.raises(UsageError, match="there is no folder"):
        found.html(tmp_path / "nowhere" / "page.html")


def test_a_notebook_shows_the_causes(found: Difference) -> None:
    html = found._repr_html_()
    assert all(f">{name}<" in html for name in found.causes)
    assert repr(found).startswith("<Difference of ")
