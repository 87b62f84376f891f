"""A throw-away Ray cluster of two nodes on this machine, with a home, a folder and a token of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

import eyas

STARTED = "Ray runtime started"
STORE_BYTES = 80 * 2**20


class Cluster:
    """Run a head node and a second one, of one CPU each, from `with` to its end.

    `env` is what a program needs to be let in. Nothing is written outside of `folder`, and nothing is left.
    """

    def __init__(self) -> None:
        # The names of sockets are short: the folder is not below another temporary one.
        self.folder = Path(tempfile.mkdtemp(prefix="eyas-ray-", dir="/tmp"))
        self.port, self.client_port = free_port(), free_port()
        self.nodes: list[subprocess.Popen[str]] = []
        token = self.folder / ".ray" / "auth_token"
        token.parent.mkdir()
        token.write_text(uuid4().hex * 2)
        self.env = {
            **os.environ,
            "HOME": str(self.folder),
            "RAY_TMPDIR": str(self.folder),
            "RAY_AUTH_MODE": "token",
            "RAY_USAGE_STATS_ENABLED": "0",
            "PYTHONPATH": str(Path(str(eyas.__file__)).parents[1]),
            "PYTHONDONTWRITEBYTECODE": "1",
            # A node that dies is noticed at once, not after minutes.
            "RAY_health_check_period_ms": "500",
            "RAY_health_check_failure_threshold": "4",
        }
        for name in ("TMPDIR", "RAY_ADDRESS"):
            self.env.pop(name, None)

    def __enter__(self) -> Self:
        head = (f"--port={self.port}", f"--ray-client-server-port={self.client_port}")
        try:
            self.start("--head", "--include-dashboard=false", *head)
            self.start(f"--address=127.0.0.1:{self.port}")
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, *arguments: str) -> None:
        """Start a node, and wait until it says that it runs."""
        every = ("--block", "--num-cpus=1", f"--object-store-memory={STORE_BYTES}", "--disable-usage-stats")
        command = [sys.executable, "-m", "ray.scripts.scripts", "start", *every, *arguments]
        node = subprocess.Popen(
            command,
            env=self.env,
            cwd=self.folder,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.nodes.append(node)
        said = []
        assert node.stdout is not None
        for line in node.stdout:
            said.append(line)
            if STARTED in line:
                return
        raise RuntimeError("ray did not start: " + "".join(said)[-3_000:])

    def stop(self) -> None:
        """End every process of the cluster by its number, and remove what it wrote."""
        for node in self.nodes:
            # Nothing of it is to be kept, so it need not be asked.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(node.pid, signal.SIGKILL)
            node.wait()
            if node.stdout is not None:
                node.stdout.close()
        for process in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)

    def second_node(self) -> list[int]:
        """Return the processes of the second node: its own group."""
        group = self.nodes[1].pid
        return [process for process in self.processes() if os.getpgid(process) == group]

    def processes(self) -> list[int]:
        """Return the processes whose home is the cluster's folder: its own, and no others."""
        mark = f"HOME={self.folder}".encode()
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdecimal() and int(entry.name) != os.getpid():
                try:
                    if mark in (entry / "environ").read_bytes().split(b"\0"):
                        found.append(int(entry.name))
                except OSError:
                    continue
        return found


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
