"""What was saved opens as the same report, whatever the run was; saving is whole or not at all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import eyas
from eyas.data.quality import Verdict, check
from eyas.reports.saving import parts
from eyas.reports.saving.values import from_json, to_json
from tests.record.runs import RUNS, Noting, assert_same, portfolio, saved
from tests.test_session import coarse_bars

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", RUNS)
def test_a_saved_run_opens_as_the_same_report(name: str, tmp_path: Path) -> None:
    report = RUNS[name]()
    assert_same(eyas.open(saved(report, tmp_path)), report)


@pytest.mark.parametrize("name", ["one instrument", "merged portfolio", "failed"])
def test_its_page_is_the_same_to_the_letter(name: str, tmp_path: Path) -> None:
    report = RUNS[name]()
    again = eyas.open(saved(report, tmp_path))
    pages = [one.plot(tmp_path / f"{place}.html").read_text() for place, one in enumerate((report, again))]
    assert pages[0] == pages[1]


@pytest.mark.parametrize("name", ["one instrument", "beside", "currencies", "signals by symbol"])
def test_the_same_run_gives_the_same_bytes(name: str, tmp_path: Path) -> None:
    first = saved(RUNS[name](), tmp_path).read_bytes()
    assert saved(RUNS[name](), tmp_path, "again.eyas").read_bytes() == first
    assert saved(eyas.open(tmp_path / "run.eyas"), tmp_path, "opened.eyas").read_bytes() == first


def test_other_tools_can_read_a_record(tmp_path: Path) -> None:
    report = RUNS["one instrument"]()
    saved(report, tmp_path)
    with zipfile.ZipFile(tmp_path / "run.eyas") as whole:
        frame = pl.read_parquet(whole.read("bars_0.parquet"))
        code = whole.read("code_0.py").decode()
    assert frame["close"].to_list() == report.bars.close.tolist()
    assert code == Path(__file__).with_name("runs.py").read_text()


# --- without the data ---


def prices(folder: Path, count: int = 60) -> Path:
    bars = coarse_bars(4, 90)[:count]
    path = folder / "prices.csv"
    columns = {name: getattr(bars, name) for name in ("time", "open", "high", "low", "close", "volume")}
    pl.DataFrame(columns).write_csv(path)
    return path


def test_without_its_data_a_record_finds_the_same_at_its_source(tmp_path: Path) -> None:
    path = prices(tmp_path)
    report = eyas.backtest(Noting(), path)
    report.save(tmp_path / "run.eyas", data=False)
    with zipfile.ZipFile(tmp_path / "run.eyas") as whole:
        assert not [name for name in whole.namelist() if name.startswith("bars")]
    assert_same(eyas.open(tmp_path / "run.eyas"), report)
    # More bars after the last are no other data.
    prices(tmp_path, 90)
    assert_same(eyas.open(tmp_path / "run.eyas"), report)


def test_without_its_data_other_data_are_refused(tmp_path: Path) -> None:
    path = prices(tmp_path)
    bars = eyas.bars(path)
    eyas.backtest(Noting(), bars).save(tmp_path / "run.eyas", data=False)
    text = path.read_text().splitlines()
    path.write_text("\n".join([*text[:5], text[5].rpartition(",")[0] + ",987", *text[6:]]))
    with pytest.raises(eyas.DataError, match=r"prices\.csv has other bars than the run had .*bars=…"):
        eyas.open(tmp_path / "run.eyas")
    path.unlink()
    with pytest.raises(
        eyas.DataError, match=r"are not to be found: give the very same: eyas\.open\(path, bars=…\)"
    ):
        eyas.open(tmp_path / "run.eyas")
    assert eyas.open(tmp_path / "run.eyas", bars=bars).summary.bars == 60
    with pytest.raises(eyas.DataError, match="those that were given has other bars"):
        eyas.open(tmp_path / "run.eyas", bars=bars[1:])


def test_without_its_data_a_portfolio_takes_bars_by_symbol(tmp_path: Path) -> None:
    bars = portfolio()
    report = eyas.backtest(Noting(), bars)
    report.save(tmp_path / "run.eyas", data=False)
    assert_same(eyas.open(tmp_path / "run.eyas", bars=bars), report)


def test_without_its_data_what_was_beside_has_its_name_and_hash(tmp_path: Path) -> None:
    report = RUNS["beside"]()
    report.save(tmp_path / "run.eyas", data=False)
    again = eyas.open(tmp_path / "run.eyas", bars=report.bars)
    assert_same(again, report)
    again.save(tmp_path / "again.eyas", data=False)
    assert_same(eyas.open(tmp_path / "again.eyas", bars=report.bars), report)


def test_an_extra_too_large_to_keep_has_its_name_and_hash(tmp_path: Path, monkeypatch: Any) -> None:
    report = RUNS["beside"]()
    monkeypatch.setattr(parts, "EXTRA_BYTES_MAX", 20)
    saved(report, tmp_path)
    with zipfile.ZipFile(tmp_path / "run.eyas") as whole:
        assert [name for name in whole.namelist() if name.startswith("extra")] == ["extra_2.parquet"]  # bars
    assert_same(eyas.open(tmp_path / "run.eyas"), report)


def test_data_without_a_hash_must_be_kept(tmp_path: Path) -> None:
    with pytest.raises(eyas.UsageError, match="quality='off' there is none: save it with the data"):
        RUNS["unchecked"]().save(tmp_path / "run.eyas", data=False)
    assert list(tmp_path.iterdir()) == []


# --- whole or not at all ---


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("", "the path of a record is ''"),
        (None, "the path of a record is None"),
        (b"run.eyas", "must be that of a file"),
        ("a\0b", "must be text"),
        ("nowhere/run.eyas", "there is no folder .*nowhere; create it"),
        (".", "is a folder; name a file in it"),
    ],
)
def test_a_path_that_cannot_be_is_refused(
    path: Any, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(eyas.UsageError, match=sentence):
        RUNS["two bars"]().save(path)
    assert list(tmp_path.iterdir()) == []


SAVING = """\
import os, sys, resource, signal
sys.path.insert(0, {root!r})
import numpy as np, eyas
from eyas.reports.saving import container
from tests.record.runs import RUNS

