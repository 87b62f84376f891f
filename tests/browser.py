"""One Chromium for many tests, spoken to over two pipes in its own protocol (--remote-debugging-pipe)."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any

FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WAIT_S = 60
# The browser reads its file 3 and writes its file 4.
START = """
import os, sys
for given, kept in ((sys.argv[1], 100), (sys.argv[2], 101)):
    os.dup2(int(given), kept)
os.dup2(100, 3)
os.dup2(101, 4)
os.closerange(100, 102)
os.execv(sys.argv[3], sys.argv[3:])
"""
# A picture that is drawn on the next frame is on the page after two.
DRAWN = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))"


class Browser:
    """Run a Chromium; every page is opened in a profile of its own, which is forgotten."""

    def __init__(self, path: str, profile: Path) -> None:
        theirs_in, self._out = os.pipe()
        self._in, theirs_out = os.pipe()
        flags = [*FLAGS, "--remote-debugging-pipe", f"--user-data-dir={profile}", "about:blank"]
        self._process = subprocess.Popen(
            [sys.executable, "-c", START, str(theirs_in), str(theirs_out), path, *flags],
            pass_fds=(theirs_in, theirs_out),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._unread = b""
        self._sent = 0

    def dom(self, page: Path, width: int | None = None) -> str:
        """Open a page, and return what it is once its scripts ran and what they draw is drawn.

        With a `width` the screen is so many pixels wide, as narrow as that of a phone.
        """
        context = self._call("Target.createBrowserContext")["browserContextId"]
        target = self._call(
            "Target.createTarget", url="about:blank", browserContextId=context, width=1400, height=1200
        )["targetId"]
        session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self._call("Page.enable", session)
        if width is not None:
            size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
            self._call("Emulation.setDeviceMetricsOverride", session, **size)
        self._call("Page.navigate", session, url=page.as_uri())
        self._receive(lambda message: message.get("method") == "Page.loadEventFired")
        self._evaluate(session, DRAWN)
        found: str = self._evaluate(session, "document.documentElement.outerHTML")
        self._call("Target.disposeBrowserContext", browserContextId=context)
        return found

    def _evaluate(self, session: str, code: str) -> Any:
        answer = self._call(
            "Runtime.evaluate", session, expression=code, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"]["value"]

    def _call(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        self._sent += 1
        number = self._sent
        call = {"id": number, "method": method, "params": parameters}
        os.write(self._out, json.dumps(call | ({"sessionId": session} if session else {})).encode() + b"\0")
        answer = self._receive(lambda message: message.get("id") == number)
        assert "error" not in answer, answer
        result: dict[str, Any] = answer["result"]
        return result

    def _receive(self, is_wanted: Any) -> dict[str, Any]:
        """Return the first message that is wanted; those before it are of no interest."""
        end = time.monotonic() + WAIT_S
        while True:
            while b"\0" not in self._unread:
                ready, _, _ = select.select([self._in], [], [], max(0.0, end - time.monotonic()))
                part = os.read(self._in, 1 << 20) if ready else b""
                assert part, "the browser ended" if ready else f"no answer from the browser in {WAIT_S} s"
                self._unread += part
            text, self._unread = self._unread.split(b"\0", 1)
            message: dict[str, Any] = json.loads(text)
            if is_wanted(message):
                return message

    def __enter__(self) -> Browser:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # It ends when nobody speaks to it any more.
        os.close(self._out)
        os.close(self._in)
        try:
            self._process.wait(WAIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
