"""A throw-away PostgreSQL server, of Debian's packages, in a folder and on a port of its own."""

from __future__ import annotations

import os
import select
import shutil
import signal
import socket
import subprocess
import tempfile
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

USER = "eyas"
PASSWORD = "p@ss/word:1"
FAST = (
    *("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=64MB"),
    *("wal_level=minimal", "max_wal_senders=0", "autovacuum=off"),
)


class Server:
    """Run a server from `with` to its end."""

    def __init__(self, programs: Path) -> None:
        self.programs = programs
        self.folder = Path(tempfile.mkdtemp(prefix="eyas-postgresql-", dir=roomy_memory()))
        self.port = 0
        self.numbers = count(1)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Make a cluster and start its server; a port that somebody takes meanwhile is tried again."""
        secret = self.folder / "password"
        secret.write_text(PASSWORD)
        if os.geteuid() == 0:
            for path in (self.folder, secret):
                shutil.chown(path, "postgres")
        access = ("-A", "scram-sha-256", "--pwfile", str(secret))
        plain = ("-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions")
        self.run("initdb", "-D", str(self.folder / "data"), "-U", USER, *access, *plain)
        for attempt in range(3):
            self.port = free_port()
            listen = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1"
            options = " ".join([listen, *(f"-c {one}" for one in FAST)])
            try:
                self.run("pg_ctl", *self.data(), "-w", "-t", "60", "-o", options, "start")
                break
            except RuntimeError:
                if attempt == 2:
                    raise

    def stop(self) -> None:
        """End the server by its process number, and remove its folder."""
        try:
            pid = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        except (OSError, ValueError, IndexError):
            pid = 0
        if pid:
            watched = os.pidfd_open(pid)
            signal.pidfd_send_signal(watched, signal.SIGQUIT)
            select.select([watched], [], [], 30)
            os.close(watched)
        shutil.rmtree(self.folder, ignore_errors=True)

    def data(self) -> tuple[str, ...]:
        """Return the arguments of pg_ctl that say which server."""
        return ("-D", str(self.folder / "data"), "-l", str(self.folder / "log"))

    def run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs as the user that may: root is refused by them."""
        command = [str(self.programs / program), *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        with tempfile.TemporaryFile("w+") as said:  # a pipe would stay open as long as the server lives
            done = subprocess.run(
                command, cwd="/", stdin=subprocess.DEVNULL, stdout=said, stderr=said, timeout=120, check=False
            )
            if done.returncode:
                said.seek(0)
                raise RuntimeError(f"{program} failed: {said.read()}")

    def url(self, name: str, *, password: str = PASSWORD, user: str = USER, port: int | None = None) -> str:
        """Return the URL of a database."""
        return f"postgresql://{user}:{quote(password, safe='')}@127.0.0.1:{port or self.port}/{name}"

    def database(self) -> str:
        """Make an empty database from the template, and return its URL."""
        name = f"test_{next(self.numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE template1")
        return self.url(name)

    def drop(self, url: str) -> None:
        """Remove a database, whoever is still connected to it."""
        self.execute(f"DROP DATABASE IF EXISTS {url.rpartition('/')[2]} WITH (FORCE)")

    def execute(self, statement: str, name: str = "postgres") -> list[tuple[object, ...]]:
        """Run a statement as somebody else would, and return its rows."""
        import psycopg

        with psycopg.connect(self.url(name), autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []


def roomy_memory() -> Path | None:
    """Return a folder in memory, where a new database takes a quarter of the time; None without much room."""
    memory = Path("/dev/shm")
    try:
        is_roomy = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 1 << 30
    except OSError:
        return None
    return memory if is_roomy else None


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
