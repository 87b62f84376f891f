"""A PDF is printed by a browser; whatever that does, a sentence says so and nothing is left behind."""

from __future__ import annotations

import os
import stat
import tempfile
import time
from pathlib import Path

import pytest

from eyas.errors import UsageError
from eyas.reports import pdf
from eyas.reports.pdf import find_browser, print_page, write_pdf
from tests.reports.small_runs import one_trade

PRINTED = "%%PDF-1.4 made up\\n%%%%EOF\\n"  # for printf
# What a made-up browser does first: find out where it is to print to.
BEGIN = '#!/bin/sh\nfor word in "$@"; do case "$word" in --print-to-pdf=*) to="${word#*=}";; esac; done\n'


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Return a folder for what is written, and the one for temporary files."""
    out, temporary = tmp_path / "out", tmp_path / "temporary"
    out.mkdir()
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    return out, temporary


@pytest.fixture
def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the path of a made-up browser that EYAS_BROWSER names."""
    path = tmp_path / "browser.sh"
    monkeypatch.setenv("EYAS_BROWSER", str(path))
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def make(path: Path, script: str) -> None:
    path.write_text(BEGIN + script)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def test_the_page_is_printed(browser: Path, places: tuple[Path, Path]) -> None:
    out, temporary = places
    make(
        browser,
        f'for page in "$@"; do :; done\ncp "${{page#file://}}" {out}/page.html\nprintf "{PRINTED}" > "$to"\n',
    )
    path = write_pdf(one_trade(), out / "run.pdf")
    assert path == out / "run.pdf"
    assert path.read_bytes().startswith(b"%PDF-")
    assert one_trade().title in (out / "page.html").read_text(encoding="utf-8")
    assert names(out) == ["page.html", "run.pdf"]
    assert names(temporary) == []


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo ERROR: no display >&2\nexit 3\n", r"failed to print the page \(code 3\): ERROR: no display"),
        ("exit 0\n", r"printed no PDF; try the page"),
        ('echo "<html>" > "$to"\n', r"printed no PDF"),
        ('printf "%%PDF-1.4 torn" > "$to"\n', r"printed no PDF"),
        ("kill -9 $$\n", r"failed to print the page \(code -9\)"),
    ],
)
def test_a_browser_that_fails(browser: Path, places: tuple[Path, Path], script: str, said: str) -> None:
    out, temporary = places
    (out / "run.pdf").write_bytes(b"kept")
    make(browser, script)
    with pytest.raises(UsageError, match=said):
        write_pdf(one_trade(), out / "run.pdf")
    assert (out / "run.pdf").read_bytes() == b"kept"
    assert names(out) == ["run.pdf"]
    assert names(temporary) == []


def test_a_browser_that_hangs_is_ended_with_all_it_started(browser: Path, places: tuple[Path, Path]) -> None:
    out, temporary = places
    # It waits for its child, which reads a pipe that nobody writes to.
    make(browser, f"mkfifo {out}/pipe\ncat {out}/pipe &\necho $! $$ > {out}/pids\nwait\n")
    with pytest.raises(UsageError, match=r"has not printed the page within 1.5 s: give it more, timeout_s=3"):
        write_pdf(one_trade(), out / "run.pdf", timeout_s=1.5)
    assert not (out / "run.pdf").exists()
    assert names(temporary) == []
    for pid in (out / "pids").read_text().split():
        deadline = time.monotonic() + 10
        while not is_gone(int(pid)) and time.monotonic() < deadline:
            os.sched_yield()  # a signal takes its time
        assert is_gone(int(pid))


def is_gone(pid: int) -> bool:
    """Tell whether a process has ended (what has ended, and nobody has asked about, is a zombie)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in ("Z", "X")
    except (FileNotFoundError, ProcessLookupError):
        return True


def test_the_browser_is_the_one_that_is_named(browser: Path) -> None:
    make(browser, "exit 0\n")
    assert find_browser() == str(browser)
    browser.chmod(0o600)
    with pytest.raises(
        UsageError, match=r"EYAS_BROWSER is .*browser.sh, which is no program that can be run"
    ):
        find_browser()


def test_without_a_browser_it_is_said_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EYAS_BROWSER", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(pdf, "PLACES", ())
    with pytest.raises(UsageError, match="apt-get install chromium") as caught:
        write_pdf(one_trade(), tmp_path / "run.pdf")
    assert "EYAS_BROWSER" in str(caught.value)
    make(tmp_path / "google-chrome", "exit 0\n")
    assert find_browser() == str(tmp_path / "google-chrome")


def test_where_nothing_can_be_written(browser: Path, places: tuple[Path, Path]) -> None:
    out, temporary = places
    make(browser, f'printf "{PRINTED}" > "$to"\n')
    for path, said in ((out / "none" / "x.pdf", "there is no folder"), (out, "is a folder")):
        with pytest.raises(UsageError, match=said):
            write_pdf(one_trade(), path)
    for wrong in (0, -1, "1", True, float("nan")):
        with pytest.raises(UsageError, match="timeout_s is"):
            print_page(out / "page.html", out / "x.pdf", timeout_s=wrong)
    assert names(out) == []
    assert names(temporary) == []


@pytest.mark.browser
def test_a_real_browser_prints_the_page(
    chromium: str, places: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    out, temporary = places
    monkeypatch.setenv("EYAS_BROWSER", chromium)
    path = write_pdf(one_trade(), out / "run.pdf")
    found = path.read_bytes()
    assert found.count(b"/Type /Page\n") + found.count(b"/Type /Page ") > 1
    assert len(found) > 20_000
    assert names(temporary) == []
