"""The page of a sweep is one file that holds its trials, escaped, small and whole."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import eyas
from eyas.errors import UsageError
from eyas.metrics.definition import DEFINITIONS
from eyas.sweep import sweep
from eyas.sweep.figures import FAILED, REFUSED
from eyas.sweep.page import page_of, render_page, write_page
from eyas.sweep.page_data import SHOWN, chosen_rows, drawn_by_lot, halves
from eyas.sweep.page_verdict import Check, Verdict
from tests.sweep.pages import (
    BARS_PER_YEAR,
    data_of,
    grid,
    made_page,
    made_rows,
    read_axis,
    read_column,
    spoil,
)

NASTY = "</script><b>\u2028 & 'one' \"two\" <!-- <script>"


class Tags(HTMLParser):
    """Collect the tags of a page with their attributes, and its text outside scripts and styles."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.inside = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.inside = tag

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside not in ("script", "style"):
            self.text += data


class Hold(eyas.Strategy):
    every: int = eyas.param(5, min=1, max=50)
    share: float = 0.5

    def on_bar(self, bar: eyas.Bar) -> None:
        if bar.index % self.every == 0:
            self.close() if self.is_long else self.buy(fraction=self.share)


# --- the data ---


def test_the_data_in_the_page_is_the_sweep() -> None:
    axes = grid(fast=range(5, 25), size=[0.1, 0.25], mode=["fade", "follow"], strict=[False, True])
    rows = made_rows(axes)
    spoil(rows, [3, 4])
    spoil(rows, [7], FAILED)
    page = made_page(axes, rows, reasons={3: "no", 7: "boom"}, numbers=np.arange(len(rows)) * 2)
    data = data_of(render_page(page))
    assert data["count"] == 160
    assert {one["name"]: read_axis(one) for one in data["axes"]} == axes
    assert [one["kind"] for one in data["axes"]] == ["number", "number", "text", "bool"]
    np.testing.assert_array_equal(read_column(data["numbers"]), page.numbers)
    np.testing.assert_array_equal(read_column(data["scores"]), page.scores)
    np.testing.assert_array_equal(read_column(data["status"]), rows["status"])
    assert data["figures"].keys() == set(SHOWN)
    for name, column in data["figures"].items():
        np.testing.assert_array_equal(read_column(column), rows[name].astype(np.float32), err_msg=name)
    digests = read_column(data["digests"]).reshape(160, -1)
    assert digests[5].tobytes() == bytes(rows["digest"][5])[:6]
    assert data["reasons"] == {}  # 3 and 7 are no numbers of these trials
    assert data["best"] == page.best


def test_the_halves_are_those_of_the_returns() -> None:
    random = np.random.default_rng(1)
    returns = random.normal(0.0005, 0.01, (3, 4_000))
    rows = made_rows(grid(a=range(3)))
    edges = np.arange(17) * 250
    for trial in range(3):
        for block in range(16):
            part = returns[trial, edges[block] : edges[block + 1]]
            rows["blocks"][trial, block] = (len(part), part.sum(), (part**2).sum())
    yearly = np.sqrt(BARS_PER_YEAR)
    rows["sharpe"] = returns.mean(axis=1) / returns.std(axis=1, ddof=1) * yearly
    first, second = halves(rows)
    for found, part in ((first, returns[:, :2_000]), (second, returns[:, 2_000:])):
        np.testing.assert_allclose(found, part.mean(axis=1) / part.std(axis=1, ddof=1) * yearly, rtol=1e-9)


def test_halves_of_runs_that_are_too_short_are_unknown() -> None:
    rows = made_rows(grid(a=range(3)))
    rows["sharpe"] = np.nan
    assert np.isnan(halves(rows)).all()


def test_a_large_sweep_keeps_the_best_and_says_so() -> None:
    axes = grid(a=range(130), b=range(100))
    page = made_page(axes, verdict=None)
    html = render_page(page)
    data = data_of(html)
    assert data["count"] == 10_000
    kept = read_column(data["numbers"]).astype(int)
    assert set(np.argsort(-page.scores)[:2_000]) <= set(kept.tolist())
    assert kept[data["best"]] == page.best
    assert "This page holds 10,000 of 13,000 trials" in html
    np.testing.assert_array_equal(kept, chosen_rows(page.scores))
    assert len(chosen_rows(np.full(30, np.nan), limit=10)) == 10
    assert drawn_by_lot(np.arange(30.0), limit=10) == {"below": 25.0, "weight": 5.0}


