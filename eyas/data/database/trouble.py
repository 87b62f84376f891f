"""Tell what a database complained of as a sentence with a remedy, and never with a password."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from eyas.data.database.address import Address
from eyas.errors import DataError, EyasError, UsageError

# What the words of a failed connection mean; a refused one has no code.
CONNECTING = (
    ("password authentication failed", "does not accept this user and password. Correct the URL"),
    ("no password supplied", "wants a password. Write it into the URL, as user:password@host"),
    ("no pg_hba.conf entry", "does not let this user in from here. Allow it in pg_hba.conf"),
    (r'role "[^"]*" does not exist', "has no such user. Correct the URL, or make the user with CREATE ROLE"),
    (r'database "[^"]*" does not exist', "has no such database. Correct the URL, or make it with createdb"),
    ("too many clients", "has no connection left. Close others, or raise max_connections"),
    ("starting up", "is still starting. Try again in a moment"),
    ("invalid connection option", "cannot be asked so: the URL has an option that PostgreSQL does not know"),
)
UNREACHABLE = "cannot be reached. Is the server running, and are host and port of the URL right"
# The codes of PostgreSQL: what happened, and what to do.
CODES = {
    "57P01": ("the server ended the connection", "Try again"),
    "57P02": ("the server broke down", "Try again when it is up"),
    "57014": ("the server cancelled the statement", "Try again, or raise statement_timeout"),
    "42P01": ("a table is missing", "Write bars with add(...) first, or choose the other layout"),
    "42703": ("a table lacks a column that it should have", "Compare it with the layout in docs/database.md"),
    "42501": ("this user has no right to do that", "Grant it, or use another user"),
    "23505": ("another program wrote the same rows at the same time", "Try again"),
    "23514": ("a row fits no partition or breaks a rule of the table", "Look at the table's constraints"),
    "25006": ("the database can only be read", "Use the primary server, or another user"),
    "40P01": ("two writers waited for each other", "Try again"),
    "53100": ("the disk of the server is full", "Make room and try again"),
    "22003": ("a number is too large for its column", "Use layout='eyas', or a larger column"),
}
OF_SQLITE = (
    ("locked", "another program is writing to it for long", "Try again when it has finished"),
    ("unable to open", "the file cannot be opened", "Make its folder, or choose another path"),
    ("not a database", "the file is no SQLite database", "Choose another path"),
    ("readonly", "the file cannot be written", "Change its permissions, or choose another path"),
    ("full", "the disk is full", "Make room and try again"),
    ("malformed", "the file is damaged", "Restore it from a copy"),
    ("no such table", *CODES["42P01"]),
    ("no such column", *CODES["42703"]),
    ("no column named", *CODES["42703"]),
    ("UNIQUE", *CODES["23505"]),
)
LOST = re.compile(r"connection|closed|terminat|lost|SSL|EOF", re.IGNORECASE)


@contextmanager
def told(address: Address, doing: str) -> Iterator[None]:
    """Turn whatever a database complains of while `doing` something into DataError or UsageError."""
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except EyasError:
        raise
    except Exception as error:
        if not isinstance(error, (SQLAlchemyError, sqlite3.Error, *_of_psycopg())):
            raise
        raise explained(error, address, doing) from None


def _of_psycopg() -> tuple[type[Exception], ...]:
    try:
        from psycopg import Error
    except ImportError:
        return ()
    return (Error,)


def explained(error: Exception, address: Address, doing: str) -> EyasError:
    """Return the error for a person, of one that a driver raised."""
    cause: Any = getattr(error, "orig", None) or error
    said = address.hide(" ".join(str(cause).split()))
    if address.file is not None:
        for words, what, remedy in OF_SQLITE:
            if words in said:
                return DataError(f"{address}, {doing}: {what} ({said}). {remedy}.")
        return DataError(f"{address}, {doing}: {said}. Nothing was written.")
    code = getattr(cause, "sqlstate", None)
    if code in CODES:
        what, remedy = CODES[code]
        return DataError(f"{address}, {doing}: {what} ({said}); nothing was written. {remedy}.")
    if code is None or code[:2] in ("08", "28", "3D"):
        for words, what in CONNECTING:
            if re.search(words, said):
                return UsageError(f"{address} {what} ({said}).")
        if (
            "connection to server" in said
            or "connection failed" in said
            or "timeout" in said
            or "resolve" in said
        ):
            return DataError(f"{address} {UNREACHABLE}? ({said})")
        if LOST.search(said):
            return DataError(
                f"{address}, {doing}: the connection was lost ({said}); nothing was written. Try again."
            )
    return DataError(f"{address}, {doing}: the server refused ({said}); nothing was written.")
