"""The runs of spec/golden/ are what the kernel does, and what a market written by somebody else does."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from eyas import presets
from tests.reference import tables
from tests.spec_tables import Scenario, read
from tools import golden

SCENARIOS = [
    scenario
    for page in golden.PAGES
    for scenario in read(page.name, (golden.GOLDEN / f"{page.name}.md").read_text(encoding="utf-8"))
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the pages that can be spoiled."""
    copy = tmp_path / "golden"
    shutil.copytree(golden.GOLDEN, copy)
    monkeypatch.setattr(golden, "GOLDEN", copy)
    return copy


def test_the_pages_are_as_recorded(capsys: pytest.CaptureFixture[str]) -> None:
    assert golden.main(["--check"]) == 0, capsys.readouterr().out
    assert capsys.readouterr().out == "7 pages are as recorded\n"


@pytest.mark.parametrize(
    ("page", "right", "wrong"),
    [
        ("hawk", "margin_call", "stop_loss"),
        ("kline", "open", "opened"),
        ("portfolio", "close: charged of", "close: charged 1 of"),
        ("default", "| end |", "| 120 |"),
        ("desk", "account=collateral", "account=margin"),
    ],
)
def test_a_planted_change_is_noticed(
    folder: Path, capsys: pytest.CaptureFixture[str], page: str, right: str, wrong: str
) -> None:
    path = folder / f"{page}.md"
    text = path.read_text(encoding="utf-8")
    assert right in text
    line = text[: text.index(right)].count("\n") + 1
    path.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    assert golden.main(["--check"]) == 1
    said = capsys.readouterr().out
    assert said.startswith(f"{page}.md:{line}: there is\n")
    assert said.count("but recorded is") == 1


def test_pages_that_are_missing_cut_off_or_of_nobody_are_noticed_and_mended(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "hawk.md").unlink()
    (folder / "vulture.md").write_text("nobody's", encoding="utf-8")
    text = (folder / "stream.md").read_text(encoding="utf-8")
    (folder / "stream.md").write_text(text[:-1], encoding="utf-8")
    assert golden.main(["--check"]) == 1
    said = [line for line in capsys.readouterr().out.splitlines() if ".md:" in line]
    last = text.count("\n") + 1
    assert said == [
        "vulture.md: nobody makes this page",
        "hawk.md: the page is missing",
        f"stream.md:{last}: there is",
    ]
    assert golden.main([]) == 0
    assert golden.main(["--check"]) == 0


def test_every_preset_has_a_page() -> None:
    assert {page.name for page in golden.PAGES} == presets.PRESETS.keys() | {"portfolio"}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.page)
def test_the_reference_writes_the_same_journal(scenario: Scenario) -> None:
    tables.run(scenario)


def test_the_reference_would_notice() -> None:
    text = (golden.GOLDEN / "hawk.md").read_text(encoding="utf-8")
    (scenario,) = read("hawk.md", text.replace("trailing_stop", "stop_loss", 1))
    with pytest.raises(AssertionError, match="journal differs"):
        tables.run(scenario)


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("hawk", "margin_call trailing_stop stop_loss take_profit expired margin_must_cover_order"),
        ("stream", "breakeven trailing_stop take_profit tickets_must_stay_within_limit"),
        ("lifecycle", "time_limit average amended take_profit add_must_improve_entry warned"),
        ("kline", "average price_must_be_inside_bar short_must_be_allowed cash_must_cover_order"),
        ("desk", "take_profit stop_loss close tickets_must_stay_within_limit cash_must_cover_order"),
        ("default", "stop_limit limit_if_touched market_if_touched trailing_stop other_filled reduce"),
        ("default", "parent_gone not_filled_at_once expired ticket_closed amended average breakeven"),
        ("portfolio", "funding borrow delisted triggered not_filled_at_once rank instrument"),
    ],
)
def test_the_pages_hold_what_suits_their_market(page: str, words: str) -> None:
    text = (golden.GOLDEN / f"{page}.md").read_text(encoding="utf-8")
    assert [word for word in words.split() if f" {word}" not in text] == []
