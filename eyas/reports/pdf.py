"""Print a page to a PDF by an installed browser: Chromium's own printing, with the page's own print style."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eyas.errors import UsageError
from eyas.reports.drafts import whole_file

if TYPE_CHECKING:
    from eyas.reports.report import Report

TIMEOUT_S = 60.0
VARIABLE = "EYAS_BROWSER"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
# Where they stand on a Mac, which does not put them on the path.
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
SAID_MAX = 300


def write_pdf(
    report: Report, path: str | Path = "report.pdf", *, benchmark: Any = None, timeout_s: float = TIMEOUT_S
) -> Path:
    """Write a run's page as a PDF and return its path; an installed Chromium or Chrome prints it.

    The browser is the one that EYAS_BROWSER names, or the first found on the path. Raises UsageError where
    there is none, where it fails or takes longer than `timeout_s`, or where the file cannot be written.
    """
    browser = find_browser()
    with tempfile.TemporaryDirectory(prefix="eyas-pdf-") as folder:
        page = report.plot(Path(folder) / "page.html", benchmark=benchmark)
        return print_page(page, path, browser=browser, timeout_s=timeout_s)


def print_page(
    page: Path, path: str | Path, *, browser: str | None = None, timeout_s: Any = TIMEOUT_S
) -> Path:
    """Print any page of ours to a PDF, the file whole or not at all, and return its path."""
    if isinstance(timeout_s, bool) or not isinstance(timeout_s, int | float) or not timeout_s > 0:
        raise UsageError(f"timeout_s is {timeout_s!r}, but must be a number of seconds above zero")
    found = find_browser() if browser is None else browser
    with (
        whole_file(path) as draft,
        tempfile.TemporaryDirectory(prefix="eyas-pdf-", ignore_cleanup_errors=True) as folder,
    ):
        said = run(command(found, page, draft, Path(folder)), found, timeout_s)
        if not is_pdf(draft):
            raise UsageError(f"{found} printed no PDF{said}; try the page (report.plot) in a browser by hand")
    return Path(path)


def find_browser() -> str:
    """Return the browser that prints: EYAS_BROWSER, or the first on the path; raises UsageError for none."""
    named = os.environ.get(VARIABLE, "")
    if named:
        found = shutil.which(named)
        if found is None:
            raise UsageError(
                f"{VARIABLE} is {named}, which is no program that can be run: name a Chromium or Chrome"
            )
        return found
    for name in (*NAMES, *PLACES):
        found = shutil.which(name)
        if found is not None:
            return found
    raise UsageError(
        "a PDF is printed by an installed Chromium or Chrome, and there is none on the path: install one "
        f"(apt-get install chromium), or name one by {VARIABLE}=/path/to/chrome, or print the page "
        "(report.plot) from any browser"
    )


def command(browser: str, page: Path, draft: Path, folder: Path) -> list[str]:
    """Return the command that prints a page; the browser keeps everything of its own in a folder."""
    # As root (in a container) Chromium does not start inside of its sandbox; the page is our own.
    as_root = sys.platform != "win32" and os.geteuid() == 0
    return [
        browser,
        "--headless",
        *(["--no-sandbox"] if as_root else []),
        "--disable-gpu",
        "--disable-extensions",
        "--disable-background-networking",
        "--disable-dev-shm-usage",  # it is small in containers
        "--no-first-run",
        f"--user-data-dir={folder}",
        "--no-pdf-header-footer",
        "--blink-settings=preferredColorScheme=1",  # on white paper
        "--virtual-time-budget=10000",
        f"--print-to-pdf={draft}",
        page.resolve().as_uri(),
    ]


def run(command: list[str], browser: str, timeout_s: float) -> str:
    """Run the browser and return what it said; however it ends, nothing of it goes on."""
    try:
        # A group of its own: it starts further processes, which end with it.
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        raise UsageError(f"{browser} cannot be run ({error.strerror}): name another by {VARIABLE}") from error
    try:
        _, errors = process.communicate(timeout=timeout_s)
    except subprocess.TimeoutExpired as error:
        raise UsageError(
            f"{browser} has not printed the page within {timeout_s:g} s: "
            f"give it more, timeout_s={2 * timeout_s:g}"
        ) from error
    finally:
        end(process)
    said = [line for line in errors.decode("utf-8", "replace").splitlines() if line.strip()]
    last = f": {said[-1].strip()[:SAID_MAX]}" if said else ""
    if process.returncode:
        raise UsageError(f"{browser} failed to print the page (code {process.returncode}){last}")
    return last


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process and all that it started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stderr:
        process.stderr.close()


def is_pdf(path: Path) -> bool:
    """Tell whether a file is a whole PDF."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        head = file.read(5)
        file.seek(max(0, path.stat().st_size - 1024))
        return head == b"%PDF-" and b"%%EOF" in file.read()
