"""The page in a real browser: its scripts run, draw, sort, filter and jump."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from eyas.reports.page import Page, render_page
from tests.browser import Browser
from tests.reports.pages import made_bars, made_page, made_trades

pytestmark = pytest.mark.browser


@dataclass(frozen=True)
class Opened:
    """Hold a page after its scripts ran."""

    html: str

    def state(self, name: str) -> str | None:
        """Return what the page says of itself in an attribute of its root."""
        found = re.search(rf'<html[^>]*\bdata-{name}="([^"]*)"', self.html)
        return unescape(found[1]) if found else None

    def rows(self) -> list[list[str]]:
        """Return the texts of the trade list's cells."""
        body = re.search(r'<tbody data-part="body">(.*?)</tbody>', self.html, re.DOTALL)
        rows = re.findall(r"<tr.*?</tr>", body[1], re.DOTALL) if body else []
        return [[text_of(cell) for cell in re.findall(r"<td.*?</td>", row, re.DOTALL)] for row in rows]

    def legends(self) -> list[str]:
        """Return the words in the corner of each pane."""
        return [
            text_of(found) for found in re.findall(r'<div class="legend">.*?</div>', self.html, re.DOTALL)
        ]


def text_of(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", html))


@pytest.fixture
def open_page(browser: Browser, tmp_path: Path) -> Callable[..., Opened]:
    def open_page(page: Page, acts: str = "") -> Opened:
        html = render_page(page)
        if acts:
            # The page's own policy admits no script but its own: a test that adds one takes the policy off.
            html = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", html)
            report = f"document.documentElement.dataset.found = JSON.stringify((() => {{ {acts} }})());"
            html = html.replace("</body>", f'<script type="module">{report}</script></body>')
        path = tmp_path / "report.html"
        path.write_text(html, encoding="utf-8")
        opened = Opened(browser.dom(path))
        assert opened.state("error") is None
        return opened

    return open_page


def test_the_scripts_run_under_the_pages_own_policy(open_page: Callable[..., Opened]) -> None:
    page = made_page(indicators={"sma(9)": made_bars(600).close})
    opened = open_page(page)
    assert opened.state("ready") == "trades:30 candles:600"
    assert len(opened.rows()) == 25
    ticket, side, profit, rate, reason, entered, *_ = opened.rows()[1]
    assert (ticket, side, reason, entered) == ("2", "short", "take profit", "2026-05-28 20:47")
    assert (profit, rate) == ("+29.83", "+2.98\u00a0%")
    price, equity, drawdown = opened.legends()
    close = f"{page.bars.close[-1]:,.2f}"
    assert price.startswith("2026-05-29 06:26")
    assert f"C{close}" in price
    assert f"sma(9){close}" in price
    assert equity == f"Equity{page.equity[-1]:,.2f}"
    assert re.fullmatch(r"Drawdown−\d\.\d\d\u00a0%", drawdown)
    assert (
        "tradingview.com/?utm_medium=lwc-link" in opened.html
    )  # the logo that the licence's notice asks for


def test_a_portfolio_has_a_chart_of_the_price_and_one_of_the_run(open_page: Callable[..., Opened]) -> None:
    bars, whole = made_bars(100), made_bars(300)
    trades = made_trades(whole, 30).with_columns(
        symbol=pl.Series(["A", "B", "B"] * 10),
        entry_row=pl.Series([3, -1, -1] * 10),
        exit_row=pl.Series([5, -1, -1] * 10),
    )
    equity = 10_000 - np.arange(300.0)
    page = made_page(bars, trades=trades, equity=equity, curve_time=whole.time, symbol_count=2)
    acts = """
        const list = document.getElementById("trades");
        const select = list.querySelector("[data-part=symbol]");
        select.value = "B";
        select.dispatchEvent(new Event("change"));
        document.getElementById("trade-after").click();
        return {
          symbols: [...list.querySelectorAll("tbody td:nth-child(2)")].map((cell) => cell.textContent),
          charts: ["#chart", "#curve"].map((id) => document.querySelectorAll(`${id} .legend`).length),
          head: list.querySelector("thead").textContent,
          count: list.querySelector("[data-part=count]").textContent,
        };
    """
    opened = open_page(page, acts)
    found: dict[str, Any] = json.loads(opened.state("found") or "{}")
    assert found["symbols"] == ["B"] * 20
    assert found["charts"] == [1, 2]
    assert found["count"] == "1–20 of 20 matching, 30 in all"
    assert "Symbol" in found["head"]
    _, equity_legend, drawdown = open_page(page).legends()
    assert equity_legend.endswith("Equity9,701.00")
    assert drawdown == "Drawdown−2.99\u00a0%"


def test_the_list_sorts_filters_and_turns(open_page: Callable[..., Opened]) -> None:
    page = made_page(trade_count=60)
    acts = """
        const list = document.getElementById("trades");
        const texts = (found) => [...found].map((cell) => cell.textContent);
        const cells = (column) => texts(list.querySelectorAll(`tbody td:nth-child(${column})`));
        const heading = (column) => list.querySelector(`th:nth-child(${column}) button`);
        const choose = (name, value) => {
          const select = list.querySelector(`[data-part=${name}]`);
          select.value = value;
          select.dispatchEvent(new Event("change"));
        };
        const found = {};
        list.querySelector("[data-part=later]").click();
        found.secondPage = cells(1);
        heading(3).click();
        found.rising = cells(1);
        heading(3).click();
        found.falling = cells(1);
        found.sorted = list.querySelector("th:nth-child(3)").getAttribute("aria-sort");
        choose("direction", "short");
        choose("exit_reason", "margin_call");
        found.chosen = cells(1);
        choose("result", "gain");
        found.gains = cells(1);
        found.count = list.querySelector("[data-part=count]").textContent;
        choose("direction", "long");
        choose("exit_reason", "nothing of the kind");
        found.nothing = list.querySelector("[data-part=count]").textContent;
        return found;
    """
    opened = open_page(page, acts)
    found: dict[str, Any] = json.loads(opened.state("found") or "{}")
    profit = page.trades["profit"].to_numpy()
    by_profit = np.argsort(profit, kind="stable")
    tickets = page.trades["ticket"].cast(str).to_numpy()
    assert found["secondPage"] == [str(ticket) for ticket in range(26, 51)]
    assert found["rising"] == tickets[by_profit][:25].tolist()
    assert found["falling"] == tickets[by_profit[::-1]][:25].tolist()
    assert found["sorted"] == "descending"
    assert set(found["chosen"]) == {str(n + 1) for n in range(60) if n % 2 == 1 and n % 5 == 4}
    assert set(found["gains"]) == {ticket for ticket in found["chosen"] if profit[int(ticket) - 1] > 0}
    assert found["count"] == f"1–{len(found['gains'])} of {len(found['gains'])} matching, 60 in all"


def test_a_click_on_a_trade_shows_it(open_page: Callable[..., Opened]) -> None:
    page = made_page(made_bars(5_000))
    acts = """
        document.querySelector("tbody tr:nth-child(9)").click();
        const selected = document.querySelectorAll("tr.selected td:first-child");
        return { selected: [...selected].map((cell) => cell.textContent) };
    """
    opened = open_page(page, acts)
    assert json.loads(opened.state("found") or "{}") == {"selected": ["9"]}
    view = re.search(
        r'aria-label="Price, equity and drawdown from ([\d :-]+) to ([\d :-]+) UTC"', opened.html
    )
    assert view
    entered = page.trades["entry_time"][8].strftime("%Y-%m-%d %H:%M")
    left = page.trades["exit_time"][8].strftime("%Y-%m-%d %H:%M")
    assert view[1] < entered < left < view[2]
    shown = np.datetime64(view[2].replace(" ", "T")) - np.datetime64(view[1].replace(" ", "T"))
    assert shown == np.timedelta64(81, "m")
    # Without a pointer over it the chart describes the candle at its right edge.
    assert opened.legends()[0].startswith(view[2])


def test_theme_and_print(open_page: Callable[..., Opened]) -> None:
    acts = """
        const root = document.documentElement;
        const rows = () => document.querySelectorAll("tbody tr").length;
        const printed = () => document.querySelectorAll("#chart-printed canvas").length;
        const found = { names: [], themes: [], rows: [rows()], printed: [printed()] };
        const look = () => {
          found.names.push(document.getElementById("theme").textContent);
          found.themes.push(root.dataset.theme ?? "");
        };
        look();
        document.getElementById("theme").click();
        look();
        for (const event of ["beforeprint", "afterprint"]) {
          dispatchEvent(new Event(event));
          look();
          found.rows.push(rows());
          found.printed.push(printed());
        }
        return found;
    """
    found = json.loads(open_page(made_page(trade_count=60), acts).state("found") or "{}")
    assert found["names"] == ["Dark", "Light", "Light", "Light"]
    assert found["themes"] == ["", "dark", "light", "dark"]
    assert found["rows"] == [25, 60, 25]
    assert found["printed"] == [0, 1, 0]


@pytest.mark.parametrize(
    ("changes", "ready", "legend"),
    [
        ({"trade_count": 0}, "trades:0 candles:600", "2026-05-29 06:26"),
        ({"bars": made_bars(1), "trade_count": 0}, "trades:0 candles:1", "2026-05-28 20:27"),
        ({"bars": made_bars(1)[:0], "trade_count": 0}, "trades:0 candles:0", None),
        ({"bars": made_bars(50, step_ns=1)}, "trades:30 candles:50", "2026-05-28 20:27:00.000000049"),
        ({"bars": made_bars(50, step_ns=0)}, "trades:30 candles:50", "2026-05-28 20:27"),
        ({"equity": -np.arange(600.0)}, "trades:30 candles:600", "2026-05-29 06:26"),
        ({"equity": np.full(600, np.nan)}, "trades:30 candles:600", "2026-05-29 06:26"),
        ({"bars": made_bars(45_000)}, "trades:30 candles:15000", "2026-06-29 02:24"),
    ],
    ids=["no trades", "one bar", "no bars", "nanoseconds", "one time", "negative", "no equity", "merged"],
)
def test_odd_runs_are_drawn_too(
    open_page: Callable[..., Opened], changes: dict[str, Any], ready: str, legend: str | None
) -> None:
    opened = open_page(made_page(**changes))
    assert opened.state("ready") == ready
    if legend is None:
        assert opened.legends() == []
    else:
        assert opened.legends()[0].startswith(legend)


def test_a_failing_script_says_so(browser: Browser, tmp_path: Path) -> None:
    html = render_page(replace(made_page(), title="broken")).replace('id="run">{', 'id="run">[')
    path = tmp_path / "broken.html"
    path.write_text(html, encoding="utf-8")
    opened = Opened(browser.dom(path))
    assert opened.state("ready") is None
    assert "JSON" in (opened.state("error") or "")
    assert "The figures and settings here are complete." in opened.html
