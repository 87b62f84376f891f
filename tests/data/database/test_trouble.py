"""What goes wrong with a database is a sentence with a remedy, and never shows a password."""

from __future__ import annotations

import sqlite3
import sys
import traceback
from pathlib import Path

import psycopg
import pytest

from eyas.data.database import Database
from eyas.data.database.address import address_of
from eyas.data.database.trouble import explained
from eyas.errors import DataError, EyasError, UsageError
from tests.data.database.made import made
from tests.postgresql import PASSWORD, Server, free_port

SECRET = "hunter2-secret"


def said(error: BaseException) -> str:
    """Return the message, after a look that neither it nor the traceback shows a password."""
    shown = "".join(traceback.format_exception(error))
    for password in (SECRET, PASSWORD, "hunter2"):
        assert password not in shown
    return str(error)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql+asyncpg://eyas:x@host:1/name", "PostgreSQL at host:1, database name"),
        (
            "postgresql+asyncpg://eyas:x@host/name?ssl=require&statement_cache_size=0",
            "PostgreSQL at host:5432",
        ),
        ("postgres://host/name", "PostgreSQL at host:5432"),
        ("postgresql+psycopg2://host/name", "PostgreSQL at host:5432"),
        ("sqlite:///bars.db", "bars.db"),
        ("sqlite+aiosqlite:////tmp/bars.db", "/tmp/bars.db"),
    ],
)
def test_urls_of_other_programs_are_understood(url: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert words in repr(Database(url))
    monkeypatch.setenv("DATABASE_URL", url)
    database = Database()
    assert words in repr(database)
    assert set(database.address.url.query) <= {"sslmode"}


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "say which database"),
        (f"{SECRET}", "cannot be read: write it as"),
        (f"postgresql://u:{SECRET}@host:port/name", "cannot be read: write it as"),
        (f"mysql://u:{SECRET}@host/name", "not in mysql"),
        ("sqlite://", "would be gone at once"),
        ("sqlite:///:memory:", "would be gone at once"),
    ],
)
def test_wrong_urls_are_refused(url: str, words: str) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        Database(url)
    said(caught.value)


def test_no_url_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with pytest.raises(UsageError, match="or set DATABASE_URL"):
        Database()


@pytest.mark.parametrize(
    ("library", "url"), [("sqlalchemy", "sqlite:///x.db"), ("psycopg", "postgresql://h/n")]
)
def test_a_missing_extra_is_named(library: str, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(UsageError, match=r"needs the extra: pip install 'eyas\[database\]'"):
        Database(url)


def test_sqlite_needs_no_driver(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [one for one in sys.modules if one.partition(".")[0] == "psycopg"]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    database = Database(f"sqlite:///{tmp_path}/bars.db")
    database.add(made(2))
    with pytest.raises(UsageError, match="has no OTHER 1m"):
        database.load("OTHER", "1m")


def test_a_server_that_is_down() -> None:
    database = Database(f"postgresql://eyas:{SECRET}@127.0.0.1:{free_port()}/name")
    for call in (database.series, lambda: database.add(made(2)), lambda: database.load("A", "1m")):
        with pytest.raises(DataError, match=r"cannot be reached. Is the server running") as caught:
            call()
        said(caught.value)


def test_a_wrong_password(postgresql_server: Server) -> None:
    with pytest.raises(
        UsageError, match=r"does not accept this user and password. Correct the URL"
    ) as caught:
        Database(postgresql_server.url("postgres", password=SECRET)).series()
    said(caught.value)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": "nothing"}, "has no such database. Correct the URL"),
        ({"user": "nobody"}, "does not accept this user"),
    ],
)
def test_what_the_server_does_not_know(
    postgresql_server: Server, changes: dict[str, str], words: str
) -> None:
    url = postgresql_server.url(**{"name": "postgres", **changes})
    with pytest.raises(UsageError, match=words) as caught:
        Database(url).series()
    said(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('FATAL: role "x" does not exist', "has no such user"),
        ("FATAL: the database system is starting up", "is still starting. Try again"),
        ("FATAL: sorry, too many clients already", "has no connection left"),
        (f"connection failed: strange {SECRET} words", "cannot be reached"),
        (f"something else about {SECRET}", "the server refused"),
    ],
)
def test_what_a_server_says_is_understood(text: str, words: str) -> None:
    address = address_of(f"postgresql://eyas:{SECRET}@host/name")
    error = explained(psycopg.OperationalError(text), address, "reading")
    assert words in said(error)


def test_an_option_that_libpq_does_not_know(postgresql_server: Server) -> None:
    with pytest.raises(UsageError, match="an option that PostgreSQL does not know") as caught:
        Database(f"{postgresql_server.url('postgres')}?colour=red").series()
    said(caught.value)


def test_a_user_without_the_right(postgresql: str, postgresql_server: Server) -> None:
    name = postgresql.rpartition("/")[2]
    Database(postgresql).add(made(2))
    postgresql_server.execute("DROP ROLE IF EXISTS reader", name)
    postgresql_server.execute(f"CREATE ROLE reader LOGIN PASSWORD '{SECRET}'", name)
    with pytest.raises(
        DataError, match=r"this user has no right to do that .*Grant it, or use another user"
    ) as caught:
        Database(postgresql_server.url(name, user="reader", password=SECRET)).series()
    said(caught.value)


def test_an_empty_database_says_what_to_do_first(url: str) -> None:
    Database(url, layout="kline").add(made(2))
    with pytest.raises(
        UsageError, match=r"holds no bars in the layout 'eyas': write some with add\(\.\.\.\)"
    ):
        Database(url).load("BTCUSDT", "1m")


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    path = tmp_path / "typo.db"
    with pytest.raises(DataError, match=r"there is no database .*typo.db"):
        Database(f"sqlite:///{path}").series()
    assert not path.exists()


@pytest.mark.parametrize(
    ("place", "words"),
    [("missing/bars.db", "the file cannot be opened"), ("text.db", "the file is no SQLite database")],
)
def test_a_file_that_cannot_be_used(tmp_path: Path, place: str, words: str) -> None:
    (tmp_path / "text.db").write_text("time,open\n" * 100)
    with pytest.raises(EyasError, match=words):
        Database(f"sqlite:///{tmp_path / place}").add(made(2))


def test_a_file_that_another_program_keeps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eyas.data.database.address.LOCKED_TIMEOUT_S", 0.05)
    path = tmp_path / "bars.db"
    database = Database(f"sqlite:///{path}")
    database.add(made(2))
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DataError, match="another program is writing to it for long"):
        database.add(made(3))
    other.close()
    assert database.add(made(3)).rows_new == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"adjustment": "split"}, "adjustment='split' is not one of 'raw', 'adjusted', 'unknown'"),
        ({"convention": "close"}, "the time of a Bars is when a bar opens"),
        ({"timeframe": "7x"}, "timeframe '7x'"),
    ],
)
def test_wrong_arguments(tmp_path: Path, arguments: dict[str, str], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        Database(f"sqlite:///{tmp_path}/x.db").add(made(2), **arguments)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="layout='wide' is not one of"):
        Database("sqlite:///x.db", layout="wide")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="keeps Bars, not dict"):
        Database("sqlite:///x.db").add({})  # type: ignore[arg-type]