def test_a_large_sweep_keeps_its_front_too() -> None:
    scores = np.random.default_rng(4).permutation(40).astype(np.float64)
    best = set(np.argsort(-scores)[:5].tolist())
    far = np.argsort(scores)[[3, 7]]  # on the front by another objective
    kept = chosen_rows(scores, far, limit=10)
    assert len(kept) == 10
    assert best | set(far.tolist()) <= set(kept.tolist())
    lot = drawn_by_lot(scores, far, limit=10)
    assert lot == {"below": 35.0, "weight": (40 - 7) / (10 - 7)}
    # A front that is longer than the page has room for: the best of it.
    long = chosen_rows(scores, np.argsort(scores), limit=10)
    assert len(long) == 10
    assert {0.0, 1.0} <= set(scores[long].tolist())


def test_the_map_of_a_large_sweep_is_over_all_its_trials() -> None:
    axes = grid(a=range(60), b=range(70), c=range(3))
    rows = made_rows(axes)
    spoil(rows, [3, 4, 5])
    page = made_page(axes, rows, verdict=None)
    page.scores[600:700] = np.nan
    data = data_of(render_page(page))
    assert [(one["across"], one["up"]) for one in data["maps"]] == [("a", "b"), ("a", "c"), ("b", "c")]
    found = data["maps"][0]
    kept = read_column(data["numbers"]).astype(int)
    values, places = read_column(found["values"]), read_column(found["places"])
    for a, b in [(0, 0), (0, 1), (7, 9), (2, 60), (59, 69)]:
        mine = [row for row in range(len(rows)) if (axes["a"][row], axes["b"][row]) == (a, b)]
        scores, shown = page.scores[mine], rows["sharpe"][mine]
        cell = b * 60 + a
        assert read_column(found["counts"])[cell] == 3
        known = shown[np.isfinite(shown)]
        expected = np.median(known) if len(known) else np.nan
        np.testing.assert_allclose(read_column(found["medians"])[cell], expected, rtol=1e-6)
        if np.isnan(scores).all():
            assert np.isnan(values[cell])
            assert places[cell] == 65_535
            continue
        best = mine[int(np.nanargmax(scores))]
        np.testing.assert_allclose(values[cell], page.scores[best], rtol=1e-6)
        assert places[cell] == 65_535 or kept[places[cell]] == best


def test_ten_thousand_trials_make_a_small_page(tmp_path: Path) -> None:
    axes = grid(a=range(100), b=range(10), c=range(10))
    assert write_page(made_page(axes), tmp_path / "sweep.html").stat().st_size < 2_000_000


# --- what it says ---


def test_the_page_shows_what_it_was_given() -> None:
    check = Check("Deflated", "-3.1 %", "what it means", "how it is computed", "bad")
    verdict = Verdict("luck", "Luck would do as well.", ["For one thing."], [check])
    text = Tags(render_page(made_page(verdict=verdict, remarks=["It was stopped."], total=600))).text
    for words in (
        *(
            "Cross on BTCUSDT 1h",
            "500 of 600 trials",
            "4,000 bars",
            "It was stopped.",
            "Luck would do as well.",
        ),
        *("For one thing.", "Deflated", "−3.1 %", "what it means", "how it is computed", "fee_rate", "0.001"),
    ):
        assert words in text


def test_what_came_to_nothing_is_counted() -> None:
    rows = made_rows(grid(a=range(9)))
    spoil(rows, [0, 1], REFUSED)
    spoil(rows, [2], FAILED)
    page = made_page(grid(a=range(9)), rows)
    page.scores[3:7] = np.nan
    assert "9 trials, 2 refused, 1 failed, 4 may not be best" in Tags(render_page(page)).text


