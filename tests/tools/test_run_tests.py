"""The closing line of `make test` counts what the tools said, and no failure gets lost on the way."""

from __future__ import annotations

import sys
from collections import Counter

import pytest

from tools import run_tests
from tools.run_tests import Check, close, count, run

CARGO = """
test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s
test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
"""


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (CARGO, {"passed": 15, "failed": 2, "skipped": 1}),
        ("# tests 9\n# pass 7\n# fail 2\n# skipped 0\n", {"passed": 7, "failed": 2}),
        ("ℹ tests 9\nℹ pass 9\nℹ fail 0\n", {"passed": 9}),
        ("===== 2 failed, 30 passed, 1 skipped, 1 xfailed, 3 warnings in 4.71s =====", "2 31 1"),
        ("1 passed, 1 error in 171.04s (0:02:51)", {"passed": 1, "failed": 1}),
        ("All checks passed!\n", {}),
    ],
)
def test_counts_are_read(output: str, expected: dict[str, int] | str) -> None:
    if isinstance(expected, str):
        expected = dict(zip(("failed", "passed", "skipped"), map(int, expected.split()), strict=True))
    assert count(output) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("print('fine')", {"passed": 1}),
        ("raise SystemExit(3)", {"failed": 1}),
        ("print('5 passed in 1.0s')", {"passed": 5}),
        ("print('5 passed in 1.0s'); raise SystemExit(1)", {"passed": 5, "failed": 1}),
        ("print('4 passed, 2 failed in 1.0s'); raise SystemExit(1)", {"passed": 4, "failed": 2}),
    ],
)
def test_a_check_fails_when_its_command_does(code: str, expected: dict[str, int]) -> None:
    assert run(Check("planted", (sys.executable, "-c", code))) == expected


def test_a_command_that_is_not_there_fails() -> None:
    assert run(Check("planted", ("no-such-command-here",))) == {"failed": 1}


@pytest.mark.parametrize(
    ("in_ci", "counts", "missing", "exit_code", "said"),
    [
        (False, {"passed": 3}, {}, 0, "3 passed, 0 failed"),
        (False, {"passed": 3, "skipped": 1}, {"node": "its tests"}, 0, "SKIPPED  its tests: node is missing"),
        (False, {"passed": 3, "failed": 1}, {}, 1, "3 passed, 1 failed"),
        (True, {"passed": 3, "skipped": 1}, {}, 1, "In CI nothing is skipped"),
        (True, {"passed": 3}, {"node": "its tests"}, 1, "In CI nothing is skipped"),
    ],
)
def test_the_end_says_what_was_left_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], in_ci: bool,
    counts: dict[str, int], missing: dict[str, str], exit_code: int, said: str,
) -> None:  # fmt: skip
    monkeypatch.setattr(run_tests, "IN_CI", in_ci)
    assert close(Counter(counts), [], missing) == exit_code
    assert said in capsys.readouterr().out
