"""Pages fit the screen, from that of a phone up: no text lies on another, and no row has a hole."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

import pytest

import eyas
from eyas.reports.comparison.page import render as render_comparison
from eyas.reports.difference.page import render as render_difference
from eyas.reports.page import render_page
from eyas.reports.sheet import page_of
from tests.browser import Browser
from tests.reports import small_runs

pytestmark = pytest.mark.browser

FOUND = """
    const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    const overlaps = [], holes = [];
    for (const picture of document.querySelectorAll(".picture svg.plot")) {
      const texts = [...picture.querySelectorAll("text")].filter((text) => text.getClientRects().length);
      const boxes = texts.map((text) => text.getBoundingClientRect());
      boxes.forEach((a, i) => boxes.slice(i + 1).forEach((b, j) => {
        const across = a.left < b.right - 1 && b.left < a.right - 1;
        const along = a.top < b.bottom - 2 && b.top < a.bottom - 2;
        if (across && along) overlaps.push(`${texts[i].textContent} on ${texts[i + 1 + j].textContent}`);
      }));
    }
    const sections = [...document.querySelectorAll(".sections > section")];
    for (const section of sections) {
      const { top, width } = section.getBoundingClientRect();
      const beside = sections.filter((other) => Math.abs(other.getBoundingClientRect().top - top) < 4);
      if (beside.length < 2 && width < 0.7 * section.parentElement.offsetWidth) holes.push(section.id);
    }
    return { wide, overlaps, holes };
"""


def long_names() -> dict[str, eyas.reports.Report]:
    """Return as many runs as can be compared, with names that are longer than a phone is wide."""
    runs = [small_runs.swing(), small_runs.one_trade(), small_runs.idle()]
    return {
        f"A name of a run that is longer than the screen, number {place}": runs[place % 3]
        for place in range(12)
    }


PAGES: dict[str, Callable[[], str]] = {
    "swing": lambda: render_page(page_of(small_runs.swing())),
    "portfolio": lambda: render_page(page_of(small_runs.portfolio())),
    "ruined": lambda: render_page(page_of(small_runs.ruined())),
    "constant": lambda: render_page(page_of(small_runs.constant())),
    "comparison": lambda: render_comparison(eyas.reports.comparison.Comparison(long_names())),
    "difference": lambda: render_difference(small_runs.swing().diff(small_runs.one_trade())),
}


@cache
def html_of(name: str) -> str:
    """Return a page that says of itself what does not fit."""
    # The page's own policy admits no script but its own: a test that adds one takes the policy off.
    html = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", PAGES[name]())
    report = f"document.documentElement.dataset.found = JSON.stringify((() => {{ {FOUND} }})());"
    return html.replace("</body>", f'<script type="module">{report}</script></body>')


@pytest.mark.parametrize("width", [375, 1440])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_its_screen(browser: Browser, tmp_path: Path, name: str, width: int) -> None:
    path = tmp_path / "page.html"
    path.write_text(html_of(name), encoding="utf-8")
    said = re.search(r'<html[^>]*\bdata-found="([^"]*)"', browser.dom(path, width))
    assert said
    found: dict[str, Any] = json.loads(unescape(said[1]))
    assert found == {"wide": 0, "overlaps": [], "holes": []}
