"""The page of a sweep shows how its best trial went, by running it once more."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

import eyas
from eyas.reports.benchmark import benchmark_of
from eyas.sweep import sweep
from eyas.sweep.page import page_of, render_page
from eyas.sweep.page_equity import best_equity
from tests.sweep.strategies import BARS, Arrays, Cross

GRID: dict[str, Any] = {"fast": [3, 5], "slow": [20, 30], "fee_rate": 0.001}


class Moody(Cross):
    """Trades in the sweep alone: what it does depends on how often it has run."""

    runs: ClassVar[int] = 0

    def on_bar(self, bar: eyas.Bar) -> None:
        if bar.index == 0:
            type(self).runs += 1
        if type(self).runs <= 4:
            super().on_bar(bar)


class Refusing(Cross):
    def on_start(self) -> None:
        raise ValueError("not today")


def labels_of(html: str) -> list[str]:
    """Return what the pictures say to those who cannot see them."""
    return re.findall(r'aria-label="([^"]*)"', html)


def test_it_is_the_equity_of_the_best_beside_what_was_held() -> None:
    found = sweep(Cross, BARS, **GRID)
    assert found.best is not None
    shown = best_equity(found)
    assert shown is not None
    assert shown.title == f"Equity of the best trial ({found.best.number})"
    report = found.rerun(found.best.number)
    equity, fall = labels_of(shown.html)
    low, high, last = (f"{one:,.2f}" for one in (report.curve.min(), report.curve.max(), report.curve[-1]))
    assert f"Best trial: lowest {low}, highest {high}, last {last}." in equity
    held = benchmark_of(None, report)
    assert f"{held.name}: lowest {held.values.min():,.2f}" in equity
    deepest = 100 * found.best["max_drawdown"]
    assert f"lowest −{deepest:.2f} %" in fall
    assert "usually worse" in shown.note


def test_it_stands_in_the_page_and_needs_no_script(tmp_path: Path) -> None:
    found = sweep(Cross, BARS, **GRID)
    html = found.html(tmp_path / "sweep.html").read_text(encoding="utf-8")
    assert '<section id="equity"' in html
    shown = best_equity(found)
    assert shown is not None
    assert shown.html in html


def test_a_trial_that_goes_another_way_has_the_reason_in_its_place() -> None:
    Moody.runs = 0
    found = sweep(Moody, BARS, **GRID, engine="python", workers=1)
    assert found.best is not None
    Moody.runs = 99
    shown = best_equity(found)
    assert shown is not None
    assert "It could not be run again" in shown.html
    assert "went another way than in the sweep" in shown.html
    assert "<svg" not in shown.html
    assert "went another way" in render_page(page_of(found))


def test_symbols_in_turn_have_no_one_line() -> None:
    bars = {"AAPL": BARS, "IBM": eyas.sample("IBM", "1d")}
    shown = best_equity(sweep(Arrays, bars, fast=[3, 5], slow=20, clock="sequential"))
    assert shown is not None
    assert "one after the other" in shown.html
    assert "<svg" not in shown.html
    beside = best_equity(sweep(Arrays, bars, fast=[3, 5], slow=20))
    assert beside is not None
    assert "Buy and hold, equal money in each" in beside.html


def test_without_a_best_trial_there_is_none() -> None:
    found = sweep(Refusing, BARS, fast=[3, 5], slow=20, engine="python")
    assert best_equity(found) is None
    assert 'id="equity"' not in render_page(page_of(found))


def test_a_best_that_never_falls_says_so() -> None:
    time = np.arange(60) * 86_400_000_000_000 + 1_600_000_000_000_000_000
    close = np.linspace(100, 160, 60)
    bars = eyas.bars({"time": time, "open": close, "high": close, "low": close, "close": close})
    shown = best_equity(sweep(Cross, bars, fast=[2, 3], slow=4, quality="off"))
    assert shown is not None
    assert "Equity never fell below its highest." in shown.html
    assert len(labels_of(shown.html)) == 1