def test_whatever_a_user_names_stays_text() -> None:
    axes: dict[str, list[Any]] = {NASTY: [NASTY, "b"]}
    verdict = Verdict("luck", NASTY, [NASTY], [Check(NASTY, NASTY, NASTY, NASTY)])
    page = made_page(
        *(axes, made_rows(axes)),
        title=NASTY,
        subtitle=[NASTY],
        settings=[(NASTY, NASTY)],
        remarks=[NASTY],
        reasons={0: NASTY},
        verdict=verdict,
        objective=NASTY,
        python=NASTY,
        command=NASTY,
    )
    html = render_page(page)
    plain = Verdict("luck", "a", ["b"], [Check("a", "b", "c", "d")])
    like = {"settings": [("a", "b")], "remarks": ["c"], "subtitle": ["d"], "verdict": plain}
    assert [tag for tag, _ in Tags(html).tags] == [
        tag for tag, _ in Tags(render_page(made_page(**like))).tags
    ]
    assert Tags(html).text.count(NASTY) == 12
    data = data_of(html)
    assert read_axis(data["axes"][0]) == [NASTY, "b"]
    assert data["reasons"] == {"0": NASTY}
    block = html[html.index('id="study">') + 11 : html.index("</script>", html.index('id="study">'))]
    assert not re.search(r"[<>&']", block)


def test_the_page_needs_nothing_else() -> None:
    html = render_page(made_page())
    tags = Tags(html).tags
    loading = {"src", "srcset", "data", "action", "formaction", "poster", "background", "href"}
    assert not [(tag, attributes) for tag, attributes in tags if loading & attributes.keys()]
    assert not [tag for tag, _ in tags if tag in ("link", "iframe", "object", "embed", "img", "base")]
    assert not [name for _, attributes in tags for name in attributes if name.startswith(("on", "style"))]
    policy = next(attributes["content"] for _, attributes in tags if "http-equiv" in attributes) or ""
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert len(re.findall(r"'sha256-[A-Za-z0-9+/]{43}='", rules["script-src"])) == 2


def test_the_same_sweep_makes_the_same_page() -> None:
    assert render_page(made_page()) == render_page(made_page())


# --- wrong input, and the file ---


def test_columns_must_belong_together() -> None:
    page = made_page()
    with pytest.raises(UsageError, match="scores has 3 values for 500 trials; give one value a trial"):
        render_page(made_page(scores=np.ones(3)))
    with pytest.raises(UsageError, match="fast has 1 values for 500 trials"):
        render_page(
            made_page(axes={"fast": [1]}, rows=page.rows, verdict=None, best=None, scores=page.scores)
        )
    with pytest.raises(UsageError, match="best is row 500, but there are 500 rows"):
        render_page(made_page(best=500))
    with pytest.raises(UsageError, match="rows lack the figure equity_final"):
        render_page(replace(page, rows=np.zeros(500, [("status", "u1")])))


def test_writing_replaces_and_leaves_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "sweep.html"
    target.write_text("an older page")
    assert write_page(made_page(), target) == target
    assert target.read_text(encoding="utf-8") == render_page(made_page())
    assert list(tmp_path.iterdir()) == [target]
    with pytest.raises(UsageError, match=r"there is no folder .*missing"):
        write_page(made_page(), tmp_path / "missing" / "sweep.html")


# --- of a real sweep ---


def test_the_page_of_a_real_sweep_is_its_table(tmp_path: Path) -> None:
    bars = eyas.sample("AAPL", "1d", adjusted=True)
    found = sweep(Hold, bars, every=range(2, 12), share=[0.25, 0.5], fee_rate=0.001, engine="python")
    data = data_of(found.html(tmp_path / "sweep.html").read_text(encoding="utf-8"))
    assert {one["name"]: read_axis(one) for one in data["axes"]} == found.columns()
    np.testing.assert_array_equal(read_column(data["scores"]), found.scores)
    np.testing.assert_array_equal(read_column(data["figures"]["trades"]), found.rows["trades"])
    assert found.best is not None
    assert data["best"] == found.best.number
    assert data["python"] == "eyas.backtest(Hold({parameters}), bars, fee_rate=0.001)"
    page = page_of(found, "eyas backtest hold.py --sample AAPL:1d")
    assert page.command == "eyas backtest hold.py --sample AAPL:1d {settings}"
    assert page.verdict is not None
    assert page.verdict.sentence == found.statistics.sentence
    scale = found.best["sharpe"] / found.statistics.sharpe_ratio
    assert page.verdict.luck_sharpe == pytest.approx(found.statistics.expected_maximum * scale)


