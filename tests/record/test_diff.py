"""`eyas.record.diff`: the difference of reports and of records on disk."""

from __future__ import annotations

from pathlib import Path

import pytest

import eyas
from eyas.errors import DataError, UsageError
from eyas.record.diff import diff
from tests.reports.difference.runs import wild_run


def test_records_differ_as_their_reports_do(tmp_path: Path) -> None:
    a, b = wild_run(1, {}, 10_000), wild_run(1, {"fee_rate": 0.001}, 10_000, 1)
    paths = [report.save(tmp_path / f"{name}.eyas") for name, report in (("a", a), ("b", b))]
    whole = diff(a, b)
    for one, other in ((a, paths[1]), (paths[0], b), (paths[0], str(paths[1]))):
        found = diff(one, other)
        assert found.as_json()["pairs"] == whole.as_json()["pairs"]
        assert found.cause_units == whole.cause_units
        assert found.revisions == whole.revisions
        assert [change.kind for change in found.changes] == [change.kind for change in whole.changes]
    assert diff(a, paths[1]).b.source == str(paths[1])
    assert diff(a, paths[0]).is_identical


def test_a_record_without_its_bars_is_given_them(tmp_path: Path) -> None:
    a, b = wild_run(1, {}, 10_000), wild_run(1, {}, 10_000, 1)
    path = b.save(tmp_path / "b.eyas", data=False)
    with pytest.raises(DataError, match="keeps no bars"):
        diff(a, path)
    found = diff(a, eyas.open(path, bars=b.bars))
    assert found.as_json()["causes"] == diff(a, b).as_json()["causes"]
    assert found.revisions == diff(a, b).revisions


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    a = wild_run(1, {}, 10_000)
    with pytest.raises(UsageError, match="the second is int"):
        diff(a, 3)  # type: ignore[arg-type]  # that it is refused is the point
    with pytest.raises(UsageError, match=r"nope\.eyas"):
        diff(a, tmp_path / "nope.eyas")
    (tmp_path / "text.eyas").write_text("not a record")
    with pytest.raises(DataError, match=r"text\.eyas"):
        diff(a, tmp_path / "text.eyas")
