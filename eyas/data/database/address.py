"""Say where a database is without its password, and connect to it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eyas.errors import DataError, UsageError

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine

VARIABLE = "DATABASE_URL"
# How others write the same two databases: the drivers of asynchronous programs and older ones.
DRIVERS = {
    **dict.fromkeys(("postgresql", "postgres"), "postgresql+psycopg"),
    **{f"postgresql+{driver}": "postgresql+psycopg" for driver in ("psycopg", "psycopg2", "asyncpg")},
    **dict.fromkeys(("sqlite", "sqlite+pysqlite", "sqlite+aiosqlite"), "sqlite+pysqlite"),
}
# What only asyncpg understands, and how libpq calls what it understands too.
ONLY_ASYNCPG = ("prepared_statement_cache_size", "statement_cache_size", "command_timeout")
CONNECT_TIMEOUT_S = 10
LOCKED_TIMEOUT_S = 60
EXAMPLES = "'postgresql://user:password@host:5432/name' or 'sqlite:///bars.db'"


@dataclass(frozen=True, slots=True)
class Address:
    """Hold the address of a database; as text it is without its password."""

    url: URL
    file: Path | None
    """The file of an SQLite database."""

    def __str__(self) -> str:
        if self.file is not None:
            return str(self.file)
        where = f"{self.url.host or 'localhost'}:{self.url.port or 5432}"
        return f"PostgreSQL at {where}, database {self.url.database or self.url.username}"

    def hide(self, text: str) -> str:
        """Return a text without the password, however it got there."""
        password = str(self.url.password or "")
        return re.sub(rf"(?<!\w){re.escape(password)}(?!\w)", "***", text) if password else text


def address_of(given: str | None) -> Address:
    """Return the address of a URL, or of the variable DATABASE_URL. Raises UsageError."""
    require("sqlalchemy")
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    text = os.environ.get(VARIABLE) if given is None else given
    if not text:
        raise UsageError(f"say which database: Database({EXAMPLES}), or set {VARIABLE}")
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise UsageError(f"the URL of the database cannot be read: write it as {EXAMPLES}") from None
    driver = DRIVERS.get(url.drivername)
    if driver is None:
        raise UsageError(f"eyas keeps bars in PostgreSQL and SQLite, not in {url.drivername}: use {EXAMPLES}")
    url = url.set(drivername=driver)
    if driver.startswith("sqlite"):
        if url.database in (None, "", ":memory:"):
            raise UsageError(
                "an SQLite database in memory would be gone at once: name a file, sqlite:///bars.db"
            )
        return Address(url, Path(str(url.database)))
    require("psycopg")
    return Address(_for_libpq(url), None)


def require(library: str) -> None:
    """Raise UsageError when a library of the extra is not installed."""
    try:
        __import__(library)
    except ImportError:
        raise UsageError("a database needs the extra: pip install 'eyas[database]'") from None


def engine_of(address: Address) -> Engine:
    """Return SQLAlchemy's engine; every transaction has a connection of its own, so nothing stays open."""
    from sqlalchemy import NullPool, create_engine, event

    options: dict[str, Any] = {"connect_timeout": CONNECT_TIMEOUT_S}
    if address.file is not None:
        options = {"timeout": LOCKED_TIMEOUT_S}
    elif "connect_timeout" in address.url.query:
        options = {}
    engine = create_engine(address.url, poolclass=NullPool, connect_args=options, hide_parameters=True)
    if address.file is not None:
        event.listen(engine, "connect", _transactions_are_ours)
        event.listen(engine, "begin", _begin)
    return engine


@contextmanager
def transaction(engine: Engine, address: Address, *, writes: bool = False) -> Iterator[Connection]:
    """Open a connection and a transaction in it, committed at the end or undone as a whole."""
    if not writes and address.file is not None and not address.file.exists():
        raise DataError(f"there is no database {address}; it was looked for in {Path.cwd()}.")
    with engine.connect().execution_options(writes=writes) as connection, connection.begin():
        yield connection


def _transactions_are_ours(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # or Python's sqlite3 would begin and commit on its own


def _begin(connection: Connection) -> None:
    # A writer takes its lock at once: two that both began as readers could never both go on.
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _for_libpq(url: URL) -> URL:
    """Return a URL of asyncpg's as one of libpq's."""
    query = {name: value for name, value in url.query.items() if name not in ONLY_ASYNCPG}
    if "ssl" in query:
        said = query.pop("ssl")
        query["sslmode"] = {"true": "require", "false": "disable"}.get(str(said).lower(), said)
    return url.set(query=query)
