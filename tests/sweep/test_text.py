"""A sweep as Markdown and JSON Lines, with the columns that a person chooses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eyas.errors import UsageError
from eyas.reports.text import Column
from eyas.sweep import sweep
from eyas.sweep.result import Sweep
from tests.sweep.strategies import BARS, Cross


@pytest.fixture(scope="module")
def found() -> Sweep:
    """Return a sweep of four trials."""
    return sweep(Cross, BARS, fast=[3, 5], slow=[20, 30], fee_rate=0.001)


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_markdown_has_trials_verdict_and_settings(found: Sweep, tmp_path: Path) -> None:
    text = found.markdown(tmp_path / "sweep.md", rows_max=2)
    assert (tmp_path / "sweep.md").read_text(encoding="utf-8") == text
    assert text.startswith("# Cross on AAPL 1d\n")
    assert "2 of 4 rows are shown." in text
    assert found.statistics.sentence in " ".join(text.split())
    assert "fee\\_rate" in text or "fee_rate" in text


def test_columns_are_chosen_ordered_named_and_written(found: Sweep) -> None:
    wanted = ["slow", Column("sharpe", title="Sharpe", format="{:.4f}"), "exposure"]
    table = [line for line in found.markdown(columns=wanted).splitlines() if line.startswith("|")]
    assert cells(table[0]) == ["slow", "Sharpe", "exposure"]
    best = found.best
    assert best is not None
    assert cells(table[2]) == [str(best["slow"]), f"{best['sharpe']:.4f}", f"{100 * best['exposure']:.2f} %"]
    with pytest.raises(UsageError, match="there is no column 'sharp': did you mean 'sharpe'"):
        found.markdown(columns=["sharp"])


def test_lines_hold_every_trial_best_first(found: Sweep, tmp_path: Path) -> None:
    path = found.json_lines(tmp_path / "trials.jsonl")
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [row["trial"] for row in rows] == found.numbers[found.ranked].tolist()
    for row in rows:
        trial = found.trial(row["trial"])
        assert (row["fast"], row["slow"]) == (trial["fast"], trial["slow"])
        assert row["sharpe"] == trial["sharpe"]
        assert row["digest"] == trial.digest
    few = found.json_lines(tmp_path / "few.jsonl", columns=[Column("sharpe", title="ratio"), "trial"])
    found.json_lines(few, columns=["trial"], append=True)
    lines = [json.loads(line) for line in few.read_text(encoding="utf-8").splitlines()]
    assert len(lines) == 8
    assert list(lines[0]) == ["ratio", "trial"]
    assert list(lines[4]) == ["trial"]


def test_numbers_of_parameters_are_written_short() -> None:
    class Sized(Cross):
        share: float = 0.5

    text = sweep(Sized, BARS, share=[0.1 + 0.2, 0.25], engine="python", workers=1).markdown()
    row = next(line for line in text.splitlines() if cells(line)[0] in ("0", "1"))
    assert cells(row)[1] in ("0.3", "0.25")
    assert "0.30000000000000004" not in text.partition("## Settings")[0]
