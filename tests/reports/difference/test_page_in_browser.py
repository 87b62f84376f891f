"""The page of a difference in a real browser: its script runs under its own policy and filters the list."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from eyas.reports.difference import difference
from eyas.reports.difference.page import render
from tests.browser import Browser
from tests.reports.difference.runs import wild_run

pytestmark = pytest.mark.browser


def opened(browser: Browser, tmp_path: Path, html: str) -> str:
    path = tmp_path / "difference.html"
    path.write_text(html, encoding="utf-8")
    return browser.dom(path)


def test_the_script_runs_under_the_pages_own_policy(browser: Browser, tmp_path: Path) -> None:
    found = difference(wild_run(4, {}, 10_000), wild_run(4, {"fee_rate": 0.001}, 10_000, 1))
    dom = opened(browser, tmp_path, render(found))
    assert "data-error" not in dom
    # What the script writes on the button.
    assert re.search(r'<button[^>]*id="theme"[^>]*>(Light|Dark)</button>', dom)


def test_the_list_shows_one_cause(browser: Browser, tmp_path: Path) -> None:
    found = difference(wild_run(4, {}, 10_000), wild_run(4, {"fee_rate": 0.001}, 10_000, 1))
    names = {pair.name for pair in found.differing}
    assert len(names) > 1
    wanted = found.differing[0].name
    # The page's own policy admits no script but its own: a test that adds one takes the policy off.
    html = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", render(found))
    act = f"chosen.value = '{wanted}'; chosen.dispatchEvent(new Event('change'));"
    dom = opened(browser, tmp_path, html.replace("</body>", f"<script>{act}</script></body>"))
    hidden = re.findall(r'<tbody data-cause="(\w+)" hidden', dom)
    assert set(hidden) == names - {wanted}
    assert f"{found.counts[wanted]} shown." in dom
