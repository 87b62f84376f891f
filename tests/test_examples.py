"""Every example runs, and prints what it says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
EXAMPLES = {
    "bracket_ladder.py": "Equity at the end between ",
    "cross.py": "",
    "demo.py": "The page of this run",
    "higher_timeframe.py": "WithTheHours on BTCUSDT 1m",
    "portfolio.py": "Momentum on AAPL, AIG, IBM",
    "presets.py": "lifecycle",
    "sweep.py": "The page of this sweep",
    "walk_forward.py": "Out of sample, stitched",
}


def test_every_example_is_run() -> None:
    assert {path.name for path in (ROOT / "examples").glob("*.py")} == set(EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_runs(name: str, tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, str(ROOT / "examples" / name)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert EXAMPLES[name] in run.stdout
