"""The page of a sweep in a real browser: its scripts run, draw, sort, filter and choose."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eyas.metrics.definition import DEFINITIONS
from eyas.sweep.figures import FAILED
from eyas.sweep.page import Aimed, SweepPage, render_page
from eyas.sweep.ranking import front_of
from tests.sweep.pages import grid, made_page, made_rows, spoil

pytestmark = pytest.mark.browser

FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--window-size=1400,1200", "--virtual-time-budget=5000", "--dump-dom"),
)
# What a script of a test can say: the text of a place, a choice in a select, a canvas that shows something.
HELP = """
const find = (section, name) => document.querySelector(`#${section} [data-part=${name}]`);
const said = (section, name) => find(section, name).textContent;
const choose = (section, name, value) => {
  const select = find(section, name);
  select.value = value;
  select.dispatchEvent(new Event("change"));
};
const type = (text) => {
  find("trials", "filter").value = text;
  find("trials", "filter").dispatchEvent(new Event("input"));
};
const colours = (section) => {
  const canvas = find(section, "plot").querySelector("canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return new Set(new Uint32Array(data.buffer)).size;
};
const column = (place) =>
  [...document.querySelectorAll(`#trials tbody td:nth-child(${place})`)].map((one) => one.textContent);
const press = (section, key) =>
  find(section, "plot").querySelector("canvas").dispatchEvent(new KeyboardEvent("keydown", { key }));
const tip = (section) => find(section, "plot").querySelector(".tip").textContent;
const shown = () => [...document.querySelectorAll("section[id]:not([hidden])")].map(({ id }) => id);
"""


@pytest.fixture
def open_page(chromium: str, tmp_path: Path) -> Callable[..., Any]:
    """Open a page, run some script in it, return what that returns; an error of the page fails the test."""

    def open_page(page: SweepPage, acts: str = "return shown();", kept: int | None = None) -> Any:
        html = render_page(page)
        ready = f'data-ready="trials:{kept or len(page.rows)}"'
        # The page's own policy admits no script but its own: a test that adds one takes the policy off.
        html = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", html)
        report = f"{HELP} document.documentElement.dataset.found = JSON.stringify((() => {{ {acts} }})());"
        opened = dumped(html.replace("</body>", f'<script type="module">{report}</script></body>'))
        assert re.search(r'<html[^>]*\bdata-error="([^"]*)"', opened) is None
        assert ready in opened
        found = re.search(r'<html[^>]*\bdata-found="([^"]*)"', opened)
        assert found
        return json.loads(unescape(found[1]))

    def dumped(html: str) -> str:
        path = tmp_path / "sweep.html"
        path.write_text(html, encoding="utf-8")
        command = [chromium, *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", path.as_uri()]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout

    open_page.dumped = dumped  # type: ignore[attr-defined]
    return open_page


ALL = ["chosen", "map", "distribution", "halves", "parallel", "trials"]


def test_the_scripts_run_under_the_pages_own_policy(open_page: Callable[..., Any]) -> None:
    opened = open_page.dumped(render_page(made_page()))  # type: ignore[attr-defined]
    assert re.search(r'<html[^>]*\bdata-ready="trials:500"', opened)
    assert "data-error" not in opened.partition(">")[2][:400]


def test_a_choice_anywhere_is_shown_everywhere(open_page: Callable[..., Any]) -> None:
    page = made_page()
    acts = """
        const found = { shown: shown(), best: said("chosen", "title") };
        found.drawn = ["map", "parallel", "halves"].map(colours);
        press("map", "ArrowRight"); press("map", "ArrowRight"); found.tip = tip("map"); press("map", "Enter");
        found.title = said("chosen", "title"); found.python = said("chosen", "python");
        found.command = said("chosen", "command");
        found.rows = column(1);
        document.querySelector("#trials tbody tr:nth-child(4)").click();
        found.fourth = said("chosen", "title");
        find("chosen", "to-plateau").click(); found.plateau = said("chosen", "title");
        return found;
    """
    found = open_page(page, acts)
    best = page.best
    assert best is not None
    assert page.verdict is not None
    assert found["shown"] == ALL
    assert found["best"] == f"Trial {best}, the best"
    assert all(count > 20 for count in found["drawn"])
    # To the right of the best is the next value of the first parameter, 25 trials on.
    fast, slow = (page.axes[name][best + 25] for name in ("fast", "slow"))
    assert re.match(rf"Trial {best + 25}\b", found["title"])
    assert f"fast{fast}slow{slow}" in found["tip"]
    assert found["python"] == f"eyas.backtest(Cross(fast={fast}, slow={slow}), bars, fee_rate=0.001)"
    assert found["command"].endswith(f"--fee-rate 0.001 --set fast={fast} --set slow={slow}")
    # The list has turned to the page with the trial that was chosen on the map.
    assert str(best + 25) in found["rows"]
    assert found["fourth"] == f"Trial {found['rows'][3]}"
    assert found["plateau"] == f"Trial {page.verdict.plateau}, the best plateau"


def test_the_front_is_marked_and_its_trials_are_chosen(open_page: Callable[..., Any]) -> None:
    page = made_page()
    others = [Aimed("fees", page.rows["fees"], rises=False)]
    front = np.flatnonzero(front_of(np.stack([page.scores, -page.rows["fees"]], axis=1)))
    front = front[np.argsort(-page.scores[front])]
    assert 2 < len(front) < 50
    acts = """
        const found = { shown: shown(), drawn: colours("front"), caption: said("front", "caption") };
        found.tools = find("front", "tools").hidden;
        const steps = [];
        press("front", "ArrowRight"); steps.push(tip("front"));
        for (let i = 0; i < 3; i++) { press("front", "ArrowLeft"); steps.push(tip("front")); }
        press("front", "ArrowRight"); press("front", "Enter");
        found.title = said("chosen", "title");
        for (let i = 0; i < 99; i++) press("front", "ArrowLeft");
        found.last = tip("front");
        return { ...found, steps };
    """
    found = open_page(replace(page, others=others, front=front), acts)
    assert found["shown"] == ["chosen", "front", *ALL[1:]]
    assert found["drawn"] > 5
    assert found["tools"] is True  # two objectives leave nothing to choose
    assert found["caption"].startswith(f"{len(front)} of 500 trials are on the front: ")
    # From the best by the first objective to the left: worse by that, and better by the other.
    assert [int(re.match(r"Trial (\d+)", one)[1]) for one in found["steps"]] == front[:4].tolist()  # type: ignore[index]
    assert re.match(rf"Trial {front[2]}\b", found["title"])
    assert found["last"].startswith(f"Trial {front[-1]}")


def test_of_three_objectives_two_are_chosen(open_page: Callable[..., Any]) -> None:
    page = made_page()
    more = np.round(page.rows["trades"] ** 0.5, 1)
    others = [
        Aimed("max_drawdown", page.rows["max_drawdown"], rises=False),
        Aimed("root of trades", more, rises=True),
    ]
    goals = np.stack([page.scores, -page.rows["max_drawdown"], more], axis=1)
    front = np.flatnonzero(front_of(goals))
    acts = """
        const axes = () => [find("front", "x").value, find("front", "y").value];
        const found = { tools: find("front", "tools").hidden, at: axes() };
        choose("front", "y", "score_3"); choose("front", "x", "score_3"); found.swapped = axes();
        found.caption = said("front", "caption"); found.drawn = colours("front");
        press("front", "ArrowUp"); found.tip = tip("front");
        found.heads = [...document.querySelectorAll("#trials th")].map((one) => one.textContent);
        type("score_3 > 15"); found.count = said("trials", "count");
        return found;
    """
    found = open_page(replace(page, others=others, front=front), acts)
    assert (found["tools"], found["at"]) == (False, ["sharpe", "max_drawdown"])
    assert found["swapped"] == ["score_3", "sharpe"]
    assert "With more than two objectives" in found["caption"]
    assert found["drawn"] > 5
    assert f"root of trades{more[page.best]:.2f}" in found["tip"]
    assert "root of trades" in found["heads"]
    assert f"of {(more > 15).sum()} matching" in found["count"]


def test_a_figure_says_what_it_means(open_page: Callable[..., Any]) -> None:
    acts = """
        const card = document.getElementById("definition-shown");
        const look = () => [card.hidden, card.textContent];
        const found = [look()];
        const term = document.querySelector("#chosen [data-figure=calmar]");
        term.focus(); found.push(look(), term.getAttribute("aria-describedby"), term.tabIndex);
        dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" })); found.push(card.hidden);
        const heading = document.querySelector("#trials th [data-figure=max_drawdown]");
        const point = (at, kind) => at.dispatchEvent(new PointerEvent(kind, { bubbles: true }));
        point(heading, "pointerover"); found.push(look());
        point(heading, "pointerout"); found.push(card.hidden);
        point(document.querySelector("#trials th:first-child button"), "pointerover");
        return [...found, card.hidden];
    """
    first, calmar, described, stop, escaped, drawdown, left, number = open_page(made_page(), acts)
    assert first == [True, ""]
    assert calmar[0] is False
    assert calmar[1].startswith("Calmar ratioThe yearly return over the deepest drawdown.")
    assert f"Formula{DEFINITIONS['calmar'].formula}" in calmar[1]
    assert (described, stop) == ("definition-shown", 0)
    assert escaped is True
    assert drawdown[0] is False
    assert drawdown[1].endswith("In a filtermax_drawdown")
    assert (left, number) == (True, True)


def test_the_list_sorts_filters_and_is_saved(open_page: Callable[..., Any]) -> None:
    page = made_page()
    acts = """
        let saved;
        Blob = class { constructor(parts) { saved = parts.join(""); } };
        URL.createObjectURL = () => "about:blank";
        HTMLAnchorElement.prototype.click = () => {};
        const found = { first: column(1).slice(0, 5) };
        document.querySelector("#trials th:nth-child(7) button").click();
        found.drawdown = column(1).slice(0, 5);
        type("fast < 10, slow >= 90, trades > 100 and max_drawdown < 40%");
        found.count = said("trials", "count");
        find("trials", "csv").click(); found.csv = saved;
        type("fats < 10"); found.wrong = said("trials", "filter-said");
        type("fast"); found.none = said("trials", "filter-said");
        type("trades > 1e9"); found.nothing = said("trials", "count");
        return found;
    """
    found = open_page(page, acts)
    rows = page.rows
    assert found["first"] == [f"{n} ★" if n == page.best else str(n) for n in np.argsort(-page.scores)[:5]]
    assert [int(text.split()[0]) for text in found["drawdown"]] == np.argsort(rows["max_drawdown"])[
        :5
    ].tolist()
    fast, slow = np.array(page.axes["fast"]), np.array(page.axes["slow"])
    wanted = (fast < 10) & (slow >= 90) & (rows["trades"] > 100) & (rows["max_drawdown"] < 0.4)
    assert found["count"] == f"1–{min(25, wanted.sum())} of {wanted.sum()} matching, 500 in all"
    head, *lines = found["csv"].splitlines()
    assert head.startswith("number,fast,slow,sharpe,total_return")
    numbers = [int(line.split(",")[0]) for line in lines]
    assert sorted(numbers) == np.flatnonzero(wanted).tolist()
    place = head.split(",").index("equity_final")
    saved = [float(line.split(",")[place]) for line in lines]
    np.testing.assert_allclose(saved, rows["equity_final"][numbers], rtol=1e-6)
    assert found["wrong"].startswith("there is no column fats: there are number, fast, slow, sharpe")
    assert "no condition such as" in found["none"]
    assert found["nothing"] == "No trial matches."


def test_a_range_on_an_axis_keeps_the_trials_in_it(open_page: Callable[..., Any]) -> None:
    acts = """
        const canvas = find("parallel", "plot").querySelector("canvas");
        canvas.setPointerCapture = () => {};
        const point = (kind, x, y) => {
          const event = new PointerEvent(kind, { pointerId: 1 });
          Object.defineProperties(event, { offsetX: { value: x }, offsetY: { value: y } });
          canvas.dispatchEvent(event);
        };
        const left = 70;
        point("pointerdown", left, 50); point("pointermove", left, 180); point("pointerup", left, 180);
        const found = { count: said("trials", "count"), fast: column(2) };
        found.caption = said("parallel", "caption");
        point("pointerdown", left, 100); point("pointerup", left, 100);
        found.cleared = said("trials", "count");
        return found;
    """
    found = open_page(made_page(), acts)
    kept = int(re.search(r"of (\d+) matching, 500 in all", found["count"])[1])  # type: ignore[index]
    assert 100 < kept < 400
    assert f"{kept} of 500 go through every range" in found["caption"]
    assert min(map(int, found["fast"])) > 8
    assert found["cleared"] == "1–25 of 500 trials"


def test_the_map_takes_any_two_parameters(open_page: Callable[..., Any]) -> None:
    axes = grid(fast=range(5, 13), slow=range(30, 130, 20), mode=["fade", "follow"], strict=[False, True])
    page = made_page(axes)
    acts = """
        const found = { caption: said("map", "caption"), among: !find("map", "among-box").hidden };
        choose("map", "among", "slice");
        found.sliders = document.querySelectorAll("#map input[type=range]").length;
        choose("map", "among", "median"); choose("map", "x", "mode"); choose("map", "y", "strict");
        found.words = said("map", "caption"); press("map", "ArrowUp"); found.tip = tip("map");
        choose("map", "x", "strict"); found.swapped = [find("map", "x").value, find("map", "y").value];
        choose("map", "y", ""); found.curve = said("map", "caption");
        choose("map", "measure", "trades"); found.drawn = colours("map");
        return found;
    """
    found = open_page(page, acts)
    assert found["caption"].startswith(
        "A cell holds all trials with its fast and slow, whatever their mode, strict"
    )
    assert found["among"] is True
    assert found["sliders"] == 2
    assert "the median of their Sharpe ratio" in found["words"]
    assert page.best is not None
    mode, strict = page.axes["mode"][page.best], page.axes["strict"][page.best]
    same = [m == mode and s == strict for m, s in zip(axes["mode"], axes["strict"], strict=True)]
    median = float(np.median(page.rows["sharpe"][same].astype(np.float32)))
    assert f"Median Sharpe ratio: {median:.2f}".replace("-", "−") in found["tip"]
    assert found["swapped"] == ["strict", "mode"]
    assert "the line goes through the median of each strict" in found["curve"]
    assert found["drawn"] > 5


def test_the_map_of_a_large_sweep_has_every_cell(open_page: Callable[..., Any]) -> None:
    page = made_page(grid(a=range(120), b=range(90)), verdict=None)
    acts = """
        press("map", "ArrowUp"); press("map", "ArrowDown");
        for (let i = 0; i < 200; i++) press("map", "ArrowRight");
        const far = tip("map");
        choose("map", "x", "b"); choose("map", "measure", "trades");
        const bars = said("distribution", "caption");
        return { far, bars, x: find("map", "x").value, y: find("map", "y").value };
    """
    found = open_page(page, acts, kept=10_000)
    assert found["far"].startswith(("a119b", "Trial "))
    assert (found["x"], found["y"]) == ("b", "a")
    assert found["bars"].startswith("About 10,800 trials, counted by the 10,000 that are on this page.")


def test_theme_and_print(open_page: Callable[..., Any]) -> None:
    acts = """
        const root = document.documentElement;
        const look = () => [root.dataset.theme ?? "", document.querySelectorAll("#trials tbody tr").length];
        const found = [look()];
        document.getElementById("theme").click(); found.push(look());
        for (const event of ["beforeprint", "afterprint"]) {
          dispatchEvent(new Event(event));
          found.push(look());
        }
        return found;
    """
    assert open_page(made_page(), acts) == [["", 25], ["dark", 25], ["light", 200], ["dark", 25]]


RANDOM = np.random.default_rng(3)
POINTS = {"alpha": RANDOM.uniform(0, 1, 200).tolist(), "beta": np.exp(RANDOM.uniform(-5, 1, 200)).tolist()}
ODD: dict[str, tuple[dict[str, list[Any]], list[str]]] = {
    "ten thousand": (grid(a=range(100), b=range(10), c=range(10)), ALL),
    "one trial": (grid(fast=[3], slow=[9]), ["chosen", "trials"]),
    "one axis": (grid(period=range(2, 30)), ALL),
    "words": (grid(mode=["a", "b"], on=[True, False]), ALL),
    "points": (POINTS, ALL),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_sweeps_are_drawn_too(open_page: Callable[..., Any], name: str) -> None:
    axes, wanted = ODD[name]
    acts = "return { shown: shown(), drawn: shown().includes('map') ? colours('map') : 99 };"
    found = open_page(made_page(axes), acts)
    assert found["shown"] == wanted
    assert found["drawn"] > 3


def test_a_sweep_of_failures_says_why(open_page: Callable[..., Any]) -> None:
    axes = grid(fast=range(3), slow=range(4))
    rows = made_rows(axes)
    spoil(rows, slice(None), FAILED)
    page = made_page(axes, rows, reasons={4: "ZeroDivisionError: line 12"})
    acts = """
        document.querySelector("#trials tbody tr:nth-child(5)").click();
        const found = { shown: shown(), reason: said("chosen", "reason"), title: said("chosen", "title") };
        return { ...found, scale: said("map", "scale") };
    """
    assert open_page(page, acts) == {
        "shown": ["chosen", "map", "trials"],
        "reason": "ZeroDivisionError: line 12",
        "scale": "failed",
        "title": "Trial 4, failed",
    }


def test_no_trial_at_all_is_a_page_too(open_page: Callable[..., Any]) -> None:
    empty = made_rows(grid(a=[1]))[:0]
    page = made_page({"a": []}, empty, verdict=None, best=None, scores=np.empty(0), numbers=np.empty(0))
    assert open_page(page) == []
