"""The tear sheet in a real browser: its search, columns, keys, definitions, benchmark and exit levels."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from eyas.reports.page import Page
from tests.reports.full_pages import full_page, made_levels, with_extras
from tests.reports.pages import made_bars, made_trades
from tests.reports.test_page_in_browser import Opened, open_page

pytestmark = pytest.mark.browser
__all__ = ["open_page"]

READ = """
    const list = document.getElementById("trades");
    const texts = (found) => [...found].map((cell) => cell.textContent);
    const head = () => texts(list.querySelectorAll("th"));
    const tickets = () => texts(list.querySelectorAll("tbody td:first-child"));
    const count = () => list.querySelector("[data-part=count]").textContent;
    const search = (words) => {
      const field = list.querySelector("[data-part=search]");
      field.value = words;
      field.dispatchEvent(new Event("input"));
    };
    const tick = (name) => list.querySelector(`[data-part=columns] [value=${name}]`).click();
    const press = (key) =>
      document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
    const focused = () => document.activeElement.textContent;
    const found = {};
"""


def found_on(open_page: Callable[..., Opened], page: Page, acts: str) -> dict[str, Any]:
    """Return what the acts of a visitor find on a page."""
    found: dict[str, Any] = json.loads(open_page(page, f"{READ}{acts} return found;").state("found") or "{}")
    return found


def test_everything_on_it_runs_under_its_own_policy(open_page: Callable[..., Opened]) -> None:
    opened = open_page(full_page())
    assert opened.state("ready") == "trades:30 candles:600"
    ticket, side, profit, rate, best, worst, reason, note, *_ = opened.rows()[1]
    assert (ticket, side, profit, rate) == ("2", "short", "+29.83", "+2.98\u00a0%")
    assert (best, worst, reason) == ("+1.98\u00a0%", "−0.99\u00a0%", "take profit")
    assert note == "rsi 21.37 · fast 60000.25 · why dip"
    benchmark = full_page().benchmark
    assert benchmark
    assert opened.legends()[1].endswith(f"Buy and hold BTCUSDT{benchmark.values[-1]:,.2f}")


def test_the_search_looks_through_notes_and_reasons(open_page: Callable[..., Opened]) -> None:
    acts = """
        search("BREAKOUT");
        found.breakouts = tickets();
        search("breakout  stop loss");
        found.both = tickets();
        search("crossed back");
        found.exits = tickets();
        search("rsi 21.37");
        found.number = tickets();
        search("nothing of the kind");
        found.nothing = count();
        search("");
        found.all = count();
    """
    found = found_on(open_page, full_page(), acts)
    assert found["breakouts"] == [str(n + 1) for n in range(30) if n % 3 == 0]
    assert found["both"] == [str(n + 1) for n in range(30) if n % 3 == 0 and n % 5 == 0]
    assert found["exits"] == [str(n + 1) for n in range(30) if n % 4 == 0]
    assert found["number"] == ["2"]
    assert found["nothing"] == "No trade matches."
    assert found["all"] == "1–25 of 30 trades"


def test_columns_are_chosen_and_one_always_stays(open_page: Callable[..., Opened]) -> None:
    acts = """
        found.first = head();
        tick("exit_note");
        tick("ticket");
        found.then = head();
        found.rows = texts(list.querySelectorAll("tbody tr:first-child td"));
        found.buttons = list.querySelectorAll("tbody tr:first-child td:first-child button").length;
        for (const box of list.querySelectorAll("[data-part=columns] input:checked")) box.click();
        found.last = head();
        const left = [...list.querySelectorAll("[data-part=columns] input:checked")];
        found.left = left.map((box) => box.value);
    """
    found = found_on(open_page, full_page(), acts)
    assert found["first"] == [
        *("Trade", "Side", "Profit", "Return", "Best", "Worst", "Reason", "Entry note", "Entry"),
        *("Entry price", "Exit", "Exit price", "Bars", "Fees"),
    ]
    assert found["then"] == [*found["first"][1:8], "Exit note", *found["first"][8:]]
    assert len(found["rows"]) == len(found["then"])
    assert found["rows"][7] == "crossed back"
    assert found["buttons"] == 1
    assert found["last"] == ["Fees"]
    assert found["left"] == ["fee"]


def test_the_list_sorts_by_what_has_no_number_last(open_page: Callable[..., Opened]) -> None:
    bars = made_bars(600)
    trades = with_extras(made_trades(bars, 6))
    ran = np.array([0.01, np.nan, 0.03, 0.02, np.nan, 0.005])
    page = full_page(bars, 6, trades=trades.with_columns(mfe_rate=ran), levels=None)
    acts = """
        const heading = () => list.querySelector("th:nth-child(5) button");
        heading().click();
        found.rising = tickets();
        found.focused = focused();
        heading().click();
        found.falling = tickets();
        found.sorted = heading().closest("th").getAttribute("aria-sort");
        found.cell = list.querySelector("tbody tr:last-child td:nth-child(5)").textContent;
    """
    found = found_on(open_page, page, acts)
    assert found["rising"] == ["6", "1", "4", "3", "2", "5"]
    assert found["falling"] == ["3", "4", "1", "6", "2", "5"]
    assert found["sorted"] == "descending"
    assert found["focused"] == "Best"
    assert found["cell"] == "–"


def test_the_keys_go_from_row_to_row_and_over_pages(open_page: Callable[..., Opened]) -> None:
    acts = """
        list.querySelector("tbody button").focus();
        press("ArrowUp");
        found.top = focused();
        press("ArrowDown");
        found.second = focused();
        press("PageDown");
        found.paged = [focused(), tickets().length];
        press("End");
        found.last = focused();
        document.activeElement.click();
        found.chosen = [focused(), texts(list.querySelectorAll("tr.selected td:first-child"))];
        found.current = list.querySelectorAll("tr[aria-current]").length;
        press("Home");
        found.home = focused();
    """
    found = found_on(open_page, full_page(), acts)
    assert (found["top"], found["second"], found["last"], found["home"]) == ("1", "2", "30", "1")
    assert found["paged"] == ["27", 5]
    assert found["chosen"] == ["30", ["30"]]
    assert found["current"] == 1


def test_a_chosen_trade_is_told_in_words(open_page: Callable[..., Opened]) -> None:
    page = full_page()
    acts = """
        found.before = document.getElementById("trade-shown").hidden;
        list.querySelector("tbody tr:nth-child(5)").click();
        found.words = document.getElementById("trade-shown").textContent;
    """
    found = found_on(open_page, page, acts)
    stop, target = made_levels(page.trades)["price"].to_list()[13:15]
    assert found["before"] is True
    assert found["words"].startswith("Trade 5 · long · margin call · ")
    assert f" · stop {stop:,.2f} · target {target:,.2f} · " in found["words"]
    assert found["words"].endswith("entered on rsi 25.48 · fast 60001.00 · why dip · left on crossed back")


def test_the_scale_makes_room_for_the_levels_of_the_chosen_trade(open_page: Callable[..., Opened]) -> None:
    page = full_page()
    low, high = float(page.bars.low.min()), float(page.bars.high.max())
    levels = made_levels(page.trades)
    wide = levels.with_columns(price=np.where(levels["level"] == "stop_loss", low / 2, high * 2))
    # The price scale's labels are pixels; what is written beside a level is where it was asked to stand.
    acts = """
        const written = [];
        const write = CanvasRenderingContext2D.prototype.fillText;
        CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
          if (text === "stop" || text === "target") written.push([text, y]);
          write.call(this, text, x, y);
        };
        list.querySelector("tbody tr:nth-child(5)").click();
        document.getElementById("theme").click();
        dispatchEvent(new Event("beforeprint"));
        dispatchEvent(new Event("afterprint"));
        found.written = written;
    """
    found = found_on(open_page, full_page(levels=wide), acts)
    last = dict(found["written"])
    assert set(last) == {"stop", "target"}
    assert 0 < last["target"] < last["stop"] < 640 * 0.62


def test_a_trade_under_the_pointer_says_why_it_was_made(open_page: Callable[..., Opened]) -> None:
    acts = """
        // A picture for print draws the chart at once, where it would else wait for the next frame.
        for (const event of ["beforeprint", "afterprint"]) dispatchEvent(new Event(event));
        const canvas = document.querySelectorAll("#chart canvas")[1];
        const box = canvas.getBoundingClientRect();
        const send = (name, x, y) => {
          const where = { bubbles: true, clientX: box.left + x, clientY: box.top + y, view: window };
          const event = new MouseEvent(name, where);
          // The library takes what comes in the first half second for the echo of a touch.
          Object.defineProperty(event, "timeStamp", { value: 1e6 });
          canvas.dispatchEvent(event);
        };
        const tip = document.querySelector("#chart .tip");
        send("mouseenter", 1, 1);
        for (let x = 1; x < box.width && !found.tip; x += 6) {
          for (let y = 1; y < box.height && !found.tip; y += 6) {
            send("mousemove", x, y);
            if (!tip.hidden && tip.textContent.startsWith("5 ")) found.tip = texts(tip.firstChild.children);
          }
        }
    """
    title, entry, why, leaving, why_left, profit, ran = found_on(open_page, full_page(), acts)["tip"]
    assert title == "5 · long · margin call"
    assert (entry[:2], leaving[:3], profit) == ("in", "out", "profit+8.92 (+0.89\u00a0%)")
    assert why == "whyrsi 25.48 · fast 60001.00 · why dip"
    assert why_left == "whycrossed back"
    assert ran.startswith("best, worst+0.99")


def test_the_benchmark_can_be_hidden(open_page: Callable[..., Opened]) -> None:
    acts = """
        const legend = () => document.querySelectorAll(".legend")[1].textContent;
        const button = document.getElementById("benchmark");
        found.legends = [legend()];
        found.pressed = [button.ariaPressed];
        for (const _ of [0, 1]) {
          button.click();
          found.legends.push(legend());
          found.pressed.push(button.ariaPressed);
        }
    """
    found = found_on(open_page, full_page(), acts)
    shown, hidden, again = found["legends"]
    assert found["pressed"] == ["true", "false", "true"]
    assert "Buy and hold" in shown
    assert "Buy and hold" not in hidden
    assert again == shown


def test_a_figure_says_what_it_means(open_page: Callable[..., Opened]) -> None:
    acts = """
        const card = document.getElementById("definition-shown");
        const term = document.querySelector(".term");
        const beside = () => getComputedStyle(document.querySelector("#all-figures .defined")).display;
        found.hidden = [card.hidden];
        term.focus();
        found.hidden.push(card.hidden);
        found.card = card.textContent.replace(/\\s+/g, " ");
        found.described = term.getAttribute("aria-describedby");
        const box = card.getBoundingClientRect();
        found.inside = box.left >= 0 && box.right <= innerWidth && box.width > 50;
        press("Escape");
        found.hidden.push(card.hidden);
        found.beside = [beside()];
        document.getElementById("definitions").click();
        found.beside.push(beside());
        found.pressed = document.getElementById("definitions").ariaPressed;
    """
    found = found_on(open_page, full_page(), acts)
    assert found["hidden"] == [True, False, True]
    assert found["card"].startswith("Sharpe ratio")
    assert "Formula mean(r) / std(r) × √n" in found["card"]
    assert found["described"] == "definition-shown"
    assert found["inside"] is True
    assert found["beside"] == ["none", "block"]
    assert found["pressed"] == "true"


def test_the_contents_say_where_one_is(open_page: Callable[..., Opened]) -> None:
    opened = open_page(full_page(), 'document.getElementById("trades").scrollIntoView();')
    assert re.findall(r'<a href="#([\w-]+)"[^>]*aria-current="true"', opened.html) == ["trades"]


def test_on_paper_a_note_stands_below_its_trade(open_page: Callable[..., Opened]) -> None:
    acts = """
        dispatchEvent(new Event("beforeprint"));
        found.head = head();
        found.rows = list.querySelectorAll("tbody tr:not(.note-printed)").length;
        const notes = list.querySelectorAll("tbody tr:nth-child(2).note-printed");
        found.notes = texts(notes);
        dispatchEvent(new Event("afterprint"));
        found.after = head();
        found.left = list.querySelectorAll(".note-printed").length;
    """
    found = found_on(open_page, full_page(), acts)
    assert "Entry note" not in found["head"]
    assert found["rows"] == 30
    assert found["notes"] == ["Entry note: rsi 20.00 · fast 60000.00 · why breakout"]
    assert found["after"][7] == "Entry note"
    assert found["left"] == 0


@pytest.mark.parametrize(
    ("bar_count", "trade_count", "ready"),
    [(600, 0, "trades:0 candles:600"), (2, 1, "trades:1 candles:2")],
)
def test_short_runs_have_a_whole_page_too(
    open_page: Callable[..., Opened], bar_count: int, trade_count: int, ready: str
) -> None:
    assert open_page(full_page(made_bars(bar_count), trade_count)).state("ready") == ready