report = RUNS["one instrument"]()
{fault}
report.save("run.eyas")
"""
KILLED_HALFWAY = """\
whole = container.write_zip
def half(file, members):
    whole(file, dict(list(members.items())[:2]))
    file.flush()
    os.kill(os.getpid(), signal.SIGKILL)
container.write_zip = half
"""
KILLED_AT_THE_END = """\
os.fsync = lambda descriptor: os.kill(os.getpid(), signal.SIGKILL)
"""
DISK_FULL = """\
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
"""


@pytest.mark.parametrize(
    ("fault", "before"),
    [(KILLED_HALFWAY, None), (KILLED_HALFWAY, b"old"), (KILLED_AT_THE_END, b"old"), (DISK_FULL, b"old")],
    ids=["killed, none before", "killed halfway", "killed at the end", "disk full"],
)
def test_a_fault_leaves_the_old_file_or_none(fault: str, before: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "run.eyas"
    if before is not None:
        path.write_bytes(before)
    done = subprocess.run(
        [sys.executable, "-c", SAVING.format(root=str(ROOT), fault=fault)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert (path.read_bytes() if path.exists() else None) == before
    if fault == DISK_FULL:
        assert "UsageError: run.eyas: cannot be written" in done.stderr
        assert [one.name for one in tmp_path.iterdir()] == (["run.eyas"] if before else [])
    else:
        assert done.returncode == -signal.SIGKILL


# --- values ---

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.decimals(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(VALUES)
def test_values_come_back_as_they_were(value: Any) -> None:
    assert repr(from_json(to_json(value))) == repr(value)


def test_numbers_of_numpy_and_sets_are_plain() -> None:
    assert to_json(np.float64(1.5)) == 1.5
    assert to_json({"stop", "market"}) == {"set": ["market", "stop"]}
    assert from_json(to_json({"stop", "market"})) == {"market", "stop"}
    assert from_json(to_json(Decimal("0.10"))) == Decimal("0.10")
    with pytest.raises(ValueError, match="a value of the kind pickle is not known"):
        from_json({"pickle": "x"})


def test_a_verdict_comes_back_as_it_was() -> None:
    bars = eyas.sample("AAPL", "1d")
    verdict = check(bars)
    again = Verdict.from_json(verdict.as_json(), bars)
    assert again.as_json() == verdict.as_json()
    assert again.findings == verdict.findings
    assert str(again) == str(verdict)


def test_bars_that_nobody_needs_are_refused(tmp_path: Path) -> None:
    report = RUNS["one instrument"]()
    path = saved(report, tmp_path)
    with pytest.raises(eyas.UsageError, match="keeps its own bars"):
        eyas.open(path, bars=report.bars)