def test_what_every_trial_has_is_in_the_line_that_runs_one_again() -> None:
    bars = eyas.sample("AAPL", "1d", adjusted=True)
    found = sweep(Hold, bars, every=range(2, 4), share=0.25, cash=5_000, tie="target", engine="python")
    page = page_of(found, "eyas backtest hold.py")
    assert page.python == "eyas.backtest(Hold({parameters}, share=0.25), bars, cash=5000, tie='target')"
    assert page.command == "eyas backtest hold.py {settings} --set share=0.25"
    line = page.python.replace("{parameters}", "every=3")
    again = eval(line, {"eyas": eyas, "Hold": Hold, "bars": bars})
    assert again.journal.digest == found.trial(1).digest


def test_an_objective_that_is_no_figure_keeps_its_values() -> None:
    bars = eyas.sample("AAPL", "1d", adjusted=True)

    def worth(row: Any) -> float:
        return float(row.total_return * 100)

    found = sweep(Hold, bars, every=range(2, 6), objective=(worth, "min"), engine="python")
    data = data_of(render_page(page_of(found)))
    assert data["objective"] == "worth"
    np.testing.assert_array_equal(read_column(data["values"]), found.values[:, 0])
    np.testing.assert_array_equal(read_column(data["scores"]), -found.values[:, 0])


def test_several_objectives_come_with_their_front() -> None:
    bars = eyas.sample("AAPL", "1d", adjusted=True)

    def worth(row: Any) -> float:
        return float(row.total_return * 100)

    wanted: list[Any] = ["sharpe", "max_drawdown", (worth, "min"), "charges"]
    found = sweep(Hold, bars, every=range(2, 12), share=[0.25, 0.5], objective=wanted, engine="python")
    page = page_of(found)
    html = render_page(page)
    data = data_of(html)
    assert (data["objective"], data["rises"]) == ("sharpe", True)
    assert [(one["title"], one["rises"]) for one in data["others"]] == [
        *(("max_drawdown", False), ("worth", False), ("charges", False)),
    ]
    # A figure is on the page already, what is none is not.
    assert data["others"][0]["values"] is None
    np.testing.assert_array_equal(read_column(data["others"][1]["values"]), found.values[:, 2])
    np.testing.assert_array_equal(read_column(data["others"][2]["values"]), found.values[:, 3])
    assert data["front"] == [one.number for one in found.front]
    assert 'id="front"' in html
    assert f"{len(found.front)} trials lie on the front" in Tags(html).text


def test_one_objective_has_no_front() -> None:
    data = data_of(render_page(made_page()))
    assert (data["others"], data["front"]) == ([], [])
    assert 'id="front"' not in render_page(made_page())


def test_an_objective_of_which_less_is_better_says_so() -> None:
    bars = eyas.sample("AAPL", "1d", adjusted=True)
    found = sweep(Hold, bars, every=range(2, 6), objective="-trades", engine="python")
    data = data_of(render_page(page_of(found)))
    assert (data["objective"], data["rises"], data["values"]) == ("trades", False, None)


def test_the_figures_bring_their_definitions() -> None:
    data = data_of(render_page(made_page()))
    assert data["definitions"].keys() == set(SHOWN)
    assert dict(data["definitions"]["sharpe"])["Formula"] == DEFINITIONS["sharpe"].formula


class Refusing(Hold):
    def on_start(self) -> None:
        raise ValueError("not today")


def test_a_sweep_of_which_nothing_is_left_has_a_page_too() -> None:
    found = sweep(Refusing, eyas.sample("AAPL", "1d"), every=range(2, 6), engine="python")
    page = page_of(found)
    assert page.best is None
    assert page.verdict is None
    text = Tags(render_page(page)).text
    assert "not today" in text
